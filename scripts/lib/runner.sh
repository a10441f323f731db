# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs groups of tests (groups.sh), adds up what they report (tap.sh), and ends with the sum.

passed=0 failed=0
logs=$top/$check_build/log

# The last line is the sum in any case; a run that ended early has failed.
finish() {
	local status=$?
	((status == 0 || failed)) || failed=1
	printf '%d passed, %d failed\n' "$passed" "$failed"
	exit $((failed ? 1 : 0))
}

# run_groups NAME...: one after the other, but for one that is begun behind those before it.
run_groups() {
	local name other behind='' pid=
	while (($#)); do
		name=$1 other=$(group_behind "$1")
		shift
		if [[ -z $behind && $other && " $* " == *" $other "* ]]; then
			start_group "$other" &
			pid=$! behind=$other
		fi
		if [[ $name == "$behind" ]]; then
			wait "$pid"
			end_group "$name"
			behind=
		else
			run_group "$name"
		fi
	done
}

run_group() {
	start_group "$1"
	end_group "$1"
}

# start_group NAME: its TAP into its log; how it ended, and how long it took, of a processor as well, beside that.
start_group() {
	local status=0 took TIMEFORMAT='%0R %0U %0S'
	mkdir -p "$logs"
	took=$({ time log_group "$1"; } 2>&1) || status=$?
	echo "$status $took" >"$logs/$1.status"
}

log_group() { (cd "$top" && "group_$1") >"$logs/$1.log" 2>&1 </dev/null; }

# end_group NAME: counts its results, shows the end of its log if something failed.
end_group() {
	local name=$1 log=$logs/$1.log status took user system ok bad skipped remark=
	read -r status took user system <"$logs/$name.status"
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
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-12s %4d s (CPU %4d s)  %d passed, %d failed%s\n' "$name" "$took" $((user + system)) "$ok" "$bad" "$remark"
	if ((bad)); then
		show_failures "$log"
	fi
}

show_failures() {
	printf '    --- failures in %s\n' "${1#"$top/"}"
	{ grep -B 25 -A 5 '^not ok' "$1" | grep -v '^ok ' | tail -n 60 | grep . || tail -n 40 "$1"; } | sed 's/^/    /'
	printf '    ---\n'
}
