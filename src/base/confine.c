// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * confine.c - a process that parses what others wrote may compute, and use the descriptors that it
 * has. It is nobody's, so root's files are closed to it. A seccomp filter keeps it from opening
 * files and sockets, from making processes and from executing programs. Landlock, where the kernel
 * has it, does not let it open, make or remove a file by any other way either.
 */
#include "nfprobe/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534 /* of every distribution; overflowuid of the kernel */

/* The sanitizers look for leaks when the process ends: by ptrace, from another process. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
static const bool sanitized = true;
#else
static const bool sanitized;
#endif

#define CALL(name) SCMP_SYS(name)

static const int denied[] = {
	/* programs and other processes */
	CALL(execve), CALL(execveat), CALL(process_vm_readv), CALL(process_vm_writev), CALL(kill),
	CALL(tkill), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(pidfd_open),
	CALL(pidfd_getfd), CALL(pidfd_send_signal), CALL(process_madvise), CALL(kcmp),
	/* files by their names */
	CALL(openat2), CALL(creat), CALL(open_by_handle_at), CALL(truncate), CALL(rename),
	CALL(renameat), CALL(renameat2), CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat),
	CALL(unlink), CALL(unlinkat), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(mknod),
	CALL(mknodat), CALL(chmod), CALL(fchmodat), CALL(chown), CALL(lchown), CALL(fchownat),
	CALL(utime), CALL(utimes), CALL(futimesat), CALL(utimensat), CALL(setxattr),
	CALL(lsetxattr), CALL(removexattr), CALL(lremovexattr), CALL(inotify_init1),
	CALL(fanotify_init),
	/* sockets */
	CALL(socket), CALL(socketpair), CALL(connect), CALL(bind), CALL(listen), CALL(accept),
	CALL(accept4),
	/* the system */
	CALL(mount), CALL(umount2), CALL(pivot_root), CALL(chroot), CALL(open_tree),
	CALL(move_mount), CALL(fsopen), CALL(fspick), CALL(fsmount), CALL(fsconfig), CALL(setns),
	CALL(unshare), CALL(bpf), CALL(perf_event_open), CALL(init_module), CALL(finit_module),
	CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(keyctl), CALL(add_key),
	CALL(request_key), CALL(io_uring_setup), CALL(userfaultfd), CALL(reboot),
	CALL(clock_settime), CALL(settimeofday), CALL(personality), CALL(acct), CALL(quotactl),
	CALL(swapon), CALL(swapoff), CALL(syslog)};

/* The sanitizers need these calls. */
static const int denied_unless_sanitized[] = {CALL(open),  CALL(openat), CALL(fork),  CALL(vfork),
					      CALL(clone), CALL(clone3), CALL(ptrace)};

static int deny(scmp_filter_ctx filter, const int calls[], size_t num)
{
	int ret = 0;

	for (size_t i = 0; i < num && ret == 0; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
	return ret;
}

/*
 * A signal to another process, and words that a terminal takes for typed ones. The kernel looks at
 * 32 bits of these arguments only, so the others must not hide them.
 */
static int deny_by_argument(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp other = {
		.arg = 0, .op = SCMP_CMP_NE, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0};
	const struct scmp_arg_cmp typed[] = {
		{.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = TIOCSTI},
		{.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = TIOCLINUX},
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), CALL(tgkill), 1, &other)
		       ?: seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), CALL(ioctl), 1,
						 &typed[0])
		       ?: seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), CALL(ioctl), 1,
						 &typed[1]);
}

static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int ret;

	if (!filter)
		return -ENOMEM;
	ret = deny(filter, denied, sizeof(denied) / sizeof(denied[0])) ?: deny_by_argument(filter);
	if (ret == 0 && !sanitized)
		ret = deny(filter, denied_unless_sanitized,
			   sizeof(denied_unless_sanitized) / sizeof(denied_unless_sanitized[0]));
	ret = ret ?: seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}

/*
 * Root stays so where it cannot become another: without CAP_SETUID, as in some containers, or in a
 * user namespace that has no nobody, whose root is the user who made it.
 */
static int become_nobody(void)
{
	if (geteuid() != 0)
		return 0;
	if ((setgroups(0, NULL) && errno != EPERM && errno != EINVAL) ||
	    ((setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) &&
	     errno != EPERM && errno != EINVAL))
		return -errno;
	return sanitized && prctl(PR_SET_DUMPABLE, 1) ? -errno : 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

/* Denies every right that this kernel's Landlock knows. */
static int restrict_files(bool *ret_landlock)
{
	/* How many rights each version of the interface has (LANDLOCK_ACCESS_FS_*). */
	static const unsigned int rights[] = {0, 13, 14, 15, 15, 16};
	const long last = (long)(sizeof(rights) / sizeof(rights[0])) - 1;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = {0};
	int fd, ret = 0;

	*ret_landlock = version > 0 && !sanitized;
	if (!*ret_landlock)
		return 0;
	attr.handled_access_fs = (UINT64_C(1) << rights[version < last ? version : last]) - 1;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		ret = -errno;
	close(fd);
	return ret;
}

int nfp_confine(bool *ret_landlock, struct nfp_err *err)
{
	int ret = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;

	ret = ret ?: become_nobody();
	ret = ret ?: drop_capabilities();
	ret = ret ?: restrict_files(ret_landlock);
	ret = ret ?: filter_calls();
	if (ret)
		nfp_err_errno(err, ret, NFP_E_KERNEL,
			      "cannot confine the process that reads what others wrote");
	return ret;
}

/* ---- a process of its own ---- */

struct confined {
	struct nfp_err err;
	bool started; /* it is confined, and works */
};

/* Keeps the standard streams and @keep; other descriptors may be sockets with root's rights. */
static int close_others(const int keep[], size_t num)
{
	unsigned int from = STDERR_FILENO + 1;

	for (;;) {
		unsigned int next = ~0U;

		for (size_t i = 0; i < num; i++)
			if (keep[i] >= (int)from && (unsigned int)keep[i] < next)
				next = (unsigned int)keep[i];
		if (next > from && close_range(from, next == ~0U ? next : next - 1, 0))
			return -errno;
		if (next == ~0U)
			return 0;
		from = next + 1;
	}
}

static void __attribute__((noreturn))
work_confined(struct confined *shared, pid_t parent, nfp_confined_work work, void *ctx,
	      const int keep[], size_t num_keep)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	bool landlock;
	int status = 0;

	if (close_others(keep, num_keep) == 0 && nfp_confine(&landlock, &err) == 0) {
		/* Becoming nobody has cleared it. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		shared->started = getppid() == parent;
		if (shared->started)
			status = work(ctx, landlock, &err);
	}
	shared->err = err;
	exit(status);
}

/* The child may have been made to write anything there. */
static void take_error(const struct confined *shared, struct nfp_err *err)
{
	if (!err)
		return;
	*err = shared->err;
	err->message[sizeof(err->message) - 1] = err->hint[sizeof(err->hint) - 1] = '\0';
	if ((unsigned int)err->code >= nfp_errcode_names.num)
		err->code = NFP_E_INPUT;
}

int nfp_run_confined(nfp_confined_work work, void *ctx, const int keep[], size_t num_keep,
		     struct nfp_err *err)
{
	struct confined *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = -1, parent = getpid();
	int status = 0, ret = 0;

	if (shared == MAP_FAILED)
		return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot share memory");
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		work_confined(shared, parent, work, ctx, keep, num_keep);
	if (pid < 0)
		ret = nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot make a process");
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && !WIFEXITED(status))
		ret = nfp_err_set(err, -ECHILD, NFP_E_DIED,
				  "the process that reads what others wrote was killed by SIG%s",
				  sigabbrev_np(WTERMSIG(status)) ?: "?");
	else if (pid > 0)
		take_error(shared, err);
	if (ret == 0 && !shared->started)
		ret = err && err->code != NFP_E_NONE ? -EPERM
						     : nfp_err_errno(err, -EPERM, NFP_E_KERNEL,
								     "cannot confine a process");
	munmap(shared, sizeof(*shared));
	return ret ? ret : WEXITSTATUS(status);
}
