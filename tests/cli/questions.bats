#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The expressions and the example of nfprobe-result(5), as its page has them, on results.

# shellcheck disable=SC2154 # set by lib/common

load lib/common

# examples: those of KEYS, as a reader sees them: how to read a schema, and what scripts want of a result.
examples() {
	awk '/^\.SH KEYS/ { inside = 1; next } /^\.SH/ { inside = 0 } /^\.fi/ { text = 0 } inside && text { print } /^\.nf/ { text = 1 }' \
		"$top/man/nfprobe-result.5" | sed 's/^\\&//; s/\\-/-/g; s/\\\\/\\/g'
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	examples | sed '/^#/,$d' >schema.sh
	examples | sed '1,/^#/d; /^#/d' >questions
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

@test "there are twenty questions, each of one line" {
	[[ $(wc -l <questions) == 20 ]]
	run -1 grep -nF "\\" questions
}

@test "the schema prints each key and its sentence" {
	cp "$schemas/nfprobe-result.schema.json" .
	run --separate-stderr bash schema.sh
	status_is 0
	grep -qx 'failover.answer: Whether failover works on this PF.' <<<"$output"
	grep -qx 'vf.styles.transitions.gap_us: .*' <<<"$output"
	[[ $(wc -l <<<"$output") == $(grep -c '"description"' nfprobe-result.schema.json) ]]
	run -1 grep -nE '^[^:]*(properties|anyOf)|: $' <<<"$output"
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

@test "the answer, and whether macvtap is the way" {
	answers 1 igb "eth0 VF 3: SAFE with macvtap (IPv6: set trustGuestRxFilters; clear the VF's address once the guest has left). NOT SAFE with a bridge: EARLY."
	answers 2 igb true
	answers 2 odd false
	answers 2 error false
}

@test "the verdict, and what went wrong" {
	answers 3 igb '["early",1]'
	answers 3 error '[null,4]'
	answers 4 igb null
	answers 4 odd "interrupted: interrupted by SIGINT"
	answers 5 igb true
	answers 5 odd false "VF 3 keeps igb's flag \"administratively set\""
	answers 6 igb
	answers 6 odd "a warning"
}

@test "what macvtap needs, and what is to be done and typed" {
	answers 7 igb $'trust-guest-rx-filters\tlost\nvf-address-cleared\tlost'
	answers 8 igb "$(jq -r '.advice | "\(.[0].sentence)\n\(.[1].sentence)"' igb.json)"
	answers 9 igb "'ip' 'link' 'set' 'dev' 'eth0' 'vf' 'GUEST_VF' 'mac' '00:00:00:00:00:00'"
	answers 9 error
}

@test "which style is the first that is safe" {
	answers 10 igb macvtap
	jq '.life[0].verdict = "deaf"' igb.json >unsafe.json
	answers 10 unsafe
}

@test "IPv6, and the guest's VLAN" {
	answers 11 igb $'macvtap\t\tok-if' $'bridge\t\t'
	answers 11 fixes $'macvtap\t\tok-if' $'macvtap\t\tuntested' $'bridge\t\tok' $'bridge\t\tuntested' \
		$'bridge\tfdb+pin\tok' $'bridge\tfdb+pin\tuntested'
	answers 12 igb false
	answers 12 fixes false
	answers 12 odd false
	answers 12 vlan true
}

@test "which outages are long, and how long is each" {
	answers 13 igb bridge
	answers 14 igb $'macvtap\t\tmeasured\t312000\t1040\tup\tvf' $'bridge\t\tendless\t\t\tattach\tpf'
	jq '.life[0].longest_outage.us = 1000001' igb.json >slow.json
	answers 13 slow macvtap bridge
	answers 20 igb '["macvtap","up",312000]' '["bridge","up",312000]'
	answers 20 error
}

@test "the age in days, the table of all hosts, and the source" {
	jq --arg start "$(date -u -d '50 hours ago' +%Y-%m-%dT%H:%M:%S.123Z)" '.run.start = $start' igb.json >new.json
	answers 15 new 2
	answers 15 error
	answers 16 igb '"hv1","0x8086","0x10c9","2.1.0","6.12.95"'
	answers 17 igb true
	answers 17 error false
}

@test "why a style is not safe, and what failed" {
	answers 18 igb '["bridge","claimed","attach"]'
	answers 18 error
	answers 19 igb '["macvtap",null]' '["bridge",null,"attach","unplug","detach","vf-first","vf-first-unplug"]'
}
