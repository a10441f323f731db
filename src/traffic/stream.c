// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - struct nfp_wire over real netdevs: the thread of frames, the frame accounting, and
 * what is sent beside the schedule. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "traffic_priv.h"

#define NUM_WAKE_FDS (sizeof(((struct nfp_stream_config *)NULL)->wake_fds) / sizeof(int))

/* Pump empties the queue this often, so that a long wait needs no long queue. */
#define DRAIN_NS (50 * NFP_NSEC_PER_MSEC)

/* PF and VF send few frames, and only these pass the filters of these captures. */
#define OTHERS_BUFFER	(128U << 10)
#define OTHERS_READ_MAX 64U
/* So many announcements are remembered, with where they were heard. */
#define ANNOUNCED_MAX 64U

/* A frame that was announced to everybody. */
struct announced {
	struct nfp_mac mac; /* its source; zero: it was for the PF alone */
	uint64_t sent_ns;
	enum nfp_receiver from;
	bool at_source, at_pf;
};

/* The place where an announcement is heard. */
enum ear {
	EAR_SOURCE, /* at the sender's netdev */
	EAR_PF,	    /* coming in at the PF */
	NUM_EARS,
};

struct nfp_stream {
	struct nfp_stream_config config;
	struct nfp_codec test_frames; /* the codec, unless config has one */
	struct io *io;
	struct nfp_inject *announcer;
	struct nfp_capture *ears[NUM_EARS];	   /* NULL: not yet, or it cannot be opened */
	uint64_t announcements;			   /* so many were sent, numbered from 1 */
	uint64_t counted;			   /* so many were returned by announced */
	struct announced announced[ANNOUNCED_MAX]; /* by number */
	struct nfp_netdev vf;	     /* the netdev of the VF's capture, or of the last one */
	struct strangers *strangers; /* NULL: none are listened for */
	struct nfp_frame_accounting *accounting; /* of the pump that is going on */
	uint64_t uncounted; /* frames seen that the accounting takes for impossible, or late */
};

/* ---- test frames ---- */

static unsigned int test_make(void *ctx, const struct nfp_frame *frame,
			      struct nfp_packet packets[NFP_CODEC_PACKETS])
{
	packets[0].len = nfp_frame_build(ctx, frame, packets[0].data);
	return 1;
}

/* ---- the wire ---- */

static uint64_t stream_now(void *ctx)
{
	(void)ctx;
	return nfp_clock_now();
}

static void stream_plan(void *ctx, const struct nfp_plan *plan)
{
	struct nfp_stream *stream = ctx;

	io_plan(stream->io, plan);
}

/* Enters what the thread did into the frame accounting, and passes it to the tap. */
static void on_event(void *ctx, const struct io_event *event, const uint8_t *data)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_tap *tap = &stream->config.tap;
	const struct nfp_tap_event tapped = {
		.what = (enum nfp_tap_what)event->what,
		.seq = event->seq,
		.ns = event->ns,
		.kind = (enum nfp_kind)event->kind,
		.at = (enum nfp_receiver)event->at,
		.data = event->len ? data : NULL,
		.len = event->len,
	};
	enum nfp_rx_outcome record;

	if (tapped.what == NFP_TAP_SENT && !event->more) {
		/* Never refused: the sender counts up, and its clock does not go back. */
		(void)nfp_accounting_sent(stream->accounting, event->seq, tapped.kind, event->ns);
	} else if (tapped.what == NFP_TAP_UNSENT) {
		nfp_accounting_unsent(stream->accounting, event->seq);
	} else if (tapped.what == NFP_TAP_SEEN) {
		record = nfp_accounting_seen(stream->accounting, event->seq, tapped.kind, tapped.at,
					     event->ns);
		stream->uncounted += record == NFP_RX_IMPOSSIBLE || record == NFP_RX_LATE;
	}
	if (tap->frame)
		tap->frame(tap->ctx, &tapped);
}

static int stream_pump(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		       struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	struct pollfd fds[NUM_WAKE_FDS];
	int num = 0;

	stream->accounting = accounting;
	/* poll ignores negative ones. */
	for (size_t i = 0; i < NUM_WAKE_FDS; i++)
		fds[i] = (struct pollfd) {.fd = stream->config.wake_fds[i], .events = POLLIN};
	for (;;) {
		uint64_t now;

		io_take(stream->io, false, on_event, stream);
		now = nfp_clock_now();
		if (num)
			return 1;
		if (now >= until_ns)
			break;
		num = nfp_clock_poll(fds, NUM_WAKE_FDS,
				     until_ns - now > DRAIN_NS ? now + DRAIN_NS : until_ns);
		/* A signal wakes, too. */
		if (num < 0 && num != -EINTR)
			return nfp_err_errno(err, num, NFP_E_KERNEL, "cannot wait for frames");
	}
	/*
	 * On a machine short of processors the thread may not have run for a while. A frame that
	 * the kernel has is not lost because nobody has read it yet.
	 */
	io_take(stream->io, true, on_event, stream);
	return 0;
}

/* Passes a frame that is not accounted for to the tap, if there is one. */
static void tap_other(const struct nfp_stream *stream, enum nfp_tap_what what, enum nfp_receiver at,
		      uint64_t ns, const uint8_t *data, size_t len)
{
	const struct nfp_tap *tap = &stream->config.tap;
	const struct nfp_tap_event tapped = {
		.what = what, .at = at, .ns = ns, .data = data, .len = len};

	if (tap->frame)
		tap->frame(tap->ctx, &tapped);
}

/* Sends from the PF, or from the VF: untagged, as a guest does, since the NIC adds the VLAN. */
static int send_other(struct nfp_stream *stream, enum nfp_receiver at, struct nfp_packet *packet,
		      const char *what, struct nfp_err *err)
{
	const struct nfp_netdev *from = at == NFP_AT_VF ? &stream->vf : &stream->config.pf;
	struct nfp_inject *inject = NULL;
	int ret = at == NFP_AT_VF ? nfp_inject_open(from, &inject, err) : 0;

	if (ret)
		return ret;
	ret = nfp_inject_send(inject ? inject : stream->announcer, packet, 1);
	nfp_inject_close(inject);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot %s from %s", what,
				     from->ifname);
	tap_other(stream, NFP_TAP_OTHER, at, nfp_clock_now(), packet->data, packet->len);
	return 0;
}

static struct nfp_vlan vlan_at(const struct nfp_stream *stream, enum nfp_receiver at)
{
	const struct nfp_vlan untagged = {.vid = 0};

	return at == NFP_AT_VF ? untagged : stream->config.pf_vlan;
}

/* Returns the VLAN in which the test MAC and the group are announced as well. */
static struct nfp_vlan copy_vlan(const struct nfp_stream *stream)
{
	return (struct nfp_vlan) {.vid = stream->config.copy_vlan};
}

static int announce_in(struct nfp_stream *stream, enum nfp_receiver at, const struct nfp_mac *mac,
		       struct nfp_vlan vlan, struct nfp_err *err)
{
	const struct nfp_frame frame = {
		.dst = nfp_mac_broadcast,
		.src = *mac,
		.vlan = vlan,
		.kind = NFP_KIND_ANNOUNCE,
		.seq = ++stream->announcements,
		.sent_ns = nfp_clock_now(),
	};
	struct nfp_packet packets[NFP_ANNOUNCEMENT_PACKETS];
	int ret = 0;

	stream->announced[frame.seq % ANNOUNCED_MAX] = (struct announced) {.sent_ns = UINT64_MAX};
	nfp_announcement_build(&stream->config.id, &frame, packets);
	for (size_t i = 0; i < NFP_ANNOUNCEMENT_PACKETS && !ret; i++)
		ret = send_other(stream, at, &packets[i], "announce the address", err);
	return ret;
}

/* A guest also talks to its host, and a bridge learns from that, too: sends announcement number
 * @seq once more, to the PF alone. A frame that cannot be sent teaches nobody. */
static void announce_to_pf(struct nfp_stream *stream, const struct nfp_mac *mac, uint64_t seq)
{
	const struct nfp_frame frame = {
		.dst = stream->config.pf_mac,
		.src = *mac,
		.kind = NFP_KIND_ANNOUNCE,
		.seq = seq,
		.sent_ns = nfp_clock_now(),
	};
	struct nfp_packet packet;

	packet.len = nfp_frame_build(&stream->config.id, &frame, packet.data);
	(void)send_other(stream, NFP_AT_VF, &packet, "announce the address", NULL);
}

static int stream_announce(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			   struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const uint64_t seq = stream->announcements + 1;
	struct announced told = {.mac = *mac, .sent_ns = nfp_clock_now(), .from = at};
	int ret;

	ret = announce_in(stream, at, mac, vlan_at(stream, at), err);
	if (!ret)
		stream->announced[seq % ANNOUNCED_MAX] = told;
	if (!ret && at == NFP_AT_VF)
		announce_to_pf(stream, mac, seq);
	if (ret || !stream->config.copy_vlan)
		return ret;
	/* A switch learns in each VLAN apart. A frame that cannot be sent shows as a silence. */
	(void)announce_in(stream, at, mac, copy_vlan(stream), NULL);
	if (at == NFP_AT_PF)
		(void)announce_in(stream, at, &stream->config.pf_mac, copy_vlan(stream), NULL);
	return 0;
}

static int stream_report(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			 const struct nfp_mac *group, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_mac *from = at == NFP_AT_VF ? mac : &stream->config.pf_mac;
	struct nfp_vlan vlan = vlan_at(stream, at);
	struct nfp_packet packet;
	int ret;

	packet.len = nfp_mld_build(from, group, &vlan, packet.data);
	ret = send_other(stream, at, &packet, "send an MLD report", err);
	if (ret || !stream->config.copy_vlan)
		return ret;
	vlan = copy_vlan(stream);
	packet.len = nfp_mld_build(from, group, &vlan, packet.data);
	(void)send_other(stream, at, &packet, "send an MLD report", NULL);
	return 0;
}

/* ---- what PF and VF send ---- */

/* Returns the announcement that the frame belongs to. NULL: none that counts. A frame in copy_vlan
 * is a copy. */
static struct announced *announced_by(struct nfp_stream *stream, const struct nfp_frame *frame)
{
	struct announced *announced = &stream->announced[frame->seq % ANNOUNCED_MAX];
	uint16_t copy = stream->config.copy_vlan;

	return frame->kind == NFP_KIND_ANNOUNCE && frame->seq > stream->counted &&
			       frame->seq <= stream->announcements &&
			       stream->announcements - frame->seq < ANNOUNCED_MAX &&
			       nfp_mac_equal(&announced->mac, &frame->src) &&
			       !(copy && frame->vlan.vid == copy)
		       ? announced
		       : NULL;
}

static bool is_ours(const struct nfp_stream *stream, const uint8_t *data, size_t len,
		    struct nfp_frame *ret_frame)
{
	return nfp_frame_parse(&stream->config.id, data, len, ret_frame) == NFP_FRAME_OURS;
}

static void on_source(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_clock_pair now = nfp_clock_read();
	struct announced *announced;
	struct nfp_frame frame;

	tap_other(stream, NFP_TAP_AT_SENDER, NFP_AT_PF, real_ns - (now.real_ns - now.mono_ns), data,
		  len);
	if (!is_ours(stream, data, len, &frame))
		return;
	announced = announced_by(stream, &frame);
	if (announced)
		announced->at_source = true;
}

static void on_pf(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_stream *stream = ctx;
	struct announced *announced;
	struct nfp_frame frame;

	(void)real_ns;
	announced = is_ours(stream, data, len, &frame) ? announced_by(stream, &frame) : NULL;
	if (announced)
		announced->at_pf = true;
}

/* Opens the capture unless it is open, for frames of this run that PF and VF have sent. */
static void open_ear(struct nfp_stream *stream, enum ear ear)
{
	const struct nfp_stream_config *config = &stream->config;
	const struct nfp_netdev *at = ear == EAR_SOURCE ? &config->sender : &config->pf;
	char run[NFP_CAPTURE_FILTER_LEN], filter[NFP_CAPTURE_FILTER_LEN + 64];

	if (stream->ears[ear])
		return;
	nfp_capture_filter(&config->id, run);
	snprintf(filter, sizeof(filter), "(%s) and (ether[19] = %d or ether[23] = %d)", run,
		 NFP_KIND_ANNOUNCE, NFP_KIND_ANNOUNCE);
	(void)nfp_capture_open(at, filter, OTHERS_BUFFER, false, &stream->ears[ear], NULL);
}

/* False: it is deaf, or has lost frames, so that missing ones prove nothing. */
static bool read_ear(struct nfp_stream *stream, enum ear ear)
{
	struct nfp_capture *capture = stream->ears[ear];

	if (!capture)
		return false;
	while (nfp_capture_drain(capture, OTHERS_READ_MAX, ear == EAR_SOURCE ? on_source : on_pf,
				 stream) == (int)OTHERS_READ_MAX)
		;
	return nfp_capture_drops(capture) == 0;
}

static void stream_announced(void *ctx, const struct nfp_mac *mac,
			     struct nfp_announced_count ret_count[NFP_RECEIVER_COUNT])
{
	struct nfp_stream *stream = ctx;
	uint64_t now = nfp_clock_now(), sent = stream->announcements, first = stream->counted + 1;
	bool all_heard;

	for (int from = 0; from < NFP_RECEIVER_COUNT; from++)
		ret_count[from] = (struct nfp_announced_count) {0};
	open_ear(stream, EAR_SOURCE);
	open_ear(stream, EAR_PF);
	(void)read_ear(stream, EAR_SOURCE);
	all_heard = read_ear(stream, EAR_PF);
	if (sent - stream->counted > ANNOUNCED_MAX)
		first = sent - ANNOUNCED_MAX + 1;
	for (uint64_t seq = first; seq <= sent; seq++) {
		const struct announced *a = &stream->announced[seq % ANNOUNCED_MAX];
		struct nfp_announced_count *count = &ret_count[a->from];

		if (!nfp_mac_equal(&a->mac, mac))
			continue;
		count->sent++;
		count->at_pf += a->at_pf;
		count->at_source_only += a->at_source && !a->at_pf && all_heard &&
					 now - a->sent_ns >= NFP_ANNOUNCED_NS;
	}
	stream->counted = sent;
}

/* Replaces the capture at @at by one of @netdev (NULL: none). On error the old one stays. */
static int listen_at(struct nfp_stream *stream, int at, const struct nfp_netdev *netdev, bool early,
		     struct nfp_err *err)
{
	const char *filter = stream->config.codec->filter;
	char own[NFP_CAPTURE_FILTER_LEN];
	struct nfp_capture *capture = NULL;
	int ret = 0;

	nfp_capture_filter(&stream->config.id, own);
	if (netdev)
		ret = nfp_capture_open(netdev, filter ? filter : own, stream->config.buffer_bytes,
				       early, &capture, err);
	if (!ret)
		io_listen(stream->io, at, capture);
	return ret;
}

static int stream_listen_vf(void *ctx, const struct nfp_netdev *vf, bool early, struct nfp_err *err)
{
	struct nfp_stream *stream = ctx;
	const struct nfp_tap *tap = &stream->config.tap;
	int ret = listen_at(stream, NFP_AT_VF, vf, early, err);

	if (!ret && vf)
		stream->vf = *vf;
	if (!ret && vf && tap->listens)
		tap->listens(tap->ctx, vf);
	return ret;
}

static int stream_listen_standby(void *ctx, const struct nfp_netdev *child, struct nfp_err *err)
{
	return listen_at(ctx, LISTENER_CHILD, child, false, err);
}

static void stream_stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	struct nfp_stream *stream = ctx;

	io_stats(stream->io, ret_stats);
	ret_stats->foreign += stream->uncounted;
	if (stream->strangers)
		ret_stats->strangers = strangers_heard(stream->strangers);
}

int nfp_stream_open(const struct nfp_stream_config *config, struct nfp_stream **ret_stream,
		    struct nfp_err *err)
{
	static const struct nfp_codec_ops test_frames = {.make = test_make};
	struct nfp_stream *stream = nfp_calloc(1, sizeof(*stream));
	int ret;

	stream->config = *config;
	stream->test_frames = (struct nfp_codec) {&test_frames, &stream->config.id, NULL};
	if (!config->codec)
		stream->config.codec = &stream->test_frames;
	ret = io_open(&stream->config, &stream->io, err);
	if (!ret && config->pf.ifindex)
		ret = listen_at(stream, NFP_AT_PF, &config->pf, false, err)
			      ?: nfp_inject_open(&config->pf, &stream->announcer, err);
	if (!ret && !nfp_mac_is_zero(&config->elsewhere))
		ret = strangers_open(&stream->config, &stream->strangers, err);
	if (ret)
		nfp_stream_close(stream);
	else
		*ret_stream = stream;
	return ret;
}

void nfp_stream_close(struct nfp_stream *stream)
{
	if (!stream)
		return;
	io_close(stream->io);
	for (int ear = 0; ear < NUM_EARS; ear++)
		nfp_capture_close(stream->ears[ear]);
	strangers_close(stream->strangers);
	nfp_inject_close(stream->announcer);
	free(stream);
}

struct nfp_wire nfp_stream_wire(struct nfp_stream *stream)
{
	static const struct nfp_wire_ops ops = {
		.now = stream_now,
		.plan = stream_plan,
		.pump = stream_pump,
		.announce = stream_announce,
		.announced = stream_announced,
		.report = stream_report,
		.listen_vf = stream_listen_vf,
		.listen_standby = stream_listen_standby,
		.stats = stream_stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = stream};
}
