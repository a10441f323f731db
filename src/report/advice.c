// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advice.c - what to do about a result: sentences, each with commands that can be copied. Pure.
 *
 * The VF that was probed is idle. A command that an admin keeps is for another VF and another
 * guest: it says GUEST_VF and GUEST_MAC, and the sentence says when it may be typed, since most of
 * these commands cut off a guest if they come too early.
 */
#include "report_priv.h"

#include <string.h>

/* What sentences call a style. */
static const struct {
	const char *with; /* "SAFE with .." */
	const char *the;  /* "Keep .." */
} nouns[NFP_STYLE_COUNT] = {
	[NFP_STYLE_MACVTAP] = {"macvtap", "macvtap"},
	[NFP_STYLE_BRIDGE] = {"a bridge", "the bridge"},
	[NFP_STYLE_BRIDGE_FDB] = {"a bridge and an entry", "the bridge and its entry"},
	[NFP_STYLE_STATIC_BRIDGE] = {"a static bridge", "the static bridge"},
	[NFP_STYLE_VF_BRIDGE] = {"a bridge on a second VF", "the bridge on a second VF"},
};

/* ---- the styles to use ---- */

static void advise_safe(struct nfp_advice *a, const struct nfp_style_summary summaries[])
{
	bool ipv6 = false;

	a->label = "Do";
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!summaries[style].num || summaries[style].verdict != NFP_VERDICT_SAFE)
			continue;
		nfp_append(&a->text, " or ", "%s%s", a->text.text[0] ? "" : "Use ",
			   nouns[style].with);
		ipv6 = ipv6 || nfp_styles[style].ipv6;
	}
	nfp_append(&a->text, "", ".");
	if (!ipv6)
		return;
	nfp_append(&a->text, " ", "* IPv6 needs this (it also lets the guest change its MAC)");
	nfp_append(&a->command, "",
		   "<interface type='direct' trustGuestRxFilters='yes'>    (libvirt)\n"
		   "ip link set MACVTAP allmulticast on    # without libvirt");
}

/* ---- a style that is not safe ---- */

/* A remedy that this run has proved; false: it has proved none. */
static bool advise_remedy(struct nfp_advice *a, const struct nfp_vf_result *vf,
			  enum nfp_style unsafe, const char *pf)
{
	bool lost;
	enum nfp_style style = nfp_best_remedy(vf, unsafe, &lost);

	if (style == NFP_STYLE_COUNT)
		return false;
	nfp_append(&a->text, "", "Keep %s%s", nouns[unsafe].the, lost ? ", IPv4 only" : "");
	if (style == NFP_STYLE_STATIC_BRIDGE) {
		nfp_append(&a->when, "", "from the guest's next start, static (state tested)");
		nfp_append(&a->command, "",
			   "<bridge macTableManager='libvirt'/>    (libvirt, in the network)\n"
			   "bridge link set dev %s learning off",
			   pf);
		return true;
	}
	nfp_append(&a->when, "", "once the guest runs here (entry tested)");
	nfp_append(&a->command, "",
		   "bridge fdb add GUEST_MAC dev %s self permanent    # del when it leaves", pf);
	if (!lost && nfp_styles[style].hook)
		nfp_append(&a->command, "\n", "LIBVIRT_HOOK=act    # libvirt's hook then does it");
	return true;
}

/* Each duty of the VF's manager, with its commands; they help only together. */
static const struct {
	enum nfp_requires what;
	const char *when;
	const char *lines; /* of the command; %s: the PF */
} duties[] = {
	{NFP_REQ_ASSIGN_AT_HOTPLUG, "once the guest runs, and not before",
	 "virsh attach-device GUEST vf.xml --live"},
	{NFP_REQ_ASSIGN_BEFORE_STANDBY,
	 "for each attach-device (libvirt starts guests in this order by itself); the guest is "
	 "offline meanwhile, and the third line is due even if the second fails",
	 "ip link set MACVTAP down\nvirsh attach-device GUEST vf.xml --live\n"
	 "ip link set MACVTAP up"},
	{NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	 "take the guest's address off the PF once its VF is up, and put it back before the VF is "
	 "unplugged (libvirt does neither)",
	 NULL},
	{NFP_REQ_DETACH_BEFORE_MIGRATION, "before each migration",
	 "virsh detach-device GUEST vf.xml --live"},
	{NFP_REQ_CLEAR_AT_UNPLUG, "when the guest has let go of its VF, and not before",
	 "ip link set %s vf GUEST_VF mac 00:00:00:00:00:00    # or an unused address"},
};

static void advise_duties(struct nfp_advice *a, const struct nfp_style_summary *summary,
			  const char *pf)
{
	const struct nfp_style_result *style = summary->worst;
	const char *the = nouns[style->style].the;
	size_t num = 0;

	for (size_t i = 0; i < NFP_NUM(duties); i++)
		num += !!(summary->requires & NFP_REQ_BIT(duties[i].what));
	nfp_append(&a->text, "", num > 1 ? "Keep %s; it takes all of these" : "Keep %s", the);
	for (size_t i = 0; i < NFP_NUM(duties); i++) {
		const char *lines = duties[i].lines ?: nfp_styles[style->style].let_go;
		const char *at = strstr(lines, "%s");
		bool lost, proved = nfp_proved_by(style, duties[i].what, &lost) != NFP_STEP_COUNT;

		if (!(summary->requires & NFP_REQ_BIT(duties[i].what)))
			continue;
		if (num > 1)
			nfp_append(&a->command, "\n", "# %s%s:", duties[i].when,
				   proved ? "" : " (not tested)");
		else
			nfp_append(&a->when, "", "%s (%stested)", duties[i].when,
				   proved ? "" : "not ");
		nfp_append(&a->command, "\n", "%.*s%s%s",
			   at ? (int)(at - lines) : (int)strlen(lines), lines, at ? pf : "",
			   at ? at + 2 : "");
	}
}

static void advise_unsafe(struct nfp_advice *a, const struct nfp_result *result,
			  const struct nfp_vf_result *vf, const struct nfp_style_summary *summary)
{
	const enum nfp_style style = summary->worst->style;
	const char *pf = result->pf.ifname;
	uint32_t needs = summary->requires;
	bool hopeless = needs & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE), any = false;

	switch (summary->verdict) {
	case NFP_VERDICT_INCONCLUSIVE:
		nfp_append(&a->text, "", "Mend that, and probe again");
		nfp_append(&a->command, "", "nfprobe %s --vf %u", pf, vf->vf);
		return;
	case NFP_VERDICT_UNTESTABLE:
		nfp_append(&a->text, "",
			   "Probe from the wire, another port of this host or another host");
		nfp_append(&a->command, "", "nfprobe %s --vf %u --from NETDEV", pf, vf->vf);
		return;
	default:
		break;
	}
	if (advise_remedy(a, vf, style, pf))
		return;
	for (size_t i = 0; i < NFP_NUM(duties); i++)
		any |= needs & NFP_REQ_BIT(duties[i].what);
	if (hopeless)
		nfp_append(&a->text, "",
			   "Do not use %s for failover: nothing the host can do helps.",
			   nouns[style].with);
	else if (any)
		advise_duties(a, summary, pf);
	else if (summary->verdict == NFP_VERDICT_SLOW)
		nfp_append(&a->text, "", "Keep %s if the guest can bear that outage.",
			   nouns[style].the);
	else
		nfp_append(&a->text, "", "Keep %s for guests without IPv6.", nouns[style].the);
}

/* ---- the whole ---- */

static void advise_near(struct nfp_advice *a, const struct nfp_vf_result *vf, const char *pf)
{
	bool early = vf->neighbours.from == NFP_IDLE_RESET;

	a->label = "Also";
	nfp_append(&a->text, "", "%s, or its neighbours on this NIC lose it",
		   early ? "Set the address when a guest starts here, and clear it"
			 : "Clear the address of a guest");
	nfp_append(&a->when, "", "once it has left");
	nfp_append(&a->command, "",
		   "ip link set %s vf GUEST_VF mac 00:00:00:00:00:00    # or an unused address",
		   pf);
}

size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     struct nfp_advice advice[NFP_ADVICE_MAX])
{
	struct nfp_style_summary summaries[NFP_STYLE_COUNT];
	bool safe = false;
	size_t num = 0;

	memset(advice, 0, NFP_ADVICE_MAX * sizeof(*advice));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		nfp_style_summarize(vf, style, &summaries[style]);
		safe |= summaries[style].num && summaries[style].verdict == NFP_VERDICT_SAFE;
	}
	if (safe)
		advise_safe(&advice[num++], summaries);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!summaries[style].num || summaries[style].verdict == NFP_VERDICT_SAFE)
			continue;
		advice[num].label = num ? "Or" : "Do";
		advise_unsafe(&advice[num++], result, vf, &summaries[style]);
	}
	if (vf->neighbours.verdict == NFP_NEAR_LOST)
		advise_near(&advice[num++], vf, result->pf.ifname);
	return num;
}
