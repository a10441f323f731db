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

/* ---- a list of pieces ---- */

static struct nfp_advice *add(struct nfp_advices *advices, const char *between)
{
	struct nfp_advice *added;

	advices->v = nfp_reallocarray(advices->v, advices->num + 1, sizeof(*advices->v));
	added = &advices->v[advices->num++];
	*added = (struct nfp_advice) {.between = between};
	return added;
}

/* One of the row with this label, which is a condition where @when says so. */
static struct nfp_advice *add_to(struct nfp_advices *advices, const char *label, const char *when,
				 const char *between)
{
	struct nfp_advice *added = add(advices, between);

	nfp_append(&added->label, "", "%s", label);
	nfp_append_known(&added->when, "", when);
	return added;
}

/* Appends @words with the PF for %p, and the number of the VF for %v. */
static void append_for(struct nfp_words *to, const char *words, const char *pf, unsigned int vf)
{
	for (; *words; words++) {
		if (*words != '%')
			nfp_append(to, "", "%c", *words);
		else if (*++words == 'p')
			nfp_append(to, "", "%s", pf);
		else
			nfp_append(to, "", "%u", vf);
	}
}

static void advise_near(struct nfp_advices *advices, const struct nfp_vf_result *vf, const char *pf)
{
	static const char label[] = "Guests without a standby:",
			  who[] = "for guests without a standby";
	const struct nfp_near_result *n = &vf->neighbours;
	struct nfp_advice *a;

	if (n->from == NFP_IDLE_RESET) {
		a = add_to(advices, label, who, "");
		nfp_append(&a->text, "", "assign the address no sooner than the guest comes");
	}
	a = add_to(advices, label, who, "; ");
	nfp_append_known(&a->when, "", "as soon as the guest has gone");
	nfp_append(&a->text, "", "clear it as soon as the guest has gone");
	nfp_append(&a->alone, "", "clear the VF's address as soon as the guest has gone");
	nfp_append(&a->command, "", "ip link set %s vf %u mac 00:00:00:00:00:00", pf, vf->vf);
	if (!n->until)
		nfp_append(&a->proof, "", "[not proved]");
	nfp_append(&a->see, "", "NEIGHBOURS");
}

/* ---- IPv6 ---- */

struct nfp_words nfp_advice_ipv6(const struct nfp_style_result *style, bool verbose)
{
	static const char *const sentences[NFP_MULTICAST_COUNT] = {
		[NFP_MULTICAST_UNTESTED] = "IPv6 was not tested (--skip multicast)",
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

static void set_proof(struct nfp_advice *a, const char *by, bool multicast_lost)
{
	nfp_append(&a->proof, " ", "[proved: %s%s]", by,
		   multicast_lost ? ", but IPv6 multicast is lost" : "");
}

/* The label of the row on an unsafe style, and the condition that it is. */
struct case_of_style {
	char label[64], when[64];
};

/* A remedy that this run has proved; false: it has proved none. Its row has the command in
 * parentheses at the end. */
static bool advise_remedy(struct nfp_advices *advices, const struct case_of_style *of,
			  const struct nfp_vf_result *vf, enum nfp_style unsafe, const char *pf)
{
	bool lost;
	enum nfp_style style = nfp_best_remedy(vf, unsafe, &lost);
	const struct nfp_style_row *row;
	struct nfp_advice *a;

	if (style == NFP_STYLE_COUNT)
		return false;
	row = &nfp_styles[style];
	a = add_to(advices, of->label, of->when, "");
	append_for(&a->text, row->remedy, pf, vf->vf);
	if (row->remedy_command)
		append_for(&a->command, row->remedy_command, pf, vf->vf);
	if (!lost)
		nfp_append(&a->proof, "", "[proved: %s is SAFE]", nfp_style_name(style));
	else
		set_proof(a, nfp_style_name(style), true);
	if (!lost && row->hook) {
		a = add_to(advices, of->label, of->when, "; ");
		nfp_append(&a->text, "", "%s", row->hook);
	}
	return true;
}

/* What a manager must do, and when; nfprobe-verdicts(7) explains each. With %p and %v. @command:
 * NULL: it depends on the style. */
static const struct {
	enum nfp_requires what;
	const char *text, *command, *when;
} duties[] = {
	{NFP_REQ_ASSIGN_AT_HOTPLUG, "attach the VF to the running guest",
	 "virsh attach-device --live", "while the guest runs"},
	{NFP_REQ_ASSIGN_BEFORE_STANDBY, "give the VF its address before the standby takes it",
	 "ip link set %p vf %v mac MAC", "before the standby has the address"},
	{NFP_REQ_RELEASE_STANDBY_WHEN_UP,
	 "take the address off %p once the guest's VF is up, and give it back before the VF is "
	 "unplugged; libvirt does neither",
	 NULL, "once the guest's VF is up"},
	{NFP_REQ_DETACH_BEFORE_MIGRATION,
	 "detach the VF before migrating, rather than leave it to QEMU's unplug",
	 "virsh detach-device", "before migrating"},
	{NFP_REQ_CLEAR_AT_UNPLUG, "clear its address at unplug",
	 "ip link set %p vf %v mac 00:00:00:00:00:00", "at unplug"},
};

/* All of them are needed, or none helps. */
static size_t advise_duties(struct nfp_advices *advices, const struct case_of_style *of,
			    const struct nfp_style_summary *summary, bool mended, const char *pf,
			    unsigned int vf)
{
	const struct nfp_style_result *style = summary->worst;
	const char *between = mended ? "; or " : "";
	size_t num = 0;

	/* A VF that cannot be used at all needs no further conditions. */
	if (summary->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE))
		return 0;
	for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++) {
		struct nfp_advice *a;
		bool lost;
		enum nfp_step by = nfp_proved_by(style, duties[i].what, &lost);

		if (!(summary->requires & NFP_REQ_BIT(duties[i].what)))
			continue;
		a = add_to(advices, of->label, of->when, between);
		nfp_append_known(&a->when, "", duties[i].when);
		append_for(&a->text, duties[i].text, pf, vf);
		append_for(&a->command, duties[i].command ?: nfp_styles[style->style].let_go, pf,
			   vf);
		if (by == NFP_STEP_COUNT)
			nfp_append(&a->proof, "", "[not proved]");
		else
			set_proof(a, nfp_step_name(by), lost);
		between = "; ";
		num++;
	}
	return num;
}

/* Says what holds for any style that is not safe, whatever helps. */
static void advise_besides(struct nfp_advices *advices, const struct case_of_style *of,
			   const struct nfp_style_summary *summary, bool helped, bool mended)
{
	const struct nfp_style_result *style = summary->worst;
	const char *ipv6 = nfp_styles[style->style].ipv6;
	bool useless = summary->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	struct nfp_advice *a;

	if (useless && !mended) {
		a = add_to(advices, of->label, of->when, "; ");
		nfp_append(&a->text, "",
			   "do not use it for failover: nothing the host can do helps");
	} else if (!helped && !mended) {
		a = add_to(advices, of->label, of->when, "; ");
		nfp_append(&a->text, "", "%s",
			   style->verdict == NFP_VERDICT_SLOW
				   ? "safe, except that a change takes too long"
			   : style->multicast == NFP_MULTICAST_LOST ? "see the reason above"
								    : "see the table above");
		if (style->verdict != NFP_VERDICT_SLOW)
			nfp_append(&a->alone, "", "see the reason for the verdict");
	}
	if (ipv6 && style->multicast != NFP_MULTICAST_LOST && !useless)
		nfp_append(&add_to(advices, of->label, of->when, "; ")->text, "", "%s", ipv6);
}

static void advise_unsafe(struct nfp_advices *advices, const struct nfp_result *result,
			  const struct nfp_vf_result *vf, const struct nfp_style_summary *summary,
			  bool any_safe)
{
	const char *name = nfp_style_name(summary->worst->style), *pf = result->pf.ifname;
	struct case_of_style of = {.label = ""};
	bool mended, helped;

	snprintf(of.label, sizeof(of.label),
		 any_safe ? "If it must be a %s:" : "With a %s standby:", name);
	snprintf(of.when, sizeof(of.when), any_safe ? "if it must be a %s" : "with a %s standby",
		 name);
	mended = advise_remedy(advices, &of, vf, summary->worst->style, pf);
	helped = advise_duties(advices, &of, summary, mended, pf, vf->vf) > 0;
	advise_besides(advices, &of, summary, helped, mended);
}

static void advise_unknown(struct nfp_advices *advices, const struct nfp_style_summary *summary)
{
	struct nfp_advice *a = add(advices, "");

	nfp_append(&a->label, "", "No verdict on %s:", nfp_style_name(summary->worst->style));
	nfp_append(&a->text, "", "follow the reason above, then probe again");
	nfp_append(&a->alone, "", "no verdict on %s: follow the reason, then probe again",
		   nfp_style_name(summary->worst->style));
}

static bool has_style(const struct nfp_vf_result *vf, enum nfp_style style)
{
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].style == style)
			return true;
	}
	return false;
}

/* Use the one style that is safe. */
static void advise_one(struct nfp_advices *advices, const struct nfp_result *result,
		       const struct nfp_vf_result *vf, enum nfp_style safe)
{
	const char *name = nfp_style_name(safe), *ipv6 = nfp_styles[safe].ipv6;
	struct nfp_advice *a = add(advices, "");
	char label[64];

	snprintf(label, sizeof(label), "Use a %s standby:", name);
	nfp_append(&a->label, "", "%s", label);
	nfp_append(&a->alone, "", "use a %s standby", name);
	nfp_append(&a->command, "", "nfprobe %s --vf %u --style %s", result->pf.ifname, vf->vf,
		   name);
	/* A run with the usual settling time may end otherwise than a short one. */
	nfp_append(&a->proof, "", "  %s",
		   result->settings.settle_short ? "tests it alone" : "exits 0");
	if (ipv6)
		nfp_append(&add_to(advices, label, "", "; ")->text, "", "%s", ipv6);
}

/* Advice to use the safe styles, of which @safe is the first. */
static void advise_safe(struct nfp_advices *advices, const struct nfp_result *result,
			const struct nfp_vf_result *vf, const struct nfp_style_summary *summaries,
			enum nfp_style safe)
{
	static const char label[] = "Fit for failover:";
	size_t num_styles = 0, num_safe = 0;
	struct nfp_advice *a;

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		num_styles += has_style(vf, style);
		num_safe += summaries[style].verdict == NFP_VERDICT_SAFE;
	}
	if (num_styles > 1 && num_safe == 1 && vf->verdict != NFP_VERDICT_SAFE) {
		advise_one(advices, result, vf, safe);
		return;
	}
	a = add_to(advices, label, "", "");
	for (enum nfp_style style = safe; style < NFP_STYLE_COUNT; style++) {
		if (summaries[style].verdict == NFP_VERDICT_SAFE)
			nfp_append(&a->text, " and ", "with a %s standby", nfp_style_name(style));
	}
	nfp_append(&a->alone, "", "fit for failover %s", a->text.text);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!has_style(vf, style) && nfp_styles[style].usual)
			nfp_append(&add_to(advices, label, "", "; ")->text, "",
				   "a %s standby was not tested", nfp_style_name(style));
	}
	for (enum nfp_style style = safe; style < NFP_STYLE_COUNT; style++) {
		if (summaries[style].verdict == NFP_VERDICT_SAFE && nfp_styles[style].ipv6)
			nfp_append(&add_to(advices, label, "", "; ")->text, "", "%s",
				   nfp_styles[style].ipv6);
	}
}

struct nfp_advices nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf)
{
	struct nfp_style_summary summaries[NFP_STYLE_COUNT];
	struct nfp_advices advices = {0};
	enum nfp_style safe = NFP_STYLE_COUNT;

	for (enum nfp_style style = NFP_STYLE_COUNT; style-- > 0;) {
		nfp_style_summarize(vf, style, &summaries[style]);
		if (summaries[style].verdict == NFP_VERDICT_SAFE)
			safe = style;
	}
	if (safe < NFP_STYLE_COUNT)
		advise_safe(&advices, result, vf, summaries, safe);
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_style_summary *summary = &summaries[style];

		if (!summary->num || summary->verdict == NFP_VERDICT_SAFE)
			continue;
		if (summary->verdict == NFP_VERDICT_INCONCLUSIVE ||
		    summary->verdict == NFP_VERDICT_UNTESTABLE)
			advise_unknown(&advices, summary);
		else
			advise_unsafe(&advices, result, vf, summary, safe < NFP_STYLE_COUNT);
		nfp_append(&advices.v[advices.num - 1].see, "", "%s",
			   nfp_verdict_words(summary->verdict, false).text);
	}
	if (vf->neighbours.verdict == NFP_NEAR_LOST)
		advise_near(&advices, vf, result->pf.ifname);
	return advices;
}
