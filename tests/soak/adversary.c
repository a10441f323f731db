// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adversary N SEED [CELL...]: N ladders for each cell (tests/memnic/adversary.h), or for each of
 * all cells, on all processors that it may use (taskset(1)); what the verdicts are worth, and why
 * they are unclear. adversary 1 CELL:SEED | WORD=VALUE...: one scene alone, reduced.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memnic/adversary.h"

#define REASON_LEN 100
#define REASONS	   64
#define EXAMPLES   5

struct reason {
	char text[REASON_LEN];
	uint64_t num;
};

/* The findings of one process in one cell. */
struct tally {
	uint64_t ladders, safe, unsafe, classes[ADVERSARY_CLASSES];
	uint64_t proofs, wrong_proofs;
	uint64_t never;	    /* mistakes that may never be */
	uint64_t condemned; /* safe NICs, wrongly, whatever else is wrong */
	uint64_t examples[ADVERSARY_CLASSES][EXAMPLES];
	struct reason reasons[2][REASONS]; /* of safe, of unsafe NICs */
};

/* The beginning of a reason, without its numbers. */
static void shorten(const char *reason, char buf[REASON_LEN])
{
	size_t used = 0;

	for (; *reason && used + 1 < REASON_LEN; reason++) {
		bool digit = *reason >= '0' && *reason <= '9';

		if (digit && used && buf[used - 1] == '#')
			continue;
		buf[used++] = digit ? '#' : *reason;
	}
	buf[used] = '\0';
}

static void count_reason(struct reason reasons[REASONS], const char *text, uint64_t num)
{
	size_t i = 0;

	while (i + 1 < REASONS && reasons[i].num && strcmp(reasons[i].text, text) != 0)
		i++;
	if (!reasons[i].num)
		snprintf(reasons[i].text, REASON_LEN, "%s", text);
	reasons[i].num += num;
}

/*
 * A guest would be cut off in spite of the verdict. An "ok" of multicast may stand beside a verdict
 * that is unsafe in any case: who heeds that, loses no group.
 */
static bool may_never_be(const struct adversary_outcome *outcome)
{
	switch (outcome->class) {
	case ADVERSARY_WRONG_SAFE:
	case ADVERSARY_WRONG_VLAN_OK:
		return true;
	case ADVERSARY_WRONG_OK:
		return outcome->result.verdict == NFP_VERDICT_SAFE;
	default:
		return false;
	}
}

static void count(struct tally *tally, uint64_t seed, const struct adversary_outcome *outcome)
{
	enum adversary_class class = outcome->class;
	uint64_t nth = tally->classes[class]++;
	char text[REASON_LEN];

	tally->ladders++;
	tally->safe += outcome->truth.answer.verdict == NFP_VERDICT_SAFE;
	tally->unsafe += outcome->truth.answer.verdict < NFP_VERDICT_SAFE;
	tally->proofs += outcome->proofs;
	tally->wrong_proofs += outcome->wrong_proofs;
	tally->never += may_never_be(outcome);
	tally->condemned += class != ADVERSARY_RIGHT &&
			    outcome->truth.answer.verdict == NFP_VERDICT_SAFE &&
			    outcome->result.verdict < NFP_VERDICT_UNKNOWN &&
			    !nfp_is_by(&outcome->result, NFP_CHECK_VLAN) &&
			    !truth_agrees(&outcome->truth, &outcome->result);
	if (nth < EXAMPLES)
		tally->examples[class][nth] = seed;
	if (class != ADVERSARY_SAFE_UNCLEAR && class != ADVERSARY_UNSAFE_UNCLEAR)
		return;
	shorten(outcome->result.reason, text);
	count_reason(tally->reasons[class == ADVERSARY_UNSAFE_UNCLEAR], text, 1);
}

static void soak_share(const struct adversary_cell *cell, struct tally *tally, uint64_t seed,
		       uint64_t step, uint64_t ladders)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	struct adversary_scene scene;

	for (; tally->ladders < ladders; seed += step) {
		unsigned int num;

		adversary_draw(cell, seed, &scene);
		num = adversary_run(&scene, outcomes);
		for (unsigned int i = 0; i < num; i++)
			count(tally, seed, &outcomes[i]);
	}
}

/* ---- telling ---- */

static void print_ladder(const struct adversary_scene *scene, unsigned int n,
			 const struct adversary_outcome *o)
{
	char row[MEMNIC_ROW_LEN], groups[MEMNIC_ROW_LEN];

	printf("  ladder %u, %s from %s: %s\n    truth    %s, multicast %s: unicast %s, multicast "
	       "%s\n    verdict  %s, multicast %s: unicast %s, multicast %s\n    %s\n",
	       n + 1, nfp_style_name(scene->ladder[n].style),
	       nfp_source_name(scene->ladder[n].source), adversary_class_name[o->class],
	       nfp_verdict_name(o->truth.answer.verdict),
	       nfp_check_state_name(o->truth.answer.multicast), o->truth.row,
	       o->truth.multicast_row, nfp_verdict_name(o->result.verdict),
	       nfp_check_state_name(o->result.multicast), memnic_row(&o->result, row),
	       memnic_row_of(&o->result, NFP_KIND_MULTICAST, groups), o->result.reason);
	for (size_t i = 0; i < o->result.num_steps; i++) {
		if (o->result.steps[i].w.note[0])
			printf("    %s: %s\n", nfp_step_name(o->result.steps[i].step),
			       o->result.steps[i].w.note);
	}
}

/* The first ladder that is wrong, or else the first that is not right; @num: none. */
static unsigned int find_ladder(const struct adversary_outcome *outcomes, unsigned int num)
{
	unsigned int found = num;

	for (unsigned int n = num; n-- > 0;) {
		if (outcomes[n].class == ADVERSARY_RIGHT)
			continue;
		if (found == num || adversary_is_wrong(outcomes[n].class) ||
		    !adversary_is_wrong(outcomes[found].class))
			found = n;
	}
	return found;
}

static void tell(struct adversary_scene *scene, bool reduce)
{
	static struct adversary_outcome outcomes[ADVERSARY_LADDERS];
	char words[ADVERSARY_WORDS_LEN];
	unsigned int num = adversary_run(scene, outcomes);
	unsigned int found = reduce ? find_ladder(outcomes, num) : num;

	if (found < num) {
		adversary_reduce(scene, found);
		num = adversary_run(scene, outcomes);
	}
	printf("  scene: %s\n", adversary_words(scene, words));
	for (unsigned int n = 0; n < num; n++) {
		if (!reduce || n + 1 == num || outcomes[n].class != ADVERSARY_RIGHT)
			print_ladder(scene, n, &outcomes[n]);
	}
}

static void print_examples(const struct adversary_cell *cell, const struct tally *tally)
{
	for (int class = ADVERSARY_RIGHT + 1; class < ADVERSARY_CLASSES; class ++) {
		uint64_t num = tally->classes[class];

		if (!num || class == ADVERSARY_UNPROVEN)
			continue;
		printf("  %" PRIu64 " %s:", num, adversary_class_name[class]);
		for (uint64_t i = 0; i < num && i < EXAMPLES; i++)
			printf(" %s:%" PRIu64, cell->name, tally->examples[class][i]);
		printf("\n");
		if (adversary_is_wrong((enum adversary_class) class)) {
			struct adversary_scene scene;

			adversary_draw(cell, tally->examples[class][0], &scene);
			tell(&scene, true);
		}
	}
}

static void print_reasons(const char *what, struct reason reasons[REASONS])
{
	for (int shown = 0; shown < 8; shown++) {
		struct reason *most = &reasons[0];

		for (int i = 1; i < REASONS; i++) {
			if (reasons[i].num > most->num)
				most = &reasons[i];
		}
		if (!most->num)
			return;
		printf("  %6" PRIu64 " %s: %s\n", most->num, what, most->text);
		most->num = 0;
	}
}

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

/*
 * More than a cell's rate explains: of a Poisson distribution, five standard deviations above its
 * mean, and two mistakes more for rates below what was measured.
 */
static bool too_many(const struct adversary_cell *cell, uint64_t wrong, uint64_t ladders)
{
	double mean = (double)cell->wrong * (double)ladders / 10000;
	double more = (double)wrong - mean - 2;

	return more > 0 && more * more > 25 * mean;
}

/* Returns true if there was a mistake that may never be, or there were too many others. */
static bool print_cell(const struct adversary_cell *cell, struct tally *tally)
{
	uint64_t wrong = 0;
	bool many;

	for (int i = 0; i < ADVERSARY_CLASSES; i++) {
		enum adversary_class class = (enum adversary_class)i;

		wrong += adversary_is_wrong(class) ? tally->classes[i] : 0;
	}
	many = too_many(cell, wrong - tally->never, tally->ladders);
	printf("%-10s %7" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64
	       " (%.2f %%) %6" PRIu64 " (%.2f %%) %6" PRIu64 " (%.2f %%) %7" PRIu64
	       " (%.3f %%) %6" PRIu64 " %6" PRIu64 " of %" PRIu64 "\n",
	       cell->name, tally->ladders, tally->safe, tally->classes[ADVERSARY_WRONG_SAFE],
	       tally->classes[ADVERSARY_WRONG_OK], tally->condemned,
	       percent(tally->condemned, tally->safe), tally->classes[ADVERSARY_SAFE_UNCLEAR],
	       percent(tally->classes[ADVERSARY_SAFE_UNCLEAR], tally->safe),
	       tally->classes[ADVERSARY_UNSAFE_UNCLEAR],
	       percent(tally->classes[ADVERSARY_UNSAFE_UNCLEAR], tally->unsafe), wrong,
	       percent(wrong, tally->ladders), tally->classes[ADVERSARY_UNPROVEN],
	       tally->wrong_proofs, tally->proofs);
	print_examples(cell, tally);
	print_reasons("safe unclear", tally->reasons[0]);
	print_reasons("unsafe unclear", tally->reasons[1]);
	if (many)
		printf("  too many are wrong: usually %u of 10,000 ladders\n", cell->wrong);
	fflush(stdout);
	return many || tally->never > 0;
}

/* ---- a cell on all processors ---- */

static void add(struct tally *sum, const struct tally *part)
{
	sum->ladders += part->ladders;
	sum->safe += part->safe;
	sum->unsafe += part->unsafe;
	sum->proofs += part->proofs;
	sum->wrong_proofs += part->wrong_proofs;
	sum->never += part->never;
	sum->condemned += part->condemned;
	for (int class = 0; class < ADVERSARY_CLASSES; class ++) {
		for (uint64_t i = 0; i < part->classes[class] && i < EXAMPLES; i++) {
			if (sum->classes[class] + i < EXAMPLES)
				sum->examples[class][sum->classes[class] + i] =
					part->examples[class][i];
		}
		sum->classes[class] += part->classes[class];
	}
	for (int of = 0; of < 2; of++) {
		for (int i = 0; i < REASONS && part->reasons[of][i].num; i++)
			count_reason(sum->reasons[of], part->reasons[of][i].text,
				     part->reasons[of][i].num);
	}
}

/* As print_cell; ends the program if a process failed. */
static bool soak(const struct adversary_cell *cell, uint64_t ladders, uint64_t seed)
{
	cpu_set_t cpus;
	size_t num = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (size_t)CPU_COUNT(&cpus);
	struct tally *shares = mmap(NULL, num * sizeof(*shares), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tally sum = {0};

	if (shares == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	for (size_t i = 0; i < num; i++) {
		if (fork() == 0) {
			soak_share(cell, &shares[i], seed + i, num, (ladders + num - 1) / num);
			_exit(0);
		}
	}
	for (size_t i = 0; i < num; i++) {
		int status;

		if (wait(&status) < 0 || status != 0) {
			fprintf(stderr, "adversary: a process of cell %s died\n", cell->name);
			exit(1);
		}
	}
	for (size_t i = 0; i < num; i++)
		add(&sum, &shares[i]);
	munmap(shares, num * sizeof(*shares));
	return print_cell(cell, &sum);
}

/* ---- */

/* A decimal number, and nothing else. */
static bool read_number(const char *text, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int misused(const char *what, const char *word)
{
	fprintf(stderr,
		"adversary: %s%s\nusage: adversary N SEED [CELL...] | 1 CELL:SEED | "
		"1 WORD=VALUE...\ncells:",
		what, word);
	for (size_t i = 0; i < adversary_num_cells; i++)
		fprintf(stderr, " %s", adversary_cells[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static int alone(int argc, char *argv[])
{
	char words[ADVERSARY_WORDS_LEN] = "", *colon = strchr(argv[2], ':');
	struct adversary_scene scene;
	size_t used = 0;

	if (colon) {
		const struct adversary_cell *cell;
		uint64_t seed;

		*colon = '\0';
		cell = adversary_cell(argv[2]);
		if (!cell)
			return misused("no cell ", argv[2]);
		if (!read_number(colon + 1, &seed) || argc > 3)
			return misused("one CELL:SEED is wanted, whose seed is a number", "");
		adversary_draw(cell, seed, &scene);
		tell(&scene, false);
	} else {
		for (int i = 2; i < argc && used < sizeof(words); i++)
			used += (size_t)snprintf(words + used, sizeof(words) - used, "%s ",
						 argv[i]);
		if (used >= sizeof(words) || !adversary_read(words, &scene))
			return misused("these words tell no scene", "");
	}
	printf("reduced:\n");
	tell(&scene, true);
	return 0;
}

/* Those that are named, or all. True: any was wrong. */
static bool soak_ladders(char *names[], int num, uint64_t ladders, uint64_t seed)
{
	bool wrong = false;

	printf("%" PRIu64 " ladders a cell, seed %" PRIu64
	       "\ncell       ladders   safe  wsafe    wok     condemned   "
	       "safe unclear   unsafe unclear   wrong          unproven wrong proofs\n",
	       ladders, seed);
	fflush(stdout);
	for (size_t i = 0; i < adversary_num_cells && !num; i++)
		wrong |= soak(&adversary_cells[i], ladders, seed);
	for (int i = 0; i < num; i++)
		wrong |= soak(adversary_cell(names[i]), ladders, seed);
	return wrong;
}

int main(int argc, char *argv[])
{
	uint64_t ladders = 0, seed = 0;

	if (argc < 3 || !read_number(argv[1], &ladders) || !ladders)
		return misused("how many ladders, of which seed?", "");
	if (ladders == 1 && strpbrk(argv[2], ":="))
		return alone(argc, argv);
	if (!read_number(argv[2], &seed))
		return misused("no seed: ", argv[2]);
	for (int i = 3; i < argc; i++) {
		if (!adversary_cell(argv[i]))
			return misused("no cell ", argv[i]);
	}
	return soak_ladders(argv + 3, argc - 3, ladders, seed) ? 1 : 0;
}
