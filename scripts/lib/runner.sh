# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs groups of tests (groups.sh), adds up what they report (tap.sh), and ends with the sum.

passed=0 failed=0 beside='' running='' running_name=''
limit=${CHECK_LIMIT:-1800} # seconds of each processor that a group may have, and a quarter of those by the clock, which end a hang
logs=$top/$check_build/log

# The last line is the sum in any case; a run that ended early has failed.
finish() {
	local status=$?
	[[ ! $beside ]] || kill "$beside" 2>/dev/null
	stop_running
	[[ ! $beside ]] || wait "$beside" 2>/dev/null
	((status == 0 || failed)) || failed=1
	printf '%d passed, %d failed\n' "$passed" "$failed"
	exit $((failed ? 1 : 0))
}

# prepare_groups NAME...: sets ready to those that have what they need. apt is asked once, for all; if anything fails, each group is
# prepared alone, and one that cannot be has failed: the others run.
prepare_groups() {
	local name
	ready=("$@")
	if ! (groups_need "$@"); then
		# Without root the sentence above is what all of them would say.
		((EUID == 0)) || exit 4
		ready=()
		mkdir -p "$logs"
		for name; do
			if (groups_need "$name") >"$logs/$name.log" 2>&1; then
				ready+=("$name")
			else
				failed=$((failed + 1))
				printf '%-12s not run, since it lacks what it needs: 0 passed, 1 failed\n' "$name"
				show_failures "$logs/$name.log"
			fi
		done
	fi
	groups_need "${ready[@]}" # which also sets what the groups read
}

# One after the other, since most take all processors; beside them those that take one, or wait, one after the other as well.
run_groups() {
	local name lane=() others=()
	for name; do
		case $name in
		lint | netns) lane+=("$name") ;;
		*) others+=("$name") ;;
		esac
	done
	if ((!${#others[@]})); then
		others=("${lane[@]}") lane=()
	fi
	if ((${#lane[@]})); then
		(
			trap 'stop_running; exit 143' TERM
			for name in "${lane[@]}"; do start_group "$name"; done
		) &
		beside=$!
	fi
	for name in "${others[@]}"; do run_group "$name"; done
	[[ ! $beside ]] || wait "$beside"
	beside=
	for name in "${lane[@]}"; do end_group "$name"; done
}

run_group() {
	start_group "$1"
	end_group "$1"
}

# start_group NAME [COMMAND...]: the TAP of the group, or of the command, into its log; how it ended, and how long it took.
start_group() {
	local status=0 begun=$SECONDS
	mkdir -p "$logs"
	(($# > 1)) || set -- "$1" group "$1"
	limited "$1" "$logs/$1.log" "${@:2}" || status=$?
	echo "$status $((SECONDS - begun))" >"$logs/$1.status"
}

# group NAME: in the top folder.
group() {
	cd "$top" || return
	if declare -F "group_$1" >/dev/null; then
		"group_$1"
	else
		run_files "$1"
	fi
}

# spent PID: the seconds that processors have worked for it, and for all below it, with those that they have waited for.
spent() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" -v second="$(getconf CLK_TCK)" '
		{ pid = $1; sub(/^.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13 + $14 + $15 }
		END {
			for (pid in parent) {
				for (above = pid; above in parent && above != top; above = parent[above]);
				if (above == top) sum += ticks[pid]
			}
			printf "%d\n", sum / second
		}'
}

# watched NAME LOG PID: says each minute how far the group is, until the process has ended; 124: it is at a limit.
watched() {
	local begun=$SECONDS step=$((limit < 60 ? limit : 60)) most=0 now
	while ((SECONDS - begun < 4 * limit)); do
		timeout "$step" tail -s 0.1 --pid="$3" -f /dev/null >/dev/null 2>&1 && return
		now=$(spent "$3")
		most=$((now > most ? now : most)) # one whose parent has ended takes its time along
		((most < limit * $(nproc))) || return 124
		((step < 60)) || how_far "$1" "$2" "$((SECONDS - begun)) s, $most s of a processor"
	done
	return 124
}

# how_far NAME LOG TIME: what the tests of the group have reported, and the last of them.
how_far() {
	local ok bad last
	read -r ok bad _ < <(tap_count "$2")
	last=$(grep -E '^(not )?ok ' "$2" | tail -n 1)
	printf '%-12s so far: %d passed, %d failed or still to come, %s%s\n' "$1" "$ok" "$bad" "$3" "${last:+; $last}"
}

# A check that is stopped says how far it was.
stop_running() {
	[[ ! $running ]] || how_far "$running_name" "$logs/$running_name.log" "then it was stopped"
	end_running
}

# limited NAME LOG COMMAND...: its output in the log. At a limit it is ended with all its processes, and the status is 124.
limited() {
	local name=$1 log=$2 status=0 watch
	shift 2
	set -m # a process group of its own
	("$@") >"$log" 2>&1 </dev/null &
	running=$! running_name=$name
	set +m
	{ watched "$name" "$log" "$running" || { end_running >/dev/null 2>&1; exit 124; }; } &
	watch=$!
	wait "$running" 2>/dev/null || status=$?
	running=
	wait "$watch" || status=$?
	return "$status"
}

# Ends what runs in limited; what does not end by itself within ten seconds is killed.
end_running() {
	local pid
	[[ $running ]] && kill -- "-$running" 2>/dev/null || return 0
	for pid in $(pgrep -g "$running"); do
		timeout 10 tail -s 0.1 --pid="$pid" -f /dev/null || kill -KILL -- "-$running" 2>/dev/null
	done
}

# end_group NAME: counts its results, shows the end of its log if something failed.
end_group() {
	local name=$1 log=$logs/$1.log status took ok bad skipped remark=
	read -r status took <"$logs/$name.status"
	read -r ok bad skipped < <(tap_count "$log")
	if ((skipped)); then
		remark=", $skipped skipped"
		[[ ${CI-} != true ]] || { bad=$((bad + skipped)); remark+=" (failures, as CI=true)"; }
	fi
	if ((status == 124)); then
		bad=$((bad + 1)) remark+=", it was ended after $limit s of each processor, or $((4 * limit)) s by the clock (CHECK_LIMIT)"
	elif ((ok + bad + skipped == 0)); then
		bad=1 remark=", it ran no test"
	elif ((status && !bad)); then
		bad=1 remark+=", its runner ended with status $status"
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-12s %4d s  %d passed, %d failed%s\n' "$name" "$took" "$ok" "$bad" "$remark"
	if ((bad)); then
		show_failures "$log"
	fi
}

show_failures() {
	printf '    --- failures in %s\n' "${1#"$top/"}"
	{
		{ grep -B 25 -A 15 '^not ok' "$1" | grep -v '^ok '; [[ ${CI-} != true ]] || grep -i '^ok .*# skip' "$1"; } |
			tail -n 60 | grep . || tail -n 40 "$1"
	} | sed 's/^/    /'
	printf '    ---\n'
}
