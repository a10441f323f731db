// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * announce.c - who announces the address and reports the group, and when (rules: probe.h). Guests
 * do so; switches withhold what nobody has sent from, and a NIC may learn from it
 * (qlcnic_send_filter).
 */
#include <string.h>
#include <sys/param.h>

#include "announce.h"
#include "runner.h"
#include "settle.h"
#include "window.h"

#define ANNOUNCEMENTS	    3U
#define VF_ANNOUNCEMENTS    2U
#define UNREGISTERED_FRAMES 2U
#define REPORTS		    2U

/* A guest sends by its VF as soon as that is up. */
static enum nfp_receiver speaker(const struct runner *r)
{
	return r->up ? NFP_AT_VF : NFP_AT_PF;
}

/* Inside the NIC there is no switch that forgets what was announced. */
static bool may_announce_again(const struct runner *r)
{
	return r->config->announce && r->config->source->shows.outside &&
	       runner_may_speak(r, speaker(r));
}

static int announce_mac(struct runner *r, const struct nfp_mac *mac)
{
	/* A switch may shut a port for a new address, but not for one that it knows there. */
	r->announced |= r->step->step == NFP_STEP_STANDBY || r->step->step == NFP_STEP_VF_FIRST;
	if (speaker(r) == NFP_AT_PF)
		return r->wire.ops->announce(r->wire.ctx, NFP_AT_PF, mac, r->err);
	/* The driver may have taken the VF's netdev down for a moment. */
	(void)r->wire.ops->announce(r->wire.ctx, NFP_AT_VF, mac, NULL);
	return 0;
}

void runner_announce_last(struct runner *r)
{
	if (r->up && r->config->announce)
		(void)r->wire.ops->announce(r->wire.ctx, NFP_AT_VF, &r->address, NULL);
}

/* The time between two announcements, and between two reports. */
static uint64_t apart_ns(const struct runner *r)
{
	return r->network_ns / 8;
}

/* A report that cannot be sent shows as a group that does not arrive. */
static void report_group(struct runner *r)
{
	(void)r->wire.ops->report(r->wire.ctx, speaker(r), &r->address, runner_group(r), NULL);
}

static unsigned int num_reports(const struct runner *r, unsigned int num)
{
	bool reported = runner_group(r) && r->wire.ops->report;

	return reported && (r->pf_has_mac || r->up) ? num : 0;
}

void runner_announce_begin(struct runner *r, enum nfp_step step, uint64_t now_ns)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step];
	bool takes = nfp_row_makes(row, NFP_DO_ANNOUNCE), up = nfp_row_makes(row, NFP_DO_UP);

	r->announcements = r->unregistered = r->reports = 0;
	r->back_ns = 0;
	r->announce_ns = r->report_ns = now_ns;
	if (!r->config->announce || !runner_may_speak(r, speaker(r)))
		return;
	/* In `vf-first` the address was announced before the VF is plugged in. */
	takes &= !r->announced;
	r->announcements = takes ? ANNOUNCEMENTS : up ? VF_ANNOUNCEMENTS : 0;
	if (!r->config->source->shows.outside)
		return;
	r->reports = num_reports(r, takes || up ? REPORTS : 1);
	if (step != NFP_STEP_STANDBY)
		return;
	/* Give the test MAC time to arrive before it is announced: the PF's filter may need it. */
	r->announce_ns += r->network_ns;
	if (!nfp_styles[r->config->style].promiscuous)
		r->unregistered = UNREGISTERED_FRAMES;
}

/*
 * True if four fifths of the newest unicast before @end_ns reached the PF, over at least @least_ns
 * and one group of frames. Storm control, or a switch whose entry has aged, passes only a few.
 */
static bool is_flooded(const struct runner *r, uint64_t end_ns, uint64_t least_ns)
{
	struct nfp_count count = {0};
	const struct nfp_slice *slices;
	size_t num = nfp_accounting_slices(r->wire.accounting, r->action_ns, &slices);

	while (num && slices[num - 1].to_ns > end_ns)
		num--;
	end_ns = num ? slices[num - 1].to_ns : 0;
	while (num && (count.sent < NFP_SETTLE_GROUP || slices[num - 1].to_ns + least_ns > end_ns))
		nfp_count_add(&count, &slices[--num].count[NFP_KIND_UNICAST]);
	return count.sent >= NFP_SETTLE_GROUP && slices[num].from_ns + least_ns <= end_ns &&
	       count.at[NFP_AT_PF] * 5 >= count.sent * 4;
}

/* Nobody knows the test MAC unless the user chose it. */
void runner_look_for_flood(struct runner *r)
{
	const struct nfp_runner_config *config = r->config;
	const struct nfp_step_result *control = nfp_style_step(r->result, NFP_STEP_CONTROL);
	uint64_t end_ns = nfp_settle_final(r->wire.accounting, runner_now(r), r->up);

	if (config->source->shows.outside &&
	    nfp_mac_equal(&config->address, &config->address_first))
		return;
	r->result->floods |= is_flooded(r, end_ns, r->network_ns / 4) ||
			     (control &&
			      nfp_lands_at(control->w.landing[NFP_KIND_UNICAST], NFP_AT_PF) &&
			      control->w.count[NFP_KIND_UNICAST].sent >= NFP_SETTLE_GROUP);
}

static void report_when_due(struct runner *r)
{
	if (!r->reports || runner_now(r) < r->report_ns)
		return;
	r->reports--;
	report_group(r);
	r->report_ns = runner_now(r) + apart_ns(r);
}

static int announce_when_due(struct runner *r)
{
	bool soon = false;
	int ret = 0;

	if (!r->announcements && !r->unregistered)
		return 0;
	if (r->step->step == NFP_STEP_STANDBY && !r->announced &&
	    r->config->source->shows.outside) {
		runner_look_for_flood(r);
		soon = r->result->floods;
	}
	if (runner_now(r) < r->announce_ns && !soon)
		return 0;
	if (r->result->floods)
		r->unregistered = 0;
	if (r->announcements) {
		r->announcements--;
		ret = announce_mac(r, &r->address);
	} else if (r->unregistered) {
		/* It comes after the test MAC: a port may learn few addresses. */
		r->unregistered--;
		r->result->unregistered_announced = true;
		ret = announce_mac(r, &r->config->unregistered_mac);
	}
	r->announce_ns = runner_now(r) + apart_ns(r);
	return ret;
}

/* After a loss of carrier a switch may pass nothing for a while, in either direction. */
static bool is_passing(const struct runner *r)
{
	struct nfp_count count[NFP_KIND_COUNT];

	nfp_accounting_sum(r->wire.accounting, r->back_ns, UINT64_MAX, count);
	for (int kind = 0; kind < NFP_KIND_COUNT; kind++) {
		if (count[kind].at[NFP_AT_PF] || count[kind].at[NFP_AT_VF])
			return true;
	}
	return false;
}

static int announce(struct runner *r)
{
	if (!r->carrier)
		return 0;
	if (r->back_ns) {
		if (!is_passing(r))
			return 0;
		r->back_ns = 0;
		r->announce_ns = r->report_ns = runner_now(r);
	}
	report_when_due(r);
	return announce_when_due(r);
}

static uint64_t next_due_ns(const struct runner *r)
{
	uint64_t announce_ns = r->announcements || r->unregistered ? r->announce_ns : UINT64_MAX;

	if (r->back_ns)
		return UINT64_MAX;
	return MIN(announce_ns, r->reports ? r->report_ns : UINT64_MAX);
}

int announce_due(struct runner *r, struct window *w)
{
	int ret = announce(r);

	w->announce_ns = next_due_ns(r);
	return ret;
}

void announce_anew(struct runner *r, struct window *w)
{
	(void)w;
	if (r->spoke_again || !may_announce_again(r))
		return;
	r->spoke_again = true;
	r->reports = num_reports(r, REPORTS);
	r->back_ns = runner_now(r);
}

bool runner_announce_again(struct runner *r, unsigned int lacks, int *ret)
{
	bool group = lacks & RUNNER_KIND(NFP_KIND_MULTICAST) && num_reports(r, 1);
	/* Where the network floods, a new announcement reaches only a NIC that learns. */
	bool address = lacks & ~RUNNER_KIND(NFP_KIND_MULTICAST);

	if (!may_announce_again(r) || (!group && !address))
		return false;
	if (group)
		report_group(r);
	if (address)
		*ret = announce_mac(r, &r->address);
	return true;
}

/* ---- what comes back in at the standby's port ---- */

/* If the source is deaf, only the PF hears the announcements: they may have gone nowhere. */
void runner_reflections_count(struct runner *r)
{
	struct nfp_announced_count count[NFP_RECEIVER_COUNT];

	if (!r->wire.ops->announced)
		return;
	r->wire.ops->announced(r->wire.ctx, &r->address, count);
	for (int from = 0; from < NFP_RECEIVER_COUNT; from++) {
		struct nfp_reflection *reflection = &r->result->reflections[from];

		reflection->sent += count[from].sent;
		reflection->back += count[from].at_pf;
		if (!r->config->source->why_not_heard)
			reflection->shown += count[from].at_source_only;
	}
}

void runner_reflections_begin(struct runner *r)
{
	const struct nfp_earlier *earlier = runner_earlier(r);

	/* Announcements from before the ladder are not its own. */
	runner_reflections_count(r);
	memset(r->result->reflections, 0, sizeof(r->result->reflections));
	for (int from = 0; from < NFP_RECEIVER_COUNT && earlier; from++) {
		r->result->reflections[from].back_before = earlier->reflections[from].back;
		r->result->reflections[from].shown_before = earlier->reflections[from].shown;
	}
}

void runner_reflections_conclude(struct runner *r)
{
	struct nfp_earlier *earlier = runner_earlier(r);

	for (int from = 0; from < NFP_RECEIVER_COUNT && earlier; from++) {
		earlier->reflections[from].back += r->result->reflections[from].back;
		earlier->reflections[from].shown += r->result->reflections[from].shown;
	}
}
