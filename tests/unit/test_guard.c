// SPDX-License-Identifier: GPL-2.0-or-later
/* Is a VF still as the run left it? On a tree that looks like sysfs, and by reports of its PF. */
#include <linux/if.h>

#include "harness.h"
#include "nfprobe/apply.h"
#include "tree.h"
#include "vfmsg.h"

#define NAME   "0000:01:10.6"
#define DEVICE "sys/bus/pci/devices/" NAME

struct place {
	struct tree tree;
	struct nfp_apply apply;
	struct nfp_guard guard;
};

static const struct nfp_vf_state before = {
	.vf = 3,
	.bus = "pci",
	.parentdev = NAME,
	.driver = "igbvf",
	.have_override = true,
	.attr = {.vf = 3,
		 .mac = {{2, 0, 0, 0, 0, 3}},
		 .vlan = {.vid = 100, .proto = 0x8100},
		 .spoofchk = 1,
		 .trust = 0,
		 .link_state = 0,
		 .rss_query = -1,
		 .have_mac = true},
};

/* The VF has no driver, and nfprobe keeps it so. */
static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	tree_make(&p->tree);
	tree_dir(&p->tree, DEVICE);
	tree_file(&p->tree, DEVICE "/driver_override", NFP_VFDRV_NO_DRIVER "\n");
	p->apply = (struct nfp_apply)NFP_APPLY_INIT;
	p->apply.root = &p->tree.root;
	p->apply.pf.ifname = "eth0";
	nfp_guard_begin(&p->guard, &before, false);
	p->guard.untouched = false;
	p->guard.driver[0] = '\0';
	snprintf(p->guard.driver_override, sizeof(p->guard.driver_override), NFP_VFDRV_NO_DRIVER);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	tree_drop(&p->tree);
	free(p);
	return 0;
}

static void check(struct place *p, enum nfp_guard_state expected, const char *says)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	int ret = nfp_guard_check(&p->apply, &p->guard, false, &err);

	assert_int_equal(p->guard.state, expected);
	assert_int_equal(ret, expected == NFP_GUARD_OURS ? 0 : -EBUSY);
	assert_string_equal(p->guard.what, says);
	assert_string_equal(err.message, says);
	if (expected != NFP_GUARD_OURS)
		assert_int_equal(err.code,
				 expected == NFP_GUARD_TAKEN ? NFP_E_VF_TAKEN : NFP_E_VF_CHANGED);
}

TEST_WITH(as_it_was_left, setup, teardown)
{
	check(*state, NFP_GUARD_OURS, "");
}

TEST_WITH(bound, setup, teardown)
{
	struct place *p = *state;

	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/vfio-pci");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to vfio-pci");
	/* Once taken, it stays so: whoever had it may have done anything to it. */
	tree_remove(&p->tree, DEVICE "/driver");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to vfio-pci");
}

TEST_WITH(overridden, setup, teardown)
{
	struct place *p = *state;

	tree_file(&p->tree, DEVICE "/driver_override", "vfio-pci\n");
	check(p, NFP_GUARD_TAKEN,
	      "another process has set driver_override of VF 3 (" NAME ") to vfio-pci");
}

TEST_WITH(override_emptied, setup, teardown)
{
	struct place *p = *state;

	tree_file(&p->tree, DEVICE "/driver_override", "(null)\n");
	check(p, NFP_GUARD_CHANGED,
	      "another process has emptied driver_override of VF 3 (" NAME ")");
}

TEST_WITH(unbound, setup, teardown)
{
	struct place *p = *state;

	snprintf(p->guard.driver, sizeof(p->guard.driver), "igbvf");
	check(p, NFP_GUARD_CHANGED, "another process has unbound VF 3 (" NAME ") from igbvf");
}

TEST_WITH(gone, setup, teardown)
{
	struct place *p = *state;
	struct nfp_err err;

	snprintf(p->guard.parentdev, sizeof(p->guard.parentdev), "0000:01:10.7");
	assert_int_equal(nfp_guard_check(&p->apply, &p->guard, false, &err), -ENODEV);
	assert_int_equal(p->guard.state, NFP_GUARD_OURS);
}

/* A bind that was given up may have taken effect since, and is not another process's. */
TEST_WITH(late_driver_is_ours, setup, teardown)
{
	struct place *p = *state;
	const struct nfp_change bind = {
		.kind = NFP_CHANGE_VF_BIND, .of_vf = true, .vf = 3, .name = "igbvf"};

	nfp_guard_note(&p->apply, &p->guard, &bind, -ETIMEDOUT);
	check(p, NFP_GUARD_OURS, "");
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/igbvf");
	check(p, NFP_GUARD_OURS, "");
	assert_string_equal(p->guard.driver, "igbvf");
	tree_link(&p->tree, DEVICE "/driver", "../../../../bus/pci/drivers/uio_pci_generic");
	check(p, NFP_GUARD_TAKEN, "another process has bound VF 3 (" NAME ") to uio_pci_generic");
}

/* ---- attributes ---- */

static struct nfp_guard *attributes(void **state)
{
	struct place *p = *state;

	return &p->guard;
}

static void compare(struct nfp_guard *g, const struct nfp_vf_attr *now, bool notified,
		    const char *says)
{
	nfp_guard_compare(g, now, notified, "eth0");
	assert_string_equal(g->what, says);
	assert_int_equal(g->state, says[0] ? NFP_GUARD_CHANGED : NFP_GUARD_OURS);
}

static void assign(struct place *p, const struct nfp_mac *mac)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3, .mac = *mac};

	nfp_guard_note(&p->apply, &p->guard, &c, 0);
}

static const struct nfp_mac X = {{6, 0, 0, 0, 0, 1}}, Z = {{6, 0, 0, 0, 0, 9}};

TEST_WITH(own_address_comes_late, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	assign(*state, &X);
	compare(g, &now, false, "");
	assert_true(g->mac_pending);
	now.mac = X;
	compare(g, &now, false, "");
	assert_false(g->mac_pending);
	/* And is then not what it was again. */
	now.mac = before.attr.mac;
	compare(g, &now, false,
		"the driver of eth0 reports 02:00:00:00:00:03 as the address of VF 3, which was "
		"set "
		"to 06:00:00:00:00:01");
	assert_int_equal(g->foreign, NFP_VF_ATTR_BIT(NFP_VF_ATTR_MAC));
}

/* The answer to our change was lost: it may have been made or not. */
TEST_WITH(address_without_an_answer, setup, teardown)
{
	struct nfp_change c = {.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3, .mac = X};
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;
	struct place *p = *state;

	nfp_guard_note(&p->apply, g, &c, -NFP_ENOANSWER);
	compare(g, &now, true, "");
	now.mac = X;
	compare(g, &now, true, "");
	assert_int_equal(g->foreign, 0);
	now.mac = Z;
	compare(g, &now, true,
		"another process has changed the address of VF 3 of eth0 from 06:00:00:00:00:01 to "
		"06:00:00:00:00:09");
}

TEST_WITH(foreign_address_while_ours_is_awaited, setup, teardown)
{
	struct nfp_vf_attr now = before.attr;

	assign(*state, &X);
	now.mac = Z;
	compare(attributes(state), &now, true,
		"another process has changed the address of VF 3 of eth0 from 06:00:00:00:00:01 to "
		"06:00:00:00:00:09");
}

/* As when its driver goes: it reports an address of its own, and no process has asked for that. */
TEST_WITH(address_that_nobody_assigned, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	now.mac = Z;
	compare(g, &now, false, "");
	assert_int_equal(g->foreign, 0);
	now.mac = X;
	compare(g, &now, true,
		"another process has changed the address of VF 3 of eth0 from 06:00:00:00:00:09 to "
		"06:00:00:00:00:01");
}

TEST_WITH(foreign_vlan, setup, teardown)
{
	struct nfp_vf_attr now = before.attr;

	assign(*state, &before.attr.mac);
	now.vlan = (struct nfp_vlan) {.vid = 7, .qos = 2, .proto = 0x8100};
	compare(attributes(state), &now, true,
		"another process has changed the VLAN of VF 3 of eth0 from 100, qos 0 to 7, qos 2");
}

/* A driver that takes it and reports another: frames of the VLAN show nothing then. */
TEST_WITH(vlan_without_effect, setup, teardown)
{
	struct nfp_vf_attr now = before.attr;

	now.vlan.vid = 0;
	compare(attributes(state), &now, false,
		"the driver of eth0 reports none as the VLAN of VF 3, which was set to 100, qos 0");
}

TEST_WITH(settings, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	/* Nobody has asked for it: the driver did it. */
	now.spoofchk = 0;
	compare(g, &now, false, "");
	assert_int_equal(g->foreign, 0);
	/* What is not reported does not differ. */
	now.trust = -1;
	now.rss_query = 1;
	compare(g, &now, true, "");
	now.link_state = 2;
	compare(g, &now, true,
		"another process has changed the link state of VF 3 of eth0 from auto to disable");
	assert_int_equal(g->foreign, NFP_VF_ATTR_BIT(NFP_VF_ATTR_STATE));
}

/* While i40e resets a VF, its PF says nothing of it. */
TEST_WITH(report_without_the_vf_says_nothing, setup, teardown)
{
	const struct nfp_vf_attr nothing = NFP_VF_ATTR_UNKNOWN;
	struct nfp_guard *g = attributes(state);

	assign(*state, &X);
	compare(g, &nothing, true, "");
	assert_true(g->mac_pending);
	assert_true(g->attr.have_mac);
}

static void reset_of_ours(struct place *p)
{
	const struct nfp_change c = {.kind = NFP_CHANGE_VF_RESET, .of_vf = true, .vf = 3};

	nfp_guard_note(&p->apply, &p->guard, &c, 0);
}

/* A reset has changed what the PF reports, and nobody has read that when an address is set. */
TEST_WITH(late_address_after_an_unread_change, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	reset_of_ours(*state);
	assign(*state, &X);
	now.mac = Z;
	compare(g, &now, false, "");
	assert_true(g->mac_pending);
	/* Now it was read: it may stay, but not become a third one. */
	compare(g, &now, false, "");
	now.mac = before.attr.mac;
	compare(g, &now, false,
		"the driver of eth0 reports 02:00:00:00:00:03 as the address of VF 3, which was "
		"set "
		"to 06:00:00:00:00:01");
}

/* igb: the VF forgets an address that no administrator set. */
TEST_WITH(address_that_a_reset_took, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	reset_of_ours(*state);
	memset(&now.mac, 0, sizeof(now.mac));
	compare(g, &now, true, "");
	assert_int_equal(g->foreign, 0);
	now.mac = Z;
	compare(g, &now, true,
		"another process has changed the address of VF 3 of eth0 from none to "
		"06:00:00:00:00:09");
}

TEST_WITH(foreign_address_after_a_reset, setup, teardown)
{
	struct nfp_vf_attr now = before.attr;

	reset_of_ours(*state);
	now.mac = Z;
	compare(attributes(state), &now, true,
		"another process has changed the address of VF 3 of eth0 from 02:00:00:00:00:03 to "
		"06:00:00:00:00:09");
}

TEST_WITH(zero_that_others_set_in_place_of_ours, setup, teardown)
{
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	assign(*state, &X);
	now.mac = X;
	compare(g, &now, false, "");
	reset_of_ours(*state);
	memset(&now.mac, 0, sizeof(now.mac));
	compare(g, &now, true,
		"another process has changed the address of VF 3 of eth0 from 06:00:00:00:00:01 to "
		"none");
}

/* i40e before it looked at who had set it: the VF's driver takes it back at its own end. */
TEST_WITH(address_that_is_gone_once_the_vf_was_stopped, setup, teardown)
{
	static const struct {
		enum nfp_change_kind kind;
		const char *what;
	} stops[] = {{NFP_CHANGE_LINK_DOWN, "its netdev was set down"},
		     {NFP_CHANGE_VF_UNBIND, "its driver was unbound"}};
	struct place *p = *state;

	for (size_t i = 0; i < 2 * sizeof(stops) / sizeof(stops[0]); i++) {
		const struct nfp_change stop = {.kind = stops[i / 2].kind, .of_vf = true, .vf = 3};
		struct nfp_guard *g = attributes(state);
		struct nfp_vf_attr now = before.attr;

		assign(p, &X);
		now.mac = X;
		compare(g, &now, false, "");
		nfp_guard_note(&p->apply, g, &stop, 0);
		compare(g, &now, true, "");
		assert_null(g->mac_lost);
		memset(&now.mac, 0, sizeof(now.mac));
		compare(g, &now, i & 1, "");
		assert_string_equal(g->mac_lost, stops[i / 2].what);
		assert_int_equal(g->foreign, 0);
		/* An address that nobody here has set is not the driver's doing. */
		now.mac = Z;
		compare(g, &now, true,
			"another process has changed the address of VF 3 of eth0 from none to "
			"06:00:00:00:00:09");
		g->state = NFP_GUARD_OURS;
		g->what[0] = '\0';
		g->foreign = 0;
		g->mac_lost = NULL;
	}
}

/* The restore must not take the run's own address for another process's. */
TEST_WITH(address_that_was_refused_and_stored, setup, teardown)
{
	const struct nfp_change c = {.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3, .mac = X};
	struct place *p = *state;
	struct nfp_guard *g = attributes(state);
	struct nfp_vf_attr now = before.attr;

	nfp_guard_note(&p->apply, g, &c, -EIO);
	compare(g, &now, true, "");
	now.mac = X;
	compare(g, &now, true, "");
	assert_int_equal(g->foreign, 0);
}

static bool is_news(uint16_t type, int ifindex, unsigned int change)
{
	struct nlmsghdr head = {.nlmsg_type = type};
	struct ifinfomsg ifi = {.ifi_index = ifindex, .ifi_change = change};
	struct vfmsg m = {NULL, 0, 0};
	bool news;

	vfmsg_bytes(&m, &head, sizeof(head));
	vfmsg_bytes(&m, &ifi, sizeof(ifi));
	vfmsg_attr(&m, IFLA_IFNAME, "eth0", 5);
	((struct nlmsghdr *)m.buf)->nlmsg_len = (uint32_t)m.len;
	news = nfp_guard_is_news((struct nlmsghdr *)m.buf, 2);
	free(m.buf);
	return news;
}

TEST_WITH(notifications, setup, teardown)
{
	struct nlmsghdr cut = {.nlmsg_type = RTM_NEWLINK, .nlmsg_len = sizeof(cut)};

	assert_true(is_news(RTM_NEWLINK, 2, 0));
	assert_true(is_news(RTM_NEWLINK, 2, ~0U));
	assert_true(is_news(RTM_DELLINK, 2, ~0U));
	assert_true(nfp_guard_is_news(&cut, 2)); /* nobody knows what it was about */
	assert_false(is_news(RTM_NEWLINK, 2, IFF_PROMISC));
	assert_false(is_news(RTM_NEWLINK, 3, 0));
}

TEST_MAIN()
