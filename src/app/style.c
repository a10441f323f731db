// SPDX-License-Identifier: GPL-2.0-or-later
/* style.c - the styles of a run, a ladder for each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* ---- a ladder ---- */

/* 33:33:ff and 24 random bits, like the group of a guest's address (RFC 4291, section 2.7.1). */
static struct nfp_mac random_group(struct nfp_run *run)
{
	uint64_t number = ++run->num_groups;
	uint64_t random = nfp_siphash(run->id.key, (const uint8_t *)&number, sizeof(number));

	return (struct nfp_mac) {{0x33, 0x33, 0xff, (uint8_t)(random >> 16), (uint8_t)(random >> 8),
				  (uint8_t)random}};
}

static struct nfp_runner_config ladder_config(struct nfp_run *run, enum nfp_style style)
{
	struct nfp_addresses addresses = nfp_pool_pick(run, style);

	struct nfp_runner_config config = {
		.host = nfp_backend_host(run->backend),
		.wire = nfp_source_wire(run),
		.style = style,
		.source = run->source.row,
		.address = addresses.main,
		.address_first = addresses.first,
		.spare = {addresses.spare[0], addresses.spare[1]},
		.unregistered_mac = run->pool[0],
		.multicast = run->request->settings.multicast && run->source.row->shows.group,
		/*
		 * Each ladder has a group of its own, as it has an address: a NIC may keep from the
		 * PF what the VF joined before.
		 */
		.group = random_group(run),
		.unjoined = random_group(run),
		.rate = nfp_source_rate(run, run->source.row),
		.on_ovs = nfp_source_on_ovs(run),
		.stations = nfp_has_stations(&run->pf->info, run->vlan.vid),
		.settle_ns = run->settle_ns,
		.network_ns = run->network_ns,
		.deadline_ns = run->deadline_ns,
		.start_ns = run->start_ns,
		.announce = run->request->announce,
		.pf_silent = nfp_run_why_silent(run, style),
		.follows = run->undone,
		.every_step = run->dry,
		.stop = nfp_run_stop,
		.stop_ctx = run,
		.adds_one = nfp_driver(run->pf->info.driver)->adds_one != NULL,
		.ifname = run->pf->info.ifname,
		.vf = run->result->vf.vf,
		.from = run->source.from.name,
		.via = run->port.ifindex ? run->via : NULL,
		.events = {nfp_run_emit, run},
		.unregistered = &run->source.unregistered,
		.earlier = &run->earlier,
	};

	nfp_tag_ladder(run, &config);
	return config;
}

static int reset_host(struct nfp_run *run, struct nfp_err *err)
{
	run->undone = true;
	return nfp_backend_reset_vf(run->backend, err);
}

/* Runs the ladder, and notes in the run how long it took and what it lacks. */
static int run_ladder(struct nfp_run *run, const struct nfp_runner_config *config)
{
	struct nfp_result *result = run->result;
	struct nfp_style_result *ladder = run->style;
	const bool is_fix = ladder->is_fix;
	char impossible_while[sizeof(ladder->impossible_while)];
	int ret;

	memcpy(impossible_while, ladder->impossible_while, sizeof(impossible_while));
	ret = nfp_ladder_run(config, ladder, &run->err);
	ladder->from = run->source.from;
	ladder->is_fix = is_fix;
	memcpy(ladder->impossible_while, impossible_while, sizeof(impossible_while));
	for (size_t i = 0; i < ladder->num_steps; i++)
		result->settle_total_ns += ladder->steps[i].window_ns;
	nfp_judge_alone(result, ladder);
	return ret;
}

/* A dry run sends nothing, and has no result. */
static int run_ladder_dry(const struct nfp_runner_config *config, struct nfp_err *err)
{
	struct nfp_style_result ignored;

	return nfp_ladder_run(config, &ignored, err);
}

/* ---- a style ---- */

/* If the standby is on a second VF, the stream listens at that port. */
static int begin_port(struct nfp_run *run)
{
	const struct nfp_vf_info *via = run->roles.port;
	const char *keeps = nfp_driver(via->driver)->keeps_entries;
	int ret = nfp_backend_sibling(run->backend, NFP_SIBLING_HEARS, via->vf, &run->port,
				      &run->port_mac, &run->err);

	if (ret)
		return ret;
	snprintf(run->via, sizeof(run->via), "vf:%u", via->vf);
	memcpy(run->style->via, run->via, sizeof(run->via));
	if (keeps)
		(void)nfp_hints_addf(
			&run->result->left_behind,
			"VF %u of %s may still get frames to the addresses that were tested "
			"on it: %s",
			via->vf, run->pf->info.ifname, keeps);
	nfp_source_close(run);
	return nfp_source_open(run, &run->err);
}

/* The standby is at the PF again. */
static int end_port(struct nfp_run *run, int ret)
{
	int released;

	if (!run->port.ifindex)
		return ret;
	run->port.ifindex = 0;
	nfp_source_close(run);
	released = nfp_backend_release_sibling(run->backend, NFP_SIBLING_HEARS,
					       ret ? NULL : &run->err);
	return ret ?: released ?: nfp_source_open(run, &run->err);
}

/* Prepares everything that a ladder needs except the VF. */
static int begin_ladder(struct nfp_run *run, enum nfp_style which,
			struct nfp_runner_config *ret_config)
{
	char why[NFP_REASON_LEN];
	int ret;

	run->roles = nfp_run_roles(run, which);
	ret = run->roles.port ? begin_port(run) : 0;
	if (ret == 0) {
		*ret_config = ladder_config(run, which);
	} else {
		snprintf(why, sizeof(why), "not begun: %.*s", (int)sizeof(why) - 16,
			 run->err.message);
		nfp_leave_out(run->style, NFP_VERDICT_UNKNOWN, why);
	}
	return ret;
}

void nfp_emit_verdict(struct nfp_run *run, const struct nfp_style_result *style)
{
	nfp_run_emit(run, &(struct nfp_event) {
				  .what = NFP_EVENT_VERDICT,
				  .where = {run->result->vf.vf, style->style, style->from.name},
				  .style = style,
			  });
}

/* Makes a pinned style from the ladder of its plain one, which shows as much. False:
 * there is none. */
static bool add_pinned(struct nfp_run *run, enum nfp_style which)
{
	const bool asked = run->request->settings.styles[which];
	const struct nfp_style_result *pinned;

	if (run->dry)
		return false;
	pinned = nfp_vf_add_pinned(run->result, which, asked);
	if (pinned)
		nfp_emit_verdict(run, pinned);
	return pinned || (nfp_styles[which].pinned && !asked);
}

int nfp_style_test(struct nfp_run *run, enum nfp_style which)
{
	struct nfp_style_result *style;
	struct nfp_runner_config config;
	struct nfp_timetable times;
	char why[NFP_REASON_LEN];
	int ret = 0;

	if (add_pinned(run, which))
		return 0;
	style = nfp_vf_add_style(&run->result->vf);

	/* Nothing is known before a ladder is over. */
	style->style = which;
	style->stopped = true;
	style->from = run->source.from;
	style->is_fix = !run->request->settings.styles[which];
	style->address = nfp_pool_pick(run, which).main;
	run->style = style;
	(void)nfp_style_can_be_built(run, which, style->impossible_while);
	if (nfp_backend_lost_vf(run->backend) || nfp_backend_failed_over(run->backend)) {
		nfp_leave_out(style, NFP_VERDICT_UNKNOWN,
			      "not begun, because another process has changed the host");
	} else if (nfp_style_is_redundant(run, which, why, sizeof(why))) {
		nfp_leave_out(style, NFP_VERDICT_NOT_APPLICABLE, why);
		style->stopped = false;
	} else {
		if (run->dry)
			nfp_dry_style(run, which);
		ret = begin_ladder(run, which, &config);
		if (ret == 0) {
			nfp_ladder_estimate(&config, &times);
			config.timetable = &times;
			ret = run->dry ? run_ladder_dry(&config, &run->err)
				       : run_ladder(run, &config);
		}
		ret = ret ?: reset_host(run, &run->err);
	}
	nfp_emit_verdict(run, style);
	return end_port(run, ret);
}

/* ---- all styles ---- */

int nfp_styles_begin(struct nfp_run *run)
{
	if (run->dry)
		nfp_dry_source(run);
	/* Without the VF, or another VF that sends, no ladder begins. */
	if (nfp_backend_lost_vf(run->backend))
		return 0;
	return nfp_source_begin(run, &run->err) ?: nfp_source_open(run, &run->err);
}

/*
 * Looks whether the driver left the PF promiscuous in hardware, which the kernel does not show,
 * after the ladders. If one was cut short, what it did is undone first.
 */
static void check_promiscuous(struct nfp_run *run, int ret)
{
	const struct nfp_pf_info *pf = &run->pf->info;
	struct nfp_runner_config config;

	if (!run->source.stream || run->source.unregistered != NFP_NO)
		return;
	if (ret == -EINTR || ret == -ETIME)
		ret = reset_host(run, NULL);
	if (ret)
		return;
	config = ladder_config(run, (enum nfp_style)0); /* the style does not matter */
	if (nfp_hears_unregistered(&config) != NFP_YES)
		return;
	run->earlier.left_promiscuous = true;
	(void)nfp_hints_addf(
		&run->result->left_behind,
		"%s still gets frames to addresses that nobody registered, and did not when "
		"the run began: its driver left it promiscuous in hardware, which the kernel "
		"does not show; %s",
		pf->ifname,
		nfp_driver(pf->driver)->ends_promiscuity
			?: "try to set it down and up, else load its driver anew");
}

int nfp_styles_end(struct nfp_run *run, int ret)
{
	struct nfp_vf_result *vf = &run->result->vf;
	struct nfp_host host = nfp_backend_host(run->backend);
	struct nfp_external_changes changes = {.changed = false};

	if (nfp_backend_driver(run->backend)[0]) {
		snprintf(vf->driver, sizeof(vf->driver), "%s", nfp_backend_driver(run->backend));
		(void)nfp_driver_version(nfp_sysroot_default(), run->pf->bus, vf->driver,
					 vf->driver_version, sizeof(vf->driver_version));
	}
	/* An operation may have failed because another process took away its object. */
	if (ret < 0 && ret != -EINTR && ret != -ETIME && ret != -ETIMEDOUT &&
	    host.ops->changes(host.ctx, &changes, NULL) == 0 && changes.changed) {
		nfp_strv_addf(&run->result->changes_seen, "VF %u: %s", vf->vf, changes.change);
		if (!run->err.hint.text[0])
			nfp_err_hint(&run->err,
				     "Another process changed the host during the run: %s.",
				     changes.change);
	}
	check_promiscuous(run, ret);
	nfp_source_close(run);
	if (ret == 0)
		nfp_source_end(run);
	return ret;
}
