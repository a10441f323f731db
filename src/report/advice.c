// SPDX-License-Identifier: GPL-2.0-or-later
/* advice.c - what a landing or a verdict means for a person, and what to do. */
#include "report_priv.h"

#include <stdio.h>
#include <string.h>

#include "nfprobe/result.h"

/* What an unfit landing of unicast means in each step. */
static const char *const unfit_words[NFP_STEP_COUNT] = {
	[NFP_STEP_STANDBY] = "the standby is deaf even without a VF",
	[NFP_STEP_ATTACH] = "the guest boots deaf",
	[NFP_STEP_UP] = "the VF gets nothing",
	[NFP_STEP_ALONE] = "the VF gets nothing even so",
	[NFP_STEP_UNPLUG] = "deaf while migrating",
	[NFP_STEP_DETACH] = "deaf without the VF",
	[NFP_STEP_CLEAR] = "deaf for good",
	[NFP_STEP_REASSIGN] = "the next guest boots deaf",
	[NFP_STEP_VF_FIRST] = "the migrated guest boots deaf",
	[NFP_STEP_VF_FIRST_UP] = "the VF gets nothing",
	[NFP_STEP_VF_FIRST_UNPLUG] = "deaf at the next migration",
};
/* ---- landings ---- */

static bool lands_at(enum nfp_landing landing, enum nfp_fit fit)
{
	return landing == NFP_LANDING_BOTH ||
	       landing == (fit == NFP_FIT_PF ? NFP_LANDING_PF : NFP_LANDING_VF);
}

/* If the control does not arrive either, silence says nothing about unicast. */
static bool silence_tells(enum nfp_landing broadcast, enum nfp_fit fit)
{
	if (fit == NFP_FIT_VF)
		return broadcast != NFP_LANDING_NOWHERE && broadcast != NFP_LANDING_NONE;
	return lands_at(broadcast, fit);
}

const char *nfp_advice_unfit(const struct nfp_step_result *step)
{
	enum nfp_fit fit = nfp_ladder[step->step].fit;
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];
	enum nfp_landing broadcast = step->landing[NFP_KIND_BROADCAST];

	if (step->status != NFP_STATUS_DONE || fit == NFP_FIT_RECORDED)
		return NULL;
	if (step->unsettled)
		return "changed to the end";
	if (unicast == NFP_LANDING_NONE)
		return "no unicast was sent";
	if (unicast == NFP_LANDING_MIXED)
		return "some frames arrive, some do not";
	if (!lands_at(unicast, fit))
		return silence_tells(broadcast, fit) ? unfit_words[step->step]
						     : "nor any broadcast: no answer";
	if (broadcast == NFP_LANDING_MIXED)
		return "broadcast arrives in part";
	return lands_at(broadcast, fit) ? NULL : "no broadcast";
}

/* ---- what the standby sends ---- */

const char *nfp_advice_mute(const struct nfp_style_result *style, const char *ifname,
			    char buf[NFP_MUTE_LEN])
{
	const char *between = " in ";

	buf[0] = '\0';
	if (style->transmit != NFP_TRANSMIT_DROPPED)
		return buf;
	snprintf(buf, NFP_MUTE_LEN, "%s drops what the standby sends with the address", ifname);
	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].transmit != NFP_TRANSMIT_DROPPED)
			continue;
		nfp_append(buf, NFP_MUTE_LEN, between, "%s", nfp_step_name(style->steps[i].step));
		between = ", ";
	}
	nfp_append(buf, NFP_MUTE_LEN, ": ",
		   "by the standby the guest is mute there (the verdict is about what it "
		   "receives)");
	return buf;
}

/* ---- what to do about a verdict ---- */

/* What whoever manages the VF must do; the manual explains each at length. */
static void advise_unfit(struct nfp_advice *advice, const struct nfp_style_result *style,
			 const char *pf, const char *vf)
{
	bool useless = (style->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)) != 0;
	const char *how = style->style == NFP_STYLE_FILTER ? " (ip link set macvtap0 down)" : "";
	char command[64], when[96];
	const char *const sentences[NFP_REQ_COUNT][3] = {
		[NFP_REQ_ASSIGN_AT_HOTPLUG] =
			{"attach the VF to the running guest (virsh attach-device --live)"},
		[NFP_REQ_ASSIGN_BEFORE_STANDBY] =
			{"give the VF its address before the standby takes it (", command,
			 "MAC, then the standby)"},
		[NFP_REQ_RELEASE_STANDBY_WHEN_UP] =
			{"take the address off ", when,
			 ", and give it back before the VF is unplugged; libvirt does neither"},
		[NFP_REQ_DETACH_BEFORE_MIGRATION] =
			{"take the VF away whole before migrating (virsh detach-device), not by "
			 "QEMU's unplug"},
		[NFP_REQ_CLEAR_AT_UNPLUG] = {"clear its address at unplug (", command,
					     "00:00:00:00:00:00)"},
		[NFP_REQ_DO_NOT_USE] =
			{"do not use it for failover: nothing that the host does helps"},
	};

	snprintf(command, sizeof(command), "ip link set %s vf %s mac ", pf, vf);
	snprintf(when, sizeof(when), "%s once the guest's VF is up%s", pf, how);
	for (unsigned int r = 0; r < NFP_REQ_COUNT; r++) {
		const char *const *s = sentences[r];

		/* A VF that cannot be used at all needs no further conditions. */
		if ((style->requires & NFP_REQ_BIT(r)) && s[0] &&
		    (!useless || r == NFP_REQ_DO_NOT_USE))
			nfp_append(advice->text, sizeof(advice->text), "; ", "%s%s%s", s[0],
				   s[1] ? s[1] : "", s[2] ? s[2] : "");
	}
	if (!advice->text[0])
		snprintf(advice->text, sizeof(advice->text), "%s",
			 style->verdict == NFP_VERDICT_SLOW
				 ? "safe but for the time that a change takes"
				 : "see the table above");
}

/* Advice to use the first safe style; if both are safe, it names both. */
static void advise_safe(struct nfp_advice *advice, const struct nfp_result *result,
			const struct nfp_vf_result *vf, const char *vfs, size_t safe,
			enum nfp_style style)
{
	const char *name = nfp_style_label(style);
	enum nfp_style other = style == NFP_STYLE_FILTER ? NFP_STYLE_PROMISC : NFP_STYLE_FILTER;

	snprintf(advice->label, sizeof(advice->label), "Fit for failover:");
	if (safe > 1) {
		snprintf(advice->text, sizeof(advice->text),
			 "with a macvtap standby and with a bridge standby");
	} else if (vf->num_styles == 1) {
		snprintf(advice->text, sizeof(advice->text),
			 "with a %s standby; a %s standby was not tested", name,
			 nfp_style_label(other));
	} else if (vf->verdict == NFP_VERDICT_SAFE) {
		snprintf(advice->text, sizeof(advice->text), "with a %s standby", name);
	} else {
		/* After a short settling time, nobody knows how a run with the usual one ends. */
		snprintf(advice->label, sizeof(advice->label), "Use a %s standby:", name);
		snprintf(advice->text, sizeof(advice->text), "nfprobe %s --vf %s --style %s   %s",
			 result->pf.ifname, vfs, name,
			 result->settings.settle_short ? "tests it alone" : "exits 0");
	}
}

size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     const char *vfs, struct nfp_advice advice[NFP_ADVICE_MAX])
{
	/* If several VFs share one sentence, N stands for each of them. */
	const char *number = strpbrk(vfs, ",-") ? "N" : vfs;
	size_t num = 0, safe = 0;

	memset(advice, 0, NFP_ADVICE_MAX * sizeof(*advice));
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].verdict == NFP_VERDICT_SAFE && safe++ == 0)
			num = 1;
	}
	for (size_t i = 0, told = 0; i < vf->num_styles && num < NFP_ADVICE_MAX; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		const char *name = nfp_style_label(style->style);
		struct nfp_advice *a = &advice[num];
		char verdict[48];

		if (style->verdict == NFP_VERDICT_SAFE && told++ == 0)
			advise_safe(&advice[0], result, vf, vfs, safe, style->style);
		if (style->verdict == NFP_VERDICT_SAFE ||
		    style->verdict == NFP_VERDICT_NOT_APPLICABLE)
			continue;
		if (style->verdict == NFP_VERDICT_INCONCLUSIVE ||
		    style->verdict == NFP_VERDICT_UNTESTABLE) {
			snprintf(a->label, sizeof(a->label), "No verdict on %s:", name);
			snprintf(a->text, sizeof(a->text),
				 "do what its line above says, then probe again");
		} else {
			snprintf(a->label, sizeof(a->label),
				 safe ? "If it must be a %s:" : "With a %s standby:", name);
			advise_unfit(a, style, result->pf.ifname, number);
		}
		nfp_verdict_words(style->verdict, false, verdict, sizeof(verdict));
		nfp_append(a->text, sizeof(a->text), " ", "(nfprobe-verdicts(7), %s)", verdict);
		num++;
	}
	return num;
}
