// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answers of some cards' kernels, in tests/fixtures (its README describes a folder). The test
 * reads the VF attributes and the inventory from each kernel.json, and that the run has left the
 * VFs as they were. How a VF is undone: test_undo.c.
 *
 *   ifindex, vf  of the PF, and the number of the VF under test
 *   messages     netlink: family, sent (or received), bytes; each once
 *   order        their numbers, as they came
 *   files        sysfs: path, one of read, write and link (its target), errno
 */
#include <dirent.h>
#include <jansson.h>
#include <linux/rtnetlink.h>

#include "harness.h"
#include "net/netlink.h"
#include "../../src/net/inventory_priv.h"
#include "tree.h"
#include "../../src/net/netlink_priv.h"

#define FIXTURES "tests/fixtures"

/* @card is "known" in origin.json: what is known of it, and of its VF before the run. */
static void expect_number(const json_t *card, const char *key, size_t is)
{
	const json_t *known = json_object_get(card, key);

	if (known && json_integer_value(known) != (json_int_t)is)
		fail_msg("%s is %zu, not %lld", key, is, (long long)json_integer_value(known));
}

static void expect_text(const json_t *card, const char *key, const char *is)
{
	const json_t *known = json_object_get(card, key);

	if (known && strcmp(json_string_value(known) ?: "", is) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", key, is, json_string_value(known) ?: "");
}

/* ---- what was asked, and answered ---- */

struct fixture {
	json_t *origin, *json;
	const json_t *card; /* in @origin */
	unsigned int vf;
	struct nfp_link *links; /* of the PF and its VFs, as they were at first */
	size_t num_links;
	struct nfp_vf_attr *first, *last; /* of all VFs */
	size_t num_first, num_last;
};

static int pf_of(const struct fixture *f)
{
	return (int)json_integer_value(json_object_get(f->json, "ifindex"));
}

static void take_vfs(struct fixture *f, const struct nlmsghdr *nlh)
{
	free(f->last);
	assert_int_equal(nfp_vfinfo_parse(nlh, &f->last, &f->num_last), 0);
	if (!f->first)
		assert_int_equal(nfp_vfinfo_parse(nlh, &f->first, &f->num_first), 0);
	assert_in_range(f->vf, 0, f->num_last - 1);
}

static void take_link(struct fixture *f, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_VFINFO_LIST + 1];
	struct nfp_link link;
	size_t at = f->num_links;

	assert_int_equal(nfp_link_parse(nlh, &link), 0);
	for (size_t i = 0; i < f->num_links; i++)
		at = f->links[i].ifindex == link.ifindex ? i : at;
	if (at == f->num_links) {
		f->links = realloc(f->links, (at + 1) * sizeof(f->links[0]));
		assert_non_null(f->links);
		f->links[f->num_links++] = link;
	}
	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct ifinfomsg)), tb, IFLA_VFINFO_LIST + 1);
	if (link.ifindex == pf_of(f) && tb[IFLA_VFINFO_LIST])
		take_vfs(f, nlh);
}

/* In memory of exactly its length, which is checked as the kernel's own code checks it. */
static void take_bytes(struct fixture *f, const char *hex, int family, bool sent)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = malloc(len);
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)bytes;

	assert_non_null(bytes);
	assert_true(nfp_hex_parse(hex, bytes, len));
	assert_true(mnl_nlmsg_ok(nlh, (int)len));
	if (family == NETLINK_ROUTE && !sent && nlh->nlmsg_type == RTM_NEWLINK)
		take_link(f, nlh);
	free(bytes);
}

static void take_all(struct fixture *f)
{
	const json_t *messages = json_object_get(f->json, "messages"), *number;
	size_t i;

	f->vf = (unsigned int)json_integer_value(json_object_get(f->json, "vf"));
	json_array_foreach (json_object_get(f->json, "order"), i, number) {
		const json_t *m = json_array_get(messages, (size_t)json_integer_value(number));

		take_bytes(f, json_string_value(json_object_get(m, "bytes")),
			   (int)json_integer_value(json_object_get(m, "family")),
			   json_is_true(json_object_get(m, "sent")));
	}
	assert_non_null(f->first);
}

/* ---- a sysfs of what was read ---- */

/* The device that is named in the fixture and that a link like ../../0000:01:00.0 means. */
static const char *device_of(const json_t *files, const char *target, size_t *ret_len)
{
	const char *name = strrchr(target, '/');
	const json_t *file;
	char part[256];
	size_t i;

	snprintf(part, sizeof(part), "%s/", name ?: target);
	json_array_foreach (files, i, file) {
		const char *path = json_string_value(json_object_get(file, "path"));
		const char *at = strstr(path, part);

		if (strncmp(path, "/sys/devices/", 13) != 0 || !at)
			continue;
		*ret_len = (size_t)(at - path) + strlen(part) - 1;
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
		    nfp_sysfs_exists(NULL, "%s/%s", t->dir, path))
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

/* ---- attributes, and the inventory ---- */

static void judge_attributes(const struct fixture *f)
{
	expect_number(f->card, "num_vfs", f->num_first);
	for (enum nfp_vf_attr_id id = 0; id < NFP_VF_ATTR_COUNT; id++) {
		char text[NFP_VF_ATTR_TEXT];

		expect_text(json_object_get(f->card, "attributes"), nfp_vf_attr_name(id),
			    nfp_vf_attr_text(&f->first[f->vf], id, text));
	}
}

static void judge_inventory(const struct tree *t, struct fixture *f)
{
	const struct nfp_link *link = nfp_links_by_ifindex(f->links, f->num_links, pf_of(f));
	struct nfp_pf pf = {.num_vfs = 0};
	unsigned int netdevs = 0;

	assert_non_null(link);
	make_sysfs(t, json_object_get(f->json, "files"));
	nfp_links_sysfs(&t->root, f->links, f->num_links);
	assert_true(link->physical);
	assert_int_equal(nfp_topo_fill_pf(&t->root, f->links, f->num_links, link, &pf), 0);
	expect_text(f->card, "driver", pf.info.driver);
	expect_number(f->card, "total_vfs", pf.info.total_vfs);
	assert_int_equal(pf.info.num_vfs, f->num_first);
	assert_int_equal(pf.num_vfs, f->num_first);
	for (size_t i = 0; i < pf.num_vfs; i++) {
		assert_int_equal(pf.vfs[i].vf, i);
		netdevs += pf.vfs[i].ifindex != 0;
	}
	expect_number(f->card, "vf_netdevs", netdevs);
	expect_text(f->card, "vf_driver", pf.vfs[f->vf].driver);
	free(pf.vfs);
}

/* At the end of the run, as the PF's driver reports it. */
static void judge_end(const struct fixture *f)
{
	assert_int_equal(f->num_first, f->num_last);
	for (size_t i = 0; i < f->num_first; i++) {
		uint32_t differ = nfp_vf_attr_differ(&f->first[i], &f->last[i]);

		if (differ)
			fail_msg("VF %zu has other attributes after the run: %x", i, differ);
	}
}

/* ---- the tests ---- */

static json_t *load_json(const char *name, const char *file)
{
	json_error_t why;
	char path[256];
	json_t *json;

	snprintf(path, sizeof(path), FIXTURES "/%s/%s", name, file);
	json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	if (!json)
		fail_msg("%s: %s", path, why.text);
	return json;
}

static void judge_fixture(const struct tree *t, const char *name)
{
	struct fixture f = {.origin = load_json(name, "origin.json")};

	print_message("%s\n", name);
	f.json = load_json(name, "kernel.json");
	f.card = json_object_get(f.origin, "known");
	assert_true(json_is_object(f.card));
	take_all(&f);
	judge_attributes(&f);
	judge_inventory(t, &f);
	judge_end(&f);
	free(f.first);
	free(f.last);
	free(f.links);
	json_decref(f.json);
	json_decref(f.origin);
}

TEST_OF(each_card, tree_make, tree_drop, struct tree, t)
{
	DIR *dir = opendir(FIXTURES);
	const struct dirent *d;
	size_t num = 0;

	assert_non_null(dir);
	if (BYTE_ORDER != LITTLE_ENDIAN) /* netlink has the order of the host, here an x86 */
		skip();
	while ((d = readdir(dir))) {
		if (strchr(d->d_name, '.'))
			continue;
		num++;
		judge_fixture(t, d->d_name);
		/* The next one has a sysfs of its own. */
		tree_drop(t);
		tree_make(t);
	}
	closedir(dir);
	assert_in_range(num, 1, 1000);
}

TEST_MAIN()
