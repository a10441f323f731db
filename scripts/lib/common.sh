# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by every script here: where things are, and how to talk to the user.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# Everything downloaded, unpacked and built for the tests survives `make clean`.
cache=${NFPROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nfprobe}
export NFPROBE_CACHE=$cache

# Python starts in a third of the time if it may keep its bytecode, and tests start it thousands of times.
unset PYTHONDONTWRITEBYTECODE

# Progress is for stderr: stdout belongs to the program that is being run.
say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$@"
	exit 4
}

# logged LOG WHAT COMMAND...: what the command says is in LOG, and each minute its last line is shown. If it fails, the end of LOG is
# shown, and WHAT has happened.
logged() {
	local log=$1 what=$2 status=0 ticker
	: >"$log"
	tell_each_minute "$log" &
	ticker=$!
	"${@:3}" >"$log" 2>&1 || status=4
	{ kill "$ticker" && wait "$ticker"; } 2>/dev/null
	((status)) || return 0
	tail -n 40 "$log" >&2
	say "$what: above is the end of $log"
	return 4
}

# Waits on a pipe that nobody writes to: no other process is left when this one is ended. It ends by itself once the script has.
tell_each_minute() {
	local fd begun=$SECONDS
	exec {fd}<> <(:)
	until read -r -t 60 -u "$fd" || ! kill -0 $$ 2>/dev/null; do
		say "$((SECONDS - begun)) s so far: $(tail -n 1 "$1" | tr -cd '[:print:]' | head -c 120)"
	done
}

# Two scripts that start at once would otherwise both install and unpack. The lock goes with the
# process, and is not inherited by what runs after it is released.
with_cache_lock() {
	local fd status=0
	mkdir -p "$cache" || die "cannot create the cache $cache; set NFPROBE_CACHE to a folder that can be written"
	exec {fd}>"$cache/lock"
	flock -n "$fd" || { say "waiting for another script that prepares $cache"; flock "$fd"; }
	"$@" {fd}>&- || status=$?
	exec {fd}>&-
	return "$status"
}

# made PATH COMMAND...: a file or folder of the cache, which the command makes unless it is there. Another script may make it meanwhile.
made() { [[ -e $1 ]] || with_cache_lock made_now "$@"; }
made_now() { [[ -e $1 ]] || "${@:2}"; }
