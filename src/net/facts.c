// SPDX-License-Identifier: GPL-2.0-or-later
/* facts.c - reads the facts of an audit, and notes what could not be read. */
#include "nfprobe/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/major.h>

#include "inventory_priv.h"

void nfp_facts_unseen(struct nfp_facts *facts, const char *pf, const char *needs, const char *fmt,
		      ...)
{
	struct nfp_unseen *unseen;
	va_list ap;

	facts->unseen = nfp_reallocarray(facts->unseen, facts->num_unseen + 1, sizeof(*unseen));
	unseen = &facts->unseen[facts->num_unseen++];
	snprintf(unseen->pf, sizeof(unseen->pf), "%s", pf);
	snprintf(unseen->needs, sizeof(unseen->needs), "%s", needs);
	va_start(ap, fmt);
	vsnprintf(unseen->what, sizeof(unseen->what), fmt, ap);
	va_end(ap);
}

void nfp_facts_fini(struct nfp_facts *facts)
{
	for (size_t i = 0; i < facts->num_netns; i++) {
		if (i > 0)
			free(facts->netns[i].links);
		free(facts->netns[i].entries);
		free(facts->netns[i].port_vlans);
	}
	free(facts->netns);
	free(facts->taps);
	free(facts->open_macvtaps);
	free(facts->deaf);
	free(facts->unseen);
	nfp_topology_fini(&facts->topology);
	*facts = (struct nfp_facts) {.num_netns = 0};
}

/* ---- namespaces ---- */

static int read_entries(struct nfp_nl *nl, struct nfp_netns *netns, struct nfp_err *err)
{
	/* A dump of AF_UNSPEC has ARP and ND entries, but none of an FDB. */
	static const uint8_t families[] = {AF_BRIDGE, AF_UNSPEC};
	int ret = 0;

	for (size_t i = 0; i < sizeof(families) && ret == 0; i++) {
		const struct nlmsghdr *nlh = NULL;
		struct nfp_neigh n;

		ret = nfp_neigh_dump(nl, families[i], err);
		while (ret == 0 && (nlh = nfp_nl_next(nl, nlh, 0))) {
			if (!nfp_neigh_parse(nlh, &n) || !n.have_mac || nfp_mac_is_zero(&n.mac) ||
			    nfp_mac_is_multicast(&n.mac))
				continue;
			netns->entries = nfp_reallocarray(netns->entries, netns->num_entries + 1,
							  sizeof(n));
			netns->entries[netns->num_entries++] = n;
		}
	}
	return ret;
}

static struct nfp_netns *add_netns(struct nfp_facts *facts)
{
	struct nfp_netns *netns;

	facts->netns = nfp_reallocarray(facts->netns, facts->num_netns + 1, sizeof(*facts->netns));
	netns = &facts->netns[facts->num_netns++];
	*netns = (struct nfp_netns) {.name = ""};
	return netns;
}

static int read_own(struct nfp_facts *facts, const struct nfp_sysroot *root, struct nfp_err *err)
{
	struct nfp_netns *netns = add_netns(facts);
	struct nfp_nl *nl;
	int ret = nfp_nl_open(NETLINK_ROUTE, -1, &nl, err);

	netns->inode = nfp_netns_inode(root, "self");
	netns->links = facts->topology.links;
	netns->num_links = facts->topology.num_links;
	if (ret < 0)
		return ret;
	ret = read_entries(nl, netns, err)
		      ?: nfp_rt_port_vlans(nl, 0, &netns->port_vlans, &netns->num_port_vlans, err);
	nfp_nl_close(nl);
	return ret;
}

struct visitor {
	const struct nfp_sysroot *root;
	const struct nfp_facts_rights *may;
	uint64_t until_ns;
	struct nfp_facts *facts;
};

/* A process is in its network namespace. */
static int note_process(const char *name, void *ctx)
{
	const struct visitor *v = ctx;
	unsigned long inode = nfp_pid_of(name) ? nfp_netns_inode(v->root, name) : 0;

	for (size_t i = 1; i < v->facts->num_netns && inode; i++)
		if (v->facts->netns[i].inode == inode)
			v->facts->netns[i].deserted = false;
	return 0;
}

/* May a netdev in it lead to a PF? What is on top of others there alone does not. */
static bool may_lead(const struct nfp_netns *netns)
{
	for (size_t i = 0; i < netns->num_links; i++)
		if (netns->links[i].link_elsewhere ||
		    (netns->links[i].parentdev[0] && !netns->links[i].kind[0]))
			return true;
	return false;
}

/* A namespace that goes away meanwhile has nothing to be seen. */
static int visit(int fd, const char *name, pid_t pid, void *ctx)
{
	struct visitor *v = ctx;
	char process[NFP_PROCESS_LEN], called[NFP_TEXT_LEN];
	struct nfp_netns *netns;
	struct nfp_err err = {0};
	struct nfp_nl *nl = NULL;
	struct stat st;
	int ret;

	v->facts->late |= nfp_clock_now() >= v->until_ns;
	if (v->facts->late)
		return 1;
	ret = nfp_nl_open(NETLINK_ROUTE, fd, &nl, &err);
	if (!name)
		nfp_process_name(v->root, pid, process);
	snprintf(called, sizeof(called), "%s%.80s",
		 name ? "network namespace " : "the network namespace of ", name ? name : process);
	if (ret < 0) {
		/* A name that is left of a namespace is a plain file. */
		if (ret != -EINVAL)
			nfp_facts_unseen(v->facts, "", v->may->sys_admin ? "" : "CAP_SYS_ADMIN",
					 "%s: %.120s", called, err.message);
		return 0;
	}
	netns = add_netns(v->facts);
	netns->inode = fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
	netns->deserted = name != NULL;
	memcpy(netns->name, called, sizeof(netns->name));
	netns->pid = (int)pid;
	snprintf(netns->ip_name, sizeof(netns->ip_name), "%s", name ? name : "");
	ret = nfp_links_read(nl, &netns->links, &netns->num_links, &err);
	if (ret == 0 && may_lead(netns))
		ret = read_entries(nl, netns, &err);
	if (ret < 0)
		nfp_facts_unseen(v->facts, "", "", "%s: %.120s", called, err.message);
	nfp_nl_close(nl);
	return 0;
}

const struct nfp_link *nfp_vf_netdev(const struct nfp_facts *facts, const struct nfp_vf_info *vf,
				     const struct nfp_mac *mac, const struct nfp_netns **ret_netns)
{
	for (size_t i = 0; i < facts->num_netns; i++) {
		const struct nfp_netns *netns = &facts->netns[i];

		for (size_t k = 0; k < netns->num_links; k++) {
			const struct nfp_link *link = &netns->links[k];

			if (link->kind[0] || !link->parentdev[0] ||
			    strcmp(link->parentdev, vf->parentdev) != 0 ||
			    (mac && !nfp_mac_equal(&link->address, mac)))
				continue;
			if (ret_netns)
				*ret_netns = netns;
			return link;
		}
	}
	return NULL;
}

static void read_netns(struct nfp_facts *facts, const struct nfp_sysroot *root,
		       const struct nfp_facts_rights *may, uint64_t until_ns)
{
	struct visitor v = {root, may, until_ns, facts};
	bool closed;

	if (nfp_netns_each(root, visit, &v, &closed))
		nfp_facts_unseen(facts, "", "",
				 "all network namespaces: there was no time for more");
	if (!facts->late)
		(void)nfp_sysfs_each(root, note_process, &v, "/proc");
	for (size_t i = 1; i < facts->num_netns && (closed || facts->late); i++)
		facts->netns[i].deserted = false; /* who knows */
	if (closed)
		nfp_facts_unseen(facts, "", may->sys_ptrace ? "root" : "CAP_SYS_PTRACE",
				 "the network namespaces of other users' processes");
	for (size_t i = 0; i < facts->topology.num_pfs; i++) {
		const struct nfp_pf *pf = &facts->topology.pfs[i];

		for (size_t k = 0; k < pf->num_vfs; k++) {
			const struct nfp_vf_info *vf = &pf->vfs[k];

			if (vf->use == NFP_USE_NAMESPACE && !nfp_vf_netdev(facts, vf, NULL, NULL))
				nfp_facts_unseen(facts, pf->info.ifname,
						 may->sys_admin ? "" : "CAP_SYS_ADMIN",
						 "the netdev of VF %u of %s, in another network "
						 "namespace",
						 vf->vf, pf->info.ifname);
		}
	}
}

/* ---- guests ---- */

bool nfp_tap_may_be(const struct nfp_facts *facts, const struct nfp_guest_tap *tap,
		    const struct nfp_netns *netns, const struct nfp_link *link)
{
	bool same = tap->ifindex ? tap->ifindex == link->ifindex
				 : strcmp(tap->ifname, link->ifname) == 0;

	return same && (!tap->in_netns || &facts->netns[tap->netns] == netns);
}

/* Finds the tap in the namespace of its process. */
static void place_tap(const struct nfp_facts *facts, const struct nfp_sysroot *root,
		      struct nfp_guest_tap *tap)
{
	unsigned long inode;
	char process[16];

	snprintf(process, sizeof(process), "%d", tap->pid);
	inode = nfp_netns_inode(root, process);
	for (size_t i = 0; i < facts->num_netns && inode; i++)
		for (size_t k = 0; k < facts->netns[i].num_links && facts->netns[i].inode == inode;
		     k++)
			if (nfp_tap_may_be(facts, tap, &facts->netns[i],
					   &facts->netns[i].links[k])) {
				tap->in_netns = true;
				tap->netns = i;
				return;
			}
}

static void place_taps(struct nfp_facts *facts, const struct nfp_sysroot *root)
{
	for (size_t i = 0; i < facts->num_taps; i++)
		place_tap(facts, root, &facts->taps[i]);
	for (size_t i = 0; i < facts->num_open_macvtaps; i++)
		place_tap(facts, root, &facts->open_macvtaps[i]);
}

static int read_guests(struct nfp_facts *facts, const struct nfp_sysroot *root, uint64_t until_ns,
		       struct nfp_err *err)
{
	struct nfp_use_ctx ctx = {.root = root, .until_ns = until_ns};
	int ret = nfp_holders_read(&ctx);

	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot read the processes");
	facts->holders_known = ctx.holders.complete;
	facts->late = ctx.holders.late;
	facts->open_macvtaps = nfp_calloc(ctx.holders.n + 1, sizeof(*facts->open_macvtaps));
	for (size_t i = 0; i < ctx.holders.n; i++) {
		struct nfp_guest_tap tap;

		if (!nfp_holder_tap(root, &ctx.holders.v[i], &tap))
			continue;
		if (tap.ifname[0]) {
			facts->taps = nfp_reallocarray(facts->taps, facts->num_taps + 1,
						       sizeof(tap));
			facts->taps[facts->num_taps++] = tap;
		} else {
			facts->open_macvtaps[facts->num_open_macvtaps++] = tap;
		}
	}
	nfp_use_ctx_fini(&ctx);
	return 0;
}

static void read_macvtaps(struct nfp_facts *facts, const struct nfp_sysroot *root)
{
	const struct nfp_topology *t = &facts->topology;
	char *text = nfp_dev_mcast_read(root);

	if (!text)
		return;
	facts->deaf = nfp_calloc(t->num_links + 1, sizeof(*facts->deaf));
	for (size_t i = 0; i < t->num_links; i++)
		if (nfp_macvtap_deaf(t, &t->links[i], text))
			facts->deaf[facts->num_deaf++] = t->links[i].ifindex;
	free(text);
}

/* ---- PFs ---- */

/* The right with which each process could be looked into; empty: they all were. */
static const char *what_processes_need(const struct nfp_facts *facts,
				       const struct nfp_facts_rights *may)
{
	if (facts->holders_known || facts->late)
		return "";
	return may->sys_ptrace ? "the host's PID namespace, and leave to follow each link"
			       : "CAP_SYS_PTRACE";
}

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

static void check_vfs(struct nfp_facts *facts, const struct nfp_pf *pf,
		      const struct nfp_facts_rights *may)
{
	struct vf_list silent = {.num = 0}, unknown = {.num = 0};
	const char *why = "";

	for (size_t i = 0; i < pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];

		if (!pf->attrs_errno && !vf->attr.have_mac)
			list_vf(&silent, vf->vf);
		if (vf->use != NFP_USE_UNKNOWN)
			continue;
		why = unknown.num ? why : vf->user;
		list_vf(&unknown, vf->vf);
	}
	if (silent.num)
		nfp_facts_unseen(facts, pf->info.ifname, "",
				 "the address of VF %s of %s: its driver does not report it",
				 silent.text, pf->info.ifname);
	if (unknown.num)
		nfp_facts_unseen(facts, pf->info.ifname, what_processes_need(facts, may),
				 "who uses VF %s of %s: %s", unknown.text, pf->info.ifname, why);
}

static void check_pf(struct nfp_facts *facts, const struct nfp_pf *pf,
		     const struct nfp_facts_rights *may)
{
	const char *name = pf->info.ifname;

	if (pf->attrs_errno)
		nfp_facts_unseen(facts, name, "", "the addresses of the VFs of %s: %s", name,
				 pf->attrs_errno == EMSGSIZE ? "this kernel cannot list so many"
							     : strerrordesc_np(pf->attrs_errno));
	check_vfs(facts, pf, may);
	if (pf->num_vfs && !pf->info.eswitch_mode[0] && pf->eswitch_errno != EOPNOTSUPP &&
	    nfp_driver(pf->info.driver)->has_modes)
		nfp_facts_unseen(facts, name, may->net_admin ? "" : "CAP_NET_ADMIN",
				 "the eswitch mode of %s: %s", name,
				 strerrordesc_np(pf->eswitch_errno));
}

static bool has_open_vswitch(const struct nfp_topology *t)
{
	for (size_t i = 0; i < t->num_links; i++)
		if (strcmp(t->links[i].kind, "openvswitch") == 0 ||
		    strcmp(t->links[i].master_kind, "openvswitch") == 0)
			return true;
	return false;
}

int nfp_facts_read(const struct nfp_sysroot *root, const struct nfp_facts_rights *may,
		   uint64_t until_ns, struct nfp_facts *ret_facts, struct nfp_err *err)
{
	ssize_t pf;
	int ret;

	*ret_facts = (struct nfp_facts) {.num_netns = 0};
	ret = nfp_topology_list(root, "", NFP_READ_USERS, until_ns, &ret_facts->topology, &pf, err);
	if (ret < 0)
		return ret;
	ret = read_own(ret_facts, root, err) ?: read_guests(ret_facts, root, until_ns, err);
	if (ret < 0) {
		nfp_facts_fini(ret_facts);
		return ret;
	}
	for (size_t i = 0; i < ret_facts->topology.num_pfs; i++)
		check_pf(ret_facts, &ret_facts->topology.pfs[i], may);
	if (!ret_facts->holders_known)
		nfp_facts_unseen(ret_facts, "", what_processes_need(ret_facts, may),
				 "what each process of this host has open%s",
				 ret_facts->late ? ": there was no time for more" : "");
	read_netns(ret_facts, root, may, until_ns);
	place_taps(ret_facts, root);
	read_macvtaps(ret_facts, root);
	ret_facts->open_vswitch = has_open_vswitch(&ret_facts->topology);
	return 0;
}
