// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * progress.c - a run on a terminal, in one line: what it does now, for how long, and what it has
 * found. At the end the result replaces the line.
 */
#include "life_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define COLUMNS 80 /* of a terminal that does not say */

struct nfp_progress {
	char pf[NFP_IFNAMSIZ];
	unsigned int vf;
	uint64_t begin_ns, expected_ns, total_ns;
	bool asked[NFP_STYLE_COUNT]; /* a ladder of the style is expected */
	enum nfp_style style;	     /* of the ladder under way */
	bool begun;		     /* a step has begun */
	bool running;
	enum nfp_step step;
	char *judged[NFP_STYLE_COUNT]; /* as words, owned; NULL: not yet */
	unsigned int drawn;	       /* columns of what is on the terminal */
};

struct nfp_progress *nfp_progress_new(void)
{
	return nfp_calloc(1, sizeof(struct nfp_progress));
}

void nfp_progress_free(struct nfp_progress *progress)
{
	if (!progress)
		return;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		free(progress->judged[style]);
	free(progress);
}

/* ---- what happens ---- */

/* Only the result says SAFE, since another ladder may still take it back. A style whose IPv6 was
 * not shown may turn out to have none. */
static struct nfp_words verdict_so_far(const struct nfp_style_result *style)
{
	if (style->verdict != NFP_VERDICT_SAFE && !nfp_is_by(style, NFP_CHECK_WIRE))
		return nfp_verdict_text(style);
	return nfp_phrase("ok%s", style->multicast == NFP_STATE_UNPROVEN ||
						  style->multicast == NFP_STATE_LOST
					  ? " for IPv4"
					  : "");
}

bool nfp_progress_event(struct nfp_progress *progress, const struct nfp_event *event,
			uint64_t now_ns)
{
	switch (event->what) {
	case NFP_EVENT_RUN:
		nfp_utf8_clean(progress->pf, sizeof(progress->pf), event->run->pf.ifname, true);
		progress->begin_ns = now_ns;
		progress->total_ns = progress->expected_ns = event->remaining_ns;
		memcpy(progress->asked, event->run->settings.styles, sizeof(progress->asked));
		return false;
	case NFP_EVENT_STEP:
		progress->vf = event->where.vf;
		progress->style = event->where.style;
		progress->step = event->step;
		progress->running = progress->begun = true;
		/* A ladder may take longer than expected. The remaining time never jumps back. */
		progress->total_ns = MAX(progress->total_ns,
					 now_ns - progress->begin_ns + event->remaining_ns);
		return true;
	case NFP_EVENT_LANDING:
		return progress->running;
	case NFP_EVENT_VERDICT:
		progress->running = false;
		/* The result says how other styles change it in the end. */
		if (progress->judged[event->style->style])
			return false;
		progress->judged[event->style->style] =
			nfp_strdup(verdict_so_far(event->style).text);
		return progress->begun;
	default:
		return false;
	}
}

/* ---- drawing ---- */

static unsigned int seconds_up(uint64_t ns)
{
	return (unsigned int)((ns + NFP_NSEC_PER_SEC - 1) / NFP_NSEC_PER_SEC);
}

/* Writes "bridge", or "bridge (3 of 8 styles)" if many are to come. A fix is none of these. */
static struct nfp_words style_words(const struct nfp_progress *progress)
{
	struct nfp_words words = nfp_phrase("%s", nfp_style_name(progress->style));
	unsigned int asked = 0, judged = 0;

	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		asked += progress->asked[style];
		judged += progress->asked[style] && progress->judged[style];
	}
	if (asked > 2 && progress->asked[progress->style] && !progress->judged[progress->style])
		nfp_append(&words, " ", "(%u of %u styles)", judged + 1, asked);
	return words;
}

/* Writes "eth0 VF 3   34 of about 60 s   bridge: migrates   so far: macvtap ok", as far as there is
 * room: a part that is cut off could say something else. */
static struct nfp_words line_of(const struct nfp_progress *progress, unsigned int columns,
				uint64_t now_ns)
{
	enum nfp_life_column column = nfp_life_column_of(progress->step);
	unsigned int now = (unsigned int)((now_ns - progress->begin_ns) / NFP_NSEC_PER_SEC);
	unsigned int total = seconds_up(progress->total_ns);
	struct nfp_words line = {0}, parts[5] = {0};
	bool found = false;

	nfp_append(&parts[0], "", "%s VF %u", progress->pf, progress->vf);
	if (now <= total)
		nfp_append(&parts[1], "", "%u of about %u s", now, total);
	else
		nfp_append(&parts[1], "", "%u s, more than the %u s expected", now,
			   seconds_up(progress->expected_ns));
	if (progress->running)
		nfp_append(&parts[2], "", "%s: %s", style_words(progress).text,
			   column < NFP_LIFE_COUNT ? nfp_life_columns[column].heading
						   : nfp_step_name(progress->step));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (!progress->judged[style])
			continue;
		nfp_append(&parts[3], "", "%s%s %s",
			   found ? ", " : "so far: ", nfp_style_name(style),
			   progress->judged[style]);
		found = true;
	}
	nfp_append(&parts[4], "", "Ctrl-C restores the host");
	for (size_t i = 0; i < NFP_NUM(parts); i++) {
		struct nfp_words longer = line;

		if (!parts[i].text[0])
			continue;
		nfp_append(&longer, "   ", "%s", parts[i].text);
		if (nfp_utf8_width(longer.text) > columns)
			break;
		line = longer;
	}
	return line;
}

void nfp_progress_clear(struct nfp_progress *progress, unsigned int columns, FILE *out)
{
	/* A terminal that was made narrower in the meantime has wrapped what is on it. */
	unsigned int rows = columns ? (progress->drawn + columns - 1) / columns : 1;

	if (!progress->drawn)
		return;
	progress->drawn = 0;
	if (rows > 1)
		fprintf(out, "\033[%uA", rows - 1);
	fputs("\r\033[J", out);
	fflush(out);
}

void nfp_progress_draw(struct nfp_progress *progress, unsigned int columns, uint64_t now_ns,
		       FILE *out)
{
	/* The last column stays free: some terminals wrap there. */
	struct nfp_words line = line_of(progress, (columns ?: COLUMNS) - 1, now_ns);

	nfp_progress_clear(progress, columns, out);
	progress->drawn = nfp_utf8_width(line.text);
	fputs(line.text, out);
	fflush(out);
}

/* ---- where there is no terminal ---- */

int nfp_progress_so_far(const struct nfp_progress *progress, const struct nfp_style_result *style,
			uint64_t now_ns, FILE *out)
{
	struct nfp_writer w = {.out = out};

	nfp_writer_text(&w, NFP_PLAIN, "nfprobe: %s %s so far (%" PRIu64 " s)",
			nfp_style_name(style->style), verdict_so_far(style).text,
			(now_ns - progress->begin_ns) / NFP_NSEC_PER_SEC);
	nfp_writer_newline(&w);
	return nfp_stream_status(out);
}
