#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash and zsh offer: every option of --help. fish reads the manual pages by itself (fish_update_completions).

# shellcheck disable=SC2154,SC2034 # set by bats and by lib/common; for the completion

load lib/common

help_options() { "$NFPROBE" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u; }

@test "bash: exactly the options of --help" {
	PATH=$(dirname "$NFPROBE"):$PATH
	# shellcheck source=/dev/null
	. /usr/share/bash-completion/bash_completion
	# shellcheck source=scripts/packaging/completion/bash
	. "$top/scripts/packaging/completion/bash"
	complete -p nfprobe | grep -qF -- '-F _longopt nfprobe'
	COMP_WORDS=(nfprobe --) COMP_CWORD=1 COMP_LINE='nfprobe --' COMP_POINT=10 cur='' prev=''
	_longopt nfprobe -- nfprobe || true # whether a word takes a value
	diff <(help_options) <(printf '%s\n' "${COMPREPLY[@]%=}" | grep -oE -- '--[a-z][a-z-]*' | sort -u)
}

@test "zsh: exactly the options of --help" {
	command -v zsh >/dev/null || skip "no zsh here"
	mkdir "$BATS_TEST_TMPDIR/functions"
	cp "$top/scripts/packaging/completion/zsh" "$BATS_TEST_TMPDIR/functions/_nfprobe"
	PATH=$(dirname "$NFPROBE"):$PATH
	# A line editor on a terminal of its own, with a program that types.
	/usr/bin/python3 - "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/offered" <<'END'
import os, pty, re, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(sys.argv[1])
    os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "HOME": sys.argv[1], "TERM": "dumb", "LINES": "200", "COLUMNS": "150"})
def until(text, said=b""):
    while text not in said and select.select([terminal], [], [], 30)[0]:
        said += os.read(terminal, 65536)
    return said
os.write(terminal, b"fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000; PS1='>'; stty -echo rows 200 cols 150; echo rea''dy\n")
until(b"ready")
os.write(terminal, b"nfprobe --\t\t")
said = until(b"--write")
print(said.decode(errors="replace"))
os.close(terminal)
END
	diff <(help_options) <(grep -oE -- "--[a-z]+(-[a-z]+)*" "$BATS_TEST_TMPDIR/offered" | sort -u)
}
