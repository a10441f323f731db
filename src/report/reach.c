// SPDX-License-Identifier: GPL-2.0-or-later
/* reach.c - who on this host reaches the guest: as the run has tested it, or by the kernel's rules.
 * Pure. */
#include "report_priv.h"

#include <stdlib.h>
#include <string.h>

struct making {
	const struct nfp_advised *advised;
	struct nfp_reach *reach;
	size_t num;
};

static struct nfp_reach *add(struct making *m, const struct nfp_row *row, const char *from,
			     const char *guest, enum nfp_life_cell cell)
{
	struct nfp_reach *r;

	m->reach = nfp_reallocarray(m->reach, m->num + 1, sizeof(*r));
	r = &m->reach[m->num++];
	*r = (struct nfp_reach) {.row = *row, .from = from, .guest = guest, .cell = cell};
	return r;
}

static void add_rule(struct making *m, const struct nfp_row *row, const char *from,
		     const char *guest, const char *rule)
{
	struct nfp_reach *r = add(m, row, from, guest, NFP_CELL_LOST);

	r->shown = NFP_SHOWN_BY_RULE;
	r->rule = rule;
}

static enum nfp_life_cell cell_of(enum nfp_trait trait)
{
	static const enum nfp_life_cell cells[NFP_TRAIT_COUNT] = {
		[NFP_TRAIT_NONE] = NFP_CELL_UNTESTED,	 [NFP_TRAIT_UNTESTED] = NFP_CELL_UNTESTED,
		[NFP_TRAIT_UNPROVEN] = NFP_CELL_UNKNOWN, [NFP_TRAIT_OK] = NFP_CELL_OK,
		[NFP_TRAIT_LOST] = NFP_CELL_LOST,
	};

	return cells[trait];
}

/* Lost, but for a condition that is met by advice. */
static void add_tested(struct making *m, const struct nfp_row *row, const char *guest,
		       enum nfp_life_cell cell, enum nfp_need need)
{
	struct nfp_reach *r = add(m, row, "other-vf", guest, cell);

	r->shown = cell == NFP_CELL_UNTESTED ? NFP_SHOWN_NOT : NFP_SHOWN_TESTED;
	for (size_t i = 0; cell == NFP_CELL_LOST && i < m->advised->num_conditions; i++) {
		const struct nfp_condition *c = &m->advised->conditions[i];

		if (c->need != need || !nfp_row_equal(&c->row, row))
			continue;
		r->cell = NFP_CELL_OK_IF;
		memcpy(r->condition, c->id, sizeof(r->condition));
	}
}

/* In that state of a guest that is here. */
static enum nfp_life_cell here_cell(const struct nfp_here_result *here, enum nfp_step state)
{
	for (size_t i = 0; i < here->num_windows; i++) {
		const struct nfp_inside_window *window = &here->windows[i];

		if (window->step != state || window->status != NFP_STATUS_DONE)
			continue;
		return window->arrives == NFP_YES  ? NFP_CELL_OK
		       : window->arrives == NFP_NO ? NFP_CELL_LOST
						   : NFP_CELL_UNKNOWN;
	}
	return NFP_CELL_UNTESTED;
}

/* The kernel's rules go by the address, whatever VLAN a frame is in. */
static void add_rules(struct making *m, const struct nfp_style_row *kind, const struct nfp_row *row)
{
	if (kind->macvlan) {
		add_rule(m, row, "same-standby", "on-vf", "macvlan_queue_xmit");
		add_rule(m, row, "host", "on-standby", "macvlan_handle_frame");
	}
	if (kind->pinned)
		add_rule(m, row, "host", "on-vf", "net_failover_handle_frame");
}

size_t nfp_reach_of(const struct nfp_vf_result *vf, const struct nfp_advised *advised,
		    struct nfp_reach **ret_reach)
{
	struct making m = {.advised = advised};

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		const struct nfp_style_row *kind = &nfp_styles[style->style];
		struct nfp_row row = nfp_row_of(style);

		if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		if (style->here.verdict) {
			add_tested(&m, &row, "on-standby",
				   here_cell(&style->here, NFP_STEP_STANDBY), NFP_NEED_NEAR_ENTRY);
			add_tested(&m, &row, "on-vf", here_cell(&style->here, NFP_STEP_UP),
				   NFP_NEED_NEAR_ENTRY);
		}
		if (vf->elsewhere.verdict)
			add_tested(&m, &row, "elsewhere", cell_of(vf->elsewhere.verdict),
				   NFP_NEED_CLEARED);
		add_rules(&m, kind, &row);
		row.vlan = style->guest_vlan.vid;
		if (row.vlan)
			add_rules(&m, kind, &row);
	}
	*ret_reach = m.reach;
	return m.num;
}
