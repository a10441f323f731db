// SPDX-License-Identifier: GPL-2.0-or-later
/* guest.c - the prober's side of a reflector that plays a guest: what it heard, and the wire of a
 * neighbour that is made of that. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_priv.h"

#define ASK_NS (25 * NFP_NSEC_PER_MSEC)
/* The limits are those of a HELLO. */
#define TAKE_NS	     (300 * NFP_NSEC_PER_MSEC)
#define TAKE_ROUNDS  7
#define NUM_WAKE_FDS (sizeof(((struct nfp_stream_config *)NULL)->wake_fds) / sizeof(int))
/* Reports that are read before the frames that they are about are accounted for. */
#define REPORTS_MAX 16U

/* ---- the log: pure ---- */

void nfp_guest_log_sent(struct nfp_guest_log *log, uint64_t seq, enum nfp_kind kind,
			const uint8_t *data, size_t len)
{
	size_t at = seq % NFP_GUEST_SENT;

	log->sent[at].seq = seq;
	log->sent[at].kind = kind;
	log->sent[at].tag = frame_tag(data, len);
}

static void enter(struct nfp_guest_log *log, const struct nfp_heard_frame *heard,
		  struct nfp_frame_accounting *accounting, uint64_t seen_ns)
{
	size_t at = heard->seq % NFP_GUEST_SENT;

	if (!heard->seq || log->sent[at].seq != heard->seq || log->sent[at].tag != heard->tag)
		log->foreign++;
	else
		(void)nfp_accounting_seen(accounting, heard->seq, log->sent[at].kind, NFP_AT_PF,
					  seen_ns);
}

void nfp_guest_log_report(struct nfp_guest_log *log, const struct nfp_peer_frame *frame,
			  struct nfp_frame_accounting *accounting, uint64_t seen_ns)
{
	const struct nfp_peer_report *report = &frame->report;
	bool first = !log->asked;
	uint64_t more = report->heard - log->heard;

	if (frame->seq <= log->asked)
		return;
	log->asked = frame->seq;
	/* It counts anew, after a run of another prober: what it heard until then is lost. */
	if (report->heard < log->heard)
		more = UINT64_MAX;
	if (!first && report->drops != log->drops)
		log->unreported++;
	if (more > report->num) {
		log->unreported++;
		more = report->num;
	}
	log->heard = report->heard;
	log->drops = report->drops;
	for (unsigned int i = report->num - (unsigned int)more; i < report->num; i++)
		enter(log, &report->last[i], accounting, seen_ns);
}

/* ---- the wire ---- */

struct nfp_guest {
	struct nfp_stream_config config;
	struct nfp_peer_link *link; /* borrowed */
	struct nfp_stream *stream;
	struct nfp_wire wire; /* of the stream */
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	struct nfp_tap tap; /* the caller's */
	struct nfp_guest_log log;
	struct nfp_peer_guest wanted;
	uint64_t wanted_since; /* the number of the first GUEST that named these addresses */
	bool answered, taken;  /* by then, and: it has them */
	uint64_t lost;	       /* so often it said that it has them no more */
	uint64_t ask_ns;       /* when it is asked again */
	uint64_t announcements;
	struct nfp_frame_accounting *accounting; /* of the last pump; NULL: nothing was sent */
	struct nfp_peer_frame reports[REPORTS_MAX];
	unsigned int num_reports;
};

/* Keeps the tags of what is sent. */
static void on_tapped(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_guest *guest = ctx;

	if (tapped->what == NFP_TAP_SENT && tapped->data)
		nfp_guest_log_sent(&guest->log, tapped->seq, tapped->kind, tapped->data,
				   tapped->len);
	if (guest->tap.frame)
		guest->tap.frame(guest->tap.ctx, tapped);
}

static uint64_t ask_reflector(struct nfp_guest *guest)
{
	struct nfp_peer_frame frame = {.type = NFP_PEER_GUEST, .guest = guest->wanted};
	struct nfp_packet packet;
	uint64_t seq = link_make(guest->link, &frame, &packet);

	guest->ask_ns = nfp_clock_now() + ASK_NS;
	/* A question that could not be sent gets no answer, and another follows. */
	(void)nfp_inject_send(guest->inject, &packet, 1);
	return seq;
}

static void on_report(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_guest *guest = ctx;
	struct nfp_peer_frame *frame = &guest->reports[guest->num_reports];

	(void)real_ns;
	if (nfp_peer_parse(&nfp_peer_link_config(guest->link)->id, data, len, frame) ==
		    NFP_PEER_OURS &&
	    frame->type == NFP_PEER_REPORT && link_is_answer(guest->link, frame))
		guest->num_reports++;
}

/*
 * A frame is in the stream's queue before it is sent, so all that reports tell of is accounted for
 * once the queue is empty.
 */
static int take_reports(struct nfp_guest *guest, struct nfp_err *err)
{
	int num, ret = 0;

	do {
		guest->num_reports = 0;
		num = nfp_capture_drain(guest->capture, REPORTS_MAX, on_report, guest);
		if (guest->num_reports && guest->accounting)
			ret = guest->wire.ops->pump(guest->wire.ctx, 0, guest->accounting, err);
		for (unsigned int i = 0; i < guest->num_reports && ret >= 0; i++) {
			const struct nfp_peer_frame *frame = &guest->reports[i];
			bool news = frame->seq > guest->log.asked &&
				    frame->seq >= guest->wanted_since;
			bool right = frame->report.num_taken == guest->wanted.num;

			nfp_guest_log_report(&guest->log, frame, guest->accounting,
					     nfp_clock_now());
			guest->lost += news && guest->taken && !right;
			guest->answered |= news;
			guest->taken |= news && right;
		}
	} while (num == (int)REPORTS_MAX && ret >= 0);
	return ret < 0 ? ret : 0;
}

static uint64_t guest_now(void *ctx)
{
	(void)ctx;
	return nfp_clock_now();
}

static void guest_plan(void *ctx, const struct nfp_plan *plan)
{
	struct nfp_guest *guest = ctx;

	guest->wire.ops->plan(guest->wire.ctx, plan);
}

/* Is one of those readable that the caller wants to be woken by? */
static bool is_woken(const struct nfp_guest *guest)
{
	struct pollfd fds[NUM_WAKE_FDS];

	for (size_t i = 0; i < NUM_WAKE_FDS; i++)
		fds[i] = (struct pollfd) {.fd = guest->config.wake_fds[i], .events = POLLIN};
	return poll(fds, NUM_WAKE_FDS, 0) > 0;
}

static int guest_pump(void *ctx, uint64_t until_ns, struct nfp_frame_accounting *accounting,
		      struct nfp_err *err)
{
	struct nfp_guest *guest = ctx;
	bool woken = false;

	guest->accounting = accounting;
	do {
		uint64_t next_ns = until_ns;
		int ret;

		if (guest->wanted.num && nfp_clock_now() >= guest->ask_ns)
			(void)ask_reflector(guest);
		if (guest->wanted.num && guest->ask_ns < next_ns)
			next_ns = guest->ask_ns;
		ret = guest->wire.ops->pump(guest->wire.ctx, next_ns, accounting, err);
		woken = ret > 0 && is_woken(guest);
		ret = ret < 0 ? ret : take_reports(guest, err);
		if (ret < 0)
			return ret;
	} while (!woken && nfp_clock_now() < until_ns);
	return woken;
}

static int guest_announce(void *ctx, enum nfp_receiver at, const struct nfp_mac *mac,
			  struct nfp_err *err)
{
	struct nfp_guest *guest = ctx;
	const struct nfp_frame announcement = {
		.dst = nfp_mac_broadcast,
		.src = *mac,
		.kind = NFP_KIND_ANNOUNCE,
		.seq = ++guest->announcements,
		.sent_ns = nfp_clock_now(),
	};
	uint8_t bytes[NFP_FRAME_LEN_MAX];
	struct nfp_peer_frame frame = {.type = NFP_PEER_CARRY, .inner = bytes};
	struct nfp_packet packet;
	int ret;

	(void)at;
	nfp_frame_build(&guest->config.id, &announcement, bytes);
	(void)link_make(guest->link, &frame, &packet);
	ret = nfp_inject_send(guest->inject, &packet, 1);
	return ret < 0 ? nfp_err_errno(err, ret, NFP_E_KERNEL,
				       "cannot have the reflector announce the address")
		       : 0;
}

/* Asks until there is an answer. 0, answered or not, or what poll returns. */
static int await_answer(struct nfp_guest *guest, unsigned int rounds, struct nfp_err *err)
{
	int ret = 0;

	guest->wanted_since = UINT64_MAX;
	guest->answered = guest->taken = false;
	for (unsigned int i = 0; i < rounds && !guest->answered && ret >= 0; i++) {
		struct pollfd fd = {.fd = nfp_capture_fd(guest->capture), .events = POLLIN};
		uint64_t seq = ask_reflector(guest), until_ns = nfp_clock_now() + TAKE_NS;

		if (i == 0)
			guest->wanted_since = seq;
		do {
			ret = nfp_clock_poll(&fd, 1, until_ns);
			if (ret > 0)
				ret = take_reports(guest, err);
		} while (ret >= 0 && !guest->answered && nfp_clock_now() < until_ns);
	}
	return ret < 0 ? ret : 0;
}

static int guest_take(void *ctx, const struct nfp_mac macs[], size_t num, struct nfp_err *err)
{
	struct nfp_guest *guest = ctx;
	int ret;

	if (num)
		memcpy(guest->wanted.macs, macs, num * sizeof(*macs));
	guest->wanted.num = (unsigned int)num;
	ret = await_answer(guest, num ? TAKE_ROUNDS : 1, err);
	if (ret < 0)
		return nfp_err_errno(err, ret, ret == -EINTR ? NFP_E_INTERRUPTED : NFP_E_KERNEL,
				     "cannot ask the reflector to take the address");
	if (!num || guest->taken)
		return 0;
	guest->wanted.num = 0;
	if (!guest->answered)
		return nfp_err_set(err, -ENOLINK, NFP_E_NO_SOURCE,
				   "the reflector does not answer any more");
	return nfp_err_set(err, -EADDRNOTAVAIL, NFP_E_SOURCE_UNUSABLE,
			   "the reflector does not take the address: it is in use there, or is "
			   "not locally administered");
}

static void guest_stats(void *ctx, struct nfp_wire_stats *ret_stats)
{
	struct nfp_guest *guest = ctx;

	guest->wire.ops->stats(guest->wire.ctx, ret_stats);
	ret_stats->foreign += guest->log.foreign;
	ret_stats->drops += nfp_capture_drops(guest->capture);
	ret_stats->unreported = guest->log.unreported + guest->lost;
}

int nfp_guest_open(const struct nfp_stream_config *config, struct nfp_peer_link *link,
		   struct nfp_guest **ret_guest, struct nfp_err *err)
{
	struct nfp_guest *guest = nfp_calloc(1, sizeof(*guest));
	const struct nfp_netdev *pf = &nfp_peer_link_config(link)->pf;
	struct nfp_stream_config own = *config;
	int ret;

	guest->config = *config;
	guest->tap = config->tap;
	guest->link = link;
	memcpy(guest->wanted.run, config->id.run, NFP_RUN_ID_LEN);
	ret = nfp_capture_open(pf, nfp_peer_filter, 0, NFP_REPORT_LEN_MAX, false, &guest->capture,
			       err)
		      ?: nfp_inject_open(pf, &guest->inject, err);
	if (!ret) {
		own.tap = (struct nfp_tap) {.frame = on_tapped, .ctx = guest};
		own.wake_fds[NUM_WAKE_FDS - 1] = nfp_capture_fd(guest->capture);
		ret = nfp_stream_open(&own, &guest->stream, err);
	}
	if (!ret) {
		guest->wire = nfp_stream_wire(guest->stream);
		ret = await_answer(guest, TAKE_ROUNDS, err);
		if (!ret && !guest->answered)
			ret = -ENOLINK;
	}
	if (ret)
		nfp_guest_close(guest);
	else
		*ret_guest = guest;
	return ret;
}

void nfp_guest_close(struct nfp_guest *guest)
{
	if (!guest)
		return;
	/* If this is lost, the reflector does so by itself. */
	if (guest->wanted.num) {
		guest->wanted.num = 0;
		(void)ask_reflector(guest);
	}
	nfp_stream_close(guest->stream);
	nfp_inject_close(guest->inject);
	nfp_capture_close(guest->capture);
	free(guest);
}

struct nfp_wire nfp_guest_wire(struct nfp_guest *guest)
{
	static const struct nfp_wire_ops ops = {
		.now = guest_now,
		.plan = guest_plan,
		.pump = guest_pump,
		.announce = guest_announce,
		.take = guest_take,
		.stats = guest_stats,
	};

	return (struct nfp_wire) {.ops = &ops, .ctx = guest};
}
