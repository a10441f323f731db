// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory runs out at each allocation in its turn, also those of the libraries: what was done is
 * done as if it had not, or ends with an error and its sentence; all memory is given back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/record/record_priv.h"
#include "journal_samples.h"
#include "memnic/bed.h"
#include "nfprobe/verdict.h"
#include "nfprobe/report.h"
#include "nfprobe/request.h"
#include "sample_result.h"
#include "sample_topology.h"

/* ---- an allocator that fails, in front of the C library's or the sanitizer's ---- */

#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
/* strdup and its like take their blocks from the sanitizer directly; it looks for lost ones itself.
 */
#define COUNTS_BLOCKS false
#else
#define REAL(name)    __libc_##name
#define COUNTS_BLOCKS true
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t number, size_t size);
void *REAL(realloc)(void *old, size_t size);
void REAL(free)(void *at);

static struct {
	bool armed;
	unsigned int calls, fail_at;
	long live; /* blocks that were taken while armed and not given back */
} memory;

static bool fails(void)
{
	return memory.armed && ++memory.calls == memory.fail_at;
}

static void *counted(void *at)
{
	memory.live += memory.armed && at;
	if (!at)
		errno = ENOMEM;
	return at;
}

void *malloc(size_t size)
{
	return counted(fails() ? NULL : REAL(malloc)(size));
}

void *calloc(size_t number, size_t size)
{
	return counted(fails() ? NULL : REAL(calloc)(number, size));
}

void *realloc(void *old, size_t size)
{
	void *at = fails() ? NULL : REAL(realloc)(old, size);

	if (old)
		return at;
	return counted(at);
}

void free(void *at)
{
	memory.live -= memory.armed && at;
	REAL(free)(at);
}

/* ---- what is done, and what comes of it ---- */

struct outcome {
	int ret;
	char text[1 << 18]; /* what was written or read; empty on error */
	struct nfp_err err;
};

typedef void (*deed)(struct outcome *o);

static void try_with(deed do_it, unsigned int fail_at, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	memory.calls = 0;
	memory.fail_at = fail_at;
	memory.live = 0;
	memory.armed = true;
	do_it(o);
	memory.armed = false;
}

/* @at_least: allocations that it makes. */
static void in_turn(deed do_it, unsigned int at_least, bool has_words)
{
	static struct outcome usual, o;
	unsigned int n = 0;

	try_with(do_it, 0, &usual);
	assert_int_equal(usual.ret, 0);
	for (;;) {
		try_with(do_it, ++n, &o);
		if (COUNTS_BLOCKS && memory.live != 0)
			fail_msg("%ld blocks are lost when allocation %u fails", memory.live, n);
		if (o.ret == 0) {
			assert_string_equal(o.text, usual.text);
		} else {
			assert_int_equal(o.ret, -ENOMEM);
			assert_true(!has_words || o.err.message[0]);
		}
		if (memory.calls < n)
			break;
	}
	assert_true(n > at_least);
}

/* ---- a ladder ---- */

static void climb(struct outcome *o)
{
	struct memnic *nic = memnic_new(memnic_archetype("igb"), NULL);
	struct nfp_ledger *ledger = nfp_ledger_new();
	struct nfp_style_result result = {.style = NFP_STYLE_PROMISC};
	struct nfp_runner_config config;
	char row[MEMNIC_ROW_LEN];

	o->ret = -ENOMEM;
	nfp_err_set(&o->err, o->ret, NFP_E_MEMORY, "no NIC");
	if (nic && ledger) {
		memnic_config(nic, ledger, NFP_STYLE_PROMISC, &config);
		config.settle_ns = 100 * NFP_NSEC_PER_MSEC;
		config.rate = 200;
		o->ret = nfp_ladder_run(&config, &result, NULL, &o->err);
	}
	if (!o->ret)
		snprintf(o->text, sizeof(o->text), "%s %d %s", memnic_row(&result, row),
			 (int)result.verdict, result.reason);
	nfp_ledger_free(ledger);
	memnic_free(nic);
}

static void ladder(void **state)
{
	(void)state;
	in_turn(climb, 2, true);
}

/* ---- what is reported ---- */

static void report(struct outcome *o, int (*print)(const struct nfp_result *result, FILE *out))
{
	struct nfp_result result;
	FILE *out;

	memory.armed = false;
	sample_igb(&result);
	/* The stream's own memory is not the subject: a file's is had before. */
	out = fmemopen(o->text, sizeof(o->text), "w");
	assert_non_null(out);
	assert_int_equal(setvbuf(out, NULL, _IONBF, 0), 0);
	memory.armed = true;
	o->ret = print(&result, out);
	memory.armed = false;
	fclose(out);
	nfp_result_fini(&result);
	memory.armed = true;
}

static void as_junit(struct outcome *o)
{
	report(o, nfp_report_junit);
}

static void as_html(struct outcome *o)
{
	report(o, nfp_report_html);
}

static int event(const struct nfp_result *result, FILE *out)
{
	int ret = nfp_event_run(result, 1, out);

	if (!ret)
		ret = nfp_event_verdict(3, &result->vfs[0].styles[0], 2, out);
	return ret ? ret : nfp_event_end(result, 3, out);
}

static void as_events(struct outcome *o)
{
	report(o, event);
}

static void as_json(struct outcome *o)
{
	report(o, nfp_report_json);
}

static int list_json(const struct nfp_result *result, FILE *out)
{
	struct nfp_topology topology;
	int ret;

	(void)result;
	memory.armed = false;
	sample_topology(&topology);
	memory.armed = true;
	ret = nfp_report_list_json(&topology, NULL, 0, out);
	memory.armed = false;
	sample_topology_fini(&topology);
	memory.armed = true;
	return ret;
}

static void as_list(struct outcome *o)
{
	report(o, list_json);
}

static void reports(void **state)
{
	(void)state;
	in_turn(as_junit, 0, false);
	in_turn(as_html, 0, false);
	in_turn(as_events, 20, false);
	in_turn(as_json, 100, false);
	in_turn(as_list, 50, false);
}

/* ---- the journal ---- */

static int read_back(int dirfd, struct outcome *o)
{
	struct nfp_journal *journal;
	int ret = nfp_journal_load(dirfd, PARENT, &journal, &o->err);

	if (ret)
		return ret;
	snprintf(o->text, sizeof(o->text), "%zu VFs, %zu changes, %zu addresses, %zu unreadable",
		 nfp_journal_data(journal)->num_vfs, nfp_journal_data(journal)->num_changes,
		 nfp_journal_data(journal)->head.num_addresses,
		 nfp_journal_data(journal)->unreadable);
	nfp_journal_free(journal);
	return 0;
}

static int fill(int dirfd, struct outcome *o)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal_vf vf = {.before = make_vf(3)};
	struct nfp_journal *journal;
	int ret;

	memory.armed = false;
	assert_int_equal(nfp_boot_id(head.boot, NULL), 0);
	memory.armed = true;
	ret = nfp_journal_create(dirfd, &head, &journal, &o->err);
	if (ret)
		return ret;
	ret = nfp_journal_vf(journal, &vf, &o->err);
	for (unsigned int i = 0; i < 12 && !ret; i++) {
		struct nfp_change c = make_change(NFP_CHANGE_VF_MAC, 0);

		ret = nfp_journal_change(journal, &c, &o->err);
	}
	nfp_journal_free(journal);
	return ret;
}

static void keep_journal(struct outcome *o)
{
	char path[] = "/tmp/nfprobe-memory-XXXXXX";
	int dirfd;

	memory.armed = false;
	assert_non_null(mkdtemp(path));
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dirfd >= 0);
	memory.armed = true;
	o->ret = fill(dirfd, o);
	if (!o->ret) {
		o->ret = read_back(dirfd, o);
		/* Whatever happened, it is there still. */
		assert_int_equal(faccessat(dirfd, PARENT ".journal", F_OK, 0), 0);
	}
	memory.armed = false;
	(void)unlinkat(dirfd, PARENT ".journal", 0);
	close(dirfd);
	rmdir(path);
	memory.armed = true;
}

static void journal(void **state)
{
	(void)state;
	in_turn(keep_journal, 100, true);
}

/* ---- options ---- */

static void parse(struct outcome *o)
{
	static const char *const words[] = {"nfprobe",	       "eth0",	 "--vf", "0,2-5,9",
					    "--json=/tmp/out", "--from", "vf:7"};
	char *argv[8] = {NULL};
	struct nfp_request request = {0};

	for (int i = 0; i < 7; i++)
		argv[i] = (char *)(uintptr_t)words[i];
	o->ret = nfp_request_parse(7, argv, &request, &o->err);
	if (!o->ret)
		snprintf(o->text, sizeof(o->text), "%zu %s", request.num_vfs, request.json_file);
	nfp_request_fini(&request);
}

static void options(void **state)
{
	(void)state;
	in_turn(parse, 2, true);
}

/* ---- an earlier result ---- */

static char past_text[1 << 17];

static int compare(const struct nfp_past *then, const struct nfp_past *now, struct outcome *o)
{
	struct nfp_comparison c = {0};
	int ret = nfp_compare(then, now, false, &c);

	if (ret == 0)
		snprintf(o->text, sizeof(o->text), "%zu, %s, %d", c.n, c.n ? c.v[0].now : "",
			 c.exit_status);
	free(c.v);
	return ret;
}

static void read_and_compare(struct outcome *o)
{
	struct nfp_past then, now = {0};
	struct nfp_result result;

	memory.armed = false;
	sample_igb(&result);
	result.vfs[0].styles[0].verdict = NFP_VERDICT_STICKY;
	result.vfs[0].styles[0].steps[7].landing[NFP_KIND_UNICAST] = NFP_LANDING_NOWHERE;
	memory.armed = true;
	o->ret = nfp_past_parse(past_text, strlen(past_text), &then, &o->err);
	if (o->ret == 0) {
		o->ret = nfp_past_of(&result, &now);
		if (o->ret == 0)
			o->ret = compare(&then, &now, o);
		nfp_past_fini(&then);
		nfp_past_fini(&now);
	}
	memory.armed = false;
	nfp_result_fini(&result);
	memory.armed = true;
}

static void baseline(void **state)
{
	struct nfp_result result;
	FILE *out = fmemopen(past_text, sizeof(past_text), "w");

	(void)state;
	assert_non_null(out);
	sample_igb(&result);
	assert_int_equal(nfp_report_json(&result, out), 0);
	fclose(out);
	nfp_result_fini(&result);
	in_turn(read_and_compare, 100, false);
}

/* ---- what a recording has besides its frames ---- */

static const struct nfp_frame_id facts_id = {.run = {1, 2, 3}, .key = {4, 5, 6}};
static char run_text[1 << 14], vf_text[1 << 14], round_text[1 << 15];

static int write_all(const struct nfp_result *result, const struct nfp_style_result *round,
		     struct outcome *o)
{
	char *run = facts_of_run(result, &facts_id), *vf = facts_of_vf(&result->vfs[0]);
	char *ladder = facts_of_round(round);
	bool whole = run && vf && ladder;

	if (whole)
		snprintf(o->text, sizeof(o->text), "%s\n%s\n%s", run, vf, ladder);
	free(run);
	free(vf);
	free(ladder);
	return whole ? 0 : -ENOMEM;
}

static void write_facts(struct outcome *o)
{
	struct nfp_result result;

	memory.armed = false;
	sample_igb(&result);
	memory.armed = true;
	o->ret = write_all(&result, &result.vfs[0].styles[0], o);
	memory.armed = false;
	nfp_result_fini(&result);
	memory.armed = true;
}

static void read_facts(struct outcome *o)
{
	static struct nfp_style_result round;
	struct nfp_frame_id id;
	struct nfp_result result;

	nfp_result_init(&result);
	o->ret = facts_read_run(run_text, strlen(run_text), &result, &id, &o->err);
	if (!o->ret)
		o->ret = facts_read_vf(vf_text, strlen(vf_text), &result, &o->err);
	if (!o->ret)
		o->ret = facts_read_round(round_text, strlen(round_text), &round, &o->err);
	memory.armed = false;
	if (!o->ret)
		assert_int_equal(write_all(&result, &round, o), 0);
	memory.armed = true;
	nfp_result_fini(&result);
}

static void facts(void **state)
{
	static struct outcome usual;

	(void)state;
	try_with(write_facts, 0, &usual);
	assert_int_equal(sscanf(usual.text, "%16383[^\n]\n%16383[^\n]\n%32767[^\n]", run_text,
				vf_text, round_text),
			 3);
	in_turn(write_facts, 100, false);
	in_turn(read_facts, 100, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ladder),  cmocka_unit_test(reports),  cmocka_unit_test(journal),
		cmocka_unit_test(options), cmocka_unit_test(baseline), cmocka_unit_test(facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
