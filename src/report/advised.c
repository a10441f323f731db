// SPDX-License-Identifier: GPL-2.0-or-later
/* advised.c - the advice on a result, and the conditions of its rows: their names, and look-up. */
#include "advice_priv.h"

#include <stdlib.h>

const struct nfp_names nfp_condition_names =
	NFP_NAMES("trust-guest-rx-filters", "all-groups-at-tap", "filter-entry", "pinned-at-tap",
		  "static-bridge", "static-tap", "assign-at-hotplug", "assign-before-standby",
		  "release-standby-when-up", "detach-before-migration", "clear-at-unplug",
		  "vlan-registered", "vlan-filter-off", "vlan-netdev-removed", "entry-removed",
		  "vf-address-cleared", "ipv6-unseen", "unused-vf-unseen", "trusted-vf-unseen");
const struct nfp_names nfp_whom_names = NFP_NAMES("all", "ipv4", "ipv6", "vlan", "host");
const struct nfp_names nfp_what_names = NFP_NAMES("use", "keep", "fix", "set", "avoid", "probe");
const struct nfp_names nfp_moment_names =
	NFP_NAMES("now", "guest-defined", "guest-starts-here", "guest-runs-here", "tap-back",
		  "vf-up", "vf-gone", "before-migration", "guest-elsewhere");
const struct nfp_names nfp_shown_names = NFP_NAMES(NULL, "tested", "kernel-rule", "untested");
const struct nfp_names nfp_lasts_names = NFP_NAMES(NULL, "run", "while-port", "until-reboot",
						   "for-good");
const struct nfp_names nfp_where_names = NFP_NAMES("host", "libvirt-xml");

const struct nfp_names nfp_fill_names = NFP_NAMES(GUEST, GUEST_MAC, GUEST_VF, MACVTAP, TAP, VF_XML,
						  UNUSED_MAC, VF_NETDEV, VETH);

void nfp_advised_fini(struct nfp_advised *advised)
{
	nfp_for_each (c, advised->conditions, advised->num_conditions)
		nfp_strv_fini(&c->met_by);
	free(advised->conditions);
	free(advised->advice);
	*advised = (struct nfp_advised) {0};
}

void nfp_condition_ids(const struct nfp_advised *advised, const struct nfp_row *row,
		       struct nfp_strv *to)
{
	nfp_for_each (c, advised->conditions, advised->num_conditions) {
		if (nfp_row_equal(&c->row, row))
			nfp_strv_addf(to, "%s", c->id);
	}
}

const struct nfp_condition *nfp_condition_of(const struct nfp_advised *advised,
					     const struct nfp_row *row, enum nfp_condition_id code)
{
	nfp_for_each (c, advised->conditions, advised->num_conditions) {
		if (c->code == code && nfp_row_equal(&c->row, row))
			return c;
	}
	return NULL;
}

struct nfp_advice nfp_advice_draft(const struct nfp_advising *m, const struct nfp_row *row)
{
	return (struct nfp_advice) {
		.row = *row,
		.rank = m->rank,
		.label = row->style < NFP_STYLE_COUNT ? nfp_style_name(row->style) : NULL,
	};
}

/* The pointer is void when another is added. */
struct nfp_advice *nfp_advice_add(struct nfp_advising *m, const struct nfp_advice *draft)
{
	struct nfp_advice *last = nfp_grow(m->to->advice, m->to->num_advice);

	*last = *draft;
	snprintf(last->id, sizeof(last->id), "a%zu", m->to->num_advice);
	return last;
}

struct nfp_advice *nfp_advise_other(struct nfp_advising *m, enum nfp_what what,
				    const struct nfp_style_result *style, const char *label,
				    const char *fmt, ...)
{
	static const struct nfp_row none = {NFP_STYLE_COUNT, NFP_STYLE_COUNT, 0};
	const struct nfp_row row = style ? nfp_row_of(style) : none;
	struct nfp_advice draft = nfp_advice_draft(m, &row);
	va_list ap;

	draft.what = what;
	draft.label = label;
	draft.shown = NFP_SHOWN_NOT;
	va_start(ap, fmt);
	vsnprintf(draft.sentence, sizeof(draft.sentence), fmt, ap);
	va_end(ap);
	return nfp_advice_add(m, &draft);
}
