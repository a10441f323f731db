// SPDX-License-Identifier: GPL-2.0-or-later
/* gone.c - options of earlier versions, and what does their work now. */
#include "options.h"

const struct nfp_gone nfp_gone[] = {
	{"all", "nfprobe-all probes an idle VF of each PF of this host"},
	{"check", "nfprobe-check says whether what --save kept still holds"},
	{"export", "nfprobe-report makes junit, ktap, nfd and prometheus of results (--json=FILE)"},
	{"html", "nfprobe-report makes a page of results (--json=FILE)"},
	{"baseline", "compare two results: nfprobe-report compare OLD NEW"},
	{"same", "compare two results: nfprobe-report compare OLD NEW"},
	{"bisect", "compare two results: nfprobe-report compare OLD NEW; nfprobe-tools(8) has a "
		   "script for git bisect"},
	{"max-age", "nfprobe-check takes it"},
	{"read", "a result (--json=FILE) has every fact that the verdict rests on; --write is for "
		 "Wireshark"},
	{"repeat", "call nfprobe in a loop, with --json=FILE each time; nfprobe-report takes "
		   "many results"},
};

const size_t nfp_num_gone = sizeof(nfp_gone) / sizeof(nfp_gone[0]);
