#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The libvirt hook: what libvirt would hand it, on a NIC that exists only in sysfs. macvtap is SAFE there, bridge EARLY.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov
load lib/libvirt

trusting='direct" trustGuestRxFilters="yes' # an interface's type, and its attribute

setup() {
	export NFPROBE_CONF=$BATS_TEST_TMPDIR/nfprobe.conf
	sriov_stored
	patient_hook
	mkdir -p "$sys"/class/net/{br0/lower_eth0,eth0.100/lower_eth0,br2/lower_eth0.100,ovs-system/lower_eth0,ovsbr0}
	listing
}

# call OPERATION DEVICE...: the hook, for a guest with these devices.
call() {
	local operation=$1
	shift
	domain "$@" >"$BATS_TEST_TMPDIR/domain.xml"
	on_sriov "$sys" sh -c 'ip link set eth0 up && exec "$1" guest "$2" begin - <"$3"' sh "$hook" "$operation" "$BATS_TEST_TMPDIR/domain.xml"
	no_stdout
}

refuse() { echo 'LIBVIRT_HOOK=refuse' >"$NFPROBE_CONF"; }

passes() {
	call "$@"
	status_is 0
	no_stderr
}

warns() {
	local what=$1
	shift
	call start "$@"
	status_is 0
	stderr_has "nfprobe: guest guest is not fit for failover: $what"
	passes prepare "$@"
}

@test "a pair that is safe passes, whatever is configured" {
	for conf in warn refuse; do
		echo "LIBVIRT_HOOK=$conf" >"$NFPROBE_CONF"
		for vf in "$(vf interface)" "$(vf hostdev)"; do
			passes prepare "$(standby "$trusting" 'dev="eth0" mode="bridge"')" "$vf"
			passes start "$(standby "$trusting" 'dev="eth0" mode="bridge"')" "$vf"
			passes start "$(standby "$trusting" 'dev="eth0.100" mode="private"')" "$vf"
		done
	done
}

@test "a macvtap that lacks what IPv6 needs: a warning, or refused, unless guests have no IPv6" {
	local lacks="SAFE; IPv6: set trustGuestRxFilters: the XML lacks trustGuestRxFilters='yes' (nfprobe-check 0000:01:00.0 --style macvtap)"
	warns "VF 0000:01:10.6 of eth0, standby on a macvtap of eth0: $lacks" "$(standby direct 'dev="eth0" mode="bridge"')" "$(vf interface)"
	refuse
	call prepare "$(standby direct 'dev="eth0" mode="bridge"')" "$(vf interface)"
	status_is 1
	stderr_has "$lacks"
	echo LIBVIRT_IPV6=no >>"$NFPROBE_CONF"
	for operation in prepare start; do
		passes "$operation" "$(standby direct 'dev="eth0" mode="bridge"')" "$(vf interface)"
	done
}

@test "a machine whose QEMU never gives the guest its VF: a warning, or refused" {
	local pair=("$(standby "$trusting" 'dev="eth0" mode="bridge"')" "$(vf interface)")
	machine=pc-i440fx-9.2 warns 'VF 0000:01:10.6 of eth0, standby on a macvtap of eth0: no pair: machine pc-i440fx-9.2 has no PCI Express' \
		"${pair[@]}"
	refuse
	machine=pc-i440fx-9.2 call prepare "${pair[@]}"
	status_is 1
	stderr_has "no PCI Express, and QEMU then refuses the VF of a pair once the guest's driver asks for it: the guest runs, and never gets it"
	machine=pc-q35-9.2 passes start "${pair[@]}"
	machine='' call start "${pair[@]}"
	status_is 0
	stderr_has 'not known whether guest guest is fit for failover'
	stderr_has 'the XML has no machine in <type>'
}

@test "a pair that is not safe: a warning, at start alone" {
	for vf in "$(vf interface)" "$(vf hostdev)"; do
		warns 'VF 0000:01:10.6 of eth0, standby on bridge br0: EARLY: VF 3 takes the address' \
			"$(standby bridge 'bridge="br0"')" "$vf"
		warns 'VF 0000:01:10.6 of eth0, standby on bridge br2: EARLY' "$(standby bridge 'bridge="br2"')" "$vf"
		warns 'VF 0000:01:10.6 of eth0, standby on bridge ovsbr0: EARLY' \
			"$(standby bridge 'bridge="ovsbr0"' '<virtualport type="openvswitch"/>')" "$vf"
	done
}

@test "a pair that is not safe: refused at prepare, where that is configured" {
	refuse
	for operation in prepare start; do
		call "$operation" "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		status_is 1
		stderr_has 'nfprobe: guest guest is not fit for failover: VF 0000:01:10.6 of eth0, standby on bridge br0: EARLY'
	done
	echo 'LIBVIRT_HOOK = "refuse" ' >"$NFPROBE_CONF"
	call prepare "$(standby bridge 'bridge="br0"')" "$(vf hostdev)"
	status_is 1
}

@test "a bridge that is safe for a guest that is pinned: a warning, and refused only by a limit" {
	local gap='up to 300 s are lost after unplug, until it sends; to pin it, once it runs here: bridge fdb replace 00:11:22:33:44:55 dev TAP'
	knows bridge gap
	rm "$file"
	for conf in warn refuse; do
		echo "LIBVIRT_HOOK=$conf" >"$NFPROBE_CONF"
		passes prepare "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		status_is 0
		stderr_has "nfprobe: guest guest is fit for failover, but not pinned: VF 0000:01:10.6 of eth0, standby on bridge br0: $gap"
	done
	# The limit is that of a gap, in milliseconds.
	echo 'LIBVIRT_GAP_LIMIT=300000' >>"$NFPROBE_CONF"
	passes prepare "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	sed -i 's/300000/299999/' "$NFPROBE_CONF"
	for operation in prepare start; do
		call "$operation" "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		status_is 1
		stderr_has 'is not fit for failover: VF 0000:01:10.6 of eth0, standby on bridge br0: SAFE: the bridge learns where the guest is'
		stderr_has 'for up to 300 s, and --gap-limit is 299.999 s'
	done
	echo 'LIBVIRT_GAP_LIMIT=1s' >>"$NFPROBE_CONF"
	call prepare "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 0
	stderr_has 'LIBVIRT_GAP_LIMIT is 1s, not 1 to 600000 milliseconds: no gap is too long'
	# A port that does not learn: the guest is pinned, though no run has a row of that.
	mkdir "$sys/class/net/eth0/brport"
	echo 0 >"$sys/class/net/eth0/brport/learning"
	printf 'LIBVIRT_HOOK=refuse\nLIBVIRT_GAP_LIMIT=1000\n' >"$NFPROBE_CONF"
	for operation in prepare start; do
		passes "$operation" "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	done
}

@test "what is stored in another schema refuses nobody, and the log names the run that makes a new result" {
	refuse
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 1
	sed -i 's/"schema": *[0-9]*/"schema": 4/' "$file"
	passes prepare "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 0
	stderr_has "$(printf '%s' 'nfprobe: not known whether guest guest is fit for failover: VF 0000:01:10.6 of eth0, standby on bridge br0: ' \
		'stored as schema 4, which this version does not read: nfprobe eth0 --vf any --style bridge --save makes a new one')"
}

@test "no pair: said before any verdict, refused where that is configured" {
	local wrong pair='VF 0000:01:10.6 of eth0, standby on a macvtap of eth0: no pair: '
	# macvtap is SAFE here: the NIC is not at fault.
	wrong=$(vf interface | sed 's,</source>,&<vlan><tag id="100"/></vlan>,')
	warns "${pair}the VF is in VLAN 100, and its standby on eth0 in no VLAN of eth0" "$(standby direct 'dev="eth0" mode="bridge"')" "$wrong"
	refuse
	for operation in prepare start; do
		call "$operation" "$(standby direct 'dev="eth0" mode="bridge"')" "$wrong"
		status_is 1
		stderr_has "nfprobe: guest guest is not fit for failover: $pair"
	done
}

@test "nothing passes on the standby now: said with the command, and refused where that is configured" {
	local pair=("$(standby bridge 'bridge="br0"')" "$(vf interface)")
	sriov_result "$store/pci-0000:01:00.0/bridge.json" bridge safe
	passes start "${pair[@]}"
	touch "$sys/class/net/br0/down"
	warns 'VF 0000:01:10.6 of eth0, standby on bridge br0: nothing passes on its standby now: br0 is down (ip link set br0 up); SAFE' "${pair[@]}"
	refuse
	call prepare "${pair[@]}"
	status_is 1
	stderr_has 'br0 is down (ip link set br0 up)'
	rm "$sys/class/net/br0/down"
	passes start "${pair[@]}"
}

@test "a VF from a pool: judged at start, when libvirt says which it is" {
	refuse
	passes prepare "$(standby network 'network="lan"')" "$(pool)"
	# The guest is then shown like this: the type is that of the network's port.
	call start "$(standby bridge 'network="lan" portid="b6b0f2f4-0000-4000-8000-000000000000" bridge="br0"')" "$(vf interface)"
	status_is 1
	stderr_has 'VF 0000:01:10.6 of eth0, standby on bridge br0: EARLY'
	# A network that libvirt routes keeps its type.
	call start "$(standby network 'network="default" bridge="br2"')" "$(vf interface)"
	status_is 1
	stderr_has 'standby on bridge br2: EARLY'
	passes start "$(standby "$trusting" 'network="lan" dev="eth0" mode="bridge"')" "$(vf interface)"
}

@test "everything else passes, and is not read" {
	refuse
	for operation in started stopped release migrate restore reconnect attach nonsense; do
		passes "$operation" "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	done
	passes start
	passes start "$(vf interface)"
	passes start "$(standby bridge 'bridge="br0"')"
	passes start "$(standby user 'dev="eth0"')" "$(vf interface)"
	# Not a VF, and one that this host does not have.
	passes start "$(standby bridge 'bridge="br0"')" "$(vf hostdev 0x01 0x00 0x0)"
	passes start "$(standby bridge 'bridge="br0"')" "$(vf hostdev 0x09 0x00 0x0)"
}

@test "not known: said, never refused" {
	refuse
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	guest=("$(standby bridge 'bridge="br0"')" "$(vf interface)")
	passes prepare "${guest[@]}"
	call start "${guest[@]}"
	status_is 0
	stderr_has 'nfprobe: not known whether guest guest is fit for failover: VF 0000:01:10.6 of eth0, standby on bridge br0:'
	stderr_has 'number of VFs was 4, is 7 (nfprobe-check 0000:01:00.0 --style bridge)'
	rm "$file"
	call start "${guest[@]}"
	status_is 0
	stderr_has 'nothing is stored'
	echo '{' >"$file"
	call start "${guest[@]}"
	status_is 0
	stderr_has 'it is damaged'
}

@test "an error of its own lets the guest start, and says so" {
	refuse
	for text in '' 'not XML' '<domain><devices>' '<domain/>'; do
		printf '%s' "$text" >"$BATS_TEST_TMPDIR/domain.xml"
		on_sriov "$sys" sh -c 'exec "$1" guest start begin - <"$2"' sh "$hook" "$BATS_TEST_TMPDIR/domain.xml"
		status_is 0
		[[ $text == '<domain/>' ]] || stderr_has 'nfprobe: no guest is judged: ParseError'
	done
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface 0xzz)"
	status_is 0
	stderr_has 'ValueError'
	printf 'LIBVIRT_HOOK=maybe\nLIBVIRT_IPV6=perhaps\n' >"$NFPROBE_CONF"
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 0
	stderr_has 'LIBVIRT_HOOK is maybe, not warn, refuse or act'
	stderr_has 'LIBVIRT_IPV6 is perhaps, not yes or no'
}

@test "nfprobe that is missing, fails or does not end" {
	refuse
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
	if ! command -v nfprobe /usr/sbin/nfprobe /usr/local/sbin/nfprobe; then
		call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		status_is 0
		stderr_has 'there is no nfprobe in PATH'
	fi
	for body in 'exit 4' 'echo "{}"' 'echo "[]"' 'kill -9 $$' 'exec tail -f /dev/null'; do
		[[ $body != *tail* ]] || hurried_hook
		printf '#!/bin/sh\n%s\n' "$body" >"$BATS_TEST_TMPDIR/bin/nfprobe"
		chmod 755 "$BATS_TEST_TMPDIR/bin/nfprobe"
		call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
		status_is 0
		stderr_has 'nfprobe: '
	done
	stderr_has '--list --json -q -- 0000:01:10.6 took too long'
}

@test "without nfprobe-tools, the guest starts, and the log says why nothing is known" {
	refuse
	mkdir -p "$BATS_TEST_TMPDIR/a/b"
	cp "$top/scripts/packaging/libvirt/nfprobe-libvirt-hook" "$BATS_TEST_TMPDIR/a/b/hook"
	hook=$BATS_TEST_TMPDIR/a/b/hook
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 0
	stderr_has 'no guest is judged: nfprobe-tools, which judges what is stored, cannot be used: No module named'
}

@test "an error about one pair does not hide another that is not safe" {
	refuse
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\n[ "$5" != 0000:01:10.4 ] || exit 4\nexec sh "%s" "$@"\n' "$BATS_TEST_TMPDIR/listed" >"$BATS_TEST_TMPDIR/bin/nfprobe"
	chmod 755 "$BATS_TEST_TMPDIR/bin/nfprobe"
	PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface 0x01 0x10 0x4)" "$(vf interface)"
	status_is 1
	stderr_has 'guest guest is not fit for failover: VF 0000:01:10.6'
}

@test "checks that hang do not keep another pair from being refused" {
	refuse
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	hurried_hook
	printf '#!/bin/sh\n[ "$5" = 0000:01:10.6 ] || exec tail -f /dev/null\nexec sh "%s" "$@"\n' "$BATS_TEST_TMPDIR/listed" >"$BATS_TEST_TMPDIR/bin/nfprobe"
	chmod 755 "$BATS_TEST_TMPDIR/bin/nfprobe"
	PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface 0x01 0x10 0x0)" "$(vf interface 0x01 0x10 0x2)" \
		"$(vf interface 0x01 0x10 0x4)" "$(vf interface)"
	status_is 1
	stderr_has 'guest guest is not fit for failover: VF 0000:01:10.6'
}

@test "the XML is never sent: it ends all the same" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	hurried_hook
	run --separate-stderr sh -c '"$1" guest start begin - <>"$2"' sh "$hook" "$BATS_TEST_TMPDIR/fifo"
	status_is 0
	stderr_has 'it took longer than 10 s: no guest is judged (the XML of libvirt)'
	# Who is told to refuse does not let a guest start that it has not judged, nor does it kill one that runs.
	refuse
	run --separate-stderr sh -c '"$1" guest start begin - <>"$2"' sh "$hook" "$BATS_TEST_TMPDIR/fifo"
	status_is 1
	stderr_has 'it took longer than 10 s: refused (the XML of libvirt)'
	echo LIBVIRT_HOOK=act >"$NFPROBE_CONF"
	run --separate-stderr sh -c '"$1" guest reconnect begin - <>"$2"' sh "$hook" "$BATS_TEST_TMPDIR/fifo"
	status_is 0
	stderr_has 'it took longer than 10 s: no guest is judged (the XML of libvirt)'
}

@test "a limit of processor time, whatever the clock says: of the hook, and of what it runs" {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nwhile :; do :; done\n' >"$BATS_TEST_TMPDIR/bin/nfprobe"
	chmod 755 "$BATS_TEST_TMPDIR/bin/nfprobe"
	PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
	limited_hook PROGRAM 1
	call start "$(standby bridge 'bridge="br0"')" "$(vf interface)"
	status_is 0
	stderr_has '--list --json -q -- 0000:01:10.6 took more than 1 s of a processor'
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	limited_hook HOOK 0
	sed -i 's/hook.HOOK_LIMIT = 0$/hook.HOOK_LIMIT = 120/' "$hook"
	run --separate-stderr sh -c '"$1" guest start begin - <>"$2"' sh "$hook" "$BATS_TEST_TMPDIR/fifo"
	status_is 0
	stderr_has 'it took more than 0 s of a processor: no guest is judged'
}

@test "the log has what it says" {
	need_root
	domain "$(standby bridge 'bridge="br0"')" "$(vf interface)" >"$BATS_TEST_TMPDIR/domain.xml"
	on_sriov "$sys" /usr/bin/python3 -c '
import socket, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
subprocess.run(["mknod", "/dev/null", "c", "1", "3"], check=True)
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
subprocess.run([sys.argv[1], "guest", "start", "begin", "-"], stdin=open(sys.argv[2]), stderr=subprocess.DEVNULL, check=True)
print(log.recv(4096).decode())' "$hook" "$BATS_TEST_TMPDIR/domain.xml"
	status_is 0
	# Facility daemon (3), severity warning (4): 3 * 8 + 4.
	[[ $output == '<28>'*'nfprobe-libvirt-hook: guest guest is not fit for failover: VF 0000:01:10.6'* ]] || fail "not in the log"
}

# The calls of a libvirtd that starts again, by the script itself.
@test "a libvirtd that starts again: one process judges all guests, and reads the host once" {
	need_root
	echo 'LIBVIRT_HOOK=act' >"$NFPROBE_CONF"
	for name in 1 2 3 4 5; do
		domain "$(standby bridge 'bridge="br0"')" "$(vf interface)" | sed "s/<name>guest/<name>g$name/" >"$BATS_TEST_TMPDIR/$name.xml"
	done
	mv "$BATS_TEST_TMPDIR/bin/nfprobe" "$BATS_TEST_TMPDIR/bin/listed"
	printf '#!/bin/sh\necho read >>"%s"\nexec "%s" "$@"\n' "$BATS_TEST_TMPDIR/reads" "$BATS_TEST_TMPDIR/bin/listed" >"$BATS_TEST_TMPDIR/bin/nfprobe"
	chmod 755 "$BATS_TEST_TMPDIR/bin/nfprobe"
	on_sriov "$sys" sh -c 'mount -t tmpfs none /run && mkdir /run/nfprobe-libvirt-hook.reconnect && cd /run/nfprobe-libvirt-hook.reconnect &&
		: >lock && exec 9<lock && flock -n 9 || exit
		for name in 1 2 3 4; do "$1" g$name reconnect begin - <"$2/$name.xml" 9<&- || exit; done
		echo left: $(ls | grep -c "xml$")
		[ ! -e "$2/reads" ] || exit
		flock -u 9
		"$1" g5 reconnect begin - <"$2/5.xml" 9<&- || exit
		while flock lock ls | grep -q "xml$"; do :; done
		flock lock echo left: $(ls | grep -c "xml$")' sh "$top/scripts/packaging/libvirt/nfprobe-libvirt-hook" "$BATS_TEST_TMPDIR"
	status_is 0
	no_stderr
	[[ $output == "left: 4"$'\n'"left: 0" ]] || fail "$output"
	[[ $(cat "$BATS_TEST_TMPDIR/reads") == read ]] || fail "the host was read $(wc -l <"$BATS_TEST_TMPDIR/reads") times"
}

@test "a libvirtd that starts again, where the hook only warns: nothing is left" {
	need_root
	domain "$(standby bridge 'bridge="br0"')" "$(vf interface)" >"$BATS_TEST_TMPDIR/domain.xml"
	on_sriov "$sys" sh -c 'mount -t tmpfs none /run && "$1" guest reconnect begin - <"$2" && cd /run/nfprobe-libvirt-hook.reconnect &&
		while flock lock ls | grep -q "xml$"; do :; done' sh "$top/scripts/packaging/libvirt/nfprobe-libvirt-hook" "$BATS_TEST_TMPDIR/domain.xml"
	status_is 0
	no_stderr
	no_stdout
}
