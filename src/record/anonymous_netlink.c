// SPDX-License-Identifier: GPL-2.0-or-later
/* anonymous_netlink.c - which attributes say nothing about a host, and which are replaced. */
#include "anonymous.h"

#include <ctype.h>
#include <string.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"

enum rule {
	ZERO,
	KEEP,
	MAC,	/* 6 bytes */
	IP,	/* 4 or 16 bytes */
	NAME,	/* of a netdev */
	WORDS,	/* a sentence of the kernel */
	VF_MAC, /* struct ifla_vf_mac */
	NEST,
};

struct attr_rules;

/* Attributes without a rule are zeroed. */
struct attr_rule {
	uint16_t type;
	enum rule rule;
	const struct attr_rules *nest;
};

struct attr_rules {
	const struct attr_rule *rules;
	size_t num;
};

#define RULES(name, ...)                                              \
	static const struct attr_rule name##_rules[] = {__VA_ARGS__}; \
	static const struct attr_rules name = {name##_rules,          \
					       sizeof(name##_rules) / sizeof(name##_rules[0])}

RULES(vf_stats, {.type = IFLA_VF_STATS_RX_PACKETS, .rule = KEEP},
      {.type = IFLA_VF_STATS_TX_PACKETS, .rule = KEEP},
      {.type = IFLA_VF_STATS_RX_BYTES, .rule = KEEP},
      {.type = IFLA_VF_STATS_TX_BYTES, .rule = KEEP},
      {.type = IFLA_VF_STATS_BROADCAST, .rule = KEEP},
      {.type = IFLA_VF_STATS_MULTICAST, .rule = KEEP},
      {.type = IFLA_VF_STATS_RX_DROPPED, .rule = KEEP},
      {.type = IFLA_VF_STATS_TX_DROPPED, .rule = KEEP});
RULES(vf_vlans, {.type = IFLA_VF_VLAN_INFO, .rule = KEEP});
RULES(vf_info, {.type = IFLA_VF_MAC, .rule = VF_MAC}, {.type = IFLA_VF_VLAN, .rule = KEEP},
      {.type = IFLA_VF_TX_RATE, .rule = KEEP}, {.type = IFLA_VF_SPOOFCHK, .rule = KEEP},
      {.type = IFLA_VF_LINK_STATE, .rule = KEEP}, {.type = IFLA_VF_RATE, .rule = KEEP},
      {.type = IFLA_VF_RSS_QUERY_EN, .rule = KEEP},
      {.type = IFLA_VF_STATS, .rule = NEST, .nest = &vf_stats},
      {.type = IFLA_VF_TRUST, .rule = KEEP},
      {.type = IFLA_VF_VLAN_LIST, .rule = NEST, .nest = &vf_vlans});
RULES(vf_list, {.type = IFLA_VF_INFO, .rule = NEST, .nest = &vf_info});
RULES(link_info, {.type = IFLA_INFO_KIND, .rule = KEEP},
      {.type = IFLA_INFO_SLAVE_KIND, .rule = KEEP});
RULES(xdp, {.type = IFLA_XDP_ATTACHED, .rule = KEEP});
RULES(link_attrs, {.type = IFLA_ADDRESS, .rule = MAC}, {.type = IFLA_BROADCAST, .rule = MAC},
      {.type = IFLA_PERM_ADDRESS, .rule = MAC}, {.type = IFLA_IFNAME, .rule = NAME},
      {.type = IFLA_MTU, .rule = KEEP}, {.type = IFLA_MIN_MTU, .rule = KEEP},
      {.type = IFLA_MAX_MTU, .rule = KEEP}, {.type = IFLA_LINK, .rule = KEEP},
      {.type = IFLA_MASTER, .rule = KEEP}, {.type = IFLA_TXQLEN, .rule = KEEP},
      {.type = IFLA_OPERSTATE, .rule = KEEP}, {.type = IFLA_LINKMODE, .rule = KEEP},
      {.type = IFLA_GROUP, .rule = KEEP}, {.type = IFLA_PROMISCUITY, .rule = KEEP},
      {.type = IFLA_ALLMULTI, .rule = KEEP}, {.type = IFLA_NUM_TX_QUEUES, .rule = KEEP},
      {.type = IFLA_NUM_RX_QUEUES, .rule = KEEP}, {.type = IFLA_CARRIER, .rule = KEEP},
      {.type = IFLA_CARRIER_CHANGES, .rule = KEEP}, {.type = IFLA_CARRIER_UP_COUNT, .rule = KEEP},
      {.type = IFLA_CARRIER_DOWN_COUNT, .rule = KEEP}, {.type = IFLA_EXT_MASK, .rule = KEEP},
      {.type = IFLA_NUM_VF, .rule = KEEP},
      {.type = IFLA_VFINFO_LIST, .rule = NEST, .nest = &vf_list},
      {.type = IFLA_LINKINFO, .rule = NEST, .nest = &link_info},
      {.type = IFLA_XDP, .rule = NEST, .nest = &xdp}, {.type = IFLA_PHYS_PORT_NAME, .rule = KEEP},
      {.type = IFLA_PARENT_DEV_NAME, .rule = KEEP},
      {.type = IFLA_PARENT_DEV_BUS_NAME, .rule = KEEP});
RULES(addr_attrs, {.type = IFA_ADDRESS, .rule = IP}, {.type = IFA_LOCAL, .rule = IP},
      {.type = IFA_BROADCAST, .rule = IP}, {.type = IFA_LABEL, .rule = NAME},
      {.type = IFA_FLAGS, .rule = KEEP});
RULES(route_attrs, {.type = RTA_DST, .rule = IP}, {.type = RTA_SRC, .rule = IP},
      {.type = RTA_GATEWAY, .rule = IP}, {.type = RTA_PREFSRC, .rule = IP},
      {.type = RTA_OIF, .rule = KEEP}, {.type = RTA_IIF, .rule = KEEP},
      {.type = RTA_PRIORITY, .rule = KEEP}, {.type = RTA_TABLE, .rule = KEEP});
RULES(neigh_attrs, {.type = NDA_DST, .rule = IP}, {.type = NDA_LLADDR, .rule = MAC},
      {.type = NDA_VLAN, .rule = KEEP}, {.type = NDA_IFINDEX, .rule = KEEP},
      {.type = NDA_MASTER, .rule = KEEP}, {.type = NDA_FLAGS_EXT, .rule = KEEP});
RULES(ctrl_attrs, {.type = CTRL_ATTR_FAMILY_ID, .rule = KEEP},
      {.type = CTRL_ATTR_FAMILY_NAME, .rule = KEEP}, {.type = CTRL_ATTR_VERSION, .rule = KEEP},
      {.type = CTRL_ATTR_HDRSIZE, .rule = KEEP}, {.type = CTRL_ATTR_MAXATTR, .rule = KEEP});
RULES(version_attrs, {.type = DEVLINK_ATTR_INFO_VERSION_NAME, .rule = KEEP},
      {.type = DEVLINK_ATTR_INFO_VERSION_VALUE, .rule = KEEP});
/* Not the serial numbers. */
RULES(devlink_attrs, {.type = DEVLINK_ATTR_BUS_NAME, .rule = KEEP},
      {.type = DEVLINK_ATTR_DEV_NAME, .rule = KEEP},
      {.type = DEVLINK_ATTR_ESWITCH_MODE, .rule = KEEP},
      {.type = DEVLINK_ATTR_ESWITCH_INLINE_MODE, .rule = KEEP},
      {.type = DEVLINK_ATTR_ESWITCH_ENCAP_MODE, .rule = KEEP},
      {.type = DEVLINK_ATTR_INFO_DRIVER_NAME, .rule = KEEP},
      {.type = DEVLINK_ATTR_INFO_VERSION_FIXED, .rule = NEST, .nest = &version_attrs},
      {.type = DEVLINK_ATTR_INFO_VERSION_RUNNING, .rule = NEST, .nest = &version_attrs},
      {.type = DEVLINK_ATTR_INFO_VERSION_STORED, .rule = NEST, .nest = &version_attrs});
RULES(ack_attrs, {.type = NLMSGERR_ATTR_MSG, .rule = WORDS},
      {.type = NLMSGERR_ATTR_OFFS, .rule = KEEP});

/* The rules for types of rtnetlink messages, four of which (new, delete, get, set) are alike. */
static const struct {
	uint16_t type;
	size_t head; /* bytes before the attributes */
	const struct attr_rules *rules;
} route_messages[] = {
	{RTM_NEWLINK, sizeof(struct ifinfomsg), &link_attrs},
	{RTM_NEWADDR, sizeof(struct ifaddrmsg), &addr_attrs},
	{RTM_NEWROUTE, sizeof(struct rtmsg), &route_attrs},
	{RTM_NEWNEIGH, sizeof(struct ndmsg), &neigh_attrs},
};

/* ---- values ---- */

static void replace_mac(struct anonymous *a, uint8_t *value)
{
	struct nfp_mac mac;

	memcpy(mac.b, value, sizeof(mac.b));
	mac = anonymous_mac(a, &mac);
	memcpy(value, mac.b, sizeof(mac.b));
}

static void replace_ip(struct anonymous *a, uint8_t *value, size_t len)
{
	struct nfp_ipv4 v4;
	struct nfp_ipv6 v6;

	if (len == sizeof(v4.b)) {
		memcpy(v4.b, value, len);
		v4 = anonymous_ipv4(a, &v4);
		memcpy(value, v4.b, len);
	} else if (len == sizeof(v6.b)) {
		memcpy(v6.b, value, len);
		v6 = anonymous_ipv6(a, &v6);
		memcpy(value, v6.b, len);
	} else {
		memset(value, 0, len);
	}
}

/* A name that does not fit is left out. */
static void replace_name(struct anonymous *a, uint8_t *value, size_t len)
{
	char name[NFP_IFNAMSIZ], other[NFP_IFNAMSIZ];

	snprintf(name, sizeof(name), "%.*s", (int)len, (const char *)value);
	memset(value, 0, len);
	anonymous_name(a, name, other);
	if (strlen(other) < len)
		memcpy(value, other, strlen(other));
}

/* The kernel's sentence: words of letters stay, unless they are a name. */
static void replace_words(const struct anonymous *a, uint8_t *value, size_t len)
{
	char word[64];

	for (size_t at = 0, end; at < len && value[at]; at = end) {
		bool letters = true;

		for (end = at; end < len && value[end] && value[end] != ' '; end++)
			letters &= isalpha(value[end]) || strchr(".,;'\"()-_", value[end]);
		snprintf(word, sizeof(word), "%.*s", (int)(end - at), (const char *)value + at);
		if (!letters || end - at >= sizeof(word) || anonymous_knows(a, word))
			memset(value + at, 'x', end - at);
		while (end < len && value[end] == ' ')
			end++;
	}
}

static void walk(struct anonymous *a, struct nfp_attrs it, const struct attr_rules *rules);

static void replace_value(struct anonymous *a, const struct attr_rule *rule, uint8_t *value,
			  size_t len)
{
	struct nfp_attrs nest = {.at = (const char *)value, .left = len};

	if (rule->rule == NEST)
		walk(a, nest, rule->nest);
	else if (rule->rule == MAC && len == NFP_MAC_LEN)
		replace_mac(a, value);
	else if (rule->rule == VF_MAC && len == sizeof(struct ifla_vf_mac)) {
		size_t at = offsetof(struct ifla_vf_mac, mac);

		replace_mac(a, value + at);
		memset(value + at + NFP_MAC_LEN, 0, len - at - NFP_MAC_LEN);
	} else if (rule->rule == IP)
		replace_ip(a, value, len);
	else if (rule->rule == NAME)
		replace_name(a, value, len);
	else if (rule->rule == WORDS)
		replace_words(a, value, len);
	else if (rule->rule != KEEP)
		memset(value, 0, len);
}

/* The attributes at @it, in place. What is no whole attribute is zeroed. */
static void walk(struct anonymous *a, struct nfp_attrs it, const struct attr_rules *rules)
{
	static const struct attr_rule unknown = {.rule = ZERO};
	const struct nlattr *attr;

	while ((attr = nfp_attrs_next(&it))) {
		uint8_t *value = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr);
		const struct attr_rule *rule = &unknown;

		for (size_t i = 0; i < rules->num; i++) {
			if (rules->rules[i].type == mnl_attr_get_type(attr))
				rule = &rules->rules[i];
		}
		replace_value(a, rule, value, len);
		/* The padding. */
		memset(value + len, 0, (size_t)(it.at - (const char *)(value + len)));
	}
	if (it.left)
		memset((char *)it.at, 0, it.left);
}

/* ---- messages ---- */

/* Keeps @head bytes of the payload, and treats what follows as attributes. */
static void walk_behind(struct anonymous *a, struct nlmsghdr *nlh, size_t head,
			const struct attr_rules *rules)
{
	uint8_t *payload = (uint8_t *)nlh + NLMSG_HDRLEN;
	size_t len = nlh->nlmsg_len - NLMSG_HDRLEN, at = NLMSG_ALIGN(head);

	if (len < head)
		memset(payload, 0, len);
	else if (len > at)
		walk(a, (struct nfp_attrs) {.at = (const char *)payload + at, .left = len - at},
		     rules);
}

static void replace_message(struct anonymous *a, int family, struct nlmsghdr *nlh);

/* An acknowledgement has the errno, the request that it answers, and perhaps a sentence. */
static void replace_ack(struct anonymous *a, int family, struct nlmsghdr *nlh)
{
	struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t len = nlh->nlmsg_len - NLMSG_HDRLEN, at = sizeof(*e);

	if (nlh->nlmsg_type == NLMSG_DONE) {
		walk_behind(a, nlh, sizeof(int), &ack_attrs);
		return;
	}
	if (len < at) {
		memset(e, 0, len);
		return;
	}
	if (e->error && !(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (e->msg.nlmsg_len < sizeof(e->msg) || e->msg.nlmsg_len > len - sizeof(int)) {
			memset(e + 1, 0, len - at);
			return;
		}
		replace_message(a, family, &e->msg);
		at = sizeof(int) + NLMSG_ALIGN((size_t)e->msg.nlmsg_len);
	}
	walk_behind(a, nlh, at, &ack_attrs);
}

static void replace_message(struct anonymous *a, int family, struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		/* A request is neither, so this does not nest. */
		replace_ack(a, family, nlh);
		return;
	}
	for (size_t i = 0; i < sizeof(route_messages) / sizeof(route_messages[0]); i++) {
		if (family != NETLINK_ROUTE || (nlh->nlmsg_type & ~3) != route_messages[i].type)
			continue;
		walk_behind(a, nlh, route_messages[i].head, route_messages[i].rules);
		return;
	}
	if (family == NETLINK_GENERIC && nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		walk_behind(a, nlh, sizeof(struct genlmsghdr),
			    nlh->nlmsg_type == GENL_ID_CTRL ? &ctrl_attrs : &devlink_attrs);
	else
		memset((char *)nlh + NLMSG_HDRLEN, 0, nlh->nlmsg_len - NLMSG_HDRLEN);
}

void anonymous_netlink(struct anonymous *a, int family, void *data, size_t len)
{
	uint8_t *at = data;

	while (len >= NLMSG_HDRLEN) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)at;
		size_t step;

		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len)
			break;
		replace_message(a, family, nlh);
		step = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		if (step > len)
			step = len;
		memset(at + nlh->nlmsg_len, 0, step - nlh->nlmsg_len);
		at += step;
		len -= step;
	}
	if (len)
		memset(at, 0, len);
}
