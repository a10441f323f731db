// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line as people type it: what it becomes, or the sentence that refuses it. */
#include "harness.h"
#include "nfprobe/request.h"
#include "nfprobe/base.h"

#define MAX_ARGS 32
#define ID	 "00112233445566778899aabbccddeeff"

/* Splits @line at blanks; '' stands for an empty argument. The words live in @store. */
static int split(const char *line, char *store, char *argv[MAX_ARGS])
{
	int argc = 0;

	strcpy(store, line);
	argv[argc++] = (char *)"nfprobe";
	for (char *w = strtok(store, " "); w; w = strtok(NULL, " ")) {
		assert_true(argc + 1 < MAX_ARGS);
		argv[argc++] = strcmp(w, "''") == 0 ? (char *)"" : w;
	}
	argv[argc] = NULL;
	return argc;
}

static int parse(const char *line, struct nfp_request *request, struct nfp_err *err)
{
	char store[512], *argv[MAX_ARGS], *before[MAX_ARGS];
	int argc = split(line, store, argv);
	int r;

	memcpy(before, argv, sizeof(argv[0]) * (size_t)(argc + 1));
	*err = (struct nfp_err) {0};
	r = nfp_request_parse(argc, argv, request, err);
	assert_memory_equal(before, argv, sizeof(argv[0]) * (size_t)(argc + 1));
	return r;
}

struct bad {
	const char *line;
	const char *message; /* a part of the message, or of the hint when it begins with '>' */
};

static const struct bad bad_lines[] = {
	{"", "no PF is named"},
	{"", ">nfprobe --help the options"},
	{"eth0", "no VF is named: nfprobe eth0 --vf N"},
	{"eth0", ">nfprobe --list eth0"},
	{"--vf 3", "no PF is named"},
	{"eth0 eth1 --vf 3", "\"eth1\" is one argument too many"},
	{"eth0 3", "\"3\" is one argument too many"},
	{"eth0 3-5", ">did you mean --vf 3-5?"},
	{"eth0 vf 3", ">write --vf"},
	{"eth0 list", ">write --list"},
	{"list", ">write --list"},
	{"help", ">write --help"},
	{"eth0 --vf 3 -- eth1", "\"eth1\" is one argument too many"},
	{"eth0/1 --vf 3", "\"eth0/1\" is not an interface name"},
	{"0000:01:00.0 --vf 3", ">name the PF by its netdev"},
	{"abcdefghijklmnop --vf 3", "is not an interface name"},
	{"'' --vf 3", "\"\" is not an interface name"},
	{". --vf 3", "is not an interface name"},
	{"eth0 --vf", "--vf needs a value"},
	{"eth0 --vf", ">write --vf N"},
	{"eth0 --vf ''", "the value of --vf is empty"},
	{"eth0 --vf ''", ">write --vf N (is a shell variable unset?)"},
	{"eth0 --vf 3x", "--vf 3x is not a number or a range"},
	{"eth0 --vf -1", "--vf -1 is not a number"},
	{"eth0 --vf 0x1", "not a number"},
	{"eth0 --vf 1,,2", "the list has an empty element"},
	{"eth0 --vf 1,", "the list has an empty element"},
	{"eth0 --vf 5-2", "--vf 5-2 runs backwards: write 2-5"},
	{"eth0 --vf 1-", "not a number"},
	{"eth0 --vf 1-2-3", "not a number"},
	{"eth0 --vf 4096", "--vf 4096 is out of range: it takes 0 to 4095"},
	{"eth0 --vf 0-99999999999999999999", "out of range"},
	{"eth0 --vf every", "not a number"},
	{"eth0 --vf 1 --vf 2", "--vf is given twice"},
	{"eth0 --vf 1 --vf 2", ">write one list"},
	{"eth0 --vf 3 --from", "--from needs a value"},
	{"eth0 --vf 3 --from vf:x", "--from vf:x names no VF"},
	{"eth0 --vf 3 --from vf:", "--from vf: names no VF"},
	{"eth0 --vf 3 --from arp:", "--from arp: names no neighbour"},
	{"eth0 --vf 3 --from arp:gateway", "--from arp:gateway names no neighbour"},
	{"eth0 --vf 3 --from arp:192.0.2.256", "write arp: and its IPv4 address"},
	{"eth0 --vf 3 --from arp:0.0.0.0", "names no neighbour"},
	{"eth0 --vf 3 --from arp:ff02::1", "names no neighbour"},
	{"eth0 --vf 3 --from peer:", "--from peer: names no reflector"},
	{"eth0 --vf 3 --from peer:eth1", "--from peer:eth1 names no reflector"},
	{"eth0 --vf 3 --from peer:00:00:00:00:00:00", "names no reflector"},
	{"eth0 --vf 3 --from peer:ff:ff:ff:ff:ff:ff", "names no reflector"},
	{"eth0 --vf 3 --from peer:02:00:00:00:00:01", "--from peer needs an id: --id HEX"},
	{"eth0 --vf 3 --from peer", ">nfprobe --reflect IFACE on the other host"},
	{"eth0 --vf 3 --from eth1 --id " ID, "--id is for a reflector"},
	{"eth0 --vf 3 --from peer --id 12", "--id 12 is not an id: it is 32 hex digits"},
	{"eth0 --vf 3 --from peer --id " ID "0", "is not an id"},
	{"eth0 --vf 3 --from peer --id @", "--id @ names no file: write --id @FILE"},
	{"--list --id " ID, "--id makes no sense with --list"},
	{"--reflect", "no interface is named: nfprobe --reflect IFACE"},
	{"--reflect eth0 eth1", "\"eth1\" is one argument too many"},
	{"--reflect eth0 --vf 3", "--vf makes no sense with --reflect"},
	{"--reflect eth0 --json", "--json makes no sense with --reflect"},
	{"--reflect --list eth0", "do not go together"},
	{"--reflect eth/0", ">name a netdev that is on the prober's segment"},
	{"eth0 --vf 3 --from eth0", "--from eth0 is the PF itself: write --from pf"},
	{"eth0 --vf 3 --from 192.0.2.1", "write --from arp:192.0.2.1 if that neighbour is meant"},
	{"eth0 --vf 3 --from e/1", "--from \"e/1\" is not an interface name"},
	{"eth0 --vf 2-4 --from vf:3", "VF 3 cannot be probed and be the source"},
	{"eth0 --vf 3 --from eth1 --from vf:1", ">write one list: --from eth1,vf:1"},
	{"eth0 --vf 3 --from eth1,", "--from \"\" is not an interface name"},
	{"eth0 --vf 3 --from ,eth1", "--from \"\" is not an interface name"},
	{"eth0 --vf 3 --from eth1,vf:x", "--from vf:x names no VF"},
	{"eth0 --vf 3 --from eth1,eth0", "--from eth0 is the PF itself"},
	{"eth0 --vf 2-4 --from eth1,vf:3", "VF 3 cannot be probed and be the source"},
	{"eth0 --vf 3 --from eth1,peer", "--from peer needs an id: --id HEX"},
	{"eth0 --vf 3 --from eth1,vf:1 --id " ID, "--id is for a reflector"},
	{"eth0 --vf 3 --from a,b,c,d,e", "--from names more than 4 sources"},
	{"eth0 --vf 3 --from eth1,vf:1,eth1", "--from names eth1 twice"},
	{"eth0 --vf 3 --from vf:1,eth1,vf:01", "--from names vf:01 twice"},
	{"eth0 --vf 3 --from arp,arp", "--from names arp twice"},
	{"eth0 --vf 3 --from pf,pf", "--from names pf twice"},
	{"eth0 --vf 3 --from auto,eth1", "--from auto cannot be combined with other sources"},
	{"eth0 --vf 3 --from eth1,auto", "--from auto cannot be combined with other sources"},
	{"eth0 --vf 3 --from peer,peer:02:00:00:00:00:01 --id " ID, "--from names two reflectors"},
	{"eth0 --vf 3 --style both", "--style both is unknown: it takes macvtap, bridge, all"},
	{"eth0 --vf 3 --style Filter", "--style Filter is unknown"},
	{"eth0 --vf 3 --style macvtap --style bridge", "--style is given twice"},
	{"eth0 --vf 3 --style macvtap --style bridge", ">without --style both are probed"},
	{"eth0 --vf 3 --mac 02:00:00:00:00", "is not an Ethernet address"},
	{"eth0 --vf 3 --mac 02:00:00:00:00:0g", "is not an Ethernet address"},
	{"eth0 --vf 3 --mac 02:00:00:00:00:011", "is not an Ethernet address"},
	{"eth0 --vf 3 --mac 00:00:00:00:00:00", "is the zero address"},
	{"eth0 --vf 3 --mac ff:ff:ff:ff:ff:ff", "is a group address"},
	{"eth0 --vf 3 --mac 01:00:5e:00:00:01", "is a group address"},
	{"eth0 --vf 3 --vlan 4095", "--vlan 4095 is out of range: it takes 0 to 4094"},
	{"eth0 --vf 3 --vlan 12abc", "--vlan 12abc is not a whole number: it takes 0 to 4094"},
	{"eth0 --vf 3 --vlan +1", "is not a whole number"},
	{"eth0 --vf 3 --rate 0", "--rate 0 is out of range: it takes 1 to 1000000"},
	{"eth0 --vf 3 --rate 1000001", "out of range"},
	{"eth0 --vf 3 --rate 99999999999999999999999", "out of range"},
	{"eth0 --vf 3 --rate 1e3", "is not a whole number"},
	{"eth0 --vf 3 --rate 99999999999999999999999k", "is not a whole number"},
	{"eth0 --vf 3 --rate ''", "the value of --rate is empty"},
	{"eth0 --vf 3 --rate=", "the value of --rate is empty"},
	{"eth0 --vf 3 --settle 0.05", "--settle 0.05 is out of range: it takes 0.1 to 60 seconds"},
	{"eth0 --vf 3 --settle 60.1", "is out of range"},
	{"eth0 --vf 3 --settle 1.5s", "--settle 1.5s is not a number of seconds"},
	{"eth0 --vf 3 --settle 1.", "is not a number of seconds"},
	{"eth0 --vf 3 --settle .5", "is not a number of seconds"},
	{"eth0 --vf 3 --settle 1,5", "is not a number of seconds"},
	{"eth0 --vf 3 --settle inf", "is not a number of seconds"},
	{"eth0 --vf 3 --timeout 0", "--timeout 0 is out of range: it takes 1 to 86400"},
	{"eth0 --vf 3 --timeout 86401", "out of range"},
	{"eth0 --vf 3 --json result.json", "write --json=result.json"},
	{"--json result.json eth0 --vf 3", "write --json=result.json"},
	{"--json result.json --vf 3 eth0", "write --json=result.json"},
	{"--json /tmp/r.json --vf 3", "write --json=/tmp/r.json"},
	{"eth0 --vf 3 --color never", "write --color=never"},
	{"eth0 --vf 3 --json=", "--json= names no file"},
	{"eth0 --vf 3 --json=a --json=b", "--json is given twice"},
	{"eth0 --vf 3 --allow inconclusive", "--allow inconclusive is not possible"},
	{"eth0 --vf 3 --allow early,inconclusive", "--allow inconclusive is not possible"},
	{"eth0 --vf 3 --allow EARLY", "--allow EARLY is not a verdict: it takes early, refused"},
	{"eth0 --vf 3 --allow early,", "is not a verdict"},
	{"eth0 --vf 3 --allow not-applicable", "is not a verdict"},
	{"eth0 --vf 3 --allow early --allow deaf", ">write one list: --allow early,slow"},
	{"eth0 --vf 3 --json=a --html a", "--json and --html name the same file, a: write two"},
	{"eth0 --vf 3 --export junit=a --write=a",
	 "--write and --export junit name the same file, a: write two"},
	{"eth0 --vf 3 --export junit=a --export junit=b", "--export junit is given twice"},
	{"eth0 --vf 3 --export xml=a", "--export xml is not a format: it takes "},
	{"eth0 --vf 3 --export =a", "--export  is not a format: it takes "},
	{"eth0 --vf 3 --export junit", "--export junit names no file: write --export junit=FILE"},
	{"eth0 --vf 3 --export junit=", "--export junit names no file"},
	{"eth0 --vf 3 --export junit=a --html a",
	 "--html and --export junit name the same file, a: write two"},
	{"eth0 --vf 3 --export junit=- --json",
	 "--export junit=- and --json both write to standard output: write --export junit=FILE"},
	{"eth0 --vf 3 --export junit=- --json-stream", "both write to standard output"},
	{"--list --export junit=a", "--export makes no sense with --list"},
	{"--read a --json=a", "--json and --read name the same file, a: write two"},
	{"eth0 --vf 3 --color=red", "--color=red is unknown: it takes always, never, auto"},
	{"eth0 --vf 3 -q -v", "-q and -v do not go together"},
	{"eth0 --vf 3 -x", "-x is not an option"},
	{"eth0 --vf 3 -x", ">nfprobe --help"},
	{"eth0 -vf 3", "-vf is not an option"},
	{"eth0 -vf 3", ">write --vf"},
	{"-list", ">write --list"},
	{"-restore", ">write --restore"},
	{"eth0 --vf 3 --frobnicate", "--frobnicate is not an option"},
	{"eth0 --vf 3 --frobnicate=7", "--frobnicate is not an option"},
	{"eth0 --vf 3 --frobnicate=7", ">nfprobe --help lists the options"},
	/* One character is another, lacks, is too much, or has changed places with its neighbour.
	 */
	{"eth0 --vf 3 --stile filter", ">did you mean --style? nfprobe --help lists the options"},
	{"eth0 --vf 3 --tyle filter", ">did you mean --style?"},
	{"eth0 --vf 3 --styles filter", ">did you mean --style?"},
	{"eth0 --vf 3 --stlye=filter", ">did you mean --style?"},
	{"eth0 --vf 3 --gaplimit=9", ">did you mean --gap-limit?"},
	{"eth0 --vf 3 --sytel filter", ">nfprobe --help lists the options"},
	{"eth0 --vg 3", ">did you mean --vf?"},
	{"eth0 --vf 3 --sty filter", "--sty is not an option"},
	{"eth0 --vf 3 --sty filter", ">options are not abbreviated: write --style"},
	{"eth0 --vf 3 --sty=filter", ">options are not abbreviated: write --style"},
	{"eth0 --vf 3 --rat", ">options are not abbreviated: write --rate"},
	{"eth0 --vf 3 --forc", ">options are not abbreviated: write --force"},
	{"eth0 --vf 3 --ver", "--ver is not an option"},
	{"eth0 --vf 3 --force=yes", "--force takes no value"},
	{"--lis", ">options are not abbreviated: write --list"},
	{"--list=x", "--list takes no value"},
	{"--list --vf 3", "--vf makes no sense with --list"},
	{"--list -q", "--quiet makes no sense with --list"},
	{"--list eth0 --rate 5", "--rate makes no sense with --list"},
	{"--list --restore", "do not go together"},
	{"eth0 --vf 3 --dry-run --list", "do not go together"},
	{"--restore --json", "--json makes no sense with --restore"},
	{"--restore eth0 --vf 3", "--vf makes no sense with --restore"},
	{"eth0 --vf 3 --dry-run --json", "--json makes no sense with --dry-run"},
	{"eth0 --vf 3 --dry-run -q", "--quiet makes no sense with --dry-run"},
	{"--dry-run", "no PF is named"},
};

TEST(test_refused)
{
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		const struct bad *bad = &bad_lines[i];
		bool hint = bad->message[0] == '>';
		struct nfp_request request;
		struct nfp_err err;
		int r = parse(bad->line, &request, &err);

		if (r != -EINVAL || err.code != NFP_E_USAGE ||
		    !strstr(hint ? err.hint : err.message, bad->message + hint))
			fail_msg("nfprobe %s: %d, \"%s\", \"%s\"; expected \"%s\"", bad->line, r,
				 err.message, err.hint, bad->message);
		nfp_request_fini(&request);
		assert_int_equal(nfp_request_parse(1, (char *const[]) {(char *)"nfprobe", NULL},
						   &request, NULL),
				 -EINVAL);
		nfp_request_fini(&request);
	}
}

static void good(const char *line, struct nfp_request *request)
{
	struct nfp_err err;
	int r = parse(line, request, &err);

	if (r != 0)
		fail_msg("nfprobe %s: %d, \"%s\"", line, r, err.message);
}

TEST(test_defaults)
{
	struct nfp_request q;

	good("eth0 --vf 3", &q);
	assert_int_equal(q.mode, NFP_MODE_PROBE);
	assert_string_equal(q.pf, "eth0");
	assert_false(q.all_vfs);
	assert_int_equal(q.num_vfs, 1);
	assert_int_equal(q.vfs[0], 3);
	assert_int_equal(q.from[0].kind, NFP_FROM_AUTO);
	assert_true(q.styles[NFP_STYLE_MACVTAP]);
	assert_true(q.styles[NFP_STYLE_BRIDGE]);
	assert_false(q.have_mac);
	assert_false(q.have_vlan);
	assert_int_equal(q.rate, 1000);
	assert_int_equal(q.settle_ns, 0);
	assert_int_equal(q.timeout_ns, 0);
	assert_false(q.json);
	assert_null(q.json_file);
	assert_false(q.save);
	assert_null(q.store);
	assert_true(q.announce);
	assert_true(q.transmit);
	assert_true(q.multicast);
	assert_false(q.force);
	assert_false(q.quiet);
	assert_false(q.verbose);
	assert_int_equal(q.color, NFP_COLOR_AUTO);
	for (int i = 0; i < NFP_VERDICT_COUNT; i++)
		assert_false(q.allow[i]);
	nfp_request_fini(&q);
}

TEST(test_save)
{
	struct nfp_request q;

	good("eth0 --vf 3 --save", &q);
	assert_true(q.save);
	assert_null(q.store);
	nfp_request_fini(&q);
	good("--save=/srv/nfprobe eth0 --vf 3", &q);
	assert_true(q.save);
	assert_string_equal(q.store, "/srv/nfprobe");
	nfp_request_fini(&q);
}

TEST(test_check)
{
	struct nfp_request q;

	good("--check 0000:01:10.6 --style macvtap --vlan 0 --max-age 30 -q", &q);
	assert_int_equal(q.mode, NFP_MODE_CHECK);
	assert_string_equal(q.device, "0000:01:10.6");
	assert_string_equal(q.pf, "");
	assert_false(q.styles[NFP_STYLE_BRIDGE]);
	assert_true(q.have_vlan);
	assert_int_equal(q.max_age_days, 30);
	assert_null(q.store);
	nfp_request_fini(&q);
	good("eth0 --check=/srv/nfprobe --json", &q);
	assert_string_equal(q.device, "eth0");
	assert_string_equal(q.store, "/srv/nfprobe");
	assert_true(q.styles[NFP_STYLE_BRIDGE]);
	nfp_request_fini(&q);
}

TEST(test_vf_all_and_any)
{
	struct nfp_request q;

	good("eth0 --vf all", &q);
	assert_true(q.all_vfs);
	assert_false(q.any_vf);
	nfp_request_fini(&q);
	good("eth0 --vf any --from vf:0", &q);
	assert_true(q.any_vf);
	assert_false(q.all_vfs);
	assert_int_equal(q.num_vfs, 0);
	nfp_request_fini(&q);
}

TEST(test_every_option)
{
	struct nfp_request q;
	struct nfp_mac mac = {{0x02, 0xab, 0xcd, 0xef, 0x01, 0x23}};

	good("--vf 7,0,2-5,3 --from eth1 --style bridge --mac 02:AB:cd:ef:01:23 --vlan 100 "
	     "--rate=50 eth0 --settle 0.25 --timeout 90.5 --json=r.json --allow early,sticky "
	     "--no-announce --no-transmit --no-multicast --force -v --color --export=junit=a=b "
	     "--bisect",
	     &q);
	const unsigned int vfs[] = {0, 2, 3, 4, 5, 7};
	assert_int_equal(q.num_vfs, 6);
	assert_memory_equal(q.vfs, vfs, sizeof(vfs));
	assert_int_equal(q.from[0].kind, NFP_FROM_IFACE);
	assert_string_equal(q.from[0].ifname, "eth1");
	assert_false(q.styles[NFP_STYLE_MACVTAP]);
	assert_true(q.styles[NFP_STYLE_BRIDGE]);
	assert_true(q.have_mac);
	assert_true(nfp_mac_equal(&q.mac, &mac));
	assert_true(q.have_vlan);
	assert_int_equal(q.vlan.vid, 100);
	assert_int_equal(q.vlan.qos, 0);
	assert_int_equal(q.vlan.proto, 0x8100);
	assert_int_equal(q.rate, 50);
	assert_int_equal(q.settle_ns, 250 * NFP_NSEC_PER_MSEC);
	assert_int_equal(q.timeout_ns, 90500 * NFP_NSEC_PER_MSEC);
	assert_true(q.json);
	assert_string_equal(q.json_file, "r.json");
	assert_string_equal(q.export_files[NFP_EXPORT_JUNIT], "a=b");
	assert_true(q.bisect);
	assert_true(q.allow[NFP_VERDICT_EARLY]);
	assert_true(q.allow[NFP_VERDICT_STICKY]);
	assert_false(q.allow[NFP_VERDICT_DEAF]);
	assert_false(q.announce);
	assert_false(q.transmit);
	assert_false(q.multicast);
	assert_true(q.force);
	assert_true(q.verbose);
	assert_int_equal(q.color, NFP_COLOR_ALWAYS);
	nfp_request_fini(&q);
}

static void check_styles(const char *line, bool filter, bool promisc)
{
	struct nfp_request q;

	good(line, &q);
	assert_int_equal(q.styles[NFP_STYLE_MACVTAP], filter);
	assert_int_equal(q.styles[NFP_STYLE_BRIDGE], promisc);
	nfp_request_fini(&q);
}

TEST(test_values)
{
	struct nfp_request q;

	check_styles("eth0 --vf 3 --style macvtap", true, false);
	check_styles("eth0 --vf 3 --style macvtap", true, false);
	check_styles("eth0 --vf 3 --style bridge", false, true);
	check_styles("eth0 --vf 3 --style all", true, true);
	good("eth0 --vf 3", &q);
	assert_int_equal(q.repeat, 1);
	assert_int_equal(q.gap_limit_ms, 0);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --rate max", &q);
	assert_int_equal(q.rate, NFP_RATE_MAX);
	assert_true(q.have_rate);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --repeat 10 --gap-limit 250 --allow slow", &q);
	assert_int_equal(q.repeat, 10);
	assert_int_equal(q.gap_limit_ms, 250);
	assert_true(q.allow[NFP_VERDICT_SLOW]);
	nfp_request_fini(&q);
	good("eth0 --vf all --from vf:2", &q);
	assert_true(q.all_vfs);
	assert_int_equal(q.num_vfs, 0);
	assert_int_equal(q.from[0].kind, NFP_FROM_VF);
	assert_int_equal(q.from[0].vf, 2);
	nfp_request_fini(&q);
	good("eth0 --vf 4095 --from pf --vlan 0 --settle 60 --timeout 1 --json", &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_PF);
	assert_true(q.have_vlan);
	assert_int_equal(q.vlan.vid, 0);
	assert_int_equal(q.vlan.proto, 0);
	assert_int_equal(q.settle_ns, 60 * NFP_NSEC_PER_SEC);
	assert_true(q.json);
	assert_null(q.json_file);
	nfp_request_fini(&q);
	good("--vf 1 --color=never -- eth0", &q);
	assert_int_equal(q.color, NFP_COLOR_NEVER);
	assert_string_equal(q.pf, "eth0");
	nfp_request_fini(&q);
	/* An option that says the same again is harmless; of --color the last one counts. */
	good("eth0 --vf 1 -v -v --force --force --color=never --color=auto", &q);
	assert_int_equal(q.color, NFP_COLOR_AUTO);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --json", &q);
	assert_true(q.json);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --json=-", &q);
	assert_true(q.json);
	assert_null(q.json_file);
	nfp_request_fini(&q);
	good("--json eth0 --vf 3", &q);
	assert_string_equal(q.pf, "eth0");
	nfp_request_fini(&q);
}

TEST(test_arp)
{
	const uint8_t ip[] = {192, 0, 2, 1};
	struct nfp_request q;

	good("eth0 --vf 3 --from arp", &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_ARP);
	assert_false(q.from[0].have_ip);
	assert_false(q.have_rate);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --from arp:192.0.2.1 --rate 4", &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_ARP);
	assert_true(q.from[0].have_ip && q.have_rate);
	assert_memory_equal(q.from[0].ip.b, ip, sizeof(ip));
	nfp_request_fini(&q);
	/* An interface may be called like that. */
	good("eth0 --vf 3 --from arp0", &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_IFACE);
	nfp_request_fini(&q);
}

TEST(test_several_sources)
{
	struct nfp_request q;

	good("eth0 --vf 3 --from eth1,vf:1,pf,peer:02:ab:cd:ef:01:23 --id " ID, &q);
	assert_int_equal(q.num_from, 4);
	assert_string_equal(q.from_text, "eth1,vf:1,pf,peer:02:ab:cd:ef:01:23");
	assert_int_equal(q.from[0].kind, NFP_FROM_IFACE);
	assert_string_equal(q.from[0].ifname, "eth1");
	assert_int_equal(q.from[1].kind, NFP_FROM_VF);
	assert_int_equal(q.from[1].vf, 1);
	assert_string_equal(q.from[1].text, "vf:1");
	assert_int_equal(q.from[2].kind, NFP_FROM_PF);
	assert_int_equal(q.from[3].kind, NFP_FROM_PEER);
	nfp_request_fini(&q);
	/* Whether the gateway is one of them is not known yet. */
	good("eth0 --vf 3 --from arp,arp:192.0.2.1,arp:192.0.2.2,arp0", &q);
	assert_int_equal(q.num_from, 4);
	assert_false(q.from[0].have_ip);
	assert_true(q.from[1].have_ip && q.from[2].have_ip);
	nfp_request_fini(&q);
	good("eth0 --vf 3", &q);
	assert_int_equal(q.num_from, 1);
	assert_string_equal(q.from[0].text, "auto");
	nfp_request_fini(&q);
}

TEST(test_peer)
{
	struct nfp_mac mac = {{0x02, 0xab, 0xcd, 0xef, 0x01, 0x23}};
	struct nfp_request q;

	good("eth0 --vf 3 --from peer:02:ab:cd:EF:01:23 --id " ID, &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_PEER);
	assert_true(nfp_mac_equal(&q.from[0].peer, &mac));
	assert_true(q.have_id);
	for (int i = 0; i < NFP_PEER_ID_LEN; i++)
		assert_int_equal(q.id.b[i], 0x11 * i);
	nfp_request_fini(&q);
	good("eth0 --vf 3 --from peer --id " ID, &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_PEER);
	assert_true(nfp_mac_is_zero(&q.from[0].peer));
	nfp_request_fini(&q);
	good("eth0 --vf 3 --id " ID, &q);
	assert_int_equal(q.from[0].kind, NFP_FROM_AUTO);
	assert_true(q.have_id);
	nfp_request_fini(&q);
	good("--reflect eth1 --id " ID " --rate 50 --timeout 5 -q", &q);
	assert_int_equal(q.mode, NFP_MODE_REFLECT);
	assert_string_equal(q.pf, "eth1");
	assert_true(q.have_id);
	assert_int_equal(q.rate, 50);
	assert_int_equal(q.timeout_ns, 5 * NFP_NSEC_PER_SEC);
	nfp_request_fini(&q);
	good("--reflect eth1 --id @/root/nfprobe.id", &q);
	assert_true(q.have_id);
	assert_string_equal(q.id_file, "/root/nfprobe.id");
	nfp_request_fini(&q);
	good("eth1 --reflect", &q);
	assert_false(q.have_id);
	assert_int_equal(q.timeout_ns, 0);
	nfp_request_fini(&q);
}

static void check_mode(const char *line, enum nfp_mode mode, const char *pf)
{
	struct nfp_request q;

	good(line, &q);
	assert_int_equal(q.mode, mode);
	assert_string_equal(q.pf, pf);
	nfp_request_fini(&q);
}

TEST(test_modes)
{
	check_mode("--list", NFP_MODE_LIST, "");
	check_mode("--list eth0 --json -v --color=always", NFP_MODE_LIST, "eth0");
	check_mode("--all", NFP_MODE_ALL, "");
	check_mode("--rate 9 --json=d --all --html d -v", NFP_MODE_ALL, "");
	check_mode("--restore", NFP_MODE_RESTORE, "");
	check_mode("eth0 --restore -v", NFP_MODE_RESTORE, "eth0");
	check_mode("eth0 --vf 1 --dry-run --style macvtap -v", NFP_MODE_DRY_RUN, "eth0");
	check_mode("--version", NFP_MODE_VERSION, "");
	check_mode("-V", NFP_MODE_VERSION, "");
	check_mode("--help", NFP_MODE_HELP, "");
	check_mode("eth0 --list --vf 9 -h --nonsense", NFP_MODE_HELP, "");
}

/* POSIXLY_CORRECT makes getopt stop at the first argument that is no option. */
TEST(test_environment)
{
	struct nfp_request q;

	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	good("eth0 --vf 3", &q);
	assert_int_equal(q.num_vfs, 1);
	nfp_request_fini(&q);
	unsetenv("POSIXLY_CORRECT");
}

TEST(test_usage_text)
{
	char whole[8192], small[64];

	nfp_request_usage(whole, sizeof(whole));
	assert_in_range(strlen(whole), 500, sizeof(whole) - 2);
	assert_non_null(strstr(whole, "  --json[=FILE]"));
	assert_non_null(strstr(whole, "  -q, --quiet"));
	nfp_request_usage(small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	for (char *line = strtok(whole, "\n"); line; line = strtok(NULL, "\n")) {
		if (strlen(line) > 80)
			fail_msg("wider than 80 columns: %s", line);
	}
}

TEST(test_untouched)
{
	unsigned int n = 77, *list = &n;
	size_t num = 5;
	uint64_t ns = 99;
	char name[NFP_IFNAMSIZ] = "old";

	assert_int_equal(nfp_value_uint("9", 0, 8, &n), -ERANGE);
	assert_int_equal(nfp_value_uint("9 ", 0, 9, &n), -EINVAL);
	assert_int_equal(n, 77);
	assert_int_equal(nfp_value_uint("4294967295", 0, UINT32_MAX, &n), 0);
	assert_int_equal(n, UINT32_MAX);
	assert_int_equal(nfp_value_uint("4294967296", 0, UINT32_MAX, &n), -ERANGE);
	assert_int_equal(nfp_value_uint("99999999999999999999999999999999", 0, 9, &n), -ERANGE);
	assert_int_equal(nfp_value_uint("99999999999999999999999999999999x", 0, 9, &n), -EINVAL);
	assert_int_equal(nfp_value_uint("000000000000000000000000000001", 0, 9, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(nfp_value_seconds("1.0000000001", 0, UINT64_MAX, &ns), -EINVAL);
	assert_int_equal(ns, 99);
	assert_int_equal(nfp_value_seconds("999999999.999999999", 0, UINT64_MAX, &ns), 0);
	assert_true(ns == UINT64_C(999999999999999999));
	assert_int_equal(nfp_value_list("--vf", "1,8", 8, &list, &num, NULL), -EINVAL);
	assert_ptr_equal(list, &n);
	assert_int_equal(num, 5);
	assert_int_equal(nfp_value_ifname("a b", name), -EINVAL);
	assert_string_equal(name, "old");
	assert_int_equal(nfp_value_ifname("abcdefghijklmno", name), 0);
}

TEST_MAIN()
