// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nfprobe/base.h"

#define BYTES_MAX 32

static uint64_t read_number(const uint8_t *at, size_t size)
{
	uint64_t number = 0;

	/* As the members of the tables are: little or big, but of one of these sizes. */
	switch (size) {
	case sizeof(uint8_t):
		return *at;
	case sizeof(uint16_t): {
		uint16_t value;

		memcpy(&value, at, sizeof(value));
		return value;
	}
	case sizeof(uint32_t): {
		uint32_t value;

		memcpy(&value, at, sizeof(value));
		return value;
	}
	default:
		memcpy(&number, at, sizeof(number));
		return number;
	}
}

static void write_number(uint8_t *at, size_t size, uint64_t number)
{
	const uint16_t half = (uint16_t)number;
	const uint32_t word = (uint32_t)number;

	if (size == sizeof(uint8_t))
		*at = (uint8_t)number;
	else if (size == sizeof(half))
		memcpy(at, &half, sizeof(half));
	else if (size == sizeof(word))
		memcpy(at, &word, sizeof(word));
	else
		memcpy(at, &number, sizeof(number));
}

static int64_t read_signed(const uint8_t *at, size_t size)
{
	uint64_t number = read_number(at, size);

	return size == sizeof(uint32_t) ? (int32_t)number : (int64_t)number;
}

static int put_bytes(json_t *object, const struct field *field, const uint8_t *bytes)
{
	char text[2 * BYTES_MAX + 1] = "";

	for (size_t i = 0; i < field->size && i < BYTES_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return nfp_jput_text(object, field->key, text);
}

static int put_one(json_t *object, const struct field *field, const void *from)
{
	const uint8_t *at = (const uint8_t *)from + field->at;

	switch (field->type) {
	case FIELD_TEXT:
		return nfp_jput_text(object, field->key, (const char *)at);
	case FIELD_BOOL:
		return nfp_jput_bool(object, field->key, *at != 0);
	case FIELD_MAC:
		return nfp_jput_mac(object, field->key, (const void *)at);
	case FIELD_VLAN:
		return nfp_jput_vlan(object, field->key, (const void *)at);
	case FIELD_SIGNED:
		return nfp_jput_int(object, field->key, read_signed(at, field->size));
	case FIELD_BYTES:
		return put_bytes(object, field, at);
	case FIELD_NUMBER:
	default:
		return nfp_jput_int(object, field->key, (json_int_t)read_number(at, field->size));
	}
}

int fields_put(json_t *object, const struct field fields[], size_t num, const void *from)
{
	int ret = 0;

	for (size_t i = 0; i < num && ret == 0; i++)
		ret = put_one(object, &fields[i], from);
	return ret;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int get_bytes(const json_t *object, const struct field *field, uint8_t *bytes)
{
	const char *text = json_string_value(json_object_get(object, field->key));

	if (!text || strlen(text) != 2 * field->size)
		return -EBADMSG;
	for (size_t i = 0; i < field->size; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* What a terminal would obey is no part of a text of ours. */
static int get_text(const json_t *object, const struct field *field, char *text)
{
	int ret = nfp_jget_text(object, field->key, text, field->size);

	for (char *c = text; ret == 0 && *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	return ret;
}

static int get_number(const json_t *object, const struct field *field, uint8_t *at)
{
	json_int_t number, max = INT64_MAX, min = 0;
	int ret;

	if (field->size < sizeof(uint64_t))
		max = ((json_int_t)1 << 8 * field->size) - 1;
	if (field->type == FIELD_SIGNED) {
		max = field->size == sizeof(uint32_t) ? INT32_MAX : INT64_MAX;
		min = -max;
	}
	ret = nfp_jget_int(object, field->key, min, max, &number);
	if (ret == 0)
		write_number(at, field->size, (uint64_t)number);
	return ret;
}

static int get_one(const json_t *object, const struct field *field, void *to)
{
	uint8_t *at = (uint8_t *)to + field->at;
	bool truth;
	int ret;

	switch (field->type) {
	case FIELD_TEXT:
		return get_text(object, field, (char *)at);
	case FIELD_BOOL:
		ret = nfp_jget_bool(object, field->key, &truth);
		if (ret == 0)
			*(bool *)(void *)at = truth;
		return ret;
	case FIELD_MAC:
		return nfp_jget_mac(object, field->key, (void *)at);
	case FIELD_VLAN:
		return nfp_jget_vlan(object, field->key, (void *)at);
	case FIELD_BYTES:
		return get_bytes(object, field, at);
	case FIELD_NUMBER:
	case FIELD_SIGNED:
	default:
		return get_number(object, field, at);
	}
}

int fields_get(const json_t *object, const struct field fields[], size_t num, void *to)
{
	int ret = 0;

	for (size_t i = 0; i < num && ret == 0; i++)
		ret = get_one(object, &fields[i], to);
	return ret;
}
