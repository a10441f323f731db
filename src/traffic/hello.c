// SPDX-License-Identifier: GPL-2.0-or-later
/* hello.c - which netdevs does the PF hear? */
#include <errno.h>
#include <string.h>

#include "traffic_priv.h"

/* A switch forwards within microseconds; the rest is for a busy host. */
#define HELLO_NS (300 * NFP_NSEC_PER_MSEC)
/* A wire that loses a frame now and then is still a wire; each round waits twice as long. */
#define HELLO_ROUNDS 3
#define BUFFER_BYTES (256U << 10) /* one frame per round from each sender */

struct hello {
	const struct nfp_frame_id *id;
	struct nfp_vlan vlan;
	const struct nfp_mac *macs;
	size_t num, num_heard;
	bool *heard;
	uint64_t deadline_ns;
};

/* The sequence number identifies the sender, and its address must agree. */
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
	if (hello->num_heard == hello->num)
		hello->deadline_ns = 0;
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
	for (int round = 0; round < HELLO_ROUNDS && num && !hello.num_heard && !ret; round++) {
		for (size_t i = 0; i < num && !ret; i++) {
			const struct nfp_frame frame = {
				.dst = nfp_mac_broadcast,
				.src = macs[i],
				.vlan = hello.vlan,
				.kind = NFP_KIND_HELLO,
				.seq = i + 1,
				.sent_ns = nfp_clock_now(),
			};
			struct nfp_inject *inject;
			struct nfp_packet packet;

			ret = nfp_inject_open(&senders[i], &inject, NULL);
			if (ret)
				break;
			packet.len = nfp_frame_build(id, &frame, packet.data);
			/* A netdev that cannot send is not heard; that is no error of the search.
			 */
			(void)nfp_inject_send(inject, &packet, 1);
			nfp_inject_close(inject);
		}
		hello.deadline_ns = nfp_clock_now() + (HELLO_NS << round);
		if (!ret)
			ret = nfp_capture_listen(capture, &hello.deadline_ns, on_hello, &hello);
	}
	nfp_capture_close(capture);
	if (ret)
		nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
			      "cannot look for the wire on %s", pf->ifname);
	return ret;
}
