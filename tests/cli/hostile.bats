#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The list, the audit and the libvirt hook beside processes whose owner wants root to wait, or to run out of memory. NFPROBE_CROWD=10000
# makes as many, and prints what each program had.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov
load lib/libvirt

trusting='direct" trustGuestRxFilters="yes' # an interface's type, and its attribute
nobody=65534
memory=100 # MB
seconds=60 # in which the hook has to judge; the list and the audit look for ten

setup() {
	need_root
	sriov_host
	list=/run/nfprobe-libvirt-hook
	export NFPROBE_CONF=$BATS_TEST_TMPDIR/nfprobe.conf
	limited_hook NONE 1
	knows macvtap yes
	knows bridge no 'the VF takes the address'
	ln -sfn ../../../bus/pci/drivers/pci-stub "$sys/devices/pci0000:00/0000:01:10.2/driver"
	mkdir -p "$sys/bus/pci/drivers/pci-stub" "$sys/class/net/br0/lower_eth0" "$BATS_TEST_TMPDIR/bin"
	cp "$(readlink -f /usr/bin/python3)" "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	listing
	host_up
	started=()
	hostile many "${NFPROBE_CROWD:-100}" "$here/lib/crowd.py" many
	holds "$nobody"
}

teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	host_down
}

# hostile WORD NUMBER SCRIPT..: runs it as a process that is called as a guest, in a PID namespace, and waits until it is up.
hostile() {
	local word='' from
	exec {from}< <(exec unshare --pid --fork --kill-child "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64" -I "$3" "${@:4}" "$2" 3>&- 2>&1)
	started+=($!)
	read -r -t 300 -u "$from" word || true
	[[ $word == up || $word == held ]] || fail "$1: $word"
}

# holds USER: a process of that user keeps its own mmap lock.
holds() {
	[[ -e /dev/fuse ]] || skip "no /dev/fuse"
	hostile held "$1" "$top/tests/python/held.py"
}

# bounded COMMAND...: on that host, within the bounds.
bounded() { on_host /usr/bin/python3 "$here/lib/crowd.py" within "$memory" "$seconds" "$@"; }

call() { bounded sh -c 'exec "$1" guest "$2" begin - <"$3"' sh "$hook" "$1" "$BATS_TEST_TMPDIR/domain.xml"; }

# A process that could have the VF, as another test's may, is named with what it holds. These could not have it.
no_one_of_them() { [[ $output != *qemu-system-x86* ]] || fail "a user's process counts"; }

@test "a user's processes: neither the list nor the audit waits for them" {
	bounded "$NFPROBE" --list eth0 --json
	status_is 0
	no_one_of_them
	bounded "$NFPROBE" --audit --json
	[[ $status == [03] ]] || fail "it did not end by itself"
	no_one_of_them
	# A process that may have the VF may make its reader wait: the list says so, and ends.
	holds 0
	bounded "$NFPROBE" --list eth0 --json
	status_is 0
	stdout_has 'may have its registers mapped: that cannot be read'
	bounded "$NFPROBE" --audit --json
	stdout_has 'may have its registers mapped: that cannot be read'
}

@test "a user's processes: the hook judges, refuses, and takes back what is stale" {
	domain "$(standby "$trusting" 'dev="eth0" mode="bridge"')" "$(vf interface)" >"$BATS_TEST_TMPDIR/domain.xml"
	on_host sh -c 'mkdir "$1" && echo "{\"guest\": \"g\", \"uuid\": \"x\", \"ifindex\": 1, \"since\": 0}" >"$1/incoming-x"' sh "$list"
	echo LIBVIRT_HOOK=act >"$NFPROBE_CONF"
	call start
	status_is 0
	stderr_lacks 'took'
	on_host ls "$list"
	no_stdout
	echo LIBVIRT_HOOK=refuse >"$NFPROBE_CONF"
	call start
	status_is 0
	domain "$(standby bridge 'bridge="br0"')" "$(vf interface)" >"$BATS_TEST_TMPDIR/domain.xml"
	call start
	status_is 1
	stderr_lacks 'took'
	# A guest's own process that cannot be read is alive: its entry stays, and the hook ends. Root's, which libvirt has not noted, is nobody's.
	holds 0
	on_host sh -c 'echo "{\"guest\": \"g\", \"uuid\": \"x\", \"ifindex\": 1, \"since\": 0}" >"$1/incoming-x"' sh "$list"
	# pgrep would read its arguments.
	held=${started[-1]}
	held=$(tr -d ' ' <"/proc/$held/task/$held/children")
	held=$(tr -d ' ' <"/proc/$held/task/$held/children")
	on_host sh -c 'mkdir -p /run/libvirt/qemu && echo "$1" >/run/libvirt/qemu/g.pid' sh "$held"
	bounded "$hook" --clean
	status_is 4
	stderr_has '(guest g) cannot be read'
	on_host ls "$list"
	[[ $output == incoming-x ]] || fail "it is gone"
	on_host rm /run/libvirt/qemu/g.pid
	bounded "$hook" --clean
	status_is 0
	on_host ls "$list"
	no_stdout
}
