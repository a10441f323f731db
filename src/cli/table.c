// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - every option once, and what its value does to the request. The parser and --help are
 * made from this table; a test holds the manual page to it.
 */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

#define VLAN_MAX 4094

/* A whole number within the option's range. */
static int set_number(const char *name, const char *value, unsigned int min, unsigned int max,
		      unsigned int *ret_value, struct nfp_err *err)
{
	int r = nfp_value_uint(value, min, max, ret_value);

	if (r == -ERANGE)
		return usage_err(err, "--%s %s is out of range: it takes %u to %u", name, value,
				 min, max);
	if (r < 0)
		return usage_err(err, "--%s %s is not a whole number: it takes %u to %u", name,
				 value, min, max);
	return 0;
}

static int set_seconds(const struct nfp_opt *opt, const char *value, uint64_t *ret_ns,
		       struct nfp_err *err)
{
	int r = nfp_value_seconds(value, opt->min, opt->max, ret_ns);
	double min = (double)opt->min / (double)NFP_NSEC_PER_SEC;
	double max = (double)opt->max / (double)NFP_NSEC_PER_SEC;

	if (r == -ERANGE)
		return usage_err(err, "--%s %s is out of range: it takes %g to %g seconds",
				 opt->name, value, min, max);
	if (r < 0)
		return usage_err(err, "--%s %s is not a number of seconds: it takes %g to %g",
				 opt->name, value, min, max);
	return 0;
}

int nfp_opt_apply(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		  struct nfp_err *err)
{
	void *at = (char *)request + opt->at;
	int ret;

	switch (opt->kind) {
	case NFP_OPT_ON:
	case NFP_OPT_OFF:
		*(bool *)at = opt->kind == NFP_OPT_ON;
		return 0;
	case NFP_OPT_MODE:
		break;
	case NFP_OPT_NUMBER:
		return set_number(opt->name, value, (unsigned int)opt->min, (unsigned int)opt->max,
				  at, err);
	case NFP_OPT_SECONDS:
		return set_seconds(opt, value, at, err);
	case NFP_OPT_FILE:
		if (strcmp(value, "-") == 0)
			return usage_err(err, "--%s takes the name of a file, not \"-\"",
					 opt->name);
		if (*(char **)at)
			return usage_err(err, "--%s is given twice", opt->name);
		*(char **)at = nfp_strdup(value);
		break;
	default:
		ret = opt->set(request, value, err);
		if (ret < 0)
			return ret;
	}
	if (opt->mode == NFP_MODE_PROBE)
		return 0;
	if (request->mode != NFP_MODE_PROBE && request->mode != opt->mode &&
	    opt->mode != NFP_MODE_HELP && opt->mode != NFP_MODE_VERSION)
		return usage_err(err, "--list, --hear, --restore, --reflect "
				      "and --dry-run do not go together: write one of them");
	request->mode = opt->mode;
	return 0;
}

/* ---- values that are more than a number or a name ---- */

#define ONE_SOURCE_HINT "a run has one source: call nfprobe in a loop, with one --from each time"
#define ONE_VF_HINT	"a run probes one VF: call nfprobe in a loop, or nfprobe-all"

static int set_vf(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	size_t digits = strspn(value, "0123456789");

	request->any_vf = strcmp(value, "any") == 0;
	request->have_vf = !request->any_vf;
	if (request->any_vf)
		return 0;
	if (strcmp(value, "all") == 0 || (digits && (value[digits] == ',' || value[digits] == '-')))
		return usage_hint(err, ONE_VF_HINT, "--vf %s names more than one VF", value);
	return set_number("vf", value, 0, NFP_VF_MAX - 1, &request->vf, err);
}

static int read_from(const char *value, struct nfp_from *from, struct nfp_err *err)
{
	struct nfp_ipv4 ip;

	snprintf(from->text, sizeof(from->text), "%s", value);
	if (strcmp(value, "auto") == 0) {
		from->kind = NFP_FROM_AUTO;
	} else if (strcmp(value, "pf") == 0) {
		from->kind = NFP_FROM_PF;
	} else if (strcmp(value, "peer") == 0) { /* whoever answers with the id */
		from->kind = NFP_FROM_PEER;
	} else if (strcmp(value, "arp") == 0) { /* the default gateway */
		from->kind = NFP_FROM_ARP;
	} else if (strncmp(value, "vf:", 3) == 0) {
		from->kind = NFP_FROM_VF;
		if (nfp_value_uint(value + 3, 0, NFP_VF_MAX - 1, &from->vf) < 0)
			return usage_err(err,
					 "--from %s names no VF: write vf: and its number, 0 to %d",
					 value, NFP_VF_MAX - 1);
	} else if (strncmp(value, "peer:", 5) == 0) {
		from->kind = NFP_FROM_PEER;
		if (!nfp_mac_parse(value + 5, &from->peer) || nfp_mac_is_zero(&from->peer) ||
		    nfp_mac_is_multicast(&from->peer))
			return usage_err(err,
					 "--from %s names no reflector: write peer: and its "
					 "Ethernet address, as nfprobe --reflect prints it",
					 value);
	} else if (strncmp(value, "arp:", 4) == 0) {
		from->kind = NFP_FROM_ARP;
		from->have_ip = nfp_ipv4_parse(value + 4, &from->ip);
		if (!from->have_ip)
			return usage_err(err,
					 "--from %s names no neighbour: write arp: and its IPv4 "
					 "address, such as arp:192.0.2.1",
					 value);
	} else if (nfp_ipv4_parse(value, &ip)) {
		return usage_err(err,
				 "--from %s is an IPv4 address: write --from arp:%s if that "
				 "neighbour is meant",
				 value, value);
	} else {
		from->kind = NFP_FROM_IFACE;
		if (nfp_value_ifname(value, from->ifname) < 0)
			return usage_err(err,
					 "--from \"%s\" is not an interface name: it takes auto, "
					 "an interface, arp:IP, peer:MAC, vf:M or pf",
					 value);
	}
	return 0;
}

static int set_from(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (strchr(value, ','))
		return usage_hint(err, ONE_SOURCE_HINT, "--from %s names more than one source",
				  value);
	request->from = (struct nfp_from) {.vf = 0};
	return read_from(value, &request->from, err);
}

static int set_id(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_id = true;
	if (strcmp(value, "@") == 0)
		return usage_err(err, "--id @ names no file: write --id @FILE");
	if (value[0] == '@')
		request->id_file = nfp_strdup(value + 1);
	else if (!nfp_peer_id_parse(value, &request->id))
		return usage_err(err,
				 "--id %s is not an id: it is %d hex digits, as nfprobe --reflect "
				 "prints them",
				 value, 2 * NFP_PEER_ID_LEN);
	return 0;
}

/* A list; "all" is each of them. */
static int set_style(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	char *list = nfp_strdup(value), *rest = list, *one;
	int ret = 0;

	memset(request->styles, 0, sizeof(request->styles));
	request->have_styles = true;
	while (ret == 0 && (one = strsep(&rest, ",")) != NULL) {
		bool all = strcmp(one, "all") == 0;
		int style = nfp_name_find(&nfp_style_names, one);

		if (!all && style < 0)
			ret = usage_err(
				err,
				"--style %s is unknown: it takes macvtap, bridge, bridge+fdb, "
				"static-bridge, vf-bridge, with commas between them, or all",
				one);
		for (int i = 0; i < NFP_STYLE_COUNT; i++)
			request->styles[i] |= all || i == style;
	}
	free(list);
	return ret;
}

static int set_sibling(const char *option, const char *value, unsigned int *ret_vf,
		       struct nfp_err *err)
{
	if (strncmp(value, "vf:", 3) == 0 &&
	    nfp_value_uint(value + 3, 0, NFP_VF_MAX - 1, ret_vf) == 0)
		return 0;
	return usage_err(err, "%s %s names no VF: write vf: and its number, 0 to %d", option, value,
			 NFP_VF_MAX - 1);
}

static int set_via(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_via = true;
	return set_sibling("--via", value, &request->via, err);
}

static int set_neighbour(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_neighbour = true;
	return set_sibling("--neighbour", value, &request->neighbour, err);
}

static int set_require(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->require_neighbours = true;
	return strcmp(value, "neighbours") == 0
		       ? 0
		       : usage_err(err, "--require %s is unknown: it takes neighbours", value);
}

static int set_mac(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (!nfp_mac_parse(value, &request->mac))
		return usage_err(
			err, "--mac %s is not an Ethernet address: write it as 02:ab:cd:ef:01:23",
			value);
	if (nfp_mac_is_zero(&request->mac))
		return usage_err(err, "--mac %s is the zero address, which no interface can have",
				 value);
	if (nfp_mac_is_multicast(&request->mac))
		return usage_err(err,
				 "--mac %s is a group address: the first byte of an interface's "
				 "address is even",
				 value);
	request->have_mac = true;
	return 0;
}

static int set_vlan(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	unsigned int vid;
	int r = set_number("vlan", value, 0, VLAN_MAX, &vid, err);

	if (r < 0)
		return r;
	request->have_vlan = true;
	request->vlan = (struct nfp_vlan) {.vid = (uint16_t)vid, .proto = vid ? ETH_P_8021Q : 0};
	return 0;
}

static int set_rate(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_rate = true;
	request->rate = NFP_RATE_MAX;
	return strcmp(value, "max") == 0
		       ? 0
		       : set_number("rate", value, 1, NFP_RATE_MAX, &request->rate, err);
}

static int set_json(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (value && value[0] == '\0')
		return usage_err(err, "--json= names no file: write --json=FILE, or --json alone "
				      "for standard output");
	request->json_file = nfp_strdup(value ? value : "-");
	return 0;
}

static int set_save(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->save = true;
	if (value && value[0] == '\0')
		return usage_err(err, "--save= names no folder: write --save=DIR, or --save alone "
				      "for /var/lib/nfprobe");
	if (value)
		request->save_dir = nfp_strdup(value);
	return 0;
}

static int set_allow(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_allow = true;
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ",");
		char name[64];
		int verdict;

		snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), p);
		verdict = nfp_name_find(&nfp_verdict_names, name);
		if (verdict < 0 || verdict == NFP_VERDICT_NOT_APPLICABLE)
			return usage_err(
				err,
				"--allow %s is not a verdict: it takes early, refused, deaf, "
				"sticky, slow, untestable, safe",
				name);
		if (verdict == NFP_VERDICT_INCONCLUSIVE)
			return usage_err(err, "--allow inconclusive is not possible: where nothing "
					      "was proved, there is nothing to allow");
		request->allow[verdict] = true;
		p += len;
		if (*p == '\0')
			return 0;
	}
}

static int set_color(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (!value || strcmp(value, "always") == 0)
		request->color = NFP_COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		request->color = NFP_COLOR_NEVER;
	else if (strcmp(value, "auto") == 0)
		request->color = NFP_COLOR_AUTO;
	else
		return usage_err(err, "--color=%s is unknown: it takes always, never, auto", value);
	return 0;
}

/* ---- the table ---- */

#define AT(member)   offsetof(struct nfp_request, member)
#define SEC(seconds) ((seconds)*NFP_NSEC_PER_SEC)

const struct nfp_opt nfp_options[] = {
	{"vf", NFP_OPT_VALUE, NFP_IN_PROBE, "the VF to probe, or any: the first that is idle", "N",
	 .set = set_vf, .twice = ONE_VF_HINT},
	{"from", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "where frames enter: an interface on the same wire,\n"
	 "peer:MAC (a reflector on another host), arp[:IP] (a\n"
	 "neighbour that answers ARP), vf:M (a sibling VF), pf, or\n"
	 "auto (default: the first available, never pf)",
	 "WHERE", .set = set_from, .twice = ONE_SOURCE_HINT},
	{"id", NFP_OPT_VALUE, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "the id that this host and the reflector share, or the\n"
	 "file that has it",
	 "HEX|@FILE", .set = set_id},
	{"style", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "how the standby receives: macvtap, bridge (default: these\n"
	 "two), bridge+fdb, static-bridge, vf-bridge, or all",
	 "STYLE[,..]", .set = set_style, .twice = "write one list: --style macvtap,bridge"},
	{"via", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "with --style vf-bridge: the second VF, which is the\n"
	 "bridge's port (default: the first idle one)",
	 "vf:M", .set = set_via},
	{"neighbour", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "who sends to a guest that is elsewhere (default: the PF)", "vf:M", .set = set_neighbour},
	{"mac", NFP_OPT_VALUE, NFP_IN_PROBE, "the address under test (default: random ones)", "MAC",
	 .set = set_mac},
	{"vlan", NFP_OPT_VALUE, NFP_IN_PROBE | NFP_IN_HEAR,
	 "probe on VLAN V, 0 for none (default: the VF's own VLAN)", "V", .set = set_vlan},
	{"rate", NFP_OPT_VALUE, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "unicast frames per second, or max (default: 1000; ARP: 8)", "PPS", .set = set_rate},
	{"settle", NFP_OPT_SECONDS, NFP_IN_PROBE,
	 "how many seconds a landing must hold (default: 1.5)", "SEC", .at = AT(settle_ns),
	 .min = SEC(1) / 10, .max = SEC(60)},
	{"timeout", NFP_OPT_SECONDS, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "stop after SEC seconds: a run (what is not known by then\n"
	 "is inconclusive) or a reflector (its default: 600)",
	 "SEC", .at = AT(timeout_ns), .min = SEC(1), .max = SEC(86400)},
	{"json", NFP_OPT_OPTIONAL, NFP_IN_RUN | NFP_IN_LIST | NFP_IN_HEAR,
	 "write the result as JSON to standard output, or to FILE", "FILE", .set = set_json},
	{"json-stream", NFP_OPT_ON, NFP_IN_RUN,
	 "stream events as they occur, one JSON object per line", .at = AT(json_stream)},
	{"write", NFP_OPT_FILE, NFP_IN_RUN,
	 "write every frame, sent and received, to FILE as pcapng", "FILE", .at = AT(write_file)},
	{"save", NFP_OPT_OPTIONAL, NFP_IN_RUN,
	 "also keep the result on this host, in /var/lib/nfprobe,\n"
	 "or in DIR",
	 "DIR", .set = set_save},
	{"allow", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "verdicts that count as safe: early, refused, deaf,\n"
	 "sticky, slow, untestable",
	 "VERDICT[,..]", .set = set_allow, .twice = "write one list: --allow early,slow"},
	{"gap-limit", NFP_OPT_NUMBER, NFP_IN_PROBE,
	 "not safe (slow) if the guest is deaf for more than MS\n"
	 "milliseconds at a change",
	 "MS", .at = AT(gap_limit_ms), .min = 1, .max = NFP_GAP_LIMIT_MAX},
	{"require", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "safe only if neighbours on the NIC reach a guest that is\n"
	 "elsewhere, too",
	 "neighbours", .set = set_require},
	{"no-remedy", NFP_OPT_OFF, NFP_IN_PROBE,
	 "where a bridge is not safe, do not test what may mend it", .at = AT(remedy)},
	{"no-announce", NFP_OPT_OFF, NFP_IN_PROBE,
	 "send no frame that has the address under test as source", .at = AT(announce)},
	{"no-transmit", NFP_OPT_OFF, NFP_IN_PROBE,
	 "do not test whether what the standby sends leaves the NIC", .at = AT(transmit)},
	{"no-neighbours", NFP_OPT_OFF, NFP_IN_PROBE,
	 "do not test whether neighbours on the NIC reach a guest\n"
	 "that is elsewhere",
	 .at = AT(neighbours)},
	{"no-multicast", NFP_OPT_OFF, NFP_IN_PROBE,
	 "do not test whether the guest gets IPv6 multicast", .at = AT(multicast)},
	{"force", NFP_OPT_ON, NFP_IN_PROBE, "probe a VF even if its netdev is up", .at = AT(force)},
	{"dry-run", NFP_OPT_MODE, NFP_IN_ANY, "print what would be done, and do nothing",
	 .mode = NFP_MODE_DRY_RUN},
	{"list", NFP_OPT_MODE, NFP_IN_ANY, "list PFs and VFs, and who uses them",
	 .mode = NFP_MODE_LIST},
	{"hear", NFP_OPT_MODE, NFP_IN_ANY, "say which interfaces each PF hears on the wire",
	 .mode = NFP_MODE_HEAR},
	{"restore", NFP_OPT_MODE, NFP_IN_ANY, "undo what an interrupted run left on the host",
	 .mode = NFP_MODE_RESTORE},
	{"reflect", NFP_OPT_MODE, NFP_IN_ANY, "act as the reflector for a run on another host",
	 .mode = NFP_MODE_REFLECT},
	{"quiet", NFP_OPT_ON, NFP_IN_RUN | NFP_IN_LIST | NFP_IN_RESTORE | NFP_IN_REFLECT,
	 "print the verdict only: no progress, no warnings", .at = AT(quiet), .letter = 'q'},
	{"verbose", NFP_OPT_ON, NFP_IN_ANY, "print counts, and each change made on the host",
	 .at = AT(verbose), .letter = 'v'},
	{"color", NFP_OPT_OPTIONAL, NFP_IN_ANY, "always, never or auto (default: on a terminal)",
	 "WHEN", .set = set_color, .again = true},
	{"version", NFP_OPT_MODE, NFP_IN_ANY, "print the version", .mode = NFP_MODE_VERSION,
	 .letter = 'V'},
	{"help", NFP_OPT_MODE, NFP_IN_ANY, "print this text", .mode = NFP_MODE_HELP, .letter = 'h'},
};

const size_t nfp_num_options = sizeof(nfp_options) / sizeof(nfp_options[0]);
