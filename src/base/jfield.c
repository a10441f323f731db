// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

#define TEXT_MAX 512 /* of a field; three times that when every byte is escaped */

static bool is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '%';
}

int nfp_jput_text(json_t *object, const char *key, const char *text)
{
	char escaped[3 * TEXT_MAX + 1];
	size_t n = 0;

	if (!text[0])
		return 0;
	for (; *text && n < sizeof(escaped) - 3; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_plain(c))
			escaped[n++] = (char)c;
		else
			n += (size_t)snprintf(escaped + n, sizeof(escaped) - n, "%%%02x", c);
	}
	escaped[n] = '\0';
	return json_object_set_new(object, key, json_string(escaped));
}

int nfp_jput_int(json_t *object, const char *key, json_int_t value)
{
	return value ? json_object_set_new(object, key, json_integer(value)) : 0;
}

int nfp_jput_bool(json_t *object, const char *key, bool value)
{
	return value ? json_object_set_new(object, key, json_true()) : 0;
}

int nfp_jput_mac(json_t *object, const char *key, const struct nfp_mac *mac)
{
	char text[NFP_MAC_STRLEN];

	return nfp_mac_is_zero(mac)
		       ? 0
		       : json_object_set_new(object, key, json_string(nfp_mac_str(mac, text)));
}

int nfp_jput_vlan(json_t *object, const char *key, const struct nfp_vlan *vlan)
{
	if (!vlan->vid && !vlan->qos)
		return 0;
	return json_object_set_new(
		object, key,
		json_pack("[i,i,i]", (int)vlan->vid, (int)vlan->qos, (int)vlan->proto));
}

/* The byte that @text begins with, -1 for a bad escape; *ret_len: how much of @text it took. */
static int unescape(const char *text, size_t *ret_len)
{
	unsigned int c = 0;
	char again[4];

	*ret_len = 1;
	if (text[0] != '%')
		return (unsigned char)text[0];
	*ret_len = 3;
	(void)sscanf(text, "%%%2x", &c);
	snprintf(again, sizeof(again), "%%%02x", c & 0xff);
	return c && strncmp(text, again, 3) == 0 ? (int)c : -1;
}

int nfp_jget_text(const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	size_t n = 0;

	buf[0] = '\0';
	if (!value)
		return 0;
	if (!text)
		return -EBADMSG;
	while (*text) {
		size_t len;
		int c = unescape(text, &len);

		if (c < 0 || n + 1 >= size) {
			buf[0] = '\0';
			return -EBADMSG;
		}
		buf[n++] = (char)c;
		text += len;
	}
	buf[n] = '\0';
	return 0;
}

int nfp_jget_int(const json_t *object, const char *key, json_int_t min, json_int_t max,
		 json_int_t *ret_value)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	if (value && (!json_is_integer(value) || number < min || number > max))
		return -EBADMSG;
	*ret_value = number;
	return 0;
}

int nfp_jget_bool(const json_t *object, const char *key, bool *ret_value)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		return -EBADMSG;
	*ret_value = value && json_is_true(value);
	return 0;
}

int nfp_jget_mac(const json_t *object, const char *key, struct nfp_mac *ret_mac)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	memset(ret_mac, 0, sizeof(*ret_mac));
	if (!value)
		return 0;
	return text && nfp_mac_parse(text, ret_mac) ? 0 : -EBADMSG;
}

static int vlan_part(const json_t *array, size_t index, json_int_t max, json_int_t *ret)
{
	const json_t *value = json_array_get(array, index);

	*ret = json_integer_value(value);
	return json_is_integer(value) && *ret >= 0 && *ret <= max ? 0 : -EBADMSG;
}

int nfp_jget_vlan(const json_t *object, const char *key, struct nfp_vlan *ret_vlan)
{
	const json_t *value = json_object_get(object, key);
	json_int_t vid, qos, proto;

	memset(ret_vlan, 0, sizeof(*ret_vlan));
	if (!value)
		return 0;
	if (json_array_size(value) != 3 || vlan_part(value, 0, 4095, &vid) ||
	    vlan_part(value, 1, 7, &qos) || vlan_part(value, 2, 0xffff, &proto))
		return -EBADMSG;
	ret_vlan->vid = (uint16_t)vid;
	ret_vlan->qos = (uint8_t)qos;
	ret_vlan->proto = (uint16_t)proto;
	return 0;
}
