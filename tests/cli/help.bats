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

# options_of PROGRAM [FORMAT]: those that its --help has.
options_of() { "$@" --help | grep -oE -- '^ +(-[A-Za-z]( [A-Z]+)?, )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u; }

@test "each option is in its page, and no page describes another" {
	local program page format options
	for program in nfprobe.8 nfprobe-check.1 nfprobe-report.1 nfprobe-all.8; do
		page=$(sed '/^\.\\"/d; s/\\-/-/g; s/\\f.//g' "$top/man/$program")
		case $program in
		nfprobe.8) options=$(options_of "$NFPROBE") ;;
		nfprobe-report.1) options=$(for format in $("$top/scripts/tools/nfprobe-report" --help | grep -oE '^    [a-z]+'); do
			options_of "$top/scripts/tools/nfprobe-report" "$format"
		done | sort -u) ;;
		*) options=$(options_of "$top/scripts/tools/${program%.*}") ;;
		esac
		(($(wc -l <<<"$options") > 5))
		for option in $options; do
			[[ $option == --help || $option == --version ]] || grep -qE -- "$option(\$|[^a-z-])" <<<"$page" || fail "$program lacks $option"
		done
		while read -r option; do
			grep -qx -- "$option" <<<"$options" || fail "$program describes $option"
		done < <(grep -A1 '^\.TP' <<<"$page" | grep -E '^\.B[IR]? +"?-' | grep -oE -- '--[a-z][a-z-]+' | sort -u)
	done
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

# bats test_tags=slow
@test "apropos finds each page by the words of its question" {
	command -v mandb >/dev/null || skip "no mandb here"
	local page words
	for page in $pages "$top"/man/nfprobe-output.5 "$top"/man/nfprobe-tools.8; do
		install -D -m 644 "$page" "$BATS_TEST_TMPDIR/man/man${page##*.}/${page##*/}"
	done
	mandb -c -q -u "$BATS_TEST_TMPDIR/man"
	while IFS='|' read -r page words; do
		# shellcheck disable=SC2086 # words, all of which are to be there
		run -0 env MANPATH="$BATS_TEST_TMPDIR/man" apropos -a $words
		stdout_has "$page "
	done <<-'END'
		nfprobe (8)|test NIC failover
		nfprobe-guide (7)|guest deaf
		nfprobe-guide (7)|running guests
		nfprobe-verdicts (7)|verdict
		nfprobe-sources (7)|cable
		nfprobe-result (5)|JSON
		nfprobe-result (5)|jq
		nfprobe.conf (5)|configuration
		nfprobe-check (1)|stored safe
		nfprobe-report (1)|Prometheus
		nfprobe-report (1)|JUnit
		nfprobe-all (8)|each NIC
		nfprobe-libvirt-hook (8)|libvirt guest XML
		nfprobe-recipes (7)|Kubernetes
		nfprobe-output (5)|JSON
		nfprobe-tools (8)|stored
	END
}

# The jobs of the manual, as JSON: of each the command, and the files that it is to leave.
jobs() {
	/usr/bin/python3 - "$top/man/nfprobe-recipes.7" <<'END'
import json, re, sys, yaml
page = open(sys.argv[1]).read().replace("\\-", "-")
part = page[page.index(".SH CI JOBS"):page.index(".SH REPORTING")]
jobs = [yaml.safe_load(block) for block in re.findall(r"^\.nf\n(.*?)^\.fi", part, re.S | re.M)[:3]]
gitlab, github = jobs[1]["nic"], jobs[2]["jobs"]["nic"]["steps"]
kept = [name for name in gitlab["artifacts"]["paths"] if name.endswith(".json")]  # nfprobe-report makes the others
print(json.dumps([[jobs[0], ["released.json"]], [next(line for line in gitlab["script"] if line.startswith("nfprobe ")).partition(" ||")[0], kept],
                  [next(line for line in github[1]["run"].split("\n") if line.startswith("nfprobe ")).partition(" ||")[0], [github[3]["with"]["path"]]]]))
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
	part=$(sed -n '/^\.SS Who does it/,/^\.SH/p' "$man")
	for word in $words; do
		row=$(grep -Fx -A 12 -- ".B ${word//-/\\-}" <<<"$part" | sed '2,${/^\.\(TP\|PP\)/,$d}')
		[[ -n $row ]] || row=$(grep -P "^\Q${word//-/\\-}\E(\t[^\t]+){2}$" <<<"$part") || fail "no row: $word"
		[[ $row == *$'\nBy hand: '*$'\nlibvirt: '* || $row == *$'\t'* ]] || fail "not told by hand and with libvirt: $word: $row"
	done
}
