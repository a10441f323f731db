// SPDX-License-Identifier: GPL-2.0-or-later
/* earlier.c - which ladder stands for which: what a NIC does to one standby it may not do to one
 * that takes the address otherwise. */
#include "runner_priv.h"

static enum nfp_takes takes_of(const struct nfp_runner_config *config)
{
	const struct nfp_style_row *style = &nfp_styles[config->style];

	if (style->macvlan && config->stations)
		return NFP_TAKES_STATION;
	if (!style->entry)
		return NFP_TAKES_ALL;
	return style->promiscuous ? NFP_TAKES_BOTH : NFP_TAKES_ENTRY;
}

bool runner_was_shown(const struct runner *r, enum nfp_earlier_fact what)
{
	const struct nfp_earlier *earlier = runner_earlier(r);

	return earlier && earlier->shown[what][takes_of(r->config)];
}

/* A promiscuous PF hides that its entry is lost, and an entry keeps all that the PF gets beside it.
 * A macvtap's own filter says nothing of the PF's. */
void runner_has_shown(const struct runner *r, enum nfp_earlier_fact what, bool alone)
{
	const enum nfp_takes takes = takes_of(r->config);
	struct nfp_earlier *earlier = runner_earlier(r);
	bool *shown;

	if (!earlier)
		return;
	shown = earlier->shown[what];
	shown[takes] = true;
	shown[NFP_TAKES_BOTH] |= takes == NFP_TAKES_ENTRY;
	for (enum nfp_takes other = 0; other < NFP_TAKES_STATION; other++)
		shown[other] |= alone && takes != NFP_TAKES_STATION;
}
