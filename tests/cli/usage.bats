#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The answer to a mistyped command is a sentence, and nothing is begun. For each sentence see tests/unit/test_options.c.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

@test "no arguments at all" {
	nfprobe
	status_is 2
	no_stdout
	stderr_has "nfprobe: no PF is named: nfprobe PF --vf N"
	stderr_has "nfprobe: nfprobe --list shows the PFs and VFs of this host, nfprobe --help the options"
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

@test "a usage error is one sentence and one of help, on standard error alone" {
	nfprobe eth0
	usage_error "no VF is named: nfprobe eth0 --vf N" "nfprobe --list eth0 shows its VFs; --vf any takes an idle one"
	nfprobe eth0 --vf 3 --stlye macvtap
	usage_error "--stlye is not an option" "nfprobe --help lists the options"
	nfprobe eth0 --vf 4096
	usage_error "--vf 4096 is out of range: it takes 0 to 4095"
	nfprobe --list --restore
	usage_error "--list, --hear, --restore, --reflect and --dry-run do not go together"
	nfprobe 'eth 0' --vf 3
	usage_error '"eth 0" is not an interface name'
}

@test "--json FILE is answered with --json=FILE" {
	nfprobe --json result.json eth0 --vf 3
	status_is 2
	stderr_has "\"eth0\" is one argument too many"
	stderr_has "follows after \"=\", such as --json=FILE"
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

@test "one file for two things" {
	nfprobe eth0 --vf 3 --json=result --write result
	usage_error "--json and --write name the same file, result: write two"
	# A device takes both.
	nfprobe nosuch0 --vf 3 --json=/dev/null --write /dev/null
	status_is 4
}
