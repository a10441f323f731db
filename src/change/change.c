// SPDX-License-Identifier: GPL-2.0-or-later
/* change.c - the kinds of changes as a table. */
#include "change.h"
#include "settings.h"
#include "vf_state.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

static const struct kind {
	struct nfp_change_row row;
	/* Adds what an administrator would type, if there is anything. */
	void (*command)(const struct nfp_change *c, struct nfp_commands *commands);
	const char *word; /* in that command: what is set, or the netdev that is made */
	bool on_off;	  /* the value follows the word as "on" or "off" */
} kinds[NFP_CHANGE_COUNT + 1];

/* ---- as a command ---- */

/* The commands for a device on a bus. */
static void write_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	if (c->kind == NFP_CHANGE_VF_UNBIND || c->kind == NFP_CHANGE_VF_BIND)
		nfp_command_write(commands, c->parentdev, "/sys/bus/%s/drivers/%s/%s", c->bus,
				  c->name, c->kind == NFP_CHANGE_VF_BIND ? "bind" : "unbind");
	else if (c->kind == NFP_CHANGE_VF_OVERRIDE)
		nfp_command_write(commands, c->name, "/sys/bus/%s/devices/%s/driver_override",
				  c->bus, c->parentdev);
	else
		nfp_command_write(commands, "1", "/sys/bus/%s/devices/%s/reset", c->bus,
				  c->parentdev);
}

static void add_word(const struct nfp_change *c, struct nfp_commands *commands)
{
	nfp_command_more(commands, "%s", kinds[c->kind].word);
	if (kinds[c->kind].on_off)
		nfp_command_more(commands, "%s", c->value ? "on" : "off");
}

static const char *vlan_proto(const struct nfp_change *c)
{
	return c->vlan.proto == ETH_P_8021AD ? "802.1ad" : "802.1Q";
}

/* Adds the words by which ip(8) sets an attribute of a VF. */
static void attr_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	static const char *const states[] = {"auto", "enable", "disable"};

	nfp_command_add(commands, "ip link set %s vf %u", c->ifname, c->vf);
	switch (c->kind) {
	case NFP_CHANGE_VF_MAC:
		nfp_command_more(commands, "mac %s", nfp_mac_str(&c->mac).text);
		break;
	case NFP_CHANGE_VF_VLAN:
		nfp_command_more(commands, "vlan %u", (unsigned int)c->vlan.vid);
		if (c->vlan.qos)
			nfp_command_more(commands, "qos %u", (unsigned int)c->vlan.qos);
		if (c->vlan.vid && c->vlan.proto == ETH_P_8021AD)
			nfp_command_more(commands, "proto %s", vlan_proto(c));
		break;
	case NFP_CHANGE_VF_STATE:
		nfp_command_more(commands, "state %s",
				 states[c->value >= 0 && c->value < 3 ? c->value : 0]);
		break;
	case NFP_CHANGE_VF_RATE:
		nfp_command_more(commands, "min_tx_rate %u max_tx_rate %u", c->rate[0], c->rate[1]);
		break;
	default:
		add_word(c, commands);
		break;
	}
}

/* Begins a command of ip(8), or of bridge(8), in the namespace of the netdev. */
static void begin_at(const struct nfp_change *c, const char *program, struct nfp_commands *commands)
{
	nfp_command_add(commands, "%s", program);
	if (c->private_netns)
		nfp_command_more(commands, "-n %s", NFP_NETNS_NAME);
}

/* Netdevs on top of the PF, or of the VF's. */
static void child_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	const char *child = kinds[c->kind].word;
	const unsigned int vid = c->vlan.vid;

	if (!c->value) {
		nfp_command_add(commands, "ip -n %s link del %s", NFP_NETNS_NAME, child);
		return;
	}
	begin_at(c, "ip", commands);
	nfp_command_more(commands, "link add link %s name %s", c->ifname, child);
	if (c->kind == NFP_CHANGE_GUEST_VLAN) {
		nfp_command_more(commands, "type vlan id %u", vid);
		return;
	}
	if (c->kind == NFP_CHANGE_MACVLAN)
		nfp_command_more(commands, "address %s", nfp_mac_str(&c->mac).text);
	nfp_command_more(commands, "netns %s", NFP_NETNS_NAME);
	if (c->kind == NFP_CHANGE_MACVLAN)
		nfp_command_more(commands, "up");
	if (c->kind == NFP_CHANGE_VLAN)
		nfp_command_more(commands, "type vlan proto %s id %u", vlan_proto(c), vid);
	else
		nfp_command_more(commands, "type macvlan mode private");
	if (c->kind == NFP_CHANGE_REGISTER)
		nfp_command_add(commands, "ip -n %s link add link %s name %s type vlan id %u",
				NFP_NETNS_NAME, child, NFP_REGISTER_VLAN, vid);
}

/* Entries and memberships of a netdev. */
static void filter_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	const bool adds = c->kind == NFP_CHANGE_PORT_FDB_ADD ||
			  (c->kind != NFP_CHANGE_PORT_FDB_DEL && c->value);
	const char *verb = adds ? "add" : "del";
	const struct nfp_mac_text mac = nfp_mac_str(&c->mac);

	if (c->kind == NFP_CHANGE_MADDR) {
		begin_at(c, "ip", commands);
		nfp_command_more(commands, "maddr %s %s dev %s", verb, mac.text, c->ifname);
		return;
	}
	begin_at(c, "bridge", commands);
	nfp_command_more(commands, "fdb %s %s dev %s", verb, mac.text, c->ifname);
	nfp_command_more(commands, "%s", c->kind == NFP_CHANGE_UNICAST ? "self" : "master");
	if (adds)
		nfp_command_more(commands, "%s",
				 c->kind == NFP_CHANGE_UNICAST ? "permanent" : "static");
}

/* Adds the words by which ip(8) sets a netdev. */
static void link_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	if (c->kind == NFP_CHANGE_NETNS_OUT)
		nfp_command_add(commands, "ip -n %s", NFP_NETNS_NAME);
	else
		begin_at(c, "ip", commands);
	nfp_command_more(commands, "link set %s", c->ifname);
	switch (c->kind) {
	case NFP_CHANGE_NETNS_IN:
		nfp_command_more(commands, "netns %s name %s", NFP_NETNS_NAME, c->name);
		break;
	case NFP_CHANGE_NETNS_OUT:
		nfp_command_more(commands, "netns 1 name %s", c->name);
		break;
	case NFP_CHANGE_LINK_NAME:
		nfp_command_more(commands, "name %s", c->name);
		break;
	case NFP_CHANGE_LINK_ADDRESS:
		nfp_command_more(commands, "address %s", nfp_mac_str(&c->mac).text);
		break;
	default:
		add_word(c, commands);
		break;
	}
}

/* Adds the command for an IPv6 token, or for a neighbour. */
static void address_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	static const char neigh[] = "neigh ";
	const char *ip = strncmp(c->name, neigh, strlen(neigh)) == 0 ? c->name + strlen(neigh) : "";
	unsigned char address[sizeof(struct in6_addr)];
	struct nfp_mac mac;

	if (strcmp(c->name, "token") == 0 && inet_pton(AF_INET6, c->text, address) == 1)
		nfp_command_add(commands, "ip token set %s dev %s", c->text, c->ifname);
	else if ((inet_pton(AF_INET, ip, address) == 1 || inet_pton(AF_INET6, ip, address) == 1) &&
		 nfp_mac_parse(c->text, &mac))
		nfp_command_add(commands, "ip neigh replace %s lladdr %s dev %s nud permanent", ip,
				c->text, c->ifname);
}

/*
 * The name may come from a journal. It gets a command only if nfprobe itself could have written it
 * there, and no command writes to a file other than a sysctl of that netdev.
 */
static void setting_command(const struct nfp_change *c, struct nfp_commands *commands)
{
	const char *star = strchr(c->name, '*');
	char before[NFP_TEXT_LEN];

	if (nfp_setting_is_sysctl(c->name) && !nfp_setting_is_secret(c->name)) {
		snprintf(before, sizeof(before), "%.*s", (int)(star - c->name), c->name);
		nfp_command_write(commands, c->text, "%s%s%s", before, c->ifname, star + 1);
	} else if (strncmp(c->name, "altname ", 8) == 0) {
		nfp_command_add(commands, "ip link property add dev %s altname %s", c->ifname,
				c->text);
	} else if (nfp_setting_can_set(c->name)) {
		nfp_command_add(commands, "ip link set dev %s %s %s", c->ifname, c->name, c->text);
	} else {
		address_command(c, commands);
	}
}

/* ---- the kinds ---- */

#define LASTS  .lasts = true
#define OF_PF  .of_pf = true
#define TO_VF  .to_vf = true
#define TIMED  .timed = true
#define INSIST .insists = true
#define ATTR   LASTS, OF_PF, TO_VF, INSIST, .is_attr = true

#define KIND(name, command, word, on_off, ...)             \
	{                                                  \
		{name, __VA_ARGS__}, command, word, on_off \
	}

static const struct kind kinds[NFP_CHANGE_COUNT + 1] = {
	[NFP_CHANGE_VF_UNBIND] = KIND("vf-unbind", write_command, NULL, false, LASTS, TO_VF, TIMED,
				      INSIST),
	[NFP_CHANGE_VF_BIND] = KIND("vf-bind", write_command, NULL, false, LASTS, TO_VF, TIMED),
	[NFP_CHANGE_VF_OVERRIDE] = KIND("vf-override", write_command, NULL, false, LASTS, TO_VF,
					INSIST),
	[NFP_CHANGE_VF_RESET] = KIND("vf-reset", write_command, NULL, false, LASTS, TO_VF, TIMED,
				     INSIST),
	[NFP_CHANGE_VF_MAC] = KIND("vf-mac", attr_command, NULL, false, ATTR, TIMED),
	[NFP_CHANGE_VF_VLAN] = KIND("vf-vlan", attr_command, NULL, false, ATTR),
	[NFP_CHANGE_VF_SPOOFCHK] = KIND("vf-spoofchk", attr_command, "spoofchk", true, ATTR, TIMED),
	[NFP_CHANGE_VF_TRUST] = KIND("vf-trust", attr_command, "trust", true, ATTR, TIMED),
	[NFP_CHANGE_VF_STATE] = KIND("vf-state", attr_command, NULL, false, ATTR, TIMED),
	[NFP_CHANGE_VF_RSS_QUERY] = KIND("vf-rss-query", attr_command, "query_rss", true, ATTR,
					 TIMED),
	[NFP_CHANGE_VF_RATE] = KIND("vf-rate", attr_command, NULL, false, ATTR, TIMED),
	[NFP_CHANGE_PORT_FDB_ADD] = KIND("port-fdb-add", filter_command, NULL, false, LASTS,
					 INSIST),
	[NFP_CHANGE_PORT_FDB_DEL] = KIND("port-fdb-del", filter_command, NULL, false, LASTS,
					 INSIST),
	[NFP_CHANGE_MACVLAN] = KIND("macvlan", child_command, NFP_MACVLAN_CHILD, false, OF_PF,
				    TIMED),
	[NFP_CHANGE_VLAN] = KIND("vlan", child_command, NFP_VLAN_CHILD, false, OF_PF),
	[NFP_CHANGE_REGISTER] = KIND("register", child_command, NFP_REGISTER_CHILD, false, OF_PF),
	[NFP_CHANGE_GUEST_VLAN] = KIND("guest-vlan", child_command, NFP_GUEST_CHILD, false, TO_VF),
	[NFP_CHANGE_UNICAST] = KIND("unicast", filter_command, NULL, false, OF_PF, TIMED),
	[NFP_CHANGE_PROMISC] = KIND("promisc", link_command, "promisc", true, OF_PF, TIMED),
	[NFP_CHANGE_ALLMULTI] = KIND("allmulti", link_command, "allmulticast", true, OF_PF),
	[NFP_CHANGE_MADDR] = KIND("maddr", filter_command, NULL, false, TO_VF),
	[NFP_CHANGE_NETNS_IN] = KIND("netns-in", link_command, NULL, false, LASTS, TO_VF),
	[NFP_CHANGE_NETNS_OUT] = KIND("netns-out", link_command, NULL, false, LASTS, TO_VF),
	[NFP_CHANGE_LINK_UP] = KIND("link-up", link_command, "up", false, LASTS, TO_VF, INSIST,
				    TIMED),
	[NFP_CHANGE_LINK_DOWN] = KIND("link-down", link_command, "down", false, LASTS, TO_VF,
				      INSIST, TIMED),
	[NFP_CHANGE_LINK_NAME] = KIND("link-name", link_command, NULL, false, LASTS, TO_VF, INSIST),
	[NFP_CHANGE_LINK_ADDRESS] = KIND("link-address", link_command, NULL, false, LASTS, TO_VF,
					 INSIST),
	[NFP_CHANGE_LINK_SETTING] = KIND("link-setting", setting_command, NULL, false, TO_VF,
					 INSIST),
	[NFP_CHANGE_COUNT] = KIND("?", NULL, NULL, false, .lasts = false),
};

void nfp_change_command(const struct nfp_change *change, struct nfp_commands *ret_commands)
{
	*ret_commands = (struct nfp_commands) {0};
	if ((unsigned int)change->kind < NFP_CHANGE_COUNT)
		kinds[change->kind].command(change, ret_commands);
}

const struct nfp_change_row *nfp_change_row(enum nfp_change_kind kind)
{
	return &kinds[(unsigned int)kind < NFP_CHANGE_COUNT ? kind : NFP_CHANGE_COUNT].row;
}

bool nfp_change_kind_parse(const char *name, enum nfp_change_kind *ret_kind)
{
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++) {
		if (strcmp(name, kinds[i].row.name) != 0)
			continue;
		*ret_kind = (enum nfp_change_kind)i;
		return true;
	}
	return false;
}

void nfp_change_to_attr(const struct nfp_change *change, struct nfp_vf_attr *attr)
{
	int *value = nfp_vf_attr_switch(attr, NFP_CHANGED_ATTR(change->kind));

	if (value)
		*value = change->value;
	if (change->kind == NFP_CHANGE_VF_MAC)
		attr->mac = change->mac;
	if (change->kind == NFP_CHANGE_VF_VLAN)
		attr->vlan = change->vlan;
	if (change->kind == NFP_CHANGE_VF_RATE) {
		attr->min_tx_rate = change->rate[0];
		attr->max_tx_rate = change->rate[1];
	}
}

void nfp_change_from_attr(struct nfp_change *change, const struct nfp_vf_attr *attr)
{
	struct nfp_vf_attr from = *attr;
	const int *value = nfp_vf_attr_switch(&from, NFP_CHANGED_ATTR(change->kind));

	change->value = value ? *value : 0;
	change->mac = attr->mac;
	change->vlan = attr->vlan;
	change->rate[0] = attr->min_tx_rate;
	change->rate[1] = attr->max_tx_rate;
}

struct nfp_change nfp_change_of_vf(const struct nfp_vf_state *vf, enum nfp_change_kind kind,
				   const char *name)
{
	struct nfp_change c = {.kind = kind, .of_vf = true, .vf = vf->vf};

	memcpy(c.parentdev, vf->parentdev, sizeof(c.parentdev));
	memcpy(c.bus, vf->bus, sizeof(c.bus));
	snprintf(c.name, sizeof(c.name), "%s", name ? name : "");
	return c;
}

struct nfp_change nfp_change_of_link(enum nfp_change_kind kind, unsigned int vf, int ifindex,
				     const char *ifname, const char *name)
{
	struct nfp_change c = {.kind = kind, .of_vf = true, .vf = vf, .ifindex = ifindex};

	snprintf(c.ifname, sizeof(c.ifname), "%s", ifname);
	snprintf(c.name, sizeof(c.name), "%s", name ? name : "");
	return c;
}
