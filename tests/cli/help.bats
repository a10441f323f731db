#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --help, --version, and the manual pages as man shows them.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() { export pages="$(grep -L "^\.so " "$top"/man/*)"; }

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

@test "--help has every option, and at most 34; -h the twelve that most people need" {
	[[ $("$NFPROBE" --help | grep -c '^  -') -le 34 ]]
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
	version=$("$top/scripts/lib/version")
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(~dev(\+g[0-9a-f]{8,})?)?$ ]]
	for option in --version -V; do
		nfprobe $option
		status_is 0
		no_stderr
		[[ $output == "nfprobe $version" ]]
	done
	for page in $pages; do
		grep -qF "\"nfprobe ${version%%~*}\"" "$page"
	done
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

# The jobs of the manual, as JSON: of each the command, and the files that it is to leave.
jobs() {
	/usr/bin/python3 - "$top/man/nfprobe-recipes.7" <<'END'
import json, re, sys, yaml
page = open(sys.argv[1]).read().replace("\\-", "-")
part = page[page.index(".SH CI JOBS"):page.index(".SH ANSIBLE")]
jobs = [yaml.safe_load(block) for block in re.findall(r"^\.nf\n(.*?)^\.fi", part, re.S | re.M)[:3]]
gitlab, github = jobs[1]["nic"], jobs[2]["jobs"]["nic"]["steps"]
kept = [name for name in gitlab["artifacts"]["paths"] if name.endswith(".json")]  # nfprobe-report makes the others
print(json.dumps([[jobs[0], ["released.json"]], [gitlab["script"][0].partition(" ||")[0], kept],
                  [github[1]["run"].partition(" ||")[0], [github[3]["with"]["path"]]]]))
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
