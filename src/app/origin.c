// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * origin.c - where the frames of a run enter the NIC.
 *
 * Only frames from outside settle every question, so auto first looks for the wire: it lets each
 * netdev that could be a second port on the segment say hello, and takes the one that the PF hears.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* Does @link send through @lower, as a VLAN, macvlan or bridge does? */
static bool stands_on(const struct nfp_topology *topology, const struct nfp_link *link, int lower)
{
	/* Stacks deeper than this do not exist: the kernel allows 8 (MAX_NEST_DEV). */
	for (int depth = 0; link && depth < 8; depth++) {
		if (link->ifindex == lower)
			return true;
		link = link->link ? nfp_topology_ifindex(topology, link->link) : NULL;
	}
	return false;
}

static bool is_vf_of(const struct nfp_pf *pf, const struct nfp_link *link)
{
	return link->physfn[0] && strcmp(link->physfn, pf->info.parentdev) == 0;
}

/* Of the netdevs that are, or are ports of, what @link stands on: the first of each sort. */
struct beneath {
	const struct nfp_link *vf;	   /* of the PF: the NIC's own switch is the way */
	const struct nfp_link *same_port;  /* of the NIC as the PF has */
	const struct nfp_link *maybe_same; /* the kernel does not tell */
};

static struct beneath look_beneath(const struct nfp_topology *topology, const struct nfp_link *link,
				   const struct nfp_pf *pf)
{
	struct beneath beneath = {0};

	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *lower = &topology->links[i];
		enum nfp_port port;

		if (!stands_on(topology, link, lower->ifindex) &&
		    !(lower->master && stands_on(topology, link, lower->master)))
			continue;
		port = nfp_port_shared(topology, pf, lower);
		if (!beneath.vf && is_vf_of(pf, lower))
			beneath.vf = lower;
		if (!beneath.same_port && port == NFP_PORT_SAME)
			beneath.same_port = lower;
		if (!beneath.maybe_same && port == NFP_PORT_UNKNOWN)
			beneath.maybe_same = lower;
	}
	return beneath;
}

static const struct nfp_link *same_address(const struct nfp_topology *topology,
					   const struct nfp_link *link)
{
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *other = &topology->links[i];

		if (other->ifindex != link->ifindex && (other->flags & IFF_UP) &&
		    nfp_mac_equal(&other->address, &link->address) &&
		    !stands_on(topology, other, link->ifindex))
			return other;
	}
	return NULL;
}

int nfp_origin_refuse(const struct nfp_topology *topology, const struct nfp_pf *pf,
		      const struct nfp_link *link, struct nfp_err *err)
{
	const struct nfp_link *twin = same_address(topology, link);
	const struct beneath beneath = look_beneath(topology, link, pf);
	const struct nfp_link *own = nfp_topology_ifindex(topology, pf->info.ifindex);

	if (!(link->flags & IFF_UP) || !link->carrier) {
		nfp_err_set(err, -ENETDOWN, NFP_E_SOURCE_UNUSABLE, "%s cannot send: it is %s",
			    link->ifname, link->flags & IFF_UP ? "without carrier" : "down");
		nfp_err_hint(
			err,
			"ip link set %s up, plug its cable, or name another source with --from",
			link->ifname);
		return -ENETDOWN;
	}
	if (link->master) {
		nfp_err_set(err, -EBUSY, NFP_E_SOURCE_UNUSABLE,
			    "%s has a master (%s) and is not used as a source", link->ifname,
			    link->master_kind);
		nfp_err_hint(err,
			     "frames from one port of a %s make switches learn its address there; "
			     "name another source with --from",
			     link->master_kind);
		return -EBUSY;
	}
	if (stands_on(topology, link, pf->info.ifindex) ||
	    (own && own->master && stands_on(topology, link, own->master)))
		return nfp_err_set(
			err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
			"%s sends through %s itself, so its frames do not come from the wire",
			link->ifname, pf->info.ifname);
	if (beneath.vf)
		return nfp_err_set(
			err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
			"%s sends through %s, a VF of %s, so its frames do not come from the wire",
			link->ifname, beneath.vf->ifname, pf->info.ifname);
	if (twin)
		return nfp_err_set(err, -EADDRINUSE, NFP_E_SOURCE_UNUSABLE,
				   "%s has the same MAC address as %s, which is up: a switch would "
				   "learn the address on the wrong port",
				   link->ifname, twin->ifname);
	if (!beneath.same_port)
		return 0;
	nfp_err_set(err, -EXDEV, NFP_E_SOURCE_UNUSABLE,
		    "%s is on the same port of the NIC as %s, so frames of %s do not come from the "
		    "wire",
		    beneath.same_port->ifname, pf->info.ifname, link->ifname);
	nfp_err_hint(err, "name another source with --from; ip -d link shows the ports: portid, or "
			  "switchid and portname");
	return -EXDEV;
}

int nfp_origin_refuse_inside(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const char *name, const struct nfp_mac *mac, struct nfp_err *err)
{
	char text[NFP_MAC_STRLEN];

	for (size_t i = 0; i < pf->num_vfs && !nfp_mac_is_zero(mac); i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];
		const struct nfp_link *link = vf->ifindex
						      ? nfp_topology_ifindex(topology, vf->ifindex)
						      : NULL;

		/* Set by the host, or as its netdev's own. */
		if (!(vf->attr.have_mac && nfp_mac_equal(&vf->attr.mac, mac)) &&
		    !(link && nfp_mac_equal(&link->address, mac)))
			continue;
		nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
			    "%s has the address of VF %u of %s (%s): its frames would come through "
			    "the NIC's own switch, not from the wire",
			    name, vf->vf, pf->info.ifname, nfp_mac_str(mac, text));
		nfp_err_hint(err, "name one that is not a guest on this NIC");
		return -ENOLINK;
	}
	return 0;
}

size_t nfp_origin_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max)
{
	size_t num = 0;

	for (size_t i = 0; i < topology->num_links && num < max; i++) {
		const struct nfp_link *link = &topology->links[i];

		if (!link->physical || link->ifindex == pf->info.ifindex || is_vf_of(pf, link))
			continue;
		if (nfp_origin_refuse(topology, pf, link, NULL) == 0)
			ret_links[num++] = link;
	}
	return num;
}

static bool is_probed(const struct nfp_result *result, unsigned int vf)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		if (result->vfs[i].vf == vf && result->vfs[i].status == NFP_VF_PROBED)
			return true;
	}
	return false;
}

const struct nfp_vf_info *nfp_origin_sibling(const struct nfp_pf *pf,
					     const struct nfp_result *result)
{
	for (size_t i = pf->num_vfs; i-- > 0;) {
		const struct nfp_vf_info *vf = &pf->vfs[i];

		if (vf->use == NFP_USE_IDLE && vf->ifname[0] && !is_probed(result, vf->vf))
			return vf;
	}
	return NULL;
}

static struct nfp_netdev netdev_of(const struct nfp_link *link)
{
	struct nfp_netdev dev = {.ifindex = link->ifindex, .netns_fd = -1};

	snprintf(dev.ifname, sizeof(dev.ifname), "%s", link->ifname);
	return dev;
}

/* @found: how auto came by it; or "". The note says what its frames show, as far as is known. */
static void take_link(struct nfp_run *run, const struct nfp_link *link, const char *found)
{
	const struct nfp_link *lower = look_beneath(&run->topology, link, run->pf).maybe_same;
	const char *pf = run->pf->info.ifname;
	struct nfp_origin *origin = &run->origin;

	*origin = (struct nfp_origin) {
		.row = &nfp_sources[NFP_BY_NETDEV],
		.sender = netdev_of(link),
		.mac = link->address,
	};
	snprintf(origin->name, sizeof(origin->name), "%s", link->ifname);
	if (lower)
		snprintf(origin->note, sizeof(origin->note),
			 "%s%s and %s are functions of one card, and the kernel does not tell "
			 "whether each has a port of its own: if not, their frames do not come "
			 "from the wire",
			 found, pf, lower->ifname);
	else if (found[0])
		snprintf(origin->note, sizeof(origin->note),
			 "%s%s hears %s, so frames come from outside the NIC", found, pf,
			 link->ifname);
}

struct nfp_netdev nfp_origin_pf(const struct nfp_run *run)
{
	struct nfp_netdev pf = {.ifindex = run->pf->info.ifindex, .netns_fd = -1};

	memcpy(pf.ifname, run->pf->info.ifname, sizeof(pf.ifname));
	return pf;
}

static int take_pf(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	(void)vlan;
	(void)err;
	run->origin = (struct nfp_origin) {
		.row = &nfp_sources[NFP_BY_PF],
		.sender = nfp_origin_pf(run),
		.mac = run->pf->info.address,
		.name = "pf",
	};
	snprintf(run->origin.note, sizeof(run->origin.note), "frames come from the PF itself: %s",
		 run->origin.row->lacks);
	return 0;
}

static int take_sibling(struct nfp_run *run, unsigned int vf, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(run->pf, vf);
	int ret;

	if (!info) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "--from vf:%u: %s has no VF %u",
			    vf, run->pf->info.ifname, vf);
		nfp_err_hint(err, "nfprobe --list %s shows its VFs", run->pf->info.ifname);
		return -ENODEV;
	}
	if (is_probed(run->result, vf))
		return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				   "--from vf:%u: VF %u is probed itself and cannot be the source",
				   vf, vf);
	ret = nfp_vf_refuse(run->pf->info.ifname, info, false, err);
	if (ret < 0)
		return ret;
	run->origin = (struct nfp_origin) {.row = &nfp_sources[NFP_BY_VF]};
	NFP_COUNT_WAITING(run->result);
	ret = nfp_live_source_vf(run->live, vf, &run->origin.sender, &run->origin.mac, err);
	if (ret < 0)
		return ret;
	snprintf(run->origin.name, sizeof(run->origin.name), "vf:%u", vf);
	snprintf(run->origin.note, sizeof(run->origin.note),
		 "frames come from VF %u through the NIC's own switch: %s", vf,
		 run->origin.row->lacks);
	return 0;
}

/* Which of the candidates does the PF hear? -ENOLINK: none. */
static int ask_wire(struct nfp_run *run, const struct nfp_vlan *vlan,
		    const struct nfp_link *const links[], size_t num, struct nfp_err *err)
{
	const struct nfp_netdev pf = nfp_origin_pf(run);
	struct nfp_netdev senders[NFP_CANDIDATES_MAX] = {{.ifindex = 0}};
	struct nfp_mac macs[NFP_CANDIDATES_MAX] = {{{0}}};
	bool heard[NFP_CANDIDATES_MAX] = {false};
	int ret;

	for (size_t i = 0; i < num; i++) {
		senders[i] = netdev_of(links[i]);
		macs[i] = links[i]->address;
	}
	ret = nfp_hello(&run->id, &pf, vlan, senders, macs, num, heard, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < num; i++) {
		if (heard[i])
			return (int)i;
	}
	return -ENOLINK;
}

/* ---- what auto looks for: -ENOLINK where there is none ---- */

static int look_for_netdev(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_topology *topology = &run->topology;
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_origin_candidates(topology, run->pf, links, NFP_CANDIDATES_MAX);
	int ret = num > 0 ? ask_wire(run, vlan, links, num, err) : -ENOLINK;
	struct nfp_err why;

	/* Nothing else is against those on the PF's own port, so people would wonder. */
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];

		if (link->physical && nfp_origin_refuse(topology, run->pf, link, &why) == -EXDEV)
			nfp_run_warn(run, "%s is not asked for frames: %s", link->ifname,
				     why.message);
	}
	if (ret < 0)
		return ret;
	take_link(run, links[ret], "auto: ");
	return 0;
}

/* Only one that has our id is meant. */
static int look_for_peer(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	int ret = run->request->have_id ? nfp_origin_peer(run, vlan, err) : -ENOLINK;

	if (ret == -ENOLINK && run->request->have_id)
		nfp_run_warn(run, "%s", err->message);
	return ret;
}

static int look_for_sibling(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_vf_info *sibling = nfp_origin_sibling(run->pf, run->result);
	int ret;

	(void)vlan;
	if (!sibling)
		return -ENOLINK;
	ret = take_sibling(run, sibling->vf, err);
	if (ret == 0)
		snprintf(run->origin.note, sizeof(run->origin.note),
			 "auto: %s hears no other netdev and no answer to ARP, so frames come from "
			 "VF %u through the NIC's own switch: %s, and the bridge style can hardly "
			 "be "
			 "tested",
			 run->pf->info.ifname, sibling->vf, run->origin.row->lacks);
	return ret;
}

static const struct nfp_vf_info *vf_of_link(const struct nfp_pf *pf, const struct nfp_link *link)
{
	for (size_t i = 0; i < pf->num_vfs; i++) {
		if (pf->vfs[i].ifindex == link->ifindex)
			return &pf->vfs[i];
	}
	return NULL;
}

int nfp_origin_check(const struct nfp_run *run, struct nfp_err *err)
{
	const char *name = run->request->from_ifname;
	const struct nfp_link *link = nfp_topology_link(&run->topology, name);

	if (run->request->from != NFP_FROM_IFACE)
		return 0;
	if (!link) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "--from %s: no such interface",
			    name);
		nfp_err_hint(err, "ip link lists them");
		return -ENODEV;
	}
	if (link->ifindex == run->pf->info.ifindex || vf_of_link(run->pf, link))
		return 0;
	return nfp_origin_refuse(&run->topology, run->pf, link, err);
}

static int find_named(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const char *name = run->request->from_ifname;
	const struct nfp_link *link = nfp_topology_link(&run->topology, name);
	const struct nfp_vf_info *vf;
	int ret = nfp_origin_check(run, err);

	if (ret < 0)
		return ret;
	if (link->ifindex == run->pf->info.ifindex)
		return take_pf(run, vlan, err);
	vf = vf_of_link(run->pf, link);
	if (vf)
		return take_sibling(run, vf->vf, err);
	ret = ask_wire(run, vlan, &link, 1, err);
	if (ret == -ENOLINK) {
		nfp_err_set(err, ret, NFP_E_NO_SOURCE,
			    "%s does not hear %s: a broadcast test frame sent there did not arrive",
			    run->pf->info.ifname, name);
		nfp_err_hint(err,
			     "are both on one segment%s? nfprobe without --from looks for a netdev "
			     "that is heard",
			     vlan->vid ? ", and is the VLAN allowed on both switch ports" : "");
	}
	if (ret < 0)
		return ret;
	take_link(run, link, "");
	return 0;
}

static int find_sibling(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	(void)vlan;
	return take_sibling(run, run->request->from_vf, err);
}

/* ---- the sources of the table, started ---- */

typedef int (*start_fn)(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err);

/* What --from names. */
static const start_fn named[] = {
	[NFP_FROM_IFACE] = find_named,	 [NFP_FROM_PEER] = nfp_origin_peer,
	[NFP_FROM_ARP] = nfp_origin_arp, [NFP_FROM_VF] = find_sibling,
	[NFP_FROM_PF] = take_pf,
};

/* What auto looks for, in the order of the table of sources; NULL: it has to be named. */
static const start_fn looked_for[NFP_BY_COUNT] = {
	[NFP_BY_NETDEV] = look_for_netdev,
	[NFP_BY_PEER] = look_for_peer,
	[NFP_BY_ARP] = nfp_origin_arp_look,
	[NFP_BY_VF] = look_for_sibling,
};

static int find_auto(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const char *ifname = run->pf->info.ifname;
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t asked;

	for (enum nfp_source_id id = 0; id < NFP_BY_COUNT; id++) {
		int ret = looked_for[id] ? looked_for[id](run, vlan, err) : -ENOLINK;

		if (ret != -ENOLINK)
			return ret;
	}
	asked = nfp_origin_candidates(&run->topology, run->pf, links, NFP_CANDIDATES_MAX);
	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "there is no source of test frames for %s: %zu other netdev%s asked and not "
		    "heard, no known neighbour answers ARP probes, and no idle sibling VF has a "
		    "host driver",
		    ifname, asked, asked == 1 ? " was" : "s were");
	nfp_err_hint(err,
		     "name a neighbour on its segment with --from arp:IP, run nfprobe --reflect on "
		     "another host there, or connect a second port of this host to the segment of "
		     "%s",
		     ifname);
	return -ENOLINK;
}

int nfp_origin_find(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	enum nfp_from from = run->request->from;
	int ret = (from == NFP_FROM_AUTO ? find_auto : named[from])(run, vlan, err);

	run->have_origin = ret == 0;
	return ret;
}
