// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - the counts at each netdev of a guest's way, while it is watched and at the end; and
 * their JSON. */
#include "writer_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* ---- text ---- */

static const enum nfp_text_colour colours[NFP_WATCH_ANSWERS] = {
	[NFP_WATCH_STOPS] = NFP_RED,
	[NFP_WATCH_VF] = NFP_RED,
	[NFP_WATCH_GROUPS] = NFP_YELLOW,
	[NFP_WATCH_PASSES] = NFP_GREEN,
};

/* Is a netdev where frames of a kind stop? Then the count of it is red. */
static bool is_behind_stop(const struct nfp_watched_way *watch, const struct nfp_watched_hop *hop,
			   enum nfp_bound bound, enum nfp_heard_kind kind)
{
	nfp_for_each (stop, watch->stops, watch->num_stops)
		if (stop->bound == bound && stop->kinds[kind] &&
		    strcmp(stop->before, hop->ifname) == 0)
			return true;
	return false;
}

static void add_counts(struct nfp_grid *grid, const struct nfp_watched_way *watch,
		       const struct nfp_watched_hop *hop)
{
	for (enum nfp_bound bound = 0; bound < NFP_BOUND_COUNT; bound++)
		for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++) {
			if (hop->ear == NFP_EAR_HEARS)
				nfp_grid_cell(grid,
					      is_behind_stop(watch, hop, bound, kind) ? NFP_RED
										      : NFP_PLAIN,
					      "%" PRIu64, hop->heard.frames[bound][kind]);
			else
				nfp_grid_cell(grid, NFP_YELLOW, "%s",
					      hop->ear == NFP_EAR_DOWN ? "down" : "");
		}
}

static struct nfp_words name_of(const struct nfp_watched_hop *hop)
{
	return nfp_phrase("%s%s%s", hop->ifname, hop->bridge[0] ? " of " : "", hop->bridge);
}

/* Returns the number of lines. */
static unsigned int print_counts(struct nfp_writer *w, const struct nfp_watched_way *watch)
{
	struct nfp_grid grid = {.widths = {20}};

	nfp_for_each (hop, watch->hops, watch->num_hops)
		grid.widths[0] = MAX(grid.widths[0], nfp_utf8_width(name_of(hop).text) + 2);
	nfp_writer_at(w, grid.widths[0], NFP_BOLD, "%-28s%s", "to the guest", "from the guest");
	nfp_writer_newline(w);
	nfp_grid_column(&grid, false, "");
	for (enum nfp_bound bound = 0; bound < NFP_BOUND_COUNT; bound++)
		for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++)
			nfp_grid_column(&grid, true, nfp_name(&nfp_heard_kind_names, kind));
	nfp_for_each (hop, watch->hops, watch->num_hops) {
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", name_of(hop).text);
		add_counts(&grid, watch, hop);
	}
	(void)nfp_writer_grid(w, &grid);
	return 2U + (unsigned int)watch->num_hops;
}

unsigned int nfp_report_watch_live(const struct nfp_watched_way *watch, unsigned int drawn,
				   uint64_t left_ns, const struct nfp_report_opts *opts, FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	if (drawn)
		fprintf(out, "\033[%uA\033[J", drawn);
	drawn = print_counts(&w, watch);
	nfp_writer_text(&w, NFP_PLAIN, "%.0f s to go; Ctrl-C ends it with what it has",
			nfp_seconds(left_ns));
	nfp_writer_newline(&w);
	(void)fflush(out);
	return drawn + 1;
}

void nfp_report_watch_erase(unsigned int drawn, FILE *out)
{
	if (drawn)
		fprintf(out, "\033[%uA\033[J", drawn);
	(void)fflush(out);
}

int nfp_report_watch_text(const struct nfp_watched_way *watch, const struct nfp_report_opts *opts,
			  FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_writer_line(&w, colours[watch->answer], 0, 2, "%s", watch->text);
	if (opts->quiet)
		return nfp_stream_status(out);
	for (size_t i = 0; i < watch->notes.n; i++)
		nfp_writer_line(&w, NFP_PLAIN, 0, 0, "%s",
				nfp_sentence(watch->notes.v[i], watch->notes.v[i]).text);
	nfp_writer_newline(&w);
	(void)print_counts(&w, watch);
	nfp_writer_line(&w, NFP_PLAIN, 0, 0, "Frames of %s in %.1f s.",
			nfp_mac_str(&watch->guest).text, nfp_seconds(watch->ns));
	return nfp_stream_status(out);
}

/* ---- JSON ---- */

#define J     NFP_IN_JSON
#define FIELD NFP_FIELD
#define NULLS .unknown = NFP_NULL

static const char *const ears[] = {"unheard", "heard", "down"};
static const struct nfp_names ear_names = {ears, NFP_NUM(ears)};

#define COUNT(bound_, kind_, key_) FIELD(NUMBER, nfp_heard, key_, frames[bound_][kind_], J)

static const struct nfp_field to_fields[] = {
	COUNT(NFP_TO_GUEST, NFP_HEARD_UNICAST, "unicast"),
	COUNT(NFP_TO_GUEST, NFP_HEARD_BROADCAST, "broadcast"),
	COUNT(NFP_TO_GUEST, NFP_HEARD_GROUPS, "groups"),
};

static const struct nfp_field from_fields[] = {
	COUNT(NFP_FROM_GUEST, NFP_HEARD_UNICAST, "unicast"),
	COUNT(NFP_FROM_GUEST, NFP_HEARD_BROADCAST, "broadcast"),
	COUNT(NFP_FROM_GUEST, NFP_HEARD_GROUPS, "groups"),
};

static const struct nfp_field hop_fields[] = {
	FIELD(TEXT, nfp_watched_hop, "ifname", ifname, J),
	FIELD(TEXT, nfp_watched_hop, "netns", netns, J, NULLS),
	FIELD(TEXT, nfp_watched_hop, "bridge", bridge, J, NULLS),
	FIELD(ENUM, nfp_watched_hop, "state", ear, J, .names = &ear_names),
	FIELD(TEXT, nfp_watched_hop, "why", why, J, NULLS),
	FIELD(BOOL, nfp_watched_hop, "any_vlan", any_vlan, J),
	FIELD(OBJECT, nfp_watched_hop, "to", heard, J, NFP_TABLE_OF(nfp_heard, to_fields)),
	FIELD(OBJECT, nfp_watched_hop, "from", heard, J, NFP_TABLE_OF(nfp_heard, from_fields)),
	FIELD(NUMBER, nfp_watched_hop, "tx_dropped", dropped, J,
	      NFP_KNOWN(nfp_watched_hop, have_dropped)),
};

static const struct nfp_field stop_fields[] = {
	FIELD(ENUM, nfp_watch_stop, "bound", bound, J, .names = &nfp_bound_names),
	FIELD(NAMES, nfp_watch_stop, "kinds", kinds, J, .names = &nfp_heard_kind_names),
	FIELD(TEXT, nfp_watch_stop, "after", after, J),
	FIELD(TEXT, nfp_watch_stop, "before", before, J),
	FIELD(NUMBER, nfp_watch_stop, "came", came, J),
	FIELD(TEXT, nfp_watch_stop, "what", what, J),
};

static const struct nfp_field vf_fields[] = {
	FIELD(TEXT, nfp_watched_vf, "pf", pf, J),
	FIELD(NUMBER, nfp_watched_vf, "vf", vf, J),
	FIELD(BOOL, nfp_watched_vf, "in_use", in_use, J),
	FIELD(BOOL, nfp_watched_vf, "counts", counts, J),
};

static const struct nfp_field watch_fields[] = {
	FIELD(ENUM, nfp_watched_way, "answer", answer, J, .names = &nfp_watch_answer_names),
	FIELD(TEXT, nfp_watched_way, "text", text, J),
	FIELD(MAC, nfp_watched_way, "address", guest, J),
	FIELD(NUMBER, nfp_watched_way, "ms", ns, J, .scale = NFP_NSEC_PER_MSEC),
	FIELD(LIST, nfp_watched_way, "hops", hops, J, NFP_TABLE_OF(nfp_watched_hop, hop_fields),
	      NFP_COUNTED(nfp_watched_way, num_hops)),
	FIELD(LIST, nfp_watched_way, "stops", stops, J, NFP_TABLE_OF(nfp_watch_stop, stop_fields),
	      NFP_COUNTED(nfp_watched_way, num_stops)),
	FIELD(OBJECT, nfp_watched_way, "vf", vf, J, NFP_TABLE_OF(nfp_watched_vf, vf_fields),
	      NFP_KNOWN(nfp_watched_way, has_vf)),
	FIELD(NUMBER, nfp_watched_way, "vf_unicast", vf_unicast, J),
	FIELD(TEXTS, nfp_watched_way, "notes", notes, J),
	FIELD(NUMBER, nfp_watched_way, "exit", exit_status, J),
};
const struct nfp_table nfp_watch_table = NFP_TABLE(nfp_watched_way, watch_fields);

json_t *nfp_report_watch_json(const struct nfp_watched_way *watch, const struct nfp_err *error)
{
	return nfp_json_document(&nfp_watch_table, watch, error);
}
