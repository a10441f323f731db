# shellcheck shell=bash
# What follows the tables that completion.c makes of the options: _nfprobe_words, _nfprobe_attached, _nfprobe_value.
# shellcheck disable=SC2154

# PFs: netdevs whose device can have VFs.
_nfprobe_pfs() {
	local file
	for file in /sys/class/net/*/device/sriov_totalvfs; do
		[[ -e $file ]] || continue
		file=${file%/device/*}
		printf '%s\n' "${file##*/}"
	done
}

# VFs of the PF that is on the command line already.
_nfprobe_vfs() {
	local word link
	for word in "${COMP_WORDS[@]:1}"; do
		for link in "/sys/class/net/$word/device/virtfn"*; do
			[[ $word && -e $link ]] && printf '%s\n' "${link##*virtfn}"
		done
	done
}

_nfprobe_netdevs() {
	local dir
	for dir in /sys/class/net/*; do
		[[ -e $dir/device ]] && printf '%s\n' "${dir##*/}"
	done
}

# For a reflector any will do that reaches the segment, a bridge, too.
_nfprobe_reflectors() {
	local dir
	for dir in /sys/class/net/*; do
		[[ -e $dir/ifindex && ${dir##*/} != lo ]] && printf '%s\n' "${dir##*/}"
	done
}

_nfprobe_reply() {
	mapfile -t COMPREPLY < <(compgen "$@")
}

# _nfprobe_offer CUR WORD...: those that go on from what is typed; without a blank behind what ends with "=" or ":".
_nfprobe_offer() {
	local cur=$1
	shift
	[[ "$*" != *=* ]] || compopt -o nospace 2>/dev/null
	_nfprobe_reply -W "$*" -- "$cur"
}

_nfprobe() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# bash takes "--json=x" apart at the "=": the name is one or two words back.
	if [[ $prev == '=' ]]; then
		_nfprobe_value "${COMP_WORDS[COMP_CWORD - 2]}" "$cur" && return
	elif [[ $cur == '=' ]]; then
		_nfprobe_value "$prev" '' && return
	elif [[ " $_nfprobe_attached " != *" $prev "* ]]; then
		_nfprobe_value "$prev" "$cur" && return
	fi
	if [[ $cur == -* ]]; then
		_nfprobe_reply -W "$_nfprobe_words" -- "$cur"
	elif [[ " ${COMP_WORDS[*]} " == *' --matrix '* ]]; then
		_nfprobe_reply -f -- "$cur"
	elif [[ " ${COMP_WORDS[*]} " == *' --reflect '* ]]; then
		_nfprobe_reply -W "$(_nfprobe_reflectors)" -- "$cur"
	else
		_nfprobe_reply -W "$(_nfprobe_pfs)" -- "$cur"
	fi
}

complete -F _nfprobe nfprobe
