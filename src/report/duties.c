// SPDX-License-Identifier: GPL-2.0-or-later
/* duties.c - what the manager of a VF must do at which moment, as advice with its commands. Pure.
 */
#include "report_priv.h"

#include <stdlib.h>
#include <string.h>

/* The longest command with the time when it is due, so that both stand in one line. */
#define LINE_MAX_COLUMNS (80 - 7 - 6)

bool nfp_needs_trust(const struct nfp_style_result *style)
{
	return nfp_styles[style->style].ipv6 && style->multicast == NFP_MULTICAST_OK;
}

/* Each duty of the VF's manager; they help only together. */
static const struct {
	enum nfp_requires what;
	const char *when;
} duties[] = {
	{NFP_REQ_ASSIGN_AT_HOTPLUG, "only once the guest runs"},
	{NFP_REQ_ASSIGN_BEFORE_STANDBY, "before the standby has the address"},
	{NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	 "take the guest's address off the PF once its VF is up, and put it back before the VF is "
	 "unplugged; libvirt does neither"},
	{NFP_REQ_DETACH_BEFORE_MIGRATION, "before each migration"},
	{NFP_REQ_CLEAR_AT_UNPLUG, "when the guest has let go of its VF, and not before"},
};

void nfp_add_clearing(struct nfp_commands *to, const struct nfp_vf_result *vf, const char *pf)
{
	bool refused = false;

	for (size_t i = 0; i < vf->num_styles; i++)
		refused |= vf->styles[i].zero_refused;
	nfp_command_add(to, "ip link set %s vf %s mac %s", pf, GUEST_VF,
			refused ? "UNUSED_MAC" : NO_MAC);
	nfp_command_remark(to, "%s", refused ? "zero is refused" : "or an unused MAC");
}

static void add_virsh(struct nfp_commands *to, const char *what)
{
	nfp_command_add(to, "virsh %s %s vf.xml --live", what, GUEST);
}

static void add_macvtap(struct nfp_commands *to, const char *state)
{
	nfp_command_add(to, "ip link set %s %s", MACVTAP, state);
}

/* A macvtap can give the address back while the VF gets it. */
static const char at_hotplug[] =
	"libvirt starts a guest VF first, which works. For attach-device the guest is offline "
	"meanwhile; type the third line even if the second fails";

/* Takes the guest's address off the PF, and puts it back, where the standby is one that can. */
static void add_release(struct nfp_commands *to, enum nfp_style style)
{
	if (nfp_styles[style].macvlan) {
		add_macvtap(to, "down");
		nfp_command_remark(to, "the guest's VF is up");
		add_macvtap(to, "up");
		nfp_command_remark(to, "the VF will be unplugged");
	} else if (nfp_styles[style].uses & NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC)) {
		nfp_command_add(to, "bridge fdb del %s dev %s master", GUEST_MAC, TAP);
	}
}

static struct nfp_commands duty_commands(enum nfp_requires what, enum nfp_style style,
					 const struct nfp_vf_result *vf, const char *pf)
{
	struct nfp_commands to = {0};

	if (what == NFP_REQ_CLEAR_AT_UNPLUG) {
		nfp_add_clearing(&to, vf, pf);
	} else if (what == NFP_REQ_DETACH_BEFORE_MIGRATION) {
		add_virsh(&to, "detach-device");
	} else if (what == NFP_REQ_ASSIGN_AT_HOTPLUG) {
		add_virsh(&to, "attach-device");
	} else if (what == NFP_REQ_RELEASE_STANDBY_WHEN_UP) {
		add_release(&to, style);
	} else if (nfp_styles[style].macvlan) {
		add_macvtap(&to, "down");
		add_virsh(&to, "attach-device");
		add_macvtap(&to, "up");
	} else {
		nfp_command_add(&to, "ip link set %s vf %s mac %s", pf, GUEST_VF, GUEST_MAC);
	}
	return to;
}

static const char *proof_of(const struct nfp_style_result *style, enum nfp_requires what)
{
	enum nfp_multicast group;

	if (nfp_proved_by(style, what, &group) == NFP_STEP_COUNT)
		return "not tested";
	if (group == NFP_MULTICAST_LOST)
		return "tested, IPv4 only";
	return group == NFP_MULTICAST_UNPROVEN ? "tested, IPv6 unknown" : "tested";
}

/* The commands of a duty, one of several; before or behind them when each is due. */
static void add_duty(struct nfp_commands *to, const struct nfp_commands *commands, const char *when)
{
	char *text = nfp_commands_text(commands, "\n");
	bool fits = !strchr(text, '\n') && strlen(text) + strlen(when) <= LINE_MAX_COLUMNS;

	free(text);
	if (!commands->len)
		return;
	if (when[0] && !fits)
		nfp_command_heading(to, "%s:", when);
	nfp_commands_append(to, commands);
	if (when[0] && fits)
		nfp_command_remark(to, "%s", when);
}

bool nfp_advise_duties(struct nfp_advice *a, const struct nfp_vf_result *vf,
		       const struct nfp_style_result *style, const char *pf, bool vain)
{
	const enum nfp_style which = style->style;
	size_t num = 0;

	for (size_t i = 0; i < NFP_NUM(duties); i++)
		num += !!(style->requires & NFP_REQ_BIT(duties[i].what));
	if (!num)
		return false;
	nfp_append(&a->text, "", "Keep %s%s%s", nfp_style_words[which].the,
		   nfp_needs_trust(style) ? " (* trustGuestRxFilters='yes')" : "",
		   num > 1 ? "; all of these are needed" : "");
	for (size_t i = 0; i < NFP_NUM(duties); i++) {
		enum nfp_requires what = duties[i].what;
		bool hotplug = what == NFP_REQ_ASSIGN_BEFORE_STANDBY && nfp_styles[which].macvlan;
		const char *when = hotplug ? at_hotplug : duties[i].when;
		const struct nfp_commands commands = duty_commands(what, which, vf, pf);
		const char *proof = proof_of(style, what);
		bool tested = strcmp(proof, "tested") == 0;
		struct nfp_words due = {0};

		if (!(style->requires & NFP_REQ_BIT(what)))
			continue;
		if (num > 1)
			nfp_append(&due, "", "%s%s%s%s", when, tested ? "" : " (",
				   tested ? "" : proof, tested ? "" : ")");
		else
			nfp_append(&a->when, "", "%s (%s%s)", when, proof,
				   vain ? "; an entry does not help" : "");
		add_duty(&a->commands, &commands, due.text);
	}
	return true;
}
