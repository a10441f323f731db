// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a stored verdict still holds: each member of the identity, age, source, and the worst of
 * several. */
#include "harness.h"
#include "unit/sample_store.h"

/* A day later; macvtap is asked about. */
static int setup(void **state)
{
	int ret = sample_world_setup(state);

	if (ret == 0)
		((struct sample_world *)*state)->query.styles[NFP_STYLE_BRIDGE] = false;
	return ret;
}

static int checked(struct sample_world *w)
{
	nfp_check_store(&w->check, w->now, &w->query);
	return w->check.exit_status;
}

static void checked_is(struct sample_world *w, int exit_status, const char *words)
{
	assert_int_equal(checked(w), exit_status);
	assert_string_equal(w->check.styles[0].why, words);
}

static bool notes_have(const struct sample_world *w, const char *words)
{
	for (size_t i = 0; i < w->check.notes.n; i++) {
		if (strstr(w->check.notes.v[i], words))
			return true;
	}
	return false;
}

/* Adds an entry like the first of sample_igb, with the changes of @change. */
static void add(struct sample_world *w, void (*change)(struct nfp_result *result))
{
	struct nfp_result result;

	sample_igb(&result);
	result.vfs[0].num_styles = 1;
	change(&result);
	sample_store_add(&w->check.store, &result);
	nfp_result_fini(&result);
}

/* ---- identity ---- */

#define CASE(name) TEST_OF(name, setup, sample_world_teardown, struct sample_world, w)

CASE(each_member_counts)
{
	static const struct {
		const char *is, *words;
	} members[NFP_ID_COUNT] = {
		[NFP_ID_DEVICE] = {"8086:10ca", "PCI device was 8086:10c9, is 8086:10ca"},
		[NFP_ID_SUBSYSTEM] = {"1028:a04c", "PCI subsystem was 8086:a04c, is 1028:a04c"},
		[NFP_ID_BOARD] = {"K65390-000", "board.id was none, is K65390-000"},
		[NFP_ID_FIRMWARE] = {"2.2.0", "firmware was 2.1.0, is 2.2.0"},
		[NFP_ID_KERNEL] = {"6.12.96", "kernel was 6.12.95, is 6.12.96"},
		[NFP_ID_DRIVER] = {"igb_oot", "driver was igb, is igb_oot"},
		[NFP_ID_DRIVER_VERSION] = {"5.18.3", "driver version was the kernel's, is 5.18.3"},
		[NFP_ID_VF_DRIVER] = {"igbvf2", "VF driver was igbvf, is igbvf2"},
		[NFP_ID_VF_DRIVER_VERSION] = {"2.4.1",
					      "VF driver version was the kernel's, is 2.4.1"},
		[NFP_ID_ESWITCH_MODE] = {"switchdev", "eswitch mode was none, is switchdev"},
		[NFP_ID_NUM_VFS] = {"7", "number of VFs was 4, is 7"},
		[NFP_ID_L2_FWD_OFFLOAD] = {"on", "l2-fwd-offload was off, is on"},
		[NFP_ID_TRUST] = {"on", "trust of the VF was off, is on"},
		[NFP_ID_SPOOFCHK] = {"off", "spoofchk of the VF was on, is off"},
		[NFP_ID_VLAN] = {"100", "VLAN of the VF was none, is 100"},
	};

	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.entries[0].num_differences, 0);
	for (enum nfp_identity_member m = 0; m < NFP_ID_COUNT; m++) {
		struct nfp_identity before = w->now[0];

		if (!members[m].is) {
			assert_int_equal(m, NFP_ID_FIRMWARE_VERSIONS);
			continue;
		}
		strcpy(w->now[0].value[m], members[m].is);
		checked_is(w, 3, members[m].words);
		assert_int_equal(w->check.entries[0].num_differences, 1);
		assert_int_equal(w->check.entries[0].differences[0].what, m);
		assert_string_equal(w->check.entries[0].differences[0].is, members[m].is);
		w->now[0] = before;
		/* A member that cannot be read is no proof either, whatever it was. */
		w->now[0].readable[m] = NFP_UNREADABLE;
		assert_int_equal(checked(w), 3);
		assert_non_null(strstr(w->check.styles[0].why, "and cannot be read now"));
		w->now[0] = before;
	}
	assert_int_equal(checked(w), 0);
}

static void a_package_of_old(struct nfp_result *result)
{
	result->pf.fw[0] = (struct nfp_fw_version) {"fw.mgmt", "7.4.13", ""};
	result->pf.fw[1] = (struct nfp_fw_version) {"fw.app", "1.3.36.0", "1.3.37.0"};
	result->pf.num_fw = 2;
}

/* ethtool names one version; what is loaded beside it (ice's DDP package) is as much firmware. */
CASE(each_part_of_the_firmware_counts)
{
	struct nfp_identity *now = &w->now[0];

	add(w, a_package_of_old);
	checked_is(w, 3, "firmware version was fw.mgmt 7.4.13, is none");
	/* In another order, and whatever is stored but does not run. */
	now->fw[0] = (struct nfp_fw_version) {"fw.app", "1.3.36.0", ""};
	now->fw[1] = (struct nfp_fw_version) {"fw.mgmt", "7.4.13", ""};
	now->num_fw = 2;
	assert_int_equal(checked(w), 0);
	strcpy(now->fw[0].running, "1.3.37.0");
	checked_is(w, 3, "firmware version was fw.app 1.3.36.0, is fw.app 1.3.37.0");
	assert_string_equal(w->check.entries[0].differences[0].is, "fw.app 1.3.37.0");
	strcpy(now->value[NFP_ID_FIRMWARE], "2.2.0");
	checked_is(w, 3, "firmware was 2.1.0, is 2.2.0");
	assert_int_equal(w->check.entries[0].num_differences, 2);
	strcpy(now->value[NFP_ID_FIRMWARE], "2.1.0");
	strcpy(now->fw[0].running, "1.3.36.0");
	now->fw[now->num_fw++] = (struct nfp_fw_version) {"fw.undi", "1.0", ""};
	checked_is(w, 3, "firmware version was none, is fw.undi 1.0");
	now->num_fw--;
	now->readable[NFP_ID_FIRMWARE_VERSIONS] = NFP_UNREADABLE;
	assert_int_equal(checked(w), 3);
}

/* The host's settings of a VF, or of its PF, may decide where frames land. */
CASE(settings_of_the_vf)
{
	struct nfp_vf_result *vf = &w->check.store.entries[1].vfs[0],
			     *tested = &w->check.store.entries[0].vfs[0];
	struct nfp_pf_info pf;

	sample_pf(&pf);
	vf->trust = 1;
	vf->spoofchk = -1;
	pf.l2_fwd_offload = true;
	nfp_identity_of(&pf, "6.12.95", vf, &w->now[0]);
	checked_is(w, 3,
		   "l2-fwd-offload was off, is on; trust of the VF was off, is on; spoofchk of the "
		   "VF was on, is unknown");
	vf->trust = 0;
	vf->spoofchk = 1;
	pf.l2_fwd_offload = false;
	vf->vlan.vid = 100;
	nfp_identity_of(&pf, "6.12.95", vf, &w->now[0]);
	checked_is(w, 3, "VLAN of the VF was none, is 100");
	/* In which it was tested, and in no other. */
	tested->probed_vlan = 100;
	assert_int_equal(checked(w), 0);
	vf->vlan.vid = 0;
	nfp_identity_of(&pf, "6.12.95", vf, &w->now[0]);
	assert_int_equal(checked(w), 0);
	vf->vlan.vid = 200;
	nfp_identity_of(&pf, "6.12.95", vf, &w->now[0]);
	checked_is(w, 3, "VLAN of the VF was none, is 200");
	/* It was left in it when the run began, and tested without. */
	tested->probed_vlan = 0;
	tested->vlan.vid = 200;
	assert_int_equal(checked(w), 0);
}

CASE(what_takes_privileges_is_said)
{
	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.notes.n, 0);
	w->now[0].readable[NFP_ID_ESWITCH_MODE] = NFP_NEEDS_PRIVILEGES;
	assert_int_equal(checked(w), 0);
	assert_true(notes_have(w, "eswitch mode was none; what it is now cannot be read without "
				  "CAP_NET_ADMIN"));
}

static void a_driver_that_hides_its_firmware(struct nfp_result *result)
{
	result->pf.firmware[0] = '\0';
}

CASE(no_firmware_version_is_said)
{
	add(w, a_driver_that_hides_its_firmware);
	w->now[0].value[NFP_ID_FIRMWARE][0] = '\0';
	assert_int_equal(checked(w), 0);
	assert_true(notes_have(w, "the driver reports no firmware version"));
	w->now[0].readable[NFP_ID_FIRMWARE] = NFP_UNREADABLE;
	assert_int_equal(checked(w), 3);
}

/* ---- age ---- */

CASE(age)
{
	w->query.max_age_days = 1;
	assert_int_equal(checked(w), 0);
	w->query.now_unix_ms += 1;
	checked_is(w, 3, "it is older than 1 day");
	w->query.max_age_days = 2;
	assert_int_equal(checked(w), 0);
	w->query.now_unix_ms += 40 * SAMPLE_DAY_MS;
	checked_is(w, 3, "it is older than 2 days");
	w->query.max_age_days = 0;
	assert_int_equal(checked(w), 0);
	/* From the future, by a clock that was wrong: nobody knows how old it is. */
	w->query.now_unix_ms = w->check.store.entries[0].start_unix_ms - 1;
	assert_int_equal(checked(w), 0);
	w->query.max_age_days = 1000;
	checked_is(w, 3, "its age is not known: the clock was set");
}

/* ---- which entries count ---- */

CASE(styles)
{
	w->query.styles[NFP_STYLE_BRIDGE] = true;
	assert_int_equal(checked(w), 1);
	assert_int_equal(w->check.num_styles, 2);
	assert_int_equal(w->check.styles[0].safe, NFP_YES);
	assert_int_equal(w->check.styles[1].safe, NFP_NO);
	assert_int_equal(w->check.styles[1].entry->style->verdict, NFP_VERDICT_EARLY);
	w->query.styles[NFP_STYLE_MACVTAP] = false;
	assert_int_equal(checked(w), 1);
	/* Firmware that has changed since may have cured it. */
	strcpy(w->now[1].value[NFP_ID_FIRMWARE], "2.2.0");
	assert_int_equal(checked(w), 3);
}

/* A style that nobody asked for is shown if it is stored, and no more. */
CASE(other_styles)
{
	w->query.others = true;
	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.num_styles, 2);
	assert_int_equal(w->check.num_entries, 2);
	assert_true(w->check.styles[0].counts);
	assert_int_equal(w->check.styles[1].style, NFP_STYLE_BRIDGE);
	assert_int_equal(w->check.styles[1].safe, NFP_NO);
	assert_false(w->check.styles[1].counts);
	strcpy(w->now[1].value[NFP_ID_FIRMWARE], "2.2.0");
	assert_int_equal(checked(w), 0);
	w->query.vf = 2;
	assert_int_equal(checked(w), 3);
	assert_int_equal(w->check.num_styles, 1);
}

CASE(nothing_is_stored)
{
	w->query.vf = 3;
	assert_int_equal(checked(w), 0);
	w->query.vf = 2;
	checked_is(w, 3, "nothing is stored for VF 2, only for others, such as VF 3");
	w->query.vf = -1;
	w->query.vlan = 100;
	checked_is(w, 3, "nothing is stored");
	w->query.vlan = 0;
	assert_int_equal(checked(w), 0);
	nfp_store_fini(&w->check.store);
	checked_is(w, 3, "nothing is stored");
}

static void deaf_vf_2(struct nfp_result *result)
{
	result->vfs[0].vf = 2;
	result->vfs[0].styles[0].verdict = NFP_VERDICT_DEAF;
	strcpy(result->vfs[0].styles[0].reason, "it is deaf");
}

static void unknown_vf_1(struct nfp_result *result)
{
	result->vfs[0].vf = 1;
	result->vfs[0].styles[0].verdict = NFP_VERDICT_INCONCLUSIVE;
	strcpy(result->vfs[0].styles[0].reason, "frames were lost");
}

/* A PF is as good as the worst of its VFs, as far as they are still what they were. */
CASE(the_worst_counts)
{
	add(w, unknown_vf_1);
	checked_is(w, 3, "frames were lost");
	add(w, deaf_vf_2);
	checked_is(w, 1, "it is deaf");
	assert_int_equal(w->check.styles[0].entry->key.vf, 2);
	w->query.vf = 3;
	assert_int_equal(checked(w), 0);
	w->query.vf = -1;
	strcpy(w->now[2].value[NFP_ID_KERNEL], "6.13");
	strcpy(w->now[3].value[NFP_ID_KERNEL], "6.13");
	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.styles[0].entry->key.vf, 3);
}

static void from_sibling(struct nfp_result *result)
{
	result->vfs[0].styles[0].from.source = NFP_SOURCE_VF;
	strcpy(result->vfs[0].styles[0].from.name, "vf:1");
}

static void deaf_from_sibling(struct nfp_result *result)
{
	from_sibling(result);
	result->vfs[0].styles[0].verdict = NFP_VERDICT_DEAF;
}

static void untestable_from_sibling(struct nfp_result *result)
{
	from_sibling(result);
	result->vfs[0].styles[0].verdict = NFP_VERDICT_UNTESTABLE;
}

/* Another source than the wire can show that it is not safe, but not that it is. */
CASE(only_the_wire_proves_it_safe)
{
	add(w, from_sibling);
	assert_int_equal(checked(w), 0);
	strcpy(w->now[0].value[NFP_ID_KERNEL], "6.13");
	checked_is(w, 3, "frames came from vf:1, not from the wire");
	add(w, untestable_from_sibling);
	add(w, deaf_from_sibling);
	assert_int_equal(checked(w), 1);
	sample_identity(&w->now[0]);
	assert_int_equal(checked(w), 1);
}

static void allowed_early(struct nfp_result *result)
{
	result->vfs[0].styles[0].verdict = NFP_VERDICT_EARLY;
	result->vfs[0].styles[0].allowed = true;
}

CASE(allowed_is_not_safe)
{
	add(w, allowed_early);
	assert_int_equal(checked(w), 1);
}

static void hasty(struct nfp_result *result)
{
	result->settings.settle_ns = NFP_NSEC_PER_SEC / 2;
}

TEST_WITH(a_short_look_proves_nothing, setup, sample_world_teardown)
{
	struct sample_world *w = *state;

	w->query.settle_needed_ns = 3 * NFP_NSEC_PER_SEC;
	assert_int_equal(checked(w), 3);
	w->query.settle_needed_ns = NFP_SETTLE_DEFAULT_NS;
	add(w, hasty);
	checked_is(w, 3, "each state was watched for only 0.5 s, less than the driver may need");
}

static void without_ipv6(struct nfp_result *result)
{
	result->start_unix_ms += 1000;
	result->vfs[0].styles[0].multicast = NFP_MULTICAST_UNPROVEN;
	strcpy(result->vfs[0].styles[0].multicast_note, "a switch drops it");
}

static void no_multicast(struct nfp_result *result)
{
	result->vfs[0].styles[0].multicast = NFP_MULTICAST_UNTESTED;
}

/* The verdict does not speak of IPv6 then, so --check must. */
CASE(multicast_is_said)
{
	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.notes.n, 0);
	/* The stronger proof has shown what a weaker one leaves open. */
	add(w, without_ipv6);
	assert_int_equal(checked(w), 0);
	assert_int_equal(w->check.num_entries, 2);
	assert_int_equal(w->check.notes.n, 0);
	/* .. until that no longer holds. */
	w->query.max_age_days = 3;
	w->check.store.entries[0].start_unix_ms -= 10 * SAMPLE_DAY_MS;
	assert_int_equal(checked(w), 0);
	assert_true(notes_have(w, "macvtap: IPv6 was not proven: a switch drops it"));
	add(w, no_multicast);
	assert_int_equal(checked(w), 0);
	assert_true(notes_have(w, "macvtap: IPv6 was not tested"));
}

TEST_MAIN()
