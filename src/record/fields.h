/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - members of a struct as members of a JSON object, by a table. */
#ifndef NFPROBE_EVIDENCE_FIELDS_H
#define NFPROBE_EVIDENCE_FIELDS_H

#include <jansson.h>
#include <stddef.h>

enum field_type {
	FIELD_TEXT, /* char[] */
	FIELD_BOOL,
	FIELD_MAC,
	FIELD_VLAN,
	FIELD_NUMBER, /* any integer type without sign; but for values above 2^63 */
	FIELD_SIGNED,
	FIELD_BYTES, /* uint8_t[], as hex digits */
};

struct field {
	const char *key;
	enum field_type type;
	size_t at, size;
};

#define FIELD(type, of, key, member)                                                               \
	{                                                                                          \
		(key), FIELD_##type, offsetof(struct of, member), sizeof(((struct of *)0)->member) \
	}

/* Zero, false and empty are left out. 0 or -1 (memory). */
int fields_put(json_t *object, const struct field fields[], size_t num, const void *from);
/* What is absent becomes zero. 0 or -EBADMSG. */
int fields_get(const json_t *object, const struct field fields[], size_t num, void *to);

#endif
