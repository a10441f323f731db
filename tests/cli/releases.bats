#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# This version keeps what earlier ones promised (COMPATIBILITY in nfprobe-output(5)); one version for all that is released.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

releases() { printf '%s\n' "$top"/tests/releases/[0-9]*/; }

@test "--read: what an earlier version wrote, with the same result" {
	for release in $(releases); do
		xz -dc "$release/run.pcapng.xz" >"$BATS_TEST_TMPDIR/run.pcapng"
		nfprobe --read "$BATS_TEST_TMPDIR/run.pcapng" --json="$BATS_TEST_TMPDIR/run.json"
		status_is 1
		no_stderr
		/usr/bin/python3 - "$release/run.json" "$BATS_TEST_TMPDIR/run.json" <<'END'
import json, sys
def same(was, now, at):
    if isinstance(was, dict):
        for key in was.keys() - {"version"}:
            same(was[key], now[key], f"{at}.{key}")
    elif isinstance(was, list):
        assert len(was) == len(now), at
        for i, pair in enumerate(zip(was, now)):
            same(*pair, f"{at}[{i}]")
    else:
        assert was == now, f"{at} was {was}, is {now}"
same(*(json.load(open(path)) for path in sys.argv[1:]), "result")
END
	done
}

@test "one version: release notes, NEWS, tools and the collection" {
	version=$("$NFPROBE" --version)
	version=${version#nfprobe }
	[[ $(sed -n '1s/^nfprobe (\(.*\)) .*/\1/p' "$top/scripts/packaging/debian/changelog") == "$version" ]]
	[[ $(head -n 1 "$top/scripts/packaging/NEWS") == "nfprobe $version, "* ]]
	[[ $(sed -n 's/^## //p' "$top/scripts/ansible/CHANGELOG.md" | head -n 1) == "$version" ]]
	grep -qx "version: $version" "$top/scripts/ansible/galaxy.yml"
	for tool in nfprobe-check nfprobe-report nfprobe-all; do
		[[ $("$top/scripts/tools/$tool" --version) == "$tool $version" ]]
	done
	[[ -d $top/tests/releases/$version ]]
	# In words and in order: each version of one is one of the other.
	diff <(sed -n 's/^nfprobe (\(.*\)) .*/\1/p' "$top/scripts/packaging/debian/changelog") \
		<(sed -n 's/^## //p' "$top/scripts/ansible/CHANGELOG.md")
}

# number FILE KEY: the first value of the key in what a version wrote.
number() { grep -aom1 "\"$2\": *[0-9]*" "$1" | head -n 1 | grep -o '[0-9]*$'; }

@test "NEWS and COMPATIBILITY promise the schema and the formats that this version writes" {
	version=$("$NFPROBE" --version)
	cd "$top/tests/releases/${version#nfprobe }" || return
	xz -dc run.pcapng.xz >"$BATS_TEST_TMPDIR/run.pcapng"
	promised=("JSON, schema $(number result.json schema)" "Recordings, format $(number "$BATS_TEST_TMPDIR/run.pcapng" format)"
		"Journals, format $(number journal format)")
	# In NEWS of this version: what earlier ones promised comes after their own headings.
	sed '2,${/^nfprobe [0-9]/q}' "$top/scripts/packaging/NEWS" >"$BATS_TEST_TMPDIR/NEWS"
	sed -n '/^\.SH COMPATIBILITY/,/^\.SH [^C]/p' "$top/man/nfprobe-output.5" >"$BATS_TEST_TMPDIR/manual"
	for promise in "${promised[@]}"; do
		grep -qx "$promise" "$BATS_TEST_TMPDIR/NEWS"
		grep -qix "\.B $promise" "$BATS_TEST_TMPDIR/manual"
	done
}
