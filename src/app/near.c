// SPDX-License-Identifier: GPL-2.0-or-later
/* near.c - the wire of a neighbour on the NIC: from the PF or a sibling VF to the netdev behind the
 * source, which plays a guest that is elsewhere. */
#include <stdio.h>
#include <string.h>

#include "nfprobe/host.h"
#include "run_priv.h"

bool nfp_near_possible(const struct nfp_run *run)
{
	const struct nfp_request *request = run->request;
	const struct nfp_from *from = &request->from;
	bool netdev = from->kind == NFP_FROM_IFACE && !nfp_source_named_vf(run, from) &&
		      strcmp(from->ifname, run->pf->info.ifname) != 0;

	return (netdev || from->kind == NFP_FROM_AUTO) && request->neighbours && request->announce;
}

/* NULL: nothing is in the way. */
static const char *why_not(const struct nfp_run *run)
{
	const struct nfp_source_row *row = run->source.row;

	if (!run->request->announce)
		return "--skip announce keeps the address off the wire";
	if (row->deaf)
		return row->deaf;
	return row->shows.outside ? NULL : "the source is not on the wire, where the guest is";
}

/* The recording has frames heard there as it has those of the transmit test. */
static void tap_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_run *run = ctx;
	const struct nfp_tap tap = nfp_recorder_tap(run->recorder);
	struct nfp_tap_event other = *tapped;

	other.seq = 0;
	other.at = NFP_AT_PF;
	if (tapped->what == NFP_TAP_UNSENT)
		return;
	if (tapped->what == NFP_TAP_SENT)
		other.what = NFP_TAP_OTHER;
	else if (tapped->what == NFP_TAP_OTHER)
		other.what = NFP_TAP_SENT;
	else
		other.what = NFP_TAP_AT_SENDER;
	tap.frame(tap.ctx, &other);
}

static int open_near(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_err *err)
{
	const struct nfp_request *request = run->request;
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = nfp_source_pf(run),
		.sender_mac = run->pf->info.address,
		.sender_vlan = *vlan,
		.pf = run->source.sender,
		.pf_mac = run->source.mac,
		.pf_vlan = *vlan,
		.wake_fds = {run->io->signals->fd, nfp_backend_notify_fd(run->backend), -1, -1},
	};
	int ret = 0;

	/* An id of its own, in the part that captures filter by: neither stream hears the other. */
	config.id.run[0] ^= 0xff;
	if (run->recorder)
		config.tap = (struct nfp_tap) {.frame = tap_frame, .ctx = run};
	if (request->have_neighbour) {
		config.sender_vlan = (struct nfp_vlan) {.vid = 0};
		ret = nfp_backend_sibling(run->backend, NFP_SIBLING_SENDS, request->neighbour,
					  &config.sender, &config.sender_mac, err);
		run->near_sibling = ret == 0;
	}
	return ret ?: nfp_stream_open(&config, &run->near, err);
}

int nfp_near_begin(struct nfp_run *run, const struct nfp_vlan *vlan, struct nfp_near_test *ret_test,
		   struct nfp_err *err)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_NEAR_ADDRESSES;
	int ret;

	*ret_test = (struct nfp_near_test) {
		.address = addresses[0],
		.unregistered = {addresses[1], addresses[2]},
		.why = why_not(run),
	};
	if (ret_test->why)
		return 0;
	ret = open_near(run, vlan, err);
	if (ret)
		return ret;
	if (!run->near_accounting)
		run->near_accounting = nfp_accounting_new();
	ret_test->accounting = run->near_accounting;
	ret_test->wire = nfp_stream_wire(run->near);
	return 0;
}

int nfp_near_end(struct nfp_run *run, int ret, struct nfp_err *err)
{
	int released = 0;

	nfp_stream_close(run->near);
	run->near = NULL;
	if (run->near_sibling)
		released = nfp_backend_release_sibling(run->backend, NFP_SIBLING_SENDS,
						       ret ? NULL : err);
	run->near_sibling = false;
	return ret ?: released;
}
