# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Test results as TAP: making it of commands, and counting it.

# tap_run NAME COMMAND...: one test, which passes when the command does; its output explains a failure.
# The caller ends with tap_done.
tap_run() {
	local name=$1 output status=0
	shift
	tap_number=$((${tap_number-0} + 1))
	output=$("$@" 2>&1) || status=$?
	if ((status)); then
		printf '%s\n' "$output" | sed 's/^/# /'
		echo "not ok $tap_number - $name"
		tap_failed=1
	else
		echo "ok $tap_number - $name"
	fi
}

tap_done() {
	echo "1..${tap_number-0}"
	return "${tap_failed-0}"
}

# tap_count FILE: prints "PASSED FAILED SKIPPED" of all the TAP in a log, which may be several programs'
# one after the other. A test that a plan announced and that never reported counts as failed. Indented
# lines are subtests, which their own line at the margin sums up.
tap_count() {
	awk '
		/^(not )?ok / && toupper($0) ~ /# (SKIP|TODO)/ { seen++; skipped++; next }  # cmocka: "not ok 3 # SKIP"
		/^ok / { seen++; passed++ }
		/^not ok / { seen += $3 ~ /^[0-9]/; failed++ }  # without a number: announced by no plan
		/^1\.\.[0-9]+/ { plan += substr($1, 4) }
		/^Bail out!/ { failed++ }
		END {
			if (plan > seen)
				failed += plan - seen
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}
