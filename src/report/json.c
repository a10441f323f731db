// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - the documents of --json and --list, and the lines of --json-stream, each from its table,
 * from which "make schemas" makes a schema.
 */
#include "summary_priv.h"

#include <stdlib.h>
#include <string.h>

#define J     NFP_IN_JSON
#define FIELD NFP_FIELD
#define NULLS .unknown = NFP_NULL

static int write_json(const json_t *root, size_t form, FILE *out)
{
	(void)json_dumpf(root, out, form);
	fputc('\n', out);
	return nfp_stream_status(out);
}

int nfp_report_document(const void *root, FILE *out)
{
	return write_json(root, JSON_INDENT(2), out);
}

json_t *nfp_json_document(const struct nfp_table *table, const void *from,
			  const struct nfp_err *error)
{
	json_t *root = json_pack("{s:i, s:i, s:s}", "schema", NFP_SCHEMA, "minor", NFP_SCHEMA_MINOR,
				 "version", nfp_version);

	nfp_fields_put(root, table, from, J);
	if (error && error->code != NFP_E_NONE)
		json_object_set_new(root, "error", nfp_fields_json(&nfp_error_table, error, J));
	return root;
}

/* ---- --json: a result, and what a person reads of it: tools write no sentences of
 * their own ---- */

#define NAMES(of_) .names = &nfp_##of_##_names
#define STYLE(of_)                                                    \
	FIELD(ENUM, of_, "style", row.style, J, NULLS, NAMES(style)), \
		FIELD(ENUM, of_, "fix", row.fix, J, NULLS, NAMES(fix))
#define ROW(of_) STYLE(of_), FIELD(NUMBER, of_, "vlan", row.vlan, J, NULLS)

static const struct nfp_names failover_names = NFP_NAMES(NULL, "yes", "only", "no", "unknown",
							 "not-asked");

static const struct nfp_field failover_fields[] = {
	FIELD(ENUM, nfp_failover, "answer", answer, J, .names = &failover_names),
	STYLE(nfp_failover),
	FIELD(ENUM, nfp_failover, "ipv6", ipv6, J, NULLS, NAMES(check_state)),
};

static const struct nfp_field condition_fields[] = {
	FIELD(TEXT, nfp_condition, "id", id, J),
	ROW(nfp_condition),
	FIELD(ENUM, nfp_condition, "code", code, J, NAMES(condition)),
	FIELD(BITS, nfp_condition, "for", whom, J, NAMES(whom)),
	FIELD(ENUM, nfp_condition, "without", without, J, NAMES(life_cell)),
	FIELD(TEXT, nfp_condition, "words", words, J),
	FIELD(TEXTS, nfp_condition, "met_by", met_by, J),
	FIELD(ENUM, nfp_condition, "shown", shown, J, NAMES(shown)),
};

static const struct nfp_field tested_fields[] = {
	FIELD(ENUM, nfp_advice, "by", shown, J, NAMES(shown)),
	FIELD(BITS, nfp_advice, "states", states, J, NAMES(step)),
};

static const struct nfp_field advice_fields[] = {
	FIELD(TEXT, nfp_advice, "id", id, J),
	FIELD(ENUM, nfp_advice, "what", what, J, NAMES(what)),
	ROW(nfp_advice),
	FIELD(NUMBER, nfp_advice, "rank", rank, J),
	FIELD(STRING, nfp_advice, "label", label, J),
	FIELD(TEXT, nfp_advice, "sentence", sentence, J),
	FIELD(ENUM, nfp_advice, "moment", moment, J, NAMES(moment)),
	FIELD(BOOL, nfp_advice, "not_before", not_before, J),
	FIELD(ENUM, nfp_advice, "where", where, J, NAMES(where)),
	FIELD(LINES, nfp_advice, "document", document, J, NULLS),
	FIELD(COMMANDS, nfp_advice, "commands", commands, J),
	FIELD(COMMANDS, nfp_advice, "undo", undo, J),
	FIELD(BITS, nfp_advice, "fill_in", fill_in, J, NAMES(fill)),
	FIELD(ENUM, nfp_advice, "lasts", lasts, J, NULLS, NAMES(lasts)),
	FIELD(BOOL, nfp_advice, "hook", hook, J),
	NFP_PART("tested", J, NFP_TABLE_OF(nfp_advice, tested_fields)),
	FIELD(ENUM, nfp_advice, "ipv6", ipv6, J, NULLS, NAMES(check_state)),
	FIELD(STRING, nfp_advice, "costs", costs, J, NULLS),
	FIELD(STRING, nfp_advice, "cuts_off", cuts_off, J, NULLS),
};

#define CELL(key_, column_) \
	FIELD(ENUM, nfp_life, key_, cells[column_], J, .names = &nfp_life_cell_names)
static const struct nfp_field cell_fields[] = {
	CELL("attach", NFP_LIFE_ATTACH),
	CELL("up", NFP_LIFE_UP),
	CELL("unplug", NFP_LIFE_UNPLUG),
	CELL("detach", NFP_LIFE_DETACH),
	CELL("clear", NFP_LIFE_CLEAR),
	CELL("vf_first", NFP_LIFE_VF_FIRST),
	FIELD(ENUM, nfp_life, "ipv6", cells[NFP_LIFE_IPV6], J, NULLS,
	      .names = &nfp_life_cell_names),
};

static const struct nfp_names outage_names = NFP_NAMES("unmeasured", "measured", "endless"),
			      hears_names = NFP_NAMES("pf", "vf", NULL);

static const struct nfp_field outage_fields[] = {
	FIELD(ENUM, nfp_outage, "state", state, J, .names = &outage_names),
	FIELD(NUMBER, nfp_outage, "us", span.us, J, NFP_KNOWN(nfp_outage, span.known)),
	FIELD(NUMBER, nfp_outage, "error_us", span.error_us, J, NFP_KNOWN(nfp_outage, span.known)),
	FIELD(ENUM, nfp_outage, "to", to, J, NULLS, NAMES(step)),
	FIELD(ENUM, nfp_outage, "heard_by", heard_by, J, NULLS, .names = &hears_names),
};

static const struct nfp_field life_fields[] = {
	ROW(nfp_life),
	FIELD(ENUM, nfp_life, "verdict", verdict, J, NAMES(verdict)),
	FIELD(BITS, nfp_life, "serves", serves, J, NAMES(serves)),
	FIELD(TEXTS, nfp_life, "conditions", conditions, J),
	NFP_PART("cells", J, NFP_TABLE_OF(nfp_life, cell_fields)),
	FIELD(OBJECT, nfp_life, "longest_outage", outage, J,
	      NFP_TABLE_OF(nfp_outage, outage_fields)),
};

static const struct nfp_field summary_fields[] = {
	FIELD(TEXT, nfp_summary, "answer", answer.text, J),
	FIELD(OBJECT, nfp_summary, "failover", failover, J,
	      NFP_TABLE_OF(nfp_failover, failover_fields)),
	FIELD(LIST, nfp_summary, "conditions", advised.conditions, J,
	      NFP_TABLE_OF(nfp_condition, condition_fields),
	      NFP_COUNTED(nfp_summary, advised.num_conditions)),
	FIELD(LIST, nfp_summary, "advice", advised.advice, J,
	      NFP_TABLE_OF(nfp_advice, advice_fields),
	      NFP_COUNTED(nfp_summary, advised.num_advice)),
	FIELD(ARRAY, nfp_summary, "life", life, J, NFP_TABLE_OF(nfp_life, life_fields),
	      NFP_COUNTED(nfp_summary, num_life)),
	FIELD(DOCUMENT, nfp_summary, "text", text, J),
	NFP_SPREAD(nfp_summary, result, J, &nfp_result_table, J),
};
const struct nfp_table nfp_summary_table = NFP_TABLE(nfp_summary, summary_fields);

/* Returns the lines that the run prints with -v, 80 columns wide and without colour, and how many
 * of them it prints without -v. */
static json_t *text_lines(const struct nfp_summary *summary)
{
	const struct nfp_report_opts opts = {.columns = 80, .verbose = true};
	json_t *lines = json_array();
	char *text = NULL, *line, *rest;
	size_t len, first = 0, num_first = 0;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		(void)nfp_text_print(summary, &opts, out, &first);
		fclose(out);
	}
	for (rest = text; out && (line = strsep(&rest, "\n")) && rest;) {
		num_first += (size_t)(line - text) < first;
		json_array_append_new(lines, json_string(line));
	}
	free(text);
	return json_pack("{s:o, s:i}", "lines", lines, "short", (int)num_first);
}

/* Also for the event `end` of --json-stream. */
static json_t *result_json(const struct nfp_result *result)
{
	struct nfp_summary *s = nfp_summary_of(result);
	json_t *root;

	nfp_for_each (life, s->life, s->num_life)
		nfp_condition_ids(&s->advised, &life->row, &life->conditions);
	s->text = text_lines(s);
	root = nfp_json_document(&nfp_summary_table, s, NULL);
	nfp_summary_free(s);
	return root;
}

int nfp_report_json(const void *result, FILE *out)
{
	json_t *root = result_json(result);
	int ret = nfp_report_document(root, out);

	json_decref(root);
	return ret;
}

/* ---- --list ---- */

static const struct nfp_names use_names = NFP_NAMES(
	NULL, "idle", "netdev-up", "reserved", "unknown", "other", "namespace", "netdev", "vfio");

static const struct nfp_field vf_fields[] = {
	FIELD(NUMBER, nfp_vf_info, "vf", vf, J),
	FIELD(TEXT, nfp_vf_info, "parentdev", parentdev, J, NULLS),
	FIELD(TEXT, nfp_vf_info, "driver", driver, J, NULLS),
	FIELD(TEXT, nfp_vf_info, "ifname", ifname, J, NULLS),
	FIELD(MAYBE, nfp_vf_info, "trust", attr.trust, J, NULLS),
	FIELD(MAYBE, nfp_vf_info, "spoofchk", attr.spoofchk, J, NULLS),
	FIELD(BOOL, nfp_vf_info, "up", up, J),
	FIELD(ENUM, nfp_vf_info, "use", use, J, NULLS, .names = &use_names),
	FIELD(TEXT, nfp_vf_info, "user", user, J, NULLS),
};
static const struct nfp_table vf_table = NFP_TABLE(nfp_vf_info, vf_fields);

static const struct nfp_names vf_link_names = NFP_NAMES("auto", "enable", "disable", NULL);

static const struct nfp_field listed_vf_fields[] = {
	NFP_SPREAD(nfp_listed_vf, vf, J, &vf_table, J),
	FIELD(MAC, nfp_listed_vf, "address", address, J, NULLS),
	FIELD(NUMBER, nfp_listed_vf, "vlan", vlan, J, NFP_KNOWN(nfp_listed_vf, have_vlan)),
	FIELD(ENUM, nfp_listed_vf, "link_state", link, J, NULLS, .names = &vf_link_names),
	FIELD(NUMBER, nfp_listed_vf, "mtu", mtu, J, NULLS),
	FIELD(TEXT, nfp_listed_vf, "driver_version", driver_version, J, NULLS),
	FIELD(TEXT, nfp_listed_vf, "net_driver", net_driver, J, NULLS),
	FIELD(TEXT, nfp_listed_vf, "net_driver_version", net_driver_version, J, NULLS),
	FIELD(BOOL, nfp_listed_vf, "hands_over", hands_over, J),
	FIELD(DOCUMENT, nfp_listed_vf, "unread", unread, J, .unknown = NFP_ABSENT),
};

/* The number of VFs is also known for a PF without a netdev. */
static const struct nfp_field pf_fields[] = {
	FIELD(OBJECT, nfp_pf, NULL, info, J, .table = &nfp_pf_table, .as = J, .spread = true),
	FIELD(NUMBER, nfp_pf, "num_vfs", info.num_vfs, J),
	FIELD(NUMBER, nfp_pf, "total_vfs", info.total_vfs, J),
	FIELD(TEXT, nfp_pf, "bus", bus, J, NULLS),
	FIELD(TEXT, nfp_pf, "promisc_by", promisc_by, J, NULLS),
	FIELD(TEXT, nfp_pf, "where", where, J, NULLS),
};
static const struct nfp_table pf_table = NFP_TABLE(nfp_pf, pf_fields);

static const struct nfp_field listed_pf_fields[] = {
	NFP_SPREAD(nfp_listed_pf, pf, J, &pf_table, J),
	FIELD(NUMBER, nfp_listed_pf, "settle_ms", settle_ns, J, .scale = NFP_NSEC_PER_MSEC),
	FIELD(TEXTS, nfp_listed_pf, "not_with", not_with, J),
	FIELD(DOCUMENT, nfp_listed_pf, "unread", unread, J, .unknown = NFP_ABSENT),
	FIELD(LIST, nfp_listed_pf, "vfs", vfs, J, NFP_TABLE_OF(nfp_listed_vf, listed_vf_fields),
	      NFP_COUNTED(nfp_listed_pf, num_vfs)),
};

static const struct nfp_field link_fields[] = {
	FIELD(TEXT, nfp_link, "ifname", ifname, J),
	FIELD(TEXT, nfp_link, "kind", kind, J, NULLS),
	FIELD(MAC, nfp_link, "address", address, J, NULLS),
	FIELD(TEXT, nfp_link, "parentdev", parentdev, J, NULLS),
	FIELD(NUMBER, nfp_link, "vlan", vlan_id, J, NULLS),
	FIELD(BOOL, nfp_link, "vlan_filtering", vlan_filtering, J),
	FIELD(NUMBER, nfp_link, "default_pvid", default_pvid, J, NULLS),
	FIELD(BOOL, nfp_link, "has_address", has_address, J),
	FIELD(NUMBER, nfp_link, "stp_delay_ms", bridge.stp_delay_ms, J, NULLS),
	FIELD(BOOL, nfp_link, "isolated", port.isolated, J),
};
static const struct nfp_table link_table = NFP_TABLE(nfp_link, link_fields);

static const struct nfp_field bridge_fields[] = {
	FIELD(STRING, nfp_listed_bridge, "ifname", ifname, J),
	FIELD(STRING, nfp_listed_bridge, "inner", in, J, NULLS),
	FIELD(STRING, nfp_listed_bridge, "outer", out, J),
};

static const struct nfp_field exit_fields[] = {
	FIELD(STRING, nfp_listed_way, "ifname", ifname, J),
	FIELD(TEXTS, nfp_listed_way, "vlans", vlans, J, NFP_KNOWN(nfp_listed_way, have_vlans)),
	FIELD(BOOL, nfp_listed_way, "known", known, J),
	FIELD(ARRAY, nfp_listed_way, "bridges", bridges, J,
	      NFP_TABLE_OF(nfp_listed_bridge, bridge_fields),
	      NFP_COUNTED(nfp_listed_way, num_bridges)),
};

static const struct nfp_field netdev_fields[] = {
	NFP_SPREAD(nfp_listed_netdev, link, J, &link_table, J),
	FIELD(BOOL, nfp_listed_netdev, "up", up, J),
	FIELD(BOOL, nfp_listed_netdev, "carrier", carrier, J),
	FIELD(STRING, nfp_listed_netdev, "lower", lower, J, NULLS),
	FIELD(BOOL, nfp_listed_netdev, "elsewhere", elsewhere, J),
	FIELD(STRING, nfp_listed_netdev, "master", master, J, NULLS),
	FIELD(STRING, nfp_listed_netdev, "mode", mode, J, NULLS),
	FIELD(TEXTS, nfp_listed_netdev, "tagged", tagged, J),
	FIELD(TEXTS, nfp_listed_netdev, "untagged", untagged, J),
	FIELD(NUMBER, nfp_listed_netdev, "pvid", pvid, J, NULLS),
	FIELD(STRING, nfp_listed_netdev, "port_state", port_state, J, NULLS),
	FIELD(BOOL, nfp_listed_netdev, "snoops", snoops, J),
	FIELD(BOOL, nfp_listed_netdev, "netfilter", netfilter, J),
	FIELD(ENUM, nfp_listed_netdev, "rx_handler", rx_handler.user, J, NULLS,
	      .names = &nfp_rx_user_names),
	FIELD(TEXT, nfp_listed_netdev, "rx_handler_note", rx_handler.note, J, NULLS),
	FIELD(LIST, nfp_listed_netdev, "ways", ways, J, NFP_TABLE_OF(nfp_listed_way, exit_fields),
	      NFP_COUNTED(nfp_listed_netdev, num_ways)),
};

static const struct nfp_field list_fields[] = {
	FIELD(TEXT, nfp_listing, "kernel", kernel, J, NULLS),
	FIELD(LIST, nfp_listing, "pfs", pfs, J, NFP_TABLE_OF(nfp_listed_pf, listed_pf_fields),
	      NFP_COUNTED(nfp_listing, num_pfs)),
	FIELD(LIST, nfp_listing, "netdevs", netdevs, J,
	      NFP_TABLE_OF(nfp_listed_netdev, netdev_fields),
	      NFP_COUNTED(nfp_listing, topology.num_links)),
	FIELD(BOOL, nfp_listing, "have_vlans", have_vlans, J),
	FIELD(DOCUMENT, nfp_listing, "unread", unread, J, .unknown = NFP_ABSENT),
	FIELD(NUMBER, nfp_listing, "exit", exit_status, J),
};
const struct nfp_table nfp_list_table = NFP_TABLE(nfp_listing, list_fields);

json_t *nfp_report_list_json(const struct nfp_listing *listing, const struct nfp_err *error)
{
	return nfp_json_document(&nfp_list_table, listing, error);
}

/* ---- --json-stream: events as they occur, one object per line ---- */

#define IN(name_)   (1U << NFP_EVENT_##name_)
#define OF_A_LADDER (IN(STEP) | IN(LANDING) | IN(TRANSITION))

static const struct nfp_field begin_fields[] = {
	NFP_SPREAD_PART(J, &nfp_run_table, NFP_IN_BEGIN),
	FIELD(OBJECT, nfp_result, "pf", pf, J, .table = &nfp_pf_table),
};
static const struct nfp_table begin_table = NFP_TABLE(nfp_result, begin_fields);

static const struct nfp_field end_fields[] = {
	NFP_SPREAD_PART(J, &nfp_run_table, NFP_IN_END),
	NFP_SPREAD_PART(J, &nfp_result_table, NFP_IN_END),
};
static const struct nfp_table end_table = NFP_TABLE(nfp_result, end_fields);

/* The form of an event is the bit of its name. */
static const struct nfp_field event_fields[] = {
	FIELD(NUMBER, nfp_event, "vf", where.vf, OF_A_LADDER | IN(VERDICT)),
	FIELD(ENUM, nfp_event, "style", where.style, OF_A_LADDER | IN(VERDICT),
	      .names = &nfp_style_names),
	FIELD(STRING, nfp_event, "from", where.from, OF_A_LADDER | IN(VERDICT)),
	NFP_SPREAD(nfp_event, run, IN(RUN), &begin_table, J),
	FIELD(ENUM, nfp_event, "step", step, IN(STEP), .names = &nfp_step_names),
	FIELD(NUMBER, nfp_event, "remaining_ms", remaining_ns, IN(STEP),
	      .scale = NFP_NSEC_PER_MSEC),
	FIELD(POINTER, nfp_event, "landing", landing, IN(LANDING), .table = &nfp_step_table,
	      .as = J),
	FIELD(POINTER, nfp_event, "transition", transition, IN(TRANSITION),
	      .table = &nfp_transition_table, .as = J),
	NFP_SPREAD(nfp_event, style, IN(VERDICT), &nfp_style_table, NFP_IN_END),
	FIELD(STRING, nfp_event, "message", text, IN(WARNING)),
	NFP_SPREAD(nfp_event, run, IN(END), &end_table, J),
};
const struct nfp_table nfp_event_table = NFP_TABLE(nfp_event, event_fields);

const char *nfp_event_name(enum nfp_event_what what)
{
	static const char *const names[NFP_EVENT_END + 1] = {
		[NFP_EVENT_RUN] = "run",	 [NFP_EVENT_STEP] = "step",
		[NFP_EVENT_LANDING] = "landing", [NFP_EVENT_TRANSITION] = "transition",
		[NFP_EVENT_VERDICT] = "verdict", [NFP_EVENT_WARNING] = "warning",
		[NFP_EVENT_END] = "end",
	};

	return names[what];
}

/* null: the run probes no VF. */
static json_t *probed_vf(const struct nfp_result *result)
{
	bool probed = result->have_vf && result->vf.status == NFP_VF_PROBED;

	return probed ? json_integer(result->vf.vf) : json_null();
}

int nfp_report_event(const struct nfp_event *event, int64_t unix_ms, FILE *out)
{
	const char *name = nfp_event_name(event->what);
	json_t *object;
	char time[32];
	int ret;

	if (!name)
		return 0;
	object = json_pack("{s:s, s:s}", "event", name, "time",
			   nfp_time_text(unix_ms, time, sizeof(time)));
	if (event->what == NFP_EVENT_RUN) {
		json_object_set_new(object, "schema", json_integer(NFP_SCHEMA));
		json_object_set_new(object, "minor", json_integer(NFP_SCHEMA_MINOR));
		json_object_set_new(object, "version", json_string(nfp_version));
		json_object_set_new(object, "vf", probed_vf(event->run));
	}
	nfp_fields_put(object, &nfp_event_table, event, 1U << event->what);
	if (event->what == NFP_EVENT_END)
		json_object_set_new(object, "result", result_json(event->run));
	ret = write_json(object, JSON_COMPACT, out);
	json_decref(object);
	return ret;
}
