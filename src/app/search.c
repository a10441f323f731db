// SPDX-License-Identifier: GPL-2.0-or-later
/* search.c - queries from the PF, which listens for the replies: which netdevs it hears, who has an
 * IP address, whether there is a reflector. */
#include "search.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* Read so many frames, at most, between two looks at the clock. */
#define READ_MAX 1024U
/* The usual number of rounds: a wire may lose a frame now and then. */
#define ROUNDS 3

/* A netdev asks a question in rounds, and listens after each. */
struct question {
	const struct nfp_netdev *pf; /* the netdev that asks and listens */
	const char *filter;	     /* for the replies */
	/* Asks once. A negative errno ends the question. */
	int (*say)(void *ctx, struct nfp_inject *of_pf);
	/* May bring deadline_ns forward (0: read only what is waiting), and set answered. */
	nfp_capture_fn hear;
	void *ctx;
	uint64_t wait_ns;     /* how long to wait for a reply */
	unsigned int rounds;  /* 0: three */
	uint64_t deadline_ns; /* of the round */
	bool answered;	      /* no further round is needed */
};

/* Hands what @capture receives to the question until its deadline. 0 or -errno. */
static int listen_for_answers(const struct question *question, struct nfp_capture *capture)
{
	do {
		struct pollfd fd = {.fd = nfp_capture_fd(capture), .events = POLLIN};
		int ret = nfp_clock_poll(&fd, 1, question->deadline_ns);

		if (ret <= 0)
			return ret;
		ret = nfp_capture_drain(capture, READ_MAX, question->hear, question->ctx);
		if (ret < 0)
			return ret;
	} while (nfp_clock_now() < question->deadline_ns);
	return 0;
}

/* 0, answered or not; or -errno: "cannot @what PF". */
static int ask(struct question *question, const char *what, struct nfp_err *err)
{
	struct nfp_capture *capture = NULL;
	struct nfp_inject *inject = NULL;
	unsigned int rounds = question->rounds ? question->rounds : ROUNDS;
	int ret = nfp_capture_open(question->pf, question->filter, 0, false, &capture, err)
			  ?: nfp_inject_open(question->pf, &inject, err);

	if (ret == 0) {
		for (unsigned int i = 0; i < rounds && ret >= 0 && !question->answered; i++) {
			ret = question->say(question->ctx, inject);
			question->deadline_ns = nfp_clock_now() + question->wait_ns;
			if (ret >= 0)
				ret = listen_for_answers(question, capture);
		}
		if (ret < 0)
			nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				      "cannot %s %s", what, question->pf->ifname);
	}
	nfp_inject_close(inject);
	nfp_capture_close(capture);
	return ret < 0 ? ret : 0;
}

/* ---- the netdevs that the PF hears ---- */

/* A switch forwards within microseconds; a busy host needs the rest. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
/* A wire that loses a frame now and then is still a wire, and so is one whose switch passes nothing
 * in the first moments after the PF has come up. */
#define HELLO_ROUNDS 7

struct hello {
	struct question question;
	const struct nfp_frame_id *id;
	struct nfp_vlan vlan;
	const struct nfp_netdev *senders;
	const struct nfp_mac *macs;
	size_t num, num_heard, most; /* most: all senders except the PF itself */
	bool *heard;
};

/* The sequence number, never 0, identifies the sender, and its address must agree. */
static void on_hello(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct hello *hello = ctx;
	struct nfp_frame frame;

	(void)real_ns;
	if (nfp_frame_parse(hello->id, data, len, &frame) != NFP_FRAME_OURS ||
	    frame.kind != NFP_KIND_HELLO || frame.seq > hello->num ||
	    frame.vlan.vid != hello->vlan.vid ||
	    !nfp_mac_equal(&frame.src, &hello->macs[frame.seq - 1]))
		return;
	hello->num_heard += !hello->heard[frame.seq - 1];
	hello->heard[frame.seq - 1] = true;
	/* One sender that is heard is enough: the wire may have lost the others. */
	hello->question.answered = true;
	if (hello->num_heard == hello->most)
		hello->question.deadline_ns = 0;
}

static int say_hello(void *ctx, struct nfp_inject *of_pf)
{
	const struct hello *hello = ctx;

	(void)of_pf;
	for (size_t i = 0; i < hello->num; i++) {
		const struct nfp_frame frame = {
			.dst = nfp_mac_broadcast,
			.src = hello->macs[i],
			.vlan = hello->vlan,
			.kind = NFP_KIND_HELLO,
			.seq = i + 1,
			.sent_ns = nfp_clock_now(),
		};
		struct nfp_inject *inject;
		struct nfp_packet packet;
		int ret = nfp_inject_open(&hello->senders[i], &inject, NULL);

		if (ret)
			return ret;
		packet.len = nfp_frame_build(hello->id, &frame, packet.data);
		/* A netdev that cannot send is not heard, which is no error of the search. */
		(void)nfp_inject_send(inject, &packet, 1);
		nfp_inject_close(inject);
	}
	return 0;
}

int nfp_hello(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
	      const struct nfp_netdev *pf, const struct nfp_netdev senders[],
	      const struct nfp_mac macs[], size_t num, bool ret_heard[], struct nfp_err *err)
{
	char filter[NFP_CAPTURE_FILTER_LEN];
	struct hello hello = {
		.question = {.pf = pf,
			     .filter = filter,
			     .say = say_hello,
			     .hear = on_hello,
			     .ctx = &hello,
			     .wait_ns = HELLO_NS,
			     .rounds = HELLO_ROUNDS},
		.id = id,
		.vlan = vlan ? *vlan : (struct nfp_vlan) {.vid = 0},
		.senders = senders,
		.macs = macs,
		.num = num,
		.most = num,
		.heard = ret_heard,
	};

	for (size_t i = 0; i < num; i++)
		hello.most -= senders[i].ifindex == pf->ifindex;
	hello.question.answered = hello.most == 0;
	nfp_capture_filter(id, filter);
	memset(ret_heard, 0, num * sizeof(*ret_heard));
	return ask(&hello.question, "look for the wire on", err);
}

/* ---- the holder of an IP address ---- */

#define TRY_NS	  (330 * NFP_NSEC_PER_MSEC)
#define SECOND_NS (100 * NFP_NSEC_PER_MSEC) /* for a second host that replies */

struct arp_ask {
	struct question question;
	const struct nfp_arp_query *query;
	struct nfp_arp probe;
	struct nfp_arp_answers answers;
};

static int say_probe(void *ctx, struct nfp_inject *inject)
{
	const struct arp_ask *ask = ctx;
	struct nfp_packet packet;

	packet.len = nfp_arp_build(&ask->probe, packet.data);
	return nfp_inject_send(inject, &packet, 1);
}

static void on_arp_reply(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct arp_ask *ask = ctx;
	const struct nfp_arp *probe = &ask->probe;
	const struct nfp_arp_query *query = ask->query;
	struct nfp_arp_answers *answers = &ask->answers;
	struct nfp_arp arp;

	(void)real_ns;
	if (!nfp_arp_parse(data, len, &arp) || arp.op != NFP_ARP_REPLY ||
	    !nfp_ipv4_equal(&arp.spa, &probe->tpa) || !nfp_mac_equal(&arp.tha, &probe->sha) ||
	    arp.vlan.vid != probe->vlan.vid || nfp_mac_is_multicast(&arp.sha) ||
	    nfp_mac_is_zero(&arp.sha) ||
	    (query->alone && !nfp_mac_equal(&arp.sha, &query->neighbour)))
		return;
	if (!nfp_mac_equal(&arp.dst, &arp.tha)) {
		answers->to_sender = query->broadcast_reply;
	} else if (answers->num == 0) {
		answers->macs[answers->num++] = arp.sha;
		ask->question.deadline_ns = nfp_clock_now() + SECOND_NS;
	} else if (answers->num == 1 && !nfp_mac_equal(&arp.sha, &answers->macs[0])) {
		answers->macs[answers->num++] = arp.sha;
	}
	/* A probe to one host has no second reply. */
	if (answers->num == (query->alone ? 1 : 2) || answers->to_sender)
		ask->question.deadline_ns = 0;
	ask->question.answered = answers->num || answers->to_sender;
}

int nfp_arp_ask(const struct nfp_arp_query *query, struct nfp_arp_answers *ret_answers,
		struct nfp_err *err)
{
	char filter[NFP_ARP_FILTER_LEN];
	struct arp_ask asks = {
		.question = {.pf = &query->pf,
			     .filter = filter,
			     .say = say_probe,
			     .hear = on_arp_reply,
			     .ctx = &asks,
			     .wait_ns = TRY_NS},
		.query = query,
		.probe = {.dst = query->alone ? query->neighbour : nfp_mac_broadcast,
			  .src = query->pf_mac,
			  .vlan = query->vlan,
			  .op = NFP_ARP_REQUEST,
			  .sha = query->broadcast_reply ? nfp_mac_broadcast : query->pf_mac,
			  .tpa = query->ip},
	};
	int ret;

	nfp_arp_filter(&query->ip, filter);
	ret = ask(&asks.question, "ask a neighbour by ARP from", err);
	if (ret == 0)
		*ret_answers = asks.answers;
	return ret;
}

/* ---- a reflector ---- */

struct peer_ask {
	struct question question;
	struct nfp_peer_link *link;
	bool greeted;
	int ret; /* of nfp_peer_link_welcome */
	struct nfp_peer_frame welcome;
};

static int say_peer_hello(void *ctx, struct nfp_inject *inject)
{
	struct peer_ask *asks = ctx;
	struct nfp_packet packet;

	nfp_peer_link_hello(asks->link, !asks->greeted, &packet);
	asks->greeted = true;
	/* A hello that could not be sent gets no reply, and another one follows. */
	(void)nfp_inject_send(inject, &packet, 1);
	return 0;
}

static void on_welcome(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct peer_ask *asks = ctx;

	(void)real_ns;
	if (asks->question.answered)
		return;
	asks->ret = nfp_peer_link_welcome(asks->link, data, len, &asks->welcome);
	asks->question.answered = asks->ret != -ENOMSG;
	if (asks->question.answered)
		asks->question.deadline_ns = 0;
}

int nfp_peer_ask(struct nfp_peer_link *link, struct nfp_peer_frame *ret_welcome,
		 struct nfp_err *err)
{
	struct peer_ask asks = {
		.question = {.pf = &nfp_peer_link_config(link)->pf,
			     .filter = nfp_peer_filter,
			     .say = say_peer_hello,
			     .hear = on_welcome,
			     .ctx = &asks,
			     .wait_ns = HELLO_NS,
			     .rounds = HELLO_ROUNDS},
		.link = link,
	};
	int ret = ask(&asks.question, "ask for a reflector from", err);

	if (ret)
		return ret;
	if (!asks.question.answered)
		return -ENOLINK;
	*ret_welcome = asks.welcome;
	return asks.ret;
}
