// SPDX-License-Identifier: GPL-2.0-or-later
/* hello.c - which netdevs do the PFs hear? */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

/* A switch forwards within microseconds; the rest is for a busy host. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
/* A wire that loses a frame now and then is still a wire, as is one whose switch passes nothing in
 * the first moments after the PF has come up. */
#define HELLO_ROUNDS 7
#define BUFFER_BYTES (256U << 10) /* one frame per round from each sender */
#define READ_MAX     64U

struct hello {
	const struct nfp_frame_id *id;
	struct nfp_vlan vlan;
	const struct nfp_netdev *senders;
	const struct nfp_mac *macs;
	size_t num;
	struct ear *ears;
	size_t num_ears;
};

/* A PF that listens. */
struct ear {
	const struct hello *hello;
	struct nfp_capture *capture;
	size_t num_heard, most; /* all but itself */
	bool *heard;
};

/* The sequence number identifies the sender, and its address must agree. */
static void on_hello(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct ear *ear = ctx;
	const struct hello *hello = ear->hello;
	struct nfp_frame frame;

	(void)real_ns;
	if (nfp_frame_parse(hello->id, data, len, &frame) != NFP_FRAME_OURS ||
	    frame.kind != NFP_KIND_HELLO || frame.seq > hello->num ||
	    frame.vlan.vid != hello->vlan.vid ||
	    !nfp_mac_equal(&frame.src, &hello->macs[frame.seq - 1]))
		return;
	ear->num_heard += !ear->heard[frame.seq - 1];
	ear->heard[frame.seq - 1] = true;
}

static int say(const struct hello *hello)
{
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

static bool all_heard(const struct hello *hello)
{
	for (size_t i = 0; i < hello->num_ears; i++) {
		if (hello->ears[i].num_heard < hello->ears[i].most)
			return false;
	}
	return true;
}

static bool one_is_deaf(const struct hello *hello)
{
	for (size_t i = 0; i < hello->num_ears; i++) {
		if (hello->ears[i].num_heard == 0 && hello->ears[i].most > 0)
			return true;
	}
	return false;
}

static int hear(const struct hello *hello, struct pollfd *fds, uint64_t deadline_ns)
{
	while (!all_heard(hello) && nfp_clock_now() < deadline_ns) {
		int ret = nfp_clock_poll(fds, (unsigned int)hello->num_ears, deadline_ns);

		if (ret < 0)
			return ret;
		for (size_t i = 0; i < hello->num_ears && ret > 0; i++) {
			struct ear *ear = &hello->ears[i];

			if (!fds[i].revents)
				continue;
			ret = nfp_capture_drain(ear->capture, READ_MAX, on_hello, ear);
			if (ret < 0)
				return ret;
			ret = 1;
		}
	}
	return 0;
}

int nfp_hello(const struct nfp_frame_id *id, const struct nfp_vlan *vlan,
	      const struct nfp_netdev pfs[], size_t num_pfs, const struct nfp_netdev senders[],
	      const struct nfp_mac macs[], size_t num, bool ret_heard[], struct nfp_err *err)
{
	struct hello hello = {.id = id, .senders = senders, .macs = macs, .num = num};
	struct pollfd *fds = nfp_calloc(num_pfs + 1, sizeof(*fds));
	char filter[NFP_CAPTURE_FILTER_LEN];
	int ret = 0;

	if (vlan)
		hello.vlan = *vlan;
	hello.ears = nfp_calloc(num_pfs + 1, sizeof(*hello.ears));
	nfp_capture_filter(id, filter);
	memset(ret_heard, 0, num_pfs * num * sizeof(*ret_heard));
	for (size_t i = 0; i < num_pfs && ret == 0; i++) {
		struct ear *ear = &hello.ears[i];

		*ear = (struct ear) {.hello = &hello, .most = num, .heard = &ret_heard[i * num]};
		for (size_t k = 0; k < num; k++)
			ear->most -= senders[k].ifindex == pfs[i].ifindex;
		ret = nfp_capture_open(&pfs[i], filter, BUFFER_BYTES, false, &ear->capture, err);
		if (ret)
			break;
		fds[i] = (struct pollfd) {.fd = nfp_capture_fd(ear->capture), .events = POLLIN};
		hello.num_ears++;
	}
	for (int round = 0; round < HELLO_ROUNDS && ret == 0 && one_is_deaf(&hello); round++) {
		ret = say(&hello) ?: hear(&hello, fds, nfp_clock_now() + HELLO_NS);
		if (ret)
			nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				      "cannot look for the wire on %s", pfs[0].ifname);
	}
	for (size_t i = 0; i < hello.num_ears; i++)
		nfp_capture_close(hello.ears[i].capture);
	free(hello.ears);
	free(fds);
	return ret;
}
