// SPDX-License-Identifier: GPL-2.0-or-later
/* A right that is given up is gone, and a caller's file is opened with the caller's rights only. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "../../src/app/rights.h"
#include "tree.h"
#include "said.h"

#define NOBODY	     65534
#define TO_DROP_ROOT (1ULL << CAP_SETUID | 1ULL << CAP_SETGID)
#define FILES	     (1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH)

/* The caps as in /proc/self/status: "CapEff" and the like. */
static unsigned long long cap_set(const char *name)
{
	unsigned long long value = ~0ULL;
	char line[256];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtoull(line + strlen(name) + 1, NULL, 16);
	if (file)
		fclose(file);
	return value;
}

/* Runs in a process of its own, since nothing brings rights back. Its result: true, or a line. */
static void in_child(bool (*check)(void *ctx), void *ctx)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(check(ctx) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void need_root(void)
{
	if (geteuid() != 0 || cap_set("CapEff:") == 0)
		skip();
}

static bool all_sets_are(unsigned long long caps)
{
	return cap_set("CapEff:") == caps && cap_set("CapPrm:") == caps && cap_set("CapInh:") == 0;
}

static bool limit_probe(void *ctx)
{
	const unsigned long long had = cap_set("CapPrm:");
	const unsigned long long kept = had & (1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW |
					       1ULL << CAP_SYS_ADMIN | 1ULL << CAP_SYS_PTRACE |
					       1ULL << CAP_DAC_READ_SEARCH |
					       1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_SYS_RAWIO);

	(void)ctx;
	return nfp_rights_limit(NFP_MODE_PROBE) == 0 && all_sets_are(kept) &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

TEST(what_is_given_up_is_gone)
{
	need_root();
	in_child(limit_probe, NULL);
}

static bool limit_reflector(void *ctx)
{
	(void)ctx;
	return nfp_rights_limit(NFP_MODE_REFLECT) == 0 &&
	       all_sets_are(1ULL << CAP_NET_RAW | TO_DROP_ROOT);
}

TEST(a_reflector_keeps_one_until_its_sockets_are_open)
{
	need_root();
	in_child(limit_reflector, NULL);
}

/* Not root, and not nobody either, whom others share. */
static bool is_dynamic(unsigned int id)
{
	return id >= 61184 && id <= 65519;
}

static bool drop_root(void *ctx)
{
	gid_t groups[1];

	(void)ctx;
	return nfp_rights_limit(NFP_MODE_REFLECT) == 0 && nfp_rights_drop_root(NULL) == 0 &&
	       all_sets_are(0) && is_dynamic(getuid()) && geteuid() == getuid() &&
	       is_dynamic(getgid()) && getegid() == getgid() && getgroups(1, groups) == 0 &&
	       setuid(0) < 0;
}

TEST(then_root_is_a_user_of_its_own)
{
	need_root();
	in_child(drop_root, NULL);
}

static bool lose_setgid(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return false;
	data[0].effective &= ~(1U << CAP_SETGID);
	data[0].permitted &= ~(1U << CAP_SETGID);
	return syscall(SYS_capset, &header, data) == 0;
}

static bool drop_root_without_setgid(void *ctx)
{
	(void)ctx;
	return lose_setgid() && nfp_rights_limit(NFP_MODE_REFLECT) == 0 &&
	       nfp_rights_drop_root(NULL) == 0 && all_sets_are(0) && is_dynamic(getuid()) &&
	       setuid(0) < 0;
}

TEST(root_that_must_keep_its_group_is_a_user_of_its_own)
{
	need_root();
	in_child(drop_root_without_setgid, NULL);
}

static bool drop_nothing(void *ctx)
{
	(void)ctx;
	/* With setcap(8), say: the kernel takes nothing from it. */
	return prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1, 1, 1) == 0 && !all_sets_are(0) &&
	       nfp_rights_drop_root(NULL) == 0 && getuid() == 1 && all_sets_are(0);
}

TEST(a_user_stays_that_user)
{
	need_root();
	in_child(drop_nothing, NULL);
}

/* ---- files ---- */

struct place {
	char dir[64], secret[96];
};

static void make_place(struct place *p)
{
	FILE *file;

	snprintf(p->dir, sizeof(p->dir), "/tmp/nfprobe-rights-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(chmod(p->dir, 0777), 0);
	snprintf(p->secret, sizeof(p->secret), "%s/secret", p->dir);
	file = fopen(p->secret, "we");
	assert_non_null(file);
	assert_int_equal(fclose(file) | chmod(p->secret, 0600), 0);
}

static void remove_place(struct place *p)
{
	(void)unlink(p->secret);
	(void)rmdir(p->dir);
}

static bool keeps_what_is_about_files(void *ctx)
{
	(void)ctx;
	return nfp_rights_finish() == 0 && all_sets_are(FILES & cap_set("CapBnd:"));
}

TEST(the_result_is_written_with_rights_to_files_only)
{
	/* Nothing was raised by whoever started this test. */
	assert_int_equal(nfp_rights_refuse_raised(NULL), 0);
	need_root();
	in_child(keeps_what_is_about_files, NULL);
}

/* ---- the files of a VF ---- */

static bool lacks_the_file(void *ctx)
{
	const struct place *p = ctx;
	struct nfp_vf_info vf = {.vf = 0};
	struct nfp_err err = {.code = NFP_E_NONE};

	snprintf(vf.devpath, sizeof(vf.devpath), "%s", p->dir);
	return setresuid(NOBODY, NOBODY, NOBODY) == 0 && nfp_need_files(&vf, &err) == -EACCES &&
	       err.code == NFP_E_PERMISSION && strstr(err.message, "/reset") &&
	       strstr(said_hint(&err.hint), "CAP_DAC_OVERRIDE");
}

TEST_OF(a_file_that_may_not_be_written_is_named, make_place, remove_place, struct place, p)
{
	struct nfp_vf_info vf = {.vf = 0};
	struct nfp_err err = {.code = NFP_E_NONE};
	char reset[96];

	snprintf(vf.devpath, sizeof(vf.devpath), "%s", p->dir);
	assert_int_equal(nfp_need_files(&vf, &err), 0); /* none is there */
	need_root();
	snprintf(reset, sizeof(reset), "%s/reset", p->dir);
	assert_int_equal(rename(p->secret, reset), 0);
	assert_int_equal(nfp_need_files(&vf, &err), 0);
	in_child(lacks_the_file, p);
	assert_int_equal(rename(reset, p->secret), 0);
}

/* A bind mount of the folder that cannot be written to, as runtimes mount /sys. */
static bool lacks_a_writable_mount(void *ctx)
{
	const struct place *p = ctx;
	struct nfp_vf_info vf = {.vf = 0};
	struct nfp_err err = {.code = NFP_E_NONE};

	snprintf(vf.devpath, sizeof(vf.devpath), "%s", p->dir);
	return unshare(CLONE_NEWNS) == 0 && mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(p->dir, p->dir, NULL, MS_BIND, NULL) == 0 &&
	       mount(NULL, p->dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0 &&
	       nfp_need_files(&vf, &err) == -EACCES && err.code == NFP_E_PERMISSION &&
	       strstr(err.message, "mounted read-only") &&
	       strstr(said_hint(&err.hint), "-v /sys:/sys");
}

/* Landlock stands for AppArmor: access(2) says yes, open(2) no. */
static bool lacks_leave_of_a_security_module(void *ctx)
{
	const struct place *p = ctx;
	struct landlock_ruleset_attr rules = {.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE};
	struct nfp_vf_info vf = {.vf = 0};
	struct nfp_err err = {.code = NFP_E_NONE};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	char reset[96];

	if (fd < 0)
		return true; /* this kernel has no Landlock */
	snprintf(reset, sizeof(reset), "%s/reset", p->dir);
	snprintf(vf.devpath, sizeof(vf.devpath), "%s", p->dir);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_landlock_restrict_self, fd, 0) == 0 && access(reset, W_OK) == 0 &&
	       nfp_need_files(&vf, &err) == -EACCES && err.code == NFP_E_PERMISSION &&
	       strstr(err.message, "AppArmor or SELinux forbids") &&
	       strstr(said_hint(&err.hint), "apparmor=unconfined");
}

TEST_OF(what_a_container_lacks_of_a_file_is_named, make_place, remove_place, struct place, p)
{
	char reset[96];

	need_root();
	snprintf(reset, sizeof(reset), "%s/reset", p->dir);
	assert_int_equal(rename(p->secret, reset), 0);
	in_child(lacks_a_writable_mount, p);
	in_child(lacks_leave_of_a_security_module, p);
	assert_int_equal(rename(reset, p->secret), 0);
}

/* A driver's netdevs come to life in the first one, out of our reach here. */
TEST(a_network_namespace_of_ones_own_is_refused)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct tree t;

	tree_make(&t);
	assert_int_equal(nfp_need_namespace(&t.root, &err), 0); /* it cannot be told */
	tree_link(&t, "proc/1/ns/net", "net:[4026531840]");
	tree_link(&t, "proc/self/ns/net", "net:[4026531840]");
	assert_int_equal(nfp_need_namespace(&t.root, &err), 0);
	assert_int_equal(err.code, NFP_E_NONE);
	tree_remove(&t, "proc/self/ns/net");
	tree_link(&t, "proc/self/ns/net", "net:[4026532299]");
	assert_int_equal(nfp_need_namespace(&t.root, &err), -EXDEV);
	assert_int_equal(err.code, NFP_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "is not that of process 1"));
	assert_non_null(strstr(said_hint(&err.hint), "--network host"));
	tree_drop(&t);
}

static void *make_folder(void *path)
{
	return mkdir(path, 0755) ? path : NULL; /* NULL: done */
}

/* Many runs may be the first ones on a host. */
TEST(a_folder_that_another_run_makes_meanwhile_is_the_hosts)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	char path[512];
	struct tree t;

	tree_make(&t);
	tree_dir(&t, "run");
	tree_link(&t, "proc/1/root", t.dir);
	snprintf(path, sizeof(path), "%s/run/x", t.dir);
	for (unsigned int i = 0; i < 200; i++) {
		pthread_t thread;
		void *failed;

		assert_int_equal(pthread_create(&thread, NULL, make_folder, path), 0);
		while (access(path, F_OK))
			assert_int_equal(
				nfp_need_host_folder(&t.root, "/run/x", NFP_E_JOURNAL, &err), 0);
		assert_int_equal(pthread_join(thread, &failed), 0);
		assert_null(failed);
		assert_int_equal(rmdir(path), 0);
	}
	tree_drop(&t);
}

/* Process 1 has another root than a container. */
TEST(a_folder_of_the_containers_own_is_refused)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	char first[512];
	struct tree t;

	tree_make(&t);
	tree_dir(&t, "run");
	assert_int_equal(nfp_need_host_folder(&t.root, "/run/x", NFP_E_JOURNAL, &err),
			 0); /* it cannot be told */
	tree_link(&t, "proc/1/root", t.dir);
	assert_int_equal(nfp_need_host_folder(&t.root, "/run/x", NFP_E_JOURNAL, &err), 0);
	tree_dir(&t, "run/x");
	assert_int_equal(nfp_need_host_folder(&t.root, "/run/x", NFP_E_JOURNAL, &err), 0);
	tree_remove(&t, "proc/1/root");
	tree_dir(&t, "host/run/x");
	/* An absolute link of the host's leads into the host's root. */
	tree_link(&t, "host/var", "/run");
	snprintf(first, sizeof(first), "%s/host", t.dir);
	tree_link(&t, "proc/1/root", first);
	assert_int_equal(nfp_need_host_folder(&t.root, "/none", NFP_E_JOURNAL, &err), 0);
	assert_int_equal(err.code, NFP_E_NONE);
	assert_int_equal(nfp_need_host_folder(&t.root, "/run/x", NFP_E_JOURNAL, &err), -EXDEV);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_string_equal(err.message,
			    "/run/x belongs to this container, and disappears with it");
	assert_non_null(strstr(said_hint(&err.hint), "-v /run/x:/run/x"));
	tree_drop(&t);
}

TEST_MAIN()
