// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - a result for a person: the answer, one table of a guest's life, why, what to do, and one
 * line of context. Counts, steps and times come with -v, as tables.
 */
#include "report_priv.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/param.h>

#define DEFAULT_COLUMNS 80
#define LIST_MAX	3 /* what is longer is a matter of -v */

/* Is each style safe that was tested, by a source that was meant? */
static bool all_ok(const struct nfp_vf_result *vf)
{
	if (nfp_vf_lacks_wire(vf))
		return false;
	nfp_for_each (style, vf->styles, vf->num_styles) {
		if (style->verdict != NFP_VERDICT_SAFE &&
		    style->verdict != NFP_VERDICT_NOT_APPLICABLE)
			return false;
	}
	return true;
}

/* The lines of the answer count the commands of a style that is safe: these are printed. */
static bool needs_commands(const struct nfp_answered *answered)
{
	nfp_for_each (said, answered->styles, answered->num_styles) {
		const struct nfp_style_result *style = said->style;
		const struct nfp_row row = nfp_row_of(style);
		const struct nfp_offer *offer = nfp_offer_of(answered, &row);

		if (!style->is_fix && style->verdict == NFP_VERDICT_SAFE && offer &&
		    offer->commands)
			return true;
	}
	return false;
}

/* ---- why ---- */

/* Some frames came, and some did not: the figures say it. */
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
		   unicast->at[at], unicast->sent, nfp_at_step(step->step).text);
	return true;
}

/* Unsafe in a way that the answer names in brackets: "EARLY". Empty: it is not. */
static struct nfp_words fault_of(const struct nfp_style_result *style)
{
	if (nfp_fault_of(style) == NFP_CASE_LAG)
		return nfp_phrase("LAG");
	if (style->verdict == NFP_VERDICT_UNKNOWN || nfp_is_impossible(style))
		return (struct nfp_words) {0};
	return nfp_verdict_words(style->verdict, false);
}

/* The style would be possible once that has changed. It would then be as safe as the NIC makes
 * it. */
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

/* The reason of a style. The advice says what to try. */
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

/* A sentence, and the styles of which it is true. */
struct shared {
	const struct nfp_style_result *first;
	struct nfp_words names, fault, sentence;
};

/* Adds @style to those that have the same sentence, or a new one. Returns how many there are. */
static size_t share(struct shared all[NFP_STYLE_COUNT], size_t num,
		    const struct nfp_style_result *style, const struct nfp_words *fault,
		    const struct nfp_words *sentence)
{
	const char *name = nfp_style_name(style->style);

	for (size_t i = 0; i < num; i++) {
		if (strcmp(all[i].sentence.text, sentence->text) != 0 ||
		    strcmp(all[i].fault.text, fault->text) != 0)
			continue;
		nfp_append(&all[i].names, ", ", "%s", name);
		return num;
	}
	all[num].first = style;
	all[num].names = (struct nfp_words) {0};
	all[num].fault = *fault;
	all[num].sentence = *sentence;
	nfp_append(&all[num].names, "", "%s", name);
	return num + 1;
}

/* Prints each reason of what is not safe once. If there are several, each has its styles before
 * it. */
static void print_why(struct nfp_writer *w, const struct nfp_result *result)
{
	const struct nfp_vf_result *vf = &result->vf;
	struct shared reasons[NFP_STYLE_COUNT];
	size_t num = 0;

	for (size_t i = 0; i < vf->num_styles && i < NFP_STYLE_COUNT; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		const enum nfp_case is = nfp_fault_of(style);
		const struct nfp_words fault = fault_of(style), reason = reason_of(result, style);

		if (is != NFP_CASE_SAFE && is != NFP_CASE_NOT_TESTED && !style->is_fix &&
		    style->reason[0])
			num = share(reasons, num, style, &fault, &reason);
	}
	for (size_t i = 0; i < num; i++) {
		const struct shared *r = &reasons[i];
		struct nfp_words line = {0};

		if (num > 1 && r->fault.text[0])
			line = nfp_phrase("%s (%s):", r->names.text, r->fault.text);
		else if (num > 1 || r->fault.text[0])
			line = nfp_phrase("%s:", num > 1 ? r->names.text : r->fault.text);
		nfp_append(&line, " ", "%s", r->sentence.text);
		/* The name of a style stays as it is. */
		line = nfp_sentence(line.text,
				    num > 1 ? nfp_style_name(r->first->style) : result->pf.ifname);
		nfp_writer_sentence(w, i ? "" : "Why", "%s", line.text);
	}
}

/* Why a safe standby's IPv6 is not known, or is lost. */
static void note_ipv6(struct nfp_strv *notes, const struct nfp_vf_result *vf)
{
	struct shared whys[NFP_STYLE_COUNT];
	size_t num = 0;

	for (size_t i = 0; i < vf->num_styles && i < NFP_STYLE_COUNT; i++) {
		const struct nfp_style_result *style = &vf->styles[i];
		const struct nfp_words none = {0};
		struct nfp_words why;

		if (style->verdict != NFP_VERDICT_SAFE || !style->multicast_note[0] ||
		    (style->multicast != NFP_STATE_UNPROVEN && style->multicast != NFP_STATE_LOST))
			continue;
		why = nfp_phrase("%s", style->multicast_note);
		num = share(whys, num, style, &none, &why);
	}
	for (size_t i = 0; i < num; i++)
		nfp_strv_addf(notes, "IPv6 with %s: %s", whys[i].names.text, whys[i].sentence.text);
}

/* ---- notes: what neither table nor reasons say ---- */

/* Notes a guest that is deaf for a moment in a step without a column: no fault, but worth
 * knowing. */
static void note_moment(struct nfp_strv *notes, const struct nfp_vf_result *vf)
{
	bool assign = false;

	nfp_for_each (style, vf->styles, vf->num_styles)
		assign |= style->verdict == NFP_VERDICT_SAFE &&
			  style->claim == NFP_CLAIM_ASSIGN_UNTIL_RESET;
	if (assign)
		nfp_strv_addf(notes, "Deaf until VF %u is reset", vf->vf);
}

/* Where all is safe: how long a change may deafen the guest. */
static void print_outages(struct nfp_writer *w, const struct nfp_vf_result *vf)
{
	int64_t us = -1;

	nfp_for_each (style, vf->styles, vf->num_styles) {
		const struct nfp_outage outage = nfp_longest_outage(style);

		if (!nfp_is_impossible(style))
			us = MAX(us, nfp_outage_us(&outage));
	}
	if (us >= 0)
		nfp_writer_line(w, NFP_PLAIN, 0, 0, "Longest outage: %s.",
				nfp_outage_words(us).text);
}

/* How many of @num are printed. */
static size_t listed(size_t num, bool verbose)
{
	return verbose || num <= LIST_MAX + 1 ? num : LIST_MAX;
}

static void print_more(struct nfp_writer *w, size_t num, bool verbose)
{
	if (listed(num, verbose) < num)
		nfp_writer_sentence(w, "", "%zu more: -v", num - LIST_MAX);
}

static void print_list(struct nfp_writer *w, const char *label, const struct nfp_strv *list,
		       const char *ifname, bool verbose)
{
	for (size_t i = 0; i < listed(list->n, verbose); i++)
		nfp_writer_sentence(w, label, "%s", nfp_sentence(list->v[i], ifname).text);
	print_more(w, list->n, verbose);
}

/* "Left enp1s16f6: MTU was 9000, is 1500:" and the commands that put it right, if there are any. */
static void print_left(struct nfp_writer *w, const struct nfp_hints *list, const char *ifname,
		       bool verbose)
{
	nfp_for_each (hint, list->v, listed(list->n, verbose)) {
		struct nfp_words words = nfp_sentence(hint->text, ifname);

		if (hint->commands.len)
			words.text[strlen(words.text) - 1] = ':';
		nfp_writer_sentence(w, "Left", "%s", words.text);
		nfp_writer_commands(w, NFP_COMMAND_AT, &hint->commands);
	}
	print_more(w, list->n, verbose);
}

/* A change that a step saw has its name before it. */
static bool is_reason(const struct nfp_result *result, const struct nfp_style_result *style,
		      const char *change)
{
	const struct nfp_words reason = reason_of(result, style);

	nfp_for_each (step, style->steps, style->num_steps) {
		if (step->changed && strcmp(step->w.note, reason.text) == 0 &&
		    strcmp(nfp_phrase("VF %u, %s, %s: %s", result->vf.vf,
				      nfp_style_name(style->style), nfp_step_name(step->step),
				      step->w.note)
				   .text,
			   change) == 0)
			return true;
	}
	return strcmp(change, reason.text) == 0;
}

/* Notes the changes that are no reason of a verdict. A reason has been printed. */
static void note_changes(struct nfp_strv *notes, const struct nfp_result *result)
{
	for (size_t i = 0; i < result->changes_seen.n; i++) {
		bool said = false;

		nfp_for_each (style, result->vf.styles, result->vf.num_styles)
			said |= is_reason(result, style, result->changes_seen.v[i]);
		if (!said)
			nfp_strv_addf(notes, "%s", result->changes_seen.v[i]);
	}
}

/* The handler of the PF's frames decides whether a standby can be built on it. */
static void note_room(struct nfp_strv *notes, const struct nfp_pf_info *pf)
{
	if (pf->rx_handler.user == NFP_RX_UNKNOWN && pf->rx_handler.note[0])
		nfp_strv_addf(notes,
			      "Whether %s has room for a macvtap, or a bridge, is not known: %s",
			      nfp_standby_netdev(pf), pf->rx_handler.note);
}

/* macvlan_queue_xmit in drivers/net/macvlan.c passes nothing from the PF to its macvtaps. */
static void note_host(struct nfp_strv *notes, const struct nfp_answered *answered)
{
	nfp_for_each (said, answered->styles, answered->num_styles) {
		const struct nfp_style_result *style = said->style;

		if (!nfp_styles[style->style].macvlan || !nfp_is_counted(style) ||
		    !(nfp_is_way(said->row.way) || nfp_is_helped(answered, style)))
			continue;
		nfp_strv_addf(notes, "This host reaches a macvtap only by a macvlan of %s",
			      nfp_standby_netdev(&answered->result->pf));
		return;
	}
}

/* The worst comes first: a guest without IPv6, doubts about the result. Facts that are only worth
 * knowing come last. */
static void collect_notes(struct nfp_strv *notes, const struct nfp_answered *answered)
{
	const struct nfp_result *result = answered->result;
	const struct nfp_vf_result *vf = &result->vf;

	note_ipv6(notes, vf);
	note_changes(notes, result);
	if (result->settings.settle_short)
		nfp_strv_addf(notes, "Watched for %g s only; slower drivers go unseen (--settle)",
			      nfp_seconds(result->settings.settle_ns));
	note_room(notes, &result->pf);
	note_moment(notes, vf);
	note_host(notes, answered);
}

static void print_notes(struct nfp_writer *w, const struct nfp_answered *answered, bool verbose)
{
	const struct nfp_result *result = answered->result;
	const size_t most = all_ok(&result->vf) ? LIST_MAX : 1;
	struct nfp_strv notes = {.n = 0};

	collect_notes(&notes, answered);
	for (size_t i = 0; i < notes.n && (verbose || i < most); i++)
		nfp_writer_sentence(w, i ? "" : "Note", "%s",
				    nfp_sentence(notes.v[i], result->pf.ifname).text);
	nfp_strv_fini(&notes);
}

/* No frame of any kind came: the picture says it faster than a sentence. */
static void print_silence(struct nfp_writer *w, const struct nfp_result *result,
			  const struct nfp_style_result *style)
{
	const struct nfp_step_result *standby = nfp_style_step(style, NFP_STEP_STANDBY);
	const char *pf = result->pf.ifname;
	struct nfp_commands commands = {0};

	nfp_writer_newline(w);
	nfp_writer_at(w, 2, NFP_BOLD, "%s", style->from.name);
	nfp_writer_wrap(w, NFP_PLAIN, 4,
			"  -- %" PRIu64 " unicast, %" PRIu64 " broadcast -->  X  0 received  ",
			standby->w.count[NFP_KIND_UNICAST].sent,
			standby->w.count[NFP_KIND_BROADCAST].sent);
	nfp_writer_wrap(w, NFP_BOLD, 4, "%s", pf);
	nfp_writer_newline(w);
	nfp_writer_newline(w);
	nfp_writer_line(w, NFP_PLAIN, 0, 0, "%s",
			nfp_is_inside(style) && result->pf.vepa
				? "These frames stay in the NIC, whose own switch is off (hwmode "
				  "VEPA):"
			: nfp_is_inside(style)
				? "These frames stay in the NIC. Is its own switch off (hwmode "
				  "VEPA)?"
				: "This says nothing about the NIC. Check cable, switch ports and "
				  "VLAN:");
	if (nfp_is_inside(style) && result->pf.vepa)
		nfp_command_add(&commands, "bridge link set dev %s hwmode veb", pf);
	else if (nfp_is_inside(style))
		nfp_command_add(&commands, "bridge link show dev %s", pf);
	nfp_command_add(&commands, "ip -s link show %s", pf);
	if (!result->pf.no_carrier) {
		nfp_command_add(&commands, "nfprobe %s --vf %u --from %s", pf, result->vf.vf,
				style->from.by == NFP_SOURCE_ARP ? "NETDEV" : "arp");
		nfp_command_remark(&commands, "another source");
	}
	nfp_writer_commands(w, 4, &commands);
}

/* The state in which the run has left the host, before anything else that is to be done. */
static void print_state(struct nfp_writer *w, const struct nfp_result *result, bool verbose)
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
	print_left(w, &result->left_behind, result->pf.ifname, verbose);
}

/* ---- the whole ---- */

/* Does the last line name a style with a condition that advice meets? */
static bool has_condition(const struct nfp_answered *answered)
{
	const struct nfp_row *row = &answered->failover.row;
	const struct nfp_style_result *style =
		row->style < NFP_STYLE_COUNT ? nfp_vf_style(&answered->result->vf, row->style)
					     : NULL;

	return style && style->multicast == NFP_STATE_OK &&
	       nfp_condition_words(&answered->advised, row).text[0];
}

static void print_judged(struct nfp_writer *w, const struct nfp_answered *answered,
			 const struct nfp_report_opts *opts)
{
	const struct nfp_result *result = answered->result;
	const struct nfp_vf_result *vf = &result->vf;
	const bool safe = all_ok(vf) && !needs_commands(answered);
	const bool advises = !safe || opts->verbose || has_condition(answered);

	nfp_writer_newline(w);
	if (answered->num_life) {
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "Do frames still reach the guest when ..");
		nfp_life_print(w, answered, opts->verbose);
		nfp_writer_newline(w);
	}
	print_why(w, result);
	print_notes(w, answered, opts->verbose);
	print_state(w, result, opts->verbose);
	if (safe)
		print_outages(w, vf);
	if (advises)
		nfp_advice_print(w, &answered->advised, opts->verbose);
	else
		nfp_advice_print_always(w, &answered->advised);
}

int nfp_text_print(const struct nfp_answered *answered, const struct nfp_report_opts *opts,
		   FILE *out)
{
	struct nfp_writer w = {.out = out, .color = opts->color};
	const struct nfp_result *result = answered->result;
	const struct nfp_vf_result *vf = &result->vf;
	const struct nfp_style_result *silent;

	w.columns = opts->columns ?: DEFAULT_COLUMNS;
	if (!result->have_vf)
		return nfp_stream_status(out);
	/* Where nothing was probed, the error says why. The host may have been touched all the
	 * same. */
	if (!vf->num_styles) {
		print_list(&w, "Note", &result->changes_seen, result->pf.ifname, opts->verbose);
		print_state(&w, result, opts->verbose);
		if (result->changed_host && nfp_is_stopped(result) && !opts->quiet)
			nfp_writer_paragraph(&w, 0, nfp_restored_words(result, opts->verbose).text);
		return nfp_stream_status(out);
	}
	/* The answer is one line, however long: a program that reads it counts on that. */
	nfp_writer_text(&w, NFP_BOLD, "%s", answered->answer.text);
	nfp_writer_newline(&w);
	if (opts->quiet)
		return nfp_stream_status(out);
	silent = nfp_silent_style(vf);
	if (silent && result->restored) {
		print_silence(&w, result, silent);
		print_left(&w, &result->left_behind, result->pf.ifname, opts->verbose);
		nfp_writer_newline(&w);
	} else {
		print_judged(&w, answered, opts);
	}
	if (opts->verbose) {
		nfp_details_print(&w, answered);
		nfp_writer_newline(&w);
	}
	nfp_context_print(&w, result, opts);
	nfp_writer_paragraph(&w, 0, answered->failover.text.text);
	return nfp_stream_status(out);
}

int nfp_report_text(const struct nfp_result *result, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_answered *answered = nfp_answered_of(result);
	int ret = nfp_text_print(answered, opts, out);

	nfp_answered_free(answered);
	return ret;
}
