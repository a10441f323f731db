#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --check as a user types it, on a NIC that exists only in sysfs. Which result counts is tested in tests/unit/test_check.c.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup() {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store
	file=$store/pci-0000:01:00.0.json
	mkdir -m 755 "$sys" "$store"
	chmod 755 "$BATS_TEST_TMPDIR"
	sriov_tree "$sys"
	sriov_store "$file"
}

check() { on_sriov "$sys" "$NFPROBE" --check "$@"; }

# change KEY VALUE: of the PF, in every stored result.
change() {
	/usr/bin/python3 - "$file" "$@" <<'END'
import json, sys
name, key, value = sys.argv[1:]
store = json.load(open(name))
for entry in store["entries"]:
    entry["pf"][key] = value
json.dump(store, open(name, "w"))
END
}

@test "--check: 0 safe, 1 not safe, by netdev, PF and VF" {
	for name in eth0 0000:01:00.0 0000:01:10.6; do
		check "$name" --style macvtap
		status_is 0
		no_stderr
		stdout_has 'macvtap  SAFE'
		stdout_has 'VF 3, frames from eth1 (wire), no VLAN, 2026-11-20T10:00:00.123Z'
		check "$name" --style bridge
		status_is 1
		stdout_has 'bridge  EARLY  eth0 gives the address to VF 3'
		check "$name" -q
		status_is 1
		[[ $(wc -l <<<"$output") == 2 ]]
	done
	stdout_has 'macvtap  SAFE'
}

@test "--check: without privileges, and the same" {
	on_sriov "$sys" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all \
		"$NFPROBE" --check 0000:01:10.6 --style macvtap
	status_is 0
	no_stderr
	stdout_has 'macvtap  SAFE'
}

@test "--check: 3, and what is not as it was" {
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	check eth0 --style macvtap
	status_is 3
	stdout_has 'macvtap  NOT PROVEN  number of VFs was 4, is 7'
	stdout_has 'SAFE when tested: VF 3'
	stdout_has 'To find out: nfprobe eth0 --vf N --save'
	echo 4 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	check eth0 --style macvtap
	status_is 0
	change firmware 2.1.0
	check eth0 --style macvtap
	status_is 3
	stdout_has 'firmware was 2.1.0, is unknown'
	change firmware ''
	check eth0 --style macvtap --max-age 1
	status_is 3
	stdout_has 'it is older than 1 day'
}

@test "--check: 3 where a driver cannot be asked for its versions" {
	rmdir "$sys/devices/pci0000:00/0000:01:00.0/net/eth0"
	check 0000:01:10.6 --style macvtap
	status_is 3
	stdout_has 'and cannot be read now'
}

@test "--check: 3 where nothing is stored" {
	check 0000:01:10.4 --style macvtap
	status_is 3
	stdout_has 'nothing is stored for VF 2, only for others, such as VF 3'
	stdout_has 'To find out: nfprobe eth0 --vf 2 --save'
	check eth0 --vlan 100 -q
	status_is 3
	stdout_has 'macvtap  NOT PROVEN  nothing is stored'
	rm "$file"
	check eth0
	status_is 3
	no_stderr
}

@test "--check: 3 and a sentence where the file cannot be used" {
	echo '{' >"$file"
	check eth0
	error_is 3 'cannot use /var/lib/nfprobe/pci-0000:01:00.0.json: it is damaged' 'nfprobe does not replace it'
	check eth0 --json
	status_is 3
	valid_stdout nfprobe-check-2
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"], d["exit"]') == "('input', 3)" ]]
	[[ $(<"$file") == '{' ]]
}

@test "--check: 4 where there is no such PF or VF" {
	check nosuch0
	error_is 4 'there is no interface or device nosuch0' 'nfprobe --list shows the PFs and VFs of this host'
	check nosuch0 --json
	status_is 4
	valid_stdout nfprobe-check-2
}

@test "--check: JSON, on standard output and in a file; another folder" {
	check eth0 --json
	status_is 1
	no_stderr
	valid_stdout nfprobe-check-2
	[[ $(json "$BATS_TEST_TMPDIR/out.json" '[s["safe"] for s in d["styles"]], d["vf"]') == "(['yes', 'no'], None)" ]]
	mv "$store" "$BATS_TEST_TMPDIR/elsewhere"
	mkdir "$store"
	check eth0
	status_is 3
	on_sriov "$sys" "$NFPROBE" --check="$BATS_TEST_TMPDIR/elsewhere" eth0 --style macvtap --json="$BATS_TEST_TMPDIR/file.json"
	status_is 0
	stdout_has 'macvtap  SAFE'
	[[ $(json "$BATS_TEST_TMPDIR/file.json" 'd["exit"]') == 0 ]]
	on_sriov "$sys" "$NFPROBE" --check="$BATS_TEST_TMPDIR/none" eth0
	status_is 3
	stdout_has "Note: there is no folder $BATS_TEST_TMPDIR/none"
	[[ ${output//$'\n  '/ } == *"To find out: nfprobe eth0 --vf N --save=$BATS_TEST_TMPDIR/none"* ]]
}

@test "--list: the stored verdict, and whether it still counts" {
	on_sriov "$sys" "$NFPROBE" --list
	status_is 0
	stdout_has 'stored: macvtap SAFE, VF 3, 2026-11-20'
	stdout_has 'stored: bridge EARLY, VF 3, 2026-11-20'
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	on_sriov "$sys" "$NFPROBE" --list eth0
	status_is 0
	stdout_has 'stored: macvtap SAFE, VF 3, 2026-11-20; stale: number of VFs was 4, is 7'
	echo '{' >"$file"
	on_sriov "$sys" "$NFPROBE" --list
	status_is 0
	stdout_has 'stored: cannot use /var/lib/nfprobe/pci-0000:01:00.0.json: it is damaged'
	on_sriov "$sys" "$NFPROBE" --list --json
	status_is 0
	valid_stdout nfprobe-list-2
	rm "$file"
	on_sriov "$sys" "$NFPROBE" --list
	status_is 0
	[[ $output != *stored* ]] || fail "nothing is stored"
}

@test "--check: what is typed wrongly" {
	nfprobe --check
	usage_error 'no PF or VF is named: nfprobe --check PF, or the PCI address of a VF' 'nfprobe --list shows them'
	nfprobe --check a/b
	usage_error '"a/b" is neither an interface name nor a PCI address'
	nfprobe --check= eth0
	usage_error '--check= names no folder'
	nfprobe --check eth0 --vf 3
	usage_error '--vf makes no sense with --check' 'name the VF in place of the PF, by its device, such as 0000:01:10.6; nfprobe --list shows it'
	nfprobe --check eth0 --list
	usage_error '--list, --check, --restore, --reflect, --read and --dry-run do not go together'
	nfprobe --check eth0 --max-age 0
	usage_error '--max-age 0 is out of range: it takes 1 to 36500'
	nfprobe eth0 --vf 3 --max-age 30
	usage_error '--max-age makes no sense with a run'
}

# served LIST-COMMAND: --check where the libvirt hook has added an entry for a guest, after a command in its list's folder.
served() {
	cat >"$BATS_TEST_TMPDIR/served" <<END
mount -t tmpfs none /run && mkdir -m 700 /run/nfprobe-libvirt-hook && cd /run/nfprobe-libvirt-hook
echo '{"guest": "web1"}' >0000:01:00.0-52:54:00:00:00:07
: >0000:01:00.0-52:54:00:00:00:08
$1
exec timeout 60 "$NFPROBE" --check eth0 --style macvtap
END
	on_sriov "$sys" sh -e "$BATS_TEST_TMPDIR/served"
}

@test "--check: the list of the libvirt hook counts only if it is root's own" {
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
	stdout_has '0000:01:00.0'
}
