#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --help and the manual pages name the same options; --version.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() { export pages="$(echo "$top"/man/*)"; }

help_options() { "$NFPROBE" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u; }

@test "--help goes to standard output" {
	for option in --help -h; do
		nfprobe $option
		status_is 0
		no_stderr
		stdout_has "nfprobe PF --vf N [options]"
		stdout_has "--json[=FILE]"
		stdout_has "Exit status: 0 safe"
	done
}

@test "--help has every option, and at most 33; -h the twelve that most people need" {
	[[ $("$NFPROBE" --help | grep -c '^  -') -le 33 ]]
	help=$("$NFPROBE" -h | grep -oE -- '^  (-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort | tr '\n' ' ')
	[[ $help == "--dry-run --from --help --json --list --quiet --restore --save --style --verbose --vf --vlan " ]]
}

@test "--help fits a terminal of 80 columns" {
	run ! grep -E '.{81}' <("$NFPROBE" --help)
}

@test "--help and --version win over what else is typed" {
	nfprobe eth0 --list --vf 3 --help --nonsense
	status_is 0
	no_stderr
	nfprobe --restore --version
	status_is 0
	[[ $output == nfprobe\ * ]]
}

@test "--version, and that of the manual pages, is that of the release notes" {
	version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/scripts/packaging/debian/changelog")
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	for option in --version -V; do
		nfprobe $option
		status_is 0
		no_stderr
		[[ $output == "nfprobe $version" ]]
	done
	for page in $pages; do
		grep -qF "\"nfprobe $version\"" "$page"
	done
}

@test "the manual page describes exactly the options of --help" {
	in_manual=$(sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' "$top/man/nfprobe.8" | grep -A1 '^\.TP' |
		grep '^\.B' | sed 's/\\-/-/g' | grep -oE -- '--[a-z][a-z-]*' | sort -u)
	diff <(help_options) <(printf '%s\n' "$in_manual")
}

# bats test_tags=slow
@test "man has no warnings about the manual pages" {
	command -v man >/dev/null || skip "no man here"
	for page in $pages; do
		run --separate-stderr man --warnings -E UTF-8 -l -Tutf8 -Z "$page"
		status_is 0
		no_stderr
	done
}

@test "mandoc has no complaint about the manual pages" {
	# shellcheck disable=SC2086 # words
	run mandoc -T lint $pages
	[[ $status == 0 && -z $output ]]
}

@test "the manual pages name every step, verdict, requirement and key of the schema" {
	/usr/bin/python3 - "$top" "$schemas" <<'END'
import json, re, sys
top, schemas = sys.argv[1:]
page = "".join(open(f"{top}/man/{name}").read() for name in ("nfprobe.8", "nfprobe-verdicts.7", "nfprobe-output.5", "nfprobe-tools.8"))
page = re.sub(r"\\f.|\\&", "", page).replace("\\-", "-")
words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_+-]*", page))
words |= set(re.findall(r"[a-z-]+:[a-z-]+", page))
words |= {w.lower().replace(" ", "-") for w in re.findall(r"^\.SS (.*)$", page, re.M)}
lacking = []
def walk(node, key=None):
    if isinstance(node, dict):
        for k, v in node.get("properties", {}).items():
            if k not in words:
                lacking.append(f"key {k}")
        for value in node.get("enum", []):
            if isinstance(value, str) and value not in words and key != "code":
                lacking.append(f"{key}: {value}")
        for k, v in node.items():
            walk(v, k)
    elif isinstance(node, list):
        for v in node:
            walk(v, key)
for name in ("result", "list", "hear", "audit", "event", "matrix"):
    walk(json.load(open(f"{schemas}/nfprobe-{name}.schema.json")))
print(*lacking, sep="\n")
sys.exit(1 if lacking else 0)
END
}

@test "sections that the manual pages refer to exist" {
	# shellcheck disable=SC2086 # words
	/usr/bin/python3 - $pages <<'END'
import os, re, sys
text = {os.path.basename(p).rpartition(".")[0]: re.sub(r"\\f.", "", open(p).read()).replace("\\-", "-") for p in sys.argv[1:]}
heads = {name: re.findall(r"^\.S[HS] (.*)$", page, re.M) for name, page in text.items()}
found, lacking = 0, []
for name, page in text.items():
    for words, other in re.findall(r"((?:\w+\s+){1,6})in\s+(nfprobe[a-z-]*)\(\d\)", page):
        found += 1
        if not any(" ".join(words.split()).endswith(head) for head in heads[other]):
            lacking.append(f"{name}: {words}in {other}")
print(*lacking, sep="\n")
sys.exit(1 if lacking or found < 10 else 0)
END
}

# The jobs of the manual, as JSON: of each the command, and the files that it is to leave.
jobs() {
	/usr/bin/python3 - "$top/man/nfprobe-output.5" <<'END'
import json, re, sys, yaml
page = open(sys.argv[1]).read().replace("\\-", "-")
part = page[page.index(".SH CI JOBS"):page.index(".SH RECORDINGS")]
jobs = [yaml.safe_load(block) for block in re.findall(r"^\.nf\n(.*?)^\.fi", part, re.S | re.M)]
gitlab, github = jobs[1]["nic"], jobs[2]["jobs"]["nic"]["steps"]
kept = [name for name in gitlab["artifacts"]["paths"] if name.endswith(".json")]  # nfprobe-report makes the others
print(json.dumps([[jobs[0], ["released.json"]], [gitlab["script"][0].partition(";")[0], kept],
                  [github[1]["run"].partition(";")[0], [github[3]["with"]["path"]]]]))
END
}

# bats test_tags=slow
@test "the jobs of the manual: their commands are whole, and leave what is kept" {
	local num files
	cd "$BATS_TEST_TMPDIR"
	jobs >jobs.json
	for num in 0 1 2; do
		json jobs.json "d[$num][0]" >line
		# shellcheck disable=SC2046 # words, as a runner's shell takes them
		alone $(sed 's/^nfprobe //' line)
		status_is 4
		stderr_has 'there is no interface eth0'
		for files in $(json jobs.json "' '.join(d[$num][1])"); do
			compgen -G "$files" >/dev/null || fail "$(<line) leaves no $files"
		done
		rm -f result.*
	done
}

@test "the manual says of each requirement who does it by hand and with libvirt, and when" {
	man=$top/man/nfprobe-verdicts.7
	words=$(json "$schemas/nfprobe-result.schema.json" '"\n".join(d["properties"]["vf"]["anyOf"][0]["properties"]["requires"]["items"]["enum"])')
	[[ -n $words ]]
	for word in $words; do
		row=$(sed -n '/^\.SS Who does it/,/^\.SH/p' "$man" | grep -Fx -A 9 -- ".B ${word//-/\\-}" | sed '2,${/^\.TP/,$d}') ||
			fail "no row: $word"
		[[ $row == *$'\nBy hand: '*$'\nlibvirt: '* ]] || fail "not told by hand and with libvirt: $word: $row"
	done
}
