// SPDX-License-Identifier: GPL-2.0-or-later
/* rxhandler.c - who takes the frames that come in at a netdev. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_priv.h"

struct user_of_kind {
	const char *kind;
	enum nfp_rx_user user;
};

/*
 * These call netdev_rx_handler_register for their ports. A failover netdev has no kind
 * (net_failover, netvsc). A VRF takes packets by l3mdev, after that, and batman-adv by their
 * EtherType.
 */
static const struct user_of_kind masters[] = {
	{"bridge", NFP_RX_BRIDGE}, {"openvswitch", NFP_RX_OVS}, {"bond", NFP_RX_OTHER},
	{"team", NFP_RX_OTHER},	   {"", NFP_RX_OTHER},		{"vrf", NFP_RX_NOBODY},
	{"batadv", NFP_RX_NOBODY},
};

/* These kinds take the handler of the netdev below them. Others, such as a VLAN, leave it alone. */
static const struct user_of_kind uppers_of[] = {
	{"macvlan", NFP_RX_MACVLAN}, {"macvtap", NFP_RX_MACVLAN}, {"ipvlan", NFP_RX_OTHER},
	{"ipvtap", NFP_RX_OTHER},    {"macsec", NFP_RX_OTHER},
};

static enum nfp_rx_user find(const struct user_of_kind *table, size_t num, const char *kind,
			     enum nfp_rx_user otherwise)
{
	nfp_for_each (row, table, num)
		if (strcmp(row->kind, kind) == 0)
			return row->user;
	return otherwise;
}

#define FIND(table, kind, otherwise) find(table, NFP_NUM(table), kind, otherwise)

static struct nfp_rx_handler by_master(const struct nfp_link *links, size_t num,
				       const struct nfp_link *link)
{
	const struct nfp_link *master = nfp_links_by_ifindex(links, num, link->master);
	const char *kind = master && !link->master_kind[0] ? master->kind : link->master_kind;
	struct nfp_rx_handler handler = {.user = NFP_RX_NOBODY};

	if (link->master)
		handler.user = FIND(masters, kind, NFP_RX_UNKNOWN);
	if (handler.user == NFP_RX_NOBODY)
		return handler;
	if (master)
		snprintf(handler.note, sizeof(handler.note), "%s is a port of %s", link->ifname,
			 master->ifname);
	else
		snprintf(handler.note, sizeof(handler.note), "%s is a port of netdev %d",
			 link->ifname, link->master);
	if (handler.user == NFP_RX_UNKNOWN)
		nfp_appendf(handler.note, sizeof(handler.note), ", of the unknown kind %s", kind);
	return handler;
}

/* The first netdev that takes the frames, and how many share them with it. */
struct upper_search {
	const struct nfp_link *link;
	enum nfp_rx_user user;
	bool passthru;
	unsigned int num;
	char first[NFP_NOTE_LEN];
};

static void add_upper(struct upper_search *s, const struct nfp_link *upper, const char *in)
{
	enum nfp_rx_user user = nfp_link_is_child(upper, s->link)
					? FIND(uppers_of, upper->kind, NFP_RX_NOBODY)
					: NFP_RX_NOBODY;

	if (user == NFP_RX_NOBODY || s->num++)
		return;
	/* A macvlan in passthru mode has the netdev for itself (macvlan_common_newlink). */
	s->user = upper->passthru ? NFP_RX_OTHER : user;
	s->passthru = upper->passthru;
	snprintf(s->first, sizeof(s->first), "%s%s%s", upper->ifname, in[0] ? " of " : "", in);
}

static struct nfp_rx_handler by_uppers(const struct upper_search *s)
{
	struct nfp_rx_handler handler = {.user = s->user};

	if (s->num > 1)
		snprintf(handler.note, sizeof(handler.note), "%.200s and %u more are on %s",
			 s->first, s->num - 1, s->link->ifname);
	else
		snprintf(handler.note, sizeof(handler.note), "%.200s is on %s%s", s->first,
			 s->link->ifname, s->passthru ? " in passthru mode" : "");
	return handler;
}

struct nfp_rx_handler nfp_rx_handler_of(const struct nfp_link *links, size_t num,
					const struct nfp_uppers *uppers,
					const struct nfp_link *link)
{
	struct nfp_rx_handler handler = by_master(links, num, link);
	struct upper_search s = {.link = link};

	if (handler.user != NFP_RX_NOBODY)
		return handler;
	nfp_for_each (upper, links, num)
		add_upper(&s, upper, "");
	for (size_t i = 0; uppers && i < uppers->n; i++) {
		/* A netdev elsewhere may have the same ifindex. */
		struct nfp_link upper = uppers->v[i].link;

		upper.ifindex = 0;
		add_upper(&s, &upper, uppers->v[i].in);
	}
	if (s.num)
		return by_uppers(&s);
	if (!uppers || uppers->unread[0]) {
		handler.user = NFP_RX_UNKNOWN;
		snprintf(handler.note, sizeof(handler.note), "%s",
			 uppers ? uppers->unread : "other network namespaces were not read");
	}
	return handler;
}

/* ---- other network namespaces ---- */

/* At most so many netdevs are read of all other namespaces together: the owner of one can make any
 * number. */
#define MOST_UPPERS 65536U

struct upper_walk {
	const struct nfp_sysroot *root;
	struct nfp_uppers *uppers;
	uint64_t until_ns;
	unsigned long first; /* the inode of the host's first namespace; 0: not known */
	size_t read;	     /* netdevs so far */
	bool lacks;	     /* one of them could not be read */
};

static void keep(struct nfp_uppers *uppers, const struct nfp_link *link, const char *in)
{
	struct nfp_upper *upper;

	upper = nfp_grow(uppers->v, uppers->n);
	*upper = (struct nfp_upper) {.link = *link};
	upper->link.link = link->link_elsewhere;
	/* Its master belongs to its own namespace. */
	upper->link.master = 0;
	snprintf(upper->in, sizeof(upper->in), "%s", in);
}

/* The user is named only in the first namespace, where a netdev is before anybody takes it. */
static void keep_away(struct upper_walk *w, const struct nfp_netns *netns,
		      const struct nfp_link *link, const char *in)
{
	struct nfp_use_ctx use = {.root = w->root,
				  .links = netns->links,
				  .num_links = netns->num_links,
				  .away = true};
	struct nfp_uppers *uppers = w->uppers;
	struct nfp_vf_info vf = {.use = NFP_USE_IDLE};
	struct nfp_away *away;

	away = nfp_grow(uppers->away, uppers->num_away);
	*away = (struct nfp_away) {.link = *link,
				   .in_first = netns->inode && netns->inode == w->first,
				   .use = NFP_USE_NAMESPACE};
	snprintf(away->in, sizeof(away->in), "%s",
		 away->in_first ? "the first network namespace" : in);
	if (!away->in_first)
		return;
	nfp_netdev_use_find(&use, link, &vf);
	away->use = vf.use;
	memcpy(away->user, vf.user, sizeof(away->user));
}

static int visit_uppers(const struct nfp_visited *visited, void *ctx)
{
	struct upper_walk *w = ctx;
	const struct nfp_reading how = {.netns_fd = visited->fd,
					.own_fd = visited->own_fd,
					.until_ns = w->until_ns,
					.most = MOST_UPPERS - w->read};
	struct nfp_netns netns = {.own_nsid = -1, .inode = visited->inode};
	int ret;

	if (nfp_clock_now() >= w->until_ns || w->read >= MOST_UPPERS)
		return 1;
	ret = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_NSID, &how, &netns, NULL);
	/* A name that is left of a namespace is a plain file. */
	w->lacks |= ret < 0 && ret != -EINVAL;
	w->read += netns.num_links;
	nfp_for_each (link, netns.links, netns.num_links) {
		if (netns.own_nsid >= 0 && link->link_elsewhere &&
		    link->link_nsid == netns.own_nsid)
			keep(w->uppers, link, visited->called);
		/* Children of some kinds name the parent device of their lower netdev. */
		if (link->parentdev[0] && !link->kind[0])
			keep_away(w, &netns, link, visited->called);
	}
	nfp_netns_fini(&netns);
	return 0;
}

void nfp_uppers_read(const struct nfp_sysroot *root, uint64_t until_ns,
		     struct nfp_uppers *ret_uppers)
{
	struct upper_walk w = {.root = root, .uppers = ret_uppers, .until_ns = until_ns};
	bool closed, ended;
	const char *why;

	*ret_uppers = (struct nfp_uppers) {.n = 0};
	w.first = nfp_sees_all_processes(root) ? nfp_netns_inode(root, "1") : 0;
	ended = nfp_netns_each(root, visit_uppers, &w, &closed);
	why = ended			      ? "there was no time for all network namespaces"
	      : closed || w.lacks	      ? "not all network namespaces could be read"
	      : !nfp_sees_all_processes(root) ? "the processes of the host are not seen from "
						"this PID namespace"
					      : "";
	snprintf(ret_uppers->unread, sizeof(ret_uppers->unread), "%s", why);
}

void nfp_uppers_fini(struct nfp_uppers *uppers)
{
	free(uppers->v);
	free(uppers->away);
	*uppers = (struct nfp_uppers) {.n = 0};
}
