#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# HTML pages are well-formed: those that the unit tests compare with, and those of runs that fail.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

well_formed() { xmllint --nonet --noout "$1"; }

@test "every page is well-formed" {
	for page in "$top"/tests/golden/*.html; do
		well_formed "$page" || fail "$page"
	done
}

@test "a broken page is noticed" {
	sed 's/<\/table>//' "$top/tests/golden/many.html" >"$BATS_TEST_TMPDIR/broken.html"
	run well_formed "$BATS_TEST_TMPDIR/broken.html"
	((status)) || fail 'not noticed'
}

@test "--html: an error is a page as well" {
	alone lo --vf 0 --html "$BATS_TEST_TMPDIR/out.html"
	error_is 4 "lo is not an SR-IOV PF"
	well_formed "$BATS_TEST_TMPDIR/out.html"
	grep -qF 'lo is not an SR-IOV PF' "$BATS_TEST_TMPDIR/out.html"
}

@test "--html: a file that cannot be written is known before anything is done" {
	nfprobe lo --vf 0 --html "$BATS_TEST_TMPDIR/no/such/folder"
	status_is 4
	stderr_has "cannot write $BATS_TEST_TMPDIR/no/such/folder: No such file or directory"
	nfprobe lo --vf 0 --html -
	usage_error '--html takes the name of a file, not "-"'
}
