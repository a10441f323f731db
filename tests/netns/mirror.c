// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../src/app/search.h"
#include "base/base.h"

#define TICK_NS	  (10 * NFP_NSEC_PER_MSEC)
#define FLIGHT_NS (500 * NFP_NSEC_PER_MSEC)

void mirror_make(struct mirror *m)
{
	struct nfp_err err = {0};

	net_run("ip link add p0 type veth peer name r0");
	net_run("ip link set p0 up");
	m->pf = net_netdev("p0");
	m->far = net_netdev("r0");
	m->pf_mac = net_mac("p0");
	m->far_mac = net_mac("r0");
	assert_int_equal(nfp_netns_new(&m->far.netns_fd, &err), 0);
	net_run("ip link set r0 netns /proc/%d/fd/%d", getpid(), m->far.netns_fd);
	net_run("nsenter --net=/proc/%d/fd/%d sh -c 'ip link set lo up && ip link set r0 up'",
		getpid(), m->far.netns_fd);
	assert_int_equal(getrandom(&m->run, sizeof(m->run), 0), sizeof(m->run));
	assert_int_equal(getrandom(&m->id, sizeof(m->id), 0), sizeof(m->id));
	m->ready_fd = eventfd(0, EFD_CLOEXEC);
	m->stop_fd = eventfd(0, EFD_CLOEXEC);
	m->config = (struct nfp_reflector_config) {
		.netdev = m->far,
		.mac = m->far_mac,
		.id = m->id,
		.rate = 1000,
		.deadline_ns = nfp_clock_now() + 60 * NFP_NSEC_PER_SEC,
		.stop_fd = m->stop_fd,
	};
	m->config.netdev.netns_fd = -1;
	m->bed.accounting = nfp_accounting_new();
}

void mirror_unmake(struct mirror *m)
{
	nfp_stream_close(m->bed.stream);
	free(m->link);
	nfp_accounting_free(m->bed.accounting);
	mirror_stop(m);
	/* A test may have deleted it. */
	net_run("! ip link show p0 >/dev/null 2>&1 || ip link del p0");
	close(m->far.netns_fd);
	close(m->ready_fd);
	close(m->stop_fd);
}

/* ---- the reflector ---- */

/* Capabilities are a thread's own. */
static int keep_net_raw_only(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	memset(data, 0, sizeof(data));
	data[0].effective = data[0].permitted = 1U << CAP_NET_RAW;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static void set_event(int fd)
{
	uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

static int on_opened(void *ctx, const struct nfp_reflector_config *config)
{
	const struct mirror *m = ctx;

	(void)config;
	set_event(m->ready_fd);
	return 0;
}

static void *reflector_main(void *arg)
{
	struct mirror *m = arg;

	m->ret = setns(m->far.netns_fd, CLONE_NEWNET) ? -errno : keep_net_raw_only();
	if (!m->ret)
		m->ret = nfp_reflector_run(&m->config, on_opened, m, &m->report, NULL);
	/* If it could not be opened, mirror_start still waits. */
	if (!m->report.ended_ns)
		set_event(m->ready_fd);
	return NULL;
}

void mirror_start(struct mirror *m)
{
	uint64_t value;

	assert_false(m->running);
	memset(&m->report, 0, sizeof(m->report));
	assert_int_equal(pthread_create(&m->thread, NULL, reflector_main, m), 0);
	m->running = true;
	assert_int_equal(read(m->ready_fd, &value, sizeof(value)), sizeof(value));
}

void mirror_join(struct mirror *m)
{
	if (m->running)
		pthread_join(m->thread, NULL);
	m->running = false;
}

void mirror_stop(struct mirror *m)
{
	uint64_t value;

	set_event(m->stop_fd);
	mirror_join(m);
	(void)!read(m->stop_fd, &value, sizeof(value));
}

/* ---- the prober ---- */

int mirror_ask(struct mirror *m, const struct nfp_mac *mac, const struct nfp_vlan *vlan,
	       struct nfp_peer_frame *ret_info)
{
	struct nfp_peer_link_config config = {
		.run = m->run,
		.id = m->id,
		.pf = m->pf,
		.pf_mac = m->pf_mac,
	};

	if (mac)
		config.mac = *mac;
	if (vlan)
		config.vlan = *vlan;
	if (!m->link)
		m->link = nfp_peer_link_new(&config);
	assert_non_null(m->link);
	return nfp_peer_ask(m->link, ret_info, NULL);
}

void mirror_open(struct mirror *m, const struct nfp_vlan *vlan)
{
	struct nfp_stream_config config = {
		.id = m->run,
		.sender = m->pf,
		.sender_mac = m->pf_mac,
		.pf = m->pf,
		.codec = &m->codec,
		.wake_fds = {-1, -1},
	};

	if (vlan)
		config.sender_vlan = config.pf_vlan = *vlan;
	m->codec = nfp_peer_link_codec(m->link);
	bed_open(&m->bed, &config);
}

static uint64_t sent(const struct mirror *m)
{
	uint64_t all = 0;

	for (int kind = 0; kind < NFP_KIND_COUNT; kind++)
		all += bed_count(&m->bed, (enum nfp_kind)kind).sent;
	return all;
}

void mirror_send(struct mirror *m, unsigned int rate, uint64_t num)
{
	uint64_t until = sent(m) + num, deadline = nfp_clock_now() + NET_PATIENCE_NS;

	bed_plan(&m->bed, rate);
	while (sent(m) < until) {
		assert_true(nfp_clock_now() < deadline);
		bed_pump(&m->bed, TICK_NS);
	}
	bed_plan(&m->bed, 0);
	bed_pump(&m->bed, FLIGHT_NS);
}
