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

static bool sends_through(const struct nfp_topology *topology, const struct nfp_link *link,
			  const struct nfp_pf *pf)
{
	const struct nfp_link *own = nfp_topology_ifindex(topology, pf->info.ifindex);

	return stands_on(topology, link, pf->info.ifindex) ||
	       (own && own->master && stands_on(topology, link, own->master));
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
	if (sends_through(topology, link, pf))
		return nfp_err_set(
			err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
			"%s sends through %s itself, so its frames do not come from the wire",
			link->ifname, pf->info.ifname);
	if (twin)
		return nfp_err_set(err, -EADDRINUSE, NFP_E_SOURCE_UNUSABLE,
				   "%s has the same MAC address as %s, which is up: a switch would "
				   "learn the address on the wrong port",
				   link->ifname, twin->ifname);
	return 0;
}

size_t nfp_origin_candidates(const struct nfp_topology *topology, const struct nfp_pf *pf,
			     const struct nfp_link *ret_links[], size_t max)
{
	size_t num = 0;

	for (size_t i = 0; i < topology->num_links && num < max; i++) {
		const struct nfp_link *link = &topology->links[i];

		if (!link->physical || link->ifindex == pf->info.ifindex ||
		    strcmp(link->physfn, pf->info.parentdev) == 0)
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

static void take_link(struct nfp_origin *origin, const struct nfp_link *link)
{
	*origin = (struct nfp_origin) {
		.row = &nfp_sources[NFP_BY_NETDEV],
		.sender = netdev_of(link),
		.mac = link->address,
		.tags = true,
	};
	snprintf(origin->name, sizeof(origin->name), "%s", link->ifname);
}

static int take_pf(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_link *link = nfp_topology_ifindex(&run->topology, run->pf->info.ifindex);

	if (!link)
		return nfp_err_set(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone",
				   run->pf->info.ifname);
	take_link(&run->origin, link);
	run->origin.row = &nfp_sources[NFP_BY_PF];
	snprintf(run->origin.name, sizeof(run->origin.name), "pf");
	snprintf(run->origin.note, sizeof(run->origin.note),
		 "frames come from the PF itself: what the wire would do is not shown");
	return 0;
}

static int take_sibling(struct nfp_run *run, unsigned int vf, struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(run->pf, vf);
	int ret;

	if (!info)
		return nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE,
				   "--from vf:%u: %s has no VF %u", vf, run->pf->info.ifname, vf);
	if (is_probed(run->result, vf))
		return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				   "--from vf:%u: VF %u is probed itself and cannot be the source",
				   vf, vf);
	ret = nfp_vf_refuse(run->pf, info, false, err);
	if (ret < 0)
		return ret;
	run->origin = (struct nfp_origin) {.row = &nfp_sources[NFP_BY_VF]};
	ret = nfp_live_source_vf(run->live, vf, &run->origin.sender, &run->origin.mac, err);
	if (ret < 0)
		return ret;
	snprintf(run->origin.name, sizeof(run->origin.name), "vf:%u", vf);
	snprintf(run->origin.note, sizeof(run->origin.note),
		 "frames come from VF %u through the NIC's own switch: what the wire would do is "
		 "not shown",
		 vf);
	return 0;
}

/* Which of the candidates does the PF hear? -1: none. */
static int ask_wire(struct nfp_run *run, const struct nfp_vlan *vlan,
		    const struct nfp_link *const links[], size_t num, struct nfp_err *err)
{
	struct nfp_netdev pf = {.ifindex = run->pf->info.ifindex, .netns_fd = -1};
	struct nfp_netdev senders[NFP_CANDIDATES_MAX];
	struct nfp_mac macs[NFP_CANDIDATES_MAX];
	bool heard[NFP_CANDIDATES_MAX] = {false};
	int ret;

	snprintf(pf.ifname, sizeof(pf.ifname), "%s", run->pf->info.ifname);
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

static int no_source(const struct nfp_run *run, size_t asked, struct nfp_err *err)
{
	const char *ifname = run->pf->info.ifname;

	nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
		    "there is no source of test frames for %s: %zu other netdev%s asked and not "
		    "heard, and no idle sibling VF with a host driver",
		    ifname, asked, asked == 1 ? " was" : "s were");
	nfp_err_hint(err,
		     "connect a second port of this host to the segment of %s, or create one more "
		     "VF; --from IFACE names a source",
		     ifname);
	return -ENOLINK;
}

static int find_auto(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_origin_candidates(&run->topology, run->pf, links, NFP_CANDIDATES_MAX);
	const struct nfp_vf_info *sibling;
	int ret = num > 0 ? ask_wire(run, vlan, links, num, err) : -ENOLINK;

	if (ret >= 0) {
		take_link(&run->origin, links[ret]);
		snprintf(run->origin.note, sizeof(run->origin.note),
			 "auto: %s hears %s, so frames come from outside the NIC",
			 run->pf->info.ifname, links[ret]->ifname);
		return 0;
	}
	if (ret == -ENOLINK && run->request->have_id) {
		ret = nfp_origin_peer(run, vlan, err);
		if (ret == -ENOLINK)
			nfp_run_warn(run, "%s", err->message);
	}
	if (ret != -ENOLINK)
		return ret;
	sibling = nfp_origin_sibling(run->pf, run->result);
	if (!sibling)
		return no_source(run, num, err);
	ret = take_sibling(run, sibling->vf, err);
	if (ret == 0)
		snprintf(run->origin.note, sizeof(run->origin.note),
			 "auto: %s hears no other netdev of this host, so frames come from VF %u "
			 "through the NIC's own switch: what the wire would do is not shown, and "
			 "the bridge style can hardly be tested",
			 run->pf->info.ifname, sibling->vf);
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

static int find_named(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const char *name = run->request->from_ifname;
	const struct nfp_link *link = nfp_topology_link(&run->topology, name);
	const struct nfp_vf_info *vf;
	int ret;

	if (!link)
		return nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE,
				   "--from %s: no such interface", name);
	if (link->ifindex == run->pf->info.ifindex)
		return take_pf(run, err);
	vf = vf_of_link(run->pf, link);
	if (vf)
		return take_sibling(run, vf->vf, err);
	ret = nfp_origin_refuse(&run->topology, run->pf, link, err);
	if (ret < 0)
		return ret;
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
	take_link(&run->origin, link);
	return 0;
}

int nfp_origin_find(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	int ret;

	switch (run->request->from) {
	case NFP_FROM_IFACE:
		ret = find_named(run, vlan, err);
		break;
	case NFP_FROM_VF:
		ret = take_sibling(run, run->request->from_vf, err);
		break;
	case NFP_FROM_PF:
		ret = take_pf(run, err);
		break;
	case NFP_FROM_PEER:
		ret = nfp_origin_peer(run, vlan, err);
		break;
	case NFP_FROM_AUTO:
	default:
		ret = find_auto(run, vlan, err);
		break;
	}
	run->have_origin = ret == 0;
	return ret;
}
