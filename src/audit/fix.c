// SPDX-License-Identifier: GPL-2.0-or-later
/* fix.c - the commands that take an address from a function. */
#include <stdio.h>

#include "audit_priv.h"

static bool is_used_mac(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	return nfp_vfs_with(paths->index, mac).n || nfp_netdevs_with(paths->index, mac).n ||
	       nfp_entries_of(paths->index, mac).n;
}

/* Returns an address that no netdev and no VF of this host has. It is derived from @mac, so it is
 * the same each time. */
static struct nfp_mac fresh_address(const struct nfp_paths *paths, const struct nfp_mac *mac)
{
	struct nfp_mac fresh = *mac;

	/* Locally administered; the bits above these two count. */
	for (unsigned int i = 1; i < 64; i++) {
		fresh.b[0] = (uint8_t)(((mac->b[0] | 2U) & ~1U) ^ (i << 2));
		if (!is_used_mac(paths, &fresh))
			break;
	}
	return fresh;
}

/* The driver of a VF reads its address when it is bound. */
static void add_rebind(const struct nfp_vf_info *vf, struct nfp_commands *commands)
{
	nfp_command_write(commands, vf->parentdev, "/sys/bus/%s/drivers/%s/unbind", vf->bus,
			  vf->driver);
	nfp_command_write(commands, vf->parentdev, "/sys/bus/%s/drivers/%s/bind", vf->bus,
			  vf->driver);
}

void nfp_fix_tool(struct nfp_commands *to, const struct nfp_netns *netns, const char *tool)
{
	if (netns->ip_name[0])
		nfp_command_add(to, "%s -n %s", tool, netns->ip_name);
	else if (netns->pid)
		nfp_command_add(to, "find -L /proc/%d/ns/net -inum %lu -exec nsenter --net={} %s",
				netns->pid, netns->inode, tool);
	else
		nfp_command_add(to, "%s", tool);
}

void nfp_fix_begin(struct nfp_commands *to, const struct nfp_netns *netns,
		   const struct nfp_link *link, const char *verb)
{
	nfp_fix_tool(to, netns, "ip");
	nfp_command_more(to, "link %s %s", verb, link->ifname);
}

void nfp_fix_end(struct nfp_commands *to, const struct nfp_netns *netns)
{
	if (netns->pid)
		nfp_command_more(to, ";");
}

bool nfp_vf_is_left(const struct nfp_paths *paths, const struct nfp_vf_info *vf)
{
	const struct nfp_netns *netns = NULL;

	return vf->use == NFP_USE_IDLE ||
	       (vf->use == NFP_USE_NAMESPACE && nfp_vf_netdev(paths->index, vf, NULL, &netns) &&
		netns->deserted);
}

const char *nfp_reset_price(const struct nfp_pf *pf)
{
	return nfp_driver(pf->info.driver)->resets_vf
		       ? "; the command resets the VF, whose user has no link meanwhile (i40e: for "
			 "some 10 s), and DPDK may stay without one"
		       : "";
}

void nfp_fix_at_rest(const struct nfp_pf *pf, const struct nfp_vf_info *vf,
		     struct nfp_finding *finding)
{
	snprintf(finding->after, sizeof(finding->after),
		 "whoever gives the guest VF %u back will first assign the address again", vf->vf);
	nfp_command_add(&finding->commands, "ip link set %s vf %u mac 00:00:00:00:00:00",
			pf->info.ifname, vf->vf);
}

void nfp_fix_vf(const struct nfp_paths *paths, const struct nfp_vf_info *vf,
		const struct nfp_mac *mac, struct nfp_finding *finding)
{
	const struct nfp_netns *netns = NULL;
	const struct nfp_link *link = nfp_vf_netdev(paths->index, vf, mac, &netns);
	const struct nfp_mac fresh = fresh_address(paths, mac);
	bool left = nfp_vf_is_left(paths, vf);

	/* Either command takes the address from whoever uses the VF, or will. */
	if (!left)
		snprintf(finding->after, sizeof(finding->after), "VF %u is free (%.200s)", vf->vf,
			 vf->user);
	else if (vf->use == NFP_USE_IDLE)
		snprintf(finding->after, sizeof(finding->after),
			 "no guest is about to get VF %u, which then needs this address", vf->vf);
	else
		snprintf(finding->after, sizeof(finding->after),
			 "you have made sure that nobody needs %.120s, where no process is",
			 netns->name);
	if (!nfp_mac_equal(&vf->attr.mac, mac) && link) {
		nfp_fix_begin(&finding->commands, netns, link, "set");
		nfp_command_more(&finding->commands, "address %s", nfp_mac_str(&fresh).text);
		nfp_fix_end(&finding->commands, netns);
		return;
	}
	nfp_command_add(&finding->commands, "ip link set %s vf %u mac %s", paths->pf->info.ifname,
			vf->vf, left ? "00:00:00:00:00:00" : nfp_mac_str(&fresh).text);
	if (left && link)
		add_rebind(vf, &finding->commands);
}
