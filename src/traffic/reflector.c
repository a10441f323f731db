// SPDX-License-Identifier: GPL-2.0-or-later
/* reflector.c - the other host's end of a run: what it may send on, and the loop that sends. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/random.h>

#include "traffic_priv.h"

#define WINDOW 64 /* how many frames may overtake one: NICs with many queues reorder */
/* How long a netdev without frames may be gone before that is noticed. */
#define LOOK_NS (100 * NFP_NSEC_PER_MSEC)

/*
 * The reflector sends on the frames of one run at a time. A HELLO changes nothing: its sender
 * learns the session that is offered, which no recorded frame can carry. The first frame that
 * carries it comes from a prober that is there, and that prober's run replaces the one before.
 */
struct nfp_reflect {
	struct nfp_reflector_config config;
	/* The two budgets of may_pass: for the run, and for anybody's HELLO. */
	uint64_t due_ns, hello_due_ns;
	uint64_t offered; /* the session of the next run */
	uint64_t session; /* the session of this run; 0: there is none */
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t highest; /* sequence number of the run */
	uint64_t seen;	  /* bit n: highest - n has arrived */
};

const char *nfp_reflect_outcome_text(enum nfp_reflect_outcome outcome)
{
	static const char *const texts[NFP_REFLECT_OUTCOMES] = {
		[NFP_REFLECT_SENT_ON] = "forwarded",
		[NFP_REFLECT_ANSWERED] = "answered",
		[NFP_REFLECT_NOT_FOR_US] = "for another station",
		[NFP_REFLECT_OTHER_ID] = "with another id, or forged",
		[NFP_REFLECT_MALFORMED] = "malformed",
		[NFP_REFLECT_OTHER_SESSION] = "of an earlier session",
		[NFP_REFLECT_REPEATED] = "repeated, or much too late",
		[NFP_REFLECT_REFUSED] = "of a kind that is never forwarded",
		[NFP_REFLECT_OVER_RATE] = "over the rate",
		[NFP_REFLECT_UNSENT] = "that the kernel would not send",
	};

	return (unsigned int)outcome < NFP_REFLECT_OUTCOMES ? texts[outcome] : "?";
}

uint64_t nfp_reflect_cap(unsigned int rate)
{
	uint64_t sent = (uint64_t)rate + NFP_PEER_CONTROLS;

	return sent + sent / 10 + 1;
}

struct nfp_reflect *nfp_reflect_new(const struct nfp_reflector_config *config)
{
	struct nfp_reflect *reflect = nfp_calloc(1, sizeof(*reflect));

	reflect->config = *config;
	reflect->offered = config->session;
	return reflect;
}

/* Passes evenly spaced frames, up to a second's worth at once (the generic cell rate algorithm). */
static bool may_pass(uint64_t *due_ns, uint64_t per_second, uint64_t now_ns)
{
	uint64_t interval_ns = NFP_NSEC_PER_SEC / per_second;

	if (*due_ns < now_ns)
		*due_ns = now_ns;
	if (*due_ns - now_ns > NFP_NSEC_PER_SEC - interval_ns)
		return false;
	*due_ns += interval_ns;
	return true;
}

/*
 * A frame of the run comes once. Anybody who recorded a HELLO of another run can send that at will,
 * so HELLOs have a budget of their own, and the run never lacks its share.
 */
static bool may_serve_run(struct nfp_reflect *reflect, uint64_t now_ns)
{
	return may_pass(&reflect->due_ns, nfp_reflect_cap(reflect->config.rate) - NFP_PEER_HELLOS,
			now_ns);
}

/* True the first time. A frame that 64 others overtook counts as repeated. */
static bool is_fresh(struct nfp_reflect *reflect, uint64_t seq)
{
	uint64_t back;

	if (seq > reflect->highest) {
		uint64_t ahead = seq - reflect->highest;

		reflect->seen = ahead < WINDOW ? reflect->seen << ahead : 0;
		reflect->highest = seq;
	}
	back = reflect->highest - seq;
	if (back >= WINDOW || (reflect->seen >> back & 1))
		return false;
	reflect->seen |= UINT64_C(1) << back;
	return true;
}

/* ---- what is sent on ---- */

/* True for a test frame of the carrier's run with our source, to where frames of its kind go. */
static bool may_send(const struct nfp_reflect *reflect, const struct nfp_peer_frame *carrier,
		     struct nfp_frame *ret_frame)
{
	/* The groups of ff02::1:ff00:0/104 (RFC 2464, section 7; RFC 4291, section 2.7.1). */
	static const uint8_t solicited_node[] = {0x33, 0x33, 0xff};
	const struct nfp_mac *dst = &ret_frame->dst;
	const struct nfp_kind_row *row;

	if (nfp_frame_peek(carrier->run, carrier->inner, NFP_PEER_INNER_LEN, ret_frame) !=
		    NFP_FRAME_OURS ||
	    !nfp_mac_equal(&ret_frame->src, &reflect->config.mac))
		return false;
	row = &nfp_kinds[ret_frame->kind];
	if (ret_frame->kind >= NFP_KIND_COUNT || row->tagged)
		return false;
	switch (row->to) {
	case NFP_TO_X:
	case NFP_TO_UNREGISTERED:
		return !nfp_mac_is_multicast(dst) && !nfp_mac_is_zero(dst);
	case NFP_TO_EVERYBODY:
		return nfp_mac_equal(dst, &nfp_mac_broadcast);
	case NFP_TO_ALL_NODES:
		return nfp_mac_equal(dst, &nfp_mac_all_nodes);
	case NFP_TO_GROUP:
	case NFP_TO_UNJOINED:
		return memcmp(dst->b, solicited_node, sizeof(solicited_node)) == 0;
	default:
		return false;
	}
}

static bool is_of_run(const struct nfp_reflect *reflect, const struct nfp_peer_frame *frame)
{
	return reflect->session && memcmp(reflect->run, frame->run, NFP_RUN_ID_LEN) == 0;
}

static enum nfp_reflect_outcome answer_hello(struct nfp_reflect *reflect,
					     const struct nfp_peer_frame *hello, uint64_t now_ns,
					     struct nfp_packet *ret_packet)
{
	const struct nfp_reflector_config *config = &reflect->config;
	struct nfp_peer_frame frame = {
		.dst = hello->src,
		.src = config->mac,
		.vlan = hello->vlan,
		.type = NFP_PEER_WELCOME,
		.session = is_of_run(reflect, hello) ? reflect->session : reflect->offered,
		.seq = hello->seq,
		.rate = config->rate,
	};

	if (is_of_run(reflect, hello) && !is_fresh(reflect, hello->seq))
		return NFP_REFLECT_REPEATED;
	if (is_of_run(reflect, hello) ? !may_serve_run(reflect, now_ns)
				      : !may_pass(&reflect->hello_due_ns, NFP_PEER_HELLOS, now_ns))
		return NFP_REFLECT_OVER_RATE;
	if (config->deadline_ns > now_ns)
		frame.left_s = (uint32_t)((config->deadline_ns - now_ns) / NFP_NSEC_PER_SEC);
	memcpy(frame.run, hello->run, NFP_RUN_ID_LEN);
	ret_packet->len = nfp_peer_build(&config->id, &frame, ret_packet->data);
	return NFP_REFLECT_ANSWERED;
}

enum nfp_reflect_outcome nfp_reflect_handle(struct nfp_reflect *reflect, const uint8_t *data,
					    size_t len, uint64_t now_ns,
					    struct nfp_packet *ret_packet)
{
	struct nfp_peer_frame frame;
	struct nfp_frame inner;
	enum nfp_peer_check check = nfp_peer_parse(&reflect->config.id, data, len, &frame);
	bool to_us, to_all;

	if (check == NFP_PEER_OTHER_ID)
		return NFP_REFLECT_OTHER_ID;
	if (check == NFP_PEER_FOREIGN)
		return NFP_REFLECT_NOT_FOR_US;
	if (check != NFP_PEER_OURS)
		return NFP_REFLECT_MALFORMED;
	to_us = nfp_mac_equal(&frame.dst, &reflect->config.mac);
	to_all = nfp_mac_equal(&frame.dst, &nfp_mac_broadcast);
	if (frame.type == NFP_PEER_HELLO && (to_us || to_all))
		return answer_hello(reflect, &frame, now_ns, ret_packet);
	if (frame.type != NFP_PEER_CARRY || !to_us)
		return NFP_REFLECT_NOT_FOR_US;
	if (frame.session == reflect->offered) {
		reflect->session = reflect->offered++;
		memcpy(reflect->run, frame.run, NFP_RUN_ID_LEN);
		reflect->highest = frame.seq;
		reflect->seen = 0;
	}
	if (!is_of_run(reflect, &frame) || frame.session != reflect->session)
		return NFP_REFLECT_OTHER_SESSION;
	if (!is_fresh(reflect, frame.seq))
		return NFP_REFLECT_REPEATED;
	if (!may_send(reflect, &frame, &inner))
		return NFP_REFLECT_REFUSED;
	if (!may_serve_run(reflect, now_ns))
		return NFP_REFLECT_OVER_RATE;
	ret_packet->len = nfp_peer_reflect(frame.inner, &frame.vlan, ret_packet->data);
	return NFP_REFLECT_SENT_ON;
}

/* ---- the loop: one thread, one capture, one socket ---- */

struct reflect_loop {
	struct nfp_reflect *reflect;
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	struct nfp_reflector_report *report;
	/* These are sent after this read of the capture. */
	struct nfp_packet packets[NFP_INJECT_BATCH];
	enum nfp_reflect_outcome outcomes[NFP_INJECT_BATCH];
	unsigned int num;
};

static void reflect_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct reflect_loop *loop = ctx;
	enum nfp_reflect_outcome outcome = nfp_reflect_handle(
		loop->reflect, data, len, nfp_clock_now(), &loop->packets[loop->num]);

	(void)real_ns;
	loop->report->received++;
	loop->report->outcome[outcome]++;
	if (outcome == NFP_REFLECT_SENT_ON || outcome == NFP_REFLECT_ANSWERED)
		loop->outcomes[loop->num++] = outcome;
}

/* Asks through the open socket: by now the name might belong to another netdev. */
static bool is_gone(const struct nfp_capture *capture, int ifindex)
{
	struct ifreq request = {.ifr_ifindex = ifindex};

	return ioctl(nfp_capture_fd(capture), SIOCGIFNAME, &request) < 0 && errno == ENODEV;
}

static int reflect_until_stopped(struct reflect_loop *loop, struct nfp_err *err)
{
	const struct nfp_reflector_config *config = &loop->reflect->config;
	struct nfp_capture *capture = loop->capture;
	uint64_t now;
	int got = 1;

	while ((now = nfp_clock_now()) < config->deadline_ns) {
		struct pollfd fds[2] = {
			{.fd = config->stop_fd, .events = POLLIN},
			{.fd = got < 0 ? -1 : nfp_capture_fd(capture), .events = POLLIN},
		};
		unsigned int sent;
		int ret;

		if (got <= 0 && is_gone(capture, config->netdev.ifindex))
			return nfp_err_errno(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone",
					     config->netdev.ifname);
		ret = nfp_clock_poll(fds, 2, MIN(config->deadline_ns, now + LOOK_NS));
		if (ret < 0 && ret != -EINTR)
			return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot wait for frames");
		loop->report->stopped = fds[0].revents != 0;
		if (loop->report->stopped)
			return 0;
		/* At most a batch is read at once. */
		loop->num = 0;
		got = nfp_capture_drain(capture, NFP_INJECT_BATCH, reflect_frame, loop);
		/* Frames that the kernel refuses are dropped: the prober counts them as lost. */
		sent = nfp_inject_all(loop->inject, loop->packets, loop->num);
		for (unsigned int i = sent; i < loop->num; i++) {
			loop->report->outcome[loop->outcomes[i]]--;
			loop->report->outcome[NFP_REFLECT_UNSENT]++;
		}
	}
	return 0;
}

int nfp_reflector_run(const struct nfp_reflector_config *config,
		      int (*opened)(void *ctx, const struct nfp_reflector_config *config),
		      void *ctx, struct nfp_reflector_report *ret_report, struct nfp_err *err)
{
	struct nfp_reflector_config rules = *config;
	struct reflect_loop loop = {.report = ret_report};
	int ret;

	*ret_report = (struct nfp_reflector_report) {.began_ns = nfp_clock_now()};
	if (getrandom(&rules.session, sizeof(rules.session), 0) != (ssize_t)sizeof(rules.session))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	/* Never 0, not even after counting up for each run. */
	rules.session = rules.session >> 1 | 1;
	ret = nfp_capture_open(&config->netdev, nfp_peer_filter, 0, false, &loop.capture, err)
		      ?: nfp_inject_open(&config->netdev, &loop.inject, err)
		      ?: opened(ctx, config);
	if (!ret) {
		loop.reflect = nfp_reflect_new(&rules);
		ret = reflect_until_stopped(&loop, err);
		ret_report->ended_ns = nfp_clock_now();
		ret_report->drops = nfp_capture_drops(loop.capture);
	}
	free(loop.reflect);
	nfp_inject_close(loop.inject);
	nfp_capture_close(loop.capture);
	return ret;
}
