// SPDX-License-Identifier: GPL-2.0-or-later
/* Undoing a VF that another process has changed meanwhile, or whose driver makes it impossible. */
#include "undo_world.h"

#define MAC NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC)

static const struct nfp_mac theirs = {{0x52, 0x54, 0, 9, 9, 9}};

/* Foreign changes. */
static void set_mac(struct world *w)
{
	assert_int_equal(nic_mac(&w->nic, &theirs), 0);
}

static void set_zero(struct world *w)
{
	assert_int_equal(nic_mac(&w->nic, &zero), 0);
	w->vf.external = NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC); /* the run has seen it */
}

static void set_trust(struct world *w)
{
	w->nic.vf.attr.trust = 1;
	w->nic.vf.attr.spoofchk = 0; /* by the driver: no process was seen to */
	w->vf.external = NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST);
}

static void set_vlan(struct world *w)
{
	w->nic.vf.attr.vlan = (struct nfp_vlan) {300, 0, 0x8100};
}

/* Properties of the NIC that make_nic() does not set. */
static void reports_last(struct nic *nic)
{
	nic->is.reports_last = true; /* bnxt */
}

static void drawn_mac(struct nic *nic)
{
	nic->vf.attr.mac.b[0] = nic->vf.address.b[0] = 0x52;
}

static void vendor_mac(struct nic *nic)
{
	nic->vf.attr.mac.b[0] = nic->vf.address.b[0] = 0x00;
}

static const struct {
	const char *name;
	/* The state before, the last change before the run is killed, what happens then. */
	unsigned int nic;
	void (*adjust)(struct nic *nic);
	size_t rungs;
	void (*external)(struct world *w);
	/* The outcome; parts of the sentences on what others did and on what is left behind. */
	struct nfp_mac mac;
	uint16_t vid;
	int trust;
	const char *others, *left_behind;
} rows[] = {
	{"another process's address stays", IDLE, NULL, 4, set_mac,
	 .mac = {{0x52, 0x54, 0, 9, 9, 9}}, .others = "52:54:00:09:09:09"},
	{"also on a netdev that was bound since", NETDEV | OWN_MAC | REPORTS_OWN, NULL, 4, set_mac,
	 .mac = {{0x52, 0x54, 0, 9, 9, 9}}, .others = "52:54:00:09:09:09"},
	{"even none, which the run has seen it set", ADMIN_MAC, NULL, 5, set_zero, .mac = {{0}},
	 .others = "address"},
	{"a setting stays, and another one goes back", IDLE, NULL, 6, set_trust, .mac = {{0}},
	 .trust = 1,
	 .others =
		 "VF 3 of eth0: another process has changed its trust from off to on: left alone"},
	{"a VLAN stays", IDLE, NULL, 4, set_vlan, .mac = {{0}}, .vid = 300, .others = "VLAN"},
	{"an address that cannot be cleared", REFUSES_ZERO, NULL, 4, NULL,
	 .mac = {{0x06, 3, 3, 3, 3, 3}}, .left_behind = "VF 3 of eth0"},
	{"one that cannot be cleared has the netdev's own", NETDEV | REFUSES_ZERO, NULL, 4, NULL,
	 .mac = {{0x0a, 0, 0, 0, 0, 1}}, .left_behind = "VF 3 of eth0"},
	{"an address that is reported for ever", IDLE, reports_last, 4, NULL,
	 .mac = {{0x06, 1, 1, 1, 1, 1}},
	 .left_behind = "goes on reporting the last one, 06:01:01:01:01:01"},
	/* Only an address that the VF may have made up becomes an administrator's by the PF. */
	{"an address that was drawn", ADMIN_MAC, drawn_mac, RUNGS, NULL,
	 .mac = {{0x52, 0x54, 0, 0, 0, 0xa}}, .left_behind = ""},
	{"an address that was drawn, on a netdev", NETDEV | ADMIN_MAC, drawn_mac, RUNGS, NULL,
	 .mac = {{0x52, 0x54, 0, 0, 0, 0xa}}},
	{"a vendor's address", ADMIN_MAC, vendor_mac, RUNGS, NULL,
	 .mac = {{0, 0x54, 0, 0, 0, 0xa}}},
	{"a vendor's address, on a netdev", NETDEV | ADMIN_MAC, vendor_mac, RUNGS, NULL,
	 .mac = {{0, 0x54, 0, 0, 0, 0xa}}},
};

static void assert_left(const char *name, const struct nfp_hints *said, const char *part)
{
	struct nfp_strv texts = {0};

	for (size_t i = 0; i < said->n; i++)
		nfp_strv_take(&texts, nfp_hint_text(&said->v[i]));
	assert_says(name, &texts, part);
	nfp_strv_fini(&texts);
}

TEST(what_is_not_put_back)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w = {.asked = 0};
		const struct nfp_vf_attr *is = &w.nic.vf.attr;

		assert_true(make_nic(rows[i].nic, &w.nic));
		if (rows[i].adjust)
			rows[i].adjust(&w.nic);
		journal_open(&w);
		run_ladder(&w, rows[i].rungs, false);
		if (rows[i].external)
			rows[i].external(&w);
		undo_begin(&w);
		undo(&w, false, SIZE_MAX);
		/* Twice is enough where it has no effect. */
		assert_in_range(w.told, 0, 2);
		compare(&w);
		assert_says(rows[i].name, &w.report.failed, NULL);
		assert_says(rows[i].name, &w.report.others, rows[i].others);
		assert_left(rows[i].name, &w.report.left_behind, rows[i].left_behind);
		if (!nfp_mac_equal(&is->mac, &rows[i].mac) || is->vlan.vid != rows[i].vid ||
		    is->trust != rows[i].trust || is->spoofchk != 1 ||
		    (w.nic.vf.have_netdev && !nfp_mac_equal(&w.nic.vf.address, &rows[i].mac)) ||
		    w.nic.vf.have_netdev != w.vf.before.have_netdev)
			fail_msg("%s: the VF is not as it should be", rows[i].name);
		finish(&w);
	}
}

/* It must not pass for a VF that is as it was. */
TEST(report_without_the_vf)
{
	const struct nfp_vf_attr nothing = NFP_VF_ATTR_UNKNOWN;
	struct world w;

	assert_true(begin(&w, IDLE, 0, false));
	undo_begin(&w);
	look(&w)->now.attr = nothing;
	nfp_undo_compare(&w.undo, "eth0", &w.report);
	assert_int_equal(w.report.failed.n, 1);
	finish(&w);
	/* A VF that its PF never reported has lost the address that it had. */
	w.report = (struct nfp_restore_report) {.found = false};
	w.vf.before.attr = nothing;
	nfp_undo_compare(&w.undo, "eth0", &w.report);
	assert_int_equal(w.report.failed.n, 0);
	assert_int_equal(w.report.left_behind.n, 1);
	finish(&w);
}

/* A VF that another process has bound or overridden is not touched, and what is left is told. */
static void check_taken(struct world *w, const char *how, const char *remains)
{
	struct nfp_change c;
	char text[NFP_REASON_LEN];

	undo_begin(w);
	assert_true(nfp_undo_is_taken(look(w), text));
	assert_string_equal(text, how);
	assert_false(nfp_undo_next(&w->undo, &c));
	nfp_undo_remains(&w->undo, text, sizeof(text));
	assert_string_equal(text, remains);
}

/* Each part is found alone, only where it is asked for, and not where it was not known before. */
TEST(parts_of_a_state)
{
	const struct nfp_vf_state was = {.driver = "netvf",
					 .have_override = true,
					 .have_netdev = true,
					 .ifname = "eth2",
					 .up = true,
					 .second = "eth3",
					 .second_up = true,
					 .attr = {.have_mac = true, .trust = 1}};
	struct nfp_vf_state now[10], unknown = was;
	static const uint32_t parts[10] = {
		NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST),
		NFP_PART_DRIVER,
		NFP_PART_OVERRIDE,
		NFP_PART_NETDEV,
		NFP_PART_ADDRESS,
		NFP_PART_NAME,
		NFP_PART_DOWN,
		NFP_PART_SECOND_NAME,
		NFP_PART_SECOND_DOWN,
		NFP_PART_SECOND,
	};

	for (size_t i = 0; i < 10; i++)
		now[i] = was;
	now[0].attr.trust = 0;
	now[1].driver[0] = '\0';
	strcpy(now[2].driver_override, "vfio-pci");
	now[3].have_netdev = false;
	now[4].address = X;
	strcpy(now[5].ifname, "eth9");
	now[6].up = false;
	strcpy(now[7].second, "eth9");
	now[8].second_up = false;
	now[9].second[0] = '\0';
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(nfp_vf_state_differ(&was, &now[i], ~0U), parts[i]);
		assert_int_equal(nfp_vf_state_differ(&was, &now[i], ~parts[i]), 0);
	}
	unknown.have_override = unknown.have_netdev = unknown.attr.have_mac = false;
	unknown.second[0] = '\0';
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(nfp_vf_state_differ(&unknown, &now[i], ~0U),
				 i == 1 ? NFP_PART_DRIVER : 0);
}

TEST(taken_by_somebody_else)
{
	/* A change of another VF by the run shows nothing of this one. */
	const struct nfp_change other = {
		.kind = NFP_CHANGE_VF_BIND, .of_vf = true, .vf = 4, .name = "mystery"};
	struct nfp_vf_state *vf;
	struct world w;

	assert_true(begin(&w, NETDEV | HAS_OVERRIDE, 5, false));
	note(&w, &other);
	vf = &w.nic.vf;
	snprintf(vf->driver, sizeof(vf->driver), "mystery");
	check_taken(&w, "another process has bound VF 3 (0000:01:10.6) to mystery",
		    "its driver was netvf and is mystery, its driver_override was none and "
		    "is " NFP_VFDRV_NO_DRIVER
		    ", its address was none and is 06:01:01:01:01:01, its VLAN "
		    "was none and is 200, qos 0");
	vf->driver[0] = '\0';
	snprintf(vf->driver_override, sizeof(vf->driver_override), "mystery");
	vf->attr.mac = A;
	check_taken(
		&w, "another process has set driver_override of VF 3 (0000:01:10.6) to mystery",
		"its driver was netvf and is none, its driver_override was none and is mystery, "
		"its VLAN was none and is 200, qos 0");
}

/* A VF that the run left without a driver, and that somebody binds to the run's own driver after
 * the kill, is his, unless the run may have bound it so itself. */
TEST(bound_by_somebody_else)
{
	unsigned int tried = 0, taken = 0;

	for (unsigned int kill = 0; kill < KILLS; kill++) {
		size_t num = rungs_of_kill(kill);
		enum nfp_change_kind last = num ? rungs[num - 1].kind : NFP_CHANGE_COUNT;
		struct nfp_change c = {.kind = NFP_CHANGE_VF_BIND, .name = "netvf"};
		bool may_be_run;
		struct world w;

		if (!begin_killed(&w, kill, 0) || w.nic.vf.driver[0] ||
		    strcmp(w.vf.before.driver, "netvf") == 0)
			continue;
		/* An override of somebody's shows that it is his. */
		may_be_run = num > 2 && (last == NFP_CHANGE_VF_BIND ||
					 (last == NFP_CHANGE_VF_UNBIND && !w.nic.is.has_override));
		assert_int_equal(nic_carry_out(&w.nic, &c), 0);
		undo_begin(&w);
		undo(&w, false, SIZE_MAX);
		if (!may_be_run)
			assert_string_equal(w.nic.vf.driver, "netvf");
		taken += strcmp(w.nic.vf.driver, "netvf") != 0;
		tried++;
	}
	assert_int_equal(tried, 11136);
	assert_int_equal(taken, 1024);
}

/* He was faster than the run, whose bind the guard has stopped: the journal says that it is void.
 */
TEST(bound_by_somebody_else_in_mid_run)
{
	for (size_t rung = 7; rung <= 19; rung += 12) {
		char text[NFP_REASON_LEN];
		struct world w;

		assert_int_equal(rungs[rung - 1].kind, NFP_CHANGE_VF_BIND);
		assert_true(begin(&w, VFIO | HAS_OVERRIDE, rung, true));
		w.data.num_changes--;
		assert_int_equal(nic_bind(&w.nic, "netvf"), 0);
		undo_begin(&w);
		assert_true(nfp_undo_is_taken(look(&w), text));
		assert_int_equal(undo(&w, false, SIZE_MAX), 0);
	}
}

/* A bind that was given up takes effect at last: whatever the run has asked meanwhile, the driver
 * is its own. B: bind; O: override with none; U: unbind. The last of each was not made. */
TEST(given_up_bind_is_ours)
{
	static const struct {
		const char *asked, *override;
	} runs[] = {
		{"B", "netvf"},	 {"BO", "netvf"},  {"BOO", "netvf"},
		{"BOU", "none"}, {"BOUO", "none"}, {"BOUOU", "none"},
	};
	struct rung bind = {NFP_CHANGE_VF_BIND, NULL, "netvf", 0};
	struct rung none = {NFP_CHANGE_VF_OVERRIDE, NULL, NFP_VFDRV_NO_DRIVER, 0};
	struct rung unbind = {NFP_CHANGE_VF_UNBIND, NULL, "netvf", 0};

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct world w;

		assert_true(begin(&w, VFIO | HAS_OVERRIDE, 6, false));
		assert_int_equal(nic_bind(&w.nic, "netvf"), 0);
		for (const char *asked = runs[i].asked; *asked; asked++) {
			struct nfp_change c = rung_change(*asked == 'B'	  ? &bind
							  : *asked == 'O' ? &none
									  : &unbind,
							  &w.nic);

			note(&w, &c);
		}
		if (strcmp(runs[i].override, "none") == 0)
			snprintf(w.nic.vf.driver_override, NFP_TEXT_LEN, "%s", NFP_VFDRV_NO_DRIVER);
		assert_undone(&w, false);
	}
}

/* The run could not write driver_override, and has cleared the address before it ended. */
TEST(override_that_was_not_written)
{
	const struct nfp_change clear = {.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3};

	for (size_t rung = 6; rung <= 18; rung += 12) {
		struct world w;

		assert_int_equal(rungs[rung - 1].kind, NFP_CHANGE_VF_OVERRIDE);
		assert_true(begin(&w, VFIO | HAS_OVERRIDE, rung, true));
		note(&w, &clear);
		assert_int_equal(nic_carry_out(&w.nic, &clear), 0);
		assert_string_equal(w.nic.vf.driver_override, NFP_VFDRV_NO_DRIVER);
		assert_undone(&w, false);
	}
}

TEST(name_of_somebody_else)
{
	struct world w;

	assert_true(begin(&w, NETDEV_UP, 7, false));
	undo_begin(&w);
	(void)undo(&w, false, SIZE_MAX);
	w.undo.name_taken = true;
	snprintf(w.nic.vf.ifname, sizeof(w.nic.vf.ifname), "eth10");
	compare(&w);
	assert_says("name", &w.report.failed, NULL);
	assert_says("name", &w.report.others,
		    "was called enp1s16f6, but another netdev has that name now");
	finish(&w);
}

/* The journal's entry alone shows it: an undo that was killed has not noted what it did. */
TEST(placeholder_is_ours)
{
	const struct nfp_mac other = {{0x06, 3, 3, 3, 3, 4}};
	struct world w;

	assert_true(begin(&w, REFUSES_ZERO, 0, false));
	undo_begin(&w);
	look(&w)->now.attr.mac = P;
	assert_int_equal(nfp_undo_whose(&w.undo, MAC), NFP_WHOSE_RUN);
	w.undo.now.attr.mac = other;
	assert_int_equal(nfp_undo_whose(&w.undo, MAC), NFP_WHOSE_OTHERS);
	w.vf.placeholder_mac = other;
	undo_begin(&w);
	look(&w)->now.attr.mac = P;
	assert_int_equal(nfp_undo_whose(&w.undo, MAC), NFP_WHOSE_OTHERS);
}

/* Values that no change of the run explains. */
TEST(what_a_driver_does_is_ours)
{
	struct nfp_vf_state *now;
	struct world w;

	assert_true(begin(&w, NETDEV | ADMIN_MAC, 7, false));
	undo_begin(&w);
	now = &look(&w)->now;
	/* Its driver has drawn an address, and told the PF. */
	now->attr.mac = now->address = (struct nfp_mac) {{0x0a, 0, 0, 0, 0, 9}};
	now->addr_assign_type = NET_ADDR_RANDOM;
	assert_int_equal(nfp_undo_whose(&w.undo, MAC), NFP_WHOSE_RUN);
	now->addr_assign_type = NET_ADDR_PERM;
	assert_int_equal(nfp_undo_whose(&w.undo, MAC), NFP_WHOSE_OTHERS);
	/* qed_get_vf_config reports the speed of the link as the rate of a VF without one. */
	w.vf.before.attr.max_tx_rate = 25000;
	now->attr.max_tx_rate = 10000;
	assert_int_equal(nfp_undo_whose(&w.undo, NFP_VF_ATTR_BIT(NFP_VF_ATTR_RATE)),
			 NFP_WHOSE_OTHERS);
	now->attr.max_tx_rate = 0;
	assert_int_equal(nfp_undo_whose(&w.undo, NFP_VF_ATTR_BIT(NFP_VF_ATTR_RATE)), NFP_WHOSE_RUN);
}

/* The last that the run told the PF, and what that reports: is it worth waiting? */
TEST(address_that_may_come)
{
	static const struct {
		struct nfp_mac told, reported;
		enum nfp_change_kind then;
		bool may_come;
	} cases[] = {
		{{{0x06, 1}}, {{0}}, NFP_CHANGE_VF_MAC, true},
		{{{0x06, 1}}, {{0x06, 1}}, NFP_CHANGE_VF_MAC, false},
		/* It went on, so it has seen the address. */
		{{{0x06, 1}}, {{0}}, NFP_CHANGE_VF_RESET, false},
		/* bnxt reports an address that was taken away for ever. */
		{{{0}}, {{0x06, 1}}, NFP_CHANGE_VF_MAC, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_change c = {.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3};
		struct world w;

		assert_true(begin(&w, IDLE, 0, false));
		c.mac = cases[i].told;
		note(&w, &c);
		c.kind = cases[i].then;
		if (c.kind != NFP_CHANGE_VF_MAC)
			note(&w, &c);
		undo_begin(&w);
		w.undo.now.attr.mac = cases[i].reported;
		assert_int_equal(nfp_undo_may_await_mac(&w.undo), cases[i].may_come);
		w.undo.external = MAC;
		assert_false(nfp_undo_may_await_mac(&w.undo));
	}
}

/* The driver refuses what the undo asks: it is not said to have taken it. */
TEST(refused_address)
{
	const struct nfp_change clear = {.kind = NFP_CHANGE_VF_MAC};
	struct nfp_change back = {.kind = NFP_CHANGE_VF_MAC, .mac = A};
	struct world w;

	for (int refused = 0; refused < 2; refused++) {
		assert_true(begin(&w, IDLE, 4, false));
		undo_begin(&w);
		nfp_undo_note_outcome(&w.undo, &clear, refused ? -EPERM : 0);
		compare(&w);
		assert_int_equal(w.report.failed.n, 1 + refused); /* the VLAN */
		assert_int_equal(w.report.left_behind.n, !refused);
		finish(&w);
		/* Through the PF, it may have become an administrator's. */
		assert_true(begin(&w, ADMIN_MAC, 0, false));
		undo_begin(&w);
		nfp_undo_note_outcome(&w.undo, &back, refused ? -EPERM : 0);
		compare(&w);
		assert_int_equal(w.report.left_behind.n, !refused);
		finish(&w);
		/* An address that the netdev did not have was an administrator's before. */
		assert_true(begin(&w, NETDEV | ADMIN_MAC, 0, false));
		w.vf.before.address = B;
		undo_begin(&w);
		nfp_undo_note_outcome(&w.undo, &back, 0);
		assert_false(w.undo.mac_by_pf);
	}
}

/* A setting that another process makes while the undo runs is its own; a driver's default is not.
 */
TEST(news_of_the_pf_while_it_is_undone)
{
	static const struct {
		int before, last, now;
		bool external;
	} cases[] = {
		{0, 0, 1, true},  {1, 1, 0, false}, {1, 0, 1, false},
		{0, 1, 1, false}, {0, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct nfp_vf_state before = {
			.attr = {.have_mac = true, .trust = cases[i].before, .spoofchk = 1}};
		const struct nfp_vf_attr last = {
			.have_mac = true, .trust = cases[i].last, .spoofchk = 1};
		struct nfp_undo_state u = {
			.before = &before,
			.now.attr = {.have_mac = true, .trust = cases[i].now},
		};

		nfp_undo_note_external(&u, &last);
		assert_int_equal(u.external,
				 cases[i].external ? NFP_VF_ATTR_BIT(NFP_VF_ATTR_TRUST) : 0);
		u.external = 0;
		u.now.attr.have_mac = false;
		nfp_undo_note_external(&u, &last);
		assert_int_equal(u.external, 0);
	}
}

/* enic: what the run has assigned goes, and the netdev has its address again. */
TEST(nothing_is_reported)
{
	for (unsigned int n = 0; n < 4 * RUNGS; n++) {
		bool bound = n & 1, refuses_zero = n & 2;
		struct world w = {.asked = 0};
		const struct nfp_mac *want = bound ? &A : refuses_zero && n / 4 > 2 ? &P : &zero;

		assert_true(make_nic((bound ? NETDEV | ADMIN_MAC : IDLE) |
					     (refuses_zero ? REFUSES_ZERO : 0),
				     &w.nic));
		w.nic.is.reports_none = true;
		journal_open(&w);
		run_ladder(&w, n / 4 + 1, false);
		die(&w);
		undo_begin(&w);
		undo(&w, false, SIZE_MAX);
		compare(&w);
		assert_true(nfp_mac_equal(&w.nic.vf.attr.mac, want));
		assert_in_range(w.told, 0, refuses_zero ? 2 : 1);
		assert_true(!bound || nfp_mac_equal(&w.nic.vf.address, &A));
		assert_string_equal(w.nic.vf.driver, bound ? "netvf" : "");
		assert_int_equal(w.nic.vf.attr.vlan.vid, 0);
		assert_says("enic", &w.report.failed, NULL);
		assert_left("enic", &w.report.left_behind, "");
		finish(&w);
	}
}

/* Says yes and does nothing: every difference that stays must be told. */
TEST(nothing_has_an_effect)
{
	struct nfp_change c;
	size_t asked = 0, bound = 0;
	char commands[2][128];
	struct world w;

	assert_true(begin(&w, NETDEV_UP | ADMIN_MAC | HAS_OVERRIDE | VLAN_AND_STATE, 7, false));
	w.nic.vf.attr.trust = 1;
	w.nic.vf.attr.spoofchk = 0;
	undo_begin(&w);
	w.undo.source_of_attr = NFP_ATTR_READ;
	for (; nfp_undo_next(look(&w), &c); asked++)
		bound += c.kind == NFP_CHANGE_VF_UNBIND || c.kind == NFP_CHANGE_VF_BIND;
	assert_in_range(asked, 1, NFP_UNDO_STEPS_MAX);
	/* The second pass costs no VF its driver. */
	assert_int_equal(bound, 1);
	snprintf(commands[0], sizeof(commands[0]), "ip link set %s name %s", w.nic.vf.ifname,
		 w.vf.before.ifname);
	snprintf(commands[1], sizeof(commands[1]), "ip link set %s up", w.nic.vf.ifname);
	compare(&w);
	/* driver_override, address, VLAN, spoofchk, trust, the netdev's address; and what no other
	 * run depends on: its name, that it is up, its MTU. */
	assert_int_equal(w.report.failed.n, 6);
	assert_int_equal(w.report.left_behind.n, 2);
	for (size_t i = 0; i < w.report.left_behind.n; i++)
		assert_string_equal(said_commands(&w.report.left_behind.v[i].commands),
				    commands[i]);
	finish(&w);
}

TEST_MAIN()
