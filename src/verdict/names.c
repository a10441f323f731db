// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - one table of names for each enumeration of base.h, and the text of addresses. */
#include "nfprobe/base.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *pick(const char *const names[], size_t num, unsigned int v)
{
	return v < num ? names[v] : "?";
}

const char *nfp_style_name(enum nfp_style v)
{
	static const char *const names[NFP_STYLE_COUNT] = {"filter", "promisc"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_style_label(enum nfp_style v)
{
	static const char *const names[NFP_STYLE_COUNT] = {"macvtap", "bridge"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_source_name(enum nfp_source v)
{
	static const char *const names[NFP_SOURCE_COUNT] = {"wire", "vf", "pf"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_step_name(enum nfp_step v)
{
	static const char *const names[NFP_STEP_COUNT] = {
		"control", "standby",  "assign",   "attach",	  "driver",
		"up",	   "alone",    "down",	   "unplug",	  "detach",
		"clear",   "reassign", "vf-first", "vf-first-up", "vf-first-unplug",
	};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_kind_name(enum nfp_kind v)
{
	static const char *const names[] = {"unicast",	"broadcast", "stranger",
					    "announce", "hello",     "transmit"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_landing_name(enum nfp_landing v)
{
	static const char *const names[NFP_LANDING_COUNT] = {
		"none", "pf", "vf", "both", "nowhere", "mixed",
	};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_transmit_name(enum nfp_transmit v)
{
	static const char *const names[NFP_TRANSMIT_COUNT] = {NULL, "untested", "ok", "dropped"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_status_name(enum nfp_status v)
{
	static const char *const names[NFP_STATUS_COUNT] = {"skipped", "done", "refused"};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_claim_name(enum nfp_claim v)
{
	static const char *const names[NFP_CLAIM_COUNT] = {
		NULL, "assign", "assign-until-reset", "driver", "up", "never",
	};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_release_name(enum nfp_release v)
{
	static const char *const names[NFP_RELEASE_COUNT] = {
		NULL, "down", "unplug", "detach", "clear", "never",
	};

	return pick(names, ARRAY_SIZE(names), v);
}

const char *nfp_delivery_name(enum nfp_delivery v)
{
	static const char *const names[NFP_DELIVERY_COUNT] = {NULL, "vf", "both"};

	return pick(names, ARRAY_SIZE(names), v);
}

static const char *const verdict_names[NFP_VERDICT_COUNT] = {
	"early",	"refused",    "deaf", "sticky",		"slow",
	"inconclusive", "untestable", "safe", "not-applicable",
};

const char *nfp_verdict_name(enum nfp_verdict v)
{
	return pick(verdict_names, ARRAY_SIZE(verdict_names), v);
}

const char *nfp_requires_name(enum nfp_requires v)
{
	static const char *const names[NFP_REQ_COUNT] = {
		"use-filter-standby",	   "use-promisc-standby",
		"assign-at-hotplug",	   "assign-before-standby",
		"release-standby-when-up", "detach-before-migration",
		"clear-at-unplug",	   "do-not-use",
	};

	return pick(names, ARRAY_SIZE(names), v);
}

bool nfp_verdict_parse(const char *name, enum nfp_verdict *ret_verdict)
{
	for (unsigned int i = 0; i < NFP_VERDICT_COUNT; i++) {
		if (strcmp(name, verdict_names[i]) == 0) {
			*ret_verdict = (enum nfp_verdict)i;
			return true;
		}
	}
	return false;
}

bool nfp_style_parse(const char *name, enum nfp_style *ret_style)
{
	for (unsigned int i = 0; i < NFP_STYLE_COUNT; i++) {
		enum nfp_style style = (enum nfp_style)i;

		if (strcmp(name, nfp_style_name(style)) == 0 ||
		    strcmp(name, nfp_style_label(style)) == 0) {
			*ret_style = style;
			return true;
		}
	}
	return false;
}

const char *nfp_mac_str(const struct nfp_mac *mac, char buf[NFP_MAC_STRLEN])
{
	snprintf(buf, NFP_MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0], mac->b[1],
		 mac->b[2], mac->b[3], mac->b[4], mac->b[5]);
	return buf;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool nfp_mac_parse(const char *text, struct nfp_mac *ret_mac)
{
	struct nfp_mac mac;

	if (strlen(text) != NFP_MAC_STRLEN - 1)
		return false;
	for (size_t i = 0; i < NFP_MAC_LEN; i++) {
		int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);

		if (high < 0 || low < 0 || (i + 1 < NFP_MAC_LEN && text[3 * i + 2] != ':'))
			return false;
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	*ret_mac = mac;
	return true;
}

bool nfp_mac_equal(const struct nfp_mac *a, const struct nfp_mac *b)
{
	return memcmp(a->b, b->b, NFP_MAC_LEN) == 0;
}

bool nfp_mac_is_zero(const struct nfp_mac *mac)
{
	static const struct nfp_mac zero;

	return nfp_mac_equal(mac, &zero);
}

bool nfp_mac_is_multicast(const struct nfp_mac *mac)
{
	return (mac->b[0] & 1) != 0;
}
