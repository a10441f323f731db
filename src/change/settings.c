// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - reads, compares and sets the settings of a netdev by rtnetlink, ethtool and files.
 */
#include "change_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct settings_reader {
	const struct nfp_sysroot *root;
	const struct nfp_rt_dev *netdev;
	json_t *into;
	const char *dir; /* that is listed: "ipv4/conf" */
	unsigned int altnames;
	int lack; /* -errno: for want of memory, say, what was not read may exist nevertheless */
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
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
	{"mtu", IFLA_MTU},
	{"txqueuelen", IFLA_TXQLEN},
	{"group", IFLA_GROUP},
	{"gso_max_size", IFLA_GSO_MAX_SIZE},
	{"gso_max_segs", IFLA_GSO_MAX_SEGS},
	{"gro_max_size", IFLA_GRO_MAX_SIZE},
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void read_link_message(struct settings_reader *r, const struct nlmsghdr *nlh)
{
	struct nfp_attrs it = nfp_attrs_of(nlh, sizeof(struct ifinfomsg));
	char name[32], text[NFP_SETTING_LEN];
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
		for (size_t i = 0; i < NUMBERS; i++) {
			if (numbers[i].type != type || !nfp_attr_get(attr, &number, sizeof(number)))
				continue;
			snprintf(text, sizeof(text), "%u", number);
			nfp_json_set_escaped(r->into, numbers[i].name, text);
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
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static int put_rtnetlink(struct nfp_nl *nl, const struct nfp_rt_dev *netdev, const char *name,
			 const char *value, struct nfp_err *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = netdev->ifindex};
	bool altname = begins(name, "altname ");
	struct nfp_nl_msg msg;
	struct nlattr *list;
	size_t i;

	nfp_nl_msg_init(&msg, altname ? RTM_NEWLINKPROP : RTM_SETLINK,
			altname ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0, &ifi, sizeof(ifi));
	for (i = 0; i < NUMBERS && strcmp(name, numbers[i].name) != 0; i++)
		;
	if (i < NUMBERS) {
		mnl_attr_put_u32(&msg.head, numbers[i].type, (uint32_t)strtoul(value, NULL, 10));
	} else if (altname) {
		list = mnl_attr_nest_start(&msg.head, IFLA_PROP_LIST);
		mnl_attr_put_strz(&msg.head, IFLA_ALT_IFNAME, value);
		mnl_attr_nest_end(&msg.head, list);
	} else if (strcmp(name, "alias") == 0) {
		mnl_attr_put_strz(&msg.head, IFLA_IFALIAS, value);
	} else {
		return nfp_err_errno(err, -EOPNOTSUPP, NFP_E_UNSUPPORTED, "cannot set %s of %s",
				     name, nfp_rt_name(netdev));
	}
	return nfp_nl_talk(nl, &msg.head, err, "set %s of %s to %s", name, nfp_rt_name(netdev),
			   value);
}

/* ---- files ---- */

/* The files that are read, and, since names may be from a journal, the only ones written to. */
static const char *const netdev_files[] = {"gro_flush_timeout", "napi_defer_hard_irqs", "threaded",
					   NULL};
static const char *const queue_files[] = {"rps_cpus", "rps_flow_cnt", "xps_cpus", "xps_rxqs", NULL};
static const char *const sysctl_dirs[] = {"ipv4/conf", "ipv6/conf", "ipv4/neigh", "ipv6/neigh",
					  NULL};

static bool is_in(const char *const list[], const char *word)
{
	while (*list && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

static bool is_file_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/') && !strchr(name, '*');
}

/* Behind a name that is a link, such as device, may be anything. */
static bool is_of_netdev(const char *file)
{
	const char *slash = begins(file, "queues/rx-") || begins(file, "queues/tx-")
				    ? strchr(file + strlen("queues/"), '/')
				    : NULL;

	return slash ? is_in(queue_files, slash + 1) : is_in(netdev_files, file);
}

static bool is_known_file(const char *name)
{
	static const char netdev[] = "/sys/class/net/*/";
	char sysctl[NFP_TEXT_LEN];

	for (size_t i = 0; sysctl_dirs[i]; i++) {
		snprintf(sysctl, sizeof(sysctl), "/proc/sys/net/%s/*/", sysctl_dirs[i]);
		if (begins(name, sysctl))
			return is_file_name(name + strlen(sysctl));
	}
	return begins(name, netdev) && is_of_netdev(name + strlen(netdev));
}

/* The file that @name stands for: "*" is the netdev. */
static int path_of(const char *name, const char *ifname, char path[NFP_SETTING_LEN])
{
	const char *star = strchr(name, '*');
	int n;

	if (!star || !is_known_file(name))
		return -EINVAL;
	n = snprintf(path, NFP_SETTING_LEN, "%.*s%s%s", (int)(star - name), name, ifname, star + 1);
	return n < 0 || n >= NFP_SETTING_LEN ? -ENAMETOOLONG : 0;
}

/* @only_if_set: a value equal to that of "default" is left out. */
static __attribute__((format(printf, 3, 4))) void read_file(struct settings_reader *r,
							    bool only_if_set, const char *fmt, ...)
{
	char path[NFP_SETTING_LEN], value[NFP_SETTING_LEN], other[NFP_SETTING_LEN];
	char name[NFP_TEXT_LEN];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (ret >= (int)sizeof(name))
		return;
	ret = path_of(name, r->netdev->ifname, path)
		      ?: nfp_sysfs_read(r->root, value, sizeof(value), "%s", path);
	note_lack(r, ret);
	if (ret)
		return;
	if (only_if_set && !path_of(name, "default", path)) {
		ret = nfp_sysfs_read(r->root, other, sizeof(other), "%s", path);
		note_lack(r, ret);
		if (!ret && strcmp(value, other) == 0)
			return;
	}
	nfp_json_set_escaped(r->into, name, value);
}

static int read_sysctl(const char *file, void *ctx)
{
	/* The first is the netdev's MTU; the others are rounded values of sysctls beside them. */
	static const char *const skipped[] = {"mtu", "unres_qlen", "base_reachable_time",
					      "retrans_time"};
	struct settings_reader *r = ctx;

	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
		if (strcmp(file, skipped[i]) == 0)
			return 0;
	read_file(r, true, "/proc/sys/net/%s/*/%s", r->dir, file);
	return 0;
}

static int read_queue(const char *queue, void *ctx)
{
	for (size_t i = 0; queue_files[i]; i++)
		read_file(ctx, false, "/sys/class/net/*/queues/%s/%s", queue, queue_files[i]);
	return 0;
}

static void read_files(struct settings_reader *r)
{
	for (size_t i = 0; netdev_files[i]; i++)
		read_file(r, false, "/sys/class/net/*/%s", netdev_files[i]);
	note_lack(r, nfp_sysfs_each(r->root, read_queue, r, "/sys/class/net/%s/queues",
				    r->netdev->ifname));
	for (size_t i = 0; sysctl_dirs[i]; i++) {
		r->dir = sysctl_dirs[i];
		note_lack(r, nfp_sysfs_each(r->root, read_sysctl, r, "/proc/sys/net/%s/%s",
					    sysctl_dirs[i], r->netdev->ifname));
	}
}

static int read_guid(const char *device, void *ctx)
{
	struct settings_reader *r = ctx;
	char guid[NFP_TEXT_LEN];
	int ret = nfp_sysfs_read(r->root, guid, sizeof(guid), "%s/%s/node_guid", r->dir, device);

	if (!ret)
		nfp_json_set_escaped(r->into, "node GUID", guid);
	return 0;
}

/* ---- all of them ---- */

int nfp_settings_read(const struct nfp_sysroot *root, struct nfp_nl *nl,
		      const struct nfp_rt_dev *netdev, const struct nfp_busdev *vf,
		      json_t **ret_settings, struct nfp_err *err)
{
	struct settings_reader r = {.root = root, .netdev = netdev, .into = json_object()};
	char dir[NFP_SETTING_LEN];
	int ret = 0;

	/* Ethtool first: the number of queues must be set before the settings of each. */
	if (netdev->ifindex)
		r.lack = nfp_ethtool_read(netdev->ifname, r.into);
	if (netdev->ifindex && !r.lack) {
		ret = read_rtnetlink(&r, nl, err);
		read_files(&r);
	}
	if (vf) {
		snprintf(dir, sizeof(dir), "/sys/bus/%s/devices/%s/infiniband", vf->bus, vf->name);
		r.dir = dir;
		note_lack(&r, nfp_sysfs_each(root, read_guid, &r, "%s", dir));
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

int nfp_setting_set(const struct nfp_sysroot *root, struct nfp_nl *nl,
		    const struct nfp_rt_dev *netdev, const char *name, const char *value,
		    struct nfp_err *err)
{
	char path[NFP_SETTING_LEN];
	int ret;

	if (begins(name, "ethtool "))
		ret = nfp_ethtool_put(netdev->ifname, name, value);
	else if (name[0] == '/')
		ret = path_of(name, netdev->ifname, path)
			      ?: nfp_sysfs_write(root, value, "%s", path);
	else
		return put_rtnetlink(nl, netdev, name, value, err);
	return ret ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot set %s of %s to %s", name,
				   netdev->ifname, value)
		   : 0;
}

static bool is_lost(const char *name)
{
	return strcmp(name, NFP_SETTING_RULES) == 0 || begins(name, "qdisc ");
}

bool nfp_setting_can_set(const char *name)
{
	return strcmp(name, "node GUID") != 0 && !is_lost(name);
}

void nfp_setting_describe(const char *name, const char *ifname, const char *was, const char *is,
			  char *buf, size_t size)
{
	const char *star = strchr(name, '*'), *verb = is ? "is " : "is gone", *now = is ? is : "";

	/* mlx5_esw_set_vport_mac_locked; rtnetlink sets GUIDs of InfiniBand only. */
	if (strcmp(name, "node GUID") == 0)
		snprintf(buf, size,
			 "its node GUID was %s and %s%s: the PF's driver derives it from the "
			 "address that it gives the VF, so it cannot be set",
			 was, verb, now);
	else if (star)
		snprintf(buf, size, "%.*s%s%s was %s and %s%s", (int)(star - name), name, ifname,
			 star + 1, was, verb, now);
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

int nfp_settings_compare(const json_t *before, const json_t *now,
			 int (*differs)(const char *name, const char *was, const char *is,
					void *ctx),
			 void *ctx)
{
	char was[NFP_SETTING_LEN], is[NFP_SETTING_LEN];
	const char *name, *now_name;
	json_t *value, *other;
	int ret = 0;

	json_object_foreach ((json_t *)before, name, value) {
		bool same = json_equal(value, json_object_get(now, name));

		/* The numbers of altnames mean nothing. */
		json_object_foreach ((json_t *)now, now_name, other)
			same = same || (begins(name, "altname ") && begins(now_name, "altname ") &&
					json_equal(value, other));
		if (same || nfp_json_get_escaped(before, name, was, sizeof(was)) ||
		    nfp_json_get_escaped(now, name, is, sizeof(is)))
			continue;
		ret = differs(name, was, json_object_get(now, name) ? is : NULL, ctx);
		if (ret)
			break;
	}
	return ret;
}
