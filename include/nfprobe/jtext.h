/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jtext.h - JSON as text, and back. Where memory runs out json_dumps of jansson 2.14 returns a text
 * with a hole, and json_loadb drops bytes of a text or calls one wrong that is right; here it is
 * all or nothing.
 */
#ifndef NFPROBE_JTEXT_H
#define NFPROBE_JTEXT_H

#include <jansson.h>

/* @flags: as of json_dumps. The text, to be freed; NULL: not enough memory. */
char *nfp_json_text(const json_t *json, size_t flags);

/* 0 with *ret_json the caller's; -EBADMSG: no JSON, or an object has a key twice; -ENOMEM. */
int nfp_json_load(const char *text, size_t len, json_t **ret_json);

#endif
