/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arp_filter.h - what a capture must let through to hear the answers to ARP probes. */
#ifndef NFPROBE_WIRE_ARP_FILTER_H
#define NFPROBE_WIRE_ARP_FILTER_H

#include "nfprobe/sources.h"

#define NFP_ARP_FILTER_LEN 256

/* Replies of @ip to questions without a sender protocol address, untagged or behind one tag. */
void nfp_arp_filter(const struct nfp_ipv4 *ip, char text[NFP_ARP_FILTER_LEN]);

#endif
