// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a list about its host, and the command that it names next. */
#include <linux/if_link.h>

#include "harness.h"
#include "report/report.h"
#include "unit/sample_topology.h"

static void forget_all(struct nfp_topology *topology)
{
	nfp_topology_fini(topology);
}

static void make_hostile(struct nfp_topology *topology)
{
	strcpy(topology->pfs[0].vfs[0].driver, "\033[2J\xff\n");
	topology->pfs[0].carrier = false;
	topology->pfs[0].xdp = XDP_ATTACHED_DRV;
}

/* One is down, and the other has no VFs. */
static void take_all(struct nfp_topology *topology)
{
	topology->pfs[0].flags = 0;
	for (size_t i = 0; i < topology->pfs[0].num_vfs; i++)
		topology->pfs[0].vfs[i].attr.vlan.vid = 0;
}

static void hold_all(struct nfp_topology *topology)
{
	take_all(topology);
	for (size_t i = 0; i < topology->pfs[0].num_vfs; i++)
		topology->pfs[0].vfs[i].use = NFP_USE_NETDEV;
}

/* A run refuses it, so none is recommended; each PF has VFs. */
static void join_bond(struct nfp_topology *topology)
{
	take_all(topology);
	topology->pfs[0].flags = IFF_UP;
	strcpy(topology->pfs[0].info.master, "bond0");
	strcpy(topology->pfs[0].info.master_kind, "bond");
	topology->pfs[1].info.num_vfs = 1;
}

/* Both are: what is said of the bond is said once. */
static void join_lag(struct nfp_topology *topology)
{
	for (size_t i = 0; i < 2; i++) {
		struct nfp_pf_info *info = &topology->pfs[i].info;

		strcpy(info->master, "bond9");
		strcpy(info->master_kind, "bond");
		strcpy(info->lag, "802.3ad");
	}
}

/* None is idle, and whoever is not root does not see that: a process may hold each VF. */
static void hide_users(struct nfp_topology *topology)
{
	topology->pfs[0].eswitch_errno = EPERM;
	for (size_t i = 0; i < topology->pfs[0].num_vfs; i++)
		topology->pfs[0].vfs[i].use = NFP_USE_UNKNOWN;
}

static const char elsewhere[] =
	"this network namespace is not that of process 1, where the netdev of a VF appears when "
	"its driver is bound";

/* The text has each of the first once, and none of the others. */
static const struct {
	const char *name;
	void (*edit)(struct nfp_topology *topology);
	bool unprivileged;
	const char *no_run, *has[3], *lacks[3];
} rows[] = {
	{"none", forget_all,
	 .has = {"This host has no SR-IOV PF; DIAGNOSTICS in nfprobe(8) has the usual causes.\n"
		 "This says nothing about failover.\n"},
	 .lacks = {"NIC", "Next"}},
	{"hostile bytes", make_hostile,
	 .has = {"?[2J\xef\xbf\xbd", "no carrier, port of br0 (bridge)", ", XDP attached"},
	 .lacks = {"\033", "\xff", "Next"}},
	{"a PF is down", take_all,
	 .has = {"4 of 7   down, port of br0", "Next: ip link set eth0 up\n",
		 "trust  driver    used by\n"},
	 .lacks = {"VLAN", "Shared", "Multicast"}},
	{"no VF can be probed", hold_all,
	 .has = {"eth1 has no VFs. To create some: "
		 "echo N > /sys/class/net/eth1/device/sriov_numvfs\n",
		 "igbvf     -\n"},
	 .lacks = {"Next", "idle"}},
	{"a member of a bond", join_bond,
	 .has = {"up, port of bond0 (bond), promiscuous by br0", "1 of 63  down\n"},
	 .lacks = {"Next", "To create some"}},
	{"two members of a LAG", join_lag,
	 .has = {"up, port of bond9 (bond), NOT SAFE (LAG: 802.3ad), promiscuous",
		 "down, port of bond9 (bond), NOT SAFE (LAG: 802.3ad)\n",
		 "LAG: a guest on a VF of a member of bond9 loses what comes by another one. Give\n"
		 "  it a VF of a PF in no such bond, or one of each member, which it bonds "
		 "itself;\n"
		 "  or make bond9 active-backup\n"},
	 .lacks = {"Next"}},
	{"not root", NULL, true, .has = {"Next, as root: nfprobe eth0 --vf 0\n"}},
	{"not root, users are not seen", hide_users, true,
	 .has = {"Next, as root: nfprobe eth0 --vf any\n"}, .lacks = {"idle"}},
	{"not root, no VFs", hold_all, true, .has = {"To create some, as root: echo N > "}},
	/* From where no run can be made, none is recommended. */
	{"from another network namespace than that of process 1", NULL, .no_run = elsewhere,
	 .has = {"No run from here: This network namespace is not that of process 1, where the\n"
		 "  netdev of a VF appears when its driver is bound.\n"},
	 .lacks = {"Next"}},
};

TEST(what_a_list_says)
{
	const struct nfp_report_opts opts = {.columns = 80};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_topology topology;
		struct nfp_listing listing;
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		sample_topology(&topology);
		if (row->edit)
			row->edit(&topology);
		sample_listing(&listing, &topology);
		listing.unprivileged = row->unprivileged;
		if (row->no_run)
			nfp_err_set(&listing.no_run, -EXDEV, NFP_E_UNSUPPORTED, "%s", row->no_run);
		sample_next(&listing);
		assert_int_equal(nfp_report_list_text(&listing, &opts, out), 0);
		fclose(out);
		for (size_t i = 0; i < 3; i++) {
			const char *at = row->has[i] ? strstr(text, row->has[i]) : NULL;

			if (row->has[i] && (!at || strstr(at + 1, row->has[i])))
				fail_msg("%s: has not once \"%s\":\n%s", row->name, row->has[i],
					 text);
			if (row->lacks[i] && strstr(text, row->lacks[i]))
				fail_msg("%s: has \"%s\":\n%s", row->name, row->lacks[i], text);
		}
		free(text);
		nfp_listing_fini(&listing);
	}
}

TEST_MAIN()
