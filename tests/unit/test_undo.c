// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Undoing, against a VF in memory: from every state a VF may have been in, with every kind of
 * driver, broken off after every change of a ladder, and again after every change of the undoing.
 */
#include "vfmodel.h"

/* ---- a journal of it ---- */

struct diary {
	struct nfp_journal_data data;
	struct nfp_journal_vf vf;
	struct nfp_change changes[64];
	struct nfp_mac addresses[2];
};

static void diary_open(struct diary *d, const struct nfp_vf_state *before)
{
	memset(d, 0, sizeof(*d));
	d->addresses[0] = X;
	d->addresses[1] = Y;
	d->vf.before = *before;
	d->vf.parked = P;
	d->data.head.addresses = d->addresses;
	d->data.head.num_addresses = 2;
	d->data.vfs = &d->vf;
	d->data.num_vfs = 1;
	d->data.changes = d->changes;
}

static void diary_note(struct diary *d, const struct nfp_change *c)
{
	assert_true(d->data.num_changes < 64);
	d->changes[d->data.num_changes++] = *c;
}

/* ---- a ladder ---- */

struct rung {
	enum nfp_change_kind kind;
	const struct nfp_mac *mac;
	const char *name;
	uint16_t vid;
};

/* In the order of a run with VLAN 200. The first unbinds whatever is bound. */
static const struct rung rungs[] = {
	{NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0},
	{NFP_CHANGE_VF_UNBIND, NULL, NULL, 0},
	{NFP_CHANGE_VF_VLAN, NULL, NULL, 200},
	{NFP_CHANGE_VF_MAC, &X, NULL, 0},
	{NFP_CHANGE_VF_RESET, NULL, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, "netvf", 0},
	{NFP_CHANGE_VF_BIND, NULL, "netvf", 0},
	{NFP_CHANGE_NETNS_IN, NULL, NULL, 0},
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
	{NFP_CHANGE_NETNS_IN, NULL, NULL, 0},
	{NFP_CHANGE_LINK_UP, NULL, NULL, 0},
	{NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0},
	{NFP_CHANGE_VF_UNBIND, NULL, "netvf", 0},
	{NFP_CHANGE_VF_MAC, &zero, NULL, 0},
};
#define RUNGS (sizeof(rungs) / sizeof(rungs[0]))

static struct nfp_change rung_change(const struct rung *rung, const struct nic *nic)
{
	struct nfp_change c = {.kind = rung->kind, .of_vf = true, .vf = nic->vf.vf};

	snprintf(c.name, sizeof(c.name), "%s", rung->name ? rung->name : nic->vf.driver);
	if (rung->mac)
		c.mac = *rung->mac;
	c.vlan.vid = rung->vid;
	c.vlan.proto = rung->vid ? 0x8100 : 0;
	return c;
}

/* @last: that one is journalled and not made, as when the run dies between the two. */
static void climb(struct nic *nic, struct diary *d, size_t num, bool last_unmade)
{
	for (size_t i = 0; i < num; i++) {
		struct nfp_change c = rung_change(&rungs[i], nic);
		int ret;

		if (c.kind == NFP_CHANGE_VF_UNBIND && !nic->vf.driver[0])
			continue;
		if (c.kind == NFP_CHANGE_VF_OVERRIDE && !nic->is.has_override)
			continue;
		diary_note(d, &c);
		if (last_unmade && i + 1 == num)
			return;
		ret = nic_carry_out(nic, &c);
		if (ret == -EINVAL && c.kind == NFP_CHANGE_VF_MAC) {
			c.mac = P;
			diary_note(d, &c);
			ret = nic_carry_out(nic, &c);
		}
		assert_int_equal(ret, 0);
	}
}

/* The process dies: the kernel gives the netdev back, down. */
static void die(struct nic *nic)
{
	if (nic->private_netns)
		nic->vf.up = false;
	nic->private_netns = false;
}

/* ---- undoing ---- */

static struct nfp_undo_state *at(struct nfp_undo_state *touch, const struct nfp_vf_state *now)
{
	touch->now = *now;
	return touch;
}

static struct nfp_undo_state touch_of(const struct diary *d, const struct nic *nic)
{
	struct nfp_undo_state touch;

	nfp_undo_state_begin(&touch, &d->data, &d->vf);
	touch.can_reset = true;
	touch.in_private = nic->private_netns;
	return touch;
}

/* As undo_run.c: asks the PF only where that matters. Returns how often. */
static size_t undo_in_silence(struct nic *nic, struct nfp_undo_state *touch)
{
	struct nfp_vf_state now = nic_look(nic);
	size_t asked = 0;

	nfp_undo_know(at(touch, &now));
	for (size_t made = 0;; made++) {
		struct nfp_undo_state last;
		struct nfp_change c;
		bool found, knows;
		int ret;

		assert_true(made <= NFP_UNDO_STEPS_MAX);
		do {
			now = nic_look(nic);
			now.attr = touch->source_of_attr == NFP_ATTR_READ ? now.attr
									  : touch->now.attr;
			last = *at(touch, &now);
			found = nfp_undo_next(touch, &c);
			knows = nfp_undo_knows(touch, found ? &c : NULL);
			if (knows)
				continue;
			*touch = last;
			touch->source_of_attr = NFP_ATTR_READ;
			asked++;
		} while (!knows);
		if (!found)
			return asked;
		ret = nic_carry_out(nic, &c);
		if (ret == -EINVAL && nfp_mac_is_zero(&c.mac)) {
			touch->zero_refused = true;
			assert_int_equal(nic_mac(nic, &P), 0);
		}
		nfp_undo_note(touch, &c, ret);
	}
}

/* Makes at most @max changes; returns how many. */
static size_t undo(struct nic *nic, struct nfp_undo_state *touch, size_t max)
{
	for (size_t made = 0;; made++) {
		struct nfp_vf_state now = nic_look(nic);
		struct nfp_change c;

		assert_true(made <= NFP_UNDO_STEPS_MAX);
		if (made == max || !nfp_undo_next(at(touch, &now), &c))
			return made;
		assert_true(c.of_vf);
		if (nic_carry_out(nic, &c) != -EINVAL || !nfp_mac_is_zero(&c.mac))
			continue;
		/* As nfp_apply_clear_mac does. */
		touch->zero_refused = true;
		c.mac = P;
		assert_int_equal(nic_carry_out(nic, &c), 0);
	}
}

static void compare(const struct nic *nic, struct nfp_undo_state *touch,
		    struct nfp_restore_report *ret)
{
	struct nfp_vf_state now = nic_look(nic);

	memset(ret, 0, sizeof(*ret));
	nfp_undo_compare(at(touch, &now), "eth0", ret);
}

/* By a look of the test's own, not by the comparison under test. */
static void assert_as_before(const struct nic *nic, const struct diary *d,
			     const struct nfp_restore_report *o)
{
	const struct nfp_vf_state *was = &d->vf.before, *is = &nic->vf;
	bool parked = nic->is.refuses_zero && nfp_mac_is_zero(&was->attr.mac);

	if (o->failed.n)
		fail_msg("%s", o->failed.v[0]);
	assert_int_equal(o->others.n, 0);
	assert_string_equal(is->driver, was->driver);
	assert_string_equal(is->driver_override, was->driver_override);
	if (!parked)
		assert_true(nfp_mac_equal(&is->attr.mac, &was->attr.mac));
	assert_true(nfp_vlan_equal(&is->attr.vlan, &was->attr.vlan));
	assert_int_equal(is->attr.spoofchk, was->attr.spoofchk);
	assert_int_equal(is->attr.trust, was->attr.trust);
	assert_int_equal(is->attr.link_state, was->attr.link_state);
	assert_int_equal(is->have_netdev, was->have_netdev);
	if (!was->have_netdev)
		return;
	assert_false(nic->private_netns);
	assert_true(nfp_mac_equal(&is->address, &was->address));
	assert_string_equal(is->ifname, was->ifname);
	assert_int_equal(is->mtu, was->mtu);
	assert_int_equal(is->up, was->up);
}

/* ---- every start ---- */

/* Bits of a number choose a character and a state. False: such a VF does not exist. */
static bool make_nic(unsigned int n, struct nic *nic)
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
						  .link_state = n >> 10 & 1}};
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
		/* An administrator's that the VF's driver has not seen yet. */
		if (nic->is.refuses_zero)
			return false;
		nic->vf.address = B;
		nic->vf.addr_assign_type = NET_ADDR_RANDOM;
	}
	snprintf(nic->vf.ifname, sizeof(nic->vf.ifname), "enp1s16f6");
	nic->vf.mtu = driver == 3 ? 9000 : 1500;
	nic->vf.up = driver == 3;
	return true;
}
#define NICS (1U << 11)

TEST(ends_as_it_began)
{
	unsigned int tried = 0;

	for (unsigned int n = 0; n < NICS; n++) {
		for (size_t rung = 0; rung <= 2 * RUNGS; rung++) {
			struct nfp_undo_state touch;
			struct nfp_restore_report o;
			struct diary d;
			struct nic nic;

			if (!make_nic(n, &nic))
				break;
			diary_open(&d, &nic.vf);
			climb(&nic, &d, (rung + 1) / 2, rung & 1);
			die(&nic);
			touch = touch_of(&d, &nic);
			undo(&nic, &touch, SIZE_MAX);
			compare(&nic, &touch, &o);
			assert_as_before(&nic, &d, &o);
			nfp_restore_report_fini(&o);
			/* And once more: nothing is left to do. */
			touch = touch_of(&d, &nic);
			undo(&nic, &touch, SIZE_MAX);
			compare(&nic, &touch, &o);
			assert_as_before(&nic, &d, &o);
			nfp_restore_report_fini(&o);
			tried++;
		}
	}
	assert_true(tried > 10000);
}

/* A run that ends alive: its netdev is still in the private namespace. */
TEST(alive_at_the_end)
{
	for (unsigned int n = 0; n < NICS; n++) {
		for (size_t rung = 0; rung <= RUNGS; rung++) {
			struct nfp_undo_state touch;
			struct nfp_restore_report o;
			struct diary d;
			struct nic nic;

			if (!make_nic(n, &nic))
				break;
			diary_open(&d, &nic.vf);
			climb(&nic, &d, rung, false);
			touch = touch_of(&d, &nic);
			undo(&nic, &touch, SIZE_MAX);
			compare(&nic, &touch, &o);
			assert_as_before(&nic, &d, &o);
			nfp_restore_report_fini(&o);
		}
	}
}

/* The end of a run, in which the PF is asked only where that matters. */
TEST(asks_seldom)
{
	unsigned int seldom = 0, tried = 0;

	for (unsigned int n = 0; n < NICS; n++) {
		for (size_t rung = 0; rung <= RUNGS; rung++) {
			struct nfp_undo_state touch;
			struct nfp_restore_report o;
			struct diary d;
			struct nic nic, other;
			size_t asked;

			if (!make_nic(n, &nic))
				break;
			diary_open(&d, &nic.vf);
			climb(&nic, &d, rung, false);
			other = nic;
			touch = touch_of(&d, &other);
			undo(&other, &touch, SIZE_MAX);
			touch = touch_of(&d, &nic);
			asked = undo_in_silence(&nic, &touch);
			compare(&nic, &touch, &o);
			assert_as_before(&nic, &d, &o);
			nfp_restore_report_fini(&o);
			/* And as one that asks each time leaves it. */
			assert_int_equal(nic.admin, other.admin);
			assert_in_range(asked, 1, 5);
			seldom += asked < 3;
			tried++;
		}
	}
	assert_true(seldom > tried * 2 / 3);
}

/* The restore dies as well, after each of its changes, and another one does the rest. */
TEST(restore_that_dies)
{
	for (unsigned int n = 0; n < NICS; n++) {
		for (size_t rung = 0; rung <= RUNGS; rung++) {
			for (size_t stop = 0; stop < NFP_UNDO_STEPS_MAX; stop++) {
				struct nfp_undo_state touch;
				struct nfp_restore_report o;
				struct diary d;
				struct nic nic;

				if (!make_nic(n, &nic))
					break;
				diary_open(&d, &nic.vf);
				climb(&nic, &d, rung, false);
				die(&nic);
				touch = touch_of(&d, &nic);
				if (undo(&nic, &touch, stop) < stop)
					break;
				touch = touch_of(&d, &nic);
				undo(&nic, &touch, SIZE_MAX);
				compare(&nic, &touch, &o);
				assert_as_before(&nic, &d, &o);
				nfp_restore_report_fini(&o);
			}
		}
	}
}

/* ---- what others do meanwhile ---- */

static void undo_and_compare(struct nic *nic, const struct diary *d, struct nfp_restore_report *o)
{
	struct nfp_undo_state touch = touch_of(d, nic);

	undo(nic, &touch, SIZE_MAX);
	compare(nic, &touch, o);
}

TEST(address_of_somebody_else)
{
	const struct nfp_mac theirs = {{0x52, 0x54, 0, 9, 9, 9}};
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(0, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 4, false);
	assert_int_equal(nic_mac(&nic, &theirs), 0);
	undo_and_compare(&nic, &d, &o);
	assert_true(nfp_mac_equal(&nic.vf.attr.mac, &theirs));
	assert_int_equal(o.others.n, 1);
	assert_int_equal(o.failed.n, 0);
	nfp_restore_report_fini(&o);
}

/* Even zero, where the run has seen that another process set it. */
TEST(zero_of_somebody_else)
{
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(1 << 2, &nic)); /* with an administrator's address */
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 5, false);
	assert_int_equal(nic_mac(&nic, &zero), 0);
	d.vf.foreign = NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC);
	undo_and_compare(&nic, &d, &o);
	assert_true(nfp_mac_is_zero(&nic.vf.attr.mac));
	assert_int_equal(o.others.n, 1);
	assert_int_equal(o.failed.n, 0);
	nfp_restore_report_fini(&o);
}

TEST(setting_of_somebody_else)
{
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(0, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 6, false);
	nic.vf.attr.trust = 1;
	nic.vf.attr.spoofchk = 0;
	d.vf.foreign = NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST);
	undo_and_compare(&nic, &d, &o);
	assert_int_equal(nic.vf.attr.trust, 1);
	assert_int_equal(nic.vf.attr.spoofchk, 1);
	assert_int_equal(o.others.n, 1);
	assert_string_equal(
		o.others.v[0],
		"VF 3 of eth0: another process has changed its trust from off to on: left alone");
	assert_int_equal(o.failed.n, 0);
	nfp_restore_report_fini(&o);
}

/* It must not pass for a VF that is as it was. */
TEST(report_without_the_vf)
{
	const struct nfp_vf_attr nothing = NFP_VF_ATTR_UNKNOWN;
	struct nfp_vf_state now;
	struct nfp_undo_state touch;
	struct nfp_restore_report o = {.found = false};
	struct diary d;
	struct nic nic;

	assert_true(make_nic(0, &nic));
	diary_open(&d, &nic.vf);
	touch = touch_of(&d, &nic);
	now = nic_look(&nic);
	now.attr = nothing;
	nfp_undo_compare(at(&touch, &now), "eth0", &o);
	assert_int_equal(o.failed.n, 1);
	nfp_restore_report_fini(&o);
	/* One that its PF never reported has lost what it had. */
	memset(&o, 0, sizeof(o));
	d.vf.before.attr = nothing;
	nfp_undo_compare(at(&touch, &now), "eth0", &o);
	assert_int_equal(o.failed.n, 0);
	assert_int_equal(o.left_behind.n, 1);
	nfp_restore_report_fini(&o);
}

/* A netdev that was bound since has got theirs, and keeps it. */
TEST(address_of_somebody_else_on_the_netdev)
{
	static const struct nfp_mac theirs = {{0x02, 0x99, 0, 0, 0, 1}};
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(2 | 2 << 2 | 1 << 5, &nic)); /* with an address that was set on it */
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 4, false);
	assert_int_equal(nic_mac(&nic, &theirs), 0);
	undo_and_compare(&nic, &d, &o);
	assert_true(nfp_mac_equal(&nic.vf.attr.mac, &theirs));
	assert_true(nfp_mac_equal(&nic.vf.address, &theirs));
	assert_int_equal(o.others.n, 1);
	assert_int_equal(o.failed.n, 0);
	nfp_restore_report_fini(&o);
}

TEST(vlan_of_somebody_else)
{
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(0, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 4, false);
	nic.vf.attr.vlan = (struct nfp_vlan) {300, 0, 0x8100};
	undo_and_compare(&nic, &d, &o);
	assert_int_equal(nic.vf.attr.vlan.vid, 300);
	assert_int_equal(o.others.n, 1);
	assert_int_equal(o.failed.n, 0);
	nfp_restore_report_fini(&o);
}

/* A VF that another process has bound or overridden is not touched, and what is left is told. */
static void check_taken(const struct nic *nic, const struct diary *d, const char *how,
			const char *remains)
{
	struct nfp_vf_state now = nic_look(nic);
	struct nfp_undo_state touch = touch_of(d, nic);
	struct nfp_change c;
	char text[NFP_REASON_LEN];

	assert_true(nfp_undo_taken(at(&touch, &now), text));
	assert_string_equal(text, how);
	assert_false(nfp_undo_next(at(&touch, &now), &c));
	nfp_undo_remains(at(&touch, &now), text, sizeof(text));
	assert_string_equal(text, remains);
}

TEST(taken_by_somebody_else)
{
	struct diary d;
	struct nic nic;

	assert_true(make_nic(2 | 1 << 8, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 5, false);
	snprintf(nic.vf.driver, sizeof(nic.vf.driver), "mystery");
	check_taken(&nic, &d, "another process has bound VF 3 (0000:01:10.6) to mystery",
		    "its address is still the run's, 06:01:01:01:01:01 (it was none), its VLAN is "
		    "200, qos 0 (it was none), its driver_override is still " NFP_VFDRV_NO_DRIVER
		    ", its driver was netvf");
	nic.vf.driver[0] = '\0';
	snprintf(nic.vf.driver_override, sizeof(nic.vf.driver_override), "mystery");
	nic.vf.attr.mac = A;
	check_taken(&nic, &d,
		    "another process has set driver_override of VF 3 (0000:01:10.6) to mystery",
		    "its VLAN is 200, qos 0 (it was none), its driver was netvf");
}

TEST(name_of_somebody_else)
{
	struct nfp_undo_state touch;
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(3, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 7, false);
	touch = touch_of(&d, &nic);
	(void)undo(&nic, &touch, SIZE_MAX);
	touch.name_taken = true;
	snprintf(nic.vf.ifname, sizeof(nic.vf.ifname), "eth10");
	compare(&nic, &touch, &o);
	assert_int_equal(o.failed.n, 0);
	assert_int_equal(o.others.n, 1);
	assert_non_null(strstr(o.others.v[0], "was called enp1s16f6, as another netdev is now"));
	nfp_restore_report_fini(&o);
}

/* ---- what a driver makes impossible ---- */

TEST(address_that_cannot_be_cleared)
{
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(1 << 4, &nic)); /* no driver, no address, refuses zero */
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 4, false);
	undo_and_compare(&nic, &d, &o);
	assert_true(nfp_mac_equal(&nic.vf.attr.mac, &P));
	assert_int_equal(o.failed.n, 0);
	assert_int_equal(o.left_behind.n, 1);
	assert_non_null(strstr(o.left_behind.v[0], "VF 3 of eth0"));
	nfp_restore_report_fini(&o);
}

/* Only an address that the VF may have made up is another's business once the PF has set it. */
TEST(address_that_the_pf_had_set_anyway)
{
	static const struct {
		unsigned int driver; /* as make_nic takes it */
		uint8_t first;	     /* byte of the address */
		size_t told;
	} rows[] = {{0, 0x52, 1}, {0, 0x00, 0}, {2, 0x52, 0}, {2, 0x00, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nfp_restore_report o;
		struct diary d;
		struct nic nic;

		assert_true(make_nic(rows[i].driver | 1 << 2, &nic));
		nic.vf.attr.mac.b[0] = nic.vf.address.b[0] = rows[i].first;
		diary_open(&d, &nic.vf);
		climb(&nic, &d, RUNGS, false);
		undo_and_compare(&nic, &d, &o);
		assert_as_before(&nic, &d, &o);
		assert_int_equal(o.left_behind.n, rows[i].told);
		nfp_restore_report_fini(&o);
	}
}

/* By the journal's entry alone: an undo that was killed has not written down what it did. */
TEST(parked_address_is_ours)
{
	const struct nfp_mac other = {{0x06, 3, 3, 3, 3, 4}};
	struct nfp_undo_state touch;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(1 << 4, &nic));
	diary_open(&d, &nic.vf);
	touch = touch_of(&d, &nic);
	touch.now = nic.vf;
	touch.now.attr.mac = P;
	assert_false(nfp_undo_mac_foreign(&touch));
	touch.now.attr.mac = other;
	assert_true(nfp_undo_mac_foreign(&touch));
	d.vf.parked = other;
	touch = touch_of(&d, &nic);
	touch.now = nic.vf;
	touch.now.attr.mac = P;
	assert_true(nfp_undo_mac_foreign(&touch));
}

/* bnxt takes zero, and reports the last address all the same. */
TEST(address_that_is_reported_for_ever)
{
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	assert_true(make_nic(0, &nic));
	nic.is.reports_last = true;
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 4, false);
	undo_and_compare(&nic, &d, &o);
	assert_int_equal(o.failed.n, 0);
	assert_int_equal(o.left_behind.n, 1);
	assert_non_null(
		strstr(o.left_behind.v[0], "goes on reporting the last one, 06:01:01:01:01:01"));
	nfp_restore_report_fini(&o);
}

/* enic: what the run has assigned goes, and the netdev has its address again. */
TEST(nothing_is_reported)
{
	for (unsigned int n = 0; n < 4 * RUNGS; n++) {
		bool bound = n & 1, refuses_zero = n & 2;
		unsigned int bits = (bound ? 2 | 1 << 2 : 0) | (refuses_zero ? 1 << 4 : 0);
		struct nfp_vf_state before;
		struct nfp_mac want;
		struct nfp_restore_report o;
		struct diary d;
		struct nic nic;

		assert_true(make_nic(bits,
				     &nic)); /* a netdev and an administrator's address, or none */
		nic.is.reports_none = true;
		before = nic_look(&nic);
		diary_open(&d, &before);
		climb(&nic, &d, n / 4 + 1, false);
		die(&nic);
		undo_and_compare(&nic, &d, &o);
		want = bound ? A : refuses_zero && n / 4 > 2 ? P : zero;
		assert_true(nfp_mac_equal(&nic.vf.attr.mac, &want));
		assert_true(!bound || nfp_mac_equal(&nic.vf.address, &A));
		assert_string_equal(nic.vf.driver, bound ? "netvf" : "");
		assert_int_equal(nic.vf.attr.vlan.vid, 0);
		assert_int_equal(o.failed.n, 0);
		assert_int_equal(o.left_behind.n, 1);
		nfp_restore_report_fini(&o);
	}
}

/* Says yes and does nothing: every difference that stays must be told. */
TEST(nothing_has_an_effect)
{
	struct nfp_undo_state touch;
	struct nfp_change c;
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;
	size_t asked = 0;
	char commands[3][NFP_COMMAND_LEN];

	assert_true(make_nic(3 | 1 << 2 | 1 << 8 | 1 << 10, &nic));
	diary_open(&d, &nic.vf);
	climb(&nic, &d, 7, false);
	nic.vf.attr.trust = 1;
	nic.vf.attr.spoofchk = 0;
	touch = touch_of(&d, &nic);
	for (;; asked++) {
		struct nfp_vf_state now = nic_look(&nic);

		assert_true(asked < NFP_UNDO_STEPS_MAX);
		if (!nfp_undo_next(at(&touch, &now), &c))
			break;
	}
	assert_true(asked > 0);
	snprintf(commands[0], sizeof(commands[0]), "; try `ip link set %s name %s`", nic.vf.ifname,
		 d.vf.before.ifname);
	snprintf(commands[1], sizeof(commands[1]), "; try `ip link set %s up`", nic.vf.ifname);
	snprintf(commands[2], sizeof(commands[2]), "; try `ip link set %s mtu %u`", nic.vf.ifname,
		 d.vf.before.mtu);
	compare(&nic, &touch, &o);
	/* driver_override, address, VLAN, spoofchk, trust, the netdev's address; and what no other
	 * run depends on: its name, that it is up, its MTU. */
	assert_int_equal(o.failed.n, 6);
	assert_int_equal(o.left_behind.n, 3);
	for (size_t i = 0; i < o.left_behind.n; i++)
		assert_non_null(strstr(o.left_behind.v[i], commands[i]));
	nfp_restore_report_fini(&o);
}

/* ---- a sibling that sends ---- */

TEST(source_keeps_its_driver)
{
	for (unsigned int n = 0; n < NICS; n++) {
		for (int alive = 0; alive < 2; alive++) {
			const enum nfp_change_kind kinds[] = {
				NFP_CHANGE_VF_VLAN, NFP_CHANGE_NETNS_IN, NFP_CHANGE_LINK_UP};
			struct nfp_undo_state touch;
			struct nfp_restore_report o;
			struct diary d;
			struct nic nic;

			if (!make_nic(n, &nic) || !nic.vf.have_netdev)
				continue;
			diary_open(&d, &nic.vf);
			d.vf.source = true;
			for (size_t i = 0; i < 3; i++) {
				struct nfp_change c = {.kind = kinds[i],
						       .of_vf = true,
						       .vf = 3,
						       .vlan = {200, 0, 0x8100}};

				diary_note(&d, &c);
				assert_int_equal(nic_carry_out(&nic, &c), 0);
			}
			if (!alive)
				die(&nic);
			/* What a driver that is not a source would be unbound for. */
			if (!nic.admin)
				assert_int_equal(nic_address(&nic, &X), 0);
			touch = touch_of(&d, &nic);
			undo(&nic, &touch, SIZE_MAX);
			assert_int_equal(touch.tried & (NFP_TRY_UNBIND | NFP_TRY_BIND), 0);
			compare(&nic, &touch, &o);
			assert_as_before(&nic, &d, &o);
			nfp_restore_report_fini(&o);
		}
	}
}

/* ---- a device with two ports ---- */

TEST(second_netdev)
{
	struct nfp_vf_state now;
	struct nfp_undo_state touch;
	struct nfp_change c;
	struct nfp_restore_report o;
	struct diary d;
	struct nic nic;

	memset(&nic, 0, sizeof(nic));
	probe_netdev(&nic);
	snprintf(nic.vf.second, sizeof(nic.vf.second), "eth10");
	nic.vf.second_ifindex = 8;
	nic.vf.second_up = true;
	diary_open(&d, &nic.vf);
	snprintf(nic.vf.second, sizeof(nic.vf.second), NFP_VF_SECOND);
	nic.vf.second_up = false;
	now = nic_look(&nic);
	touch = touch_of(&d, &nic);
	assert_true(nfp_undo_next(at(&touch, &now), &c));
	assert_int_equal(c.kind, NFP_CHANGE_LINK_NAME);
	assert_int_equal(c.ifindex, 8);
	assert_string_equal(c.name, "eth10");
	assert_true(nfp_undo_next(at(&touch, &now), &c));
	assert_int_equal(c.kind, NFP_CHANGE_LINK_UP);
	assert_int_equal(c.ifindex, 8);
	assert_false(nfp_undo_next(at(&touch, &now), &c));
	compare(&nic, &touch, &o);
	assert_int_equal(o.failed.n, 0);
	/* The first one is that this PF reports no VF. */
	assert_int_equal(o.left_behind.n, 3);
	assert_non_null(
		strstr(o.left_behind.v[1], "; try `ip link set " NFP_VF_SECOND " name eth10`"));
	assert_non_null(strstr(o.left_behind.v[2], "; try `ip link set " NFP_VF_SECOND " up`"));
	nfp_restore_report_fini(&o);
	nic.vf.second[0] = '\0';
	compare(&nic, &touch, &o);
	assert_int_equal(o.failed.n, 1);
	assert_non_null(strstr(o.failed.v[0], "second netdev eth10 has not come back"));
	nfp_restore_report_fini(&o);
}

TEST_MAIN()
