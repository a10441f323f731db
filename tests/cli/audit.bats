#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --audit as a user types it, on a NIC that exists only in sysfs and has no VFs.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup() {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store
	mkdir -m 755 "$sys" "$store"
	chmod 755 "$BATS_TEST_TMPDIR"
	sriov_tree "$sys"
	echo 0 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	all=0
	[[ $(readlink /proc/self/ns/pid) == "pid:[4026531836]" ]] || all=3
}

# on_host COMMAND...: a machine may hide what some processes have from root, too: those are not there.
on_host() {
	# shellcheck disable=SC2016 # expanded by that shell
	on_sriov "$sys" sh -c 'mount -t proc -o hidepid=2,gid=65534 none /proc && exec "$@"' sh "$@"
}

# left COMMAND...: where a guest's macvtap on eth0 was left, and somebody beside it knows its address.
left() {
	# shellcheck disable=SC2016 # expanded by that shell
	on_host sh -c '
		ip link set eth0 up && ip link set wire0 up &&
		ip link add link eth0 name tap0 address 52:54:00:00:00:77 type macvtap mode bridge && ip link set tap0 up &&
		ip link add link eth0 name net1 type macvlan mode bridge && ip link set net1 up && ip addr add 192.0.2.1/24 dev net1 &&
		ip neigh add 192.0.2.7 lladdr 52:54:00:00:00:77 dev net1 && exec "$@"' sh "$@"
}

@test "--audit: nothing is wrong" {
	on_host "$NFPROBE" --audit
	status_is "$all"
	no_stderr
	stdout_has "eth0: nothing was found"
	on_host "$NFPROBE" --audit eth0 --json="$BATS_TEST_TMPDIR/file"
	status_is "$all"
	valid audit "$BATS_TEST_TMPDIR/file"
	[[ $(json "$BATS_TEST_TMPDIR/file" 'd["findings"], d["pfs"], d["exit"]') == "([], [{'ifname': 'eth0', 'parentdev': '0000:01:00.0'}], $all)" ]]
}

# bats test_tags=slow
@test "--audit: a macvtap whose guest has gone, and the command that mends it" {
	left "$NFPROBE" --audit
	if ((all)); then
		# Its guest may be in another PID namespace.
		status_is "$all"
		stdout_has "eth0: no findings, 1 remark, and not everything was seen"
		return
	fi
	status_is 1
	no_stderr
	stdout_has "idle-address     eth0: nobody uses tap0"
	stdout_has "                   ip link set tap0 down"
	left "$NFPROBE" --audit --json
	status_is 1
	valid_stdout audit
	[[ $(json "$BATS_TEST_TMPDIR/out.json" '[(f["code"], f["remark"]) for f in d["findings"]], d["exit"]') == \
		"([('idle-address', False), ('macvtap-groups', True)], 1)" ]]
	command=$(json "$BATS_TEST_TMPDIR/out.json" '" ".join(d["findings"][0]["commands"][0])')
	left sh -c "$command && exec \"$NFPROBE\" --audit -q"
	status_is "$all"
	stdout_has "macvtap-groups   remark, eth0:"
	stdout_has "eth0: no findings, 1 remark"
}

# bats test_tags=slow
@test "--audit --accept: what is accepted is shown, and does not count" {
	left "$NFPROBE" --audit --accept idle-address:tap0
	status_is "$all"
	if ((!all)); then
		stdout_has "idle-address     accepted, eth0: nobody uses tap0"
		stdout_has "eth0: no findings but 1 accepted, 1 remark"
	fi
	left "$NFPROBE" --audit --accept idle-address:net1 --accept same-address -q
	status_is $((all ? 3 : 1))
	on_host "$NFPROBE" --audit --accept idle
	status_is 2
	[[ $stderr == *"--accept idle: there is no such finding"* || $output == *"--accept idle: there is no such finding"* ]]
	nfprobe --list --accept idle-address
	usage_error "--accept makes no sense with --list"
}

@test "--audit: a macvtap that is open has a guest" {
	# shellcheck disable=SC2016 # expanded by that shell
	left bash -c 'read -r index < <(ip -o link show tap0 | cut -d: -f1) && major=$(sed -n "s/ *macvtap$//p" /proc/devices) &&
		mount -t tmpfs none /dev && mknod "/dev/tap$index" c "$major" 1 && exec 9<>"/dev/tap$index" || exit 99
		"$1" --audit; status=$?; exec 9>&-; exit $status' sh "$NFPROBE"
	status_is "$all"
	stdout_has "eth0: no findings, 1 remark"
}

# bats test_tags=slow
@test "--audit: without rights it says what it could not see, and with which it could" {
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all "$NFPROBE" --audit)
	# The same user's processes in other namespaces would be found, too: there is one other process, and it is root's.
	# shellcheck disable=SC2016 # expanded by that shell
	local beside_root=(unshare --pid --fork --kill-child --mount-proc sh -c 'sleep infinity >/dev/null 2>&1 & exec "$@"' sh)
	# shellcheck disable=SC2016 # expanded by that shell
	on_sriov "$sys" "${beside_root[@]}" sh -c 'mount -t tmpfs none /run && mkdir -m 700 /run/nfprobe && exec "$@"' sh \
		"${nobody[@]}" --json
	status_is 3
	valid_stdout audit
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'sorted({u["needs"] for u in d["unread"]})') == "['CAP_SYS_PTRACE', 'root']" ]]
	on_sriov "$sys" "${beside_root[@]}" "${nobody[@]}"
	stdout_has "not seen         what each process of this host has open, which needs"
	stdout_has "eth0: nothing was found, but not everything was seen"
}

# bats test_tags=slow
@test "--audit: no PF, no such PF, and options that mean nothing: a sentence each" {
	alone --audit
	error_is 4 "this host has no SR-IOV PF" "DIAGNOSTICS in nfprobe(8)"
	alone --audit --json
	status_is 4
	valid_stdout audit
	on_host "$NFPROBE" --audit eth0 eth9
	error_is 4 "there is no interface or device eth9"
	nfprobe --audit eth0 --rate 100
	usage_error "--rate makes no sense with --audit"
	nfprobe --audit a/b
	usage_error "\"a/b\" is neither an interface name nor a PCI address"
}
