#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is made for programs of others, read by them: promtool, node_exporter; and what the hook reads of libvirt.

# shellcheck disable=SC2154 # set by bats and by lib/common

load ../cli/lib/common
load ../cli/lib/report
load ../cli/lib/sriov
load ../cli/lib/libvirt

# consumer PROGRAM: where a program of Prometheus is: installed, or unpacked by scripts/check.
consumer() {
	PATH=$PATH:${NFPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nfprobe}/prometheus/usr/bin command -v "$1"
}

@test "prometheus: promtool finds nothing in any document" {
	promtool=$(consumer promtool) || skip "no promtool: scripts/check readers gets one"
	written prometheus prom
	for document in *.prom; do
		"$promtool" check metrics <"$document" || fail "$document"
	done
	for change in 's/\\" #/\n #/' 's/ 1.0$/ one/' 's/^# TYPE \(\S*\) gauge/# TYPE \1 counter/' 's/\\"/"/'; do
		run "$promtool" check metrics < <(sed "$change" forged.prom)
		((status)) || fail "not noticed: $change"
	done
}

@test "prometheus: node_exporter reads the file" {
	exporter=$(consumer prometheus-node-exporter) || skip "no node_exporter: scripts/check readers gets one"
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
	promtool=$(consumer promtool) || skip "no promtool: scripts/check readers gets one"
	man_example NotFitForFailover >rules.yml
	"$promtool" check rules rules.yml
	cat >test.yml <<'END'
rule_files: [rules.yml]
tests:
  - input_series:
      - {series: 'nfprobe_verdict{device="eth0",vf="3",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth0",style="macvtap"}', values: 0x9}
      - {series: 'nfprobe_verdict{device="eth1",vf="0",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth1",style="macvtap"}', values: 1x9}
      - {series: 'nfprobe_verdict{device="eth2",vf="0",style="macvtap",verdict="safe"}', values: 0x9}
      - {series: 'nfprobe_stale{device="eth2",style="macvtap"}', values: 0x9}
      - {series: 'nfprobe_exit_status{device="eth2"}', values: 1x9}
      - {series: 'nfprobe_exit_status{device="eth3"}', values: 4x9}
      - {series: 'nfprobe_stale{device="eth4",style="macvtap"}', values: 1x9}
      - {series: 'nfprobe_exit_status{device="eth4"}', values: 3x9}
      - {series: 'nfprobe_verdict{device="eth5",vf="0",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_stale{device="eth5",style="macvtap"}', values: 0x9}
      - {series: 'nfprobe_exit_status{device="eth5"}', values: 3x9}
      - {series: 'nfprobe_verdict{device="eth6",vf="0",style="macvtap",verdict="safe"}', values: 1x9}
      - {series: 'nfprobe_verdict{device="eth6",vf="0",style="bridge",verdict="safe"}', values: 0x9}
      - {series: 'nfprobe_stale{device="eth6",style="macvtap"}', values: 0x9}
      - {series: 'nfprobe_stale{device="eth6",style="bridge"}', values: 1x9}
      - {series: 'nfprobe_exit_status{device="eth6"}', values: 1x9}
    alert_rule_test:
      - eval_time: 5m
        alertname: NotFitForFailover
        exp_alerts:
          - exp_labels: {device: eth1, style: macvtap}
          - exp_labels: {device: eth2, vf: 0, style: macvtap, verdict: safe}
          - exp_labels: {device: eth3}
          - exp_labels: {device: eth4, style: macvtap}
END
	"$promtool" test rules test.yml
}

@test "the domains of libvirt's own tests" {
	xmls=${NFPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nfprobe}/libvirt/tests
	sriov_stored
	patient_hook
	[[ -d $xmls ]] || skip "scripts/check readers downloads them"
	run --separate-stderr /usr/bin/python3 "$here/lib/hook_xmls.py" "$xmls"
	status_is 0
	[[ $output =~ ^([0-9]+)\ domains,\ ([0-9]+)\ with\ a\ team,\ ([0-9]+)\ VFs\ judged$ ]] || fail "says something else"
	((BASH_REMATCH[1] > 1000 && BASH_REMATCH[2] >= 3 && BASH_REMATCH[3] >= 6)) || fail "too few"
}
