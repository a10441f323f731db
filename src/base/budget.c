// SPDX-License-Identifier: GPL-2.0-or-later
/* budget.c - JSON from outside, parsed only if what it will take of memory is affordable. */
#include "nfprobe/fields.h"

#include <errno.h>

/*
 * The most that jansson takes for an object with its first buckets, an array with its first slots,
 * a key with its pair, bucket and value, and an element with its slot (it doubles the slots when
 * they are full).
 */
#define OBJECT_BYTES  240U
#define ARRAY_BYTES   160U
#define KEY_BYTES     144U
#define ELEMENT_BYTES 56U
#define DEPTH_MAX     32U /* nfprobe itself writes ten */

int nfp_budget_charge(struct nfp_budget *budget, size_t bytes)
{
	if (bytes > budget->left)
		return -E2BIG;
	budget->left -= bytes;
	return 0;
}

/* May charge too much for a text that is no JSON, which the parser refuses anyway. -ELOOP: the text
 * is nested too deep. */
static int charge_text(const char *text, size_t len, struct nfp_budget *budget)
{
	bool in_string = false;
	unsigned int depth = 0;
	uint64_t arrays = 0; /* a bit for each level */
	size_t bytes = len;  /* of keys and strings */

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MAX)
				return -ELOOP;
			arrays = arrays << 1 | (c == '[');
			bytes += c == '[' ? ARRAY_BYTES : OBJECT_BYTES;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
			arrays >>= 1;
		} else if (c == ':') {
			bytes += KEY_BYTES;
		} else if (c == ',' && arrays & 1) {
			bytes += ELEMENT_BYTES;
		}
	}
	return nfp_budget_charge(budget, bytes);
}

json_t *nfp_json_load(const char *text, size_t len, struct nfp_budget *budget, struct nfp_err *err)
{
	json_error_t error;
	json_t *root;
	int ret = charge_text(text, len, budget);

	if (ret < 0) {
		nfp_err_set(err, ret, NFP_E_INPUT,
			    ret == -ELOOP ? "its JSON is nested deeper than %u"
					  : "it has more values than nfprobe reads",
			    DEPTH_MAX);
		return NULL;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		nfp_err_set(err, -EINVAL, NFP_E_INPUT, "line %d is not JSON: %s", error.line,
			    error.text);
	return root;
}
