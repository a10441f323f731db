/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene.h - rows of ladders on the NIC in memory: the NIC, the network, what happens and when, and
 * the expected result. A row that fails prints its name.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "harness.h"
#include "memnic/bed.h"
#include "verdict/result.h"

#define MS NFP_NSEC_PER_MSEC

struct scene {
	const char *name;
	const char *nic;			/* memnic_archetype() */
	void (*as)(struct core_personality *p); /* what else is special about it, or NULL */
	enum nfp_style style;
	struct memnic_conditions network;
	/* The member of @network at @at is set to the middle of step @in of an undisturbed ladder.
	 */
	size_t at;
	enum nfp_step in;
	void (*run)(struct bed *bed); /* how the run is set up, or NULL */
	/* The expected outcome; NULL: anything. */
	enum nfp_verdict verdict;
	const char *row;	 /* bed_row() */
	const char *reason;	 /* a part of the reason */
	const char *log, *lacks; /* parts of memnic_log(); @lacks is not in it */
	const char *log_end;	 /* the end of memnic_log(), or not its end */
	const char *log_not_end;
	enum nfp_check_state group; /* 0: any */
	size_t is, is_not;	    /* RESULT_IS() */
	enum nfp_step step;
	size_t step_is, step_is_not; /* STEP_IS() */
	void (*also)(struct bed *bed);
};

/* A scene.as of one line. */
#define NIC_AS(name, ...)                                                    \
	static void name(struct core_personality *p __attribute__((unused))) \
	{                                                                    \
		__VA_ARGS__;                                                 \
	}
#define AT(member)	       .at = offsetof(struct memnic_conditions, member)
#define RESULT_IS(member)      .is = offsetof(struct nfp_style_result, member)
#define RESULT_IS_NOT(member)  .is_not = offsetof(struct nfp_style_result, member)
#define STEP_IS(which, member) .step = which, .step_is = offsetof(struct nfp_step_result, member)
#define STEP_IS_NOT(which, member) \
	.step = which, .step_is_not = offsetof(struct nfp_step_result, member)

/* Returns the virtual time in the middle of a step of an undisturbed ladder. */
static inline uint64_t middle_of(const char *name, enum nfp_style style, enum nfp_step step)
{
	const struct nfp_step_result *result;
	struct bed bed;
	uint64_t ns;

	bed_open(&bed, memnic_archetype(name), NULL, style);
	assert_int_equal(bed_run(&bed), 0);
	result = bed_step(&bed, step);
	ns = MEMNIC_BEGIN_NS + result->start_ns + result->duration_ns - result->window_ns / 4;
	bed_close(&bed);
	return ns;
}

static inline bool scene_ends(const char *log, const char *end)
{
	return strlen(log) >= strlen(end) && strcmp(log + strlen(log) - strlen(end), end) == 0;
}

/* Returns the part of the row that the result contradicts; NULL: none. */
static inline const char *scene_differs(const struct scene *s, struct bed *bed)
{
	const struct nfp_style_result *r = &bed->result;
	const char *log = memnic_log(bed->nic), *step = (const char *)bed_step(bed, s->step);
	char reason[NFP_REASON_LEN];

	if (r->verdict != s->verdict || (s->row && strcmp(bed_row(bed), s->row) != 0))
		return "verdict, row";
	if ((s->reason && !strstr(nfp_whole_reason(r, reason), s->reason)) ||
	    (s->group && r->multicast != s->group))
		return "reason, group";
	if ((s->log && !strstr(log, s->log)) || (s->lacks && strstr(log, s->lacks)) ||
	    (s->log_end && !scene_ends(log, s->log_end)) ||
	    (s->log_not_end && scene_ends(log, s->log_not_end)))
		return "log";
	if ((s->is && !*(const bool *)((const char *)r + s->is)) ||
	    (s->is_not && *(const bool *)((const char *)r + s->is_not)))
		return "a flag";
	if ((s->step_is && !*(const bool *)(step + s->step_is)) ||
	    (s->step_is_not && *(const bool *)(step + s->step_is_not)))
		return "a flag of the step";
	return NULL;
}

static inline void scene_check(const struct scene *s)
{
	struct core_personality nic = *memnic_archetype(s->nic);
	struct memnic_conditions network = s->network;
	const char *differs;
	struct bed bed;

	if (s->as)
		s->as(&nic);
	if (s->at)
		*(uint64_t *)(void *)((char *)&network + s->at) = middle_of(s->nic, s->style,
									    s->in);
	bed_open(&bed, &nic, &network, s->style);
	if (s->run)
		s->run(&bed);
	assert_int_equal(bed_run(&bed), 0);
	differs = scene_differs(s, &bed);
	if (differs)
		fail_msg("%s: %s: %s %s: %s; %s", s->name, differs,
			 nfp_verdict_name(bed.result.verdict), bed_row(&bed), bed.result.reason,
			 memnic_log(bed.nic));
	if (s->also)
		s->also(&bed);
	bed_close(&bed);
}

/* scene.run */
static inline void scene_one_address(struct bed *bed)
{
	bed->config.address_first = bed->config.address;
}

static inline void scene_no_announce(struct bed *bed)
{
	bed->config.announce = false;
}

#define CHECK_SCENES(rows)                                                       \
	do {                                                                     \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++) \
			scene_check(&(rows)[i_]);                                \
	} while (0)

#endif
