// SPDX-License-Identifier: GPL-2.0-or-later
/* Which netdevs may send test frames, which VFs may be probed, which addresses are drawn. */
#include <net/if.h>
#include <linux/if_arp.h>

#include "harness.h"
#include "../../src/app/run_priv.h"
#include "said.h"

enum {
	PF = 1,
	WIRE,
	DOWN,
	PORT,
	TWIN_A,
	TWIN_B,
	VLAN_ON_PF,
	SIBLING,
	BRIDGE,
	MACVLAN_ON_WIRE,
	NUM
};

static struct nfp_link link_of(int ifindex, const char *ifname, uint8_t address)
{
	struct nfp_link link = {
		.ifindex = ifindex,
		.address = {{2, 0, 0, 0, 0, address}},
		.flags = IFF_UP,
		.type = ARPHRD_ETHER,
		.carrier = true,
		.physical = true,
	};

	snprintf(link.ifname, sizeof(link.ifname), "%s", ifname);
	return link;
}

struct host {
	struct nfp_topology topology;
	struct nfp_link links[NUM - 1];
	struct nfp_pf pf;
	struct nfp_vf_info vfs[4];
};

static void make_links(struct nfp_link *links)
{
	links[0] = link_of(PF, "eth0", 1);
	links[1] = link_of(WIRE, "eth1", 2);
	links[2] = link_of(DOWN, "eth2", 3);
	links[2].flags = 0;
	links[3] = link_of(PORT, "eth3", 4);
	links[3].master = 99;
	strcpy(links[3].master_kind, "bond");
	links[4] = link_of(TWIN_A, "eth4", 5);
	links[5] = link_of(TWIN_B, "eth5", 5);
	links[6] = link_of(VLAN_ON_PF, "eth0.100", 1);
	links[6].link = PF;
	links[6].physical = false;
	links[7] = link_of(SIBLING, "eth0v2", 8);
	strcpy(links[7].physfn, "0000:01:00.0");
	links[8] = link_of(BRIDGE, "br0", 9);
	links[8].physical = false;
	links[9] = link_of(MACVLAN_ON_WIRE, "mv0", 2);
}

static int setup(void **state)
{
	struct host *host = calloc(1, sizeof(*host));

	assert_non_null(host);
	make_links(host->links);
	host->links[9].link = WIRE;
	host->links[9].physical = false;
	host->topology.links = host->links;
	host->topology.num_links = NUM - 1;
	strcpy(host->pf.info.ifname, "eth0");
	strcpy(host->pf.info.parentdev, "0000:01:00.0");
	host->pf.info.ifindex = PF;
	host->pf.info.num_vfs = 4;
	host->pf.info.total_vfs = 7;
	host->pf.vfs = host->vfs;
	host->pf.num_vfs = 4;
	for (unsigned int i = 0; i < 4; i++) {
		host->vfs[i].vf = i;
		snprintf(host->vfs[i].ifname, NFP_IFNAMSIZ, "eth0v%u", i);
	}
	*state = host;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

#define CASE(name) TEST_OF(name, setup, teardown, struct host, host)

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
	host->links[9].address.b[5] = 10; /* no longer eth1's twin */
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

/* The VLAN of nobody: not the guest's, none of a netdev, none of the PF's port of a bridge. */
CASE(a_free_vlan_is_none_of_the_bridge)
{
	static struct nfp_port_vlan vlans[4094];
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3}};
	struct nfp_request request = {.guest_vlan = 300};
	struct nfp_run run = {.request = &request,
			      .result = &result,
			      .pf = &host->pf,
			      .topology = host->topology,
			      .source = {.row = &nfp_sources[NFP_BY_NETDEV]},
			      .port_vlans = vlans,
			      .num_port_vlans = 4093};
	struct nfp_runner_config config = {.vf = 3};

	/* All but the guest's, and 2999; then all. */
	for (uint16_t vid = 1, i = 0; vid <= 4094; vid++) {
		if (vid != 2999)
			vlans[i++] = (struct nfp_port_vlan) {.ifindex = PF, .vid = vid};
	}
	nfp_tag_ladder(&run, &config);
	assert_int_equal(config.guest_vlan.free_vid, 2999);
	assert_false(config.guest_vlan.none_free);
	vlans[run.num_port_vlans++] = (struct nfp_port_vlan) {.ifindex = PF, .vid = 2999};
	nfp_tag_ladder(&run, &config);
	assert_true(config.guest_vlan.none_free);
}

CASE(the_sibling_is_idle_and_not_probed_itself)
{
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3, .status = NFP_VF_PROBED}};
	struct nfp_request request = {.any_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	assert_int_equal(nfp_source_sibling(&run)->vf, 2);
	assert_int_equal(nfp_via(&run)->vf, 0);
	run.source.sibling = &host->vfs[0];
	assert_int_equal(nfp_via(&run)->vf, 1);
	request.have_via = true;
	request.via = 2;
	assert_int_equal(nfp_via(&run)->vf, 2);
	assert_int_equal(nfp_source_sibling(&run)->vf, 1);
	request.have_via = false;
	host->vfs[2].use = NFP_USE_VFIO;
	assert_int_equal(nfp_source_sibling(&run)->vf, 1);
	host->vfs[1].ifname[0] = '\0';
	assert_null(nfp_via(&run));
	host->vfs[0].use = NFP_USE_NETDEV_UP;
	assert_null(nfp_source_sibling(&run));
}

CASE(the_vf_beside_the_standby_is_nobodys)
{
	struct nfp_result result = {.have_vf = true,
				    .vf = {.vf = 3, .status = NFP_VF_PROBED, .have_others = true}};
	struct nfp_request request = {.sibling = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	assert_true(nfp_beside_is_due(&run));
	/* Nobody reports their state. */
	assert_null(nfp_beside_vf(&run, NULL, NULL));
	for (size_t i = 0; i < host->pf.num_vfs; i++)
		host->vfs[i].attr.have_mac = true;
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 2);
	/* The standby's port is another one, and the next may be tried. */
	assert_int_equal(nfp_beside_vf(&run, NULL, &host->vfs[2])->vf, 1);
	assert_int_equal(nfp_beside_vf(&run, &host->vfs[2], NULL)->vf, 1);
	assert_null(nfp_beside_vf(&run, &host->vfs[0], NULL));
	/* A source is none, nor one that is in use, or has no netdev of this host. */
	request.from = (struct nfp_from) {.kind = NFP_FROM_VF, .vf = 2};
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 1);
	request.from = (struct nfp_from) {.kind = NFP_FROM_AUTO};
	run.source.sibling = &host->vfs[2];
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 1);
	run.source.sibling = NULL;
	host->vfs[2].use = NFP_USE_VFIO;
	host->vfs[1].ifname[0] = '\0';
	strcpy(host->vfs[1].driver, "vfio-pci");
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 0);
	assert_null(nfp_beside_vf(&run, NULL, &host->vfs[0]));
	/* --neighbour names it. */
	request.have_neighbour = true;
	request.neighbour = 0;
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 0);
	request.neighbour = 2;
	assert_null(nfp_beside_vf(&run, NULL, NULL));
	/* The host has one up, nobody knows, or the user wants none. */
	result.vf.others_up = 1;
	assert_false(nfp_beside_is_due(&run));
	result.vf.others_up = 0;
	result.vf.have_others = false;
	assert_false(nfp_beside_is_due(&run));
	result.vf.have_others = true;
	request.sibling = false;
	assert_false(nfp_beside_is_due(&run));
}

/* Whatever they are taken for, one that loses nothing of what was set comes first. */
CASE(a_vf_that_somebody_has_set_up_is_the_last_resort)
{
	struct nfp_result result = {.have_vf = true,
				    .vf = {.vf = 3, .status = NFP_VF_PROBED, .have_others = true}};
	struct nfp_request request = {.sibling = true, .any_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};
	struct nfp_vf_info *vfs = host->vfs;

	for (size_t i = 0; i < host->pf.num_vfs; i++)
		vfs[i].attr.have_mac = true;
	vfs[2].has_settings = vfs[0].has_settings = true;
	assert_int_equal(nfp_source_sibling(&run)->vf, 1);
	assert_int_equal(nfp_via(&run)->vf, 1);
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 1);
	assert_int_equal(nfp_beside_vf(&run, &vfs[1], NULL)->vf, 2);
	assert_int_equal(nfp_beside_vf(&run, &vfs[2], NULL)->vf, 0);
	assert_null(nfp_beside_vf(&run, &vfs[0], NULL));
	/* A driver that is bound for the run is more than a loss that is told. */
	vfs[1].ifname[0] = '\0';
	assert_int_equal(nfp_beside_vf(&run, &vfs[0], NULL)->vf, 1);
	vfs[1].use = NFP_USE_VFIO;
	assert_int_equal(nfp_source_sibling(&run)->vf, 2);
	assert_int_equal(nfp_via(&run)->vf, 0);
	result.vf.status = NFP_VF_FAILED;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_int_equal(result.vf.vf, 3);
	/* The user has named it. */
	request.have_neighbour = true;
	request.neighbour = 2;
	result.vf.status = NFP_VF_PROBED;
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 2);
}

/* Behind those with a driver, and never one that somebody keeps for another tool. */
CASE(a_vf_without_a_driver_may_live_beside)
{
	struct nfp_result result = {.have_vf = true,
				    .vf = {.vf = 3, .status = NFP_VF_PROBED, .have_others = true}};
	struct nfp_request request = {.sibling = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	for (size_t i = 0; i < host->pf.num_vfs; i++)
		host->vfs[i].attr.have_mac = true;
	host->vfs[2].ifname[0] = host->vfs[1].ifname[0] = '\0';
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 0);
	assert_int_equal(nfp_beside_vf(&run, &host->vfs[0], NULL)->vf, 2);
	assert_int_equal(nfp_beside_vf(&run, &host->vfs[2], NULL)->vf, 1);
	assert_null(nfp_beside_vf(&run, &host->vfs[1], NULL));
	assert_int_equal(nfp_beside_vf(&run, NULL, &host->vfs[0])->vf, 2);
	/* It is no source, and no standby's port. */
	host->vfs[0].use = NFP_USE_NETDEV_UP;
	assert_null(nfp_source_sibling(&run));
	assert_null(nfp_via(&run));
	strcpy(host->vfs[2].driver_override, "vfio-pci");
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 1);
	host->vfs[1].use = NFP_USE_OTHER;
	assert_null(nfp_beside_vf(&run, NULL, NULL));
	host->vfs[1].use = NFP_USE_IDLE;
	host->vfs[1].attr.have_mac = false;
	assert_null(nfp_beside_vf(&run, NULL, NULL));
	/* --neighbour names it: its user answers for what the PF does not report. */
	request.have_neighbour = true;
	request.neighbour = 1;
	assert_int_equal(nfp_beside_vf(&run, NULL, NULL)->vf, 1);
	request.neighbour = 2;
	assert_null(nfp_beside_vf(&run, NULL, NULL));
}

CASE(a_vf_in_use_is_refused_unless_forced_and_only_up)
{
	struct nfp_vf_info *vf = &host->vfs[1];

	for (unsigned int use = NFP_USE_IDLE; use <= NFP_USE_VFIO; use++) {
		struct nfp_err err = {0};
		bool idle = use == NFP_USE_IDLE, up = use == NFP_USE_NETDEV_UP;

		vf->use = (enum nfp_use)use;
		snprintf(vf->user, sizeof(vf->user), "qemu (pid 7)");
		assert_int_equal(nfp_vf_check_use(host->pf.info.ifname, vf, false, &err),
				 idle ? 0 : -EBUSY);
		assert_int_equal(nfp_vf_check_use(host->pf.info.ifname, vf, true, NULL),
				 idle || up ? 0 : -EBUSY);
		if (!idle) {
			assert_int_equal(err.code, NFP_E_VF_IN_USE);
			assert_non_null(strstr(err.message, "qemu (pid 7)"));
			assert_true(!nfp_hint_is_empty(&err.hint));
		}
	}
}

CASE(a_vf_that_is_not_there_or_is_in_use_is_told)
{
	struct nfp_request request = {.have_vf = true, .vf = 1};
	struct nfp_result result = {0};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_true(result.have_vf);
	assert_int_equal(result.vf.status, NFP_VF_PROBED);
	request.vf = 9;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_int_equal(result.vf.status, NFP_VF_FAILED);
	assert_int_equal(result.vf.error.code, NFP_E_NO_SUCH_VF);
	request.vf = 0;
	host->vfs[0].use = NFP_USE_NETDEV;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_int_equal(result.vf.status, NFP_VF_IN_USE);
}

/* An interrupted run was undone meanwhile: what the VF was before that counts no longer. */
CASE(a_vf_is_selected_again_as_it_is_now)
{
	struct nfp_request request = {.have_vf = true, .vf = 1};
	struct nfp_result result = {0};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	host->vfs[1].use = NFP_USE_NAMESPACE;
	host->vfs[1].attr.vlan.vid = 100;
	host->vfs[1].up = host->vfs[2].up = host->vfs[3].up = true;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_int_equal(result.vf.status, NFP_VF_IN_USE);
	assert_int_equal(result.vf.others_up, 2);
	host->vfs[3].up = false;
	host->vfs[1].use = NFP_USE_IDLE;
	host->vfs[1].attr.vlan.vid = 0;
	host->vfs[1].attr.mac = (struct nfp_mac) {{2, 0, 0, 0, 0, 9}};
	request.any_vf = true;
	nfp_select_vf_again(&run);
	assert_int_equal(result.vf.vf, 1);
	assert_int_equal(result.vf.status, NFP_VF_PROBED);
	assert_int_equal(result.vf.error.code, NFP_E_NONE);
	assert_int_equal(result.vf.vlan.vid, 0);
	assert_true(result.vf.have_others);
	assert_int_equal(result.vf.others_up, 1);
	assert_true(nfp_mac_equal(&result.vf.address, &host->vfs[1].attr.mac));
}

#define IDLE_HINT "Idle: VF 2, VF 3. Try: nfprobe eth0 --vf 2"

/* Who is refused a VF is told which others are idle, but for the source, and what to type. */
CASE(a_refusal_names_idle_vfs)
{
	struct nfp_request request = {.have_vf = true, .from = {.kind = NFP_FROM_VF, .vf = 1}};
	struct nfp_result result = {0};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};

	host->vfs[0].use = NFP_USE_VFIO;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_string_equal(said_hint(&result.vf.error.hint), IDLE_HINT);
	host->vfs[0].use = NFP_USE_NETDEV_UP;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_non_null(strstr(said_hint(&result.vf.error.hint), "add --force"));
	assert_non_null(strstr(said_hint(&result.vf.error.hint), " " IDLE_HINT));
	for (size_t i = 0; i < host->pf.num_vfs; i++)
		host->vfs[i].use = NFP_USE_VFIO;
	assert_int_equal(nfp_select_vf(&run, NULL), 0);
	assert_string_equal(said_hint(&result.vf.error.hint),
			    "No VF of eth0 is idle. Try: nfprobe eth0");
}

CASE(any_vf_is_the_first_that_is_idle_and_no_source)
{
	struct nfp_request request = {
		.any_vf = true, .force = true, .from = {.kind = NFP_FROM_VF, .vf = 1}};
	struct nfp_result result = {0};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &host->pf};
	struct nfp_err err = {0};

	host->vfs[0].use = NFP_USE_NETDEV_UP;
	assert_int_equal(nfp_select_vf(&run, &err), 0);
	assert_true(result.have_vf);
	assert_int_equal(result.vf.vf, 2);
	assert_int_equal(result.vf.status, NFP_VF_PROBED);

	request.from = (struct nfp_from) {.kind = NFP_FROM_IFACE, .ifname = "eth0v2"};
	assert_int_equal(nfp_select_vf(&run, &err), 0);
	assert_int_equal(result.vf.vf, 1);

	request.have_neighbour = true;
	request.neighbour = 1;
	assert_int_equal(nfp_select_vf(&run, &err), 0);
	assert_int_equal(result.vf.vf, 3);

	result = (struct nfp_result) {0};
	host->vfs[3].use = NFP_USE_VFIO;
	assert_int_equal(nfp_select_vf(&run, &err), -EBUSY);
	assert_int_equal(err.code, NFP_E_VF_IN_USE);
	assert_false(result.have_vf);
}

CASE(test_addresses_are_local_unicast_and_all_different)
{
	struct nfp_request request = {.styles = {[NFP_STYLE_BRIDGE] = true, true}};
	struct nfp_result result = {.have_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .topology = host->topology};

	assert_int_equal(nfp_pool_fill(&run, NULL), 0);
	assert_int_equal(run.num_pool, 1 + 2 * (2 + NFP_SPARE_ADDRESSES) + NFP_ELSEWHERE_ADDRESSES);
	for (size_t i = 0; i < run.num_pool; i++) {
		assert_int_equal(run.pool[i].b[0] & 3, 2);
		for (size_t j = 0; j < i; j++)
			assert_false(nfp_mac_equal(&run.pool[i], &run.pool[j]));
	}
	free(run.pool);
}

CASE(a_given_address_is_used_everywhere_but_for_the_unregistered)
{
	struct nfp_request request = {
		.have_mac = true, .mac = {{2, 1, 2, 3, 4, 5}}, .styles = {true, true}};
	struct nfp_result result = {.have_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .topology = host->topology};
	struct nfp_addresses addresses;

	assert_int_equal(nfp_pool_fill(&run, NULL), 0);
	addresses = nfp_pool_pick(&run, NFP_STYLE_BRIDGE);
	assert_true(nfp_mac_equal(&addresses.main, &request.mac));
	assert_true(nfp_mac_equal(&addresses.first, &request.mac));
	for (size_t i = 0; i < NFP_SPARE_ADDRESSES; i++) {
		assert_int_equal(addresses.spare[i].b[0] & 3, 2);
		assert_false(nfp_mac_equal(&addresses.spare[i], &request.mac));
	}
	assert_false(nfp_mac_equal(&run.pool[0], &request.mac));
	free(run.pool);
}

/* The filter of a PF that takes everything shows nothing; a standby that needs it so loses nothing.
 */
TEST(a_promiscuous_pf_shows_only_standbys_that_make_it_so)
{
	struct nfp_pf pf = {.info = {.ifname = "eth0", .promiscuity = 1}, .promisc_by = "br0"};
	struct nfp_vf_info spare = {.use = NFP_USE_IDLE, .ifname = "eth0v0"};
	struct nfp_result result = {.have_vf = false};
	struct nfp_request request = {.any_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &pf};
	char why[NFP_REASON_LEN] = "";

	pf.vfs = &spare;
	pf.num_vfs = 1;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		assert_int_equal(nfp_style_is_redundant(&run, style, why, sizeof(why)),
				 style == NFP_STYLE_MACVTAP || style == NFP_STYLE_STATIC_BRIDGE);
	assert_non_null(strstr(why, "eth0 is promiscuous already (br0)"));
	pf.info.promiscuity = 0;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		assert_false(nfp_style_is_redundant(&run, style, why, sizeof(why)));
	spare.use = NFP_USE_VFIO;
	assert_true(nfp_style_is_redundant(&run, NFP_STYLE_VF_BRIDGE, why, sizeof(why)));
	assert_non_null(strstr(why, "it needs a second VF"));
}

TEST_MAIN()
