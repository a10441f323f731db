// SPDX-License-Identifier: GPL-2.0-or-later
/* vf.c - the ladders of a run: the VF is prepared, led up them, and restored. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "run_priv.h"

/* Answers to earlier questions that may still arrive. */
#define FOREIGN_FEW 3

struct vf_run {
	struct nfp_run *run;
	struct nfp_vf_result *vf;
	struct nfp_err failure;
	struct nfp_vlan vlan;
	struct nfp_stream *stream;
	struct nfp_style_result *style;
	struct nfp_netdev port; /* of a standby on a second VF; ifindex 0: it is on the PF */
	struct nfp_mac port_mac;
	bool redundant; /* its ladders are not run */
	bool near_done; /* a ladder of the VF has had the windows of a neighbour */
};

static int open_stream(struct vf_run *v, struct nfp_err *err)
{
	struct nfp_run *run = v->run;
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = run->source.sender,
		.sender_mac = run->source.mac,
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.pf_vlan = v->vlan,
		.second_sender = run->source.second_sender,
		.codec = run->source.codec.ops ? &run->source.codec : NULL,
		.wake_fds = {run->io->signals->fd, nfp_backend_notify_fd(run->backend), -1, -1},
	};

	/* The NIC takes its tag off, as VST. */
	if (v->port.ifindex) {
		config.pf = v->port;
		config.pf_mac = v->port_mac;
		config.pf_vlan = (struct nfp_vlan) {.vid = 0};
	}
	/* A sibling VF has the VLAN as VST, and sends without a tag. */
	if (run->source.row != &nfp_sources[NFP_BY_VF])
		config.sender_vlan = v->vlan;
	if (run->recorder) {
		const struct nfp_recorder_stream stream = {
			.sender = config.sender.ifname,
			.pf = config.pf.ifname,
			.sender_mac = config.sender_mac,
			.pf_mac = config.pf_mac,
			.what = run->source.row->meaning,
			.vf = v->vf->vf,
		};

		nfp_recorder_stream(run->recorder, &stream);
		config.tap = nfp_recorder_tap(run->recorder);
	}
	return nfp_stream_open(&config, &v->stream, err);
}

static void close_stream(struct vf_run *v)
{
	nfp_stream_close(v->stream);
	v->stream = NULL;
}

static void tell_verdict(const struct vf_run *v, const struct nfp_style_result *style)
{
	nfp_run_tell(v->run, &(struct nfp_event) {
				     .what = NFP_EVENT_VERDICT,
				     .where = {v->vf->vf, style->style, style->from.name},
				     .style = style,
			     });
}

/* Another process has taken the VF, or the sibling that sends. */
static void set_not_begun(const struct vf_run *v, struct nfp_style_result *style)
{
	snprintf(style->reason, sizeof(style->reason),
		 "not begun, because another process has changed the host: keep other processes "
		 "off %s and VF %u, then probe again",
		 v->run->pf->info.ifname, v->vf->vf);
}

/* 33:33:ff and 24 random bits, like the group of a guest's address (RFC 4291, section 2.7.1). */
static struct nfp_mac random_group(struct nfp_run *run)
{
	uint64_t number = ++run->num_groups;
	uint64_t random = nfp_siphash(run->id.key, (const uint8_t *)&number, sizeof(number));

	return (struct nfp_mac) {{0x33, 0x33, 0xff, (uint8_t)(random >> 16), (uint8_t)(random >> 8),
				  (uint8_t)random}};
}

static struct nfp_runner_config runner_config(struct vf_run *v, enum nfp_style which)
{
	struct nfp_run *run = v->run;
	struct nfp_addresses addresses = nfp_pool_pick(run, which);
	const struct nfp_vlan untagged = {.vid = 0};

	return (struct nfp_runner_config) {
		.host = nfp_backend_host(run->backend),
		.wire = nfp_stream_wire(v->stream),
		.accounting = run->accounting,
		.style = which,
		.source = run->source.row,
		.address = addresses.main,
		.address_first = addresses.first,
		.spare = {addresses.spare[0], addresses.spare[1], addresses.spare[2]},
		.unregistered_mac = run->pool[0],
		.multicast = run->request->multicast && run->source.row->shows.group,
		/*
		 * Each ladder has a group of its own, as it has an address: a NIC may keep from the
		 * PF what the VF joined before.
		 */
		.group = random_group(run),
		.unjoined = random_group(run),
		.rate = nfp_source_rate(run, run->source.row),
		.settle_ns = run->settle_ns,
		.deadline_ns = run->deadline_ns,
		.start_ns = run->start_ns,
		.announce = run->request->announce,
		.transmit = run->request->transmit,
		.follows = run->undone,
		.stop = nfp_run_stop,
		.stop_ctx = run,
		.ifname = run->pf->info.ifname,
		.vf = v->vf->vf,
		.from = run->source.from.name,
		.via = v->port.ifindex ? v->style->via : NULL,
		.vlan = v->port.ifindex ? untagged : v->vlan,
		.events = {nfp_run_tell, run},
		.unregistered = &run->source.unregistered,
		.earlier = &run->earlier,
	};
}

static int reset_host(struct vf_run *v, struct nfp_err *err)
{
	v->run->undone = true;
	return nfp_backend_reset_vf(v->run->backend, err);
}

bool nfp_style_is_redundant(const struct nfp_run *run, enum nfp_style style, char *buf, size_t size)
{
	const struct nfp_style_row *row = &nfp_styles[style];
	const struct nfp_pf *pf = run->pf;

	if (row->second_vf && !nfp_via(run))
		snprintf(buf, size,
			 "it needs a second VF that is idle and has a driver of this host, and %s "
			 "has none to spare",
			 pf->info.ifname);
	else if (!row->promiscuous && pf->info.promiscuity)
		snprintf(buf, size,
			 "%s is promiscuous already (%s), so the effect of its own filter cannot "
			 "be seen",
			 pf->info.ifname,
			 pf->promisc_by[0] ? pf->promisc_by : "by whom is not known");
	else
		return false;
	return true;
}

/* The stream listens at the standby's port from here on. */
static int begin_port(struct vf_run *v)
{
	const struct nfp_vf_info *via = nfp_via(v->run);
	unsigned int vf = via->vf;
	int ret = nfp_backend_sibling(v->run->backend, NFP_SIBLING_HEARS, vf, &v->port,
				      &v->port_mac, &v->failure);

	if (ret)
		return ret;
	snprintf(v->style->via, sizeof(v->style->via), "vf:%u", vf);
	if (nfp_driver(via->driver)->keeps_entries)
		nfp_strv_addf(&v->run->result->left_behind,
			      "VF %u of %s may still get frames to the addresses that were tested "
			      "on it: %s",
			      vf, v->run->pf->info.ifname, nfp_driver(via->driver)->keeps_entries);
	close_stream(v);
	return open_stream(v, &v->failure);
}

/* .. and at the PF again. */
static int end_port(struct vf_run *v, int ret)
{
	int released;

	if (!v->port.ifindex)
		return ret;
	v->port.ifindex = 0;
	close_stream(v);
	released = nfp_backend_release_sibling(v->run->backend, NFP_SIBLING_HEARS,
					       ret ? NULL : &v->failure);
	return ret ?: released ?: open_stream(v, &v->failure);
}

static void explain_not_begun(const struct vf_run *v)
{
	snprintf(v->style->reason, sizeof(v->style->reason), "not begun: %.*s",
		 (int)sizeof(v->style->reason) - 16, v->failure.message);
}

static void set_not_applicable(struct nfp_style_result *style)
{
	style->verdict = NFP_VERDICT_NOT_APPLICABLE;
	style->stopped = false;
}

static int begin_style(struct vf_run *v, enum nfp_style which)
{
	struct nfp_run *run = v->run;
	struct nfp_style_result *style = v->style = nfp_vf_add_style(v->vf, NULL);
	int ret;

	/* Nothing is known before a ladder is over. */
	*style = (struct nfp_style_result) {
		.style = which,
		.verdict = NFP_VERDICT_INCONCLUSIVE,
		.stopped = true,
		.from = run->source.from,
		.remedy = !run->request->styles[which],
		.address = nfp_pool_pick(run, which).main,
	};
	v->redundant = nfp_style_is_redundant(run, which, style->reason, sizeof(style->reason));
	if (nfp_backend_lost_vf(run->backend))
		set_not_begun(v, style);
	else if (v->redundant)
		set_not_applicable(style);
	if (!nfp_styles[which].second_vf || v->redundant || nfp_backend_lost_vf(run->backend))
		return 0;
	ret = begin_port(v);
	if (ret)
		explain_not_begun(v);
	return ret;
}

/* The first ladder has the windows of a neighbour, or says why not. */
static bool begin_near(struct vf_run *v, struct nfp_near_test *near, int *ret)
{
	struct nfp_run *run = v->run;

	if (!run->request->neighbours || v->near_done)
		return false;
	v->near_done = true;
	*ret = nfp_near_begin(run, &v->vlan, near, &v->failure);
	return true;
}

/* One ladder, judged. */
static int run_ladder(struct vf_run *v, enum nfp_style which)
{
	struct nfp_run *run = v->run;
	char text[NFP_NOTE_LEN];
	struct nfp_runner_config config;
	struct nfp_style_result ladder;
	struct nfp_near_test near;
	enum nfp_step step;
	int ret = 0;

	if (v->redundant || nfp_backend_lost_vf(run->backend))
		return 0;
	config = runner_config(v, which);
	if (begin_near(v, &near, &ret))
		config.neighbour = &near;
	if (ret) {
		explain_not_begun(v);
		return nfp_near_end(run, ret, NULL);
	}
	ret = nfp_ladder_run(&config, &ladder, &v->failure);
	ret = nfp_near_end(run, ret, &v->failure);
	ladder.from = run->source.from;
	ladder.remedy = v->style->remedy;
	for (size_t i = 0; i < ladder.num_steps; i++)
		run->result->settle_total_ns += ladder.steps[i].window_ns;
	if (nfp_judge_demands(&ladder, &run->result->settings, &step)) {
		nfp_gap_unsure_text(v->vf->vf, which, run->request->gap_limit_ms, step, text,
				    sizeof(text));
		nfp_run_warn(run, "%s", text);
	}
	*v->style = ladder;
	return ret ?: reset_host(v, &v->failure);
}

static int end_style(struct vf_run *v, int ret)
{
	tell_verdict(v, v->style);
	return end_port(v, ret);
}

/*
 * Did the driver leave the PF promiscuous in hardware, which the kernel does not show? This is
 * asked after the ladders. If one was cut short, what it did is undone first.
 */
static void check_promiscuous(struct vf_run *v, int ret)
{
	struct nfp_run *run = v->run;
	const struct nfp_pf_info *pf = &run->pf->info;
	struct nfp_runner_config config;

	if (!v->stream || run->source.unregistered != NFP_NO)
		return;
	if (ret == -EINTR || ret == -ETIME)
		ret = reset_host(v, NULL);
	if (ret)
		return;
	config = runner_config(v, (enum nfp_style)0); /* the style does not matter */
	if (nfp_hears_unregistered(&config) != NFP_YES)
		return;
	run->earlier.left_promiscuous = true;
	nfp_strv_addf(&run->result->left_behind,
		      "%s still gets frames to addresses that nobody registered, and did not when "
		      "the run began: its driver left it promiscuous in hardware, which the kernel "
		      "does not show; %s",
		      pf->ifname,
		      nfp_driver(pf->driver)->ends_promiscuity
			      ?: "try to set it down and up, else load its driver anew");
}

/* Without the VF, or the sibling that sends, no ladder begins. */
static int begin_source(struct vf_run *v)
{
	if (nfp_backend_lost_vf(v->run->backend))
		return 0;
	return nfp_source_begin(v->run, &v->failure) ?: open_stream(v, &v->failure);
}

static int end_source(struct vf_run *v, int ret)
{
	struct nfp_run *run = v->run;
	struct nfp_host host = nfp_backend_host(run->backend);
	struct nfp_external_changes changes = {.changed = false};
	struct nfp_wire_stats stats = {0};

	if (nfp_backend_driver(run->backend)[0]) {
		snprintf(v->vf->driver, sizeof(v->vf->driver), "%s",
			 nfp_backend_driver(run->backend));
		(void)nfp_driver_version(nfp_sysroot_default(), run->pf->bus, v->vf->driver,
					 v->vf->driver_version, sizeof(v->vf->driver_version));
	}
	/* An operation may have failed because another process took away its object. */
	if (ret < 0 && ret != -EINTR && ret != -ETIME && ret != -ETIMEDOUT &&
	    host.ops->changes(host.ctx, &changes, NULL) == 0 && changes.changed) {
		nfp_strv_addf(&run->result->changes_seen, "VF %u: %s", v->vf->vf, changes.change);
		if (!v->failure.hint[0])
			nfp_err_hint(&v->failure,
				     "Another process changed the host during the run: %s.",
				     changes.change);
	}
	check_promiscuous(v, ret);
	if (v->stream) {
		struct nfp_wire wire = nfp_stream_wire(v->stream);

		wire.ops->stats(wire.ctx, &stats);
	}
	/* With an id, frames of others are told apart, and do no harm. */
	if (stats.foreign > FOREIGN_FEW && !run->source.row->has_id)
		nfp_run_warn(run,
			     "VF %u: %" PRIu64 " answers were not requested: another host answers "
			     "as %s, or answers were forged",
			     v->vf->vf, stats.foreign, run->source.from.name);
	close_stream(v);
	if (ret == 0)
		nfp_source_peer_after(run);
	return ret;
}

int nfp_begin_vf(const struct nfp_run *run, const struct nfp_vf_result *vf,
		 struct nfp_vlan *ret_vlan, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	struct nfp_host host;
	int ret;

	*ret_vlan = request->have_vlan ? request->vlan : vf->vlan;
	ret = nfp_backend_begin_vf(run->backend, vf->vf, ret_vlan, err);
	/* In the first steps only the PF has the address under test. */
	if (ret || !request->have_mac || !nfp_mac_equal(&vf->address, &request->mac))
		return ret;
	host = nfp_backend_host(run->backend);
	return host.ops->clear(host.ctx, err);
}

static int begin_vf(struct vf_run *v)
{
	struct nfp_run *run = v->run;
	int ret;

	run->begun = run->result->changed_host = true;
	ret = nfp_begin_vf(run, v->vf, &v->vlan, &v->failure);
	v->vf->probed_vlan = v->vlan.vid;
	/* The begin may have cleared that address from the VF. */
	run->undone |= run->request->have_mac;
	return ret ?: nfp_source_find(run, &v->vlan, &v->failure);
}

/* Collects the notes of its steps, and judges its styles once more beside each other. */
static void judge_vf(struct vf_run *v)
{
	struct nfp_run *run = v->run;
	uint32_t changed;

	for (size_t i = 0; i < v->vf->num_styles; i++) {
		const struct nfp_style_result *style = &v->vf->styles[i];

		for (size_t j = 0; j < style->num_steps; j++) {
			const struct nfp_step_result *step = &style->steps[j];

			if (step->changed && step->note[0])
				nfp_strv_addf(&run->result->changes_seen, "VF %u, %s, %s: %s",
					      v->vf->vf, nfp_style_name(style->style),
					      nfp_step_name(step->step), step->note);
		}
	}
	changed = nfp_judge_vf_of(run->result, v->vf);
	for (size_t i = 0; i < v->vf->num_styles; i++) {
		if (changed & 1U << i)
			tell_verdict(v, &v->vf->styles[i]);
	}
}

/* Restores the VF, whatever happened. A failure to restore takes the place of an earlier one. */
static int end_vf(struct vf_run *v, int ret, struct nfp_err *err)
{
	struct nfp_result *result = v->run->result;
	struct nfp_err undo = {0};
	enum nfp_errcode code;
	int failed;

	failed = nfp_backend_end_vf(v->run->backend, &result->left_behind, &result->warnings,
				    &undo);
	v->run->undone = true;
	if (failed) {
		result->restored = false;
		v->failure = undo;
		ret = failed;
	}
	if (ret) {
		v->vf->status = NFP_VF_FAILED;
		v->vf->error = v->failure;
	}
	judge_vf(v);
	code = v->failure.code;
	/* Other errors concern the VF only. */
	if (ret != -EINTR && ret != -ETIME &&
	    (ret == 0 ||
	     (code != NFP_E_RESTORE && code != NFP_E_NO_SOURCE && code != NFP_E_SOURCE_UNUSABLE &&
	      code != NFP_E_NO_INTERFACE && code != NFP_E_LOCKED)))
		return 0;
	*err = v->failure;
	return ret;
}

/* Each part that has begun, in whatever way, is ended. */
static int run_styles(struct vf_run *v)
{
	int ret = begin_source(v);

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT && ret == 0; style++) {
		if (!nfp_style_is_due(v->run, style))
			continue;
		ret = begin_style(v, style) ?: run_ladder(v, style);
		ret = end_style(v, ret);
	}
	return end_source(v, ret);
}

int nfp_probe_vf(struct nfp_run *run, struct nfp_err *err)
{
	struct vf_run v = {.run = run, .vf = &run->result->vf};

	if (nfp_run_stop(run))
		return -EINTR;
	return end_vf(&v, begin_vf(&v) ?: run_styles(&v), err);
}
