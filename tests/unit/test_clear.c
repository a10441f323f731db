// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking a VF's address away, where drivers answer as they do: in a time of the test's own, and
 * with its own answers to what the kernel is asked.
 */
#include <poll.h>
#include <time.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/change/apply.h"
#include "../../src/change/change.h"

#define MS    NFP_NSEC_PER_MSEC
#define NEVER UINT64_MAX

static const struct nfp_mac X = {{0x06, 1, 1, 1, 1, 1}}, P = {{0x06, 3, 3, 3, 3, 3}};
static const struct nfp_mac zero;

/* ---- time ---- */

static uint64_t now_ns;

int clock_gettime(clockid_t id, struct timespec *ret)
{
	(void)id;
	*ret = (struct timespec) {.tv_sec = (time_t)(now_ns / NFP_NSEC_PER_SEC),
				  .tv_nsec = (long)(now_ns % NFP_NSEC_PER_SEC)};
	return 0;
}

/* The kernel's answers are there at once, so nothing but a pause waits. */
int poll(struct pollfd *fds, nfds_t num, int ms)
{
	(void)fds;
	assert_int_equal(num, 0);
	now_ns += (uint64_t)ms * MS;
	return 0;
}

/* ---- a driver ---- */

static struct driver {
	int zero;	       /* what it answers to zero, at any time */
	int zero_gone;	       /* its answer to zero until an address was set: ixgbe */
	bool knows_own;	       /* refuses an address that a VF has, this one too: qlcnic */
	int in_reset;	       /* what it answers to anything in a reset */
	uint64_t reset_end_ns; /* in reset until then */
	uint64_t set_reset_ns; /* setting an address resets the VF for so long */
	uint64_t takes_ns;     /* so long it takes to answer */
	int fails;	       /* what it answers once it has done it */

	struct nfp_mac mac;
	unsigned int asked[2]; /* for an address, for none */
	int answer;	       /* to the request that was sent last */
} nic;

static int answer_of(const struct nfp_mac *mac)
{
	bool none = nfp_mac_is_zero(mac);

	nic.asked[none]++;
	now_ns += nic.takes_ns;
	if (now_ns < nic.reset_end_ns)
		return nic.in_reset;
	if (none && (nic.zero || nic.zero_gone))
		return nic.zero ?: nic.zero_gone;
	if (!none && nic.knows_own && nfp_mac_equal(mac, &nic.mac))
		return -EINVAL;
	nic.zero_gone = 0;
	nic.mac = *mac;
	if (nic.set_reset_ns)
		nic.reset_end_ns = now_ns + nic.set_reset_ns;
	return nic.fails;
}

/* The kernel acknowledges what is for nobody, and receives nothing else. */
ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	const struct nlattr *list = mnl_nlmsg_get_payload_offset(req, sizeof(struct ifinfomsg));
	const struct nlattr *info = mnl_attr_get_payload(list), *attr = mnl_attr_get_payload(info);
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct nlmsghdr nobody;
	struct nfp_mac mac;

	assert_true(size > sizeof(nobody));
	memcpy(&nobody, req, sizeof(nobody));
	assert_int_equal(nobody.nlmsg_type, RTM_SETLINK);
	assert_int_equal(mnl_attr_get_type(attr), IFLA_VF_MAC);
	memcpy(&mac, ((const struct ifla_vf_mac *)mnl_attr_get_payload(attr))->mac, sizeof(mac));
	nic.answer = answer_of(&mac);
	nobody.nlmsg_type = NLMSG_NOOP;
	nobody.nlmsg_len = sizeof(nobody);
	if (sendto(mnl_socket_get_fd(nl), &nobody, sizeof(nobody), 0,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -1;
	return (ssize_t)size;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *nlh = msg->msg_iov->iov_base;
	struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);

	assert_true(n > 0);
	assert_int_equal(nlh->nlmsg_type, NLMSG_ERROR);
	assert_int_equal(ack->error, 0);
	ack->error = nic.answer;
	return n;
}

/* ---- the tests ---- */

/* @written_ns: how long ago a VF was written to. */
static int clear(const struct driver *driver, uint64_t written_ns, struct nfp_err *err)
{
	const struct nfp_rt_dev pf = {1, "eth0"};
	struct nfp_change c = {
		.kind = NFP_CHANGE_VF_MAC, .of_vf = true, .vf = 3, .placeholder_mac = &P};
	struct nfp_apply apply;
	int ret;

	nic = *driver;
	nic.mac = X;
	assert_int_equal(nfp_apply_open(&apply, nfp_sysroot_default(), &pf, NULL, NULL), 0);
	apply.written_ns -= written_ns;
	ret = nfp_apply_change(&apply, &c, err);
	nfp_apply_close(&apply);
	return ret;
}

static void assert_mac(const struct nfp_mac *mac)
{
	assert_true(nfp_mac_equal(&nic.mac, mac));
}

TEST(taken_at_once)
{
	const struct driver driver = {0};

	assert_int_equal(clear(&driver, 0, NULL), 0);
	assert_mac(&zero);
	assert_int_equal(nic.asked[true], 1);
	assert_int_equal(nic.asked[false], 0);
}

/* It takes three answers, or a fourth where setting the address may have reset the VF. */
TEST(always_refused)
{
	static const int errors[] = {-EINVAL, -EADDRNOTAVAIL, -EPERM, -EIO};

	for (size_t i = 0; i < 4 * sizeof(errors) / sizeof(errors[0]); i++) {
		const struct driver driver = {
			.zero = errors[i / 4], .knows_own = i & 1, .takes_ns = i & 2 ? 40 * MS : 0};
		uint64_t begin_ns = now_ns, pause_ns = 4 * MAX(driver.takes_ns, 20 * MS);

		assert_int_equal(clear(&driver, i & 1 ? 0 : 10000 * MS, NULL), NFP_PLACEHOLDER);
		assert_mac(&P);
		assert_int_equal(nic.asked[false], 1);
		assert_true(nic.asked[true] <= 3);
		assert_true(now_ns - begin_ns <= 4 * driver.takes_ns + pause_ns);
	}
}

/* ixgbe: a reset has taken the filter that the zero address would take away. */
TEST(taken_once_there_is_something_to_take)
{
	const struct driver driver = {.zero_gone = -ENOMEM};

	assert_int_equal(clear(&driver, 10000 * MS, NULL), 0);
	assert_mac(&zero);
	assert_int_equal(nic.asked[false], 1);
	assert_int_equal(nic.asked[true], 2);
}

/*
 * A reset of any length, that ends at any time between the answers. It says that it is busy, or
 * EINVAL, which is also what a driver says that takes no zero.
 */
TEST(in_reset)
{
	static const int errors[] = {-EINVAL, -EBUSY, -EAGAIN};

	for (uint64_t ms = 1; ms < 2 * 1500; ms++) {
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			const struct driver driver = {.in_reset = errors[i],
						      .takes_ns = ms % 7 * MS,
						      .set_reset_ns = ms & 1 ? 0 : ms / 2 * MS,
						      .reset_end_ns = now_ns + ms / 2 * MS};

			assert_int_equal(clear(&driver, 0, NULL), 0);
			assert_mac(&zero);
			assert_true(errors[i] == -EINVAL || !nic.asked[false]);
		}
	}
}

/* After five seconds it is a refusal, and so it is at once long after the last reset. */
TEST(in_reset_for_ever)
{
	const struct driver driver = {.in_reset = -EINVAL, .reset_end_ns = NEVER};
	struct nfp_err err = {.code = NFP_E_NONE};
	uint64_t begin_ns = now_ns;

	assert_int_equal(clear(&driver, 0, &err), -EINVAL);
	assert_non_null(strstr(err.message, "to none"));
	assert_true(now_ns - begin_ns >= 5000 * MS);
	assert_true(now_ns - begin_ns < 5200 * MS);
	begin_ns = now_ns;
	assert_int_equal(clear(&driver, 5000 * MS, NULL), -EINVAL);
	assert_mac(&X);
	assert_int_equal(nic.asked[true], 2);
	assert_int_equal(nic.asked[false], 1);
	assert_int_equal(now_ns, begin_ns);
}

/* The address that stays is not the one that stands for none. */
TEST(refused_and_yet_done)
{
	const struct driver driver = {.fails = -EIO};

	assert_int_equal(clear(&driver, 0, NULL), -EIO);
	assert_mac(&zero);
}

int main(void)
{
	now_ns = 1000 * NFP_NSEC_PER_SEC;
	return RUN_TESTS(NULL, NULL);
}
