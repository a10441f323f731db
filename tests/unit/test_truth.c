// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers drawn by lot: what the runner makes of a noisy stream against what the NIC in memory
 * really does in each state, read from inside it after a long wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memnic/memnic.h"
#include "nfprobe/ladder.h"

#define PERSONALITIES 1500

struct walk {
	struct memnic *nic;
	struct nfp_host host;
	struct nfp_wire wire;
	struct nfp_ledger *ledger;
	struct nfp_runner_config config;
	const struct nfp_mac *address;
	char row[MEMNIC_ROW_LEN];
	unsigned int unicast, broadcast; /* reach, in the step just made */
};

static void do_action(struct walk *w, enum nfp_action action)
{
	void *ctx = w->host.ctx;
	struct nfp_netdev netdev;

	switch (action) {
	case NFP_DO_HOLD:
		w->host.ops->hold(ctx, w->config.style, w->address, NULL);
		break;
	case NFP_DO_RELEASE:
		w->host.ops->release(ctx, NULL);
		break;
	case NFP_DO_NEW_ADDRESS:
		w->address = &w->config.address_first;
		break;
	case NFP_DO_ASSIGN:
		w->host.ops->assign(ctx, w->address, NULL);
		break;
	case NFP_DO_RESET:
		w->host.ops->reset(ctx, NULL);
		break;
	case NFP_DO_BIND:
		w->host.ops->bind(ctx, w->address, NULL);
		break;
	case NFP_DO_UP:
		w->host.ops->up(ctx, &netdev, NULL);
		w->wire.ops->listen_vf(w->wire.ctx, &netdev, NULL);
		break;
	case NFP_DO_DOWN:
		w->host.ops->down(ctx, NULL);
		break;
	case NFP_DO_UNBIND:
		w->host.ops->unbind(ctx, NULL);
		break;
	case NFP_DO_CLEAR:
		w->host.ops->clear(ctx, NULL);
		break;
	default:
		break;
	}
}

static void wait_long(struct walk *w)
{
	uint64_t until_ns = w->wire.ops->now(w->wire.ctx) + 5 * NFP_NSEC_PER_SEC;
	const struct nfp_plan plan = {
		.unicast = *w->address, .stranger = w->config.stranger, .rate = {1, 1, 1}};

	w->wire.ops->plan(w->wire.ctx, &plan, NULL);
	w->wire.ops->pump(w->wire.ctx, until_ns, w->ledger, NULL);
	w->unicast = memnic_reach(w->nic, NFP_KIND_UNICAST);
	w->broadcast = memnic_reach(w->nic, NFP_KIND_BROADCAST);
}

/* Bits of nfp_receiver to the letters of memnic_row(). */
static void walk_step(struct walk *w, const struct nfp_ladder_row *row)
{
	for (size_t i = 0; i < NFP_ACTIONS_MAX && row->actions[i]; i++)
		do_action(w, row->actions[i]);
	wait_long(w);
	w->row[row->step] = "-PVB"[w->unicast];
	for (size_t i = 0; i < 2 && row->after[i]; i++)
		do_action(w, row->after[i]);
}

static bool is_made(const struct walk *w, enum nfp_step step)
{
	unsigned int vf = 1U << NFP_AT_VF, pf = 1U << NFP_AT_PF;

	if (step == NFP_STEP_ALONE)
		return !(w->unicast & w->broadcast & vf);
	if (step == NFP_STEP_REASSIGN)
		return (w->unicast & w->broadcast & pf) != 0;
	return true;
}

static void walk(const struct memnic_personality *p, const struct memnic_conditions *conditions,
		 enum nfp_style style, char row[MEMNIC_ROW_LEN])
{
	struct walk w = {.nic = memnic_new(p, conditions), .ledger = nfp_ledger_new()};

	assert_non_null(w.nic);
	assert_non_null(w.ledger);
	memnic_config(w.nic, w.ledger, style, &w.config);
	w.host = w.config.host;
	w.wire = w.config.wire;
	w.address = &w.config.address;
	memset(w.row, 's', NFP_STEP_COUNT);
	w.row[NFP_STEP_ALONE] = 'l';
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		if (is_made(&w, step))
			walk_step(&w, &nfp_ladder[step]);
		else
			w.row[step] = 'l';
		if (step == NFP_STEP_STANDBY && !(w.unicast & (1U << NFP_AT_PF)))
			break;
	}
	memcpy(row, w.row, MEMNIC_ROW_LEN);
	nfp_ledger_free(w.ledger);
	memnic_free(w.nic);
}

/* Every state that safe speaks of was really so. */
static void check_safe(const char *row)
{
	static const enum nfp_step at_pf[] = {
		NFP_STEP_STANDBY, NFP_STEP_ATTACH,   NFP_STEP_UNPLUG,	NFP_STEP_DETACH,
		NFP_STEP_CLEAR,	  NFP_STEP_REASSIGN, NFP_STEP_VF_FIRST, NFP_STEP_VF_FIRST_UNPLUG};

	for (size_t i = 0; i < sizeof(at_pf) / sizeof(at_pf[0]); i++)
		assert_true(row[at_pf[i]] == 'P');
	assert_true(row[NFP_STEP_UP] == 'V' || row[NFP_STEP_UP] == 'B');
	assert_true(row[NFP_STEP_VF_FIRST_UP] == 'V' || row[NFP_STEP_VF_FIRST_UP] == 'B');
}

static unsigned int verdicts[NFP_VERDICT_COUNT];

static void compare(uint64_t seed, enum nfp_style style, const struct memnic_conditions *conditions)
{
	const struct memnic_personality p = memnic_random(seed);
	struct nfp_style_result result;
	char truth[MEMNIC_ROW_LEN], row[MEMNIC_ROW_LEN];
	const struct memnic_conditions quiet = {.source = conditions->source};

	walk(&p, &quiet, style, truth);
	assert_int_equal(memnic_climb(&p, conditions, style, &result), 0);
	memnic_row(&result, row);
	/* These two may end before what comes late; nothing is decided by them. */
	row[NFP_STEP_DRIVER] = truth[NFP_STEP_DRIVER];
	row[NFP_STEP_DOWN] = truth[NFP_STEP_DOWN];
	if (strcmp(row, truth) != 0) {
		print_error("seed %ju style %s source %s\n", (uintmax_t)seed, nfp_style_name(style),
			    nfp_source_name(conditions->source));
		for (size_t i = 0; i < result.num_steps; i++)
			print_error("%s: %ju ms %s\n", nfp_step_name(result.steps[i].step),
				    (uintmax_t)(result.steps[i].duration_ns / 1000000),
				    result.steps[i].note);
	}
	assert_string_equal(row, truth);
	if (result.verdict == NFP_VERDICT_SAFE)
		check_safe(truth);
	verdicts[result.verdict]++;
}

static void the_runner_sees_what_is(void **state)
{
	(void)state;
	for (unsigned int seed = 0; seed < PERSONALITIES; seed++) {
		const struct memnic_conditions conditions = {
			.source = (enum nfp_source)(seed % NFP_SOURCE_COUNT),
			.seed = seed,
			.loss_permille = seed % 7 * 2,
			.duplicate_permille = seed % 5,
			.jitter_ns = seed % 11 * NFP_NSEC_PER_MSEC,
		};

		compare(seed, NFP_STYLE_FILTER, &conditions);
		compare(seed, NFP_STYLE_PROMISC, &conditions);
	}
}

/* A lot that never draws a verdict would test nothing about it. */
static void every_sort_was_drawn(void **state)
{
	(void)state;
	assert_true(verdicts[NFP_VERDICT_SAFE] > 10);
	assert_true(verdicts[NFP_VERDICT_EARLY] > 10);
	assert_true(verdicts[NFP_VERDICT_DEAF] > 10);
	assert_true(verdicts[NFP_VERDICT_STICKY] > 10);
	assert_true(verdicts[NFP_VERDICT_INCONCLUSIVE] > 10);
	assert_true(verdicts[NFP_VERDICT_UNTESTABLE] > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_runner_sees_what_is),
		cmocka_unit_test(every_sort_was_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
