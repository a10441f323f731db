#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The expressions and the example of nfprobe-result(5), as its page has them, on results.

# shellcheck disable=SC2154 # set by lib/common

load lib/common

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	awk '/^\.SS Questions/ { inside = 1 } inside && /^\.fi/ { exit } inside && text { print } inside && /^\.nf/ { text = 1 }' \
		"$top/man/nfprobe-result.5" | sed '/^#/d; s/^\\&//; s/\\-/-/g' >questions
	sample_documents . igb odd error fixes
	jq '(.life[] | select(.vlan)).verdict = "safe"' odd.json >vlan.json
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# answers NUMBER DOCUMENT LINE..: what the expression of that number prints.
answers() {
	local number=$1 document=$2
	shift 2
	run --separate-stderr jq -rc "$(sed -n "${number}p" questions)" "$document.json"
	status_is 0
	[[ $output == "$(printf '%s\n' "$@")" ]] || fail "question $number of $document: $output"
}

@test "there are ten questions, each of one line" {
	[[ $(wc -l <questions) == 10 ]]
	! grep -n '\\' questions
}

@test "the example is a result, shortened" {
	/usr/bin/python3 - "$top/man/nfprobe-result.5" igb.json <<'END'
import json, re, sys
page = open(sys.argv[1]).read()
text = re.search(r"^\.SH EXAMPLE.*?^\.nf\n(.*?)^\.fi", page, re.S | re.M)[1].replace("\\-", "-")
def part_of(shown, whole):
    """A list of objects has some of the elements, and an object some of the keys."""
    if isinstance(shown, dict):
        return isinstance(whole, dict) and all(key in whole and part_of(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list) and any(isinstance(value, dict) for value in shown):
        return all(any(part_of(value, one) for one in whole) for value in shown)
    return shown == whole
shown, whole = json.loads(re.sub(r" +//.*", "", text)), json.load(open(sys.argv[2]))
wrong = [key for key in shown if not part_of(shown[key], whole.get(key))]
assert not wrong, f"the result has otherwise: {wrong}"
assert not part_of({**shown, "exit": 0}, whole)
END
}

@test "is macvtap the way" {
	answers 1 igb true
	answers 1 odd false
	answers 1 error false
}

@test "which outages are long, and how long is the longest" {
	answers 2 igb bridge
	answers 3 igb $'macvtap\t\tmeasured\t312000\t1040\tup\tvf' $'bridge\t\tendless\t\t\tattach\tpf'
	jq '.life[0].longest_outage.us = 1000001' igb.json >slow.json
	answers 2 slow macvtap bridge
}

@test "what failed, and which style is the first that is safe" {
	answers 4 igb '["macvtap",null]' '["bridge",null,"attach","unplug","detach","reassign","vf-first","vf-first-unplug"]'
	answers 5 igb macvtap
	jq '.life[0].verdict = "deaf"' igb.json >unsafe.json
	answers 5 unsafe
}

@test "what is to be typed" {
	answers 6 igb "'virsh' 'attach-device' 'GUEST' 'VF_XML' '--live'" \
		"'ip' 'link' 'set' 'dev' 'eth0' 'vf' 'GUEST_VF' 'mac' '00:00:00:00:00:00'"
	answers 6 error
}

@test "the table of all hosts, and the age in days" {
	answers 7 igb '"hv1","0x8086","0x10c9","2.1.0","6.12.95"'
	jq --arg start "$(date -u -d '50 hours ago' +%Y-%m-%dT%H:%M:%S.123Z)" '.run.start = $start' igb.json >new.json
	answers 8 new 2
	answers 8 error
}

@test "IPv6, and the guest's VLAN" {
	answers 9 igb $'macvtap\t\tok-if' $'bridge\t\tok'
	answers 9 fixes $'macvtap\t\tok-if' $'macvtap\t\tuntested' $'bridge\t\tok' $'bridge\t\tuntested' \
		$'bridge\tfdb+pin\tok' $'bridge\tfdb+pin\tuntested'
	answers 10 igb false
	answers 10 fixes false
	answers 10 odd false
	answers 10 vlan true
}
