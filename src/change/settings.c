// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - the settings of a netdev that are put back, and what is lost with them. */
#include "settings.h"
#include "vfdrv.h"
#include "change/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#define SETTING_LEN   512 /* of a value, with its NUL */
#define SETTING_RULES "ethtool -N"
#define SETTING_GUID  "node GUID"
#define SETTING_TOKEN "token"
#define SETTING_NEIGH "neigh "
#define SETTING_MTU   "mtu"

struct settings_reader {
	const struct nfp_sysroot *root;
	const struct nfp_rt_dev *netdev;
	json_t *into;
	const char *rdma;   /* the folder of the VF's RDMA devices */
	const char *sysctl; /* the folder of sysctls that is being listed: "ipv4/conf" */
	unsigned int altnames;
	int lack; /* -errno: what was not read, for want of memory for example, may exist
		     nevertheless */
};

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The number of an altname means nothing. */
static bool is_altname(const char *name)
{
	return begins(name, "altname ");
}

static void note_lack(struct settings_reader *r, int ret)
{
	if (nfp_is_out_of_resources(ret))
		r->lack = ret;
}

/* ---- rtnetlink ---- */

static const struct number {
	const char *name;
	uint16_t type;
} numbers[] = {
	{SETTING_MTU, IFLA_MTU},
	{"txqueuelen", IFLA_TXQLEN},
};
#define NUMBERS NFP_NUM(numbers)

/* IFLA_AF_SPEC nests the families' own attributes (inet6_fill_ifla6_attrs). The token :: means
 * none. */
static void read_token(struct settings_reader *r, const struct nlattr *families)
{
	const struct nlattr *inet6[IFLA_INET6_TOKEN + 1], *family;
	struct nfp_attrs it = nfp_attrs_in(families);
	struct in6_addr token = IN6ADDR_ANY_INIT;
	char text[INET6_ADDRSTRLEN];

	while ((family = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(family) != AF_INET6)
			continue;
		nfp_attrs_table(nfp_attrs_in(family), inet6, IFLA_INET6_TOKEN + 1);
		if (nfp_attr_exact(inet6[IFLA_INET6_TOKEN], &token, sizeof(token)) &&
		    !IN6_IS_ADDR_UNSPECIFIED(&token) &&
		    inet_ntop(AF_INET6, &token, text, sizeof(text)))
			nfp_json_set_escaped(r->into, SETTING_TOKEN, text);
	}
}

static void read_link_message(struct settings_reader *r, const struct nlmsghdr *nlh)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	char name[32], text[SETTING_LEN];
	const struct nlattr *attr, *altname;
	uint32_t number;

	while ((attr = nfp_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(attr);
		struct nfp_attrs list = nfp_attrs_in(type == IFLA_PROP_LIST ? attr : NULL);

		while ((altname = nfp_attrs_next(&list))) {
			if (mnl_attr_get_type(altname) != IFLA_ALT_IFNAME)
				continue;
			nfp_attr_str(altname, text, NFP_TEXT_LEN);
			snprintf(name, sizeof(name), "altname %u", r->altnames++);
			nfp_json_set_escaped(r->into, name, text);
		}
		if (type == IFLA_IFALIAS) {
			nfp_attr_str(attr, text, sizeof(text));
			nfp_json_set_escaped(r->into, "alias", text);
		}
		if (type == IFLA_AF_SPEC)
			read_token(r, attr);
		nfp_for_each (n, numbers, NUMBERS) {
			if (n->type != type || !nfp_attr_get(attr, &number, sizeof(number)))
				continue;
			snprintf(text, sizeof(text), "%u", number);
			nfp_json_set_escaped(r->into, n->name, text);
		}
	}
}

/* The default qdiscs of the kernel have no handle (qdisc_create_dflt). */
static void qdisc_message(struct settings_reader *r, const struct nlmsghdr *nlh)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(*tc));
	const struct nlattr *attr;
	char name[32], kind[NFP_TEXT_LEN] = "?";

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*tc) || tc->tcm_ifindex != r->netdev->ifindex ||
	    !tc->tcm_handle)
		return;
	while ((attr = nfp_attrs_next(&it)))
		if (mnl_attr_get_type(attr) == TCA_KIND)
			nfp_attr_str(attr, kind, sizeof(kind));
	snprintf(name, sizeof(name), "qdisc %x:", tc->tcm_handle >> 16);
	nfp_json_set_escaped(r->into, name, kind);
}

/* Only permanent neighbours were set by somebody: the kernel finds the others anew. */
static void neigh_message(struct settings_reader *r, const struct nlmsghdr *nlh)
{
	char name[sizeof(SETTING_NEIGH) + INET6_ADDRSTRLEN] = SETTING_NEIGH;
	struct nfp_neigh n;

	if (nfp_neigh_parse(nlh, &n) && n.ifindex == r->netdev->ifindex && n.have_dst &&
	    n.have_mac && (n.state & NUD_PERMANENT) &&
	    inet_ntop(n.family, n.dst, name + strlen(SETTING_NEIGH), INET6_ADDRSTRLEN))
		nfp_json_set_escaped(r->into, name, nfp_mac_str(&n.mac).text);
}

static int read_rtnetlink(struct settings_reader *r, struct nfp_nl *nl, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = r->netdev->ifindex};
	struct tcmsg tc = {.tcm_family = AF_UNSPEC, .tcm_ifindex = r->netdev->ifindex};
	const struct nlmsghdr *nlh = NULL;
	struct nfp_nl_msg msg;
	int ret;

	nfp_nl_msg_init(&msg, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	mnl_attr_put_u32(&msg.head, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	ret = nfp_nl_talk(nl, &msg.head, err, "read the settings of %s", nfp_rt_name(r->netdev));
	if (ret)
		return ret;
	while ((nlh = nfp_nl_next(nl, nlh, RTM_NEWLINK)))
		read_link_message(r, nlh);
	nfp_nl_msg_init(&msg, RTM_GETQDISC, NLM_F_DUMP, &tc, sizeof(tc));
	ret = nfp_nl_talk(nl, &msg.head, err, "list the qdiscs of %s", nfp_rt_name(r->netdev));
	while (!ret && (nlh = nfp_nl_next(nl, nlh, RTM_NEWQDISC)))
		qdisc_message(r, nlh);
	/* The kernel is built without CONFIG_NET_SCHED. */
	if (ret && ret != -EOPNOTSUPP)
		return ret;
	ret = nfp_neigh_dump(nl, AF_UNSPEC, err);
	while (!ret && (nlh = nfp_nl_next(nl, nlh, RTM_NEWNEIGH)))
		neigh_message(r, nlh);
	return ret;
}

static const struct number *number_named(const char *name)
{
	nfp_for_each (n, numbers, NUMBERS)
		if (strcmp(name, n->name) == 0)
			return n;
	return NULL;
}

bool nfp_setting_can_set(const char *name)
{
	return number_named(name) || is_altname(name) || strcmp(name, "alias") == 0;
}

int nfp_setting_set(struct nfp_nl *nl, const struct nfp_rt_dev *netdev, const char *name,
		    const char *value, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = netdev->ifindex};
	const struct number *number = number_named(name);
	bool altname = is_altname(name);
	struct nfp_nl_msg msg;
	struct nlattr *list;

	if (!nfp_setting_can_set(name))
		return nfp_err_errno(err, -EOPNOTSUPP, NFP_E_UNSUPPORTED, "cannot set %s of %s",
				     name, nfp_rt_name(netdev));
	nfp_nl_msg_init(&msg, altname ? RTM_NEWLINKPROP : RTM_SETLINK,
			altname ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0, &ifi, sizeof(ifi));
	if (number) {
		mnl_attr_put_u32(&msg.head, number->type, (uint32_t)strtoul(value, NULL, 10));
	} else if (altname) {
		list = mnl_attr_nest_start(&msg.head, IFLA_PROP_LIST);
		mnl_attr_put_strz(&msg.head, IFLA_ALT_IFNAME, value);
		mnl_attr_nest_end(&msg.head, list);
	} else {
		mnl_attr_put_strz(&msg.head, IFLA_IFALIAS, value);
	}
	return nfp_nl_talk(nl, &msg.head, err, "set %s of %s to %s", name, nfp_rt_name(netdev),
			   value);
}

/* ---- sysctls ---- */

#define SYSCTL_ROOT "/proc/sys/net/"
static const char *const sysctl_dirs[] = {"ipv4/conf", "ipv4/neigh", "ipv6/conf", "ipv6/neigh"};
#define SYSCTL_DIRS NFP_NUM(sysctl_dirs)

/* The name may come from a journal: it must lead nowhere but to a sysctl of that netdev. */
bool nfp_setting_is_sysctl(const char *name)
{
	for (size_t i = 0; i < SYSCTL_DIRS; i++) {
		char dir[NFP_TEXT_LEN];
		int len = snprintf(dir, sizeof(dir), SYSCTL_ROOT "%s/*/", sysctl_dirs[i]);
		const char *key = begins(name, dir) ? name + len : "";

		if (*key && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0')
			return true;
	}
	return false;
}

/* The netdev's own secret (RFC 7217), by which others could predict its addresses. */
bool nfp_setting_is_secret(const char *name)
{
	static const char end[] = "/stable_secret";
	size_t len = strlen(name);

	return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

/* The kernel logs who reads these values of IPv6, which others have in ms
 * (ndisc_warn_deprecated_sysctl in net/ipv6/ndisc.c). */
static bool is_deprecated(const char *key)
{
	return strcmp(key, "retrans_time") == 0 || strcmp(key, "base_reachable_time") == 0;
}

/*
 * A netdev that enters a namespace gets the values of its "default" (inetdev_init, ipv6_add_dev,
 * neigh_parms_alloc), except for the MTU, which IPv6 takes from the netdev. Any other value was
 * set.
 */
static int read_sysctl(const char *key, void *ctx)
{
	struct settings_reader *r = ctx;
	char name[NFP_TEXT_LEN], value[SETTING_LEN], fresh[SETTING_LEN];
	int ret = snprintf(name, sizeof(name), SYSCTL_ROOT "%s/*/%s", r->sysctl, key);

	if (ret >= (int)sizeof(name) || !nfp_setting_is_sysctl(name) || is_deprecated(key))
		return 0;
	ret = nfp_sysfs_read(r->root, value, sizeof(value), SYSCTL_ROOT "%s/%s/%s", r->sysctl,
			     r->netdev->ifname, key);
	note_lack(r, ret);
	if (ret)
		return 0;
	if (strcmp(r->sysctl, "ipv6/conf") == 0 && strcmp(key, SETTING_MTU) == 0)
		ret = nfp_json_get_escaped(r->into, SETTING_MTU, fresh, sizeof(fresh));
	else
		ret = nfp_sysfs_read(r->root, fresh, sizeof(fresh), SYSCTL_ROOT "%s/default/%s",
				     r->sysctl, key);
	note_lack(r, ret);
	/* In a namespace other than the first, neighbours have no defaults of their own. The
	 * default secret cannot be read unless there is one (EIO). */
	if (ret == -ENOENT || (!ret && strcmp(value, fresh) == 0))
		return 0;
	nfp_json_set_escaped(r->into, name, nfp_setting_is_secret(name) ? "set" : value);
	return 0;
}

static void read_sysctls(struct settings_reader *r)
{
	for (size_t i = 0; i < SYSCTL_DIRS; i++) {
		r->sysctl = sysctl_dirs[i];
		note_lack(r, nfp_sysfs_each(r->root, read_sysctl, r, SYSCTL_ROOT "%s/%s", r->sysctl,
					    r->netdev->ifname));
	}
}

/* ---- what else is lost ---- */

static int read_guid(const char *device, void *ctx)
{
	struct settings_reader *r = ctx;
	char guid[NFP_TEXT_LEN];
	int ret = nfp_sysfs_read(r->root, guid, sizeof(guid), "%s/%s/node_guid", r->rdma, device);

	if (!ret)
		nfp_json_set_escaped(r->into, SETTING_GUID, guid);
	return 0;
}

static void read_rules(struct settings_reader *r)
{
	char text[16];
	int rules = nfp_ethtool_rules(r->netdev->ifname);

	note_lack(r, rules);
	if (rules <= 0)
		return;
	snprintf(text, sizeof(text), "%d", rules);
	nfp_json_set_escaped(r->into, SETTING_RULES, text);
}

/* ---- all of them ---- */

int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err)
{
	struct settings_reader r = {.root = root, .netdev = netdev, .into = json_object()};
	char rdma[SETTING_LEN];
	int ret = 0;

	if (netdev->ifindex) {
		read_rules(&r);
		ret = read_rtnetlink(&r, nl, err);
		read_sysctls(&r);
	}
	if (vf) {
		snprintf(rdma, sizeof(rdma), "/sys/bus/%s/devices/%s/infiniband", vf->bus,
			 vf->name);
		r.rdma = rdma;
		note_lack(&r, nfp_sysfs_each(root, read_guid, &r, "%s", rdma));
	}
	if (!ret && r.lack)
		ret = nfp_err_errno(err, r.lack, NFP_E_KERNEL, "cannot read the settings of %s",
				    nfp_rt_name(netdev));
	if (ret)
		json_decref(r.into);
	else
		*ret_settings = r.into;
	return ret;
}

static bool is_lost(const char *name)
{
	return strcmp(name, SETTING_RULES) == 0 || begins(name, "qdisc ");
}

/* These are lost as well, but no run is refused because of them: a guest that gets the VF loses
 * them, too. */
static bool is_forgotten(const char *name)
{
	return nfp_setting_is_sysctl(name) || strcmp(name, SETTING_TOKEN) == 0 ||
	       begins(name, SETTING_NEIGH);
}

/* sysctl(8) knows the file as "net.ipv4.conf.eth5.rp_filter", but not if the name has a dot. */
static void name_in(const char *name, const char *ifname, char *buf, size_t size)
{
	const char *star = strchr(name, '*');

	snprintf(buf, size, "%.*s%s%s", star ? (int)(star - name) : (int)strlen(name), name,
		 star ? ifname : "", star ? star + 1 : "");
}

void nfp_setting_describe(const char *name, const char *ifname, const char *was,
			  const char *current, char *buf, size_t size)
{
	const char *verb = current ? "is " : "is gone", *now = current ? current : "";
	char what[NFP_TEXT_LEN];

	name_in(name, ifname, what, sizeof(what));
	if (nfp_setting_is_sysctl(name))
		snprintf(buf, size, "%s was %s and is %s", what, was,
			 current ? current : "the default");
	/* mlx5_esw_set_vport_mac_locked; rtnetlink sets GUIDs of InfiniBand only. */
	else if (strcmp(name, SETTING_GUID) == 0)
		snprintf(buf, size,
			 "its node GUID was %s and %s%s: the PF's driver derives it from the "
			 "address that it gives the VF, so it cannot be set",
			 was, verb, now);
	else
		snprintf(buf, size, "%s of its netdev %s was %s and %s%s", name, ifname, was, verb,
			 now);
}

bool nfp_settings_lost(const json_t *settings, char *buf, size_t size)
{
	const char *name;
	json_t *value;

	buf[0] = '\0';
	json_object_foreach ((json_t *)settings, name, value) {
		if (is_lost(name))
			nfp_appendf(buf, size, "%s%s %s", buf[0] ? ", " : "",
				    begins(name, "qdisc ") ? name : "flow rules:",
				    json_string_value(value));
	}
	return buf[0];
}

bool nfp_settings_forgotten(const json_t *settings, const char *ifname, char *buf, size_t size)
{
	char what[NFP_TEXT_LEN], text[SETTING_LEN];
	const char *name;
	json_t *value;

	buf[0] = '\0';
	json_object_foreach ((json_t *)settings, name, value) {
		if (!is_forgotten(name) || nfp_json_get_escaped(settings, name, text, sizeof(text)))
			continue;
		name_in(name, ifname, what, sizeof(what));
		nfp_appendf(buf, size, "%s%s %s", buf[0] ? ", " : "", what, text);
	}
	return buf[0];
}

bool nfp_netdev_has_settings(const struct nfp_sysroot *root, int ifindex, const char *ifname)
{
	const struct nfp_rt_dev netdev = {ifindex, ifname};
	json_t *settings = NULL;
	struct nfp_nl *nl;
	char text[NFP_TEXT_LEN];
	bool has = false;

	if (nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL))
		return false;
	if (!nfp_settings_read(root, nl, &netdev, NULL, &settings, NULL))
		has = nfp_settings_lost(settings, text, sizeof(text)) ||
		      nfp_settings_forgotten(settings, ifname, text, sizeof(text));
	json_decref(settings);
	nfp_nl_close(nl);
	return has;
}

int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *current,
					void *ctx),
			 void *ctx)
{
	char was[SETTING_LEN], current[SETTING_LEN];
	const char *name, *now_name;
	json_t *value, *other;
	int ret = 0;

	json_object_foreach ((json_t *)before, name, value) {
		bool same = json_equal(value, json_object_get(now, name));

		json_object_foreach ((json_t *)now, now_name, other)
			same = same || (is_altname(name) && is_altname(now_name) &&
					json_equal(value, other));
		if (same || nfp_json_get_escaped(before, name, was, sizeof(was)) ||
		    nfp_json_get_escaped(now, name, current, sizeof(current)))
			continue;
		ret = differs(name, was, json_object_get(now, name) ? current : NULL, ctx);
		if (ret)
			break;
	}
	return ret;
}
