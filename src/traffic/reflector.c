// SPDX-License-Identifier: GPL-2.0-or-later
/* reflector.c - the other host's end of a run: what it may send on, and the loop that does. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "traffic_priv.h"

#define RUNS_MAX    64 /* that it knows; the next one takes the place of the oldest */
#define WINDOW	    64 /* frames that may overtake one: NICs with many queues reorder */
#define OTHER_KINDS 40 /* broadcast and stranger, 20 a second each */
#define HELLO_RATE  20
/* A netdev that is down is asked again after this. */
#define DOWN_NS (100 * NFP_NSEC_PER_MSEC)

/*
 * A prober's run that said HELLO. Each has a session of its own, so what was recorded of a run that
 * is not known any more is of no use to anybody.
 */
struct known_run {
	uint8_t run[NFP_RUN_ID_LEN];
	uint64_t session; /* 0: no run */
	uint64_t highest; /* sequence number, and bit n: highest - n has been here */
	uint64_t seen;
};

/* Evenly spaced frames, up to a second's worth at once (the generic cell rate algorithm). */
struct meter {
	uint64_t interval_ns;
	uint64_t due_ns;
};

struct nfp_reflect {
	struct nfp_reflector_config config;
	struct meter carry, hello;
	struct known_run runs[RUNS_MAX];
	size_t num_runs; /* so far */
};

const char *nfp_reflect_outcome_text(enum nfp_reflect_outcome outcome)
{
	static const char *const texts[NFP_REFLECT_OUTCOMES] = {
		[NFP_REFLECT_SENT_ON] = "sent on",
		[NFP_REFLECT_ANSWERED] = "answered",
		[NFP_REFLECT_NOT_FOR_US] = "for another station",
		[NFP_REFLECT_OTHER_ID] = "with another id, or forged",
		[NFP_REFLECT_MALFORMED] = "malformed",
		[NFP_REFLECT_OTHER_SESSION] = "of an earlier reflector's time",
		[NFP_REFLECT_REPEATED] = "repeated, or much too late",
		[NFP_REFLECT_REFUSED] = "that carried what is never sent on",
		[NFP_REFLECT_OVER_RATE] = "over the rate",
		[NFP_REFLECT_UNSENT] = "that the kernel would not send",
	};

	return (unsigned int)outcome < NFP_REFLECT_OUTCOMES ? texts[outcome] : "?";
}

uint64_t nfp_reflect_cap(unsigned int rate)
{
	uint64_t all = (uint64_t)rate + OTHER_KINDS;

	return all + all / 10 + 1;
}

struct nfp_reflect *nfp_reflect_new(const struct nfp_reflector_config *config)
{
	struct nfp_reflect *reflect = nfp_calloc(1, sizeof(*reflect));

	reflect->config = *config;
	reflect->carry.interval_ns = NFP_NSEC_PER_SEC / nfp_reflect_cap(config->rate);
	reflect->hello.interval_ns = NFP_NSEC_PER_SEC / HELLO_RATE;
	return reflect;
}

static bool within_rate(struct meter *meter, uint64_t now_ns)
{
	if (meter->due_ns < now_ns)
		meter->due_ns = now_ns;
	if (meter->due_ns - now_ns > NFP_NSEC_PER_SEC - meter->interval_ns)
		return false;
	meter->due_ns += meter->interval_ns;
	return true;
}

static struct known_run *find_run(struct nfp_reflect *reflect, const uint8_t run[NFP_RUN_ID_LEN])
{
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (reflect->runs[i].session &&
		    memcmp(reflect->runs[i].run, run, NFP_RUN_ID_LEN) == 0)
			return &reflect->runs[i];
	}
	return NULL;
}

/* Each frame once; one that 64 others overtook is as good as repeated. */
static bool is_fresh(struct known_run *run, uint64_t seq)
{
	uint64_t back;

	if (seq > run->highest) {
		uint64_t ahead = seq - run->highest;

		run->seen = ahead < WINDOW ? run->seen << ahead : 0;
		run->highest = seq;
	}
	back = run->highest - seq;
	if (back >= WINDOW || (run->seen >> back & 1))
		return false;
	run->seen |= UINT64_C(1) << back;
	return true;
}

static bool may_send(const struct nfp_reflect *reflect, const struct nfp_peer_frame *carrier)
{
	struct nfp_frame frame;

	if (nfp_frame_peek(carrier->run, carrier->inner, NFP_PEER_INNER_LEN, &frame) !=
		    NFP_FRAME_OURS ||
	    !nfp_mac_equal(&frame.src, &reflect->config.mac))
		return false;
	if (frame.kind == NFP_KIND_BROADCAST)
		return nfp_mac_equal(&frame.dst, &nfp_mac_broadcast);
	return frame.kind < NFP_KIND_COUNT && !nfp_mac_is_multicast(&frame.dst) &&
	       !nfp_mac_is_zero(&frame.dst);
}

static enum nfp_reflect_outcome carry(struct nfp_reflect *reflect,
				      const struct nfp_peer_frame *frame, uint64_t received_ns,
				      const struct nfp_clock_pair *now,
				      struct nfp_packet *ret_packet)
{
	const struct nfp_peer_stamp stamp = {.received_ns = received_ns, .sent_ns = now->real_ns};
	struct known_run *run = find_run(reflect, frame->run);

	if (!run || frame->session != run->session)
		return NFP_REFLECT_OTHER_SESSION;
	if (!is_fresh(run, frame->seq))
		return NFP_REFLECT_REPEATED;
	if (!may_send(reflect, frame))
		return NFP_REFLECT_REFUSED;
	if (!within_rate(&reflect->carry, now->mono_ns))
		return NFP_REFLECT_OVER_RATE;
	ret_packet->len = nfp_peer_reflect(&reflect->config.id, frame->inner, &frame->vlan, &stamp,
					   ret_packet->data);
	return NFP_REFLECT_SENT_ON;
}

static enum nfp_reflect_outcome welcome(struct nfp_reflect *reflect,
					const struct nfp_peer_frame *hello, uint64_t now_ns,
					struct nfp_packet *ret_packet)
{
	const struct nfp_reflector_config *config = &reflect->config;
	struct known_run *run = find_run(reflect, hello->run);
	struct nfp_peer_frame frame = {
		.dst = hello->src,
		.src = config->mac,
		.vlan = hello->vlan,
		.type = NFP_PEER_WELCOME,
		.seq = hello->seq,
		.rate = config->rate,
	};

	/* One that somebody recorded must not take from the rate of those who ask. */
	if (run && !is_fresh(run, hello->seq))
		return NFP_REFLECT_REPEATED;
	if (!within_rate(&reflect->hello, now_ns))
		return NFP_REFLECT_OVER_RATE;
	if (!run) {
		run = &reflect->runs[reflect->num_runs % RUNS_MAX];
		*run = (struct known_run) {.session = config->session + reflect->num_runs++,
					   .highest = hello->seq,
					   .seen = 1};
		memcpy(run->run, hello->run, NFP_RUN_ID_LEN);
	}
	frame.session = run->session;
	if (config->deadline_ns > now_ns)
		frame.left_s = (uint32_t)((config->deadline_ns - now_ns) / NFP_NSEC_PER_SEC);
	memcpy(frame.run, hello->run, NFP_RUN_ID_LEN);
	ret_packet->len = nfp_peer_build(&config->id, &frame, ret_packet->data);
	return NFP_REFLECT_ANSWERED;
}

enum nfp_reflect_outcome nfp_reflect_take(struct nfp_reflect *reflect, const uint8_t *data,
					  size_t len, uint64_t received_ns,
					  const struct nfp_clock_pair *now,
					  struct nfp_packet *ret_packet)
{
	struct nfp_peer_frame frame;
	enum nfp_peer_check check = nfp_peer_parse(&reflect->config.id, data, len, &frame);
	bool to_us, to_all;

	if (check == NFP_PEER_OTHER_ID)
		return NFP_REFLECT_OTHER_ID;
	if (check != NFP_PEER_OURS)
		return check == NFP_PEER_MALFORMED ? NFP_REFLECT_MALFORMED : NFP_REFLECT_NOT_FOR_US;
	to_us = nfp_mac_equal(&frame.dst, &reflect->config.mac);
	to_all = nfp_mac_equal(&frame.dst, &nfp_mac_broadcast);
	if (frame.type == NFP_PEER_HELLO && (to_us || to_all))
		return welcome(reflect, &frame, now->mono_ns, ret_packet);
	if (frame.type == NFP_PEER_CARRY && to_us)
		return carry(reflect, &frame, received_ns, now, ret_packet);
	return NFP_REFLECT_NOT_FOR_US;
}

/* ---- the loop: one thread, one capture, one socket ---- */

struct loop {
	struct nfp_reflect *reflect;
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	struct nfp_reflector_report *report;
	/* What one reading of the capture is to send. */
	struct nfp_packet packets[NFP_INJECT_BATCH];
	enum nfp_reflect_outcome outcomes[NFP_INJECT_BATCH];
	unsigned int num;
};

/* Not more than a batch is read at once. */
static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct loop *loop = ctx;
	const struct nfp_clock_pair now = nfp_clock_read();
	enum nfp_reflect_outcome outcome = nfp_reflect_take(loop->reflect, data, len, real_ns, &now,
							    &loop->packets[loop->num]);

	loop->report->received++;
	loop->report->outcome[outcome]++;
	if (outcome == NFP_REFLECT_SENT_ON || outcome == NFP_REFLECT_ANSWERED)
		loop->outcomes[loop->num++] = outcome;
}

/* What the kernel does not take is not kept: the prober sees it as lost. */
static void send_batch(struct loop *loop)
{
	unsigned int sent = nfp_inject_all(loop->inject, loop->packets, loop->num);

	for (unsigned int i = sent; i < loop->num; i++) {
		loop->report->outcome[loop->outcomes[i]]--;
		loop->report->outcome[NFP_REFLECT_UNSENT]++;
	}
	loop->num = 0;
}

/* While the netdev is down only the order to stop is waited for, unless it is gone. */
static int wait_for(const struct loop *loop, bool down, struct nfp_err *err)
{
	const struct nfp_reflector_config *config = &loop->reflect->config;
	uint64_t until = config->deadline_ns, again = nfp_clock_now() + DOWN_NS;
	struct pollfd fds[2] = {
		{.fd = config->stop_fd, .events = POLLIN},
		{.fd = down ? -1 : nfp_capture_fd(loop->capture), .events = POLLIN},
	};
	char name[IF_NAMESIZE];
	int ret;

	if (down && !if_indextoname((unsigned int)config->netdev.ifindex, name))
		return nfp_err_errno(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone",
				     config->netdev.ifname);
	ret = nfp_clock_poll(fds, 2, down && again < until ? again : until);
	if (ret < 0 && ret != -EINTR)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot wait for frames");
	loop->report->stopped = fds[0].revents != 0;
	return 0;
}

static int reflect_until_stopped(struct loop *loop, struct nfp_err *err)
{
	bool down = false;

	while (nfp_clock_now() < loop->reflect->config.deadline_ns) {
		int ret = wait_for(loop, down, err);

		if (ret || loop->report->stopped)
			return ret;
		down = nfp_capture_drain(loop->capture, NFP_INJECT_BATCH, on_frame, loop) < 0;
		send_batch(loop);
	}
	return 0;
}

int nfp_reflector_run(const struct nfp_reflector_config *config,
		      int (*opened)(void *ctx, const struct nfp_reflector_config *config),
		      void *ctx, struct nfp_reflector_report *ret_report, struct nfp_err *err)
{
	struct nfp_reflector_config rules = *config;
	struct loop loop = {.report = ret_report};
	int ret;

	*ret_report = (struct nfp_reflector_report) {.began_ns = nfp_clock_now()};
	if (getrandom(&rules.session, sizeof(rules.session), 0) != (ssize_t)sizeof(rules.session))
		return nfp_err_errno(err, -EIO, NFP_E_KERNEL, "cannot get random numbers");
	/* Not 0, also when it was counted up for each run. */
	rules.session = rules.session >> 1 | 1;
	ret = nfp_capture_open(&config->netdev, nfp_peer_filter, 0, false, &loop.capture, err);
	if (!ret)
		ret = nfp_inject_open(&config->netdev, &loop.inject, err);
	if (!ret)
		ret = opened(ctx, config);
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
