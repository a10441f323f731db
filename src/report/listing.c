// SPDX-License-Identifier: GPL-2.0-or-later
/* listing.c - what --list and --hear show, and print for people. */
#include "report_priv.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static void init_pf(struct nfp_listed_pf *listed, const struct nfp_pf *pf)
{
	/* EMSGSIZE: the kernel cannot list so many VFs, nor could it for a run. */
	bool have_attrs = !pf->attrs_errno;

	*listed = (struct nfp_listed_pf) {.pf = pf, .num_vfs = pf->num_vfs};
	listed->vfs = nfp_calloc(pf->num_vfs, sizeof(*listed->vfs));
	for (size_t i = 0; i < pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];

		listed->vfs[i] = (struct nfp_listed_vf) {
			.vf = vf,
			.have_vlan = have_attrs,
			.vlan = vf->attr.vlan.vid,
			.hands_over = vf->driver[0] && !nfp_is_net_driver(vf->driver),
		};
	}
}

void nfp_listing_init(struct nfp_listing *listing, const struct nfp_topology *topology, ssize_t pf)
{
	size_t first = pf < 0 ? 0 : (size_t)pf;

	*listing = (struct nfp_listing) {
		.topology = *topology,
		.num_pfs = pf < 0 ? topology->num_pfs : 1,
	};
	listing->pfs = nfp_calloc(listing->num_pfs, sizeof(*listing->pfs));
	for (size_t i = 0; i < listing->num_pfs; i++)
		init_pf(&listing->pfs[i], &topology->pfs[first + i]);
}

void nfp_listing_fini(struct nfp_listing *listing)
{
	for (size_t i = 0; i < listing->num_pfs; i++) {
		struct nfp_listed_pf *pf = &listing->pfs[i];

		for (size_t k = 0; k < pf->num_vfs; k++)
			json_decref(pf->vfs[k].unread);
		free(pf->vfs);
		json_decref(pf->unread);
		nfp_strv_fini(&pf->not_with);
	}
	free(listing->pfs);
	nfp_topology_fini(&listing->topology);
	*listing = (struct nfp_listing) {.num_pfs = 0};
}

/* ---- text ---- */

static void print_vfs(struct nfp_writer *w, const struct nfp_pf *pf)
{
	struct nfp_grid grid = NFP_GRID("lllllll", "VF", "device", "address", "VLAN", "driver",
					"netdev", "used by");
	char mac[NFP_MAC_STRLEN], vlan[16];

	for (size_t i = 0; i < pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];

		nfp_mac_str(&vf->attr.mac, mac);
		snprintf(vlan, sizeof(vlan), "%u", vf->attr.vlan.vid);
		nfp_grid_cell(&grid, NFP_PLAIN, "%u", vf->vf);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", vf->parentdev);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", nfp_mac_is_zero(&vf->attr.mac) ? "" : mac);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", vf->attr.vlan.vid ? vlan : "");
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", vf->driver);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", vf->ifname);
		nfp_grid_cell(&grid, NFP_PLAIN, "%s", vf->use == NFP_USE_NOT_READ ? "?" : vf->user);
	}
	nfp_writer_grid(w, &grid);
	nfp_grid_fini(&grid);
}

/* With such a driver, a VF may migrate in the guest, which needs no standby then. */
static void print_vfio_drivers(struct nfp_writer *w, const struct nfp_pf *pf)
{
	const char *previous = "";

	for (size_t i = 0; i < pf->num_vfs; i++) {
		const char *driver = pf->vfs[i].vfio_driver;

		if (driver[0] && strcmp(driver, previous) != 0)
			nfp_writer_labelled(w, NFP_BOLD, "  vfio driver: ", 10,
					    "%s, by which a VF can migrate without failover",
					    driver);
		if (driver[0])
			previous = driver;
	}
}

static void print_pf(struct nfp_writer *w, const struct nfp_pf *pf)
{
	const struct nfp_pf_info *info = &pf->info;
	struct nfp_words words = nfp_driver_words(info->driver, "", "", info->firmware);

	nfp_append_known(&words, "", info->parentdev);
	nfp_append(&words, ", ", "%u of %u VFs", info->num_vfs, info->total_vfs);
	if (!info->ifname[0])
		nfp_append(&words, ", ", "without a netdev here");
	else if (!(pf->flags & IFF_UP))
		nfp_append(&words, ", ", "down");
	else if (!pf->carrier)
		nfp_append(&words, ", ", "no carrier");
	nfp_append_known(&words, "eswitch mode ", info->eswitch_mode);
	nfp_append_known(&words, "port of ", info->master);
	if (info->master[0] && info->master_kind[0])
		nfp_append(&words, " ", "(%s)", info->master_kind);
	if (info->promiscuity)
		nfp_append(&words, ", ", "promiscuous%s%s", pf->promisc_by[0] ? " by " : "",
			   pf->promisc_by);
	if (pf->xdp)
		nfp_append(&words, ", ", "XDP attached");
	nfp_writer_text(w, NFP_BOLD, "%s  ", info->ifname[0] ? info->ifname : "PF");
	nfp_writer_labelled(w, NFP_PLAIN, "", w->col, "%s", words.text);
	if (info->num_vfs == 0 && info->ifname[0])
		nfp_writer_line(w, NFP_PLAIN, 2, 2,
				"no VFs; to make some: echo N > "
				"/sys/class/net/%s/device/sriov_numvfs",
				info->ifname);
	else if (info->num_vfs == 0)
		nfp_writer_line(w, NFP_PLAIN, 2, 2, "no VFs");
	else if (pf->num_vfs)
		print_vfs(w, pf);
	print_vfio_drivers(w, pf);
}

int nfp_report_list_text(const struct nfp_listing *listing, const struct nfp_report_opts *opts,
			 FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};
	const struct nfp_topology *topology = &listing->topology;

	if (listing->num_pfs == 0)
		nfp_writer_line(&w, NFP_PLAIN, 0, 2,
				"no SR-IOV PFs on this host; DIAGNOSTICS in nfprobe(8) has the "
				"usual causes");
	for (size_t i = 0; i < listing->num_pfs; i++) {
		if (i)
			nfp_writer_newline(&w);
		print_pf(&w, listing->pfs[i].pf);
	}
	if (topology->shared.n || topology->macvtaps.n)
		nfp_writer_newline(&w);
	for (size_t i = 0; i < topology->shared.n; i++)
		nfp_writer_labelled(&w, NFP_YELLOW, "Shared address: ", 2, "%s",
				    topology->shared.v[i]);
	for (size_t i = 0; i < topology->macvtaps.n; i++)
		nfp_writer_labelled(&w, NFP_YELLOW, "Multicast: ", 2, "%s",
				    topology->macvtaps.v[i]);
	return nfp_stream_status(out);
}

/* ---- --hear ---- */

void nfp_hearing_fini(struct nfp_hearing *hearing)
{
	for (size_t i = 0; i < hearing->num_pfs; i++)
		nfp_strv_fini(&hearing->pfs[i].netdevs);
	free(hearing->pfs);
	*hearing = (struct nfp_hearing) {.num_pfs = 0};
}

int nfp_report_hearing_text(const struct nfp_hearing *hearing, const struct nfp_report_opts *opts,
			    FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};

	if (hearing->num_pfs == 0)
		nfp_writer_line(&w, NFP_PLAIN, 0, 2, "no SR-IOV PFs on this host");
	for (size_t i = 0; i < hearing->num_pfs; i++) {
		const struct nfp_heard *pf = &hearing->pfs[i];
		const struct nfp_err *error = &pf->error;
		struct nfp_words words = {.text = ""};

		for (size_t k = 0; k < pf->netdevs.n; k++)
			nfp_append(&words, ", ", "%s", pf->netdevs.v[k]);
		nfp_writer_text(&w, NFP_BOLD, "%s  ", pf->ifname);
		if (error->code != NFP_E_NONE)
			nfp_writer_labelled(&w, NFP_YELLOW, "not asked: ", 2, "%s%s%s%s",
					    error->message, error->hint[0] ? " (" : "", error->hint,
					    error->hint[0] ? ")" : "");
		else
			nfp_writer_labelled(&w, NFP_PLAIN, "hears ", 2, "%s",
					    words.text[0] ? words.text : "nobody");
	}
	return nfp_stream_status(out);
}
