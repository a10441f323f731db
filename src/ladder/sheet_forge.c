// SPDX-License-Identifier: GPL-2.0-or-later
/* sheet_forge.c - a guest that sends with a forged source, to the wire and to another VF. */
#include "sheet_priv.h"

#define WIRE_ROUNDS 2U /* with a forged source, in the present combination; else one */

/* A round of frames with a forged source, to the netdev behind the wire's source. @own: the source
 * of the controls. */
static int send_forged(struct sheet *s, const struct nfp_wire *wire, enum nfp_receiver at,
		       const struct nfp_mac *own, struct nfp_transmit_count *ret_count)
{
	int ret;

	wire->ops->transmit(wire->ctx, at, &s->config->forged, own);
	ret = wire->ops->pump(wire->ctx, runner_now(&s->r) + SHEET_HEARD_NS, wire->accounting,
			      s->r.err);
	wire->ops->transmitted(wire->ctx, ret_count);
	return ret < 0 ? ret : runner_check_changes(&s->r);
}

/* Does the network bring what this port sends from the forged source? A port may let only the
 * addresses pass that it knows. The PF sends it, which is no guest. */
static int vouch(struct sheet *s, bool *carried)
{
	struct nfp_transmit_count sent = {0};
	int ret = runner_check_stop(&s->r);

	if (ret)
		return ret;
	ret = send_forged(s, &s->r.wire, NFP_AT_PF, NULL, &sent);
	*carried &= !sent.drops && sent.tests && sent.heard_tests == sent.tests;
	return ret;
}

/* A round from the VF. */
static int forge(struct sheet *s, enum nfp_sheet_row row, const struct nfp_wire *wire)
{
	struct nfp_sheet_fact *fact = sheet_fact(s, row);
	struct nfp_transmit_count sent = {0};
	struct runner *r = &s->r;
	int ret = runner_check_stop(r);

	if (ret || s->result->forged + NFP_TRANSMIT_TESTS > NFP_SHEET_FORGED_MAX)
		return ret;
	ret = send_forged(s, wire, NFP_AT_VF, &s->own.address, &sent);
	s->result->forged += sent.tests;
	fact->window.status = NFP_STATUS_DONE;
	fact->window.disturbed |= sent.drops || r->blinked || r->step->changed;
	fact->window.count[NFP_SLOT_ASKED].sent += sent.tests;
	fact->window.count[NFP_SLOT_ASKED].at[NFP_AT_VF] += sent.heard_tests;
	fact->window.count[NFP_SLOT_OWN].sent += sent.controls;
	fact->window.count[NFP_SLOT_OWN].at[NFP_AT_VF] += sent.heard_controls;
	return ret;
}

/* The network must bring the forged source before and after what the VF sends. */
static int forge_to_wire(struct sheet *s)
{
	bool carried = true;
	int ret = vouch(s, &carried);

	for (unsigned int i = 0; i < (s->c->present ? WIRE_ROUNDS : 1) && !ret; i++)
		ret = forge(s, NFP_ROW_FORGED, &s->r.wire);
	ret = ret ?: vouch(s, &carried);
	if (carried)
		sheet_fact(s, NFP_ROW_FORGED)->carried = NFP_YES;
	return ret;
}

int sheet_wake_sibling(struct sheet *s, bool on)
{
	struct runner *r = &s->r;
	int ret = r->host.ops->sender(r->host.ctx, on, r->err);

	if (!ret || runner_is_own_error(r))
		return ret;
	sheet_explain_both(s, NFP_ROW_FORGED_SIBLING, NFP_ROW_OVERHEARS,
			   on ? "the other VF does not come up" : NULL);
	return 1;
}

int sheet_let_sibling_rest(struct sheet *s, int ret)
{
	int rests = sheet_wake_sibling(s, false);

	return ret || rests > 0 ? ret : rests;
}

int sheet_forge(struct sheet *s)
{
	const struct nfp_sheet_config *config = s->config;
	int ret;

	sheet_explain_both(s, NFP_ROW_FORGED, NFP_ROW_FORGED_SIBLING, config->no_forging);
	if (config->no_forging)
		return 0;
	ret = forge_to_wire(s);
	if (ret || !config->sibling.ops)
		return ret;
	if (!s->c->present) {
		sheet_explain(s, NFP_ROW_FORGED_SIBLING, "only tried in the VF's own combination");
		return 0;
	}
	ret = sheet_wake_sibling(s, true);
	if (ret)
		return ret < 0 ? ret : 0;
	/* No network is between the two. */
	sheet_fact(s, NFP_ROW_FORGED_SIBLING)->carried = NFP_YES;
	ret = forge(s, NFP_ROW_FORGED_SIBLING, &config->sibling);
	return sheet_let_sibling_rest(s, ret);
}
