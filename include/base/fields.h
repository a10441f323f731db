/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - structs as JSON objects, written from a table; the journal is also read by its tables.
 *
 * A table has a row for each key. Nested objects have tables of their own. An object may have
 * several forms (what --json shows, what an event keeps): bits of a row say which forms have the
 * key, and the caller says which form it wants. Input is not trusted: whatever it is, members stay
 * in the range of their types, and texts are terminated.
 */
#ifndef NFPROBE_FIELDS_H
#define NFPROBE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

enum nfp_field_type {
	NFP_FIELD_TEXT,	   /* char[]; invalid UTF-8 becomes U+FFFD */
	NFP_FIELD_ESCAPED, /* char[]; bytes other than printable ASCII, blanks and % are %XX */
	NFP_FIELD_NAME,	   /* the same, for a component of a path: no slash, not "." or ".." */
	NFP_FIELD_NUMBER,  /* an unsigned or non-negative integer of any size */
	NFP_FIELD_SIGNED,  /* int or int64_t */
	NFP_FIELD_BOOL,
	NFP_FIELD_MAYBE, /* int: 0 or 1; -1: not known */
	NFP_FIELD_ENUM,	 /* an enumeration: the name of the value */
	NFP_FIELD_NAMES, /* bool[]: a list of the names of the true ones */
	NFP_FIELD_BITS,	 /* uint32_t: a list of the names of the bits that are set */
	NFP_FIELD_MAC,
	NFP_FIELD_PCI_ID,   /* uint16_t: "0x8086" */
	NFP_FIELD_BYTES,    /* uint8_t[]: hex digits */
	NFP_FIELD_TIME,	    /* int64_t, milliseconds since 1970: RFC 3339 in UTC */
	NFP_FIELD_TEXTS,    /* struct nfp_strv: a list of texts */
	NFP_FIELD_HINT,	    /* struct nfp_hint: its text, or null, and its commands */
	NFP_FIELD_HINTS,    /* struct nfp_hints: a list of these */
	NFP_FIELD_LINES,    /* struct nfp_commands: a text of its lines, for a document */
	NFP_FIELD_COMMANDS, /* struct nfp_commands: a list of each one's words, or of
			     * {"write": a value, "to": a file} */
	NFP_FIELD_OBJECT,   /* a struct, or other members of this one (at 0) */
	NFP_FIELD_POINTER,  /* a pointer to a struct */
	NFP_FIELD_ARRAY,    /* struct[size / table->size], and their number in a size_t */
	NFP_FIELD_LIST,	  /* a pointer to structs, and their number; reading allocates up to max */
	NFP_FIELD_STRING, /* const char *: a text */
	NFP_FIELD_DOCUMENT, /* json_t *: a value that is JSON already */
};

/* How a value that is not known is written. */
enum nfp_unknown {
	NFP_NEVER,  /* it is always known */
	NFP_NULL,   /* null */
	NFP_ABSENT, /* the key is left out */
};

struct nfp_table;

/*
 * If known_size is not 0, a value is known if the member at known_at is not 0. Otherwise these are
 * not known: an empty text or list, 0, a zero address, a value without a name, a NULL pointer.
 */
struct nfp_field {
	const char *key;
	enum nfp_field_type type;
	unsigned int in; /* bits of the forms that have the key */
	size_t at, size;
	enum nfp_unknown unknown;
	size_t known_at, known_size;
	uint64_t scale; /* units of the member in one unit of the key; 0 means 1 */
	int64_t min;	/* NUMBER: smaller values are written as this */
	int64_t max;	/* the largest number, or the most elements, that are read; 0: what the type
			   holds, for what the program wrote itself */
	const struct nfp_names *names;
	uint32_t except; /* bits of the values that this key never has */
	const struct nfp_table *table;
	unsigned int as; /* the form of the nested objects; 0: that of the object around them */
	bool spread;	 /* OBJECT, POINTER: its keys are in the object around it */
	size_t num_at;	 /* ARRAY, LIST: where the number is */
	size_t more_at;	 /* TEXT: another char[] that follows it. 0: none does */
	/* NUMBER, ENUM, BOOL: derives it from the member at @at; not read. */
	uint64_t (*compute)(const void *at);
};

struct nfp_table {
	const struct nfp_field *fields;
	size_t num, size; /* size: of the struct */
};

/* A row; more members of struct nfp_field may follow. NFP_PART: an object of other members of the
 * same struct. */
#define NFP_FIELD(type_, of_, key_, member_, in_, ...)                                           \
	{                                                                                        \
		.key = (key_), .type = NFP_FIELD_##type_, .in = (in_),                           \
		.at = offsetof(struct of_, member_), .size = sizeof(((struct of_ *)0)->member_), \
		__VA_ARGS__                                                                      \
	}
#define NFP_PART(key_, in_, ...)                                                  \
	{                                                                         \
		.key = (key_), .type = NFP_FIELD_OBJECT, .in = (in_), __VA_ARGS__ \
	}
/* Adds the keys of a table of the same struct, or of a pointer's, as in that form. */
#define NFP_SPREAD_PART(in_, table_, as_) \
	NFP_PART(NULL, in_, .table = (table_), .as = (as_), .spread = true)
#define NFP_SPREAD(of_, member_, in_, table_, as_) \
	NFP_FIELD(POINTER, of_, NULL, member_, in_, .table = (table_), .as = (as_), .spread = true)
/* Writes null (KNOWN), or leaves the key out (GIVEN), unless the member @by_ is true or not 0. */
#define NFP_KNOWN(of_, by_) .unknown = NFP_NULL, NFP_KNOWN_BY(of_, by_)
#define NFP_GIVEN(of_, by_) .unknown = NFP_ABSENT, NFP_KNOWN_BY(of_, by_)
#define NFP_KNOWN_BY(of_, by_) \
	.known_at = offsetof(struct of_, by_), .known_size = sizeof(((struct of_ *)0)->by_)
#define NFP_ENDED(of_, by_)    .more_at = offsetof(struct of_, by_)
#define NFP_COUNTED(of_, num_) .num_at = offsetof(struct of_, num_)
#define NFP_TABLE(of_, fields_)                                                       \
	{                                                                             \
		(fields_), sizeof(fields_) / sizeof((fields_)[0]), sizeof(struct of_) \
	}

/* In a row: the table of the structs of the member. */
#define NFP_TABLE_OF(of_, fields_) .table = &(const struct nfp_table)NFP_TABLE(of_, fields_)

/* Returns the name of value @v. NULL: the key never has that value. */
const char *nfp_field_name(const struct nfp_field *field, unsigned int v);

/* ---- writing ---- */

json_t *nfp_fields_json(const struct nfp_table *table, const void *from, unsigned int in);
/* Adds to @object. */
void nfp_fields_put(json_t *object, const struct nfp_table *table, const void *from,
		    unsigned int in);

/* ---- reading ---- */

/*
 * Fills the members from an object of one form, with members of the types ESCAPED, NAME, NUMBER,
 * SIGNED (int), BOOL, MAYBE, MAC and LIST; ignores other keys of @object. 0 or -EBADMSG; @to then
 * has what was read before.
 */
int nfp_fields_get(const struct nfp_table *table, const json_t *object, void *to);

#endif
