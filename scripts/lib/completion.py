#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""completion.py OPTIONS FOLDER: writes the completions of all commands: nfprobe's of its table of options, as the program OPTIONS prints
it (scripts/lib/options table), the tools' of their parsers. What a word may be goes by its name in --help."""

import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts/tools"))
sys.dont_write_bytecode = True
from nfprobe_tools import all as everything, check_main, report, rules, words  # noqa: E402

HEAD = "# SPDX-License-Identifier: GPL-2.0-or-later\n# Made by scripts/lib/completion.py.\n"
# By the name of a value in --help: what completes it. Any other value is typed.
FILES, FOLDERS, PFS, VFS, SOURCES, RESULTS = (f"_nfprobe_{kind}" for kind in ("files", "folders", "pfs", "vfs", "sources", "results"))
KINDS = {"FILE": FILES, "DIR": FOLDERS, "HEX|@FILE": FILES, "N": VFS, "WHERE": SOURCES, "PF|VF": PFS, "FILE|DIR": FILES, "OLD": FILES,
         "NEW": FILES, "[=FILE]": FILES, "[=DIR]": FOLDERS}
LISTS = {"STYLE[,..]": [*words.STYLES, "all"], "WHAT[,..]": [*rules.REQUIRED],
         "VERDICT[,..]": [word for word in words.VERDICTS if word not in ("safe", "unknown", "not-applicable")]}

BASH = r"""
# Offers each word that begins as what was typed. A netdev's name is text, and compgen -W would expand it as a command line.
_nfprobe_offer() {
	local word
	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("$(printf %q "$word")")
	done
}

_nfprobe_files() {
	mapfile -t COMPREPLY < <(compgen "${1:--f}" -- "$cur")
	compopt -o filenames 2>/dev/null
}

_nfprobe_folders() { _nfprobe_files -d; }

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

# Files, or PFs of which something is stored.
_nfprobe_results() {
	if [[ " ${COMP_WORDS[*]} " == *' --stored '* ]]; then _nfprobe_pfs; else _nfprobe_files; fi
}

# A list with commas between its words: what is in front of the last comma stays.
_nfprobe_list() {
	local before=${cur%"${cur##*,}"}
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
}

# Sets cur, option and format, the first word that is no option. bash parts a word at "=".
_nfprobe_begin() {
	local word
	cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} format='' COMPREPLY=()
	if [[ $cur == = ]]; then
		cur='' option="=$option"
	elif [[ $option == = ]]; then
		option="=${COMP_WORDS[COMP_CWORD - 2]}"
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
		[[ $format || $word == -* ]] || format=$word
	done
}
"""

ZSH = r"""
_nfprobe_files() { _files }
_nfprobe_folders() { _files -/ }

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

_nfprobe_results() {
	if ((${words[(I)--stored]})); then _nfprobe_pfs; else _files; fi
}

"""


class Syntax:
    """What may follow a command, or one of its formats."""

    def __init__(self, rows, operands, about=""):
        self.rows, self.operands, self.about, self.formats = rows, operands, about, {}


def of_program(options):
    rows = json.loads(subprocess.run([options, "table"], stdout=subprocess.PIPE, check=True).stdout)
    for row in rows:
        row["words"] = ["always", "never", "auto"] if row["name"] == "color" else row["words"]
        row["metavar"] = row["metavar"] or ""
    return Syntax(rows, PFS)


def of_parser(parser, about=""):
    """argparse has no other way to ask it."""
    found = Syntax([], "", about)
    for action in parser._actions:
        names, metavar = action.option_strings, action.metavar if isinstance(action.metavar, str) else ""
        if isinstance(action.choices, dict):
            abouts = {choice.dest: choice.help for choice in action._choices_actions}
            found.formats = {name: of_parser(sub, abouts.get(name) or "") for name, sub in action.choices.items()}
        elif names:
            found.rows.append({"name": names[-1][2:], "letter": names[0][1:] if len(names) > 1 else "", "help": action.help or "",
                               "metavar": metavar, "optional": metavar.startswith("[="), "value": action.nargs != 0,
                               "words": [*(action.choices or LISTS.get(metavar, ()))]})
        else:
            found.operands = KINDS[metavar]
    if found.operands == FILES and any(row["name"] == "stored" for row in found.rows):
        found.operands = RESULTS
    return found


# ---- bash ----

def bash_cases(prefix, rows):
    """What completes the value of an option. One that may have none takes it behind "=" alone."""
    for row in rows:
        names = [f"--{row['name']}"] + [f"-{row['letter']}"] * bool(row["letter"])
        patterns = [f"'{prefix} ={name}'" for name in names] + [f"'{prefix} {name}'" for name in names if not row["optional"]]
        does = f"_nfprobe_list '{' '.join(row['words'])}'" if row["words"] else KINDS.get(row["metavar"], ":")
        if row["value"]:
            yield f"\t{'|'.join(patterns)}) {does}; return ;;\n"


def bash(name, syntax):
    function = "_" + name.replace("-", "_")
    formats = syntax.formats or {"": syntax}
    text = f"# bash completion of {name}.\n# shellcheck shell=bash\n{HEAD}{BASH}\n{function}() {{\n\tlocal cur option format\n\t_nfprobe_begin\n"
    text += "" if syntax.formats else "\tformat=''\n"
    text += '\tcase "$format $option" in\n' + "".join(case for key, part in formats.items() for case in bash_cases(key, part.rows)) + "\tesac\n"
    if syntax.formats:
        formats = {"": syntax, **syntax.formats}
    text += "\tcase $format:$cur in\n"
    for key, part in formats.items():
        offered = f"_nfprobe_list '{' '.join(part.formats)}'" if part.formats else part.operands or ":"
        text += f"\t{key}:-*) _nfprobe_list '{' '.join('--' + row['name'] for row in part.rows)}' ;;\n\t{key}:*) {offered} ;;\n"
    return f"{text}\tesac\n}}\ncomplete -F {function} {name}\n"


# ---- zsh ----

def zsh_said(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text.partition("\n")[0]).replace("'", "")


def zsh_specs(syntax):
    for row in syntax.rows:
        does = f"_values -s , word {' '.join(row['words'])}" if row["words"] else KINDS.get(row["metavar"], " ")
        said, metavar = zsh_said(row["help"]), row["metavar"].replace("[=", "").replace("]", "").replace("[", "").replace(":", " ")
        value = f":{metavar}:{does}" if row["value"] else ""
        yield f"'--{row['name']}{'' if not value else '=-' if row['optional'] else '='}[{said}]{value}'"
        if row["letter"]:
            yield f"'-{row['letter']}[{said}]{'' if row['optional'] else value}'"
    if syntax.operands:
        yield f"'*:{'PF' if syntax.operands == PFS else 'file'}:{syntax.operands}'"


def zsh(name, syntax):
    text = f"#compdef {name}\n{HEAD}{ZSH}"
    if not syntax.formats:
        return text + "_arguments \\\n\t" + " \\\n\t".join(zsh_specs(syntax)) + "\n"
    said = " ".join(f"'{key}:{zsh_said(part.about)}'" for key, part in syntax.formats.items())
    text += f"_nfprobe_formats() {{\n\tlocal -a found=({said})\n\t_describe format found\n}}\n\n"
    text += "local context state line curcontext=\"$curcontext\"\n_arguments -C \\\n\t" + " \\\n\t".join(zsh_specs(syntax))
    text += " \\\n\t': :_nfprobe_formats' '*::: :->format'\n[[ $state == format ]] || return\n"
    text += 'words=($line[1] "${words[@]}")\n((CURRENT += 1))\ncase $line[1] in\n'
    for key, part in syntax.formats.items():
        text += f"{key})\n\t_arguments \\\n\t\t" + " \\\n\t\t".join(zsh_specs(part)) + " ;;\n"
    return text + "esac\n"


def main(options, folder):
    tools = {"nfprobe-all": everything, "nfprobe-check": check_main, "nfprobe-report": report}
    commands = {"nfprobe": of_program(options), **{name: of_parser(module.make_parser()) for name, module in tools.items()}}
    for name, syntax in commands.items():
        for shell, write in (("bash", bash), ("zsh", zsh)):
            with open(os.path.join(folder, f"{name}.{shell}"), "w", encoding="utf-8") as file:
                file.write(write(name, syntax))


if __name__ == "__main__":
    main(*sys.argv[1:])
