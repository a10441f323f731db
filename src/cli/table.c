// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - every option once: parser, --help, manual page and completion are held to this. */
#include "options.h"

const struct nfp_opt nfp_options[] = {
	{"vf", 0, NFP_OPT_REQUIRED, "N", NFP_IN_PROBE, false, nfp_set_vf,
	 "the VF to probe; a list such as 0,2-5, or all"},
	{"from", 0, NFP_OPT_REQUIRED, "WHERE", NFP_IN_PROBE, false, nfp_set_from,
	 "where frames enter: an interface on the same wire,\n"
	 "peer:MAC (a reflector on another host), arp[:IP] (a\n"
	 "neighbour that answers ARP), vf:M (a sibling VF), pf, or\n"
	 "auto (default: the first that there is, never pf)"},
	{"id", 0, NFP_OPT_REQUIRED, "HEX|@FILE", NFP_IN_PROBE | NFP_IN_REFLECT, false, nfp_set_id,
	 "the id that this host and the reflector share, or the\n"
	 "file that has it"},
	{"style", 0, NFP_OPT_REQUIRED, "STYLE", NFP_IN_PROBE, false, nfp_set_style,
	 "how the standby holds the address on the PF: filter (or\n"
	 "macvtap), promisc (or bridge), all (default)"},
	{"mac", 0, NFP_OPT_REQUIRED, "MAC", NFP_IN_PROBE, false, nfp_set_mac,
	 "the address under test (default: random ones)"},
	{"vlan", 0, NFP_OPT_REQUIRED, "V", NFP_IN_PROBE, false, nfp_set_vlan,
	 "probe on VLAN V, 0 for none (default: the VF's own VLAN)"},
	{"rate", 0, NFP_OPT_REQUIRED, "PPS", NFP_IN_PROBE | NFP_IN_REFLECT, false, nfp_set_rate,
	 "unicast frames a second, or max (default: 1000; by ARP 8)"},
	{"settle", 0, NFP_OPT_REQUIRED, "SEC", NFP_IN_PROBE, false, nfp_set_settle,
	 "how many seconds a landing must hold (default: 1.5)"},
	{"timeout", 0, NFP_OPT_REQUIRED, "SEC", NFP_IN_PROBE | NFP_IN_REFLECT, false,
	 nfp_set_timeout,
	 "stop after SEC seconds: a run (what is not known by then\n"
	 "is inconclusive) or a reflector (its default: 600)"},
	{"json", 0, NFP_OPT_OPTIONAL, "FILE", NFP_IN_RESULT | NFP_IN_LIST, false, nfp_set_json,
	 "the result as JSON on standard output, or into FILE"},
	{"json-stream", 0, NFP_OPT_NONE, NULL, NFP_IN_ONLY_RUN, true, nfp_set_json_stream,
	 "what happens as it happens, one JSON object a line"},
	{"junit", 0, NFP_OPT_REQUIRED, "FILE", NFP_IN_RESULT, false, nfp_set_junit,
	 "the result as JUnit's XML into FILE, for CI systems"},
	{"html", 0, NFP_OPT_REQUIRED, "FILE", NFP_IN_RESULT, false, nfp_set_html,
	 "the result as one HTML page into FILE, with drawings"},
	{"write", 0, NFP_OPT_REQUIRED, "FILE", NFP_IN_ONLY_RUN, false, nfp_set_write,
	 "every frame, sent and received, into FILE as pcapng"},
	{"baseline", 0, NFP_OPT_REQUIRED, "FILE", NFP_IN_RESULT, false, nfp_set_baseline,
	 "compare with an earlier result (--json=FILE); the exit\n"
	 "status says whether anything is worse, no longer whether\n"
	 "it is safe"},
	{"same", 0, NFP_OPT_NONE, NULL, NFP_IN_RESULT, true, nfp_set_same,
	 "the baseline is of this driver, firmware and kernel:\n"
	 "whatever differs is unstable"},
	{"allow", 0, NFP_OPT_REQUIRED, "VERDICT[,..]", NFP_IN_PROBE | NFP_IN_READ, false,
	 nfp_set_allow,
	 "verdicts that count as safe: early, refused, deaf,\n"
	 "sticky, slow, untestable"},
	{"repeat", 0, NFP_OPT_REQUIRED, "N", NFP_IN_PROBE, false, nfp_set_repeat,
	 "probe each style N times; the worst verdict counts"},
	{"gap-limit", 0, NFP_OPT_REQUIRED, "MS", NFP_IN_PROBE | NFP_IN_READ, false,
	 nfp_set_gap_limit,
	 "not safe (slow) where the guest is deaf for more than MS\n"
	 "milliseconds at a change"},
	{"no-announce", 0, NFP_OPT_NONE, NULL, NFP_IN_PROBE, true, nfp_set_no_announce,
	 "send no frame that has the address under test as source"},
	{"no-transmit", 0, NFP_OPT_NONE, NULL, NFP_IN_PROBE, true, nfp_set_no_transmit,
	 "do not test whether what the standby sends leaves the NIC"},
	{"force", 0, NFP_OPT_NONE, NULL, NFP_IN_PROBE, true, nfp_set_force,
	 "probe a VF whose netdev is up, too"},
	{"dry-run", 0, NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_dry_run,
	 "print what would be done, and do nothing"},
	{"list", 0, NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_list,
	 "list PFs and VFs, and who uses them"},
	{"restore", 0, NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_restore,
	 "undo what an interrupted run left on the host"},
	{"reflect", 0, NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_reflect,
	 "be the reflector of a run on another host"},
	{"read", 0, NFP_OPT_REQUIRED, "FILE", NFP_IN_ANY, false, nfp_set_read,
	 "count and judge again what --write wrote; needs no rights"},
	{"quiet", 'q', NFP_OPT_NONE, NULL, NFP_IN_RESULT | NFP_IN_RESTORE | NFP_IN_REFLECT, true,
	 nfp_set_quiet, "print the verdict only: no progress, no warnings"},
	{"verbose", 'v', NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_verbose,
	 "print counts, and each change made on the host"},
	{"color", 0, NFP_OPT_OPTIONAL, "WHEN", NFP_IN_ANY, true, nfp_set_color,
	 "always, never or auto (default: on a terminal)"},
	{"version", 'V', NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_version,
	 "print the version"},
	{"help", 'h', NFP_OPT_NONE, NULL, NFP_IN_ANY, true, nfp_set_help, "print this text"},
};

const size_t nfp_num_options = sizeof(nfp_options) / sizeof(nfp_options[0]);
