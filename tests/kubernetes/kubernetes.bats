#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/kubernetes: the manifests, as kustomize makes them, against Kubernetes' schemas. NODE_PATH has what package.json names.

# shellcheck disable=SC2154 # set by bats

bats_require_minimum_version 1.5.0

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	manifests=$top/scripts/kubernetes
}

# validate FOLDER [EXPRESSION]: its manifests, changed by sed.
validate() {
	kubectl kustomize "$1" >"$BATS_TEST_TMPDIR/all.yaml"
	sed "${2-}" "$BATS_TEST_TMPDIR/all.yaml" >"$BATS_TEST_TMPDIR/changed.yaml"
	run --separate-stderr node "$top/tests/kubernetes/validate.js" <"$BATS_TEST_TMPDIR/changed.yaml"
	echo "$output$stderr"
}

@test "the manifests are what Kubernetes' schemas ask for" {
	validate "$manifests"
	[[ $status == 0 && $output == *'PriorityClass nfprobe'*'DaemonSet nfprobe-look'*'DaemonSet nfprobe-publish'* ]]
	validate "$manifests/probe"
	[[ $status == 0 && $output == *'Job nfprobe'* ]]
}

# with COMPONENT...: a copy of the manifests with these, as whoever uses them has it.
with() {
	rm -rf "$BATS_TEST_TMPDIR/with"
	cp -r "$manifests" "$BATS_TEST_TMPDIR/with"
	printf 'components:\n' >>"$BATS_TEST_TMPDIR/with/kustomization.yaml"
	printf '  - components/%s\n' "$@" >>"$BATS_TEST_TMPDIR/with/kustomization.yaml"
}

@test "each component, and all of them, are what the schemas ask for" {
	for names in audit monitor openshift 'audit monitor openshift'; do
		# shellcheck disable=SC2086 # words
		with $names
		validate "$BATS_TEST_TMPDIR/with"
		[[ $status == 0 ]]
	done
	[[ $output == *'ServiceMonitor nfprobe'* && $output == *'PrometheusRule nfprobe'* && $output == *'SecurityContextConstraints nfprobe'* ]]
	validate "$BATS_TEST_TMPDIR/with" 's/interval: 60s/intervall: 60s/'
	[[ $status == 1 && $output == *'"intervall"'* ]]
	validate "$BATS_TEST_TMPDIR/with" 's/allowHostPID: true/allowHostPIDs: true/'
	[[ $status == 1 && $output == *'lacks allowHostPID'* ]]
}

@test "only the audit looks into processes, and only what looks has the host's network" {
	kubectl kustomize "$manifests" >"$BATS_TEST_TMPDIR/base.yaml"
	[[ $(grep -c 'hostNetwork: true' "$BATS_TEST_TMPDIR/base.yaml") == 1 ]]
	[[ $(grep -xE ' *- [A-Z]+(_[A-Z]+)+' "$BATS_TEST_TMPDIR/base.yaml" | tr -d ' ') == -NET_ADMIN ]]
	run grep -nE 'hostPID|--audit' "$BATS_TEST_TMPDIR/base.yaml"
	[[ $status == 1 ]]
	with audit
	kubectl kustomize "$BATS_TEST_TMPDIR/with" >"$BATS_TEST_TMPDIR/audit.yaml"
	[[ $(grep -c 'hostPID: true' "$BATS_TEST_TMPDIR/audit.yaml") == 1 && $(grep -c -e '--audit' "$BATS_TEST_TMPDIR/audit.yaml") == 3 ]]
}

@test "a key that is unknown, or a value of another type, would be noticed" {
	validate "$manifests/probe" 's/restartPolicy: Never/restartPolicyy: Never/'
	[[ $status == 1 && $output == *'"restartPolicyy"'* ]]
	validate "$manifests/probe" 's/backoffLimit: 0/backoffLimit: none/'
	[[ $status == 1 && $output == *'backoffLimit must be integer'* ]]
}

@test "the Job has the rights that the image's README names, and the DaemonSet no way to probe" {
	validate "$manifests/probe"
	[[ -e $top/scripts/image/$(grep -oE '[a-z]+\.py' "$BATS_TEST_TMPDIR/all.yaml" | sort -u) ]]
	for cap in $(sed -n 's/.*--cap-add \([A-Z_,]*\).*/\1/p' "$top/scripts/image/README.md" | tr , ' '); do
		grep -qx " *- $cap" "$BATS_TEST_TMPDIR/all.yaml"
	done
	[[ $(grep -cxE ' *- [A-Z]+(_[A-Z]+)+' "$BATS_TEST_TMPDIR/all.yaml") == 5 ]]
	validate "$manifests"
	run grep -nE 'mountPath: /sys|NET_RAW|--vf' "$BATS_TEST_TMPDIR/all.yaml"
	[[ $status == 1 ]]
}

@test "the README has at most 600 words" {
	(($(wc -w <"$manifests/README.md") <= 600))
}
