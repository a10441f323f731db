#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nfprobe-report: each format, as the programs that read it take it. tests/python/test_report.py tests what is in it.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	sample_documents . igb neighbours error
	# Text that each format must escape, and a style of each verdict.
	/usr/bin/python3 - <<'END'
import json
document = json.load(open("igb.json", encoding="utf-8"))
nasty = 'a # SKIP, 100 %  ::error title=x,y::"no" \\| <b>`*_ok_*` é\n# HELP x\nx 1'
document["pf"]["ifname"] = 'e" #%:,\\é|='
document["vf"]["parentdev"] = document["pf"]["firmware"] = nasty
for style in document["vf"]["styles"]:
    style["reason"] = document["source"]["from"] = nasty
    style["steps"][1]["note"] = nasty
json.dump(document, open("forged.json", "w", encoding="utf-8"))
style = document["vf"]["styles"][1]
for verdict in ("deaf", "unknown", "not-applicable"):
    style["verdict"], style["allowed"] = verdict, verdict == "deaf"
    json.dump(document, open(verdict + ".json", "w", encoding="utf-8"))
END
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

report() { run --separate-stderr "$top/scripts/tools/nfprobe-report" "$@"; }

# written FORMAT ENDING: each result in that format.
written() {
	for document in *.json; do
		"$top/scripts/tools/nfprobe-report" "$1" "$document" -o "${document%.json}.$2"
	done
}

# man_example WORD: the example of the manual whose first line has it.
man_example() {
	awk -v word="$1" '/^\.nf/ { text = ""; inside = 1; next } /^\.fi/ { if (text ~ word) printf "%s", text; inside = 0 }
		inside { text = text $0 "\n" }' "$top/man/nfprobe-tools.8" | sed 's/\\-/-/g; s/\\e/\\/g'
}

# bats test_tags=slow
@test "junit: every document is valid" {
	written junit xml
	xmllint --nonet --noout --schema "$here/lib/junit.xsd" ./*.xml
	sed 's/<testcase /<testcase x="" /' igb.xml >broken.xml
	run xmllint --nonet --noout --schema "$here/lib/junit.xsd" broken.xml
	((status))
	rm broken.xml
}

# bats test_tags=slow
@test "prometheus: promtool finds nothing in any document" {
	promtool=$(consumer promtool) || skip "no promtool: scripts/check cli gets one"
	written prometheus prom
	for document in *.prom; do
		"$promtool" check metrics <"$document" || fail "$document"
	done
	for change in 's/\\" #/\n #/' 's/ 1.0$/ one/' 's/^# TYPE \(\S*\) gauge/# TYPE \1 counter/' 's/\\"/"/'; do
		run "$promtool" check metrics < <(sed "$change" forged.prom)
		((status)) || fail "not noticed: $change"
	done
}

# bats test_tags=slow
@test "prometheus: node_exporter reads the file" {
	exporter=$(consumer prometheus-node-exporter) || skip "no node_exporter: scripts/check cli gets one"
	written prometheus prom
	mkdir -p textfile
	cp forged.prom textfile/nfprobe.prom
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 0' metrics
	grep -qF 'device="e\" #%:,\\é|="' metrics
	samples() { grep -E '^nfprobe_[a-z_]+\{' | sed 's/ .*//' | sort; }
	[[ $(samples <textfile/nfprobe.prom | wc -l) == "$(samples <metrics | wc -l)" ]]
	# A broken file would have been noticed.
	head -c 200 forged.prom >textfile/half.prom
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 1' metrics
}

@test "prometheus: the rule of the manual means what it says" {
	promtool=$(consumer promtool) || skip "no promtool: scripts/check cli gets one"
	man_example NotFitForFailover >rules.yml
	"$promtool" check rules rules.yml
	cat >test.yml <<'END'
rule_files: [rules.yml]
tests:
  - input_series:
      - {series: 'nfprobe_verdict{device="eth0",vf="3",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth0"}', values: 0x9}
      - {series: 'nfprobe_verdict{device="eth1",vf="0",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth1"}', values: 1x9}
      - {series: 'nfprobe_verdict{device="eth2",vf="0",style="macvtap",verdict="safe"}', values: 0x9}
      - {series: 'nfprobe_stale{device="eth2"}', values: 0x9}
      - {series: 'nfprobe_exit_status{device="eth2"}', values: 1x9}
      - {series: 'nfprobe_exit_status{device="eth3"}', values: 4x9}
      - {series: 'nfprobe_stale{device="eth4"}', values: 1x9}
      - {series: 'nfprobe_exit_status{device="eth4"}', values: 3x9}
      - {series: 'nfprobe_verdict{device="eth5",vf="0",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth5"}', values: 0x9}
      - {series: 'nfprobe_exit_status{device="eth5"}', values: 3x9}
    alert_rule_test:
      - eval_time: 5m
        alertname: NotFitForFailover
        exp_alerts:
          - exp_labels: {device: eth1, vf: 0, style: macvtap, verdict: safe}
          - exp_labels: {device: eth2, vf: 0, style: macvtap, verdict: safe}
          - exp_labels: {device: eth3}
          - exp_labels: {device: eth4}
END
	"$promtool" test rules test.yml
}

# labels FILE...: what Node Feature Discovery takes from feature files, by its own rules and those of labels.
labels() {
	/usr/bin/python3 - "$@" <<'END'
import datetime, os, re, sys
WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
for path in sys.argv[1:]:
    assert not os.path.basename(path).startswith(".") and os.path.getsize(path) < 65536, path
    expiry = None
    for line in open(path, encoding="utf-8").read().split("\n"):
        line = line.strip()
        if line.startswith("# +"):
            key, value = line[3:].split("=", 1)
            assert key == "expiry-time", line
            expiry = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
        elif line and not line.startswith("#"):
            key, value = line.split("=", 1)
            prefix, name = key.split("/")
            assert prefix == "feature.node.kubernetes.io" and expiry, line
            for word in (name, value):
                assert len(word) <= 63 and re.fullmatch(WORD, word), line
            print(f"{name}={value} until {expiry.date()}")
END
}

# bats test_tags=slow
@test "nfd: labels are valid, and only those of a run that says something of now" {
	written nfd nfd
	labels ./*.nfd >/dev/null
	[[ $(labels igb.nfd | grep -v '\.needs=') == $'nfprobe.eth0.macvtap=safe until 2026-12-20\nnfprobe.eth0.bridge=early until 2026-12-20' ]]
	[[ $(labels igb.nfd) == *'nfprobe.eth0.macvtap.needs=trust-guest-rx-filters until 2026-12-20'* ]]
	[[ $(labels forged.nfd) =~ ^nfprobe\.e_+\.macvtap=safe\  ]]
	[[ -z $(labels error.nfd) ]]
}

# proves FILE: prove finds its plan and its numbers right; status: whether all its tests are ok.
proves() {
	run prove -e cat "$1"
	[[ $output != *'Parse errors'* && $output != *Dubious* ]] || fail "$1"
	[[ $output == *"Tests=$(grep -cE '^(not )?ok ' "$1"),"* ]] || fail "$1: tests"
	[[ $output != *'Failed tests:'* || $status == 1 ]]
}

# bats test_tags=slow
@test "ktap: prove takes every document, and each nested one, and they agree" {
	written ktap ktap
	for document in *.ktap; do
		rm -f outer inner.*
		# Indented lines belong to the next line that is not indented.
		awk '/^  KTAP/ { n++ } sub(/^  /, "") { print >"inner." n; next } { print >"outer" }' "$document"
		proves outer
		[[ $status == "$(($(grep -c '^not ok' outer) > 0))" ]]
		for inner in inner.*; do
			proves "$inner"
			failed=$status
			grep -q "^$( ((failed)) && echo not\ )ok ${inner#inner.} $(sed -n 's/^# Subtest: //p' "$inner" | sed 's/[][\.*^$]/./g')" outer ||
				fail "$document: $inner is not what its test says"
		done
	done
	grep -q '^ok 2 .* # XFAIL ' deaf.ktap
	grep -q '^not ok 2 .* # ERROR ' unknown.ktap
	for change in 's/^1\.\.2/1..3/' 's/^not ok 2/not ok 3/'; do
		run prove -e cat <(sed "$change" igb.ktap)
		[[ $output == *'Parse errors'* ]] || fail "not noticed: $change"
	done
}

@test "a result from a pipe, and one that cannot be read" {
	# shellcheck disable=SC2016 # bash expands it
	run --separate-stderr bash -c 'set -o pipefail; cat igb.json | "$top/scripts/tools/nfprobe-report" ktap'
	status_is 0
	no_stderr
	stdout_has '1..2'
	report junit nosuch
	status_is 4
	no_stdout
	[[ $stderr == 'nfprobe-report: cannot use nosuch: No such file or directory' ]]
}

# bats test_tags=slow
@test "git bisect: the recipe of the manual maps the exit statuses" {
	recipe=$(man_example 'exit 125' | grep '^case')
	sed 's/"kernel": "[^"]*"/"kernel": "6.13"/' igb.json >same.json
	sed 's/"kernel": "[^"]*"/"kernel": "6.13"/; s/"verdict": "safe"/"verdict": "deaf"/' igb.json >worse.json
	for pair in same:0 worse:1 nosuch:125; do
		run bash -c '"$top/scripts/tools/nfprobe-report" compare igb.json "$1".json; '"$recipe" - "${pair%:*}"
		[[ $status == "${pair#*:}" ]] || fail "$pair"
	done
	rm same.json worse.json
}
