/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arp.h - a neighbour that answers ARP as the source of a run's frames.
 *
 * The PF sends ARP probes (RFC 5227, 2.1.1: sender protocol address 0, so that nobody's cache
 * changes) to one neighbour, in frames with its own address as source. A probe names as its
 * sender's hardware address the one to which the reply shall go: X, a stranger, or the broadcast
 * address. RFC 826 has the neighbour answer to that address, so the reply enters the NIC from the
 * wire, to one or to everybody (RFC 5227, 2.6 has replies by broadcast, too). Linux answers so
 * (6.18, net/ipv4/arp.c:arp_process); FreeBSD throws a probe away that names the broadcast address,
 * and logs it (sys/netinet/if_ether.c:in_arpinput): then the answer goes to the PF's own address.
 *
 * The frame (RFC 826; numbers in network byte order), the VLAN tag left out:
 *
 *   0   6  destination       14  2  hardware type 1      22  6  sender hardware address
 *   6   6  source            16  2  protocol 0x0800      28  4  sender protocol address
 *   12  2  0x0806            18  1  6                    32  6  target hardware address
 *                            19  1  4                    38  4  target protocol address
 *                            20  2  1 request, 2 reply
 *
 * Replies carry nothing of a run: each belongs to the one probe that is in flight for its address.
 */
#ifndef NFPROBE_ARP_H
#define NFPROBE_ARP_H

#include "nfprobe/codec.h"
#include "nfprobe/types.h"

#define NFP_ETHERTYPE_ARP 0x0806
#define NFP_ARP_LEN_MAX	  (14 + 4 + 28)
#define NFP_ARP_REQUEST	  1
#define NFP_ARP_REPLY	  2

struct nfp_ipv4 {
	uint8_t b[4]; /* in the order of the wire */
};

#define NFP_IPV4_STRLEN 16 /* "255.255.255.255" and the NUL */

/* Four decimal numbers with dots; not 0.x.x.x, loopback, multicast or broadcast. */
bool nfp_ipv4_parse(const char *text, struct nfp_ipv4 *ret_ip);
const char *nfp_ipv4_str(const struct nfp_ipv4 *ip, char buf[NFP_IPV4_STRLEN]);
bool nfp_ipv4_equal(const struct nfp_ipv4 *a, const struct nfp_ipv4 *b);

/* ---- the frame: pure ---- */

struct nfp_arp {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: untagged */
	uint16_t op;
	struct nfp_mac sha, tha;
	struct nfp_ipv4 spa, tpa;
};

/* Writes the frame; returns its length (FCS not included). */
size_t nfp_arp_build(const struct nfp_arp *arp, uint8_t buf[NFP_ARP_LEN_MAX]);
/*
 * False, with *ret_arp untouched, for anything but ARP for IPv4 over Ethernet: truncated, a second
 * VLAN tag, VLAN 4095. A priority tag is no VLAN; padding is allowed.
 */
bool nfp_arp_parse(const uint8_t *data, size_t len, struct nfp_arp *ret_arp);

/* ---- the book: who was asked when, and to which question an answer belongs; pure ---- */

#define NFP_ARP_RING   4 /* questions to one address that an answer may still belong to */
#define NFP_ARP_LEVELS 4 /* of slowness: the rate, a half, a quarter, an eighth */
#define NFP_ARP_JUDGED 8 /* of the last controls .. */
#define NFP_ARP_MISSES 2 /* .. so many without an answer: too fast for this neighbour */

struct nfp_arp_question {
	uint64_t seq, sent_ns; /* seq 0: none */
	bool answered;
};

/* Questions for one kind of frame. */
struct nfp_arp_page {
	struct nfp_mac mac; /* answers go there */
	unsigned int rate;
	uint64_t next_ns; /* the next one is not sent before */
	struct nfp_arp_question ring[NFP_ARP_RING];
	unsigned int newest;
	struct nfp_mac former; /* the address before this one: answers may be under way .. */
	uint64_t former_ns;    /* .. until then */
};

/* Fields are private but for slowed. All zero is empty. */
struct nfp_arp_book {
	struct nfp_arp_page page[NFP_KIND_COUNT];
	uint64_t next_ns; /* of any kind */
	uint64_t trip_ns; /* about the longest of late from question to answer; 0: none yet */
	uint64_t random;
	unsigned int level;	     /* the rate is shifted right by it */
	unsigned int judged, misses; /* controls at this level */
	uint64_t slowed;	     /* times that the rate was lowered */
};

/* @random: not 0. */
void nfp_arp_book_open(struct nfp_arp_book *book, uint64_t random);
/* What is asked from now on; questions to an address that stays stay open. */
void nfp_arp_book_plan(struct nfp_arp_book *book, const struct nfp_mac mac[NFP_KIND_COUNT],
		       const unsigned int rate[NFP_KIND_COUNT]);
/*
 * @now_ns or earlier when a question of @kind may be sent, else when to ask again. One question is
 * in flight for an address: the next waits for its answer, or for about twice as long as answers
 * take. Intervals are drawn by lot around the rate, so that a policer that lets every n-th through
 * cannot pick one kind.
 */
uint64_t nfp_arp_book_ready(const struct nfp_arp_book *book, enum nfp_kind kind, uint64_t now_ns);
void nfp_arp_book_sent(struct nfp_arp_book *book, enum nfp_kind kind, uint64_t seq,
		       uint64_t now_ns);
/*
 * An answer came to @mac: false when nobody asked for it there in the last second. A second answer
 * to a question finds the same question. One that was under way when the address changed is
 * nobody's any more, but no stranger's: of a kind that is not counted.
 */
bool nfp_arp_book_match(struct nfp_arp_book *book, const struct nfp_mac *mac, uint64_t seen_ns,
			enum nfp_kind *ret_kind, struct nfp_arp_question *ret_question);

/* ---- the codec ---- */

struct nfp_arp_config {
	struct nfp_frame_id id; /* of the PF's own broadcast frames */
	struct nfp_mac pf_mac;
	struct nfp_ipv4 ip;
	struct nfp_mac neighbour;
	bool aloud; /* it answers to the broadcast address when a probe names that */
};

struct nfp_arp_codec;

/*
 * Unicast and stranger are probes whose answers go to the plan's addresses. Broadcast, the
 * control, is a probe whose answer goes to the broadcast address; of a neighbour that does not
 * answer aloud it is two frames: a probe whose answer goes to the PF's own address, which shows
 * that the way to the neighbour and back works, and a broadcast test frame from the PF, which the
 * NIC's own switch may carry to the VF. NULL when out of memory.
 */
struct nfp_arp_codec *nfp_arp_codec_new(const struct nfp_arp_config *config);
void nfp_arp_codec_free(void *codec);
/*
 * A sibling VF, the stream's second sender (nfp_stream_config.aside), sends that broadcast as well,
 * with its address as the source. To be told before the stream is opened.
 */
void nfp_arp_codec_sibling(struct nfp_arp_codec *codec, const struct nfp_mac *sibling);
/* Valid as long as @codec. */
struct nfp_codec nfp_arp_codec_of(struct nfp_arp_codec *codec);

/* ---- asking ---- */

struct nfp_arp_query {
	struct nfp_netdev pf;
	struct nfp_mac pf_mac;
	struct nfp_vlan vlan; /* vid 0: none */
	struct nfp_ipv4 ip;
	bool alone; /* only @neighbour is asked, else everybody */
	struct nfp_mac neighbour;
	bool aloud; /* the answer shall go to the broadcast address, else to the PF */
};

struct nfp_arp_answers {
	struct nfp_mac macs[2]; /* the hardware addresses that answer for the IP address .. */
	size_t num;		/* .. so many; 0: nobody answers */
	bool astray;		/* aloud, and the answer came to the PF's own address all the same:
				   this neighbour never answers to the address that a probe names */
};

/*
 * Sends a probe, up to three times within a second, until somebody answers. Asked of everybody, a
 * tenth of a second is waited for a second answer. 0 or -errno.
 */
int nfp_arp_ask(const struct nfp_arp_query *query, struct nfp_arp_answers *ret_answers,
		struct nfp_err *err);

#endif
