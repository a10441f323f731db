/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jtext.h - JSON as text. json_dumps of jansson 2.14 goes on when memory runs out while it writes a
 * key, and returns a text with a hole; this returns all of it or nothing.
 */
#ifndef NFPROBE_JTEXT_H
#define NFPROBE_JTEXT_H

#include <jansson.h>

/* @flags: as of json_dumps. The text, to be freed; NULL: not enough memory. */
char *nfp_json_text(const json_t *json, size_t flags);

#endif
