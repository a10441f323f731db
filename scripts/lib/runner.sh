# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs groups of tests (groups.sh), adds up what they report (tap.sh), and ends with the sum.

passed=0 failed=0 beside=
logs=$top/$check_build/log

# The last line is the sum in any case; a run that ended early has failed.
finish() {
	local status=$?
	[[ ! $beside ]] || kill -- "-$beside" 2>/dev/null
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
		set -m # a process group of its own, which finish can end
		for name in "${lane[@]}"; do start_group "$name"; done &
		beside=$!
		set +m
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

# start_group NAME: its TAP into its log; how it ended, how long it took, and what it and the reference ladders used of a processor.
start_group() {
	local status=0 took reference=0 ladders= TIMEFORMAT='%0R %0U %0S'
	mkdir -p "$logs"
	if (($(budget "$1"))); then
		reference_ladders >"$logs/$1.reference" &
		ladders=$!
	fi
	took=$({ time log_group "$1"; } 2>&1) || status=$?
	[[ ! $ladders ]] || wait "$ladders"
	[[ ! -e $logs/$1.reference ]] || reference=$(<"$logs/$1.reference")
	echo "$status $took $reference" >"$logs/$1.status"
}

# What a group may use of a processor, in thousands of reference ladders: so a slow machine, or a loaded one, does not count.
budget() { group_field "$1" 4; }

# The seconds of a processor that a thousand ladders on a NIC in memory use just now.
reference_ladders() {
	local TIMEFORMAT=%U
	{ time yes -- '-- come=up go=down+clear' | head -n 300 | "$top/$check_build/tests/memnic/memprobe" >/dev/null; } 2>&1 |
		awk '{ print $1 / 0.3 }'
}

# budget_used NAME SECONDS REFERENCE: how much of its budget it used, in percent; nothing where there is none.
budget_used() {
	awk -v seconds="$2" -v reference="$3" -v budget="$(budget "$1")" 'BEGIN {
		if (budget > 0 && reference > 0)
			printf "%d", 100 * seconds / reference / budget
	}'
}

log_group() { (cd "$top" && "group_$1") >"$logs/$1.log" 2>&1 </dev/null; }

# end_group NAME: counts its results, shows the end of its log if something failed.
end_group() {
	local name=$1 log=$logs/$1.log status took user system reference used ok bad skipped remark=
	read -r status took user system reference <"$logs/$name.status"
	read -r ok bad skipped < <(tap_count "$log")
	if ((skipped)); then
		remark=", $skipped skipped"
		[[ ${CI-} != true ]] || { bad=$((bad + skipped)); remark+=" (failures, as CI=true)"; }
	fi
	if ((ok + bad + skipped == 0)); then
		bad=1 remark=", it ran no test"
	elif ((status && !bad)); then
		bad=1 remark+=", its runner ended with status $status"
	fi
	used=$(budget_used "$name" $((user + system)) "$reference")
	if ((used > 160)); then
		bad=$((bad + 1)) remark+=", it is over its budget of a processor"
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-12s %4d s (CPU %4d s%s)  %d passed, %d failed%s\n' "$name" "$took" $((user + system)) "${used:+, $used % of its budget}" \
		"$ok" "$bad" "$remark"
	if ((bad)); then
		show_failures "$log"
	fi
}

show_failures() {
	printf '    --- failures in %s\n' "${1#"$top/"}"
	{ grep -B 25 -A 5 '^not ok' "$1" | grep -v '^ok ' | tail -n 60 | grep . || tail -n 40 "$1"; } | sed 's/^/    /'
	printf '    ---\n'
}
