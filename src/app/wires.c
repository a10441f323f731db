// SPDX-License-Identifier: GPL-2.0-or-later
/* wires.c - the wire of a run, from the source to the standby and the VF. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

static void record(struct nfp_run *run, const struct nfp_stream_config *config)
{
	const struct nfp_recorder_stream stream = {
		.sender = config->sender.ifname,
		.pf = config->pf.ifname,
		.sender_mac = config->sender_mac,
		.pf_mac = config->pf_mac,
		.what = run->source.row->meaning,
		.vf = run->result->vf.vf,
	};

	nfp_recorder_stream(run->recorder, &stream);
}

int nfp_wire_open(struct nfp_run *run)
{
	const struct nfp_vlan none = {.vid = 0};
	const bool of_port = run->port.ifindex, of_vf = run->source.row == &nfp_sources[NFP_BY_VF];
	/* The NIC takes the VLAN of a VF off, as VST. A signal and news of the PF are not to wait
	 * for a frame. */
	struct nfp_stream_config config = {
		.id = run->id,
		.sender = run->source.sender,
		.sender_mac = run->source.mac,
		.sender_vlan = of_vf ? none : run->vlan,
		.second_sender = run->source.second_sender,
		.pf = of_port ? run->port : nfp_source_pf(run),
		.pf_mac = of_port ? run->port_mac : *nfp_own_address(run),
		.pf_vlan = of_port ? none : run->vlan,
		.wake_fds = {run->io->signals->fd, nfp_backend_notify_fd(run->backend)},
		.codec = run->source.codec.ops ? &run->source.codec : NULL,
	};

	if (!run->wire.accounting)
		run->wire.accounting = nfp_accounting_new();
	if (run->dry) {
		run->wire.dry = nfp_dry_wire_new(&run->dry->now_ns);
		return 0;
	}
	if (run->request->have_mac)
		config.elsewhere = run->request->mac;
	nfp_tag_stream(run, &config);
	if (run->recorder) {
		record(run, &config);
		config.tap = nfp_recorder_tap(run->recorder);
	}
	return nfp_stream_open(&config, &run->wire.stream, &run->err);
}

void nfp_wire_close(struct nfp_run *run)
{
	nfp_stream_close(run->wire.stream);
	nfp_dry_wire_free(run->wire.dry);
	run->wire.stream = NULL;
	run->wire.dry = NULL;
}

struct nfp_wire nfp_run_wire(const struct nfp_run *run)
{
	struct nfp_wire wire = run->wire.dry ? nfp_dry_wire(run->wire.dry)
					     : nfp_stream_wire(run->wire.stream);

	wire.accounting = run->wire.accounting;
	return wire;
}
