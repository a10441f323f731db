// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/netlink.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#define DUMP_TRIES    5
#define FIRST_BUFFER  32768 /* what the kernel itself uses for a dump's message at most */
#define NOTIFY_BUFFER (1024 * 1024)

struct nfp_nl {
	struct mnl_socket *sock;
	unsigned int seq;
	char *buf;
	size_t size;
	char sentence[NFP_NL_SENTENCE];
	bool answered; /* the error is the kernel's answer, not ours */
};

/* One exchange: which answers belong to it and where they go. */
struct exchange {
	unsigned int seq;
	const struct nfp_nl_sink *sink;
	bool done;
	bool interrupted; /* a dump whose subject changed meanwhile */
	int status;	  /* of the acknowledgement */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int __attribute__((format(printf, 4, 0)))
fail(const struct nfp_nl *nl, struct nfp_err *err, int ret, const char *what, va_list ap)
{
	/* ENOMEM is also what drivers say of a NIC's table of addresses that is full. */
	bool ours = !nl || !nl->answered;
	enum nfp_errcode code = ret == -EPERM || ret == -EACCES ? NFP_E_PERMISSION
				: ret == -ENOMEM && ours	? NFP_E_MEMORY
								: NFP_E_KERNEL;
	char subject[NFP_NL_SENTENCE];

	vsnprintf(subject, sizeof(subject), what, ap);
	nfp_err_errno(err, ret, code, "cannot %s", subject);
	if (err && nl && nl->sentence[0]) {
		size_t len = strlen(err->message);

		snprintf(err->message + len, sizeof(err->message) - len, ": %s", nl->sentence);
	}
	return ret;
}

static int __attribute__((format(printf, 4, 5)))
failf(const struct nfp_nl *nl, struct nfp_err *err, int ret, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fail(nl, err, ret, what, ap);
	va_end(ap);
	return ret;
}

void nfp_nl_msg_init(struct nfp_nl_msg *msg, uint16_t type, uint16_t flags, const void *extra,
		     size_t extra_len)
{
	struct nlmsghdr *nlh;

	memset(msg, 0, sizeof(*msg));
	nlh = mnl_nlmsg_put_header(msg->room);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	memcpy(mnl_nlmsg_put_extra_header(nlh, extra_len), extra, extra_len);
}

static int set_options(struct nfp_nl *nl)
{
	int one = 1;

	/* Older kernels lack them (4.12, 4.3): then there is no sentence, and no harm. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	return mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
}

int nfp_nl_open(int protocol, int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err)
{
	struct nfp_nl *nl = nfp_calloc(1, sizeof(*nl));
	int r = -ENOMEM;

	if (!nl)
		return failf(NULL, err, r, "open a netlink socket");
	nl->size = FIRST_BUFFER;
	nl->buf = nfp_malloc(nl->size);
	if (!nl->buf)
		goto out;
	r = nfp_nlsock_open(protocol, netns_fd, &nl->sock);
	if (r < 0)
		goto out;
	r = set_options(nl);
	if (r < 0)
		goto out;
	*ret_nl = nl;
	return 0;
out:
	nfp_nl_close(nl);
	return failf(NULL, err, r, "open a netlink socket");
}

int nfp_nl_open_notify(int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err)
{
	int group = RTNLGRP_LINK, size = NOTIFY_BUFFER;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_ROUTE, netns_fd, &nl, err);

	if (r < 0)
		return r;
	/* More room is only a courtesy: what is lost is told by ENOBUFS. */
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): set where 0 is returned */
	setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		r = failf(NULL, err, -errno, "subscribe to link notifications");
		nfp_nl_close(nl);
		return r;
	}
	*ret_nl = nl;
	return 0;
}

void nfp_nl_close(struct nfp_nl *nl)
{
	if (!nl)
		return;
	if (nl->sock)
		mnl_socket_close(nl->sock);
	free(nl->buf);
	free(nl);
}

int nfp_nl_fd(const struct nfp_nl *nl)
{
	return mnl_socket_get_fd(nl->sock);
}

const char *nfp_nl_sentence(const struct nfp_nl *nl)
{
	return nl->sentence;
}

/* Looks at the next datagram's length and makes room for all of it. */
static int make_room(struct nfp_nl *nl)
{
	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl->sock), nl->buf, nl->size,
				 MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
		char *grown;

		if (n < 0)
			return -errno;
		if ((size_t)n <= nl->size)
			return 0;
		grown = nfp_reallocarray(nl->buf, (size_t)n, 1);
		if (!grown)
			return -ENOMEM;
		nl->buf = grown;
		nl->size = (size_t)n;
	}
}

/* One datagram of the kernel's: its length, 0 for one of somebody else's, -EAGAIN, -errno. */
static ssize_t receive(struct nfp_nl *nl)
{
	struct sockaddr_nl from = {0};
	struct iovec iov;
	struct msghdr hdr = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;
	int r = make_room(nl);

	if (r < 0)
		return r;
	iov = (struct iovec) {.iov_base = nl->buf, .iov_len = nl->size};
	n = recvmsg(mnl_socket_get_fd(nl->sock), &hdr, MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	if (hdr.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || from.nl_pid != 0)
		return 0;
	return (hdr.msg_flags & MSG_TRUNC) ? -EMSGSIZE : n;
}

static void finish(struct nfp_nl *nl, struct exchange *x, const struct nlmsghdr *nlh)
{
	struct nfp_nl_ack ack = {0};
	int r = nfp_nl_parse_ack(nlh, &ack);

	x->done = true;
	nl->answered = true;
	x->status = r < 0 ? r : ack.error;
	memcpy(nl->sentence, ack.sentence, sizeof(nl->sentence));
}

/* mnl_nlmsg_ok of libmnl 1.0.5 takes a length beyond INT_MAX for a negative one, which fits. */
static bool fits(const struct nlmsghdr *nlh, int left)
{
	return left >= (int)sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= (unsigned int)left;
}

/* The messages of one datagram. @x NULL: notifications, which carry anybody's number. */
static int dispatch(struct nfp_nl *nl, size_t len, struct exchange *x,
		    const struct nfp_nl_sink *sink)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->buf;
	int left = (int)len;

	for (; fits(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		int r;

		if (x && nlh->nlmsg_seq != x->seq)
			continue;
		if (x && nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			x->interrupted = true;
		if (x && (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)) {
			finish(nl, x, nlh);
			return 0;
		}
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE || !sink)
			continue;
		r = sink->message(nlh, sink->ctx);
		if (r < 0)
			return r;
	}
	return 0;
}

static int wait_readable(const struct nfp_nl *nl, int64_t deadline)
{
	struct pollfd p = {.fd = mnl_socket_get_fd(nl->sock), .events = POLLIN};

	for (;;) {
		int64_t left = deadline - now_ms();
		int r = poll(&p, 1, left > 0 ? (int)left : 0);

		if (r > 0)
			return 0;
		if (r == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int run_exchange(struct nfp_nl *nl, struct nlmsghdr *msg, struct exchange *x)
{
	int64_t deadline = now_ms() + NFP_NL_DEADLINE_MS;

	nl->sentence[0] = '\0';
	nl->answered = false;
	x->seq = ++nl->seq;
	msg->nlmsg_seq = x->seq;
	if (mnl_socket_sendto(nl->sock, msg, msg->nlmsg_len) < 0)
		return -errno;
	while (!x->done) {
		ssize_t n = receive(nl);
		int r;

		if (n == -EAGAIN)
			r = wait_readable(nl, deadline);
		else if (n == -ENOBUFS && msg->nlmsg_flags & NLM_F_DUMP)
			r = -ENOBUFS;
		else if (n == -EINTR || n == -ENOBUFS)
			r = 0; /* the answer may be behind the loss */
		else
			r = n < 0 ? (int)n : dispatch(nl, (size_t)n, x, x->sink);
		if (r < 0)
			return r;
	}
	return x->status;
}

int nfp_nl_talk(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink,
		struct nfp_err *err, const char *what, ...)
{
	struct exchange x = {.sink = sink};
	va_list ap;
	int r;

	msg->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	r = run_exchange(nl, msg, &x);
	if (r == 0)
		return 0;
	va_start(ap, what);
	fail(nl, err, r, what, ap);
	va_end(ap);
	return r;
}

/* What is still to come of a dump that was given up carries an older number and is dropped. */
static int dump(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink)
{
	int i;

	for (i = 0; i < DUMP_TRIES; i++) {
		struct exchange x = {.sink = sink};
		int r;

		if (i > 0 && sink && sink->restart)
			sink->restart(sink->ctx);
		r = run_exchange(nl, msg, &x);
		if (r == -ENOBUFS || r == -EBUSY || (r == 0 && x.interrupted))
			continue;
		return r;
	}
	return -EAGAIN;
}

int nfp_nl_dump(struct nfp_nl *nl, struct nlmsghdr *msg, const struct nfp_nl_sink *sink,
		struct nfp_err *err, const char *what, ...)
{
	va_list ap;
	int r;

	msg->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	r = dump(nl, msg, sink);
	if (r == 0)
		return 0;
	va_start(ap, what);
	fail(nl, err, r, what, ap);
	va_end(ap);
	return r;
}

int nfp_nl_drain(struct nfp_nl *nl, const struct nfp_nl_sink *sink, struct nfp_err *err)
{
	int lost = 0;

	for (;;) {
		ssize_t n = receive(nl);
		int r;

		if (n == -EAGAIN)
			return lost;
		if (n == -ENOBUFS) {
			lost = 1;
			continue;
		}
		if (n == -EINTR)
			continue;
		r = n < 0 ? (int)n : dispatch(nl, (size_t)n, NULL, sink);
		if (r < 0)
			return failf(NULL, err, r, "read link notifications");
	}
}

static void copy_sentence(char *dst, const char *src, size_t len)
{
	size_t i;

	if (len > NFP_NL_SENTENCE - 1)
		len = NFP_NL_SENTENCE - 1;
	for (i = 0; i < len && src[i] != '\0'; i++)
		dst[i] = (unsigned char)src[i] < 0x20 || src[i] == 0x7f ? ' ' : src[i];
	dst[i] = '\0';
}

/* Where the attributes of an acknowledgement begin; 0: there are none. */
static size_t ack_attrs(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t at = sizeof(*e);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return sizeof(int);
	/* Unless capped, the payload of the request follows its header. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && e->error != 0) {
		if (e->msg.nlmsg_len < sizeof(e->msg))
			return 0;
		at += ((size_t)e->msg.nlmsg_len + 3) / 4 * 4 - sizeof(e->msg);
	}
	return at;
}

int nfp_nl_parse_ack(const struct nlmsghdr *nlh, struct nfp_nl_ack *ret_ack)
{
	size_t at, need = nlh->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	struct nfp_nl_ack ack = {0};
	const struct nlattr *attr;
	struct nfp_attrs it;

	if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len - NLMSG_HDRLEN < need)
		return -EBADMSG;
	memcpy(&ack.error, mnl_nlmsg_get_payload(nlh), sizeof(ack.error));
	if (ack.error > 0)
		return -EBADMSG;
	at = ack_attrs(nlh);
	it = nfp_attrs_of(nlh, at);
	while (at > 0 && (attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			copy_sentence(ack.sentence, mnl_attr_get_payload(attr),
				      mnl_attr_get_payload_len(attr));
	}
	*ret_ack = ack;
	return 0;
}
