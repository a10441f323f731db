// SPDX-License-Identifier: GPL-2.0-or-later
/* What of the VF is noted in the result, which addresses are drawn, which styles are redundant. */
#include <dirent.h>

#include "roles_host.h"
#include "../../src/app/run_priv.h"

/* An interrupted run was undone meanwhile: what the VF was before that counts no longer. */
CASE(a_vf_is_selected_again_as_it_is_now)
{
	struct nfp_request request = {.have_vf = true, .vf = 1};
	struct nfp_result result = {0};
	struct nfp_run run = {.request = &request,
			      .result = &result,
			      .pf = &host->pf,
			      .roles = {.have_vf = true, .number = 1}};

	host->vfs[1].use = NFP_USE_NAMESPACE;
	host->vfs[1].attr.vlan.vid = 100;
	host->vfs[1].up = host->vfs[2].up = host->vfs[3].up = true;
	nfp_select_vf_again(&run);
	assert_int_equal(result.vf.status, NFP_VF_IN_USE);
	assert_int_equal(result.vf.others_up, 2);
	host->vfs[3].up = false;
	host->vfs[1].use = NFP_USE_IDLE;
	host->vfs[1].attr.vlan.vid = 0;
	host->vfs[1].attr.mac = (struct nfp_mac) {{2, 0, 0, 0, 0, 9}};
	request.any_vf = true;
	nfp_select_vf_again(&run);
	assert_int_equal(result.vf.vf, 1);
	assert_int_equal(result.vf.status, NFP_VF_PROBED);
	assert_int_equal(result.vf.error.code, NFP_E_NONE);
	assert_int_equal(result.vf.vlan.vid, 0);
	assert_true(result.vf.have_others);
	assert_int_equal(result.vf.others_up, 1);
	assert_true(nfp_mac_equal(&result.vf.address, &host->vfs[1].attr.mac));
}

static unsigned int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned int num = 0;

	assert_non_null(folder);
	while (readdir(folder))
		num++;
	closedir(folder);
	return num;
}

/* Neither from the wire nor from inside does anything of this host hear of it. */
CASE(a_dry_run_opens_no_wire)
{
	static const struct nfp_from from[] = {
		{.kind = NFP_FROM_AUTO},
		{.kind = NFP_FROM_ARP, .have_ip = true, .ip = {{192, 0, 2, 1}}},
		{.kind = NFP_FROM_PEER, .peer = {{2, 0, 0, 0, 0, 9}}},
		{.kind = NFP_FROM_IFACE, .ifname = "eth1"},
	};
	struct nfp_signals signals = {.fd = -1};
	const struct nfp_run_io io = {.signals = &signals};
	const unsigned int before = open_descriptors();

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		const struct nfp_request request = {.have_vf = true, .vf = 1, .from = from[i]};
		struct nfp_result result = {0};
		struct nfp_dry dry = {.now_ns = 77};
		struct nfp_run run = {.request = &request,
				      .io = &io,
				      .dry = &dry,
				      .result = &result,
				      .topology = host->topology,
				      .pf = &host->pf};
		struct nfp_wire wire;

		assert_int_equal(nfp_source_find(&run, NULL), 0);
		assert_int_equal(nfp_source_open(&run, NULL), 0);
		assert_null(run.source.stream);
		assert_int_equal(open_descriptors(), before);
		wire = nfp_source_wire(&run);
		assert_int_equal(wire.ops->now(wire.ctx), 77);
		nfp_source_close(&run);
		nfp_accounting_free(run.source.accounting);
	}
}

/* The VLAN of nobody: not the guest's, none of a netdev, none of the PF's port of a bridge. */
CASE(a_free_vlan_is_none_of_the_bridge)
{
	static struct nfp_port_vlan vlans[4094];
	struct nfp_result result = {.have_vf = true, .vf = {.vf = 3}};
	struct nfp_request request = {.settings.guest_vlan = 300};
	struct nfp_run run = {.request = &request,
			      .result = &result,
			      .pf = &host->pf,
			      .topology = host->topology,
			      .source = {.row = &nfp_sources[NFP_SOURCE_NETDEV]},
			      .port_vlans = vlans,
			      .num_port_vlans = 4093};
	struct nfp_runner_config config = {.vf = 3};

	/* All but the guest's, and 2999; then all. */
	for (uint16_t vid = 1, i = 0; vid <= 4094; vid++) {
		if (vid != 2999)
			vlans[i++] = (struct nfp_port_vlan) {.ifindex = PF, .vid = vid};
	}
	nfp_tag_ladder(&run, &config);
	assert_int_equal(config.guest_vlan.free_vid, 2999);
	assert_false(config.guest_vlan.none_free);
	vlans[run.num_port_vlans++] = (struct nfp_port_vlan) {.ifindex = PF, .vid = 2999};
	nfp_tag_ladder(&run, &config);
	assert_true(config.guest_vlan.none_free);
}

CASE(test_addresses_are_local_unicast_and_all_different)
{
	struct nfp_request request = {.settings.styles = {[NFP_STYLE_BRIDGE] = true, true}};
	struct nfp_result result = {.have_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .topology = host->topology};

	assert_int_equal(nfp_pool_fill(&run, NULL), 0);
	assert_int_equal(run.num_pool, 1 + 2 * (2 + NFP_SPARE_ADDRESSES));
	for (size_t i = 0; i < run.num_pool; i++) {
		assert_int_equal(run.pool[i].b[0] & 3, 2);
		for (size_t j = 0; j < i; j++)
			assert_false(nfp_mac_equal(&run.pool[i], &run.pool[j]));
	}
	free(run.pool);
}

CASE(a_given_address_is_used_everywhere_but_for_the_unregistered)
{
	struct nfp_request request = {
		.have_mac = true, .mac = {{2, 1, 2, 3, 4, 5}}, .settings.styles = {true, true}};
	struct nfp_result result = {.have_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .topology = host->topology};
	struct nfp_addresses addresses;

	assert_int_equal(nfp_pool_fill(&run, NULL), 0);
	addresses = nfp_pool_pick(&run, NFP_STYLE_BRIDGE);
	assert_true(nfp_mac_equal(&addresses.main, &request.mac));
	assert_true(nfp_mac_equal(&addresses.first, &request.mac));
	for (size_t i = 0; i < NFP_SPARE_ADDRESSES; i++) {
		assert_int_equal(addresses.spare[i].b[0] & 3, 2);
		assert_false(nfp_mac_equal(&addresses.spare[i], &request.mac));
	}
	assert_false(nfp_mac_equal(&run.pool[0], &request.mac));
	free(run.pool);
}

/* The filter of a PF that takes everything shows nothing; a standby that needs it so loses nothing.
 */
TEST(a_promiscuous_pf_shows_only_standbys_that_make_it_so)
{
	struct nfp_pf pf = {.info = {.ifname = "eth0", .promiscuity = 1}, .promisc_by = "br0"};
	struct nfp_vf_info spare = {.use = NFP_USE_IDLE, .ifname = "eth0v0"};
	struct nfp_result result = {.have_vf = false};
	struct nfp_request request = {.any_vf = true};
	struct nfp_run run = {.request = &request, .result = &result, .pf = &pf};
	char why[NFP_REASON_LEN] = "";

	pf.vfs = &spare;
	pf.num_vfs = 1;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		assert_int_equal(nfp_style_is_redundant(&run, style, why, sizeof(why)),
				 style == NFP_STYLE_MACVTAP || style == NFP_STYLE_STATIC_BRIDGE);
	assert_non_null(strstr(why, "eth0 is promiscuous already (br0)"));
	pf.info.promiscuity = 0;
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++)
		assert_false(nfp_style_is_redundant(&run, style, why, sizeof(why)));
	spare.use = NFP_USE_VFIO;
	assert_true(nfp_style_is_redundant(&run, NFP_STYLE_VF_BRIDGE, why, sizeof(why)));
	assert_non_null(strstr(why, "it needs a second VF"));
}

TEST(a_run_has_a_limit)
{
	assert_int_equal(nfp_run_limit(0), 300 * NFP_NSEC_PER_SEC);
	assert_int_equal(nfp_run_limit(50 * NFP_NSEC_PER_SEC), 500 * NFP_NSEC_PER_SEC);
	assert_int_equal(nfp_run_limit(1000 * NFP_NSEC_PER_SEC), 3600 * NFP_NSEC_PER_SEC);
}

TEST_MAIN()
