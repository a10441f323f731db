// SPDX-License-Identifier: GPL-2.0-or-later
/* arp_ask.c - is there a neighbour that answers ARP probes, and who? */
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <time.h>

#include "traffic_priv.h"
#include "nfprobe/sources.h"
#include "nfprobe/traffic.h"
#include "nfprobe/base.h"

#define TRIES	  3
#define TRY_NS	  (330 * NFP_NSEC_PER_MSEC)
#define SECOND_NS (100 * NFP_NSEC_PER_MSEC) /* for a second host that answers */
#define READ_MAX  64U

static const struct nfp_mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

struct asking {
	const struct nfp_arp_query *query;
	struct nfp_arp probe;
	struct nfp_arp_answers answers;
	uint64_t deadline_ns;
};

static bool is_answer(const struct asking *asking, const struct nfp_arp *arp)
{
	const struct nfp_arp *probe = &asking->probe;

	return arp->op == NFP_ARP_REPLY && nfp_ipv4_equal(&arp->spa, &probe->tpa) &&
	       nfp_mac_equal(&arp->tha, &probe->sha) && arp->vlan.vid == probe->vlan.vid &&
	       !nfp_mac_is_multicast(&arp->sha) && !nfp_mac_is_zero(&arp->sha) &&
	       (!asking->query->alone || nfp_mac_equal(&arp->sha, &asking->query->neighbour));
}

static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct asking *asking = ctx;
	struct nfp_arp_answers *answers = &asking->answers;
	struct nfp_arp arp;

	(void)real_ns;
	if (!nfp_arp_parse(data, len, &arp) || !is_answer(asking, &arp))
		return;
	if (!nfp_mac_equal(&arp.dst, &arp.tha)) {
		answers->astray = asking->query->aloud;
		return;
	}
	if (answers->num && nfp_mac_equal(&arp.sha, &answers->macs[0]))
		return;
	if (answers->num == 0)
		asking->deadline_ns = nfp_clock_now() + SECOND_NS;
	if (answers->num < 2)
		answers->macs[answers->num++] = arp.sha;
}

/* One that is asked alone has no second. */
static bool is_done(const struct asking *asking)
{
	return asking->answers.num == (asking->query->alone ? 1 : 2) || asking->answers.astray;
}

/* Until the time of @asking, which the first answer brings forward. */
static int start_listening(struct asking *asking, struct nfp_capture *capture)
{
	for (;;) {
		struct pollfd fd = {.fd = nfp_capture_fd(capture), .events = POLLIN};
		int ret;

		if (is_done(asking))
			return 0;
		ret = nfp_clock_poll(&fd, 1, asking->deadline_ns);
		if (ret <= 0)
			return ret;
		ret = nfp_capture_drain(capture, READ_MAX, on_frame, asking);
		if (ret < 0)
			return ret;
	}
}

static bool heard(const struct asking *asking)
{
	return asking->answers.num || asking->answers.astray;
}

static int ask(struct asking *asking, struct nfp_inject *inject, struct nfp_capture *capture)
{
	struct nfp_packet packet = {.len = 0};
	int ret = 0;

	packet.len = nfp_arp_build(&asking->probe, packet.data);
	for (int i = 0; i < TRIES && !heard(asking) && ret == 0; i++) {
		ret = nfp_inject_send(inject, &packet, 1);
		if (ret < 0)
			return ret;
		asking->deadline_ns = nfp_clock_now() + TRY_NS;
		ret = start_listening(asking, capture);
	}
	return ret;
}

static int ask_from(struct asking *asking, struct nfp_err *err)
{
	const struct nfp_netdev *pf = &asking->query->pf;
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

int nfp_arp_ask(const struct nfp_arp_query *query, struct nfp_arp_answers *ret_answers,
		struct nfp_err *err)
{
	struct asking asking = {
		.query = query,
		.probe = {.dst = query->alone ? query->neighbour : everybody,
			  .src = query->pf_mac,
			  .vlan = query->vlan,
			  .op = NFP_ARP_REQUEST,
			  .sha = query->aloud ? everybody : query->pf_mac,
			  .tpa = query->ip},
	};
	int ret;

	if (asking.probe.vlan.vid && !asking.probe.vlan.proto)
		asking.probe.vlan.proto = ETH_P_8021Q;
	ret = ask_from(&asking, err);
	if (ret == 0)
		*ret_answers = asking.answers;
	return ret;
}
