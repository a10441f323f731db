/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo_world.h - a VF in memory, the journal of a ladder that was interrupted, and its undo. */
#ifndef NFPROBE_TESTS_UNDO_WORLD_H
#define NFPROBE_TESTS_UNDO_WORLD_H

#include "vfmodel.h"
#include "../../src/change/apply.h"
#include "../../src/change/journal.h"
#include "../../src/change/undo.h"
#include "said.h"

/* A VF, the journal of what a run did to it, and the progress of its undo. */
struct world {
	struct nic nic;
	struct nfp_journal_data data;
	struct nfp_journal_vf vf;
	struct nfp_change changes[64];
	struct nfp_mac address;
	struct nfp_undo_state undo;
	struct nfp_restore_report report;
	size_t asked; /* how often the PF was asked */
	size_t told;  /* how often the undo told it an address */
};

static inline void journal_open(struct world *w)
{
	w->address = X;
	w->vf.before = nic_look(&w->nic);
	w->vf.settings[0] = w->vf.before.have_netdev ? json_true() : NULL;
	w->nic.mtu_before = w->nic.mtu;
	w->vf.placeholder_mac = P;
	w->data = (struct nfp_journal_data) {.head.addresses = &w->address,
					     .head.num_addresses = 1,
					     .vfs = &w->vf,
					     .num_vfs = 1,
					     .changes = w->changes};
}

static inline void note(struct world *w, const struct nfp_change *c)
{
	assert_true(w->data.num_changes < 64);
	w->changes[w->data.num_changes++] = *c;
}

/* ---- a ladder ---- */

struct rung {
	enum nfp_change_kind kind;
	const struct nfp_mac *mac;
	const char *name;
	uint16_t vid;
};

/* The changes of a run with VLAN 200, in order. The first unbinds whatever is bound. */
static const struct rung rungs[] = {
	{NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0},
	{NFP_CHANGE_VF_UNBIND, NULL, NULL, 0},
	{NFP_CHANGE_VF_VLAN, NULL, NULL, 200},
	{NFP_CHANGE_VF_MAC, &X, NULL, 0},
	{NFP_CHANGE_VF_RESET, NULL, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, "netvf", 0},
	{NFP_CHANGE_VF_BIND, NULL, "netvf", 0},
	{NFP_CHANGE_NETNS_IN, NULL, NFP_VF_NETDEV, 0},
	{NFP_CHANGE_LINK_UP, NULL, NULL, 0},
	{NFP_CHANGE_LINK_DOWN, NULL, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0},
	{NFP_CHANGE_VF_UNBIND, NULL, "netvf", 0},
	{NFP_CHANGE_VF_RESET, NULL, NULL, 0},
	{NFP_CHANGE_VF_MAC, &zero, NULL, 0},
	{NFP_CHANGE_VF_MAC, &X, NULL, 0},
	{NFP_CHANGE_VF_RESET, NULL, NULL, 0},
	{NFP_CHANGE_VF_MAC, &Y, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, "netvf", 0},
	{NFP_CHANGE_VF_BIND, NULL, "netvf", 0},
	{NFP_CHANGE_NETNS_IN, NULL, NFP_VF_NETDEV, 0},
	{NFP_CHANGE_LINK_UP, NULL, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0},
	{NFP_CHANGE_VF_UNBIND, NULL, "netvf", 0},
	{NFP_CHANGE_VF_MAC, &zero, NULL, 0},
};
#define RUNGS (sizeof(rungs) / sizeof(rungs[0]))

static inline struct nfp_change rung_change(const struct rung *rung, const struct nic *nic)
{
	struct nfp_change c = {.kind = rung->kind, .of_vf = true, .vf = nic->vf.vf};

	snprintf(c.name, sizeof(c.name), "%s", rung->name ? rung->name : nic->vf.driver);
	if (rung->mac)
		c.mac = *rung->mac;
	c.vlan.vid = rung->vid;
	c.vlan.proto = rung->vid ? 0x8100 : 0;
	return c;
}

/* @last_unmade: the last one is journalled and not made, as when the run dies in between. */
static inline void run_ladder(struct world *w, size_t num, bool last_unmade)
{
	struct nic *nic = &w->nic;

	for (size_t i = 0; i < num; i++) {
		struct nfp_change c = rung_change(&rungs[i], nic);
		int ret;

		/* A run goes on once the PF reports the address that it was told. */
		if (i && rungs[i - 1].mac && rungs[i - 1].mac != &zero)
			nic->num_had = 0;
		if (c.kind == NFP_CHANGE_VF_UNBIND && !nic->vf.driver[0])
			continue;
		if (c.kind == NFP_CHANGE_VF_OVERRIDE && !nic->is.has_override)
			continue;
		note(w, &c);
		if (last_unmade && i + 1 == num)
			return;
		ret = nic_carry_out(nic, &c);
		if (ret == -EINVAL && c.kind == NFP_CHANGE_VF_MAC) {
			c.mac = P;
			note(w, &c);
			ret = nic_carry_out(nic, &c);
		}
		assert_int_equal(ret, 0);
	}
}

/* The process dies: the kernel returns the netdev, down. */
static inline void die(struct world *w)
{
	if (w->nic.private_netns)
		w->nic.vf.up = false;
	w->nic.private_netns = false;
}

/* ---- undoing ---- */

static inline struct nfp_undo_state *look(struct world *w)
{
	w->undo.now = nic_look(&w->nic);
	return &w->undo;
}

static inline void undo_begin(struct world *w)
{
	nfp_undo_state_begin(&w->undo, &w->data, &w->vf);
	w->undo.can_reset = true;
	w->undo.in_private = w->nic.private_netns;
	/* It waits, as undo_run.c does. */
	if (nfp_undo_may_await_mac(look(w)))
		w->nic.num_had = 0;
}

/* Makes one change as undo_run.c does; @seldom: asks the PF only where that matters. */
static inline bool undo_next(struct world *w, bool seldom, struct nfp_change *c)
{
	struct nfp_undo_state *undo = &w->undo;

	for (;;) {
		const struct nfp_vf_attr known = undo->now.attr;
		struct nfp_undo_state last;
		bool found;

		look(w);
		if (!seldom)
			undo->source_of_attr = NFP_ATTR_READ;
		else if (undo->source_of_attr != NFP_ATTR_READ)
			undo->now.attr = known;
		last = *undo;
		found = nfp_undo_next(undo, c);
		if (nfp_undo_has_attrs(undo, found ? c : NULL))
			return found;
		*undo = last;
		undo->source_of_attr = NFP_ATTR_READ;
		w->asked++;
	}
}

/* Makes at most @max changes; returns how many. */
static inline size_t undo(struct world *w, bool seldom, size_t max)
{
	struct nfp_change c;
	size_t made = 0;

	if (seldom)
		nfp_undo_expect_attrs(look(w));
	for (; made < max && undo_next(w, seldom, &c); made++) {
		int ret = nic_carry_out(&w->nic, &c);

		assert_true(c.of_vf && made < NFP_UNDO_STEPS_MAX);
		if (ret == -EINVAL && c.placeholder_mac) {
			/* As nfp_apply_change does. */
			assert_int_equal(nic_mac(&w->nic, c.placeholder_mac), 0);
			ret = NFP_PLACEHOLDER;
		}
		nfp_undo_note_outcome(&w->undo, &c, ret);
		w->told += c.kind == NFP_CHANGE_VF_MAC;
	}
	return made;
}

static inline void compare(struct world *w)
{
	nfp_restore_report_fini(&w->report);
	w->report = (struct nfp_restore_report) {.found = false};
	nfp_undo_compare(look(w), "eth0", &w->report);
}

static inline void finish(struct world *w)
{
	nfp_restore_report_fini(&w->report);
}

/* Returns the first part that is not as it was, or NULL: by the test's own comparison, not by the
 * one under test. */
static const char *difference(const struct world *w)
{
	const struct nfp_vf_state *was = &w->vf.before, *is = &w->nic.vf;
	bool has_placeholder = w->nic.is.refuses_zero && nfp_mac_is_zero(&was->attr.mac);
	const struct {
		const char *name;
		bool same;
	} parts[] = {
		{"driver", strcmp(is->driver, was->driver) == 0},
		{"driver_override", strcmp(is->driver_override, was->driver_override) == 0},
		{"address", has_placeholder || nfp_mac_equal(&is->attr.mac, &was->attr.mac)},
		{"VLAN", nfp_vlan_equal(&is->attr.vlan, &was->attr.vlan)},
		{"spoofchk", is->attr.spoofchk == was->attr.spoofchk},
		{"trust", is->attr.trust == was->attr.trust},
		{"link state", is->attr.link_state == was->attr.link_state},
		{"RSS query", is->attr.rss_query == was->attr.rss_query},
		{"rate", is->attr.max_tx_rate == was->attr.max_tx_rate},
		/* A reset takes it away, and nothing shows that. */
		{"filter",
		 !nfp_mac_equal(&w->nic.filter, &X) && !nfp_mac_equal(&w->nic.filter, &Y)},
		{"netdev", is->have_netdev == was->have_netdev},
		{"namespace", !w->nic.private_netns},
		{"netdev's address",
		 !was->have_netdev || nfp_mac_equal(&is->address, &was->address)},
		{"name", !was->have_netdev || strcmp(is->ifname, was->ifname) == 0},
		{"MTU", !was->have_netdev || w->nic.mtu == w->nic.mtu_before},
		{"up", !was->have_netdev || is->up == was->up},
		{"second name", strcmp(is->second, was->second) == 0},
		{"second up", is->second_up == was->second_up},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!parts[i].same)
			return parts[i].name;
	return NULL;
}

static inline void assert_as_before(const struct world *w)
{
	if (w->report.failed.n || w->report.others.n)
		fail_msg("%s", w->report.failed.n ? w->report.failed.v[0] : w->report.others.v[0]);
	if (difference(w))
		fail_msg("%s", difference(w));
}

static inline void assert_undone(struct world *w, bool seldom)
{
	undo_begin(w);
	undo(w, seldom, SIZE_MAX);
	compare(w);
	assert_as_before(w);
	finish(w);
}

/* ---- every start ---- */

/* Makes a NIC: bits of a number choose its character and state. False: such a VF does not exist. */
static inline bool make_nic(unsigned int n, struct nic *nic)
{
	static const char *const drivers[] = {"", "vfio-pci", "netvf", "netvf"};
	unsigned int driver = n & 3, mac = (n >> 2) & 3;

	memset(nic, 0, sizeof(*nic));
	nic->is = (struct character) {.refuses_zero = n >> 4 & 1,
				      .reports_own = n >> 5 & 1,
				      .reset_forgets = n >> 6 & 1,
				      .autoprobe_off = n >> 7 & 1,
				      .has_override = n >> 8 & 1};
	nic->vf = (struct nfp_vf_state) {.vf = 3,
					 .parentdev = "0000:01:10.6",
					 .bus = "pci",
					 .have_override = nic->is.has_override,
					 .attr = {.vf = 3,
						  .have_mac = true,
						  .spoofchk = 1,
						  .trust = n >> 9 & 1,
						  .link_state = n >> 10 & 1,
						  .rss_query = n >> 9 & 1,
						  .max_tx_rate = n & 512 ? 100 : 0}};
	if (nic->is.autoprobe_off && !nic->is.has_override)
		return false;
	if (n >> 10 & 1)
		nic->vf.attr.vlan = (struct nfp_vlan) {100, 3, 0x88a8};
	/* none, an administrator's, the VF's own, both */
	if (mac & 1) {
		nic->vf.attr.mac = A;
		nic->admin = true;
	}
	if (driver == 1 && nic->is.has_override)
		snprintf(nic->vf.driver_override, sizeof(nic->vf.driver_override), "vfio-pci");
	snprintf(nic->vf.driver, sizeof(nic->vf.driver), "%s", drivers[driver]);
	if (driver < 2)
		return mac < 2;
	probe_netdev(nic);
	if (mac == 2 && nic_address(nic, &B))
		return false;
	if (mac == 3) {
		/* An administrator's address that the VF's driver has not seen yet. */
		if (nic->is.refuses_zero)
			return false;
		nic->vf.address = B;
		nic->vf.addr_assign_type = NET_ADDR_RANDOM;
	}
	snprintf(nic->vf.ifname, sizeof(nic->vf.ifname), "enp1s16f6");
	nic->vf.up = driver == 3;
	nic->mtu = nic->vf.up ? 1400 : 1500;
	return true;
}
#define NICS (1U << 11)

/* False: there is no such NIC. */
static inline bool begin(struct world *w, unsigned int n, size_t num_rungs, bool last_unmade)
{
	*w = (struct world) {.asked = 0};
	if (!make_nic(n, &w->nic))
		return false;
	journal_open(w);
	run_ladder(w, num_rungs, last_unmade);
	return true;
}

/* ---- every kill: of each NIC, after each change, made or only journalled ---- */

#define KILLS_OF_NIC (2 * (unsigned int)RUNGS + 1)
#define KILLS	     (NICS * KILLS_OF_NIC)

/* Returns how many changes the run has asked for. */
static inline size_t rungs_of_kill(unsigned int kill)
{
	return (kill % KILLS_OF_NIC + 1) / 2;
}

/* @late: as in struct nic. False: there is no such NIC. */
static inline bool begin_killed(struct world *w, unsigned int kill, unsigned int late)
{
	if (!begin(w, kill / KILLS_OF_NIC, 0, false))
		return false;
	w->nic.late = late;
	run_ladder(w, rungs_of_kill(kill), kill % KILLS_OF_NIC & 1);
	die(w);
	return true;
}

/* Numbers for make_nic. */
#define IDLE	       0U
#define VFIO	       1U
#define NETDEV	       2U
#define NETDEV_UP      3U
#define ADMIN_MAC      (1U << 2)
#define OWN_MAC	       (2U << 2)
#define REFUSES_ZERO   (1U << 4)
#define REPORTS_OWN    (1U << 5)
#define HAS_OVERRIDE   (1U << 8)
#define VLAN_AND_STATE (1U << 10)

static inline void assert_says(const char *name, const struct nfp_strv *said, const char *part)
{
	if (said->n != (part != NULL) || (part && !strstr(said->v[0], part)))
		fail_msg("%s: %zu sentences, \"%s\"; expected \"%s\"", name, said->n,
			 said->n ? said->v[0] : "", part ? part : "");
}

#endif
