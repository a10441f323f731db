/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields_read.h - objects read back by the tables that a result is written by. */
#ifndef TESTS_READER_FIELDS_READ_H
#define TESTS_READER_FIELDS_READ_H

#include "nfprobe/fields.h"

struct reading {
	unsigned int in;       /* the form: bits of the rows that it has */
	enum nfp_errcode code; /* of an error */
	struct nfp_err *err;
	bool old;	/* it is of 0.3.0, and lacks the keys that have come since */
	char where[96]; /* the path of the object that is read: "vf.styles[1]." */
};

/*
 * Fills the members that the form has; other keys of @object are ignored. 0, or -EBADMSG with a
 * message that says where; @to then has what was read before.
 */
int reader_fields(struct reading *reading, const struct nfp_table *table, const json_t *object,
		  void *to);
/* Returns -EBADMSG; the message is "where.key what". */
int reader_error(struct reading *reading, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
