// SPDX-License-Identifier: GPL-2.0-or-later
/* cure.c - what is wrong with a hop, and the commands that mend it. */
#include <stdio.h>
#include <string.h>
#include <linux/if_bridge.h>

#include "way_priv.h"

bool nfp_stop_is_remark(const struct nfp_stop *stop)
{
	const struct nfp_stop_row *row = &nfp_stop_rows[stop->what];

	return row->remark || (row->whom == NFP_STOPS_OWN && stop->pairing != NFP_PAIR_SURE) ||
	       (row->whom == NFP_STOPS_PAIR && stop->pairing == NFP_PAIR_ADDRESS);
}

static const char *state_of(const struct nfp_link *port)
{
	static const char *const states[] = {[BR_STATE_DISABLED] = "disabled",
					     [BR_STATE_LISTENING] = "listening",
					     [BR_STATE_LEARNING] = "learning",
					     [BR_STATE_BLOCKING] = "blocking"};
	uint8_t state = port->port.state;

	return state < NFP_NUM(states) && states[state] ? states[state] : "unknown";
}

void nfp_stop_text(const struct nfp_stop *stop, const struct nfp_pf *pf, char *buf, size_t size)
{
	snprintf(buf, size, "%s", nfp_stop_rows[stop->what].what);
	switch (stop->what) {
	case NFP_STOP_LACKS_VLAN:
		nfp_appendf(buf, size, " %u", stop->vlan);
		return;
	case NFP_STOP_OTHER_VLAN:
		nfp_appendf(buf, size, ": %s%.0u there, and %s%.0u by VF %u",
			    stop->wire_vlan ? "VLAN " : "none", stop->wire_vlan,
			    stop->vlan ? "VLAN " : "none", stop->vlan, stop->vf->vf);
		return;
	case NFP_STOP_OTHER_ADDRESS:
		nfp_appendf(buf, size, ": %s, and not %s", nfp_mac_str(&stop->hop->address).text,
			    nfp_mac_str(&stop->address).text);
		return;
	case NFP_STOP_HELD:
		nfp_appendf(buf, size, " (%s)", state_of(stop->hop));
		return;
	case NFP_STOP_SMALL_MTU:
		nfp_appendf(buf, size, ": %u, and not %u bytes", stop->hop->mtu, pf->info.mtu);
		return;
	case NFP_STOP_DELAYS_PORTS:
		nfp_appendf(buf, size, " for %g s", stop->hop->bridge.stp_delay_ms / 1000.0);
		return;
	case NFP_STOP_RULES:
		nfp_appendf(buf, size, " (%.40s)", stop->rules->name);
		return;
	default:
		return;
	}
}

const char *nfp_stop_after(const struct nfp_stop *stop)
{
	/* A port that STP does not hold was held by hand, or by a program for rings. */
	return stop->what == NFP_STOP_HELD && !stop->bridge->bridge.stp
		       ? ""
		       : nfp_stop_rows[stop->what].after;
}

/* ---- the commands ---- */

static void set_bridge(const struct nfp_stop *stop, const struct nfp_link *bridge,
		       const char *setting, struct nfp_commands *to)
{
	nfp_fix_begin(to, stop->netns, bridge, "set");
	nfp_command_more(to, "type bridge %s 0", setting);
	nfp_fix_end(to, stop->netns);
}

static void set_unfiltered(const struct nfp_stop *stop, struct nfp_commands *to)
{
	static const char *const tables[] = {"iptables", "ip6tables", "arptables"};
	char setting[64];

	for (unsigned int i = 0; i < NFP_NUM(tables); i++) {
		if (stop->netns->netfilter & 1U << i)
			nfp_command_add(to, "sysctl -w net.bridge.bridge-nf-call-%s=0", tables[i]);
		snprintf(setting, sizeof(setting), "nf_call_%s", tables[i]);
		if (stop->hop->bridge.netfilter & 1U << i)
			set_bridge(stop, stop->hop, setting, to);
	}
}

/* Sets at the tap what libvirt sets there with macTableManager='libvirt'. */
static void make_static(const struct nfp_stop *stop, struct nfp_commands *to)
{
	nfp_fix_tool(to, stop->netns, "bridge");
	nfp_command_more(to, "link set dev %s learning off flood off", stop->hop->ifname);
	nfp_fix_end(to, stop->netns);
	if (nfp_mac_is_nobodys(&stop->vf->attr.mac))
		return;
	nfp_fix_tool(to, stop->netns, "bridge");
	nfp_command_more(to, "fdb replace %s dev %s master static",
			 nfp_mac_str(&stop->vf->attr.mac).text, stop->hop->ifname);
	nfp_fix_end(to, stop->netns);
}

static void add_vlan(const struct nfp_stop *stop, struct nfp_commands *to)
{
	nfp_fix_tool(to, stop->netns, "bridge");
	nfp_command_more(to, "vlan add vid %u dev %s", stop->vlan, stop->hop->ifname);
	if (stop->what == NFP_STOP_OTHER_VLAN)
		nfp_command_more(to, "pvid untagged");
	nfp_fix_end(to, stop->netns);
}

/* Commands of ip link set .. */
static void set_netdev(const struct nfp_stop *stop, const struct nfp_pf *pf,
		       struct nfp_commands *to)
{
	nfp_fix_begin(to, stop->netns, stop->hop, "set");
	if (stop->what == NFP_STOP_OTHER_ADDRESS)
		nfp_command_more(to, "address %s", nfp_mac_str(&stop->address).text);
	else if (stop->what == NFP_STOP_SMALL_MTU)
		nfp_command_more(to, "mtu %u", pf->info.mtu);
	else if (stop->what == NFP_STOP_PROXY_ARP)
		nfp_command_more(to, "type bridge_slave proxy_arp off");
	else
		nfp_command_more(to, "up");
	nfp_fix_end(to, stop->netns);
}

/* br_set_port_state refuses a state while the kernel's STP is on, and a port that listens goes on
 * to listen when STP ends (br_stp_stop). All ports are to reach an isolated one towards the PF. */
void nfp_stop_fix(const struct nfp_stop *stop, const struct nfp_pf *pf, struct nfp_commands *to)
{
	const struct nfp_stop_row *row = &nfp_stop_rows[stop->what];

	switch (stop->what) {
	case NFP_STOP_LACKS_VLAN:
		add_vlan(stop, to);
		break;
	case NFP_STOP_OTHER_VLAN:
		/* The VLAN is half of it where the uplink lacks it. */
		if (stop->uplink_has_vlan && stop->vlan && stop->bridge &&
		    stop->bridge->vlan_filtering)
			add_vlan(stop, to);
		break;
	case NFP_STOP_OTHER_ADDRESS:
	case NFP_STOP_SMALL_MTU:
	case NFP_STOP_PROXY_ARP:
		set_netdev(stop, pf, to);
		break;
	case NFP_STOP_HELD:
		if (stop->bridge->bridge.stp)
			set_bridge(stop, stop->bridge, "stp_state", to);
		break;
	case NFP_STOP_DELAYS_PORTS:
		set_bridge(stop, stop->hop, "stp_state", to);
		break;
	case NFP_STOP_FILTERED:
		set_unfiltered(stop, to);
		break;
	case NFP_STOP_AUTO_PORT:
		make_static(stop, to);
		break;
	default:
		if (row->up)
			set_netdev(stop, pf, to);
		break;
	}
	if (!row->setting)
		return;
	nfp_fix_tool(to, stop->netns, "bridge");
	nfp_command_more(to, "link set dev %s %s %s",
			 (stop->what == NFP_STOP_ISOLATED ? stop->other : stop->hop)->ifname,
			 row->setting, row->value);
	nfp_fix_end(to, stop->netns);
}
