// SPDX-License-Identifier: GPL-2.0-or-later
/* roles.c - which netdev has which role in a run, in the order in which the roles are given. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verdict/verdict.h"
#include "candidate.h"

/* ---- which VFs can be had ---- */

/* Returns the VF of this PF that --from names by its number or netdev; NULL: none. */
static const struct nfp_vf_info *named_sender(const struct nfp_roles_input *c)
{
	const struct nfp_from *from = &c->request->from;

	nfp_for_each (vf, c->pf->vfs, c->pf->num_vfs) {
		if ((from->kind == NFP_FROM_VF && vf->vf == from->vf) ||
		    (from->kind == NFP_FROM_IFACE && strcmp(vf->ifname, from->ifname) == 0))
			return vf;
	}
	return NULL;
}

static bool is_probed(const struct nfp_roles *roles, unsigned int vf)
{
	return roles->have_vf && roles->number == vf && roles->status == NFP_VF_PROBED;
}

/* True if the VF is idle, with a driver of this host, and not under test. */
static bool is_spare(const struct nfp_roles *roles, const struct nfp_vf_info *vf)
{
	return vf->use == NFP_USE_IDLE && vf->ifname[0] && !is_probed(roles, vf->vf);
}

static bool is_sender(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		      const struct nfp_vf_info *vf)
{
	return vf == roles->sender || vf == named_sender(c);
}

typedef bool suits_fn(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		      const struct nfp_vf_info *vf);

/* Returns the first VF that suits: one that loses no setting by being taken comes before others,
 * and among these one that is down. @last: returns the last of the best. NULL: none suits. */
static const struct nfp_vf_info *best_vf(const struct nfp_roles_input *c,
					 const struct nfp_roles *roles, suits_fn *suits, bool last)
{
	const struct nfp_vf_info *found = NULL;

	for (size_t i = 0; i < c->pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &c->pf->vfs[last ? c->pf->num_vfs - 1 - i : i];
		int loses = found ? (found->has_settings - vf->has_settings) : 1;

		if (suits(c, roles, vf) && (loses > 0 || (loses == 0 && found->up && !vf->up)))
			found = vf;
	}
	return found;
}

/* ---- the PF ---- */

/* Only a run gets the answer that needs no frame, since it asks for styles. */
static bool is_answered_by_lag(const struct nfp_roles_input *c)
{
	return c->pf->info.lag[0] && c->pf->num_vfs && !c->dry;
}

static int check_pf(const struct nfp_roles_input *c, struct nfp_roles *roles, struct nfp_err *err)
{
	struct nfp_err why = {.code = NFP_E_NONE};
	const struct nfp_pf_terms terms = {
		.inside = named_sender(c),
		.force = c->request->settings.forced,
	};
	int ret = nfp_refuse_runs(c->pf, err);

	if (ret < 0)
		return ret;
	ret = nfp_pf_check(c->pf, &terms, &why);
	roles->in_lag = ret < 0 && why.code == NFP_E_PF_ENSLAVED && is_answered_by_lag(c);
	if (roles->in_lag)
		return 0;
	/* Without that capability the kernel does not report the eswitch mode. */
	if (ret == -EPERM && !c->net_admin)
		return 0;
	if (ret < 0 && err)
		*err = why;
	return ret;
}

/* ---- the VF under test ---- */

/* --force does not count here: it is for a VF that the user has named. */
static bool may_be_probed(const struct nfp_roles_input *c, const struct nfp_roles *roles,
			  const struct nfp_vf_info *vf)
{
	return vf->use == NFP_USE_IDLE && !is_sender(c, roles, vf);
}

#define IDLE_NAMED 4 /* nobody reads more */

/* Names the VFs that could be probed instead. */
static void add_idle(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		     struct nfp_err *err)
{
	const struct nfp_pf *pf = c->pf;
	char *text = err->hint.text;
	size_t num = 0, first = 0;

	for (size_t i = 0; i < pf->num_vfs; i++) {
		if (!may_be_probed(c, roles, &pf->vfs[i]))
			continue;
		if (num == 0)
			first = i;
		if (num < IDLE_NAMED)
			nfp_appendf(text, NFP_HINT_LEN, "%sVF %u",
				    num	      ? ", "
				    : text[0] ? " Idle: "
					      : "Idle: ",
				    pf->vfs[i].vf);
		num++;
	}
	if (num == 0) {
		nfp_appendf(text, NFP_HINT_LEN, "%sNo VF of %s is idle.", text[0] ? " " : "",
			    pf->info.ifname);
		nfp_err_try(err, "nfprobe %s", pf->info.ifname);
		return;
	}
	nfp_appendf(text, NFP_HINT_LEN, "%s.", num > IDLE_NAMED ? " and more" : "");
	nfp_err_try(err, "nfprobe %s --vf %u", pf->info.ifname, pf->vfs[first].vf);
}

void nfp_roles_pick_vf_again(const struct nfp_roles_input *c, struct nfp_roles *roles,
			     struct nfp_err *why)
{
	const struct nfp_pf_info *pf = &c->pf->info;
	const struct nfp_vf_info *vf = nfp_pf_vf(c->pf, roles->number);

	*why = (struct nfp_err) {.code = NFP_E_NONE};
	roles->vf = vf;
	roles->status = vf ? NFP_VF_PROBED : NFP_VF_FAILED;
	if (!vf) {
		nfp_err_set(why, -ENODEV, NFP_E_NO_SUCH_VF,
			    "%s has no VF %u: it has %u, VF 0 to VF %u", pf->ifname, roles->number,
			    pf->num_vfs, pf->num_vfs - 1);
		nfp_err_hint(why, "At most %u can be made.", pf->total_vfs);
		add_idle(c, roles, why);
		return;
	}
	if (nfp_vf_check_use(pf->ifname, vf, c->request->settings.forced, why) == 0)
		return;
	roles->status = NFP_VF_IN_USE;
	/* Only one that is up, or only said to be in use, or that its manager releases, can be
	 * probed nevertheless. */
	if (vf->use != NFP_USE_NETDEV_UP && vf->proof != NFP_SAID && !vf->by_manager)
		why->hint = (struct nfp_hint) {0};
	add_idle(c, roles, why);
}

/* A VF of a LAG may be in use, since nothing is done to it. */
static int pick_vf_of_lag(const struct nfp_roles_input *c, struct nfp_roles *roles,
			  struct nfp_err *why, struct nfp_err *err)
{
	roles->have_vf = true;
	roles->number = c->request->any_vf ? c->pf->vfs[0].vf : c->request->vf;
	nfp_roles_pick_vf_again(c, roles, why);
	if (roles->status == NFP_VF_FAILED) {
		roles->in_lag = false;
		if (err)
			*err = *why;
		return -ENODEV;
	}
	roles->status = NFP_VF_PROBED;
	*why = (struct nfp_err) {.code = NFP_E_NONE};
	return 0;
}

static int pick_vf(const struct nfp_roles_input *c, struct nfp_roles *roles, struct nfp_err *why,
		   struct nfp_err *err)
{
	const char *ifname = c->pf->info.ifname;
	const struct nfp_vf_info *any = c->request->any_vf ? best_vf(c, roles, may_be_probed, false)
							   : NULL;

	if (c->request->any_vf && !any) {
		nfp_err_set(err, -EBUSY, NFP_E_VF_IN_USE,
			    "every VF of %s is in use, or the source of this run's frames", ifname);
		nfp_err_try(err, "nfprobe %s", ifname);
		return -EBUSY;
	}
	roles->have_vf = true;
	roles->number = any ? any->vf : c->request->vf;
	nfp_roles_pick_vf_again(c, roles, why);
	return 0;
}

/* ---- who is named ---- */

static int check_named_vf(const struct nfp_roles_input *c, const struct nfp_roles *roles,
			  const char *option, const char *what, unsigned int vf,
			  struct nfp_err *err)
{
	const struct nfp_vf_info *info = nfp_pf_vf(c->pf, vf);

	if (!info) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "%s%u: %s has no VF %u", option,
			    vf, c->pf->info.ifname, vf);
		nfp_err_try(err, "nfprobe %s", c->pf->info.ifname);
		return -ENODEV;
	}
	if (is_probed(roles, vf))
		return nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				   "%s%u: VF %u is probed itself and cannot be the %s", option, vf,
				   vf, what);
	return nfp_vf_check_use(c->pf->info.ifname, info, false, err);
}

static bool names_pf(const struct nfp_roles_input *c)
{
	return strcmp(c->request->from.ifname, c->pf->info.ifname) == 0;
}

static int check_source(const struct nfp_roles_input *c, const struct nfp_roles *roles,
			struct nfp_err *err)
{
	static const char *const asked[] = {
		[NFP_FROM_PEER] = "peer", [NFP_FROM_ARP] = "arp", [NFP_FROM_PF] = "pf"};
	const struct nfp_from *from = &c->request->from;
	const struct nfp_vf_info *vf = named_sender(c);
	const struct nfp_link *link;

	if (from->kind == NFP_FROM_VF || vf)
		return check_named_vf(c, roles, "--from vf:", "source", vf ? vf->vf : from->vf,
				      err);
	if (from->kind == NFP_FROM_AUTO)
		return 0;
	if (from->kind != NFP_FROM_IFACE)
		return nfp_refuse_asked(c, asked[from->kind], err);
	link = nfp_topology_link(c->topology, from->ifname);
	if (!link) {
		nfp_err_set(err, -ENODEV, NFP_E_SOURCE_UNUSABLE, "--from %s: no such interface",
			    from->ifname);
		nfp_err_hint(err, "ip link lists the interfaces.");
		return -ENODEV;
	}
	return link->ifindex == c->pf->info.ifindex
		       ? nfp_refuse_asked(c, from->ifname, err)
		       : nfp_source_refuse(c->topology, c->pf, link, err);
}

static int check_named(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		       struct nfp_err *err)
{
	const struct nfp_request *request = c->request;
	unsigned int via = request->via;
	int ret = check_source(c, roles, err);

	if (ret < 0 || !request->have_via)
		return ret;
	ret = check_named_vf(c, roles, "--style vf-bridge:", "standby's port", via, err);
	if (ret == 0 && is_sender(c, roles, nfp_pf_vf(c->pf, via)))
		ret = nfp_err_set(err, -EINVAL, NFP_E_SOURCE_UNUSABLE,
				  "--style vf-bridge:%u: VF %u is the source and cannot be the "
				  "standby's port",
				  via, via);
	return ret;
}

int nfp_roles_pick_vf(const struct nfp_roles_input *c, struct nfp_roles *roles, struct nfp_err *why,
		      struct nfp_err *err)
{
	int ret;

	*roles = (struct nfp_roles) {.status = NFP_VF_FAILED};
	ret = check_pf(c, roles, err);
	if (ret < 0)
		return ret;
	if (roles->in_lag)
		return pick_vf_of_lag(c, roles, why, err);
	return pick_vf(c, roles, why, err)
		       ?: nfp_refuse_bonded(c, roles, err)
		       ?: check_named(c, roles, err);
}

/* ---- the source ---- */

/* The standby's port already has a role. */
static bool may_send(const struct nfp_roles_input *c, const struct nfp_roles *roles,
		     const struct nfp_vf_info *vf)
{
	return is_spare(roles, vf) && !(c->request->have_via && c->request->via == vf->vf);
}

static int set_source(struct nfp_roles *roles, enum nfp_source_id source)
{
	roles->query = NFP_QUERY_NOBODY;
	roles->source = source;
	return 0;
}

static int set_query(struct nfp_roles *roles, enum nfp_query query)
{
	roles->query = query;
	return 1;
}

size_t nfp_roles_netdevs(const struct nfp_roles_input *c,
			 const struct nfp_link *ret_links[NFP_CANDIDATES_MAX])
{
	if (c->request->from.kind != NFP_FROM_IFACE)
		return nfp_source_candidates(c->topology, c->pf, ret_links, NFP_CANDIDATES_MAX);
	ret_links[0] = nfp_topology_link(c->topology, c->request->from.ifname);
	return 1;
}

/* Picks as nfp_roles_pick_sender does; -ENOLINK: there is none. */
static int pick_netdev(const struct nfp_roles_input *c, struct nfp_roles *roles,
		       struct nfp_err *err)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	size_t num = nfp_roles_netdevs(c, links);

	if (!c->found->asked_netdevs)
		return set_query(roles, NFP_QUERY_NETDEVS);
	for (size_t i = 0; i < num; i++) {
		if (!c->found->heard[i])
			continue;
		roles->link = links[i];
		return set_source(roles, NFP_SOURCE_NETDEV);
	}
	return nfp_refuse_unheard(c, err);
}

/* Likewise. */
static int pick_peer(const struct nfp_roles_input *c, struct nfp_roles *roles, struct nfp_err *err)
{
	if (!c->found->asked_peer)
		return set_query(roles, NFP_QUERY_PEER);
	return nfp_refuse_peer(c, err) ?: set_source(roles, NFP_SOURCE_PEER);
}

/* Lists the neighbours that may be asked: the one that is named, a gateway if none is, and the
 * first few of all for auto. Returns how many. */
static size_t neighbours_asked(const struct nfp_roles_input *c,
			       struct nfp_neighbour ret[NFP_NEIGHBOURS_ASKED])
{
	const struct nfp_neighbours *known = &c->found->neighbours;
	const struct nfp_from *from = &c->request->from;
	size_t num = 0;

	if (from->kind == NFP_FROM_AUTO) {
		for (; num < known->n && num < NFP_NEIGHBOURS_ASKED; num++)
			ret[num] = known->v[num];
		return num;
	}
	if (!from->have_ip) {
		ret[0] = known->v[0];
		return known->n && known->v[0].gateway;
	}
	ret[0] = (struct nfp_neighbour) {.ip = from->ip};
	nfp_for_each (n, known->v, known->n) {
		if (nfp_ipv4_equal(&n->ip, &from->ip))
			ret[0] = *n;
	}
	return 1;
}

/* Picks likewise: the first neighbour that answers to everybody, else the first that answers. */
static int pick_neighbour(const struct nfp_roles_input *c, struct nfp_roles *roles,
			  struct nfp_err *err)
{
	struct nfp_neighbour asked[NFP_NEIGHBOURS_ASKED];
	const struct nfp_arp_reply *said = c->found->arp;
	size_t num = neighbours_asked(c, asked), best = num;

	if (!c->found->have_neighbours)
		return set_query(roles, NFP_QUERY_NEIGHBOURS);
	if (num == 0)
		return nfp_refuse_no_gateway(c, err);
	for (size_t i = 0; i < num; i++) {
		if (i == c->found->num_arp) {
			roles->neighbour = asked[i];
			return set_query(roles, NFP_QUERY_ARP);
		}
		if (nfp_refuse_neighbour(c, &asked[i], &said[i], err) < 0)
			continue;
		if (best == num || said[i].what == NFP_ARP_ANSWERS_ALL)
			best = i;
		if (said[best].what == NFP_ARP_ANSWERS_ALL)
			break;
	}
	if (best == num)
		return -ENOLINK;
	roles->neighbour = asked[best];
	roles->arp = best;
	if (said[best].what == NFP_ARP_ANSWERS_ALL)
		return set_source(roles, NFP_SOURCE_ARP);
	/* The PF and another VF send the broadcast control inside the NIC. */
	roles->sender = c->found->no_second ? NULL : best_vf(c, roles, may_send, true);
	return set_source(roles, NFP_SOURCE_ARP_ALONE);
}

/* Picks the first of nfp_sources that is there. */
static int pick_auto(const struct nfp_roles_input *c, struct nfp_roles *roles, struct nfp_err *why,
		     struct nfp_err *err)
{
	const bool asks = !nfp_why_pf_silent(&c->pf->info);
	const struct nfp_link *links[NFP_CANDIDATES_MAX];
	int ret = pick_netdev(c, roles, NULL);

	/* Without an id, the user means no reflector. */
	if (ret == -ENOLINK && asks && c->request->have_id)
		ret = pick_peer(c, roles, why);
	if (ret == -ENOLINK && asks)
		ret = pick_neighbour(c, roles, NULL);
	if (ret != -ENOLINK)
		return ret;
	roles->sender = best_vf(c, roles, may_send, true);
	if (roles->sender)
		return set_source(roles, NFP_SOURCE_VF);
	return nfp_refuse_all(c, nfp_roles_netdevs(c, links), err);
}

/* A dry run goes on as if this source had been found. */
static const enum nfp_source_id assumed[] = {
	[NFP_FROM_AUTO] = NFP_SOURCE_NETDEV, [NFP_FROM_IFACE] = NFP_SOURCE_NETDEV,
	[NFP_FROM_PEER] = NFP_SOURCE_PEER,   [NFP_FROM_ARP] = NFP_SOURCE_ARP,
	[NFP_FROM_VF] = NFP_SOURCE_VF,	     [NFP_FROM_PF] = NFP_SOURCE_PF,
};

int nfp_roles_pick_sender(const struct nfp_roles_input *c, struct nfp_roles *roles,
			  struct nfp_err *why, struct nfp_err *err)
{
	const struct nfp_from *from = &c->request->from;
	int ret = check_source(c, roles, err);

	*why = (struct nfp_err) {.code = NFP_E_NONE};
	roles->link = NULL;
	roles->sender = NULL;
	if (ret < 0)
		return ret;
	if (named_sender(c)) {
		roles->sender = named_sender(c);
		return set_source(roles, NFP_SOURCE_VF);
	}
	if (from->kind == NFP_FROM_IFACE && names_pf(c))
		return set_source(roles, NFP_SOURCE_PF);
	if (c->dry)
		return set_source(roles, assumed[from->kind]);
	switch (from->kind) {
	case NFP_FROM_AUTO:
		return pick_auto(c, roles, why, err);
	case NFP_FROM_IFACE:
		return pick_netdev(c, roles, err);
	case NFP_FROM_PEER:
		return pick_peer(c, roles, err);
	case NFP_FROM_ARP:
		return pick_neighbour(c, roles, err);
	case NFP_FROM_VF:
	case NFP_FROM_PF:
		break;
	}
	return set_source(roles, NFP_SOURCE_PF);
}

/* ---- who helps in a ladder ---- */

static bool may_be_port(const struct nfp_roles_input *c, const struct nfp_roles *roles,
			const struct nfp_vf_info *vf)
{
	return is_spare(roles, vf) && !is_sender(c, roles, vf);
}

void nfp_roles_pick_port(const struct nfp_roles_input *c, enum nfp_style style,
			 struct nfp_roles *roles)
{
	roles->port = !nfp_styles[style].second_vf ? NULL
		      : c->request->have_via	   ? nfp_pf_vf(c->pf, c->request->via)
						   : best_vf(c, roles, may_be_port, false);
}
