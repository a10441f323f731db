// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - names of values, and addresses and times as text. */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <sys/random.h>

const struct nfp_names nfp_errcode_names =
	NFP_NAMES("none", "usage", "permission", "no-such-interface", "not-a-pf", "no-vfs",
		  "no-such-vf", "vf-in-use", "vf-taken", "vf-changed", "pf-down", "pf-no-carrier",
		  "pf-in-bond", "xdp", "switchdev", "eswitch-unknown", "mac-in-use", "no-vf-driver",
		  "locked", "no-source", "source-unusable", "unsupported", "journal", "interrupted",
		  "timeout", "kernel", "memory", "output", "input", "restore", "died");

const char *nfp_name(const struct nfp_names *names, unsigned int v)
{
	return v < names->num ? names->v[v] : "?";
}

int nfp_name_find(const struct nfp_names *names, const char *name)
{
	for (unsigned int v = 0; name && v < names->num; v++) {
		if (names->v[v] && strcmp(names->v[v], name) == 0)
			return (int)v;
	}
	return -1;
}

/* ---- "did you mean" ---- */

#define NEAR_LEN 32 /* longer words are not compared */

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int low = a < b ? a : b;

	return low < c ? low : c;
}

/* Returns how many letters to insert, drop or change, or neighbours to swap, to turn @a into @b. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[3][NEAR_LEN + 1] = {{0}};
	unsigned int *above = rows[0], *last = rows[1], *row = rows[2];
	size_t alen = strlen(a), blen = strlen(b);

	for (unsigned int k = 0; k <= blen; k++)
		last[k] = k;
	for (unsigned int i = 1; i <= alen; i++) {
		unsigned int *spare = above;

		row[0] = i;
		for (unsigned int k = 1; k <= blen; k++) {
			row[k] = min3(last[k] + 1, row[k - 1] + 1,
				      last[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    above[k - 2] + 1 < row[k])
				row[k] = above[k - 2] + 1;
		}
		above = last;
		last = row;
		row = spare;
	}
	return last[blen];
}

const char *nfp_nearest(const char *word, const char *const names[], size_t num)
{
	size_t len = strlen(word);
	unsigned int best = len < 2 ? 0 : len <= 4 ? 2 : 3; /* one more than is near */
	const char *found = NULL;

	for (size_t i = 0; i < num && len <= NEAR_LEN; i++) {
		unsigned int far;

		if (!names[i] || strlen(names[i]) > NEAR_LEN)
			continue;
		far = len > 1 && strncasecmp(names[i], word, len) == 0 ? 0
								       : distance(word, names[i]);
		if (far >= best)
			continue;
		best = far;
		found = names[i];
	}
	return found;
}

struct nfp_mac_text nfp_mac_str(const struct nfp_mac *mac)
{
	struct nfp_mac_text mac_text;

	snprintf(mac_text.text, NFP_MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0],
		 mac->b[1], mac->b[2], mac->b[3], mac->b[4], mac->b[5]);
	return mac_text;
}

bool nfp_hex_parse(const char *text, uint8_t *bytes, size_t num)
{
	for (size_t i = 0; i < num; i++, text += 2) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2hhx", &bytes[i]) != 1)
			return false;
	}
	return true;
}

const char *nfp_hex_str(const uint8_t *bytes, size_t num, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < num; i++)
		snprintf(buf + 2 * i, 3, "%02x", bytes[i]);
	return buf;
}

bool nfp_mac_parse(const char *text, struct nfp_mac *ret_mac)
{
	struct nfp_mac mac;

	if (strlen(text) != NFP_MAC_STRLEN - 1)
		return false;
	for (size_t i = 0; i < NFP_MAC_LEN; i++) {
		if (!nfp_hex_parse(text + 3 * i, &mac.b[i], 1) ||
		    (i + 1 < NFP_MAC_LEN && text[3 * i + 2] != ':'))
			return false;
	}
	*ret_mac = mac;
	return true;
}

const struct nfp_mac nfp_mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
const struct nfp_mac nfp_mac_all_nodes = {{0x33, 0x33, 0, 0, 0, 0x01}};

bool nfp_mac_equal(const struct nfp_mac *a, const struct nfp_mac *b)
{
	return memcmp(a->b, b->b, NFP_MAC_LEN) == 0;
}

bool nfp_mac_is_zero(const struct nfp_mac *mac)
{
	static const struct nfp_mac zero;

	return nfp_mac_equal(mac, &zero);
}

bool nfp_mac_is_released(const struct nfp_mac *mac)
{
	static const struct nfp_mac released = {{0x02}};

	return nfp_mac_equal(mac, &released);
}

bool nfp_mac_is_nobodys(const struct nfp_mac *mac)
{
	return nfp_mac_is_zero(mac) || nfp_mac_is_multicast(mac) || nfp_mac_is_released(mac);
}

int nfp_mac_random(struct nfp_mac *ret_mac, struct nfp_err *err)
{
	struct nfp_mac mac;

	if (getrandom(mac.b, sizeof(mac.b), 0) != (ssize_t)sizeof(mac.b))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	/* Bit 1 of the first byte is "local", bit 0 "group". */
	mac.b[0] = (uint8_t)((mac.b[0] & 0xfcU) | 0x02U);
	*ret_mac = mac;
	return 0;
}

bool nfp_mac_is_multicast(const struct nfp_mac *mac)
{
	return (mac->b[0] & 1) != 0;
}

const char *nfp_time_text(int64_t unix_ms, char *buf, size_t size)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm = {0};
	size_t used;

	gmtime_r(&seconds, &tm);
	used = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + used, size - used, ".%03dZ", (int)(unix_ms % 1000));
	return buf;
}
