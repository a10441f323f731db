/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * harness.h - cmocka with test cases that register themselves, in the order in which they stand:
 *
 *     TEST(what_it_shows)
 *     {
 *             assert_int_equal(1 + 1, 2);
 *     }
 *
 *     TEST_MAIN()
 *
 * A file whose cases begin in the same place says so once. The place is zero before make(p), and is
 * freed after unmake(p):
 *
 *     #define CASE(name) TEST_OF(name, make, unmake, struct place, p)
 *
 *     CASE(what_it_shows)
 *     {
 *             assert_int_equal(p->count, 2);
 *     }
 */
#ifndef NFPROBE_TESTS_HARNESS_H
#define NFPROBE_TESTS_HARNESS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/*
 * How many of a lot of @n_ are drawn: all by default, four times as many at night, a tenth for make
 * quick, and a twentieth under ASan, which takes ten times as long for each and is there for the
 * memory, not for the odds. LOT_STEP: the same for what is tried one after the other.
 */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN true
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN false
#endif
#define LOT(n_)                                  \
	(UNDER_ASAN		     ? (n_) / 20 \
	 : getenv("NFPROBE_QUICK")   ? (n_) / 10 \
	 : getenv("NFPROBE_NIGHTLY") ? (n_)*4    \
				     : (n_))
#define LOT_STEP (UNDER_ASAN || getenv("NFPROBE_QUICK") ? 7 : 1)

#define TEST_CASES_MAX 64

/* cmocka passes over entries without a name. */
static struct CMUnitTest test_cases[TEST_CASES_MAX + 1] __attribute__((unused));

static inline void test_add(struct CMUnitTest test)
{
	size_t n = 0;

	while (test_cases[n].name)
		n++;
	if (n == TEST_CASES_MAX)
		abort();
	test_cases[n] = test;
}

#define TEST_WITH(name_, setup_, teardown_)                                 \
	static void name_(void **state);                                    \
	static void __attribute__((constructor)) add_##name_(void)          \
	{                                                                   \
		test_add((struct CMUnitTest) {.name = #name_,               \
					      .test_func = name_,           \
					      .setup_func = setup_,         \
					      .teardown_func = teardown_}); \
	}                                                                   \
	static void name_(void **state __attribute__((unused)))
#define TEST(name) TEST_WITH(name, NULL, NULL)
#define TEST_OF(name_, make_, unmake_, type_, place_) \
	static void name_##_of(type_ *place_);        \
	static int name_##_begin(void **state)        \
	{                                             \
		*state = calloc(1, sizeof(type_));    \
		assert_non_null(*state);              \
		make_(*state);                        \
		return 0;                             \
	}                                             \
	static int name_##_end(void **state)          \
	{                                             \
		unmake_(*state);                      \
		free(*state);                         \
		return 0;                             \
	}                                             \
	TEST_WITH(name_, name_##_begin, name_##_end)  \
	{                                             \
		name_##_of(*state);                   \
	}                                             \
	static void name_##_of(type_ *place_ __attribute__((unused)))

/* For a place that has nothing to undo. */
static inline void unmake_nothing(void *place)
{
	(void)place;
}

/* Returns the status, for a main() that has something of its own to do first. */
#define RUN_TESTS(setup, teardown) cmocka_run_group_tests(test_cases, setup, teardown)
#define TEST_MAIN()                           \
	int main(void)                        \
	{                                     \
		return RUN_TESTS(NULL, NULL); \
	}

#endif
