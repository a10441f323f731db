#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# nfprobe-check as a user types it, on a NIC that exists only in sysfs. tests/python tests what counts.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup() { sriov_stored; }

check() { on_sriov "$sys" "$top/scripts/tools/nfprobe-check" "$@"; }

@test "nfprobe-check: by netdev, PF and VF, and every PF of the host" {
	for name in eth0 0000:01:00.0 0000:01:10.6; do
		check "$name" --style macvtap
		status_is 0
		no_stderr
		stdout_has 'macvtap  SAFE  VF 3, 2026-11-20, over the wire'
		check "$name" --style bridge
		status_is 1
		stdout_has 'bridge  NOT SAFE  EARLY: VF 3 takes the address'
	done
	check -q
	status_is 1
	[[ $output == 'eth0: macvtap SAFE (IPv6: set trustGuestRxFilters), bridge NOT SAFE (EARLY).' ]]
}

@test "nfprobe-check: without privileges, and the same" {
	NFPROBE=${NFPROBE/#"$top"//mnt} on_sriov "$sys" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all \
		/mnt/scripts/tools/nfprobe-check 0000:01:10.6 --style macvtap
	status_is 0
	no_stderr
	stdout_has 'macvtap  SAFE'
}

@test "nfprobe-check: 4 where there is no such PF or VF" {
	check nosuch0
	error_is_of_check 'there is no interface or device nosuch0' 'nfprobe --list shows the PFs and VFs of this host.'
	check nosuch0 --json
	status_is 4
	valid_stdout check
}

error_is_of_check() {
	status_is 4
	no_stdout
	stderr_has "nfprobe-check: $1"
	stderr_has "$2"
}

@test "nfprobe-check: 0.3 s of processor time for one PF" {
	cat >"$BATS_TEST_TMPDIR/timed.py" <<'END'
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)  # compiles the modules
best = 9
for _ in range(5):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
print(best)
sys.exit(best > 0.3)
END
	on_sriov "$sys" /usr/bin/python3 "$BATS_TEST_TMPDIR/timed.py" "$top/scripts/tools/nfprobe-check" eth0 --style macvtap
	status_is 0
}

# served LIST-COMMAND: --check where the libvirt hook has added an entry for a guest, after a command in its list's folder.
served() {
	cat >"$BATS_TEST_TMPDIR/served" <<END
mount -t tmpfs none /run && mkdir -m 700 /run/nfprobe-libvirt-hook && cd /run/nfprobe-libvirt-hook
echo '{"guest": "web1"}' >0000:01:00.0-52:54:00:00:00:07
: >0000:01:00.0-52:54:00:00:00:08
$1
exec timeout 60 "$top/scripts/tools/nfprobe-check" eth0 --style macvtap
END
	on_sriov "$sys" sh -e "$BATS_TEST_TMPDIR/served"
}

@test "nfprobe-check: the list of the libvirt hook counts only if it is root's own" {
	served :
	status_is 0
	stdout_has 'entry missing: guest web1 needs its address in the filter of eth0'
	for command in 'chmod 777 .' 'chown 65534 .' 'cd / && mv run/nfprobe-libvirt-hook run/x && ln -s x run/nfprobe-libvirt-hook' \
		'chmod 622 *07' 'chown 65534 *07' 'rm *07 && mkfifo 0000:01:00.0-52:54:00:00:00:07' \
		'mv *07 x && ln -s x 0000:01:00.0-52:54:00:00:00:07'; do
		served "$command"
		[[ $output != *'entry missing'* ]] || fail "it was believed"
		stdout_has '/run/nfprobe-libvirt-hook'
	done
}
