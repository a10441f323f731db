#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The collection of scripts/ansible: lint, and the playbook with hosts that are namespaces (lib/ssh), whose PF has no NIC.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load ../cli/lib/common
load ../cli/lib/sriov
load lib/hosts

setup_file() {
	need_root
	ansible_collection "$BATS_FILE_TMPDIR/collections"
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR sriov_store "$BATS_FILE_TMPDIR/stored.json"
}

setup() {
	export HOME=$BATS_TEST_TMPDIR results=$BATS_TEST_TMPDIR/results
	chmod 755 "$BATS_TEST_TMPDIR"
	ansible_hosts "$BATS_TEST_TMPDIR/hosts" "$BATS_FILE_TMPDIR/stored.json"
	cd "$BATS_TEST_TMPDIR" || return
}

# qualify HOST,.. OPTION...
qualify() { qualify_from "$1," "${@:2}"; }

# qualify_from INVENTORY OPTION...
qualify_from() {
	local hosts=$1
	shift
	run --separate-stderr ansible-playbook -i "$hosts" nfprobe.nfprobe.qualify -e ansible_python_interpreter=/usr/bin/python3 \
		-e probe_become=false -e probe_results="$results" -e qualify_matrix_command="$NFPROBE" "$@"
}

# calls HOST WORDS: how many calls of nfprobe there had them.
calls() { grep -c -e "$2" "$NFPROBE_HOSTS/$1/calls" || true; }

# recap HOST WORDS: the line of the recap has them.
recap() { grep -qE "^$1 +: .*\b$2\b" <<<"$output" || fail "no $2 in the recap of $1"; }

@test "ansible: yamllint, ansible-lint and the syntax check find nothing" {
	cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/nfprobe/nfprobe"
	run yamllint -s .
	[[ $status == 0 && -z $output ]] || fail
	run ansible-lint --offline --nocolor -q --strict --profile production
	[[ $status == 0 ]] || fail
	qualify a,b --syntax-check
	status_is 0
}

@test "ansible: results are fetched, and a verdict that holds needs no second run" {
	host a
	host b
	qualify a,b
	status_is 2
	stdout_has 'The matrix: a NIC is not safe, or got worse.'
	stdout_has 'EARLY 2/2'
	recap a changed=1
	# Hosts that take turns in an include show each task once for each host.
	[[ $(grep -c 'Probe the first idle VF' <<<"$output") == 1 ]]
	files=("$results"/*/eth0-2*Z.json)
	[[ ${#files[@]} == 2 && -s $results/matrix.html ]]
	valid nfprobe-1 "${files[@]}"
	[[ -z $(find "$NFPROBE_HOSTS"/*/tmp -name 'nfprobe-*') ]] || fail "a folder is left"
	rm -r "$results"
	# The second of two runs of a playbook changes nothing.
	qualify a,b -e '{"qualify_matrix_options": ["--style", "macvtap"]}'
	status_is 0
	recap a changed=0
	[[ $(calls a '--vf any') == 1 && $(calls b '--vf any') == 1 ]]
	[[ $(cd "$results" && echo */*) == 'a/eth0-stored.json b/eth0-stored.json' ]]
	qualify a,b -e probe_again=true --limit a
	status_is 2
	[[ $(calls a '--vf any') == 2 && $(calls b '--vf any') == 1 ]]
}

@test "ansible: check mode shows a dry run, and changes nothing" {
	host a
	qualify a --check
	status_is 0
	stdout_has 'nfprobe would do this on eth0'
	[[ $(calls a '--dry-run') == 1 && $(calls a '--vf any') == 1 && $(calls a '--restore') == 0 ]]
	[[ ! -e $results && -z $(ls -A "$NFPROBE_HOSTS/a/store") ]]
}

@test "ansible: a host that dies in the middle, or cannot be probed, is named, and the others are qualified" {
	host a
	host dies dies
	host killed killed
	host unrestored unrestored
	host busy busy
	host old old
	host unprivileged unprivileged
	host none
	rm "$NFPROBE_HOSTS/none/bin/nfprobe"
	host gone
	: >"$NFPROBE_HOSTS/gone/dead"
	mkdir -p "$results/gone"
	# An old result of a host that is now gone is not its verdict.
	cp "$top/tests/golden/igb.json" "$results/gone/eth0-old.json"
	qualify a,dies,killed,unrestored,busy,old,unprivileged,none,gone -e '{"qualify_matrix_options": ["--style", "macvtap"]}'
	[[ $status != 0 ]] || fail
	recap a failed=1
	recap dies unreachable=1
	recap gone unreachable=1
	stdout_has 'no result of dies, killed, unrestored, busy, old, unprivileged, none, gone. The matrix has only safe results, which say nothing about these hosts.'
	stdout_has 'eth0: the run failed (exit status -9)'
	stdout_has 'eth0: the run failed (exit status 5): nfprobe: the host could not be put back as it was'
	stdout_has 'non-zero return code. nfprobe --restore: nothing to undo'
	[[ $(calls killed '--restore eth0') == 1 && $(calls unrestored '--restore eth0') == 1 && $(calls a '--restore eth0') == 0 ]]
	stdout_has 'eth0: every VF is in use (VF 0: vfio-pci drives it'
	[[ $(calls busy '--vf any') == 0 ]]
	stdout_has 'nfprobe is too old: nfprobe is 0.0.9, and the role needs 0.1.0 or later'
	stdout_has 'nfprobe --restore lacks privileges (exit status 4), and probe_become is false'
	stdout_has 'nfprobe cannot be run'
	[[ -e $(echo "$results"/a/eth0-*.json) ]]
}

@test "ansible: the role copies the program, and restores alone by its tag" {
	host a
	rm "$NFPROBE_HOSTS/a/bin/nfprobe"
	qualify a --check -e probe_install=binary -e probe_binary="$BATS_TEST_DIRNAME/lib/nfprobe" -e probe_binary_path="$NFPROBE_HOSTS/a/bin/nfprobe"
	status_is 0
	stdout_has 'nfprobe would be installed'
	[[ ! -e $NFPROBE_HOSTS/a/bin/nfprobe ]]
	qualify a --tags install,restore -e probe_install=binary -e probe_binary="$BATS_TEST_DIRNAME/lib/nfprobe" -e probe_binary_path="$NFPROBE_HOSTS/a/bin/nfprobe"
	status_is 0
	[[ $(calls a '--restore') == 1 && $(calls a '--vf any') == 0 && ! -e $results ]]
}

@test "ansible: a run that does not end in time is given up, and the host restored" {
	host a stuck
	mkfifo "$NFPROBE_HOSTS/a/fifo"
	qualify a -e probe_timeout=1 -e probe_restore_timeout=9
	# Lets the run end.
	echo >"$NFPROBE_HOSTS/a/fifo"
	[[ $status != 0 ]] || fail
	stdout_has 'eth0: the run failed: The ansible.builtin.command action failed to execute in the expected time frame (10) and was terminated. nfprobe --restore: nothing'
	[[ $(calls a '--restore eth0') == 1 ]]
}

@test "ansible: without a matrix, nothing is said to be safe" {
	host a
	host gone
	: >"$NFPROBE_HOSTS/gone/dead"
	qualify a,gone --tags probe
	[[ $status != 0 && $output != *'safe results'* ]] || fail
	stdout_has 'no result of gone. The matrix was not made.'
}

@test "ansible: firmware is flashed only on request, between two runs, and must run afterwards" {
	host a
	ln -s "$BATS_TEST_DIRNAME/lib/devlink" "$NFPROBE_HOSTS/a/bin/devlink"
	flash='{"pf": "eth0", "file": "new.bin", "version": "2.2.0"'
	echo 2.1.0 >"$NFPROBE_HOSTS/a/firmware"
	qualify a -e "{\"probe_firmware\": [$flash}]}"
	[[ $(calls a devlink) == 0 ]]
	qualify a -e qualify_firmware=true -e "{\"probe_firmware\": [$flash}]}"
	stdout_has 'eth0 does not run firmware 2.2.0 yet: reboot the host, then run this again'
	[[ $(calls a 'devlink dev flash pci/0000:01:00.0 file new.bin') == 1 && $(calls a reload) == 0 ]]
	: >"$NFPROBE_HOSTS/a/calls"
	qualify a -e qualify_firmware=true -e "{\"probe_firmware\": [$flash, \"activate\": true}]}"
	recap a failed=1 # the bridge style is not safe
	[[ $(<"$NFPROBE_HOSTS/a/firmware") == 2.2.0 ]]
	[[ $(sed -n 's/^--check.*/check/p; s/^devlink dev \([a-z]*\).*/\1/p' "$NFPROBE_HOSTS/a/calls" | tr '\n' ' ') == 'check flash reload check ' ]]
	: >"$NFPROBE_HOSTS/a/calls"
	qualify a -e qualify_firmware=true -e "{\"probe_firmware\": [$flash}]}"
	[[ $(calls a devlink) == 0 ]]
}

@test "ansible: firmware is not flashed while a VF is in use" {
	host a busy
	cp "$NFPROBE_HOSTS/store.json" "$NFPROBE_HOSTS/a/store/pci-0000:01:00.0.json"
	ln -s "$BATS_TEST_DIRNAME/lib/devlink" "$NFPROBE_HOSTS/a/bin/devlink"
	qualify a -e qualify_firmware=true -e '{"probe_firmware": [{"pf": "eth0", "file": "new.bin", "version": "2.2.0"}]}'
	[[ $status != 0 ]] || fail
	stdout_has 'eth0 is not flashed: there is no such PF with VFs, or a VF of it is in use'
	[[ $(calls a devlink) == 0 ]]
}

@test "ansible: hosts of one segment take turns, and those of different segments do not wait for each other" {
	host a
	host b
	host c
	host d
	printf '%s\n' 'a probe_segment=x' 'b probe_segment=x' 'c probe_segment=y' 'd probe_segment=x' >inventory
	qualify_from inventory -e probe_throttle=2
	# Ansible names the hosts that run an included file together, in any order.
	[[ $(sed -n 's/.*run.yml for \(.*\) => .*/\1/p' <<<"$output" | while read -r line; do tr -d ', ' <<<"$line" | fold -w 1 | sort | paste -sd ''; done) == \
		$'abc\nd' ]] || fail
	[[ $(ls "$results") == $'a\nb\nc\nd\nmatrix.html' ]]
}
