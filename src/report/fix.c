// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fix.c - what it takes to use a standby, or to keep one: the uses of its style, a fix that was
 * proved, the requirements of the host; and the ranks in which advice comes. Pure.
 */
#include "report_priv.h"

/* ---- a rank ---- */

static NFP_PRINTF(3, 0) void end_rank(struct nfp_advising *m, bool also, const char *fmt,
				      va_list ap)
{
	struct nfp_words head = {0};

	vsnprintf(head.text, sizeof(head.text), fmt, ap);
	m->rank += m->begin < m->to->num_advice;
	for (; m->begin < m->to->num_advice; m->begin++) {
		struct nfp_advice *a = &m->to->advice[m->begin];

		snprintf(a->head, sizeof(a->head), "%.*s", (int)sizeof(a->head) - 1, head.text);
		a->rank = m->rank;
		a->also = also;
	}
}

void nfp_advise_end(struct nfp_advising *m, bool also, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_rank(m, also, fmt, ap);
	va_end(ap);
}

void nfp_advise_rank(struct nfp_advising *m, enum nfp_what what,
		     const struct nfp_style_result *style, bool also, const char *fmt, ...)
{
	va_list ap;

	(void)nfp_advise_to(m, what, style, "");
	va_start(ap, fmt);
	end_rank(m, also, fmt, ap);
	va_end(ap);
}

/* ---- a style that is safe, and a fix ---- */

/* The entry that libvirt adds to a table that it keeps fails beside a pin, and its removal takes a
 * pin away: virNetDevBridgeFDBAdd and virNetDevBridgeFDBDel in its src/util/virnetdevbridge.c. */
static void add_pin(struct nfp_advising *m, const struct nfp_style_result *shown,
		    const struct nfp_row *row)
{
	const char *standby_at = nfp_standby_netdev(&m->result->pf);
	struct nfp_advice *off;

	if (!nfp_advise_need(m, shown, row, NFP_NEED_PIN) || nfp_styles[shown->style].second_vf)
		return;
	off = nfp_advise_instead(m->to, "where libvirt keeps the bridge's table");
	off->what = off[-1].what;
	off->row = *row;
	snprintf(off->text, sizeof(off->text),
		 "have the bridge learn nothing at %s, before the guest starts", standby_at);
	off->moment = NFP_MOMENT_NOW;
	off->if_never = off[-1].if_never;
	nfp_command_add(&off->commands, "bridge link set dev %s learning off", standby_at);
	nfp_command_add(&off->undo, "bridge link set dev %s learning on", standby_at);
	off->lasts = off[-1].lasts;
	off->shown = off[-1].shown;
	off->group = off[-1].group;
}

/* The uses of a row need more than its name says, and a bridge that learns a pin. */
void nfp_advise_uses(struct nfp_advising *m, const struct nfp_style_result *shown,
		     const struct nfp_row *row, enum nfp_style style)
{
	uint32_t uses = nfp_styles[style].uses;

	if (uses & NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY))
		(void)nfp_advise_need(m, shown, row, NFP_NEED_ENTRY);
	if (uses & NFP_REQ_BIT(NFP_REQ_PIN_AT_TAP) || (shown->num_steps && nfp_needs_pin(shown)))
		add_pin(m, shown, row);
	if (uses & NFP_REQ_BIT(NFP_REQ_KEEP_BRIDGE_STATIC))
		(void)nfp_advise_need(m, shown, row, NFP_NEED_STATIC);
}

/* The advice for the time after the guest has left. */
void nfp_advise_ends(struct nfp_advising *m, const struct nfp_style_result *shown,
		     const struct nfp_row *row, enum nfp_style style)
{
	if (nfp_styles[style].uses & NFP_REQ_BIT(NFP_REQ_ADD_FILTER_ENTRY))
		(void)nfp_advise_need(m, shown, row, NFP_NEED_ENTRY_GONE);
}

/* Its IPv6 was proved, and works in a guest only if the host lets the guest say what it needs. */
void nfp_advise_trust(struct nfp_advising *m, const struct nfp_style_result *style,
		      const struct nfp_row *row)
{
	if (nfp_styles[style->style].ipv6)
		(void)nfp_advise_need(m, style, row, NFP_NEED_TRUST);
}

void nfp_advise_safe(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_row row = nfp_row_of(style);

	nfp_advise_trust(m, style, &row);
	nfp_advise_uses(m, style, &row, style->style);
	nfp_advise_ends(m, style, &row, style->style);
	if (m->begin == m->to->num_advice)
		(void)nfp_advise_to(m, NFP_ADVISE_USE, style, "");
	nfp_advise_end(m, false, "Use %s", nfp_words_of(style)->with);
}

/* A fix that this run has proved. False: it has proved none. */
bool nfp_advise_fix(struct nfp_advising *m, const struct nfp_style_result *unsafe)
{
	bool lost;
	enum nfp_style style = nfp_best_fix(m->vf, unsafe->style, &lost);
	struct nfp_row row;

	if (style == NFP_STYLE_COUNT)
		return false;
	row = nfp_row_of(nfp_vf_style(m->vf, style));
	nfp_advise_uses(m, nfp_vf_style(m->vf, style), &row, style);
	nfp_advise_ends(m, nfp_vf_style(m->vf, style), &row, style);
	nfp_advise_end(m, false, "Keep %s%s", nfp_words_of(unsafe)->the, lost ? ", IPv4 only" : "");
	return true;
}

/* The first fix that the run has not tried and that is worth it, since another style is safe, or
 * there was no time. NFP_STYLE_COUNT: there is none. */
static enum nfp_style untried(const struct nfp_advising *m, const struct nfp_style_result *unsafe)
{
	const struct nfp_settings *settings = &m->result->settings;

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT && settings->try_fixes; s++) {
		if (nfp_styles[s].fixes & NFP_STYLE_BIT(unsafe->style) && !nfp_vf_style(m->vf, s) &&
		    nfp_style_may_fix(settings->styles, s) && nfp_fix_is_due(m->vf, s, true))
			return s;
	}
	return NFP_STYLE_COUNT;
}

/* The next run tries it, and names what it needs. False: there is none. */
bool nfp_advise_trial(struct nfp_advising *m, const struct nfp_style_result *unsafe)
{
	const enum nfp_style fix = untried(m, unsafe);
	struct nfp_words styles = {0};
	struct nfp_advice *a;

	if (fix == NFP_STYLE_COUNT)
		return false;
	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		if (s == unsafe->style || nfp_styles[fix].needs_safe & NFP_STYLE_BIT(s))
			nfp_append(&styles, ",", "%s", nfp_style_name(s));
	}
	a = nfp_advise_to(m, NFP_ADVISE_PROBE, unsafe, "");
	nfp_advise_command(m, &a->commands);
	nfp_command_more(&a->commands, "--style %s", styles.text);
	nfp_advise_end(m, false, "See if a fix helps %s", nfp_words_of(unsafe)->the);
	return true;
}

/* A pin that has no row, since no fix was to be tested: the kernel's rules hold all the same. It
 * is named as its row would be. */
void nfp_advise_pin(struct nfp_advising *m, const struct nfp_style_result *plain)
{
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		const struct nfp_row row = {nfp_asked_style(style, true), style, 0};

		if (!nfp_styles[style].pinned || nfp_styles[style].plain != plain->style)
			continue;
		nfp_advise_uses(m, plain, &row, style);
		nfp_advise_ends(m, plain, &row, style);
	}
	nfp_advise_end(m, false, "Keep %s", nfp_words_of(plain)->the);
}

/* The address that was taken off the PF is there again before the guest needs it. */
static void advise_back(struct nfp_advising *m, const struct nfp_style_result *style)
{
	const struct nfp_advice *taken = &m->to->advice[m->to->num_advice - 1];
	const struct nfp_commands back = taken->undo;
	const enum nfp_shown shown = taken->shown;
	const enum nfp_check_state group = taken->group;
	const uint32_t fill_in = taken->fill_in;
	struct nfp_advice *a;

	if (!back.len)
		return;
	a = nfp_advise_to(m, NFP_ADVISE_KEEP, style, "give the PF that address again");
	a->moment = NFP_MOMENT_MIGRATION;
	a->if_never = "the standby is deaf";
	a->commands = back;
	a->shown = shown;
	a->group = group;
	a->fill_in = fill_in;
	a->lasts = NFP_LASTS_RUN;
}

/* ---- the requirements of the VF's manager ---- */

/* They help only together, and with those of the bridge. False: it has none, or they leave a state
 * in which the guest is lost. */
bool nfp_advise_requirements(struct nfp_advising *m, const struct nfp_style_result *style,
			     bool more)
{
	static const enum nfp_need of[NFP_REQ_COUNT] = {
		[NFP_REQ_ASSIGN_AT_HOTPLUG] = NFP_NEED_HOTPLUG,
		[NFP_REQ_ASSIGN_BEFORE_STANDBY] = NFP_NEED_FIRST,
		[NFP_REQ_RELEASE_STANDBY_WHEN_UP] = NFP_NEED_RELEASE,
		[NFP_REQ_DETACH_BEFORE_MIGRATION] = NFP_NEED_DETACH,
		[NFP_REQ_CLEAR_AT_UNPLUG] = NFP_NEED_CLEAR,
	};
	const struct nfp_row row = nfp_row_of(style);
	uint32_t requirements = 0;

	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++)
		requirements |= of[r] ? nfp_requirements_of(style) & NFP_REQ_BIT(r) : 0;
	if (!requirements || nfp_requirements_serve(style) == NFP_NO)
		return false;
	nfp_advise_uses(m, style, &row, style->style);
	for (enum nfp_requires r = 0; r < NFP_REQ_COUNT; r++) {
		if (requirements & NFP_REQ_BIT(r))
			(void)nfp_advise_need(m, style, &row, of[r]);
		if (requirements & NFP_REQ_BIT(r) && r == NFP_REQ_RELEASE_STANDBY_WHEN_UP)
			advise_back(m, style);
	}
	nfp_advise_ends(m, style, &row, style->style);
	if (style->multicast == NFP_STATE_OK)
		nfp_advise_trust(m, style, &row);
	/* Beside commands its lines are a matter of -v: a screen holds 24. */
	for (size_t i = m->begin; i < m->to->num_advice; i++) {
		struct nfp_advice *a = &m->to->advice[i];

		a->brief = (struct nfp_commands) {0};
		a->more |= more;
		/* The states that the requirements leave tell of IPv6, not those that they spare.
		 */
		if (a->what == NFP_ADVISE_FIX && a->group == NFP_STATE_UNPROVEN)
			a->group = NFP_STATE_OK;
	}
	nfp_advise_end(m, false, "Keep %s", nfp_words_of(style)->the);
	return true;
}
