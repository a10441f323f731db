#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The processor time of the libvirt hook: of a start, and of a libvirtd that starts again with 50 guests, whose calls run at the same time.
# Everything counts that these have started: it ends with the PID namespace of the measurement.

# shellcheck disable=SC2016,SC2154

load ../cli/lib/common
load ../cli/lib/sriov
load ../cli/lib/libvirt

setup() {
	export NFPROBE_CONF=$BATS_TEST_TMPDIR/nfprobe.conf
	sriov_stored
	mkdir -p "$sys"/class/net/{br0/lower_eth0,eth0.100/lower_eth0}
	listing
	unset PYTHONDONTWRITEBYTECODE
	echo 'LIBVIRT_HOOK=act' >"$NFPROBE_CONF"
	domain "$(standby 'direct" trustGuestRxFilters="yes' 'dev="eth0" mode="bridge"')" "$(vf interface)" >"$BATS_TEST_TMPDIR/domain.xml"
	hook=$top/scripts/packaging/libvirt/nfprobe-libvirt-hook
}

# cost SCRIPT: prints the seconds of a processor, without those of the shell.
cost() {
	on_sriov "$sys" bash -c 'mount -t tmpfs none /run; "$1" guest start begin - <"$2"; TIMEFORMAT="%U %S"
		time unshare --pid --fork --mount-proc bash -c "$3" sh "$1" "$2"' sh "$hook" "$BATS_TEST_TMPDIR/domain.xml" "$1"
	status_is 0
	awk '{ printf "%.2f s of a processor\n", $1 + $2 }' <<<"$(tail -n 1 <<<"$stderr")"
}

@test "a start" {
	echo "# the hook, a start: $(cost '"$1" guest start begin - <"$2"; true')" >&3
}

@test "a libvirtd that starts again with 50 guests" {
	echo "# the hook, 50 guests at a restart of libvirtd: $(cost '
		for ((i = 0; i < 50; i++)); do "$1" guest reconnect begin - <"$2" & done
		wait
		while flock /run/nfprobe-libvirt-hook.reconnect/lock ls /run/nfprobe-libvirt-hook.reconnect | grep -q "xml$"; do :; done')" >&3
}
