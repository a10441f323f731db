#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# JUnit's XML of every sort, with which the unit tests compare the report, held against a schema by an existing validator.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

valid_xml() { xmllint --nonet --noout --schema "$here/lib/junit.xsd" "$@"; }

@test "every document is valid" {
	valid_xml "$top"/tests/golden/*.xml
}

@test "the numbers of a suite are those of its cases" {
	/usr/bin/python3 - "$top"/tests/golden/*.xml <<'END'
import sys, xml.etree.ElementTree as tree
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    for node in [root, *root]:
        numbers = {"tests": len(list(node.iter("testcase")))}
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            numbers[name] = len(list(node.iter(tag)))
        for name, number in numbers.items():
            if name in node.attrib:
                assert int(node.get(name)) == number, (path, node.attrib, name, number)
END
}

@test "a broken document is noticed" {
	broken=$BATS_TEST_TMPDIR/broken.xml
	for change in 's/failures="2"//' 's/ name="attach"//' 's/<failure/<fault/; s/<\/failure/<\/fault/' \
		's/time="1.540"/time="soon"/' 's/<property name="driver"/<property/' 's/type="early"//' \
		's/name="attach"/name="assign"/' 's/system-out/systemout/g' '0,/<system-out>/s//&<br\/>/'; do
		sed "$change" "$top/tests/golden/evidence.xml" >"$broken"
		run valid_xml "$broken"
		[[ $status == 3 ]] || fail "not noticed: $change"
	done
}

@test "--export junit: an error is a document as well, and a result beside JSON" {
	alone lo --vf 0 --export junit="$BATS_TEST_TMPDIR/out.xml" --json="$BATS_TEST_TMPDIR/out.json"
	error_is 4 "lo is not an SR-IOV PF"
	valid_xml "$BATS_TEST_TMPDIR/out.xml"
	grep -qF '<error type="not-a-pf" message="lo is not an SR-IOV PF' "$BATS_TEST_TMPDIR/out.xml"
	valid nfprobe-2 "$BATS_TEST_TMPDIR/out.json"
}

@test "--export junit: a file that cannot be written is known before anything is done" {
	nfprobe lo --vf 0 --json --export junit="$BATS_TEST_TMPDIR/no/such/folder"
	status_is 4
	stderr_has "cannot write $BATS_TEST_TMPDIR/no/such/folder: No such file or directory"
	stderr_has "is there a folder $BATS_TEST_TMPDIR/no/such?"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.json"
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"]') == output ]]
}

@test "a usage error leaves files as they are" {
	echo old >"$BATS_TEST_TMPDIR/out.xml"
	nfprobe lo --vf nonsense --export junit="$BATS_TEST_TMPDIR/out.xml" --json="$BATS_TEST_TMPDIR/out.json"
	status_is 2
	[[ $(<"$BATS_TEST_TMPDIR/out.xml") == old && ! -e $BATS_TEST_TMPDIR/out.json ]]
}
