// SPDX-License-Identifier: GPL-2.0-or-later
/* watch_find.c - finds the guest that --watch is about, its VF, and the netdevs of its way. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/steps.h"
#include "watch.h"

/* ---- the guest ---- */

static bool is_named(const struct nfp_facts *facts, const struct nfp_guest_tap *tap,
		     const struct nfp_link *link, const char *name)
{
	const struct nfp_facts_guest *guest = nfp_facts_guest_of(facts, tap->pid);
	unsigned int pid;

	return (nfp_value_uint(name, 1, INT32_MAX, &pid) == 0 && (int)pid == tap->pid) ||
	       (guest && guest->name[0] && strcmp(guest->name, name) == 0) ||
	       (link && strcmp(link->ifname, name) == 0);
}

static const struct nfp_link *link_of(const struct nfp_facts *facts,
				      const struct nfp_guest_tap *tap)
{
	const struct nfp_netns *netns = &facts->netns[tap->netns];

	nfp_for_each (link, netns->links, tap->in_netns ? netns->num_links : 0)
		if (tap->ifname[0] ? strcmp(link->ifname, tap->ifname) == 0
				   : link->ifindex == tap->ifindex)
			return link;
	return NULL;
}

/* Has libvirt made the tap for this address? It gives the tap fe and the rest. */
static bool is_taps(const struct nfp_link *link, const struct nfp_mac *mac)
{
	return link->address.b[0] == 0xfe &&
	       memcmp(link->address.b + 1, mac->b + 1, NFP_MAC_LEN - 1) == 0;
}

/*
 * Finds the VF that has the address of the tap's guest, and that address. One of the same process
 * counts where no address says otherwise.
 */
static void find_pair(const struct nfp_facts *facts, const struct nfp_guest_tap *tap,
		      const struct nfp_link *link, struct nfp_watched_way *watch,
		      const struct nfp_pf **ret_pf)
{
	const struct nfp_vf_info *found = NULL;
	size_t num = 0;

	*ret_pf = NULL;
	watch->guest = tap->mac;
	if (nfp_mac_is_zero(&watch->guest) && tap->ifindex)
		watch->guest = link->address;
	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs)
		nfp_for_each (vf, pf->vfs, pf->num_vfs) {
			bool same = nfp_mac_is_zero(&watch->guest)
					    ? is_taps(link, &vf->attr.mac)
					    : nfp_mac_equal(&watch->guest, &vf->attr.mac);

			same = same && !nfp_mac_is_zero(&vf->attr.mac);
			if ((vf->user_pid != tap->pid && !same) || (num && !same))
				continue;
			num += same;
			found = vf;
			*ret_pf = pf;
		}
	if (!found)
		return;
	if (nfp_mac_is_zero(&watch->guest) && num)
		watch->guest = found->attr.mac;
	watch->has_vf = true;
	watch->vf.vf = found->vf;
	memcpy(watch->vf.pf, (*ret_pf)->info.ifname, sizeof(watch->vf.pf));
	watch->vf.in_use = !found->at_rest &&
			   (found->use == NFP_USE_VFIO || found->use == NFP_USE_NAMESPACE ||
			    found->use == NFP_USE_NETDEV);
}

/*
 * Finds the address where neither a VF nor QEMU's arguments have it: a bridge has learned it at the
 * tap; or it is one of QEMU's own, of whose first byte libvirt's tap has made fe.
 */
static void find_address(const struct nfp_netns *netns, const struct nfp_link *link,
			 struct nfp_mac *mac)
{
	static const uint8_t qemu[] = {0xfe, 0x54, 0x00};

	if (!nfp_mac_is_zero(mac))
		return;
	nfp_for_each (entry, netns->entries, netns->num_entries)
		if (entry->family == AF_BRIDGE && entry->ifindex == link->ifindex &&
		    entry->master && entry->have_mac && !nfp_mac_is_multicast(&entry->mac) &&
		    !nfp_mac_equal(&entry->mac, &link->address))
			*mac = entry->mac;
	if (nfp_mac_is_zero(mac) && memcmp(link->address.b, qemu, sizeof(qemu)) == 0) {
		*mac = link->address;
		mac->b[0] = 0x52;
	}
}

/* ---- the netdevs ---- */

/* Opens the namespace, if it is still the same. -1: our own; or -errno. */
static int open_netns(const struct nfp_facts *facts, const struct nfp_netns *netns)
{
	char path[512];
	struct stat st;
	int fd;

	if (netns == facts->netns)
		return -1;
	if (netns->ip_name[0])
		snprintf(path, sizeof(path), "/run/netns/%s", netns->ip_name);
	else
		snprintf(path, sizeof(path), "/proc/%d/ns/net", netns->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != netns->inode)) {
		close(fd);
		return -ESTALE;
	}
	return fd < 0 ? -errno : fd;
}

static void add_place(struct nfp_watch_found *found, const struct nfp_facts *facts,
		      const struct nfp_step_at *step, const struct nfp_mac *guest)
{
	struct nfp_watch_place *place = nfp_grow(found->places, found->num);
	int fd = open_netns(facts, step->at.netns);

	*place = (struct nfp_watch_place) {
		.listen = {.netdev = {.ifindex = step->at.link->ifindex, .netns_fd = fd},
			   .inward = step->inward,
			   .guest = *guest,
			   .has_vid = step->has_vid && !step->any_vlan,
			   .vid = step->vid},
		.any_vlan = step->any_vlan,
	};
	memcpy(place->listen.netdev.ifname, step->at.link->ifname, NFP_IFNAMSIZ);
	memcpy(place->netns, step->at.netns->name, sizeof(place->netns));
	if (step->bridge)
		memcpy(place->bridge, step->bridge->ifname, NFP_IFNAMSIZ);
	if (fd < -1)
		nfp_appendf(place->why, sizeof(place->why), "its network namespace: %s",
			    strerrordesc_np(-fd));
}

/*
 * Adds the netdevs of the way. The NIC is in the VLAN of the guest's VF, whatever the way makes of
 * it, and stands at the end even if the way does not lead there.
 */
static void add_places(struct nfp_watch_found *found, const struct nfp_facts *facts,
		       struct nfp_steps *steps, const struct nfp_pf *pf,
		       const struct nfp_watched_way *watch)
{
	const struct nfp_topology *topology = &facts->topology;
	const struct nfp_vf_info *vf = pf ? nfp_pf_vf(pf, watch->vf.vf) : NULL;
	const struct nfp_link *nic = pf ? nfp_topology_ifindex(topology, pf->info.ifindex) : NULL;
	struct nfp_step_at *last = &steps->v[steps->n - 1];

	if (nic && last->at.link != nic && steps->n < NFP_STEPS_MAX) {
		last = &steps->v[steps->n++];
		*last = (struct nfp_step_at) {
			.at = {facts->netns, nic},
			.bridge = nfp_topology_ifindex(topology, nic->master),
			.has_vid = true,
		};
	}
	if (nic && (vf->attr.vlan.vid || last->has_vid)) {
		last->has_vid = true;
		last->vid = vf->attr.vlan.vid;
		last->any_vlan = !vf->attr.have_mac;
		/* A frame of that VLAN has lost its tag when the guest gets it. */
		steps->v[0].has_vid = true;
	}
	for (size_t i = 0; i < steps->n; i++)
		add_place(found, facts, &steps->v[i], &watch->guest);
}

static const struct nfp_guest_tap *find_tap(const struct nfp_facts *facts, const char *name,
					    struct nfp_strv *names)
{
	const struct nfp_guest_tap *found = NULL;

	nfp_for_each (tap, facts->taps, facts->num_taps) {
		const struct nfp_link *link = link_of(facts, tap);

		if (!link || !is_named(facts, tap, link, name))
			continue;
		nfp_strv_addf(names, "%s", link->ifname);
		found = tap;
	}
	return found;
}

int nfp_watch_find(const struct nfp_facts *facts, const char *name, struct nfp_watched_way *watch,
		   struct nfp_watch_found *ret_found, struct nfp_err *err)
{
	struct nfp_strv names = {.n = 0};
	const struct nfp_guest_tap *tap = find_tap(facts, name, &names);
	const struct nfp_link *link = tap ? link_of(facts, tap) : NULL;
	const struct nfp_pf *pf = NULL;
	struct nfp_walker *walker;
	struct nfp_index *index;
	struct nfp_steps steps;
	int ret = 0;

	*ret_found = (struct nfp_watch_found) {.pf = -1};
	if (!tap) {
		ret = nfp_err_set(err, -ENOENT, NFP_E_NO_INTERFACE,
				  "no guest %s was seen, and no tap or macvtap of that name that "
				  "a process has open",
				  name);
		nfp_err_hint(err, "%s%s%sName a guest, the number of its process, or its tap.",
			     watch->unseen.n ? "Not seen: " : "",
			     watch->unseen.n ? watch->unseen.v[0] : "",
			     watch->unseen.n ? ". " : "");
	} else if (names.n > 1) {
		ret = nfp_err_set(err, -EINVAL, NFP_E_USAGE,
				  "%s has several taps: name one, such as %s", name, names.v[0]);
	}
	nfp_strv_fini(&names);
	if (ret < 0)
		return ret;
	find_pair(facts, tap, link, watch, &pf);
	find_address(&facts->netns[tap->netns], link, &watch->guest);
	if (nfp_mac_is_zero(&watch->guest)) {
		ret = nfp_err_set(err, -ENODATA, NFP_E_UNSUPPORTED,
				  "the address of the guest behind %s is not known", link->ifname);
		nfp_err_hint(err, "Let the guest send something by it, or run nfprobe as root.");
		return ret;
	}
	index = nfp_index_new(facts);
	walker = nfp_walker_new(index, pf);
	nfp_steps_find(walker, &(struct nfp_placed) {&facts->netns[tap->netns], link}, &steps);
	ret_found->pf = pf ? pf->info.ifindex : -1;
	if (steps.is_cut)
		ret = nfp_err_set(err, -E2BIG, NFP_E_UNSUPPORTED,
				  "more than %u netdevs are between %s and the wire", NFP_STEPS_MAX,
				  link->ifname);
	else
		add_places(ret_found, facts, &steps, pf, watch);
	nfp_walker_free(walker);
	nfp_index_free(index);
	return ret;
}

void nfp_watch_found_fini(struct nfp_watch_found *found)
{
	for (size_t i = 0; i < found->num; i++)
		if (found->places[i].listen.netdev.netns_fd >= 0)
			close(found->places[i].listen.netdev.netns_fd);
	free(found->places);
	*found = (struct nfp_watch_found) {.pf = -1};
}
