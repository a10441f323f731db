// SPDX-License-Identifier: GPL-2.0-or-later
/* Which netdevs may send test frames to a PF, and why not. */
#include "roles_host.h"

CASE(auto_asks_only_what_can_stand_on_the_wire)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];

	assert_int_equal(
		nfp_source_candidates(&host->topology, &host->pf, links, NFP_CANDIDATES_MAX), 1);
	assert_int_equal(links[0]->ifindex, WIRE);
	assert_int_equal(nfp_source_candidates(&host->topology, &host->pf, links, 0), 0);
}

static void refuses(struct host *host, int ifindex, int ret, const char *says)
{
	struct nfp_err err = {0};

	stack(host);
	assert_int_equal(nfp_source_refuse(&host->topology, &host->pf,
					   nfp_topology_ifindex(&host->topology, ifindex), &err),
			 ret);
	assert_string_equal(err.message, says);
}

CASE(a_source_is_refused_by_name_and_reason)
{
	refuses(host, WIRE, 0, "");
	refuses(host, DOWN, -ENETDOWN, "eth2 cannot send: it is down");
	refuses(host, PORT, -EBUSY, "eth3 is a port of a bond, and cannot send frames itself");
	refuses(host, TWIN_A, -EADDRINUSE,
		"eth4 has the same MAC address as eth5, which is up: a switch would learn the "
		"address on the wrong port");
	refuses(host, VLAN_ON_PF, -EINVAL,
		"eth0.100 sends through eth0 itself, so its frames do not come from the wire");
	host->links[1].carrier = false;
	refuses(host, WIRE, -ENETDOWN, "eth1 cannot send: it is without carrier");
}

CASE(a_twin_that_is_down_does_no_harm)
{
	host->links[5].flags = 0;
	refuses(host, TWIN_A, 0, "");
}

CASE(the_bridge_of_the_pf_is_not_the_wire)
{
	refuses(host, BRIDGE, 0, "");
	host->links[0].master = BRIDGE;
	refuses(host, BRIDGE, -EINVAL,
		"br0 sends through eth0 itself, so its frames do not come from the wire");
}

static void set_kind(struct nfp_link *link, const char *kind, int lower, int master)
{
	strcpy(link->kind, kind);
	link->link = lower;
	link->master = master;
	link->physical = link->physical && !lower;
}

/* A VLAN netdev of the PF is a port of br0; so are the ends of veths, one after the other. */
CASE(what_is_beyond_the_pf_is_not_the_wire)
{
	struct nfp_link *far = &host->links[9], *near = &host->links[3];

	set_kind(&host->links[6], "vlan", PF, BRIDGE);
	set_kind(&host->links[8], "bridge", 0, 0);
	refuses(host, BRIDGE, -EINVAL,
		"br0 sends through eth0 itself, so its frames do not come from the wire");
	/* eth3 and mv0 are two ends of a veth. */
	far->address.b[5] = 10;
	set_kind(near, "veth", MACVLAN_ON_WIRE, BRIDGE);
	set_kind(far, "veth", PORT, 0);
	refuses(host, MACVLAN_ON_WIRE, -EINVAL,
		"mv0 sends through eth0 itself, so its frames do not come from the wire");
	/* The PF's bridge is the port of nothing else. */
	set_kind(far, "veth", PORT, TWIN_A);
	set_kind(&host->links[4], "bridge", 0, 0);
	strcpy(host->links[4].ifname, "br1");
	host->links[4].physical = false;
	host->links[5].flags = 0;
	refuses(host, TWIN_A, -EINVAL,
		"br1 sends through eth0 itself, so its frames do not come from the wire");
	/* The same over another NIC is on the wire. */
	host->links[6].link = WIRE;
	refuses(host, TWIN_A, 0, "");
	/* Its tunnel leaves by the PF, too. */
	set_kind(&host->links[6], "vxlan", PF, BRIDGE);
	refuses(host, TWIN_A, -EINVAL,
		"br1 sends through eth0 itself, so its frames do not come from the wire");
}

/* A bridge, a bond and a VLAN netdev have the address of what they send by. */
CASE(what_leaves_at_one_port_may_have_one_address)
{
	set_kind(&host->links[4], "", 0, BRIDGE);
	set_kind(&host->links[5], "", 0, BRIDGE);
	set_kind(&host->links[8], "bond", 0, 0);
	host->links[8].address = host->links[5].address;
	refuses(host, BRIDGE, 0, "");
	set_kind(&host->links[9], "vlan", WIRE, 0);
	refuses(host, MACVLAN_ON_WIRE, 0, "");
	refuses(host, WIRE, 0, "");
	host->links[9].link = DOWN;
	refuses(host, WIRE, -EADDRINUSE,
		"eth1 has the same MAC address as mv0, which is up: a switch would learn the "
		"address on the wrong port");
}

/* The NIC's own switch would be taken for the wire: a verdict about the one is none on the other.
 */
CASE(what_stands_on_a_vf_is_not_the_wire)
{
	host->links[6].link = SIBLING;
	refuses(host, VLAN_ON_PF, -EINVAL,
		"eth0.100 sends through eth0v2, a VF of eth0, so its frames do not come from the "
		"wire");
	host->links[7].master = BRIDGE;
	refuses(host, BRIDGE, -EINVAL,
		"br0 sends through eth0v2, a VF of eth0, so its frames do not come from the wire");
	refuses(host, WIRE, 0, "");
	/* A VF of another card is on the wire. */
	strcpy(host->links[7].physfn, "0000:02:00.0");
	refuses(host, BRIDGE, 0, "");
}

static void set_id(struct nfp_phys_id *id, const char *text)
{
	id->len = (uint8_t)strlen(text);
	memcpy(id->b, text, id->len);
}

/* The relation to links[1], eth1, by what the two functions say of their ports. */
static enum nfp_port port(struct host *host, const char *driver)
{
	strcpy(host->pf.info.driver, driver);
	return nfp_port_shared(&host->topology, &host->pf, &host->links[1]);
}

CASE(a_port_is_told_by_its_ids)
{
	struct nfp_link *own = &host->links[0], *other = &host->links[1];

	/* Nothing is known, and they are two cards. */
	strcpy(own->parentdev, "0000:01:00.0");
	strcpy(other->parentdev, "0000:02:00.0");
	assert_int_equal(port(host, "qede"), NFP_PORT_OTHER);
	/* One card; but igb has a port a function. */
	strcpy(other->parentdev, "0000:01:00.1");
	assert_int_equal(port(host, "qede"), NFP_PORT_UNKNOWN);
	assert_int_equal(port(host, "igb"), NFP_PORT_OTHER);
	/* mlx4: two ports of one function. */
	strcpy(other->parentdev, "0000:01:00.0");
	assert_int_equal(port(host, "mlx4_core"), NFP_PORT_OTHER);

	set_id(&own->phys_switch_id, "card");
	set_id(&other->phys_switch_id, "card");
	strcpy(own->phys_port_name, "p0");
	strcpy(other->phys_port_name, "p1");
	assert_int_equal(port(host, "mlx5_core"), NFP_PORT_OTHER);
	strcpy(other->phys_port_name, "p0"); /* socket direct */
	assert_int_equal(port(host, "mlx5_core"), NFP_PORT_SAME);
	strcpy(other->parentdev, "0000:81:00.0");
	assert_int_equal(port(host, "mlx5_core"), NFP_PORT_SAME);
	set_id(&other->phys_switch_id, "card2");
	assert_int_equal(port(host, "mlx5_core"), NFP_PORT_OTHER);

	/* i40e's names are of functions: NPAR has p0 and p1 on one port. */
	set_id(&other->phys_switch_id, "card");
	strcpy(other->phys_port_name, "p1");
	strcpy(other->parentdev, "0000:01:00.1");
	assert_int_equal(port(host, "i40e"), NFP_PORT_UNKNOWN);
	set_id(&own->phys_port_id, "port");
	assert_int_equal(port(host, "i40e"), NFP_PORT_UNKNOWN);
	set_id(&other->phys_port_id, "port");
	assert_int_equal(port(host, "i40e"), NFP_PORT_SAME);
	set_id(&other->phys_port_id, "port2");
	assert_int_equal(port(host, "i40e"), NFP_PORT_OTHER);
}

/* Which of two PFs, eth0 and eth1, take turns. */
static bool take_turns(const struct host *host)
{
	struct nfp_pf pfs[2] = {{.info.ifindex = 0}};
	struct nfp_topology topology = host->topology;
	size_t ports[2];

	for (size_t i = 0; i < 2; i++) {
		pfs[i].info = host->pf.info;
		pfs[i].info.ifindex = host->links[i].ifindex;
		memcpy(pfs[i].info.parentdev, host->links[i].parentdev,
		       sizeof(pfs[i].info.parentdev));
	}
	topology.pfs = pfs;
	topology.num_pfs = 2;
	nfp_ports_find(&topology, ports);
	return ports[0] == ports[1];
}

CASE(what_shares_a_port_takes_turns)
{
	struct nfp_link *own = &host->links[0], *other = &host->links[1];

	strcpy(host->pf.info.driver, "qede");
	strcpy(own->parentdev, "0000:01:00.0");
	strcpy(other->parentdev, "0000:02:00.0");
	assert_false(take_turns(host));
	strcpy(other->parentdev, "0000:01:00.0");
	assert_true(take_turns(host)); /* mlx4: two netdevs of one device */
	strcpy(other->parentdev, "0000:01:00.1");
	assert_true(take_turns(host)); /* it is not known */
	set_id(&own->phys_port_id, "port");
	set_id(&other->phys_port_id, "port2");
	assert_false(take_turns(host));
	set_id(&other->phys_port_id, "port");
	assert_true(take_turns(host));
}

CASE(what_is_not_ethernet_sends_nothing)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];

	host->links[1].type = ARPHRD_INFINIBAND;
	refuses(host, WIRE, -ENOTSUP, "eth1 cannot send Ethernet frames: it is InfiniBand");
	assert_int_equal(
		nfp_source_candidates(&host->topology, &host->pf, links, NFP_CANDIDATES_MAX), 0);
	host->links[1].type = ARPHRD_NONE;
	refuses(host, WIRE, -ENOTSUP, "eth1 cannot send Ethernet frames: it is not Ethernet");
}

/* A second function on the port, its VFs, and what stands on them. */
CASE(what_shares_the_port_is_not_the_wire)
{
	const struct nfp_link *links[NFP_CANDIDATES_MAX];

	set_id(&host->links[0].phys_port_id, "port");
	set_id(&host->links[1].phys_port_id, "port");
	refuses(host, WIRE, -EXDEV,
		"eth1 is on the same port of the NIC as eth0, so frames of eth1 do not come from "
		"the wire");
	assert_int_equal(
		nfp_source_candidates(&host->topology, &host->pf, links, NFP_CANDIDATES_MAX), 0);
	refuses(host, MACVLAN_ON_WIRE, -EXDEV,
		"eth1 is on the same port of the NIC as eth0, so frames of mv0 do not come from "
		"the wire");
	/* eth0v2 is a VF of eth1 now. */
	strcpy(host->links[1].parentdev, "0000:02:00.0");
	strcpy(host->links[7].physfn, "0000:02:00.0");
	refuses(host, SIBLING, -EXDEV,
		"eth0v2 is on the same port of the NIC as eth0, so frames of eth0v2 do not come "
		"from the wire");
	set_id(&host->links[1].phys_port_id, "port2");
	refuses(host, SIBLING, 0, "");
	/* The PF itself is no other one. */
	assert_int_equal(nfp_port_shared(&host->topology, &host->pf, &host->links[0]),
			 NFP_PORT_OTHER);
}

/* A guest on this NIC answers, too, by way of the NIC's own switch. */
CASE(a_neighbour_on_a_vf_is_not_the_wire)
{
	const struct nfp_mac guest = {{0x52, 0x54, 0, 0, 0, 7}}, none = {{0}};
	struct nfp_err err = {0};

	assert_int_equal(
		nfp_source_refuse_inside(&host->topology, &host->pf, "192.0.2.7", &guest, &err), 0);
	host->vfs[1].attr.have_mac = host->vfs[2].attr.have_mac = true;
	host->vfs[1].attr.mac = guest;
	assert_int_equal(
		nfp_source_refuse_inside(&host->topology, &host->pf, "192.0.2.7", &guest, &err),
		-ENOLINK);
	assert_non_null(strstr(err.message, "192.0.2.7 has the address of VF 1 of eth0"));
	/* A VF without an address is nobody. */
	assert_int_equal(
		nfp_source_refuse_inside(&host->topology, &host->pf, "192.0.2.7", &none, &err), 0);
	/* One that gave its address itself. */
	host->vfs[3].ifindex = SIBLING;
	assert_int_equal(nfp_source_refuse_inside(&host->topology, &host->pf, "192.0.2.8",
						  &host->links[7].address, &err),
			 -ENOLINK);
	assert_non_null(strstr(err.message, "VF 3"));
}

TEST_MAIN()
