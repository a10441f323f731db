#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The reader of the tests judges again what --json wrote, and prints it: the text of a result, and by what it is judged.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() { recordings; }

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# change IN OUT EXPRESSION: a result with other facts; s is its style, steps by name.
change() {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
s = d["vf"]["styles"][0]
step = {one["step"]: one for one in s["steps"]}
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w"))' "$@"
}

@test "the result of a run, from its JSON alone, byte for byte" {
	for nic in igb ixgbe; do
		reader $nic.json --json
		status_is "$([[ $nic == igb ]]; echo $?)"
		no_stderr
		diff $nic.json <(printf '%s\n' "$output")
	done
	valid result igb.json ixgbe.json
}

@test "the text, -q and -v" {
	reader ixgbe.json -v
	status_is 1
	stdout_has $'macvtap: NOT SAFE (DEAF)  '
	stdout_has '  alone            VF     0  13'
	reader ixgbe.json -q
	status_is 1
	[[ $output == 'eth0 VF 3: NOT SAFE with macvtap (DEAF).' ]] || fail 'not the first line alone'
	reader igb.json --color=always
	status_is 0
	stdout_has $'\033['
}

@test "a narrow terminal: a standby is one line, and only commands are longer" {
	export COLUMNS=40
	reader ixgbe.json
	stdout_has $'\n  macvtap: LOST VF up\n'
	reader igb.json
	stdout_has $'\n  macvtap: ok\n'
	! grep -E '.{41}' <<<"$output" || fail "a line is too wide"
}

@test "a verdict that stands in the file is not believed: the facts are" {
	change igb.json other.json 's.update(verdict="deaf", reason="because", multicast="lost"); d.update(verdict="deaf", exit=1)'
	reader other.json --json
	status_is 0
	diff igb.json <(printf '%s\n' "$output")
	change igb.json other.json 'step["unplug"]["changed"] = True'
	reader other.json
	status_is 3
	stdout_has 'UNKNOWN. Another process changed'
	change igb.json other.json 'd["error"] = {"code": "interrupted", "message": "stopped by SIGINT", "hint": None}; d["exit"] = 130'
	reader other.json
	status_is 130
	stderr_has 'stopped by SIGINT'
	change igb.json other.json 'd["restored"] = False'
	reader other.json
	status_is 5
	stdout_has 'NOT RESTORED.'
	stdout_has '       nfprobe --restore eth0'
}

# bats test_tags=slow
@test "multicast is judged, and what was not tested is said" {
	change igb.json lost.json '
for name in ("up", "vf-first-up"):
    step[name]["multicast"].update(landing="pf", vf=0, both=0)
    step[name]["repeated_group"] = True'
	reader lost.json -v
	status_is 1
	stdout_has 'NOT SAFE with macvtap (DEAF'
	stdout_has 'only when it is trusted'
	reader lost.json --json
	valid_stdout result
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["verdict"], d["vf"]["styles"][0]["multicast"]') == "('deaf', 'lost')" ]]
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["life"][0]["cells"]["ipv6"], d["life"][0]["cells"]["up"]') == "('lost', 'ok')" ]]
	change igb.json unproven.json '
for one in s["steps"]:
    one["multicast"].update(landing="nowhere", pf=0, vf=0, both=0)
    one["all_nodes"].update(landing="nowhere", pf=0, vf=0, both=0)'
	reader unproven.json
	status_is 0
	stdout_has 'IPv6 with macvtap: no multicast reached eth0'
	[[ ${lines[0]} == *'SAFE with macvtap (IPv6 unknown).' ]] || fail 'the first line says SAFE alone'
	"$(program soak/recording)" untested.pcapng igb no-multicast >untested.json
	reader untested.json -q
	status_is 0
	[[ $output == *', IPv6 not tested.' ]] || fail 'the first line says SAFE alone'
	reader untested.json --json
	diff untested.json <(printf '%s\n' "$output")
}

# bats test_tags=slow
@test "judged by other demands than the run's" {
	reader igb.json --gap-limit 200 --json
	status_is 1
	valid_stdout result
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["verdict"], d["settings"]["gap_limit_ms"]') == "('slow', 200)" ]]
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["answer"]') == *'NOT SAFE with macvtap (SLOW: '*' at '*', limit 200 ms).' ]]
	[[ $(json "$BATS_TEST_TMPDIR/out.json" '"slow" in d["life"][0]["cells"].values()') == True ]]
	reader igb.json -q --gap-limit 200 --allow slow
	status_is 0
	stdout_has '(SLOW'
	stdout_has 'allowed)'
	reader igb.json -q --gap-limit 60000
	status_is 0
	no_stderr
	reader ixgbe.json -q --allow deaf
	status_is 0
}

# harmless FILE...: nothing in them is executed by the log reader of GitHub, GitLab or Azure.
harmless() {
	/usr/bin/python3 - "$@" <<'END'
import re, sys
for name in sys.argv[1:]:
    data = open(name, "rb").read()
    assert b"set-output" in data, f"{name}: no command is in it at all"
    found = re.search(rb"##(vso)?\[|section_(start|end):|\r|\x1b|^\s*::", data, re.M | re.I)
    assert not found, f"{name}: {found[0]} at {data[max(0, found.start() - 60):found.end() + 60]}"
END
}

# bats test_tags=slow
@test "what a log reader would execute is in no output that is no terminal" {
	local hostile='##[set-output name=x] ##vso[task.x] section_start:1:x\r::set-output name=x::y\x1b[31m'
	change igb.json hostile.json "
bad = '$hostile'
d['pf'].update(ifname='::x', driver=bad, firmware=bad)
d['warnings'], d['left_behind'], d['changes_seen'] = [bad], [bad], [bad]
d['error'] = {'code': 'kernel', 'message': bad, 'hint': bad}
s['from'] = s['transmit_note'] = bad
for one in s['steps']:
    one['note'] = bad"
	for columns in 20 40 80 ""; do
		COLUMNS=$columns "$(program reader/reader)" hostile.json -v >text 2>&1 || [[ $? == 4 ]]
		harmless text
	done
	"$(program reader/reader)" hostile.json --json >text 2>errors || [[ $? == 4 ]]
	harmless text errors
	valid result text
	[[ $(json text 'd["pf"]["firmware"]') == *'##[set-output name=x] ##vso['* ]]
}

@test "what is no result is refused, in a sentence that names the file" {
	reader no-such-file
	error_is 4 'cannot read no-such-file: '
	head -c 1000 igb.json >cut.json
	reader cut.json
	error_is 4 'cannot read cut.json: '
	reader igb.pcapng
	error_is 4 'cannot read igb.pcapng: '
	: >empty
	reader empty
	error_is 4 'cannot read empty: it is empty'
	change igb.json other.json 'd["schema"] = 99'
	reader other.json
	error_is 4 'cannot read other.json: schema is not '
	change igb.json other.json 'del step["up"]["drops"]'
	reader other.json
	error_is 4 'cannot read other.json: vf.styles[0].steps[5].drops '
}

@test "the rows of a sheet are answered from its facts alone" {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
c = d["sheet"]["combinations"][0]
c["findings"] = []
for row in c["rows"]:
    row["answer"] = "unknown"
d["exit"] = 0
json.dump(d, open("told.json", "w"))
c["rows"].reverse()
json.dump(d, open("shuffled.json", "w"))' "$top/tests/golden/sheet.json"
	reader told.json --json
	status_is 1
	diff "$top/tests/golden/sheet.json" <(printf '%s\n' "$output")
	reader shuffled.json
	status_is 4
	stderr_has 'is out of order'
}
