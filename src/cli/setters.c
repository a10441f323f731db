// SPDX-License-Identifier: GPL-2.0-or-later
/* setters.c - what each option does to the request; values are read strictly. */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/base.h"

#define ETH_P_8021Q    0x8100 /* include/uapi/linux/if_ether.h */
#define VLAN_MAX       4094
#define SETTLE_MIN_NS  (100 * NFP_NSEC_PER_MSEC)
#define SETTLE_MAX_NS  (60 * NFP_NSEC_PER_SEC)
#define TIMEOUT_MIN_NS (1 * NFP_NSEC_PER_SEC)
#define TIMEOUT_MAX_NS (86400 * NFP_NSEC_PER_SEC)

static int usage(struct nfp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int usage(struct nfp_err *err, const char *fmt, ...)
{
	char text[NFP_ERR_MSGLEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nfp_err_set(err, -EINVAL, NFP_E_USAGE, "%s", text);
}

/* A whole number, with the range in the complaint. */
static int number(const char *option, const char *value, unsigned int min, unsigned int max,
		  unsigned int *ret_value, struct nfp_err *err)
{
	int r = nfp_value_uint(value, min, max, ret_value);

	if (r == -ERANGE)
		return usage(err, "%s %s is out of range: it takes %u to %u", option, value, min,
			     max);
	if (r < 0)
		return usage(err, "%s %s is not a whole number: it takes %u to %u", option, value,
			     min, max);
	return 0;
}

static int seconds(const char *option, const char *value, uint64_t min_ns, uint64_t max_ns,
		   uint64_t *ret_ns, struct nfp_err *err)
{
	int r = nfp_value_seconds(value, min_ns, max_ns, ret_ns);
	double min = (double)min_ns / (double)NFP_NSEC_PER_SEC;
	double max = (double)max_ns / (double)NFP_NSEC_PER_SEC;

	if (r == -ERANGE)
		return usage(err, "%s %s is out of range: it takes %g to %g seconds", option, value,
			     min, max);
	if (r < 0)
		return usage(err, "%s %s is not a number of seconds: it takes %g to %g", option,
			     value, min, max);
	return 0;
}

int nfp_set_vf(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (strcmp(value, "all") == 0) {
		request->all_vfs = true;
		return 0;
	}
	return nfp_value_list("--vf", value, NFP_VF_MAX, &request->vfs, &request->num_vfs, err);
}

/* "peer" alone: whoever answers with the id. */
static int from_peer(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->from = NFP_FROM_PEER;
	if (strcmp(value, "peer") == 0)
		return 0;
	if (!nfp_mac_parse(value + 5, &request->from_peer) ||
	    nfp_mac_is_zero(&request->from_peer) || nfp_mac_is_multicast(&request->from_peer))
		return usage(err,
			     "--from %s names no reflector: write peer: and its Ethernet address, "
			     "as nfprobe --reflect prints it",
			     value);
	return 0;
}

/* "arp" alone: the default gateway. */
static int from_arp(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->from = NFP_FROM_ARP;
	request->have_from_ip = value[3] == ':';
	if (request->have_from_ip && !nfp_ipv4_parse(value + 4, &request->from_ip))
		return usage(err,
			     "--from %s names no neighbour: write arp: and its IPv4 address, such "
			     "as arp:192.0.2.1",
			     value);
	return 0;
}

/* The name of a netdev, or something that its user took for one. */
static int from_iface(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	struct nfp_ipv4 ip;

	if (nfp_ipv4_parse(value, &ip))
		return usage(err,
			     "--from %s is an IPv4 address: write --from arp:%s if that neighbour "
			     "is meant",
			     value, value);
	request->from = NFP_FROM_IFACE;
	if (nfp_value_ifname(value, request->from_ifname) < 0)
		return usage(err,
			     "--from \"%s\" is not an interface name: it takes auto, "
			     "an interface, arp:IP, peer:MAC, vf:M or pf",
			     value);
	return 0;
}

int nfp_set_from(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (strcmp(value, "auto") == 0) {
		request->from = NFP_FROM_AUTO;
	} else if (strcmp(value, "pf") == 0) {
		request->from = NFP_FROM_PF;
	} else if (strncmp(value, "vf:", 3) == 0) {
		request->from = NFP_FROM_VF;
		if (nfp_value_uint(value + 3, 0, NFP_VF_MAX - 1, &request->from_vf) < 0)
			return usage(err,
				     "--from %s names no VF: write vf: and its number, 0 to %d",
				     value, NFP_VF_MAX - 1);
	} else if (strcmp(value, "peer") == 0 || strncmp(value, "peer:", 5) == 0) {
		return from_peer(request, value, err);
	} else if (strcmp(value, "arp") == 0 || strncmp(value, "arp:", 4) == 0) {
		return from_arp(request, value, err);
	} else {
		return from_iface(request, value, err);
	}
	return 0;
}

static int keep(const char *value, char **ret_copy, struct nfp_err *err)
{
	*ret_copy = nfp_strdup(value);
	return *ret_copy ? 0 : nfp_err_set(err, -ENOMEM, NFP_E_MEMORY, "out of memory");
}

int nfp_set_id(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_id = true;
	if (strcmp(value, "@") == 0)
		return usage(err, "--id @ names no file: write --id @FILE");
	if (value[0] == '@')
		return keep(value + 1, &request->id_file, err);
	if (!nfp_peer_id_parse(value, &request->id))
		return usage(err,
			     "--id %s is not an id: it is %d hex digits, as nfprobe --reflect "
			     "prints them",
			     value, 2 * NFP_PEER_ID_LEN);
	return 0;
}

int nfp_set_style(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	enum nfp_style style;

	memset(request->styles, 0, sizeof(request->styles));
	if (strcmp(value, "all") == 0) {
		for (unsigned int i = 0; i < NFP_STYLE_COUNT; i++)
			request->styles[i] = true;
		return 0;
	}
	if (!nfp_style_parse(value, &style))
		return usage(err,
			     "--style %s is unknown: it takes filter (or macvtap), "
			     "promisc (or bridge), all",
			     value);
	request->styles[style] = true;
	return 0;
}

int nfp_set_mac(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	struct nfp_mac mac;

	if (!nfp_mac_parse(value, &mac))
		return usage(err,
			     "--mac %s is not an Ethernet address: write it as "
			     "02:ab:cd:ef:01:23",
			     value);
	if (nfp_mac_is_zero(&mac))
		return usage(err, "--mac %s is the zero address, which no interface can have",
			     value);
	if (nfp_mac_is_multicast(&mac))
		return usage(err,
			     "--mac %s is a group address: the first byte of an interface's "
			     "address is even",
			     value);
	request->mac = mac;
	request->have_mac = true;
	return 0;
}

int nfp_set_vlan(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	unsigned int vid;
	int r = number("--vlan", value, 0, VLAN_MAX, &vid, err);

	if (r < 0)
		return r;
	request->have_vlan = true;
	request->vlan = (struct nfp_vlan) {
		.vid = (uint16_t)vid,
		.proto = vid ? ETH_P_8021Q : 0,
	};
	return 0;
}

int nfp_set_rate(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	request->have_rate = true;
	if (strcmp(value, "max") == 0) {
		request->rate = NFP_RATE_MAX;
		return 0;
	}
	return number("--rate", value, 1, NFP_RATE_MAX, &request->rate, err);
}

int nfp_set_settle(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	int r = seconds("--settle", value, SETTLE_MIN_NS, SETTLE_MAX_NS, &request->settle_ns, err);

	request->have_settle = r == 0;
	return r;
}

int nfp_set_timeout(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return seconds("--timeout", value, TIMEOUT_MIN_NS, TIMEOUT_MAX_NS, &request->timeout_ns,
		       err);
}

int nfp_set_json(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (value && value[0] == '\0')
		return usage(err, "--json= names no file: write --json=FILE, or --json alone for "
				  "standard output");
	request->json = true;
	if (!value || strcmp(value, "-") == 0)
		return 0;
	return keep(value, &request->json_file, err);
}

int nfp_set_json_stream(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->json_stream = true;
	return 0;
}

static int keep_file(const char *option, const char *value, char **ret_copy, struct nfp_err *err)
{
	if (strcmp(value, "-") == 0)
		return usage(err, "%s \"-\" names no file: standard output is for the result",
			     option);
	return keep(value, ret_copy, err);
}

int nfp_set_junit(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return keep_file("--junit", value, &request->junit_file, err);
}

int nfp_set_html(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return keep_file("--html", value, &request->html_file, err);
}

int nfp_set_baseline(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return keep(value, &request->baseline_file, err);
}

int nfp_set_same(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->same = true;
	return 0;
}

int nfp_set_write(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return keep_file("--write", value, &request->write_file, err);
}

static int allow_one(struct nfp_request *request, const char *name, struct nfp_err *err)
{
	enum nfp_verdict verdict;

	if (!nfp_verdict_parse(name, &verdict) || verdict == NFP_VERDICT_NOT_APPLICABLE)
		return usage(err,
			     "--allow %s is no verdict: it takes early, refused, deaf, sticky, "
			     "slow, untestable, safe",
			     name);
	if (verdict == NFP_VERDICT_INCONCLUSIVE)
		return usage(err, "--allow inconclusive is not possible: where nothing was proved, "
				  "there is nothing to allow");
	request->allow[verdict] = true;
	return 0;
}

int nfp_set_allow(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	for (const char *p = value;;) {
		size_t len = strcspn(p, ",");
		char name[64];
		int r;

		snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), p);
		r = allow_one(request, name, err);
		if (r < 0 || p[len] == '\0')
			return r;
		p += len + 1;
	}
}

int nfp_set_repeat(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return number("--repeat", value, 1, NFP_REPEAT_MAX, &request->repeat, err);
}

int nfp_set_gap_limit(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	return number("--gap-limit", value, 1, NFP_GAP_LIMIT_MAX, &request->gap_limit_ms, err);
}

int nfp_set_no_announce(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->announce = false;
	return 0;
}

int nfp_set_no_transmit(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->transmit = false;
	return 0;
}

int nfp_set_force(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->force = true;
	return 0;
}

int nfp_set_quiet(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->quiet = true;
	return 0;
}

int nfp_set_verbose(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->verbose = true;
	return 0;
}

int nfp_set_color(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (!value || strcmp(value, "always") == 0)
		request->color = NFP_COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		request->color = NFP_COLOR_NEVER;
	else if (strcmp(value, "auto") == 0)
		request->color = NFP_COLOR_AUTO;
	else
		return usage(err, "--color=%s is unknown: it takes always, never, auto", value);
	return 0;
}

/* One mode only. */
static int set_mode(struct nfp_request *request, enum nfp_mode mode, struct nfp_err *err)
{
	if (request->mode != NFP_MODE_PROBE && request->mode != mode)
		return usage(err, "--list, --restore, --reflect, --read and --dry-run do not go "
				  "together: write one of them");
	request->mode = mode;
	return 0;
}

int nfp_set_list(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	return set_mode(request, NFP_MODE_LIST, err);
}

int nfp_set_restore(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	return set_mode(request, NFP_MODE_RESTORE, err);
}

int nfp_set_reflect(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	return set_mode(request, NFP_MODE_REFLECT, err);
}

int nfp_set_read(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	if (strcmp(value, "-") == 0)
		return usage(err, "--read \"-\" names no file: a recording is read twice, so it "
				  "must be in one");
	if (set_mode(request, NFP_MODE_READ, err) < 0)
		return -EINVAL;
	return keep(value, &request->read_file, err);
}

int nfp_set_dry_run(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	return set_mode(request, NFP_MODE_DRY_RUN, err);
}

int nfp_set_version(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->mode = NFP_MODE_VERSION;
	return 0;
}

int nfp_set_help(struct nfp_request *request, const char *value, struct nfp_err *err)
{
	(void)value;
	(void)err;
	request->mode = NFP_MODE_HELP;
	return 0;
}
