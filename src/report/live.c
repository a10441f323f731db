// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live.c - a run on a terminal: the table of a guest's life, of which a row is final as soon as its
 * ladder is judged. At the end the table gives way to the result, which has the same rows.
 */
#include "report_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

struct nfp_live {
	const struct nfp_request *request; /* borrowed */
	struct nfp_result known;	   /* of the event RUN; owns nothing */
	struct nfp_vf_result vf;	   /* the styles that are judged */
	uint64_t begin_ns, total_ns;
	enum nfp_style style; /* of the ladder that is under way */
	bool begun;	      /* a step has */
	bool climbing;
	enum nfp_step step;
	struct nfp_strv drawn; /* the lines on the terminal */
};

struct nfp_live *nfp_live_new(const struct nfp_request *request)
{
	struct nfp_live *live = nfp_calloc(1, sizeof(*live));

	live->request = request;
	return live;
}

void nfp_live_free(struct nfp_live *live)
{
	if (!live)
		return;
	nfp_vf_fini(&live->vf);
	nfp_strv_fini(&live->drawn);
	free(live);
}

/* ---- what happens ---- */

bool nfp_live_tell(struct nfp_live *live, const struct nfp_event *event, uint64_t now_ns)
{
	switch (event->what) {
	case NFP_EVENT_RUN:
		live->known = *event->run;
		nfp_result_disown(&live->known);
		live->begin_ns = now_ns;
		live->total_ns = event->remaining_ns;
		return false;
	case NFP_EVENT_STEP:
		live->vf.vf = event->where.vf;
		live->style = event->where.style;
		live->step = event->step;
		live->climbing = live->begun = true;
		/* A ladder may take longer than expected; the time left never jumps back. */
		live->total_ns = MAX(live->total_ns, now_ns - live->begin_ns + event->remaining_ns);
		return true;
	case NFP_EVENT_LANDING:
		return live->climbing;
	case NFP_EVENT_VERDICT:
		live->climbing = false;
		/* The result says how other styles change it in the end. */
		if (nfp_vf_style(&live->vf, event->style->style))
			return false;
		nfp_vf_add_style(&live->vf, event->style);
		return live->begun;
	default:
		return false;
	}
}

/* ---- drawing ---- */

/* "eth0 VF 3   58 of up to 92 s   bridge: migrates   Ctrl-C restores the host" */
static void print_head(struct nfp_writer *w, const struct nfp_live *live, uint64_t now_ns)
{
	enum nfp_life_column column = nfp_life_column_of(live->step);
	unsigned int total =
		(unsigned int)((live->total_ns + NFP_NSEC_PER_SEC - 1) / NFP_NSEC_PER_SEC);
	unsigned int now = (unsigned int)((now_ns - live->begin_ns) / NFP_NSEC_PER_SEC);

	nfp_writer_text(w, NFP_BOLD, "%s VF %u", live->known.pf.ifname, live->vf.vf);
	nfp_writer_text(w, NFP_PLAIN, "   %u of up to %u s", now, MAX(now, total));
	if (live->climbing)
		nfp_writer_wrap(w, NFP_PLAIN, 4, "   %s: %s", nfp_style_name(live->style),
				column < NFP_LIFE_COUNT ? nfp_life_heading(column)
							: nfp_step_name(live->step));
	nfp_writer_wrap(w, NFP_PLAIN, 4, "   Ctrl-C restores the host");
	nfp_writer_newline(w);
}

static void print_table(struct nfp_writer *w, const struct nfp_live *live)
{
	const bool *asked = live->request->styles;
	struct nfp_waiting waiting = {.styles = {false}};

	for (enum nfp_style s = 0; s < NFP_STYLE_COUNT; s++) {
		bool current = live->climbing && s == live->style;
		/* Ladders are climbed in the order of the styles. */
		bool passed = live->climbing && s < live->style;

		waiting.styles[s] = current || (asked[s] && !passed && !nfp_vf_style(&live->vf, s));
		waiting.remedy[s] = !asked[s];
	}
	nfp_life_print(w, &live->known, &live->vf, &waiting);
}

/* The width of a line, without its colours. */
static unsigned int width_of(const char *line)
{
	char *plain = nfp_strdup(line), *to = plain;
	unsigned int width;

	for (const char *from = line; *from;) {
		if (*from == '\033')
			from += strcspn(from, "m") + (strchr(from, 'm') != NULL);
		else
			*to++ = *from++;
	}
	*to = '\0';
	width = nfp_utf8_width(plain);
	free(plain);
	return width;
}

void nfp_live_clear(struct nfp_live *live, unsigned int columns, FILE *out)
{
	unsigned int rows = 0;

	if (!live->drawn.n)
		return;
	/* A terminal that was made narrower in the meantime has wrapped what is on it. */
	for (size_t i = 0; i < live->drawn.n; i++) {
		unsigned int width = width_of(live->drawn.v[i]);

		rows += columns && width ? (width + columns - 1) / columns : 1;
	}
	nfp_strv_fini(&live->drawn);
	if (rows > 1)
		fprintf(out, "\033[%uA", rows - 1);
	fputs("\r\033[J", out);
	fflush(out);
}

void nfp_live_draw(struct nfp_live *live, const struct nfp_report_opts *opts, uint64_t now_ns,
		   FILE *out)
{
	/* The last column stays free: some terminals wrap there. */
	struct nfp_writer w = {.columns = opts->columns ? opts->columns - 1 : 0,
			       .color = opts->color};
	char *text = NULL, *rest = NULL;
	size_t size;

	nfp_live_clear(live, opts->columns, out);
	w.out = open_memstream(&text, &size);
	if (!w.out)
		return;
	print_head(&w, live, now_ns);
	print_table(&w, live);
	fclose(w.out);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		/* Lines that have scrolled away could not be wiped. */
		if (opts->rows && live->drawn.n + 1 >= opts->rows)
			break;
		fprintf(out, "%s%s", live->drawn.n ? "\n" : "", line);
		nfp_strv_take(&live->drawn, nfp_strdup(line)); /* two may be alike */
	}
	fflush(out);
	free(text);
}

/* ---- where there is no terminal ---- */

int nfp_live_so_far(const struct nfp_live *live, const struct nfp_style_result *style,
		    uint64_t now_ns, FILE *out)
{
	struct nfp_writer w = {.out = out};

	nfp_writer_text(&w, NFP_PLAIN, "nfprobe: %s %s so far (%" PRIu64 " s)",
			nfp_style_name(style->style), nfp_verdict_text(style).text,
			(now_ns - live->begin_ns) / NFP_NSEC_PER_SEC);
	nfp_writer_newline(&w);
	return nfp_stream_status(out);
}
