/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.h - which frames count; sources of frames that are no netdevs of this host: ARP and the
 * reflector. */
#ifndef NFPROBE_SOURCES_H
#define NFPROBE_SOURCES_H

#include "traffic/stream.h"

/*
 * arp: a neighbour that answers ARP, as the source of a run's frames.
 *
 * The PF sends ARP probes to one neighbour, in frames with its own address as source. Their sender
 * protocol address is 0, so that no cache changes (RFC 5227, 2.1.1), and their sender hardware
 * address is the one that the reply is to go to: the test MAC, an unregistered address, or the
 * broadcast address. By RFC 826 the neighbour replies to that address, so the reply enters the NIC
 * from the wire (RFC 5227, 2.6 has broadcast replies, too). Linux does so (6.18,
 * net/ipv4/arp.c:arp_process). FreeBSD drops and logs a probe with the broadcast address
 * (sys/netinet/if_ether.c:in_arpinput); the control's reply then goes to the PF's own address.
 *
 * The frame (RFC 826; numbers in network byte order), without the VLAN tag:
 *
 *   0   6  destination       14  2  hardware type 1      22  6  sender hardware address
 *   6   6  source            16  2  protocol 0x0800      28  4  sender protocol address
 *   12  2  0x0806            18  1  6                    32  6  target hardware address
 *                            19  1  4                    38  4  target protocol address
 *                            20  2  1 request, 2 reply
 *
 * A reply carries nothing of the run: it belongs to the one probe that is in flight for its
 * address. No neighbour can be made to send to a group that only PF and VF have joined, so the
 * plan's rates of multicast must be 0.
 */

#define NFP_ETHERTYPE_ARP 0x0806
#define NFP_ARP_BODY	  28 /* after the EtherType */
#define NFP_ARP_LEN_MAX	  (14 + 4 + NFP_ARP_BODY)
#define NFP_ARP_REQUEST	  1
#define NFP_ARP_REPLY	  2

struct nfp_ipv4 {
	uint8_t b[4]; /* network byte order */
};

#define NFP_IPV4_STRLEN 16 /* "255.255.255.255" and the NUL */

/* Parses four decimal numbers with dots. False also for 0.x.x.x, loopback,
 * multicast and broadcast. */
bool nfp_ipv4_parse(const char *text, struct nfp_ipv4 *ret_ip);
struct nfp_ipv4_text {
	char text[NFP_IPV4_STRLEN];
};
struct nfp_ipv4_text nfp_ipv4_str(const struct nfp_ipv4 *ip);
bool nfp_ipv4_equal(const struct nfp_ipv4 *a, const struct nfp_ipv4 *b);

/* ---- the frame: pure ---- */

struct nfp_arp {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: untagged */
	uint16_t op;
	struct nfp_mac sha, tha;
	struct nfp_ipv4 spa, tpa;
};

/* Writes the frame. Returns its length (FCS not included). */
size_t nfp_arp_build(const struct nfp_arp *arp, uint8_t buf[NFP_ARP_LEN_MAX]);
/*
 * Parses ARP for IPv4 over Ethernet. False, with *ret_arp untouched, for any other frame, and for
 * one that is truncated, has a second VLAN tag, or is in VLAN 4095. A priority tag is not a VLAN.
 * Padding is allowed.
 */
bool nfp_arp_parse(const uint8_t *data, size_t len, struct nfp_arp *ret_arp);

#define NFP_ARP_FILTER_LEN 256
/* Writes a filter of pcap-filter(7): replies of @ip to probes (no sender protocol address),
 * untagged or with one tag. */
void nfp_arp_filter(const struct nfp_ipv4 *ip, char text[NFP_ARP_FILTER_LEN]);

/* ---- the codec ---- */

struct nfp_arp_config {
	struct nfp_frame_id id; /* of the PF's own broadcast frames */
	struct nfp_mac pf_mac;
	struct nfp_ipv4 ip;
	struct nfp_mac neighbour;
	bool broadcast_reply; /* the neighbour replies to the broadcast address if a probe asks for
				 that */
	/*
	 * The address of another VF that also sends the broadcast test frames, as the stream's
	 * second sender. Zero: none.
	 */
	struct nfp_mac sibling;
};

/*
 * Frames to the test MAC and to the unregistered address are probes whose replies go to the plan's
 * addresses. Broadcast, the control, is a probe whose reply goes to the broadcast address. If the
 * neighbour does not reply so, it is two frames: a probe whose reply goes to the PF's own address,
 * which shows that the path to the neighbour and back works, and a broadcast test frame from the
 * PF, which the NIC's own switch may carry to the VF.
 *
 * One request is in flight for an address: the next one waits for its reply, or for about twice as
 * long as replies take. Intervals vary at random around the rate, so that a policer that passes
 * every n-th frame cannot pick one kind. If the neighbour leaves controls unanswered, the codec
 * lowers the rate, to an eighth at most. A second reply to a request finds the same request.
 *
 * The caller frees ctx with free().
 */
struct nfp_codec nfp_arp_codec_new(const struct nfp_arp_config *config);

/*
 * peer: the frames between a prober and a reflector on another host. Pure.
 *
 * The prober makes a test frame (traffic.h) as the reflector is to send it, with the reflector's
 * address as source, and sends it to the reflector inside a frame of its own. The reflector sends
 * the test frame. Both share an id, which is the key of each frame's tag and never on the wire.
 *
 * Between prober and reflector (all numbers in network byte order):
 *
 *   offset  size  field
 *   0       6     destination
 *   6       6     source
 *   12      4     VLAN tag (TPID, TCI), only if the frame is tagged
 *   12|16   2     EtherType 0x88b5 (IEEE Std 802 local experimental EtherType 1)
 *   +0      4     magic "nfpx"
 *   +4      1     version, 3
 *   +5      1     type (enum nfp_peer_type)
 *   +6      2     length of the body
 *   +8      16    the prober's run id
 *   +24     8     session, a number that the reflector gave this run; 0 in HELLO
 *   +32     8     sequence number of the prober, from 1; a WELCOME has that of the HELLO that it
 *                 answers
 *   +40           body
 *   then    8     tag: SipHash-2-4 of destination, source and all from +0 on, under the id
 *
 * The body of CARRY is a test frame without a VLAN tag; that of HELLO and WELCOME is 4 bytes of
 * rate and 4 of seconds left, 0 in HELLO.
 *
 * No tag covers a VLAN tag, which a switch may add, remove or change the priority of.
 *
 * A reflector of another version takes a frame for malformed, and does not answer.
 */

#define NFP_PEER_ID_LEN	   16
#define NFP_PEER_HEADER	   40
#define NFP_PEER_TAG	   8
#define NFP_PEER_INNER_LEN (14 + NFP_FRAME_PAYLOAD)
#define NFP_PEER_LEN_MAX   (14 + 4 + NFP_PEER_HEADER + NFP_PEER_INNER_LEN + NFP_PEER_TAG)

struct nfp_peer_id {
	uint8_t b[NFP_PEER_ID_LEN];
};

enum nfp_peer_type {
	NFP_PEER_HELLO = 1, /* prober: looks for a reflector with this id */
	NFP_PEER_WELCOME,   /* reflector: yes, and this is the session */
	NFP_PEER_CARRY,	    /* prober: send this frame */
};

struct nfp_peer_frame {
	struct nfp_mac dst, src;
	struct nfp_vlan vlan; /* vid 0: untagged */
	enum nfp_peer_type type;
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t session;
	uint64_t seq;
	uint32_t rate;	      /* WELCOME: limit in unicast frames per second */
	uint32_t left_s;      /* WELCOME: seconds until the reflector stops by itself */
	const uint8_t *inner; /* CARRY: in the parsed data, NFP_PEER_INNER_LEN bytes */
};

enum nfp_peer_check {
	NFP_PEER_OURS,
	NFP_PEER_FOREIGN,   /* not a frame of this protocol */
	NFP_PEER_OTHER_ID,  /* the tag is of another id, or forged */
	NFP_PEER_MALFORMED, /* truncated, or impossible values although the tag is right */
};

/* Parses 32 hex digits, with nothing before or after; false otherwise. */
bool nfp_peer_id_parse(const char *text, struct nfp_peer_id *ret_id);
#define NFP_PEER_ID_STRLEN (2 * NFP_PEER_ID_LEN + 1)
const char *nfp_peer_id_str(const struct nfp_peer_id *id, char buf[NFP_PEER_ID_STRLEN]);

/* peerlink: the prober's side: greets a reflector, and makes the frames that go to it. */

struct nfp_peer_link_config {
	struct nfp_frame_id run;
	struct nfp_peer_id id;
	struct nfp_netdev pf; /* frames to the reflector leave here */
	struct nfp_mac pf_mac;
	struct nfp_vlan vlan; /* the run's VLAN; vid 0: none */
	struct nfp_mac mac;   /* the reflector's address; zero: the first that answers */
};

struct nfp_peer_link;

/* Returns a link, which the caller frees with free(). */
struct nfp_peer_link *nfp_peer_link_new(const struct nfp_peer_link_config *config);
const struct nfp_peer_link_config *nfp_peer_link_config(const struct nfp_peer_link *link);

/* A filter of pcap-filter(7): frames between a prober and a reflector. */
extern const char nfp_peer_filter[];

/* Makes the next HELLO. @first: from now on, no answer to an earlier one counts. Must not be called
 * while a stream uses the codec. */
void nfp_peer_link_hello(struct nfp_peer_link *link, bool first, struct nfp_packet *ret_packet);
/*
 * Parses an answer to a HELLO. The first one decides which reflector this link is to. -ENOMSG: it
 * is none; 0, and *ret_welcome is the frame; -ESTALE, and the frame as well: another run has taken
 * the reflector since the last answer, or it was started anew.
 */
int nfp_peer_link_welcome(struct nfp_peer_link *link, const uint8_t *data, size_t len,
			  struct nfp_peer_frame *ret_welcome);

/*
 * Returns the codec for nfp_stream_open, whose sender must be the PF with its own address and the
 * run's VLAN. Valid as long as the link. For one stream at a time, after a reflector answered.
 */
struct nfp_codec nfp_peer_link_codec(struct nfp_peer_link *link);

/*
 * reflect: the reflector, which sends test frames for a prober that has the id.
 *
 * The rules (nfp_reflect_handle) are pure: for one frame in, at most one goes out. It must be a
 * test frame of the run under way, with the reflector's own address as source, to where frames of
 * its kind go: one station, all, all nodes (33:33:00:00:00:01), or a solicited-node group (33:33:ff
 * and three more bytes). Each frame is sent once, and never more per second than allowed, whatever
 * their kinds. Answers to HELLO count as well; those to other runs are NFP_PEER_HELLOS at most, so
 * that each frame of the run is served whatever else comes.
 *
 * Each run has a session of its own, which WELCOME offers. The first frame in a session that was
 * offered begins its run and ends the one before. So neither a HELLO nor a frame of an earlier
 * session has any effect when it is sent again. The loop around the rules (nfp_reflector_run) needs
 * CAP_NET_RAW.
 *
 * It changes nothing on its host.
 *
 * The frame's own tag cannot be checked, since its key stays with the prober. The id authenticates
 * the carrier.
 *
 * Reflectors from before multicast refuse frames to groups, and treat all others as this one does.
 */

/* The fate of a frame at the reflector. */
enum nfp_reflect_outcome {
	NFP_REFLECT_SENT_ON,
	NFP_REFLECT_ANSWERED,	   /* a HELLO */
	NFP_REFLECT_NOT_FOR_US,	   /* another destination, or not a prober's frame */
	NFP_REFLECT_OTHER_ID,	   /* another id, or forged */
	NFP_REFLECT_MALFORMED,	   /* truncated, or of another version */
	NFP_REFLECT_OTHER_SESSION, /* it is not of the run under way */
	NFP_REFLECT_REPEATED,	   /* it came before, or too late to tell */
	NFP_REFLECT_REFUSED,	   /* it carries what a reflector does not send */
	NFP_REFLECT_OVER_RATE,
	NFP_REFLECT_UNSENT, /* the kernel would not send it */
	NFP_REFLECT_OUTCOMES,
};

/* Returns the words for a summary: "with another id, or forged". */
const char *nfp_reflect_outcome_text(enum nfp_reflect_outcome outcome);

struct nfp_reflector_config {
	struct nfp_netdev netdev;
	struct nfp_mac mac; /* of the netdev */
	struct nfp_peer_id id;
	const char *id_file;  /* where the id was read from, for the report; NULL: from no file */
	unsigned int rate;    /* limit in unicast frames per second */
	uint64_t session;     /* of the first run, not 0; counts up. Set by nfp_reflector_run */
	uint64_t for_ns;      /* how long it reflects, for the report */
	uint64_t deadline_ns; /* when it stops, on nfp_clock_now; probers are told */
	int stop_fd;	      /* stop when this is readable; never read; -1: none */
};

struct nfp_reflect;

/* Frames per second that a prober sends beside unicast (nfp_sources in ladder.c). */
#define NFP_PEER_CONTROLS 110U

/* Answers per second to HELLOs of other runs. A prober sends seven within two seconds. */
#define NFP_PEER_HELLOS 10U

/* ---- the loop (reflector.c) ---- */

/* Its counters. */
struct nfp_reflector_report {
	uint64_t received; /* frames that are, or claim to be, a prober's */
	uint64_t outcome[NFP_REFLECT_OUTCOMES];
	uint64_t drops;		     /* lost by the capture for lack of room */
	uint64_t began_ns, ended_ns; /* on nfp_clock_now */
	bool stopped;		     /* stop_fd stopped it, before the deadline */
};

/*
 * Reflects until the deadline or until it is stopped. 0, -ENODEV if the netdev is gone, or another
 * -errno. The netdev must be up at first; later the reflector waits while it is down. Calls @opened
 * once the sockets are open, and returns if that fails.
 */
int nfp_reflector_run(const struct nfp_reflector_config *config,
		      int (*opened)(void *ctx, const struct nfp_reflector_config *config),
		      void *ctx, struct nfp_reflector_report *ret_report, struct nfp_err *err);

#endif
