#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The collection of scripts/ansible: lint, and the playbook with hosts that are namespaces (lib/ssh), whose PF has no NIC.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load ../cli/lib/common
load ../cli/lib/sriov
load lib/hosts

setup_file() { ansible_file; }
setup() { ansible_test; }

@test "ansible: yamllint, ansible-lint and the syntax check find nothing" {
	cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/nfprobe/nfprobe"
	run yamllint -s .
	[[ $status == 0 && -z $output ]] || fail
	run ansible-lint --offline --nocolor -q --strict --profile production
	[[ $status == 0 ]] || fail
	qualify a,b --syntax-check
	status_is 0
}

@test "ansible: the collection is installed as its README says, without a network" {
	local command
	command=$(grep -o 'ansible-galaxy collection install [^ ]*' "$top/scripts/ansible/README.md")
	cd "$top" || return
	# That of Debian 13 would find it where the other tests have it.
	# shellcheck disable=SC2086 # words
	run env -u ANSIBLE_COLLECTIONS_PATH unshare --net $command -p "$BATS_TEST_TMPDIR"
	status_is 0
	cd "$BATS_TEST_TMPDIR" || return
	ANSIBLE_COLLECTIONS_PATH=$PWD ansible-playbook -i a, nfprobe.nfprobe.qualify --list-tasks
}

@test "ansible: results are fetched, and a verdict that holds needs no second run" {
	host a
	host b
	# The firmware in probe_firmware is not flashed without qualify_firmware.
	ln -s "$BATS_TEST_DIRNAME/lib/devlink" "$NFPROBE_HOSTS/a/bin/devlink"
	qualify a,b -e '{"probe_style": "", "probe_firmware": [{"pf": "eth0", "file": "new.bin", "version": "2.2.0"}]}'
	status_is 2
	[[ $(calls a devlink) == 0 ]]
	stdout_has 'The matrix: a NIC is not safe, or got worse.'
	stdout_has 'SAFE* 2/2      EARLY 2/2'
	stdout_has 'bridge, wire: no fix was tried, and nfprobe PF --vf any --style bridge --save tries them'
	recap a changed=1
	# Hosts that take turns in an include show each task once for each host.
	[[ $(grep -c 'Probe the first idle VF' <<<"$output") == 1 ]]
	[[ $(calls a '--check') == 0 ]] # that is asked here
	files=("$results"/*/eth0-2*Z.json)
	[[ ${#files[@]} == 2 && -s $results/matrix.html ]]
	valid result "${files[@]}"
	[[ -z $(find "$NFPROBE_HOSTS"/*/tmp -name 'nfprobe-*') ]] || fail "a folder is left"
	rm -r "$results"
	# The second of two runs of a playbook changes nothing.
	qualify a,b
	status_is 0
	recap a changed=0
	[[ $(calls a '--vf any') == 1 && $(calls b '--vf any') == 1 ]]
	files=("$results"/*/store/pci-0000:01:00.0/2*Z-*.json)
	[[ ${#files[@]} == 2 && $(cd "$results" && echo */*) == 'a/store b/store' ]]
	valid result "${files[@]}"
	qualify a,b -e probe_again=true --limit a
	status_is 0
	[[ $(calls a '--vf any') == 2 && $(calls b '--vf any') == 1 ]]
}

@test "ansible: what is required is asked of what is stored, and in the table" {
	host a
	knows a
	qualify a
	status_is 0
	for asked in probe_require=ipv6 probe_gap_limit=1; do
		qualify a -e "$asked"
		status_is 2
		stdout_has 'The matrix: a NIC is not safe, or got worse.'
	done
	[[ $(calls a '--vf any') == 0 ]]
}

@test "ansible: check mode knows what is stored, and what newer results supersede is neither in the matrix nor kept" {
	host a
	knows a
	qualify a --check
	status_is 0
	[[ $(calls a '--dry-run') == 0 && -n $(ls "$results/a/store"/*) && ! -e $results/matrix.html ]]
	# An older run of the same NIC knew nothing.
	jq '.run.start = "2026-01-01T00:00:00.000Z" | .run.id = "11112233445566778899aabbccddeeff" | .verdict = "unknown" | .exit = 3
		| .vf.verdict = "unknown" | .vf.styles[].verdict = "unknown"' "$NFPROBE_HOSTS/stored.json" \
		>"$NFPROBE_HOSTS/a/store/pci-0000:01:00.0/20260101T000000.000Z-11112233445566778899aabbccddeeff.json"
	# A file that is larger than nfprobe-check reads is not fetched.
	large=$NFPROBE_HOSTS/a/store/pci-0000:01:00.0/20260102T000000.000Z-22112233445566778899aabbccddeeff.json
	truncate -s 8388609 "$large"
	qualify a
	status_is 0
	[[ $(calls a '--vf any') == 0 && $(ls "$results/a/store"/* | wc -l) == 1 ]]
	rm "$large"
	recap a changed=1
	# Nor does the host keep it, which has no tools of its own.
	[[ $(cd "$NFPROBE_HOSTS/a/store" && echo */*) == $(cd "$results/a/store" && echo */*) ]]
}

@test "ansible: a controller without nfprobe-tools says so" {
	host a
	qualify a -e probe_check_command=/none/nfprobe-check
	[[ $status != 0 && $(calls a '--vf any') == 0 ]]
	stdout_has 'eth0: /none/nfprobe-check cannot be run: '
}

@test "ansible: without a matrix, nothing is said to be safe" {
	host a
	knows a
	host gone
	: >"$NFPROBE_HOSTS/gone/dead"
	qualify a,gone --tags probe
	[[ $status != 0 && $output != *'safe results'* ]] || fail
	stdout_has 'no result of gone. The matrix was not made.'
}

@test "ansible: hosts of one segment take turns, and those of different segments do not wait for each other" {
	host a
	host b
	host c
	host d
	printf '%s\n' 'a probe_segment=x' 'b probe_segment=x' 'c probe_segment=y' 'd probe_segment=x' >inventory
	qualify_from inventory -e probe_throttle=2
	# Ansible names the hosts that run an included file together, in any order.
	[[ $(sed -n 's/.*run.yml for \([a-z, ]*\).*/\1/p' <<<"$output" | while read -r line; do tr -d ', ' <<<"$line" | fold -w 1 | sort | paste -sd ''; done) == \
		$'abc\nd' ]] || fail
	[[ $(ls "$results") == $'a\nb\nc\nd\nmatrix.html' ]]
}

@test "ansible: check mode shows a dry run, and changes nothing" {
	host a
	qualify a --check
	# The kernel under the host that is made of files has no VF: a run would be refused.
	status_is 2
	stdout_has 'of eth0 would do this, in order'
	stdout_has 'eth0: VF 0 cannot be probed: eth0 has no VF 0'
	[[ $(calls a '--dry-run') == 1 && $(calls a '--vf any') == 1 && $(calls a '--restore') == 0 ]]
	[[ ! -e $results && -z $(ls -A "$NFPROBE_HOSTS/a/store") ]]
}
