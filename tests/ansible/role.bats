#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The role of scripts/ansible, with the hosts of qualify.bats: what fails, what it installs, and firmware.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load ../cli/lib/common
load ../cli/lib/sriov
load lib/hosts

setup_file() { ansible_file; }
setup() { ansible_test; }

# Each of them fails in a way of its own.
@test "ansible: a host that dies in the middle, or cannot be probed, is named, and the others are qualified" {
	local odd=(dies killed large unrestored stuck busy old unprivileged none gone) name
	host a
	for name in "${odd[@]}"; do
		host "$name" "$name"
	done
	rm "$NFPROBE_HOSTS/none/bin/nfprobe"
	: >"$NFPROBE_HOSTS/gone/dead"
	mkfifo "$NFPROBE_HOSTS/stuck/fifo"
	mkdir -p "$results/gone"
	# An old result of a host that is now gone is not its verdict.
	sample_documents "$results/gone" igb
	mv "$results/gone/igb.json" "$results/gone/eth0-old.json"
	# A run there has ten seconds, and a restore two minutes.
	printf '%s\n' a "${odd[@]}" | sed 's/^stuck$/& probe_timeout=-110 probe_restore_timeout=120/' >inventory
	qualify_from inventory -f 10
	# Lets the run of stuck end.
	echo 1<>"$NFPROBE_HOSTS/stuck/fifo"
	[[ $status != 0 ]] || fail
	recap a failed=1
	recap dies unreachable=1
	recap gone unreachable=1
	name=${odd[*]}
	stdout_has "no result of ${name// /, }. The matrix has only safe results, which say nothing about these hosts."
	stdout_has 'eth0: the run failed (exit status -9)'
	stdout_has 'eth0: the run failed (exit status 5): nfprobe: the host could not be put back as it was'
	stdout_has 'eth0: the run failed: its result has more than 8 MiB, or is no file. nfprobe --restore: nothing to undo'
	[[ ! -e $(echo "$results"/large/eth0-*) ]] || fail "a large result was fetched"
	stdout_has 'non-zero return code. nfprobe --restore: nothing to undo'
	grep -qE 'eth0: the run failed: .*( \(10\) and was terminated|Timed out after 10 second\(s\))\. nfprobe --restore: nothing' <<<"$output" || fail "no time-out"
	for name in killed large unrestored stuck; do
		[[ $(calls $name '--restore -- eth0') == 1 ]] || fail "$name was not restored"
	done
	[[ $(calls a '--restore -- eth0') == 0 ]]
	stdout_has 'eth0: every VF is in use (VF 0: igbvf is bound to it'
	[[ $(calls busy '--vf any') == 0 ]]
	stdout_has 'nfprobe is too old: nfprobe is 0.0.9, and the role needs 0.3.0 or later'
	stdout_has 'nfprobe --restore lacks privileges (exit status 4), and probe_become is false'
	stdout_has 'nfprobe cannot be run'
	[[ -e $(echo "$results"/a/eth0-*.json) ]]
}

@test "ansible: a host that says nothing, or sends what it has stored for ever, has its time" {
	local name
	for name in mute slow; do
		host "$name" "$name"
		mkfifo "$NFPROBE_HOSTS/$name/fifo"
	done
	knows slow
	printf '%s probe_timeout=0 probe_restore_timeout=10\n' mute slow >inventory
	qualify_from inventory
	for name in mute slow; do
		echo 1<>"$NFPROBE_HOSTS/$name/fifo"
		recap $name failed=1
		[[ $(calls $name '--vf any') == 0 ]] || fail "$name was probed"
	done
	[[ $(grep -cE '( \([0-9]+\) and was terminated|Timed out after [0-9]+ second)' <<<"$output") -ge 2 ]] || fail "no time-out"
}

@test "ansible: the role installs the program, a package file, and a package of the host's repositories" {
	local name
	make_deb "$BATS_TEST_TMPDIR/repository"
	for name in program file package; do
		host "$name"
		rm "$NFPROBE_HOSTS/$name/bin/nfprobe"
	done
	host_root file "$BATS_TEST_TMPDIR/repository"
	host_root package "$BATS_TEST_TMPDIR/repository"
	printf '%s\n' "program probe_install=binary probe_binary=$BATS_TEST_DIRNAME/lib/nfprobe probe_binary_path=$NFPROBE_HOSTS/program/bin/nfprobe" \
		"file probe_install=file probe_package_file=$BATS_TEST_TMPDIR/repository/nfprobe.deb" 'package probe_install=package' >inventory
	qualify_from inventory --check
	status_is 0
	[[ $(grep -c 'nfprobe would be installed' <<<"$output") == 3 ]]
	[[ ! -e $NFPROBE_HOSTS/program/bin/nfprobe && ! -e $results ]]
	for name in file package; do
		! "$ANSIBLE_SSH_EXECUTABLE" "$name" 'dpkg -s nfprobe' || fail "check mode has installed it on $name"
	done
	qualify_from inventory --tags install,restore
	status_is 0
	[[ $(calls program '--restore') == 1 && $(calls program '--vf any') == 0 && ! -e $results ]]
	for name in file package; do
		run "$ANSIBLE_SSH_EXECUTABLE" "$name" 'dpkg -s nfprobe && nfprobe --version && ls /var/cache'
		status_is 0
		stdout_has "$("$NFPROBE" --version)"
	done
	# Again: nothing changes.
	qualify_from inventory --tags install
	status_is 0
	for name in program file package; do
		recap "$name" changed=0
	done
}

teardown() {
	local name
	for name in file package; do
		! mountpoint -q "$NFPROBE_HOSTS/$name/root" || umount "$NFPROBE_HOSTS/$name/root"
	done
}

@test "ansible: firmware is flashed only between two runs, with no VF of the card in use, and must run afterwards" {
	local name
	for name in a busy shared; do
		host $name $name
		knows $name 2.1.0
		ln -s "$BATS_TEST_DIRNAME/lib/devlink" "$NFPROBE_HOSTS/$name/bin/devlink"
		echo 2.1.0 >"$NFPROBE_HOSTS/$name/firmware"
	done
	flash='{"pf": "eth0", "file": "new.bin", "version": "2.2.0"'
	qualify a,busy,shared -e qualify_firmware=true -e "{\"probe_firmware\": [$flash}], \"probe_pfs\": [\"eth0\"]}"
	stdout_has 'eth0 does not run firmware 2.2.0 yet: reboot the host, then run this again'
	[[ $(calls a 'devlink dev flash pci/0000:01:00.0 file new.bin') == 1 && $(calls a reload) == 0 ]]
	stdout_has 'eth0 is not flashed: VFs of its card are in use (eth0)'
	stdout_has 'eth0 is not flashed: VFs of its card are in use (eth0, eth1)'
	[[ $(calls busy devlink) == 0 && $(calls shared devlink) == 0 ]]
	: >"$NFPROBE_HOSTS/a/calls"
	qualify a -e qualify_firmware=true -e "{\"probe_firmware\": [$flash, \"activate\": true}]}"
	status_is 0 # macvtap, which is asked for, is safe
	recap a failed=0
	[[ $(<"$NFPROBE_HOSTS/a/firmware") == 2.2.0 ]]
	# The stored verdict was that of the old firmware.
	[[ $(sed -n 's/.*--vf any.*/run/p; s/^devlink dev \([a-z]*\).*/\1/p' "$NFPROBE_HOSTS/a/calls" | tr '\n' ' ') == 'flash reload run ' ]]
	: >"$NFPROBE_HOSTS/a/calls"
	qualify a -e qualify_firmware=true -e "{\"probe_firmware\": [$flash}]}"
	[[ $(calls a devlink) == 0 ]]
}
