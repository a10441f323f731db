# What follows the table that completion.c makes of the options.

# PFs: netdevs whose device can have VFs.
function __nfprobe_pfs
	for file in /sys/class/net/*/device/sriov_totalvfs
		string split / $file | sed -n 5p
	end
end

# VFs of the PF that is on the command line already.
function __nfprobe_vfs
	for word in (commandline -opc)[2..-1]
		for link in /sys/class/net/$word/device/virtfn*
			string replace -r '.*virtfn' '' $link
		end
	end
end

function __nfprobe_netdevs
	for link in /sys/class/net/*/device
		string split / $link | sed -n 5p
	end
end

# For a reflector any will do that reaches the segment, a bridge, too.
function __nfprobe_words
	if contains -- --matrix (commandline -opc)
		__fish_complete_path (commandline -ct)
	else if contains -- --reflect (commandline -opc)
		for link in /sys/class/net/*
			string replace -r '.*/' '' $link | string match -v lo
		end
	else
		__nfprobe_pfs
	end
end

# FORMAT=FILE: once the format is there, files.
function __nfprobe_formats
	set -l token (commandline -ct | string replace -r '^--export=' '')
	if string match -q '*=*' -- $token
		set -l format (string split -m 1 = -- $token)[1]
		for file in (__fish_complete_suffix '')
			echo $format=$file
		end
	else
		printf '%s=\n' $__nfprobe_format_names
	end
end

function __nfprobe_at_files
	for file in (string replace -r '^@' '' -- (commandline -ct))*
		echo @$file
	end
end

complete -c nfprobe -f -a '(__nfprobe_words)'
