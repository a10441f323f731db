/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.h - what the library that makes calls fail writes while the program runs. It is mapped, so
 * that it is there however the program ends; tests/fault/faults.py reads it.
 */
#ifndef NFPROBE_TESTS_FAULT_H
#define NFPROBE_TESTS_FAULT_H

#include <stdint.h>

#define FAULT_CALLS_MAX 65536

/* One place that calls, and how often: filled in with "list" only. */
struct fault_call {
	char name[24];
	uint32_t site;	/* offset of the caller in the program */
	uint32_t phase; /* lines of the undo journal written before */
};

struct fault_log {
	uint32_t calls; /* of the kinds that are watched */
	uint32_t hits;	/* calls that were made to fail */
	struct fault_call hit;
	uint32_t num_listed;
	struct fault_call listed[FAULT_CALLS_MAX];
};

#endif
