// SPDX-License-Identifier: GPL-2.0-or-later
/* Another VF of the PF is taken for a run and released: its netdev comes back as it was. */
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "../../src/change/klog.h"
#include "vf_place.h"

/* It has its driver and its netdev, as a sibling must. */
static void make_sibling(struct vf_place *v)
{
	make_vf_place(v);
	if (!v->backend)
		return;
	tree_link(&v->tree, VF_DIR "/driver", "../../drivers/nfpdrv");
	for (unsigned int i = 0; i < 4; i++)
		v->vfs[i].vf = i;
	strcpy(v->vfs[3].bus, "pci");
	strcpy(v->vfs[3].parentdev, VF_NAME);
	strcpy(v->vfs[3].devpath, "/" VF_DIR);
	v->pf = (struct nfp_pf) {.vfs = v->vfs, .num_vfs = 4};
	v->backend->config.pf = &v->pf;
	assert_int_equal(run("ip link set nfpvf1 up"), 0);
}

#define SIBLING_CASE(name) TEST_OF(name, make_sibling, remove_vf_place, struct vf_place, v)

static int prepare(struct vf_place *v, enum nfp_sibling as, struct nfp_netdev *ret_netdev)
{
	struct nfp_mac mac;

	return nfp_backend_sibling(v->backend, as, 3, ret_netdev, &mac, &v->p->err);
}

static void assert_refused(struct vf_place *v, enum nfp_sibling as, int ret, const char *says)
{
	struct nfp_netdev netdev;

	assert_int_equal(prepare(v, as, &netdev), ret);
	assert_string_equal(v->p->err.message, says);
}

static void assert_released(const struct vf_place *v)
{
	const struct nfp_journal_data *data = nfp_journal_data(v->backend->journal);

	for (size_t i = 0; i < data->num_vfs; i++)
		assert_true(data->vfs[i].done);
	assert_null(v->backend->apply.watch.guards[1 + NFP_SIBLING_SENDS]);
}

/* The changes that -v shows. */
static void assert_told(const struct vf_place *v, const char *const *told, size_t num)
{
	const struct nfp_strv *is = &v->p->told;

	assert_int_equal(is->n, num);
	for (size_t i = 0; i < num; i++)
		assert_string_equal(is->v[i], told[i]);
}

SIBLING_CASE(another_vf_keeps_its_driver)
{
	static const char *const told[] = {
		"ip link set nfpvf0 netns nfprobe name nfpsends",
		"ip -n nfprobe link set nfpsends up",
		"ip -n nfprobe link set nfpsends netns 1 name nfpvf0",
	};
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	if (prepare(v, NFP_SIBLING_SENDS, &netdev))
		fail_msg("%s", v->p->err.message);
	assert_string_equal(netdev.ifname, "nfpsends");
	assert_true(nfp_journal_find_vf(nfp_journal_data(v->backend->journal), 3)->source);
	/* It is taken once. */
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_equal(nfp_journal_data(v->backend->journal)->num_vfs, 1);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_told(v, told, NFP_NUM(told));
	assert_true(nfp_sysfs_exists(&v->tree.root, "/" VF_DIR "/driver"));
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_released(v);
}

/* In the other namespace its ifindex is another netdev's. */
SIBLING_CASE(another_vf_gets_another_ifindex)
{
	struct nfp_netdev netdev;
	struct nfp_link link;
	char command[128];

	NEED_ROOT(v->p);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	snprintf(command, sizeof(command),
		 "nsenter --net=/proc/%d/fd/%d ip link add nfpvf9 index %d type veth", getpid(),
		 v->backend->apply.netns_fd, link.ifindex);
	assert_int_equal(run(command), 0);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_not_equal(netdev.ifindex, link.ifindex);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_released(v);
}

/* mlx4: a netdev for each port of the card. Both go, and both come back. */
SIBLING_CASE(another_vf_with_two_netdevs)
{
	static const char *const told[] = {
		"ip link set nfpvf4 netns nfprobe name nfpsends2",
		"ip link set nfpvf0 netns nfprobe name nfpsends",
		"ip -n nfprobe link set nfpsends up",
		"ip -n nfprobe link set nfpsends netns 1 name nfpvf0",
		"ip -n nfprobe link set nfpsends2 netns 1 name nfpvf4",
	};
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	assert_int_equal(run("ip link add nfpvf4 type veth peer name nfpvf5"), 0);
	tree_file(&v->tree, VF_DIR "/net/nfpvf4/dev_port", "1");
	tree_link(&v->tree, "sys/class/net/nfpvf4/device", "../../../bus/pci/devices/" VF_NAME);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_string_equal(netdev.ifname, "nfpsends");
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf4", &link, NULL), -ENODEV);
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf4", &link, NULL), 0);
	assert_told(v, told, NFP_NUM(told));
	assert_released(v);
}

static void show_netdev_as(const struct tree *t, const char *name, const char *last)
{
	char path[NFP_TEXT_LEN];

	snprintf(path, sizeof(path), VF_DIR "/net/%s", last);
	tree_remove(t, path);
	snprintf(path, sizeof(path), VF_DIR "/net/%s", name);
	tree_dir(t, path);
}

static void free_its_name(const struct tree *t)
{
	assert_int_equal(run("ip link del nfpvf0"), 0);
	show_netdev_as(t, "nfpvf0", "nfpsends");
}

/* It comes back by another, and gets its own as that is free. */
SIBLING_CASE(another_vf_whose_name_is_taken)
{
	struct nfp_netdev netdev;
	struct nfp_link link;

	NEED_ROOT(v->p);
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_int_equal(run("ip link add nfpvf0 type veth peer name nfpvf2"), 0);
	show_netdev_as(&v->tree, "nfpsends", "nfpvf0");
	tree_link(&v->tree, "sys/class/net/nfpsends/device", "../../../bus/pci/devices/" VF_NAME);
	unreal.in_pause = free_its_name;
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_null(unreal.in_pause);
	assert_int_equal(nfp_link_by_name(v->backend->apply.nl, "nfpvf0", &link, NULL), 0);
	assert_memory_equal(&link.address, &own, sizeof(own));
	assert_released(v);
}

/* Once for each VF and once in the end, in one write each; a dry run has none. */
SIBLING_CASE(a_run_names_itself_in_the_kernel_log)
{
	static const char is[] = "<29>nfprobe[%d]: run 0a1b on nfpt0 (" PARENT "): VF 3 (" VF_NAME
				 ") is used from now on, nfprobe %s"
				 "<29>nfprobe[%d]: run 0a1b on nfpt0 (" PARENT
				 ") is over: it used VF 3, nfprobe %s";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char text[1024], want[1024];
	struct nfp_netdev netdev;
	int fd;

	NEED_ROOT(v->p);
	tree_file(&v->tree, "dev/kmsg", "");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
		assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL),
				 0);
	}
	nfp_backend_log_end(v->backend);
	v->backend->config.dry = true;
	nfp_backend_log_end(v->backend);
	v->backend->config.dry = false;
	snprintf(want, sizeof(want), is, (int)getpid(), nfp_version, (int)getpid(), nfp_version);
	assert_int_equal(nfp_sysfs_read(&v->tree.root, text, sizeof(text), "/dev/kmsg"), 0);
	assert_string_equal(text, want);
	/* Where that is closed, syslog has it; where there is neither, nobody. */
	tree_remove(&v->tree, "dev/kmsg");
	nfp_klog(&v->tree.root, "to nobody");
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/dev/log", v->tree.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	nfp_klog(&v->tree.root, "to %s", "syslog");
	memset(text, 0, sizeof(text));
	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	close(fd);
	snprintf(want, sizeof(want), "<29>nfprobe[%d]: to syslog", (int)getpid());
	assert_string_equal(text, want);
}

static const char *setting_of(const struct vf_place *v, const char *name)
{
	const struct nfp_journal_data *data = nfp_journal_data(v->backend->journal);

	return json_string_value(json_object_get(nfp_journal_find_vf(data, 3)->settings[0], name));
}

/* A setting that a move to another network namespace would lose is refused, or is in the journal
 * and said. */
SIBLING_CASE(another_vf_with_settings)
{
	struct nfp_netdev netdev;

	NEED_ROOT(v->p);
	v->backend->apply.events = (struct nfp_events) {NULL, NULL};
	assert_int_equal(run("tc qdisc add dev nfpvf0 root handle 1: pfifo && "
			     "ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:99 dev nfpvf0 "
			     "nud permanent"),
			 0);
	assert_refused(v, NFP_SIBLING_SENDS, -EBUSY,
		       "nfpvf0, the netdev of VF 3 of nfpt0, has qdisc 1: pfifo, which would be "
		       "lost");
	assert_int_equal(v->p->err.code, NFP_E_SOURCE_UNUSABLE);
	assert_hint(v->p, "Remove it first, or accept the loss with --force.");
	v->backend->config.force = true;
	assert_int_equal(prepare(v, NFP_SIBLING_SENDS, &netdev), 0);
	assert_string_equal(setting_of(v, "qdisc 1:"), "pfifo");
	assert_string_equal(setting_of(v, "neigh 192.0.2.1"), "02:00:00:00:00:99");
	assert_int_equal(v->backend->warnings.n, 1);
	assert_string_equal(v->backend->warnings.v[0],
			    "nfpvf0, the netdev of VF 3, loses what was set: neigh 192.0.2.1 "
			    "02:00:00:00:00:99");
	assert_int_equal(nfp_backend_release_sibling(v->backend, NFP_SIBLING_SENDS, NULL), 0);
	assert_released(v);
}

SIBLING_CASE(another_vf_without_a_driver)
{
	NEED_ROOT(v->p);
	tree_remove(&v->tree, VF_DIR "/driver");
	tree_remove(&v->tree, VF_DIR "/net/nfpvf0");
	tree_remove(&v->tree, VF_DIR "/net");
	assert_refused(v, NFP_SIBLING_SENDS, -ENODEV,
		       "VF 3 cannot send test frames: it has no netdev (no driver of this host is "
		       "bound to it)");
	assert_int_equal(v->p->told.n, 0);
	assert_released(v);
}

TEST_MAIN()
