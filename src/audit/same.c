// SPDX-License-Identifier: GPL-2.0-or-later
/* same.c - two functions of one PF that have one address. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "audit_priv.h"

/* A function that has an address: the PF's driver says so, or its netdev has it. */
struct holding {
	const struct nfp_vf_info *vf; /* NULL: the PF */
	const struct nfp_mac *mac;
	const struct nfp_netns *netns;
	const struct nfp_link *link; /* NULL: none has this address */
};

struct holdings {
	const struct nfp_paths *paths;
	struct holding *v;
	size_t n;
};

static void add_holding(struct holdings *h, struct holding holding)
{
	if (nfp_mac_is_nobodys(holding.mac))
		return;
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i].vf != holding.vf || !nfp_mac_equal(h->v[i].mac, holding.mac))
			continue;
		if (!h->v[i].link) {
			h->v[i].link = holding.link;
			h->v[i].netns = holding.netns;
		}
		return;
	}
	*nfp_grow(h->v, h->n) = holding;
}

static void add_netdevs(struct holdings *h)
{
	nfp_for_each (vf, h->paths->pf->vfs, h->paths->pf->num_vfs) {
		const struct nfp_netdevs of = nfp_netdevs_of(h->paths->index, vf->parentdev);

		nfp_for_each (has, of.v, vf->trace == NFP_TRACE_PROBED ? 0 : of.n)
			add_holding(h, (struct holding) {vf, &has->link->address, has->netns,
							 has->link});
	}
}

/* The members of a bond or a team have one address, and the master ensures that one receives. */
static bool are_stacked(const struct holding *a, const struct holding *b)
{
	const char *kind = a->link ? a->link->master_kind : "";

	return a->link && b->link && a->netns == b->netns && a->link->master &&
	       a->link->master == b->link->master &&
	       (strcmp(kind, "bond") == 0 || strcmp(kind, "team") == 0);
}

/* Does the process also have the function: itself, or by a macvtap on its netdev? */
static bool is_held_by(const struct holdings *h, const struct holding *a, int pid)
{
	const struct nfp_netns *netns = NULL;
	const struct nfp_link *own = a->vf ? nfp_vf_netdev(h->paths->index, a->vf, NULL, &netns)
					   : NULL;

	if (a->vf && a->vf->user_pid == pid)
		return true;
	for (size_t i = 0; own && i < netns->num_links; i++) {
		const struct nfp_link *link = &netns->links[i];

		if (strcmp(link->kind, "macvtap") == 0 && link->link == own->ifindex &&
		    nfp_process_has(h->paths->index, pid, netns, link))
			return true;
	}
	return false;
}

/* A guest that has both has a pair: its VF, and its standby on another. */
static bool have_one_holder(const struct holdings *h, const struct holding *a,
			    const struct holding *b)
{
	int one = a->vf ? a->vf->user_pid : 0;
	int two = b->vf ? b->vf->user_pid : 0;

	return (one && is_held_by(h, b, one)) || (two && is_held_by(h, a, two));
}

/* Does a netdev on the function take frames of the VLAN? */
static bool takes_vlan(const struct holding *a, unsigned int vlan)
{
	for (size_t i = 0; a->link && i < a->netns->num_links; i++) {
		const struct nfp_link *link = &a->netns->links[i];

		if (strcmp(link->kind, "vlan") == 0 && link->vlan_id == vlan &&
		    (link->link == a->link->ifindex ||
		     (a->link->master && link->link == a->link->master)))
			return true;
	}
	return false;
}

static bool share_vlan(const struct holding *a, const struct holding *b)
{
	unsigned int one = a->vf ? a->vf->attr.vlan.vid : 0;
	unsigned int two = b->vf ? b->vf->attr.vlan.vid : 0;

	return one == two || (!one && takes_vlan(a, two)) || (!two && takes_vlan(b, one));
}

/* Returns the VF that should give it up: one that was left if there is one, else the last. */
static const struct nfp_vf_info *pick(const struct nfp_paths *paths, const struct holding *a,
				      const struct holding *b)
{
	if (!a->vf || !b->vf)
		return a->vf ? a->vf : b->vf;
	return nfp_vf_is_left(paths, a->vf) && !nfp_vf_is_left(paths, b->vf) ? a->vf : b->vf;
}

static void report_same(const struct holdings *h, const struct holding *a, const struct holding *b,
			struct nfp_audit *audit)
{
	struct nfp_finding *f = nfp_finding_add(audit, NFP_FINDING_SAME_ADDRESS, h->paths->pf);
	const struct nfp_vf_info *gives = pick(h->paths, a, b);
	bool left = nfp_vf_is_left(h->paths, gives);
	char one[NFP_NOTE_LEN], two[NFP_NOTE_LEN];

	nfp_finding_name(f, h->paths, a->vf);
	nfp_finding_name(f, h->paths, b->vf);
	f->address = *a->mac;
	f->vlan = a->vf ? a->vf->attr.vlan.vid : b->vf->attr.vlan.vid;
	snprintf(f->what, sizeof(f->what), "%.120s and %.120s have the address %s",
		 nfp_named_text(&f->functions[0], one, sizeof(one)),
		 nfp_named_text(&f->functions[1], two, sizeof(two)), nfp_mac_str(a->mac).text);
	/* A guest may give its VF an address that is another's. */
	snprintf(f->why, sizeof(f->why),
		 "frames for it reach one of them, or both: connections break, or stay silent%s",
		 left ? "" : "; both are in use, and either may have taken it from the other");
	if (left)
		nfp_fix_vf(h->paths, gives, a->mac, f);
}

static bool collide(const struct holdings *h, const struct holding *a, const struct holding *b)
{
	return a->vf != b->vf && share_vlan(a, b) && !are_stacked(a, b) &&
	       !have_one_holder(h, a, b);
}

/* More than two are usually VFs with an address that reserves a guest's place. */
static void report_many(const struct holdings *h, const struct holding *const *who, size_t num,
			struct nfp_audit *audit)
{
	struct nfp_finding *f = nfp_finding_add(audit, NFP_FINDING_SAME_ADDRESS, h->paths->pf);
	size_t keeps = 0, given = 0;

	f->address = *who[0]->mac;
	f->vlan = who[num - 1]->vf->attr.vlan.vid;
	/* The PF comes first. A netdev in use keeps the address, and one that is left
	 * gives it up. */
	while (keeps < num && who[keeps]->vf && nfp_vf_is_left(h->paths, who[keeps]->vf))
		keeps++;
	keeps = keeps < num ? keeps : 0;
	nfp_appendf(f->what, sizeof(f->what), "%zu functions have the address %s:", num,
		    nfp_mac_str(who[0]->mac).text);
	for (size_t i = 0; i < num; i++) {
		nfp_finding_name(f, h->paths, who[i]->vf);
		if (who[i]->vf)
			nfp_appendf(f->what, sizeof(f->what), "%s VF %u", i ? "," : "",
				    who[i]->vf->vf);
		else
			nfp_appendf(f->what, sizeof(f->what), " the PF");
		if (i != keeps && who[i]->vf && nfp_vf_is_left(h->paths, who[i]->vf) &&
		    given++ < COMMANDS_MAX)
			nfp_fix_vf(h->paths, who[i]->vf, who[i]->mac, f);
	}
	snprintf(f->why, sizeof(f->why),
		 "frames for it reach one of them, or several: connections break, or stay silent");
	if (given)
		snprintf(f->after, sizeof(f->after),
			 "no guest is about to get one of these VFs with this address");
}

/* An address that reserves a guest's place takes nothing from anybody. */
static bool are_spare(const struct holdings *h, const struct holding *const *who, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (!who[i]->vf || !nfp_vf_is_spare(h->paths, who[i]->vf))
			return false;
	return true;
}

/* Each function with an address is reported once, with everything that it collides with. */
static void judge_holdings(const struct holdings *h, struct nfp_audit *audit)
{
	const struct holding **who = nfp_calloc(h->n + 1, sizeof(*who));
	bool *told = nfp_calloc(h->n + 1, sizeof(*told));

	for (size_t i = 0; i < h->n; i++) {
		size_t num = 0;

		for (size_t k = 0; k < h->n && !told[i]; k++)
			if (k == i || (nfp_mac_equal(h->v[i].mac, h->v[k].mac) &&
				       collide(h, &h->v[MIN(i, k)], &h->v[MAX(i, k)])))
				who[num++] = &h->v[k];
		for (size_t k = 0; k < num && num > 1; k++)
			told[who[k] - h->v] = true;
		if (are_spare(h, who, num))
			continue;
		if (num == 2)
			report_same(h, who[0], who[1], audit);
		else if (num > 2)
			report_many(h, who, num, audit);
	}
	free(who);
	free(told);
}

/* ---- a VF in use, and a port of a bridge ---- */

static bool is_used(const struct nfp_vf_info *vf)
{
	return vf->use != NFP_USE_IDLE && vf->use != NFP_USE_UNKNOWN && vf->use != NFP_USE_RESERVED;
}

/* Adds the finding that the VF has an address. The caller says who has it, too. */
static struct nfp_finding *add_shared(const struct holdings *h, const struct holding *a,
				      struct nfp_audit *audit)
{
	struct nfp_finding *f = nfp_finding_add(audit, NFP_FINDING_SAME_ADDRESS, h->paths->pf);
	char name[NFP_NOTE_LEN];

	nfp_finding_name(f, h->paths, a->vf);
	f->address = *a->mac;
	f->vlan = a->vf->attr.vlan.vid;
	snprintf(f->what, sizeof(f->what), "%.120s has the address %s",
		 nfp_named_text(f->functions, name, sizeof(name)), nfp_mac_str(a->mac).text);
	return f;
}

static void find_learned_elsewhere(const struct holdings *h, const struct holding *a,
				   const struct nfp_neigh *entry, struct nfp_audit *audit)
{
	const struct nfp_netns *own = h->paths->facts->netns;
	struct nfp_learned l;
	struct nfp_finding *f;

	/* The guest that holds the VF, or is to get it, also has the tap: its standby. */
	if (!a->vf || !is_used(a->vf) || !nfp_learned_find(h->paths, entry, &l) || l.inner ||
	    l.at_pf || l.at_vf || !l.port || l.vlan != a->vf->attr.vlan.vid ||
	    nfp_process_is_behind(h->paths, a->vf->user_pid, own, l.port))
		return;
	f = add_shared(h, a, audit);
	nfp_appendf(f->what, sizeof(f->what), ", which is also behind %s of %s", l.port->ifname,
		    l.bridge->ifname);
	snprintf(f->why, sizeof(f->why),
		 "frames for it reach the VF, and whoever is behind %s stays silent",
		 l.port->ifname);
	if (nfp_vf_is_left(h->paths, a->vf))
		nfp_fix_vf(h->paths, a->vf, a->mac, f);
}

/* ---- a VF in use, and a netdev on the PF ---- */

/* Returns whether this host has a bridge or a VLAN netdev with that address. A bridge has that of a
 * port by nature, and what is on the PF has the PF's, which is a finding of its own. */
static bool is_hosts_own(const struct holdings *h, const struct nfp_placed *on)
{
	const struct nfp_link *link = on->link;

	if (on->netns != h->paths->facts->netns ||
	    (strcmp(link->kind, "bridge") != 0 && strcmp(link->kind, "vlan") != 0) ||
	    nfp_mac_equal(&link->address, &h->paths->pf->info.address))
		return false;
	nfp_for_each (port, on->netns->links, on->netns->num_links)
		if (port->master == link->ifindex && nfp_mac_equal(&port->address, &link->address))
			return false;
	return true;
}

/* The PF's filter has the addresses of everything on it. A macvlan where the VF's netdev is, is
 * stacked with it, and a macvtap that nobody has open is a finding of its own. */
static bool is_of_another(const struct holdings *h, const struct holding *a,
			  const struct nfp_placed *on)
{
	const struct nfp_netns *netns = NULL;
	bool is_tap = strcmp(on->link->kind, "macvtap") == 0;
	struct nfp_path path;

	if ((!is_tap && strcmp(on->link->kind, "macvlan") != 0 && !is_hosts_own(h, on)) ||
	    !(on->link->flags & IFF_UP) || !nfp_path_find(h->paths, on->netns, on->link, &path) ||
	    path.vf || path.by_switch || path.vlans[0] != a->vf->attr.vlan.vid)
		return false;
	if (is_tap && !nfp_tap_may_be_open(h->paths->index, on->netns, on->link))
		return false;
	return !nfp_process_has(h->paths->index, a->vf->user_pid, on->netns, on->link) &&
	       !(nfp_vf_netdev(h->paths->index, a->vf, NULL, &netns) && netns == on->netns);
}

static void find_on_pf(const struct holdings *h, const struct holding *a, struct nfp_audit *audit)
{
	const struct nfp_netdevs with = nfp_netdevs_with(h->paths->index, a->mac);
	struct nfp_finding *f;

	nfp_for_each (on, with.v, a->vf && is_used(a->vf) ? with.n : 0) {
		if (!is_of_another(h, a, on))
			continue;
		f = add_shared(h, a, audit);
		nfp_appendf(f->what, sizeof(f->what), ", which %s%s%.80s on %s has, too",
			    on->link->ifname, on->netns->name[0] ? " in " : "", on->netns->name,
			    h->paths->pf->info.ifname);
		snprintf(f->why, sizeof(f->why),
			 "the NIC gives frames for it to one of them, or to both: connections "
			 "break, or stay silent; both are in use, and either may have taken it "
			 "from the other");
		return;
	}
}

/* ---- a VF in use, and a guest of Open vSwitch ---- */

const struct nfp_placed *nfp_tap_in_switch(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	const struct nfp_placed *tap = nfp_tap_of(paths->index, mac);
	const struct nfp_link *master =
		tap ? nfp_index_link(paths->index, tap->netns, tap->link->master) : NULL;
	struct nfp_path path;

	return master && nfp_tap_may_be_open(paths->index, tap->netns, tap->link) &&
			       nfp_path_find(paths, tap->netns, master, &path) && !path.vf &&
			       (path.by_switch || strcmp(master->kind, "openvswitch") == 0)
		       ? tap
		       : NULL;
}

static void find_in_switch(const struct holdings *h, const struct holding *a,
			   struct nfp_audit *audit)
{
	const struct nfp_placed *tap = nfp_tap_in_switch(h->paths, a->mac);
	struct nfp_finding *f;

	if (!tap || !a->vf || !is_used(a->vf) ||
	    nfp_process_has(h->paths->index, a->vf->user_pid, tap->netns, tap->link))
		return;
	f = add_shared(h, a, audit);
	f->remark = true;
	f->vlan = 0;
	nfp_appendf(f->what, sizeof(f->what), ", and so has the guest of %s, behind Open vSwitch",
		    tap->link->ifname);
	snprintf(
		f->why, sizeof(f->why),
		"if both are in one VLAN, which only the tables of Open vSwitch say, frames for it "
		"reach the VF, and that guest stays silent");
}

void nfp_find_same(const struct nfp_paths *paths, bool is_legacy, struct nfp_audit *audit)
{
	const struct nfp_netns *own = paths->facts->netns;
	const struct nfp_pf *pf = paths->pf;
	struct holdings h = {.paths = paths};

	nfp_for_each (link, own->links, own->num_links)
		if (link->ifindex == pf->info.ifindex)
			add_holding(&h, (struct holding) {NULL, &pf->info.address, own, link});
	nfp_for_each (vf, pf->vfs, pf->num_vfs) /* a run shares its address on purpose */
		if (vf->trace != NFP_TRACE_PROBED)
			add_holding(&h, (struct holding) {vf, &vf->attr.mac, NULL, NULL});
	add_netdevs(&h);
	judge_holdings(&h, audit);
	for (size_t i = 0; i < h.n && is_legacy; i++) {
		const struct nfp_entries of = nfp_own_entries_of(paths->index, h.v[i].mac);

		nfp_for_each (e, of.v, of.n)
			find_learned_elsewhere(&h, &h.v[i], e->entry, audit);
		find_on_pf(&h, &h.v[i], audit);
		find_in_switch(&h, &h.v[i], audit);
	}
	free(h.v);
}
