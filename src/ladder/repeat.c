// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t size_for(unsigned int asked)
{
	return sizeof(struct nfp_repeats) + asked * sizeof(struct nfp_round);
}

struct nfp_repeats *nfp_repeats_new(unsigned int asked)
{
	struct nfp_repeats *repeats = nfp_calloc(1, size_for(asked));

	repeats->asked = asked;
	repeats->worst = 1;
	return repeats;
}

struct nfp_repeats *nfp_repeats_copy(const struct nfp_repeats *repeats)
{
	return repeats ? memcpy(nfp_malloc(size_for(repeats->asked)), repeats,
				size_for(repeats->asked))
		       : NULL;
}

static int compare_values(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static struct nfp_summary summarize(const struct nfp_repeats *repeats, enum nfp_step to,
				    enum nfp_quantity quantity)
{
	struct nfp_summary s = {0};
	int64_t *values = nfp_calloc(repeats->made, sizeof(*values));

	for (size_t i = 0; i < repeats->made; i++) {
		const struct nfp_span *value = &repeats->rounds[i].step[to].values[quantity];

		if (value->known)
			values[s.num++] = value->us;
	}
	if (s.num) {
		qsort(values, s.num, sizeof(*values), compare_values);
		s.min = values[0];
		s.max = values[s.num - 1];
		s.median = (values[(s.num - 1) / 2] + values[s.num / 2]) / 2;
		s.p95 = values[(95 * s.num + 99) / 100 - 1];
	}
	free(values);
	return s;
}

static bool is_unstable(const struct nfp_repeats *repeats, struct nfp_unstable *u)
{
	unsigned int ways = 0;

	memset(u->landings, 0, sizeof(u->landings));
	for (size_t i = 0; i < repeats->made; i++) {
		const struct nfp_round_step *step = &repeats->rounds[i].step[u->step];

		if (step->made && u->landings[step->landing[u->kind]]++ == 0)
			ways++;
	}
	return ways > 1;
}

static void summarize_all(struct nfp_repeats *repeats)
{
	repeats->num_unstable = repeats->num_transitions = 0;
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		struct nfp_spread *spread = &repeats->transitions[repeats->num_transitions];

		for (enum nfp_kind kind = 0; kind < NFP_KINDS_HEARD; kind++) {
			struct nfp_unstable *u = &repeats->unstable[repeats->num_unstable];

			u->step = step;
			u->kind = kind;
			repeats->num_unstable += is_unstable(repeats, u);
		}
		spread->to = step;
		for (enum nfp_quantity q = 0; q < NFP_QUANTITY_COUNT; q++)
			spread->of[q] = summarize(repeats, step, q);
		/* Each ladder that made the transition counts what was lost in it. */
		repeats->num_transitions += spread->of[NFP_QUANTITY_LOST].num > 0;
	}
}

/* A ladder joins the others: what one of them requires or has lost, no other one takes back. */
static void join(const struct nfp_style_result *one, struct nfp_style_result *all)
{
	all->requires |= one->requires;
	if (all->neighbours.verdict == NFP_NEAR_NONE) /* only one ladder has its windows */
		all->neighbours = one->neighbours;
	if (all->multicast == NFP_MULTICAST_LOST ||
	    (one->multicast != NFP_MULTICAST_LOST && all->multicast != NFP_MULTICAST_OK))
		return;
	all->multicast = one->multicast;
	memcpy(all->multicast_note, one->multicast_note, sizeof(all->multicast_note));
}

int nfp_repeats_add(struct nfp_repeats *repeats, const struct nfp_style_result *round,
		    struct nfp_style_result *worst)
{
	struct nfp_round *kept = &repeats->rounds[repeats->made];
	bool first = repeats->made == 0, worse = first || round->verdict < worst->verdict;
	struct nfp_style_result all = *worst;

	if (repeats->made >= repeats->asked)
		return -ENOSPC;
	repeats->made++;
	repeats->verdicts[round->verdict]++;
	for (size_t i = 0; i < round->num_steps; i++) {
		struct nfp_round_step *step = &kept->step[round->steps[i].step];

		step->made = round->steps[i].status == NFP_STATUS_DONE;
		for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
			step->landing[kind] = (uint8_t)round->steps[i].landing[kind];
	}
	for (size_t i = 0; i < round->num_transitions; i++) {
		const struct nfp_transition *t = &round->transitions[i];
		const struct nfp_transition_count *unicast = &t->count[NFP_KIND_UNICAST];
		struct nfp_span *values = kept->step[t->to].values;

		values[NFP_QUANTITY_GAP] = unicast->gap;
		values[NFP_QUANTITY_ACK] = t->ack;
		values[NFP_QUANTITY_EFFECT] = unicast->effect;
		values[NFP_QUANTITY_LOST] = (struct nfp_span) {.known = true,
							       .us = (int64_t)unicast->lost};
	}
	summarize_all(repeats);
	if (worse) {
		*worst = *round;
		repeats->worst = repeats->made;
	}
	if (!first)
		join(worse ? &all : round, worst);
	worst->repeats = repeats;
	return 0;
}

const struct nfp_summary *nfp_repeats_gap(const struct nfp_repeats *repeats, enum nfp_step to)
{
	for (size_t i = 0; i < repeats->num_transitions; i++) {
		const struct nfp_spread *spread = &repeats->transitions[i];

		if (spread->to == to && spread->of[NFP_QUANTITY_GAP].num)
			return &spread->of[NFP_QUANTITY_GAP];
	}
	return NULL;
}

/* ---- a limit ---- */

bool nfp_gap_hurts(enum nfp_step to)
{
	return to != NFP_STEP_STANDBY && to != NFP_STEP_VF_FIRST;
}

const char *nfp_duration_text(int64_t us, char *buf, size_t size)
{
	double ms = (double)us / 1000;

	if (ms < 9.95)
		snprintf(buf, size, "%.1f ms", ms);
	else if (ms < 999.5)
		snprintf(buf, size, "%.0f ms", ms);
	else
		snprintf(buf, size, "%.2f s", ms / 1000);
	return buf;
}

bool nfp_gap_is_over(const struct nfp_transition *transition, uint64_t limit_us)
{
	const struct nfp_span *gap = &transition->count[NFP_KIND_UNICAST].gap;

	return gap->known && nfp_gap_hurts(transition->to) &&
	       gap->us - gap->error_us > (int64_t)limit_us;
}

const struct nfp_transition *nfp_gap_longest_over(const struct nfp_style_result *style,
						  uint64_t limit_us)
{
	const struct nfp_transition *longest = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];

		if (nfp_gap_is_over(t, limit_us) &&
		    (!longest ||
		     t->count[NFP_KIND_UNICAST].gap.us > longest->count[NFP_KIND_UNICAST].gap.us))
			longest = t;
	}
	return longest;
}

bool nfp_gap_limit(struct nfp_style_result *style, uint64_t limit_us, enum nfp_step *ret_step)
{
	const struct nfp_transition *longest = nfp_gap_longest_over(style, limit_us);
	char time[32], error[32], limit[32];
	const struct nfp_span *most;
	bool unsure = false;

	if (style->verdict != NFP_VERDICT_SAFE)
		return false;
	for (size_t i = 0; i < style->num_transitions && !longest; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap;

		if (gap->known && nfp_gap_hurts(t->to) &&
		    gap->us + gap->error_us > (int64_t)limit_us) {
			unsure = true;
			*ret_step = t->to;
		}
	}
	if (!longest)
		return unsure;
	most = &longest->count[NFP_KIND_UNICAST].gap;
	style->verdict = NFP_VERDICT_SLOW;
	snprintf(style->reason, sizeof(style->reason),
		 "frames land where they must, but the guest is deaf for %s (+-%s) in the change "
		 "to %s, and --gap-limit is %s",
		 nfp_duration_text(most->us, time, sizeof(time)),
		 nfp_duration_text(most->error_us, error, sizeof(error)),
		 nfp_step_name(longest->to),
		 nfp_duration_text((int64_t)limit_us, limit, sizeof(limit)));
	return false;
}

void nfp_gap_unsure_text(unsigned int vf, const char *label, unsigned int limit_ms,
			 enum nfp_step step, char *buf, size_t size)
{
	snprintf(buf, size,
		 "VF %u, %s: whether the guest is deaf for longer than %u ms in the change to %s "
		 "could not be determined; try a higher --rate",
		 vf, label, limit_ms, nfp_step_name(step));
}
