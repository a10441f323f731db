// SPDX-License-Identifier: GPL-2.0-or-later
/* guests.c - the guests of --audit, the ways of --way, and their JSON. */
#include "writer_priv.h"

#include <string.h>

#define TEXT_AT	   17U /* as the text of findings */
#define GUESTS_MAX 20U /* of more, those alone are shown whose ways stop */

/* ---- text ---- */

static struct nfp_words half_of(const struct nfp_guest_way *guest)
{
	struct nfp_words words = nfp_phrase("VF %u of %s", guest->vf, guest->pf);
	struct nfp_words more = {.text = ""};

	if (guest->vlan)
		nfp_append(&more, ", ", "VLAN %u", guest->vlan);
	if (guest->is_left)
		nfp_append(&more, ", ", "which nobody has now");
	else if (guest->at_rest)
		nfp_append(&more, ", ", "at rest");
	if (more.text[0])
		nfp_append(&words, " ", "(%s)", more.text);
	return words;
}

static struct nfp_words way_of(const struct nfp_guest_way *guest)
{
	struct nfp_words words = {.text = ""};

	nfp_for_each (hop, guest->hops, guest->num_hops) {
		nfp_append(&words, " > ", "%s", hop->ifname);
		if (hop->inward)
			nfp_append(&words, " > ", "%s", hop->bridge);
	}
	return words;
}

static struct nfp_words hop_name(const struct nfp_guest_hop *hop)
{
	return nfp_phrase("%s%s%s%s%s", hop->ifname, hop->bridge[0] ? " of " : "", hop->bridge,
			  hop->netns[0] ? " in " : "", hop->netns);
}

static bool is_of_bridge(const struct nfp_guest_hop *hop, const struct nfp_guest_stop *stop)
{
	return strcmp(stop->ifname, hop->ifname) != 0;
}

static struct nfp_words stop_of(const struct nfp_guest_hop *hop)
{
	struct nfp_words words = {.colour = NFP_RED};

	nfp_for_each (stop, hop->stops, hop->num_stops)
		if (stop->weight == NFP_WEIGHT_STOPS && !words.text[0])
			nfp_append(&words, "", "STOPS at %s: %s",
				   is_of_bridge(hop, stop) ? stop->ifname : hop_name(hop).text,
				   stop->what);
	return words;
}

static struct nfp_words end_of(const struct nfp_guest_way *guest)
{
	const struct nfp_guest_hop *hop = nfp_guest_stops_at(guest), *last;
	struct nfp_words words = {.text = ""};

	if (hop)
		return stop_of(hop);
	last = guest->num_hops ? &guest->hops[guest->num_hops - 1] : NULL;
	switch (guest->end) {
	case NFP_END_PF:
		words = nfp_phrase("reaches %s", last->ifname);
		if (last->has_vlan && last->vlan)
			nfp_append(&words, ", ", "VLAN %u", last->vlan);
		break;
	case NFP_END_NIC:
		words = nfp_phrase("leaves by %s, another NIC than its VF's", last->ifname);
		break;
	case NFP_END_SWITCH:
		words = nfp_phrase("goes through Open vSwitch, whose tables are not read");
		break;
	case NFP_END_HOST:
		words = nfp_phrase("ends in this host, which routes");
		break;
	case NFP_END_NOWHERE:
		words = nfp_phrase("leads nowhere");
		break;
	case NFP_END_OTHER:
		words = nfp_phrase("leaves by %s, where nfprobe cannot look", last->ifname);
		break;
	case NFP_END_UNSEEN:
		words = nfp_phrase("the way of %s is not followed: it has too many netdevs",
				   guest->standby);
		break;
	default:
		if (!guest->has_standby)
			return nfp_phrase("no standby was found");
		words = nfp_phrase("STOPS: its macvtap is no more");
		words.colour = NFP_RED;
		return words;
	}
	return words;
}

static struct nfp_words line_of(const struct nfp_guest_way *guest)
{
	struct nfp_words words = guest->name[0] ? nfp_phrase("%s: ", guest->name)
						: nfp_phrase("process %d: ", guest->pid);

	nfp_append(&words, "", "%s", half_of(guest).text);
	if (guest->num_hops)
		nfp_append(&words,
			   guest->pairing == NFP_PAIR_PRESUMED ? ", and presumably " : ", and ",
			   "%s", way_of(guest).text);
	nfp_append(&words, ": ", "%s", end_of(guest).text);
	words.colour = end_of(guest).colour;
	return words;
}

void nfp_writer_guests(struct nfp_writer *w, const struct nfp_audit *audit)
{
	size_t unshown = 0;

	nfp_for_each (guest, audit->guests, audit->num_guests) {
		struct nfp_words line;

		if (audit->num_guests > GUESTS_MAX && !nfp_guest_is_cut_off(guest)) {
			unshown++;
			continue;
		}
		line = line_of(guest);
		nfp_writer_text(w, line.colour, "guest");
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "%s", line.text);
	}
	if (unshown) {
		nfp_writer_text(w, NFP_PLAIN, "guest");
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT,
				"%zu more, whose ways are not known to stop (--way shows each)",
				unshown);
	}
}

static void print_hop(struct nfp_writer *w, const struct nfp_guest_hop *hop, unsigned int at)
{
	struct nfp_words words = {.text = ""};

	if (hop->has_vlan && hop->vlan)
		nfp_append(&words, ", ", "VLAN %u", hop->vlan);
	nfp_for_each (stop, hop->stops, hop->num_stops)
		nfp_append(&words, ", ", "%s%s%s%s", stop->weight == NFP_WEIGHT_MAY ? "may: " : "",
			   is_of_bridge(hop, stop) ? stop->ifname : "",
			   is_of_bridge(hop, stop) ? " " : "", stop->what);
	nfp_writer_text(w, hop->num_stops ? NFP_YELLOW : NFP_PLAIN, "  %s", hop_name(hop).text);
	nfp_writer_line(w, NFP_PLAIN, at, at, "%s", words.text);
	nfp_for_each (stop, hop->stops, hop->num_stops) {
		if (stop->commands.len && stop->after[0])
			nfp_writer_line(w, NFP_PLAIN, 4, 4, "Once %s:", stop->after);
		nfp_writer_commands(w, 6, &stop->commands);
	}
}

int nfp_report_way_text(const struct nfp_audit *audit, const struct nfp_report_opts *opts,
			FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	nfp_for_each (guest, audit->guests, audit->num_guests) {
		struct nfp_words line = line_of(guest);
		unsigned int at = 0;

		nfp_writer_line(&w, line.colour, 0, 2, "%s", line.text);
		nfp_for_each (hop, guest->hops, opts->quiet ? 0 : guest->num_hops) {
			unsigned int width = nfp_utf8_width(hop_name(hop).text) + 4;

			at = at > width ? at : width;
		}
		nfp_for_each (hop, guest->hops, opts->quiet ? 0 : guest->num_hops)
			print_hop(&w, hop, at);
	}
	nfp_writer_unread(&w, audit);
	return nfp_stream_status(out);
}

/* ---- JSON ---- */

#define J     NFP_IN_JSON
#define FIELD NFP_FIELD
#define NULLS .unknown = NFP_NULL

static const struct nfp_field stop_fields[] = {
	FIELD(ENUM, nfp_guest_stop, "code", code, J, .names = &nfp_finding_names),
	FIELD(ENUM, nfp_guest_stop, "weight", weight, J, .names = &nfp_stop_weight_names),
	FIELD(TEXT, nfp_guest_stop, "ifname", ifname, J),
	FIELD(TEXT, nfp_guest_stop, "what", what, J),
	FIELD(TEXT, nfp_guest_stop, "after", after, J, NULLS),
	FIELD(COMMANDS, nfp_guest_stop, "commands", commands, J),
};

static const struct nfp_field hop_fields[] = {
	FIELD(TEXT, nfp_guest_hop, "ifname", ifname, J),
	FIELD(TEXT, nfp_guest_hop, "kind", kind, J, NULLS),
	FIELD(TEXT, nfp_guest_hop, "netns", netns, J, NULLS),
	FIELD(TEXT, nfp_guest_hop, "bridge", bridge, J, NULLS),
	FIELD(BOOL, nfp_guest_hop, "inward", inward, J),
	FIELD(NUMBER, nfp_guest_hop, "vlan", vlan, J, NFP_KNOWN(nfp_guest_hop, has_vlan)),
	FIELD(LIST, nfp_guest_hop, "stops", stops, J, NFP_TABLE_OF(nfp_guest_stop, stop_fields),
	      NFP_COUNTED(nfp_guest_hop, num_stops)),
};

static const struct nfp_field guest_vf_fields[] = {
	FIELD(TEXT, nfp_guest_way, "pf", pf, J),
	FIELD(NUMBER, nfp_guest_way, "vf", vf, J),
	FIELD(BOOL, nfp_guest_way, "at_rest", at_rest, J),
	FIELD(BOOL, nfp_guest_way, "left", is_left, J),
	FIELD(MAC, nfp_guest_way, "address", address, J, NULLS),
	FIELD(NUMBER, nfp_guest_way, "vlan", vlan, J, NULLS),
};

static const struct nfp_field standby_fields[] = {
	FIELD(TEXT, nfp_guest_way, "ifname", standby, J, NULLS),
	FIELD(MAC, nfp_guest_way, "address", standby_address, J, NULLS),
	FIELD(ENUM, nfp_guest_way, "pair", pairing, J, .names = &nfp_pairing_names),
};

static const struct nfp_field guest_fields[] = {
	FIELD(TEXT, nfp_guest_way, "name", name, J, NULLS),
	FIELD(NUMBER, nfp_guest_way, "pid", pid, J, NULLS),
	NFP_PART("vf", J, NFP_TABLE_OF(nfp_guest_way, guest_vf_fields)),
	NFP_PART("standby", J, NFP_TABLE_OF(nfp_guest_way, standby_fields),
		 NFP_KNOWN(nfp_guest_way, has_standby)),
	FIELD(ENUM, nfp_guest_way, "end", end, J, .names = &nfp_way_end_names),
	FIELD(LIST, nfp_guest_way, "hops", hops, J, NFP_TABLE_OF(nfp_guest_hop, hop_fields),
	      NFP_COUNTED(nfp_guest_way, num_hops)),
};
const struct nfp_table nfp_guest_table = NFP_TABLE(nfp_guest_way, guest_fields);

static const struct nfp_field way_fields[] = {
	FIELD(LIST, nfp_audit, "guests", guests, J, .table = &nfp_guest_table,
	      NFP_COUNTED(nfp_audit, num_guests)),
	FIELD(LIST, nfp_audit, "unread", unread, J, .table = &nfp_unread_table,
	      NFP_COUNTED(nfp_audit, num_unread)),
	FIELD(NUMBER, nfp_audit, "exit", exit_status, J),
};
const struct nfp_table nfp_way_table = NFP_TABLE(nfp_audit, way_fields);

json_t *nfp_report_way_json(const struct nfp_audit *audit, const struct nfp_err *error)
{
	return nfp_json_document(&nfp_way_table, audit, error);
}
