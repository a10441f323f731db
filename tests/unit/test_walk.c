// SPDX-License-Identifier: GPL-2.0-or-later
/* The ladders of a run, in their order, and what is begun and ended around them. */
#include "harness.h"

#include "../../src/app/run_priv.h"

/* "V0 S0 t0 L0 L1 /t": a VF, a source and a style that begin, ladders, a style that ends. */
struct seen {
	struct nfp_run run;
	struct nfp_request request;
	struct nfp_result result;
	struct nfp_vf_result *vf; /* that has begun */
	char words[512];
	const char *fails;    /* the word that fails */
	int error;	      /* of the VF that it fails in, when that ends */
	bool early;	      /* all styles but the first turn out to be, .. */
	enum nfp_style mends; /* .. but this one; 0: none */
	uint64_t deadline_ns;
};

static int say(struct seen *s, const char *what, unsigned int number)
{
	char word[16];

	snprintf(word, sizeof(word), "%s%u", what, number);
	nfp_appendf(s->words, sizeof(s->words), "%s%s", s->words[0] ? " " : "", word);
	return s->fails && strcmp(s->fails, word) == 0 ? -EIO : 0;
}

static int enter_vf(struct seen *s, const struct nfp_place *place)
{
	s->vf = &s->result.vfs[place->vf];
	return say(s, "V", (unsigned int)place->vf);
}

static int enter_source(struct seen *s, const struct nfp_place *place)
{
	return say(s, "S", (unsigned int)place->source);
}

static int enter_style(struct seen *s, const struct nfp_place *place)
{
	struct nfp_style_result *style = nfp_vf_add_style(s->vf, NULL);

	style->style = place->style;
	style->verdict = s->early && place->style && place->style != s->mends ? NFP_VERDICT_EARLY
									      : NFP_VERDICT_SAFE;
	return say(s, "t", (unsigned int)place->style);
}

static int run_ladder(struct seen *s, const struct nfp_place *place)
{
	return say(s, "L", (unsigned int)place->style);
}

static int leave_vf(struct seen *s, int ret)
{
	(void)say(s, ret ? "!V" : "/V", (unsigned int)(s->vf - s->result.vfs));
	if (ret)
		s->vf->status = NFP_VF_FAILED;
	return ret ? s->error : 0;
}

static int leave_source(struct seen *s, int ret)
{
	return say(s, ret ? "!S" : "/S", 0) ?: ret;
}

static int leave_style(struct seen *s, int ret)
{
	return say(s, ret ? "!t" : "/t", 0) ?: ret;
}

static int walk_all(struct seen *s, size_t num_vfs, size_t num_from)
{
	static int (*const enter[])(struct seen * s, const struct nfp_place *place) = {
		enter_vf, enter_source, enter_style, run_ladder};
	static int (*const leave[])(struct seen * s, int ret) = {leave_vf, leave_source,
								 leave_style};
	struct nfp_walk walk = {0};
	int ret = 0;

	s->request.num_from = num_from;
	s->request.styles[0] = s->request.styles[1] = true;
	s->result.vfs = calloc(num_vfs, sizeof(*s->result.vfs));
	assert_non_null(s->result.vfs);
	s->result.num_vfs = num_vfs;
	if (num_vfs > 2)
		s->result.vfs[1].status = NFP_VF_IN_USE;
	s->run = (struct nfp_run) {
		.request = &s->request, .result = &s->result, .deadline_ns = s->deadline_ns};
	while (nfp_walk_next(&walk, &s->run, ret))
		ret = walk.leaves ? leave[walk.level](s, ret) : enter[walk.level](s, &walk.place);
	for (size_t i = 0; i < num_vfs; i++)
		nfp_vf_fini(&s->result.vfs[i]);
	free(s->result.vfs);
	return ret;
}

TEST(each_is_begun_once_and_ended)
{
	struct seen one = {.error = 0}, s = {.error = 0};

	assert_int_equal(walk_all(&one, 1, 1), 0);
	assert_string_equal(one.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 /V0");
	/* The VF that is in use is passed over. */
	assert_int_equal(walk_all(&s, 3, 2), 0);
	assert_string_equal(s.words,
			    "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 S1 t0 L0 /t0 t1 L1 /t0 /S0 /V0 "
			    "V2 S0 t0 L0 /t0 t1 L1 /t0 /S0 S1 t0 L0 /t0 t1 L1 /t0 /S0 /V2");
}

/* A part that failed to begin is ended as well: it may have begun in part. */
TEST(a_failure_ends_the_vf_and_the_next_one_begins)
{
	struct seen source = {.fails = "S1"}, ladder = {.fails = "L1"}, end = {.fails = "/S0"};

	assert_int_equal(walk_all(&source, 2, 2), 0);
	assert_string_equal(source.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 S1 !S0 !V0 "
					  "V1 S0 t0 L0 /t0 t1 L1 /t0 /S0 S1 !S0 !V1");
	assert_int_equal(walk_all(&ladder, 1, 2), 0);
	assert_string_equal(ladder.words, "V0 S0 t0 L0 /t0 t1 L1 !t0 !S0 !V0");
	assert_int_equal(walk_all(&end, 1, 2), 0);
	assert_string_equal(end.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 !V0");
}

/* .. and none that --timeout would cut off. */
TEST(remedies_follow_a_style_that_is_not_safe)
{
	struct seen s = {.early = true, .mends = NFP_STYLE_BRIDGE_FDB}, none = {.early = true},
		    late = {.early = true}, safe = {.early = false}, hasty = {.early = true};

	s.request.remedy = late.request.remedy = safe.request.remedy = true;
	late.deadline_ns = 1;
	assert_int_equal(walk_all(&s, 1, 1), 0);
	assert_string_equal(s.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 t2 L2 /t0 /S0 /V0");
	assert_int_equal(walk_all(&none, 1, 1), 0);
	assert_string_equal(none.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 /V0");
	assert_int_equal(walk_all(&late, 1, 1), 0);
	assert_string_equal(late.words, none.words);
	assert_int_equal(walk_all(&safe, 1, 1), 0);
	assert_string_equal(safe.words, none.words);
	/* Time for a remedy, and one ladder more: the first source leaves it to what is asked for.
	 */
	hasty.request.remedy = true;
	hasty.deadline_ns = nfp_clock_now() +
			    nfp_ladder_estimate(0, NFP_STEP_CONTROL, false) * 5 / 2;
	assert_int_equal(walk_all(&hasty, 1, 2), 0);
	assert_string_equal(hasty.words, "V0 S0 t0 L0 /t0 t1 L1 /t0 /S0 "
					 "S1 t0 L0 /t0 t1 L1 /t0 t2 L2 /t0 t3 L3 /t0 /S0 /V0");
}

TEST(a_failure_of_the_run_ends_it)
{
	struct seen s = {.fails = "V0", .error = -EINTR};

	assert_int_equal(walk_all(&s, 2, 1), -EINTR);
	assert_string_equal(s.words, "V0 !V0");
}

TEST_MAIN()
