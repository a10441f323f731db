// SPDX-License-Identifier: GPL-2.0-or-later
/* reflector.c - the loop around the rules of reflect.c: one thread, one capture, one socket. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "nfprobe/traffic.h"
#include "nfprobe/sources.h"

/* A netdev that is down is asked again after this. */
#define DOWN_NS (100 * NFP_NSEC_PER_MSEC)

struct nfp_reflector {
	struct nfp_reflector_config config;
	struct nfp_capture *capture;
	struct nfp_inject *inject;
	struct nfp_reflect *reflect;
	struct nfp_reflector_report report;
	/* What one reading of the capture is to send. */
	struct nfp_packet packets[NFP_INJECT_BATCH];
	enum nfp_reflect_outcome outcomes[NFP_INJECT_BATCH];
	unsigned int num;
};

/* Our EtherType and the magic "nfpx", behind no VLAN tag (or one in metadata), or behind one. */
static const char filter[] = "(ether[12:2] = 0x88b5 and ether[14:4] = 0x6e667078) or "
			     "(ether[16:2] = 0x88b5 and ether[18:4] = 0x6e667078)";

static int draw_session(uint64_t *ret_session)
{
	uint64_t session = 0;

	while (!session) {
		if (getrandom(&session, sizeof(session), 0) != (ssize_t)sizeof(session))
			return -EIO;
	}
	*ret_session = session;
	return 0;
}

static int make_rules(struct nfp_reflector *reflector, struct nfp_err *err)
{
	const struct nfp_reflector_config *config = &reflector->config;
	struct nfp_reflect_config rules = {
		.id = config->id,
		.mac = config->mac,
		.rate = config->rate,
		.deadline_ns = config->deadline_ns,
	};
	int ret = draw_session(&rules.session);

	if (ret)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot get random numbers");
	reflector->reflect = nfp_reflect_new(&rules);
	if (!reflector->reflect)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot reflect on %s",
				     config->netdev.ifname);
	return 0;
}

int nfp_reflector_open(const struct nfp_reflector_config *config,
		       struct nfp_reflector **ret_reflector, struct nfp_err *err)
{
	struct nfp_reflector *reflector = nfp_calloc(1, sizeof(*reflector));
	int ret;

	if (!reflector)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot reflect on %s",
				     config->netdev.ifname);
	reflector->config = *config;
	reflector->report.began_ns = nfp_clock_now();
	ret = make_rules(reflector, err);
	if (!ret)
		ret = nfp_capture_open_filter(&config->netdev, filter, 0, &reflector->capture, err);
	if (!ret)
		ret = nfp_inject_open(&config->netdev, &reflector->inject, err);
	if (ret) {
		nfp_reflector_close(reflector);
		return ret;
	}
	*ret_reflector = reflector;
	return 0;
}

void nfp_reflector_close(struct nfp_reflector *reflector)
{
	if (!reflector)
		return;
	nfp_capture_close(reflector->capture);
	nfp_inject_close(reflector->inject);
	nfp_reflect_free(reflector->reflect);
	free(reflector);
}

/* Not more than a batch is read at once. */
static void on_frame(void *ctx, const uint8_t *data, size_t len, uint64_t real_ns)
{
	struct nfp_reflector *reflector = ctx;
	const struct nfp_clock_pair now = nfp_clock_read();
	enum nfp_reflect_outcome outcome = nfp_reflect_take(
		reflector->reflect, data, len, real_ns, &now, &reflector->packets[reflector->num]);

	reflector->report.received++;
	reflector->report.outcome[outcome]++;
	if (outcome == NFP_REFLECT_SENT_ON || outcome == NFP_REFLECT_ANSWERED)
		reflector->outcomes[reflector->num++] = outcome;
}

static void note_sent(struct nfp_reflector *reflector, unsigned int from, unsigned int num)
{
	struct nfp_reflector_report *report = &reflector->report;

	for (unsigned int i = from; i < from + num; i++) {
		if (reflector->outcomes[i] != NFP_REFLECT_SENT_ON)
			continue;
		report->last_ns = nfp_clock_read().real_ns;
		if (!report->first_ns)
			report->first_ns = report->last_ns;
	}
}

/* What the kernel does not take is not kept: the prober sees it as lost. */
static void send_batch(struct nfp_reflector *reflector)
{
	unsigned int sent = 0;

	while (sent < reflector->num) {
		int ret = nfp_inject_send(reflector->inject, reflector->packets + sent,
					  reflector->num - sent);

		if (ret <= 0)
			break;
		note_sent(reflector, sent, (unsigned int)ret);
		sent += (unsigned int)ret;
	}
	for (unsigned int i = sent; i < reflector->num; i++) {
		reflector->report.outcome[reflector->outcomes[i]]--;
		reflector->report.outcome[NFP_REFLECT_UNSENT]++;
	}
	reflector->num = 0;
}

/* Waits for frames or for the order to stop; *ret_stop says whether that came. */
static int wait_for(const struct nfp_reflector *reflector, bool frames, uint64_t until_ns,
		    bool *ret_stop)
{
	struct pollfd fds[2] = {
		{.fd = reflector->config.stop_fd, .events = POLLIN},
		{.fd = frames ? nfp_capture_fd(reflector->capture) : -1, .events = POLLIN},
	};
	int ret = nfp_clock_poll(fds, 2, until_ns);

	if (ret < 0 && ret != -EINTR)
		return ret;
	*ret_stop = fds[0].revents != 0;
	return 0;
}

/* The netdev went down: it may come back, unless it is gone. */
static int wait_while_down(const struct nfp_reflector *reflector, bool *ret_stop,
			   struct nfp_err *err)
{
	const struct nfp_netdev *netdev = &reflector->config.netdev;
	uint64_t until = nfp_clock_now() + DOWN_NS;
	char name[IF_NAMESIZE];

	if (!if_indextoname((unsigned int)netdev->ifindex, name))
		return nfp_err_errno(err, -ENODEV, NFP_E_NO_INTERFACE, "%s has gone",
				     netdev->ifname);
	if (until > reflector->config.deadline_ns)
		until = reflector->config.deadline_ns;
	return wait_for(reflector, false, until, ret_stop);
}

static int loop(struct nfp_reflector *reflector, bool *ret_stop, struct nfp_err *err)
{
	uint64_t deadline = reflector->config.deadline_ns;
	int ret = 0;

	while (!ret && !*ret_stop && nfp_clock_now() < deadline) {
		int num;

		ret = wait_for(reflector, true, deadline, ret_stop);
		if (ret || *ret_stop)
			break;
		num = nfp_capture_drain(reflector->capture, NFP_INJECT_BATCH, on_frame, reflector);
		send_batch(reflector);
		if (num < 0)
			ret = wait_while_down(reflector, ret_stop, err);
	}
	return ret;
}

int nfp_reflector_run(struct nfp_reflector *reflector, struct nfp_reflector_report *ret_report,
		      struct nfp_err *err)
{
	struct nfp_reflector_report *report = &reflector->report;
	struct nfp_err why = {0};
	int ret;

	ret = loop(reflector, &report->stopped, &why);
	report->ended_ns = nfp_clock_now();
	report->drops = nfp_capture_drops(reflector->capture);
	*ret_report = *report;
	if (ret && why.code == NFP_E_NONE)
		return nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot wait for frames");
	if (ret && err)
		*err = why;
	return ret;
}
