// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - every option once, and what its value does to the request. The parser and --help are
 * made from this table; a test compares the manual page with it.
 */
#include "table.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

#define VLAN_MAX 4094

/* ---- values that are a number ---- */

/* Sets a whole number within the option's range. */
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

/* ---- values that are words ---- */

/* True if a word before it in the list does the same. */
static bool is_spelling(const struct nfp_opt *opt, const struct nfp_word *word)
{
	for (const struct nfp_word *w = opt->words; w < word; w++) {
		if (w->at == word->at && w->size == word->size && w->to == word->to)
			return true;
	}
	return false;
}

/* @set stands between the option and its value. @meant NULL: nobody knows. */
static int unknown_word(const struct nfp_opt *opt, char set, const char *word, const char *meant,
			struct nfp_err *err)
{
	char takes[256] = "";

	for (const struct nfp_word *w = opt->words; w && w->name; w++) {
		nfp_appendf(takes, sizeof(takes), "%s", w->name);
		if (w[1].name && is_spelling(opt, w + 1))
			nfp_appendf(takes, sizeof(takes), " (or %s)", (++w)->name);
		nfp_appendf(takes, sizeof(takes), ", ");
	}
	if (opt->takes)
		nfp_appendf(takes, sizeof(takes), "%s%s", opt->takes, opt->words ? ", " : "");
	if (opt->words)
		nfp_appendf(takes, sizeof(takes), "with commas between them");
	usage_err(err, "--%s%c%.60s is unknown: it takes %s", opt->name, set, word, takes);
	if (meant)
		nfp_err_hint(err, "Did you mean --%s%c%s?", opt->name, set, meant);
	return -EINVAL;
}

/* Returns the word of the option that @word is, begins or misspells. NULL: none. */
static const char *meant_word(const struct nfp_opt *opt, const char *word)
{
	const char *names[NFP_WORDS_MAX];
	size_t num = 0;

	for (const struct nfp_word *w = opt->words; w->name; w++)
		names[num++] = w->name;
	return nfp_nearest(word, names, num);
}

static int set_word(const struct nfp_opt *opt, struct nfp_request *request, const char *word,
		    struct nfp_err *err)
{
	int ret;

	for (const struct nfp_word *w = opt->words; w->name; w++) {
		if (strcmp(w->name, word) == 0) {
			memset((char *)request + w->at, w->to, w->size);
			return 0;
		}
	}
	ret = opt->set ? opt->set(request, word, err) : 1;
	return ret > 0 ? unknown_word(opt, ' ', word, meant_word(opt, word), err) : ret;
}

/* Sets a list, even in capitals, as verdicts are in results. */
static int set_words(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		     struct nfp_err *err)
{
	char *list = nfp_strdup(value), *rest = list, *word;
	int ret = 0;

	while (ret == 0 && (word = strsep(&rest, ",")) != NULL) {
		for (char *c = word; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		ret = set_word(opt, request, word, err);
	}
	free(list);
	return ret;
}

static int set_color(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		     struct nfp_err *err)
{
	static const char *const names[] = {"auto", "always", "never"};
	const struct nfp_names colors = {names, NFP_NUM(names)};
	int color = nfp_name_find(&colors, value ?: "always");

	if (color < 0)
		return unknown_word(opt, '=', value, nfp_nearest(value, names, colors.num), err);
	request->color = (enum nfp_color)color;
	return 0;
}

int nfp_opt_apply(const struct nfp_opt *opt, struct nfp_request *request, const char *value,
		  struct nfp_err *err)
{
	void *at = (char *)request + opt->at;

	switch (opt->kind) {
	case NFP_OPT_ON:
		*(bool *)at = true;
		return 0;
	case NFP_OPT_NUMBER:
		return set_number(opt->name, value, (unsigned int)opt->min, (unsigned int)opt->max,
				  at, err);
	case NFP_OPT_SECONDS:
		return set_seconds(opt, value, at, err);
	case NFP_OPT_FILE:
		if (strcmp(value, "-") == 0)
			return usage_err(err, "--%s takes the name of a file, not \"-\"",
					 opt->name);
		*(char **)at = nfp_strdup(value);
		return 0;
	case NFP_OPT_WORDS:
		return set_words(opt, request, value, err);
	case NFP_OPT_COLOR:
		return set_color(opt, request, value, err);
	case NFP_OPT_MODE:
		break;
	default:
		return opt->set(request, value, err);
	}
	if (request->mode != NFP_MODE_PROBE && request->mode != opt->mode &&
	    opt->mode != NFP_MODE_HELP && opt->mode != NFP_MODE_VERSION)
		return usage_err(err, "--list, --audit, --way, --restore, --reflect and "
				      "--dry-run do not go together: use one of them");
	request->mode = opt->mode;
	return 0;
}

/* ---- other values ---- */

/* Parses "vf:3" after @prefix. */
static bool parse_vf(const char *value, const char *prefix, unsigned int *ret_vf)
{
	size_t len = strlen(prefix);

	return strncmp(value, prefix, len) == 0 &&
	       nfp_value_uint(value + len, 0, NFP_VF_MAX - 1, ret_vf) == 0;
}

#define ONE_SOURCE_HINT "A run has one source: call nfprobe in a loop, with one --from each time."

static int set_vf(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	size_t digits = strspn(value, "0123456789");
	int ret;

	request->any_vf = strcmp(value, "any") == 0;
	request->have_vf = !request->any_vf;
	if (request->any_vf)
		return 0;
	if (strcmp(value, "all") == 0 || (digits && (value[digits] == ',' || value[digits] == '-')))
		return usage_hint(err, NFP_ONE_VF_HINT, "--vf %s names more than one VF", value);
	ret = set_number("vf", value, 0, NFP_VF_MAX - 1, &request->vf, err);
	if (ret < 0)
		nfp_err_hint(err, "Or --vf any, for an idle one.");
	return ret;
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
		if (!parse_vf(value, "vf:", &from->vf))
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

/* A place may have a comma, and an address has colons: a second place takes the option again. */
static int set_accept(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)err;
	nfp_strv_addf(&request->accept, "%s", value);
	return 0;
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

/* Sets vf-bridge:M, the style with its VF. 1: it is something else. */
static int set_via(struct nfp_request *request, const char *word, struct nfp_err *err)
{
	unsigned int via;

	if (strncmp(word, "vf-bridge:", strlen("vf-bridge:")) != 0)
		return 1;
	if (!parse_vf(word, "vf-bridge:", &via))
		return usage_err(err,
				 "--style %s names no VF: it takes vf-bridge:0 to vf-bridge:%d",
				 word, NFP_VF_MAX - 1);
	if (request->have_via && request->via != via)
		return usage_err(err, "--style names two VFs for vf-bridge, %u and %u: name one",
				 request->via, via);
	request->settings.styles[NFP_STYLE_VF_BRIDGE] = true;
	request->have_via = true;
	request->via = via;
	return 0;
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
	request->settings.vlan = (struct nfp_vlan) {.vid = (uint16_t)vid,
						    .proto = vid ? ETH_P_8021Q : 0};
	return 0;
}

static int set_rate(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_rate = true;
	request->settings.rate = NFP_RATE_MAX;
	return strcmp(value, "max") == 0
		       ? 0
		       : set_number("rate", value, 1, NFP_RATE_MAX, &request->settings.rate, err);
}

static int set_json(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (value && value[0] == '\0')
		return usage_err(err, "--json= names no file: write --json=FILE, or --json alone "
				      "for standard output");
	request->json_file = nfp_strdup(value ? value : "-");
	return 0;
}

static int set_watch(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	static const struct nfp_opt opt = {
		.name = "watch", .min = NFP_NSEC_PER_SEC, .max = 3600 * NFP_NSEC_PER_SEC};

	request->watch_ns = 10 * NFP_NSEC_PER_SEC;
	return value ? set_seconds(&opt, value, &request->watch_ns, err) : 0;
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

/* 1: it is no word for what is not known. */
static int refuse_word(struct nfp_request *request, const char *word, struct nfp_err *err)
{
	(void)request;
	if (strcmp(word, nfp_verdict_name(NFP_VERDICT_UNKNOWN)) == 0)
		return usage_err(err, "--allow unknown is not possible: where nothing was proved, "
				      "there is nothing to allow");
	return 1;
}

/* ---- the table ---- */

#define AT(member) offsetof(struct nfp_request, member)
#define WORD(name_, member_, to_)                                                       \
	{                                                                               \
		(name_), AT(member_), sizeof(((struct nfp_request *)0)->member_), (to_) \
	}
#define SEC(seconds) ((seconds)*NFP_NSEC_PER_SEC)

#define SPELLING(name_, option_)                                             \
	{                                                                    \
		.name = (name_), .kind = NFP_OPT_SPELLING, .help = (option_) \
	}

static const struct nfp_word styles[] = {
	WORD("macvtap", settings.styles[NFP_STYLE_MACVTAP], true),
	WORD("direct", settings.styles[NFP_STYLE_MACVTAP], true), /* what libvirt calls it */
	WORD("bridge", settings.styles[NFP_STYLE_BRIDGE], true),
	WORD("bridge+pin", settings.styles[NFP_STYLE_BRIDGE_PIN], true),
	WORD("bridge+fdb", settings.styles[NFP_STYLE_BRIDGE_FDB], true),
	WORD("bridge+fdb+pin", settings.styles[NFP_STYLE_BRIDGE_FDB_PIN], true),
	WORD("static-bridge", settings.styles[NFP_STYLE_STATIC_BRIDGE], true),
	WORD("vf-bridge", settings.styles[NFP_STYLE_VF_BRIDGE], true),
	WORD("vf-bridge+pin", settings.styles[NFP_STYLE_VF_BRIDGE_PIN], true),
	WORD("all", settings.styles, true),
	{.name = NULL},
};

static const struct nfp_word tests[] = {
	WORD("fix", settings.try_fixes, false),
	WORD("announce", announce, false),
	WORD("multicast", settings.multicast, false),
	{.name = NULL},
};

static const struct nfp_word verdicts[] = {
	WORD("early", settings.allow[NFP_VERDICT_EARLY], true),
	WORD("refused", settings.allow[NFP_VERDICT_REFUSED], true),
	WORD("deaf", settings.allow[NFP_VERDICT_DEAF], true),
	WORD("sticky", settings.allow[NFP_VERDICT_STICKY], true),
	WORD("slow", settings.allow[NFP_VERDICT_SLOW], true),
	WORD("safe", settings.allow[NFP_VERDICT_SAFE], true),
	WORD("no-wire", settings.allow_no_wire, true),
	{.name = NULL},
};

static const struct nfp_word demands[] = {
	WORD("ipv6", settings.require_ipv6, true),
	{.name = NULL},
};

const struct nfp_opt nfp_options[] = {
	{"vf", NFP_OPT_VALUE, NFP_IN_PROBE, "the VF to probe, or any: the first that is idle", "N",
	 .set = set_vf, .twice = NFP_ONE_VF_HINT, .common = true, .group = "What is probed"},
	{"style", NFP_OPT_WORDS, NFP_IN_PROBE,
	 "how the standby receives: macvtap (or direct), bridge\n"
	 "(default: both), bridge+fdb, vf-bridge (vf-bridge:M: with\n"
	 "VF M as port), these three with +pin, static-bridge, all",
	 "STYLE[,..]", .words = styles, .takes = "vf-bridge:M", .set = set_via,
	 .twice = "Write one list: --style macvtap,bridge.", .common = true},
	{"from", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "the source of the frames: an interface on the same wire,\n"
	 "peer:MAC (a reflector on another host), arp[:IP] (a\n"
	 "neighbour that answers ARP), vf:M (another VF), pf, or\n"
	 "auto (default: the first available, never pf)",
	 "WHERE", .set = set_from, .twice = ONE_SOURCE_HINT, .common = true},
	{"vlan", NFP_OPT_VALUE, NFP_IN_PROBE,
	 "probe on VLAN V, 0 for none (default: the VF's own VLAN)", "V", .set = set_vlan,
	 .common = true},
	{"guest-vlan", NFP_OPT_NUMBER, NFP_IN_PROBE,
	 "also test VLAN V, which guests have on their failover\n"
	 "netdev: 1 to 4094",
	 "V", .at = AT(settings.guest_vlan), .min = 1, .max = VLAN_MAX},
	{"id", NFP_OPT_VALUE, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "the id that this host and the reflector share, or the\n"
	 "file that has it",
	 "HEX|@FILE", .set = set_id},
	{"mac", NFP_OPT_VALUE, NFP_IN_PROBE, "the address under test (default: random ones)", "MAC",
	 .set = set_mac},
	{"force", NFP_OPT_ON, NFP_IN_PROBE, "probe a VF even if its netdev is up and in use",
	 .at = AT(settings.forced)},
	{"skip", NFP_OPT_WORDS, NFP_IN_PROBE,
	 "leave out tests: fix (fixes of a bridge), announce\n"
	 "(frames from the tested address), multicast (IPv6)",
	 "TEST[,..]", .words = tests, .again = true, .group = "How it is probed"},
	{"rate", NFP_OPT_VALUE, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "unicast frames per second, or max (default: 1000; ARP: 8)", "PPS", .set = set_rate},
	{"settle", NFP_OPT_SECONDS, NFP_IN_PROBE,
	 "how long frames must land in one place (default: 0.5 for\n"
	 "drivers that act at once, 1.5 for most)",
	 "SEC", .at = AT(settings.settle_ns), .min = SEC(1) / 10, .max = SEC(60)},
	{"timeout", NFP_OPT_SECONDS, NFP_IN_PROBE | NFP_IN_REFLECT,
	 "stop after SEC seconds: a run (what is not known by then\n"
	 "is unknown; default: ten times what it should take, 300\n"
	 "to 3600) or a reflector (default: 600)",
	 "SEC", .at = AT(timeout_ns), .min = SEC(1), .max = SEC(86400)},
	{"allow", NFP_OPT_WORDS, NFP_IN_PROBE,
	 "verdicts that count as safe: early, refused, deaf,\n"
	 "sticky, slow; no-wire: frames from inside the NIC count",
	 "VERDICT[,..]", .words = verdicts, .set = refuse_word,
	 .twice = "Write one list: --allow early,slow.", .group = "What counts as safe"},
	{"gap-limit", NFP_OPT_NUMBER, NFP_IN_PROBE,
	 "not safe (slow) if the guest is deaf for more than MS\n"
	 "milliseconds at a change",
	 "MS", .at = AT(settings.gap_limit_ms), .min = 1, .max = NFP_GAP_LIMIT_MAX},
	{"require", NFP_OPT_WORDS, NFP_IN_PROBE,
	 "a safe style must also let IPv6 reach a guest, without a\n"
	 "condition (ipv6)",
	 "WHAT[,..]", .words = demands},
	{"accept", NFP_OPT_VALUE, NFP_IN_AUDIT,
	 "a finding that does not count, by its code, everywhere\n"
	 "or at a PF, a netdev, a VF (vf:N) or an address",
	 "CODE[:PLACE]", .set = set_accept, .again = true},
	{"json", NFP_OPT_OPTIONAL, NFP_IN_RUN | NFP_IN_LIST | NFP_IN_AUDIT | NFP_IN_WAY,
	 "write the result as JSON to standard output, or to FILE", "FILE", .set = set_json,
	 .common = true, .group = "Output"},
	{"json-stream", NFP_OPT_ON, NFP_IN_RUN,
	 "stream events as they occur, one JSON object per line", .at = AT(json_stream)},
	{"save", NFP_OPT_OPTIONAL, NFP_IN_RUN,
	 "also keep the result on this host, in /var/lib/nfprobe,\n"
	 "or in DIR",
	 "DIR", .set = set_save, .common = true},
	{"write", NFP_OPT_FILE, NFP_IN_RUN,
	 "write every frame, sent and received, to FILE as pcapng", "FILE", .at = AT(write_file)},
	{"quiet", NFP_OPT_ON,
	 NFP_IN_RUN | NFP_IN_LIST | NFP_IN_AUDIT | NFP_IN_WAY | NFP_IN_RESTORE | NFP_IN_REFLECT,
	 "print the verdict only: no progress, no warnings", .at = AT(quiet), .letter = 'q',
	 .common = true},
	{"verbose", NFP_OPT_ON, NFP_IN_ANY, "print counts, and each change made on the host",
	 .at = AT(verbose), .letter = 'v', .common = true},
	{"color", NFP_OPT_COLOR, NFP_IN_ANY, "always, never or auto (default: on a terminal)",
	 "WHEN", .takes = "always, never, auto", .again = true},
	{"dry-run", NFP_OPT_MODE, NFP_IN_ANY, "print what a run would do, and do nothing",
	 .mode = NFP_MODE_DRY_RUN, .letter = 'n', .common = true, .group = "Instead of a probe"},
	{"list", NFP_OPT_MODE, NFP_IN_ANY, "list PFs and VFs, and who uses them",
	 .mode = NFP_MODE_LIST, .common = true},
	{"audit", NFP_OPT_MODE, NFP_IN_ANY, "find addresses that make guests lose frames",
	 .mode = NFP_MODE_AUDIT},
	{"way", NFP_OPT_MODE, NFP_IN_ANY, "follow the standbys of guests to the wire",
	 .mode = NFP_MODE_WAY},
	{"watch", NFP_OPT_OPTIONAL, NFP_IN_WAY,
	 "with --way: count its frames at each netdev for SEC\n"
	 "seconds (default: 10), and say where they stop",
	 "SEC", .set = set_watch},
	{"restore", NFP_OPT_MODE, NFP_IN_ANY, "undo what an interrupted run left on the host",
	 .mode = NFP_MODE_RESTORE, .common = true},
	{"reflect", NFP_OPT_MODE, NFP_IN_ANY, "act as the reflector for a run on another host",
	 .mode = NFP_MODE_REFLECT},
	{"version", NFP_OPT_MODE, NFP_IN_ANY, "print the version", .mode = NFP_MODE_VERSION,
	 .letter = 'V'},
	{"help", NFP_OPT_MODE, NFP_IN_ANY, "print every option; -h: the usual ones",
	 .mode = NFP_MODE_HELP, .letter = 'h', .common = true},
	SPELLING("colour", "color"),
};

const size_t nfp_num_options = NFP_NUM(nfp_options);

_Static_assert(NFP_NUM(nfp_options) <= NFP_OPTIONS_MAX, "the parser keeps a bit for each");

const struct nfp_opt *nfp_opt_find(const char *name)
{
	nfp_for_each (opt, nfp_options, nfp_num_options) {
		if (strcmp(opt->name, name) == 0)
			return opt->kind == NFP_OPT_SPELLING ? nfp_opt_find(opt->help) : opt;
	}
	return NULL;
}
