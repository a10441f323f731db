#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Files that are there to be copied, as far as they can be run here.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov

yaml() {
	/usr/bin/python3 -c 'import sys, yaml
d = yaml.safe_load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$@"
}

@test "OpenStack: the trait is there if the verdict is safe, and only then" {
	sys=$BATS_TEST_TMPDIR/sys store=$BATS_TEST_TMPDIR/store nova=$BATS_TEST_TMPDIR/nova
	mkdir -m 755 "$sys" "$store" "$nova"
	sriov_tree "$sys"
	sriov_result "$store/pci-0000:01:00.0/20261120T100000.123Z-0.json"
	sed "s#/etc/nova/provider_config#$nova#" "$top/scripts/openstack/nova-trait" >"$BATS_TEST_TMPDIR/nova-trait"
	PATH=$top/scripts/tools:$(dirname "$NFPROBE"):$PATH
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" macvtap eth0
	status_is 0
	[[ $(yaml "$nova/nfprobe.yaml" 'd["meta"]["schema_version"], d["providers"]') == \
		"('1.0', [{'identification': {'uuid': '\$COMPUTE_NODE'}, 'traits': {'additional': ['CUSTOM_NFPROBE_MACVTAP_SAFE']}}])" ]]
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" bridge eth0
	status_is 0
	[[ ! -e $nova/nfprobe.yaml ]]
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" macvtap eth0
	[[ -e $nova/nfprobe.yaml ]]
	# Of each PF; and nova takes no file with another character in a trait.
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" macvtap eth0 wire0
	[[ ! -e $nova/nfprobe.yaml ]]
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" macvtap,direct eth0
	[[ $(yaml "$nova/nfprobe.yaml" 'd["providers"][0]["traits"]["additional"]') == "['CUSTOM_NFPROBE_MACVTAP_DIRECT_SAFE']" ]]
	rm -r "$store/pci-0000:01:00.0"
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait" macvtap eth0
	status_is 0
	[[ ! -e $nova/nfprobe.yaml ]]
}

@test "Kubernetes: the policy selects the label of a safe macvtap" {
	[[ $(yaml "$top/scripts/kubernetes/policy.yaml" 'list(d["spec"]["nodeSelector"].items())') == "[('feature.node.kubernetes.io/nfprobe.eth0.macvtap', 'safe')]" ]]
}
