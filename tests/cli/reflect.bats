#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# nfprobe --reflect as it is typed: the line that it prints, its end, and where it cannot begin.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

id=00112233445566778899aabbccddeeff

# COMMAND... in a network namespace with a cable between r0 and r1.
# shellcheck disable=SC2016 # for the inner shell
with_cable=(unshare --net sh -ec 'ip link add r0 address 02:ab:cd:ef:01:23 type veth peer name r1
	ip link set lo up && ip link set r0 up && ip link set r1 up
	exec "$@"' sh)

# nfprobe there.
cabled() {
	need_root
	run --separate-stderr "${with_cable[@]}" timeout 120 "$NFPROBE" "$@"
}

@test "a reflector prints the line to type, and what it did" {
	cabled --reflect r0 --id "$id" --timeout 1
	status_is 0
	no_stderr
	stdout_has "r0 forwards test frames for 1 s, at most 1000 unicast frames a second."
	grep -qxF "    nfprobe PF --vf N --from peer:02:ab:cd:ef:01:23 --id $id" <<<"$output" || fail "no line to type"
	[[ $output =~ "time is over after "[1-9] ]] || fail "it does not say when its time was over"
	stdout_has "  0 forwarded"
}

@test "without --id each reflector draws its own; -q prints the line only" {
	local first
	cabled --reflect r0 --timeout 1 -q --rate 50
	status_is 0
	no_stderr
	[[ $output =~ ^nfprobe\ PF\ --vf\ N\ --from\ peer:02:ab:cd:ef:01:23\ --id\ ([0-9a-f]{32})\ --rate\ 50$ ]] || fail "not the line"
	first=${BASH_REMATCH[1]}
	cabled --reflect r0 --timeout 1 -q
	[[ $output != *"$first"* ]] || fail "the same id twice"
}

# id_file MODE [TEXT]: a file with these words.
id_file() {
	rm -f "$BATS_TEST_TMPDIR/id"
	printf '%b' "${2-$id\\n}" >"$BATS_TEST_TMPDIR/id"
	chmod "$1" "$BATS_TEST_TMPDIR/id"
}

@test "--id @FILE: the id is that of the file, and on no command line" {
	id_file 600
	cabled --reflect r0 --id "@$BATS_TEST_TMPDIR/id" --timeout 1
	status_is 0
	no_stderr
	grep -qxF "    nfprobe PF --vf N --from peer:02:ab:cd:ef:01:23 --id @$BATS_TEST_TMPDIR/id" <<<"$output" || fail "no line to type"
	[[ $output != *"$id"* ]] || fail "the id is told"
	# The prober takes the same files; it reads the id first, so it complains only about the PF that is not there.
	for file in "600 $id\\n" "640 $id" "600 ${id^^}\\n"; do
		id_file "${file% *}" "${file#* }"
		nfprobe nosuch0 --vf 0 --from peer --id "@$BATS_TEST_TMPDIR/id"
		error_is 4 "there is no interface nosuch0"
	done
	nfprobe nosuch0 --vf 0 --from peer --id @<(echo "$id")
	error_is 4 "there is no interface nosuch0"
}

@test "--id @FILE: what is no id, or no secret" {
	for text in '' "$id\\n\\n" " $id" "${id}0" "${id%?}" "$id\\0" nonsense; do
		id_file 600 "$text"
		nfprobe nosuch0 --vf 0 --from peer --id "@$BATS_TEST_TMPDIR/id"
		error_is 4 "there is no id in $BATS_TEST_TMPDIR/id" "It must have 32 hex digits"
		stderr_lacks "${id%????}"
	done
	for mode in 604 602 644; do
		id_file $mode
		nfprobe nosuch0 --vf 0 --from peer --id "@$BATS_TEST_TMPDIR/id"
		error_is 4 "the id in $BATS_TEST_TMPDIR/id is not secret: every user can read or write it" "chmod o= $BATS_TEST_TMPDIR/id"
	done
	nfprobe nosuch0 --vf 0 --from peer --id "@$BATS_TEST_TMPDIR/nothing"
	error_is 4 "cannot read the id in $BATS_TEST_TMPDIR/nothing: No such file or directory"
	nfprobe nosuch0 --vf 0 --from peer --id "@$BATS_TEST_TMPDIR"
	error_is 4 "cannot read the id in $BATS_TEST_TMPDIR: Is a directory"
}

@test "a signal ends a reflector whose line nobody reads" {
	need_root
	unread poll "${with_cable[@]}" "$NFPROBE" --reflect r0
	status_is 4
	stderr_has "the id could not be written: nobody reads it"
}

@test "a signal ends a reflector, which is no error" {
	need_root
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr "${with_cable[@]}" bash -ec 'coproc "$1" --reflect r0
		# A descriptor of our own: bash closes that of a coprocess which has ended.
		exec {from}<&"${COPROC[0]}"
		while read -r -t 120 line <&"$from"; do [[ $line != *--from\ peer:* ]] || break; done
		pid=$COPROC_PID
		kill -INT "$pid"
		cat <&"$from"
		wait "$pid"' bash "$NFPROBE"
	status_is 0
	stdout_has "stopped after"
}

@test "nothing else gets the number of a stream that is closed" {
	need_root
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr "${with_cable[@]}" bash -ec 'coproc "$1" --reflect r0 <&- 2>&-
		while read -r -t 120 line <&"${COPROC[0]}"; do [[ $line != *--from\ peer:* ]] || break; done
		pid=$COPROC_PID
		readlink "/proc/$pid/fd/0" "/proc/$pid/fd/2"
		kill -INT "$pid"
		wait "$pid"' bash "$NFPROBE"
	status_is 0
	[[ $output == $'/dev/null\n/dev/null' ]] || fail "not /dev/null"
}

@test "where a reflector cannot begin" {
	alone --reflect nosuch0
	error_is 4 "there is no interface nosuch0" "ip link"
	alone --reflect lo
	error_is 4 "lo cannot reflect Ethernet frames: it is not Ethernet" "name another interface"
}

# The sockets are open once it has printed its line.
@test "a reflector that runs is nobody's, and may do nothing but use its sockets" {
	need_root
	cat >"$BATS_TEST_TMPDIR/look.py" <<'END'
import subprocess, sys
reflector = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
try:
    reflector.stdout.readline()
    with open(f"/proc/{reflector.pid}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
finally:
    reflector.terminate()
    reflector.wait()
uids = set(status["Uid"].split()) | set(status["Gid"].split())
assert len(uids) == 1 and 61184 <= int(uids.pop()) <= 65519, status  # nobody's: systemd's range for such users
assert not status["Groups"].split(), status
assert all(int(status["Cap" + name], 16) == 0 for name in ("Inh", "Prm", "Eff", "Amb")), status
assert status["NoNewPrivs"] == "1", status
END
	run --separate-stderr "${with_cable[@]}" timeout 60 /usr/bin/python3 "$BATS_TEST_TMPDIR/look.py" "$NFPROBE" --reflect r0 --timeout 30 -q
	status_is 0
}
