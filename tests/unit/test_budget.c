// SPDX-License-Identifier: GPL-2.0-or-later
/* The limits of one input: JSON is refused before it is parsed, and each number has a maximum. */
#include "harness.h"
#include "../../src/record/record_priv.h"
#include "nfprobe/fields.h"
#include "nfprobe/store.h"

#define READ (NFP_IN_RUN | NFP_IN_LADDER | NFP_IN_STORE)

static size_t checked;

static void need_maxima(const struct nfp_table *table, unsigned int forms)
{
	for (size_t i = 0; i < table->num; i++) {
		const struct nfp_field *f = &table->fields[i];
		bool number = f->type == NFP_FIELD_NUMBER || f->type == NFP_FIELD_SIGNED ||
			      f->type == NFP_FIELD_SECONDS;

		if (!(f->in & forms) || f->spread)
			continue;
		if (f->table)
			need_maxima(f->table, forms);
		if (!number || f->compute)
			continue;
		checked++;
		/* Two of them can be added, in the unit of the member. */
		if (f->max <= 0 || f->max > INT64_MAX / 2 / (f->scale ? (int64_t)f->scale : 1) ||
		    (f->type == NFP_FIELD_SECONDS && f->max > INT64_C(1) << 33))
			fail_msg("%s: its maximum is %lld", f->key, (long long)f->max);
		if (f->size < sizeof(uint64_t) && f->type == NFP_FIELD_NUMBER &&
		    f->max > (INT64_C(1) << 8 * f->size) - 1)
			fail_msg("%s: %zu bytes do not hold %lld", f->key, f->size,
				 (long long)f->max);
	}
}

TEST(every_number_has_a_maximum)
{
	need_maxima(&nfp_result_table, READ);
	need_maxima(&comment_table, ~0U);
	assert_true(checked > 60);
}

static bool loads(const char *text, size_t bytes, const char *why)
{
	struct nfp_budget budget = {bytes};
	struct nfp_err err = {0};
	json_t *root = nfp_json_load(text, strlen(text), &budget, &err);

	if (!root && (!why || !strstr(err.message, why)))
		fail_msg("%s: %s", text, err.message);
	json_decref(root);
	return root;
}

TEST(json_is_charged_before_it_is_parsed)
{
	char deep[80] = "", many[3000] = "[";

	assert_true(loads("[{\"a,b:[{\\\"\": 1}, []]", 1000, NULL));
	assert_false(loads("[{}, {}, {}, {}, {}]", 1000, "more values than nfprobe reads"));
	assert_true(loads("[\"{}, {}, {}, {}, {}, [[[[[[[[[[\"]", 1000, NULL));
	assert_false(loads("[1, 2", 1000, "line 1 is not JSON"));
	assert_false(loads("\"\\", 1000, "is not JSON"));
	assert_false(loads("]]]]}}}}{", 1000, "is not JSON"));
	memset(deep, '[', 32);
	memset(deep + 32, ']', 32);
	assert_true(loads(deep, 10000, NULL));
	memset(deep, '[', 33);
	assert_false(loads(deep, 10000, "nested deeper than 32"));
	for (size_t i = 1; i + 2 < sizeof(many); i += 2)
		memcpy(many + i, "1,", 2);
	assert_false(loads(many, 50000, "more values"));
}

/* It is one for all that is in the input. */
TEST(what_is_read_is_charged_too)
{
	struct nfp_budget budget = {100};

	assert_int_equal(nfp_budget_charge(&budget, 60), 0);
	assert_int_equal(nfp_budget_charge(&budget, 60), -E2BIG);
	assert_int_equal(nfp_budget_charge(&budget, 40), 0);
	assert_int_equal(nfp_budget_charge(&budget, 1), -E2BIG);
}

TEST_MAIN()
