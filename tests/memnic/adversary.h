/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adversary.h - NICs and networks drawn at random, cell by cell of a table, the ladders that the
 * runner runs on them, and how its verdicts compare with the truth about the NIC (truth.h).
 *
 * A cell says what kind of network, NIC and run is drawn. A scene is everything that was drawn with
 * one seed: the same seed draws the same one. Words describe a scene, "p.comes_on=8
 * c.loss_permille=100", without what is 0, and it can be made again from them.
 */
#ifndef NFPROBE_TESTS_ADVERSARY_H
#define NFPROBE_TESTS_ADVERSARY_H

#include "truth.h"

#define ADVERSARY_LADDERS 3

struct adversary_scene {
	struct core_personality p;
	struct memnic_conditions c;
	unsigned int num_ladders;
	struct {
		enum nfp_style style;
		enum nfp_enters source;
	} ladder[ADVERSARY_LADDERS];
	bool same_mac; /* --mac: all ladders and vf-first have one address */
	/* Switches for nfprobe's other questions. */
	bool guest_vlan, vf_in_use; /* --guest-vlan; the host has a VF in use, as the run is told */
	bool quick;		    /* the drivers act at once, by their source */
	unsigned int rate;	    /* --rate; 0: the usual one */
	struct nfp_tap tap;	    /* of --write */
	struct nfp_events events;   /* of -v */
};

struct adversary_cell {
	const char *name, *what;
	void (*draw)(struct adversary_scene *scene, uint64_t *state);
	/* How many of 10,000 ladders may have a verdict that is wrong but calls nothing ok
	 * (README.md). */
	unsigned int wrong;
};
extern const struct adversary_cell adversary_cells[];
extern const size_t adversary_num_cells;
/* Returns the cell of that name. NULL: none. */
const struct adversary_cell *adversary_cell(const char *name);

void adversary_draw(const struct adversary_cell *cell, uint64_t seed,
		    struct adversary_scene *ret_scene);

/* What a verdict is worth. */
enum adversary_class {
	ADVERSARY_RIGHT,
	ADVERSARY_WRONG_SAFE,
	ADVERSARY_WRONG_OK,	 /* multicast, of a NIC that loses it or was not seen to have it */
	ADVERSARY_CONDEMNED,	 /* a safe NIC, as early, refused, deaf or sticky */
	ADVERSARY_WRONG_SORT,	 /* one of these in place of another, or of nothing */
	ADVERSARY_WRONG_LOST,	 /* multicast, of a NIC that does not lose it */
	ADVERSARY_WRONG_VLAN_OK, /* a guest would miss some of its VLAN */
	ADVERSARY_WRONG_VLAN_LOST, /* a guest would miss none of it */
	ADVERSARY_WRONG_PROOF,	   /* what a requirement leads to serves no guest */
	ADVERSARY_WRONG_GAP,	   /* the guest is deaf for longer */
	ADVERSARY_SAFE_UNCLEAR,	   /* a safe NIC is unknown */
	ADVERSARY_UNSAFE_UNCLEAR,
	ADVERSARY_UNPROVEN,	 /* the verdict is right, multicast was not judged */
	ADVERSARY_VLAN_UNPROVEN, /* everything else is right */
	ADVERSARY_CLASSES,
};
extern const char *const adversary_class_name[ADVERSARY_CLASSES];
/* Is the verdict wrong, and not only unclear? */
bool adversary_is_wrong(enum adversary_class class);

/* The outcome of one ladder. */
struct adversary_outcome {
	enum adversary_class class;
	unsigned int proofs, wrong_proofs; /* of the style's requirements */
	uint64_t lasting;		   /* memnic_lasting() before it */
	struct truth truth;
	struct nfp_style_result result;
};

/* Compares the result with the truth, and sets the class. */
void adversary_judge(const struct adversary_scene *scene, struct adversary_outcome *outcome);
/* Runs all ladders of the scene on one NIC; returns their number. */
unsigned int adversary_run(const struct adversary_scene *scene,
			   struct adversary_outcome ret_outcome[ADVERSARY_LADDERS]);

#define ADVERSARY_WORDS_LEN 2000
const char *adversary_words(const struct adversary_scene *scene, char buf[ADVERSARY_WORDS_LEN]);
/* Reads a scene. False: a word is none, or the number of ladders is impossible. */
bool adversary_read(const char *words, struct adversary_scene *ret_scene);
/* Removes from the scene what ladder @n does not need to stay in its class. */
void adversary_reduce(struct adversary_scene *scene, unsigned int n);

#endif
