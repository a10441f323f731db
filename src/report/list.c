// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - `nfprobe --list` as text: a line per PF, and a table of its VFs. */
#include "nfprobe/report.h"

#include <net/if.h>
#include <string.h>

#include "report_priv.h"

#define USER_MIN 20 /* columns that the last column needs to be readable */

static const char *user_words(const struct nfp_vf_info *vf)
{
	static const char *const words[] = {
		[NFP_USE_IDLE] = "-",
		[NFP_USE_NETDEV_UP] = "its netdev is up",
		[NFP_USE_NETDEV] = "its netdev is in use",
		[NFP_USE_NAMESPACE] = "its netdev is in another namespace",
		[NFP_USE_VFIO] = "held through vfio",
		[NFP_USE_OTHER] = "a driver without netdev",
		[NFP_USE_UNKNOWN] = "unknown, so it counts as in use",
	};

	return vf->user[0] ? vf->user : words[vf->use];
}

/* ---- the line of a PF ---- */

static void print_pf_line(struct nfp_page *page, const struct nfp_pf *pf)
{
	const struct nfp_pf_info *info = &pf->info;
	char words[1024];

	nfp_driver_words(info->driver, "", "", info->firmware, words, sizeof(words));
	nfp_append_known(words, sizeof(words), "", info->parentdev);
	nfp_append(words, sizeof(words), ", ", "%u of %u VFs", info->num_vfs, info->total_vfs);
	if (!(pf->flags & IFF_UP))
		nfp_append_known(words, sizeof(words), "", "down");
	else if (!pf->carrier)
		nfp_append_known(words, sizeof(words), "", "no carrier");
	nfp_append_known(words, sizeof(words), "eswitch mode ", info->eswitch_mode);
	nfp_append_known(words, sizeof(words), "port of ", info->master);
	if (info->master[0] && info->master_kind[0])
		nfp_append(words, sizeof(words), " ", "(%s)", info->master_kind);
	if (info->promiscuity)
		nfp_append_known(words, sizeof(words), pf->promisc_by[0] ? "promiscuous by " : "",
				 pf->promisc_by[0] ? pf->promisc_by : "promiscuous");
	if (pf->xdp)
		nfp_append_known(words, sizeof(words), "", "XDP attached");
	nfp_page_put(page, NFP_BOLD, "%s  ", info->ifname);
	nfp_page_wrap(page, NFP_PLAIN, page->col, "%s", words);
	nfp_page_nl(page);
	if (info->num_vfs == 0)
		nfp_page_line(
			page, NFP_PLAIN, 2, 2,
			"no VFs; to make some: echo N > /sys/class/net/%s/device/sriov_numvfs",
			info->ifname);
}

static void build_vf_grid(const struct nfp_pf *pf, struct nfp_grid *grid)
{
	static const struct nfp_column columns[] = {
		{"VF", NFP_COLUMN_WORDS},      {"device", NFP_COLUMN_WORDS},
		{"address", NFP_COLUMN_WORDS}, {"VLAN", NFP_COLUMN_WORDS},
		{"driver", NFP_COLUMN_WORDS},  {"netdev", NFP_COLUMN_WORDS},
		{"used by", NFP_COLUMN_WORDS},
	};
	char mac[NFP_MAC_STRLEN], vlan[16];

	*grid = (struct nfp_grid) {.columns = columns, .num_columns = NFP_NUM(columns)};
	for (size_t i = 0; i < pf->num_vfs; i++) {
		const struct nfp_vf_info *vf = &pf->vfs[i];
		bool has_mac = !nfp_mac_is_zero(&vf->attr.mac);

		snprintf(vlan, sizeof(vlan), "%u", vf->attr.vlan.vid);
		nfp_grid_cell(grid, NFP_PLAIN, "%u", vf->vf);
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->parentdev);
		nfp_grid_cell(grid, NFP_PLAIN, "%s",
			      has_mac ? nfp_mac_str(&vf->attr.mac, mac) : "");
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->attr.vlan.vid ? vlan : "");
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->driver);
		nfp_grid_cell(grid, NFP_PLAIN, "%s", vf->ifname);
		nfp_grid_cell(grid, NFP_PLAIN, "%s", user_words(vf));
	}
}

/* Two lines per VF, for terminals that are too narrow for the table; omits what a VF does not have.
 */
static void print_stacked(struct nfp_page *page, const struct nfp_grid *grid)
{
	for (size_t i = 0; i < grid->num_cells; i += grid->num_columns) {
		const struct nfp_cell *cells = &grid->cells[i];
		char words[1024] = "";

		for (size_t c = 2; c < grid->num_columns; c++) {
			if (strcmp(cells[c].text, "-") != 0)
				nfp_append(words, sizeof(words), ", ", "%s %s",
					   grid->columns[c].heading, cells[c].text);
		}
		nfp_page_put(page, NFP_BOLD, "  VF %s", cells[0].text);
		nfp_page_labelled(page, NFP_PLAIN, "  ", 4, "%s", cells[1].text);
		nfp_page_line(page, NFP_PLAIN, 4, 4, "%s", words[0] ? words : "not used");
	}
}

int nfp_report_list_text(const struct nfp_topology *topology, const struct nfp_report_opts *opts,
			 FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	if (topology->num_pfs == 0)
		nfp_page_line(&page, NFP_PLAIN, 0, 2, "no SR-IOV PFs on this machine");
	for (size_t i = 0; i < topology->num_pfs; i++) {
		struct nfp_grid grid;

		if (i)
			nfp_page_nl(&page);
		print_pf_line(&page, &topology->pfs[i]);
		build_vf_grid(&topology->pfs[i], &grid);
		if (grid.num_cells && !nfp_page_grid(&page, &grid, USER_MIN))
			print_stacked(&page, &grid);
		nfp_grid_fini(&grid);
	}
	if (topology->shared.n)
		nfp_page_nl(&page);
	for (size_t i = 0; i < topology->shared.n; i++)
		nfp_page_labelled(&page, NFP_YELLOW, "Shared address: ", 2, "%s",
				  topology->shared.v[i]);
	return nfp_stream_status(out);
}
