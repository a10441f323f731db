// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <stdio.h>
#include <string.h>

#include "nfprobe/result.h"

/* NULL: none was measured. Of two that are 0 the less certain one. */
static const struct nfp_transition *longest(const struct nfp_style_result *style,
					    enum nfp_listens listens)
{
	const struct nfp_transition *best = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap, *most;

		if (!gap->known || nfp_ladder[t->to].listens != listens || !nfp_gap_hurts(t->to))
			continue;
		most = best ? &best->count[NFP_KIND_UNICAST].gap : NULL;
		if (!most || gap->us > most->us ||
		    (gap->us == most->us && gap->error_us > most->error_us))
			best = t;
	}
	return best;
}

/* Is the guest deaf in a settled state? */
static bool is_endless(const struct nfp_style_result *style, enum nfp_listens listens)
{
	enum nfp_landing alone = listens == NFP_LISTENS_PF ? NFP_LANDING_PF : NFP_LANDING_VF;

	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];
		enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];

		if (step->status == NFP_STATUS_DONE && nfp_ladder[step->step].listens == listens &&
		    unicast != alone && unicast != NFP_LANDING_BOTH)
			return true;
	}
	return false;
}

static void add(char *buf, size_t size, const struct nfp_style_result *style,
		enum nfp_listens listens)
{
	const char *who = listens == NFP_LISTENS_PF ? "standby" : "VF";
	const struct nfp_transition *t = longest(style, listens);
	const struct nfp_transition_count *unicast;
	char time[32], error[32];
	size_t used = strlen(buf);

	if (!t)
		return;
	unicast = &t->count[NFP_KIND_UNICAST];
	nfp_time_words(unicast->gap.us, time, sizeof(time));
	nfp_time_words(unicast->gap.error_us, error, sizeof(error));
	used += (size_t)snprintf(buf + used, size - used, "%s %s ",
				 used ? "," : "longest outage:", who);
	if (is_endless(style, listens))
		snprintf(buf + used, size - used, "without end");
	else if (unicast->gap.us == 0)
		snprintf(buf + used, size - used, "none above %s", error);
	else
		snprintf(buf + used, size - used, "%s (+-%s) %s %s", time, error,
			 unicast->gap_from_request ? "from" : "at", nfp_step_name(t->to));
}

void nfp_outage_words(const struct nfp_style_result *style, char *buf, size_t size)
{
	buf[0] = '\0';
	add(buf, size, style, NFP_LISTENS_PF);
	add(buf, size, style, NFP_LISTENS_VF);
}

/* ---- several ladders ---- */

void nfp_repeats_words(const struct nfp_repeats *repeats, char *buf, size_t size)
{
	unsigned int num[NFP_VERDICT_COUNT] = {0};
	size_t used;

	for (size_t i = 0; i < repeats->num; i++)
		num[repeats->rounds[i].verdict]++;
	used = (size_t)snprintf(buf, size, "%zu ladders:", repeats->num);
	for (enum nfp_verdict v = NFP_VERDICT_COUNT; v-- > 0;) {
		if (num[v] && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s %u %s",
						 buf[used - 1] == ':' ? "" : ",", num[v],
						 nfp_verdict_name(v));
	}
}

bool nfp_unstable_words(const struct nfp_repeats *repeats, size_t index, char *buf, size_t size)
{
	unsigned int num[NFP_LANDING_COUNT];
	const char *comma = "";
	size_t used;

	for (unsigned int i = 0; i < NFP_STEP_COUNT * NFP_KIND_STRANGER; i++) {
		enum nfp_step step = (enum nfp_step)(i / NFP_KIND_STRANGER);
		enum nfp_kind kind = (enum nfp_kind)(i % NFP_KIND_STRANGER);

		if (!nfp_repeats_landings(repeats, step, kind, num) || index--)
			continue;
		used = (size_t)snprintf(buf, size, "unstable: %s in %s lands", nfp_kind_name(kind),
					nfp_step_name(step));
		for (unsigned int l = 0; l < NFP_LANDING_COUNT && used < size; l++) {
			if (!num[l])
				continue;
			used += (size_t)snprintf(buf + used, size - used, "%s %s %u", comma,
						 nfp_landing_name((enum nfp_landing)l), num[l]);
			comma = ",";
		}
		return true;
	}
	return false;
}

bool nfp_gap_words(const struct nfp_repeats *repeats, size_t index, char *buf, size_t size)
{
	char min[32], median[32], p95[32], max[32];
	struct nfp_summary s;

	for (enum nfp_step to = 0; to < NFP_STEP_COUNT; to++) {
		if (!nfp_gap_hurts(to) ||
		    nfp_repeats_summary(repeats, to, NFP_QUANTITY_GAP, &s) != 0 || s.max == 0 ||
		    index--)
			continue;
		snprintf(buf, size, "deaf at %s: median %s, 95 %% within %s, %s to %s",
			 nfp_step_name(to), nfp_time_words(s.median, median, sizeof(median)),
			 nfp_time_words(s.p95, p95, sizeof(p95)),
			 nfp_time_words(s.min, min, sizeof(min)),
			 nfp_time_words(s.max, max, sizeof(max)));
		return true;
	}
	return false;
}
