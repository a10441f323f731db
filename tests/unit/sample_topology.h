/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample_topology.h - two PFs and some VFs made by hand, for the tests of what is printed. */
#ifndef TESTS_SAMPLE_TOPOLOGY_H
#define TESTS_SAMPLE_TOPOLOGY_H

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/app/roles.h"
#include "report/report.h"
#include "unit/sample_result.h"

static inline void sample_vf_info(struct nfp_vf_info *vf, unsigned int number, enum nfp_use use,
				  const char *driver, const char *user)
{
	*vf = (struct nfp_vf_info) {
		.vf = number,
		.attr = {.vf = number,
			 .mac = {{0x52, 0x54, 0, 0, 0, (uint8_t)number}},
			 .spoofchk = 1,
			 .trust = -1,
			 .have_mac = true},
		.use = use,
	};
	snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", number * 2);
	snprintf(vf->driver, sizeof(vf->driver), "%s", driver);
	snprintf(vf->user, sizeof(vf->user), "%s", user);
}

/* eth0 and a guest's tap are ports of br0, which has VLANs; macvtap0 is on VLAN 100 of br0. */
static inline void sample_links(struct nfp_topology *topology)
{
	static const struct nfp_link links[] = {
		{.ifindex = 2,
		 .ifname = "eth0",
		 .flags = IFF_UP,
		 .carrier = true,
		 .master = 4,
		 .master_kind = "bridge",
		 .physical = true,
		 .parentdev = "0000:01:00.0"},
		{.ifindex = 9,
		 .ifname = "enp1s16",
		 .physical = true,
		 .mtu = 1500,
		 .parentdev = "0000:01:10.0"},
		{.ifindex = 4,
		 .ifname = "br0",
		 .kind = "bridge",
		 .flags = IFF_UP,
		 .vlan_filtering = true,
		 .default_pvid = 1,
		 .bridge = {.known = true, .stp = true, .stp_delay_ms = 30000},
		 .has_address = true},
		{.ifindex = 5,
		 .ifname = "vnet0",
		 .kind = "tun",
		 .flags = IFF_UP,
		 .master = 4,
		 .master_kind = "bridge",
		 .port = {.known = true, .state = 1}},
		{.ifindex = 6, .ifname = "eth0.100", .kind = "vlan", .link = 2, .vlan_id = 100},
		{.ifindex = 7,
		 .ifname = "macvtap0",
		 .kind = "macvtap",
		 .link = 6,
		 .bridging = true,
		 .address.b = {0x52, 0x54, 0, 0, 0, 1}},
		{.ifindex = 8, .ifname = "macvlan0", .kind = "macvlan", .link_elsewhere = 9},
		{.ifindex = 19, .ifname = "fwpr1p0", .kind = "veth", .link = 20, .master = 4},
		{.ifindex = 20, .ifname = "fwln1i0", .kind = "veth", .link = 19, .master = 21},
		{.ifindex = 21, .ifname = "fwbr1i0", .kind = "bridge"},
	};

	topology->num_links = sizeof(links) / sizeof(links[0]);
	topology->links = nfp_calloc(topology->num_links, sizeof(links[0]));
	memcpy(topology->links, links, sizeof(links));
}

/* The ports of br0: eth0 has VLANs 1 (its PVID) to 3 and 100 to 102, of which 2 leave it without a
 * tag. */
static inline void sample_port_vlans(struct nfp_listing *listing)
{
	struct nfp_port_vlan vlans[] = {
		{.ifindex = 2, .vid = 1, .untagged = true, .pvid = true},
		{.ifindex = 2, .vid = 2, .untagged = true},
		{.ifindex = 2, .vid = 3},
		{.ifindex = 2, .vid = 100},
		{.ifindex = 2, .vid = 101},
		{.ifindex = 2, .vid = 102},
		{.ifindex = 5, .vid = 100, .untagged = true, .pvid = true},
		{.ifindex = 19, .vid = 100, .untagged = true, .pvid = true},
		{.ifindex = 99, .vid = 1}, /* a port that came meanwhile */
	};
	const struct nfp_netns own = {.port_vlans = vlans,
				      .num_port_vlans = sizeof(vlans) / sizeof(vlans[0])};

	nfp_listing_vlans(listing, own.port_vlans, own.num_port_vlans);
	nfp_listing_ways(listing, &own);
}

static inline void sample_topology(struct nfp_topology *topology)
{
	struct nfp_pf *pf;

	*topology = (struct nfp_topology) {0};
	topology->pfs = calloc(2, sizeof(*topology->pfs));
	if (!topology->pfs)
		return;
	topology->num_pfs = 2;
	pf = &topology->pfs[0];
	sample_pf(&pf->info);
	strcpy(pf->bus, "pci");
	strcpy(pf->info.board_id, "E44739-004");
	strcpy(pf->info.master, "br0");
	strcpy(pf->info.master_kind, "bridge");
	pf->info.have_ageing = true;
	pf->info.ageing_ms = 30000;
	pf->info.promiscuity = 1;
	pf->flags = IFF_UP;
	pf->carrier = true;
	snprintf(pf->promisc_by, sizeof(pf->promisc_by), "br0, a bridge");
	pf->vfs = calloc(4, sizeof(*pf->vfs));
	pf->num_vfs = pf->vfs ? 4 : 0;
	if (!pf->vfs)
		return;
	sample_vf_info(&pf->vfs[0], 0, NFP_USE_IDLE, "igbvf", "");
	snprintf(pf->vfs[0].ifname, sizeof(pf->vfs[0].ifname), "enp1s16");
	pf->vfs[0].ifindex = 9;
	pf->vfs[0].attr.mac = (struct nfp_mac) {{0}};
	sample_vf_info(&pf->vfs[1], 1, NFP_USE_NETDEV, "igbvf", "enp1s16f2 has an address");
	pf->vfs[1].attr.trust = 1;
	pf->vfs[1].attr.vlan = (struct nfp_vlan) {.vid = 100, .proto = 0x8100};
	sample_vf_info(&pf->vfs[2], 2, NFP_USE_IDLE, "", "");
	pf->vfs[2].attr.mac = (struct nfp_mac) {{0x02}}; /* released */
	sample_vf_info(&pf->vfs[3], 3, NFP_USE_VFIO, "vfio-pci",
		       "qemu-system-x86 (pid 4711) through vfio");
	pf = &topology->pfs[1];
	pf->info = (struct nfp_pf_info) {
		.ifname = "eth1", .ifindex = 3, .driver = "ixgbe", .total_vfs = 63};
	strcpy(pf->bus, "pci");
	strcpy(pf->info.parentdev, "0000:01:00.1");
	pf->versions_errno = EIO;
	sample_links(topology);
}

/* Makes the listing. VF 0 has a driver of its own version; VF 3 and eth1 could not be read
 * completely. Takes the topology over. */
static inline void sample_listing(struct nfp_listing *listing, const struct nfp_topology *topology)
{
	nfp_listing_init(listing, topology, -1);
	sample_port_vlans(listing);
	nfp_listing_handlers(listing, &(const struct nfp_uppers) {.n = 0});
	strcpy(listing->kernel, "6.12.95");
	for (size_t i = 0; i < listing->num_pfs; i++) {
		struct nfp_listed_pf *pf = &listing->pfs[i];

		pf->settle_ns = NFP_SETTLE_DEFAULT_NS;
		for (size_t k = 0; k < pf->num_vfs; k++) {
			struct nfp_listed_vf *vf = &pf->vfs[k];

			strcpy(vf->net_driver, "igbvf");
			strcpy(vf->net_driver_version, "2.0.4");
			if (vf->vf->driver[0])
				strcpy(vf->driver_version, vf->hands_over ? "6.12.95" : "2.0.4");
		}
	}
	if (listing->num_pfs < 2)
		return;
	nfp_strv_addf(&listing->pfs[0].not_with, "eth1");
	nfp_strv_addf(&listing->pfs[1].not_with, "eth0");
	listing->pfs[0].vfs[3].net_driver_version[0] = '\0';
	listing->pfs[0].vfs[3].unread = json_pack("{s:s}", "net_driver_version",
						  "No such file or directory");
	listing->pfs[1].unread = json_pack(
		"{s:s, s:s, s:s, s:s, s:s}", "eswitch_mode", NFP_NEEDS_NET_ADMIN, "driver_version",
		"Input/output error", "firmware", "Input/output error", "firmware_versions",
		"Input/output error", "board_id", "Input/output error");
}

/* eth0 hears two netdevs and two of its VFs' addresses, one of them from outside; eth1 hears
 * nobody; eth2 could not be asked. */

/* As app/list.c does. */
static inline void sample_next(struct nfp_listing *listing)
{
	if (listing->num_pfs)
		listing->next = nfp_next_command(listing->pfs[0].pf, listing->num_pfs,
						 listing->unprivileged);
}

#endif
