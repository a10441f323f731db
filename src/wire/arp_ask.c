// SPDX-License-Identifier: GPL-2.0-or-later
/* arp_ask.c - is there a neighbour that answers ARP probes, and who? */
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <time.h>

#include "arp_filter.h"
#include "nfprobe/arp.h"
#include "nfprobe/capture.h"
#include "nfprobe/clock.h"

#define TRIES	  3
#define TRY_NS	  (330 * NFP_NSEC_PER_MSEC)
#define SECOND_NS (100 * NFP_NSEC_PER_MSEC) /* for a second host that answers */
#define READ_MAX  64U

struct asking {
	struct nfp_arp probe;
	const struct nfp_mac *neighbour;
	struct nfp_mac macs[2];
	size_t num;
	uint64_t deadline_ns;
};

static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct asking *asking = ctx;
	struct nfp_arp arp;

	(void)real_ns;
	if (!nfp_arp_parse(data, len, &arp) || arp.op != NFP_ARP_REPLY ||
	    !nfp_ipv4_equal(&arp.spa, &asking->probe.tpa) ||
	    !nfp_mac_equal(&arp.tha, &asking->probe.sha) ||
	    arp.vlan.vid != asking->probe.vlan.vid || nfp_mac_is_multicast(&arp.sha) ||
	    nfp_mac_is_zero(&arp.sha))
		return;
	if (asking->neighbour && !nfp_mac_equal(&arp.sha, asking->neighbour))
		return;
	if (asking->num && nfp_mac_equal(&arp.sha, &asking->macs[0]))
		return;
	if (asking->num == 0)
		asking->deadline_ns = nfp_clock_now() + SECOND_NS;
	if (asking->num < 2)
		asking->macs[asking->num++] = arp.sha;
}

/* Until the time of @asking, which the first answer brings forward. */
static int listen(struct asking *asking, struct nfp_capture *capture)
{
	for (;;) {
		struct pollfd fd = {.fd = nfp_capture_fd(capture), .events = POLLIN};
		int ret;

		if (asking->num == 2)
			return 0;
		ret = nfp_clock_poll(&fd, 1, asking->deadline_ns);
		if (ret <= 0)
			return ret;
		ret = nfp_capture_drain(capture, READ_MAX, on_frame, asking);
		if (ret < 0)
			return ret;
	}
}

static int ask(struct asking *asking, struct nfp_inject *inject, struct nfp_capture *capture)
{
	struct nfp_packet packet = {.len = 0};
	int ret = 0;

	packet.len = nfp_arp_build(&asking->probe, packet.data);
	for (int i = 0; i < TRIES && !asking->num && ret == 0; i++) {
		ret = nfp_inject_send(inject, &packet, 1);
		if (ret < 0)
			return ret;
		asking->deadline_ns = nfp_clock_now() + TRY_NS;
		ret = listen(asking, capture);
	}
	return ret;
}

static int ask_from(struct asking *asking, const struct nfp_netdev *pf, struct nfp_err *err)
{
	char filter[NFP_ARP_FILTER_LEN];
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	int ret;

	nfp_arp_filter(&asking->probe.tpa, filter);
	ret = nfp_capture_open_filter(pf, filter, 0, &capture, err);
	if (ret)
		return ret;
	ret = nfp_inject_open(pf, &inject, err);
	if (ret == 0) {
		ret = ask(asking, inject, capture);
		nfp_inject_close(inject);
		if (ret)
			nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				      "cannot ask a neighbour of %s by ARP", pf->ifname);
	}
	nfp_capture_close(capture);
	return ret;
}

int nfp_arp_ask(const struct nfp_netdev *pf, const struct nfp_mac *pf_mac,
		const struct nfp_vlan *vlan, const struct nfp_ipv4 *ip,
		const struct nfp_mac *neighbour, struct nfp_mac ret_macs[2], size_t *ret_num,
		struct nfp_err *err)
{
	struct asking asking = {
		.probe = {.dst = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
			  .src = *pf_mac,
			  .op = NFP_ARP_REQUEST,
			  .sha = *pf_mac,
			  .tpa = *ip},
		.neighbour = neighbour,
	};
	int ret;

	if (neighbour)
		asking.probe.dst = *neighbour;
	if (vlan)
		asking.probe.vlan = *vlan;
	if (asking.probe.vlan.vid && !asking.probe.vlan.proto)
		asking.probe.vlan.proto = ETH_P_8021Q;
	ret = ask_from(&asking, pf, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < asking.num; i++)
		ret_macs[i] = asking.macs[i];
	*ret_num = asking.num;
	return 0;
}
