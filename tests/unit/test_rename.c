// SPDX-License-Identifier: GPL-2.0-or-later
/* A netdev is renamed while it is up, also by a kernel older than 6.2, which refuses that. */
#include <net/if.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "own_netns.h"
#include "net/netlink.h"

static struct {
	bool old;	    /* older than 6.2 */
	bool down_refused;  /* it does not set the netdev down */
	bool up;	    /* what it was told last of the netdev */
	bool refuses;	    /* its answer to the last request is EBUSY */
	int refusals, sets; /* that many: answers EBUSY, requests to set it up or down */
} kernel;

static void look_at(struct nlmsghdr *nlh)
{
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	bool sets = nlh->nlmsg_type == RTM_NEWLINK && (ifi->ifi_change & IFF_UP);
	bool renames = nlh->nlmsg_type == RTM_SETLINK;

	kernel.refuses = (kernel.old && renames && kernel.up) ||
			 (kernel.down_refused && sets && !(ifi->ifi_flags & IFF_UP));
	if (kernel.refuses)
		ifi->ifi_index = -1; /* so that nothing is done */
	else if (sets)
		kernel.up = ifi->ifi_flags & IFF_UP;
	kernel.sets += sets;
}

/* In place of the C library's. */
ssize_t sendto(int fd, const void *data, size_t len, int flags, __CONST_SOCKADDR_ARG to,
	       socklen_t to_len)
{
	_Alignas(8) char copy[4096];

	assert_true(len <= sizeof(copy));
	memcpy(copy, data, len);
	look_at((struct nlmsghdr *)copy);
	return syscall(SYS_sendto, fd, copy, len, flags, to.__sockaddr__, to_len);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t len = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;
	struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

	if (len <= 0 || nlh->nlmsg_type != NLMSG_ERROR)
		return len;
	if (kernel.refuses)
		answer->error = -EBUSY;
	kernel.refusals += answer->error == -EBUSY;
	return len;
}

/* Renames "lo", which is up, and back. @ret_name: what it was called between. */
static int rename_lo(char ret_name[IF_NAMESIZE], struct nfp_err *err)
{
	struct nfp_rt_dev lo = {(int)if_nametoindex("lo"), "lo"};
	int ret, refusals, sets;
	struct nfp_nl *nl;

	assert_int_equal(nfp_nl_open(NETLINK_ROUTE, -1, &nl, NULL), 0);
	assert_int_equal(nfp_rt_link_set_up(nl, &lo, true, NULL), 0);
	kernel.sets = kernel.refusals = 0;
	ret = nfp_rt_link_rename(nl, &lo, "other", err);
	assert_non_null(if_indextoname((unsigned int)lo.ifindex, ret_name));
	kernel.old = kernel.down_refused = false;
	refusals = kernel.refusals;
	sets = kernel.sets;
	assert_int_equal(nfp_rt_link_rename(nl, &lo, "lo", NULL), 0);
	kernel.refusals = refusals;
	kernel.sets = sets;
	nfp_nl_close(nl);
	return ret;
}

TEST(old_kernel_sees_it_down)
{
	char name[IF_NAMESIZE];

	kernel.old = true;
	assert_int_equal(rename_lo(name, NULL), 0);
	assert_string_equal(name, "other");
	assert_int_equal(kernel.refusals, 1);
	assert_true(kernel.up);
}

TEST(newer_kernel_leaves_it_up)
{
	char name[IF_NAMESIZE];

	assert_int_equal(rename_lo(name, NULL), 0);
	assert_string_equal(name, "other");
	/* This machine's own kernel may be an old one. */
	assert_int_equal(kernel.sets, 2 * kernel.refusals);
	assert_true(kernel.up);
}

TEST(cannot_be_set_down)
{
	char name[IF_NAMESIZE];
	struct nfp_err err;

	kernel.old = kernel.down_refused = true;
	assert_int_equal(rename_lo(name, &err), -EBUSY);
	assert_string_equal(name, "lo");
	assert_int_equal(strncmp(err.message, "cannot rename lo to other: ", 27), 0);
	assert_true(kernel.up);
}

int main(void)
{
	return RUN_TESTS(own_netns, NULL);
}
