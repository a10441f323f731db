#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nfprobe --reflect as it is typed: the line that it prints, its end, and where it cannot begin.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

id=00112233445566778899aabbccddeeff

# In a network namespace with a cable between r0 and r1.
cabled() {
	need_root
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr unshare --net sh -ec 'ip link add r0 address 02:ab:cd:ef:01:23 type veth peer name r1
		ip link set r0 up && ip link set r1 up
		exec timeout 120 "$@"' sh "$NFPROBE" "$@"
}

@test "a reflector prints the line to type, and what it did" {
	cabled --reflect r0 --id "$id" --timeout 1
	status_is 0
	no_stderr
	stdout_has "r0 sends test frames on for 1 s, at most 1000 unicast frames a second."
	grep -qxF "    nfprobe PF --vf N --from peer:02:ab:cd:ef:01:23 --id $id" <<<"$output" || fail "no line to type"
	[[ $output =~ "time is over after "[1-9] ]] || fail "it does not say when its time was over"
	stdout_has "  0 sent on"
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

@test "a signal ends a reflector, which is no error" {
	need_root
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr unshare --net bash -ec 'ip link add r0 type veth peer name r1
		ip link set r0 up && ip link set r1 up
		coproc "$1" --reflect r0
		while read -r -t 120 line <&"${COPROC[0]}"; do [[ $line != *--from\ peer:* ]] || break; done
		pid=$COPROC_PID
		kill -INT "$pid"
		cat <&"${COPROC[0]}"
		wait "$pid"' bash "$NFPROBE"
	status_is 0
	stdout_has "stopped after"
}

@test "nothing else gets the number of a stream that is closed" {
	need_root
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr unshare --net bash -ec 'ip link add r0 type veth peer name r1
		ip link set r0 up && ip link set r1 up
		coproc "$1" --reflect r0 <&- 2>&-
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
	error_is 4 "lo cannot reflect: it is down" "ip link set lo up"
}
