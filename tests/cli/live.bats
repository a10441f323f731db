# SPDX-License-Identifier: GPL-2.0-or-later
# The line that tells of a run while it goes on, on a real terminal (tmux). No clock: the program says when the terminal shows
# what it has drawn, and waits for the test.

load lib/common

setup() {
	socket=$BATS_TEST_TMPDIR/tmux
	mkfifo "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/go"
}

teardown() {
	tmux -S "$socket" kill-server 2>/dev/null || true
}

# terminal COLUMNS STYLE/STEP...: the run of igb on a terminal that is so wide.
terminal() {
	local columns=$1
	shift
	tmux -S "$socket" -f /dev/null new-session -d -x "$columns" -y 40 env -u NO_COLOR TERM=screen \
		"$(program cli/live)" "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/go" "$@"
	exec {told}<"$BATS_TEST_TMPDIR/told" {go}>"$BATS_TEST_TMPDIR/go"
}

# shown MOMENT: what the terminal shows then, as output.
shown() {
	local line
	read -r line <&"$told"
	[[ $line == "$1" ]] || fail "the run is at $line, not at $1"
	output=$(tmux -S "$socket" capture-pane -p | sed -e 's/ *$//' -e '/./,$!d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}')
}

# resize COLUMNS: returns once the program would see it; tmux takes its time.
resize() {
	local tty
	tty=$(tmux -S "$socket" display-message -p '#{pane_tty}')
	tmux -S "$socket" resize-window -x "$1"
	until [[ $(stty size <"$tty") == *" $1" ]]; do :; done
}

goes_on() { echo >&"$go"; }

@test "a line says what the run does, how long, and what it has found, and no more than it knows; at the end the result takes its place" {
	terminal 120 macvtap/up bridge/unplug bridge+fdb/attach
	shown macvtap/up
	[[ $output =~ ^'eth0 VF 3   '[0-9]+' of about '[0-9]+' s   macvtap: VF up   Ctrl-C restores the host'$ ]] || fail "$output"
	goes_on
	shown bridge/unplug
	[[ $output =~ ^'eth0 VF 3   '[0-9]+' of about '[0-9]+' s   bridge: unplug   so far: macvtap ok   Ctrl-C restores the host'$ ]] || fail "$output"
	goes_on
	shown bridge+fdb/attach
	[[ $output =~ ^'eth0 VF 3   '[0-9]+' of about '[0-9]+' s   bridge+fdb: boots   so far: macvtap ok, bridge NOT SAFE (EARLY)'$ ]] || fail "$output"
	goes_on
	shown end
	[[ ${output%%$'\n'*} == 'eth0 VF 3: '* ]] || fail "the answer does not come first: $output"
	[[ $output != *'so far'* && $output != *'of about'* ]] || fail "the line was left behind: $output"
	goes_on
}

@test "how long the run may take never falls" {
	local steps=(macvtap/standby macvtap/up macvtap/clear bridge/standby bridge/clear bridge+fdb/standby bridge+fdb/clear) step before=0 now
	terminal 100 "${steps[@]}"
	for step in "${steps[@]}"; do
		shown "$step"
		[[ $output =~ ([0-9]+)' of about '([0-9]+)' s' ]] || fail "no estimate at $step: $output"
		now=${BASH_REMATCH[2]}
		((now >= before && BASH_REMATCH[1] <= now)) || fail "at $step ${BASH_REMATCH[1]} of $now s, before of $before"
		before=$now
		goes_on
	done
	shown end
	goes_on
}

@test "a terminal that becomes narrower, and wider, during the run leaves nothing behind" {
	terminal 100 macvtap/up bridge/up bridge+fdb/up
	shown macvtap/up
	resize 40
	goes_on
	shown bridge/up
	[[ $output =~ ^'eth0 VF 3   '[0-9]+' of about '[0-9]+' s'$ ]] || fail "$output"
	resize 120
	goes_on
	shown bridge+fdb/up
	[[ $output =~ ^'eth0 VF 3   '[0-9]+' of about '[0-9]+' s   bridge+fdb: VF up   so far: '[^$'\n']*$ ]] || fail "$output"
	goes_on
	shown end
	[[ ${output%%$'\n'*} == 'eth0 VF 3: '* && $output != *'of about'* ]] || fail "$output"
	goes_on
}
