// SPDX-License-Identifier: GPL-2.0-or-later
/* hello.c - which netdevs does the PF hear? */
#include <string.h>

#include "traffic_priv.h"

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
