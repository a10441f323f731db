#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Recordings that are made to cost whoever reads them time or memory.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common
load lib/sriov

setup_file() { recordings; }

# frugal STATUS FILE [ARGUMENT..]: nfprobe --read FILE ends so, within 300 MB, and with a second of CPU and another per 10 MB
# of all that is read; no process is killed.
frugal() {
	/usr/bin/python3 - "$NFPROBE" "$@" <<'END'
import os, resource, subprocess, sys
program, status, name, *more = sys.argv[1:]
done = subprocess.run([program, "--read", name, "--html=out.html", "--json=out.json", *more], capture_output=True, text=True, timeout=300)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
told = f"{name}: status {done.returncode}, {used.ru_maxrss >> 10} MB, {used.ru_utime + used.ru_stime:.1f} s: {done.stderr[:300]}"
size = sum(os.stat(file).st_size for file in (name, *more) if os.path.exists(file))
assert done.returncode == int(status) and "was killed" not in done.stderr, told
assert used.ru_maxrss <= 300 << 10, told
assert used.ru_utime + used.ru_stime <= 1 + size / 10e6, told
END
}

@test "--read: many values, deep ones, late times, contradictions: little time and memory, and no signal" {
	cd "$BATS_FILE_TMPDIR"
	for kind in "values 0" "facts 4" "nested 4" "times 4" "late 0" "warnings 0" "acks 0"; do
		"$here/lib/hostile.py" "${kind% *}" igb.pcapng hostile.pcapng
		frugal "${kind#* }" hostile.pcapng
	done
	"$here/lib/hostile.py" warnings igb.pcapng hostile.pcapng
	nfprobe --read hostile.pcapng
	[[ $(grep -c 'the recording was changed' <<<"$stderr") == 1 ]] || fail "not one warning for one interface"
}

@test "--read: a baseline of many values" {
	cd "$BATS_FILE_TMPDIR"
	for kind in "many 4" "late 0"; do
		"$here/lib/hostile.py" "baseline-${kind% *}" igb.json hostile.json
		frugal "${kind#* }" igb.pcapng --baseline hostile.json --same
	done
}

# harmless FILE...: nothing in them is executed by the log reader of GitHub, GitLab or Azure.
harmless() {
	/usr/bin/python3 - "$@" <<'END'
import re, sys
for name in sys.argv[1:]:
    data = open(name, "rb").read()
    assert b"set-output" in data, f"{name}: no command is in it at all"
    found = re.search(rb"##(vso)?\[|section_(start|end):|\r|\x1b|^\s*::", data, re.M | re.I)
    assert not found, f"{name}: {found[0]} at {data[max(0, found.start() - 60):found.end() + 60]}"
END
}

@test "--read: what a log reader would execute, in no output that is no terminal" {
	cd "$BATS_FILE_TMPDIR"
	"$here/lib/hostile.py" commands igb.pcapng hostile.pcapng
	for columns in 20 40 80 ""; do
		COLUMNS=$columns "$NFPROBE" --read hostile.pcapng >text 2>&1
		harmless text
	done
	"$NFPROBE" --read hostile.pcapng -q --json=out.json --html=out.html --export junit=out.xml >/dev/null 2>&1
	harmless out.json out.html out.xml
	grep -qF '##\u005bset-output' out.json
	valid nfprobe-2 out.json
	[[ $(json out.json 'd["pf"]["firmware"]') == *'##[set-output name=x] ##vso['* ]]
	xmllint --nonet --noout out.html out.xml
	for format in --json "--export junit=-" "--export ktap=-" "--export nfd=-" "--export prometheus=-"; do
		# shellcheck disable=SC2086 # two words
		"$NFPROBE" --read hostile.pcapng $format >text 2>&1
		harmless text
	done
	"$NFPROBE" --read igb.pcapng --json=plain.json -q
	"$NFPROBE" --read hostile.pcapng --baseline plain.json >text 2>&1
	harmless text
}

@test "--check and --list: nor where it was stored" {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store
	mkdir -m 755 "$sys" "$store"
	sriov_tree "$sys"
	sriov_store "$store/pci-0000:01:00.0.json"
	"$here/lib/hostile.py" stored "$store/pci-0000:01:00.0.json" "$store/pci-0000:01:00.0.json"
	for format in "" --json "--export junit=-" "--export ktap=-" "--export prometheus=-"; do
		for mode in --check --list; do
			[[ $mode == --check || $format != --export* ]] || continue
			# shellcheck disable=SC2086 # words, or none
			on_sriov "$sys" "$NFPROBE" $mode eth0 $format
			printf '%s\n' "$output" "$stderr" >"$BATS_TEST_TMPDIR/text"
			harmless "$BATS_TEST_TMPDIR/text"
		done
	done
}
