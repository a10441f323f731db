#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --way GUEST --watch as a user types it: a real tap on a real bridge, a NIC that exists only in sysfs, and frames from its wire.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup() {
	sriov_host
}

# Other tests of this machine have a vnet0.
# watched KIND SETTING GUEST ARGUMENT..: nfprobe --way GUEST beside that guest, whose process is not that of number 1.
watched() {
	local kind=$1 setting=$2
	shift 2
	# shellcheck disable=SC2016 # expanded by that shell
	on_sriov "$sys" sh -c '"$@"; exit $?' sh /mnt/tests/cli/lib/watched.py "$kind" "$setting" "$NFPROBE" --way "$@"
}

@test "--watch: a well way" {
	watched tap : watched0 --watch=60
	status_is 0
	no_stderr
	stdout_has "all that came went on"
	[[ ${lines[0]} == "all that came went on" ]] || fail "the answer is not the first line"
	stdout_has "eth0 of br0"
	stdout_has "Frames of 52:54:00:00:00:12 in "
}

@test "--watch: the hop is the first line, and the document has the counts" {
	watched tap "bridge link set dev watched0 state 0" watched0 --watch=60
	status_is 1
	[[ ${lines[0]} == "stops between eth0 of br0 and watched0: "*" came, 0 went on" ]]
	watched tap "bridge link set dev watched0 bcast_flood off" watched0 --watch=60 --json
	status_is 1
	valid_stdout watch
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["answer"], [(s["bound"], s["kinds"], s["after"], s["before"]) for s in d["stops"]], d["exit"]') == \
		"('stops', [('to', ['broadcast'], 'eth0', 'watched0')], 1)" ]]
	[[ $(json "$BATS_TEST_TMPDIR/out.json" '[(h["ifname"], h["bridge"], h["to"]["broadcast"] > 4, h["to"]["unicast"] > 4) for h in d["hops"]]') == \
		"[('watched0', 'br0', False, True), ('eth0', 'br0', True, True)]" ]]
	"$top/scripts/tools/nfprobe-report" html --watch "$BATS_TEST_TMPDIR/out.json" >"$BATS_TEST_TMPDIR/page.html"
	[[ $(tr -d '\n' <"$BATS_TEST_TMPDIR/page.html") =~ \<li\ class=\"held\"\>\<b\>watched0\</b\>.*\<small\ class=\"bad\"\>to\ the\ guest: ]]
}

@test "--watch: a macvtap with another address, and one that is down" {
	# Its guest's address is in QEMU's arguments alone.
	watched macvtap "ip link set watched0 address 52:54:00:00:00:77" watched0 --watch=60
	status_is 1
	[[ ${lines[0]} == "unicast stops between eth0 and watched0: "*" came, 0 went on" ]]
	stdout_has "Frames of 52:54:00:00:00:12 in "
	watched macvtap : web1 --watch=60
	status_is 0
	watched macvtap "ip link set watched0 down" watched0 --watch=60
	status_is 1
	[[ ${lines[0]} == "stops between eth0 and watched0, which is down: "*" came, 0 went on" ]]
}

@test "--watch: Ctrl-C ends it with what it has" {
	watched tap "ip link set br0 down" watched0 --watch=3600 -q
	status_is 1
	[[ ${lines[0]} == "stops between eth0 of br0 and watched0: "*" came, 0 went on" ]]
}

@test "--watch: nothing that is asked for is there" {
	watched tap : watched0 --watch=0
	status_is 2
	watched tap : nobody0 --watch=1
	status_is 4
	[[ $stderr == *"no guest nobody0 was seen"* ]]
	nfprobe --way --watch
	usage_error "--watch needs a guest: nfprobe --way GUEST --watch"
	nfprobe --audit --watch
	usage_error "--watch makes no sense with --audit"
}
