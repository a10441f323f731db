#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --all: what is refused before any run begins, and a host without PFs.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

@test "--all: what makes no sense with it" {
	for option in "--vf 3" "--mac 02:00:00:00:00:01" --force "--id 00112233445566778899aabbccddeeff" \
		"--max-age 3"; do
		# shellcheck disable=SC2086 # two words
		nfprobe --all $option
		usage_error "${option%% *} makes no sense with --all"
		# shellcheck disable=SC2086
		nfprobe $option --all
		usage_error "${option%% *} makes no sense with --all"
	done
	nfprobe --all --json-stream
	status_is 2
	stderr_has "--json-stream makes no sense with --all"
	nfprobe --all --from peer:02:00:00:00:00:01
	usage_error "--from peer makes no sense with --all"
	for mode in --list --check --restore --dry-run "--read x"; do
		# shellcheck disable=SC2086
		nfprobe --all $mode
		usage_error "--all, --list, --check, --restore, --reflect, --read and --dry-run do not go together"
	done
}

@test "--all: names" {
	nfprobe --all eth0
	usage_error '"eth0" is one name too many: --all probes each PF of this host'
	nfprobe eth0 --all
	usage_error '"eth0" is one name too many'
	nfprobe --all --json results
	status_is 2
	stderr_has '"results" is one name too many'
	stderr_has 'such as --json=DIR'
}

@test "--all: one folder may have files of several sorts" {
	alone --all --json=out --write out
	error_is 4 "" "this host has no SR-IOV PF"
}

@test "--all on a host without PFs" {
	alone --all
	error_is 4 "" "this host has no SR-IOV PF"
	alone --all --json
	status_is 4
	valid_stdout nfprobe-all-2
	[[ $(jq -c '[.pfs, .exit, .error.code]' <<<"$output") == '[[],4,"not-a-pf"]' ]]
}

@test "--all: a usage error with --json is an object" {
	nfprobe --all --json --vf 3
	status_is 2
	[[ $(jq -r .error.code <<<"$output") == usage ]]
}
