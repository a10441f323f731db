// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wires.c - the wires of a run, each a row: who sends, who hears, and what the recording has of it.
 * A neighbour on the NIC, the PF or another VF, sends to the netdev behind the source, or to a
 * reflector, which plays a guest that is elsewhere; another VF and the standby's port, to a guest
 * that is here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run_priv.h"

/* An end of a wire: it sends, or hears. */
enum end {
	END_SOURCE,
	END_PF,
	END_STANDBY, /* the PF, or the standby's port on a second VF */
	END_VF,	     /* a sibling */
};

#define TAP(what) [NFP_TAP_##what]
#define AS(what)  (NFP_TAP_##what + 1)
#define TAP_WHATS (NFP_TAP_AT_SENDER + 1)

static const struct wire_row {
	/* Captures filter by it, so that no stream hears another. */
	uint8_t id;
	enum end sends, hears;
	/* The recording's name for each frame, plus one; 0: it has no such frame. */
	unsigned char tap[TAP_WHATS];
	bool at_pf; /* the recording has it as a frame of the PF's */
} rows[NFP_WIRES] = {
	[NFP_WIRE_LADDER] = {.sends = END_SOURCE, .hears = END_STANDBY},
	/* The recording has frames heard there as those of the transmit test. */
	[NFP_WIRE_ELSEWHERE] = {.id = 0xff,
				.sends = END_PF,
				.hears = END_SOURCE,
				.tap = {TAP(SENT) = AS(OTHER), TAP(OTHER) = AS(SENT),
					TAP(SEEN) = AS(AT_SENDER), TAP(HEARD) = AS(AT_SENDER),
					TAP(AT_SENDER) = AS(AT_SENDER)},
				.at_pf = true},
	/* The recording has the frames that PF and VF heard. */
	[NFP_WIRE_HERE] = {.id = 0x55,
			   .sends = END_VF,
			   .hears = END_PF,
			   .tap = {TAP(SEEN) = AS(HEARD), TAP(HEARD) = AS(HEARD)}},
	[NFP_WIRE_PORT] = {.id = 0xaa,
			   .sends = END_STANDBY,
			   .hears = END_STANDBY,
			   .tap = {TAP(SEEN) = AS(HEARD), TAP(HEARD) = AS(HEARD)}},
};

/* ---- a wire ---- */

static void tap_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	const struct nfp_run_wire *wire = ctx;
	const struct wire_row *row = &rows[wire - wire->run->wire];
	const struct nfp_tap tap = nfp_recorder_tap(wire->run->recorder);
	struct nfp_tap_event as = *tapped;

	if (!row->tap[tapped->what])
		return;
	as.seq = 0;
	as.what = (enum nfp_tap_what)(row->tap[tapped->what] - 1);
	if (row->at_pf)
		as.at = NFP_AT_PF;
	tap.frame(tap.ctx, &as);
}

/* The recording has the wire of the ladder as it is. */
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

/* The source needs its VF all the time; another one rests where nothing asks for it. */
static enum nfp_sibling sibling_of(const struct nfp_run *run, unsigned int vf)
{
	return run->cast.sender && run->cast.sender->vf == vf ? NFP_SIBLING_SENDS
							      : NFP_SIBLING_LIVES;
}

/* A netdev, its address, and the VLAN in which it sends and hears. @vf: the sibling, which is
 * prepared. The NIC takes the VLAN of a VF off, as VST. */
static int end_of(struct nfp_run *run, enum end end, const unsigned int *vf,
		  struct nfp_netdev *ret_netdev, struct nfp_mac *ret_mac, struct nfp_vlan *ret_vlan)
{
	const struct nfp_vlan none = {.vid = 0};
	bool of_source = end == END_SOURCE, of_port = end == END_STANDBY && run->port.ifindex;

	*ret_netdev = of_source ? run->source.sender : of_port ? run->port : nfp_source_pf(run);
	*ret_mac = of_source ? run->source.mac : of_port ? run->port_mac : *nfp_own_address(run);
	*ret_vlan = (of_source && run->source.row == &nfp_sources[NFP_BY_VF]) || of_port || vf
			    ? none
			    : run->vlan;
	return vf ? nfp_backend_sibling(run->backend, sibling_of(run, *vf), *vf, ret_netdev,
					ret_mac, &run->err)
		  : 0;
}

/* These members are those of the wire of the ladder alone. */
static void complete(struct nfp_run *run, struct nfp_stream_config *config)
{
	config->second_sender = run->source.second_sender;
	config->codec = run->source.codec.ops ? &run->source.codec : NULL;
	if (run->request->have_mac)
		config->elsewhere = run->request->mac;
	nfp_tag_stream(run, config);
	if (run->recorder)
		record(run, config);
}

int nfp_wire_open(struct nfp_run *run, enum nfp_wire_name which, const unsigned int *vf)
{
	const struct wire_row *row = &rows[which];
	struct nfp_run_wire *wire = &run->wire[which];
	struct nfp_stream_config config = {.id = run->id};
	int ret = end_of(run, vf ? END_VF : row->sends, vf, &config.sender, &config.sender_mac,
			 &config.sender_vlan)
			  ?: end_of(run, row->hears, NULL, &config.pf, &config.pf_mac,
				    &config.pf_vlan);

	wire->run = run;
	wire->sibling = vf && !ret;
	if (ret)
		return ret;
	if (!wire->accounting)
		wire->accounting = nfp_accounting_new();
	if (run->dry) {
		wire->dry = nfp_dry_wire_new(&run->dry->now_ns);
		return 0;
	}
	/* A signal and news of the PF are not to wait for a frame. */
	config.wake_fds[0] = run->io->signals->fd;
	config.wake_fds[1] = nfp_backend_notify_fd(run->backend);
	config.wake_fds[2] = config.wake_fds[3] = -1;
	config.id.run[0] ^= row->id;
	if (which == NFP_WIRE_LADDER)
		complete(run, &config);
	if (run->recorder)
		config.tap = which == NFP_WIRE_LADDER
				     ? nfp_recorder_tap(run->recorder)
				     : (struct nfp_tap) {.frame = tap_frame, .ctx = wire};
	if (which != NFP_WIRE_ELSEWHERE || !run->source.peer)
		return nfp_stream_open(&config, &wire->stream, &run->err);
	config.pf.ifindex = 0;
	return nfp_guest_open(&config, run->source.peer, &wire->guest, &run->err);
}

void nfp_wire_close(struct nfp_run *run, enum nfp_wire_name which)
{
	struct nfp_run_wire *wire = &run->wire[which];

	nfp_stream_close(wire->stream);
	nfp_guest_close(wire->guest);
	nfp_dry_wire_free(wire->dry);
	wire->stream = NULL;
	wire->guest = NULL;
	wire->dry = NULL;
}

struct nfp_wire nfp_run_wire(const struct nfp_run *run, enum nfp_wire_name which)
{
	const struct nfp_run_wire *slot = &run->wire[which];
	struct nfp_wire wire = slot->dry     ? nfp_dry_wire(slot->dry)
			       : slot->guest ? nfp_guest_wire(slot->guest)
					     : nfp_stream_wire(slot->stream);

	wire.accounting = slot->accounting;
	return wire;
}

/* ---- a neighbour, and a guest that is elsewhere ---- */

/* Only the first ladder has the windows of a neighbour, or says why not. */
int nfp_elsewhere_begin(struct nfp_run *run, struct nfp_elsewhere_test *ret_test)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_ELSEWHERE_ADDRESSES;
	struct nfp_host host = nfp_backend_host(run->backend);
	int ret;

	run->elsewhere_done = true;
	*ret_test = (struct nfp_elsewhere_test) {
		.address = addresses[0],
		.unregistered = {addresses[1], addresses[2]},
		.other_vf = run->cast.elsewhere,
		.why = run->cast.why_not_elsewhere,
	};
	if (ret_test->why)
		return 0;
	ret = nfp_wire_open(run, NFP_WIRE_ELSEWHERE,
			    run->cast.elsewhere ? &run->cast.elsewhere->vf : NULL);
	if (ret == -ENOLINK && run->source.peer) {
		ret_test->why = "the reflector does not report what it hears: it was not started "
				"with --guest";
		return 0;
	}
	if (ret)
		return ret;
	ret_test->wire = nfp_run_wire(run, NFP_WIRE_ELSEWHERE);
	ret_test->rests = run->wire[NFP_WIRE_ELSEWHERE].sibling;
	return ret_test->rests ? host.ops->sender(host.ctx, false, &run->err) : 0;
}

int nfp_elsewhere_end(struct nfp_run *run, int ret)
{
	struct nfp_run_wire *wire = &run->wire[NFP_WIRE_ELSEWHERE];
	int released = 0;

	nfp_wire_close(run, NFP_WIRE_ELSEWHERE);
	if (wire->sibling)
		released = nfp_backend_release_sibling(run->backend, NFP_SIBLING_LIVES,
						       ret ? NULL : &run->err);
	wire->sibling = false;
	return ret ?: released;
}

/* ---- another VF, and a guest that is here ---- */

int nfp_here_begin(struct nfp_run *run, struct nfp_here_test *ret_test)
{
	const struct nfp_mac *addresses = run->pool + run->num_pool - NFP_ELSEWHERE_ADDRESSES;
	struct nfp_host host = nfp_backend_host(run->backend);
	const struct nfp_vf_info *vf = run->cast.here;
	int ret;

	*ret_test = (struct nfp_here_test) {
		.own = *nfp_own_address(run),
		.nobody = addresses[3],
		.entry = addresses[4],
		.spent_ns = &run->here_ns,
		.why = run->cast.why_not_here,
	};
	if (!vf)
		return 0;
	ret = nfp_wire_open(run, NFP_WIRE_HERE, &vf->vf);
	if (ret)
		return ret;
	ret_test->rests = vf != run->cast.sender;
	if (ret_test->rests)
		ret = host.ops->sender(host.ctx, false, &run->err);
	if (ret)
		return ret;
	ret_test->wire = nfp_run_wire(run, NFP_WIRE_HERE);
	return 0;
}

int nfp_port_begin(struct nfp_run *run, struct nfp_here_test *ret_test)
{
	int ret = nfp_wire_open(run, NFP_WIRE_PORT, NULL);

	if (ret)
		return ret;
	ret_test->port = nfp_run_wire(run, NFP_WIRE_PORT);
	return 0;
}

/* A style whose port is a second VF may need that one. */
int nfp_here_let_go(struct nfp_run *run, struct nfp_err *err)
{
	return nfp_backend_release_sibling(run->backend, NFP_SIBLING_LIVES, err);
}
