// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answers of some cards' kernels, in tests/fixtures (its README describes a folder). The test
 * reads the VF attributes and the inventory from each kernel.json, sets the VF as it was after the
 * run, and lets the undo restore it from each state in which the PF's driver has reported it.
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
#include "../../src/change/apply.h"
#include "../../src/change/change.h"
#include "../../src/change/journal.h"
#include "../../src/change/undo.h"
#include "../../src/change/vf_state.h"
#include "change/host.h"
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

/* The VF under test as the PF's driver reports it, or what that driver is to change of it. */
struct event {
	bool asks;
	int error; /* of what was asked */
	struct nfp_change change;
	struct nfp_vf_attr attr;
};

struct fixture {
	json_t *origin, *json;
	const json_t *card; /* in @origin */
	unsigned int vf;
	struct nfp_link *links; /* of the PF and its VFs, as they were at first */
	size_t num_links;
	struct event *events;
	size_t num_events;
	struct nfp_vf_attr *first, *last; /* of all VFs */
	size_t num_first, num_last;
	char vf_driver[NFP_TEXT_LEN];
	struct nfp_mac own; /* of the VF's netdev before the run; zero: there was none */
};

static int pf_of(const struct fixture *f)
{
	return (int)json_integer_value(json_object_get(f->json, "ifindex"));
}

static struct event *add_event(struct fixture *f)
{
	f->events = realloc(f->events, (f->num_events + 1) * sizeof(f->events[0]));
	assert_non_null(f->events);
	f->events[f->num_events] = (struct event) {.asks = false};
	return &f->events[f->num_events++];
}

static void take_vfs(struct fixture *f, const struct nlmsghdr *nlh)
{
	struct event *event = add_event(f);

	free(f->last);
	assert_int_equal(nfp_vfinfo_parse(nlh, &f->last, &f->num_last), 0);
	if (!f->first)
		assert_int_equal(nfp_vfinfo_parse(nlh, &f->first, &f->num_first), 0);
	assert_in_range(f->vf, 0, f->num_last - 1);
	event->attr = f->last[f->vf];
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

/*
 * A refused request that is made again counts once, as the last one: how often it is made depends
 * on how long the driver takes (nfp_apply_change).
 */
static void drop_refused(struct fixture *f, const struct nfp_change *again)
{
	size_t i = f->num_events;

	while (i > 0 && !f->events[i - 1].asks)
		i--;
	if (i == 0 || f->events[i - 1].error == 0 || f->events[i - 1].change.kind != again->kind ||
	    !nfp_mac_equal(&f->events[i - 1].change.mac, &again->mac) ||
	    f->events[i - 1].change.vlan.vid != again->vlan.vid)
		return;
	memmove(&f->events[i - 1], &f->events[i], (f->num_events - i) * sizeof(f->events[0]));
	f->num_events--;
}

/* A change of the VF's address or VLAN; others do not matter here. */
static void take_request(struct fixture *f, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_VFINFO_LIST + 1], *list[IFLA_VF_INFO + 1];
	const struct nlattr *info[IFLA_VF_VLAN_LIST + 1], *vlans[IFLA_VF_VLAN_INFO + 1];
	struct nfp_change c = {.of_vf = true, .vf = f->vf};
	struct ifla_vf_vlan_info vlan;
	struct ifla_vf_mac mac;

	nfp_attrs_table(nfp_attrs_of(nlh, sizeof(struct ifinfomsg)), tb, IFLA_VFINFO_LIST + 1);
	nfp_attrs_table(nfp_attrs_in(tb[IFLA_VFINFO_LIST]), list, IFLA_VF_INFO + 1);
	nfp_attrs_table(nfp_attrs_in(list[IFLA_VF_INFO]), info, IFLA_VF_VLAN_LIST + 1);
	nfp_attrs_table(nfp_attrs_in(info[IFLA_VF_VLAN_LIST]), vlans, IFLA_VF_VLAN_INFO + 1);
	if (nfp_attr_get(info[IFLA_VF_MAC], &mac, sizeof(mac)) && mac.vf == f->vf) {
		c.kind = NFP_CHANGE_VF_MAC;
		memcpy(c.mac.b, mac.mac, NFP_MAC_LEN);
	} else if (nfp_attr_get(vlans[IFLA_VF_VLAN_INFO], &vlan, sizeof(vlan)) &&
		   vlan.vf == f->vf) {
		c.kind = NFP_CHANGE_VF_VLAN;
		c.vlan.vid = (uint16_t)vlan.vlan;
	} else {
		return;
	}
	drop_refused(f, &c);
	*add_event(f) = (struct event) {.asks = true, .change = c};
}

static void take_message(struct fixture *f, const struct nlmsghdr *nlh, bool sent)
{
	struct nfp_nl_ack ack;

	if (sent && nlh->nlmsg_type == RTM_SETLINK) {
		take_request(f, nlh);
	} else if (!sent && nlh->nlmsg_type == RTM_NEWLINK) {
		take_link(f, nlh);
	} else if (!sent && nlh->nlmsg_type == NLMSG_ERROR) {
		assert_int_equal(nfp_nl_parse_ack(nlh, &ack), 0);
		assert_int_not_equal(ack.error, 0);
		/* An error answers the request before it. */
		if (f->num_events > 0 && f->events[f->num_events - 1].asks)
			f->events[f->num_events - 1].error = ack.error;
	}
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
	if (family == NETLINK_ROUTE)
		take_message(f, nlh, sent);
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
	link = nfp_links_by_ifindex(f->links, f->num_links, pf.vfs[f->vf].ifindex);
	f->own = link ? link->address : f->own;
	expect_number(f->card, "vf_netdevs", netdevs);
	expect_text(f->card, "vf_driver", pf.vfs[f->vf].driver);
	snprintf(f->vf_driver, sizeof(f->vf_driver), "%s", pf.vfs[f->vf].driver);
	free(pf.vfs);
}

/* ---- the undo ---- */

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

/* Does as the driver did when it was asked that in the run: an errno, or what it reported next. */
static int ask_again(const struct fixture *f, const struct nfp_change *c, struct nfp_mac *ret_mac)
{
	for (size_t i = 0; i + 1 < f->num_events; i++) {
		const struct event *event = &f->events[i], *next = event + 1;

		if (!event->asks || event->change.kind != c->kind ||
		    !nfp_mac_equal(&event->change.mac, &c->mac))
			continue;
		if (event->error == 0 && !next->asks && next->attr.have_mac)
			*ret_mac = next->attr.mac;
		return event->error;
	}
	return 0;
}

static const struct nfp_mac P = {{0x06, 3, 3, 3, 3, 3}}; /* placeholder */

static void make_change(const struct fixture *f, struct nfp_undo_state *u, struct nfp_change *c)
{
	if (c->kind == NFP_CHANGE_VF_MAC) {
		u->now.attr.mac = c->mac;
		if (ask_again(f, c, &u->now.attr.mac) < 0) {
			assert_true(nfp_mac_is_zero(&c->mac));
			nfp_undo_note_outcome(u, c, NFP_PLACEHOLDER);
			u->now.attr.mac = P;
		}
	} else if (c->kind == NFP_CHANGE_VF_VLAN) {
		u->now.attr.vlan = c->vlan;
	} else if (c->kind == NFP_CHANGE_VF_UNBIND || c->kind == NFP_CHANGE_VF_BIND) {
		snprintf(u->now.driver, sizeof(u->now.driver), "%s",
			 c->kind == NFP_CHANGE_VF_BIND ? c->name : "");
	} else if (c->kind != NFP_CHANGE_VF_RESET) {
		fail_msg("the undo wants to %s", nfp_change_row(c->kind)->name);
	}
}

/* The run is killed when the VF is so. */
static void undo_from(const struct fixture *f, const struct nfp_journal_data *journal,
		      const struct nfp_vf_attr *now)
{
	struct nfp_restore_report report = {.found = true};
	struct nfp_undo_state u;
	struct nfp_change c;
	unsigned int steps = 0;

	nfp_undo_state_begin(&u, journal, &journal->vfs[0]);
	u.now = journal->vfs[0].before;
	u.now.attr = *now;
	u.now.driver[0] = '\0';
	u.was_bound = u.can_reset = true;
	while (nfp_undo_next(&u, &c)) {
		assert_in_range(++steps, 1, NFP_UNDO_STEPS_MAX);
		make_change(f, &u, &c);
	}
	nfp_undo_compare(&u, "the PF", &report);
	/* A report that lacks the VF says nothing of it. */
	if (report.failed.n != !now->have_mac || report.others.n > 0)
		fail_msg("%s", report.failed.n ? report.failed.v[0] : report.others.v[0]);
	assert_true(!now->have_mac || !nfp_vf_attr_differ(&u.before->attr, &u.now.attr));
	nfp_restore_report_fini(&report);
}

static void judge_undo(const struct fixture *f)
{
	struct nfp_change *changes = calloc(f->num_events, sizeof(*changes));
	struct nfp_mac *addresses = calloc(f->num_events, sizeof(*addresses));
	/* The netdev is left out; what its driver tells the PF by itself is in the reports. */
	struct nfp_journal_vf entry = {
		.before = {.vf = f->vf, .attr = f->first[f->vf], .address = f->own},
		.placeholder_mac = P};
	struct nfp_journal_data journal = {
		.vfs = &entry, .num_vfs = 1, .changes = changes, .head.addresses = addresses};

	assert_true(changes && addresses);
	snprintf(entry.before.driver, sizeof(entry.before.driver), "%s", f->vf_driver);
	for (size_t i = 0; i < f->num_events; i++) {
		const struct event *event = &f->events[i];

		if (!event->asks)
			continue;
		changes[journal.num_changes++] = event->change;
		if (event->change.kind == NFP_CHANGE_VF_MAC)
			addresses[journal.head.num_addresses++] = event->change.mac;
	}
	expect_number(f->card, "changes", journal.num_changes);
	for (size_t i = 0; i < f->num_events; i++) {
		if (!f->events[i].asks)
			undo_from(f, &journal, &f->events[i].attr);
	}
	free(changes);
	free(addresses);
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
	judge_undo(&f);
	free(f.first);
	free(f.last);
	free(f.links);
	free(f.events);
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
