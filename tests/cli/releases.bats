#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# One version for all that is released, and the promises of COMPATIBILITY in nfprobe-result(5).

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

@test "one version: release notes, NEWS, tools and the collection" {
	version=$("$NFPROBE" --version)
	version=${version#nfprobe }
	[[ $version == "$("$top/scripts/lib/version")" ]]
	released=$(sed -n '1s/^nfprobe (\(.*\)) .*/\1/p' "$top/scripts/packaging/debian/changelog")
	# Between releases NEWS begins with the next one, and the version says so, with the commit where that is known.
	[[ $version == "$released" || $version == "$(sed -n '1s/^nfprobe \([0-9.]*\), not released$/\1/p' "$top/scripts/packaging/NEWS")~dev"* ]]
	[[ ! -e $top/.git || $version == "$released" || $version == *"+g$(git -c safe.directory="$top" -C "$top" rev-parse --short=8 HEAD)" ]]
	[[ $(grep -m 1 '^nfprobe [0-9.]*, [0-9]' "$top/scripts/packaging/NEWS") == "nfprobe $released, "* ]]
	[[ $(sed -n 's/^## //p' "$top/scripts/ansible/CHANGELOG.md" | head -n 1) == "$released" ]]
	grep -qx "version: $released" "$top/scripts/ansible/galaxy.yml"
	for tool in nfprobe-check nfprobe-report nfprobe-all; do
		[[ $("$top/scripts/tools/$tool" --version) == "$tool ${version%%+*}" ]]
	done
	# Whatever is installed has the commit.
	make -s -C "$top" BUILD="$(dirname "$NFPROBE")" DESTDIR="$BATS_TEST_TMPDIR/root" prefix=/usr install-tools >&2
	[[ $("$BATS_TEST_TMPDIR/root/usr/bin/nfprobe-check" --version) == "nfprobe-check $version" ]]
	# In words and in order: each version of one is one of the other.
	diff <(sed -n 's/^nfprobe (\(.*\)) .*/\1/p' "$top/scripts/packaging/debian/changelog") \
		<(sed -n 's/^## //p' "$top/scripts/ansible/CHANGELOG.md")
}

# number FILE KEY: the first value of the key in what a version wrote.
number() { grep -aom1 "\"$2\": *[0-9]*" "$1" | head -n 1 | grep -o '[0-9]*$'; }

@test "NEWS and COMPATIBILITY promise the schema and the formats that this version writes" {
	version="nfprobe $(sed -n '1s/^nfprobe (\(.*\)) .*/\1/p' "$top/scripts/packaging/debian/changelog")"
	cd "$top/tests" || return
	promised=("JSON, schema $(number golden/result.json schema)" "Journals, format $(awk '$2 == "NFP_JOURNAL_FORMAT" { print $3 }' "$top/src/change/journal.h")")
	# In NEWS of this version, or of the one that it is to become: what earlier ones promised comes after their own headings.
	sed "/^$version, /,\$ { /^$version, /! { /^nfprobe [0-9]/,\$d } }" "$top/scripts/packaging/NEWS" >"$BATS_TEST_TMPDIR/NEWS"
	sed -n '/^\.SH COMPATIBILITY/,/^\.SH [^C]/p' "$top/man/nfprobe-result.5" >"$BATS_TEST_TMPDIR/manual"
	for promise in "${promised[@]}"; do
		grep -qx "$promise" "$BATS_TEST_TMPDIR/NEWS"
		# The manual may promise more than one.
		grep -qiE "^\.B ${promise% *}s? (.* )?${promise##* }( |$)" "$BATS_TEST_TMPDIR/manual"
	done
}

@test "what SECURITY.md, README.md and the others point to is there" {
	local page link
	while read -r page; do
		while read -r link; do
			[[ -e $(dirname "$page")/$link ]] || fail "$page: $link"
		done < <(grep -oP '\]\(\K[^)#]+' "$page" | grep -v :)
	done < <(find "$top" -name '*.md' -not -path '*/build*' -not -path '*/node_modules/*')
	# Sections of the manual, as SECURITY.md names them: page(8), TITLE.
	while IFS=' ' read -r page link; do
		grep -qxi "\.S[HS] $link" "$top/man/$page" || fail "$page has no $link"
	done < <(grep -oP 'nfprobe(-[a-z]+)?\([0-9]\), [A-Z][A-Z ]+[A-Z]' "$top/.github/SECURITY.md" | sed -E 's/\(([0-9])\),/.\1/')
}

@test "SECURITY.md names each kind of attacker once, and what he must not get" {
	rows=$(sed -n '/^| attacker /,/^$/p' "$top/.github/SECURITY.md" | sed 1,2d)
	[[ $(cut -d '|' -f 2 <<<"$rows" | sort | uniq -d) == '' && $(grep -c . <<<"$rows") -ge 7 ]]
	[[ -z $(awk -F '|' 'NF && (NF != 5 || $3 ~ /^ *$/ || $4 ~ /^ *$/)' <<<"$rows") ]] || fail "a row lacks something"
	for kind in guest pod user wire result; do
		grep -qi "^| [^|]*$kind" <<<"$rows" || fail "no $kind"
	done
}
