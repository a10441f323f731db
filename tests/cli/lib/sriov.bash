# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An SR-IOV NIC that exists only in a /sys of its own: the PF eth0 (0000:01:00.0, really a veth) with four VFs.

# sriov_tree DIR: makes such a /sys.
sriov_tree() {
	local pci=$1/devices/pci0000:00 vf file
	local -A values=([sriov_totalvfs]=7 [sriov_numvfs]=4 [vendor]=0x8086 [device]=0x10c9
		[subsystem_vendor]=0x8086 [subsystem_device]=0xa04c)
	mkdir -p "$1"/class/net/eth0 "$1"/bus/pci/devices "$1"/bus/pci/drivers/{igb,igbvf,vfio-pci} "$pci/0000:01:00.0/net/eth0"
	for file in "${!values[@]}"; do
		echo "${values[$file]}" >"$pci/0000:01:00.0/$file"
	done
	echo 1 >"$1/class/net/eth0/type" # Ethernet
	ln -s ../../../bus/pci "$pci/0000:01:00.0/subsystem"
	ln -s ../../../bus/pci/drivers/igb "$pci/0000:01:00.0/driver"
	ln -s ../../../devices/pci0000:00/0000:01:00.0 "$1/class/net/eth0/device"
	ln -s ../../../devices/pci0000:00/0000:01:00.0 "$1/bus/pci/devices/0000:01:00.0"
	for vf in 0 1 2 3; do
		file=0000:01:10.$((2 * vf))
		mkdir "$pci/$file"
		ln -s "../$file" "$pci/0000:01:00.0/virtfn$vf"
		ln -s ../0000:01:00.0 "$pci/$file/physfn"
		ln -s ../../../bus/pci "$pci/$file/subsystem"
		ln -s "../../../bus/pci/drivers/$([[ $vf == 0 ]] && echo igbvf || echo vfio-pci)" "$pci/$file/driver"
		ln -s "../../../devices/pci0000:00/$file" "$1/bus/pci/devices/$file"
	done
}

# on_sriov DIR COMMAND...: where DIR is /sys, /var/lib/nfprobe is $store, and /mnt is this tree, which may be in a folder that only its owner
# enters; sets what bats' run sets.
on_sriov() {
	need_root
	local unseen="Resource temporarily unavailable|no time for all of it|more than could be looked at|which guest has the tap of"
	# What others do on this machine may keep nfprobe from seeing all in its time: it says so, and is asked again.
	for _ in 1 2 3 4 5; do
		# shellcheck disable=SC2016,SC2154 # expanded by that shell; the test's own
		run --separate-stderr "$top/tests/own-host" sh -c '
			ip link add eth0 type veth peer name wire0 && mount -t tmpfs none /var/lib &&
			mkdir /var/lib/nfprobe && mount --bind "$1" /var/lib/nfprobe && mount --bind "$2" /mnt && mount --bind "$3" /sys &&
			shift 3 && exec "$@"' sh "$store" "$top" "$@"
		# shellcheck disable=SC2154 # set by run
		[[ $output$stderr =~ $unseen ]] || break
	done
}

# sriov_host: sys and store, a /sys with that NIC and an empty store, in the test's folder, which every user may enter then.
sriov_host() {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store
	mkdir -m 755 "$sys" "$store"
	chmod 755 "$BATS_TEST_TMPDIR"
	sriov_tree "$sys"
}

# sriov_stored: the same, where file is what is stored of VF 3 (sriov_result).
sriov_stored() {
	sriov_host
	file=$store/pci-0000:01:00.0/20261120T100000.123Z-00112233445566778899aabbccddeeff.json
	sriov_result "$file"
}

# sriov_wire DIR: eth1 becomes a netdev of hardware, too, 0000:02:00.0.
sriov_wire() {
	local pci=$1/devices/pci0000:00/0000:02:00.0
	mkdir -p "$1/class/net/eth1" "$pci"
	ln -s ../../../bus/pci "$pci/subsystem"
	ln -s ../../../devices/pci0000:00/0000:02:00.0 "$1/class/net/eth1/device"
	ln -s ../../../devices/pci0000:00/0000:02:00.0 "$1/bus/pci/devices/0000:02:00.0"
}

# on_wire DIR COMMAND...: as on_sriov, where all is up and eth1 is a port of the switch that eth0 is connected to.
on_wire() {
	local dir=$1
	shift
	# shellcheck disable=SC2016 # expanded by that shell
	on_sriov "$dir" sh -c '
		ip link add eth1 type veth peer name wire1 && ip link add switch type bridge &&
		ip link set wire0 master switch && ip link set wire1 master switch &&
		for netdev in switch wire0 wire1 eth0 eth1; do ip link set "$netdev" up || exit; done
		exec "$@"' sh "$@"
}

# sriov_result FILE [STYLE VERDICT [REASON]]: what a run on VF 3 has stored of that NIC, by this kernel: macvtap SAFE and bridge EARLY, or
# this style alone. The verdict gap: safe, of a bridge that may lose a guest for 300 s unless it is pinned.
sriov_result() {
	[[ -d $(dirname "$1") ]] || mkdir -m 755 "$(dirname "$1")"
	sample_documents "$(dirname "$1")" igb
	/usr/bin/python3 - "$@" <<'END'
import json, os, sys
name, *style = sys.argv[1:]
igb = os.path.join(os.path.dirname(name), "igb.json")
result = json.load(open(igb))
os.unlink(igb)
kernel = os.uname().release
vf = result["vf"]
result["run"]["kernel"] = vf["driver_version"] = kernel
# The kernel says this of a veth.
result["pf"].update(driver="veth", driver_version="1.0", firmware=None)
vf.update(trust=None, spoofchk=None)
if style:
    vf["styles"] = vf["styles"][:1]
    gap = style[1] == "gap"
    vf["styles"][0].update(style=style[0], verdict="safe" if gap else style[1], reason="".join(style[2:]) or None)
    if gap:
        vf["styles"][0].update(bridge_verdict="safe", bridge_gap_ms=300000, uplink_hears_vf="yes")
        result["conditions"].append({**result["conditions"][0], "style": style[0], "code": "pinned-at-tap", "for": ["all"], "without": "gap",
                                     "words": "pin its guests, or up to 300 s are lost after unplug", "met_by": []})
json.dump(result, open(name, "w"))
END
	chmod 644 "$1"
}
