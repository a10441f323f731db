// SPDX-License-Identifier: GPL-2.0-or-later
/* `nfprobe --list` for a person, on wide and narrow terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "nfprobe/report.h"
#include "unit/sample_topology.h"

static char *render(const struct nfp_topology *topology, unsigned int columns)
{
	const struct nfp_report_opts opts = {.columns = columns};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_list_text(topology, &opts, out), 0);
	fclose(out);
	return text;
}

static void check(unsigned int columns, const char *expected)
{
	struct nfp_topology topology;
	char *text;

	sample_topology(&topology);
	text = render(&topology, columns);
	assert_string_equal(text, expected);
	free(text);
	sample_topology_fini(&topology);
}

static void test_wide(void **state)
{
	static const char expected[] =
		"eth0  igb, firmware 2.1.0, 0000:01:00.0, 4 of 7 VFs, port of br0 (bridge), "
		"promiscuous by br0, a bridge\n"
		"  VF  device        address            VLAN  driver    netdev   used by\n"
		"  0   0000:01:10.0  -                  -     igbvf     enp1s16  -\n"
		"  1   0000:01:10.2  52:54:00:00:00:01  100   igbvf     -        enp1s16f2 has an "
		"address\n"
		"  2   0000:01:10.4  52:54:00:00:00:02  -     -         -        -\n"
		"  3   0000:01:10.6  52:54:00:00:00:03  -     vfio-pci  -        qemu-system-x86 "
		"(pid 4711) through vfio\n"
		"\n"
		"eth1  ixgbe, 0 of 63 VFs, down\n"
		"  no VFs; to make some: echo N > /sys/class/net/eth1/device/sriov_numvfs\n"
		"\n"
		"Shared address: eth1 and macvtap0 have the address 52:54:00:00:00:01\n";

	(void)state;
	check(0, expected);
}

static void test_narrow(void **state)
{
	static const char expected[] = "eth0  igb, firmware 2.1.0, 0000:01:00.0,\n"
				       "      4 of 7 VFs, port of br0 (bridge),\n"
				       "      promiscuous by br0, a bridge\n"
				       "  VF 0  0000:01:10.0\n"
				       "    driver igbvf, netdev enp1s16\n"
				       "  VF 1  0000:01:10.2\n"
				       "    address 52:54:00:00:00:01, VLAN 100,\n"
				       "    driver igbvf, used by enp1s16f2 has\n"
				       "    an address\n"
				       "  VF 2  0000:01:10.4\n"
				       "    address 52:54:00:00:00:02\n"
				       "  VF 3  0000:01:10.6\n"
				       "    address 52:54:00:00:00:03, driver\n"
				       "    vfio-pci, used by qemu-system-x86\n"
				       "    (pid 4711) through vfio\n"
				       "\n"
				       "eth1  ixgbe, 0 of 63 VFs, down\n"
				       "  no VFs; to make some: echo N >\n"
				       "  /sys/class/net/eth1/device/sriov_numvfs\n"
				       "\n"
				       "Shared address: eth1 and macvtap0 have\n"
				       "  the address 52:54:00:00:00:01\n";

	(void)state;
	check(40, expected);
}

static void test_any_width(void **state)
{
	struct nfp_topology topology;

	(void)state;
	sample_topology(&topology);
	for (unsigned int columns = 41; columns < 150; columns++) {
		char *text = render(&topology, columns);

		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			if (strlen(line) > columns)
				fail_msg("%zu > %u columns: %s", strlen(line), columns, line);
		}
		free(text);
	}
	sample_topology_fini(&topology);
}

static void test_none(void **state)
{
	struct nfp_topology topology = {0};
	char *text = render(&topology, 80);

	(void)state;
	assert_string_equal(text, "no SR-IOV PFs on this machine\n");
	free(text);
}

/* Where the topology has no words for a user, the list has. */
static void test_uses(void **state)
{
	static const struct {
		enum nfp_use use;
		const char *words;
	} table[] = {
		{NFP_USE_NETDEV_UP, "its netdev is up"},
		{NFP_USE_NETDEV, "its netdev is in use"},
		{NFP_USE_NAMESPACE, "its netdev is in another namespace"},
		{NFP_USE_VFIO, "held through vfio"},
		{NFP_USE_OTHER, "a driver without netdev"},
		{NFP_USE_UNKNOWN, "unknown, so it counts as in use"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct nfp_topology topology;
		char *text;

		sample_topology(&topology);
		topology.pfs[0].vfs[2].use = table[i].use;
		text = render(&topology, 0);
		if (!strstr(text, table[i].words))
			fail_msg("no \"%s\" in %s", table[i].words, text);
		free(text);
		sample_topology_fini(&topology);
	}
}

static void test_full(void **state)
{
	const struct nfp_report_opts opts = {0};
	struct nfp_topology topology = {0};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(nfp_report_list_text(&topology, &opts, full), -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide),	  cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_any_width), cmocka_unit_test(test_none),
		cmocka_unit_test(test_uses),	  cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
