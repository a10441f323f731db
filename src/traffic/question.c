// SPDX-License-Identifier: GPL-2.0-or-later
/* question.c - asks from a netdev, and listens there; asks which netdevs the PF hears. */
#include <poll.h>
#include <string.h>

#include "traffic_priv.h"

/* At most this many frames are handed over between two looks at the clock. */
#define READ_MAX 1024U
/* Unless the question has another number: a wire may lose a frame now and then. */
#define ROUNDS 3

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

int question_ask(struct question *question, const char *what, struct nfp_err *err)
{
	struct nfp_capture *capture = NULL;
	struct nfp_inject *inject = NULL;
	unsigned int rounds = question->rounds ? question->rounds : ROUNDS;
	int ret = nfp_capture_open(question->pf, question->filter, 0, 0, false, &capture, err)
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

/* ---- which netdevs does the PF hear? ---- */

/* A switch forwards within microseconds; a busy host needs the rest. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
/* A wire that loses a frame now and then is still a wire, as is one whose switch passes nothing in
 * the first moments after the PF has come up. */
#define HELLO_ROUNDS 7

struct hello {
	struct question question;
	const struct nfp_frame_id *id;
	struct nfp_vlan vlan;
	const struct nfp_netdev *senders;
	const struct nfp_mac *macs;
	size_t num, num_heard, most; /* most: all senders but the PF itself */
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
	/* The wire may have lost the others: one that is heard is enough. */
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
		/* A netdev that cannot send is not heard; that is no error of the search. */
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
	return question_ask(&hello.question, "look for the wire on", err);
}
