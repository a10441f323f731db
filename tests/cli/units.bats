#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The service and the timer, as they are installed: what systemd says of them, and when the service runs.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov

setup() {
	root=$BATS_TEST_TMPDIR/root units=$BATS_TEST_TMPDIR/root/usr/lib/systemd/system
	make -s -C "$top" BUILD="$(dirname "$NFPROBE")" prefix=/usr DESTDIR="$root" install >&2
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

# condition: the command of ExecCondition=, as systemd would run it for eth0; its arguments are NFPROBE_CHECK.
condition() {
	/usr/bin/python3 - "$units/nfprobe@.service" "$NFPROBE" "$@" <<'END' >"$BATS_TEST_TMPDIR/condition"
import shlex, sys
unit, nfprobe, *check = sys.argv[1:]
line = next(text for text in open(unit) if text.startswith("ExecCondition=")).split("=", 1)[1]
words = []
for word in shlex.split(line):
    word = word.replace("%i", "eth0").replace("/usr/sbin/nfprobe", nfprobe)
    words += check if word == "$NFPROBE_CHECK" else [word.replace("$$", "$")]
print("exec " + shlex.join(words))
END
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/condition"
}

@test "the service runs if the verdict is not known, and only then" {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store
	mkdir -m 755 "$sys" "$store"
	sriov_tree "$sys"
	sriov_store "$store/pci-0000:01:00.0.json"
	condition
	status_is 2 # not safe in one style; not 1, which SuccessExitStatus= has
	condition --style macvtap
	status_is 2 # safe
	condition --style macvtap --max-age 1
	status_is 0
	echo 7 >"$sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"
	condition
	status_is 0
	rm "$store/pci-0000:01:00.0.json"
	condition
	status_is 0
	# Another error, such as a PF that is not there, is no reason to probe.
	mv "$sys/class/net/eth0" "$sys/class/net/eth7"
	rm -r "$sys/devices/pci0000:00/0000:01:00.0/net/eth0"
	condition
	[[ $status != 0 ]] || fail "it would run"
}

@test "options that the units and the example name exist" {
	while read -r option; do
		"$NFPROBE" --help | grep -q -e "$option\b" || fail "no $option"
	done < <(grep -hoE -e ' --[a-z-]+' "$units"/nfprobe@.* "$root/usr/share/nfprobe/nfprobe.conf" | grep -v no-block | sort -u)
}

@test "what make installs, make uninstall removes" {
	make -s -C "$top" prefix=/usr DESTDIR="$root" uninstall >&2
	run find "$root" -type f
	[[ -z $output ]] || fail "left"
}

@test "the paths in the unit follow the prefix" {
	make -s -C "$top" BUILD="$(dirname "$NFPROBE")" DESTDIR="$BATS_TEST_TMPDIR/local" install >&2
	unit=$BATS_TEST_TMPDIR/local/usr/local/lib/systemd/system/nfprobe@.service
	[[ $(grep -c /usr/local/sbin/nfprobe "$unit") == 3 ]]
	run grep -E '[ =]/usr/sbin' "$unit"
	status_is 1
}
