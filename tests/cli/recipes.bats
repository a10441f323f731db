#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The commands and files that nfprobe-recipes(7) tells its readers to copy, as far as they can be run here.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov

# example WORDS: the example of the page that has them, as man shows it.
example() {
	/usr/bin/python3 - "$top/man/nfprobe-recipes.7" "$1" <<'END'
import re, sys
page, words = open(sys.argv[1]).read(), sys.argv[2]
found = [text for text in re.findall(r"^\.nf\n(.*?)^\.fi$", page, re.M | re.S) if words in text.replace("\\-", "-")]
assert len(found) == 1, f"{len(found)} examples have {words}"
print(found[0].replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\"), end="")
END
}

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
	example nova-trait | sed "s#/etc/nova/provider_config#$nova#" >"$BATS_TEST_TMPDIR/nova-trait"
	PATH=$top/scripts/tools:$(dirname "$NFPROBE"):$PATH
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait"
	status_is 0
	[[ $(yaml "$nova/nfprobe.yaml" 'd["meta"]["schema_version"], d["providers"]') == \
		"('1.0', [{'identification': {'uuid': '\$COMPUTE_NODE'}, 'traits': {'additional': ['CUSTOM_NFPROBE_MACVTAP_SAFE']}}])" ]]
	rm -r "$store/pci-0000:01:00.0"
	on_sriov "$sys" sh "$BATS_TEST_TMPDIR/nova-trait"
	status_is 0
	[[ ! -e $nova/nfprobe.yaml ]]
}

@test "Kubernetes: the policy selects the label of a safe macvtap" {
	example SriovNetworkNodePolicy >"$BATS_TEST_TMPDIR/policy.yaml"
	[[ $(yaml "$BATS_TEST_TMPDIR/policy.yaml" 'list(d["spec"]["nodeSelector"].items())') == "[('feature.node.kubernetes.io/nfprobe.eth0.macvtap', 'safe')]" ]]
}
