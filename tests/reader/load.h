/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.h - a result of --json, read back: what nfprobe writes is enough to judge by. nfprobe itself
 * reads no result.
 */
#ifndef TESTS_READER_LOAD_H
#define TESTS_READER_LOAD_H

#include "nfprobe/result.h"

/*
 * Reads an object that --json wrote. The caller has initialized *result with nfp_result_init. 0 or
 * -EBADMSG (NFP_E_INPUT): it is not of this schema, or a value is not what the tables allow.
 */
int reader_read(const json_t *object, struct nfp_result *result, struct nfp_err *err);

/*
 * Fills *ret_result, which the caller ends with nfp_result_fini, with the facts of @text: whatever
 * nfp_judge_result sets is left as if nobody had judged. 0, or -EBADMSG with a sentence.
 */
int reader_load(const char *text, size_t len, struct nfp_result *ret_result, struct nfp_err *err);

/* The same of a file, from which every byte is read; -errno of reading it. */
int reader_load_file(const char *path, struct nfp_result *ret_result, struct nfp_err *err);

/* Undoes a judgement, so that nothing but another one can bring it back. */
void reader_forget(struct nfp_result *result);

#endif
