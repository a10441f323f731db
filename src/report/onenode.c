// SPDX-License-Identifier: GPL-2.0-or-later
/* onenode.c - what a run without the wire has shown, what only the wire shows, and what no run on
 * one node does. Pure. */
#include "report_priv.h"

/* The first style that has steps and whose frames came from inside the NIC. NULL: none. */
static const struct nfp_style_result *first_inside(const struct nfp_vf_result *vf)
{
	for (size_t i = 0; i < vf->num_styles; i++)
		if (vf->styles[i].num_steps && nfp_is_inside(&vf->styles[i]))
			return &vf->styles[i];
	return NULL;
}

/* Nobody was there to send. */
static bool is_without_source(const struct nfp_result *result)
{
	return result->error.code == NFP_E_NO_SOURCE && !result->vf.num_styles &&
	       !result->sheet.num_combinations;
}

void nfp_one_node_print(struct nfp_writer *w, const struct nfp_result *result)
{
	const struct nfp_style_result *style = first_inside(&result->vf);
	struct nfp_words seen = {0};

	if (!style && !is_without_source(result))
		return;
	if (style)
		nfp_append(&seen, "", "Inside the NIC: unicast and broadcast");
	else
		nfp_append(&seen, "", "Nothing: nobody is there to send to %s.", result->pf.ifname);
	if (style &&
	    (style->multicast == NFP_MULTICAST_OK || style->multicast == NFP_MULTICAST_LOST))
		nfp_append(&seen, "", ", and IPv6's group");
	if (style)
		nfp_append(&seen, "", ", in each state.");
	nfp_writer_sentence(w, "Seen", seen.text);
	nfp_writer_sentence(w, "Wire",
			    "Only there: frames of other hosts, what leaves the NIC, guests "
			    "elsewhere.");
	nfp_writer_sentence(w, "Not",
			    "On no node alone: that switches follow a guest which migrates.");
}
