# SPDX-License-Identifier: GPL-2.0-or-later
# Made by make completion.
# bash completion of nfprobe.
# shellcheck shell=bash disable=SC2207,SC2231

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
	--vf|=--vf) _nfprobe_vfs; return ;;
	--style|=--style) _nfprobe_list 'macvtap direct bridge bridge+pin bridge+fdb bridge+fdb+pin static-bridge vf-bridge vf-bridge+pin all'; return ;;
	--from|=--from) _nfprobe_sources; return ;;
	--vlan|=--vlan) COMPREPLY=(); return ;;
	--guest-vlan|=--guest-vlan) COMPREPLY=(); return ;;
	--id|=--id) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--mac|=--mac) COMPREPLY=(); return ;;
	--skip|=--skip) _nfprobe_list 'fix announce multicast'; return ;;
	--rate|=--rate) COMPREPLY=(); return ;;
	--settle|=--settle) COMPREPLY=(); return ;;
	--timeout|=--timeout) COMPREPLY=(); return ;;
	--allow|=--allow) _nfprobe_list 'early refused deaf sticky slow safe no-wire'; return ;;
	--gap-limit|=--gap-limit) COMPREPLY=(); return ;;
	--require|=--require) _nfprobe_list 'ipv6'; return ;;
	--accept|=--accept) COMPREPLY=(); return ;;
	=--json) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	=--save) COMPREPLY=($(compgen -d -- "$cur")); return ;;
	--write|=--write) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	=--color) _nfprobe_list 'always never auto'; return ;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "--vf --style --from --vlan --guest-vlan --id --mac --force --skip --rate --settle --timeout --allow --gap-limit --require --accept --json --json-stream --save --write --quiet --verbose --color --dry-run --list --audit --restore --reflect --version --help" -- "$cur"))
	else
		_nfprobe_pfs
	fi
}
complete -F _nfprobe nfprobe
