#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is typed wrongly is answered with a sentence, and nothing is begun.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

@test "no arguments at all" {
	nfprobe
	status_is 2
	no_stdout
	stderr_has "nfprobe: no PF is named: nfprobe PF --vf N"
	stderr_has "nfprobe: nfprobe --list shows the PFs and VFs of this machine, nfprobe --help the options"
	for command in "--list " "--dry-run " "--vf "; do
		grep -q "^  nfprobe .*$command" <<<"$stderr" || fail "no command with $command"
	done
}

@test "no arguments at all: the PFs of this host, as --list has them" {
	alone
	status_is 2
	no_stdout
	stderr_has "  nfprobe PF --vf N "
	stderr_has "This host has no SR-IOV PF."
	pfs=$("$NFPROBE" --list --json | /usr/bin/python3 -c 'import json, sys
print(*(pf["ifname"] for pf in json.load(sys.stdin)["pfs"]))')
	nfprobe
	for pf in $pfs; do
		stderr_has "$pf ("
	done
}

@test "a PF and no VF" {
	nfprobe eth0
	usage_error "no VF is named: nfprobe eth0 --vf N" "nfprobe --list eth0 shows its VFs; --vf any takes an idle one"
	for word in list restore help version; do
		nfprobe "$word"
		usage_error "no VF is named" "write --$word"
	done
}

@test "a VF and no PF" {
	nfprobe --vf 3
	usage_error "no PF is named"
}

@test "two PFs" {
	nfprobe eth0 eth1 --vf 3
	usage_error '"eth1" is one argument too many: "eth0" is the interface already'
	nfprobe eth0 3
	usage_error '"3" is one argument too many' 'did you mean --vf 3?'
}

@test "names that no interface can have" {
	for name in 0000:01:00.0 eth/0 'eth 0' sixteen-letters- ''; do
		nfprobe "$name" --vf 3
		usage_error "\"$name\" is not an interface name"
	done
}

@test "unknown options" {
	nfprobe eth0 --vf 3 --verbos3
	usage_error "--verbos3 is not an option" "did you mean --verbose? nfprobe --help lists the options"
	nfprobe eth0 --vf 3 --stlye macvtap
	usage_error "--stlye is not an option" "did you mean --style? nfprobe --help lists the options"
	nfprobe eth0 --vf 3 -x
	usage_error "-x is not an option"
}

@test "long options are not abbreviated" {
	nfprobe eth0 --vf 3 --styl filter
	usage_error "--styl is not an option" "options are not abbreviated: write --style"
	nfprobe --lis
	usage_error "--lis is not an option" "options are not abbreviated: write --list"
	nfprobe eth0 --vf 3 --sett=1
	usage_error "--sett is not an option" "options are not abbreviated: write --settle"
}

@test "one dash where two belong" {
	nfprobe eth0 -vf 3
	usage_error "-vf is not an option" "write --vf"
	nfprobe -list
	usage_error "-list is not an option" "write --list"
}

@test "--vf" {
	nfprobe eth0 --vf
	usage_error "--vf needs a value" "write --vf N"
	nfprobe eth0 --vf 12abc
	usage_error "--vf 12abc is not a number"
	nfprobe eth0 --vf 4096
	usage_error "--vf 4096 is out of range: it takes 0 to 4095"
	nfprobe eth0 --vf 5-2
	usage_error "--vf 5-2 runs backwards: write 2-5"
	nfprobe eth0 --vf 1,,2
	usage_error "--vf: the list has an empty element"
	nfprobe eth0 --vf 1 --vf 2
	usage_error "--vf is given twice" "write one list: --vf 0,2-5"
}

@test "--from" {
	nfprobe eth0 --vf 3 --from eth0
	usage_error "--from eth0 is the PF itself: write --from pf"
	nfprobe eth0 --vf 2-4 --from vf:3
	usage_error "VF 3 cannot be probed and be the source"
	nfprobe eth0 --vf 3 --from vf:x
	usage_error "--from vf:x names no VF"
	nfprobe eth0 --vf 3 --from 192.0.2.1
	usage_error "--from 192.0.2.1 is an IPv4 address: write --from arp:192.0.2.1 if that neighbour is meant"
	nfprobe eth0 --vf 3 --from eth1 --from vf:1
	usage_error "--from is given twice" "write one list: --from eth1,vf:1"
	nfprobe eth0 --vf 3 --from eth1,vf:1,eth1
	usage_error "--from names eth1 twice"
	nfprobe eth0 --vf 3 --from eth1,auto
	usage_error "--from auto cannot be combined with other sources"
	nfprobe eth0 --vf 3 --from eth1,eth2,eth3,eth4,eth5
	usage_error "--from names more than 4 sources"
}

@test "--style" {
	nfprobe eth0 --vf 3 --style ovs
	usage_error "--style ovs is unknown: it takes macvtap, bridge, all"
}

@test "--mac" {
	nfprobe eth0 --vf 3 --mac 02:00:00
	usage_error "--mac 02:00:00 is not an Ethernet address"
	nfprobe eth0 --vf 3 --mac 01:00:5e:00:00:01
	usage_error "--mac 01:00:5e:00:00:01 is a group address"
	nfprobe eth0 --vf 3 --mac 00:00:00:00:00:00
	usage_error "--mac 00:00:00:00:00:00 is the zero address"
}

@test "--vlan, --rate" {
	nfprobe eth0 --vf 3 --vlan 4095
	usage_error "--vlan 4095 is out of range: it takes 0 to 4094"
	nfprobe eth0 --vf 3 --rate 0
	usage_error "--rate 0 is out of range: it takes 1 to 1000000"
	nfprobe eth0 --vf 3 --rate 1k
	usage_error "--rate 1k is not a whole number: it takes 1 to 1000000"
}

@test "--settle, --timeout" {
	nfprobe eth0 --vf 3 --settle 0.01
	usage_error "--settle 0.01 is out of range: it takes 0.1 to 60 seconds"
	nfprobe eth0 --vf 3 --settle 2s
	usage_error "--settle 2s is not a number of seconds: it takes 0.1 to 60"
	nfprobe eth0 --vf 3 --timeout 0
	usage_error "--timeout 0 is out of range: it takes 1 to 86400 seconds"
}

@test "--json FILE is answered with --json=FILE" {
	nfprobe eth0 --vf 3 --json result.json
	status_is 2
	stderr_has "--json takes a value only after \"=\": write --json=result.json"
	nfprobe --json result.json eth0 --vf 3
	status_is 2
	stderr_has "--json takes a value only after \"=\": write --json=result.json"
	nfprobe eth0 --vf 3 --json=
	usage_error "--json= names no file"
}

@test "--save" {
	nfprobe eth0 --vf 3 --save=
	usage_error "--save= names no folder: write --save=DIR, or --save alone for /var/lib/nfprobe"
	nfprobe eth0 --vf 3 --save somewhere
	usage_error '--save takes a value only after "=": write --save=somewhere'
	nfprobe --read run.pcapng --save
	usage_error "--save makes no sense with --read"
}

@test "--allow" {
	nfprobe eth0 --vf 3 --allow inconclusive
	usage_error "--allow inconclusive is not possible"
	nfprobe eth0 --vf 3 --allow early,late
	usage_error "--allow late is not a verdict: it takes early, refused, deaf, sticky, slow, untestable, safe"
}

@test "--color" {
	nfprobe eth0 --vf 3 --color=red
	usage_error "--color=red is unknown: it takes always, never, auto"
	nfprobe eth0 --vf 3 --color never
	status_is 2
	no_stdout
	stderr_has '--color takes a value only after "=": write --color=never'
}

@test "options that make no sense together" {
	nfprobe --list eth0 --vf 3
	usage_error "--vf makes no sense with --list"
	nfprobe --list --restore
	usage_error "--all, --list, --check, --restore, --reflect, --read and --dry-run do not go together"
	nfprobe --restore --json
	status_is 2
	stderr_has "--json makes no sense with --restore"
	nfprobe eth0 --vf 3 --dry-run --json
	status_is 2
	stderr_has "--json makes no sense with --dry-run"
	nfprobe --read run.pcapng --no-multicast
	usage_error "--no-multicast makes no sense with --read"
	nfprobe eth0 --vf 3 -q -v
	usage_error "-q and -v do not go together"
	nfprobe eth0 --vf 3 --force=yes
	usage_error "--force takes no value"
}

@test "a usage error with --json is an object as well" {
	nfprobe eth0 --vf 3 --json --rate 0
	status_is 2
	stderr_has "nfprobe: --rate 0 is out of range"
	valid_stdout nfprobe-2
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"], d["exit"]') == "('usage', 2)" ]]
}

@test "what is typed cannot move the cursor" {
	nfprobe $'\e[2Jeth0' --vf 3 --rate $'\e[31m'
	status_is 2
	stderr_lacks $'\e'
}

@test "--baseline, --same" {
	nfprobe eth0 --vf 3 --same
	usage_error "--same needs --baseline FILE"
	nfprobe --list --baseline old.json
	usage_error "--baseline makes no sense with --list"
}

@test "a value that is empty, as of a variable that is not set" {
	for option in --vf --from --id --style --mac --vlan --rate --settle --timeout --html --write \
		--baseline --allow --repeat --gap-limit --read; do
		nfprobe eth0 $option ''
		usage_error "the value of $option is empty" "write $option "
		nfprobe eth0 "$option="
		usage_error "the value of $option is empty" "write $option "
	done
}

@test "an option that is given twice" {
	nfprobe eth0 --vf 3 --style macvtap --style bridge
	usage_error "--style is given twice" "without --style both are probed"
	nfprobe eth0 --vf 3 --allow early --allow deaf
	usage_error "--allow is given twice" "write one list: --allow early,slow"
}

@test "one file for two things" {
	nfprobe eth0 --vf 3 --json=result --html result
	usage_error "--json and --html name the same file, result: write two"
	nfprobe --read run.pcapng --json=run.pcapng
	usage_error "--json and --read name the same file, run.pcapng: write two"
	# A device takes both, and what is compared with is read before it is replaced.
	nfprobe nosuch0 --vf 3 --json=/dev/null --html /dev/null
	status_is 4
	cd "$BATS_TEST_TMPDIR"
	nfprobe nosuch0 --vf 3 --json=old.json --baseline old.json
	status_is 4
}
