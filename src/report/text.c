// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - a result for a person: the answer, one table of a guest's life, why, what to do, and one
 * line of context. With -v, counts, steps and times follow.
 */
#include "summary_priv.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/param.h>

#define DEFAULT_COLUMNS 80
#define NOTES_MAX	4

/* ---- why ---- */

/* Appends the figures where some frames arrived, and some did not. */
static bool append_loss(struct nfp_words *words, const struct nfp_style_result *style)
{
	const struct nfp_judged j = style->judged;
	const struct nfp_step_result *step = nfp_style_step(style, j.step);
	const struct nfp_count *unicast = step ? &step->w.count[NFP_KIND_UNICAST] : NULL;
	enum nfp_receiver at;

	if (style->verdict != NFP_VERDICT_UNKNOWN || !step || step->unsettled ||
	    (j.why != NFP_WHY_STEP_MIXED && j.why != NFP_WHY_STANDBY_UNKNOWN) ||
	    step->w.landing[NFP_KIND_UNICAST] != NFP_LANDING_MIXED ||
	    nfp_ladder[step->step].expected == NFP_EXPECTED_RECORDED)
		return false;
	at = nfp_receiver_of(step->step);
	nfp_append(words, " ",
		   "%" PRIu64 " of %" PRIu64
		   " frames arrived %s: too few for ok, too many for LOST",
		   unicast->at[at], unicast->sent, nfp_step_place(step->step));
	return true;
}

/* Once that has changed the style is possible, and as safe as the NIC makes it. */
static void append_way_out(struct nfp_words *words, const struct nfp_style_result *style,
			   const struct nfp_pf_info *pf)
{
	if (nfp_is_bonded(pf) &&
	    (pf->rx_handler.user == NFP_RX_BRIDGE || pf->rx_handler.user == NFP_RX_OVS))
		nfp_append(words, ". ",
			   "To change that, %s leaves its bridge, which cuts off who is on that",
			   pf->master);
	else if (pf->master[0] && !nfp_is_bonded(pf))
		nfp_append(words, ". ", "To change that, %s leaves %s, which cuts off who is on %s",
			   pf->ifname, pf->master, pf->master);
	else
		nfp_append(words, ". ",
			   "To change that, what is on %s is deleted, which cuts off who uses it",
			   nfp_standby_netdev(pf));
	if (style->num_steps)
		nfp_append(words, ". ", "The NIC itself: %s",
			   nfp_verdict_words(style->filter_verdict, false).text);
}

/* Returns the reason of a style. The advice says what to try. */
static struct nfp_words reason_of(const struct nfp_result *result,
				  const struct nfp_style_result *style)
{
	struct nfp_words reason = {0};

	if (append_loss(&reason, style))
		return reason;
	reason = nfp_phrase("%s", style->reason);
	if (nfp_is_impossible(style))
		append_way_out(&reason, style, &result->pf);
	return reason;
}

/* A sentence, and the styles for which it is true. */
struct shared {
	uint32_t styles;
	struct nfp_words label, sentence;
};

/* Adds @style to those with the same sentence, or a new one. Returns how many
 * sentences there are. */
static size_t share(struct shared all[], size_t num, const struct nfp_style_result *style,
		    const struct nfp_words *label, const struct nfp_words *sentence)
{
	size_t i = 0;

	while (i < num && (strcmp(all[i].sentence.text, sentence->text) != 0 ||
			   strcmp(all[i].label.text, label->text) != 0))
		i++;
	if (i == num)
		all[num++] = (struct shared) {.label = *label, .sentence = *sentence};
	all[i].styles |= NFP_STYLE_BIT(style->style);
	return num;
}

/* Prints each sentence once, after its styles: it is true for these only. */
static void print_shared(struct nfp_writer *w, struct shared all[], size_t num)
{
	for (size_t i = 0; i < num; i++)
		nfp_writer_sentence(w, all[i].label.text, "With %s, %s.",
				    nfp_either(all[i].styles).text, all[i].sentence.text);
}

static void print_why(struct nfp_writer *w, const struct nfp_summary *s)
{
	struct shared reasons[2 * NFP_STYLE_COUNT];
	size_t num = 0;

	nfp_for_each (so, s->styles, s->num_styles) {
		const struct nfp_style_result *style = so->style;
		const struct nfp_failed_check *bridge = nfp_bridge_failed(style);
		const enum nfp_outcome fault = nfp_fault_of(style);
		const struct nfp_words reason = reason_of(s->result, style);
		const struct nfp_words label = fault == NFP_OUTCOME_LAG
						       ? nfp_phrase("LAG")
						       : nfp_verdict_words(style->verdict, false);

		if (style->is_fix || !style->reason[0] || fault == NFP_OUTCOME_NOT_TESTED ||
		    fault == NFP_OUTCOME_SAFE || fault == NFP_OUTCOME_IPV6)
			continue;
		if (nfp_is_impossible(style))
			nfp_writer_sentence(w, nfp_style_name(style->style), "%s",
					    nfp_sentence(reason.text, "").text);
		else
			num = share(reasons, num, style, &label, &reason);
		/* The table shows it as well. */
		if (bridge && !style->by_bridge && !bridge->allowed &&
		    nfp_is_fault(bridge->verdict)) {
			const struct nfp_words verdict = nfp_verdict_words(bridge->verdict, false);
			const struct nfp_words why = nfp_phrase("%s", bridge->reason);

			num = share(reasons, num, style, &verdict, &why);
		}
	}
	print_shared(w, reasons, num);
}

/* Prints why a safe standby's IPv6 is not known, or is lost. */
static void print_why_ipv6(struct nfp_writer *w, const struct nfp_summary *s)
{
	const struct nfp_words label = nfp_phrase("IPv6");
	struct shared whys[NFP_STYLE_COUNT];
	size_t num = 0;

	nfp_for_each (so, s->styles, s->num_styles) {
		const struct nfp_style_result *style = so->style;
		const struct nfp_words why = nfp_phrase("%s", style->multicast_note);

		if (nfp_fault_of(style) == NFP_OUTCOME_SAFE && why.text[0] &&
		    (style->multicast == NFP_STATE_UNPROVEN || style->multicast == NFP_STATE_LOST))
			num = share(whys, num, style, &label, &why);
	}
	print_shared(w, whys, num);
}

/* ---- notes: what neither table nor reasons say ---- */

/* A change that a step saw has its name before it. */
static bool is_reason(const char *change, const char *reason)
{
	const size_t len = strlen(reason), all = strlen(change);

	return len && all >= len && strcmp(change + all - len, reason) == 0;
}

/* Notes the changes that are no reason of a verdict: a reason has been printed. */
static void note_changes(struct nfp_strv *notes, const struct nfp_result *result)
{
	for (size_t i = 0; i < result->changes_seen.n; i++) {
		bool printed = false;

		nfp_for_each (style, result->vf.styles, result->vf.num_styles)
			printed |= is_reason(result->changes_seen.v[i],
					     reason_of(result, style).text);
		if (!printed)
			nfp_strv_addf(notes, "%s", result->changes_seen.v[i]);
	}
}

static void print_notes(struct nfp_writer *w, const struct nfp_result *result)
{
	const struct nfp_rx_handler *handler = &result->pf.rx_handler;
	struct nfp_strv notes = {.n = 0};

	note_changes(&notes, result);
	if (result->settings.settle_short)
		nfp_strv_addf(&notes, "Watched for %g s only; slower drivers go unseen (--settle)",
			      nfp_seconds(result->settings.settle_ns));
	/* The handler of the PF's frames decides whether a standby can be built on it. */
	if (handler->user == NFP_RX_UNKNOWN && handler->note[0])
		nfp_strv_addf(&notes,
			      "Whether %s has room for a macvtap, or a bridge, is not known: %s",
			      nfp_standby_netdev(&result->pf), handler->note);
	for (size_t i = 0; i < notes.n && i < NOTES_MAX; i++)
		nfp_writer_sentence(w, i ? "" : "Note", "%s",
				    nfp_sentence(notes.v[i], result->pf.ifname).text);
	if (notes.n > NOTES_MAX)
		nfp_writer_sentence(w, "", "%zu more: --json", notes.n - NOTES_MAX);
	nfp_strv_fini(&notes);
}

/* ---- the host ---- */

/* Prints "Left     enp1s16f6: MTU was 9000, is 1500:" and the commands that put it right, if there
 * are any. */
static void print_left(struct nfp_writer *w, const struct nfp_hints *list, const char *ifname)
{
	nfp_for_each (hint, list->v, list->n) {
		struct nfp_words words = nfp_sentence(hint->text, ifname);

		if (hint->commands.len)
			words.text[strlen(words.text) - 1] = ':';
		nfp_writer_sentence(w, "Left", "%s", words.text);
		nfp_writer_commands(w, NFP_COMMAND_AT, &hint->commands);
	}
}

/* Prints the state in which the run has left the host, before anything else that must be done. */
static void print_state(struct nfp_writer *w, const struct nfp_result *result)
{
	struct nfp_words words;
	struct nfp_commands command = {0};

	if (!result->restored) {
		words = nfp_phrase("%s; runs on this VF are refused until this succeeds",
				   result->error.message[0] ? result->error.message
							    : "the host is not as it was");
		words = nfp_sentence(words.text, result->pf.ifname);
		words.text[strlen(words.text) - 1] = ':';
		nfp_writer_sentence(w, "Fix", "%s", words.text);
		nfp_command_add(&command, "nfprobe --restore %s", result->pf.ifname);
		nfp_writer_commands(w, NFP_COMMAND_AT, &command);
	}
	print_left(w, &result->left_behind, result->pf.ifname);
}

/* ---- the whole ---- */

static void print_judged(struct nfp_writer *w, const struct nfp_summary *s)
{
	const struct nfp_result *result = s->result;

	nfp_writer_newline(w);
	/* Without a frame of any kind the table says nothing. */
	if (s->num_life && !nfp_silent_style(&result->vf)) {
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "Do frames from the wire reach the guest?");
		nfp_life_print(w, s->life, s->num_life);
		nfp_writer_newline(w);
	}
	print_why(w, s);
	print_why_ipv6(w, s);
	print_notes(w, result);
	print_state(w, result);
	nfp_advice_print(w, &s->advised);
}

/* If nothing was probed, the error says why. The host may have been changed nevertheless. */
static void print_unprobed(struct nfp_writer *w, const struct nfp_result *result, bool quiet)
{
	print_notes(w, result);
	print_state(w, result);
	if (result->changed_host && nfp_is_stopped(result) && !quiet)
		nfp_writer_paragraph(w, 0, nfp_restored_words(result).text);
}

int nfp_text_print(const struct nfp_summary *summary, const struct nfp_report_opts *opts, FILE *out,
		   size_t *ret_short)
{
	struct nfp_writer w = {
		.out = out, .color = opts->color, .columns = opts->columns ?: DEFAULT_COLUMNS};
	const struct nfp_result *result = summary->result;
	int ret = 0;

	if (!result->have_vf) {
		ret = nfp_stream_status(out);
	} else if (!result->vf.num_styles) {
		print_unprobed(&w, result, opts->quiet);
	} else {
		nfp_answer_print(&w, summary->answer.text, opts->quiet);
		if (!opts->quiet) {
			print_judged(&w, summary);
			nfp_context_print(&w, summary, opts);
		}
	}
	ret = ret ?: nfp_stream_status(out);
	if (ret_short)
		*ret_short = (size_t)ftell(out);
	if (opts->verbose && !opts->quiet && result->have_vf && result->vf.num_styles) {
		nfp_details_print(&w, summary);
		/* The text is long. */
		nfp_writer_newline(&w);
		nfp_answer_print(&w, summary->answer.text, false);
	}
	return ret ?: nfp_stream_status(out);
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_summary *summary = nfp_summary_of(result);
	int ret = nfp_text_print(summary, opts, out, NULL);

	nfp_summary_free(summary);
	return ret;
}
