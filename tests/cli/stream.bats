#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --json-stream: events made by the unit test of the report, and those of runs that cannot begin.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() {
	export NFPROBE_STREAM_DIR=$BATS_FILE_TMPDIR/stream
	mkdir "$NFPROBE_STREAM_DIR"
	"$(program unit/test_events)" >&2
}

valid_lines() { /usr/bin/python3 "$here/lib/validate.py" --lines "$schemas/nfprobe-event.schema.json" "$@"; }

@test "every event is valid" {
	[[ -s $NFPROBE_STREAM_DIR/igb.jsonl && -s $NFPROBE_STREAM_DIR/odd.jsonl ]]
	valid_lines "$NFPROBE_STREAM_DIR"/*.jsonl
}

@test "nfprobe-result(5) has each event" {
	[[ $(jq -r '.oneOf[].title' "$schemas/nfprobe-event.schema.json" | sort) == \
		$(sed -n '/^\.SH JSON STREAM/,/^\.TE/s/^\([a-z]*\)\t.*/\1/p' "$top/man/nfprobe-result.5" | sort) ]]
}

# bats test_tags=slow
@test "a broken event is noticed, however it is broken" {
	# The end has the whole result, whose own schema schema.bats tests: here a short one.
	for event in igb:{run,step,landing,transition,verdict,warning} odd:end; do
		grep -m1 "\"event\":\"${event#*:}\"" "$NFPROBE_STREAM_DIR/${event%:*}.jsonl" >"$BATS_TEST_TMPDIR/event.json"
		/usr/bin/python3 "$here/lib/validate.py" --mutate "$schemas/nfprobe-event.schema.json" \
			"$BATS_TEST_TMPDIR/event.json"
	done
}

# bats test_tags=slow
@test "--json-stream: an error is the last event, and nothing else is on standard output" {
	alone lo --vf 0 --json-stream
	status_is 4
	stderr_has "nfprobe: lo is not an SR-IOV PF"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.jsonl"
	valid_lines "$BATS_TEST_TMPDIR/out.jsonl"
	[[ $(json "$BATS_TEST_TMPDIR/out.jsonl" 'd["event"], d["error"]["code"], d["exit"]') == "('end', 'not-a-pf', 4)" ]]
	nfprobe --json-stream lo --vf nonsense
	status_is 2
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.jsonl"
	valid_lines "$BATS_TEST_TMPDIR/out.jsonl"
	[[ $(json "$BATS_TEST_TMPDIR/out.jsonl" 'd["event"], d["exit"]') == "('end', 2)" ]]
}

@test "--json-stream goes with --json=FILE only" {
	nfprobe lo --vf 0 --json --json-stream
	status_is 2
	stderr_has "--json-stream and --json both write to standard output: use --json=FILE"
	alone lo --vf 0 --json="$BATS_TEST_TMPDIR/out.json" --json-stream
	status_is 4
	valid result "$BATS_TEST_TMPDIR/out.json"
	nfprobe --list --json-stream
	status_is 2
	stderr_has "--json-stream makes no sense with --list"
}

@test "--json-stream: a reader that has gone, a full device" {
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr sh -c 'exec "$@" >/dev/full' sh "$NFPROBE" lo --vf 0 --json-stream
	status_is 4
	stderr_has "nfprobe: the result could not be written: No space left on device"
}
