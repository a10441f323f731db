// SPDX-License-Identifier: GPL-2.0-or-later
/* way.c - where the ways of standbys stop, as findings, and the guests whose ways they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "way_priv.h"

struct ways {
	const struct nfp_paths *paths;
	struct nfp_audit *audit;
	struct nfp_stops stops;
};

static int compare_stops(const void *a, const void *b)
{
	const struct nfp_stop *x = a, *y = b;

#define ORDER(member) ((x->member > y->member) - (x->member < y->member))
	return ORDER(what) ?: (int)nfp_stop_is_remark(x) - (int)nfp_stop_is_remark(y)
	       ?: ORDER(netns) ?: ORDER(hop) ?: ORDER(bridge) ?: ORDER(vlan) ?: -ORDER(pairing)
	       ?: ORDER(standby) ?: ORDER(pid);
#undef ORDER
}

static bool is_same(const struct nfp_stop *a, const struct nfp_stop *b)
{
	return a->what == b->what && a->hop == b->hop && a->bridge == b->bridge &&
	       a->vlan == b->vlan && (a->hop || a->pid == b->pid);
}

/* Returns whether its cause has been told: a port that the bridge delays now. */
static bool is_told(const struct nfp_stops *stops, const struct nfp_stop *stop)
{
	for (size_t i = 0; i < stops->n && stop->what == NFP_STOP_DELAYS_PORTS; i++)
		if (stops->v[i].what == NFP_STOP_HELD && stops->v[i].bridge == stop->hop)
			return true;
	return false;
}

static void tell(const struct nfp_paths *paths, const struct nfp_stop *stop, struct nfp_finding *f)
{
	const struct nfp_stop_row *row = &nfp_stop_rows[stop->what];
	const bool is_first = !f->what[0];
	const size_t size = sizeof(f->what);
	char text[NFP_NOTE_LEN];

	nfp_stop_text(stop, paths->pf, text, sizeof(text));
	nfp_appendf(f->what, size, "%s", is_first ? "" : "; ");
	if (!stop->hop)
		nfp_appendf(f->what, size, "process %d, who holds VF %u,", stop->pid, stop->vf->vf);
	else
		nfp_appendf(f->what, size, "%s%s%s%s%.60s", stop->hop->ifname,
			    stop->bridge ? " of " : "", stop->bridge ? stop->bridge->ifname : "",
			    stop->netns->name[0] ? " in " : "", stop->netns->name);
	nfp_appendf(f->what, size, " %s", text);
	if (stop->hop && stop->standby && stop->standby != stop->hop &&
	    stop->what != NFP_STOP_RULES)
		nfp_appendf(f->what, size, ", and %s is behind it", stop->standby->ifname);
	if (is_first) {
		f->remark = nfp_stop_is_remark(stop);
		nfp_finding_name(f, paths, row->whom == NFP_STOPS_OWN ? stop->vf : NULL);
		snprintf(f->why, sizeof(f->why), "%s", row->why);
		snprintf(f->after, sizeof(f->after), "%s", nfp_stop_after(stop));
	}
	nfp_stop_fix(stop, paths->pf, &f->commands);
}

/* One finding for all hops with one fault. */
static void tell_all(struct ways *ways)
{
	const struct nfp_stops *stops = &ways->stops;
	struct nfp_audit *audit = ways->audit;
	const struct nfp_stop *last = NULL;
	size_t num = 0;

	if (stops->n)
		qsort(stops->v, stops->n, sizeof(*stops->v), compare_stops);
	nfp_for_each (stop, stops->v, stops->n) {
		struct nfp_finding *f;

		if ((last && is_same(stop, last)) || is_told(stops, stop))
			continue;
		if (!last || last->what != stop->what ||
		    nfp_stop_is_remark(last) != nfp_stop_is_remark(stop)) {
			nfp_finding_add(audit, nfp_stop_rows[stop->what].code, ways->paths->pf);
			num = 0;
		}
		last = stop;
		f = &audit->findings[audit->num_findings - 1];
		if (++num <= COMMANDS_MAX)
			tell(ways->paths, stop, f);
		else if (num == COMMANDS_MAX + 1)
			nfp_appendf(f->what, sizeof(f->what), "; and others");
	}
}

static void note_cut(const struct nfp_standby_search *search, struct nfp_audit *audit)
{
	struct nfp_unread unread = {.needs = ""};
	const char *ifname = search->paths->pf->info.ifname;

	if (!search->is_cut && !search->way_is_cut)
		return;
	snprintf(unread.pf, sizeof(unread.pf), "%s", ifname);
	snprintf(unread.what, sizeof(unread.what), "the ways of all guests of %s: more than ",
		 ifname);
	if (search->is_cut)
		nfp_appendf(unread.what, sizeof(unread.what), "%u taps of one", NFP_STANDBYS_MAX);
	if (search->way_is_cut)
		nfp_appendf(unread.what, sizeof(unread.what), "%s%u netdevs on a way",
			    search->is_cut ? ", and " : "", NFP_STEPS_MAX);
	*nfp_grow(audit->unread, audit->num_unread) = unread;
}

static void look_at_standby(void *ctx, const struct nfp_standby *standby)
{
	struct ways *ways = ctx;
	size_t before = ways->stops.n;

	nfp_stops_find(ways->paths, standby, &ways->stops);
	if (standby->pairing >= NFP_PAIR_ADDRESS)
		nfp_guest_add(ways->paths, standby, ways->stops.v + before, ways->stops.n - before,
			      ways->audit);
}

void nfp_find_ways(const struct nfp_paths *paths, struct nfp_audit *audit)
{
	struct ways ways = {.paths = paths, .audit = audit};
	struct nfp_standby_search search;
	size_t before = audit->num_guests;

	if (!paths->pf->num_vfs)
		return;
	nfp_standbys_begin(paths, &search);
	nfp_standbys_each(&search, look_at_standby, &ways);
	note_cut(&search, audit);
	nfp_standbys_end(&search);
	nfp_guests_add_rest(paths, before, audit);
	nfp_stops_find_delays(paths, &ways.stops);
	tell_all(&ways);
	free(ways.stops.v);
}
