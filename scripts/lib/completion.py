#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""completion.py OPTIONS FOLDER: writes the completions of all commands: nfprobe's of its table of options, as the program OPTIONS prints
it (scripts/lib/options table); the tools' of their parsers, by shtab. What a word may be goes by its name in --help."""

import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts/tools"))
sys.dont_write_bytecode = True

LICENSE = "# SPDX-License-Identifier: GPL-2.0-or-later\n"
MADE = "# Made by make completion.\n"
TOOLS = ("nfprobe-all", "nfprobe-check", "nfprobe-report")
# By the name of a value in --help: what completes it. Any other value is typed.
FILES, FOLDERS, PFS, VFS, SOURCES, LIST = "files", "folders", "pfs", "vfs", "sources", "list"
KINDS = {"FILE": FILES, "DIR": FOLDERS, "HEX|@FILE": FILES, "N": VFS, "WHERE": SOURCES, "PF|VF": PFS, "FILE|DIR": FILES, "OLD": FILES,
         "NEW": FILES, "[=FILE]": FILES, "[=DIR]": FOLDERS}
RESULTS = "_nfprobe_tool_results"  # of the tools: files, or PFs with --stored

BASH = r"""
# Offers each word that begins as what was typed. A netdev's name is text, and compgen -W would expand it as a command line.
_nfprobe_offer() {
	local word
	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("$(printf %q "$word")")
	done
}

_nfprobe_pfs() {
	local path
	for path in /sys/class/net/*/device/sriov_totalvfs; do
		[[ ! -e $path ]] || { path=${path%/device/*}; _nfprobe_offer "${path##*/}"; }
	done
}

# Of the PF that is named, or of any.
_nfprobe_vfs() {
	local path word found=(/sys/class/net/*/device/virtfn*)
	for word in "${COMP_WORDS[@]:1}"; do
		[[ ! -e /sys/class/net/$word/device/sriov_totalvfs ]] || found=("/sys/class/net/$word/device/virtfn"*)
	done
	for path in "${found[@]}"; do
		[[ ! -e $path ]] || _nfprobe_offer "${path##*virtfn}"
	done
	_nfprobe_offer any
}

_nfprobe_sources() {
	local path
	_nfprobe_offer auto arp pf peer vf:
	for path in /sys/class/net/*; do
		[[ ${path##*/} == lo ]] || _nfprobe_offer "${path##*/}"
	done
}

# A list with commas between its words: what is in front of the last comma stays.
_nfprobe_list() {
	local before=${cur%"${cur##*,}"}
	COMPREPLY=($(compgen -P "$before" -W "$1" -- "${cur##*,}"))
}
"""


def first_line(text):
    return text.partition("\n")[0]


def nfprobe_bash(rows):
    cases = []
    for row in rows:
        kind = KINDS.get(row["metavar"])
        if not row["value"]:
            continue
        names = "|".join([f"--{row['name']}"] + ([f"-{row['letter']}"] if row["letter"] else []))
        if row["name"] == "color":
            row["words"] = ["always", "never", "auto"]
        does = {FILES: "COMPREPLY=($(compgen -f -- \"$cur\"))", FOLDERS: "COMPREPLY=($(compgen -d -- \"$cur\"))",
                VFS: "_nfprobe_vfs",
                SOURCES: "_nfprobe_sources"}.get(kind, "COMPREPLY=()")
        if row["words"]:
            does = f"_nfprobe_list '{' '.join(row['words'])}'"
        cases.append((names, row["optional"], does))
    options = " ".join(f"--{row['name']}" for row in rows)
    text = LICENSE + MADE + "# bash completion of nfprobe.\n# shellcheck shell=bash disable=SC2207,SC2231\n" + BASH
    text += '''
_nfprobe() {
	local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} behind=
	COMPREPLY=()
	# bash parts a word at "=".
	if [[ $cur == = ]]; then
		cur='' behind='='
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]} behind='='
	fi
	case $behind$option in
'''
    for names, optional, does in cases:
        patterns = "|".join(f"={name}" if optional else f"{name}|={name}" for name in names.split("|"))
        text += f"\t{patterns}) {does}; return ;;\n"
    text += f'''	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "{options}" -- "$cur"))
	else
		_nfprobe_pfs
	fi
}}
complete -F _nfprobe nfprobe
'''
    return text


ZSH = r"""
_nfprobe_pfs() {
	local -a found=(/sys/class/net/*/device/sriov_totalvfs(N:h:h:t))
	compadd -a found
}

_nfprobe_vfs() {
	local -a found=(any /sys/class/net/*/device/virtfn*(N:t))
	found=(${(u)found#virtfn})
	compadd -a found
}

_nfprobe_sources() {
	local -a found=(auto arp pf peer vf: /sys/class/net/*(N:t))
	compadd -a found
}
"""


def nfprobe_zsh(rows):
    specs = []
    for row in rows:
        kind, words = KINDS.get(row["metavar"]), row["words"]
        if words:
            does = f"_values -s , word {' '.join(words)}"
        else:
            does = {FILES: "_files", FOLDERS: "_files -/", VFS: "_nfprobe_vfs", SOURCES: "_nfprobe_sources"}.get(kind, " ")
        said = re.sub(r"([\[\]:\\])", r"\\\1", first_line(row["help"])).replace("\'", "")
        value = f":{row['metavar'].replace(':', ' ')}:{does}" if row["value"] else ""
        equals = "=-" if row["optional"] and row["value"] else "=" if row["value"] else ""
        specs.append(f"\t\'--{row['name']}{equals}[{said}]{value}\'")
        if row["letter"]:
            specs.append(f"\t\'-{row['letter']}[{said}]\'")
    specs.append("\t\'*:PF:_nfprobe_pfs\'")
    return "#compdef nfprobe\n" + LICENSE + MADE + ZSH + "\n_arguments \\\n" + " \\\n".join(specs) + "\n"


# ---- the tools ----

def parser_of(name):
    from nfprobe_tools import all as everything, check_main, report
    return {"nfprobe-all": everything, "nfprobe-check": check_main, "nfprobe-report": report}[name].make_parser()


def mark(parser, shtab):
    """Says of each argument what completes it."""
    pf = {"bash": "_nfprobe_tool_pfs", "zsh": "_nfprobe_tool_pfs"}
    for action in parser._actions:  # shtab reads them as well
        if hasattr(action, "choices") and isinstance(action.choices, dict):
            for sub in action.choices.values():
                mark(sub, shtab)
            continue
        kind = KINDS.get(action.metavar) if isinstance(action.metavar, str) else None
        if kind in (FILES, FOLDERS, PFS):
            action.complete = {FILES: shtab.FILE, FOLDERS: shtab.DIRECTORY, PFS: pf}[kind]
            if action.dest == "files" and "--stored" in parser._option_string_actions:
                action.complete = {"bash": RESULTS, "zsh": RESULTS}
        for metavar, words in (("STYLE[,..]", "styles"), ("VERDICT[,..]", "verdicts"), ("WHAT[,..]", "demands")):
            if action.metavar == metavar:
                action.complete = {shell: f"_nfprobe_tool_{words}" for shell in ("bash", "zsh")}


PREAMBLES = {
    "bash": r"""
# A list with commas between its words: what is in front of the last comma stays.
_nfprobe_tool_list() {
	local IFS=' '
	compgen -P "${2%"${2##*,}"}" -W "$1" -- "${2##*,}"
}
_nfprobe_tool_styles() { _nfprobe_tool_list 'STYLES' "$1"; }
_nfprobe_tool_verdicts() { _nfprobe_tool_list 'VERDICTS' "$1"; }
_nfprobe_tool_demands() { _nfprobe_tool_list 'DEMANDS' "$1"; }

_nfprobe_tool_pfs() {
	local path
	for path in /sys/class/net/*/device/sriov_totalvfs; do
		path=${path%/device/*}
		# Not compgen -W, which expands a name as a command line.
		[[ ! -e $path || ${path##*/} != "$1"* ]] || printf '%q\n' "${path##*/}"
	done
}

_nfprobe_tool_results() {
	local IFS=' '
	if [[ " ${COMP_WORDS[*]} " == *' --stored '* ]]; then _nfprobe_tool_pfs "$1"; else compgen -f -- "$1"; fi
}

# bash parts a word at "=", of which shtab knows nothing.
_nfprobe_tool() {
	local word words=("${COMP_WORDS[@]:0:COMP_CWORD + 1}") COMP_WORDS=() COMP_CWORD
	[[ ${words[-1]} != = ]] || words+=('')
	for word in "${words[@]}"; do
		[[ $word == = ]] || COMP_WORDS+=("$word")
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	"_shtab_${1//-/_}" "$@"
}
""",
    "zsh": r"""
_nfprobe_tool_styles() { _values -s , style STYLES }
_nfprobe_tool_verdicts() { _values -s , verdict VERDICTS }
_nfprobe_tool_demands() { _values -s , demand DEMANDS }

_nfprobe_tool_pfs() {
	local -a found=(/sys/class/net/*/device/sriov_totalvfs(N:h:h:t))
	compadd -a found
}

_nfprobe_tool_results() {
	if ((${words[(I)--stored]})); then _nfprobe_tool_pfs; else _files; fi
}
"""}


def tool_text(name, shell):
    import shtab
    parser = parser_of(name)
    mark(parser, shtab)
    from nfprobe_tools.rules import REQUIRED
    from nfprobe_tools.words import STYLES, VERDICTS
    allowed = [word for word in VERDICTS if word not in ("safe", "unknown", "not-applicable")]
    demands = dict.fromkeys(word.partition(":")[0] for word in REQUIRED)
    preamble = {key: text.replace("STYLES", " ".join([*STYLES, "all"])).replace("VERDICTS", " ".join(allowed))
                .replace("DEMANDS", " ".join(demands)) for key, text in PREAMBLES.items()}
    text = shtab.complete(parser, shell, preamble=preamble)
    if shell == "bash":
        # shtab 1.5 completes the first of several words alone, and goes by what bash makes of "=".
        text = re.sub(r"_choices=\((.*)\)$", lambda found: f"_choices=${found[1]}".replace("' '", r"\n"), text, flags=re.M)
        text = re.sub(r"^(complete .*-F )\w+", r"\1_nfprobe_tool", text, flags=re.M)
    head, _, rest = text.partition("\n")
    return f"{head}\n{LICENSE}{MADE}{rest}".rstrip() + "\n"


def main(options, folder):
    rows = json.loads(subprocess.run([options, "table"], stdout=subprocess.PIPE, check=True).stdout)
    files = {"nfprobe.bash": nfprobe_bash(rows), "nfprobe.zsh": nfprobe_zsh(rows)}
    try:
        files.update({f"{name}.{shell}": tool_text(name, shell) for name in TOOLS for shell in ("bash", "zsh")})
    except ImportError:
        print("completion.py: no shtab: the completions of the tools stay as they are", file=sys.stderr)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
