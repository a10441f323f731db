# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Domains as libvirt hands them to a hook (libvirt, formatdomain.rst, "Teaming a virtio/hostdev NIC pair").

# The hook looks for it among all processes, and another test may run beside this one.
read -r uuid </proc/sys/kernel/random/uuid

# domain INTERFACE...: the XML of a guest that has these devices; $machine is its machine.
domain() {
	printf '<domain type="kvm">\n<name>guest</name>\n<uuid>%s</uuid>\n' "$uuid"
	printf '<os><type arch="x86_64" machine="%s">hvm</type></os>\n<devices>\n' "${machine-q35}"
	printf '<emulator>/usr/bin/qemu-system-x86_64</emulator>\n'
	printf '%s\n' "$@"
	printf '</devices>\n</domain>\n'
}

# standby TYPE SOURCE [ELEMENT]: the persistent half; SOURCE is the attributes of <source>.
standby() {
	printf '<interface type="%s"><mac address="00:11:22:33:44:55"/><source %s/>%s<model type="virtio"/>' "$1" "$2" "${3-}"
	printf '<teaming type="persistent"/><alias name="ua-backup0"/></interface>'
}

# vf TAG [BUS SLOT FUNCTION]: the transient half, by address, as an <interface> or a <hostdev>; that of VF 3 by default.
vf() {
	local address="domain=\"0x0000\" bus=\"${2-0x01}\" slot=\"${3-0x10}\" function=\"${4-0x6}\""
	if [[ $1 == interface ]]; then
		printf '<interface type="hostdev" managed="yes"><mac address="00:11:22:33:44:55"/><source><address type="pci" %s/></source>' "$address"
	else
		printf '<hostdev mode="subsystem" type="pci" managed="yes"><source><address %s/></source>' "$address"
	fi
	printf '<teaming type="transient" persistent="ua-backup0"/><address type="pci" bus="0x07" slot="0x00" function="0x0"/></%s>' "$1"
}

# A VF of a pool, before the network driver has chosen it.
pool() {
	printf '<interface type="network"><mac address="00:11:22:33:44:55"/><source network="vfs"/>'
	printf '<teaming type="transient" persistent="ua-backup0"/></interface>'
}

# listing: nfprobe's list has from now on what $sys alone has (listed.py).
listing() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	# shellcheck disable=SC2154 # set by lib/common
	printf '#!/bin/sh\nexec /usr/bin/python3 -I -S %s %s "$@"\n' "$top/tests/cli/lib/listed.py" "$NFPROBE" >"$BATS_TEST_TMPDIR/listed"
	install -m 755 "$BATS_TEST_TMPDIR/listed" "$BATS_TEST_TMPDIR/bin/nfprobe"
	PATH=$BATS_TEST_TMPDIR/bin:$(dirname "$NFPROBE"):$PATH
}

# patient_hook: the hook with limits that no machine reaches, however busy it is.
patient_hook() { limited_hook 'CHECK|HOOK|ACT' 120; }

# hurried_hook: the hook with limits that are short by the clock, where nothing is to come before them.
hurried_hook() {
	limited_hook CHECK 4
	limited_hook HOOK 10
	limited_hook ACT 2
}

# limited_hook WHICH SECONDS: what $hook is from now on.
# shellcheck disable=SC2034 # the tests use it
limited_hook() {
	# shellcheck disable=SC2154 # set by lib/common
	hook=$BATS_TEST_TMPDIR/hook
	printf '%s %s\n' "$1" "$2" >>"$BATS_TEST_TMPDIR/limits"
	{
		printf '#!/usr/bin/python3 -I\nimport sys\nsys.path.insert(0, "%s/scripts/tools")\nfrom nfprobe_tools import hook\n' "$top"
		awk '{ n = split($1, names, "|"); for (i = 1; i <= n; i++) for (what = 0; what < 2; what++) {
			name = names[i] (what ? "_CPU" : "_LIMIT")
			printf "if hasattr(hook, \"%s\"):\n    hook.%s = %s\n", name, name, $2 } }' "$BATS_TEST_TMPDIR/limits"
		echo 'hook.main()'
	} >"$hook"
	chmod 755 "$hook"
}

# host_up: a host with the NIC of sriov_tree in $sys, whose network and /run last for the whole test; its netdev is eth0, and its /mnt this
# tree, which may be in a folder that only its owner enters.
host_up() {
	local up word=
	need_root
	# shellcheck disable=SC2016,SC2154 # expanded by that shell; set by the test
	exec {up}< <(exec "$top/tests/own-host" sh -c '
		ip link add eth0 type veth peer name wire0 && ip link set eth0 up &&
		mount -t tmpfs none /run && mount -t tmpfs none /var/lib && mkdir /var/lib/nfprobe &&
		mount --bind "$1" /var/lib/nfprobe && cat /sys/class/net/eth0/ifindex >"$2/class/net/eth0/ifindex" &&
		mount --bind "$3" /mnt && mount --bind "$2" /sys && echo up && exec tail -f /dev/null >/dev/null 2>&1' sh "$store" "$sys" "$top" 3>&- 2>"$BATS_TEST_TMPDIR/host")
	host_pid=$!
	read -r -t 60 -u "$up" word || true
	exec {up}<&-
	[[ $word == up ]] || fail "the host cannot be set up: $(cat "$BATS_TEST_TMPDIR/host")"
}

host_down() { [[ -z ${host_pid-} ]] || kill "$host_pid" 2>/dev/null || true; }

# on_host COMMAND...: sets what bats' run sets.
on_host() { run --separate-stderr nsenter -t "$host_pid" --net --mount "$@"; }

# knows STYLE ANSWER [WHY]: what is stored of a style from now on: yes, gap (yes, unless the guest is not pinned), no, or nothing (unknown).
knows() {
	# shellcheck disable=SC2154 # set by the test
	local file=$store/pci-0000:01:00.0/$1.json
	case $2 in
	unknown) rm -f "$file" ;;
	yes) sriov_result "$file" "$1" safe ;;
	gap) sriov_result "$file" "$1" gap ;;
	no) sriov_result "$file" "$1" early "${3-}" ;;
	esac
}
