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
	[[ $status == 0 && $output == *'DaemonSet nfprobe-keep'* && $output == *'ConfigMap nfprobe-keep-'* ]]
	validate "$manifests/probe"
	[[ $status == 0 && $output == *'Job nfprobe'* && $output == *'ConfigMap nfprobe-assigned-'* ]]
}

@test "a key that is unknown, or a value of another type, would be noticed" {
	validate "$manifests/probe" 's/restartPolicy: Never/restartPolicyy: Never/'
	[[ $status == 1 && $output == *'"restartPolicyy"'* ]]
	validate "$manifests/probe" 's/backoffLimit: 0/backoffLimit: none/'
	[[ $status == 1 && $output == *'backoffLimit must be integer'* ]]
}

@test "the Job has the rights that the image's README names, and the DaemonSet no way to probe" {
	validate "$manifests/probe"
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
