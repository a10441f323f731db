#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# scripts/fixture: the results in tests/fixtures are judged as their folders say, and one more is a folder more.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() {
	recordings
	READER=$(program reader/reader)
	export READER
}

setup() { cd "$BATS_TEST_TMPDIR" || return; mkdir kept; }

fixture() { run --separate-stderr "$top/scripts/fixture" --folder kept "$@"; }

# change FILE EXPRESSION: changes kept/one/FILE.
change() {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(d, open(sys.argv[1], "w"))' "kept/one/$1" "$2"
}

@test "each result in tests/fixtures is judged as its folder says" {
	run "$top/scripts/fixture" judge
	status_is 0
	stdout_has 'ok 6 - '
}

@test "add: a folder of a result, by a name or the card's own; not over another" {
	fixture add "$BATS_FILE_TMPDIR/ixgbe.json" one
	status_is 0
	[[ $(cd kept/one && echo *) == 'origin.json result.json' ]]
	[[ $(json kept/one/origin.json 'd["judged"][0]["verdicts"]') == "{'VF 3, macvtap': 'deaf'}" ]]
	valid result kept/one/result.json
	fixture add "$BATS_FILE_TMPDIR/igb.json" one
	status_is 4
	stderr_has 'kept/one is there already'
	fixture add kept/one/result.json
	status_is 0
	stdout_has 'Write the name of the card'
	fixture judge
	status_is 0
	stdout_has '1..2'
	fixture add "$BATS_FILE_TMPDIR/igb.pcapng" other
	status_is 4
	fixture add kept/one/result.json ../other
	status_is 4
	[[ $(echo kept/* | wc -w) == 2 ]]
}

@test "add: nothing that names a host, and the same landings" {
	local landings='[(s["step"], s["status"], s["unicast"], s["broadcast"]) for s in d["vf"]["styles"][0]["steps"]]'
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
d["run"].update(host="hv1.example.org", id="00" * 16, start="2026-11-20T10:00:00.000Z")
d["pf"].update(master="br-secret", address="52:54:00:12:34:56", vendor="0x8086", device="0x10c9", driver="igb")
d["warnings"], d["left_behind"] = ["hv1 is odd"], ["hv1 keeps it"]
d["vf"]["styles"][0]["steps"][3]["note"] = "qemu of alice did it"
json.dump(d, open("secret.json", "w"))' "$BATS_FILE_TMPDIR/igb.json"
	fixture add secret.json one
	status_is 0
	! grep -E 'hv1|secret"|alice|eth0|eth1|02:00:00:00:00:11|52:54|2026-11-20|"0000' kept/one/result.json || fail "it names a host"
	[[ $(json kept/one/result.json 'd["pf"]["driver"], d["pf"]["ifname"], d["run"]["host"]') == "('igb', 'n1', None)" ]]
	diff <(json secret.json "$landings") <(json kept/one/result.json "$landings")
	fixture judge
	status_is 0
}

@test "add: a sheet, whose rows are answered again" {
	"$top/scripts/tools/nfprobe-report" share "$top/tests/golden/sheet-all.json" -o shared.json
	fixture add shared.json one
	status_is 0
	local of='[(c["trust"], c["spoofchk"], c["findings"], [(r["row"], r["answer"], r["heard"]) for r in c["rows"]]) for c in d["sheet"]["combinations"]]'
	diff <(json "$top/tests/golden/sheet-all.json" "$of") <(json kept/one/result.json "$of")
	valid result kept/one/result.json
	fixture judge
	status_is 0
	change result.json 'd["sheet"]["combinations"][0]["rows"][0]["heard"] = 0'
	fixture judge
	status_is 1
	stdout_has '"forged": "no"'
}

# damaged EXPRESSION SENTENCE: what a result with that change is refused with.
damaged() {
	/usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
style = d["vf"]["styles"][0]
exec(sys.argv[2])
json.dump(d, open("damaged.json", "w"))' "$top/tests/fixtures/igb/result.json" "$1"
	fixture add damaged.json one
	status_is 4
	stderr_has "$2"
	[[ ! -e kept/one ]]
}

@test "add: a result that is damaged, or whose verdict does not follow from its facts, is refused with a sentence" {
	head -c 9000 "$top/tests/fixtures/igb/result.json" >torn.json
	fixture add torn.json one
	status_is 4
	stderr_has 'torn.json is damaged, or no result'
	stderr_has 'is not JSON'
	damaged 'del d["run"]' 'run is not an object'
	damaged 'style["steps"][3]["unicast"]["vf"] = 7' 'vf.styles[0].steps[3].unicast do not add up to the 33 that were sent'
	damaged 'style["verdict"] = "sticky"' 'does not follow from its facts: it says'
	damaged 'style["steps"] = style["steps"][:2]' '"VF 3, macvtap": "inconclusive"'
	# Another version may have had other rules; then the folder says why.
	damaged 'd["version"] = "0.0.9"; style["verdict"] = "sticky"' 'name it with --because'
	fixture add --because 'the rule was wrong' damaged.json one
	status_is 0
	[[ $(json kept/one/origin.json '[(j["version"] == "0.0.9", j["verdicts"]["VF 3, macvtap"], j.get("because")) for j in d["judged"]]') == \
		"[(True, 'sticky', None), (False, 'safe', 'the rule was wrong')]" ]]
	fixture judge
	status_is 0
	rm -r kept/one
	version=$("$NFPROBE" --version)
	damaged "d[\"version\"] = \"${version#nfprobe }\"; style[\"verdict\"] = \"sticky\"" 'does not follow'
	fixture add --because 'it would be nice' damaged.json one
	status_is 4
}

@test "add: the name of a card; the kind of card, and what is left to do" {
	fixture add --card "Intel 82576" "$top/tests/fixtures/igb/result.json" one
	status_is 0
	[[ $(json kept/one/origin.json 'd["card"], d["kind"]') == "('Intel 82576', 'emulated')" ]] # QEMU's NICs say that
	stdout_has '1. This is the first result of igb'
	stdout_has '2. Run `make quick`'
	fixture add "$BATS_FILE_TMPDIR/igb.json" two
	[[ $(json kept/two/origin.json 'd["kind"]') == real ]]
	stdout_has '1. Write the name of the card'
	stdout_has '2. Run `make quick`'
}

@test "a sentence for who has not built the reader, or names a folder that is not there" {
	READER=$PWD/none fixture add "$BATS_FILE_TMPDIR/igb.json"
	status_is 4
	stderr_has 'run `make build/tests/reader/reader` first'
	fixture judge none
	status_is 4
	stderr_has 'there is no fixture kept/none'
	fixture add --anew "$BATS_FILE_TMPDIR/igb.json" none
	status_is 4
	stderr_has 'there is no fixture kept/none'
}

@test "judge: another verdict, a judgement without its reason, and a sentence that was to be left out are noticed" {
	fixture add "$BATS_FILE_TMPDIR/igb.json" one
	fixture judge
	status_is 0
	change origin.json 'd["judged"][0]["verdicts"]["VF 3, macvtap"] = "sticky"'
	fixture judge one
	status_is 1
	stdout_has '"VF 3, macvtap": "sticky"}}: if that is right'
	change origin.json 'd["judged"].append({"version": "9", "verdicts": {"VF 3, macvtap": "safe"}})'
	fixture judge
	status_is 1
	stdout_has 'does not say why 9 judges otherwise'
	change origin.json 'd["judged"][1]["because"] = "it was wrong"'
	fixture judge
	status_is 0
	change result.json 'd["run"]["host"] = "hv1"'
	fixture judge
	status_is 1
	stdout_has 'result.json has more than a fixture keeps: host'
	change result.json 'd["run"]["host"] = None; d["vf"]["styles"][0]["steps"][8]["changed"] = True'
	fixture judge
	status_is 1
	stdout_has '"VF 3, macvtap": "inconclusive"'
}
