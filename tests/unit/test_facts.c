// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read of a host for an audit, and what is noted as unseen. */
#include "harness.h"
#include "nfprobe/facts.h"
#include "tree.h"

#define CASE(name) TEST_OF(name, tree_setup, tree_teardown, struct tree, t)

static const struct nfp_facts_rights all = {true, true, true};

static bool has_unseen(const struct nfp_facts *facts, const char *what)
{
	for (size_t i = 0; i < facts->num_unseen; i++)
		if (strncmp(facts->unseen[i].what, what, strlen(what)) == 0)
			return true;
	return false;
}

/* Any user can have processes, descriptors and namespaces by the thousand. */
CASE(test_there_is_no_time)
{
	struct nfp_facts facts;
	struct nfp_err err;

	tree_process(t, 4711, "qemu", 7, "/dev/tap8");
	tree_file(t, "proc/4711/ns/net", "");
	assert_int_equal(nfp_facts_read(&t->root, &all, UINT64_MAX, &facts, &err), 0);
	assert_false(facts.late);
	assert_true(facts.holders_known);
	assert_int_equal(facts.num_open_macvtaps, 1);
	assert_false(has_unseen(&facts, "what each process"));
	assert_false(has_unseen(&facts, "all network namespaces"));
	nfp_facts_fini(&facts);
	assert_int_equal(nfp_facts_read(&t->root, &all, 1, &facts, &err), 0);
	assert_true(facts.late);
	assert_false(facts.holders_known);
	assert_int_equal(facts.num_open_macvtaps, 0);
	assert_true(
		has_unseen(&facts, "what each process of this host has open: there was no time"));
	assert_true(has_unseen(&facts, "all network namespaces: there was no time"));
	for (size_t i = 0; i < facts.num_unseen; i++)
		assert_string_equal(facts.unseen[i].needs, "");
	nfp_facts_fini(&facts);
}

TEST_MAIN()
