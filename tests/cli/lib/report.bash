# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the tests of nfprobe-report: documents with text that each format must escape, and what is made of them.

# shellcheck disable=SC2154 # set by bats and by common.bash

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	sample_documents . igb reflector error
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

# written FORMAT ENDING: each result in that format.
written() {
	for document in *.json; do
		"$top/scripts/tools/nfprobe-report" "$1" "$document" -o "${document%.json}.$2"
	done
}

# man_example WORD: the example of the manual whose first line has it.
man_example() {
	awk -v word="$1" '/^\.nf/ { text = ""; inside = 1; next } /^\.fi/ { if (text ~ word) printf "%s", text; inside = 0 }
		inside { text = text $0 "\n" }' "$top/man/nfprobe-report.1" | sed 's/\\-/-/g; s/\\e/\\/g'
}
