// SPDX-License-Identifier: GPL-2.0-or-later
#include "netns/relay.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOG_MAX	 (1U << 18)
#define HELD_MAX 4096U

struct logged {
	uint64_t sent_ns;
	uint8_t kind;
	uint8_t copies[NFP_RECEIVER_COUNT]; /* in time */
};

struct held {
	uint64_t until_ns;
	int to;
	size_t len;
	uint8_t data[NFP_FRAME_LEN_MAX];
};

struct relay {
	pthread_t thread;
	pthread_mutex_t lock;
	int in, out[NFP_RECEIVER_COUNT], wake;
	int error;
	struct relay_rules rules;
	uint64_t num_logged, late;
	struct logged *log;
	size_t num_held;
	struct held *held;
	uint8_t last[NFP_FRAME_LEN_MAX];
	size_t last_len;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NFP_NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static bool chance(struct relay *relay, unsigned int per_thousand)
{
	uint64_t *seed = &relay->rules.seed;

	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*seed >> 33) % 1000 < per_thousand;
}

static void emit(struct relay *relay, int to, const uint8_t *data, size_t len)
{
	if (send(relay->out[to], data, len, 0) != (ssize_t)len && !relay->error)
		relay->error = errno;
}

static void hold(struct relay *relay, int to, const uint8_t *data, size_t len, uint64_t for_ns)
{
	struct held *held = &relay->held[relay->num_held];

	if (relay->num_held == HELD_MAX) {
		relay->error = ENOSPC;
		return;
	}
	relay->num_held++;
	held->until_ns = now_ns() + for_ns;
	held->to = to;
	held->len = len;
	memcpy(held->data, data, len);
}

static size_t without_tag(const uint8_t *data, size_t len, uint8_t buf[NFP_FRAME_LEN_MAX])
{
	if (data[12] != 0x81 || data[13] != 0x00) {
		memcpy(buf, data, len);
		return len;
	}
	memcpy(buf, data, 12);
	memcpy(buf + 12, data + 16, len - 16);
	return len - 4;
}

/* One copy, now or later. */
static void pass(struct relay *relay, struct logged *logged, int to, const uint8_t *data,
		 size_t len)
{
	uint8_t buf[NFP_FRAME_LEN_MAX];

	if (relay->rules.to[to].untag) {
		len = without_tag(data, len, buf);
		data = buf;
	}
	if (chance(relay, relay->rules.to[to].late)) {
		relay->late++;
		hold(relay, to, data, len, RELAY_LATE_NS);
		return;
	}
	logged->copies[to]++;
	if (chance(relay, relay->rules.to[to].delay))
		hold(relay, to, data, len, relay->rules.seed % RELAY_DELAY_NS);
	else
		emit(relay, to, data, len);
}

static size_t start_of(const uint8_t *data)
{
	return data[12] == 0x81 ? 18 : 14;
}

static void forward(struct relay *relay, const uint8_t *data, size_t len)
{
	const uint8_t *payload = data + start_of(data);
	struct logged spare = {0}, *logged = &spare;
	uint8_t kind = payload[5];
	uint64_t sent_ns;

	memcpy(&sent_ns, payload + 32, sizeof(sent_ns));
	if (kind < NFP_KIND_VLAN_UNICAST && relay->num_logged < LOG_MAX)
		logged = &relay->log[relay->num_logged++];
	*logged = (struct logged) {.sent_ns = be64toh(sent_ns), .kind = kind};
	memcpy(relay->last, data, len);
	relay->last_len = len;
	for (int to = 0; to < NFP_RECEIVER_COUNT; to++) {
		if (!relay->rules.to[to].serves || chance(relay, relay->rules.to[to].lose))
			continue;
		pass(relay, logged, to, data, len);
		if (chance(relay, relay->rules.to[to].twice))
			pass(relay, logged, to, data, len);
	}
}

/* The kernel takes the tag out of a received frame and hands it over beside it. */
static size_t put_tag_back(struct msghdr *header, const uint8_t *raw, size_t len, uint8_t *data)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		struct tpacket_auxdata aux;
		uint16_t tag[2];

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		tag[0] = htons(aux.tp_vlan_tpid);
		tag[1] = htons(aux.tp_vlan_tci);
		memcpy(data, raw, 12);
		memcpy(data + 12, tag, sizeof(tag));
		memcpy(data + 16, raw + 12, len - 12);
		return len + 4;
	}
	memcpy(data, raw, len);
	return len;
}

/* Returns false when nothing waits. */
static bool take_one(struct relay *relay)
{
	uint8_t raw[2048], data[sizeof(raw) + 4];
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct iovec iov = {raw, sizeof(raw)};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(relay->in, &header, 0);
	size_t len;

	if (got < 0)
		return false;
	len = got < 14 ? 0 : put_tag_back(&header, raw, (size_t)got, data);
	if (len >= 62 && len <= NFP_FRAME_LEN_MAX) {
		pthread_mutex_lock(&relay->lock);
		forward(relay, data, len);
		pthread_mutex_unlock(&relay->lock);
	}
	return true;
}

/* Sends what has been held long enough; returns milliseconds to the next, -1: none is held. */
static int let_go(struct relay *relay)
{
	uint64_t now = now_ns(), next = UINT64_MAX;

	pthread_mutex_lock(&relay->lock);
	for (size_t i = 0; i < relay->num_held;) {
		struct held *held = &relay->held[i];

		if (held->until_ns <= now) {
			emit(relay, held->to, held->data, held->len);
			*held = relay->held[--relay->num_held];
			continue;
		}
		next = held->until_ns < next ? held->until_ns : next;
		i++;
	}
	pthread_mutex_unlock(&relay->lock);
	return next == UINT64_MAX ? -1 : (int)((next - now) / NFP_NSEC_PER_MSEC) + 1;
}

static void *relay_main(void *arg)
{
	struct relay *relay = arg;

	for (;;) {
		struct pollfd fds[2] = {{.fd = relay->in, .events = POLLIN},
					{.fd = relay->wake, .events = POLLIN}};

		poll(fds, 2, let_go(relay));
		if (fds[1].revents)
			return NULL;
		while (take_one(relay))
			;
	}
}

struct relay_rules relay_all(void)
{
	struct relay_rules rules = {.seed = 1};

	for (int to = 0; to < NFP_RECEIVER_COUNT; to++)
		rules.to[to].serves = true;
	return rules;
}

struct relay *relay_start(const struct net *net, const struct relay_rules *rules)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		abort();
	relay->log = calloc(LOG_MAX, sizeof(*relay->log));
	relay->held = calloc(HELD_MAX, sizeof(*relay->held));
	relay->wake = eventfd(0, EFD_CLOEXEC);
	if (!relay->log || !relay->held || relay->wake < 0)
		abort();
	relay->in = net_socket(net->relay_in);
	relay->out[NFP_AT_PF] = net_socket(net->relay_pf);
	relay->out[NFP_AT_VF] = net_socket(net->relay_vf);
	relay->rules = *rules;
	pthread_mutex_init(&relay->lock, NULL);
	if (pthread_create(&relay->thread, NULL, relay_main, relay))
		abort();
	return relay;
}

void relay_stop(struct relay *relay)
{
	uint64_t one = 1;

	if (write(relay->wake, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();
	pthread_join(relay->thread, NULL);
	close(relay->in);
	close(relay->wake);
	for (int to = 0; to < NFP_RECEIVER_COUNT; to++)
		close(relay->out[to]);
	pthread_mutex_destroy(&relay->lock);
	free(relay->log);
	free(relay->held);
	free(relay);
}

void relay_set(struct relay *relay, const struct relay_rules *rules)
{
	pthread_mutex_lock(&relay->lock);
	relay->rules = *rules;
	pthread_mutex_unlock(&relay->lock);
}

struct relay_totals relay_totals(struct relay *relay)
{
	struct relay_totals totals;

	pthread_mutex_lock(&relay->lock);
	totals = (struct relay_totals) {relay->num_logged, relay->late, relay->num_held};
	pthread_mutex_unlock(&relay->lock);
	return totals;
}

void relay_count(struct relay *relay, uint64_t since_ns, struct nfp_count ret_count[NFP_KIND_COUNT])
{
	memset(ret_count, 0, NFP_KIND_COUNT * sizeof(*ret_count));
	pthread_mutex_lock(&relay->lock);
	for (uint64_t i = 0; i < relay->num_logged; i++) {
		const struct logged *logged = &relay->log[i];
		struct nfp_count *count = &ret_count[logged->kind];

		if (logged->sent_ns < since_ns)
			continue;
		count->sent++;
		for (int to = 0; to < NFP_RECEIVER_COUNT; to++) {
			count->at[to] += logged->copies[to] > 0;
			count->duplicates += logged->copies[to] > 1 ? logged->copies[to] - 1U : 0;
		}
		count->both += logged->copies[NFP_AT_PF] && logged->copies[NFP_AT_VF];
	}
	pthread_mutex_unlock(&relay->lock);
}

size_t relay_last(struct relay *relay, uint8_t buf[NFP_FRAME_LEN_MAX])
{
	size_t len;

	pthread_mutex_lock(&relay->lock);
	len = relay->last_len;
	memcpy(buf, relay->last, len);
	pthread_mutex_unlock(&relay->lock);
	return len;
}

int relay_error(struct relay *relay)
{
	int error;

	pthread_mutex_lock(&relay->lock);
	error = relay->error;
	pthread_mutex_unlock(&relay->lock);
	return error;
}
