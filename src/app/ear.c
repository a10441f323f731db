// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ear.c - --hear listens for the addresses of VFs in use, and tells which come from outside the
 * NIC: a guest that runs on two hosts, or a loop of the network.
 *
 * A PF hears a VF's own frames as well, through the NIC's switch, and on some NICs its own that
 * come back. So a frame is said to be from the wire only where nothing inside can have sent it: no
 * netdev of this host sent one from that address by the PF, the VFs that could sent none by their
 * counters, or fewer than came in, and no other function of this host is on that port.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "run_priv.h"

/* Guests that are idle send something every few seconds. */
#define EAR_NS (3 * NFP_NSEC_PER_SEC)
/* A driver may read its counters this rarely: every 2 s (ixgbe_service_timer). */
#define COUNTED_NS (3 * NFP_NSEC_PER_SEC)
#define READ_MAX   1024U
#define BUFFER	   (128U << 10)

struct nfp_ear {
	const struct nfp_topology *topology;
	const struct nfp_pf *pf;
	struct nfp_capture *in, *out;
	struct nfp_vf_attr *before; /* with counters */
	size_t num_before;
	uint64_t until_ns;
	struct nfp_ear_heard *heard; /* by the index of the VF in pf->vfs */
};

bool nfp_ear_may_send(const struct nfp_vf_info *vf)
{
	return vf->driver[0] && !vf->at_rest && (!vf->ifname[0] || vf->up);
}

static bool is_listened_for(const struct nfp_vf_info *vf)
{
	return nfp_ear_may_send(vf) && vf->attr.have_mac && !nfp_mac_is_nobodys(&vf->attr.mac);
}

/* Could a frame from @mac be this VF's? Without spoof checking it may have any source, and a VF
 * that is trusted may have further addresses. */
static bool may_be_its(const struct nfp_vf_attr *attr, const struct nfp_mac *mac)
{
	return nfp_mac_equal(&attr->mac, mac) || attr->spoofchk != 1 || attr->trust != 0;
}

static const struct nfp_vf_attr *attr_of(const struct nfp_vf_attr *attrs, size_t num,
					 unsigned int vf)
{
	return vf < num && attrs[vf].have_mac ? &attrs[vf] : NULL;
}

bool nfp_ear_is_outside(const struct nfp_pf *pf, const struct nfp_mac *mac,
			const struct nfp_ear_heard *heard, const struct nfp_vf_attr *before,
			size_t num_before, const struct nfp_vf_attr *after, size_t num_after)
{
	uint64_t sent = 0;

	if (heard->out || !heard->in)
		return false;
	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		const struct nfp_vf_attr *was = attr_of(before, num_before, vf->vf);
		const struct nfp_vf_attr *is = attr_of(after, num_after, vf->vf);

		if (!was || !is)
			return false;
		if (!may_be_its(was, mac) && !may_be_its(is, mac))
			continue;
		/* Zeros of a VF that is in use may be a driver's that does not count. */
		if (is->tx_packets < was->tx_packets || (nfp_ear_may_send(vf) && !was->tx_packets))
			return false;
		sent += is->tx_packets - was->tx_packets;
	}
	/* A driver may count as one what the NIC sends as many segments, but not to a group. */
	return !sent || heard->groups > sent;
}

/* Is another function of this host on the PF's port, or may one be? It may send for others. */
static bool shares_port(const struct nfp_topology *topology, const struct nfp_pf *pf)
{
	nfp_for_each (link, topology->links, topology->num_links) {
		if (nfp_port_shared(topology, pf, link) != NFP_PORT_OTHER)
			return true;
	}
	return false;
}

/* ---- listening ---- */

/* VLAN of a captured frame; 0: none. */
static unsigned int vid_of(const uint8_t *data, size_t len)
{
	bool tagged = len >= 16 && ((data[12] == 0x81 && data[13] == 0x00) ||
				    (data[12] == 0x88 && data[13] == 0xa8));

	return tagged ? ((data[14] & 0x0fU) << 8) | data[15] : 0;
}

/* In the VLAN that the PF gave a VF, or in whichever the guest itself makes. */
static void count(struct nfp_ear *ear, bool out, const uint8_t *data, size_t len)
{
	struct nfp_mac src;

	if (len < 14)
		return;
	memcpy(src.b, data + NFP_MAC_LEN, NFP_MAC_LEN);
	for (size_t i = 0; i < ear->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &ear->pf->vfs[i];

		if (!is_listened_for(vf) || !nfp_mac_equal(&vf->attr.mac, &src) ||
		    (vf->attr.vlan.vid && vf->attr.vlan.vid != vid_of(data, len)))
			continue;
		ear->heard[i].out += out;
		ear->heard[i].in += !out;
		ear->heard[i].groups += !out && (data[0] & 1);
	}
}

static void on_in(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	(void)real_ns;
	count(ctx, false, data, len);
}

static void on_out(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	(void)real_ns;
	count(ctx, true, data, len);
}

/* NULL: there is no address to listen for. Frames of runs, also of another host's, are none of
 * guests. */
static char *filter_of(const struct nfp_pf *pf)
{
	char *list = NULL, *filter;

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		char *longer;

		if (!is_listened_for(vf))
			continue;
		longer = nfp_asprintf("%s%sether src %s", list ? list : "", list ? " or " : "",
				      nfp_mac_str(&vf->attr.mac).text);
		free(list);
		list = longer;
	}
	if (!list)
		return NULL;
	filter = nfp_asprintf("(%s) and ether[12:2] != 0x%x and ether[16:2] != 0x%x", list,
			      NFP_ETHERTYPE, NFP_ETHERTYPE);
	free(list);
	return filter;
}

/* As read now; *ret_num 0: they cannot be read, or are too many. */
static void read_counters(const struct nfp_pf *pf, struct nfp_vf_attr **ret_attrs, size_t *ret_num)
{
	const struct nfp_rt_dev dev = {pf->info.ifindex, pf->info.ifname};
	struct nfp_nl *nl = NULL;

	*ret_attrs = NULL;
	*ret_num = 0;
	if (nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL) == 0)
		(void)nfp_vf_attrs_read(nl, &dev, true, ret_attrs, ret_num, NULL);
	nfp_nl_close(nl);
}

int nfp_ear_open(const struct nfp_topology *topology, const struct nfp_pf *pf,
		 struct nfp_ear **ret_ear, struct nfp_err *err)
{
	const struct nfp_netdev at = nfp_netdev_named(pf->info.ifindex, pf->info.ifname);
	char *filter = filter_of(pf);
	struct nfp_ear *ear;
	int ret;

	*ret_ear = NULL;
	if (!filter)
		return 0;
	ear = nfp_calloc(1, sizeof(*ear));
	ear->topology = topology;
	ear->pf = pf;
	ear->heard = nfp_calloc(pf->num_vfs, sizeof(*ear->heard));
	read_counters(pf, &ear->before, &ear->num_before);
	ret = nfp_capture_open(&at, filter, BUFFER, 0, false, &ear->out, err)
		      ?: nfp_capture_turn(ear->out, err)
		      ?: nfp_capture_open(&at, filter, BUFFER, 0, false, &ear->in, err);
	ear->until_ns = nfp_clock_now() + EAR_NS;
	free(filter);
	*ret_ear = ear;
	return ret;
}

void nfp_ear_close(struct nfp_ear *ear)
{
	if (!ear)
		return;
	nfp_capture_close(ear->in);
	nfp_capture_close(ear->out);
	free(ear->before);
	free(ear->heard);
	free(ear);
}

int nfp_ear_listen(struct nfp_ear *ear, bool *ret_heard, struct nfp_err *err)
{
	int ret;

	do {
		struct pollfd fds[] = {{.fd = nfp_capture_fd(ear->in), .events = POLLIN},
				       {.fd = nfp_capture_fd(ear->out), .events = POLLIN}};

		ret = nfp_clock_poll(fds, 2, ear->until_ns);
		if (ret > 0)
			ret = nfp_capture_drain(ear->in, READ_MAX, on_in, ear);
		if (ret >= 0)
			ret = nfp_capture_drain(ear->out, READ_MAX, on_out, ear);
	} while (ret >= 0 && nfp_clock_now() < ear->until_ns);
	for (size_t i = 0; i < ear->pf->num_vfs; i++)
		*ret_heard |= ear->heard[i].in > 0;
	return ret < 0 ? nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				       "cannot listen at %s", ear->pf->info.ifname)
		       : 0;
}

int nfp_ear_wait(void)
{
	return nfp_clock_poll(NULL, 0, nfp_clock_now() + COUNTED_NS);
}

void nfp_ear_judge(struct nfp_ear *ear, struct nfp_heard *heard)
{
	bool shared = shares_port(ear->topology, ear->pf);
	struct nfp_vf_attr *after;
	size_t num_after;

	read_counters(ear->pf, &after, &num_after);
	heard->vfs = nfp_calloc(ear->pf->num_vfs, sizeof(*heard->vfs));
	for (size_t i = 0; i < ear->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &ear->pf->vfs[i];
		const struct nfp_mac *mac = &vf->attr.mac;
		const struct nfp_ear_heard *one = &ear->heard[i];
		bool quiet = !shared && nfp_capture_drops(ear->out) == 0;

		if (!one->in)
			continue;
		heard->vfs[heard->num_vfs++] = (struct nfp_heard_vf) {
			.vf = vf->vf,
			.address = *mac,
			.from_wire = quiet && nfp_ear_is_outside(ear->pf, mac, one, ear->before,
								 ear->num_before, after, num_after),
		};
	}
	free(after);
}
