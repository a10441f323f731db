// SPDX-License-Identifier: GPL-2.0-or-later
/* answer.c - the first line of a result: may this VF be used, and with which standby? */
#include "report_priv.h"

#include <signal.h>
#include <string.h>

#define LINE_COLUMNS 80

/* One style: "SAFE", "with macvtap", " (IPv6 unknown), but MUTE". */
struct item {
	enum nfp_sort sort;
	const char *style;
	char tail[NFP_NOTE_LEN + 256];
	bool joined; /* it is in the line already */
};

static struct item item_of(const struct nfp_answered *a, const struct nfp_said *said)
{
	struct nfp_words words = {0};
	const struct nfp_style_result *style = said->style;
	struct item item = {.sort = said->row.sort, .style = nfp_style_words[style->style].with};
	const bool mute = style->verdict == NFP_VERDICT_SAFE &&
			  style->transmit == NFP_TRANSMIT_DROPPED;

	said->row.why(&words, a, said);
	if (style->by_beside)
		nfp_appendf(item.tail, sizeof(item.tail), " while another VF is up");
	if (said->is == NFP_CASE_NOT_POSSIBLE)
		nfp_appendf(item.tail, sizeof(item.tail), " while %s", style->impossible_while);
	nfp_appendf(item.tail, sizeof(item.tail), "%s%.200s%s%s", words.text[0] ? " (" : "",
		    words.text, words.text[0] ? ")" : "", mute ? ", but MUTE" : "");
	return item;
}

/* ---- all styles ---- */

static void append_safe_limits(struct nfp_words *line, const struct nfp_vf_result *vf)
{
	const struct nfp_style_result *safe = NULL;
	bool tested = false;

	for (size_t i = 0; i < vf->num_styles; i++) {
		const struct nfp_style_result *style = &vf->styles[i];

		if (style->verdict != NFP_VERDICT_SAFE || style->remedy || nfp_lacks_wire(style))
			continue;
		safe = style;
		tested |= style->multicast != NFP_MULTICAST_UNTESTED &&
			  style->multicast != NFP_MULTICAST_NONE;
	}
	if (!safe)
		return;
	if (!tested)
		nfp_append(line, ", ", "IPv6 not tested%s",
			   nfp_sources[safe->from.by].shows.group ? "" : " (ARP)");
}

/* "SAFE with macvtap and with a bridge", of the item at @first and those that say the same. */
static void append_group(struct nfp_words *line, struct item *items, size_t num, size_t first)
{
	static const char *const sorts[] = {[NFP_SORT_SAFE] = "SAFE",
					    [NFP_SORT_NOT_SAFE] = "NOT SAFE",
					    [NFP_SORT_UNKNOWN] = "UNKNOWN",
					    [NFP_SORT_NOT_POSSIBLE] = "NOT POSSIBLE"};
	const struct item *head = &items[first];
	const char *last = NULL;
	struct nfp_words styles = {0};

	for (size_t i = first; i < num; i++) {
		if (items[i].sort != head->sort || strcmp(items[i].tail, head->tail) != 0)
			continue;
		items[i].joined = true;
		if (last)
			nfp_append(&styles, ", ", "%s%s",
				   head->sort == NFP_SORT_NOT_TESTED ? "" : "with ", last);
		last = items[i].style;
	}
	if (head->sort == NFP_SORT_NOT_TESTED) {
		nfp_append(&styles, " and ", "%s", last);
		nfp_append(line, ", ", "%s not tested%s", styles.text, head->tail);
		return;
	}
	nfp_append(&styles, " and ", "with %s", last);
	nfp_append(line, ", ", "%s %s%s", sorts[head->sort], styles.text, head->tail);
}

/* Covers each style that counts: remedies do not. */
static void append_styles(struct nfp_words *line, const struct nfp_answered *a)
{
	struct item items[NFP_STYLE_COUNT];
	size_t num = 0;

	for (size_t i = 0; i < a->num_styles; i++) {
		if (!a->styles[i].style->remedy)
			items[num++] = item_of(a, &a->styles[i]);
	}
	for (enum nfp_sort sort = NFP_SORT_SAFE; sort <= NFP_SORT_NOT_TESTED; sort++) {
		for (size_t i = 0; i < num; i++) {
			if (items[i].sort == sort && !items[i].joined)
				append_group(line, items, num, i);
		}
		if (sort == NFP_SORT_SAFE)
			append_safe_limits(line, &a->result->vf);
	}
}

/* ---- the run ---- */

/* What such a PF sends is lost in the host: no wire is asked, whatever the source. */
static bool append_no_carrier(struct nfp_words *line, const struct nfp_answered *a)
{
	if (a->result->pf.no_carrier)
		nfp_append(line, " ", "%s has no carrier.", a->result->pf.ifname);
	return a->result->pf.no_carrier;
}

void nfp_first_stopped(struct nfp_words *line, const struct nfp_answered *a)
{
	const int status = a->result->exit_status;

	nfp_append(line, " ", "UNKNOWN. Stopped by %s after %.0f s.",
		   status == 128 + SIGINT    ? "Ctrl-C"
		   : status == 128 + SIGTERM ? "SIGTERM"
		   : status == 128 + SIGHUP  ? "SIGHUP"
					     : "a signal",
		   nfp_seconds(a->result->duration_ns));
}

void nfp_first_timeout(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN. Stopped by --timeout after %.0f s.",
		   nfp_seconds(a->result->duration_ns));
}

void nfp_first_broken_off(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN (%s).", a->result->error.message);
}

void nfp_first_failed(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "NOT PROBED (%s).", a->result->error.message);
}

void nfp_first_not_probed(struct nfp_words *line, const struct nfp_answered *a)
{
	const struct nfp_err *error = &a->result->vf.error;

	nfp_append(line, " ", "NOT PROBED");
	if (a->result->have_vf && error->message[0])
		nfp_append(line, " ", "(%s)", error->message);
	nfp_append(line, "", ".");
}

void nfp_first_sheet(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_sheet_answer(line, a->result);
}

void nfp_first_neighbours(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "NOT SAFE. Neighbours cannot reach a departed guest (%s).",
		   nfp_verdict_words(a->result->vf.verdict, false).text);
}

void nfp_first_here(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "NOT SAFE. Other VFs cannot reach a guest here (%s).",
		   nfp_verdict_words(a->result->vf.verdict, false).text);
}

void nfp_first_taken(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN. Another process changed VF %u, so the run stopped.",
		   a->result->vf.vf);
}

void nfp_first_changed(struct nfp_words *line, const struct nfp_answered *a)
{
	(void)a;
	nfp_append(line, " ", "UNKNOWN. Another process changed the host during the run.");
}

void nfp_first_silent(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN. Nothing from %s reached %s, not even broadcast.",
		   nfp_silent_style(&a->result->vf)->from.name, a->result->pf.ifname);
	append_no_carrier(line, a);
}

void nfp_first_cut_short(struct nfp_words *line, const struct nfp_answered *a)
{
	nfp_append(line, " ", "UNKNOWN (%s).", a->result->vf.error.message);
}

void nfp_first_by_style(struct nfp_words *line, const struct nfp_answered *a)
{
	struct nfp_words styles = {0};

	append_styles(&styles, a);
	nfp_append(line, " ", "%s.", styles.text);
	if (append_no_carrier(line, a))
		return;
	if (nfp_vf_lacks_wire(&a->result->vf))
		nfp_append(line, " ", "To ask the wire: --from arp:IP, or a reflector.");
}

struct nfp_words nfp_answer(const struct nfp_answered *a)
{
	const struct nfp_result *result = a->result;
	const struct nfp_vf_result *vf = result->have_vf ? &result->vf : NULL;
	struct nfp_words answer = {0}, head = {0}, line = {0};
	const char *driver = result->pf.driver;

	if (!result->restored)
		nfp_append(&answer, " ", "NOT RESTORED.");
	a->run->first(&answer, a);
	if (!result->pf.ifname[0])
		return answer;
	nfp_append(&head, "", "%s", result->pf.ifname);
	if (vf)
		nfp_append(&head, " ", "VF %u", vf->vf);
	nfp_append(&line, "", "%s", head.text);
	/* Behind a long answer there is no room for it. */
	if (vf && driver[0] &&
	    nfp_utf8_width(head.text) + nfp_utf8_width(driver) + nfp_utf8_width(answer.text) +
			    strlen(" (): ") <=
		    LINE_COLUMNS)
		nfp_append(&line, " ", "(%s)", driver);
	nfp_append(&line, ": ", "%s", answer.text);
	return line;
}
