// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advice.c - every sentence that tells a person what a landing or a verdict means and what to do.
 * {pf}, {vf}, {vfs}, {style} and {how} are filled in.
 */
#include "report_priv.h"

#include <ctype.h>
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
static const char unsettled_words[] = "changed to the end";
static const char mixed_words[] = "some frames arrive, some do not";
static const char no_unicast_words[] = "no unicast was sent";
static const char no_broadcast_words[] = "no broadcast";
static const char silent_words[] = "nor any broadcast: no answer";
static const char mixed_broadcast_words[] = "broadcast arrives in part";

/* What a manager must do; the manual says it at length. */
static const char *const requires_words[NFP_REQ_COUNT] = {
	[NFP_REQ_ASSIGN_AT_HOTPLUG] = "attach the VF to the running guest (virsh attach-device "
				      "--live)",
	[NFP_REQ_ASSIGN_BEFORE_STANDBY] = "give the VF its address before the standby takes it "
					  "(ip link set {pf} vf {vf} mac MAC, then the standby)",
	[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = "take the address off {pf} once the guest's VF is up"
					    "{how}, and give it back before the VF is unplugged; "
					    "libvirt does neither",
	[NFP_REQ_DETACH_BEFORE_MIGRATION] = "take the VF away whole before migrating (virsh "
					    "detach-device), not by QEMU's unplug",
	[NFP_REQ_CLEAR_AT_UNPLUG] = "clear its address at unplug (ip link set {pf} vf {vf} mac "
				    "00:00:00:00:00:00)",
	[NFP_REQ_DO_NOT_USE] = "do not use it for failover: nothing that the host does helps",
};

static const char fit_label[] = "Fit for failover:";
static const char fit_one[] = "with a {style} standby; a {other} standby was not tested";
static const char fit_one_of_two[] = "with a {style} standby";
static const char fit_both[] = "with a macvtap standby and with a bridge standby";
static const char use_label[] = "Use a {style} standby:";
static const char use_words[] = "nfprobe {pf} --vf {vfs} --style {style}   exits 0";
/* Where the settling time was short, a run with the usual one has not been seen. */
static const char use_words_short[] = "nfprobe {pf} --vf {vfs} --style {style}   tests it alone";
static const char must_label[] = "If it must be a {style}:";
static const char with_label[] = "With a {style} standby:";
static const char unknown_label[] = "No verdict on {style}:";
static const char unknown_words[] = "do what its line above says, then probe again";
static const char no_advice[] = "see the table above";
static const char slow_words[] = "safe but for the time that a change takes";

/* ---- landings ---- */

static bool at(enum nfp_landing landing, enum nfp_fit fit)
{
	return landing == NFP_LANDING_BOTH ||
	       landing == (fit == NFP_FIT_PF ? NFP_LANDING_PF : NFP_LANDING_VF);
}

/* Where the control does not arrive either, nothing is known of who gets unicast. */
static bool silence_tells(enum nfp_landing broadcast, enum nfp_fit fit)
{
	if (fit == NFP_FIT_VF)
		return broadcast != NFP_LANDING_NOWHERE && broadcast != NFP_LANDING_NONE;
	return at(broadcast, fit);
}

const char *nfp_advice_unfit(const struct nfp_step_result *step)
{
	enum nfp_fit fit = nfp_ladder[step->step].fit;
	enum nfp_landing unicast = step->landing[NFP_KIND_UNICAST];
	enum nfp_landing broadcast = step->landing[NFP_KIND_BROADCAST];

	if (step->status != NFP_STATUS_DONE || fit == NFP_FIT_RECORDED)
		return NULL;
	if (step->unsettled)
		return unsettled_words;
	if (unicast == NFP_LANDING_NONE)
		return no_unicast_words;
	if (unicast == NFP_LANDING_MIXED)
		return mixed_words;
	if (!at(unicast, fit))
		return silence_tells(broadcast, fit) ? unfit_words[step->step] : silent_words;
	if (broadcast == NFP_LANDING_MIXED)
		return mixed_broadcast_words;
	return at(broadcast, fit) ? NULL : no_broadcast_words;
}

/* ---- what the standby sends ---- */

const char *nfp_advice_mute(const struct nfp_style_result *style, const char *ifname,
			    char buf[NFP_MUTE_LEN])
{
	size_t used;

	buf[0] = '\0';
	if (style->transmit != NFP_TRANSMIT_DROPPED)
		return buf;
	snprintf(buf, NFP_MUTE_LEN, "%s drops what the standby sends with the address", ifname);
	for (size_t i = 0, num = 0; i < style->num_steps; i++) {
		if (style->steps[i].transmit != NFP_TRANSMIT_DROPPED)
			continue;
		used = strlen(buf);
		snprintf(buf + used, NFP_MUTE_LEN - used, "%s %s", num++ ? "," : " in",
			 nfp_step_name(style->steps[i].step));
	}
	used = strlen(buf);
	snprintf(
		buf + used, NFP_MUTE_LEN - used,
		": by the standby the guest is mute there (the verdict is about what it receives)");
	return buf;
}

/* ---- sentences with names in them ---- */

struct names {
	const char *pf, *vf, *vfs, *style, *other;
	const char *how; /* a standby of this style lets the address go */
};

static const char *name_of(const struct names *names, const char *key, size_t len)
{
	const struct {
		const char *key, *value;
	} table[] = {
		{"pf", names->pf},	 {"vf", names->vf},	  {"vfs", names->vfs},
		{"style", names->style}, {"other", names->other}, {"how", names->how},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strlen(table[i].key) == len && strncmp(table[i].key, key, len) == 0)
			return table[i].value;
	}
	return "?";
}

static void append(char *buf, size_t size, const char *text, size_t len)
{
	size_t used = strlen(buf);

	snprintf(buf + used, size - used, "%.*s", (int)len, text);
}

/* Appends @sentence with its names filled in. */
static void tell(char *buf, size_t size, const char *sentence, const struct names *names)
{
	for (const char *p = sentence; *p;) {
		size_t len = strcspn(p, "{");

		append(buf, size, p, len);
		p += len;
		if (*p == '{') {
			const char *value;

			len = strcspn(p, "}");
			value = name_of(names, p + 1, len - 1);
			append(buf, size, value, strlen(value));
			p += len + (p[len] == '}');
		}
	}
}

/* ---- advice ---- */

struct writer {
	const struct nfp_vf_result *vf;
	struct names names;
	bool settle_short;
	struct nfp_advice *advice;
	size_t num;
};

static struct nfp_advice *add(struct writer *w, const char *label, enum nfp_style style)
{
	struct nfp_advice *advice = &w->advice[w->num++];

	w->names.style = nfp_style_label(style);
	w->names.how = style == NFP_STYLE_FILTER ? " (ip link set macvtap0 down)" : "";
	w->names.other = nfp_style_label(style == NFP_STYLE_FILTER ? NFP_STYLE_PROMISC
								   : NFP_STYLE_FILTER);
	*advice = (struct nfp_advice) {0};
	tell(advice->label, sizeof(advice->label), label, &w->names);
	return advice;
}

static void put(struct writer *w, struct nfp_advice *advice, const char *sentence)
{
	tell(advice->text, sizeof(advice->text), sentence, &w->names);
}

static void point_to_manual(struct nfp_advice *advice, enum nfp_verdict verdict)
{
	char section[32];
	size_t used = strlen(advice->text);

	snprintf(section, sizeof(section), "%s", nfp_verdict_name(verdict));
	for (char *p = section; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	snprintf(advice->text + used, sizeof(advice->text) - used, " (nfprobe-verdicts(7), %s)",
		 section);
}

static void advise_unfit(struct writer *w, const struct nfp_style_result *style, const char *label)
{
	struct nfp_advice *advice = add(w, label, style->style);
	bool useless = (style->requires & NFP_REQ_BIT(NFP_REQ_DO_NOT_USE)) != 0;

	for (unsigned int i = 0; i < NFP_REQ_COUNT; i++) {
		/* What cannot be used at all needs no further conditions. */
		if (!(style->requires & NFP_REQ_BIT(i)) || !requires_words[i] ||
		    (useless && i != NFP_REQ_DO_NOT_USE))
			continue;
		if (advice->text[0])
			put(w, advice, "; ");
		put(w, advice, requires_words[i]);
	}
	if (!advice->text[0])
		put(w, advice, style->verdict == NFP_VERDICT_SLOW ? slow_words : no_advice);
	point_to_manual(advice, style->verdict);
}

static void advise_unknown(struct writer *w, const struct nfp_style_result *style)
{
	struct nfp_advice *advice = add(w, unknown_label, style->style);

	put(w, advice, unknown_words);
	point_to_manual(advice, style->verdict);
}

static size_t count(const struct nfp_vf_result *vf, enum nfp_verdict verdict)
{
	size_t num = 0;

	for (size_t i = 0; i < vf->num_styles; i++)
		num += vf->styles[i].verdict == verdict;
	return num;
}

static void advise_safe(struct writer *w)
{
	size_t safe = count(w->vf, NFP_VERDICT_SAFE);

	for (size_t i = 0; i < w->vf->num_styles; i++) {
		const struct nfp_style_result *style = &w->vf->styles[i];

		if (style->verdict != NFP_VERDICT_SAFE)
			continue;
		if (safe > 1)
			put(w, add(w, fit_label, style->style), fit_both);
		else if (w->vf->num_styles == 1)
			put(w, add(w, fit_label, style->style), fit_one);
		else if (w->vf->verdict == NFP_VERDICT_SAFE)
			put(w, add(w, fit_label, style->style), fit_one_of_two);
		else
			put(w, add(w, use_label, style->style),
			    w->settle_short ? use_words_short : use_words);
		return;
	}
}

size_t nfp_advice_of(const struct nfp_result *result, const struct nfp_vf_result *vf,
		     const char *vfs, struct nfp_advice advice[NFP_ADVICE_MAX])
{
	char number[16];
	struct writer w = {
		.vf = vf,
		.names = {.pf = result->pf.ifname, .vf = number, .vfs = vfs},
		.settle_short = result->settings.settle_short,
		.advice = advice,
	};
	const char *label = count(vf, NFP_VERDICT_SAFE) ? must_label : with_label;

	/* Several VFs share one sentence: then N stands for each. */
	snprintf(number, sizeof(number), "%s", strpbrk(vfs, ",-") ? "N" : vfs);
	advise_safe(&w);
	for (size_t i = 0; i < vf->num_styles && w.num < NFP_ADVICE_MAX; i++) {
		switch (vf->styles[i].verdict) {
		case NFP_VERDICT_SAFE:
		case NFP_VERDICT_NOT_APPLICABLE:
			break;
		case NFP_VERDICT_INCONCLUSIVE:
		case NFP_VERDICT_UNTESTABLE:
			advise_unknown(&w, &vf->styles[i]);
			break;
		default:
			advise_unfit(&w, &vf->styles[i], label);
		}
	}
	return w.num;
}
