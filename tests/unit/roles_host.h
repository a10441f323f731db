/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roles_host.h - a host that has eth0, a PF with four VFs, and other netdevs of all kinds. */
#ifndef TESTS_UNIT_CAST_HOST_H
#define TESTS_UNIT_CAST_HOST_H

#include <net/if.h>
#include <linux/if_arp.h>

#include "harness.h"
#include "../../src/app/roles.h"

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

/* After each change of how netdevs are on top of each other. */
static void stack(struct host *host)
{
	free(host->topology.sending);
	host->topology.sending = NULL;
	host->topology.num_sending = 0;
	nfp_sending_find(&host->topology);
}

static void teardown(struct host *host)
{
	free(host->topology.sending);
}

static void setup(struct host *host)
{
	make_links(host->links);
	host->links[9].link = WIRE;
	host->links[9].physical = false;
	host->topology.links = host->links;
	host->topology.num_links = NUM - 1;
	strcpy(host->pf.info.ifname, "eth0");
	strcpy(host->pf.info.parentdev, "0000:01:00.0");
	host->pf.info.ifindex = PF;
	host->pf.flags = IFF_UP;
	host->pf.carrier = true;
	host->pf.info.num_vfs = 4;
	host->pf.info.total_vfs = 7;
	host->pf.vfs = host->vfs;
	host->pf.num_vfs = 4;
	for (unsigned int i = 0; i < 4; i++) {
		host->vfs[i].vf = i;
		snprintf(host->vfs[i].ifname, NFP_IFNAMSIZ, "eth0v%u", i);
	}
	stack(host);
}

/*
 * Makes a VF for each character. i: idle, with a driver of this host; s: the same, and somebody has
 * set it up; u: the same, and its netdev is up; .: idle without a driver; f: its netdev is up and
 * in use; m: NetworkManager has given it an address; r: a process says that it is to get it; v: a
 * guest has it.
 */
static inline void make_vfs(struct host *host, const char *kinds)
{
	host->pf.num_vfs = host->pf.info.num_vfs = (unsigned int)strlen(kinds);
	for (size_t i = 0; kinds[i]; i++) {
		struct nfp_vf_info *vf = &host->vfs[i];
		char kind = kinds[i];

		vf->attr.have_mac = true;
		vf->attr.mac = (struct nfp_mac) {{2, 0, 0, 0, 1, (uint8_t)i}};
		vf->has_settings = kind == 's';
		vf->up = kind == 'u' || kind == 'f';
		vf->use = kind == 'f'	? NFP_USE_NETDEV_UP
			  : kind == 'm' ? NFP_USE_NETDEV
			  : kind == 'v' ? NFP_USE_VFIO
			  : kind == 'r' ? NFP_USE_RESERVED
					: NFP_USE_IDLE;
		vf->by_manager = kind == 'm';
		vf->proof = kind == 'r' ? NFP_SAID : NFP_PROOF_NONE;
		if (vf->use != NFP_USE_IDLE)
			snprintf(vf->user, sizeof(vf->user), "%s",
				 kind == 'v'   ? "qemu"
				 : kind == 'm' ? "NetworkManager has connected eth7"
				 : kind == 'r' ? "guest web1"
					       : "eth7 is up");
		if (kind == '.' || kind == 'v')
			vf->ifname[0] = '\0';
		if (kind == 'v')
			strcpy(vf->driver, "vfio-pci");
	}
}

/* Parses what follows the PF on the command line. */
static inline void parse(const char *args, struct nfp_request *ret_request)
{
	char text[256], *argv[24], *save = NULL;
	struct nfp_err err = {0};
	int argc = 0;

	snprintf(text, sizeof(text), "nfprobe eth0 %s", args);
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	if (nfp_request_parse(argc, argv, ret_request, &err) < 0)
		fail_msg("%s: %s", args, err.message);
}

#define CASE(name) TEST_OF(name, setup, teardown, struct host, host)

#endif
