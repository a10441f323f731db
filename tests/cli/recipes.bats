#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Files that are there to be copied, as far as they can be run here.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common

yaml() {
	/usr/bin/python3 -c 'import sys, yaml
d = yaml.safe_load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$@"
}

@test "Kubernetes: the policy selects the label of a safe macvtap" {
	[[ $(yaml "$top/scripts/kubernetes/policy.yaml" 'list(d["spec"]["nodeSelector"].items())') == "[('feature.node.kubernetes.io/nfprobe.eth0.macvtap', 'safe')]" ]]
}
