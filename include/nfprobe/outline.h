/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outline.h - what a run would do, as lines in order: made by src/run, printed by src/report.
 */
#ifndef NFPROBE_OUTLINE_H
#define NFPROBE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

struct nfp_outline_line {
	unsigned int depth; /* 0: a heading */
	bool command;	    /* to be typed as it stands, so never broken in two */
	char *text;	    /* owned */
};

/* Zero is empty. */
struct nfp_outline {
	struct nfp_outline_line *lines; /* owned */
	size_t num, room;
	bool incomplete; /* out of memory: the lines are not all there are */
};

/* Append a line; out of memory is kept in the outline. */
void nfp_outline_say(struct nfp_outline *outline, unsigned int depth, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void nfp_outline_command(struct nfp_outline *outline, unsigned int depth, const char *command);
void nfp_outline_fini(struct nfp_outline *outline);

#endif
