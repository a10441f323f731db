/* SPDX-License-Identifier: GPL-2.0-or-later */
/* js.h - private to src/report: building JSON with jansson, out of memory noticed once, at the end.
 */
#ifndef NFPROBE_REPORT_JS_H
#define NFPROBE_REPORT_JS_H

#include <jansson.h>
#include <stdio.h>

#include "nfprobe/base.h"
#include "nfprobe/result.h"

struct nfp_js {
	bool failed; /* something could not be built: the document must not be written */
};

/* Takes @value, NULL included (then the document fails). */
void nfp_js_put(struct nfp_js *js, json_t *object, const char *key, json_t *value);
void nfp_js_append(struct nfp_js *js, json_t *array, json_t *value);

/* Made valid UTF-8; an empty text is null. */
json_t *nfp_js_text(const char *text);
json_t *nfp_js_number(uint64_t value);
/* Nanoseconds as whole milliseconds, rounded. */
json_t *nfp_js_ms(uint64_t ns);
/* 0, 1, or null for anything else. */
json_t *nfp_js_maybe(int value);
/* All zero is null. */
json_t *nfp_js_mac(const struct nfp_mac *mac);
json_t *nfp_js_strv(struct nfp_js *js, const struct nfp_strv *list);
/* {"code","message","hint"} */
json_t *nfp_js_error(struct nfp_js *js, const struct nfp_err *err);
/* A PCI id as sysfs prints it, "0x8086"; 0 is null. */
json_t *nfp_js_pci_id(uint16_t id);
/* The object "pf" of both schemas. */
json_t *nfp_js_pf(struct nfp_js *js, const struct nfp_pf_info *pf);

/* -- json.c: parts of a result -- */
json_t *nfp_js_run_id(const uint8_t id[NFP_RUN_ID_LEN]);
/* RFC 3339, in UTC; 0 is null. */
json_t *nfp_js_time(int64_t unix_ms);
json_t *nfp_js_step(struct nfp_js *js, const struct nfp_step_result *step);
/* json_repeats.c */
struct nfp_repeats;
json_t *nfp_js_repeats(struct nfp_js *js, const struct nfp_repeats *repeats);
json_t *nfp_js_transition(struct nfp_js *js, const struct nfp_transition *transition);
/* Names of the bits of NFP_REQ_BIT. */
json_t *nfp_js_requires(struct nfp_js *js, uint32_t requires);
const char *nfp_js_vf_status(enum nfp_vf_status status);

/*
 * Writes @root, in the order in which it was built, and frees it. 0, -ENOMEM (nothing was written),
 * or -errno of the stream.
 */
int nfp_js_write(struct nfp_js *js, json_t *root, FILE *out);
/* The same on one line. */
int nfp_js_write_line(struct nfp_js *js, json_t *root, FILE *out);

#endif
