// SPDX-License-Identifier: GPL-2.0-or-later
/* The first line of a result, and what a guest gets in each part of its life. */
#include "harness.h"
#include "../../src/report/summary_priv.h"
#include "verdict/verdict.h"
#include "shell.h"
#include "unit/sample_answers.h"

/* ---- life ---- */

static void stopped(struct nfp_style_result *style)
{
	style->stopped = true;
}

static void slow_down(struct nfp_style_result *style)
{
	slow(style, NFP_STEP_UNPLUG, 700);
	slow(style, NFP_STEP_UP, 600);
	slow(style, NFP_STEP_ASSIGN, 600);
}

/* By who sent: at its standby, by its VF. It comes back in at the uplink, or does not, or that was
 * not seen. */
static void as_bridge(struct nfp_style_result *style, unsigned int back_pf, unsigned int shown_pf,
		      unsigned int back_vf)
{
	style->style = NFP_STYLE_BRIDGE;
	style->reflections[NFP_AT_PF] =
		(struct nfp_reflection) {.sent = 6, .back = back_pf, .shown = shown_pf};
	style->reflections[NFP_AT_VF] = (struct nfp_reflection) {.sent = 4, .back = back_vf};
}

static void learns_vf(struct nfp_style_result *style)
{
	as_bridge(style, 0, 6, 4);
}

static void learns_vf_or_not(struct nfp_style_result *style)
{
	as_bridge(style, 0, 6, 0);
}

static void learns_itself(struct nfp_style_result *style)
{
	as_bridge(style, 4, 6, 4);
}

static void unheard(struct nfp_style_result *style)
{
	as_bridge(style, 0, 0, 4);
}

static void unheard_from_inside(struct nfp_style_result *style)
{
	learns_itself(style);
	style->from.source = NFP_ENTERS_VF;
}

static void is_mixed(struct nfp_style_result *style)
{
	step_of(style, NFP_STEP_UNPLUG)->w.landing[NFP_KIND_UNICAST] = NFP_LANDING_MIXED;
}

/* Cells: l lost, r refused, s slow, ? unknown, g gap, o ok, - untested; the last is IPv6. */
static const struct {
	const char *name, *row, *cells;
	void (*with)(struct nfp_style_result *style);
	bool no_multicast;
} lives[] = {
	{"safe", SAFE, "oooooo*", NULL, false},
	{"both get frames", BOTH, "oooooo*", NULL, false},
	{"early", EARLY, "lollol.", NULL, false},
	{"sticky", STICKY, "oolooo.", NULL, false},
	{"sticky once: the network may have paused", "-PPPVsPPPPVV-VP", "oo?ooo?", NULL, false},
	{"deaf", DEAF, "oloooo.", NULL, false},
	{"deaf at the second address alone", "-PPPVsPPPP--P-P", "oloooo.", NULL, false},
	{"cleared in vain", "-PPPVs---PVV-V-", "oolllo.", NULL, false},
	{"cleared in vain, with one address", "-PPPVs---llllll", "oo?\?\?-?", NULL, false},
	{"no reset: assign stands for attach", "-P-lVs-lP-VV-VP", "lollol.", NULL, false},
	{"no reset: unplug stands for detach", "-PPlVs-lPPVV-VP", "oolloo.", NULL, false},
	{"no reset, and no loss", "-PPlVsPlPPVVPVP", "oooooo*", NULL, false},
	{"a refused duplicate counts as attach", REFUSED, "roo-oo?", NULL, false},
	{"another refusal of assign", "-Pe..s...PVVPVP", "?oo-oo?", NULL, false},
	{"a refused step", "-PPPVsPPePVVPVP", "ooooro?", NULL, false},
	{"a mixed step", "-PPPVsmPPPVVPVP", "oo?ooo?", NULL, false},
	{"a step that never settled", SAFE, "ooo?oo?", is_unsettled, false},
	{"no broadcast", "-PPPVsnPPPVVPVP", "oo?ooo?", NULL, false},
	{"the standby is not served", "--...s.........", "???????", NULL, false},
	{"nothing arrives", SILENT, "???????", NULL, false},
	{"the standby was refused", "-e...s.........", "???????", NULL, false},
	{"stopped before the standby", "-....s.........", "------?", stopped, false},
	{"changed by another process", "-PPPVs-........", "oo?---?", is_changed, false},
	{"lost carrier", STICKY, "oo?ooo?", lost_carrier, false},
	{"drops", STICKY, "oo?ooo?", dropped, false},
	{"stopped", "-PPPVs-........", "oo?---?", stopped, false},
	{"left promiscuous", STICKY, "oo?ooo?", left_promiscuous, false},
	{"the VF is silent", "-PPP--PPPP--P-P", "o?oooo?", vf_silent, false},
	{"nobody spoke", "-PPP--PPPP--P-P", "o?oooo?", unspoken, false},
	{"groups are ignored, but for IPv6", SAFE, "ooooool", group_lost, false},
	{"IPv6 is unproven", SAFE, "oooooo?", group_unproven, false},
	{"IPv6 was not tested", SAFE, "oooooo-", NULL, true},
	{"slow", SAFE, "oosooo*", slow_unplug, false},
	{"slow in a step without a column", SAFE, "sssooo*", slow_down, false},
	{"not slow, since it is sticky", STICKY, "oolooo.", slow_down, false},
	{"not begun", "", "-------", NULL, false},
	{"a bridge that learns, and --gap-limit", SAFE, "oosssoo", learns_vf, false},
	{"a bridge that may learn, and --gap-limit", SAFE, "oo???oo", learns_vf_or_not, false},
	{"a bridge of an early NIC, and --gap-limit", EARLY, "lollsl.", learns_vf, false},
	{"a PF that gets its own back", SAFE, "lollll.", learns_itself, false},
	{"a PF that may get its own back", SAFE, "?o????o", unheard, false},
	{"and an early NIC", EARLY, "loll?l.", unheard, false},
	{"from inside", SAFE, "?o????o", unheard_from_inside, false},
};

TEST(a_row_for_each_style)
{
	static const char letters[] = "!lrs?g*o-.";
	unsigned int wrong = 0;

	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		char cells[NFP_LIFE_COUNT + 1] = "";
		struct nfp_result result;
		struct nfp_life life;
		struct nfp_style_result *style;

		begin(&result);
		result.settings.gap_limit_ms = 500;
		result.settings.multicast = !lives[i].no_multicast;
		style = add(&result, NFP_STYLE_MACVTAP, lives[i].row);
		if (lives[i].with)
			lives[i].with(style);
		nfp_judge_result(&result);
		nfp_life_of(&result.vf.styles[0], 500, &life);
		for (size_t c = 0; c < NFP_LIFE_COUNT; c++)
			cells[c] = letters[life.cells[c]];
		if (strcmp(cells, lives[i].cells) != 0 && ++wrong)
			print_error("%s: %s, not %s (%s: %s)\n", lives[i].name, cells,
				    lives[i].cells, nfp_verdict_name(result.vf.styles[0].verdict),
				    result.vf.styles[0].reason);
		nfp_result_fini(&result);
	}
	assert_int_equal(wrong, 0);
}

/* A state that was left out is as the one that stands for it, in the guest's VLAN as well. */
TEST(a_vlan_of_a_vf_without_a_reset)
{
	static const enum nfp_life_cell reset[] = {NFP_CELL_LOST, NFP_CELL_OK};
	struct nfp_life rows[NFP_LIFE_MAX];
	struct nfp_result result;

	begin(&result);
	add(&result, NFP_STYLE_MACVTAP, "-PPlVsPlPPVVPVP");
	add(&result, NFP_STYLE_BRIDGE, "-PPlVsPlPPVVPVP");
	sample_guest_vlan(&result, NFP_LANDING_PF);
	assert_int_equal(nfp_life_rows(&result, rows), 4);
	for (size_t i = 0; i < NFP_NUM(reset); i++) {
		assert_int_equal(rows[2 * i + 1].row.vlan, 100);
		assert_int_equal(rows[2 * i + 1].cells[NFP_LIFE_DETACH], reset[i]);
	}
	nfp_result_fini(&result);
}

TEST(a_verdict_has_its_colour)
{
	static const struct {
		enum nfp_verdict verdict;
		bool allowed;
		enum nfp_text_colour colour;
	} rows[] = {
		{NFP_VERDICT_SAFE, false, NFP_GREEN},
		{NFP_VERDICT_SAFE, true, NFP_GREEN},
		{NFP_VERDICT_EARLY, false, NFP_RED},
		{NFP_VERDICT_EARLY, true, NFP_YELLOW},
		{NFP_VERDICT_UNKNOWN, false, NFP_YELLOW},
		{NFP_VERDICT_NOT_APPLICABLE, false, NFP_BOLD},
	};

	nfp_for_each (row, rows, NFP_NUM(rows))
		assert_int_equal(nfp_verdict_words(row->verdict, row->allowed).colour, row->colour);
}

TEST(every_cell_has_a_word)
{
	for (unsigned int cell = NFP_CELL_LOST; cell < NFP_CELL_NONE; cell++)
		assert_non_null(nfp_life_cell_names.v[cell]);
	assert_int_equal(nfp_life_cell_names.num, NFP_CELL_COUNT);
}

/* The place of a step in a sentence is the column that has its cell. */
TEST(a_reason_names_a_column)
{
	for (enum nfp_step step = 0; step < NFP_STEP_COUNT; step++) {
		const enum nfp_life_column c = nfp_life_column_of(step);
		char place[32];

		if (c == NFP_LIFE_COUNT) {
			assert_null(strchr(nfp_step_place(step), '"'));
			continue;
		}
		snprintf(place, sizeof(place), "at \"%s\"", nfp_life_columns[c].heading);
		assert_string_equal(nfp_step_place(step), place);
	}
}

/* ---- the answer: answers.txt of test_golden_text has each ---- */

/* What the NIC's own switch shows makes nothing safe by itself. */
/* A source inside the NIC says nothing of the wire, whoever named it. */
TEST(who_named_the_source)
{
	static const struct {
		const char *name;
		enum nfp_verdict verdict;
		int status;
	} rows[] = {
		{"fallback", NFP_VERDICT_UNKNOWN, NFP_EXIT_UNKNOWN},
		{"fallback, ipv6", NFP_VERDICT_UNKNOWN, NFP_EXIT_UNKNOWN},
		{"fallback, early", NFP_VERDICT_EARLY, NFP_EXIT_UNSAFE},
		{"fallback, allowed", NFP_VERDICT_UNKNOWN, NFP_EXIT_UNKNOWN},
		{"from vf", NFP_VERDICT_UNKNOWN, NFP_EXIT_UNKNOWN},
		{"from pf", NFP_VERDICT_UNKNOWN, NFP_EXIT_UNKNOWN},
		{"by arp", NFP_VERDICT_SAFE, 0},
	};
	unsigned int found = 0;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			struct nfp_result result;

			if (strcmp(answers[i].name, rows[k].name) != 0)
				continue;
			sample_answer(&result, i);
			assert_int_equal(result.verdict, rows[k].verdict);
			assert_int_equal(result.vf.verdict, rows[k].verdict);
			assert_int_equal(result.exit_status, rows[k].status);
			nfp_result_fini(&result);
			found++;
		}
	}
	assert_int_equal(found, sizeof(rows) / sizeof(rows[0]));
}

/* The PF may have any name, and so has the advice on each answer, as text and as JSON. A name at a
 * time: a script is one argument of its shell, which has 128 kB at most. */
TEST(names_are_only_names)
{
	for (size_t n = 0; n < NUM_HOSTILE_NAMES; n++) {
		struct shell_batch batch = {0};

		for (size_t i = 0; i < NFP_NUM(answers); i++) {
			struct nfp_result result;
			struct nfp_summary *summary;

			sample_answer(&result, i);
			snprintf(result.pf.ifname, sizeof(result.pf.ifname), "%s",
				 hostile_names[n]);
			summary = nfp_summary_of(&result);
			for (size_t k = 0; k < summary->advised.num_advice; k++) {
				shell_add(&batch, &summary->advised.advice[k].commands);
				shell_add(&batch, &summary->advised.advice[k].undo);
			}
			nfp_summary_free(summary);
			for (size_t k = 0; k < result.left_behind.n; k++)
				shell_add(&batch, &result.left_behind.v[k].commands);
			nfp_result_fini(&result);
		}
		shell_try(&batch);
	}
}

/* ---- a style as its ladder has it ---- */

static bool is_advised(const struct nfp_summary *s, const char *command)
{
	bool is = false;

	nfp_for_each (a, s->advised.advice, s->advised.num_advice) {
		char *typed = nfp_commands_text(&a->commands, "\n");
		char *written = nfp_commands_text(&a->document, "\n");

		is |= strstr(typed, command) || strstr(written, command) ||
		      strstr(a->sentence, command);
		free(typed);
		free(written);
	}
	return is;
}

/* The advice types each setting that a ladder makes and the kernel does not, and no other. Each
 * command is about the netdev on which the standby stands. */
TEST(what_a_ladder_sets_up_is_advised)
{
	for (unsigned int i = 0; i < 4 * NFP_STYLE_COUNT; i++) {
		const bool bond = i & 1, vlan = i & 2;
		const enum nfp_style style = i / 4;
		const struct nfp_style_row *row = &nfp_styles[style];
		const char *at = row->second_vf ? VF_NETDEV : bond ? "bond0" : "eth0";
		struct nfp_words typed, untyped, learning, source;
		struct nfp_summary *summary;
		struct nfp_result result;

		begin(&result);
		if (bond) {
			strcpy(result.pf.master, "bond0");
			strcpy(result.pf.bond_mode, "active-backup");
		}
		result.vf.probed_vlan = vlan ? 100 : 0;
		result.vf.driver[0] = '\0';
		add(&result, style, SAFE)->reflections[NFP_AT_VF].back = 4;
		nfp_judge_result(&result);
		assert_int_equal(result.exit_status, 0);
		summary = nfp_summary_of(&result);
		typed = nfp_phrase("bridge fdb add GUEST_MAC dev %s self permanent", at);
		untyped = nfp_phrase("bridge fdb del GUEST_MAC dev %s self", at);
		learning = nfp_phrase("bridge link set dev %s%s learning off", at,
				      vlan ? ".100" : "");
		source = nfp_phrase("<source dev='%s%s' mode='bridge'/>", at, vlan ? ".100" : "");
		assert_int_equal(is_advised(summary, typed.text), row->entry && row->promiscuous);
		assert_int_equal(is_advised(summary, untyped.text), row->entry && row->promiscuous);
		assert_int_equal(is_advised(summary, "dev TAP master static sticky"),
				 row->pinned || row->learns);
		assert_int_equal(is_advised(summary, learning.text),
				 !row->promiscuous && !row->macvlan);
		assert_int_equal(is_advised(summary, source.text), row->macvlan);
		assert_int_equal(
			is_advised(summary, "second VF of eth0, whose spoof checking is off"),
			row->second_vf && !vlan);
		assert_int_equal(is_advised(summary, "of eth0, in VLAN 100, whose spoof checking"),
				 row->second_vf && vlan);
		nfp_summary_free(summary);
		nfp_result_fini(&result);
	}
}

/* Once the guest has left, no command is printed that does nothing. */
TEST(what_does_not_help_is_not_typed)
{
	static const struct {
		enum nfp_style style;
		const char *row, *driver, *nothing, *command;
	} rows[] = {
		{NFP_STYLE_VF_BRIDGE, SAFE, "igbvf", "off VF_NETDEV", "vf GUEST_VF mac 00:"},
		{NFP_STYLE_VF_BRIDGE, SAFE, "iavf", NULL, "fdb del GUEST_MAC dev VF_NETDEV"},
		{NFP_STYLE_BRIDGE_FDB, SAFE, "igbvf", NULL, "fdb del GUEST_MAC dev eth0"},
		{NFP_STYLE_MACVTAP, "-PPPVs---PVV-V-", "igbvf", "off its VF until", NULL},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_summary *summary;
		struct nfp_result result;
		bool gone = false;

		begin(&result);
		snprintf(result.vf.driver, sizeof(result.vf.driver), "%s", row->driver);
		result.settings.allow[NFP_VERDICT_STICKY] = true;
		add(&result, row->style, row->row);
		nfp_judge_result(&result);
		assert_int_equal(result.exit_status, 0);
		summary = nfp_summary_of(&result);
		nfp_for_each (a, summary->advised.advice, summary->advised.num_advice) {
			gone |= a->moment == NFP_MOMENT_ELSEWHERE && a->commands.len;
			assert_int_equal(a->undo.len != 0, a->commands.len != 0);
		}
		assert_int_equal(gone, row->command != NULL);
		assert_true(is_advised(summary, row->nothing ?: row->command));
		assert_int_equal(is_advised(summary, "nothing takes"), row->nothing != NULL);
		nfp_summary_free(summary);
		nfp_result_fini(&result);
	}
}

/* An item does not depend on which other styles were asked for. Where both get the frames, the
 * standby's do not show whether the VF has given the address back. */
TEST(another_style_adds_nothing_to_a_style)
{
	static const char *const beside[] = {NULL, SAFE, EARLY, STICKY};

	for (size_t i = 0; i < 2 * NFP_NUM(beside); i++) {
		const bool both = i & 1;
		struct nfp_summary *summary;
		struct nfp_result result;

		begin(&result);
		add(&result, NFP_STYLE_MACVTAP, both ? BOTH : SAFE);
		if (beside[i / 2])
			add(&result, NFP_STYLE_BRIDGE, beside[i / 2]);
		nfp_judge_result(&result);
		summary = nfp_summary_of(&result);
		assert_int_equal(nfp_condition_of(&summary->advised, &summary->styles[0].row,
						  NFP_COND_CLEARED) != NULL,
				 both);
		assert_true(is_advised(summary, "vf GUEST_VF mac 00:00:00:00:00:00"));
		nfp_summary_free(summary);
		nfp_result_fini(&result);
	}
}

/* A VLAN that a bridge has registered for its port goes with the port; a macvlan's stays. */
TEST(a_registration_lasts_as_long_as_its_port)
{
	static const struct {
		enum nfp_style style;
		bool of_port;
	} rows[] = {{NFP_STYLE_MACVTAP, false}, {NFP_STYLE_BRIDGE_FDB, true}};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_summary *summary;
		struct nfp_result result;

		begin(&result);
		add(&result, row->style, SAFE);
		sample_guest_vlan(&result, NFP_LANDING_PF);
		summary = nfp_summary_of(&result);
		assert_true(is_advised(summary, "register VLAN 100 on eth0"));
		assert_int_equal(is_advised(summary, "and each time eth0 was off its bridge"),
				 row->of_port);
		nfp_summary_free(summary);
		nfp_result_fini(&result);
	}
}

/* ---- the next run ---- */

/* It has more time, or fewer frames, than the run that was not enough. */
TEST(a_run_is_not_advised_as_it_was)
{
	static const struct {
		unsigned int settle, rate;
		const char *option;
		void (*with)(struct nfp_style_result *style);
	} rows[] = {
		{1, 1000, "--settle 3", is_mixed},   {4, 1000, "--settle 8", is_mixed},
		{50, 1000, "--settle 60", is_mixed}, {1, 1000, "--rate 500", dropped},
		{1, 100, "--rate 50", dropped},
	};

	for (size_t i = 0; i < NFP_NUM(rows); i++) {
		struct nfp_summary *summary;
		struct nfp_result result;

		begin(&result);
		result.settings.settle_ns = rows[i].settle * NFP_NSEC_PER_SEC;
		result.settings.rate = rows[i].rate;
		rows[i].with(add(&result, NFP_STYLE_MACVTAP, SAFE));
		nfp_judge_result(&result);
		summary = nfp_summary_of(&result);
		assert_true(is_advised(summary, rows[i].option));
		nfp_summary_free(summary);
		nfp_result_fini(&result);
	}
}

/* Other VFs that were up may be why a NIC did as it did. */
TEST(the_context_counts_other_vfs)
{
	static const char *const words[] = {NULL, ", 1 other VF up", ", 2 other VFs up"};

	for (unsigned int up = 0; up < NFP_NUM(words); up++) {
		const struct nfp_report_opts opts = {.columns = 400};
		struct nfp_result result;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		sample_igb(&result);
		result.vf.others_up = up;
		assert_int_equal(nfp_report_text(&result, &opts, out), 0);
		fclose(out);
		for (char *end = text; (end = strchr(end, '\n'));)
			*end = ' ';
		assert_int_equal(strstr(text, "other VF") != NULL, words[up] != NULL);
		if (words[up])
			assert_non_null(strstr(text, words[up]));
		free(text);
		nfp_result_fini(&result);
	}
}

/* ---- what a run has left unseen ---- */

static void without_groups(struct nfp_vf_result *vf)
{
	vf->styles[0].multicast = NFP_STATE_UNTESTED;
}

static void of_trust(struct nfp_vf_result *vf)
{
	vf->trust = 1;
}

static void others_of_trust(struct nfp_vf_result *vf)
{
	vf->others_trusted = true;
}

static void one_is_early(struct nfp_vf_result *vf)
{
	vf->styles[1].verdict = NFP_VERDICT_EARLY;
}

static void pinned(struct nfp_vf_result *vf)
{
	struct nfp_style_result one = vf->styles[0];

	nfp_vf_fini(vf);
	one.style = NFP_STYLE_BRIDGE;
	*nfp_vf_add_style(vf) = one;
	one.style = NFP_STYLE_BRIDGE_PIN;
	one.derived = true;
	*nfp_vf_add_style(vf) = one;
}

/* Of macvtap and bridge, both safe: "macvtap:CODE bridge:CODE". */
static const struct {
	const char *name, *driver;
	void (*with)(struct nfp_vf_result *vf);
	const char *unseen;
} unreads[] = {
	{"the second style's VF", "igb", NULL, "bridge:unused-vf-unseen"},
	{"no groups", "igb", without_groups, "macvtap:ipv6-unseen bridge:unused-vf-unseen"},
	{"a style that is not safe", "igb", one_is_early, ""},
	{"a pin is of its plain style's ladder", "igb", pinned, ""},
	{"trust", "igb", of_trust, "bridge:unused-vf-unseen"},
	{"trust with ice", "ice", of_trust, "bridge:unused-vf-unseen bridge:trusted-vf-unseen"},
	{"trust of another VF", "ice", others_of_trust,
	 "bridge:unused-vf-unseen bridge:trusted-vf-unseen"},
	{"no trust with ice", "ice", NULL, "bridge:unused-vf-unseen"},
};

/* Told in JSON and with -v; the answer and the cells are as they would be without. */
TEST(what_was_left_unseen_is_a_condition_of_safe)
{
	static char text[1 << 16];
	unsigned int wrong = 0;

	for (size_t i = 0; i < NFP_NUM(unreads); i++) {
		struct nfp_words found = {0};
		struct nfp_summary *summary;
		struct nfp_result result;

		sample_igb(&result);
		snprintf(result.pf.driver, sizeof(result.pf.driver), "%s", unreads[i].driver);
		result.vf.trust = 0;
		for (size_t k = 0; k < result.vf.num_styles; k++)
			result.vf.styles[k].verdict = NFP_VERDICT_SAFE;
		if (unreads[i].with)
			unreads[i].with(&result.vf);
		summary = nfp_summary_of(&result);
		for (size_t brief = 0; brief < 2; brief++) {
			const struct nfp_report_opts opts = {.columns = 400, .verbose = !brief};
			FILE *out = fmemopen(text, sizeof(text), "w");

			assert_int_equal(nfp_report_text(&result, &opts, out), 0);
			fclose(out);
			assert_int_equal(strstr(text, "not seen: ") != NULL,
					 !brief && unreads[i].unseen[0]);
		}
		for (size_t k = 0; k < summary->advised.num_conditions; k++) {
			const struct nfp_condition *c = &summary->advised.conditions[k];

			if (c->code < NFP_COND_UNSEEN) {
				assert_int_not_equal(c->met_by.n, 0);
				continue;
			}
			assert_int_equal(c->without, NFP_CELL_UNKNOWN);
			assert_int_equal(c->met_by.n, 0);
			assert_null(strstr(summary->answer.text, c->words));
			nfp_append(&found, " ", "%s:%s", nfp_style_name(c->row.style),
				   nfp_name(&nfp_condition_names, c->code));
		}
		nfp_summary_free(summary);
		nfp_result_fini(&result);
		if (strcmp(found.text, unreads[i].unseen) != 0) {
			print_error("%s: %s\n", unreads[i].name, found.text);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

TEST_MAIN()
