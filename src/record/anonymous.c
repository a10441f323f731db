// SPDX-License-Identifier: GPL-2.0-or-later
/* anonymous.c - the replacements, and texts that contain what they replace. */
#include "anonymous.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/journal.h"

#define REMOVED "(removed)"

void anonymous_fini(struct anonymous *a)
{
	nfp_strv_fini(&a->addresses);
	nfp_strv_fini(&a->tails);
	nfp_strv_fini(&a->ipv4);
	nfp_strv_fini(&a->prefixes);
	nfp_strv_fini(&a->names);
}

static size_t find(const struct nfp_strv *list, const char *text)
{
	size_t i = 0;

	while (i < list->n && strcmp(list->v[i], text) != 0)
		i++;
	return i;
}

/* The number of @text, from 0. */
static size_t number_of(struct nfp_strv *list, const char *text)
{
	size_t i = find(list, text);

	if (i == list->n)
		nfp_strv_addf(list, "%s", text);
	return i;
}

static size_t number_of_bytes(struct nfp_strv *list, const uint8_t *bytes, size_t len)
{
	char text[64];

	nfp_hex_str(bytes, len, text);
	return number_of(list, text);
}

/* ---- addresses ---- */

/* Three bytes; 0 is never given, so that no address becomes one that has a meaning. */
static void put_number(uint8_t *at, size_t number)
{
	number++;
	at[0] = (uint8_t)(number >> 16);
	at[1] = (uint8_t)(number >> 8);
	at[2] = (uint8_t)number;
}

struct nfp_mac anonymous_mac(struct anonymous *a, const struct nfp_mac *mac)
{
	static const uint8_t well_known[][4] = {
		{0x33, 0x33, 0, 0}, {0x01, 0x80, 0xc2, 0}, {0xff, 0xff, 0xff, 0xff}};
	static const struct nfp_mac zero = {{0}};
	struct nfp_mac other = {{0x0e}}; /* locally administered */

	if (nfp_mac_equal(mac, &zero))
		return *mac;
	if (!nfp_mac_is_multicast(mac)) {
		put_number(other.b + 3, number_of_bytes(&a->addresses, mac->b, NFP_MAC_LEN));
		return other;
	}
	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
		if (memcmp(mac->b, well_known[i], sizeof(well_known[i])) == 0)
			return *mac;
	}
	/* The group of a solicited node, or any other. */
	other = (struct nfp_mac) {
		{0x33, 0x33, mac->b[0] == 0x33 && mac->b[2] == 0xff ? 0xff : 0xfe}};
	put_number(other.b + 3, number_of_bytes(&a->tails, mac->b + 3, 3));
	return other;
}

/* 198.18.0.0/15 is for tests (RFC 2544). */
struct nfp_ipv4 anonymous_ipv4(struct anonymous *a, const struct nfp_ipv4 *ip)
{
	static const struct nfp_ipv4 any = {{0}};
	uint8_t number[3];

	if (nfp_ipv4_equal(ip, &any))
		return any;
	put_number(number, number_of_bytes(&a->ipv4, ip->b, sizeof(ip->b)));
	return (struct nfp_ipv4) {{198, (uint8_t)(18 + number[0] % 2), number[1], number[2]}};
}

/* 2001:db8::/32 is for documentation (RFC 3849). */
struct nfp_ipv6 anonymous_ipv6(struct anonymous *a, const struct nfp_ipv6 *ip)
{
	static const uint8_t solicited[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};
	static const uint8_t link_local[8] = {0xfe, 0x80};
	static const struct nfp_ipv6 any = {{0}};
	struct nfp_ipv6 other = {{0x20, 0x01, 0x0d, 0xb8}};

	if (nfp_ipv6_equal(ip, &any))
		return any;
	if (memcmp(ip->b, solicited, sizeof(solicited)) == 0)
		memcpy(other.b, solicited, sizeof(solicited));
	else if (ip->b[0] == 0xff)
		return *ip;
	else {
		if (memcmp(ip->b, link_local, sizeof(link_local)) == 0)
			memcpy(other.b, link_local, sizeof(link_local));
		put_number(other.b + 10, number_of_bytes(&a->prefixes, ip->b, 13));
	}
	put_number(other.b + 13, number_of_bytes(&a->tails, ip->b + 13, 3));
	return other;
}

/* ---- names ---- */

const char *anonymous_name(struct anonymous *a, const char *name, char buf[NFP_IFNAMSIZ])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	const size_t base = sizeof(digits) - 1;
	char reversed[NFP_IFNAMSIZ];
	size_t number, len = 0, at = 0;

	if (!name[0] || strcmp(name, "lo") == 0) {
		snprintf(buf, NFP_IFNAMSIZ, "%s", name);
		return buf;
	}
	/* Short, since it replaces names of two letters in place. */
	number = number_of(&a->names, name);
	do {
		reversed[len++] = digits[number % base];
		number /= base;
	} while (number);
	buf[at++] = 'n';
	while (len)
		buf[at++] = reversed[--len];
	buf[at] = '\0';
	return buf;
}

bool anonymous_knows(const struct anonymous *a, const char *name)
{
	return find(&a->names, name) < a->names.n;
}

/* ---- texts ---- */

/* Words of commands, files of sysfs and drivers; they say nothing about a host. */
static const char *const harmless_words[] = {
	"ip",
	"link",
	"set",
	"dev",
	"vf",
	"mac",
	"vlan",
	"qos",
	"proto",
	"spoofchk",
	"trust",
	"state",
	"auto",
	"enable",
	"disable",
	"on",
	"off",
	"up",
	"down",
	"bridge",
	"fdb",
	"add",
	"del",
	"delete",
	"self",
	"master",
	"static",
	"permanent",
	"type",
	"macvlan",
	"mode",
	"private",
	"promisc",
	"allmulticast",
	"maddr",
	"maddress",
	"address",
	"mtu",
	"name",
	"netns",
	"min_tx_rate",
	"max_tx_rate",
	"rate",
	"query_rss",
	"802.1Q",
	"802.1ad",
	"echo",
	">",
	"any",
	"pf",
	"arp",
	"peer",
	"sys",
	"proc",
	"bus",
	"pci",
	"auxiliary",
	"devices",
	"drivers",
	"driver",
	"driver_override",
	"bind",
	"unbind",
	"reset",
	"reset_method",
	"flr",
	"af_flr",
	"device_specific",
	"pm",
	"acpi",
	"class",
	"net",
	"device",
	"physfn",
	"subsystem",
	"sriov_totalvfs",
	"sriov_numvfs",
	"vendor",
	"subsystem_vendor",
	"subsystem_device",
	"phys_port_name",
	"dev_port",
	"addr_assign_type",
	"carrier_down_count",
	"modalias",
	"module",
	"version",
	"iommu_group",
	"virtual",
	"queues",
	"gro_flush_timeout",
	"napi_defer_hard_irqs",
	"threaded",
	"rps_cpus",
	"rps_flow_cnt",
	"xps_cpus",
	"xps_rxqs",
	"ipv4",
	"ipv6",
	"conf",
	"neigh",
	"default",
	"brport",
	"unicast_flood",
	"..",
	"held-by-nfprobe",
	"(null)",
	"vfio-pci",
	"pci-stub",
	"uio_pci_generic",
	"igb",
	"igbvf",
	"ixgbe",
	"ixgbevf",
	"i40e",
	"iavf",
	"ice",
	"mlx5_core",
	"mlx4_core",
	"bnxt_en",
	"qede",
	"sfc",
	"hns3",
	"hns3vf",
	"fm10k",
	"liquidio",
	"liquidio_vf",
	"cxgb4",
	"cxgb4vf",
	"nfp",
	"ionic",
	"enic",
	"be2net",
	"bnx2x",
	"netdevsim",
	"nfsim",
	"nfsimvf",
	"octeontx2-nicpf",
	"octeontx2-nicvf",
	"hinic",
	"hinic3",
	"txgbe",
};

static bool is_harmless(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	/* A number; 0x8086; 0000:01:10.3; virtfn3. */
	if (!word[digits] || (word[0] == '0' && word[1] == 'x' &&
			      !word[2 + strspn(word + 2, "0123456789abcdefABCDEF")]))
		return true;
	if (strlen(word) == 12 && word[4] == ':' && word[7] == ':' && word[10] == '.' &&
	    strspn(word, "0123456789abcdef:.") == 12)
		return true;
	/* pci0000:00 */
	if (strncmp(word, "pci", 3) == 0 && !word[3 + strspn(word + 3, "0123456789abcdef:")])
		return true;
	if (strncmp(word, "virtfn", 6) == 0 && !word[6 + strspn(word + 6, "0123456789")])
		return true;
	for (size_t i = 0; i < sizeof(harmless_words) / sizeof(harmless_words[0]); i++) {
		if (strcmp(harmless_words[i], word) == 0)
			return true;
	}
	return false;
}

static char *other_word(struct anonymous *a, const char *word)
{
	static const char *const prefixes[] = {"vf:", "arp:", "peer:"}; /* of --from */
	char text[NFP_MAC_STRLEN + NFP_IPV4_STRLEN];
	struct nfp_mac mac;
	struct nfp_ipv4 ip;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i]);
		char *rest, *whole;

		if (strncmp(word, prefixes[i], len) != 0)
			continue;
		rest = other_word(a, word + len);
		whole = nfp_asprintf("%s%s", prefixes[i], rest);
		free(rest);
		return whole;
	}
	if (nfp_mac_parse(word, &mac)) {
		mac = anonymous_mac(a, &mac);
		return nfp_strdup(nfp_mac_str(&mac, text));
	}
	if (nfp_ipv4_parse(word, &ip)) {
		ip = anonymous_ipv4(a, &ip);
		return nfp_strdup(nfp_ipv4_str(&ip, text));
	}
	return nfp_strdup(is_harmless(word) ? word : anonymous_name(a, word, text));
}

char *anonymous_text(struct anonymous *a, const char *text, const char *separators)
{
	char *other = nfp_strdup("");

	while (*text) {
		size_t at = strcspn(text, separators);
		char *word = nfp_asprintf("%.*s", (int)at, text), *put = other_word(a, word);
		char *longer = nfp_asprintf("%s%s%.1s", other, put, text + at);

		free(other);
		free(word);
		free(put);
		other = longer;
		text += at + (text[at] != '\0');
	}
	return other;
}

/* ---- facts ---- */

/* Strings of these keys are words of nfprobe's, or describe the NIC and the kernel. */
static const char *const harmless_keys[] = {
	"id",
	"key",
	"start",
	"kernel",
	"style",
	"styles",
	"source",
	"verdict",
	"allow",
	"claim",
	"release",
	"delivery",
	"requires",
	"step",
	"status",
	"transmit",
	"multicast",
	"code",
	"driver",
	"driver_version",
	"firmware",
	"name",
	"running",
	"stored",
	"vendor",
	"device",
	"subsystem_vendor",
	"subsystem_device",
	"board_id",
	"eswitch_mode",
	"master_kind",
	"parentdev",
};
static const char *const name_keys[] = {"ifname", "master", "host", "from", "address"};

static bool is_of(const char *const *keys, size_t num, const char *key)
{
	for (size_t i = 0; i < num; i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

/* The replacement of a member, or element of a member, called @key; NULL: it stays as it is. */
static json_t *other_fact(struct anonymous *a, const char *key, json_t *value)
{
	json_t *item, *put;
	const char *name;
	char *text;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach (value, name, item) {
			put = other_fact(a, name, item);
			if (put)
				json_object_set_new(value, name, put);
		}
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item) {
			put = other_fact(a, key, item);
			if (put)
				json_array_set_new(value, i, put);
		}
	}
	if (!json_is_string(value) ||
	    is_of(harmless_keys, sizeof(harmless_keys) / sizeof(harmless_keys[0]), key))
		return NULL;
	if (!is_of(name_keys, sizeof(name_keys) / sizeof(name_keys[0]), key))
		return json_string(REMOVED);
	text = anonymous_text(a, json_string_value(value), ",");
	put = json_string(text);
	free(text);
	return put;
}

void anonymous_facts(struct anonymous *a, json_t *facts)
{
	(void)other_fact(a, "", facts);
}
