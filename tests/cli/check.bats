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
