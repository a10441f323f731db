/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit_host.h - builds the hosts of audit_hosts.txt in memory. That file explains its words; each
 * word that sets a member of a struct has a row here.
 */
#ifndef TESTS_UNIT_AUDIT_HOST_H
#define TESTS_UNIT_AUDIT_HOST_H

#include <net/if.h>
#include <sys/socket.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include "harness.h"
#include "audit/audit.h"

enum { VFS = 6, LINKS = 64, ENTRIES = 24, NAMESPACES = 3, FEW = 4, HOSTS_MAX = 400 };

/* A host with the PF eth0 and six idle VFs, each with an address that nobody else has, and with the
 * PF eth9, which has one VF without an address. */
struct host {
	struct nfp_vf_info vfs[VFS], other_vf;
	struct nfp_rules rules;
	struct nfp_pf pfs[2];
	struct nfp_link links[NAMESPACES][LINKS];
	struct nfp_neigh entries[NAMESPACES][ENTRIES], *last; /* last: the newest entry */
	struct nfp_port_vlan port_vlans[2 * FEW];
	struct nfp_membership membership;
	struct nfp_netns netns[NAMESPACES];
	struct nfp_guest_tap taps[FEW];
	struct nfp_unread unread;
	struct nfp_facts facts;
};

/* One of audit_hosts.txt; the texts are owned by the file's. */
struct host_text {
	const char *name, *like, *makes[FEW * 2];
	const char *what, *after, *unseen, *guests[FEW], *does[FEW * 2];
	char code[32];
	bool remark;
	size_t num_makes, num_does, num_guests;
};

static struct host_text host_texts[HOSTS_MAX];
static size_t num_hosts;

/* A word sets the member to @value, or to what follows its '='; and the one at @also to true. */
struct host_word {
	const char *word;
	enum { NUMBER, TEXT, ADDRESS } type;
	size_t offset, size;
	long value;
	size_t also;
};
#define MEMBER(type_, member_) offsetof(type_, member_), sizeof(((type_ *)0)->member_)
#define LINK(member_)	       MEMBER(struct nfp_link, member_)
#define VF(member_)	       MEMBER(struct nfp_vf_info, member_)
#define PF(member_)	       MEMBER(struct nfp_pf, member_)
#define ENTRY(member_)	       MEMBER(struct nfp_neigh, member_)
#define NETNS(member_)	       MEMBER(struct nfp_netns, member_)
#define PORT_KNOWN	       offsetof(struct nfp_link, port.known)
#define BRIDGE_KNOWN	       offsetof(struct nfp_link, bridge.known)

static const struct host_word link_words[] = {
	{"mac", ADDRESS, LINK(address), 0, 0},
	{"ifindex", NUMBER, LINK(ifindex), 0, 0},
	{"parentdev", TEXT, LINK(parentdev), 0, 0},
	{"vlan", NUMBER, LINK(vlan_id), 0, 0},
	{"proto", NUMBER, LINK(vlan_proto), 0, 0},
	{"mtu", NUMBER, LINK(mtu), 0, 0},
	{"down", NUMBER, LINK(flags), 0, 0},
	{"loopback", NUMBER, LINK(flags), IFF_UP | IFF_LOOPBACK, 0},
	{"promisc", NUMBER, LINK(flags), IFF_UP | IFF_PROMISC, 0},
	{"allmulti", NUMBER, LINK(flags), IFF_UP | IFF_ALLMULTI, 0},
	{"physical", NUMBER, LINK(physical), 1, 0},
	{"passthru", NUMBER, LINK(passthru), 1, 0},
	{"carrier", NUMBER, LINK(carrier), 1, 0},
	{"ip", NUMBER, LINK(has_address), 1, 0},
	{"deaf", NUMBER, LINK(deaf), 1, 0},
	{"bridging", NUMBER, LINK(bridging), 1, 0},
	{"backup", NUMBER, LINK(bond_backup), 1, 0},
	{"one_address", NUMBER, LINK(bond_of_one_address), 1, 0},
	{"filters_vlans", NUMBER, LINK(vlan_filtering), 1, 0},
	{"pvid", NUMBER, LINK(default_pvid), 1, 0},
	{"elsewhere", NUMBER, LINK(link_elsewhere), 0, 0},
	{"promiscuous", NUMBER, LINK(promiscuity), 1, 0},
	{"as_new", NUMBER, LINK(bridge.known), 1, 0},
	{"stp", NUMBER, LINK(bridge.stp), 1, BRIDGE_KNOWN},
	{"delay", NUMBER, LINK(bridge.stp_delay_ms), 0, BRIDGE_KNOWN},
	{"snoops", NUMBER, LINK(bridge.snoops), 1, BRIDGE_KNOWN},
	{"querier_unknown", NUMBER, LINK(bridge.querier_unknown), 1, BRIDGE_KNOWN},
	{"querier", NUMBER, LINK(bridge.has_querier), 1, 0},
	{"arptables", NUMBER, LINK(bridge.netfilter), NFP_NF_ARPTABLES, BRIDGE_KNOWN},
	{"forwarding", NUMBER, LINK(port.state), BR_STATE_FORWARDING, PORT_KNOWN},
	{"listening", NUMBER, LINK(port.state), BR_STATE_LISTENING, PORT_KNOWN},
	{"blocking", NUMBER, LINK(port.state), BR_STATE_BLOCKING, PORT_KNOWN},
	{"disabled", NUMBER, LINK(port.state), BR_STATE_DISABLED, PORT_KNOWN},
	{"isolated", NUMBER, LINK(port.isolated), 1, PORT_KNOWN},
	{"locked", NUMBER, LINK(port.locked), 1, PORT_KNOWN},
	{"proxy_arp", NUMBER, LINK(port.proxy_arp), 1, PORT_KNOWN},
	{"no_learning", NUMBER, LINK(port.no_learning), 1, PORT_KNOWN},
	{"no_flood", NUMBER, LINK(port.no_flood), 1, PORT_KNOWN},
	{"no_groups", NUMBER, LINK(port.no_mcast_flood), 1, PORT_KNOWN},
	{"no_broadcast", NUMBER, LINK(port.no_bcast_flood), 1, PORT_KNOWN},
	{"router_port", NUMBER, LINK(port.mcast_router), 2, PORT_KNOWN},
	{0},
};
static const struct host_word vf_words[] = {
	{"mac", ADDRESS, VF(attr.mac), 0, 0},
	{"ifindex", NUMBER, VF(ifindex), 0, 0},
	{"vlan", NUMBER, VF(attr.vlan.vid), 0, 0},
	{"trust", NUMBER, VF(attr.trust), 1, 0},
	{"spoofchk", NUMBER, VF(attr.spoofchk), 1, 0},
	{"rate", NUMBER, VF(attr.max_tx_rate), 0, 0},
	{"auto", NUMBER, VF(attr.link_state), IFLA_VF_LINK_STATE_AUTO, 0},
	{"always_on", NUMBER, VF(attr.link_state), IFLA_VF_LINK_STATE_ENABLE, 0},
	{"disabled", NUMBER, VF(attr.link_state), IFLA_VF_LINK_STATE_DISABLE, 0},
	{"idle", NUMBER, VF(use), NFP_USE_IDLE, 0},
	{"netdev", NUMBER, VF(use), NFP_USE_NETDEV, 0},
	{"other", NUMBER, VF(use), NFP_USE_OTHER, 0},
	{"guest", NUMBER, VF(user_pid), 0, 0},
	{"reserved", NUMBER, VF(user_pid), 0, 0},
	{"says", NUMBER, VF(user_pid), 0, 0},
	{"rest", NUMBER, VF(at_rest), 1, 0},
	{"by_address", NUMBER, VF(by_address), 1, 0},
	{"left", NUMBER, VF(trace), NFP_TRACE_LEFT, 0},
	{"probed", NUMBER, VF(trace), NFP_TRACE_PROBED, 0},
	{"user", TEXT, VF(user), 0, 0},
	{0},
};
static const struct host_word pf_words[] = {
	{"mac", ADDRESS, PF(info.address), 0, 0},
	{"driver", TEXT, PF(info.driver), 0, 0},
	{"mode", TEXT, PF(info.eswitch_mode), 0, 0},
	{"master", TEXT, PF(info.master), 0, 0},
	{"lag", TEXT, PF(info.lag), 0, 0},
	{"mtu", NUMBER, PF(info.mtu), 0, 0},
	{"vepa", NUMBER, PF(info.vepa), 1, 0},
	{"vfs", NUMBER, PF(num_vfs), 0, 0},
	{"down", NUMBER, PF(flags), 0, 0},
	{"eswitch", NUMBER, PF(eswitch_errno), 0, 0},
	{0},
};
static const struct host_word entry_words[] = {
	{"mac", ADDRESS, ENTRY(mac), 0, 0},
	{"vlan", NUMBER, ENTRY(vlan), 0, 0},
	{"seen", NUMBER, ENTRY(seen_cs), 0, 0},
	{"reachable", NUMBER, ENTRY(state), NUD_REACHABLE, 0},
	{"permanent", NUMBER, ENTRY(state), NUD_PERMANENT, 0},
	{"static", NUMBER, ENTRY(state), NUD_NOARP, 0},
	{"stale", NUMBER, ENTRY(state), NUD_STALE, 0},
	{"failed", NUMBER, ENTRY(state), NUD_FAILED, 0},
	{0},
};
static const struct host_word netns_words[] = {
	{"deserted", NUMBER, NETNS(deserted), 1, 0},
	{"users", NUMBER, NETNS(users), 1, 0},
	{"iptables", NUMBER, NETNS(netfilter), NFP_NF_IPTABLES | NFP_NF_IP6TABLES, 0},
	{"sockets_unknown", NUMBER, NETNS(memberships_known), 0, 0},
	{0},
};

/* "13" is 52:54:00:00:00:13, and "0" none. */
static inline bool parse_address(const char *text, struct nfp_mac *mac)
{
	*mac = (struct nfp_mac) {{0}};
	if (strcmp(text, "0") == 0)
		return true;
	if (strchr(text, ':'))
		return nfp_mac_parse(text, mac);
	*mac = (struct nfp_mac) {{0x52, 0x54, 0, 0, 0, (uint8_t)strtoul(text, NULL, 16)}};
	return strlen(text) == 2 && strspn(text, "0123456789abcdef") == 2;
}

/* Sets a member of @object; false: @word is none of @words. */
static inline bool set_word(const struct host_word *words, void *object, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;

	for (const struct host_word *w = words; w->word; w++) {
		char *to = (char *)object + w->offset;
		long number = value ? strtol(value, NULL, 0) : w->value;

		if (strlen(w->word) != len || strncmp(w->word, word, len) != 0)
			continue;
		if (w->also)
			*((bool *)((char *)object + w->also)) = true;
		if (w->type == ADDRESS)
			return parse_address(value, (struct nfp_mac *)to);
		if (w->type == NUMBER) { /* little-endian or big-endian */
			if (w->size == 1)
				*(uint8_t *)to = (uint8_t)number;
			else if (w->size == 2)
				*(uint16_t *)to = (uint16_t)number;
			else if (w->size == 4)
				*(int32_t *)to = (int32_t)number;
			else
				*(int64_t *)to = number;
			return true;
		}
		snprintf(to, w->size, "%s", value);
		for (; *to; to++) /* a '+' is a space */
			if (*to == '+')
				*to = ' ';
		return true;
	}
	return false;
}

/* Splits NAME@NETNS at the '@'; *@where is false if there is none. */
static inline size_t netns_of(char *name, bool *where)
{
	static const char *const names[NAMESPACES] = {"", "red", "pause"};
	char *at = strchr(name, '@');

	*where = at != NULL;
	if (!at)
		return 0;
	*at = '\0';
	for (size_t i = 0; i < NAMESPACES; i++)
		if (strcmp(at + 1, names[i]) == 0)
			return i;
	fail_msg("there is no namespace %s", at + 1);
	return 0;
}

static inline struct nfp_link *link_of(struct host *h, size_t ns, const char *name)
{
	for (size_t i = 0; i < h->netns[ns].num_links; i++)
		if (strcmp(h->links[ns][i].ifname, name) == 0)
			return &h->links[ns][i];
	return NULL;
}

/* The netdev NAME@NETNS, which must be there; without '@' it is in namespace *@ns. */
static inline struct nfp_link *link_at(struct host *h, const char *text, size_t *ns)
{
	struct nfp_link *link;
	char name[64];
	size_t at;
	bool where;

	snprintf(name, sizeof(name), "%s", text);
	at = netns_of(name, &where);
	*ns = where ? at : *ns;
	link = link_of(h, *ns, name);
	if (!link)
		fail_msg("there is no netdev %s", text);
	return link;
}

static inline struct nfp_link *add_link(struct host *h, size_t ns, const char *name)
{
	struct nfp_link *link = &h->links[ns][h->netns[ns].num_links++];

	assert_true(h->netns[ns].num_links <= LINKS);
	*link = (struct nfp_link) {.ifindex = 20, .flags = IFF_UP};
	for (size_t i = 0; i < NAMESPACES; i++)
		link->ifindex += (int)h->netns[i].num_links;
	snprintf(link->ifname, sizeof(link->ifname), "%s", name);
	if (ns == 0)
		h->facts.topology.num_links = h->netns[0].num_links;
	return link;
}

static inline struct nfp_neigh *add_entry(struct host *h, size_t ns, uint8_t family, int ifindex,
					  struct nfp_mac mac)
{
	h->last = &h->entries[ns][h->netns[ns].num_entries++];
	assert_true(h->netns[ns].num_entries < ENTRIES);
	*h->last = (struct nfp_neigh) {.family = family,
				       .state = NUD_REACHABLE,
				       .ifindex = ifindex,
				       .have_mac = true,
				       .mac = mac};
	return h->last;
}

/* Its netdev; the VF gets that one's driver. */
static inline void netdev_of_vf(size_t ns, struct nfp_link *link, struct nfp_vf_info *vf)
{
	memcpy(link->parentdev, vf->parentdev, sizeof(link->parentdev));
	link->address = vf->attr.mac;
	strcpy(vf->driver, "igbvf");
	if (ns == 0)
		return;
	vf->use = NFP_USE_NAMESPACE;
	strcpy(vf->user, "its netdev is in another network namespace");
}

/* Sets the other netdev, or the VF below, that @word names. False: it names none. */
static inline bool set_relation(struct host *h, size_t ns, struct nfp_link *link, const char *word)
{
	static const char *const kinds[] = {"bridge", "tun",  "macvtap", "macvlan",	"vlan",
					    "bond",   "veth", "dummy",	 "openvswitch", "vxlan"};
	struct nfp_link *other;
	size_t at = ns;

	for (size_t i = 0; i < NFP_NUM(kinds); i++)
		if (strcmp(word, kinds[i]) == 0)
			return snprintf(link->kind, sizeof(link->kind), "%s", word) > 0;
	if (strcmp(word, "in=") == 0) {
		link->master = 0;
		link->master_kind[0] = '\0';
	} else if (strncmp(word, "in=", 3) == 0) {
		other = link_at(h, word + 3, &at);
		link->master = other->ifindex;
		memcpy(link->master_kind, other->kind, sizeof(link->master_kind));
	} else if (strncmp(word, "on=", 3) == 0 || strncmp(word, "peer=", 5) == 0) {
		other = link_at(h, strchr(word, '=') + 1, &at);
		*(at != ns ? &link->link_elsewhere : &link->link) = other->ifindex;
		if (word[0] == 'p')
			*(at != ns ? &other->link_elsewhere : &other->link) = link->ifindex;
	} else if (strncmp(word, "vf=", 3) == 0) {
		netdev_of_vf(ns, link, &h->vfs[atoi(word + 3)]);
	} else {
		return false;
	}
	return true;
}

static inline void set_user(struct nfp_vf_info *vf, const char *word)
{
	if (strncmp(word, "guest=", 6) == 0) {
		vf->use = NFP_USE_VFIO;
		snprintf(vf->user, sizeof(vf->user),
			 "qemu (pid %d) holds it through vfio (group 12)", vf->user_pid);
	} else if (strncmp(word, "reserved=", 9) == 0) {
		vf->use = NFP_USE_RESERVED;
		vf->proof = NFP_PROMISED;
		snprintf(vf->user, sizeof(vf->user), "guest web1 (pid %d), not taken yet",
			 vf->user_pid);
	} else if (strncmp(word, "says=", 5) == 0) {
		vf->use = NFP_USE_RESERVED;
		vf->proof = NFP_SAID;
		snprintf(vf->user, sizeof(vf->user), "guest liar (pid %d), not taken yet",
			 vf->user_pid);
	}
}

/* A tap or macvtap NAME[@NETNS] that process @pid has open; without '@' it was handed over. */
static inline struct nfp_guest_tap opened(struct host *h, bool is_macvtap, char *name,
					  const char *pid)
{
	struct nfp_guest_tap tap = {.pid = atoi(pid)};

	tap.netns = netns_of(name, &tap.in_netns);
	if (!is_macvtap)
		snprintf(tap.ifname, sizeof(tap.ifname), "%s", name);
	else if (name[0] >= '0' && name[0] <= '9')
		tap.ifindex = atoi(name);
	else
		for (size_t ns = 0; ns < NAMESPACES; ns++)
			if (link_of(h, ns, name) && (!tap.in_netns || tap.netns == ns))
				tap.ifindex = link_of(h, ns, name)->ifindex;
	return tap;
}

/* fdb, self or neighbour DEV[@NETNS] ADDRESS... WORD... */
static inline void make_entries(struct host *h, char **words, size_t num)
{
	struct nfp_mac mac;
	size_t ns = 0;
	struct nfp_link *link = link_at(h, words[1], &ns);
	bool is_neighbour = strcmp(words[0], "neighbour") == 0;

	for (size_t i = 2; i < num && parse_address(words[i], &mac); i++) {
		struct nfp_neigh *entry = add_entry(h, ns, is_neighbour ? AF_INET : AF_BRIDGE,
						    link->ifindex, mac);

		if (is_neighbour) {
			entry->have_dst = true;
			memcpy(entry->dst, (const uint8_t[]) {192, 0, 2, 7}, 4);
		} else if (strcmp(words[0], "self") == 0) {
			entry->flags = NTF_SELF;
			entry->state = NUD_PERMANENT;
		} else {
			entry->master = strcmp(link->kind, "bridge") == 0 ? link->ifindex
									  : link->master;
		}
		for (size_t k = i + 1; k < num; k++)
			if (!parse_address(words[k], &mac) &&
			    !set_word(entry_words, entry, words[k]))
				fail_msg("%s is no word of an entry", words[k]);
	}
}

/* VF N, or each ("vf*"), or that of eth9 ("vf@eth9"). */
static inline void make_vfs(struct host *h, char **words, size_t num)
{
	for (unsigned int i = 0; i < VFS; i++) {
		struct nfp_vf_info *vf = words[0][2] == '@' ? &h->other_vf : &h->vfs[i];

		if (words[0][2] != '*' && words[0][2] != '@' && words[0][2] != (char)('0' + i))
			continue;
		for (size_t k = 1; k < num; k++) {
			if (!set_word(vf_words, vf, words[k]))
				fail_msg("%s is no word of a VF", words[k]);
			set_user(vf, words[k]);
		}
	}
}

static inline void make_netdev(struct host *h, char **words, size_t num)
{
	bool where;
	size_t ns = netns_of(words[0], &where);
	struct nfp_link *link = link_of(h, ns, words[0]);

	if (!link)
		link = add_link(h, ns, words[0]);
	for (size_t i = 1; i < num; i++)
		if (!set_relation(h, ns, link, words[i]) && !set_word(link_words, link, words[i]))
			fail_msg("%s is no word of a netdev", words[i]);
}

static inline void make_words(const struct host_word *table, void *object, char **words, size_t num)
{
	for (size_t i = 2; i < num; i++)
		if (!set_word(table, object, words[i]))
			fail_msg("%s is no word of %s", words[i], words[0]);
}

static inline void make_port_vlan(struct host *h, char **words, size_t num)
{
	struct nfp_port_vlan *vlan = &h->port_vlans[h->netns[0].num_port_vlans++];
	size_t ns = 0;

	*vlan = (struct nfp_port_vlan) {.ifindex = link_at(h, words[1], &ns)->ifindex,
					.vid = (uint16_t)atoi(words[2]),
					.untagged = num > 3,
					.pvid = num > 4};
}

static inline void make_thing(struct host *h, char **words, size_t num)
{
	const char *first = words[0];
	size_t ns = 0;
	bool where;

	if (strcmp(first, "fdb") == 0 || strcmp(first, "self") == 0 ||
	    strcmp(first, "neighbour") == 0) {
		make_entries(h, words, num);
	} else if (strncmp(first, "vf", 2) == 0) {
		make_vfs(h, words, num);
	} else if (strcmp(first, "pf") == 0) {
		make_words(pf_words, &h->pfs[strcmp(words[1], "eth9") == 0], words, num);
	} else if (strcmp(first, "entry") == 0) {
		make_words(entry_words, h->last, words - 1, num + 1);
	} else if (strcmp(first, "netns") == 0) {
		make_words(netns_words, &h->netns[netns_of(words[1], &where)], words, num);
	} else if (strcmp(first, "tap") == 0) {
		struct nfp_guest_tap *tap = &h->taps[h->facts.num_taps++];

		*tap = opened(h, false, words[1], words[2]);
		if (num > 3)
			parse_address(words[3], &tap->mac);
	} else if (strcmp(first, "macvtap") == 0) {
		struct nfp_guest_tap *tap = &h->taps[h->facts.num_taps++];

		*tap = opened(h, true, words[1], words[2]);
		tap->dead = num > 3 && strcmp(words[3], "dead") == 0;
		if (num > 3 && !tap->dead)
			parse_address(words[3], &tap->mac);
	} else if (strcmp(first, "rules") == 0) {
		h->rules.ifindex = link_at(h, words[1], &ns)->ifindex;
		snprintf(h->rules.name, sizeof(h->rules.name), "%s", words[2]);
		h->netns[0].rules = &h->rules;
		h->netns[0].num_rules = 1;
	} else if (strcmp(first, "port_vlan") == 0) {
		make_port_vlan(h, words, num);
	} else if (strcmp(first, "socket") == 0) {
		h->membership.ifindex = link_at(h, words[1], &ns)->ifindex;
		parse_address(words[2], &h->membership.mac);
		h->netns[0].memberships = &h->membership;
		h->netns[0].num_memberships = 1;
	} else if (strcmp(first, "openvswitch") == 0) {
		h->facts.open_vswitch = true;
	} else if (strcmp(first, "holders_unknown") == 0) {
		h->facts.holders_known = false;
	} else if (strcmp(first, "unread") == 0) {
		strcpy(h->unread.what, "all network namespaces");
		h->facts.num_unread = 1;
	} else {
		make_netdev(h, words, num);
	}
}

/* A line of things, with a ';' after each but the last. */
static inline void make_line(struct host *h, const char *line)
{
	char *copy = strdup(line), *rest = copy, *thing;

	while ((thing = strsep(&rest, ";"))) {
		char *words[16], *word;
		size_t num = 0;

		while ((word = strsep(&thing, " ")))
			if (word[0] && num < NFP_NUM(words))
				words[num++] = word;
		if (num)
			make_thing(h, words, num);
	}
	free(copy);
}

static inline void make_empty(struct host *h)
{
	*h = (struct host) {.last = NULL};
	for (unsigned int i = 0; i < VFS; i++) {
		struct nfp_vf_info *vf = &h->vfs[i];

		*vf = (struct nfp_vf_info) {
			.vf = i, .use = NFP_USE_IDLE, .bus = "pci", .attr = NFP_VF_ATTR_UNKNOWN};
		vf->attr.have_mac = true;
		vf->attr.mac = (struct nfp_mac) {{0x52, 0x54, 0, 0, 0, (uint8_t)(0x10 + i)}};
		snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", i);
		strcpy(vf->driver, "vfio-pci");
	}
	h->other_vf = (struct nfp_vf_info) {.use = NFP_USE_IDLE, .attr = NFP_VF_ATTR_UNKNOWN};
	for (size_t i = 0; i < NAMESPACES; i++) {
		h->netns[i].links = h->links[i];
		h->netns[i].entries = h->entries[i];
	}
	h->netns[0].port_vlans = h->port_vlans;
	h->netns[0].memberships_known = true;
	strcpy(h->netns[1].name, "network namespace red");
	strcpy(h->netns[1].ip_name, "red");
	strcpy(h->netns[2].name, "the network namespace of pause (pid 7)");
	h->netns[2].pid = 7;
	h->netns[2].inode = 4026532281;
	h->facts = (struct nfp_facts) {
		.topology = {.pfs = h->pfs, .num_pfs = 2, .links = h->links[0]},
		.netns = h->netns,
		.num_netns = NAMESPACES,
		.holders_known = true,
		.taps = h->taps,
		.unread = &h->unread,
	};
	for (size_t i = 0; i < 2; i++) {
		struct nfp_pf *pf = &h->pfs[i];
		struct nfp_link *link = add_link(h, 0, i ? "eth9" : "eth0");

		*pf = (struct nfp_pf) {.flags = IFF_UP, .eswitch_errno = EOPNOTSUPP};
		pf->vfs = i ? &h->other_vf : h->vfs;
		pf->num_vfs = i ? 1 : VFS;
		pf->info.ifindex = link->ifindex;
		pf->info.num_vfs = i ? 0 : VFS;
		pf->info.address = (struct nfp_mac) {{0x52, 0x54, 0, 0, 0, i ? 9 : 1}};
		strcpy(pf->info.ifname, link->ifname);
		strcpy(pf->info.driver, "igb");
		strcpy(pf->info.parentdev, i ? "" : "0000:01:00.0");
		link->address = pf->info.address;
	}
}

/* ---- the file ---- */

static char *hosts_text[3];

static inline void read_host_line(struct host_text *text, char *line)
{
	char *space = strchr(line, ' ');

	if (strncmp(line, "finds ", 6) == 0 || strncmp(line, "remark ", 7) == 0) {
		text->remark = line[0] == 'r';
		text->what = strchr(space + 1, ' ') ?: "";
		snprintf(text->code, sizeof(text->code), "%.*s", (int)strcspn(space + 1, " "),
			 space + 1);
		text->what += text->what[0] != '\0';
	} else if (strncmp(line, "does ", 5) == 0) {
		text->does[text->num_does++] = line + 5;
	} else if (strncmp(line, "after ", 6) == 0) {
		text->after = line + 6;
	} else if (strncmp(line, "unseen ", 7) == 0) {
		text->unseen = line + 7;
	} else if (strncmp(line, "guest ", 6) == 0) {
		text->guests[text->num_guests++] = line + 6;
	} else {
		text->makes[text->num_makes++] = line;
	}
	assert_true(text->num_does < FEW * 2 && text->num_makes < FEW * 2 &&
		    text->num_guests < FEW);
}

/* Reads both files, once. */
static inline void read_hosts(void)
{
	static const char *const files[] = {"tests/unit/audit_hosts.txt",
					    "tests/unit/audit_paths.txt",
					    "tests/unit/audit_ways.txt"};

	for (size_t i = 0; i < NFP_NUM(files) && !hosts_text[i]; i++) {
		struct host_text *text = NULL;
		FILE *file = fopen(files[i], "r");
		char *rest, *line;
		size_t len;

		assert_non_null(file);
		assert_int_equal(nfp_read_fd(fileno(file), 1 << 20, &hosts_text[i], &len), 0);
		fclose(file);
		for (rest = hosts_text[i]; (line = strsep(&rest, "\n"));) {
			if (strncmp(line, "==== ", 5) == 0) {
				text = &host_texts[num_hosts++];
				text->name = line + 5;
				text->like = strstr(line, " < ");
				if (text->like) {
					line[text->like - line] = '\0';
					text->like += 3;
				}
				assert_true(num_hosts < HOSTS_MAX);
			} else if (line[0] && line[0] != '#' && text) {
				read_host_line(text, line);
			}
		}
	}
}

static inline const struct host_text *host_named(const char *name)
{
	read_hosts();
	for (size_t i = 0; i < num_hosts; i++)
		if (strcmp(host_texts[i].name, name) == 0)
			return &host_texts[i];
	fail_msg("there is no host \"%s\"", name);
	return NULL;
}

static inline void make_text(struct host *h, const struct host_text *text)
{
	if (text->like)
		make_text(h, host_named(text->like));
	for (size_t i = 0; i < text->num_makes; i++)
		make_line(h, text->makes[i]);
}

/* Makes the host of that name, with @more. */
static inline void make_host(struct host *h, const char *name, const char *more)
{
	make_empty(h);
	make_text(h, host_named(name));
	make_line(h, more);
}

#endif
