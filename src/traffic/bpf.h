/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpf.h - a filter's text to the kernel's instructions, without memory of its own. The text is as
 * of pcap-filter(7), and this much of it:
 *
 *   ether[OFFSET:LENGTH] = NUMBER   LENGTH 1, 2 or 4, 1 when it is left out
 *   and, or, parentheses            neither of the two before the other, from left to right
 *
 * pcap_compile would end the process where memory runs out (libpcap 1.10: its scanner calls exit),
 * in the middle of a run, when there is much to undo. A frame that is too short for a comparison
 * does not pass, whatever follows "or".
 */
#ifndef NFPROBE_TRAFFIC_BPF_H
#define NFPROBE_TRAFFIC_BPF_H

#include <stddef.h>
#include <pcap/pcap.h>

#define NFP_BPF_MAX 96 /* instructions */

/* 0, or -EINVAL: not such a text, or too long. */
int nfp_bpf_compile(const char *text, struct bpf_insn ret_insns[NFP_BPF_MAX], size_t *ret_num);

#endif
