// SPDX-License-Identifier: GPL-2.0-or-later
// A device that leaves its bus is noticed by the kernel's event, not by the time that passes.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nfprobe/apply.h"
#include "net.h"

#define FOREVER_MS 120000

struct device {
	char sys[32], path[96];
	struct nfp_sysroot root;
	struct nfp_busdev dev;
	int waiting; /* the thread that waits */
};

static void make_device(struct device *d)
{
	static const char *const folders[] = {"/bus", "/bus/fake", "/bus/fake/devices",
					      "/bus/fake/devices/vf3"};

	snprintf(d->sys, sizeof(d->sys), "/tmp/nfprobe-sys.XXXXXX");
	assert_non_null(mkdtemp(d->sys));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(d->path, sizeof(d->path), "%s%s", d->sys, folders[i]);
		assert_int_equal(mkdir(d->path, 0700), 0);
	}
	d->root = (struct nfp_sysroot) {.sys = d->sys};
	d->dev = (struct nfp_busdev) {&d->root, "fake", "vf3"};
	d->waiting = (int)syscall(SYS_gettid);
}

static void remove_folders(const struct device *d)
{
	(void)rmdir(d->path);
	net_run("rm -r %s", d->sys);
}

/* Or just about to. */
static bool sleeps(int thread)
{
	char path[64], line[512] = "";
	const char *behind_name;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	file = fopen(path, "r");
	assert_non_null(file);
	(void)!fgets(line, sizeof(line), file);
	fclose(file);
	behind_name = strrchr(line, ')');
	return behind_name && behind_name[2] == 'S';
}

/* A netdev that is made has an event as any device has. */
static void *leave(void *arg)
{
	const struct device *d = arg;

	while (!sleeps(d->waiting))
		sched_yield();
	net_run("ip link add other0 type veth peer name far0");
	while (!sleeps(d->waiting))
		sched_yield();
	(void)rmdir(d->path);
	net_run("ip link add other1 type veth peer name far1");
	return NULL;
}

static void leaving_is_noticed(void **state)
{
	struct device d;
	pthread_t thread;

	(void)state;
	make_device(&d);
	assert_int_equal(pthread_create(&thread, NULL, leave, &d), 0);
	assert_true(nfp_wait_device_gone(&d.dev, FOREVER_MS));
	pthread_join(thread, NULL);
	remove_folders(&d);
	net_run("ip link del other0");
	net_run("ip link del other1");
}

static void staying_ends_in_time(void **state)
{
	struct device d;

	(void)state;
	make_device(&d);
	assert_false(nfp_wait_device_gone(&d.dev, 100));
	assert_int_equal(rmdir(d.path), 0);
	assert_true(nfp_wait_device_gone(&d.dev, 0));
	remove_folders(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaving_is_noticed),
		cmocka_unit_test(staying_ends_in_time),
	};

	net_enter();
	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
