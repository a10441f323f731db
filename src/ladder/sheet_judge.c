// SPDX-License-Identifier: GPL-2.0-or-later
/* sheet_judge.c - answers the rows of a sheet from its facts, and finds what is wrong. Pure. */
#include "nfprobe/sheet.h"
#include "nfprobe/verdict.h"

#define FEW 3U /* frames with a forged source that show anything by their silence */

/* A control at the one that hears it: a VF, or the PF. */
static uint64_t frames_heard(const struct nfp_sheet_fact *fact, unsigned int slot)
{
	const struct nfp_count *count = &fact->window.count[slot];

	return slot == NFP_SLOT_ASKED ? count->at[NFP_AT_VF] : nfp_count_heard(count);
}

static enum nfp_answer guest_gets(const struct nfp_sheet_fact *fact, unsigned int slot)
{
	return nfp_arrived(fact->window.count[slot].sent, frames_heard(fact, slot));
}

static bool is_made(const struct nfp_sheet_fact *fact)
{
	return fact->window.status == NFP_STATUS_DONE;
}

/* Its key proves that a frame which was heard is ours: one is enough. */
static enum nfp_answer forged_answer(const struct nfp_sheet_fact *fact)
{
	if (!is_made(fact) || !frames_heard(fact, NFP_SLOT_OWN))
		return NFP_UNKNOWN;
	if (frames_heard(fact, NFP_SLOT_ASKED))
		return NFP_YES;
	return !fact->window.disturbed && fact->window.count[NFP_SLOT_ASKED].sent >= FEW &&
			       frames_heard(fact, NFP_SLOT_OWN) ==
				       fact->window.count[NFP_SLOT_OWN].sent &&
			       fact->carried == NFP_YES
		       ? NFP_NO
		       : NFP_UNKNOWN;
}

static bool is_forged(enum nfp_sheet_row row)
{
	return row == NFP_ROW_FORGED || row == NFP_ROW_FORGED_SIBLING;
}

static bool fact_has_controls(const struct nfp_sheet_fact *fact)
{
	return guest_gets(fact, NFP_SLOT_OWN) == NFP_YES &&
	       guest_gets(fact, NFP_KIND_BROADCAST) == NFP_YES;
}

/*
 * Where the network does not flood, the PF has announced the address: a switch in the NIC may have
 * learned it there, and give to the VF what it has learned nowhere. So only strangers that did not
 * come show anything.
 */
static bool needs_strangers(enum nfp_sheet_row row)
{
	return row == NFP_ROW_UNADDRESSED || row == NFP_ROW_PROMISC || row == NFP_ROW_OVERHEARS ||
	       row == NFP_ROW_KEEPS_PROMISC;
}

/* Nothing came, and it would have if the VF got it. */
static bool fact_is_silent(const struct nfp_sheet_fact *fact)
{
	/* A filter by hash lets some addresses pass: one frame that came is one too many. */
	return !frames_heard(fact, NFP_SLOT_ASKED) && fact->carried == NFP_YES &&
	       (fact->strangers || !needs_strangers(fact->window.state));
}

static enum nfp_answer answer_of_fact(const struct nfp_sheet_fact *fact)
{
	enum nfp_answer got = guest_gets(fact, NFP_SLOT_ASKED);

	if (!is_made(fact) && !fact->window.note[0])
		return NFP_UNASKED;
	if (is_forged(fact->window.state))
		return forged_answer(fact);
	if (!is_made(fact) || fact->window.disturbed || !fact_has_controls(fact) ||
	    (got == NFP_NO && !fact_is_silent(fact)))
		return NFP_UNKNOWN;
	if (fact->window.state == NFP_ROW_UNADDRESSED && fact->others != (got == NFP_YES ? 2U : 0U))
		return NFP_UNKNOWN;
	return got;
}

/* Was a guest that has asked for nothing not seen to go without, although the network brings it? */
static bool comes_unasked(const struct nfp_sheet_combination *c, enum nfp_sheet_row row)
{
	const struct nfp_sheet_fact *fresh = &c->rows[NFP_ROW_UNADDRESSED];
	const struct nfp_sheet_fact *groups = &c->rows[NFP_ROW_GROUP];

	if (row == NFP_ROW_KEEPS_GROUPS || row == NFP_ROW_ALLMULTI)
		return groups->window.answer >= NFP_UNKNOWN || groups->others;
	/* The others are the second address and the third. */
	return !is_made(fresh) || fresh->window.disturbed || !fact_has_controls(fresh) ||
	       c->rows[row].carried != NFP_YES || fresh->others ||
	       (frames_heard(fresh, NFP_SLOT_ASKED) && row != NFP_ROW_KEEPS_SECOND);
}

/* A row is neither granted nor kept if a guest that has asked for nothing gets it as well. */
static enum nfp_answer kept(const struct nfp_sheet_combination *c, enum nfp_sheet_row row)
{
	enum nfp_answer now = answer_of_fact(&c->rows[row]);

	return now == NFP_YES && comes_unasked(c, row) ? NFP_UNKNOWN : now;
}

/* Where the PF gets it as well, the NIC's uplink is promiscuous, and a VLAN has other filters. */
static bool gets_unaddressed(const struct nfp_sheet_combination *c, const struct nfp_result *result)
{
	const struct nfp_sheet_fact *fresh = &c->rows[NFP_ROW_UNADDRESSED];
	const struct nfp_sheet_fact *asked = &c->rows[NFP_ROW_PROMISC];
	const struct nfp_sheet_fact *fact = fresh->window.answer == NFP_YES ? fresh : asked;

	/* One address may have the right hash; not each of many. */
	if (fresh->window.answer != NFP_YES &&
	    (asked->window.answer != NFP_YES ||
	     (!asked->strangers && comes_unasked(c, NFP_ROW_PROMISC))))
		return false;
	return c->trust == 0 && !result->vf.probed_vlan && !result->pf.promiscuity &&
	       nfp_arrived(fact->window.count[NFP_SLOT_ASKED].sent,
			   fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_PF]) == NFP_NO;
}

/*
 * The frames to such an address go to a VF that nobody uses, and its guest may be on its standby by
 * then. A VF that is still promiscuous says nothing of addresses.
 */
static bool keeps_address(const struct nfp_sheet_combination *c)
{
	bool promisc = c->rows[NFP_ROW_KEEPS_PROMISC].window.answer != NFP_NO &&
		       c->rows[NFP_ROW_PROMISC].window.answer != NFP_NO;

	return !promisc && (c->rows[NFP_ROW_KEEPS_SECOND].window.answer == NFP_YES ||
			    c->rows[NFP_ROW_KEEPS_NEW].window.answer == NFP_YES);
}

static void judge(struct nfp_sheet_combination *c, const struct nfp_result *result)
{
	bool forged = false;

	nfp_for_each (fact, c->rows, c->num_rows) {
		fact->window.answer = fact->window.state >= NFP_ROW_KEEPS_SECOND ||
						      fact->window.state == NFP_ROW_ALLMULTI
					      ? kept(c, fact->window.state)
					      : answer_of_fact(fact);
		forged |= is_forged(fact->window.state) && fact->window.answer == NFP_YES;
	}
	c->findings = 0;
	if (!c->num_rows)
		return;
	if (forged && c->spoofchk == 1 && !c->unreset)
		c->findings |= 1U << NFP_FOUND_FORGED;
	if (gets_unaddressed(c, result))
		c->findings |= 1U << NFP_FOUND_UNADDRESSED;
	if (keeps_address(c))
		c->findings |= 1U << NFP_FOUND_KEPT;
}

void nfp_judge_sheet(struct nfp_result *result)
{
	for (size_t i = 0; i < result->sheet.num_combinations; i++)
		judge(&result->sheet.combinations[i], result);
}

bool nfp_sheet_stays(const struct nfp_sheet_result *sheet)
{
	bool stays = false;

	nfp_for_each (c, sheet->combinations, sheet->num_combinations) {
		const struct nfp_sheet_fact *rows = c->rows;

		stays |= frames_heard(&rows[NFP_ROW_KEEPS_SECOND], NFP_SLOT_ASKED) &&
			 !rows[NFP_ROW_UNADDRESSED].others;
	}
	return stays;
}

const char *nfp_sheet_doubt(const struct nfp_sheet_fact *fact)
{
	if (fact->window.note[0] || !is_made(fact))
		return fact->window.note[0] ? fact->window.note : "the sheet did not get there";
	if (fact->window.disturbed)
		return "the window was disturbed";
	if (is_forged(fact->window.state) && frames_heard(fact, NFP_SLOT_OWN) &&
	    frames_heard(fact, NFP_SLOT_OWN) == fact->window.count[NFP_SLOT_OWN].sent)
		return "the PF's frames with that source were not heard either, or not all of "
		       "them: the network may drop what it does not know";
	if (is_forged(fact->window.state))
		return "what the VF sends under its own address was not heard, or not all of it";
	if (!fact_has_controls(fact))
		return "the guest did not get its own frames or broadcast, or not all of them";
	if (fact->window.state == NFP_ROW_UNADDRESSED && fact->window.answer == NFP_UNKNOWN &&
	    (frames_heard(fact, NFP_SLOT_ASKED) || fact->others))
		return "some such addresses come and others do not: a filter by hash";
	if (!frames_heard(fact, NFP_SLOT_ASKED) && fact->carried == NFP_YES)
		return "nothing came, and the network brings only what was announced, which the "
		       "NIC "
		       "may have learned at the PF";
	if (!frames_heard(fact, NFP_SLOT_ASKED))
		return "nothing came, and the network was not shown to bring it to this port";
	if (guest_gets(fact, NFP_SLOT_ASKED) == NFP_YES)
		return "it comes to a guest that has never asked for it, too";
	return "some frames came and others did not";
}

int nfp_sheet_exit(const struct nfp_result *result)
{
	const struct nfp_settings *settings = &result->settings;
	bool unsafe = false, unknown = false, any = false;

	nfp_for_each (c, result->sheet.combinations, result->sheet.num_combinations) {
		unsafe |= c->findings != 0;
		nfp_for_each (fact, c->rows, c->num_rows) {
			enum nfp_answer answer = fact->window.answer;
			uint32_t bit = NFP_ROW_BIT(fact->window.state);

			any |= answer < NFP_UNKNOWN;
			if (!c->present || !((settings->require_yes | settings->require_no) & bit))
				continue;
			unknown |= answer >= NFP_UNKNOWN;
			unsafe |= answer == (settings->require_yes & bit ? NFP_NO : NFP_YES);
		}
	}
	return nfp_exit_of(unsafe, unknown || !any);
}
