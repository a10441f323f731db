# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs groups of tests (groups.sh), adds up what they report (tap.sh), and ends with the sum.

passed=0 failed=0
logs=$top/$check_build/log

# Whatever happens, the last line is the sum: what ended early has failed.
finish() {
	local status=$?
	((status == 0 || failed)) || failed=1
	printf '%d passed, %d failed\n' "$passed" "$failed"
	exit $((failed ? 1 : 0))
}

# run_group NAME: counts its results, shows the end of its log if something failed.
run_group() {
	local name=$1 log=$logs/$1.log status=0 start=$SECONDS ok bad skipped remark=
	mkdir -p "$logs"
	(cd "$top" && "group_$name") >"$log" 2>&1 </dev/null || status=$?
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
	printf '%-9s %4d s  %d passed, %d failed%s\n' "$name" $((SECONDS - start)) "$ok" "$bad" "$remark"
	if ((bad)); then
		show_failures "$log"
	fi
}

show_failures() {
	printf '    --- failures in %s\n' "${1#"$top/"}"
	{ grep -B 25 '^not ok' "$1" | grep -v '^ok ' | tail -n 60 | grep . || tail -n 40 "$1"; } | sed 's/^/    /'
	printf '    ---\n'
}
