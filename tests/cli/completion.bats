#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# bash and zsh complete by --help, with functions of their own; fish reads the manual pages (fish_update_completions).

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

@test "bash completes by --help" {
	# shellcheck source=scripts/packaging/completion/bash
	. "$top/scripts/packaging/completion/bash"
	[[ $(complete -p nfprobe nfprobe-report nfprobe-check nfprobe-all) == $'complete -F _longopt nfprobe\ncomplete -F _longopt nfprobe-report\ncomplete -F _longopt nfprobe-check\ncomplete -F _longopt nfprobe-all' ]]
}

@test "bash finds the completion of each command that is installed" {
	loader=/usr/share/bash-completion/bash_completion
	[[ -e $loader ]] || skip "no bash-completion here"
	make -s -C "$top" DESTDIR="$BATS_TEST_TMPDIR" prefix=/usr install-tools
	for tool in nfprobe-report nfprobe-check nfprobe-all; do
		# shellcheck disable=SC2016 # the inner shell's
		found=$(BASH_COMPLETION_USER_DIR=$BATS_TEST_TMPDIR/usr/share/bash-completion bash --norc -c \
			'. "$1"; complete -p "$2" 2>/dev/null; _completion_loader "$2"; complete -p "$2"' bash "$loader" "$tool" 3>&-)
		[[ $found == "complete -F _longopt $tool" ]]
	done
}

@test "zsh completes by --help" {
	command -v zsh >/dev/null || skip "no zsh here"
	zsh -n "$top/scripts/packaging/completion/zsh"
	# shellcheck disable=SC2016 # zsh expands it
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; autoload +X _gnu_generic; _arguments() { print "$@" }
		words=(nfprobe) service=nfprobe; source "$1"' zsh "$top/scripts/packaging/completion/zsh" | grep -q -- --
}
