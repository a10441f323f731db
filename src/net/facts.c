// SPDX-License-Identifier: GPL-2.0-or-later
/* facts.c - reads the facts of an audit, and notes what could not be read. */
#include "net/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/utsname.h>

#include "inventory_priv.h"
#include "net/owner.h"

void nfp_facts_fini(struct nfp_facts *facts)
{
	if (facts->num_netns)
		facts->netns[0].links = NULL; /* the topology's */
	nfp_for_each (netns, facts->netns, facts->num_netns)
		nfp_netns_fini(netns);
	free(facts->netns);
	free(facts->taps);
	free(facts->guests);
	free(facts->apart);
	free(facts->unread);
	nfp_topology_fini(&facts->topology);
	*facts = (struct nfp_facts) {.num_netns = 0};
}

/* ---- namespaces ---- */

/* Returns a clause that says why not everything was read. */
static const char *why_cut(int ret)
{
	return ret == -EFBIG ? "more than " NFP_FACTS_MAX_TEXT " netdevs, entries or rules"
			     : "there was no time for all of it";
}

static const char *why_unread(int ret, const struct nfp_err *err)
{
	return ret == -EFBIG || ret == -ETIME ? why_cut(ret) : err->message;
}

static struct nfp_netns *add_netns(struct nfp_facts *facts)
{
	struct nfp_netns *netns;

	netns = nfp_grow(facts->netns, facts->num_netns);
	*netns = (struct nfp_netns) {.own_nsid = -1};
	return netns;
}

/* Does the filter of a PF have an entry that a packet socket may have asked for? */
static bool has_filtered(const struct nfp_facts *facts)
{
	const struct nfp_netns *own = facts->netns;

	nfp_for_each (e, own->entries, own->num_entries)
		nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs)
			if (nfp_neigh_in_filter(e, pf->info.ifindex))
				return true;
	return false;
}

static int read_own(struct nfp_facts *facts, const struct nfp_sysroot *root, uint64_t until_ns,
		    struct nfp_err *err)
{
	struct nfp_reading how = {.netns_fd = -1, .until_ns = until_ns, .most = NFP_FACTS_MAX};
	struct nfp_netns *netns = add_netns(facts);
	int ret;

	netns->inode = nfp_netns_inode(root, "self");
	netns->netfilter = facts->topology.netfilter;
	netns->links = facts->topology.links;
	netns->num_links = facts->topology.num_links;
	/* Guests can fill the tables of bridges. */
	ret = nfp_netns_read(NFP_SEE_FDBS | NFP_SEE_NEIGHBOURS, &how, netns, err);
	if (ret == -EFBIG || ret == -ETIME)
		nfp_facts_unread(facts, "", "", "the tables of this host: %s",
				 why_unread(ret, err));
	else if (ret < 0)
		return ret;
	/* The kernel may load a module to answer. */
	netns->memberships_known = true;
	ret = has_filtered(facts) ? nfp_netns_read(NFP_SEE_SOCKETS, &how, netns, NULL) : 0;
	if (ret == -EFBIG || ret == -ETIME)
		nfp_facts_unread(facts, "", "", "the addresses that packet sockets hear: %s",
				 why_cut(ret));
	how.until_ns = 0;
	ret = nfp_netns_read(NFP_SEE_PORT_VLANS, &how, netns, err);
	nfp_topology_vepa(&facts->topology, netns);
	return ret;
}

struct visitor {
	const struct nfp_sysroot *root;
	const struct nfp_facts_rights *may;
	uint64_t until_ns;
	struct nfp_facts *facts;
	size_t links, entries;	     /* of the namespaces so far */
	bool late, full;	     /* it ended for want of time (of room) */
	struct nfp_netns **by_inode; /* set once all were visited */
};

/* Notes that a process is in its network namespace. */
static int note_process(const char *name, void *ctx)
{
	const struct visitor *v = ctx;
	struct nfp_netns *netns = nfp_pid_of(name)
					  ? nfp_netns_of_inode(v->by_inode, v->facts->num_netns,
							       nfp_netns_inode(v->root, name))
					  : NULL;

	if (netns)
		netns->deserted = false;
	return nfp_clock_now() >= v->until_ns;
}

/* May a guest be in it, whose way begins there? A pod that has lost its veth is just one that is
 * broken, and a namespace with a name may be one that somebody has put between. */
static bool may_have_guest(const struct nfp_netns *netns)
{
	nfp_for_each (link, netns->links, netns->num_links)
		if (nfp_link_is_tap(link) ||
		    (netns->ip_name[0] && strcmp(link->kind, "bridge") == 0))
			return true;
	return false;
}

/*
 * Can a netdev in it lead to a PF? A netdev that is only on top of others there does not. The owner
 * of a namespace chooses the numbers of its netdevs: one that is on a third namespace is on no
 * netdev of this host. Of a namespace that leads nowhere the addresses are kept, and the netdevs if
 * a guest may be in it.
 */
static bool keep_leading(struct nfp_facts *facts, struct nfp_netns *netns)
{
	bool leads = false;

	nfp_for_each (link, netns->links, netns->num_links) {
		if (link->link_elsewhere &&
		    (netns->own_nsid < 0 || link->link_nsid != netns->own_nsid))
			link->link_elsewhere = 0;
		leads |= link->link_elsewhere || (link->parentdev[0] && !link->kind[0]);
	}
	if (leads)
		return true;
	if (!facts->apart)
		facts->apart = nfp_calloc(NFP_FACTS_MAX, sizeof(*facts->apart));
	netns->apart = true;
	if (netns->users)
		netns->num_links = 0;
	nfp_for_each (link, netns->links, netns->num_links)
		if (!nfp_mac_is_zero(&link->address) && facts->num_apart < NFP_FACTS_MAX)
			facts->apart[facts->num_apart++] =
				(struct nfp_apart) {link->address, (size_t)(netns - facts->netns)};
	if (!may_have_guest(netns))
		netns->num_links = 0;
	return false;
}

static bool filters_vlans(const struct nfp_netns *netns)
{
	nfp_for_each (link, netns->links, netns->num_links)
		if (link->vlan_filtering)
			return true;
	return false;
}

/* A namespace may be as full as its owner likes, so it gets a quarter of the remaining time. */
static int read_other(struct visitor *v, const struct nfp_visited *visited, struct nfp_netns *netns,
		      struct nfp_err *err)
{
	uint64_t now_ns = nfp_clock_now();
	struct nfp_reading how = {.netns_fd = visited->fd,
				  .own_fd = visited->own_fd,
				  .until_ns = now_ns + (v->until_ns - now_ns) / 4,
				  .most = NFP_FACTS_MAX - v->links};
	int ret = nfp_netns_read(NFP_SEE_LINKS | NFP_SEE_NSID, &how, netns, err);

	how.most = NFP_FACTS_MAX - v->entries;
	if (keep_leading(v->facts, netns) && ret == 0)
		ret = nfp_netns_read(NFP_SEE_FDBS | NFP_SEE_NEIGHBOURS, &how, netns, err);
	netns->vlans_known = true;
	how.most -= MIN(how.most, netns->num_entries);
	if (ret == 0 && filters_vlans(netns))
		ret = nfp_netns_read(NFP_SEE_PORT_VLANS, &how, netns, err);
	/* A user makes any rules in their own. */
	how.most = NFP_FACTS_MAX;
	if (ret == 0 && netns->num_links && !netns->users)
		(void)nfp_rules_read(&how, netns, NULL);
	v->links += netns->num_links;
	v->entries += netns->num_entries + netns->num_port_vlans;
	return ret;
}

/* A namespace that goes away meanwhile has nothing to show. */
static int visit(const struct nfp_visited *visited, void *ctx)
{
	struct visitor *v = ctx;
	struct nfp_netns *netns;
	struct nfp_err err = {0};
	int ret;

	v->late = nfp_clock_now() >= v->until_ns;
	v->full = v->links >= NFP_FACTS_MAX || v->entries >= NFP_FACTS_MAX;
	if (v->late || v->full)
		return 1;
	netns = add_netns(v->facts);
	netns->inode = visited->inode;
	netns->users = visited->users;
	netns->deserted = visited->name != NULL;
	memcpy(netns->name, visited->called, sizeof(netns->name));
	netns->pid = (int)visited->pid;
	snprintf(netns->ip_name, sizeof(netns->ip_name), "%s", visited->name ?: "");
	ret = read_other(v, visited, netns, &err);
	if (ret < 0 && !netns->num_links)
		v->facts->num_netns--;
	/* A name that is left of a namespace is a plain file. */
	if (ret < 0 && ret != -EINVAL)
		nfp_facts_unread(v->facts, "",
				 ret == -EPERM && !v->may->sys_admin ? "CAP_SYS_ADMIN" : "",
				 "%s: %.120s", visited->called, why_unread(ret, &err));
	return 0;
}

/* Where is the netdev of a PF that has none here? Whose VF has its netdev in another namespace, and
 * in none that could be read? */
static void find_netdevs(struct nfp_facts *facts, const struct nfp_facts_rights *may)
{
	struct nfp_index *index = nfp_index_new(facts);

	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs) {
		const struct nfp_netdevs of = nfp_netdevs_of(index, pf->info.parentdev);

		if (pf->away && of.n)
			nfp_pf_place(pf, of.v->link->ifname, of.v->netns->name);
		if (!pf->info.ifname[0])
			continue;

		nfp_for_each (vf, pf->vfs, pf->num_vfs) {
			if (vf->use != NFP_USE_NAMESPACE || nfp_vf_netdev(index, vf, NULL, NULL))
				continue;
			nfp_facts_unread(facts, pf->info.ifname,
					 may->sys_admin ? "" : "CAP_SYS_ADMIN",
					 "the netdev of VF %u of %s, in another network namespace",
					 vf->vf, pf->info.ifname);
		}
	}
	nfp_index_free(index);
}

static void read_netns(struct nfp_facts *facts, const struct nfp_sysroot *root,
		       const struct nfp_facts_rights *may, uint64_t until_ns)
{
	struct visitor v = {.root = root, .may = may, .until_ns = until_ns, .facts = facts};
	bool closed, ended = nfp_netns_each(root, visit, &v, &closed);

	v.by_inode = nfp_netns_by_inode(facts);
	if (!ended)
		ended = v.late = nfp_sysfs_each(root, note_process, &v, "/proc") > 0;
	free(v.by_inode);
	if (ended)
		nfp_facts_unread(facts, "", "", "all network namespaces: %s",
				 why_cut(v.late ? -ETIME : -EFBIG));
	if (facts->num_apart == NFP_FACTS_MAX)
		nfp_facts_unread(facts, "", "",
				 "the addresses of all netdevs in other network namespaces: more "
				 "than " NFP_FACTS_MAX_TEXT);
	facts->netns_known = !closed && !ended;
	for (size_t i = 1; i < facts->num_netns && !facts->netns_known; i++)
		facts->netns[i].deserted = false; /* who knows */
	if (closed)
		nfp_facts_unread(facts, "", may->sys_ptrace ? "root" : "CAP_SYS_PTRACE",
				 "the network namespaces of other users' processes");
	find_netdevs(facts, may);
}

/* ---- guests ---- */

/* Returns the right that would show every process. Empty: all were seen. */
static const char *what_processes_need(const struct nfp_facts *facts,
				       const struct nfp_facts_rights *may)
{
	if (facts->holders_known || facts->late)
		return "";
	return may->sys_ptrace ? "the host's PID namespace, and leave to follow each link"
			       : "CAP_SYS_PTRACE";
}

static void note_processes(struct nfp_facts *facts, const struct nfp_facts_rights *may)
{
	facts->holders_known = false;
	nfp_facts_unread(facts, "", what_processes_need(facts, may),
			 "what each process of this host has open%s",
			 facts->late ? ": there was more than could be looked at" : "");
}

static int compare_taps(const void *a, const void *b)
{
	const struct nfp_guest_tap *x = a, *y = b;

	return NFP_ORDER(x->pid, y->pid) ?: NFP_ORDER(x->fd, y->fd);
}

/* A process makes its file long by locks, and has any number of descriptors. */
static void note_tun(struct nfp_facts *facts, const struct nfp_use_ctx *use, pid_t pid,
		     const char *why)
{
	char who[NFP_PROCESS_LEN];

	facts->holders_known = false;
	facts->late = true;
	nfp_process_name(use->root, pid, who);
	nfp_facts_unread(facts, "", "", "all taps of %s: %s", who, why);
}

static void read_tuns(struct nfp_facts *facts, const struct nfp_use_ctx *use,
		      const struct nfp_facts_rights *may)
{
	pid_t unread = 0;

	nfp_for_each (tun, use->holders.tuns, use->holders.num_tuns) {
		struct nfp_guest_tap tap;
		int ret;

		if (nfp_clock_now() >= use->until_ns) {
			facts->late = true;
			note_processes(facts, may);
			return;
		}
		ret = nfp_tun_tap(use->root, tun, &tap);
		if (!ret)
			*nfp_grow(facts->taps, facts->num_taps) = tap;
		else if (ret != -ENOENT)
			unread = tun->pid;
	}
	if (unread)
		note_tun(facts, use, unread, "what its descriptors are cannot be read");
	if (use->holders.tuns_of)
		note_tun(facts, use, use->holders.tuns_of,
			 "it has /dev/net/tun open too often, or all processes together have");
}

/* The taps of a process are side by side. */
static int read_taps(struct nfp_facts *facts, struct nfp_use_ctx *use,
		     const struct nfp_facts_rights *may, struct nfp_err *err)
{
	int ret = nfp_holders_read(use);

	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the processes");
	facts->holders_known = true;
	facts->late = use->holders.late;
	if (!use->holders.complete)
		note_processes(facts, may);
	nfp_for_each (holder, use->holders.v, use->holders.n) {
		struct nfp_guest_tap tap;

		if (nfp_holder_macvtap(use, holder, &tap))
			*nfp_grow(facts->taps, facts->num_taps) = tap;
	}
	read_tuns(facts, use, may);
	if (facts->num_taps)
		qsort(facts->taps, facts->num_taps, sizeof(*facts->taps), compare_taps);
	return 0;
}

/* ---- rules ---- */

/* They matter on the way of a guest alone. */
static void read_rules(struct nfp_facts *facts, const struct nfp_facts_rights *may,
		       uint64_t until_ns)
{
	const struct nfp_reading how = {
		.netns_fd = -1, .until_ns = until_ns, .most = NFP_FACTS_MAX};
	struct nfp_err err = {0};
	int ret;

	if (!facts->num_taps)
		return;
	ret = nfp_rules_read(&how, facts->netns, &err);
	/* A security module may deny what the rights allow: a remark at most hangs on it. */
	if (ret < 0 && !(ret == -EPERM && may->net_admin))
		nfp_facts_unread(facts, "", ret == -EPERM ? "CAP_NET_ADMIN" : "",
				 "which rules of nftables, ebtables and tc there are: %s",
				 ret == -EFBIG || ret == -ETIME ? why_cut(ret)
								: strerrordesc_np(-ret));
	nfp_for_each (netns, facts->netns, facts->num_netns)
		if (netns != facts->netns && netns->num_links && !netns->users &&
		    !netns->rules_known && ret == 0)
			nfp_facts_unread(facts, "", "", "all rules of nftables and tc in %.120s",
					 netns->name);
}

/* ---- PFs ---- */

/* The numbers of VFs, for a person. */
struct vf_list {
	char text[NFP_TEXT_LEN];
	unsigned int num;
};

static void list_vf(struct vf_list *list, unsigned int vf)
{
	if (list->num < 8)
		nfp_appendf(list->text, sizeof(list->text), "%s%u", list->num ? ", " : "", vf);
	else if (list->num == 8)
		nfp_appendf(list->text, sizeof(list->text), ", ..");
	list->num++;
}

void nfp_facts_set_words_aside(struct nfp_facts *facts)
{
	nfp_for_each (pf, facts->topology.pfs, facts->topology.num_pfs) {
		nfp_for_each (vf, pf->vfs, pf->num_vfs) {
			if (vf->proof != NFP_SAID)
				continue;
			if (vf->use == NFP_USE_NETDEV_UP)
				nfp_facts_unread(facts, pf->info.ifname, "", "%.160s", vf->user);
			snprintf(vf->note, sizeof(vf->note), "%s", vf->user);
			vf->use = NFP_USE_IDLE;
			vf->proof = NFP_PROOF_NONE;
			vf->by_address = false;
			vf->user_pid = 0;
			vf->user[0] = '\0';
		}
	}
}

static void check_vfs(struct nfp_facts *facts, const struct nfp_pf *pf,
		      const struct nfp_facts_rights *may)
{
	struct vf_list silent = {.num = 0}, unknown = {.num = 0};
	const char *why = "";

	nfp_for_each (vf, pf->vfs, pf->num_vfs) {
		if (!pf->attrs_errno && !vf->attr.have_mac)
			list_vf(&silent, vf->vf);
		if (vf->use != NFP_USE_UNKNOWN)
			continue;
		why = unknown.num ? why : vf->user;
		list_vf(&unknown, vf->vf);
	}
	if (silent.num)
		nfp_facts_unread(facts, pf->info.ifname, "",
				 "the address of VF %s of %s: its driver does not report it",
				 silent.text, pf->info.ifname);
	if (unknown.num)
		nfp_facts_unread(facts, pf->info.ifname, what_processes_need(facts, may),
				 "who uses VF %s of %s: %s", unknown.text, pf->info.ifname, why);
}

static void check_pf_users(struct nfp_facts *facts, const struct nfp_pf *pf,
			   const struct nfp_facts_rights *may)
{
	const char *name = pf->info.ifname;

	if (!name[0] && pf->away && pf->num_vfs)
		nfp_facts_unread(facts, pf->info.parentdev, "",
				 "the VFs of %s: %s, where an audit sees them", pf->info.parentdev,
				 pf->where);
	if (!name[0])
		return;
	if (pf->attrs_errno)
		nfp_facts_unread(facts, name, "", "the addresses of the VFs of %s: %s", name,
				 pf->attrs_errno == EMSGSIZE ? "this kernel cannot list so many"
							     : strerrordesc_np(pf->attrs_errno));
	check_vfs(facts, pf, may);
	if (pf->num_vfs && !pf->info.eswitch_mode[0] && pf->eswitch_errno != EOPNOTSUPP &&
	    nfp_driver(pf->info.driver)->has_modes)
		nfp_facts_unread(facts, name, may->net_admin ? "" : "CAP_NET_ADMIN",
				 "the eswitch mode of %s: %s", name,
				 strerrordesc_np(pf->eswitch_errno));
}

static void read_groups(struct nfp_facts *facts, const struct nfp_sysroot *root)
{
	struct nfp_topology *t = &facts->topology;
	char *text = nfp_proc_text(root, "/proc/net/dev_mcast");

	if (nfp_macvtaps_find(t->links, t->num_links, text) && !text)
		nfp_facts_unread(facts, "", "",
				 "the groups of macvtaps: /proc/net/dev_mcast cannot be read, or "
				 "is too long");
	free(text);
}

static bool has_open_vswitch(const struct nfp_topology *t)
{
	nfp_for_each (link, t->links, t->num_links)
		if (strcmp(link->kind, "openvswitch") == 0 ||
		    strcmp(link->master_kind, "openvswitch") == 0)
			return true;
	return false;
}

/* Returns until when the next of @parts searches that share the remaining time may look. */
static uint64_t part_until(uint64_t until_ns, unsigned int parts)
{
	uint64_t now_ns = nfp_clock_now();

	return until_ns > now_ns ? now_ns + (until_ns - now_ns) / parts : until_ns;
}

int nfp_facts_read(const struct nfp_sysroot *root, const struct nfp_facts_rights *may,
		   uint64_t until_ns, struct nfp_facts *ret_facts, struct nfp_err *err)
{
	struct nfp_use_ctx use = {.root = root,
				  .until_ns = part_until(until_ns, 3),
				  .only_looks = true,
				  .wants_taps = true};
	struct utsname uts;
	int ret;

	*ret_facts = (struct nfp_facts) {.num_netns = 0};
	ret = nfp_topology_users(&use, &ret_facts->topology, err);
	if (ret < 0) {
		nfp_use_ctx_fini(&use);
		return ret;
	}
	nfp_facts_set_words_aside(ret_facts);
	ret = read_own(ret_facts, root, until_ns, err);
	/* A namespace most often has what an audit is about; a process most often does not. */
	if (ret == 0)
		read_netns(ret_facts, root, may, part_until(until_ns, 2));
	use.until_ns = until_ns;
	ret = ret ?: read_taps(ret_facts, &use, may, err);
	nfp_use_ctx_fini(&use);
	if (ret < 0) {
		nfp_facts_fini(ret_facts);
		return ret;
	}
	nfp_for_each (one, ret_facts->topology.pfs, ret_facts->topology.num_pfs)
		check_pf_users(ret_facts, one, may);
	read_groups(ret_facts, root);
	nfp_facts_guests(ret_facts, root, until_ns);
	read_rules(ret_facts, may, until_ns);
	(void)uname(&uts); /* fails only for a bad address */
	nfp_queriers_settle(ret_facts->netns, ret_facts->num_netns, uts.release);
	ret_facts->open_vswitch = has_open_vswitch(&ret_facts->topology);
	return 0;
}
