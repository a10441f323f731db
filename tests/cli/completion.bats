#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash, zsh and fish offer: every option of --help, and the values that are known.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup() {
	folder=$(dirname "$NFPROBE")/completions
	[[ -e $folder/bash ]] || make -s -C "$top" BUILD="$(dirname "$NFPROBE")" all >&2
}

help_options() { "$NFPROBE" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u; }
netdevs() { find /sys/class/net -type l ! -name lo -printf '%f\n' | sort; }

@test "each parses in its shell" {
	bash -n "$folder/bash"
	for shell in zsh fish; do
		command -v "$shell" >/dev/null || skip "no $shell here"
	done
	zsh -n "$folder/zsh"
	fish --no-execute "$folder/fish"
}

# ---- bash ----

complete_words() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_nfprobe
	printf '%s ' "${COMPREPLY[@]}"
}

@test "bash: exactly the options of --help" {
	# shellcheck source=/dev/null
	. "$folder/bash"
	COMP_WORDS=(nfprobe --) COMP_CWORD=1
	_nfprobe
	diff <(help_options) <(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
}

@test "bash: values" {
	# shellcheck source=/dev/null
	. "$folder/bash"
	[[ $(complete_words nfprobe eth0 --style m) == "macvtap " ]]
	[[ $(complete_words nfprobe eth0 --color = n) == "never " ]]
	[[ $(complete_words nfprobe eth0 --color = "") == "always never auto " ]]
	[[ $(complete_words nfprobe eth0 --vf a) == "all any " ]]
	[[ $(complete_words nfprobe eth0 --from au) == "auto " ]]
	[[ $(complete_words nfprobe eth0 --allow st) == "sticky " ]]
	[[ $(complete_words nfprobe eth0 --no) == "--no-announce --no-transmit --no-multicast " ]]
	printf '' >"$BATS_TEST_TMPDIR/secret"
	[[ $(complete_words nfprobe --id "@$BATS_TEST_TMPDIR/sec") == "@$BATS_TEST_TMPDIR/secret " ]]
	[[ $(complete_words nfprobe --id 00) == " " ]]
	# A reflector needs no PF.
	[[ $(complete_words nfprobe --reflect "" | xargs -n 1 | sort) == "$(netdevs)" ]]
	[[ $(complete_words nfprobe --matrix x.json "$BATS_TEST_TMPDIR/sec") == "$BATS_TEST_TMPDIR/secret " ]]
	for style in filter macvtap promisc bridge all; do
		nfprobe nosuch0 --vf 0 --style "$style"
		status_is 4
	done
}

# ---- zsh ----

# in_zsh CODE: after the file, with stand-ins for what exists only while the line editor completes.
in_zsh() {
	command -v zsh >/dev/null || skip "no zsh here"
	zsh -f -c '_arguments() { print -rl -- "$@" }
_wanted() { shift 3; "$@" }
compadd() { while [[ $1 != - ]]; do shift; done; shift; print -rl -- "$@" }
compset() { return 1 }
words=(nfprobe)
source "$1"
eval "$2"' zsh "$folder/zsh" "$1"
}

# zsh_offers OPTION: the values in the table: a list, or what a function adds.
zsh_offers() {
	in_zsh : | sed -n "s/^\*\?--$1=-\?\[[^]]*\]::\?[^:]*://p" | while read -r action; do
		case $action in
		\(*) tr -d '()' <<<"$action" | tr ' ' '\n' ;;
		*) in_zsh "print %%; $action" | sed '1,/^%%$/d' ;;
		esac
	done
}

@test "zsh: exactly the options of --help" {
	diff <(help_options) <(in_zsh : | grep -oE '^(\*?|\([^)]*\))--[a-z-]*[a-z]' | sed 's/^([^)]*)//; s/^\*//' | sort -u)
}

@test "zsh: values" {
	[[ $(zsh_offers style | xargs) == "filter macvtap promisc bridge all" ]]
	[[ $(zsh_offers color | xargs) == "always never auto" ]]
	[[ $(zsh_offers allow | xargs) == "early refused deaf sticky slow untestable safe" ]]
	[[ $(zsh_offers export | xargs) == "github= junit= ktap= nfd= prometheus=" ]]
	[[ " $(zsh_offers from | xargs) " == *" auto arp arp: peer: pf vf: "* ]]
	[[ " $(zsh_offers vf | xargs) " == *" all any "* ]]
	[[ $(in_zsh 'words=(nfprobe --reflect); print %%; _nfprobe_words' | sed '1,/^%%/d' | sort) == "$(netdevs)" ]]
	[[ $(in_zsh '_files() { print files }; words=(nfprobe --matrix x.json ""); print %%; _nfprobe_words' | sed '1,/^%%/d') == files ]]
}

# ---- fish ----

# in_fish LINE: what is offered at the end of that line, without descriptions.
in_fish() {
	command -v fish >/dev/null || skip "no fish here"
	HOME=$BATS_TEST_TMPDIR fish --no-config -c "source $folder/fish; complete -C \$argv[1]" -- "$1" | cut -f 1
}

@test "fish: exactly the options of --help" {
	diff <(help_options) <(in_fish 'nfprobe --' | tr -d '=' | sort -u)
}

@test "fish: values" {
	[[ $(in_fish 'nfprobe eth0 --style ' | sort | xargs) == "all bridge filter macvtap promisc" ]]
	[[ $(in_fish 'nfprobe eth0 --color=n') == *never* ]]
	[[ $(in_fish 'nfprobe eth0 --vf a' | sort | xargs) == "all any" ]]
	[[ $(in_fish 'nfprobe eth0 --from au') == auto ]]
	[[ $(in_fish 'nfprobe eth0 --allow st') == sticky ]]
	[[ $(in_fish 'nfprobe eth0 --export ' | sort | xargs) == "github= junit= ktap= nfd= prometheus=" ]]
	printf '' >"$BATS_TEST_TMPDIR/secret"
	[[ $(in_fish "nfprobe --id @$BATS_TEST_TMPDIR/sec") == "@$BATS_TEST_TMPDIR/secret" ]]
	[[ $(in_fish "nfprobe --read $BATS_TEST_TMPDIR/sec") == "$BATS_TEST_TMPDIR/secret" ]]
	[[ $(in_fish "nfprobe --matrix x.json $BATS_TEST_TMPDIR/sec") == "$BATS_TEST_TMPDIR/secret" ]]
	[[ $(in_fish 'nfprobe --reflect ' | sort) == "$(netdevs)" ]]
}
