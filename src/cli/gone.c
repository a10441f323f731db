// SPDX-License-Identifier: GPL-2.0-or-later
/* gone.c - options of earlier versions, and what does their work now. */
#include "options.h"

const struct nfp_gone nfp_gone[] = {
	{"all", "Use nfprobe-all, which probes an idle VF of each PF of this host."},
	{"check", "Use nfprobe-check, which says whether what --save kept still holds."},
	{"export", "Use nfprobe-report, which makes junit, ktap, nfd and prometheus of results "
		   "(--json=FILE)."},
	{"html", "Use nfprobe-report, which makes a page of results (--json=FILE)."},
	{"baseline", "Compare two results with nfprobe-report compare OLD NEW."},
	{"same", "Compare two results with nfprobe-report compare OLD NEW."},
	{"bisect", "Compare two results with nfprobe-report compare OLD NEW; nfprobe-tools(8) has "
		   "a script for git bisect."},
	{"max-age", "Use nfprobe-check --max-age."},
	{"read", "A result (--json=FILE) has every fact that the verdict rests on; --write is for "
		 "Wireshark."},
	{"repeat", "Call nfprobe in a loop, with --json=FILE each time; nfprobe-report takes many "
		   "results."},
	{"via", "Use --style vf-bridge:M, where M is the number of the second VF."},
	{"no-remedy", "Use --skip remedy."},
	{"no-announce", "Use --skip announce."},
	{"no-transmit", "Use --skip transmit."},
	{"no-neighbours", "Use --skip neighbours."},
	{"no-neighbors", "Use --skip neighbours."},
	{"no-multicast", "Use --skip multicast."},
};

const size_t nfp_num_gone = sizeof(nfp_gone) / sizeof(nfp_gone[0]);
