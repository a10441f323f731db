// SPDX-License-Identifier: GPL-2.0-or-later
/* listen.c - counts the frames of one guest at a netdev by packet sockets that nobody reads. */
#include "traffic/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const bounds[] = {"to", "from"};
const struct nfp_names nfp_bound_names = {bounds, NFP_NUM(bounds)};
static const char *const kinds[] = {"unicast", "broadcast", "groups"};
const struct nfp_names nfp_heard_kind_names = {kinds, NFP_NUM(kinds)};

/* Socket 0 takes all other frames, and drops them. */
#define OTHERS	    0
#define NUM_SOCKETS (1 + NFP_BOUND_COUNT * NFP_HEARD_KINDS)

struct nfp_listener {
	int fd[NUM_SOCKETS];
};

static unsigned int socket_of(enum nfp_bound bound, enum nfp_heard_kind kind)
{
	return 1U + bound * (unsigned int)NFP_HEARD_KINDS + kind;
}

/* ---- the program ---- */

#define PROGRAM_MAX 256 /* some 80 are used */

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short len;
	bool failed; /* it did not fit, or libpcap would not compile */
};

static void put(struct program *p, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (p->len == PROGRAM_MAX)
		p->failed = true;
	else
		p->code[p->len++] = (struct sock_filter) {code, jt, jf, k};
}

/*
 * The kernel runs it where the frame's data begin at another header at RX than at TX, so that every
 * offset is from the link-layer header.
 */
#define LL(offset) ((uint32_t)SKF_LL_OFF + (offset))
#define AD(what)   ((uint32_t)(SKF_AD_OFF + (what)))
#define LOAD_BYTE  (BPF_LD | BPF_B | BPF_ABS)
#define LOAD_HALF  (BPF_LD | BPF_H | BPF_ABS)
#define IS	   (BPF_JMP | BPF_JEQ | BPF_K)
#define RETURN	   (BPF_RET | BPF_K)

/*
 * Appends: if the frame is like @text (pcap-filter(7)), return @socket. libpcap's own program
 * returns 0 where it is not, which becomes a jump to what follows.
 */
static void put_kind(struct program *p, const char *text, unsigned int socket)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, NFP_FRAME_LEN_MAX);
	struct bpf_program made;
	unsigned int end;

	if (!pcap || pcap_compile(pcap, &made, text, 1, PCAP_NETMASK_UNKNOWN)) {
		p->failed = true;
		if (pcap)
			pcap_close(pcap);
		return;
	}
	end = p->len + made.bf_len;
	for (unsigned int i = 0; i < made.bf_len; i++) {
		const struct bpf_insn *in = &made.bf_insns[i];

		if (BPF_CLASS(in->code) == BPF_RET && in->k == 0)
			put(p, BPF_JMP | BPF_JA, 0, 0, end - p->len - 1U);
		else if (BPF_CLASS(in->code) == BPF_RET)
			put(p, RETURN, 0, 0, socket);
		else if (BPF_CLASS(in->code) == BPF_LD && BPF_MODE(in->code) == BPF_ABS)
			put(p, in->code, 0, 0, LL(in->k));
		else
			put(p, in->code, in->jt, in->jf, in->k);
	}
	pcap_freecode(&made);
	pcap_close(pcap);
}

/*
 * Appends: return OTHERS unless the outermost tag is @vid's. The kernel has moved the tag into the
 * metadata at RX (skb_vlan_untag); at TX it is in the frame if the netdev cannot insert tags.
 */
static void put_vlan(struct program *p, uint16_t vid)
{
	put(p, LOAD_BYTE, 0, 0, AD(SKF_AD_VLAN_TAG_PRESENT));
	put(p, IS, 2, 0, 0);
	put(p, LOAD_HALF, 0, 0, AD(SKF_AD_VLAN_TAG));
	put(p, BPF_JMP | BPF_JA, 0, 0, 5);
	put(p, LOAD_HALF, 0, 0, LL(12));
	put(p, IS, 2, 0, ETHERTYPE_VLAN);
	put(p, IS, 1, 0, 0x88a8);
	put(p, BPF_JMP | BPF_JA, 0, 0, vid ? 3 : 4);
	put(p, LOAD_HALF, 0, 0, LL(14));
	put(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xfff);
	put(p, IS, 1, 0, vid);
	put(p, RETURN, 0, 0, OTHERS);
}

#define LINK_LOCAL "(ether[0:4] = 0x0180c200 and ether[4:2] & 0xfff0 = 0)"

/* Appends the kinds of both directions. Each branch ends in a return. */
static void put_bound(struct program *p, enum nfp_bound bound, const struct nfp_mac *guest)
{
	const struct nfp_mac_text mac = nfp_mac_str(guest);
	char text[256];

	snprintf(text, sizeof(text),
		 bound == NFP_TO_GUEST ? "ether dst %s" : "ether src %s and not ether multicast",
		 mac.text);
	put_kind(p, text, socket_of(bound, NFP_HEARD_UNICAST));
	snprintf(text, sizeof(text), "%s ether src %s and ether broadcast",
		 bound == NFP_TO_GUEST ? "not" : "", mac.text);
	put_kind(p, text, socket_of(bound, NFP_HEARD_BROADCAST));
	snprintf(text, sizeof(text),
		 "%s ether src %s and ether multicast and not ether broadcast and not " LINK_LOCAL,
		 bound == NFP_TO_GUEST ? "not" : "", mac.text);
	put_kind(p, text, socket_of(bound, NFP_HEARD_GROUPS));
	put(p, RETURN, 0, 0, OTHERS);
}

static void make_program(const struct nfp_listen *listen, struct program *p)
{
	const enum nfp_bound sent = listen->inward ? NFP_TO_GUEST : NFP_FROM_GUEST;
	const enum nfp_bound got = listen->inward ? NFP_FROM_GUEST : NFP_TO_GUEST;
	unsigned short jump;

	p->len = 0;
	p->failed = false;
	if (listen->has_vid)
		put_vlan(p, listen->vid);
	put(p, LOAD_BYTE, 0, 0, AD(SKF_AD_PKTTYPE));
	put(p, IS, 1, 0, PACKET_OUTGOING);
	jump = p->len;
	put(p, BPF_JMP | BPF_JA, 0, 0, 0);
	put_bound(p, sent, &listen->guest);
	p->code[jump].k = p->len - jump - 1U;
	put_bound(p, got, &listen->guest);
}

/* ---- the sockets ---- */

struct opening {
	const struct nfp_listen *listen;
	const struct program *program;
	struct nfp_listener *listener;
	int error; /* of the netdev, or of a socket */
};

/* Binds a socket that drops every frame until its filter goes. */
static int open_socket(int ifindex, int *ret_fd)
{
	static struct sock_filter nothing[] = {{RETURN, 0, 0, 0}};
	const struct sock_fprog filter = {NFP_NUM(nothing), nothing};
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
	const int least = 0; /* the kernel has a minimum of its own */
	socklen_t at_len = sizeof(at), len = sizeof(int);
	int error = 0;

	*ret_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*ret_fd < 0 || setsockopt(*ret_fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) ||
	    setsockopt(*ret_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    bind(*ret_fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    getsockopt(*ret_fd, SOL_SOCKET, SO_ERROR, &error, &len) ||
	    getsockname(*ret_fd, (struct sockaddr *)&at, &at_len))
		return -errno;
	if (!error && at.sll_hatype != ARPHRD_ETHER)
		return -EPROTONOSUPPORT;
	return -error;
}

/* The sockets' order is the program's: a group asks for the socket with a number. */
static int open_group(void *arg)
{
	struct opening *o = arg;
	int *fd = o->listener->fd;
	const struct sock_fprog program = {o->program->len, (struct sock_filter *)o->program->code};
	unsigned int group = (PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
	const int none = 0;
	socklen_t len = sizeof(group);
	int ret = 0;

	for (size_t i = 0; i < NUM_SOCKETS && ret == 0; i++) {
		ret = open_socket(o->listen->netdev.ifindex, &fd[i]);
		if (ret == 0 &&
		    (setsockopt(fd[i], SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) ||
		     (i == 0 && getsockopt(fd[i], SOL_PACKET, PACKET_FANOUT, &group, &len))))
			ret = -errno;
	}
	if (ret == 0 &&
	    setsockopt(fd[0], SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof(program)))
		ret = -errno;
	for (size_t i = 0; i < NUM_SOCKETS && ret == 0; i++)
		if (i != OTHERS &&
		    setsockopt(fd[i], SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)))
			ret = -errno;
	o->error = ret;
	return 0;
}

int nfp_listener_open(const struct nfp_listen *listen, struct nfp_listener **ret_listener,
		      struct nfp_err *err)
{
	struct nfp_listener *listener = nfp_calloc(1, sizeof(*listener));
	struct program program;
	struct opening opening = {listen, &program, listener, 0};
	int ret;

	for (size_t i = 0; i < NUM_SOCKETS; i++)
		listener->fd[i] = -1;
	make_program(listen, &program);
	if (program.failed)
		ret = nfp_err_set(err, -EINVAL, NFP_E_UNSUPPORTED,
				  "libpcap makes no filter for the frames of %s",
				  nfp_mac_str(&listen->guest).text);
	else if ((ret = nfp_netns_run(listen->netdev.netns_fd, open_group, &opening)) < 0)
		nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			      "cannot enter the network namespace of %s", listen->netdev.ifname);
	else if ((ret = opening.error) < 0)
		nfp_err_errno(err, ret, ret == -EPERM ? NFP_E_PERMISSION : NFP_E_KERNEL,
			      "cannot listen at %s", listen->netdev.ifname);
	if (ret < 0)
		nfp_listener_close(listener);
	else
		*ret_listener = listener;
	return ret;
}

int nfp_listener_read(struct nfp_listener *listener, struct nfp_heard *heard)
{
	for (enum nfp_bound bound = 0; bound < NFP_BOUND_COUNT; bound++)
		for (enum nfp_heard_kind kind = 0; kind < NFP_HEARD_KINDS; kind++) {
			struct tpacket_stats stats;
			socklen_t len = sizeof(stats);

			if (getsockopt(listener->fd[socket_of(bound, kind)], SOL_PACKET,
				       PACKET_STATISTICS, &stats, &len))
				return -errno;
			heard->frames[bound][kind] += stats.tp_packets;
		}
	return 0;
}

void nfp_listener_close(struct nfp_listener *listener)
{
	if (!listener)
		return;
	for (size_t i = 0; i < NUM_SOCKETS; i++)
		if (listener->fd[i] >= 0)
			close(listener->fd[i]);
	free(listener);
}
