// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of a guest, from the file that libvirt's daemon keeps for itself. */
#include <fcntl.h>
#include <sys/stat.h>

#include "harness.h"
#include "net/domstatus.h"
#include "tree.h"

#define WARNING                                                                           \
	"<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE\n" \
	"OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:\n" \
	"  virsh edit web1\nor other application using the libvirt API.\n-->\n\n"
#define RUNS "<domstatus state='running' reason='booted' pid='8611'>\n"

static bool parse(const char *text, struct nfp_domstatus *ret_status)
{
	size_t len = strlen(text);
	char *copy = nfp_malloc(len);
	bool parsed;

	/* Without a zero at its end, for ASan. */
	memcpy(copy, text, len);
	parsed = nfp_domstatus_parse(copy, len, ret_status);
	free(copy);
	return parsed;
}

TEST(the_first_element_has_the_state)
{
	static const struct {
		const char *text, *state, *reason;
		int pid;
		bool runs;
	} rows[] = {
		{WARNING RUNS "  <domain>", "running", "booted", 8611, true},
		{RUNS, "running", "booted", 8611, true},
		{"<domstatus state='paused' reason='migration' pid='7'>", "paused", "migration", 7,
		 false},
		{"<domstatus state='paused' reason='I/O error' pid='7'>", "paused", "I/O error", 7,
		 false},
		{"<domstatus\n state=\"blocked\"\tpid='2147483647' id='x' >", "blocked", "",
		 2147483647, true},
		{"<domstatus state='shutdown' pid='-1'>", "shutdown", "", 0, false},
		{"<!-- a --> <!--b--><domstatus state='running'>", "running", "", 0, true},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_domstatus status;

		assert_true(parse(row->text, &status));
		assert_string_equal(status.state, row->state);
		assert_string_equal(status.reason, row->reason);
		assert_int_equal(status.pid, row->pid);
		assert_int_equal(nfp_domstatus_runs(&status), row->runs);
	}
}

TEST(anything_else_is_no_state)
{
	static const char *const rows[] = {
		"",
		WARNING,
		"<!-- <domstatus state='running'>",
		"<!--> <domstatus state='running'>",
		"<domain><domstatus state='running'></domain>",
		"running <domstatus state='running'>",
		"<domstatus>",
		"<domstatusx state='running'>",
		"<domstatus state='running'",
		"<domstatus state='running",
		"<domstatus state=running>",
		"<domstatus state='run&#110;ing'>",
		"<domstatus state='running' <x>",
		"<domstatus state=''>",
		"<domstatus reason='booted' pid='7'>",
		"<domstatus state='a state that is longer than any word of it'>",
		"<domstatus state='running'pid='7'>",
		"<domstatus state='run\nning'>",
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_domstatus status = {.pid = 5};

		assert_false(parse(*row, &status));
		assert_int_equal(status.pid, 5);
	}
}

#define FOLDER "run/libvirt/qemu"

static void make(struct tree *t)
{
	tree_make(t);
	tree_file(t, FOLDER "/web1.xml", WARNING RUNS);
}

#define CASE(name) TEST_OF(name, make, tree_drop, struct tree, t)

static int read_of(const struct tree *t, const char *name)
{
	struct nfp_domstatus status = {.pid = 5};
	int ret = nfp_domstatus_read(&t->root, name, &status);

	assert_int_equal(status.pid, ret ? 5 : 8611);
	return ret;
}

static void set_mode(const struct tree *t, const char *name, mode_t mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	assert_int_equal(chmod(path, mode), 0);
}

static void give_away(const struct tree *t, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	assert_int_equal(chown(path, 65534, 65534), 0);
}

CASE(the_file_of_a_guest_is_read)
{
	assert_int_equal(read_of(t, "web1"), 0);
	assert_int_equal(read_of(t, "web2"), -ENOENT);
}

CASE(a_host_without_libvirt_has_none)
{
	struct tree other;

	tree_make(&other);
	assert_int_equal(read_of(&other, "web1"), -ENOENT);
	tree_drop(&other);
}

CASE(a_name_is_no_path)
{
	static const char *const names[] = {"", ".", "..", "../web1", "qemu/web1", "/web1"};
	char name[300];

	nfp_for_each (bad, names, NFP_NUM(names))
		assert_int_equal(read_of(t, *bad), -EINVAL);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(read_of(t, name), -EINVAL);
}

CASE(only_the_head_is_read)
{
	char text[3 * NFP_DOMSTATUS_MAX];
	struct nfp_domstatus status;

	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, RUNS, strlen(RUNS));
	tree_file(t, FOLDER "/web1.xml", text);
	assert_int_equal(read_of(t, "web1"), 0);
	memset(text, '\n', strlen(RUNS));
	memcpy(text + NFP_DOMSTATUS_MAX, RUNS, strlen(RUNS));
	tree_file(t, FOLDER "/web1.xml", text);
	assert_int_equal(read_of(t, "web1"), -EFBIG);
	assert_true(nfp_domstatus_parse(text, strlen(text), &status));
}

/* What another user could have put there says nothing. */

CASE(a_link_is_not_followed)
{
	tree_file(t, FOLDER "/real", WARNING RUNS);
	tree_link(t, FOLDER "/web2.xml", "real");
	assert_int_equal(read_of(t, "web2"), -EPERM);
}

CASE(a_pipe_is_not_waited_for)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/" FOLDER "/web2.xml", t->dir);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(read_of(t, "web2"), -EPERM);
	tree_dir(t, FOLDER "/web3.xml");
	assert_int_equal(read_of(t, "web3"), -EPERM);
}

CASE(what_others_may_write_is_not_read)
{
	set_mode(t, FOLDER "/web1.xml", 0664);
	assert_int_equal(read_of(t, "web1"), -EPERM);
	set_mode(t, FOLDER "/web1.xml", 0646);
	assert_int_equal(read_of(t, "web1"), -EPERM);
	set_mode(t, FOLDER "/web1.xml", 0644);
	assert_int_equal(read_of(t, "web1"), 0);
	set_mode(t, FOLDER, 0777);
	assert_int_equal(read_of(t, "web1"), -EPERM);
}

CASE(a_file_of_another_user_is_not_read)
{
	give_away(t, FOLDER "/web1.xml");
	assert_int_equal(read_of(t, "web1"), -EPERM);
}

CASE(a_folder_of_another_user_is_not_read)
{
	give_away(t, FOLDER);
	assert_int_equal(read_of(t, "web1"), -EPERM);
}

TEST_MAIN()
