#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --export: each format, as the programs that read it take it.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() { recordings; }

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# The formats, as the program itself lists them.
formats() { "$NFPROBE" eth0 --vf 3 --export x=y 2>&1 | sed -n 's/.*it takes \(.*\), each.*/\1/p' | tr -d ,; }

# man_example FORMAT: the example in its section of the manual.
man_example() {
	sed -n "/^\\.SS $1\$/,/^\\.S[SH] /p" "$top/man/nfprobe-output.5" | sed -n '/^\.nf/,/^\.fi/p' |
		sed '/^\./d; s/\\-/-/g; s/\\e/\\/g'
}

@test "every format: a file, and standard output in place of the text" {
	[[ $(formats | wc -w) -ge 1 ]]
	for format in $(formats); do
		nfprobe --read igb.pcapng --export "$format=file"
		status_is 0
		stdout_has 'SAFE'
		[[ -s file ]]
		nfprobe --read igb.pcapng --export "$format=-"
		status_is 0
		diff file <(printf '%s\n' "$output")
	done
}

@test "every format: an error of the run is written as well, one of usage is not" {
	for format in $(formats); do
		alone lo --vf 0 --export "$format=failed"
		status_is 4
		stderr_has "nfprobe: lo is not an SR-IOV PF"
		[[ -s failed ]]
		echo old >failed
		nfprobe lo --vf nonsense --export "$format=failed"
		status_is 2
		[[ $(<failed) == old ]]
		nfprobe lo --vf 0 --export "$format=no/such/folder"
		error_is 4 'cannot write no/such/folder: No such file or directory'
	done
}

@test "every format is in the manual" {
	for format in $(formats); do
		sed -n '/^\.SH EXPORT/,/^\.SH HTML/p' "$top/man/nfprobe-output.5" | grep -qx "\.SS $format"
		grep -qF "\\fB$format\\fP" "$top/man/nfprobe.8"
	done
}

# ---- prometheus ----

@test "prometheus: promtool finds nothing in any document" {
	promtool=$(consumer promtool) || skip "no promtool: scripts/check cli gets one"
	for document in "$top"/tests/golden/*.prom; do
		"$promtool" check metrics <"$document" || fail "$document"
	done
	for change in 's/\\" #/\n #/' 's/ 1$/ one/' 's/^# TYPE \(\S*\) gauge/# TYPE \1 counter/' \
		's/\\"/"/'; do
		run "$promtool" check metrics < <(sed "$change" "$top/tests/golden/forged.prom")
		((status)) || fail "not noticed: $change"
	done
}

@test "prometheus: node_exporter reads the file, and what is beside it while it is written" {
	exporter=$(consumer prometheus-node-exporter) || skip "no node_exporter: scripts/check cli gets one"
	mkdir textfile
	nfprobe --read ixgbe.pcapng --export prometheus=textfile/nfprobe.prom
	status_is 1
	head -c 200 textfile/nfprobe.prom >textfile/.nfprobe.prom.1-0
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 0' metrics
	# The exporter has an order of its own, of labels, too.
	samples() { grep -E '^nfprobe_[a-z_]+\{' | tr '{},' '\n' | sort; }
	diff <(samples <textfile/nfprobe.prom) <(samples <metrics)
	grep -q '^nfprobe_verdict{.*verdict="deaf".*} 1$' metrics
	# Two runs that fail early must not claim one series.
	alone lo --vf 0 --export prometheus=textfile/lo.prom
	alone nosuch0 --vf 0 --export prometheus=textfile/nosuch0.prom
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 0' metrics
	grep -qx 'nfprobe_exit_status{device="nosuch0"} 4' metrics
	rm textfile/lo.prom textfile/nosuch0.prom
	cp "$top/tests/golden/forged.prom" textfile/nfprobe.prom
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 0' metrics
	grep -qF 'device="e\" #%:,\\é|="' metrics
	# A broken file would have been noticed.
	cp textfile/.nfprobe.prom.1-0 textfile/half.prom
	"$here/lib/scrape.py" "$exporter" textfile >metrics
	grep -qx 'node_textfile_scrape_error 1' metrics
}

@test "prometheus: promtool finds nothing in the rule of the manual, which means what it says" {
	promtool=$(consumer promtool) || skip "no promtool: scripts/check cli gets one"
	man_example prometheus >rules.yml
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

# ---- nfd ----

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

@test "nfd: labels are valid, and only those of a run that says something of now" {
	golden=$top/tests/golden
	labels "$golden"/*.nfd
	[[ $(labels "$golden/igb.nfd") == $'nfprobe.eth0.macvtap=safe until 2026-12-20\nnfprobe.eth0.bridge=early until 2026-12-20' ]]
	[[ $(labels "$golden/mixed.nfd") == *'eth0.macvtap=inconclusive '* ]]
	[[ $(labels "$golden/forged.nfd") =~ ^nfprobe\.e_+\.macvtap=safe\  ]]
	[[ -z $(labels "$golden"/{stale,unstored,failed,error}.nfd) ]]
	nfprobe --read ixgbe.pcapng --export nfd=labels
	[[ $(labels labels) == 'nfprobe.eth0.macvtap=deaf '* ]]
}

# ---- ktap ----

# proves FILE: prove finds its plan and its numbers right; status: whether all its tests are ok.
proves() {
	run prove -e cat "$1"
	[[ $output != *'Parse errors'* && $output != *Dubious* ]] || fail "$1"
	[[ $output == *"Tests=$(grep -cE '^(not )?ok ' "$1"),"* ]] || fail "$1: tests"
	[[ $output != *'Failed tests:'* || $status == 1 ]]
}

@test "ktap: prove takes every document, and each nested one, and they agree" {
	for document in "$top"/tests/golden/*.ktap; do
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
	grep -q '^  ok 5 driver # SKIP ' "$top/tests/golden/mixed.ktap"
	grep -q '^ok 2 .* # XFAIL ' "$top/tests/golden/mixed.ktap"
	grep -q '^not ok 3 .* # ERROR ' "$top/tests/golden/mixed.ktap"
	for change in 's/^1\.\.2/1..3/' 's/^not ok 2/not ok 3/'; do
		run prove -e cat <(sed "$change" "$top/tests/golden/igb.ktap")
		[[ $output == *'Parse errors'* ]] || fail "not noticed: $change"
	done
}

@test "ktap: a recording, and the command of the manual" {
	run prove -e "$NFPROBE --export ktap=- --read" igb.pcapng
	status_is 0
	run prove -e "$NFPROBE --export ktap=- --read" ixgbe.pcapng
	stdout_has 'Non-zero exit status: 1'
	need_root
	man_example ktap >line
	PATH=$(dirname "$NFPROBE"):$PATH run unshare --net bash line
	stdout_has 'Tests: 1 Failed: 1'
	stdout_has 'Non-zero exit status: 4'
}
