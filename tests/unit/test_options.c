// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line as people type it: what it becomes, or the sentence that refuses it. */
#include "harness.h"
#include "cli/request.h"
#include "base/base.h"
#include "verdict/verdict.h"
#include "said.h"

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
	/* Only what is bare is a list. */
	{"eth0 --json", "no VF is named: nfprobe PF --vf N"},
	{"eth0 -q", "no VF is named: nfprobe PF --vf N"},
	{"eth0 --skip fix", ">Try: nfprobe eth0"},
	{"-q", "no PF is named"},
	{"--rate 5", "no PF is named"},
	{"eth0 -n", "no VF is named: nfprobe PF --vf N"},
	{"--vf 3", "no PF is named"},
	{"eth0 3", "\"3\" is one argument too many"},
	{"eth0 3", ">Did you mean --vf 3?"},
	{"eth0 --vf 3 4", ">A run probes one VF"},
	{"eth0 3-5", ">A run probes one VF"},
	{"eth0 eth1", ">nfprobe --help shows what it takes"},
	{"eth0 list", "\"list\" is one argument too many"},
	{"eth0 list", ">Did you mean --list?"},
	{"eth0 vf 3", ">Did you mean --vf N?"},
	{"eth0 --vf 3 -- eth1", "\"eth1\" is one argument too many"},
	{"eth0/1 --vf 3", "\"eth0/1\" is not an interface name"},
	{"0000:01:00.0/1 --vf 3", ">Name the PF by its netdev"},
	{"abcdefghijklmnop --vf 3", "is not an interface name"},
	{"'' --vf 3", "\"\" is not an interface name"},
	{". --vf 3", "is not an interface name"},
	{"eth0 --vf", "--vf needs a value"},
	{"eth0 --vf ''", "the value of --vf is empty"},
	{"eth0 --vf 4096", "--vf 4096 is out of range: it takes 0 to 4095"},
	{"eth0 --vf 3x", "--vf 3x is not a whole number: it takes 0 to 4095"},
	{"eth0 --vf three", ">Or --vf any, for an idle one."},
	{"eth0 --vf -1", "--vf -1 is not a whole number"},
	{"eth0 --vf 99999999999999999999", "out of range"},
	{"eth0 --vf 0,2", "--vf 0,2 names more than one VF"},
	{"eth0 --vf 0-3", ">A run probes one VF: call nfprobe in a loop, or nfprobe-all"},
	{"eth0 --vf all", "--vf all names more than one VF"},
	{"eth0 --vf 3 --from eth1,vf:1", "--from eth1,vf:1 names more than one source"},
	{"eth0 --vf 3 --from eth1,vf:1", ">A run has one source: call nfprobe in a loop"},
	{"eth0 --vf 3 --from vf:3", "VF 3 cannot be probed and be the source"},
	{"eth0 --vf 1 --vf 2", "--vf is given twice"},
	{"eth0 --vf 3 --from vf:x", "--from vf:x names no VF"},
	{"eth0 --vf 3 --from arp:", "--from arp: names no neighbour"},
	{"eth0 --vf 3 --from arp:192.0.2.256", "write arp: and its IPv4 address"},
	{"eth0 --vf 3 --from arp:0.0.0.0", "names no neighbour"},
	{"eth0 --vf 3 --from peer:", "--from peer: names no reflector"},
	{"eth0 --vf 3 --from peer:00:00:00:00:00:00", "names no reflector"},
	{"eth0 --vf 3 --from peer:ff:ff:ff:ff:ff:ff", "names no reflector"},
	{"eth0 --vf 3 --from peer:02:00:00:00:00:01", "--from peer needs an id: --id HEX"},
	{"eth0 --vf 3 --from peer", ">nfprobe --reflect IFACE on the other host"},
	{"eth0 --vf 3 --from eth1 --id " ID, "--id is for a reflector"},
	{"eth0 --vf 3 --from peer --id 12", "--id 12 is not an id: it is 32 hex digits"},
	{"eth0 --vf 3 --from peer --id " ID "0", "is not an id"},
	{"eth0 --vf 3 --from peer --id @", "--id @ names no file: write --id @FILE"},
	{"--reflect", "no interface is named: nfprobe --reflect IFACE"},
	{"--reflect eth0 --json", "--json makes no sense with --reflect"},
	{"--reflect --list eth0", "do not go together"},
	{"--reflect eth/0", ">Name a netdev that is on the prober's segment"},
	{"eth0 --vf 3 --from eth0", "--from eth0 is the PF itself: write --from pf"},
	{"eth0 --vf 3 --from 192.0.2.1", "write --from arp:192.0.2.1 if that neighbour is meant"},
	{"eth0 --vf 3 --style both",
	 "--style both is unknown: it takes macvtap (or direct), bridge, bridge+pin, bridge+fdb"},
	{"eth0 --vf 3 --style macvtap --style bridge", ">Write one list: --style macvtap,bridge"},
	{"eth0 --vf 3 --style macvtap,", "--style  is unknown"},
	{"eth0 --vf 3 --style brige", ">Did you mean --style bridge?"},
	{"eth0 --vf 3 --style bridge,mac", ">Did you mean --style macvtap?"},
	{"eth0 --vf 3 --style vf-bridge:", "--style vf-bridge: names no VF: it takes vf-bridge:0"},
	{"eth0 --vf 3 --style vf-bridge:4096", "names no VF"},
	{"eth0 --vf 3 --style bridge:1", "--style bridge:1 is unknown"},
	{"eth0 --vf 3 --style vf-bridge:1,vf-bridge:2", "names two VFs for vf-bridge, 1 and 2"},
	{"eth0 --vf 3 --skip all", "--skip all is unknown: it takes fix, announce, multicast"},
	{"eth0 --vf 3 --skip fix,,multicast", "--skip  is unknown"},
	{"eth0 --vf 3 --skip fix --skip anounce", ">Did you mean --skip announce?"},
	{"eth0 --vf 3 --skip multicast --require ipv6",
	 "--require ipv6 and --skip multicast contradict each other"},
	{"eth0 --vf 3 --require host", "--require host is unknown: it takes ipv6"},
	{"eth0 --vf 3 --require neighbours", "--require neighbours is unknown: it takes ipv6"},
	{"eth0 --vf 3 --skip neighbours", "--skip neighbours is unknown: it takes fix, announce"},
	{"eth0 --vf 3 --require ip6", ">Did you mean --require ipv6?"},
	{"eth0 --vf 3 --require ipv6 --require ipv6", "--require is given twice"},
	{"eth0 --vf 3 --mac 02:00:00:00:00:0g", "is not an Ethernet address"},
	{"eth0 --vf 3 --mac 02:00:00:00:00:011", "is not an Ethernet address"},
	{"eth0 --vf 3 --mac 00:00:00:00:00:00", "is the zero address"},
	{"eth0 --vf 3 --mac ff:ff:ff:ff:ff:ff", "is a group address"},
	{"eth0 --vf 3 --vlan 4095", "--vlan 4095 is out of range: it takes 0 to 4094"},
	{"eth0 --vf 3 --guest-vlan 0", "--guest-vlan 0 is out of range: it takes 1 to 4094"},
	{"eth0 --vf 3 --guest-vlan 4095", "--guest-vlan 4095 is out of range: it takes 1 to 4094"},
	{"eth0 --vf 3 --vlan 12abc", "--vlan 12abc is not a whole number: it takes 0 to 4094"},
	{"eth0 --vf 3 --rate 0", "--rate 0 is out of range: it takes 1 to 10000"},
	{"eth0 --vf 3 --rate 10001", "out of range"},
	{"eth0 --vf 3 --rate 1e3", "is not a whole number"},
	{"eth0 --vf 3 --settle 0.05", "--settle 0.05 is out of range: it takes 0.1 to 60 seconds"},
	{"eth0 --vf 3 --settle 60.1", "is out of range"},
	{"eth0 --vf 3 --settle 1.5s", "--settle 1.5s is not a number of seconds"},
	{"eth0 --vf 3 --settle 1.", "is not a number of seconds"},
	{"eth0 --vf 3 --settle .5", "is not a number of seconds"},
	{"eth0 --vf 3 --settle inf", "is not a number of seconds"},
	{"eth0 --vf 3 --timeout 0", "--timeout 0 is out of range: it takes 1 to 86400"},
	{"eth0 --vf 3 --timeout 86401", "out of range"},
	{"eth0 --vf 3 --json result.json", ">Did you mean --json=result.json?"},
	{"eth0 --vf 3 --json result", "\"result\" after --json is not its value"},
	{"--json result eth0 --vf 3", ">Did you mean --json=result?"},
	{"--vf 3 --json result.json", ">Did you mean --json=result.json?"},
	{"--json /tmp/r.json --vf 3", ">Did you mean --json=/tmp/r.json?"},
	{"eth0 --vf 3 --save /srv", ">Did you mean --save=/srv?"},
	{"eth0 --vf 3 --color never", ">Did you mean --color=never?"},
	{"--json eth0 --vf 3 result", ">Did you mean --json=eth0?"},
	{"eth0 --vf 3 --json=", "--json= names no file"},
	{"eth0 --vf 3 --json=a --json=b", "--json is given twice"},
	{"eth0 --vf 3 --allow unknown", "--allow unknown is not possible"},
	{"eth0 --vf 3 --allow EARLIER", "--allow earlier is unknown: it takes early, refused"},
	{"eth0 --vf 3 --allow stiky", ">Did you mean --allow sticky?"},
	{"eth0 --vf 3 --allow UNKNOWN", "--allow unknown is not possible"},
	{"eth0 --vf 3 --allow not-applicable", "is unknown"},
	{"eth0 --vf 3 --allow early --allow deaf", ">Write one list: --allow early,slow"},
	{"eth0 --vf 3 --json=a --write a", "--json and --write name the same file, a: name two"},
	{"eth0 --vf 3 --json --json-stream",
	 "--json-stream and --json both write to standard output: use --json=FILE"},
	{"eth0 --vf 3 --color=red", "--color=red is unknown: it takes always, never, auto"},
	{"eth0 --vf 3 -q -v", "-q and -v do not go together"},
	{"eth0 --vf 3 -x", "-x is not an option"},
	{"eth0 --vf 3 --color=alway", ">Did you mean --color=always?"},
	{"eth0 -vf 3", "-vf is not an option"},
	{"eth0 -vf 3", ">Did you mean --vf 3?"},
	{"eth0 -vf=3", ">Did you mean --vf=3?"},
	{"eth0 -vf", ">Did you mean --vf N?"},
	{"eth0 -nvx --vf 3", "-nvx is not an option"},
	{"-list", ">Did you mean --list?"},
	{"--lst", ">Did you mean --list?"},
	{"eth0 --vf 3 --sytle bridge", ">Did you mean --style bridge?"},
	{"eth0 --fv 3", ">Did you mean --vf 3?"},
	{"eth0 --vf 3 --jsno=a", ">Did you mean --json=a?"},
	{"eth0 --vf 3 --jsno a", ">Did you mean --json?"},
	{"eth0 --vf 3 --frobnicate=7", ">nfprobe --help lists the options"},
	{"eth0 --vf 3 --frobnicate=7", "--frobnicate is not an option"},
	{"eth0 --vf 3 --ver", "--ver is not an option"},
	{"eth0 --vf 3 --force=yes", "--force takes no value"},
	{"eth0 --vf 3 --ver", ">Did you mean --verbose?"},
	{"eth0 --vf 3 --forc=yes", "--force takes no value"},
	{"--list=x", "--list takes no value"},
	{"--list eth0 eth1",
	 "\"eth1\" is one argument too many: \"eth0\" is the interface already"},
	{"--list eth/0", "\"eth/0\" is neither an interface name nor a PCI address"},
	{"--audit eth0 .", "\".\" is neither an interface name nor a PCI address"},
	{"--audit --list", "do not go together"},
	{"--list eth0 --rate 5", "--rate makes no sense with --list"},
	{"--restore --json", "--json makes no sense with --restore"},
	{"eth0 --vf 3 --dry-run --json", "--json makes no sense with --dry-run"},
	{"eth0 --vf 3 --allow early,late",
	 "--allow late is unknown: it takes early, refused, deaf, sticky, slow, "
	 "safe"},
	{"eth0 --vf 3 --save=", "--save= names no folder: write --save=DIR, or --save alone for "},
	/* What there was is an option like any other that there is not. */
	{"--check eth0", "--check is not an option"},
	{"eth0 --vf 3 --no-fix", "--no-fix is not an option"},
};

/* Whoever has the id of a run can forge its frames. */
TEST(the_command_line_is_kept_without_the_id)
{
	static const char *const lines[] = {
		"eth0 --vf 3 --id 00112233445566778899aabbccddeeff -v",
		"eth0 --vf 3 --id=00112233445566778899aabbccddeeff -v",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct nfp_request request;
		struct nfp_err err;
		const struct nfp_strv *command = &request.command;

		assert_int_equal(parse(lines[i], &request, &err), 0);
		assert_int_equal(command->n, 6);
		assert_string_equal(command->v[1], "eth0");
		assert_string_equal(command->v[4], "--id");
		assert_string_equal(command->v[5], "-v");
		nfp_request_fini(&request);
	}
}

TEST(test_refused)
{
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		const struct bad *bad = &bad_lines[i];
		bool hint = bad->message[0] == '>';
		struct nfp_request request;
		struct nfp_err err;
		int r = parse(bad->line, &request, &err);

		if (r != -EINVAL || err.code != NFP_E_USAGE ||
		    !strstr(hint ? said_hint(&err.hint) : err.message, bad->message + hint))
			fail_msg("nfprobe %s: %d, \"%s\", \"%s\"; expected \"%s\"", bad->line, r,
				 err.message, said_hint(&err.hint), bad->message);
		nfp_request_fini(&request);
		assert_int_equal(nfp_request_parse(
					 2, (char *const[]) {(char *)"nfprobe", (char *)"-q", NULL},
					 &request, NULL),
				 -EINVAL);
		nfp_request_fini(&request);
	}
}

/* Empty arguments, as from a variable of the shell that is not set. */
TEST(test_empty_values)
{
	static const char *const options[] = {
		"--vf",	    "--from",	 "--id",    "--style", "--mac",	      "--vlan", "--rate",
		"--settle", "--timeout", "--write", "--allow", "--gap-limit", "--skip",
	};

	for (size_t i = 0; i < 2 * sizeof(options) / sizeof(options[0]); i++) {
		char line[64], message[64];
		struct nfp_request request;
		struct nfp_err err;

		snprintf(line, sizeof(line), "eth0 %s%s", options[i / 2], i % 2 ? "=" : " ''");
		snprintf(message, sizeof(message), "the value of %s is empty", options[i / 2]);
		assert_int_equal(parse(line, &request, &err), -EINVAL);
		assert_string_equal(err.message, message);
		snprintf(message, sizeof(message), "Write %s ", options[i / 2]);
		assert_int_equal(strncmp(said_hint(&err.hint), message, strlen(message)), 0);
		nfp_request_fini(&request);
	}
}

/* ---- what is understood ---- */

static const char *source_text(const struct nfp_from *from, char buf[64])
{
	switch (from->kind) {
	case NFP_FROM_IFACE:
		snprintf(buf, 64, "iface:%s", from->ifname);
		break;
	case NFP_FROM_PEER:
		snprintf(buf, 64, "peer:%s", nfp_mac_str(&from->peer).text);
		break;
	case NFP_FROM_ARP:
		snprintf(buf, 64, "arp:%s", from->have_ip ? nfp_ipv4_str(&from->ip).text : "");
		break;
	case NFP_FROM_VF:
		snprintf(buf, 64, "vf:%u", from->vf);
		break;
	default:
		snprintf(buf, 64, "%s", from->kind == NFP_FROM_PF ? "pf" : "auto");
	}
	return buf;
}

#define SAY(...) nfp_appendf(buf, size, " " __VA_ARGS__)
#define SAY_IF(condition, ...)            \
	do {                              \
		if (condition)            \
			SAY(__VA_ARGS__); \
	} while (0)

static void say_files(const struct nfp_request *q, char *buf, size_t size)
{
	SAY_IF(q->json_stream, "json-stream");
	SAY_IF(q->json_file, "json=%s", q->json_file);
	SAY_IF(q->write_file, "write=%s", q->write_file);
	SAY_IF(q->save, "save");
	SAY_IF(q->save_dir, "dir=%s", q->save_dir);
}

static void say_flags(const struct nfp_request *q, char *buf, size_t size)
{
	for (unsigned int v = NFP_VERDICT_EARLY; v < NFP_VERDICT_COUNT; v++)
		SAY_IF(q->settings.allow[v], "allow=%s", nfp_verdict_name(v));
	SAY_IF(!q->settings.try_fixes, "no-fix");
	SAY_IF(q->settings.require_ipv6, "require-ipv6");
	SAY_IF(!q->announce, "no-announce");
	SAY_IF(!q->settings.multicast, "no-multicast");
	SAY_IF(q->settings.forced, "force");
	SAY_IF(q->quiet, "quiet");
	SAY_IF(q->verbose, "verbose");
	SAY_IF(q->brief_help, "brief");
	SAY_IF(q->color, "color=%s", q->color == NFP_COLOR_ALWAYS ? "always" : "never");
}

/* All that a request says, but for what is as without any option. */
static void describe(const struct nfp_request *q, char *buf, size_t size)
{
	static const char *const modes[] = {
		[NFP_MODE_PROBE] = "probe",	[NFP_MODE_LIST] = "list",
		[NFP_MODE_RESTORE] = "restore", [NFP_MODE_REFLECT] = "reflect",
		[NFP_MODE_DRY_RUN] = "dry-run", [NFP_MODE_VERSION] = "version",
		[NFP_MODE_HELP] = "help",	[NFP_MODE_AUDIT] = "audit",
	};
	char text[64];

	snprintf(buf, size, "%s %s%s", modes[q->mode], q->pf,
		 q->mode == NFP_MODE_LIST && q->devices.n ? q->devices.v[0] : "");
	for (size_t i = 0; q->mode == NFP_MODE_AUDIT && i < q->devices.n; i++)
		SAY("%s", q->devices.v[i]);
	SAY_IF(q->any_vf, "vf=any");
	SAY_IF(q->have_vf, "vf=%u", q->vf);
	SAY_IF(q->from.kind != NFP_FROM_AUTO, "%s", source_text(&q->from, text));
	SAY_IF(q->have_id, "id=%s", q->id_file ? q->id_file : nfp_peer_id_str(&q->id, text));
	for (unsigned int style = 0; style < NFP_STYLE_COUNT; style++)
		SAY_IF(q->settings.styles[style] != (style <= NFP_STYLE_BRIDGE), "%s=%s",
		       q->settings.styles[style] ? "and" : "not", nfp_style_name(style));
	SAY_IF(q->have_via, "via=%u", q->via);
	SAY_IF(q->have_mac, "mac=%s", nfp_mac_str(&q->mac).text);
	SAY_IF(q->settings.guest_vlan, "guest-vlan=%u", q->settings.guest_vlan);
	SAY_IF(q->have_vlan, "vlan=%u/%u/%x", q->settings.vlan.vid, q->settings.vlan.qos,
	       q->settings.vlan.proto);
	SAY_IF(q->have_rate || q->settings.rate != 1000, "rate=%u", q->settings.rate);
	SAY_IF(q->settings.settle_ns, "settle=%u",
	       (unsigned int)(q->settings.settle_ns / NFP_NSEC_PER_MSEC));
	SAY_IF(q->timeout_ns, "timeout=%u", (unsigned int)(q->timeout_ns / NFP_NSEC_PER_MSEC));
	SAY_IF(q->settings.gap_limit_ms, "gap-limit=%u", q->settings.gap_limit_ms);
	say_files(q, buf, size);
	say_flags(q, buf, size);
}

static const struct {
	const char *line, *request; /* as describe() says it */
} good_lines[] = {
	{"eth0 --vf 3", "probe eth0 vf=3"},
	{"eth0 --vf 3 --from auto", "probe eth0 vf=3"},
	{"--vf 7 --from eth1 --style bridge --mac 02:AB:cd:ef:01:23 --vlan 100 --rate=50 "
	 "eth0 "
	 "--settle 0.25 --timeout 90.5 --json=r.json --allow early,sticky --skip announce "
	 "--skip multicast --force -v --color",
	 "probe eth0 vf=7 iface:eth1 not=macvtap mac=02:ab:cd:ef:01:23 "
	 "vlan=100/0/8100 rate=50 settle=250 timeout=90500 json=r.json "
	 "allow=early allow=sticky no-announce no-multicast force verbose "
	 "color=always"},
	{"0000:01:00.0 --vf 3", "probe 0000:01:00.0 vf=3"},
	{"eth0 --vf 3 --save", "probe eth0 vf=3 save"},
	{"--save=/srv/nfprobe eth0 --vf 3", "probe eth0 vf=3 save dir=/srv/nfprobe"},
	{"eth0 --vf any --from vf:0", "probe eth0 vf=any vf:0"},
	{"eth0 --vf 3 --style all",
	 "probe eth0 vf=3 and=bridge+pin and=bridge+fdb and=bridge+fdb+pin "
	 "and=static-bridge and=vf-bridge and=vf-bridge+pin"},
	{"eth0 --vf 3 --style bridge,vf-bridge:1",
	 "probe eth0 vf=3 not=macvtap and=vf-bridge via=1"},
	{"eth0 --vf 3 --style all,vf-bridge:1,vf-bridge:1",
	 "probe eth0 vf=3 and=bridge+pin and=bridge+fdb and=bridge+fdb+pin and=static-bridge "
	 "and=vf-bridge and=vf-bridge+pin via=1"},
	{"eth0 --vf 3 --style direct", "probe eth0 vf=3 not=bridge"},
	{"eth0 --vf 3 --sty=macvtap --sk multicast", "probe eth0 vf=3 not=bridge no-multicast"},
	{"eth0 --vf 3 --skip fix --skip ANNOUNCE,fix", "probe eth0 vf=3 no-fix no-announce"},
	{"eth0 --vf 3 --colour=never", "probe eth0 vf=3 color=never"},
	{"eth0 --vf 3 --require IPv6", "probe eth0 vf=3 require-ipv6"},
	{"eth0 --vf 3 --allow EARLY,Slow", "probe eth0 vf=3 allow=early allow=slow"},
	{"", "list "},
	{"-v", "list  verbose"},
	{"eth0", "list eth0"},
	{"eth0 --color=never -v", "list eth0 verbose color=never"},
	{"0000:01:10.6", "list 0000:01:10.6"},
	{"eth0 --vf 3 -n", "dry-run eth0 vf=3"},
	{"eth0 --vf 3 --rate max", "probe eth0 vf=3 rate=10000"},
	{"eth0 --vf 3 --gap-limit 250 --allow slow", "probe eth0 vf=3 gap-limit=250 allow=slow"},
	{"eth0 --vf 4095 --from pf --vlan 0 --settle 60 --timeout 1 --json",
	 "probe eth0 vf=4095 pf vlan=0/0/0 settle=60000 timeout=1000 json=-"},
	{"--vf 1 --color=never -- eth0", "probe eth0 vf=1 color=never"},
	/* An option that says the same again is harmless; of --color the last one counts. */
	{"eth0 --vf 1 -v -v --force --force --color=never --color=auto",
	 "probe eth0 vf=1 force verbose"},
	{"eth0 --vf 3 --json=-", "probe eth0 vf=3 json=-"},
	{"eth0 --vf 3 --from arp", "probe eth0 vf=3 arp:"},
	{"eth0 --vf 3 --from arp:192.0.2.1 --rate 4", "probe eth0 vf=3 arp:192.0.2.1 rate=4"},
	{"eth0 --vf 3 --from arp0", "probe eth0 vf=3 iface:arp0"},
	{"eth0 --vf 3 --from peer:02:ab:cd:EF:01:23 --id " ID,
	 "probe eth0 vf=3 peer:02:ab:cd:ef:01:23 id=" ID},
	{"eth0 --vf 3 --from peer --id " ID, "probe eth0 vf=3 peer:00:00:00:00:00:00 id=" ID},
	{"--reflect eth1 --id " ID " --rate 50 --timeout 5 -q",
	 "reflect eth1 id=" ID " rate=50 timeout=5000 quiet"},
	{"--reflect eth1 --id @/root/nfprobe.id", "reflect eth1 id=/root/nfprobe.id"},
	{"--list 0000:01:10.6 -q --json", "list 0000:01:10.6 json=- quiet"},
	{"eth0 --vf 3 --guest-vlan 100 --vlan 0", "probe eth0 vf=3 guest-vlan=100 vlan=0/0/0"},
	{"eth0 --audit 0000:01:00.0 eth2 --json", "audit  eth0 0000:01:00.0 eth2 json=-"},
	{"--list eth0 --json -v --color=always", "list eth0 json=- verbose color=always"},
	{"eth0 --restore -v", "restore eth0 verbose"},
	{"eth0 --vf 1 --dry-run --style macvtap -v", "dry-run eth0 vf=1 not=bridge verbose"},
	{"--version", "version "},
	{"-V", "version "},
	{"--help", "help "},
	{"-h", "help  brief"},
	{"-vh", "help  verbose brief"},
	{"eth0 --list --vf 9 -h --nonsense", "help  vf=9 brief"},
};

static void understands(const char *line, const char *expected)
{
	struct nfp_request request;
	struct nfp_err err;
	char text[512] = "";
	int ret = parse(line, &request, &err);

	if (ret == 0)
		describe(&request, text, sizeof(text));
	if (ret || strcmp(text, expected) != 0)
		fail_msg("nfprobe %s: %d, \"%s\", \"%s\"; expected \"%s\"", line, ret, err.message,
			 text, expected);
	nfp_request_fini(&request);
}

TEST(test_understood)
{
	for (size_t i = 0; i < sizeof(good_lines) / sizeof(good_lines[0]); i++)
		understands(good_lines[i].line, good_lines[i].request);
}

/* POSIXLY_CORRECT makes getopt stop at the first argument that is no option. */
TEST(test_environment)
{
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	understands("eth0 --vf 3", "probe eth0 vf=3");
	unsetenv("POSIXLY_CORRECT");
}

TEST(test_usage_text)
{
	char whole[8192], small[64], brief[8192];
	size_t num = 0;

	nfp_request_usage(true, brief, sizeof(brief));
	for (const char *at = brief; (at = strstr(at, "\n  -")) != NULL; at++)
		num++;
	assert_int_equal(num, 12);
	assert_null(strstr(brief, "--rate"));
	num = 0;
	nfp_request_usage(false, whole, sizeof(whole));
	for (const char *at = whole; (at = strstr(at, "\n  -")) != NULL; at++)
		num++;
	assert_in_range(num, 20, 34);
	assert_in_range(strlen(whole), 500, sizeof(whole) - 2);
	assert_non_null(strstr(whole, "  --json[=FILE]"));
	assert_non_null(strstr(whole, "  -q, --quiet"));
	nfp_request_usage(false, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	for (char *line = strtok(whole, "\n"); line; line = strtok(NULL, "\n")) {
		if (strlen(line) > 80)
			fail_msg("wider than 80 columns: %s", line);
	}
}

TEST(test_untouched)
{
	unsigned int n = 77;
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
	assert_int_equal(nfp_value_ifname("a b", name), -EINVAL);
	assert_string_equal(name, "old");
	assert_int_equal(nfp_value_ifname("abcdefghijklmno", name), 0);
}

TEST_MAIN()
