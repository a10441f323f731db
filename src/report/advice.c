// SPDX-License-Identifier: GPL-2.0-or-later
/* advice.c - what a landing or a verdict means for the user, and what to do about it. */
#include "report_priv.h"

#include <string.h>

/* The meaning of unicast that does not land where it should, for each step. */
static const char *const unfit_words[NFP_STEP_COUNT] = {
	[NFP_STEP_STANDBY] = "the standby is deaf even without a VF",
	[NFP_STEP_ATTACH] = "the guest boots deaf",
	[NFP_STEP_UP] = "the VF gets nothing",
	[NFP_STEP_ALONE] = "the VF gets nothing even alone",
	[NFP_STEP_UNPLUG] = "deaf while migrating",
	[NFP_STEP_DETACH] = "deaf without the VF",
	[NFP_STEP_CLEAR] = "deaf for good",
	[NFP_STEP_REASSIGN] = "the next guest boots deaf",
	[NFP_STEP_VF_FIRST] = "the migrated guest boots deaf",
	[NFP_STEP_VF_FIRST_UP] = "the VF gets nothing",
	[NFP_STEP_VF_FIRST_UNPLUG] = "deaf at the next migration",
};

static bool lands_at(enum nfp_landing landing, enum nfp_fit fit)
{
	return nfp_reaches(landing, nfp_receiver_of(fit)) == NFP_YES;
}

const char *nfp_advice_unfit(const struct nfp_step_result *step)
{
	enum nfp_fit fit = nfp_ladder[step->step].fit;
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];
	enum nfp_landing broadcast = step->landing[NFP_KIND_BROADCAST];
	bool known = step->fit != NFP_UNKNOWN;

	if (step->status != NFP_STATUS_DONE || fit == NFP_FIT_RECORDED || step->fit == NFP_YES)
		return NULL;
	if (step->unsettled)
		return "still changing at the end";
	if (unicast == NFP_LANDING_NONE)
		return "no unicast was sent";
	if (unicast == NFP_LANDING_MIXED)
		return "some frames arrive, some do not";
	if (!lands_at(unicast, fit))
		return known ? unfit_words[step->step] : "unknown";
	if (broadcast == NFP_LANDING_MIXED)
		return "only some broadcasts arrive";
	if (!lands_at(broadcast, fit))
		return "no broadcast";
	return known ? "no IPv6 multicast" : "only after it was announced again";
}

/* ---- what the standby sends ---- */

struct nfp_words nfp_advice_mute(const struct nfp_style_result *style, const char *ifname)
{
	struct nfp_words words = {.colour = NFP_RED};
	const char *between = " in ";

	if (style->transmit != NFP_TRANSMIT_DROPPED)
		return words;
	nfp_append(&words, "", "%s drops what the standby sends with the address", ifname);
	for (size_t i = 0; i < style->num_steps; i++) {
		if (style->steps[i].transmit != NFP_TRANSMIT_DROPPED)
			continue;
		nfp_append(&words, between, "%s", nfp_step_name(style->steps[i].step));
		between = ", ";
	}
	nfp_append(&words, ": ",
		   "there the guest cannot send through the standby (the verdict is about what it "
		   "receives)");
	return words;
}

/* ---- neighbours on the NIC ---- */

struct nfp_words nfp_advice_near(const struct nfp_vf_result *vf, const char *ifname)
{
	static const enum nfp_text_colour colours[NFP_NEAR_COUNT] = {
		[NFP_NEAR_UNPROVEN] = NFP_YELLOW, [NFP_NEAR_LOST] = NFP_RED};
	const struct nfp_near_result *n = &vf->neighbours;
	struct nfp_words words = {.colour = colours[n->verdict]};

	if (n->verdict == NFP_NEAR_NONE)
		return words;
	nfp_append(&words, "", "%s", nfp_near_name(n->verdict));
	if (n->verdict == NFP_NEAR_LOST)
		nfp_append(&words, " ",
			   "from %s until %s: a guest that is elsewhere does not get what %s and "
			   "other VFs send to it, while VF %u has its address",
			   nfp_idle_name(n->from), n->until ? nfp_idle_name(n->until) : "the end",
			   ifname, vf->vf);
	else if (n->verdict == NFP_NEAR_OK)
		nfp_append(&words, ": ",
			   "a guest that is elsewhere gets what %s sends to it, even while VF %u "
			   "has its address",
			   ifname, vf->vf);
	else
		nfp_append_known(&words, "", n->note);
	return words;
}

static void advise_near(struct nfp_advice *advice, const struct nfp_vf_result *vf, const char *pf)
{
	const struct nfp_near_result *n = &vf->neighbours;

	nfp_append(&advice->label, "", "Guests without a standby:");
	if (n->from == NFP_IDLE_RESET)
		nfp_append(&advice->words, "", "assign the address no sooner than the guest comes");
	nfp_append(&advice->words, "; ",
		   "clear it as soon as the guest has gone (ip link set %s vf %u mac "
		   "00:00:00:00:00:00)%s (nfprobe-verdicts(7), NEIGHBOURS)",
		   pf, vf->vf, n->until ? "" : " [not proved]");
}

/* ---- IPv6 ---- */

struct nfp_words nfp_advice_ipv6(const struct nfp_style_result *style, bool verbose)
{
	static const char *const sentences[NFP_MULTICAST_COUNT] = {
		[NFP_MULTICAST_UNTESTED] = "IPv6 was not tested (--no-multicast)",
		[NFP_MULTICAST_UNPROVEN] = "IPv6 was not proven",
		[NFP_MULTICAST_LOST] = "IPv6 multicast is lost",
	};
	bool lost = style->multicast == NFP_MULTICAST_LOST;
	struct nfp_words words = {.colour = lost ? NFP_RED : NFP_YELLOW};

	/* A reason that is about multicast says it already. */
	if (!sentences[style->multicast] || (lost && strstr(style->reason, "multicast")) ||
	    (!lost && !verbose && style->verdict != NFP_VERDICT_SAFE &&
	     style->verdict != NFP_VERDICT_SLOW))
		return words;
	nfp_append(&words, "", "%s", sentences[style->multicast]);
	if (style->multicast_note[0])
		nfp_append(&words, ": ", "%s", style->multicast_note);
	return words;
}

/* ---- what to do about a verdict ---- */

static void append_proof(struct nfp_words *words, const char *by, bool multicast_lost)
{
	nfp_append(words, " ", "[proved: %s%s]", by,
		   multicast_lost ? ", but IPv6 multicast is lost" : "");
}

/* A remedy that this run has proved; false: it has proved none. */
static bool advise_remedy(struct nfp_words *words, const struct nfp_vf_result *vf,
			  enum nfp_style unsafe, const char *pf)
{
	bool lost;
	enum nfp_style style = nfp_best_remedy(vf, unsafe, &lost);
	const struct nfp_style_row *row;
	const char *at;

	if (style == NFP_STYLE_COUNT)
		return false;
	row = &nfp_styles[style];
	at = strstr(row->remedy, "%s");
	nfp_append(words, "", "%.*s%s%s", (int)(at - row->remedy), row->remedy, pf, at + 2);
	if (!lost)
		nfp_append(words, " ", "[proved: %s is SAFE]", nfp_style_name(style));
	else
		append_proof(words, nfp_style_name(style), true);
	if (!lost && row->hook)
		nfp_append(words, "; ", "%s", row->hook);
	return true;
}

/* The duties of the VF's manager; nfprobe-verdicts(7) explains each item. */
static void advise_unfit(struct nfp_words *words, const struct nfp_style_summary *summary,
			 bool mended, const char *pf, unsigned int vf)
{
	const struct nfp_style_result *style = summary->worst;
	const char *between = mended ? "; or " : "";
	uint32_t needs = summary->requires;
	char number[16];
	const struct {
		enum nfp_requires what;
		const char *words[6];
	} duties[] = {
		{NFP_REQ_ASSIGN_AT_HOTPLUG,
		 {"attach the VF to the running guest (virsh attach-device --live)"}},
		{NFP_REQ_ASSIGN_BEFORE_STANDBY,
		 {"give the VF its address before the standby takes it (ip link set ", pf, " vf ",
		  number, " mac MAC, then the standby)"}},
		{NFP_REQ_RELEASE_STANDBY_WHEN_UP,
		 {"take the address off ", pf, " once the guest's VF is up",
		  nfp_styles[style->style].let_go,
		  ", and give it back before the VF is unplugged; libvirt does neither"}},
		{NFP_REQ_DETACH_BEFORE_MIGRATION,
		 {"detach the VF before migrating (virsh detach-device), rather than leave it to "
		  "QEMU's unplug"}},
		{NFP_REQ_CLEAR_AT_UNPLUG,
		 {"clear its address at unplug (ip link set ", pf, " vf ", number,
		  " mac 00:00:00:00:00:00)"}},
	};

	snprintf(number, sizeof(number), "%u", vf);
	/* A VF that cannot be used at all needs no further conditions. */
	for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++) {
		bool lost;
		enum nfp_step by = nfp_proved_by(style, duties[i].what, &lost);

		if (!(needs & NFP_REQ_BIT(duties[i].what)) ||
		    needs & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE))
			continue;
		for (const char *const *word = duties[i].words; *word; word++) {
			nfp_append(words, between, "%s", *word);
			between = "";
		}
		if (by == NFP_STEP_COUNT)
			nfp_append(words, " ", "[not proved]");
		else
			append_proof(words, nfp_step_name(by), lost);
		between = "; ";
	}
	if (needs & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE) && !mended)
		nfp_append(words, "; ",
			   "do not use it for failover: nothing the host can do helps");
	if (!words->text[0])
		nfp_append(words, "", "%s",
			   style->verdict == NFP_VERDICT_SLOW
				   ? "safe, except that a change takes too long"
			   : style->multicast == NFP_MULTICAST_LOST ? "see the reason above"
								    : "see the table above");
	if (nfp_styles[style->style].ipv6 && style->multicast != NFP_MULTICAST_LOST &&
	    !(needs & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)))
		nfp_append(words, "; ", "%s", nfp_styles[style->style].ipv6);
}

static bool has_style(const struct nfp_vf_result *vf, enum nfp_style style)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].style == style)
			return true;
	}
	return false;
}

/* Advice to use the safe styles, of which @safe is the first. */
static void advise_safe(struct nfp_advice *advice, const struct nfp_result *result,
			const struct nfp_vf_result *vf, const struct nfp_style_summary *summaries,
			enum nfp_style safe)
{
	const char *name = nfp_style_name(safe);
	bool sources = nfp_vf_has_sources(vf);
	size_t num_styles = 0, num_safe = 0;

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		num_styles += has_style(vf, style);
		num_safe += summaries[style].verdict == NFP_VERDICT_SAFE;
	}
	if (num_styles > 1 && num_safe == 1 && vf->verdict != NFP_VERDICT_SAFE) {
		nfp_append(&advice->label, "", "Use a %s standby:", name);
		/* A run with the usual settling time may end otherwise than a short one. */
		nfp_append(&advice->words, "", "nfprobe %s --vf %u --style %s%s%s   %s",
			   result->pf.ifname, vf->vf, name, sources ? " --from " : "",
			   sources ? result->settings.from : "",
			   result->settings.settle_short ? "tests it alone" : "exits 0");
		if (nfp_styles[safe].ipv6)
			nfp_append(&advice->words, "; ", "%s", nfp_styles[safe].ipv6);
		return;
	}
	nfp_append(&advice->label, "", "Fit for failover:");
	for (enum nfp_style style = safe; style < NFP_STYLE_COUNT; style++) {
		if (summaries[style].verdict != NFP_VERDICT_SAFE)
			continue;
		nfp_append(&advice->words, " and ", "with a %s standby", nfp_style_name(style));
	}
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!has_style(vf, style) && nfp_styles[style].usual)
			nfp_append(&advice->words, "; ", "a %s standby was not tested",
				   nfp_style_name(style));
	}
	for (enum nfp_style style = safe; style < NFP_STYLE_COUNT; style++) {
		if (summaries[style].verdict == NFP_VERDICT_SAFE && nfp_styles[style].ipv6)
			nfp_append(&advice->words, "; ", "%s", nfp_styles[style].ipv6);
	}
}

size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     struct nfp_advice advice[NFP_ADVICE_MAX])
{
	struct nfp_style_summary summaries[NFP_STYLE_COUNT];
	size_t num = 0;
	enum nfp_style safe = NFP_STYLE_COUNT;
	bool sources = nfp_vf_has_sources(vf);

	memset(advice, 0, NFP_ADVICE_MAX * sizeof(*advice));
	for (enum nfp_style style = NFP_STYLE_COUNT; style-- > 0;) {
		nfp_style_summarize(vf, style, &summaries[style]);
		if (summaries[style].verdict == NFP_VERDICT_SAFE)
			safe = style;
	}
	if (safe < NFP_STYLE_COUNT)
		advise_safe(&advice[num++], result, vf, summaries, safe);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_summary *summary = &summaries[style];
		const char *name = nfp_style_name(style);
		struct nfp_advice *a;
		bool mended;

		if (!summary->num || summary->verdict == NFP_VERDICT_SAFE)
			continue;
		a = &advice[num++];
		if (summary->verdict == NFP_VERDICT_INCONCLUSIVE ||
		    summary->verdict == NFP_VERDICT_UNTESTABLE) {
			nfp_append(&a->label, "", "No verdict on %s:", name);
			nfp_append(&a->words, "", "follow the reason above, then probe again");
		} else {
			nfp_append(&a->label, "",
				   safe < NFP_STYLE_COUNT ? "If it must be a %s:"
							  : "With a %s standby:",
				   name);
			mended = advise_remedy(&a->words, vf, style, result->pf.ifname);
			advise_unfit(&a->words, summary, mended, result->pf.ifname, vf->vf);
		}
		nfp_append(&a->words, " ", "(nfprobe-verdicts(7), %s%s%s)",
			   nfp_verdict_words(summary->verdict, false).text, sources ? " from " : "",
			   sources ? summary->worst->from.name : "");
	}
	if (vf->neighbours.verdict == NFP_NEAR_LOST)
		advise_near(&advice[num++], vf, result->pf.ifname);
	return num;
}
