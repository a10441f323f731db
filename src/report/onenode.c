// SPDX-License-Identifier: GPL-2.0-or-later
/* onenode.c - what a run without the wire has shown, what only the wire shows, and what no run on
 * one node does. Pure. */
#include "report_priv.h"

/* The first style that has steps and whose frames came from inside the NIC. NULL: none. */
static const struct nfp_style_result *first_inside(const struct nfp_vf_result *vf)
{
	nfp_for_each (style, vf->styles, vf->num_styles)
		if (style->num_steps && nfp_is_inside(style))
			return style;
	return NULL;
}

/* Nobody was there to send. */
static bool is_without_source(const struct nfp_result *result)
{
	return result->error.code == NFP_E_NO_SOURCE && !result->vf.num_styles;
}

void nfp_one_node_print(struct nfp_writer *w, const struct nfp_result *result)
{
	const struct nfp_style_result *style = first_inside(&result->vf);
	const bool groups = style && (style->multicast == NFP_TRAIT_OK ||
				      style->multicast == NFP_TRAIT_LOST);

	if (!style && !is_without_source(result))
		return;
	if (style && nfp_silent_style(&result->vf))
		nfp_writer_sentence(w, "Seen", "Nothing: no frame arrived.");
	else if (style)
		nfp_writer_sentence(w, "Seen",
				    "Frames inside the NIC, in each state: unicast%sbroadcast%s.",
				    groups ? ", " : " and ", groups ? " and IPv6's group" : "");
	else
		nfp_writer_sentence(w, "Seen", "Nothing: nobody is there to send to %s.",
				    result->pf.ifname);
	nfp_writer_sentence(w, "Not",
			    "What other hosts send, and switches that follow a guest as it "
			    "migrates.");
}
