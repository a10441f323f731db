/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - members of a struct as keys of a JSON object, written and read by one table.
 *
 * A table has a row for each key. Objects inside objects have tables of their own. An object may
 * have several forms (what --json shows, what a recording keeps): a row says by bits which forms
 * have it, and the caller says which form it wants. What is read may come from anybody: whatever
 * the bytes are, members are in the range of their types and texts end.
 */
#ifndef NFPROBE_FIELDS_H
#define NFPROBE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfprobe/base.h"

enum nfp_field_type {
	NFP_FIELD_TEXT,	   /* char[]; what is no UTF-8 becomes U+FFFD */
	NFP_FIELD_ESCAPED, /* char[]; any byte but the printable ASCII ones, and %, is %XX */
	NFP_FIELD_NAME,	   /* likewise, and a part of a path: no slash, neither "." nor ".." */
	NFP_FIELD_NUMBER,  /* an integer of any size that is never negative */
	NFP_FIELD_SIGNED,  /* int or int64_t */
	NFP_FIELD_BOOL,
	NFP_FIELD_MAYBE,  /* int: 0 or 1; -1 is not known */
	NFP_FIELD_ENUM,	  /* the name of a value */
	NFP_FIELD_NAMES,  /* bool[]: a list of the names of those that are true */
	NFP_FIELD_BITS,	  /* uint32_t: likewise of the bits that are set */
	NFP_FIELD_COUNTS, /* unsigned int[]: an object, name: count, of those above 0; not read */
	NFP_FIELD_MAC,
	NFP_FIELD_PCI_ID,  /* uint16_t: "0x8086" */
	NFP_FIELD_BYTES,   /* uint8_t[]: hex digits */
	NFP_FIELD_TIME,	   /* int64_t, milliseconds since 1970: RFC 3339 in UTC */
	NFP_FIELD_SECONDS, /* uint64_t nanoseconds: "1793868000.123456789" */
	NFP_FIELD_TEXTS,   /* struct nfp_strv: a list of texts */
	NFP_FIELD_OBJECT,  /* a struct, or part of this one (then at 0) */
	NFP_FIELD_POINTER, /* a pointer to a struct; not read */
	NFP_FIELD_ARRAY,   /* struct[size / table->size], with their number in a size_t */
	NFP_FIELD_LIST,	   /* a pointer to at most max structs, likewise; reading allocates them */
	NFP_FIELD_VIEW,	   /* what @view makes of the struct behind a pointer */
};

/* What stands for a value that is not known. */
enum nfp_unknown {
	NFP_NEVER,  /* it is always known */
	NFP_NULL,   /* null */
	NFP_ABSENT, /* the key is left out */
};

struct nfp_table;

/*
 * Not known is: what the member at known_at says, if known_size is not 0 (a bool is set by
 * reading); else an empty text or list, a number 0, an address of zeros, a value without a name, a
 * pointer that is NULL.
 */
struct nfp_field {
	const char *key;
	enum nfp_field_type type;
	unsigned int in; /* the forms that have it */
	size_t at, size;
	enum nfp_unknown unknown;
	size_t known_at, known_size;
	bool later; /* this version of the schema had no such key at first: it need not be there */
	uint64_t scale; /* the member is in so many parts of the key's unit; 0 is 1 */
	int64_t min;	/* of a NUMBER: what is less is written as this */
	int64_t max;	/* the largest that is read, in the key's unit; 0: what the type holds */
	const struct nfp_names *names;
	uint32_t except; /* bits of the values of @names that this key never has */
	const struct nfp_table *table;
	size_t num_at; /* ARRAY, LIST: where the number is */
	/* VIEW: fills a struct of table->size; what it was made of from it (the pointer is at @to)
	 */
	void (*view)(const void *from, void *ret_view);
	void (*unview)(const void *view, void *to);
	uint64_t (*compute)(const void *at); /* NUMBER: of the member at @at; not read */
};

struct nfp_table {
	const struct nfp_field *fields;
	size_t num, size; /* size: of the struct */
};

/* A row; more members of struct nfp_field may follow. And one whose object has other members of the
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
/* null unless the member @by_ is true, or not 0; or left out. */
#define NFP_KNOWN(of_, by_) .unknown = NFP_NULL, NFP_KNOWN_BY(of_, by_)
#define NFP_GIVEN(of_, by_) .unknown = NFP_ABSENT, NFP_KNOWN_BY(of_, by_)
#define NFP_KNOWN_BY(of_, by_) \
	.known_at = offsetof(struct of_, by_), .known_size = sizeof(((struct of_ *)0)->by_)
#define NFP_COUNTED(of_, num_) .num_at = offsetof(struct of_, num_)
#define NFP_TABLE(of_, fields_)                                                       \
	{                                                                             \
		(fields_), sizeof(fields_) / sizeof((fields_)[0]), sizeof(struct of_) \
	}

/* The name that the key has for value @v; NULL: it never has that value. */
const char *nfp_field_name(const struct nfp_field *field, unsigned int v);

/* ---- writing ---- */

json_t *nfp_fields_json(const struct nfp_table *table, const void *from, unsigned int in);
/* Adds to @object. */
void nfp_fields_put(json_t *object, const struct nfp_table *table, const void *from,
		    unsigned int in);
/* .. these keys only, in this order; NULL ends them. */
void nfp_fields_pick(json_t *object, const struct nfp_table *table, const void *from,
		     unsigned int in, const char *const keys[]);

/* ---- reading ---- */

struct nfp_reading {
	unsigned int in;
	enum nfp_errcode code; /* of an error */
	struct nfp_err *err;
	char where[96]; /* the way to the object that is read: "vfs[0].styles[1]." */
};

/*
 * Fills what the form of @reading has; other keys of @object are passed over. 0, or -EBADMSG, and
 * the sentence says where. What was read until then is in @to.
 */
int nfp_fields_get(struct nfp_reading *reading, const struct nfp_table *table, const json_t *object,
		   void *to);
/* -EBADMSG: "where.key what". */
int nfp_fields_bad(struct nfp_reading *reading, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
