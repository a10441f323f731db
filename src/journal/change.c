// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

const struct nfp_mac nfp_mac_parked = {{0x02, 0, 0, 0, 0, 0}};

struct kind_row {
	const char *name;
	bool lasts; /* without the process */
	void (*format)(const struct nfp_change *c, char *buf, size_t size);
};

static const char *on_off(int value)
{
	return value ? "on" : "off";
}

/* " -n nfprobe" where the netdev is in the private namespace. */
static const char *in_netns(const struct nfp_change *c)
{
	return c->private_netns ? " -n " NFP_NETNS_NAME : "";
}

static void format_unbind(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "echo %s > /sys/bus/%s/drivers/%s/unbind", c->parentdev, c->bus,
		 c->name);
}

static void format_bind(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "echo %s > /sys/bus/%s/drivers/%s/bind", c->parentdev, c->bus, c->name);
}

static void format_override(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "echo %s%s> /sys/bus/%s/devices/%s/driver_override", c->name,
		 c->name[0] ? " " : "", c->bus, c->parentdev);
}

static void format_reset(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "echo 1 > /sys/bus/%s/devices/%s/reset", c->bus, c->parentdev);
}

static void format_vf_mac(const struct nfp_change *c, char *buf, size_t size)
{
	char mac[NFP_MAC_STRLEN];

	snprintf(buf, size, "ip link set %s vf %u mac %s", c->ifname, c->vf,
		 nfp_mac_str(&c->mac, mac));
}

static void format_vf_vlan(const struct nfp_change *c, char *buf, size_t size)
{
	int n = snprintf(buf, size, "ip link set %s vf %u vlan %u", c->ifname, c->vf, c->vlan.vid);

	if (c->vlan.qos && n > 0 && (size_t)n < size)
		n += snprintf(buf + n, size - (size_t)n, " qos %u", c->vlan.qos);
	if (c->vlan.vid && c->vlan.proto == ETH_P_8021AD && n > 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, " proto 802.1ad");
}

static void format_spoofchk(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s vf %u spoofchk %s", c->ifname, c->vf, on_off(c->value));
}

static void format_trust(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s vf %u trust %s", c->ifname, c->vf, on_off(c->value));
}

static void format_state(const struct nfp_change *c, char *buf, size_t size)
{
	const char *state = c->value == IFLA_VF_LINK_STATE_ENABLE    ? "enable"
			    : c->value == IFLA_VF_LINK_STATE_DISABLE ? "disable"
								     : "auto";

	snprintf(buf, size, "ip link set %s vf %u state %s", c->ifname, c->vf, state);
}

static void format_rss_query(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s vf %u query_rss %s", c->ifname, c->vf,
		 on_off(c->value));
}

static void format_rate(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s vf %u min_tx_rate %" PRIu32 " max_tx_rate %" PRIu32,
		 c->ifname, c->vf, c->rate[0], c->rate[1]);
}

static void format_fdb(const struct nfp_change *c, char *buf, size_t size)
{
	bool add = c->kind == NFP_CHANGE_FDB_ADD;
	char mac[NFP_MAC_STRLEN];

	snprintf(buf, size, "bridge fdb %s %s dev %s self%s", add ? "add" : "del",
		 nfp_mac_str(&c->mac, mac), c->ifname, add ? " permanent" : "");
}

static void format_port_fdb(const struct nfp_change *c, char *buf, size_t size)
{
	bool add = c->kind == NFP_CHANGE_PORT_FDB_ADD;
	char mac[NFP_MAC_STRLEN];

	snprintf(buf, size, "bridge fdb %s %s dev %s master%s", add ? "add" : "del",
		 nfp_mac_str(&c->mac, mac), c->ifname, add ? " static" : "");
}

static void format_macvlan_add(const struct nfp_change *c, char *buf, size_t size)
{
	char mac[NFP_MAC_STRLEN];

	snprintf(buf, size,
		 "ip link add link %s name " NFP_MACVLAN_CHILD " address %s netns " NFP_NETNS_NAME
		 " up type macvlan mode private",
		 c->ifname, nfp_mac_str(&c->mac, mac));
}

static void format_macvlan_del(const struct nfp_change *c, char *buf, size_t size)
{
	(void)c;
	snprintf(buf, size, "ip -n " NFP_NETNS_NAME " link del " NFP_MACVLAN_CHILD);
}

static void format_vlan_add(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size,
		 "ip link add link %s name " NFP_VLAN_CHILD " netns " NFP_NETNS_NAME
		 " type vlan proto %s id %u",
		 c->ifname, c->vlan.proto == ETH_P_8021AD ? "802.1ad" : "802.1Q", c->vlan.vid);
}

static void format_vlan_del(const struct nfp_change *c, char *buf, size_t size)
{
	(void)c;
	snprintf(buf, size, "ip -n " NFP_NETNS_NAME " link del " NFP_VLAN_CHILD);
}

static void format_promisc(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s promisc %s", c->ifname,
		 on_off(c->kind == NFP_CHANGE_PROMISC_ON));
}

static void format_netns_in(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s netns " NFP_NETNS_NAME "%s%s", c->ifname,
		 c->name[0] ? " name " : "", c->name);
}

static void format_netns_out(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip -n " NFP_NETNS_NAME " link set %s netns $$", c->ifname);
}

static void format_link_updown(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip%s link set %s %s", in_netns(c), c->ifname,
		 c->kind == NFP_CHANGE_LINK_UP ? "up" : "down");
}

static void format_link_name(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s name %s", c->ifname, c->name);
}

static void format_link_mtu(const struct nfp_change *c, char *buf, size_t size)
{
	snprintf(buf, size, "ip link set %s mtu %d", c->ifname, c->value);
}

static void format_link_address(const struct nfp_change *c, char *buf, size_t size)
{
	char mac[NFP_MAC_STRLEN];

	snprintf(buf, size, "ip link set %s address %s", c->ifname, nfp_mac_str(&c->mac, mac));
}

/* ethtool wants names for the numbers of some, which are here as the kernel has them. */
static void format_setting(const struct nfp_change *c, char *buf, size_t size)
{
	const char *star = strchr(c->name, '*'), *space = c->name;

	if (c->name[0] == '/' && star) {
		snprintf(buf, size, "echo %s > %.*s%s%s", c->text, (int)(star - c->name), c->name,
			 c->ifname, star + 1);
	} else if (strncmp(c->name, "ethtool ", 8) == 0) {
		space += 8 + strcspn(c->name + 8, " ");
		snprintf(buf, size, "%.*s %s%s %s", (int)(space - c->name), c->name, c->ifname,
			 space, c->text);
	} else if (strncmp(c->name, "altname ", 8) == 0) {
		snprintf(buf, size, "ip link property add dev %s altname %s", c->ifname, c->text);
	} else {
		snprintf(buf, size, "ip link set dev %s %s %s", c->ifname, c->name, c->text);
	}
}

static const struct kind_row kinds[NFP_CHANGE_COUNT] = {
	[NFP_CHANGE_VF_UNBIND] = {"vf-unbind", true, format_unbind},
	[NFP_CHANGE_VF_BIND] = {"vf-bind", true, format_bind},
	[NFP_CHANGE_VF_OVERRIDE] = {"vf-override", true, format_override},
	[NFP_CHANGE_VF_RESET] = {"vf-reset", true, format_reset},
	[NFP_CHANGE_VF_MAC] = {"vf-mac", true, format_vf_mac},
	[NFP_CHANGE_VF_VLAN] = {"vf-vlan", true, format_vf_vlan},
	[NFP_CHANGE_VF_SPOOFCHK] = {"vf-spoofchk", true, format_spoofchk},
	[NFP_CHANGE_VF_TRUST] = {"vf-trust", true, format_trust},
	[NFP_CHANGE_VF_STATE] = {"vf-state", true, format_state},
	[NFP_CHANGE_VF_RSS_QUERY] = {"vf-rss-query", true, format_rss_query},
	[NFP_CHANGE_VF_RATE] = {"vf-rate", true, format_rate},
	[NFP_CHANGE_FDB_ADD] = {"fdb-add", true, format_fdb},
	[NFP_CHANGE_FDB_DEL] = {"fdb-del", true, format_fdb},
	[NFP_CHANGE_PORT_FDB_ADD] = {"port-fdb-add", true, format_port_fdb},
	[NFP_CHANGE_PORT_FDB_DEL] = {"port-fdb-del", true, format_port_fdb},
	[NFP_CHANGE_MACVLAN_ADD] = {"macvlan-add", false, format_macvlan_add},
	[NFP_CHANGE_MACVLAN_DEL] = {"macvlan-del", false, format_macvlan_del},
	[NFP_CHANGE_VLAN_ADD] = {"vlan-add", false, format_vlan_add},
	[NFP_CHANGE_VLAN_DEL] = {"vlan-del", false, format_vlan_del},
	[NFP_CHANGE_PROMISC_ON] = {"promisc-on", false, format_promisc},
	[NFP_CHANGE_PROMISC_OFF] = {"promisc-off", false, format_promisc},
	[NFP_CHANGE_NETNS_IN] = {"netns-in", true, format_netns_in},
	[NFP_CHANGE_NETNS_OUT] = {"netns-out", true, format_netns_out},
	[NFP_CHANGE_LINK_UP] = {"link-up", true, format_link_updown},
	[NFP_CHANGE_LINK_DOWN] = {"link-down", true, format_link_updown},
	[NFP_CHANGE_LINK_NAME] = {"link-name", true, format_link_name},
	[NFP_CHANGE_LINK_MTU] = {"link-mtu", true, format_link_mtu},
	[NFP_CHANGE_LINK_ADDRESS] = {"link-address", true, format_link_address},
	[NFP_CHANGE_LINK_SETTING] = {"link-setting", false, format_setting},
};

const char *nfp_change_command(const struct nfp_change *change, char buf[NFP_COMMAND_LEN])
{
	buf[0] = '\0';
	if ((unsigned int)change->kind < NFP_CHANGE_COUNT)
		kinds[change->kind].format(change, buf, NFP_COMMAND_LEN);
	return buf;
}

const char *nfp_change_kind_name(enum nfp_change_kind kind)
{
	return (unsigned int)kind < NFP_CHANGE_COUNT ? kinds[kind].name : "?";
}

bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind)
{
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++) {
		if (strcmp(name, kinds[i].name) != 0)
			continue;
		*ret_kind = (enum nfp_change_kind)i;
		return true;
	}
	return false;
}

bool nfp_change_lasts(enum nfp_change_kind kind)
{
	return (unsigned int)kind < NFP_CHANGE_COUNT && kinds[kind].lasts;
}

bool nfp_vlan_equal(const struct nfp_vlan *a, const struct nfp_vlan *b)
{
	/* Without a VLAN the protocol means nothing, and drivers report this or that. */
	if (!a->vid && !b->vid)
		return a->qos == b->qos;
	/* mlx5, nfp and liquidio report no protocol (mlx5_eswitch_get_vport_config clears what
	 * rtnetlink has filled in). */
	return a->vid == b->vid && a->qos == b->qos &&
	       (a->proto == b->proto || !a->proto || !b->proto);
}
