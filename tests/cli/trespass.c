// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trespass.c - for LD_PRELOAD: whenever the program parses JSON of others, or waits for frames
 * while it is confined, the same process tries what it may not do, and says on standard error what
 * it is and what was not refused (trespass.h). TRESPASS_DIR is a folder with a file "secret" in it;
 * TRESPASS_NO_LANDLOCK=1 is a kernel without Landlock.
 */
#include <dlfcn.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "trespass.h"

static void report(const char *where)
{
	const char *dir = getenv("TRESPASS_DIR");
	char secret[256];
	static bool done;

	if (done || !dir)
		return;
	done = true;
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	dprintf(STDERR_FILENO, "%s: seccomp %d, uid %d, not refused: %d\n", where,
		prctl(PR_GET_SECCOMP), (int)getuid(), trespass(dir, secret));
}

json_t *json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
	json_t *(*next)(const char *, size_t, size_t, json_error_t *) = dlsym(RTLD_NEXT,
									      "json_loadb");

	report("parser");
	return next(text, len, flags, error);
}

int ppoll(struct pollfd *fds, nfds_t num, const struct timespec *timeout, const sigset_t *mask)
{
	int (*next)(struct pollfd *, nfds_t, const struct timespec *,
		    const sigset_t *) = dlsym(RTLD_NEXT, "ppoll");

	if (prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER)
		report("reflector");
	return next(fds, num, timeout, mask);
}

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_landlock_create_ruleset && getenv("TRESPASS_NO_LANDLOCK")) {
		errno = ENOSYS;
		return -1;
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
