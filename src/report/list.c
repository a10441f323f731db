// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - `nfprobe --list` for a person: a line a PF, a table of its VFs. */
#include "nfprobe/report.h"

#include <net/if.h>
#include <string.h>

#include "report_priv.h"

enum column {
	COL_VF,
	COL_DEVICE,
	COL_ADDRESS,
	COL_VLAN,
	COL_DRIVER,
	COL_NETDEV,
	COL_USER,
	COL_COUNT,
};

#define CELL	 256
#define USER_MIN 20 /* columns that the last column needs to be readable */

static const char *const headings[COL_COUNT] = {"VF",	  "device", "address", "VLAN",
						"driver", "netdev", "used by"};

struct row {
	char cell[COL_COUNT][CELL];
};

static const char *user_words(const struct nfp_vf_info *vf)
{
	if (vf->user[0])
		return vf->user;
	switch (vf->use) {
	case NFP_USE_IDLE:
		return "-";
	case NFP_USE_NETDEV_UP:
		return "its netdev is up";
	case NFP_USE_NETDEV:
		return "its netdev is in use";
	case NFP_USE_NAMESPACE:
		return "its netdev is in another namespace";
	case NFP_USE_VFIO:
		return "held through vfio";
	case NFP_USE_OTHER:
		return "a driver without netdev";
	case NFP_USE_UNKNOWN:
	default:
		return "unknown, so it counts as in use";
	}
}

static void set(struct row *row, enum column col, const char *text)
{
	snprintf(row->cell[col], CELL, "%s", text[0] ? text : "-");
}

static void fill(const struct nfp_vf_info *vf, struct row *row)
{
	char mac[NFP_MAC_STRLEN], text[32];

	snprintf(text, sizeof(text), "%u", vf->vf);
	set(row, COL_VF, text);
	set(row, COL_DEVICE, vf->parentdev);
	set(row, COL_ADDRESS,
	    nfp_mac_is_zero(&vf->attr.mac) ? "-" : nfp_mac_str(&vf->attr.mac, mac));
	snprintf(text, sizeof(text), "%u", vf->attr.vlan.vid);
	set(row, COL_VLAN, vf->attr.vlan.vid ? text : "-");
	set(row, COL_DRIVER, vf->driver);
	set(row, COL_NETDEV, vf->ifname);
	set(row, COL_USER, user_words(vf));
}

/* ---- the line of a PF ---- */

static void add(char *buf, size_t size, const char *before, const char *text)
{
	size_t used = strlen(buf);

	if (text[0])
		snprintf(buf + used, size - used, "%s%s%s", used ? ", " : "", before, text);
}

static void print_pf(struct nfp_page *page, const struct nfp_pf *pf)
{
	const struct nfp_pf_info *info = &pf->info;
	char words[1024] = "", text[NFP_IFNAMSIZ + 32];

	add(words, sizeof(words), "", info->driver);
	add(words, sizeof(words), "firmware ", info->firmware);
	add(words, sizeof(words), "", info->parentdev);
	snprintf(text, sizeof(text), "%u of %u VFs", info->num_vfs, info->total_vfs);
	add(words, sizeof(words), "", text);
	if (!(pf->flags & IFF_UP))
		add(words, sizeof(words), "", "down");
	else if (!pf->carrier)
		add(words, sizeof(words), "", "no carrier");
	add(words, sizeof(words), "eswitch mode ", info->eswitch_mode);
	if (info->master[0]) {
		snprintf(text, sizeof(text), "port of %s%s%s%s", info->master,
			 info->master_kind[0] ? " (" : "", info->master_kind,
			 info->master_kind[0] ? ")" : "");
		add(words, sizeof(words), "", text);
	}
	if (info->promiscuity)
		add(words, sizeof(words), pf->promisc_by[0] ? "promiscuous by " : "",
		    pf->promisc_by[0] ? pf->promisc_by : "promiscuous");
	if (pf->xdp)
		add(words, sizeof(words), "", "XDP attached");
	nfp_page_put(page, NFP_BOLD, "%s  ", info->ifname);
	nfp_page_wrap(page, NFP_PLAIN, page->col, "%s", words);
	nfp_page_nl(page);
	if (info->num_vfs == 0) {
		nfp_page_wrap(
			page, NFP_PLAIN, 2,
			"  no VFs; to make some: echo N > /sys/class/net/%s/device/sriov_numvfs",
			info->ifname);
		nfp_page_nl(page);
	}
}

/* ---- its VFs ---- */

static void measure(const struct nfp_pf *pf, unsigned int width[COL_COUNT])
{
	for (unsigned int c = 0; c < COL_COUNT; c++)
		width[c] = (unsigned int)strlen(headings[c]);
	for (size_t i = 0; i < pf->num_vfs; i++) {
		struct row row = {0};

		fill(&pf->vfs[i], &row);
		for (unsigned int c = 0; c < COL_COUNT; c++) {
			char clean[CELL];

			nfp_utf8_clean(clean, sizeof(clean), row.cell[c], true);
			if (nfp_utf8_width(clean) > width[c])
				width[c] = nfp_utf8_width(clean);
		}
	}
}

static void print_row(struct nfp_page *page, const unsigned int width[COL_COUNT],
		      const char *const cells[COL_COUNT], enum nfp_tone tone)
{
	unsigned int at = 2;

	for (unsigned int c = 0; c < COL_COUNT; c++) {
		nfp_page_pad(page, at);
		if (c == COL_USER)
			nfp_page_wrap(page, tone, at, "%s", cells[c]);
		else
			nfp_page_put(page, tone, "%s", cells[c]);
		at += width[c] + 2;
	}
	nfp_page_nl(page);
}

static void print_table(struct nfp_page *page, const struct nfp_pf *pf,
			const unsigned int width[COL_COUNT])
{
	print_row(page, width, headings, NFP_BOLD);
	for (size_t i = 0; i < pf->num_vfs; i++) {
		const char *cells[COL_COUNT];
		struct row row = {0};

		fill(&pf->vfs[i], &row);
		for (unsigned int c = 0; c < COL_COUNT; c++)
			cells[c] = row.cell[c];
		print_row(page, width, cells, NFP_PLAIN);
	}
}

/* For a terminal that is too narrow for the table: some lines a VF, without what is not there. */
static void print_stacked(struct nfp_page *page, const struct nfp_pf *pf)
{
	for (size_t i = 0; i < pf->num_vfs; i++) {
		char words[COL_COUNT * (CELL + 16)] = "";
		struct row row = {0};

		fill(&pf->vfs[i], &row);
		for (unsigned int c = COL_ADDRESS; c < COL_COUNT; c++) {
			char before[16];

			snprintf(before, sizeof(before), "%s ", headings[c]);
			if (strcmp(row.cell[c], "-") != 0)
				add(words, sizeof(words), before, row.cell[c]);
		}
		nfp_page_put(page, NFP_BOLD, "  VF %s", row.cell[COL_VF]);
		nfp_page_put(page, NFP_PLAIN, "  %s", row.cell[COL_DEVICE]);
		nfp_page_nl(page);
		nfp_page_pad(page, 4);
		nfp_page_wrap(page, NFP_PLAIN, 4, "%s", words[0] ? words : "not used");
		nfp_page_nl(page);
	}
}

static void print_vfs(struct nfp_page *page, const struct nfp_pf *pf)
{
	unsigned int width[COL_COUNT], before_user = 2;

	if (pf->num_vfs == 0)
		return;
	measure(pf, width);
	for (unsigned int c = 0; c < COL_USER; c++)
		before_user += width[c] + 2;
	if (page->columns && before_user + USER_MIN > page->columns)
		print_stacked(page, pf);
	else
		print_table(page, pf, width);
}

int nfp_report_list_text(const struct nfp_topology *topology, const struct nfp_report_opts *opts,
			 FILE *out)
{
	struct nfp_page page = {.out = out, .columns = opts->columns, .color = opts->color};

	if (topology->num_pfs == 0) {
		nfp_page_wrap(&page, NFP_PLAIN, 2, "no SR-IOV PFs on this machine");
		nfp_page_nl(&page);
	}
	for (size_t i = 0; i < topology->num_pfs; i++) {
		if (i)
			nfp_page_nl(&page);
		print_pf(&page, &topology->pfs[i]);
		print_vfs(&page, &topology->pfs[i]);
	}
	if (topology->shared.n)
		nfp_page_nl(&page);
	for (size_t i = 0; i < topology->shared.n; i++) {
		nfp_page_put(&page, NFP_YELLOW, "Shared address: ");
		nfp_page_wrap(&page, NFP_PLAIN, 2, "%s", topology->shared.v[i]);
		nfp_page_nl(&page);
	}
	return nfp_page_end(&page);
}
