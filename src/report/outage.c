// SPDX-License-Identifier: GPL-2.0-or-later
#include "outage.h"

#include <stdio.h>
#include <string.h>

#include "nfprobe/ladder.h"

const char *nfp_outage_time(int64_t us, char *buf, size_t size)
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

static bool has_a_guest(enum nfp_step step)
{
	return step != NFP_STEP_STANDBY && step != NFP_STEP_VF_FIRST;
}

/* NULL: none was measured. Of two that are 0 the less certain one. */
static const struct nfp_transition *longest(const struct nfp_style_result *style,
					    enum nfp_listens listens)
{
	const struct nfp_transition *best = NULL;

	for (size_t i = 0; i < style->num_transitions; i++) {
		const struct nfp_transition *t = &style->transitions[i];
		const struct nfp_span *gap = &t->count[NFP_KIND_UNICAST].gap, *most;

		if (!gap->known || nfp_ladder[t->to].listens != listens || !has_a_guest(t->to))
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
	nfp_outage_time(unicast->gap.us, time, sizeof(time));
	nfp_outage_time(unicast->gap.error_us, error, sizeof(error));
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
