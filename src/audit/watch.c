// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - where the frames of a guest stop, from what was counted at each netdev of its way. */
#include "audit/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/output.h"

static const char *const answers[] = {
	[NFP_WATCH_STOPS] = "stops",   [NFP_WATCH_VF] = "vf",	    [NFP_WATCH_GROUPS] = "groups",
	[NFP_WATCH_FEW] = "few",       [NFP_WATCH_VLAN] = "vlan",   [NFP_WATCH_PASSES] = "passes",
	[NFP_WATCH_INSIDE] = "inside", [NFP_WATCH_ALONE] = "alone", [NFP_WATCH_NOTHING] = "nothing",
};
const struct nfp_names nfp_watch_answer_names = {answers, NFP_NUM(answers)};

/* ---- the way of a frame ---- */

/* Returns hop number @i in the order in which frames pass the netdevs that count. NULL: the last
 * was before. */
static const struct nfp_watched_hop *passed(const struct nfp_watched_way *watch,
					    enum nfp_bound bound, size_t i)
{
	for (size_t n = 0; n < watch->num_hops; n++) {
		const struct nfp_watched_hop *hop =
			&watch->hops[bound == NFP_TO_GUEST ? watch->num_hops - 1 - n : n];

		if (hop->ear != NFP_EAR_DEAF && i-- == 0)
			return hop;
	}
	return NULL;
}

static uint64_t count(const struct nfp_watched_hop *hop, enum nfp_bound bound,
		      enum nfp_heard_kind kind)
{
	return hop->heard.frames[bound][kind];
}

static bool came_late(const struct nfp_watched_hop *hop, enum nfp_bound bound,
		      enum nfp_heard_kind kind)
{
	return hop->ear == NFP_EAR_HEARS && hop->late.frames[bound][kind];
}

/* Must frames of this kind go all the way? */
static bool is_judged(const struct nfp_watched_way *watch, enum nfp_bound bound,
		      enum nfp_heard_kind kind)
{
	return kind != NFP_HEARD_UNICAST ||
	       (bound == NFP_TO_GUEST && !(watch->has_vf && watch->vf.in_use));
}

static bool goes_all_the_way(const struct nfp_watched_way *watch, enum nfp_bound bound,
			     enum nfp_heard_kind kind)
{
	const struct nfp_watched_hop *hop = passed(watch, bound, 0);

	if (!hop || !count(hop, bound, kind))
		return false;
	for (size_t i = 1; (hop = passed(watch, bound, i)); i++)
		if (!came_late(hop, bound, kind))
			return false;
	return true;
}

/* ---- stops ---- */

/* Writes "eth0 of br0". @other: a name that stands before it, and may be a port of the same bridge;
 * or NULL. */
static const char *name_of(const struct nfp_watched_hop *hop, const struct nfp_watched_hop *other,
			   char buf[2 * NFP_TEXT_LEN])
{
	bool same = other && strcmp(other->bridge, hop->bridge) == 0 &&
		    strcmp(other->netns, hop->netns) == 0;

	snprintf(buf, 2 * NFP_TEXT_LEN, "%s%s%s%s%s%s", hop->ifname,
		 hop->bridge[0] && !same ? " of " : "", same ? "" : hop->bridge,
		 hop->netns[0] && !same ? " (" : "", same ? "" : hop->netns,
		 hop->netns[0] && !same ? ")" : "");
	return buf;
}

/* Where there may be a stop. */
struct doubt {
	bool few;
	const struct nfp_watched_hop *vlan; /* the netdev where the guest's VLAN is not known */
};

/* Finds the stop of a kind. Returns the netdev before it, and *ret_next behind it. NULL: there is
 * none. */
static const struct nfp_watched_hop *find_stop(const struct nfp_watched_way *watch,
					       enum nfp_bound bound, enum nfp_heard_kind kind,
					       const struct nfp_watched_hop **ret_next,
					       struct doubt *doubt)
{
	const struct nfp_watched_hop *hop = passed(watch, bound, 0), *next;

	for (size_t i = 1; hop && (next = passed(watch, bound, i)); i++, hop = next) {
		if (!count(hop, bound, kind) || came_late(next, bound, kind))
			continue;
		*ret_next = next;
		if (hop->any_vlan && kind != NFP_HEARD_UNICAST)
			doubt->vlan = hop;
		else if (count(hop, bound, kind) >= NFP_WATCH_FRAMES)
			return hop;
		else
			doubt->few |= kind != NFP_HEARD_GROUPS;
	}
	return NULL;
}

static struct nfp_watch_stop *stop_at(struct nfp_watched_way *watch, enum nfp_bound bound,
				      const struct nfp_watched_hop *hop,
				      const struct nfp_watched_hop *next)
{
	struct nfp_watch_stop *stop;

	nfp_for_each (s, watch->stops, watch->num_stops)
		if (s->bound == bound && strcmp(s->after, hop->ifname) == 0 &&
		    strcmp(s->before, next->ifname) == 0)
			return s;
	stop = nfp_grow(watch->stops, watch->num_stops);
	*stop = (struct nfp_watch_stop) {.bound = bound};
	snprintf(stop->after, sizeof(stop->after), "%s", hop->ifname);
	snprintf(stop->before, sizeof(stop->before), "%s", next->ifname);
	return stop;
}

static void describe_stop(struct nfp_watch_stop *stop, const struct nfp_watched_hop *hop,
			  const struct nfp_watched_hop *next)
{
	char after[2 * NFP_TEXT_LEN], before[2 * NFP_TEXT_LEN], what[64] = "";
	const char *from = stop->bound == NFP_FROM_GUEST ? " from the guest" : "";

	for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS && !stop->all; kind++)
		if (stop->kinds[kind])
			nfp_appendf(what, sizeof(what), "%s%s", what[0] ? " and " : "",
				    nfp_name(&nfp_heard_kind_names, kind));
	if (stop->all && from[0])
		snprintf(what, sizeof(what), "what comes");
	snprintf(stop->what, sizeof(stop->what),
		 "%s%s%sstop%s between %s and %s%s: %" PRIu64 " came, 0 went on", what, from,
		 what[0] ? " " : "",
		 strstr(what, " and ") || strcmp(what, "groups") == 0 ? "" : "s",
		 name_of(hop, NULL, after), name_of(next, hop, before),
		 next->ear == NFP_EAR_DOWN ? ", which is down" : "", stop->came);
}

/* Finds the stops of one direction. */
static void find_stops(struct nfp_watched_way *watch, enum nfp_bound bound, struct doubt *doubt)
{
	const struct nfp_watched_hop *hop, *next;
	bool through = false;

	for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++) {
		if (!is_judged(watch, bound, kind))
			continue;
		/* This host sends groups of its own to each netdev. */
		through |= kind != NFP_HEARD_GROUPS && goes_all_the_way(watch, bound, kind);
		hop = find_stop(watch, bound, kind, &next, doubt);
		if (hop) {
			struct nfp_watch_stop *stop = stop_at(watch, bound, hop, next);

			stop->kinds[kind] = true;
			stop->came += count(hop, bound, kind);
		}
	}
	nfp_for_each (stop, watch->stops, watch->num_stops) {
		if (stop->bound != bound)
			continue;
		stop->all = !through;
		for (size_t i = 0; (hop = passed(watch, bound, i)); i++)
			if (strcmp(hop->ifname, stop->after) == 0 &&
			    (next = passed(watch, bound, i + 1)) != NULL &&
			    strcmp(next->ifname, stop->before) == 0)
				describe_stop(stop, hop, next);
	}
}

/* A bridge that snoops, and a macvtap, may keep groups from a guest that has not joined them. */
static bool is_of_groups(const struct nfp_watch_stop *stop)
{
	return !stop->kinds[NFP_HEARD_UNICAST] && !stop->kinds[NFP_HEARD_BROADCAST];
}

/* ---- the VF ---- */

/*
 * How many frames to one station has the NIC given to the VF, at least? Drivers that count no
 * broadcast have it among the rest, as the PF has heard it, or sent it itself.
 */
static uint64_t unicast_of_vf(const struct nfp_watched_way *watch)
{
	const struct nfp_vf_counters *a = &watch->vf.before, *b = &watch->vf.after;
	const struct nfp_watched_hop *pf = passed(watch, NFP_TO_GUEST, 0);
	uint64_t given = 0, others = 0;

	if (!watch->has_vf || !watch->vf.counts || !pf)
		return 0;
	/* Dropped frames are among those received, or beside them. */
	if (b->rx_packets >= a->rx_packets && b->rx_dropped >= a->rx_dropped)
		given = MAX(b->rx_packets - a->rx_packets, b->rx_dropped - a->rx_dropped);
	if (b->multicast > a->multicast)
		others += b->multicast - a->multicast;
	else
		others += count(pf, NFP_TO_GUEST, NFP_HEARD_GROUPS);
	if (b->broadcast > a->broadcast)
		others += b->broadcast - a->broadcast;
	else
		others += count(pf, NFP_TO_GUEST, NFP_HEARD_BROADCAST) + watch->vf.pf_sent;
	return given > others ? given - others : 0;
}

/* Does the NIC give the VF what no PF gets, though broadcasts come to the PF? */
static bool is_taken_by_vf(const struct nfp_watched_way *watch)
{
	const struct nfp_watched_hop *pf = passed(watch, NFP_TO_GUEST, 0);

	return pf && pf->ear == NFP_EAR_HEARS && watch->vf_unicast >= NFP_WATCH_FRAMES &&
	       !pf->late.frames[NFP_TO_GUEST][NFP_HEARD_UNICAST] &&
	       count(pf, NFP_TO_GUEST, NFP_HEARD_BROADCAST);
}

/* ---- the answer ---- */

static bool was_heard(const struct nfp_watched_way *watch, enum nfp_bound bound, bool at_first)
{
	const struct nfp_watched_hop *hop;

	for (size_t i = 0; (hop = passed(watch, bound, i)) && (i == 0 || !at_first); i++)
		for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++)
			if (hop->ear == NFP_EAR_HEARS && count(hop, bound, kind))
				return true;
	return false;
}

static bool anything_passes(const struct nfp_watched_way *watch)
{
	for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++)
		if (is_judged(watch, NFP_TO_GUEST, kind) &&
		    goes_all_the_way(watch, NFP_TO_GUEST, kind))
			return true;
	return false;
}

static enum nfp_watch_answer find_answer(const struct nfp_watched_way *watch,
					 const struct doubt *doubt)
{
	size_t num = 0, of_groups = 0;

	while (passed(watch, NFP_TO_GUEST, num))
		num++;
	nfp_for_each (stop, watch->stops, watch->num_stops)
		of_groups += is_of_groups(stop);
	if (watch->num_stops > of_groups)
		return NFP_WATCH_STOPS;
	if (is_taken_by_vf(watch) && !watch->vf.in_use)
		return NFP_WATCH_VF;
	if (num < 2)
		return NFP_WATCH_ALONE;
	if (doubt->few)
		return NFP_WATCH_FEW;
	if (doubt->vlan)
		return NFP_WATCH_VLAN;
	if (of_groups)
		return NFP_WATCH_GROUPS;
	if (anything_passes(watch))
		return NFP_WATCH_PASSES;
	return was_heard(watch, NFP_TO_GUEST, false) || was_heard(watch, NFP_FROM_GUEST, false)
		       ? NFP_WATCH_INSIDE
		       : NFP_WATCH_NOTHING;
}

/* Puts stops of groups alone behind the others. */
static int compare_stops(const void *a, const void *b)
{
	const struct nfp_watch_stop *one = a, *two = b;

	return (int)is_of_groups(one) - (int)is_of_groups(two) ?: (int)one->bound - (int)two->bound;
}

static const char *text_of(const struct nfp_watched_way *watch, const struct doubt *doubt,
			   char buf[NFP_NOTE_LEN])
{
	const struct nfp_watched_hop *first = passed(watch, NFP_TO_GUEST, 0);

	switch (watch->answer) {
	case NFP_WATCH_STOPS:
	case NFP_WATCH_GROUPS:
		return watch->stops[0].what;
	case NFP_WATCH_VF:
		snprintf(buf, NFP_NOTE_LEN,
			 "the NIC gives them to VF %u: %" PRIu64 " came there, 0 at %s",
			 watch->vf.vf, watch->vf_unicast, first->ifname);
		return buf;
	case NFP_WATCH_VLAN:
		snprintf(buf, NFP_NOTE_LEN,
			 "not known: broadcasts of other VLANs come to %s, and no unicast of it",
			 doubt->vlan->ifname);
		return buf;
	case NFP_WATCH_FEW:
		return "too few frames came: let more be sent to it";
	case NFP_WATCH_PASSES:
		return watch->unseen.n ? "all that came went on, but not all of this host was seen"
				       : "all that came went on";
	case NFP_WATCH_INSIDE:
		snprintf(buf, NFP_NOTE_LEN,
			 "nothing of it came in at %s: let another host send to it", first->ifname);
		return buf;
	case NFP_WATCH_ALONE:
		return "not known: fewer than two netdevs of its way could be listened at";
	default:
		return "nothing of it was seen anywhere: let something send to it";
	}
}

/* Notes what the reader of the counts must know. */
static void add_notes(struct nfp_watched_way *watch, const struct doubt *doubt)
{
	const struct nfp_watched_hop *first = passed(watch, NFP_TO_GUEST, 0);
	struct nfp_strv *notes = &watch->notes;
	char name[2 * NFP_TEXT_LEN];

	for (size_t i = 0; i < watch->num_stops; i++)
		if (i || (watch->answer != NFP_WATCH_STOPS && watch->answer != NFP_WATCH_GROUPS))
			nfp_strv_addf(notes, "%s", watch->stops[i].what);
	if (watch->num_stops && is_of_groups(&watch->stops[watch->num_stops - 1]))
		nfp_strv_addf(notes,
			      "groups that the guest has not joined need not reach it, where "
			      "a bridge snoops or a macvtap filters");
	if (is_taken_by_vf(watch) && !watch->vf.in_use && watch->answer != NFP_WATCH_VF)
		nfp_strv_addf(notes, "the NIC gives unicast to VF %u: %" PRIu64 " came there",
			      watch->vf.vf, watch->vf_unicast);
	if (watch->has_vf && watch->vf.in_use)
		nfp_strv_addf(notes,
			      "the guest uses VF %u, which gets its unicast: broadcast and groups "
			      "tell of the standby",
			      watch->vf.vf);
	else if (first && watch->answer == NFP_WATCH_PASSES &&
		 !count(first, NFP_TO_GUEST, NFP_HEARD_UNICAST))
		nfp_strv_addf(notes, "no unicast came for it, so that this says nothing of that");
	for (size_t i = 0; i < watch->unseen.n; i++)
		nfp_strv_addf(notes, "not seen: %s", watch->unseen.v[i]);
	if (doubt->few && watch->answer != NFP_WATCH_FEW)
		nfp_strv_addf(notes, "of the rest too few frames came to say anything");
	nfp_for_each (hop, watch->hops, watch->num_hops) {
		if (hop->ear == NFP_EAR_DEAF)
			nfp_strv_addf(notes, "%s was not listened at: %s", name_of(hop, NULL, name),
				      hop->why);
		else if (hop->any_vlan)
			nfp_strv_addf(notes,
				      "the guest's VLAN at %s is not known, so that "
				      "broadcast and groups of others count there",
				      name_of(hop, NULL, name));
		if (hop->have_dropped && hop->dropped)
			nfp_strv_addf(
				notes,
				"%s dropped %" PRIu64
				" frames (tx_dropped), which whoever is behind it did not get",
				name_of(hop, NULL, name), hop->dropped);
	}
}

void nfp_watch_judge(struct nfp_watched_way *watch)
{
	char buf[NFP_NOTE_LEN];
	struct doubt doubt = {.few = false};

	for (enum nfp_bound bound = 0; bound < NFP_BOUND_COUNT; bound++)
		find_stops(watch, bound, &doubt);
	if (watch->num_stops)
		qsort(watch->stops, watch->num_stops, sizeof(*watch->stops), compare_stops);
	watch->vf_unicast = unicast_of_vf(watch);
	watch->answer = find_answer(watch, &doubt);
	snprintf(watch->text, sizeof(watch->text), "%s", text_of(watch, &doubt, buf));
	add_notes(watch, &doubt);
	watch->exit_status =
		watch->answer == NFP_WATCH_STOPS || watch->answer == NFP_WATCH_VF ? NFP_EXIT_UNSAFE
		: (watch->answer == NFP_WATCH_PASSES || watch->answer == NFP_WATCH_GROUPS) &&
				!watch->unseen.n
			? NFP_EXIT_SAFE
			: NFP_EXIT_UNKNOWN;
}

void nfp_watch_fini(struct nfp_watched_way *watch)
{
	free(watch->hops);
	free(watch->stops);
	nfp_strv_fini(&watch->notes);
	nfp_strv_fini(&watch->unseen);
	*watch = (struct nfp_watched_way) {.num_hops = 0};
}
