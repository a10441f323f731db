// SPDX-License-Identifier: GPL-2.0-or-later
/* sheet.c - the run of --sheet, in place of ladders: its addresses, its wires, what hinders it. */
#include <errno.h>
#include <stdio.h>

#include "run_priv.h"

/* The PF's driver may take the VFs of others for malicious, too. NULL: nothing is in the way. */
static const char *why_no_forging(const struct nfp_run *run)
{
	if (run->request->force || !nfp_driver(run->pf->info.driver)->disables_forgers ||
	    !nfp_others_in_use(run))
		return NULL;
	return "another VF is in use, and the driver disables VFs that send such frames: --force "
	       "sends them all the same";
}

static int need_netdev(struct nfp_run *run)
{
	if (run->source.row == &nfp_sources[NFP_BY_NETDEV])
		return 0;
	nfp_err_set(&run->err, -ENOLINK, NFP_E_NO_SOURCE,
		    "--sheet needs another netdev of this host on the segment of %s, and the "
		    "source is %s",
		    run->pf->info.ifname, run->source.from.name);
	nfp_err_hint(&run->err, "Name it with --from NETDEV.");
	return -ENOLINK;
}

/* The addresses behind those of the ladders, of which there are none. */
static void pick_addresses(const struct nfp_run *run, struct nfp_runner_config *own,
			   struct nfp_sheet_config *sheet)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_ELSEWHERE_ADDRESSES;

	own->address = run->request->have_mac ? run->request->mac : addresses[0];
	sheet->second = addresses[1];
	sheet->third = addresses[2];
	sheet->next = addresses[3];
	sheet->forged = addresses[4];
	sheet->nobody = run->pool[0];
}

static int take_sheet(struct nfp_run *run)
{
	const struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_runner_config own = nfp_ladder_config(run, (enum nfp_style)0);
	struct nfp_here_test sibling;
	struct nfp_sheet_config sheet = {
		.run = &own,
		.pf = *nfp_own_address(run),
		.no_forging = why_no_forging(run),
		.trust = vf->trust,
		.spoofchk = vf->spoofchk,
		.vf_settle_ns = nfp_vf_settle_needed(nfp_vf_driver(run)->name),
		.mode = run->request->sheet,
	};
	int ret;

	run->cast = nfp_run_cast(run, (enum nfp_style)0);
	ret = nfp_here_begin(run, &sibling);

	if (ret)
		return ret;
	nfp_tag_sheet(run, &sheet);
	sheet.sibling = sibling.wire;
	sheet.no_sibling = sibling.why;
	pick_addresses(run, &own, &sheet);
	if (run->cast.here)
		snprintf(run->result->sheet.sibling, sizeof(run->result->sheet.sibling), "vf:%u",
			 run->cast.here->vf);
	ret = nfp_sheet_run(&sheet, &run->result->sheet, &run->err);
	nfp_wire_close(run, NFP_WIRE_HERE);
	return ret;
}

/* The VF kept them over a reset, so that the run can do nothing about it. */
static void note_left(struct nfp_run *run)
{
	const struct nfp_vf_result *vf = &run->result->vf;
	const char *why = nfp_driver(nfp_backend_driver(run->backend))->keeps_entries;

	if (nfp_sheet_stays(&run->result->sheet))
		(void)nfp_hints_addf(
			&run->result->left_behind,
			"VF %u of %s still gets frames to the addresses that its guest asked "
			"for%s%s",
			vf->vf, run->pf->info.ifname, why ? ": " : "", why ?: "");
}

static void warn_of_driver(struct nfp_run *run)
{
	const struct nfp_driver *driver = nfp_vf_driver(run);
	uint64_t need_ns = nfp_vf_settle_needed(driver->name);

	if (need_ns)
		nfp_run_warn(run,
			     "what the guest asks for is given %g s to act, since %s is slow: %s",
			     (double)need_ns / (double)NFP_NSEC_PER_SEC, driver->name,
			     driver->vf_slow ?: driver->slow);
}

int nfp_sheet_test(struct nfp_run *run)
{
	int ret, undone;

	warn_of_driver(run);

	if (run->dry)
		nfp_dry_sheet(run);
	if (nfp_backend_lost_vf(run->backend))
		return 0;
	ret = (run->dry ? 0 : need_netdev(run)) ?: take_sheet(run);
	run->undone = true;
	note_left(run);
	undone = nfp_here_let_go(run, ret ? NULL : &run->err);
	ret = ret ?: undone;
	return ret ?: nfp_backend_reset_vf(run->backend, &run->err);
}
