// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * style.c - the styles of a run, one ladder for each: what it listens to, and the wire of a
 * neighbour on the NIC, from the PF or a sibling VF to the netdev behind the source, or to a
 * reflector, which plays a guest that is elsewhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* ---- the stream ---- */

/* A signal and news of the PF are not to wait for a frame. */
static void set_wake_fds(const struct nfp_run *run, struct nfp_stream_config *config)
{
	config->wake_fds[0] = run->io->signals->fd;
	config->wake_fds[1] = nfp_backend_notify_fd(run->backend);
	config->wake_fds[2] = config->wake_fds[3] = -1;
}

static int open_stream(struct nfp_run *run)
{
	const struct nfp_guest_vlan_config guest_vlan = nfp_guest_vlan_of(run);
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = run->source.sender,
		.sender_mac = run->source.mac,
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.pf_vlan = run->vlan,
		.second_sender = run->source.second_sender,
		.codec = run->source.codec.ops ? &run->source.codec : NULL,
	};

	if (run->dry)
		return 0;
	set_wake_fds(run, &config);
	/* The NIC takes its tag off, as VST. */
	if (run->port.ifindex) {
		config.pf = run->port;
		config.pf_mac = run->port_mac;
		config.pf_vlan = (struct nfp_vlan) {.vid = 0};
	}
	if (run->request->have_mac)
		config.elsewhere = run->request->mac;
	if (guest_vlan.vid && !guest_vlan.untested) {
		config.guest_vlan = guest_vlan.vid;
		config.free_vlan = guest_vlan.free_vid;
	}
	/* A sibling VF has the VLAN as VST, and sends without a tag. */
	if (run->source.row != &nfp_sources[NFP_BY_VF])
		config.sender_vlan = run->vlan;
	if (run->recorder) {
		const struct nfp_recorder_stream stream = {
			.sender = config.sender.ifname,
			.pf = config.pf.ifname,
			.sender_mac = config.sender_mac,
			.pf_mac = config.pf_mac,
			.what = run->source.row->meaning,
			.vf = run->result->vf.vf,
		};

		nfp_recorder_stream(run->recorder, &stream);
		config.tap = nfp_recorder_tap(run->recorder);
	}
	return nfp_stream_open(&config, &run->stream, &run->err);
}

static void close_stream(struct nfp_run *run)
{
	nfp_stream_close(run->stream);
	run->stream = NULL;
}

/* ---- the wire of a neighbour ---- */

/* NULL: nothing is in the way. */
static const char *why_not_near(const struct nfp_run *run)
{
	const struct nfp_source_row *row = run->source.row;

	if (!run->request->announce)
		return "--skip announce keeps the address off the wire";
	if (row->deaf && !run->source.peer)
		return row->deaf;
	return row->shows.outside ? NULL : "the source is not on the wire, where the guest is";
}

/* The recording has frames heard there as it has those of the transmit test. */
static void tap_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_run *run = ctx;
	const struct nfp_tap tap = nfp_recorder_tap(run->recorder);
	struct nfp_tap_event other = *tapped;

	other.seq = 0;
	other.at = NFP_AT_PF;
	if (tapped->what == NFP_TAP_UNSENT)
		return;
	if (tapped->what == NFP_TAP_SENT)
		other.what = NFP_TAP_OTHER;
	else if (tapped->what == NFP_TAP_OTHER)
		other.what = NFP_TAP_SENT;
	else
		other.what = NFP_TAP_AT_SENDER;
	tap.frame(tap.ctx, &other);
}

/* A neighbour that is a sibling VF is prepared first. -ENOLINK, without an error: the reflector
 * plays no guest. */
static int open_near(struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = nfp_source_pf(run),
		.sender_mac = run->pf->info.address,
		.sender_vlan = run->vlan,
		.pf = run->source.sender,
		.pf_mac = run->source.mac,
		.pf_vlan = run->vlan,
	};
	int ret = 0;

	if (request->have_neighbour) {
		config.sender_vlan = (struct nfp_vlan) {.vid = 0};
		ret = nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, request->neighbour,
					  &config.sender, &config.sender_mac, &run->err);
		run->near_sibling = ret == 0;
	}
	if (ret || run->dry)
		return ret;
	set_wake_fds(run, &config);
	/* An id of its own, in the part that captures filter by: neither stream hears the other. */
	config.id.run[0] ^= 0xff;
	if (run->recorder)
		config.tap = (struct nfp_tap) {.frame = tap_frame, .ctx = run};
	if (!run->source.peer)
		return nfp_stream_open(&config, &run->near, &run->err);
	config.pf.ifindex = 0;
	return nfp_guest_open(&config, run->source.peer, &run->near_guest, &run->err);
}

/* Only the first ladder has the windows of a neighbour, or says why not. */
static int begin_near(struct nfp_run *run, struct nfp_elsewhere_test *ret_test)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_ELSEWHERE_ADDRESSES;
	int ret;

	run->near_done = true;
	*ret_test = (struct nfp_elsewhere_test) {
		.address = addresses[0],
		.unregistered = {addresses[1], addresses[2]},
		.why = why_not_near(run),
	};
	if (ret_test->why)
		return 0;
	ret = open_near(run);
	if (ret == -ENOLINK && run->source.peer) {
		ret_test->why = "the reflector does not report what it hears: it was not started "
				"with --guest";
		return 0;
	}
	if (ret)
		return ret;
	run->near_accounting = nfp_accounting_new();
	ret_test->accounting = run->near_accounting;
	ret_test->wire = run->dry	   ? nfp_dry_wire(run->dry->near)
			 : run->near_guest ? nfp_guest_wire(run->near_guest)
					   : nfp_stream_wire(run->near);
	return 0;
}

static int end_near(struct nfp_run *run, int ret)
{
	int released = 0;

	nfp_stream_close(run->near);
	nfp_guest_close(run->near_guest);
	run->near = NULL;
	run->near_guest = NULL;
	if (run->near_sibling)
		released = nfp_backend_release_sibling(run->backend, NFP_SIBLING_SENDS,
						       ret ? NULL : &run->err);
	run->near_sibling = false;
	return ret ?: released;
}

/* ---- the wire of another VF, to a guest that is here ---- */

/* The VF that sends, if there is one: of the source, or that of --neighbour. */
static const struct nfp_vf_info *here_sender(const struct nfp_run *run)
{
	return run->source.sibling || !run->request->have_neighbour
		       ? run->source.sibling
		       : nfp_pf_vf(run->pf, run->request->neighbour);
}

/* The recording has what PF and VF heard. */
static void tap_heard(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_run *run = ctx;
	const struct nfp_tap tap = nfp_recorder_tap(run->recorder);
	struct nfp_tap_event heard = *tapped;

	heard.seq = 0;
	heard.what = NFP_TAP_HEARD;
	if (tapped->what == NFP_TAP_SEEN || tapped->what == NFP_TAP_HEARD)
		tap.frame(tap.ctx, &heard);
}

static int open_here(struct nfp_run *run, const struct nfp_vf_info *vf)
{
	struct nfp_stream_config config = {
		.id = run->id,
		.pf = nfp_source_pf(run),
		.pf_mac = run->pf->info.address,
		.pf_vlan = run->vlan,
	};
	int ret = nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, vf->vf, &config.sender,
				      &config.sender_mac, &run->err);

	if (ret || run->dry)
		return ret;
	set_wake_fds(run, &config);
	config.id.run[0] ^= 0x55; /* as of the wire of a neighbour */
	if (run->recorder)
		config.tap = (struct nfp_tap) {.frame = tap_heard, .ctx = run};
	return nfp_stream_open(&config, &run->here, &run->err);
}

int nfp_here_begin(struct nfp_run *run, struct nfp_here_test *ret_test)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_ELSEWHERE_ADDRESSES;
	struct nfp_host host = nfp_backend_host(run->backend);
	const struct nfp_vf_info *vf;
	int ret;

	*ret_test = (struct nfp_here_test) {
		.own = run->pf->info.address,
		.nobody = addresses[3],
		.entry = addresses[4],
		.spent_ns = &run->here_ns,
	};
	vf = here_sender(run);
	if (!vf) {
		ret_test->why = "no other VF sends: name one that is idle with --neighbour";
		return 0;
	}
	ret = open_here(run, vf);
	if (ret)
		return ret;
	/* The windows of a guest elsewhere, and the source, need it all the time. */
	ret_test->rests = !run->near_sibling && vf != run->source.sibling;
	if (ret_test->rests)
		ret = host.ops->sender(host.ctx, false, &run->err);
	run->here_vf = vf;
	if (ret)
		return ret;
	if (!run->here_accounting)
		run->here_accounting = nfp_accounting_new();
	ret_test->accounting = run->here_accounting;
	ret_test->wire = run->dry ? nfp_dry_wire(run->dry->here) : nfp_stream_wire(run->here);
	return 0;
}

void nfp_here_end(struct nfp_run *run)
{
	nfp_stream_close(run->here);
	run->here = NULL;
}

/* A style whose port is a second VF may need that one. */
int nfp_here_let_go(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_vf_info *vf = run->here_vf;

	run->here_vf = NULL;
	return vf && vf != run->source.sibling
		       ? nfp_backend_release_sibling(run->backend, NFP_SIBLING_SENDS, err)
		       : 0;
}

/* ---- a ladder ---- */

/* 33:33:ff and 24 random bits, like the group of a guest's address (RFC 4291, section 2.7.1). */
static struct nfp_mac random_group(struct nfp_run *run)
{
	uint64_t number = ++run->num_groups;
	uint64_t random = nfp_siphash(run->id.key, (const uint8_t *)&number, sizeof(number));

	return (struct nfp_mac) {{0x33, 0x33, 0xff, (uint8_t)(random >> 16), (uint8_t)(random >> 8),
				  (uint8_t)random}};
}

struct nfp_runner_config nfp_ladder_config(struct nfp_run *run, enum nfp_style style)
{
	struct nfp_addresses addresses = nfp_pool_pick(run, style);
	const struct nfp_vlan untagged = {.vid = 0};

	return (struct nfp_runner_config) {
		.host = nfp_backend_host(run->backend),
		.wire = run->dry ? nfp_dry_wire(run->dry->wire) : nfp_stream_wire(run->stream),
		.accounting = run->accounting,
		.style = style,
		.source = run->source.row,
		.address = addresses.main,
		.address_first = addresses.first,
		.spare = {addresses.spare[0], addresses.spare[1], addresses.spare[2],
			  addresses.spare[3]},
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
		.every_step = run->dry,
		.stop = nfp_run_stop,
		.stop_ctx = run,
		.ifname = run->pf->info.ifname,
		.vf = run->result->vf.vf,
		.from = run->source.from.name,
		.via = run->port.ifindex ? run->style->via : NULL,
		.vlan = run->port.ifindex ? untagged : run->vlan,
		.guest_vlan = nfp_guest_vlan_of(run),
		.events = {nfp_run_tell, run},
		.unregistered = &run->source.unregistered,
		.earlier = &run->earlier,
	};
}

static int reset_host(struct nfp_run *run, struct nfp_err *err)
{
	run->undone = true;
	return nfp_backend_reset_vf(run->backend, err);
}

/* Notes in the run what the ladder took and lacks, and keeps it as the result of the style. */
static void keep_ladder(struct nfp_run *run, struct nfp_style_result *ladder)
{
	struct nfp_result *result = run->result;

	ladder->from = run->source.from;
	ladder->remedy = run->style->remedy;
	for (size_t i = 0; i < ladder->num_steps; i++)
		result->settle_total_ns += ladder->steps[i].window_ns;
	nfp_judge_demands(ladder, &result->settings);
	nfp_judge_bridge(ladder, result->pf.ifname, result->settings.allow);
	*run->style = *ladder;
}

/* ---- a style ---- */

/* The stream listens at the port of a standby that is on a second VF. */
static int begin_port(struct nfp_run *run)
{
	const struct nfp_vf_info *via = nfp_via(run);
	const char *keeps = nfp_driver(via->driver)->keeps_entries;
	int ret = nfp_backend_sibling(run->backend, NFP_SIBLING_HEARS, via->vf, &run->port,
				      &run->port_mac, &run->err);

	if (ret)
		return ret;
	snprintf(run->style->via, sizeof(run->style->via), "vf:%u", via->vf);
	if (keeps)
		(void)nfp_hints_addf(
			&run->result->left_behind,
			"VF %u of %s may still get frames to the addresses that were tested "
			"on it: %s",
			via->vf, run->pf->info.ifname, keeps);
	close_stream(run);
	return open_stream(run);
}

/* .. and at the PF again. */
static int end_port(struct nfp_run *run, int ret)
{
	int released;

	if (!run->port.ifindex)
		return ret;
	run->port.ifindex = 0;
	close_stream(run);
	released = nfp_backend_release_sibling(run->backend, NFP_SIBLING_HEARS,
					       ret ? NULL : &run->err);
	return ret ?: released ?: open_stream(run);
}

/* All that a ladder needs but the VF: the standby's port, and the wire of a neighbour. */
static int begin_ladder(struct nfp_run *run, enum nfp_style which, struct nfp_elsewhere_test *near,
			struct nfp_here_test *here, struct nfp_runner_config *ret_config)
{
	int ret = nfp_styles[which].second_vf ? nfp_here_let_go(run, &run->err) ?: begin_port(run)
					      : 0;

	if (ret == 0) {
		*ret_config = nfp_ladder_config(run, which);
		if (run->request->neighbours && !run->near_done) {
			ret = begin_near(run, near);
			ret_config->neighbour = near;
		}
		if (!ret && run->request->neighbours && !nfp_styles[which].second_vf) {
			ret = nfp_here_begin(run, here);
			ret_config->here = here;
		}
	}
	if (ret)
		snprintf(run->style->reason, sizeof(run->style->reason), "not begun: %.*s",
			 (int)sizeof(run->style->reason) - 16, run->err.message);
	return ret;
}

void nfp_tell_verdict(struct nfp_run *run, const struct nfp_style_result *style)
{
	nfp_run_tell(run, &(struct nfp_event) {
				  .what = NFP_EVENT_VERDICT,
				  .where = {run->result->vf.vf, style->style, style->from.name},
				  .style = style,
			  });
}

/* The ladder of the plain style shows all that one of a pinned style would. False: there is none.
 */
static bool add_pinned(struct nfp_run *run, enum nfp_style which)
{
	struct nfp_vf_result *vf = &run->result->vf;
	const struct nfp_style_row *row = &nfp_styles[which];
	const struct nfp_style_result *plain = row->pinned ? nfp_vf_style(vf, row->plain) : NULL;
	struct nfp_style_result pinned;

	if (!plain || run->dry)
		return false;
	nfp_pin(plain, which, &pinned);
	pinned.remedy = !run->request->styles[which];
	nfp_tell_verdict(run, nfp_vf_add_style(vf, &pinned));
	return true;
}

int nfp_style_test(struct nfp_run *run, enum nfp_style which)
{
	struct nfp_style_result ladder, *style;
	struct nfp_runner_config config;
	struct nfp_elsewhere_test near;
	struct nfp_timetable times;
	struct nfp_here_test here;
	int ret = 0;

	if (add_pinned(run, which))
		return 0;
	style = nfp_vf_add_style(&run->result->vf, NULL);

	/* Nothing is known before a ladder is over. */
	*style = (struct nfp_style_result) {
		.style = which,
		.verdict = NFP_VERDICT_INCONCLUSIVE,
		.stopped = true,
		.from = run->source.from,
		.remedy = !run->request->styles[which],
		.address = nfp_pool_pick(run, which).main,
	};
	run->style = style;
	if (nfp_backend_lost_vf(run->backend)) {
		snprintf(style->reason, sizeof(style->reason),
			 "not begun, because another process has changed the host");
	} else if (nfp_style_is_redundant(run, which, style->reason, sizeof(style->reason))) {
		style->verdict = NFP_VERDICT_NOT_APPLICABLE;
		style->stopped = false;
	} else {
		if (run->dry)
			nfp_dry_style(run, which);
		ret = begin_ladder(run, which, &near, &here, &config);
		if (ret == 0) {
			nfp_ladder_estimate(&config, &times);
			config.timetable = &times;
			ret = nfp_ladder_run(&config, &ladder, &run->err);
			/* What a dry run has found is no result. */
			if (!run->dry)
				keep_ladder(run, &ladder);
		}
		nfp_here_end(run);
		ret = end_near(run, ret);
		ret = ret ?: reset_host(run, &run->err);
	}
	nfp_tell_verdict(run, style);
	return end_port(run, ret);
}

/* ---- all styles ---- */

int nfp_styles_begin(struct nfp_run *run)
{
	if (run->dry)
		nfp_dry_source(run);
	/* Without the VF, or the sibling that sends, no ladder begins. */
	if (nfp_backend_lost_vf(run->backend))
		return 0;
	return nfp_source_begin(run, &run->err) ?: open_stream(run);
}

/*
 * Did the driver leave the PF promiscuous in hardware, which the kernel does not show? This is
 * asked after the ladders. If one was cut short, what it did is undone first.
 */
static void check_promiscuous(struct nfp_run *run, int ret)
{
	const struct nfp_pf_info *pf = &run->pf->info;
	struct nfp_runner_config config;

	if (!run->stream || run->source.unregistered != NFP_NO)
		return;
	if (ret == -EINTR || ret == -ETIME)
		ret = reset_host(run, NULL);
	if (ret)
		return;
	config = nfp_ladder_config(run, (enum nfp_style)0); /* the style does not matter */
	if (nfp_hears_unregistered(&config) != NFP_YES)
		return;
	run->earlier.left_promiscuous = true;
	(void)nfp_hints_addf(
		&run->result->left_behind,
		"%s still gets frames to addresses that nobody registered, and did not when "
		"the run began: its driver left it promiscuous in hardware, which the kernel "
		"does not show; %s",
		pf->ifname,
		nfp_driver(pf->driver)->ends_promiscuity
			?: "try to set it down and up, else load its driver anew");
}

int nfp_styles_end(struct nfp_run *run, int ret)
{
	struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_host host = nfp_backend_host(run->backend);
	struct nfp_external_changes changes = {.changed = false};
	struct nfp_wire_stats stats = {0};
	struct nfp_noise noise;

	if (nfp_backend_driver(run->backend)[0]) {
		snprintf(vf->driver, sizeof(vf->driver), "%s", nfp_backend_driver(run->backend));
		(void)nfp_driver_version(nfp_sysroot_default(), run->pf->bus, vf->driver,
					 vf->driver_version, sizeof(vf->driver_version));
	}
	/* An operation may have failed because another process took away its object. */
	if (ret < 0 && ret != -EINTR && ret != -ETIME && ret != -ETIMEDOUT &&
	    host.ops->changes(host.ctx, &changes, NULL) == 0 && changes.changed) {
		nfp_strv_addf(&run->result->changes_seen, "VF %u: %s", vf->vf, changes.change);
		if (!run->err.hint.text[0])
			nfp_err_hint(&run->err,
				     "Another process changed the host during the run: %s.",
				     changes.change);
	}
	check_promiscuous(run, ret);
	if (run->stream) {
		struct nfp_wire wire = nfp_stream_wire(run->stream);

		wire.ops->stats(wire.ctx, &stats);
	}
	noise = nfp_noise_of(vf, stats.foreign, &run->source.from, run->source.row->has_id);
	if (noise.copies[0])
		nfp_run_warn(run, "%s", noise.copies);
	if (noise.foreign[0])
		nfp_run_warn(run, "%s", noise.foreign);
	close_stream(run);
	if (ret == 0)
		nfp_source_end(run);
	return ret;
}
