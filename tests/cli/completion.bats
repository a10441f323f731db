#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# What bash and zsh complete; fish reads the manual pages (fish_update_completions).

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154

load lib/common
load lib/sriov

folder=${NFPROBE%/*}/completion

# completes WORD...: what bash offers for the last one, in order. bash parts a word at "=".
completes() {
	/usr/bin/python3 - "$folder" "$@" >"$BATS_TEST_TMPDIR/asked" <<'END'
import re, shlex, sys
words = [part for word in sys.argv[2:] for part in (re.findall("=|[^=]+", word) or [""])]
if sys.argv[-1].endswith("="):
    words.append("=") if words[-1] != "=" else None
name = sys.argv[2]
print(f". {shlex.quote(sys.argv[1])}/{name}.bash")
print("COMP_WORDS=(" + " ".join(map(shlex.quote, words)) + ")")
print(f"COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_TYPE=9")
print(f"found=$(complete -p {name}); [[ $found =~ -F\\ ([^ ]+) ]] && ${{BASH_REMATCH[1]}} {name} \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"")
print('printf "%s\\n" "${COMPREPLY[@]}" | sort | paste -sd " "')
END
	on_sriov "$sys" bash --norc "$BATS_TEST_TMPDIR/asked"
}

setup() {
	sriov_host
}

@test "bash completes PFs, VFs, styles, lists, sources and files where they belong" {
	cd "$BATS_TEST_TMPDIR"
	touch result.json
	mkdir place
	completes nfprobe ''
	[[ $output == eth0 ]] || fail "$output"
	completes nfprobe eth0 --vf ''
	[[ $output == "0 "*" any" ]] || fail "$output"
	completes nfprobe eth0 --style bridge+f
	[[ $output == 'bridge+fdb bridge+fdb+pin' ]] || fail "$output"
	completes nfprobe eth0 --style macvtap,vf-bridge+
	[[ $output == 'macvtap,vf-bridge+pin' ]] || fail "$output"
	completes nfprobe eth0 --style=stat
	[[ $output == static-bridge ]] || fail "$output"
	completes nfprobe eth0 --from ar
	[[ $output == arp ]] || fail "$output"
	completes nfprobe eth0 --allow st
	[[ $output == sticky ]] || fail "$output"
	completes nfprobe eth0 --json=resu
	[[ $output == result.json ]] || fail "$output"
	completes nfprobe eth0 --save=pla
	[[ $output == place ]] || fail "$output"
	completes nfprobe --he
	[[ $output == --help ]] || fail "$output"
}

@test "bash completes the tools: formats, options of a format, styles, PFs" {
	cd "$BATS_TEST_TMPDIR"
	touch result.json
	completes nfprobe-report ''
	[[ $output == 'compare html junit matrix nfd prometheus share text' ]] || fail "$output"
	completes nfprobe-report prom
	[[ $output == prometheus ]] || fail "$output"
	completes nfprobe-report matrix --al
	[[ $output == --allow ]] || fail "$output"
	completes nfprobe-report matrix --color a
	[[ $output == 'always auto' ]] || fail "$output"
	completes nfprobe-report junit resu
	[[ $output == result.json ]] || fail "$output"
	completes nfprobe-report junit --stored ''
	[[ $output == eth0 ]] || fail "$output"
	completes nfprobe-report junit --output=resu
	[[ $output == result.json ]] || fail "$output"
	completes nfprobe-report html --store= --stored e
	[[ $output == eth0 ]] || fail "$output"
	completes nfprobe-check --json=resu
	[[ $output == result.json ]] || fail "$output"
	completes nfprobe-check --style=
	[[ $output == *bridge+fdb* ]] || fail "$output"
	completes nfprobe-check ''
	[[ $output == eth0 ]] || fail "$output"
	completes nfprobe-check --style bridge+f
	[[ $output == 'bridge+fdb bridge+fdb+pin' ]] || fail "$output"
	completes nfprobe-report matrix --allow early,st
	[[ $output == early,sticky ]] || fail "$output"
	completes nfprobe-check --sa
	[[ -z $output ]] # it has none
	completes nfprobe-all --verb
	[[ $output == --verbose ]] || fail "$output"
}

# A container that has a VF may call its netdev what it likes, and it comes home with that name.
hostile=('$(>x)' '`>x`' 'a;b' -n '*' '${x:=>y}')

@test "a netdev's name is text to a shell that completes" {
	local name tool
	cd "$BATS_TEST_TMPDIR"
	for name in "${hostile[@]}"; do
		mkdir -- "$sys/class/net/$name"
		ln -s ../../../devices/pci0000:00/0000:01:00.0 "$sys/class/net/$name/device"
	done
	mkdir cwd && cd cwd
	for tool in nfprobe nfprobe-check 'nfprobe-report junit --stored'; do
		completes $tool ''
		[[ $output == *"$(printf %q '$(>x)')"* && $output == *"$(printf %q 'a;b')"* ]] || fail "$tool: $output"
	done
	completes nfprobe eth0 --from ''
	for name in "${hostile[@]}"; do
		[[ " $output " == *" $(printf %q "$name") "* ]] || fail "$name: $output"
	done
	completes nfprobe eth0 --from '$'
	[[ $output == "$(printf '%q ' '$(>x)' '${x:=>y}' | sed 's/ $//')" ]] || fail "$output"
	completes nfprobe '*' --vf ''
	[[ $output == "0 1 2 3 any" ]] || fail "$output"
	if command -v zsh >/dev/null; then
		on_sriov "$sys" zsh -f -c '_arguments() { :; }; compadd() { print -l -- "${(@P)2}"; }
			source "$1"; _nfprobe_pfs; _nfprobe_sources' zsh "$folder/nfprobe.zsh"
		for name in "${hostile[@]}"; do
			[[ $(grep -cFx -- "$name" <<<"$output") == 2 ]] || fail "zsh: $name: $output"
		done
	fi
	[[ -z $(ls -A) ]] || fail "something was executed: $(ls -A)"
}

@test "bash finds the completion of each command that is installed" {
	loader=/usr/share/bash-completion/bash_completion
	[[ -e $loader ]] || skip "no bash-completion here"
	make -s -C "$top" BUILD="$(dirname "$NFPROBE")" DESTDIR="$BATS_TEST_TMPDIR" prefix=/usr install-tools >&2
	for tool in nfprobe-report nfprobe-check nfprobe-all; do
		found=$(BASH_COMPLETION_USER_DIR=$BATS_TEST_TMPDIR/usr/share/bash-completion bash --norc -c \
			'. "$1"; complete -p "$2" 2>/dev/null; _completion_loader "$2"; complete -p "$2"' bash "$loader" "$tool" 3>&-)
		[[ $found == "complete -F _${tool//-/_} $tool" ]]
	done
}

@test "zsh reads each of them" {
	command -v zsh >/dev/null || skip "no zsh here"
	for file in "$folder"/*.zsh; do
		zsh -n "$file"
		[[ $(head -n 1 "$file") == "#compdef $(basename "$file" .zsh)" ]]
	done
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; autoload +X _arguments; _arguments() { print -l -- "$@" }
		source "$1"' zsh "$folder/nfprobe.zsh" | grep -qF -- '--style='
}
