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

bool runner_knows_resets(const struct runner *r)
{
	const struct nfp_earlier *earlier = runner_earlier(r);

	return earlier && earlier->resets[takes_of(r->config)];
}

/* A promiscuous PF hides that its entry is lost; and it may have none, since some drivers write no
 * list in that mode (bnx2x_set_rx_mode_inner, be_set_uc_list). A macvtap's own filter says nothing
 * of the PF's. */
void runner_keep_resets(const struct runner *r, bool alone)
{
	const enum nfp_takes takes = takes_of(r->config);
	struct nfp_earlier *earlier = runner_earlier(r);

	if (!earlier)
		return;
	earlier->resets[takes] = true;
	for (enum nfp_takes other = 0; other < NFP_TAKES_STATION; other++)
		earlier->resets[other] |= alone && takes != NFP_TAKES_STATION;
}
