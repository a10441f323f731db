// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernels of many cards have answered, in tests/unit/fixtures: scripts/fixture makes each
 * from a recording. Of each the VF attributes and the inventory are read, and a run must have left
 * every VF as it was.
 *
 *   messages   netlink: family, sent (or received), bytes
 *   files      sysfs: path, one of read, write and link (its target), errno
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <linux/rtnetlink.h>

#include "nfprobe/netlink.h"
#include "../../src/inventory/inventory_priv.h"
#include "tree.h"

#define FIXTURES "tests/unit/fixtures"

/* What the driver of a PF said of its VFs, at first and at last. */
struct reports {
	struct nfp_link pf;
	struct nfp_vf_attr *first, *last;
	size_t num_first, num_last, num;
};

static void take_message(struct reports *r, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_VFINFO_LIST + 1];
	struct nfp_vf_attr *attrs;
	size_t num;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return;
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct ifinfomsg)), tb, IFLA_VFINFO_LIST + 1);
	if (!tb[IFLA_VFINFO_LIST])
		return;
	assert_int_equal(nfp_link_parse(nlh, &r->pf), 0);
	assert_int_equal(nfp_vfinfo_parse(nlh, &attrs, &num), 0);
	free(r->last);
	r->last = attrs;
	r->num_last = num;
	if (r->num++ > 0)
		return;
	assert_int_equal(nfp_vfinfo_parse(nlh, &r->first, &r->num_first), 0);
}

/* Its length is checked, as the kernel's own code checks it. */
static void take_datagram(struct reports *r, const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = malloc(len);
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)bytes;
	int left = (int)len;

	assert_non_null(bytes);
	assert_true(nfp_hex_parse(hex, bytes, len));
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		struct nfp_nl_ack ack;

		if (nlh->nlmsg_type == NLMSG_ERROR)
			assert_int_equal(nfp_nl_parse_ack(nlh, &ack), 0);
		take_message(r, nlh);
	}
	assert_int_equal(left, 0);
	free(bytes);
}

static struct reports reports_of(const json_t *fixture)
{
	struct reports r = {.num = 0};
	const json_t *message;
	size_t i;

	json_array_foreach (json_object_get(fixture, "messages"), i, message)
		if (!json_is_true(json_object_get(message, "sent")))
			take_datagram(&r, json_string_value(json_object_get(message, "bytes")));
	return r;
}

/* -- a sysfs of what was read -- */

/* Of the devices that are named in the fixture, the one that a link like ../../0000:01:00.0 means.
 */
static const char *device_of(const json_t *files, const char *target, size_t *ret_len)
{
	const char *name = strrchr(target, '/');
	const json_t *file;
	size_t i;

	json_array_foreach (files, i, file) {
		const char *path = json_string_value(json_object_get(file, "path"));
		const char *at = name ? strstr(path, name) : NULL;

		if (strncmp(path, "/sys/devices/", 13) != 0 || !at || at[strlen(name)] != '/')
			continue;
		*ret_len = (size_t)(at - path) + strlen(name);
		return path;
	}
	return NULL;
}

/* A file of a device or a netdev, by its own path: others lead through links. */
static bool is_direct(const char *path)
{
	const char *at = strncmp(path, "sys/class/net/", 14) == 0 ? strchr(path + 14, '/') : NULL;

	return strncmp(path, "sys/devices/", 12) == 0 || (at && !strchr(at + 1, '/'));
}

/* The first answer about each file: the run may have changed it. */
static void make_sysfs(const struct tree *t, const json_t *files)
{
	const json_t *file;
	size_t i, len;

	json_array_foreach (files, i, file) {
		const char *path = json_string_value(json_object_get(file, "path")) + 1;
		const char *text = json_string_value(json_object_get(file, "read"));
		const char *target = json_string_value(json_object_get(file, "link")), *device;
		char to[1024];

		if (!is_direct(path) || (!text && !target) ||
		    json_integer_value(json_object_get(file, "errno")) ||
		    nfp_sysfs_exists("%s/%s", t->dir, path))
			continue;
		if (text) {
			tree_file(t, path, text);
			continue;
		}
		device = device_of(files, target, &len);
		snprintf(to, sizeof(to), "%s%.*s", device ? t->dir : target, device ? (int)len : 0,
			 device ? device : "");
		tree_link(t, path, to);
	}
}

/* -- the tests of a fixture -- */

static void attributes(const struct reports *r)
{
	bool any = false;

	assert_true(r->num > 0);
	for (size_t i = 0; i < r->num_first; i++)
		any |= r->first[i].have_mac;
	assert_true(any);
}

static void undone(const struct reports *r)
{
	assert_int_equal(r->num_first, r->num_last);
	for (size_t i = 0; i < r->num_first; i++) {
		if (nfp_vf_attr_differ(&r->first[i], &r->last[i]))
			fail_msg("VF %zu of %s is not as it was", i, r->pf.ifname);
	}
}

static void inventory(const struct tree *t, const struct reports *r, const json_t *files)
{
	struct nfp_link link = r->pf;
	struct nfp_pf pf = {.num_vfs = 0};

	make_sysfs(t, files);
	nfp_links_sysfs(&t->root, &link, 1);
	assert_true(link.physical);
	assert_int_equal(nfp_topo_fill_pf(&t->root, &link, 1, &link, &pf), 0);
	assert_int_equal(pf.info.num_vfs, r->num_first);
	assert_int_equal(pf.num_vfs, r->num_first);
	assert_true(pf.info.driver[0] && pf.info.total_vfs >= pf.info.num_vfs);
	for (size_t i = 0; i < pf.num_vfs; i++)
		assert_int_equal(pf.vfs[i].vf, i);
	free(pf.vfs);
}

static void each_fixture(void **state)
{
	const struct tree *t = *state;
	DIR *dir = opendir(FIXTURES);
	const struct dirent *d;
	int num = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		struct reports r;
		json_error_t why;
		char path[512];
		json_t *fixture;

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), FIXTURES "/%s", d->d_name);
		print_message("%s\n", path);
		fixture = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
		if (!fixture)
			fail_msg("%s: %s", path, why.text);
		r = reports_of(fixture);
		attributes(&r);
		undone(&r);
		inventory(t, &r, json_object_get(fixture, "files"));
		free(r.first);
		free(r.last);
		json_decref(fixture);
		num++;
		/* The next one has a sysfs of its own. */
		tree_drop(*state);
		tree_make(*state);
	}
	closedir(dir);
	assert_true(num > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_fixture, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
