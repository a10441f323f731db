#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/fixture: the recordings in tests/fixtures are judged as their folders say, and one more is a folder more.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() { recordings; }

setup() { cd "$BATS_TEST_TMPDIR" || return; mkdir kept; }

fixture() { run --separate-stderr "$top/scripts/fixture" --folder kept "$@"; }

# origin EXPRESSION: changes kept/one/origin.json.
origin() {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open("kept/one/origin.json"))
exec(sys.argv[1])
json.dump(d, open("kept/one/origin.json", "w"))' "$1"
}

@test "each recording in tests/fixtures is judged as its folder says" {
	run "$top/scripts/fixture" judge
	status_is 0
	stdout_has 'ok 6 - '
}

@test "add: a folder of a recording, by a name or the card's own; not over another" {
	fixture add "$BATS_FILE_TMPDIR/ixgbe.pcapng" one
	status_is 0
	[[ $(cd kept/one && echo *) == 'kernel.json origin.json run.pcapng.xz' ]]
	[[ $(json kept/one/origin.json 'd["judged"][0]["verdicts"]') == "{'VF 3, macvtap': 'deaf'}" ]]
	xz -dc kept/one/run.pcapng.xz >run.pcapng
	"$here/lib/leaks.py" "$BATS_FILE_TMPDIR/ixgbe.pcapng" run.pcapng eth0 eth1
	fixture add "$BATS_FILE_TMPDIR/igb.pcapng" one
	status_is 4
	stderr_has 'kept/one is there already'
	fixture add run.pcapng
	status_is 0
	stdout_has 'Write the name of the card'
	fixture judge
	status_is 0
	stdout_has '1..2'
	fixture add "$BATS_FILE_TMPDIR/igb.json" other
	status_is 4
	fixture add run.pcapng ../other
	status_is 4
	[[ $(echo kept/* | wc -w) == 2 ]]
}

@test "add: what xz compressed; the name of a card; the kind of card, and what is left to do" {
	fixture add --card "Intel 82576" "$top/tests/fixtures/igb/run.pcapng.xz" one
	status_is 0
	[[ $(json kept/one/origin.json 'd["card"], d["kind"]') == "('Intel 82576', 'emulated')" ]] # QEMU's NICs say that
	stdout_has '1. This is the first recording of igb'
	stdout_has '2. Run `make quick`'
	fixture add "$BATS_FILE_TMPDIR/igb.pcapng" two
	[[ $(json kept/two/origin.json 'd["kind"]') == real ]]
	stdout_has '1. Write the name of the card'
	stdout_has '2. Run `make quick`'
}

@test "a sentence for who has not built nfprobe, or names a folder that is not there" {
	NFPROBE=$PWD/none fixture add "$BATS_FILE_TMPDIR/igb.pcapng"
	status_is 4
	stderr_has 'run `make` first'
	fixture judge none
	status_is 4
	stderr_has 'there is no fixture kept/none'
	fixture add --anew "$BATS_FILE_TMPDIR/igb.pcapng" none
	status_is 4
	stderr_has 'there is no fixture kept/none'
}

@test "judge: another verdict, a judgement without its reason, and another kernel.json are noticed" {
	fixture add "$BATS_FILE_TMPDIR/igb.pcapng" one
	fixture judge
	status_is 0
	origin 'd["judged"][0]["verdicts"]["VF 3, macvtap"] = "sticky"'
	fixture judge one
	status_is 1
	stdout_has '"VF 3, macvtap": "sticky"}}: if nfprobe is right'
	origin 'd["judged"].append({"version": "9", "verdicts": {"VF 3, macvtap": "safe"}})'
	fixture judge
	status_is 1
	stdout_has 'does not say why 9 judges otherwise'
	origin 'd["judged"][1]["because"] = "it was wrong"'
	fixture judge
	status_is 0
	echo >>kept/one/kernel.json
	fixture judge
	status_is 1
	stdout_has 'kernel.json is not what'
}

@test "add: a file that xz makes too large is refused before it fills the disk" {
	head -c 300M /dev/zero | xz -0 >large.xz
	fixture add large.xz one
	status_is 4
	stderr_has 'unpacked, it has more than 256 MB'
	[[ ! -e kept/one ]]
}
