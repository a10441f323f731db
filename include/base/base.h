/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base.h - values and their text, memory, strings, errors, clocks, sysfs, threads, namespaces. */
#ifndef NFPROBE_BASE_H
#define NFPROBE_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <pthread.h>

#include "base/command.h"

/* The version, such as "0.4.0", or "0.4.0~dev+g7f18ea1f" between releases: scripts/lib/version. */
extern const char nfp_version[];

#define NFP_NUM(array) (sizeof(array) / sizeof((array)[0]))

/* Formats the arguments that follow @fmt_, the last named one of the function. */
#define NFP_VFORMAT(buf_, size_, fmt_)                   \
	do {                                             \
		va_list ap_;                             \
                                                         \
		va_start(ap_, fmt_);                     \
		vsnprintf((buf_), (size_), (fmt_), ap_); \
		va_end(ap_);                             \
	} while (0)

/*
 * types: addresses and VLANs.
 */

#define NFP_MAC_LEN    6
#define NFP_MAC_STRLEN 18 /* "02:00:00:00:00:00" and the NUL */
#define NFP_IFNAMSIZ   16 /* IFNAMSIZ, include/uapi/linux/if.h */
#define NFP_RUN_ID_LEN 16

#define NFP_NSEC_PER_SEC  UINT64_C(1000000000)
#define NFP_NSEC_PER_MSEC UINT64_C(1000000)
#define NFP_NSEC_PER_USEC UINT64_C(1000)

/* An Ethernet address in wire order. */
struct nfp_mac {
	uint8_t b[NFP_MAC_LEN];
};

/* A VLAN tag. With vid 0 there is no VLAN, and qos and proto are 0 as well. */
struct nfp_vlan {
	uint16_t vid;	/* 0 to 4094 */
	uint8_t qos;	/* priority code point, 0 to 7 */
	uint16_t proto; /* host byte order: ETH_P_8021Q (0x8100) or ETH_P_8021AD (0x88a8) */
};

/*
 * The names of an enumeration, indexed by value. A value whose name is NULL is null in JSON.
 */
struct nfp_names {
	const char *const *v;
	unsigned int num;
};
#define NFP_NAMES(...)                                                 \
	{                                                              \
		(const char *const[]) {__VA_ARGS__},                   \
			NFP_NUM(((const char *const[]) {__VA_ARGS__})) \
	}
/* Returns the name of a value; "?" for one out of range. */
const char *nfp_name(const struct nfp_names *names, unsigned int v);
/* Returns the value that has exactly this name. -1: none has, or @name is NULL. */
int nfp_name_find(const struct nfp_names *names, const char *name);
/* Returns the one of @names that @word begins, or misspells by a letter or two. NULL: none; NULLs
 * are skipped. */
const char *nfp_nearest(const char *word, const char *const names[], size_t num);

struct nfp_mac_text {
	char text[NFP_MAC_STRLEN];
};
struct nfp_mac_text nfp_mac_str(const struct nfp_mac *mac);
/* Reads @num bytes from twice as many hex digits. On failure returns false; @bytes is undefined. */
bool nfp_hex_parse(const char *text, uint8_t *bytes, size_t num);
/* Writes 2 * @num lower-case digits and the NUL to @buf, and returns it. */
const char *nfp_hex_str(const uint8_t *bytes, size_t num, char *buf);

/* Parses six pairs of hex digits with colons between them, and nothing else; false otherwise. */
bool nfp_mac_parse(const char *text, struct nfp_mac *ret_mac);
bool nfp_mac_equal(const struct nfp_mac *a, const struct nfp_mac *b);
bool nfp_mac_is_zero(const struct nfp_mac *mac);
extern const struct nfp_mac nfp_mac_broadcast;
/* 33:33:00:00:00:01, the group of ff02::1 (RFC 2464, section 7; RFC 4291, section 2.7.1). */
extern const struct nfp_mac nfp_mac_all_nodes;
bool nfp_mac_is_multicast(const struct nfp_mac *mac); /* broadcast included */
/* True for 02:00:00:00:00:00, which libvirt gives to a VF that it takes back if the driver
 * refuses zero (altZeroMAC in src/util/virnetdev.c). */
bool nfp_mac_is_released(const struct nfp_mac *mac);
/* True for an address that is nobody's: zero, a group, or released. */
bool nfp_mac_is_nobodys(const struct nfp_mac *mac);

/* Writes RFC 3339 in UTC: "2026-11-20T10:00:00.123Z". Returns @buf. */
const char *nfp_time_text(int64_t unix_ms, char *buf, size_t size);

/* Sizes of text buffers, including the NUL. Longer text is truncated. */
#define NFP_TEXT_LEN   128
#define NFP_NOTE_LEN   256
#define NFP_REASON_LEN 400

#define NFP_VF_MAX 4096 /* more VFs than any device has today; PCIe's TotalVFs has 16 bits */

/* Limits and defaults of options. */
#define NFP_RATE_DEFAULT      1000U
#define NFP_RATE_MAX	      10000U
#define NFP_GAP_LIMIT_MAX     600000U /* ms */
#define NFP_SETTLE_DEFAULT_NS (1500 * NFP_NSEC_PER_MSEC)
#define NFP_SETTLE_QUICK_NS   (500 * NFP_NSEC_PER_MSEC)
#define NFP_REFLECT_TIME_NS   (600 * NFP_NSEC_PER_SEC) /* how long a reflector lives */

/* Size of a sentence about a change by another process. */
#define NFP_CHANGE_LEN 256

/*
 * alloc: these never return NULL. When memory runs out, they write "out of memory" to standard
 * error and exit with NFP_EXIT_CANNOT; the parent process then restores the host. Free with
 * free(3).
 */

void *nfp_malloc(size_t size);
void *nfp_calloc(size_t num, size_t size); /* zeroed */
void *nfp_reallocarray(void *old, size_t num, size_t size);
char *nfp_strdup(const char *text);
char *nfp_asprintf(const char *fmt, ...) NFP_PRINTF(1, 2);
/* Parses the number of a process, as /proc has it. 0: it is none. */
int nfp_pid_of(const char *text);
char *nfp_vasprintf(const char *fmt, va_list ap) NFP_PRINTF(1, 0);

/* Makes room after the last element of @list_, and counts it in @num_. Returns a pointer to the new
 * element, which the caller sets. */
#define nfp_grow(list_, num_) \
	((list_) = nfp_reallocarray((list_), (num_) + 1, sizeof(*(list_))), &(list_)[(num_)++])

/* Walks over an array, or over the elements at a pointer, which may be NULL: (the name of a pointer
 * to each, the array, the number of elements). The last two are evaluated for each. */
#define nfp_for_each(at_, list_, num_) \
	for (__typeof__(*(list_)) *at_ = (list_); at_ && at_ < (list_) + (num_); at_++)

/* A growing list of strings that it owns. All zero is an empty list. */
struct nfp_strv {
	char **v;
	size_t n;
};
/* Appends a string, unless the list has it already. */
void nfp_strv_addf(struct nfp_strv *list, const char *fmt, ...) NFP_PRINTF(2, 3);
/* Appends @text, which the list owns from now on, even if it has it already. */
void nfp_strv_take(struct nfp_strv *list, char *text);
bool nfp_strv_has(const struct nfp_strv *list, const char *text);
void nfp_strv_fini(struct nfp_strv *list);

/* Appends to the string in @buf, of @size bytes, as much as fits. */
void nfp_appendf(char *buf, size_t size, const char *fmt, ...) NFP_PRINTF(3, 4);

/*
 * Copies @src to @dst as valid UTF-8, truncated at a character boundary. Invalid bytes become
 * U+FFFD. With @printable, control characters become '?' and tabs and line ends become blanks.
 */
void nfp_utf8_clean(char *dst, size_t size, const char *src, bool printable);
/* Returns the number of code points of a valid UTF-8 text. */
unsigned int nfp_utf8_width(const char *text);

/*
 * error: what happened, why, and what to do about it.
 *
 * Functions return 0 or a negative errno and fill in the struct nfp_err that they are given; NULL
 * is allowed everywhere. Only main and the modes print it, once.
 */

#define NFP_ERR_MSGLEN 512
#define NFP_HINT_LEN   1024

/* "error.code" in JSON; the names (names.c) are stable. */
enum nfp_errcode {
	NFP_E_NONE,
	NFP_E_USAGE,	       /* usage */
	NFP_E_PERMISSION,      /* permission */
	NFP_E_NO_INTERFACE,    /* no-such-interface */
	NFP_E_NOT_PF,	       /* not-a-pf */
	NFP_E_NO_VFS,	       /* no-vfs */
	NFP_E_NO_SUCH_VF,      /* no-such-vf */
	NFP_E_VF_IN_USE,       /* vf-in-use */
	NFP_E_VF_TAKEN,	       /* vf-taken: another process uses it since the run began */
	NFP_E_VF_CHANGED,      /* vf-changed: another process changed an attribute of the VF */
	NFP_E_PF_DOWN,	       /* pf-down */
	NFP_E_PF_NO_CARRIER,   /* pf-no-carrier */
	NFP_E_PF_ENSLAVED,     /* pf-in-bond */
	NFP_E_XDP,	       /* xdp */
	NFP_E_SWITCHDEV,       /* switchdev */
	NFP_E_ESWITCH_UNKNOWN, /* eswitch-unknown */
	NFP_E_MAC_IN_USE,      /* mac-in-use */
	NFP_E_NO_DRIVER,       /* no-vf-driver */
	NFP_E_LOCKED,	       /* locked: another run on this PF */
	NFP_E_NO_SOURCE,       /* no-source */
	NFP_E_SOURCE_UNUSABLE, /* source-unusable */
	NFP_E_UNSUPPORTED,     /* unsupported */
	NFP_E_JOURNAL,	       /* journal */
	NFP_E_INTERRUPTED,     /* interrupted */
	NFP_E_TIMEOUT,	       /* timeout */
	NFP_E_KERNEL,	       /* kernel: a system call or request failed */
	NFP_E_MEMORY,	       /* memory */
	NFP_E_OUTPUT,	       /* output: the result could not be written */
	NFP_E_INPUT,	       /* input: a file that was to be read is malformed */
	NFP_E_RESTORE,	       /* restore: the host could not be restored */
	NFP_E_DIED,	       /* died: the process that probed was killed, or failed */
	NFP_E_COUNT,
};

/*
 * The answer to a request was lost, so that nobody knows whether the kernel has made the change. No
 * Ethernet driver of Linux 6.12 returns ECOMM.
 */
#define NFP_ENOANSWER ECOMM

/* No child process could be started to ask. fork(2) gives EAGAIN, as drivers do. */
#define NFP_ENOPROCESS ECHILD

/* Advice on something, in sentences and in commands. Either may be empty. */
struct nfp_hint {
	char text[NFP_HINT_LEN];
	struct nfp_commands commands;
};

struct nfp_err {
	enum nfp_errcode code;
	int errnum;		      /* the positive errno that caused it, or 0 */
	char message[NFP_ERR_MSGLEN]; /* what and why, no full stop, no newline */
	struct nfp_hint hint;
};

extern const struct nfp_names nfp_errcode_names;
#define nfp_errcode_name(code) nfp_name(&nfp_errcode_names, code)

/* Sets code and message and clears hint and errnum. Returns @ret, for use in a return statement. */
int nfp_err_set(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
	NFP_PRINTF(4, 5);

/* Like nfp_err_set, appends ": " and the text of errno -@ret, and sets errnum to -@ret. */
int nfp_err_errno(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
	NFP_PRINTF(4, 5);

/* Sets the sentences of the hint. */
void nfp_err_hint(struct nfp_err *err, const char *fmt, ...) NFP_PRINTF(2, 3);
/* Adds a command to the hint (nfp_command_add), never one that cuts off a host that is in use. */
void nfp_err_try(struct nfp_err *err, const char *fmt, ...) NFP_PRINTF(2, 3);

/* Returns the hint in one line, for where there is no other: "It is down. Try: ip link set eth0
 * up". The caller frees it. */
char *nfp_hint_text(const struct nfp_hint *hint);
bool nfp_hint_is_empty(const struct nfp_hint *hint);

/* A growing list, which it owns. All zero is an empty list. */
struct nfp_hints {
	struct nfp_hint *v;
	size_t n;
};
/* Appends a clause unless the list has it. Returns the commands that go with it. */
struct nfp_commands *nfp_hints_addf(struct nfp_hints *list, const char *fmt, ...) NFP_PRINTF(2, 3);
/* Appends those of @from that @to lacks. */
void nfp_hints_add(struct nfp_hints *hints, const struct nfp_hints *from);
void nfp_hints_fini(struct nfp_hints *list);

/* Draws a locally administered unicast address (IEEE Std 802-2014, 8.4). 0 or -EIO. */
int nfp_mac_random(struct nfp_mac *ret_mac, struct nfp_err *err);

/*
 * clock: a run uses CLOCK_MONOTONIC, but the kernel stamps captured frames with CLOCK_REALTIME
 * (packet(7)). Both are slewed alike, so their difference changes only when the time is set.
 */

/* Nanoseconds of both clocks at the same moment. */
struct nfp_clock_pair {
	uint64_t mono_ns, real_ns;
};

struct nfp_clock {
	int64_t offset_ns; /* real - mono */
	bool known;
	uint64_t steps; /* how often CLOCK_REALTIME was set */
};

/* The clock was set if the offset changes by more than this. The time between the readings of two
 * clocks explains less. */
#define NFP_CLOCK_STEP_NS 1000000

uint64_t nfp_clock_now(void);  /* CLOCK_MONOTONIC */
uint64_t nfp_clock_real(void); /* CLOCK_REALTIME */
struct nfp_clock_pair nfp_clock_read(void);

/* Updates the offset and counts a step, if there was one. All zero is a new clock. */
void nfp_clock_update(struct nfp_clock *clock, const struct nfp_clock_pair *pair);

/*
 * Returns the time on the monotonic clock of a frame that was sent at @sent_ns, stamped by the
 * kernel with @real_ns, and read at @now_ns. The result lies between @sent_ns and @now_ns. If the
 * stamp is from before a step of the clock, the result is @now_ns, which is too late by no more
 * than the time it took to read the frame.
 */
uint64_t nfp_clock_seen(const struct nfp_clock *clock, uint64_t real_ns, uint64_t sent_ns,
			uint64_t now_ns);

/* Calls ppoll(2) until @until_ns on the monotonic clock; UINT64_MAX: no timeout. Returns how many
 * descriptors are ready, 0 at the timeout, or -errno. */
struct pollfd;
int nfp_clock_poll(struct pollfd *fds, unsigned int num, uint64_t until_ns);

/*
 * siphash: SipHash-2-4, a keyed hash for short messages (J.-P. Aumasson, D. J. Bernstein:
 * "SipHash: a fast short-input PRF", 2012). Pure.
 */

#define NFP_SIPHASH_KEY_LEN 16

/* @data may be NULL if @len is 0. The paper has the result as 8 bytes, lowest first. */
uint64_t nfp_siphash(const uint8_t key[NFP_SIPHASH_KEY_LEN], const uint8_t *data, size_t len);

/*
 * values: strict parsers for values that people type: the whole text must be the value.
 *
 * Pure. They return 0, -EINVAL (malformed) or -ERANGE (outside of @min to @max). On failure the
 * output is unchanged.
 */

/* Parses decimal digits only: no sign, no blanks, no 0x. */
int nfp_value_uint(const char *text, unsigned int min, unsigned int max, unsigned int *ret_value);

/* Parses "2", "0.25": at most nine digits after the point. All numbers are in nanoseconds. */
int nfp_value_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns);

/*
 * Parses the name of a netdev as the kernel accepts it (dev_valid_name() in net/core/dev.c): 1 to
 * 15 bytes, not "." or "..", no slash, colon or white space.
 */
int nfp_value_ifname(const char *text, char ret_name[NFP_IFNAMSIZ]);

/*
 * sysfs: bounded reads of small files of /sys and /proc, and writes that keep the errno.
 *
 * Paths are printf formats. All functions return 0 or -errno without a message: only the caller can
 * judge whether it matters that a file is absent (-ENOENT). Paths longer than PATH_MAX are
 * -ENAMETOOLONG. No buffer may have a size of 0.
 */

/* The root of the kernel's file systems. Tests use a directory of their own. */
struct nfp_sysroot {
	const char *prefix; /* of all paths: "" for this machine; no symbolic link in it */
};

/* Returns the root of this machine. */
const struct nfp_sysroot *nfp_sysroot_default(void);

/*
 * Paths are below @root (NULL: as nfp_sysroot_default).
 *
 * Reads a file of at most @size - 1 bytes as NUL-terminated text, without the final newline. -EFBIG
 * if it is longer. After any failure, @buf is an empty string.
 */
int nfp_sysfs_read(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
	NFP_PRINTF(4, 5);
/* Reads a file that must contain one number, decimal or 0x.., and nothing else; else -EINVAL. */
int nfp_sysfs_number(const struct nfp_sysroot *root, uint64_t *ret_value, const char *path, ...)
	NFP_PRINTF(3, 4);
/*
 * Writes @text with one write(2) to an existing file. Blocks as long as the kernel does. With
 * CAP_SYS_ADMIN it also writes files below /proc/sys where that is mounted read-only, as in
 * containers.
 */
int nfp_sysfs_write(const struct nfp_sysroot *root, const char *text, const char *path, ...)
	NFP_PRINTF(3, 4);
/* Reads the last component of a symbolic link's target. */
int nfp_sysfs_link(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
	NFP_PRINTF(4, 5);
/* Resolves every symbolic link of the path, below @root again. */
int nfp_sysfs_resolve(const struct nfp_sysroot *root, char *buf, size_t size, const char *path, ...)
	NFP_PRINTF(4, 5);
/*
 * The same for the link @name in @dir, which is resolved already, as those between devices of
 * sysfs: each of its components is not asked again.
 */
int nfp_sysfs_beside(const struct nfp_sysroot *root, char *buf, size_t size, const char *dir,
		     const char *name);
bool nfp_sysfs_exists(const struct nfp_sysroot *root, const char *path, ...) NFP_PRINTF(2, 3);

/*
 * Reads the rest of an open file of any kind into a buffer that the caller frees, with a NUL after
 * *ret_len bytes. -EFBIG if that is more than @max bytes.
 */
int nfp_read_fd(int fd, size_t max, char **ret_text, size_t *ret_len);

/*
 * Calls @entry for each name in a directory except "." and "..", in no particular order. A return
 * value other than 0 ends the iteration and is returned.
 */
int nfp_sysfs_each(const struct nfp_sysroot *root, int (*entry)(const char *name, void *ctx),
		   void *ctx, const char *path, ...) NFP_PRINTF(4, 5);

/* Starts a thread with all signals blocked. @name may be NULL. 0 or -errno. */
int nfp_thread_start(pthread_t *ret_thread, const char *name, void *(*fn)(void *), void *arg);

/*
 * netns: a network namespace without a name that ends with the process. Netdevs in it are out of
 * reach of NetworkManager, udev and DHCP and send nothing. If the process dies, the kernel returns
 * physical netdevs to the initial namespace (default_device_exit_net in net/core/dev.c).
 */

/*
 * Creates a network namespace in which IPv6 is off for all netdevs. *ret_fd keeps it alive, and the
 * caller closes it. The calling thread stays in its own namespace. Needs CAP_SYS_ADMIN.
 */
int nfp_netns_new(int *ret_fd, struct nfp_err *err);

/*
 * Runs @fn in the network namespace @netns_fd, in a thread of its own, so that the caller never
 * leaves its namespace. -1: in the caller's. Returns what @fn returns, or -errno. Needs
 * CAP_SYS_ADMIN.
 */
int nfp_netns_run(int netns_fd, int (*fn)(void *arg), void *arg);

/*
 * escape: a text of any bytes as a JSON string. Bytes other than printable ASCII, blanks and %
 * become %XX. Unescaping accepts only what escaping produces; else, or if @buf is too small, it
 * returns -EBADMSG and @buf is empty.
 */
json_t *nfp_json_escape(const char *text);
int nfp_json_unescape(const json_t *value, char *buf, size_t size);
/* Escape a member of @object, and read it. Empty text is left out, and absent text is read as
 * empty. */
void nfp_json_set_escaped(json_t *object, const char *key, const char *text);
int nfp_json_get_escaped(const json_t *object, const char *key, char *buf, size_t size);

#endif
