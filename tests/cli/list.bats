#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --list as a user types it, on a NIC that exists only in sysfs.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup() {
	sriov_host
	pci=$sys/devices/pci0000:00
	sriov_wire "$sys"
}

# list_is EXPRESSION: of the list d, whose first PF is pf and whose VFs are vfs.
list_is() {
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.json"
	/usr/bin/python3 - "$BATS_TEST_TMPDIR/out.json" "$1" <<'END'
import json, os, sys
d = json.load(open(sys.argv[1]))
pf = d["pfs"][0] if d["pfs"] else None
vfs = pf.get("vfs") if pf else []
kernel = os.uname().release
if not eval(sys.argv[2]):
    sys.exit(f"not {sys.argv[2]}: {json.dumps(d, indent=2)}")
END
}

# bats test_tags=slow
@test "--list: a PF by its netdev, by its device, and by those of a VF" {
	for name in eth0 0000:01:00.0 0000:01:10.6; do
		on_sriov "$sys" "$NFPROBE" --list "$name" --json
		status_is 0
		no_stderr
		list_is 'd["kernel"] == kernel and len(d["pfs"]) == 1 and pf["ifname"] == "eth0" and pf["parentdev"] == "0000:01:00.0"'
		list_is 'pf["bus"] == "pci" and pf["settle_ms"] == 1500 and pf["not_with"] == [] and [v["vf"] for v in vfs] == [0, 1, 2, 3]'
	done
}

# bats test_tags=slow
@test "--list and --audit: what bridges do to their ports" {
	in_bridge() {
		on_sriov "$sys" sh -c 'ip link add br0 type bridge stp_state 1 forward_delay 1500 mcast_snooping 0 && ip link set br0 up &&
			ip link set eth0 master br0 up && ip link set wire0 up && bridge link set dev eth0 isolated on && until bridge link show dev eth0 | grep -qv "state disabled"; do :; done && exec "$@"' sh "$@"
	}
	# Its carrier comes by an event, with which it begins to listen.
	in_bridge "$NFPROBE" --list eth0 --json -q
	status_is 0
	list_is '[n["stp_delay_ms"] for n in d["netdevs"] if n["ifname"] in ("br0", "eth0")] in ([None, 30000], [30000, None])'
	# It listens for 15 s, and learns for 15 s: a loaded machine may need longer than both.
	list_is '[(n["port_state"], n["isolated"]) for n in d["netdevs"] if n["ifname"] == "eth0"] in [[(state, True)] for state in ("listening", "learning", "forwarding")]'
	list_is '[(n["port_state"], n["isolated"], n["snoops"]) for n in d["netdevs"] if n["ifname"] == "br0"] == [(None, False, False)]'
	in_bridge "$NFPROBE" --audit eth0
	stdout_has "stp-delay        remark, eth0: br0 holds each new port back (STP) for 30 s"
	stdout_has "ip link set br0 type bridge stp_state 0"
}

# bats test_tags=slow
@test "--list: where frames of each netdev leave, as a rule that sends one says" {
	on_sriov "$sys" sh -c 'for name in br0 fwbr docker0 alone; do ip link add $name type bridge || exit; done
		ip link set eth0 master br0 && ip link add fwpr type veth peer name fwln && ip link set fwpr master br0 && ip link set fwln master fwbr &&
		ip tuntap add tap100i0 mode tap && ip link set tap100i0 master fwbr && ip tuntap add odd mode tap && ip link set odd master docker0 &&
		ip link add veth1 type veth peer name pod1 && ip link set veth1 master docker0 && ip link add eth1 type veth peer name wire1 &&
		ip link set eth1 master docker0 && exec "$@"' sh "$NFPROBE" --list eth0 --json -q
	status_is 0
	list_is '{n["ifname"]: [(w["ifname"], [b["outer"] for b in w["bridges"]]) for w in n["ways"]] for n in d["netdevs"]}["fwbr"] == [("eth0", ["fwln", "eth0"])]'
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/list.json"
	run env PYTHONPATH="$top/scripts/tools" /usr/bin/python3 -B "$top/tests/python/ways.py" <"$BATS_TEST_TMPDIR/list.json"
	status_is 0
	[[ $output == *'"fwbr"'* ]] || fail "of which: $output"
}

# bats test_tags=slow
@test "--list: a driver that is bound, and not to be found" {
	ln -sfn ../../../bus/pci/drivers/gone "$pci/0000:01:10.0/driver"
	on_sriov "$sys" "$NFPROBE" --list eth0 --json
	status_is 0
	list_is 'vfs[0]["driver"] == "gone" and vfs[0]["driver_version"] is None'
	list_is 'all(vfs[0]["unread"][key] == "No such file or directory" for key in ("driver_version", "net_driver_version"))'
}

# bats test_tags=slow
@test "--list: PFs of one card take turns" {
	mv "$pci/0000:02:00.0" "$pci/0000:01:00.1"
	ln -sfn ../../../devices/pci0000:00/0000:01:00.1 "$sys/class/net/eth1/device"
	echo 7 >"$pci/0000:01:00.1/sriov_totalvfs"
	echo 1 >"$sys/class/net/eth1/type"
	on_wire "$sys" "$NFPROBE" --list --json
	status_is 0
	list_is '{p["ifname"]: p["not_with"] for p in d["pfs"]} == {"eth0": ["eth1"], "eth1": ["eth0"]}'
	on_wire "$sys" "$NFPROBE" --list eth1 --json
	list_is 'len(d["pfs"]) == 1 and pf["ifname"] == "eth1" and pf["not_with"] == ["eth0"]'
}

# bats test_tags=slow
@test "--list: a PF without a netdev, and why so little is known of it" {
	rm -r "$sys/class/net/eth0" "$pci/0000:01:00.0/net"
	on_sriov "$sys" "$NFPROBE" --list --json
	list_is 'd["pfs"] == []' # it is of no class
	on_sriov "$sys" "$NFPROBE" --list 0000:01:00.0 --json
	status_is 0
	list_is 'pf["ifname"] is None and pf["driver"] == "igb" and pf["num_vfs"] == 4 and len(vfs) == 4'
	list_is 'set(pf["unread"]) >= {"firmware", "firmware_versions", "driver_version", "board_id", "l2_fwd_offload"}'
	list_is 'all(v["vlan"] is None and set(v["unread"]) == {"address", "vlan", "trust", "spoofchk", "link_state"} for v in vfs)'
	on_sriov "$sys" "$NFPROBE" --list 0000:01:00.0
	stdout_has '0000:01:00.0  igb     -         4 of 7  igb is bound to it, but it has no netdev'
	on_sriov "$sys" "$NFPROBE" --audit 0000:01:00.0
	status_is 4
	stderr_has '0000:01:00.0 is not here: igb is bound to it, but it has no netdev'
}

# bats test_tags=slow
@test "--list -q looks for no users, and not into /proc" {
	on_sriov "$sys" "$NFPROBE" --list eth0 -q --json
	status_is 0
	list_is 'all(v["use"] is None and v["user"] is None for v in vfs)'
	on_sriov "$sys" "$NFPROBE" --list eth0 -q
	stdout_has 'eth0  VF  address  driver    used by'
	stdout_has '      0   -        igbvf     ?'
	on_sriov "$sys" sh -c 'umount -l /proc && exec "$@"' sh "$NFPROBE" --list eth0 -q --json
	status_is 0
	list_is 'len(vfs) == 4'
	command -v strace >/dev/null || return 0
	on_sriov "$sys" strace -f -o "$BATS_TEST_TMPDIR/trace" "$NFPROBE" --list eth0 -q --json
	! grep '"/proc/' "$BATS_TEST_TMPDIR/trace" | grep -v '/proc/self/status\|/proc/filesystems\|/proc/cmdline\|/proc/sys/' || fail "it looks into /proc"
}

# bats test_tags=slow
@test "--list: neither PF nor VF: 4, and a sentence" {
	for name in eth9 0000:0a:00.0; do
		on_sriov "$sys" "$NFPROBE" --list "$name"
		error_is 4 "there is no interface or device $name" "nfprobe without arguments lists the PFs and VFs of this host."
	done
	on_wire "$sys" "$NFPROBE" --list eth1
	error_is 4 'eth1 is a veth, not an SR-IOV PF'
	on_sriov "$sys" "$NFPROBE" --list 0000:02:00.0 --json
	status_is 4
	list_is 'd["error"]["code"] == "not-a-pf" and d["exit"] == 4 and d["pfs"] == []'
	run --separate-stderr "$NFPROBE" --list ../etc
	usage_error '"../etc" is neither an interface name nor a PCI address'
	run --separate-stderr "$NFPROBE" --list eth0 eth1
	usage_error '"eth1" is one argument too many: "eth0" is the interface already'
}

@test "without --vf: eth0 is listed; a refusal of a run says what was not changed, and what to try" {
	on_sriov "$sys" "$NFPROBE" eth0
	status_is 0
	no_stderr
	[[ $output == "NIC   driver  firmware  VFs     link"$'\n'"eth0  veth    -         4 of 7  down"$'\n\n'"eth0  VF  address  driver    used by"* ]]
	bare=$output
	on_sriov "$sys" "$NFPROBE" --list 0000:01:10.6
	[[ $output == "$bare" ]]
	on_sriov "$sys" "$NFPROBE" eth0 --vf 3
	error_is 4 "eth0 is down" "Nothing was changed. nfprobe does not set a PF up itself, because that has side effects. Try:
    ip link set eth0 up"
	on_sriov "$sys" "$NFPROBE" eht0 --vf 3
	error_is 4 "there is no interface eht0" "Nothing was changed. Did you mean eth0? nfprobe without arguments lists the PFs of this host."
	on_wire "$sys" "$NFPROBE" eth0 --vf 3
	error_is 4 "cannot tell whether VF 3 of eth0 is in use: " "Nothing was changed. No VF of eth0 is idle. Try:
    nfprobe eth0"
	on_wire "$sys" "$NFPROBE" eth0 --vf 9
	error_is 4 "eth0 has no VF 9: it has 4, VF 0 to VF 3" "Nothing was changed. At most 7 can be made."
}

@test "--dry-run: a VF that a run would refuse, and what comes before the first step" {
	on_wire "$sys" "$NFPROBE" eth0 --vf 3 --dry-run
	status_is 4
	no_stderr
	[[ $output == "A run would do nothing. Nothing was changed."$'\n\n'"VF 3 cannot be probed: cannot tell whether VF 3 of eth0"* ]]
	[[ $output == *$'\n  No VF of eth0 is idle.\n    nfprobe eth0' ]]
	# This one is idle; but a veth has no VFs, as the kernel says when a run looks at it.
	rm "$pci/0000:01:10.2/driver"
	on_wire "$sys" "$NFPROBE" eth0 --vf 1 --dry-run --settle 0.3 --allow slow
	status_is 4
	no_stderr
	stdout_has "A run on VF 1 (0000:01:10.2) of eth0 would do this, in order, in about "
	stdout_has "Nothing was changed."
	stdout_has "  bridge+fdb (unless safe: bridge)"
	stdout_has "  # --settle is shorter than 1.5 s"
	stdout_has "  # --allow slow changes nothing without --gap-limit"
	stdout_has "VF 1 cannot be probed: eth0 has no VF 1"
	[[ $output != *"Then restore"* ]]
}

# The users of a VF are found by the open files of all processes, and some may be on a server that is dead.
@test "--list does not wait for a file of another process whose server does not answer" {
	[[ -c /dev/fuse ]] || skip "no FUSE here"
	cat >"$BATS_TEST_TMPDIR/silent.py" <<'END'
import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
fuse, place = os.open("/dev/fuse", os.O_RDWR), sys.argv[1]
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
if libc.mount(b"silent", place.encode(), b"fuse", 0, options.encode()):
    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")
file = os.open(place, os.O_PATH)  # asks the server nothing
listing = subprocess.Popen(sys.argv[2:], start_new_session=True)
try:
    status = listing.wait(60)
finally:
    os.close(fuse)  # else what waits for it could not be killed
sys.exit(status)
END
	mkdir -p "$BATS_TEST_TMPDIR/silent" "$sys/devices/pci0000:00/0000:01:10.6/infiniband_verbs/uverbs0"
	echo 231:192 >"$sys/devices/pci0000:00/0000:01:10.6/infiniband_verbs/uverbs0/dev" # which somebody may have open
	on_sriov "$sys" /usr/bin/python3 "$BATS_TEST_TMPDIR/silent.py" "$BATS_TEST_TMPDIR/silent" "$NFPROBE" --list
	status_is 0
	stdout_has 'eth0  veth    -         4 of 7  down'
}

# a_run: writes the journal of a run on VF 3 of eth0.
a_run() {
	/usr/bin/python3 - >"$BATS_TEST_TMPDIR/journal" <<'END'
import json, zlib
boot = open("/proc/sys/kernel/random/boot_id").read().strip()
vf = {"t": "vf", "vf": 3, "parked": "00:00:00:00:00:00", "parentdev": "0000:01:10.6", "bus": "pci", "driver": "vfio-pci"}
for line in ({"t": "begin", "format": 8, "version": "0", "boot": boot, "pid": 1, "bus": "pci", "parentdev": "0000:01:00.0",
              "ifname": "eth0", "ifindex": 2, "addresses": []}, vf):
    text = json.dumps(line, separators=(",", ":"))
    print(f"{zlib.crc32(text.encode()):08x} {text}")
END
}

# bats test_tags=slow
@test "an altname is a name of the netdev: of the PF, for list, audit and a run, and of --from" {
	# shellcheck disable=SC2016 # expanded by that shell
	named() {
		on_sriov "$sys" sh -c 'ip link property add dev eth0 altname enp1s0f0np0 && ip link property add dev wire0 altname wire && exec "$@"' \
			sh "$NFPROBE" "$@"
	}
	named --list enp1s0f0np0
	status_is 0
	stdout_has "eth0  veth"
	named --audit enp1s0f0np0 -q
	stdout_has "eth0: nothing was found"
	named enp1s0f0np0 --vf 0 --from wire --dry-run
	[[ $output$stderr == *eth0* && $output$stderr != *"no interface"* && $output$stderr != *"no such interface"* ]]
	named --list enp1s0f0np1
	error_is 4 "there is no interface or device enp1s0f0np1"
}

# bats test_tags=slow
@test "--list: the next step is a command, for whoever is not root and where the PF is down" {
	for vf in "$pci"/0000:01:10.?; do rm -f "$vf/driver"; done
	on_wire "$sys" "$NFPROBE"
	stdout_has "Next: nfprobe eth0 --vf 0"
	on_wire "$sys" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$NFPROBE"
	status_is 0
	[[ $output =~ 'Next, as root: nfprobe eth0 --vf '(0|any)$'\n' ]] || fail
	on_sriov "$sys" "$NFPROBE"
	stdout_has "Next: ip link set eth0 up"
}

# with_run COMMAND...: where that journal is there.
with_run() {
	# shellcheck disable=SC2016 # expanded by that shell
	on_sriov "$sys" sh -c '
		mount -t tmpfs none /run && mkdir -m 700 /run/nfprobe && cp "$1" /run/nfprobe/0000:01:00.0.journal &&
		chmod 600 /run/nfprobe/* && shift && ip link set eth0 up && ip link set wire0 up && exec "$@"' sh "$BATS_TEST_TMPDIR/journal" "$@"
}

@test "a VF that an interrupted run left is named, with the command that restores it" {
	a_run
	with_run "$NFPROBE"
	status_is 0
	stdout_has "left by an interrupted run: nfprobe --restore eth0"
	stdout_has "Next: nfprobe --restore eth0"
	with_run "$NFPROBE" --list eth0 --json
	list_is 'vfs[3]["user"] == "left by an interrupted run: nfprobe --restore eth0" and vfs[3]["use"] == "other"'
	list_is '"left" not in str(vfs[:3])'
	with_run "$NFPROBE" --audit
	status_is 1
	stdout_has "interrupted-run  eth0: VF 3: left by an interrupted run"
	stdout_has "                  nfprobe --restore eth0"
	with_run "$NFPROBE" eth0 --vf 0 --dry-run
	error_is 4 "VF 3 of eth0: left by an interrupted run" "nfprobe --restore eth0"
}

@test "a VF that a run is probing is named, and no other of its PF is recommended" {
	a_run
	# shellcheck disable=SC2016 # expanded by that shell
	probing=(sh -c 'echo $$ >/run/nfprobe/0000:01:00.0.lock; exec flock /run/nfprobe/0000:01:00.0.lock "$@"' sh)
	with_run "${probing[@]}" "$NFPROBE"
	status_is 0
	[[ $output == *"being probed (process "* ]]
	[[ $output != *Next:* ]]
	with_run "${probing[@]}" "$NFPROBE" --audit -q
	[[ $output == *"being-probed     remark, eth0: VF 3: being probed (process "* ]]
	with_run "${probing[@]}" "$NFPROBE" eth0 --vf 0 --dry-run
	error_is 4 "VF 3 of eth0: being probed (process" "Wait until that run has finished."
}
