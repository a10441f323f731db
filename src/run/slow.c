// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slow.c - PF drivers that act later than NFP_SETTLE_DEFAULT_NS.
 *
 * The other drivers of Linux 6.12 that have ndo_set_vf_mac (ixgbe, i40e, ice, bnxt, mlx4, mlx5,
 * sfc, qede, be2net, octeontx2 and more) program a changed filter at once, or in work that they
 * queue at once. What they do once a second is about links and statistics.
 */
#include <string.h>

#include "run_priv.h"

static const struct nfp_slow_driver drivers[] = {
	/*
	 * hclge_sync_mac_table and hclge_sync_promisc_mode of the PF, hclgevf_sync_mac_table and
	 * hclgevf_sync_promisc_mode of the VF are called by hclge_periodic_service_task and
	 * hclgevf_periodic_service_task, each once in round_jiffies_relative(HZ)
	 * (hisilicon/hns3/hns3{pf,vf}/hclge{,vf}_main.c).
	 */
	{"hns3", 3 * NFP_NSEC_PER_SEC,
	 "PF and VF each bring their filters to the NIC once a second"},
};

const struct nfp_slow_driver *nfp_slow_driver(const char *driver)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (strcmp(drivers[i].driver, driver) == 0)
			return &drivers[i];
	}
	return NULL;
}

uint64_t nfp_settle_needed(const char *driver)
{
	const struct nfp_slow_driver *slow = nfp_slow_driver(driver);

	return slow ? slow->settle_ns : NFP_SETTLE_DEFAULT_NS;
}
