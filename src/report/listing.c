// SPDX-License-Identifier: GPL-2.0-or-later
/* listing.c - makes what --list shows, and prints it for people. */
#include "writer_priv.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static void init_pf(struct nfp_listed_pf *listed, const struct nfp_topology *topology,
		    const struct nfp_pf *pf)
{
	/* EMSGSIZE: the kernel cannot list so many VFs, not even for a run. */
	bool have_attrs = !pf->attrs_errno;

	*listed = (struct nfp_listed_pf) {.pf = pf, .num_vfs = pf->num_vfs};
	listed->vfs = nfp_calloc(pf->num_vfs, sizeof(*listed->vfs));
	for (size_t i = 0; i < pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];
		const struct nfp_link *link = nfp_topology_ifindex(topology, vf->ifindex);

		listed->vfs[i] = (struct nfp_listed_vf) {
			.vf = vf,
			.link = vf->attr.link_state < 0 || vf->attr.link_state >= NFP_LINK_UNKNOWN
					? NFP_LINK_UNKNOWN
					: (enum nfp_vf_link)vf->attr.link_state,
			.mtu = vf->ifindex && link ? link->mtu : 0,
			.have_vlan = have_attrs,
			.vlan = vf->attr.vlan.vid,
			.hands_over = vf->driver[0] && !nfp_is_net_driver(vf->driver),
		};
		if (!nfp_mac_is_nobodys(&vf->attr.mac))
			listed->vfs[i].address = vf->attr.mac;
	}
}

static const char *link_name(const struct nfp_topology *topology, int ifindex)
{
	const struct nfp_link *link = ifindex ? nfp_topology_ifindex(topology, ifindex) : NULL;

	return link ? link->ifname : NULL;
}

static const char *port_state(const struct nfp_bridge_port *port)
{
	/* BR_STATE_*, include/uapi/linux/if_bridge.h */
	static const char *const states[] = {"disabled", "listening", "learning", "forwarding",
					     "blocking"};

	return port->known && port->state < NFP_NUM(states) ? states[port->state] : NULL;
}

static void init_netdevs(struct nfp_listing *listing)
{
	const struct nfp_topology *topology = &listing->topology;

	listing->netdevs = nfp_calloc(topology->num_links, sizeof(*listing->netdevs));
	for (size_t i = 0; i < topology->num_links; i++) {
		const struct nfp_link *link = &topology->links[i];
		bool has_mode = strcmp(link->kind, "macvlan") == 0 ||
				strcmp(link->kind, "macvtap") == 0;

		listing->netdevs[i] = (struct nfp_listed_netdev) {
			.link = link,
			.lower = link_name(topology, link->link),
			.master = link_name(topology, link->master),
			.mode = !has_mode	 ? NULL
				: link->bridging ? "bridge"
				: link->passthru ? "passthru"
						 : "other",
			.up = link->flags & IFF_UP,
			.carrier = link->carrier,
			.elsewhere = link->link_elsewhere != 0,
			.port_state = port_state(&link->port),
			.snoops = link->bridge.snoops && link->bridge.has_querier,
			.netfilter = link->bridge.netfilter ||
				     (link->bridge.known && topology->netfilter),
		};
	}
}

void nfp_listing_handlers(struct nfp_listing *listing, const struct nfp_uppers *uppers)
{
	struct nfp_topology *t = &listing->topology;

	for (size_t i = 0; i < t->num_links; i++)
		listing->netdevs[i].rx_handler = nfp_rx_handler_of(t->links, t->num_links, uppers,
								   &t->links[i]);
	/* A PF has that of the netdev under a standby. */
	nfp_for_each (pf, t->pfs, t->num_pfs)
		for (size_t k = 0; k < t->num_links; k++)
			if (pf->info.ifname[0] &&
			    strcmp(t->links[k].ifname, nfp_standby_netdev(&pf->info)) == 0)
				pf->info.rx_handler = listing->netdevs[k].rx_handler;
}

void nfp_listing_vlans(struct nfp_listing *listing, const struct nfp_port_vlan *vlans, size_t num)
{
	listing->have_vlans = true;
	for (size_t i = 0, end; i < num; i = end) {
		const struct nfp_port_vlan *first = &vlans[i];
		struct nfp_listed_netdev *netdev = NULL;
		struct nfp_strv *list;

		for (size_t k = 0; k < listing->topology.num_links && !netdev; k++)
			if (listing->netdevs[k].link->ifindex == first->ifindex)
				netdev = &listing->netdevs[k];
		end = i + 1;
		if (!netdev)
			continue;
		if (first->pvid)
			netdev->pvid = first->vid;
		while (end < num && vlans[end].ifindex == first->ifindex &&
		       vlans[end].vid == vlans[end - 1].vid + 1 &&
		       vlans[end].untagged == first->untagged && !vlans[end].pvid)
			end++;
		list = first->untagged ? &netdev->untagged : &netdev->tagged;
		if (end == i + 1)
			nfp_strv_addf(list, "%u", first->vid);
		else
			nfp_strv_addf(list, "%u-%u", first->vid, vlans[end - 1].vid);
	}
}

static void init_way(const struct nfp_way *way, struct nfp_listed_way *listed)
{
	const struct nfp_path *path = &way->path;

	*listed = (struct nfp_listed_way) {.ifname = way->link->ifname,
					   .known = way->known,
					   .have_vlans = !path->unknown,
					   .num_bridges = way->num_hops};
	for (size_t i = 0; i < path->num_vlans; i++)
		nfp_strv_addf(&listed->vlans, "%u", path->vlans[i]);
	for (size_t i = 0; i < way->num_hops; i++) {
		const struct nfp_hop *hop = &way->hops[i];

		listed->bridges[i] = (struct nfp_listed_bridge) {
			hop->bridge->ifname, hop->in ? hop->in->ifname : NULL, hop->out->ifname};
	}
}

void nfp_listing_ways(struct nfp_listing *listing, const struct nfp_netns *own)
{
	const struct nfp_topology *t = &listing->topology;
	struct nfp_netns here = *own;
	struct nfp_ways ways;

	here.links = t->links;
	here.num_links = t->num_links;
	nfp_ways_find(&here, listing->have_vlans, &ways);
	listing->ways = nfp_calloc(ways.n, sizeof(*listing->ways));
	listing->num_ways = ways.n;
	for (size_t i = 0; i < ways.n; i++) {
		struct nfp_listed_netdev *netdev = &listing->netdevs[ways.v[i].on - t->links];

		init_way(&ways.v[i], &listing->ways[i]);
		netdev->ways = netdev->ways ?: &listing->ways[i];
		netdev->num_ways++;
	}
	if (ways.is_cut) {
		listing->unread = listing->unread ?: json_object();
		json_object_set_new(listing->unread, "ways",
				    json_sprintf("more than %u, or behind more than %u bridges",
						 NFP_WAYS_MAX, NFP_HOPS_MAX));
	}
	nfp_ways_fini(&ways);
}

void nfp_listing_init(struct nfp_listing *listing, const struct nfp_topology *topology, ssize_t pf)
{
	size_t first = pf < 0 ? 0 : (size_t)pf;

	*listing = (struct nfp_listing) {
		.topology = *topology,
		.num_pfs = pf < 0 ? topology->num_pfs : 1,
	};
	init_netdevs(listing);
	listing->pfs = nfp_calloc(listing->num_pfs, sizeof(*listing->pfs));
	for (size_t i = 0; i < listing->num_pfs; i++)
		init_pf(&listing->pfs[i], topology, &topology->pfs[first + i]);
}

void nfp_listing_fini(struct nfp_listing *listing)
{
	nfp_for_each (pf, listing->pfs, listing->num_pfs) {
		nfp_for_each (vf, pf->vfs, pf->num_vfs)
			json_decref(vf->unread);
		free(pf->vfs);
		json_decref(pf->unread);
		nfp_strv_fini(&pf->not_with);
	}
	free(listing->pfs);
	for (size_t i = 0; i < listing->topology.num_links && listing->netdevs; i++) {
		nfp_strv_fini(&listing->netdevs[i].tagged);
		nfp_strv_fini(&listing->netdevs[i].untagged);
	}
	free(listing->netdevs);
	nfp_for_each (way, listing->ways, listing->num_ways)
		nfp_strv_fini(&way->vlans);
	free(listing->ways);
	json_decref(listing->unread);
	nfp_topology_fini(&listing->topology);
	*listing = (struct nfp_listing) {.num_pfs = 0};
}

/* ---- text ---- */

/* Writes the state of its link, and who else affects it. */
static struct nfp_words link_words(const struct nfp_pf *pf)
{
	const struct nfp_pf_info *info = &pf->info;
	struct nfp_words words = {.text = ""};

	nfp_append(&words, "", "%s",
		   pf->where[0]		   ? pf->where
		   : !(pf->flags & IFF_UP) ? "down"
		   : !pf->carrier	   ? "no carrier"
					   : "up");
	if (info->eswitch_mode[0] && strcmp(info->eswitch_mode, "legacy") != 0)
		nfp_append(&words, ", ", "eswitch mode %s", info->eswitch_mode);
	if (info->vepa)
		nfp_append(&words, ", ", "hwmode VEPA");
	if (info->master[0])
		nfp_append(&words, ", ", "port of %s", info->master);
	if (info->master[0] && info->master_kind[0])
		nfp_append(&words, " ", "(%s)", info->master_kind);
	if (info->lag[0])
		nfp_append(&words, ", ", "NOT SAFE (LAG: %s)", info->lag);
	if (info->promiscuity)
		nfp_append(&words, ", ", "promiscuous%s%s", pf->promisc_by[0] ? " by " : "",
			   pf->promisc_by);
	if (pf->xdp)
		nfp_append(&words, ", ", "XDP attached");
	return words;
}

/* A PF without a netdev is known by its device. */
static const char *pf_name(const struct nfp_pf *pf)
{
	return pf->info.ifname[0] ? pf->info.ifname : pf->info.parentdev;
}

static void print_pfs(struct nfp_writer *w, const struct nfp_listing *listing, bool verbose)
{
	struct nfp_grid grid = {0};

	nfp_grid_column(&grid, false, "NIC");
	if (verbose)
		nfp_grid_column(&grid, false, "device");
	nfp_grid_column(&grid, false, "driver");
	nfp_grid_column(&grid, false, "firmware");
	nfp_grid_column(&grid, false, "VFs");
	nfp_grid_column(&grid, false, "link");
	nfp_for_each (listed, listing->pfs, listing->num_pfs) {
		const struct nfp_pf *pf = listed->pf;
		const struct nfp_pf_info *info = &pf->info;

		nfp_grid_cell(&grid, NFP_PLAIN, "%s", pf_name(pf));
		if (verbose)
			nfp_grid_cell(&grid, NFP_PLAIN, "%s", info->parentdev);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", info->driver);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", info->firmware);
		nfp_grid_cell(&grid, NFP_PLAIN, "%u of %u", info->num_vfs, info->total_vfs);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", link_words(pf).text);
	}
	(void)nfp_writer_grid(w, &grid);
}

/* The columns of VFs that are printed only if a VF has an unusual value. */
struct shown {
	bool verbose, vlan, trust, spoofchk, link, mtu;
};

static struct shown find_shown(const struct nfp_listed_pf *listed, bool verbose)
{
	int usual = nfp_driver(listed->pf->info.driver)->new_spoofchk;
	struct shown shown = {.verbose = verbose};

	usual = usual ? usual > 0 : -1;
	nfp_for_each (vf, listed->vfs, listed->num_vfs) {
		const struct nfp_vf_attr *attr = &vf->vf->attr;

		usual = usual < 0 ? attr->spoofchk : usual;
		shown.vlan |= attr->vlan.vid != 0;
		shown.trust |= attr->trust == 1;
		shown.spoofchk |= attr->spoofchk >= 0 && attr->spoofchk != usual;
		shown.link |= vf->link == NFP_LINK_ENABLE || vf->link == NFP_LINK_DISABLE;
		shown.mtu |= vf->mtu && listed->pf->info.mtu && vf->mtu != listed->pf->info.mtu;
	}
	return shown;
}

static void add_switch(struct nfp_grid *grid, int on)
{
	nfp_grid_cell(grid, NFP_PLAIN, "%s", on < 0 ? "" : on ? "on" : "off");
}

static void add_settings(struct nfp_grid *grid, const struct nfp_listed_vf *listed,
			 const struct shown *shown)
{
	static const char *const links[] = {"auto", "enable", "disable", ""};
	const struct nfp_vf_attr *attr = &listed->vf->attr;

	if (shown->vlan && attr->vlan.vid)
		nfp_grid_cell(grid, NFP_PLAIN, "%u", attr->vlan.vid);
	else if (shown->vlan)
		nfp_grid_cell(grid, NFP_PLAIN, "-");
	if (shown->trust)
		add_switch(grid, attr->trust);
	if (shown->spoofchk)
		add_switch(grid, attr->spoofchk);
	if (shown->link)
		nfp_grid_cell(grid, NFP_PLAIN, "%s", links[listed->link]);
	if (shown->mtu && listed->mtu)
		nfp_grid_cell(grid, NFP_PLAIN, "%u", listed->mtu);
	else if (shown->mtu)
		nfp_grid_cell(grid, NFP_PLAIN, "-");
}

static void add_vf_row(struct nfp_grid *grid, const struct nfp_listed_vf *listed,
		       const struct shown *shown)
{
	const struct nfp_vf_info *vf = listed->vf;
	bool idle = vf->use == NFP_USE_IDLE;

	nfp_grid_cell(grid, NFP_PLAIN, "%u", vf->vf);
	if (shown->verbose)
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->parentdev);
	nfp_grid_cell(grid, NFP_PLAIN, "%s",
		      nfp_mac_is_zero(&vf->attr.mac)	   ? ""
		      : nfp_mac_is_released(&vf->attr.mac) ? "released"
							   : nfp_mac_str(&vf->attr.mac).text);
	add_settings(grid, listed, shown);
	nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->driver);
	if (shown->verbose)
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->ifname);
	nfp_grid_cell(grid, idle ? NFP_GREEN : NFP_PLAIN, "%s%s%s",
		      idle && vf->up && vf->ifname[0] ? "idle, up"
		      : idle			      ? "idle"
		      : vf->use == NFP_USE_NOT_READ   ? "?"
						      : vf->user,
		      idle && vf->note[0] ? "; " : "", idle ? vf->note : "");
}

static void print_vfs(struct nfp_writer *w, const struct nfp_listed_pf *listed, bool verbose)
{
	struct nfp_grid grid = {.indent = nfp_utf8_width(pf_name(listed->pf)) + 2};
	const struct shown shown = find_shown(listed, verbose);
	const struct {
		bool is_shown;
		const char *head;
	} columns[] = {
		{true, "VF"},	       {verbose, "device"},    {true, "address"},
		{shown.vlan, "VLAN"},  {shown.trust, "trust"}, {shown.spoofchk, "spoofchk"},
		{shown.link, "state"}, {shown.mtu, "MTU"},     {true, "driver"},
		{verbose, "netdev"},   {true, "used by"},
	};

	nfp_for_each (column, columns, NFP_NUM(columns))
		if (column->is_shown)
			nfp_grid_column(&grid, false, column->head);
	nfp_for_each (vf, listed->vfs, listed->num_vfs)
		add_vf_row(&grid, vf, &shown);
	nfp_writer_newline(w);
	nfp_writer_text(w, NFP_BOLD, "%s", pf_name(listed->pf));
	(void)nfp_writer_grid(w, &grid);
}

/* Prints a bond's mode, what a run says of its members, and what people do instead: once for each
 * bond. */
static void print_lag(struct nfp_writer *w, const struct nfp_listing *listing, size_t pf)
{
	const struct nfp_pf_info *info = &listing->pfs[pf].pf->info;

	if (!info->lag[0])
		return;
	for (size_t i = 0; i < pf; i++)
		if (strcmp(listing->pfs[i].pf->info.master, info->master) == 0)
			return;
	nfp_writer_labelled(w, NFP_YELLOW, "LAG: ", 2,
			    "a guest on a VF of a member of %s loses what comes by another one. "
			    "Give it a VF of a PF in no such bond, or one of each member, which it "
			    "bonds itself; or make %s active-backup",
			    info->master, info->master);
}

/* If no run is possible, only a restore is proposed. */
static void print_next(struct nfp_writer *w, const struct nfp_listing *listing)
{
	const struct nfp_next next = listing->next;
	struct nfp_commands command = {0};

	if (next.what != NFP_NEXT_RESTORE && listing->no_run.code != NFP_E_NONE) {
		nfp_writer_newline(w);
		nfp_writer_labelled(w, NFP_BOLD, "No run from here: ", 2, "%s",
				    nfp_sentence(listing->no_run.message, "").text);
		return;
	}
	switch (next.what) {
	case NFP_NEXT_NOTHING:
		return;
	case NFP_NEXT_RESTORE:
		nfp_command_add(&command, "nfprobe --restore %s", pf_name(next.pf));
		break;
	case NFP_NEXT_PROBE:
		nfp_command_add(&command, "nfprobe %s --vf %u", next.pf->info.ifname, next.vf->vf);
		break;
	case NFP_NEXT_PROBE_ANY:
		nfp_command_add(&command, "nfprobe %s --vf any", next.pf->info.ifname);
		break;
	case NFP_NEXT_SET_UP:
		nfp_command_add(&command, "ip link set %s up", next.pf->info.ifname);
		break;
	case NFP_NEXT_CREATE:
		nfp_command_write(&command, "N", "/sys/class/net/%s/device/sriov_numvfs",
				  next.pf->info.ifname);
		break;
	}
	nfp_writer_newline(w);
	if (next.what == NFP_NEXT_CREATE)
		nfp_writer_text(w, NFP_PLAIN,
				"%s has no VFs. To create some%s: ", next.pf->info.ifname,
				listing->unprivileged ? ", as root" : "");
	else
		nfp_writer_text(w, NFP_PLAIN, listing->unprivileged ? "Next, as root: " : "Next: ");
	nfp_writer_command(w, &command);
}

int nfp_report_list_text(const struct nfp_listing *listing, const struct nfp_report_opts *opts,
			 FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	if (listing->num_pfs == 0)
		nfp_writer_line(&w, NFP_PLAIN, 0, 2,
				"This host has no SR-IOV PF; DIAGNOSTICS in nfprobe(8) has the "
				"usual causes.");
	else
		print_pfs(&w, listing, opts->verbose);
	for (size_t i = 0; i < listing->num_pfs; i++) {
		if (listing->pfs[i].pf->num_vfs)
			print_vfs(&w, &listing->pfs[i], opts->verbose);
		print_lag(&w, listing, i);
	}
	if (!opts->quiet)
		print_next(&w, listing);
	nfp_writer_no_failover(&w, opts);
	return nfp_stream_status(out);
}
