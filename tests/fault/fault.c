// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LD_PRELOAD: makes one call of a program fail, as kernel or library would. The program is not
 * changed and does not know.
 *
 *   FAULT_LOG    file of sizeof(struct fault_log) zeros, written while the program runs (fault.h)
 *   FAULT_KINDS  which calls count: letters of net, file, wait, thread, pcap (n f w t p)
 *   FAULT_AT     number   that call fails, counted from 1 (0: none)
 *                list     none fails; each place that calls is noted once a phase
 *                NAME,SITE,PHASE  the first such call
 *   FAULT_FOREVER set: so do all later calls of that function, in each process: a disk that is
 *                full, or a table, stays so
 *   FAULT_KILL   set: the process dies by SIGKILL in place of the call
 *
 * Calls before main do not count. A phase begins with each line written to the undo journal.
 */
#include "fault.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH 24

static struct {
	struct fault_log *log;
	const char *kinds;
	uint32_t at; /* 0: none, or by place */
	bool list, by_place, forever, kill;
	struct fault_call place;
	uintptr_t start, end; /* text of the program */
	atomic_uint calls, phase, hits;
	atomic_bool armed;
	pthread_mutex_t lock;
} f = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool inside;

/* ---- where ---- */

static uint32_t site(void)
{
	void *frames[DEPTH];
	int n = backtrace(frames, DEPTH);

	for (int i = 0; i < n; i++) {
		uintptr_t at = (uintptr_t)frames[i];

		if (at >= f.start && at < f.end)
			return (uint32_t)(at - f.start);
	}
	return 0;
}

static bool same_place(const struct fault_call *a, const struct fault_call *b)
{
	return a->site == b->site && a->phase == b->phase && strcmp(a->name, b->name) == 0;
}

static void note_place(const struct fault_call *call)
{
	pthread_mutex_lock(&f.lock);
	for (uint32_t i = 0; i < f.log->num_listed; i++)
		if (same_place(&f.log->listed[i], call))
			goto out;
	if (f.log->num_listed < FAULT_CALLS_MAX)
		f.log->listed[f.log->num_listed++] = *call;
out:
	pthread_mutex_unlock(&f.lock);
}

static struct fault_call here(const char *name)
{
	struct fault_call call = {.phase = atomic_load(&f.phase)};

	strncpy(call.name, name, sizeof(call.name) - 1);
	call.site = site();
	return call;
}

/* ---- whether ---- */

static bool is_due(char kind, const char *name)
{
	struct fault_call call;
	uint32_t number;
	bool due;

	if (!atomic_load(&f.armed) || inside || !strchr(f.kinds, kind))
		return false;
	inside = true;
	number = atomic_fetch_add(&f.calls, 1) + 1;
	f.log->calls = number;
	due = f.at && number == f.at;
	if (due || f.list || (f.by_place && !atomic_load(&f.hits)))
		call = here(name);
	if (f.list)
		note_place(&call);
	if (f.by_place && !atomic_load(&f.hits))
		due = same_place(&call, &f.place);
	due = due && atomic_fetch_add(&f.hits, 1) == 0;
	if (!due && f.forever && f.log->hits && strcmp(name, f.log->hit.name) == 0) {
		inside = false;
		return true;
	}
	if (due) {
		f.log->hit = call;
		f.log->hits = 1;
		if (f.kill)
			kill(getpid(), SIGKILL);
	}
	inside = false;
	return due;
}

static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

/* A call of @kind that fails with @error and returns @failure. */
#define FAILING(kind, ret_type, name, params, args, failure, error) \
	ret_type name params;                                       \
	ret_type name params                                        \
	{                                                           \
		static ret_type(*real) params;                      \
                                                                    \
		if (!real)                                          \
			real = (ret_type(*) params)next(#name);     \
		if (is_due(kind, #name)) {                          \
			errno = error;                              \
			return failure;                             \
		}                                                   \
		return real args;                                   \
	}

/* ---- sockets ---- */

FAILING('n', int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1,
	EMFILE)
FAILING('n', int, bind, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len), -1,
	ENOBUFS)
FAILING('n', int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
	(fd, level, name, value, len), -1, ENOMEM)
FAILING('n', int, getsockopt, (int fd, int level, int name, void *value, socklen_t *len),
	(fd, level, name, value, len), -1, ENOBUFS)
FAILING('n', ssize_t, sendto,
	(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
	 socklen_t len),
	(fd, data, size, flags, to, len), -1, ENOBUFS)
FAILING('n', ssize_t, sendmsg, (int fd, const struct msghdr *msg, int flags), (fd, msg, flags), -1,
	ENOBUFS)
FAILING('n', int, sendmmsg, (int fd, struct mmsghdr *msgs, unsigned int num, int flags),
	(fd, msgs, num, flags), -1, ENOBUFS)
FAILING('n', ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags),
	-1, ENOMEM)
FAILING('n', ssize_t, recvfrom,
	(int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *len),
	(fd, data, size, flags, from, len), -1, ENOMEM)
FAILING('n', ssize_t, recvmsg, (int fd, struct msghdr *msg, int flags), (fd, msg, flags), -1,
	ENOMEM)

/* ---- files ---- */

/* Written to the undo journal: the next phase. */
static void note_write(int fd)
{
	char link[64], path[256];
	ssize_t n;

	if (!atomic_load(&f.armed))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return;
	path[n] = '\0';
	if (strstr(path, ".journal"))
		atomic_fetch_add(&f.phase, 1);
}

ssize_t write(int fd, const void *data, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (!real)
		real = (ssize_t(*)(int, const void *, size_t))next("write");
	if (is_due('f', "write")) {
		errno = ENOSPC;
		return -1;
	}
	note_write(fd);
	return real(fd, data, size);
}

#define OPENING(name)                                                        \
	int name(const char *path, int flags, ...)                           \
	{                                                                    \
		static int (*real)(const char *, int, ...);                  \
		va_list ap;                                                  \
		mode_t mode;                                                 \
                                                                             \
		va_start(ap, flags);                                         \
		mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;             \
		va_end(ap);                                                  \
		if (!real)                                                   \
			real = (int (*)(const char *, int, ...))next(#name); \
		if (is_due('f', #name)) {                                    \
			errno = EMFILE;                                      \
			return -1;                                           \
		}                                                            \
		return real(path, flags, mode);                              \
	}
OPENING(open)
OPENING(open64)

int openat(int dir, const char *path, int flags, ...)
{
	static int (*real)(int, const char *, int, ...);
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (!real)
		real = (int (*)(int, const char *, int, ...))next("openat");
	if (is_due('f', "openat")) {
		errno = EMFILE;
		return -1;
	}
	return real(dir, path, flags, mode);
}

FAILING('f', FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
FAILING('f', DIR *, opendir, (const char *path), (path), NULL, EMFILE)
FAILING('f', FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL, ENOMEM)
FAILING('f', FILE *, open_memstream, (char **data, size_t *size), (data, size), NULL, ENOMEM)
FAILING('f', int, fseek, (FILE * file, long at, int whence), (file, at, whence), -1, EIO)
FAILING('f', DIR *, fdopendir, (int fd), (fd), NULL, ENOMEM)
FAILING('f', ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), -1, EIO)
FAILING('f', ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at), -1,
	EIO)
FAILING('f', ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at),
	(fd, data, size, at), -1, ENOSPC)
FAILING('f', ssize_t, readlink, (const char *path, char *buf, size_t size), (path, buf, size), -1,
	EIO)
FAILING('f', int, ftruncate, (int fd, off_t size), (fd, size), -1, EIO)
FAILING('f', int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), -1,
	ENOSPC)
FAILING('f', int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1,
	EIO)
FAILING('f', int, rename, (const char *from, const char *to), (from, to), -1, EIO)
FAILING('f', int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), -1, EIO)
FAILING('f', int, mkdir, (const char *path, mode_t mode), (path, mode), -1, ENOSPC)
FAILING('f', int, fsync, (int fd), (fd), -1, EIO)
FAILING('f', int, flock, (int fd, int operation), (fd, operation), -1, ENOLCK)
FAILING('f', int, fstat, (int fd, struct stat *st), (fd, st), -1, EIO)
FAILING('f', int, stat, (const char *path, struct stat *st), (path, st), -1, EIO)
FAILING('f', off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), -1, EIO)
FAILING('f', int, dup, (int fd), (fd), -1, EMFILE)
FAILING('f', int, dup2, (int fd, int as), (fd, as), -1, EMFILE)
FAILING('f', int, fflush, (FILE * file), (file), EOF, ENOSPC)
FAILING('f', ssize_t, getrandom, (void *buf, size_t size, unsigned int flags), (buf, size, flags),
	-1, ENOSYS)

/* ---- waiting ---- */

FAILING('w', int, eventfd, (unsigned int count, int flags), (count, flags), -1, EMFILE)
FAILING('w', int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags), -1,
	EMFILE)
FAILING('w', int, pipe2, (int fds[2], int flags), (fds, flags), -1, EMFILE)
FAILING('w', int, poll, (struct pollfd * fds, nfds_t num, int ms), (fds, num, ms), -1, ENOMEM)
FAILING('w', int, ppoll,
	(struct pollfd * fds, nfds_t num, const struct timespec *time, const sigset_t *mask),
	(fds, num, time, mask), -1, ENOMEM)

/* ---- processes and threads ---- */

FAILING('t', pid_t, fork, (void), (), -1, EAGAIN)
FAILING('t', int, unshare, (int flags), (flags), -1, ENOSPC)
FAILING('t', int, setns, (int fd, int type), (fd, type), -1, EPERM)
FAILING('t', int, pthread_create,
	(pthread_t * thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg),
	(thread, attr, start, arg), EAGAIN, EAGAIN)

/* ---- libpcap ---- */

typedef struct pcap pcap_t;
struct bpf_program;
struct pcap_stat;
typedef void (*pcap_handler)(unsigned char *, const void *, const unsigned char *);

FAILING('p', pcap_t *, pcap_create, (const char *device, char *words), (device, words), NULL,
	ENOMEM)
FAILING('p', int, pcap_activate, (pcap_t * p), (p), -1, ENODEV)
FAILING('p', int, pcap_set_snaplen, (pcap_t * p, int n), (p, n), -4, 0)
FAILING('p', int, pcap_set_promisc, (pcap_t * p, int n), (p, n), -4, 0)
FAILING('p', int, pcap_set_immediate_mode, (pcap_t * p, int n), (p, n), -4, 0)
FAILING('p', int, pcap_set_buffer_size, (pcap_t * p, int n), (p, n), -4, 0)
FAILING('p', int, pcap_set_tstamp_precision, (pcap_t * p, int n), (p, n), -12, 0)
FAILING('p', int, pcap_setnonblock, (pcap_t * p, int on, char *words), (p, on, words), -1, ENOMEM)
FAILING('p', int, pcap_setdirection, (pcap_t * p, int way), (p, way), -1, ENOMEM)
FAILING('p', int, pcap_setfilter, (pcap_t * p, struct bpf_program *program), (p, program), -1,
	ENOMEM)
FAILING('p', int, pcap_compile,
	(pcap_t * p, struct bpf_program *program, const char *text, int optimize,
	 unsigned int mask),
	(p, program, text, optimize, mask), -1, ENOMEM)
FAILING('p', int, pcap_dispatch, (pcap_t * p, int max, pcap_handler handler, unsigned char *arg),
	(p, max, handler, arg), -1, EIO)
FAILING('p', int, pcap_stats, (pcap_t * p, struct pcap_stat *stats), (p, stats), -1, EIO)

/* ---- beginning ---- */

/* The first lines of /proc/self/maps that are of the program itself. */
static void program_range(void)
{
	char line[512], path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;

	path[n > 0 ? n : 0] = '\0';
	while (maps && fgets(line, sizeof(line), maps)) {
		if (!strstr(line, path) || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		if (!f.start)
			f.start = start;
		f.end = end;
	}
	if (maps)
		fclose(maps);
}

static bool open_log(void)
{
	const char *path = getenv("FAULT_LOG");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return false;
	f.log = mmap(NULL, sizeof(*f.log), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return f.log != MAP_FAILED;
}

static void read_wish(const char *at)
{
	if (!at ||
	    sscanf(at, "%23[a-z_0-9],%u,%u", f.place.name, &f.place.site, &f.place.phase) == 3)
		f.by_place = at != NULL;
	else if (strcmp(at, "list") == 0)
		f.list = true;
	else
		f.at = (uint32_t)strtoul(at, NULL, 10);
}

/* A child must not get the lock while another thread of its parent holds it: it would wait
 * forever. */
static void take_lock(void)
{
	pthread_mutex_lock(&f.lock);
}

static void release_lock(void)
{
	pthread_mutex_unlock(&f.lock);
}

static void prepare(void)
{
	void *frames[2];

	f.kinds = getenv("FAULT_KINDS");
	f.kill = getenv("FAULT_KILL") != NULL;
	f.forever = getenv("FAULT_FOREVER") != NULL;
	if (!f.kinds || !open_log())
		return;
	read_wish(getenv("FAULT_AT"));
	program_range();
	pthread_atfork(take_lock, release_lock, release_lock);
	(void)backtrace(frames, 2); /* it loads a library the first time */
	unsetenv("LD_PRELOAD");
	atomic_store(&f.armed, true);
}

static int (*real_main)(int, char **, char **);

static int main_with_faults(int argc, char **argv, char **envp)
{
	prepare();
	return real_main(argc, argv, envp);
}

typedef int main_fn(int, char **, char **);

int __libc_start_main(main_fn *main_function, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(main_fn *main_function, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*real)(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void),
		    void *) = (int (*)(main_fn *, int, char **, void (*)(void), void (*)(void),
				       void (*)(void), void *))next("__libc_start_main");

	real_main = main_function;
	return real(main_with_faults, argc, argv, init, fini, rtld_fini, stack_end);
}
