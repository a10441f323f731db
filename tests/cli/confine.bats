#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# From inside the processes that parse what others wrote (trespass.c): who they are, and what they cannot do.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common
load lib/sriov

setup_file() { recordings; }

setup() {
	need_root
	export TRESPASS_DIR=$BATS_TEST_TMPDIR/place
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	mkdir -m 777 "$TRESPASS_DIR"
	install -m 600 /dev/null "$TRESPASS_DIR/secret"
	trespass=$(program cli/trespass.so)
	cd "$BATS_FILE_TMPDIR" || return
}

# Each process that parsed did so confined, and there were @1 of them.
confined() {
	[[ $(grep -cx "parser: seccomp 2, uid 65534, not refused: 0" <<<"$stderr") == "$1" &&
		$(grep -c "seccomp [0-9]" <<<"$stderr") == "$1" ]] || fail "not $1 confined processes"
}

# The output is the same when the reader is confined.
@test "--read, with its file" {
	LD_PRELOAD=$trespass nfprobe --read igb.pcapng -v --json=run.json
	status_is 0
	confined 1
	stderr_lacks Landlock
	stderr_lacks 'uid 0'
	[[ $(stat -c %u run.json) == 0 ]]
}

@test "--read on a kernel without Landlock: the rest holds, and -v says so" {
	TRESPASS_NO_LANDLOCK=1 LD_PRELOAD=$trespass nfprobe --read igb.pcapng -v
	status_is 0
	confined 1
	stderr_has 'this kernel has no Landlock'
	TRESPASS_NO_LANDLOCK=1 LD_PRELOAD=$trespass nfprobe --read igb.pcapng
	stderr_lacks Landlock
}

@test "--reflect" {
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr unshare --net sh -ec 'ip link add r0 type veth peer name r1
		ip link set r0 up && ip link set r1 up
		LD_PRELOAD=$1 exec timeout 60 "$2" --reflect r0 --timeout 1' sh "$trespass" "$NFPROBE"
	status_is 0
	[[ $stderr == "reflector: seccomp 2, uid 65534, not refused: 0" ]] || fail "not confined"
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr unshare --net sh -ec 'ip link add r0 type veth peer name r1
		ip link set r0 up && ip link set r1 up
		TRESPASS_NO_LANDLOCK=1 LD_PRELOAD=$1 exec timeout 60 "$2" --reflect r0 --timeout 1 -v' sh "$trespass" "$NFPROBE"
	status_is 0
	stderr_has "reflector: seccomp 2, uid 65534, not refused: 0"
	stderr_has 'this kernel has no Landlock'
}

# The parent parses nothing, and its child dies with it.
@test "--read: one that is killed while it prints leaves no process" {
	/usr/bin/python3 - "$NFPROBE" <<'END'
import fcntl, os, signal, subprocess, sys, time
ours, theirs = os.pipe()
fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)  # less than the result
process = subprocess.Popen([sys.argv[1], "--read", "igb.pcapng", "--json"], stdout=theirs)
os.close(theirs)
os.read(ours, 1)
child = open(f"/proc/{process.pid}/task/{process.pid}/children").read().split()[0]
status = dict(line.split(":\t") for line in open(f"/proc/{child}/status").read().splitlines() if ":\t" in line)
assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1", status
assert status["Uid"].split() == status["Gid"].split() == ["65534"] * 4, status
assert all(int(status["Cap" + name], 16) == 0 for name in ("Inh", "Prm", "Eff", "Amb")), status
process.kill()
while os.read(ours, 65536):  # ends when nobody has the other end
    pass
END
}

@test "--read as root who cannot become another user, as in a container: the rest holds, and -v says so" {
	run --separate-stderr setpriv --bounding-set=-all --inh-caps=-all "$NFPROBE" --read igb.pcapng -q
	status_is 0
	no_stderr
	run --separate-stderr setpriv --bounding-set=-all --inh-caps=-all env LD_PRELOAD="$trespass" "$NFPROBE" --read igb.pcapng -v
	status_is 0
	stderr_has 'parser: seccomp 2, uid 0, not refused: 0'
	stderr_has 'stays uid 0, without capabilities'
}
