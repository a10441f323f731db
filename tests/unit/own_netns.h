/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_netns.h - a network namespace that holds nothing but lo, for cmocka's fixtures. */
#ifndef NFPROBE_TESTS_OWN_NETNS_H
#define NFPROBE_TESTS_OWN_NETNS_H

#include <sched.h>

#include "harness.h"

static inline int own_netns(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		print_error("no network namespace of our own: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

#endif
