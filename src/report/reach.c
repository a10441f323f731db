// SPDX-License-Identifier: GPL-2.0-or-later
/* reach.c - who reaches the guest, from the wire and from this host: as the run has tested it, or
 * by the kernel's rules. Pure. */
#include "report_priv.h"

#include <sys/param.h>

const struct nfp_names nfp_from_names = NFP_NAMES("wire", "other-vf", "host", "same-standby");

static struct nfp_reach *add_reach(struct nfp_answered *a, const struct nfp_row *row,
				   enum nfp_from_whom from, enum nfp_guest_place guest,
				   enum nfp_life_cell cell)
{
	struct nfp_reach *r;

	r = nfp_grow(a->reach, a->num_reach);
	*r = (struct nfp_reach) {
		.row = *row,
		.from = from,
		.guest = guest,
		.cell = cell,
		.shown = cell == NFP_CELL_UNTESTED ? NFP_SHOWN_NOT : NFP_SHOWN_TESTED,
	};
	return r;
}

/* ---- the wire: as the life has it ---- */

static enum nfp_life_cell on_standby(const struct nfp_life *life)
{
	static const enum nfp_life_column columns[] = {NFP_LIFE_ATTACH,	  NFP_LIFE_UNPLUG,
						       NFP_LIFE_DETACH,	  NFP_LIFE_CLEAR,
						       NFP_LIFE_REASSIGN, NFP_LIFE_VF_FIRST};
	enum nfp_life_cell worst = NFP_CELL_UNTESTED;

	for (size_t i = 0; i < NFP_NUM(columns); i++)
		worst = MIN(worst, life->cells[columns[i]]);
	return worst;
}

static void add_wire(struct nfp_answered *a, const struct nfp_life *life)
{
	add_reach(a, &life->row, NFP_FROM_WIRE, NFP_PLACE_ON_STANDBY, on_standby(life));
	add_reach(a, &life->row, NFP_FROM_WIRE, NFP_PLACE_ON_VF, life->cells[NFP_LIFE_UP]);
}

/* ---- this host ---- */

static enum nfp_life_cell cell_of_reach(const struct nfp_reached *reached)
{
	return reached->until_sent ? NFP_CELL_SLOW : nfp_cell_of(reached->trait);
}

/* The need that mends the loss; NFP_NEED_COUNT: none. */
static enum nfp_need need_of(enum nfp_sender sender, enum nfp_guest_place guest)
{
	if (guest == NFP_PLACE_ELSEWHERE)
		return sender == NFP_SENDER_OTHER_VF ? NFP_NEED_CLEARED_VF : NFP_NEED_CLEARED;
	return sender == NFP_SENDER_OTHER_VF && guest == NFP_PLACE_ON_STANDBY
		       ? NFP_NEED_OTHERS_ENTRY
		       : NFP_NEED_COUNT;
}

/* Lost, but for a condition that is met by advice. False: the row has none. */
static bool put_condition(const struct nfp_answered *a, struct nfp_reach *r, enum nfp_need need)
{
	nfp_for_each (c, a->advised.conditions, a->advised.num_conditions) {
		if (c->need != need || !nfp_row_equal(&c->row, &r->row))
			continue;
		nfp_strv_addf(&r->conditions, "%s", c->id);
		return true;
	}
	return false;
}

/* An entry of the PF's draws the frames of all that send by the NIC, wherever the guest is. */
static void put_conditions(const struct nfp_answered *a, struct nfp_reach *r,
			   enum nfp_sender sender)
{
	if (r->cell == NFP_CELL_LOST && put_condition(a, r, need_of(sender, r->guest)))
		r->cell = NFP_CELL_OK_IF;
	if (r->guest == NFP_PLACE_ELSEWHERE && r->cell >= NFP_CELL_OK_IF &&
	    r->cell != NFP_CELL_UNTESTED && put_condition(a, r, NFP_NEED_ENTRY_GONE))
		r->cell = NFP_CELL_OK_IF;
}

static void add_sender(struct nfp_answered *a, const struct nfp_life *life, enum nfp_sender sender,
		       enum nfp_guest_place guest)
{
	const struct nfp_reached reached = nfp_reached_by(&a->result->vf.elsewhere, life->style,
							  sender, guest);
	enum nfp_from_whom from = (enum nfp_from_whom)(NFP_FROM_WIRE + 1 + (int)sender);
	struct nfp_reach *r;

	/* No window has sent frames in the guest's VLAN. The rules go by the address. */
	if (life->row.vlan && !reached.rule)
		return;
	r = add_reach(a, &life->row, from, guest, cell_of_reach(&reached));
	r->rule = reached.rule;
	if (r->rule)
		r->shown = NFP_SHOWN_BY_RULE;
	else
		put_conditions(a, r, sender);
}

void nfp_reach_of(struct nfp_answered *a)
{
	nfp_for_each (life, a->life, a->num_life) {
		add_wire(a, life);
		for (enum nfp_sender s = 0; s < NFP_SENDER_COUNT; s++) {
			for (enum nfp_guest_place at = 0; at < NFP_PLACE_COUNT; at++)
				add_sender(a, life, s, at);
		}
	}
}

/* ---- as text ---- */

void nfp_reach_note(struct nfp_strv *notes, const struct nfp_vf_result *vf,
		    const struct nfp_style_result *style, const char *ifname)
{
	const struct nfp_reached guests = nfp_reached_by(&vf->elsewhere, style,
							 NFP_SENDER_SAME_STANDBY, NFP_PLACE_ON_VF),
				 host = nfp_reached_by(&vf->elsewhere, style, NFP_SENDER_HOST,
						       NFP_PLACE_ON_STANDBY);
	bool macvtap = nfp_styles[style->style].macvlan;
	char port[NFP_PORT_LEN];

	/* The host itself is what an admin tries first. */
	if (macvtap && host.trait == NFP_TRAIT_LOST)
		nfp_strv_addf(
			notes,
			"This host cannot reach a guest on its standby, except by a macvlan of %s",
			ifname);
	if (guests.trait == NFP_TRAIT_LOST && !guests.until_sent && macvtap)
		nfp_strv_addf(notes,
			      "Guests on %s's other macvtaps do not reach a guest that uses its VF",
			      nfp_port_name(style, ifname, port));
	if (guests.trait == NFP_TRAIT_LOST && !guests.until_sent && !macvtap)
		nfp_strv_addf(notes, "This host and guests on the same bridge do not reach a guest "
				     "that uses its VF");
}

static void put_row(struct nfp_grid *grid, const struct nfp_vf_result *vf,
		    const struct nfp_style_result *style, enum nfp_sender sender)
{
	static const char *const names[NFP_SENDER_COUNT] = {
		[NFP_SENDER_OTHER_VF] = "another VF",
		[NFP_SENDER_HOST] = "this host",
		[NFP_SENDER_SAME_STANDBY] = "same standby",
	};

	nfp_grid_cell(grid, NFP_PLAIN, "%s", names[sender]);
	for (enum nfp_guest_place at = 0; at < NFP_PLACE_COUNT; at++) {
		const struct nfp_reached reached = nfp_reached_by(&vf->elsewhere, style, sender,
								  at);
		enum nfp_life_cell cell = cell_of_reach(&reached);

		nfp_grid_cell(grid, nfp_cell_words[cell].colour, "%s%s", nfp_cell_words[cell].word,
			      reached.rule ? " (rule)" : "");
	}
}

void nfp_reach_print(struct nfp_writer *w, const struct nfp_vf_result *vf,
		     const struct nfp_style_result *style)
{
	static const char *const headings[] = {"sender", "on standby", "on VF", "elsewhere"};
	struct nfp_grid grid = {.indent = 2};

	for (size_t c = 0; c < NFP_NUM(headings); c++)
		nfp_grid_column(&grid, false, headings[c]);
	for (enum nfp_sender s = 0; s < NFP_SENDER_COUNT; s++)
		put_row(&grid, vf, style, s);
	(void)nfp_writer_grid(w, &grid);
}
