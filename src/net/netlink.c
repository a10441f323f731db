// SPDX-License-Identifier: GPL-2.0-or-later
/* netlink.c - the socket: requests, answers, acknowledgements, attributes. */
#include "net/netlink.h"
#include "netlink_priv.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#define DUMP_TRIES 5
/* Tries to read an answer that waits: a failed recvmsg leaves it in the queue. */
#define RECEIVE_TRIES 3
#define FIRST_BUFFER  32768 /* the most that the kernel itself uses for a message of a dump */
#define NOTIFY_BUFFER (1024 * 1024)

struct nfp_nl {
	struct mnl_socket *sock;
	int protocol;
	unsigned int seq;
	char *buf; /* one datagram */
	size_t size;
	char *kept; /* the messages for nfp_nl_next, each aligned */
	size_t kept_len, num_kept;
	uint64_t until_ns; /* as in nfp_nl_bound; 0: no bound */
	size_t max;
	char sentence[NFP_NL_SENTENCE];
};

/* ---- attributes ---- */

struct nfp_attrs nfp_attrs_of(const struct nlmsghdr *nlh, size_t skip)
{
	size_t len = nlh->nlmsg_len;

	skip = NLMSG_HDRLEN + NLMSG_ALIGN(skip);
	if (len < skip)
		return (struct nfp_attrs) {0};
	return (struct nfp_attrs) {.at = (const char *)nlh + skip, .left = len - skip};
}

struct nfp_attrs nfp_attrs_in(const struct nlattr *nest)
{
	if (!nest)
		return (struct nfp_attrs) {0};
	return (struct nfp_attrs) {.at = mnl_attr_get_payload(nest),
				   .left = mnl_attr_get_payload_len(nest)};
}

const struct nlattr *nfp_attrs_next(struct nfp_attrs *it)
{
	const struct nlattr *attr = (const struct nlattr *)it->at;
	size_t step;

	if (!attr || !mnl_attr_ok(attr, it->left > INT_MAX ? INT_MAX : (int)it->left))
		return NULL;
	step = NLMSG_ALIGN((size_t)attr->nla_len);
	if (step > it->left)
		step = it->left;
	it->at += step;
	it->left -= step;
	return attr;
}

void nfp_attrs_table(struct nfp_attrs it, const struct nlattr **table, size_t num)
{
	const struct nlattr *attr;

	memset(table, 0, num * sizeof(*table));
	while ((attr = nfp_attrs_next(&it))) {
		if (mnl_attr_get_type(attr) < num)
			table[mnl_attr_get_type(attr)] = attr;
	}
}

bool nfp_attr_get(const struct nlattr *attr, void *value, size_t size)
{
	if (!attr || mnl_attr_get_payload_len(attr) < size)
		return false;
	memcpy(value, mnl_attr_get_payload(attr), size);
	return true;
}

bool nfp_attr_exact(const struct nlattr *attr, void *value, size_t size)
{
	return attr && mnl_attr_get_payload_len(attr) == size && nfp_attr_get(attr, value, size);
}

void nfp_attr_str(const struct nlattr *attr, char *buf, size_t size)
{
	if (attr)
		snprintf(buf, size, "%.*s", (int)mnl_attr_get_payload_len(attr),
			 mnl_attr_get_str(attr));
}

/* ---- the socket ---- */

static enum nfp_errcode errcode_of(int ret)
{
	return ret == -EPERM || ret == -EACCES ? NFP_E_PERMISSION : NFP_E_KERNEL;
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

static int open_socket(void *arg)
{
	struct nfp_nl *nl = arg;

	nl->sock = mnl_socket_open2(nl->protocol, SOCK_CLOEXEC);
	return nl->sock ? 0 : -errno;
}

/* A netlink socket stays in the namespace where it was opened. */
int nfp_nl_open(int protocol, int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err)
{
	struct nfp_nl *nl = nfp_calloc(1, sizeof(*nl));
	int one = 1, r;

	nl->protocol = protocol;
	r = nfp_netns_run(netns_fd, open_socket, nl);
	if (r < 0) {
		free(nl);
		return nfp_err_errno(err, r, errcode_of(r), "cannot open a netlink socket");
	}
	nl->size = FIRST_BUFFER;
	nl->buf = nfp_malloc(nl->size);
	/* Kernels before 4.12 and 4.3 lack these options: then there is just no sentence. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = nfp_err_errno(err, -errno, errcode_of(-errno), "cannot bind a netlink socket");
		nfp_nl_close(nl);
		return r;
	}
	*ret_nl = nl;
	return 0;
}

int nfp_nl_open_notify(int netns_fd, struct nfp_nl **ret_nl, struct nfp_err *err)
{
	int group = RTNLGRP_LINK, size = NOTIFY_BUFFER;
	struct nfp_nl *nl;
	int r = nfp_nl_open(NETLINK_ROUTE, netns_fd, &nl, err);

	if (r < 0)
		return r;
	/* A larger buffer is optional: ENOBUFS reports lost notifications. */
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): set where 0 is returned */
	setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		r = nfp_err_errno(err, -errno, errcode_of(-errno),
				  "cannot subscribe to link notifications");
		nfp_nl_close(nl);
		return r;
	}
	*ret_nl = nl;
	return 0;
}

void nfp_nl_bound(struct nfp_nl *nl, uint64_t until_ns, size_t max)
{
	nl->until_ns = until_ns;
	nl->max = max;
}

void nfp_nl_close(struct nfp_nl *nl)
{
	if (!nl)
		return;
	mnl_socket_close(nl->sock);
	free(nl->buf);
	free(nl->kept);
	free(nl);
}

int nfp_nl_fd(const struct nfp_nl *nl)
{
	return mnl_socket_get_fd(nl->sock);
}

/* ---- receiving ---- */

/* Receives one datagram. Returns its length; 0 if it is not from the kernel; -EAGAIN; -errno. */
static ssize_t receive(struct nfp_nl *nl)
{
	int fd = mnl_socket_get_fd(nl->sock);
	struct sockaddr_nl from = {0};
	struct iovec iov;
	struct msghdr hdr = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = recv(fd, nl->buf, nl->size, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

	if (n > (ssize_t)nl->size) {
		nl->size = (size_t)n;
		nl->buf = nfp_reallocarray(nl->buf, nl->size, 1);
	}
	iov = (struct iovec) {.iov_base = nl->buf, .iov_len = nl->size};
	if (n >= 0)
		n = recvmsg(fd, &hdr, MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	if (hdr.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || from.nl_pid != 0)
		return 0;
	if (hdr.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return n;
}

struct exchange {
	unsigned int seq;
	bool done;
	bool interrupted; /* the subject of the dump changed meanwhile */
	int status;	  /* of the acknowledgement */
};

static void keep_message(struct nfp_nl *nl, const struct nlmsghdr *nlh)
{
	size_t len = NLMSG_ALIGN((size_t)nlh->nlmsg_len);

	nl->kept = nfp_reallocarray(nl->kept, nl->kept_len + len, 1);
	memcpy(nl->kept + nl->kept_len, nlh, nlh->nlmsg_len);
	nl->kept_len += len;
	nl->num_kept++;
}

const struct nlmsghdr *nfp_nl_next(const struct nfp_nl *nl, const struct nlmsghdr *nlh,
				   uint16_t type)
{
	size_t at = 0;

	do {
		if (nlh)
			at = (size_t)((const char *)nlh - nl->kept) +
			     NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		if (at >= nl->kept_len)
			return NULL;
		nlh = (const struct nlmsghdr *)(nl->kept + at);
	} while (type && nlh->nlmsg_type != type);
	return nlh;
}

/* Takes the messages of one datagram. @x NULL: notifications, which may have
 * any sequence number. */
static void dispatch(struct nfp_nl *nl, size_t len, struct exchange *x)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->buf;
	int left = (int)len;

	/* mnl_nlmsg_ok of libmnl 1.0.5 passes a length beyond INT_MAX, which it
	 * takes as negative. */
	for (; left >= (int)sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= (unsigned int)left;
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		if (x && nlh->nlmsg_seq != x->seq)
			continue;
		if (x && nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			x->interrupted = true;
		if (x && (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)) {
			struct nfp_nl_ack ack = {0};
			int r = nfp_nl_parse_ack(nlh, &ack);

			x->done = true;
			x->status = r < 0 ? r : ack.error;
			memcpy(nl->sentence, ack.sentence, sizeof(nl->sentence));
			return;
		}
		if (nlh->nlmsg_type >= NLMSG_MIN_TYPE)
			keep_message(nl, nlh);
	}
}

/* A user who makes the listed objects can prolong a dump: nobody waits for one that goes on. */
static int check_bound(const struct nfp_nl *nl)
{
	if (nl->until_ns && (nl->num_kept > nl->max || nl->kept_len / NFP_NL_MESSAGE > nl->max))
		return -EFBIG;
	return nl->until_ns && nfp_clock_now() >= nl->until_ns ? -ETIME : 0;
}

static int run_exchange(struct nfp_nl *nl, struct nlmsghdr *msg, struct exchange *x)
{
	struct pollfd p = {.fd = mnl_socket_get_fd(nl->sock), .events = POLLIN};
	uint64_t deadline = nfp_clock_now() + NFP_NL_DEADLINE_MS * NFP_NSEC_PER_MSEC;
	bool is_dump = (msg->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int failures = 0;

	if (nl->until_ns)
		deadline = MIN(deadline, nl->until_ns);
	nl->sentence[0] = '\0';
	nl->kept_len = nl->num_kept = 0;
	*x = (struct exchange) {.seq = ++nl->seq};
	msg->nlmsg_seq = x->seq;
	if (mnl_socket_sendto(nl->sock, msg, msg->nlmsg_len) < 0)
		return -errno;
	while (!x->done) {
		ssize_t n = receive(nl);
		int r = 0;

		if (n == -EAGAIN) {
			r = nfp_clock_poll(&p, 1, deadline);
			r = r == 0		   ? check_bound(nl) ?: -NFP_ENOANSWER
			    : r == -EINTR || r > 0 ? 0
						   : r;
		} else if (n >= 0) {
			dispatch(nl, (size_t)n, x);
			r = check_bound(nl);
		} else if (n == -ENOBUFS && is_dump) {
			r = -ENOBUFS;
		} else if (n != -EINTR && ++failures == RECEIVE_TRIES) {
			r = -NFP_ENOANSWER;
		}
		if (r < 0)
			return r;
	}
	return x->status;
}

int nfp_nl_talk(struct nfp_nl *nl, struct nlmsghdr *msg, struct nfp_err *err, const char *what, ...)
{
	bool is_dump = (msg->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP, again;
	char subject[NFP_NL_SENTENCE];
	struct exchange x;
	int r, tries = 0;

	msg->nlmsg_flags |= (uint16_t)(NLM_F_REQUEST | (is_dump ? 0 : NLM_F_ACK));
	/* The rest of an abandoned dump has an older sequence number, and is dropped. */
	do {
		r = run_exchange(nl, msg, &x);
		again = is_dump && (r == -ENOBUFS || r == -EBUSY || (r == 0 && x.interrupted));
	} while (again && ++tries < DUMP_TRIES);
	if (again)
		r = -EAGAIN;
	if (r == 0)
		return 0;
	NFP_VFORMAT(subject, sizeof(subject), what);
	nfp_err_errno(err, r, errcode_of(r), "cannot %s", subject);
	if (err && r == -NFP_ENOANSWER)
		snprintf(err->message, sizeof(err->message),
			 "cannot %s: the kernel's answer could not be received", subject);
	if (err && nl->sentence[0])
		nfp_appendf(err->message, sizeof(err->message), ": %s", nl->sentence);
	return r;
}

int nfp_nl_drain(struct nfp_nl *nl, struct nfp_err *err)
{
	int lost = 0;

	nl->kept_len = 0;
	for (;;) {
		ssize_t n = receive(nl);

		if (n == -EAGAIN)
			return lost;
		if (n == -ENOBUFS)
			lost = 1;
		else if (n < 0 && n != -EINTR)
			return nfp_err_errno(err, (int)n, errcode_of((int)n),
					     "cannot read link notifications");
		else if (n > 0)
			dispatch(nl, (size_t)n, NULL);
	}
}

/* ---- acknowledgements ---- */

int nfp_nl_parse_ack(const struct nlmsghdr *nlh, struct nfp_nl_ack *ret_ack)
{
	bool is_done = nlh->nlmsg_type == NLMSG_DONE;
	size_t at = is_done ? sizeof(int) : sizeof(struct nlmsgerr);
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NLMSGERR_ATTR_MSG + 1];
	bool has_attrs = nlh->nlmsg_flags & NLM_F_ACK_TLVS;
	struct nfp_nl_ack ack = {0};

	if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len - NLMSG_HDRLEN < at)
		return -EBADMSG;
	memcpy(&ack.error, e, sizeof(ack.error));
	if (ack.error > 0)
		return -EBADMSG;
	/* Unless capped, the payload of the request follows its header. */
	if (has_attrs && !is_done && !(nlh->nlmsg_flags & NLM_F_CAPPED) && ack.error != 0) {
		has_attrs = e->msg.nlmsg_len >= sizeof(e->msg);
		at += NLMSG_ALIGN((size_t)e->msg.nlmsg_len) - sizeof(e->msg);
	}
	if (has_attrs) {
		nfp_attrs_table(nfp_attrs_of(nlh, at), tb, NLMSGERR_ATTR_MSG + 1);
		nfp_attr_str(tb[NLMSGERR_ATTR_MSG], ack.sentence, sizeof(ack.sentence));
	}
	for (char *p = ack.sentence; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	}
	*ret_ack = ack;
	return 0;
}

/* ---- generic netlink ---- */

int nfp_nl_genl_family(struct nfp_nl *nl, const char *name, uint16_t *ret_id, struct nfp_err *err)
{
	const struct genlmsghdr genl = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	const struct nlattr *tb[CTRL_ATTR_FAMILY_ID + 1];
	const struct nlmsghdr *nlh;
	struct nfp_nl_msg msg;
	int r;

	*ret_id = 0;
	nfp_nl_msg_init(&msg, GENL_ID_CTRL, 0, &genl, sizeof(genl));
	mnl_attr_put_strz(&msg.head, CTRL_ATTR_FAMILY_NAME, name);
	r = nfp_nl_talk(nl, &msg.head, err, "find the netlink family %s", name);
	if (r)
		return r;
	nlh = nfp_nl_next(nl, NULL, GENL_ID_CTRL);
	nfp_attrs_table(nlh ? nfp_attrs_of(nlh, sizeof(genl)) : (struct nfp_attrs) {0}, tb,
			CTRL_ATTR_FAMILY_ID + 1);
	nfp_attr_get(tb[CTRL_ATTR_FAMILY_ID], ret_id, sizeof(*ret_id));
	if (*ret_id == 0)
		r = nfp_err_set(err, -EBADMSG, NFP_E_KERNEL,
				"the kernel's answer about the netlink family %s lacks its number",
				name);
	return r;
}
