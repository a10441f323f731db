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

/* PF drivers that are known to need a longer settling time. */
static const struct slow_driver {
	const char *driver;
	uint64_t settle_ns;
	const char *why;
} drivers[] = {
	/*
	 * hclge_sync_mac_table and hclge_sync_promisc_mode of the PF, hclgevf_sync_mac_table and
	 * hclgevf_sync_promisc_mode of the VF are called by hclge_periodic_service_task and
	 * hclgevf_periodic_service_task, each once in round_jiffies_relative(HZ)
	 * (hisilicon/hns3/hns3{pf,vf}/hclge{,vf}_main.c).
	 */
	{"hns3", 3 * NFP_NSEC_PER_SEC,
	 "PF and VF each write their filters to the NIC once a second"},
};

static const struct slow_driver *slow_driver(const char *driver)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (strcmp(drivers[i].driver, driver) == 0)
			return &drivers[i];
	}
	return NULL;
}

uint64_t nfp_settle_needed(const char *driver)
{
	const struct slow_driver *slow = slow_driver(driver);

	return slow ? slow->settle_ns : NFP_SETTLE_DEFAULT_NS;
}

void nfp_warn_of_settle(struct nfp_run *run)
{
	const struct slow_driver *slow = slow_driver(run->pf->info.driver);
	bool is_short = run->result->settings.settle_short;
	double need = slow ? (double)slow->settle_ns / (double)NFP_NSEC_PER_SEC : 0;

	if (slow && is_short)
		nfp_run_warn(run, "--settle is shorter than the %g s that %s needs: %s", need,
			     slow->driver, slow->why);
	else if (is_short)
		nfp_run_warn(run, "--settle is shorter than 1.5 s: drivers that act once a second "
				  "may be judged too early");
	else if (slow && !run->request->settle_ns)
		nfp_run_warn(run, "each state is watched for %g s, since %s is slow: %s", need,
			     slow->driver, slow->why);
}
