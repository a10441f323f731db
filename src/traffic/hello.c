// SPDX-License-Identifier: GPL-2.0-or-later
/* hello.c - which netdevs does the PF hear? */
#include <errno.h>
#include <string.h>

#include "traffic_priv.h"

/* A switch forwards in microseconds; this is for a host that is busy. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
/* A wire that loses a frame now and then is a wire; each time it is listened to twice as long. */
#define HELLO_ROUNDS 3
#define BUFFER_BYTES (256U << 10) /* a frame a round from each sender */

struct hello {
	const struct nfp_frame_id *id;
	struct nfp_vlan vlan;
	const struct nfp_mac *macs;
	size_t num, num_heard;
	bool *heard;
	uint64_t deadline_ns;
};

/* The sequence number says which sender it was, and its address must agree. */
static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
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
	if (hello->num_heard == hello->num)
		hello->deadline_ns = 0;
}

/* A netdev that cannot send is not heard: no error of the search. */
static int say_hello(const struct hello *hello, const struct nfp_netdev *sender, size_t i)
{
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
	int ret = nfp_inject_open(sender, &inject, NULL);

	if (ret)
		return ret;
	packet.len = nfp_frame_build(hello->id, &frame, packet.data);
	(void)nfp_inject_send(inject, &packet, 1);
	nfp_inject_close(inject);
	return 0;
}

int nfp_hello(const struct nfp_frame_id *id, const struct nfp_netdev *pf,
	      const struct nfp_vlan *vlan, const struct nfp_netdev senders[],
	      const struct nfp_mac macs[], size_t num, bool ret_heard[], struct nfp_err *err)
{
	struct hello hello = {.id = id, .macs = macs, .num = num, .heard = ret_heard};
	struct nfp_capture *capture;
	char filter[NFP_CAPTURE_FILTER_LEN];
	int ret;

	nfp_capture_filter(id, filter);
	ret = nfp_capture_open(pf, filter, BUFFER_BYTES, false, &capture, err);
	if (ret)
		return ret;
	if (vlan)
		hello.vlan = *vlan;
	memset(ret_heard, 0, num * sizeof(*ret_heard));
	for (int round = 0; round < HELLO_ROUNDS && !hello.num_heard && !ret; round++) {
		for (size_t i = 0; i < num && !ret; i++)
			ret = say_hello(&hello, &senders[i], i);
		hello.deadline_ns = nfp_clock_now() + (HELLO_NS << round);
		if (!ret && num)
			ret = nfp_capture_listen(capture, &hello.deadline_ns, on_frame, &hello);
	}
	nfp_capture_close(capture);
	if (ret)
		nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
			      "cannot look for the wire on %s", pf->ifname);
	return ret;
}
