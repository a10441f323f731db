# What follows the table that completion.c makes of the options: _nfprobe_options.

# PFs: netdevs whose device can have VFs.
_nfprobe_pfs() {
	local -a found expl
	found=(/sys/class/net/*/device/sriov_totalvfs(N:h:h:t))
	_wanted pfs expl PF compadd -a found
}

# VFs of the PF that is on the command line already, and the words given.
_nfprobe_vfs() {
	local word
	local -a found expl
	for word in ${words[2,-1]}; do
		[[ -z $word ]] || found+=(/sys/class/net/$word/device/virtfn*(N:t:s/virtfn//))
	done
	_wanted vfs expl VF compadd - $argv $found
}

_nfprobe_netdevs() {
	local -a found expl
	found=(/sys/class/net/*/device(N:h:t))
	_wanted sources expl source compadd - $argv $found
}

# For a reflector any will do that reaches the segment, a bridge, too.
_nfprobe_reflectors() {
	local -a found expl
	found=(/sys/class/net/*(N:t))
	_wanted netdevs expl netdev compadd - ${found:#lo}
}

# FORMAT=FILE
_nfprobe_formats() {
	if compset -P '*='; then
		_files
	else
		local -a expl
		_wanted formats expl format compadd -S '' - $argv
	fi
}

_nfprobe_at_files() {
	if compset -P @; then
		_files
	fi
}

_nfprobe_words() {
	if [[ -n ${words[(r)--matrix]} ]]; then
		_files
	elif [[ -n ${words[(r)--reflect]} ]]; then
		_nfprobe_reflectors
	else
		_nfprobe_pfs
	fi
}

_nfprobe() {
	_arguments -s $_nfprobe_options '*:netdev:_nfprobe_words'
}

_nfprobe "$@"
