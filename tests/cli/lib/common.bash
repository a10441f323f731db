# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the tests of the command line: nfprobe as a user types it, status and both streams.

# bats sets output, stderr, status and BATS_TEST_*.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
unset COLUMNS NO_COLOR FORCE_COLOR # of who runs these tests

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
[[ -x ${NFPROBE:=$top/build/nfprobe} ]] || { printf 'no program to test: %s (make builds one)\n' "$NFPROBE" >&2; exit 1; }
NFPROBE=$(realpath -- "$NFPROBE")
here=$top/tests/cli
export top NFPROBE here
# shellcheck source=tests/cli/lib/documents.bash
. "$here/lib/documents.bash"

# nfprobe ARGUMENT...: sets status, output (standard output) and stderr.
nfprobe() { run --separate-stderr "$NFPROBE" "$@"; }

# The same, in a network namespace with nothing but lo and with an empty /run.
alone() {
	need_root
	run --separate-stderr "$top/tests/own-host" sh -c 'mount -t tmpfs none /run && exec "$@"' sh "$NFPROBE" "$@"
}

# unread WHERE COMMAND...: its status, where nobody reads what it prints and TERM comes once it sleeps there (wchan); stderr is what it says.
unread() {
	local where=$1 pid at='' tries=0
	shift
	mkfifo "$BATS_TEST_TMPDIR/full" 2>/dev/null || true
	exec 4<>"$BATS_TEST_TMPDIR/full"
	dd if=/dev/zero of="$BATS_TEST_TMPDIR/full" bs=4096 count=100 oflag=nonblock 2>/dev/null || true
	"$@" >"$BATS_TEST_TMPDIR/full" 2>"$BATS_TEST_TMPDIR/said" 3>&- 4>&- &
	pid=$!
	while [[ $at != *"$where"* ]]; do
		at=$(cat "/proc/$pid/wchan") || fail "it has ended"
		((++tries <= 12000)) || { kill -KILL "$pid"; fail "after two minutes it does not wait in $where"; }
		read -r -t 0.01 <> <(:) || true
	done
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	exec 4>&-
	stderr=$(cat "$BATS_TEST_TMPDIR/said")
}

need_root() { [[ $(id -u) == 0 ]] || skip "needs root, for a network namespace"; }

fail() {
	printf '%s\n' "$*" "status: ${status-}" "stdout: ${output-}" "stderr: ${stderr-}" >&2
	return 1
}

status_is() { [[ $status == "$1" ]] || fail "status is $status, not $1"; }
no_stdout() { [[ -z $output ]] || fail "standard output is not empty"; }
no_stderr() { [[ -z $stderr ]] || fail "standard error is not empty"; }
stdout_has() { [[ $output == *"$1"* ]] || fail "standard output lacks: $1"; }
stderr_has() { [[ $stderr == *"$1"* ]] || fail "standard error lacks: $1"; }
stderr_lacks() { [[ $stderr != *"$1"* ]] || fail "standard error has: $1"; }

# An error: its status, nothing on standard output, a sentence with the program's name, and below it what to do.
error_is() {
	status_is "$1"
	no_stdout
	[[ $stderr == "nfprobe: $2"* ]] || fail "standard error does not begin with: nfprobe: $2"
	[[ -z ${3-} ]] || stderr_has "$3"
	[[ $(grep -c '^nfprobe: ' <<<"$stderr") == 1 ]] || fail "two lines on standard error begin with nfprobe:"
}

usage_error() { error_is 2 "$@"; }

# The JSON schemas, one for each kind of document, which are made beside the program.
schemas=${NFPROBE%/*}/schemas
export schemas

# valid KIND FILE...: documents hold to nfprobe-KIND.schema.json, and have no key that it lacks.
valid() {
	local schema=$schemas/nfprobe-$1.schema.json
	shift
	/usr/bin/python3 "$here/lib/validate.py" "$schema" "$@"
}

# valid_stdout KIND: the same of standard output, which is then in $BATS_TEST_TMPDIR/out.json.
valid_stdout() {
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.json"
	valid "$1" "$BATS_TEST_TMPDIR/out.json"
}

# json FILE EXPRESSION: prints what a Python expression over the document d gives.
json() {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$@"
}
