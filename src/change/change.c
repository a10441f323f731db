// SPDX-License-Identifier: GPL-2.0-or-later
/* change.c - the kinds of changes as a table. */
#include "nfprobe/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

/*
 * In a command, %d is the device, %b its bus, %i the netdev (or the PF), %v the VF's number, %n the
 * name, %N the name and a blank unless it is empty, %a "name" and the name unless it is empty, %m
 * the address, %w on or off, %s the link state, %r the rates, %V the VLAN of a VF, %p a VLAN's
 * protocol, %t its number, %x the option that enters the private namespace.
 */
#define IN_NETNS "ip -n " NFP_NETNS_NAME
#define VF_SET	 "ip link set %i vf %v "

enum {
	LASTS = NFP_CHANGE_LASTS,
	OF_PF = NFP_CHANGE_OF_PF,
	TO_VF = NFP_CHANGE_TO_VF,
	TIMED = NFP_CHANGE_TIMED,
	INSIST = NFP_CHANGE_INSIST,
	ATTR = LASTS | OF_PF | TO_VF | INSIST | NFP_CHANGE_VF_ATTR,
};

static const struct {
	const char *name;
	unsigned int flags;
	const char *command; /* NULL: setting_command */
} kinds[NFP_CHANGE_COUNT] = {
	[NFP_CHANGE_VF_UNBIND] = {"vf-unbind", LASTS | TO_VF | TIMED | INSIST,
				  "echo %d > /sys/bus/%b/drivers/%n/unbind"},
	[NFP_CHANGE_VF_BIND] = {"vf-bind", LASTS | TO_VF | TIMED,
				"echo %d > /sys/bus/%b/drivers/%n/bind"},
	[NFP_CHANGE_VF_OVERRIDE] = {"vf-override", LASTS | TO_VF | INSIST,
				    "echo %N> /sys/bus/%b/devices/%d/driver_override"},
	[NFP_CHANGE_VF_RESET] = {"vf-reset", LASTS | TO_VF | TIMED | INSIST,
				 "echo 1 > /sys/bus/%b/devices/%d/reset"},
	[NFP_CHANGE_VF_MAC] = {"vf-mac", ATTR | TIMED, VF_SET "mac %m"},
	[NFP_CHANGE_VF_VLAN] = {"vf-vlan", ATTR, VF_SET "vlan %V"},
	[NFP_CHANGE_VF_SPOOFCHK] = {"vf-spoofchk", ATTR | TIMED, VF_SET "spoofchk %w"},
	[NFP_CHANGE_VF_TRUST] = {"vf-trust", ATTR | TIMED, VF_SET "trust %w"},
	[NFP_CHANGE_VF_STATE] = {"vf-state", ATTR | TIMED, VF_SET "state %s"},
	[NFP_CHANGE_VF_RSS_QUERY] = {"vf-rss-query", ATTR | TIMED, VF_SET "query_rss %w"},
	[NFP_CHANGE_VF_RATE] = {"vf-rate", ATTR | TIMED, VF_SET "%r"},
	[NFP_CHANGE_PORT_FDB_ADD] = {"port-fdb-add", LASTS | INSIST,
				     "bridge fdb add %m dev %i master static"},
	[NFP_CHANGE_PORT_FDB_DEL] = {"port-fdb-del", LASTS | INSIST,
				     "bridge fdb del %m dev %i master"},
	[NFP_CHANGE_MACVLAN] = {"macvlan", OF_PF | TIMED,
				"ip link add link %i name " NFP_MACVLAN_CHILD
				" address %m netns " NFP_NETNS_NAME
				" up type macvlan mode private"},
	[NFP_CHANGE_VLAN] = {"vlan", OF_PF,
			     "ip link add link %i name " NFP_VLAN_CHILD " netns " NFP_NETNS_NAME
			     " type vlan proto %p id %t"},
	[NFP_CHANGE_REGISTER] = {"register", OF_PF,
				 "ip link add link %i name " NFP_REGISTER_CHILD
				 " netns " NFP_NETNS_NAME " type macvlan mode private && " IN_NETNS
				 " link add link " NFP_REGISTER_CHILD " name " NFP_REGISTER_VLAN
				 " type vlan id %t"},
	[NFP_CHANGE_GUEST_VLAN] = {"guest-vlan", TO_VF,
				   "ip%x link add link %i name " NFP_GUEST_CHILD
				   " type vlan id %t"},
	[NFP_CHANGE_UNICAST] = {"unicast", OF_PF | TIMED,
				"bridge%x fdb add %m dev %i self permanent"},
	[NFP_CHANGE_PROMISC] = {"promisc", OF_PF | TIMED, "ip%x link set %i promisc %w"},
	[NFP_CHANGE_ALLMULTI] = {"allmulti", OF_PF, "ip%x link set %i allmulticast %w"},
	[NFP_CHANGE_MADDR] = {"maddr", TO_VF, "ip%x maddr add %m dev %i"},
	[NFP_CHANGE_NETNS_IN] = {"netns-in", LASTS | TO_VF,
				 "ip link set %i netns " NFP_NETNS_NAME "%a"},
	[NFP_CHANGE_NETNS_OUT] = {"netns-out", LASTS | TO_VF, IN_NETNS " link set %i netns $$"},
	[NFP_CHANGE_LINK_UP] = {"link-up", LASTS | TO_VF | INSIST | TIMED, "ip%x link set %i up"},
	[NFP_CHANGE_LINK_DOWN] = {"link-down", LASTS | TO_VF | INSIST | TIMED,
				  "ip%x link set %i down"},
	[NFP_CHANGE_LINK_NAME] = {"link-name", LASTS | TO_VF | INSIST, "ip link set %i name %n"},
	[NFP_CHANGE_LINK_ADDRESS] = {"link-address", LASTS | TO_VF | INSIST,
				     "ip%x link set %i address %m"},
	[NFP_CHANGE_LINK_SETTING] = {"link-setting", TO_VF | INSIST, NULL},
};

/* The commands that take a change back, where they are not the same with value 0. */
static const char *const back_commands[NFP_CHANGE_COUNT] = {
	[NFP_CHANGE_MACVLAN] = IN_NETNS " link del " NFP_MACVLAN_CHILD,
	[NFP_CHANGE_VLAN] = IN_NETNS " link del " NFP_VLAN_CHILD,
	[NFP_CHANGE_REGISTER] = IN_NETNS " link del " NFP_REGISTER_CHILD,
	[NFP_CHANGE_GUEST_VLAN] = IN_NETNS " link del " NFP_GUEST_CHILD,
	[NFP_CHANGE_UNICAST] = "bridge%x fdb del %m dev %i self",
	[NFP_CHANGE_MADDR] = "ip%x maddr del %m dev %i",
};

/* The names that ethtool(8) gives to the numbers of a setting; a question mark: on or off. */
static const struct {
	const char *name, *words;
} ethtool_words[] = {
	{"ethtool -L", "rx tx other combined"},
	{"ethtool -G", "rx rx-mini rx-jumbo tx"},
	{"ethtool -C",
	 "rx-usecs rx-frames rx-usecs-irq rx-frames-irq tx-usecs tx-frames tx-usecs-irq "
	 "tx-frames-irq stats-block-usecs adaptive-rx? adaptive-tx? pkt-rate-low rx-usecs-low "
	 "rx-frames-low tx-usecs-low tx-frames-low pkt-rate-high rx-usecs-high rx-frames-high "
	 "tx-usecs-high tx-frames-high sample-interval"},
	{"ethtool -A", "autoneg? rx? tx?"},
};

static const char *words_of(const char *name)
{
	for (size_t i = 0; i < sizeof(ethtool_words) / sizeof(ethtool_words[0]); i++)
		if (strcmp(name, ethtool_words[i].name) == 0)
			return ethtool_words[i].words;
	return NULL;
}

static void append_numbers(const char *words, const char *text, char *buf, size_t size)
{
	while (*words) {
		size_t len = strcspn(words, " ?");
		char *end;
		unsigned long number = strtoul(text, &end, 10);

		if (end == text)
			return;
		nfp_appendf(buf, size, " %.*s ", (int)len, words);
		if (words[len] == '?')
			nfp_appendf(buf, size, "%s", number ? "on" : "off");
		else
			nfp_appendf(buf, size, "%lu", number);
		words += len + strspn(words + len, "? ");
		text = end;
	}
}

static void setting_command(const struct nfp_change *c, char *buf, size_t size)
{
	const char *star = strchr(c->name, '*'), *space = c->name;
	const char *words = words_of(c->name);

	if (c->name[0] == '/' && star) {
		snprintf(buf, size, "echo %s > %.*s%s%s", c->text, (int)(star - c->name), c->name,
			 c->ifname, star + 1);
	} else if (strncmp(c->name, "ethtool ", 8) == 0) {
		space += 8 + strcspn(c->name + 8, " ");
		snprintf(buf, size, "%.*s %s%s", (int)(space - c->name), c->name, c->ifname, space);
		if (words)
			append_numbers(words, c->text, buf, size);
		else
			nfp_appendf(buf, size, " %s", c->text);
	} else if (strncmp(c->name, "altname ", 8) == 0) {
		snprintf(buf, size, "ip link property add dev %s altname %s", c->ifname, c->text);
	} else {
		snprintf(buf, size, "ip link set dev %s %s %s", c->ifname, c->name, c->text);
	}
}

const char *nfp_change_command(const struct nfp_change *change, char buf[NFP_COMMAND_LEN])
{
	static const char *const states[] = {"auto", "enable", "disable"};
	const struct nfp_change *c = change;
	bool qinq = c->vlan.proto == ETH_P_8021AD;
	const bool known = (unsigned int)c->kind < NFP_CHANGE_COUNT;
	const char *back = known && !c->value ? back_commands[c->kind] : NULL;
	const char *text = back ?: known ? kinds[c->kind].command : "";
	bool is_named = c->name[0] != '\0';
	char mac[NFP_MAC_STRLEN], vf[16], vid[16], qos[16] = "", rates[64];
	const struct {
		char letter;
		const char *words[4]; /* the last is NULL */
	} directives[] = {
		{'d', {c->parentdev}},
		{'b', {c->bus}},
		{'i', {c->ifname}},
		{'v', {vf}},
		{'n', {c->name}},
		{'N', {c->name, is_named ? " " : ""}},
		{'a', {is_named ? " name " : "", c->name}},
		{'m', {nfp_mac_str(&c->mac, mac)}},
		{'w', {c->value ? "on" : "off"}},
		{'s', {states[c->value >= 0 && c->value < 3 ? c->value : 0]}},
		{'r', {rates}},
		{'V', {vid, qos, c->vlan.vid && qinq ? " proto 802.1ad" : ""}},
		{'p', {qinq ? "802.1ad" : "802.1Q"}},
		{'t', {vid}},
		{'x', {c->private_netns ? " -n " NFP_NETNS_NAME : ""}},
	};

	snprintf(vf, sizeof(vf), "%u", c->vf);
	snprintf(vid, sizeof(vid), "%u", c->vlan.vid);
	if (c->vlan.qos)
		snprintf(qos, sizeof(qos), " qos %u", c->vlan.qos);
	snprintf(rates, sizeof(rates), "min_tx_rate %" PRIu32 " max_tx_rate %" PRIu32, c->rate[0],
		 c->rate[1]);
	buf[0] = '\0';
	if (!text)
		setting_command(c, buf, NFP_COMMAND_LEN);
	for (; text && *text; text++) {
		if (*text != '%') {
			nfp_appendf(buf, NFP_COMMAND_LEN, "%c", *text);
			continue;
		}
		text++;
		for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
			const char *const *word = directives[i].words;

			for (; directives[i].letter == *text && *word; word++)
				nfp_appendf(buf, NFP_COMMAND_LEN, "%s", *word);
		}
	}
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

bool nfp_change_is(enum nfp_change_kind kind, enum nfp_change_flag flag)
{
	return (unsigned int)kind < NFP_CHANGE_COUNT && (kinds[kind].flags & flag);
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
