#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The answer to a mistyped command is a sentence, and nothing is begun. For each sentence see tests/unit/test_options.c.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

@test "on a terminal a usage error is a sentence, and no document" {
	run /usr/bin/python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 4096))))' "$NFPROBE" eth0 --vf 3 --json out.json
	status_is 2
	[[ $output == *'Did you mean --json=out.json?'* && $output != *'{'* ]] || fail
	# Whoever reads it gets it.
	run --separate-stderr "$NFPROBE" eth0 --vf 3 --json out.json
	status_is 2
	stdout_has '"code": "usage"'
}

@test "without --vf: the list, as --list has it" {
	for arguments in "" -v --color=never "-v --colour=never"; do
		# shellcheck disable=SC2086 # words
		alone $arguments
		status_is 0
		no_stderr
		bare=$output
		# shellcheck disable=SC2086 # words
		alone --list $arguments
		[[ $output == "$bare" && $bare == "This host has no SR-IOV PF; "* ]]
	done
	alone lo
	error_is 4 "lo is not an SR-IOV PF"
}

@test "without --vf, but with an option of a probe: nothing is begun" {
	for arguments in -q --json --force "--rate 5" -n "--skip fix" "--save=$BATS_TEST_TMPDIR" "--write $BATS_TEST_TMPDIR/x"; do
		# shellcheck disable=SC2086 # words
		nfprobe $arguments
		status_is 2
		stderr_has "nfprobe: no PF is named: nfprobe PF --vf N"
		# shellcheck disable=SC2086 # words
		nfprobe lo $arguments
		status_is 2
		stderr_has "nfprobe: no VF is named: nfprobe PF --vf N"
	done
	[[ ! -e $BATS_TEST_TMPDIR/x ]]
}

@test "a usage error is one sentence and one of help, on standard error alone" {
	nfprobe eth0 --force
	usage_error "no VF is named: nfprobe PF --vf N" "--vf any takes an idle one."
	nfprobe eth0 --vf 3 --stlye macvtap
	usage_error "--stlye is not an option" "Did you mean --style macvtap?"
	nfprobe eth0 --vf 3 --frobnicate
	usage_error "--frobnicate is not an option" "nfprobe --help lists the options."
	nfprobe eth0 -vf 3
	usage_error "-vf is not an option" "Did you mean --vf 3?"
	nfprobe eth0 --vf 4096
	usage_error "--vf 4096 is out of range: it takes 0 to 4095"
	nfprobe eth0 --vf 3 --require ipv6 --skip multicast
	usage_error "--require ipv6 and --skip multicast contradict each other"
	nfprobe --list --restore
	usage_error "--list, --audit, --way, --restore, --reflect and --dry-run do not go together"
	nfprobe 'eth 0' --vf 3
	usage_error '"eth 0" is not an interface name'
}

@test "--json FILE is answered with --json=FILE" {
	nfprobe --json result.json eth0 --vf 3
	status_is 2
	stderr_has '"result.json" after --json is not its value, which follows after "="'
	stderr_has "Did you mean --json=result.json?"
}

@test "a usage error with --json is an object as well" {
	nfprobe eth0 --vf 3 --json --rate 0
	status_is 2
	stderr_has "nfprobe: --rate 0 is out of range"
	valid_stdout result
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"], d["exit"]') == "('usage', 2)" ]]
}

@test "what is typed cannot move the cursor" {
	nfprobe $'\e[2Jeth0' --vf 3 --rate $'\e[31m'
	status_is 2
	stderr_lacks $'\e'
}

@test "one file for two things" {
	nfprobe eth0 --vf 3 --json=result --write result
	usage_error "--json and --write name the same file, result: name two"
}
