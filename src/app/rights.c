// SPDX-License-Identifier: GPL-2.0-or-later
/* rights.c - the rights of this process: which a mode needs, and which it gives up. */
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap)	   (1ULL << (cap))
#define NEEDED_TO_CHANGE   (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_ADMIN))
#define NEEDED_TO_LIST	   (BIT(CAP_NET_ADMIN) | BIT(CAP_SYS_ADMIN))
#define FOR_FILES	   (BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_DAC_OVERRIDE))
#define USEFUL_FOR_LOOKING (BIT(CAP_SYS_PTRACE) | FOR_FILES)
#define TO_DROP_ROOT	   (BIT(CAP_SETUID) | BIT(CAP_SETGID))
/* The uids that systemd gives to services while they run (systemd.exec(5), DynamicUser=). */
#define DYNAMIC_FIRST 61184
#define DYNAMIC_NUM   4336

static const struct {
	unsigned int cap;
	const char *name;
} needs[] = {
	{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, /* VF attributes, FDB, links */
	{CAP_NET_RAW, "CAP_NET_RAW"},	  /* packet sockets */
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, /* the VF's own network namespace */
};

struct caps {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

/* The capabilities of this process. */
static struct caps get_caps(void)
{
	struct caps caps = {.header = {.version = _LINUX_CAPABILITY_VERSION_3}};

	/* If they are unknown, the program counts as raised, and capset(2) fails. */
	if (syscall(SYS_capget, &caps.header, caps.data) < 0)
		memset(caps.data, 0xff, sizeof(caps.data));
	return caps;
}

bool nfp_has_capability(unsigned int cap)
{
	return get_caps().data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

int nfp_need_capabilities(struct nfp_err *err)
{
	char lacking[128] = "";

	for (size_t i = 0; i < NFP_NUM(needs); i++)
		if (!nfp_has_capability(needs[i].cap))
			nfp_appendf(lacking, sizeof(lacking), "%s%s", lacking[0] ? ", " : "",
				    needs[i].name);
	if (!lacking[0])
		return 0;
	nfp_err_set(err, -EPERM, NFP_E_PERMISSION,
		    "no permission to change this host: nfprobe lacks %s", lacking);
	nfp_err_hint(
		err,
		"Run it as root; a container's root also needs --cap-add (capabilities: add).");
	return -EPERM;
}

/* Process 1 is in init_net. In a container, process 1 is the container's, and shares ours. */
int nfp_need_namespace(const struct nfp_sysroot *root, struct nfp_err *err)
{
	char first[64], own[64]; /* "net:[4026531840]" */

	if (nfp_sysfs_link(root, first, sizeof(first), "/proc/1/ns/net") < 0 ||
	    nfp_sysfs_link(root, own, sizeof(own), "/proc/self/ns/net") < 0 ||
	    strcmp(first, own) == 0)
		return 0;
	nfp_err_set(err, -EXDEV, NFP_E_UNSUPPORTED,
		    "this network namespace is not that of process 1, where the netdev of a VF "
		    "appears when its driver is bound");
	nfp_err_hint(err, "In a container, take the host's network (--network host, hostNetwork: "
			  "true). To move the PF to the other namespace cuts off whoever uses it.");
	return -EXDEV;
}

/* Finds the folder, or the nearest existing one above it, below the root folder @at. */
static int find_folder(int at, const char *path, struct stat *ret_st)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	char *name = nfp_asprintf("%s", path), *slash;
	int fd, ret;

	while ((fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how))) < 0 &&
	       errno == ENOENT && (slash = strrchr(name, '/')) && slash > name)
		*slash = '\0';
	ret = fd < 0 || fstat(fd, ret_st) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	free(name);
	return ret;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * True if it is one folder below the root folder @host, and another below @own. False if that
 * cannot be told. A run that begins at the same time may make the folder between the two looks.
 */
static bool is_another_folder(int own, int host, const char *path)
{
	struct stat here = {0}, there = {0}, again = {0};

	do {
		if (find_folder(own, path, &here) < 0 || find_folder(host, path, &there) < 0 ||
		    find_folder(own, path, &again) < 0)
			return false;
	} while (!is_same_file(&here, &again));
	return !is_same_file(&here, &there);
}

/* Process 1 of the initial PID namespace is the host's. */
int nfp_need_host_folder(const struct nfp_sysroot *root, const char *path, enum nfp_errcode code,
			 struct nfp_err *err)
{
	char *first = nfp_asprintf("%s/proc/1/root", root->prefix);
	int host = open(first, O_PATH | O_DIRECTORY | O_CLOEXEC), ret = 0;
	int own = open(root->prefix[0] ? root->prefix : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (host >= 0 && own >= 0 && is_another_folder(own, host, path)) {
		ret = nfp_err_set(err, -EXDEV, code,
				  "%s belongs to this container, and disappears with it", path);
		nfp_err_hint(err, "Mount the host's: -v %s:%s, or a volume of hostPath %s.", path,
			     path, path);
	}
	if (own >= 0)
		close(own);
	if (host >= 0)
		close(host);
	free(first);
	return ret;
}

/* True if the mode of the file, which the kernel checks first, lets this process write it. */
static bool mode_allows(const char *path)
{
	struct stat st;

	return nfp_has_capability(CAP_DAC_OVERRIDE) ||
	       (stat(path, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & S_IWUSR));
}

static int refuse_file(const char *path, int number, struct nfp_err *err)
{
	if (number == EROFS) {
		nfp_err_set(err, -EROFS, NFP_E_PERMISSION, "%s is mounted read-only", path);
		nfp_err_hint(err, "In a container, mount the host's /sys: -v /sys:/sys, or a "
				  "volume of hostPath /sys.");
	} else if (mode_allows(path)) {
		nfp_err_set(err, -number, NFP_E_PERMISSION,
			    "AppArmor or SELinux forbids nfprobe to write %s: %s", path,
			    strerrordesc_np(number));
		nfp_err_hint(err, "Start the container with --security-opt apparmor=unconfined, "
				  "or label=type:spc_t for SELinux (appArmorProfile, "
				  "seLinuxOptions).");
	} else {
		nfp_err_errno(err, -number, NFP_E_PERMISSION, "nfprobe may not write %s", path);
		nfp_err_hint(err, "Without root it takes CAP_DAC_OVERRIDE, or an owner of these "
				  "files who is not root.");
	}
	return -EACCES;
}

int nfp_need_files(const struct nfp_vf_info *vf, struct nfp_err *err)
{
	static const char *const names[] = {"driver/unbind", "driver/bind", "driver_override",
					    "reset"};
	char path[sizeof(vf->devpath) + 32];
	int fd;

	/* Open the file, which changes nothing: AppArmor has no say in access(2). */
	for (size_t i = 0; i < NFP_NUM(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", vf->devpath, names[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		else if (errno != ENOENT)
			return refuse_file(path, errno, err);
	}
	return 0;
}

/* The capabilities that each mode uses. Without CAP_SYS_RAWIO, a vfio group that has no IOMMU
 * cannot be opened. */
static const uint64_t used[] = {
	[NFP_MODE_PROBE] = NEEDED_TO_CHANGE | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO),
	[NFP_MODE_RESTORE] = NEEDED_TO_CHANGE | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO),
	/* The list uses devlink, and looks into other namespaces. */
	[NFP_MODE_LIST] = NEEDED_TO_LIST | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO),
	[NFP_MODE_AUDIT] = NEEDED_TO_LIST | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO),
	[NFP_MODE_WAY] = NEEDED_TO_LIST | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO) |
			 BIT(CAP_NET_RAW),
	[NFP_MODE_DRY_RUN] = NEEDED_TO_LIST | USEFUL_FOR_LOOKING | BIT(CAP_SYS_RAWIO),
	[NFP_MODE_REFLECT] = BIT(CAP_NET_RAW) | TO_DROP_ROOT,
	[NFP_MODE_HELP] = 0,
};

static int keep_only(uint64_t keep)
{
	const uint32_t masks[] = {(uint32_t)keep, (uint32_t)(keep >> 32)};
	struct caps caps = get_caps();

	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		caps.data[i].permitted &= masks[i];
		caps.data[i].effective &= masks[i];
		caps.data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &caps.header, caps.data) < 0 ? -errno : 0;
}

int nfp_rights_limit(enum nfp_mode mode)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return keep_only(used[mode]);
}

int nfp_rights_finish(void)
{
	return keep_only(FOR_FILES);
}

static int unless_forbidden(int ret)
{
	return ret == 0 || errno == EPERM || errno == EINVAL ? 0 : -errno;
}

/*
 * Root stays root where it cannot become another user: without CAP_SETUID, as in some containers,
 * or in a user namespace that lacks the uid, whose root is the user who made it. A step is taken
 * even if the one before failed: without CAP_SETGID, the uid changes nevertheless.
 *
 * Nobody else has this uid: a process that shares it may end or stop this one. Another reflector
 * has another uid.
 */
int nfp_rights_drop_root(struct nfp_err *err)
{
	const uid_t id = DYNAMIC_FIRST + (uid_t)getpid() % DYNAMIC_NUM;
	int ret = 0;

	if (geteuid() == 0) {
		int groups = unless_forbidden(setgroups(0, NULL));
		int group = unless_forbidden(setresgid(id, id, id));
		int user = unless_forbidden(setresuid(id, id, id));

		ret = groups ?: group ?: user;
	}
	ret = ret ?: keep_only(0);
	return ret < 0 ? nfp_err_errno(err, ret, NFP_E_KERNEL, "cannot give up root's rights") : 0;
}

int nfp_rights_refuse_raised(struct nfp_err *err)
{
	struct caps caps = get_caps();

	/* The kernel also sets AT_SECURE when a security module gives root another domain. */
	if (!getauxval(AT_SECURE) ||
	    (getuid() == geteuid() && getgid() == getegid() &&
	     (getuid() == 0 || !(caps.data[0].permitted || caps.data[1].permitted))))
		return 0;
	nfp_err_set(err, -EPERM, NFP_E_PERMISSION,
		    "this program must not be setuid, setgid or have file capabilities: it writes "
		    "files that its caller names");
	nfp_err_hint(err, "Take that from its file (chmod ug-s, setcap -r), and run it as root "
			  "(sudo nfprobe ..).");
	return -EPERM;
}
