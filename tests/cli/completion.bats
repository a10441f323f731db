#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bash and zsh complete by --help, with functions of their own; fish reads the manual pages (fish_update_completions).

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

@test "bash completes by --help" {
	# shellcheck source=scripts/packaging/completion/bash
	. "$top/scripts/packaging/completion/bash"
	[[ $(complete -p nfprobe nfprobe-report nfprobe-check nfprobe-all) == $'complete -F _longopt nfprobe\ncomplete -F _longopt nfprobe-report\ncomplete -F _longopt nfprobe-check\ncomplete -F _longopt nfprobe-all' ]]
}

@test "zsh completes by --help" {
	command -v zsh >/dev/null || skip "no zsh here"
	zsh -n "$top/scripts/packaging/completion/zsh"
	# shellcheck disable=SC2016 # zsh expands it
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; autoload +X _gnu_generic; _arguments() { print "$@" }
		words=(nfprobe) service=nfprobe; source "$1"' zsh "$top/scripts/packaging/completion/zsh" | grep -q -- --
}
