// SPDX-License-Identifier: GPL-2.0-or-later
/* vf.c - one VF: prepared, led up the ladder in each style, put back. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nfprobe/result.h"
#include "nfprobe/probe.h"
#include "nfprobe/verdict.h"
#include "run_priv.h"

/* At most this many frames a second where the PF floods them to a whole Open vSwitch. */
#define OVS_RATE 100U
/* Answers that may be under way from before the stream. */
#define FOREIGN_FEW 3

/* Above this rate the usual buffer of a capture lasts for less than a second. */
#define FAST_RATE   10000U
#define FAST_BUFFER (16U << 20)

struct vf_run {
	struct nfp_run *run;
	struct nfp_vf_result *vf;
	size_t index;
	struct nfp_vlan vlan;
	struct nfp_stream *stream;
	unsigned int ladder; /* of --repeat, from 1 */
	bool rewound;	     /* a ladder was climbed before, and undone */
	bool was_early;	     /* the one that was given up showed EARLY */
};

unsigned int nfp_rate_from(const struct nfp_run *run, const struct nfp_source_row *row)
{
	unsigned int rate = run->request->have_rate ? run->request->rate
						    : row->rate[NFP_KIND_UNICAST];

	if (rate > row->rate_max)
		rate = row->rate_max;
	if (strcmp(run->pf->info.master_kind, "openvswitch") == 0 && rate > OVS_RATE)
		rate = OVS_RATE;
	return rate;
}

static int open_stream(struct vf_run *v, struct nfp_err *err)
{
	struct nfp_run *run = v->run;
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = run->origin.sender,
		.sender_mac = run->origin.mac,
		.pf = nfp_origin_pf(run),
		.pf_mac = run->pf->info.address,
		.pf_vlan = v->vlan,
		.second_sender = run->origin.second_sender,
		.wake_fds = {run->io->signals ? run->io->signals->fd : -1,
			     nfp_live_notify_fd(run->live), -1, -1},
	};

	if (nfp_rate_from(run, run->origin.row) > FAST_RATE)
		config.buffer_bytes = FAST_BUFFER;
	/* A sibling VF has the VLAN as VST, and sends without a tag. */
	if (run->origin.row != &nfp_sources[NFP_BY_VF])
		config.sender_vlan = v->vlan;
	if (run->origin.codec.ops)
		config.codec = &run->origin.codec;
	nfp_record_stream(run, &config, v->vf->vf);
	NFP_COUNT_WAITING(run->result);
	return nfp_stream_open(&config, &v->stream, err);
}

static void report_step(void *ctx, enum nfp_style style, enum nfp_step step, uint64_t remaining_ns)
{
	const struct vf_run *v = ctx;
	const struct nfp_run_io *io = v->run->io;
	const struct nfp_where where = {v->vf->vf, style, v->ladder};

	nfp_record_check(v->run);
	if (io->progress)
		io->progress(io->ctx, &where, step, remaining_ns);
}

static void report_done(void *ctx, enum nfp_style style, const struct nfp_step_result *step,
			const struct nfp_transition *transition)
{
	const struct vf_run *v = ctx;
	const struct nfp_run_io *io = v->run->io;
	const struct nfp_where where = {v->vf->vf, style, v->ladder};

	if (io->done)
		io->done(io->ctx, &where, step, transition);
}

static bool not_applicable(const struct vf_run *v, struct nfp_style_result *style)
{
	const struct nfp_pf *pf = v->run->pf;

	if (style->style != NFP_STYLE_FILTER || pf->info.promiscuity == 0)
		return false;
	style->verdict = NFP_VERDICT_NOT_APPLICABLE;
	snprintf(style->reason, sizeof(style->reason),
		 "%s is promiscuous already (%s), so what its filter does cannot be told apart",
		 pf->info.ifname, pf->promisc_by[0] ? pf->promisc_by : "by whom is not known");
	return true;
}

/* The VF, or the sibling that sends, is not the run's own any more. */
static void not_begun(const struct vf_run *v, struct nfp_style_result *style)
{
	style->verdict = NFP_VERDICT_INCONCLUSIVE;
	style->stopped = true;
	snprintf(style->reason, sizeof(style->reason),
		 "not begun, because another process has changed the host: keep other processes "
		 "off %s and VF %u, then probe again",
		 v->run->pf->info.ifname, v->vf->vf);
}

static struct nfp_runner_config runner_config(struct vf_run *v, enum nfp_style which,
					      unsigned int round, bool in_full)
{
	struct nfp_run *run = v->run;
	struct nfp_addresses addresses = nfp_pool_pick(run, v->index, which, round, in_full);
	struct nfp_runner_config config = {
		.host = nfp_live_host(run->live),
		.wire = nfp_stream_wire(v->stream),
		.ledger = run->ledger,
		.style = which,
		.source = run->origin.row,
		.address = addresses.main,
		.address_first = addresses.first,
		.stranger = run->pool[0],
		.rate = nfp_rate_from(run, run->origin.row),
		.settle_ns = run->settle_ns,
		.deadline_ns = run->deadline_ns,
		.start_ns = run->start_ns,
		.announce = run->request->announce,
		.transmit = run->request->transmit,
		.in_full = in_full,
		.early_before = in_full && v->was_early,
		.follows = v->rewound,
		.stop = nfp_run_stop,
		.stop_ctx = run,
		.ifname = run->pf->info.ifname,
		.vf = v->vf->vf,
		.vlan = v->vlan,
		.progress = {.step = report_step, .done = report_done, .ctx = v},
		.unregistered = &run->unregistered,
	};

	if (run->recorder)
		config.marks = nfp_recorder_marks(run->recorder);
	return config;
}

/* One ladder; the VF is as before only after rewind_host. */
static int climb(struct vf_run *v, enum nfp_style which, unsigned int round, bool in_full,
		 struct nfp_style_result *style, struct nfp_err *err)
{
	struct nfp_run *run = v->run;
	struct nfp_runner_config config = runner_config(v, which, round, in_full);
	struct nfp_runner_times times = {0};
	int ret = nfp_ladder_run(&config, style, &times, err);

	run->result->settle_total_ns += times.settle_ns;
	run->result->kernel_total_ns += times.kernel_ns;
	return ret;
}

static void limit_gaps(struct vf_run *v, struct nfp_style_result *style)
{
	unsigned int limit_ms = v->run->request->gap_limit_ms;
	enum nfp_step step;
	char words[NFP_NOTE];

	if (limit_ms && nfp_gap_limit(style, UINT64_C(1000) * limit_ms, &step)) {
		nfp_gap_unsure_words(v->vf->vf, style->style, limit_ms, step, words, sizeof(words));
		nfp_run_warn(v->run, "%s", words);
	}
	style->allowed = v->run->request->allow[style->verdict];
}

static int rewind_host(struct vf_run *v, struct nfp_err *err)
{
	NFP_COUNT_WAITING(v->run->result);
	v->rewound = true;
	return nfp_live_rewind(v->run->live, err);
}

/* Again in full, if a step that ended early was taken for another than it is. */
static int climb_for_sure(struct vf_run *v, enum nfp_style which, unsigned int round,
			  struct nfp_style_result *style, struct nfp_err *err)
{
	int ret = climb(v, which, round, false, style, err);

	if (ret || !style->again)
		return ret;
	v->was_early = nfp_shows_early(nfp_style_step(style, NFP_STEP_ATTACH));
	nfp_run_warn(v->run,
		     "VF %u, %s: %s was not as expected, maybe because the step before it ended "
		     "early; the style is probed again, with each step watched in full",
		     v->vf->vf, nfp_style_label(which),
		     nfp_step_name(style->steps[style->num_steps - 1].step));
	ret = rewind_host(v, err);
	if (ret)
		return ret;
	if (!nfp_live_ended(v->run->live))
		return climb(v, which, round, true, style, err);
	not_begun(v, style);
	return 0;
}

static int every_round(struct vf_run *v, struct nfp_style_result *worst, struct nfp_err *err)
{
	unsigned int repeat = v->run->request->repeat;
	struct nfp_style_result round;
	int ret = 0;

	if (repeat > 1)
		worst->repeats = nfp_repeats_new(repeat);
	for (unsigned int i = 0; i < repeat && ret == 0 && !nfp_live_ended(v->run->live); i++) {
		struct nfp_repeats *repeats = worst->repeats;

		v->ladder = i + 1;
		ret = climb_for_sure(v, worst->style, i, &round, err);
		limit_gaps(v, &round);
		if (repeats)
			(void)nfp_repeats_add(repeats, &round, worst);
		else
			*worst = round;
		if (ret == 0)
			ret = rewind_host(v, err);
	}
	return ret;
}

static int one_style(struct vf_run *v, enum nfp_style which, struct nfp_err *err)
{
	struct nfp_addresses addresses = nfp_pool_pick(v->run, v->index, which, 0, false);
	struct nfp_style_result *style = &v->vf->styles[v->vf->num_styles++];
	const struct nfp_run_io *io = v->run->io;
	int ret = 0;

	*style = (struct nfp_style_result) {.style = which, .address = addresses.main};
	if (nfp_live_ended(v->run->live))
		not_begun(v, style);
	else if (!not_applicable(v, style))
		ret = every_round(v, style, err);
	if (io->judged)
		io->judged(io->ctx, v->vf->vf, style);
	return ret;
}

static void note_changes(struct vf_run *v)
{
	for (size_t i = 0; i < v->vf->num_styles; i++) {
		const struct nfp_style_result *style = &v->vf->styles[i];

		for (size_t j = 0; j < style->num_steps; j++) {
			if (style->steps[j].changed && style->steps[j].note[0])
				nfp_strv_addf(&v->run->result->changes_seen, "VF %u, %s, %s: %s",
					      v->vf->vf, nfp_style_label(style->style),
					      nfp_step_name(style->steps[j].step),
					      style->steps[j].note);
		}
	}
}

/* Frames with an id are told from others'; of answers to ARP it is only known that we asked. */
static void warn_of_foreign(const struct vf_run *v)
{
	struct nfp_wire_stats stats = {0};
	struct nfp_wire wire;

	if (!v->stream || v->run->origin.row->has_id)
		return;
	wire = nfp_stream_wire(v->stream);
	wire.ops->stats(wire.ctx, &stats);
	if (stats.foreign > FOREIGN_FEW)
		nfp_run_warn(v->run,
			     "VF %u: %" PRIu64 " answers came that were not asked for: somebody "
			     "else answers as %s, or answers were forged",
			     v->vf->vf, stats.foreign, v->run->origin.name);
}

/* What failed may have failed because somebody else took away what it was done to. */
static void tell_cause(struct vf_run *v, int ret, struct nfp_err *err)
{
	struct nfp_host host = nfp_live_host(v->run->live);
	struct nfp_host_news news = {.changed = false};

	if (ret == -EINTR || ret == -ETIME || ret == -ETIMEDOUT ||
	    host.ops->news(host.ctx, &news, NULL) || !news.changed)
		return;
	nfp_strv_addf(&v->run->result->changes_seen, "VF %u: %s", v->vf->vf, news.change);
	if (!err->hint[0])
		nfp_err_hint(err, "somebody else changed the host in mid-run: %s", news.change);
}

static const char *cure(const char *driver)
{
	/* i40e_add_vsi, in a reset, clears what nothing else does; down and up do not. */
	if (strcmp(driver, "i40e") == 0)
		return "its driver ends that when it resets the NIC, for example when its VFs are "
		       "made anew (sriov_numvfs)";
	return "try to set it down and up, else load its driver anew";
}

/*
 * Is the PF as it was, where the kernel does not show it? After the ladders, and also after what
 * ended one: whatever a ladder has begun must be taken back first.
 */
static void look_behind(struct vf_run *v, int ret)
{
	struct nfp_run *run = v->run;
	const struct nfp_pf_info *pf = &run->pf->info;
	struct nfp_runner_config config;

	if (run->unregistered != NFP_NO || !v->stream)
		return;
	if (ret == -EINTR || ret == -ETIME)
		ret = rewind_host(v, NULL);
	if (ret)
		return;
	config = runner_config(v, NFP_STYLE_FILTER, 0, false);
	if (nfp_hears_unregistered(&config) != NFP_YES)
		return;
	nfp_strv_addf(&run->result->left_behind,
		      "%s still gets frames to addresses that nobody registered, and did not when "
		      "the run began: its driver left it promiscuous in hardware, which the kernel "
		      "does not show; %s",
		      pf->ifname, cure(pf->driver));
}

static int measure(struct vf_run *v, struct nfp_err *err)
{
	struct nfp_run *run = v->run;
	int ret = 0;

	if (!run->have_origin)
		ret = nfp_origin_find(run, &v->vlan, err);
	else if (run->origin.lost)
		ret = nfp_origin_peer_again(run, &v->vlan, err);
	if (ret == 0)
		ret = open_stream(v, err);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT && ret == 0; style++) {
		if (run->request->styles[style])
			ret = one_style(v, style, err);
	}
	if (nfp_live_driver(run->live)[0])
		snprintf(v->vf->driver, sizeof(v->vf->driver), "%s", nfp_live_driver(run->live));
	if (ret < 0)
		tell_cause(v, ret, err);
	look_behind(v, ret);
	warn_of_foreign(v);
	{
		NFP_COUNT_WAITING(run->result);
		nfp_stream_close(v->stream);
	}
	if (ret == 0)
		nfp_origin_peer_after(run);
	return ret;
}

/* The VF is put back whatever happened; a failure of that is worse than any other. */
static int put_back(struct vf_run *v, int ret, struct nfp_err *err)
{
	struct nfp_result *result = v->run->result;
	NFP_COUNT_WAITING(result);
	struct nfp_err undo = {0};
	int undone = nfp_live_end(v->run->live, &result->left_behind, &result->warnings, &undo);

	if (undone == 0)
		return ret;
	result->restored = false;
	*err = undo;
	return undone;
}

/* With --mac the VF may have the address under test: in the first steps nobody has it but the PF.
 */
static int take_address(struct vf_run *v, struct nfp_err *err)
{
	const struct nfp_request *request = v->run->request;
	struct nfp_host host = nfp_live_host(v->run->live);

	if (!request->have_mac || !nfp_mac_equal(&v->vf->address, &request->mac))
		return 0;
	return host.ops->clear(host.ctx, err);
}

int nfp_probe_vf(struct nfp_run *run, size_t index, struct nfp_err *err)
{
	struct vf_run v = {.run = run, .vf = &run->result->vfs[index], .index = index};
	int ret;

	v.vlan = run->request->have_vlan ? run->request->vlan : v.vf->vlan;
	run->result->changed_host = true;
	{
		NFP_COUNT_WAITING(run->result);
		ret = nfp_live_begin(run->live, v.vf->vf, &v.vlan, err);
		if (ret == 0)
			ret = take_address(&v, err);
	}
	if (ret == 0)
		ret = measure(&v, err);
	ret = put_back(&v, ret, err);
	note_changes(&v);
	nfp_judge_vf(v.vf);
	return ret;
}
