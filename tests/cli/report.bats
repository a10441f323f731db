#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nfprobe-report: each format, as the programs that read it take it. tests/python/test_report.py and test_stored.py test what is in it.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/report

# bats test_tags=slow
@test "junit: every document is valid" {
	written junit xml
	xmllint --nonet --noout --schema "$here/lib/junit.xsd" ./*.xml
	sed 's/<testcase /<testcase x="" /' igb.xml >broken.xml
	run xmllint --nonet --noout --schema "$here/lib/junit.xsd" broken.xml
	((status))
	rm broken.xml
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
	[[ $(labels igb.nfd) == *'nfprobe.eth0.macvtap.needs=trust-guest-rx-filters.vf-address-cleared until 2026-12-20'* ]]
	[[ $(labels forged.nfd) =~ ^nfprobe\.e_+\.macvtap=safe\  ]]
	[[ -z $(labels error.nfd) ]]
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
