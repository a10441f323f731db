// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * taps.c - whose the open taps and macvtaps are: where each is, whether it is still there, the
 * address of its guest, and the guest's name.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "inventory_priv.h"
#include "net/domstatus.h"

/* ---- namespaces by inode: others can make any number of them, and of processes in them ---- */

static int compare_inodes(const void *a, const void *b)
{
	const struct nfp_netns *x = *(struct nfp_netns *const *)a,
			       *y = *(struct nfp_netns *const *)b;

	return NFP_ORDER(x->inode, y->inode);
}

struct nfp_netns **nfp_netns_by_inode(const struct nfp_facts *facts)
{
	struct nfp_netns **list = nfp_calloc(facts->num_netns + 1, sizeof(*list));

	for (size_t i = 0; i < facts->num_netns; i++)
		list[i] = &facts->netns[i];
	qsort(list, facts->num_netns, sizeof(*list), compare_inodes);
	return list;
}

struct nfp_netns *nfp_netns_of_inode(struct nfp_netns *const *by_inode, size_t num,
				     unsigned long inode)
{
	const struct nfp_netns like = {.inode = inode}, *key = &like;
	struct nfp_netns *const *found =
		inode ? bsearch(&key, by_inode, num, sizeof(key), compare_inodes) : NULL;

	return found ? *found : NULL;
}

/* ---- where each is ---- */

/* The namespaces by inode, and the netdevs of each by name: others can make any number of these and
 * of taps. */
struct placer {
	const struct nfp_facts *facts;
	const struct nfp_sysroot *root;
	struct nfp_netns **by_inode;
	const struct nfp_link **by_name; /* those of all namespaces, one after the other, */
	size_t *begin;			 /* each beginning here */
	int *away; /* sorted: the ifindexes of macvtaps elsewhere that are on a netdev of ours */
	size_t num_away;
	int pid; /* the process whose namespace was last looked for: */
	const struct nfp_netns *netns;
};

/* Compares two pointers to links by name. */
static int compare_names(const void *a, const void *b)
{
	const struct nfp_link *x = *(const struct nfp_link *const *)a,
			      *y = *(const struct nfp_link *const *)b;

	return strcmp(x->ifname, y->ifname);
}

static int compare_numbers(const void *a, const void *b)
{
	return NFP_ORDER(*(const int *)a, *(const int *)b);
}

/*
 * A macvtap is no more if its node is gone (macvtap_device_event removes it with the netdev), or if
 * every namespace was seen; and no namespace has it. Only one that is on a netdev of ours can have
 * been handed over to a process here: who has a namespace can give a macvtap any number.
 */
static bool is_dead(const struct placer *p, const struct nfp_guest_tap *tap)
{
	return tap->ifindex && (tap->dead || p->facts->netns_known) &&
	       !nfp_links_by_ifindex(p->facts->netns->links, p->facts->netns->num_links,
				     tap->ifindex) &&
	       !(p->num_away &&
		 bsearch(&tap->ifindex, p->away, p->num_away, sizeof(*p->away), compare_numbers));
}

/* Returns the netdev of the tap in the namespace of its process. NULL: it is not there. */
static const struct nfp_link *place_tap(struct placer *p, struct nfp_guest_tap *tap)
{
	struct nfp_link named = {.ifindex = tap->ifindex};
	const struct nfp_link *const like = &named, *link = NULL, **found;
	char process[16];
	size_t i;

	if (tap->pid != p->pid) {
		snprintf(process, sizeof(process), "%d", tap->pid);
		p->pid = tap->pid;
		p->netns = nfp_netns_of_inode(p->by_inode, p->facts->num_netns,
					      nfp_netns_inode(p->root, process));
	}
	i = p->netns ? (size_t)(p->netns - p->facts->netns) : 0;
	if (p->netns && tap->ifindex) {
		link = nfp_links_by_ifindex(p->netns->links, p->netns->num_links, tap->ifindex);
	} else if (p->netns) {
		memcpy(named.ifname, tap->ifname, sizeof(named.ifname));
		found = bsearch(&like, p->by_name + p->begin[i], p->netns->num_links,
				sizeof(*p->by_name), compare_names);
		link = found ? *found : NULL;
	}
	tap->in_netns = link != NULL;
	tap->netns = link ? i : 0;
	tap->dead = !link && is_dead(p, tap);
	return link;
}

static void sort_netdevs(struct placer *p)
{
	const struct nfp_facts *facts = p->facts;
	size_t num = 0;

	for (size_t i = 0; i < facts->num_netns; i++)
		num += facts->netns[i].num_links;
	p->begin = nfp_calloc(facts->num_netns + 1, sizeof(*p->begin));
	p->by_name = nfp_calloc(num + 1, sizeof(*p->by_name));
	num = 0;
	for (size_t i = 0; i < facts->num_netns; i++) {
		const struct nfp_netns *netns = &facts->netns[i];

		p->begin[i] = num;
		nfp_for_each (link, netns->links, netns->num_links) {
			p->by_name[num++] = link;
			if (i && link->link_elsewhere && strcmp(link->kind, "macvtap") == 0)
				*nfp_grow(p->away, p->num_away) = link->ifindex;
		}
		qsort(p->by_name + p->begin[i], num - p->begin[i], sizeof(*p->by_name),
		      compare_names);
	}
	if (p->num_away)
		qsort(p->away, p->num_away, sizeof(*p->away), compare_numbers);
}

/* Finds each tap in the namespace of its process. Returns its netdev by its number, NULL: it is not
 * there. The caller frees the list. */
static const struct nfp_link **place_taps(struct nfp_facts *facts, const struct nfp_sysroot *root)
{
	struct placer p = {.facts = facts, .root = root};
	const struct nfp_link **links = nfp_calloc(facts->num_taps + 1, sizeof(*links));

	p.by_inode = nfp_netns_by_inode(facts);
	sort_netdevs(&p);
	for (size_t i = 0; i < facts->num_taps; i++)
		links[i] = place_tap(&p, &facts->taps[i]);
	free(p.by_inode);
	free(p.begin);
	free(p.by_name);
	free(p.away);
	return links;
}

/* ---- names ---- */

static int compare_pids(const void *a, const void *b)
{
	const struct nfp_facts_guest *x = a, *y = b;

	return NFP_ORDER(x->pid, y->pid);
}

static struct nfp_facts_guest *find_guest(const struct nfp_facts *facts, int pid)
{
	const struct nfp_facts_guest key = {.pid = pid};

	return facts->num_guests
		       ? bsearch(&key, facts->guests, facts->num_guests, sizeof(key), compare_pids)
		       : NULL;
}

const struct nfp_facts_guest *nfp_facts_guest_of(const struct nfp_facts *facts, int pid)
{
	return find_guest(facts, pid);
}

/* Adds each process that has a tap, once; the taps of a process are side by side. */
static void add_guests(struct nfp_facts *facts)
{
	size_t kept = 0;

	facts->guests = nfp_calloc(facts->num_taps + 1, sizeof(*facts->guests));
	for (size_t i = 0; i < facts->num_taps; i++)
		facts->guests[i].pid = facts->taps[i].pid;
	qsort(facts->guests, facts->num_taps, sizeof(*facts->guests), compare_pids);
	for (size_t i = 0; i < facts->num_taps; i++)
		if (!kept || facts->guests[kept - 1].pid != facts->guests[i].pid)
			facts->guests[kept++] = facts->guests[i];
	facts->num_guests = kept;
}

struct status_scan {
	struct nfp_facts *facts;
	const struct nfp_sysroot *root;
	uint64_t until_ns;
	char unread[NFP_TEXT_LEN]; /* a guest whose state is not known; empty: none */
};

static int note_status(const char *file, void *ctx)
{
	struct status_scan *s = ctx;
	struct nfp_domstatus status;
	struct nfp_facts_guest *guest;
	char name[NAME_MAX + 1];
	const char *end = strrchr(file, '.');
	int ret;

	if (!end || strcmp(end, ".xml") != 0)
		return nfp_clock_now() >= s->until_ns;
	snprintf(name, sizeof(name), "%.*s", (int)(end - file), file);
	ret = nfp_domstatus_read(s->root, name, &status);
	guest = ret == 0 ? find_guest(s->facts, status.pid) : NULL;
	if (ret == -EFBIG)
		snprintf(s->unread, sizeof(s->unread), "%.100s", name);
	if (guest) {
		snprintf(guest->name, sizeof(guest->name), "%.127s", name);
		guest->by_libvirt = true;
		guest->stopped = !nfp_domstatus_runs(&status);
	}
	return nfp_clock_now() >= s->until_ns;
}

/* ---- what QEMU's arguments say ---- */

/* libvirt's own names of taps have the address of the guest. */
static bool is_asked(const struct nfp_facts *facts, const struct nfp_guest_tap *tap,
		     const struct nfp_link *link)
{
	/* A user can have any processes in their own user namespace, and make the reader of these
	 * wait. */
	if (!link || facts->netns[tap->netns].users)
		return false;
	return tap->ifindex || link->address.b[0] != 0xfe;
}

struct args_reader {
	struct nfp_facts *facts;
	struct asked {
		size_t from, to; /* its taps */
	} * asked;
	pid_t *pids;
	size_t num;
	pid_t unread;
};

static void take_args(void *ctx, size_t i, const char *args, ssize_t len)
{
	struct args_reader *r = ctx;
	struct nfp_facts *facts = r->facts;
	struct nfp_facts_guest *guest = find_guest(facts, r->pids[i]);

	if (len < 0) {
		if (len != -ENOENT && len != -ESRCH)
			r->unread = r->pids[i];
		return;
	}
	for (size_t k = r->asked[i].from; k < r->asked[i].to; k++)
		if (facts->taps[k].in_netns)
			(void)nfp_guest_mac_find(args, (size_t)len, &facts->taps[k],
						 &facts->taps[k].mac);
	if (guest && !guest->name[0])
		nfp_guest_name_find(args, (size_t)len, guest->name);
}

static void read_args(struct nfp_facts *facts, const struct nfp_link *const *links,
		      const struct nfp_sysroot *root, uint64_t until_ns)
{
	struct nfp_allowance time = {until_ns - MIN(until_ns, nfp_clock_now()), until_ns};
	struct args_reader r = {.facts = facts};
	char who[NFP_PROCESS_LEN];

	r.asked = nfp_calloc(facts->num_guests + 1, sizeof(*r.asked));
	r.pids = nfp_calloc(facts->num_guests + 1, sizeof(*r.pids));
	for (size_t i = 0, to; i < facts->num_taps; i = to) {
		bool asks = false;

		for (to = i; to < facts->num_taps && facts->taps[to].pid == facts->taps[i].pid;
		     to++)
			asks |= is_asked(facts, &facts->taps[to], links[to]);
		if (!asks)
			continue;
		if (r.num == NFP_GUEST_MACS_MAX) {
			r.unread = facts->taps[i].pid;
			break;
		}
		r.asked[r.num].from = i;
		r.asked[r.num].to = to;
		r.pids[r.num++] = facts->taps[i].pid;
	}
	nfp_args_each(root, r.pids, r.num, &time, take_args, &r);
	free(r.asked);
	free(r.pids);
	if (!r.unread)
		return;
	nfp_process_name(root, r.unread, who);
	nfp_facts_unread(facts, "", "", "which guest has the tap of %s", who);
}

void nfp_facts_guests(struct nfp_facts *facts, const struct nfp_sysroot *root, uint64_t until_ns)
{
	struct status_scan scan = {.facts = facts, .root = root, .until_ns = until_ns};
	const struct nfp_link **links = place_taps(facts, root);

	add_guests(facts);
	if (facts->num_guests && nfp_sysfs_each(root, note_status, &scan, NFP_DOMSTATUS_DIR) > 0)
		nfp_facts_unread(facts, "", "",
				 "the states of all guests of libvirt: there was no time");
	if (scan.unread[0])
		nfp_facts_unread(facts, "", "",
				 "the state of guest %s: its file in " NFP_DOMSTATUS_DIR
				 " begins with too much else",
				 scan.unread);
	read_args(facts, links, root, until_ns);
	free(links);
}
