#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The service and the timer, as they are installed: what systemd says of them, and when the service runs.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov

setup_file() { make -s -C "$top" BUILD="$(dirname "$NFPROBE")" prefix=/usr DESTDIR="$BATS_FILE_TMPDIR/root" install >&2; }

setup() {
	root=$BATS_TEST_TMPDIR/root units=$BATS_TEST_TMPDIR/root/usr/lib/systemd/system
	cp -a "$BATS_FILE_TMPDIR/root" "$root"
}

# The root of a system that has nfprobe: the programs that the units run, and the targets that they name.
furnish() {
	mkdir -p "$root/bin"
	cp /bin/sh "$root/bin/"
	cp /usr/lib/systemd/system/*.target "$units/"
}

@test "systemd-analyze verify finds nothing" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	furnish
	run --separate-stderr systemd-analyze verify --root="$root" --man=no --recursive-errors=one nfprobe@eth0.service nfprobe@eth0.timer
	status_is 0
	no_stderr
	# It would find a setting that does not exist.
	echo 'Nonsense=yes' >>"$units/nfprobe@.timer"
	run --separate-stderr systemd-analyze verify --root="$root" --man=no --recursive-errors=one nfprobe@eth0.timer
	stderr_has 'Nonsense'
}

@test "systemd-analyze security: no more exposed than its comments explain" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	furnish
	run --separate-stderr systemd-analyze security --offline=true --root="$root" --threshold=35 --no-pager nfprobe@eth0.service
	status_is 0
}

# service STEP [SETTING=VALUE...]: a step of the unit for eth0, with these settings of /etc/nfprobe.
service() {
	local step=$1
	shift
	on_sriov "$sys" env NFPROBE="$NFPROBE" "$@" "$root/usr/libexec/nfprobe/service" "$step" eth0
}

@test "the service runs if the verdict is not known, and only then" {
	sriov_stored
	service condition
	status_is 2 # not safe in one style; not 1, which SuccessExitStatus= has
	service condition 'NFPROBE_HOLDS=--style macvtap'
	status_is 2 # safe
	no_stderr
	service condition 'NFPROBE_HOLDS=--style macvtap --max-age 1'
	status_is 0
	# What is required makes no run due, which would find the same.
	service condition 'NFPROBE_HOLDS=--require ipv6 --gap-limit 1 --style macvtap'
	status_is 2
	no_stderr
	service condition 'NFPROBE_HOLDS=--style macvtap --max-age 1 --require ipv6'
	status_is 0
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	service condition
	status_is 0
	rm "$file"
	service condition
	status_is 0
	# Another error, such as a PF that is not there, is no reason to probe.
	mv "$sys/class/net/eth0" "$sys/class/net/eth7"
	rm -r "$sys/devices/pci0000:00/0000:01:00.0/net/eth0"
	service condition
	status_is 2
}

@test "the service does not repeat a run that would prove no more" {
	sriov_stored
	/usr/bin/python3 - "$file" <<'END'
import json, sys
result = json.load(open(sys.argv[1]))
result["settings"]["from"], result["source"] = "auto", {"from": "vf:2", "kind": "vf", "by": "vf", "note": None}
for style, verdict in zip(result["vf"]["styles"], ("safe", "unknown")):
    style["verdict"] = verdict
style["why"] = "standby-untestable"
json.dump(result, open(sys.argv[1], "w"))
END
	service condition
	status_is 2
	stdout_has 'macvtap UNKNOWN (vf:2 proves nothing), bridge UNKNOWN (vf:2 proves nothing).'
	stdout_has 'No run is due: --from auto found no source on the wire'
	# Another source may be on the wire, a reflector may be there now, and what has changed or is old is to be tested again.
	for run in '--vf any --from arp:192.0.2.1' '--from=eth1' '--vf any --id 00112233445566778899aabbccddeeff'; do
		service condition "NFPROBE_RUN=$run"
		status_is 0
	done
	service condition 'NFPROBE_HOLDS=--max-age 1'
	status_is 0
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	service condition
	status_is 0
}

@test "settings of 0.2.0 are answered with a sentence" {
	sriov_stored
	service condition 'NFPROBE_CHECK=--style macvtap'
	status_is 2
	stdout_has 'macvtap SAFE (IPv6: set trustGuestRxFilters).'
	stderr_has 'nfprobe: NFPROBE_CHECK of /etc/nfprobe is called NFPROBE_HOLDS since 0.3.0; it still counts'
	service condition 'NFPROBE_EXPORT=--export prometheus=/x'
	stderr_has 'nfprobe: NFPROBE_EXPORT of /etc/nfprobe is not used since 0.3.0, so nothing is exported by it: write NFPROBE_REPORT='
}

@test "after a run: what is superseded goes, and reports are written" {
	sriov_stored
	older=$store/pci-0000:01:00.0/20251120T100000.123Z-0.json
	/usr/bin/python3 - "$file" "$older" <<'END'
import json, sys
result = json.load(open(sys.argv[1]))
result["run"]["start"] = "2025-11-20T10:00:00.123Z"
json.dump(result, open(sys.argv[2], "w"))
END
	service finish "NFPROBE_REPORT=nonsense prometheus=$BATS_TEST_TMPDIR/eth0.prom nfd=/no/such/folder/nfd"
	status_is 0
	[[ -e $file && ! -e $older ]] || fail "not pruned"
	stderr_has 'NFPROBE_REPORT has nonsense, which is not FORMAT=/FILE'
	stderr_has 'cannot write /no/such/folder/nfd'
	grep -q '^nfprobe_verdict{device="eth0",.*style="macvtap",verdict="safe",vf="3"} 1' "$BATS_TEST_TMPDIR/eth0.prom"
	service finish "NFPROBE_REPORT=nfd=$BATS_TEST_TMPDIR/labels" 'NFPROBE_HOLDS=--style macvtap --require ipv6'
	no_stderr
	grep -q '\.macvtap=safe$' "$BATS_TEST_TMPDIR/labels"
	# Whatever is stored then: a reader must see that nothing is known.
	rm "$file"
	service finish "NFPROBE_REPORT=prometheus=$BATS_TEST_TMPDIR/eth0.prom"
	run ! grep -q '^nfprobe_verdict' "$BATS_TEST_TMPDIR/eth0.prom"
	grep -qx 'nfprobe_stale{device="eth0",style="bridge"} 1.*' "$BATS_TEST_TMPDIR/eth0.prom"
	# A site that uses one style: nothing is missing of the other.
	service finish "NFPROBE_REPORT=prometheus=$BATS_TEST_TMPDIR/eth0.prom" 'NFPROBE_HOLDS=--style macvtap'
	run ! grep -q 'style="bridge"' "$BATS_TEST_TMPDIR/eth0.prom"
	# Where that cannot even be written, nothing may say of a while ago that it is so now.
	printf '#!/bin/sh\nkill -KILL $PPID\n' >"$BATS_TEST_TMPDIR/killer"
	chmod 755 "$BATS_TEST_TMPDIR/killer"
	service finish "NFPROBE_REPORT=prometheus=$BATS_TEST_TMPDIR/eth0.prom" NFPROBE="$BATS_TEST_TMPDIR/killer"
	status_is 0
	[[ ! -e $BATS_TEST_TMPDIR/eth0.prom ]] || fail "it is still there"
}

@test "options that the units and the example name exist" {
	while read -r option; do
		for program in "$NFPROBE" "$top/scripts/tools/nfprobe-check" "$top/scripts/packaging/libvirt/nfprobe-libvirt-hook"; do
			"$program" --help
		done | grep -q -e "$option\b" || fail "no $option"
	done < <(grep -hoE -e ' --[a-z-]+' "$units"/nfprobe@.* "$root/usr/share/nfprobe/nfprobe.conf" "$root/usr/libexec/nfprobe/service" |
		grep -v no-block | grep -v stored | sort -u)
}

@test "what make installs, make uninstall removes" {
	make -s -C "$top" prefix=/usr DESTDIR="$root" uninstall >&2
	run find "$root" -type f -o -type l
	[[ -z $output ]] || fail "left"
}

@test "the paths in the unit follow the prefix" {
	make -s -C "$top" BUILD="$(dirname "$NFPROBE")" DESTDIR="$BATS_TEST_TMPDIR/local" install >&2
	unit=$BATS_TEST_TMPDIR/local/usr/local/lib/systemd/system/nfprobe@.service
	[[ $(grep -c '=/usr/local/sbin/nfprobe' "$unit") == 2 ]]
	[[ $(grep -c '=/usr/local/libexec/nfprobe/service' "$unit") == 2 ]]
	run grep -E '[ =]/usr/(s|libexec)' "$unit"
	status_is 1
	grep -qx 'TOOLS = "/usr/local/share/nfprobe/tools"' "$BATS_TEST_TMPDIR/local/usr/local/sbin/nfprobe-libvirt-hook"
}
