// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dry.c - --dry-run: a run on a host that changes nothing (struct nfp_backend_config, dry) and
 * sends nothing. It writes each command, and who would send what. Only a run can tell which source
 * auto would find, and what the verdicts would be.
 */
#include "run_priv.h"

/* Begins a part of the outline, which the caller names next. */
static struct nfp_outline *part(struct nfp_dry *dry)
{
	dry->heading = NULL;
	dry->depth = 1;
	return dry->out;
}

static unsigned int seconds(uint64_t ns)
{
	return (unsigned int)(ns / NFP_NSEC_PER_SEC);
}

/* A pinned style is no ladder of the run unless the user asked for it. */
static void append_styles(const struct nfp_run *run, char *buf, size_t size, uint32_t styles)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if ((styles & NFP_STYLE_BIT(style)) &&
		    (!nfp_styles[style].pinned || run->request->settings.styles[style]))
			nfp_appendf(buf, size, " %s", nfp_style_name(style));
	}
}

/* Begins with a VF that can be probed. The verdicts decide which of the fixes are tested. */
static void begin_dry(const struct nfp_run *run)
{
	struct nfp_dry *dry = run->dry;
	const struct nfp_vf_result *vf = &run->result->vf;
	uint64_t usual_ns = nfp_run_estimate(run, false), all_ns = nfp_run_estimate(run, true);

	nfp_outline_add(part(dry), 0,
			"A run on VF %u (%s) of %s would do this, in order, in about %u s. "
			"Nothing was changed.",
			vf->vf, vf->parentdev, run->pf->info.ifname, seconds(usual_ns));
	if (all_ns > usual_ns)
		nfp_outline_add(
			part(dry), 0,
			"Last come fixes, in the same way, %suntil one is safe: up to %u s more "
			"(none with --skip fix)",
			run->request->named ? "" : "if no style is safe, ",
			seconds(all_ns - usual_ns));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_row *row = &nfp_styles[style];
		char when[128] = "unless safe:";

		if (run->request->settings.styles[style] || !nfp_may_test(run, style))
			continue;
		append_styles(run, when, sizeof(when), row->fixes);
		if (row->needs_safe)
			nfp_appendf(when, sizeof(when), "; if safe:");
		append_styles(run, when, sizeof(when), row->needs_safe);
		nfp_outline_add(dry->out, dry->depth, "%s (%s)", nfp_style_name(style), when);
	}
	nfp_outline_add(part(dry), 0, "Before the first step");
}

/* ---- the source ---- */

static void append_netdevs(const struct nfp_roles_input *input, char *text, size_t size)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_roles_netdevs(input, links);

	for (size_t i = 0; i < num; i++)
		nfp_appendf(text, size, "%s%s", i ? ", " : "", links[i]->ifname);
	if (num)
		nfp_appendf(text, size, " (one broadcast frame each), if %s hears it; else ",
			    input->pf->info.ifname);
}

/* Writes whom auto asks, in order, as if nobody answered. */
static void append_auto(const struct nfp_run *run, char *text, size_t size)
{
	const char *pf = run->pf->info.ifname;
	struct nfp_roles_input input = nfp_run_roles_input(run);
	struct nfp_found found = {.asked_netdevs = false};
	struct nfp_roles roles = run->roles;
	struct nfp_err why;
	int ret;

	input.dry = false;
	input.found = &found;
	while ((ret = nfp_roles_pick_sender(&input, &roles, &why, NULL)) > 0) {
		switch (roles.query) {
		case NFP_QUERY_NETDEVS:
			append_netdevs(&input, text, size);
			found.asked_netdevs = true;
			break;
		case NFP_QUERY_PEER:
			nfp_appendf(text, size, "a reflector that %s asks for; else ", pf);
			found.asked_peer = true;
			break;
		case NFP_QUERY_NEIGHBOURS:
			if (nfp_source_neighbours(run, &found.neighbours, NULL) < 0)
				found.neighbours.n = 0;
			found.have_neighbours = true;
			break;
		case NFP_QUERY_ARP:
			nfp_appendf(text, size, "%s%s%s", found.num_arp++ ? ", " : "",
				    nfp_ipv4_str(&roles.neighbour.ip).text,
				    roles.neighbour.gateway ? " (a default gateway)" : "");
			break;
		case NFP_QUERY_NOBODY:
			break;
		}
	}
	if (found.num_arp)
		nfp_appendf(text, size, ", which %s asks by ARP; else ", pf);
	if (ret == 0)
		nfp_appendf(text, size, "VF %u (%s)", roles.sender->vf, roles.sender->ifname);
	else
		nfp_appendf(text, size, "none, and the run ends here");
}

/* Returns the VF that also sends if the neighbour answers its asker alone; NULL: none does, or no
 * neighbour may be the source. */
static const struct nfp_vf_info *second_sender(const struct nfp_run *run)
{
	static const struct nfp_mac elsewhere = {{0x02}};
	struct nfp_roles_input input = nfp_run_roles_input(run);
	struct nfp_found found = {.asked_netdevs = true, .asked_peer = true};
	struct nfp_roles roles = run->roles;
	struct nfp_err why;
	int ret;

	input.dry = false;
	input.found = &found;
	while ((ret = nfp_roles_pick_sender(&input, &roles, &why, NULL)) > 0) {
		if (roles.query == NFP_QUERY_ARP) {
			found.arp[found.num_arp++] = (struct nfp_arp_reply) {
				NFP_ARP_ANSWERS,
				roles.neighbour.have_mac ? roles.neighbour.mac : elsewhere};
			continue;
		}
		found.have_neighbours = true;
		if (nfp_source_neighbours(run, &found.neighbours, NULL) < 0)
			found.neighbours.n = 0;
	}
	return ret == 0 && roles.source == NFP_SOURCE_ARP_ALONE ? roles.sender : NULL;
}

void nfp_dry_source(const struct nfp_run *run)
{
	const struct nfp_vf_info *second = second_sender(run);
	const struct nfp_source_row *row = run->source.row;
	const struct nfp_from *from = &run->request->from;
	struct nfp_dry *dry = run->dry;
	char text[1024] = "";

	nfp_outline_add(part(dry), 0, "Source of the test frames (EtherType 0x88b5)");
	if (from->kind == NFP_FROM_AUTO)
		append_auto(run, text, sizeof(text));
	else
		nfp_appendf(text, sizeof(text), "%s: %s", from->text, row->meaning);
	nfp_outline_add(dry->out, 1, "%s", text);
	if (second)
		nfp_outline_add(dry->out, 1,
				"# VF %u (%s) also sends if the neighbour answers its asker alone",
				second->vf, second->ifname);
	nfp_outline_add(dry->out, 1,
			"%u unicast, %u broadcast and %u unregistered unicast frames a second%s",
			nfp_source_rate(run, row),
			nfp_rate_of(row, NFP_KIND_BROADCAST, nfp_source_on_ovs(run)),
			row->rate[NFP_KIND_UNREGISTERED],
			run->request->settings.multicast && row->shows.group ? ", and multicast"
									     : "");
}

/* ---- a ladder ---- */

void nfp_dry_style(const struct nfp_run *run, enum nfp_style style)
{
	nfp_outline_add(part(run->dry), 0, "%s, test address %s%s", nfp_style_name(style),
			nfp_mac_str(&run->style->address).text,
			run->request->have_mac ? "" : " (an example: each run draws one)");
	if (run->style->impossible_while[0])
		nfp_outline_add(run->dry->out, 1,
				"# not possible while %s: tested, and counts for nothing",
				run->style->impossible_while);
}

/* Writes what PF and VF would send in the step, after its changes. */
static void emit_sent(const struct nfp_run *run, enum nfp_step step)
{
	struct nfp_dry *dry = run->dry;
	const struct nfp_runner_config *ladder = dry->ladder;
	const struct nfp_ladder_row *row = &nfp_ladder[step];
	const char *pf = run->port.ifindex ? run->port.ifname : ladder->ifname;
	const char *report = ladder->multicast
				     ? ", and an MLDv2 report (if the source is on the wire)"
				     : "";
	struct nfp_netdev vf;
	const struct nfp_mac_text mac =
		nfp_mac_str(step < NFP_STEP_VF_FIRST ? &ladder->address : &ladder->address_first);

	if (!ladder->announce)
		return;
	if (nfp_row_makes(row, NFP_DO_ANNOUNCE))
		nfp_outline_add(dry->out, dry->depth, "# %s sends broadcast from %s%s", pf,
				mac.text, report);
	if (nfp_row_makes(row, NFP_DO_UP) && ladder->host.ops->netdev(ladder->host.ctx, &vf) == 0)
		nfp_outline_add(dry->out, dry->depth, "# %s sends broadcast from %s%s", vf.ifname,
				mac.text, report);
}

static void emit_step(struct nfp_dry *dry, enum nfp_step step)
{
	const struct nfp_ladder_row *row = &nfp_ladder[step];

	nfp_outline_add(dry->out, 1, "%s: %s%s", nfp_step_name(step), row->meaning,
			step == NFP_STEP_ALONE ? " (only if `up` was not served by the VF)"
			: row->once ? " (in one ladder only, if the VF keeps its frames there)"
				    : "");
	dry->depth = 2;
}

/* ---- the run ---- */

static void emit_command(struct nfp_dry *dry, const char *command)
{
	if (dry->heading) {
		nfp_outline_add(dry->out, dry->depth, "%s", dry->heading);
		dry->depth = 2;
		dry->heading = NULL;
	}
	nfp_outline_command(dry->out, dry->depth, command);
}

void nfp_dry_event(void *ctx, const struct nfp_event *event)
{
	struct nfp_dry *dry = ctx;
	const struct nfp_style_result *style = event->style;

	switch (event->what) {
	case NFP_EVENT_RUN:
		begin_dry(dry->run);
		break;
	case NFP_EVENT_WARNING:
		nfp_outline_add(dry->out, dry->depth, "# %s", event->text);
		break;
	case NFP_EVENT_CHANGE:
		emit_command(dry, event->text);
		break;
	case NFP_EVENT_LADDER:
		dry->ladder = event->config;
		break;
	case NFP_EVENT_STEP:
		emit_step(dry, event->step);
		break;
	case NFP_EVENT_WATCH:
		emit_sent(dry->run, event->step);
		break;
	case NFP_EVENT_LANDING:
		if (event->landing->w.note[0])
			nfp_outline_add(dry->out, dry->depth, "# %s", event->landing->w.note);
		break;
	case NFP_EVENT_JUDGED:
		dry->depth = 1;
		dry->heading = "then:";
		break;
	case NFP_EVENT_VERDICT:
		if (style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			nfp_outline_add(
				part(dry), 0, "%s: %s%s", nfp_style_name(style->style),
				nfp_is_impossible(style) ? "" : "not applicable: ", style->reason);
		break;
	default:
		break;
	}
}

void nfp_dry_end(struct nfp_dry *dry, const struct nfp_result *result)
{
	const struct nfp_err *why = &result->vf.error;
	size_t at = 0;
	char *command;

	if (why->code == NFP_E_NONE) {
		nfp_outline_add(part(dry), 0,
				"Then restore the VF: address, VLAN, driver and override, netdev; "
				"what ethtool and sysctl had set of that netdev is lost, and of "
				"another VF's that was moved what sysctl had (named above)");
		return;
	}
	if (dry->out->num == 0)
		nfp_outline_add(dry->out, 0, "A run would do nothing. Nothing was changed.");
	nfp_outline_add(part(dry), 0, "VF %u cannot be probed: %s", result->vf.vf, why->message);
	if (why->hint.text[0])
		nfp_outline_add(dry->out, 1, "%s", why->hint.text);
	while ((command = nfp_commands_line(&why->hint.commands, &at))) {
		nfp_outline_command(dry->out, 2, command);
		free(command);
	}
}
