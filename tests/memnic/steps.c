// SPDX-License-Identifier: GPL-2.0-or-later
#include "memnic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void memnic_config(struct memnic *nic, struct nfp_frame_accounting *accounting,
		   enum nfp_style style, struct nfp_runner_config *ret_config)
{
	static const enum nfp_source_id row_of[NFP_ENTERS_COUNT] = {
		[NFP_ENTERS_WIRE] = NFP_SOURCE_NETDEV,
		[NFP_ENTERS_VF] = NFP_SOURCE_VF,
		[NFP_ENTERS_PF] = NFP_SOURCE_PF,
	};
	const struct memnic_conditions *c = memnic_conditions_of(nic);

	memnic_set_style(nic, style);
	*ret_config = (struct nfp_runner_config) {
		.host = memnic_host(nic),
		.wire = memnic_wire(nic, accounting),
		.style = style,
		.source = &nfp_sources[row_of[c->source]],
		.address = {{0x02, 0, 0, 0, 0, 0x11}},
		.address_first = {{0x02, 0, 0, 0, 0, 0x22}},
		.spare = {{{0x02, 0, 0, 0, 2, 1}}, {{0x02, 0, 0, 0, 2, 2}}},
		.unregistered_mac = {{0x02, 0, 0, 0, 0, 0x33}},
		.multicast = true,
		.group = {{0x33, 0x33, 0xff, 0, 0, 0x11}},
		.unjoined = {{0x33, 0x33, 0xff, 0, 0, 0x22}},
		.rate = 1000,
		.settle_ns = 1500 * NFP_NSEC_PER_MSEC,
		.start_ns = MEMNIC_BEGIN_NS,
		.announce = true,
		.stop = memnic_stop,
		.stop_ctx = nic,
		.ifname = "eth0",
		.vf = 3,
		.pf_silent = c->bonded && !nfp_styles[style].second_vf ? "eth0 is bonded" : NULL,
	};
	if (!c->arp)
		return;
	ret_config->source = &nfp_sources[NFP_SOURCE_ARP];
	ret_config->rate = ret_config->source->rate[NFP_KIND_UNICAST];
	ret_config->multicast = ret_config->source->shows.group;
}

int memnic_run(const struct core_personality *personality,
	       const struct memnic_conditions *conditions, enum nfp_style style,
	       struct nfp_style_result *ret_result)
{
	struct memnic *nic = memnic_new(personality, conditions);
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_runner_config config;
	int ret = -ENOMEM;

	if (nic && accounting) {
		memnic_config(nic, accounting, style, &config);
		ret = nfp_ladder_run(&config, ret_result, NULL);
	}
	nfp_accounting_free(accounting);
	memnic_free(nic);
	return ret;
}

const char *memnic_row_of(const struct nfp_style_result *result, enum nfp_kind kind,
			  char row[MEMNIC_ROW_LEN])
{
	static const char letters[NFP_LANDING_COUNT + 1] = "?PVB-m";

	memset(row, 'l', NFP_STEP_COUNT);
	row[NFP_STEP_COUNT] = '\0';
	for (size_t i = 0; i < result->num_steps; i++) {
		const struct nfp_step_result *step = &result->steps[i];

		if (step->w.status == NFP_STATUS_DONE)
			row[step->step] = letters[step->w.landing[kind]];
		else if (step->w.status == NFP_STATUS_REFUSED)
			row[step->step] = 'r';
		else if (!step->w.skip_allowed)
			row[step->step] = 's';
	}
	return row;
}

const char *memnic_row(const struct nfp_style_result *result, char row[MEMNIC_ROW_LEN])
{
	return memnic_row_of(result, NFP_KIND_UNICAST, row);
}
