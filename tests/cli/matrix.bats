#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --matrix: which files are read, what is said of the others, where the links of the page lead, and the exit status.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir results
}

# result FILE ID FIRMWARE MACVTAP [BRIDGE]: a result of --json, by the host that is the folder of FILE, with $kernel and its driver.
result() {
	/usr/bin/python3 - "$top/tests/golden/igb.json" "$@" <<'END'
import json, os, sys
sample, path, id, firmware, *verdicts = sys.argv[1:]
d = json.load(open(sample))
d["run"].update(id=f"{int(id):032x}", host=os.path.basename(os.path.dirname(path)))
d["pf"]["firmware"] = firmware
d["run"]["kernel"] = d["pf"]["driver_version"] = d["vfs"][0]["driver_version"] = os.environ.get("kernel", d["run"]["kernel"])
for style, verdict in zip(d["vfs"][0]["styles"], verdicts):
    style["verdict"] = verdict
if len(verdicts) == 1:
    d["vfs"][0]["styles"].pop()
os.makedirs(os.path.dirname(path), exist_ok=True)
json.dump(d, open(path, "w"))
END
}

@test "--matrix: folders and files, and the exit status" {
	result results/hv1/a.json 1 2.9 safe
	result results/hv2/deeper/b.json 2 2.9 safe
	nfprobe --matrix results
	status_is 0
	no_stderr
	stdout_has '2.9       igb     6.12.95  SAFE 2/2'
	result "$PWD/c" 3 2.9 sticky early
	nfprobe --matrix results c
	status_is 1
	stdout_has 'STICKY 3/3, disagree'
	stdout_has 'Runs disagree:'
	stdout_has 'the worst is VF 3 of '
	nfprobe --matrix results c --style bridge --allow early
	status_is 0
	[[ $output != *macvtap* ]]
	nfprobe c --matrix --style bridge results
	status_is 1
	result "$PWD/c" 3 2.9 inconclusive
	nfprobe --matrix results c
	status_is 3
	stdout_has 'INCONCLUSIVE 3/3, else SAFE'
}

@test "--matrix: what newer firmware made worse comes first, and decides even if it is allowed" {
	result results/hv1/a.json 1 2.9 safe
	result results/hv2/b.json 2 2.10 early
	nfprobe --matrix results --allow early
	status_is 1
	[[ ${lines[0]} == 'Got worse:' ]]
	stdout_has 'SAFE with firmware 2.9, EARLY with'
	[[ $(grep -nE '^  2\.' <<<"$output" | head -n 1) == *'2.10      igb     6.12.95  EARLY (allowed) 1/1, worse' ]]
	nfprobe --matrix results --json
	status_is 1
	printf '%s\n' "$output" >out.json
	valid nfprobe-matrix-1 out.json
	[[ $(json out.json 'd["worse"], d["rows"][0]["cells"][0]["worse_than"][0]["firmware"], d["rows"][0]["cells"][0]["safe"]') == "(1, '2.9', 'no')" ]]
	nfprobe --matrix -q results
	status_is 1
	[[ ${lines[0]} == 'Got worse:' && $output != *'1 run'* ]]
}

@test "--matrix: a newer kernel with the same firmware made it worse" {
	kernel=6.9.1 result results/hv1/a.json 1 2.9 safe
	kernel=6.10.0-rc2 result results/hv1/b.json 2 2.9 safe
	kernel=6.10.0 result results/hv2/c.json 3 2.9 sticky
	nfprobe --matrix results --allow sticky
	status_is 1
	[[ ${lines[0]} == 'Got worse:' ]]
	stdout_has 'firmware 2.9, igb, macvtap, wire: SAFE with'
	stdout_has '2.9       igb     6.10.0      STICKY (allowed) 1/1, worse'
	nfprobe --matrix results --json=out.json --html=out.html
	status_is 1
	valid nfprobe-matrix-1 out.json
	[[ $(json out.json '[(w["kernel"], w["changed"]) for w in d["rows"][0]["cells"][0]["worse_than"]]') == "[('6.10.0-rc2', ['kernel'])]" ]]
	grep -qF '<b class="bad">worse than with Linux 6.10.0-rc2</b>' out.html
	rm results/hv2/c.json
	nfprobe --matrix results
	status_is 0
}

@test "--matrix: what --all --json has written" {
	result results/hv1/a.json 1 2.9 safe
	result "$PWD/early.json" 2 2.9 early
	/usr/bin/python3 - <<'END'
import json
pf = {"ifname": "eth0", "bus": "pci", "parentdev": "0000:01:00.0", "vendor_name": None, "device_name": None,
      "counts": True, "exit": 1, "result": json.load(open("early.json"))}
json.dump({"schema": 1, "version": "0.1.0", "pfs": [pf], "exit": 1}, open("results/all.json", "w"))
END
	valid nfprobe-all-1 results/all.json
	nfprobe --matrix results
	status_is 1
	no_stderr
	stdout_has 'EARLY 2/2, disagree'
}

@test "--matrix: what --save has kept, and the same run as a result" {
	NFPROBE_JSON_DIR=$BATS_TEST_TMPDIR "$(program unit/test_store)" >&2
	cp store.json results
	cp "$top/tests/golden/igb.json" results
	nfprobe --matrix results --json=out.json
	status_is 1
	no_stderr
	valid nfprobe-matrix-1 out.json
	[[ $(json out.json 'd["files"], d["runs"], [c["runs"] for c in d["rows"][0]["cells"]]') == '(2, 1, [1, 1])' ]]
}

@test "--matrix: files that cannot be used are named, and what they may say is not known" {
	result results/hv1/a.json 1 2.9 safe
	echo '{"name": "x"}' >results/package.json
	nfprobe --matrix results
	status_is 0
	stderr_has 'warning: skipped results/package.json: it is neither a result of --json nor a file of --save'
	nfprobe --matrix results/hv1 results/package.json
	status_is 3
	head -c 5000 results/hv1/a.json >results/torn.json
	nfprobe --matrix results
	status_is 3
	stderr_has 'skipped results/torn.json: it is damaged, or not JSON'
	rm results/torn.json
	truncate -s 33M results/large.json
	nfprobe --matrix results
	status_is 3
	stderr_has 'skipped results/large.json: it is larger than 32 MB'
	rm results/large.json
	# Root has no capabilities then.
	(umask 777; : >results/secret.json)
	nfprobe --matrix results
	status_is 3
	stderr_has 'skipped results/secret.json: Permission denied'
	rm -f results/secret.json
	nfprobe --matrix results nosuch
	status_is 3
	stderr_has 'skipped nosuch: No such file or directory'
	nfprobe --matrix -q results nosuch
	status_is 3
	no_stderr
	# A host whose results were not fetched.
	mkdir empty
	nfprobe --matrix results empty
	status_is 3
	stderr_has 'skipped empty: no file in it whose name ends in .json is a result of nfprobe'
}

# nothing PATH WHY: says why, also with -q
nothing() {
	local option
	for option in -v -q; do
		nfprobe --matrix "$1" "$option"
		status_is 4
		no_stdout
		stderr_has "nfprobe: no result could be read: $2"
		stderr_has '--matrix takes what --json=FILE and --save have written'
	done
}

@test "--matrix: nothing that can be used is an error" {
	nothing nosuch 'nosuch: No such file or directory'
	nothing results 'results: no file in it whose name ends in .json is a result of nfprobe'
	echo 'no name of a result' >results/a.txt
	nothing results 'results: no file in it whose name ends in .json is a result of nfprobe'
	echo '{"name": "x"}' | tee results/package.json >results/other.json
	nothing results 'results: no file in it whose name ends in .json is a result of nfprobe'
	nothing results/package.json 'results/package.json: it is neither a result of --json nor a file of --save'
	nothing "$top/README.md" "$top/README.md: it is damaged, or not JSON"
	nothing /dev/null '/dev/null: it is neither a file nor a folder'
	mkdir secret
	chmod 0 secret
	nothing secret 'secret: Permission denied'
	chmod 700 secret
	"$(program soak/recording)" run.pcapng igb >run.json
	nothing run.pcapng 'run.pcapng: it is damaged, or not JSON'
	nfprobe --matrix run.json
	status_is 3
	nfprobe --matrix nosuch --json
	status_is 4
	printf '%s\n' "$output" >out.json
	valid nfprobe-matrix-1 out.json
	[[ $(json out.json 'd["exit"], d["error"]["code"], d["skipped"][0]["why"]') == "(4, 'input', 'No such file or directory')" ]]
}

@test "--matrix: links that lead in circles, pipes, hidden files, names of any bytes" {
	result results/hv1/a.json 1 2.9 safe
	ln -s .. results/hv1/up
	ln -s ../.. results/hv1/up.json
	ln -s loop.json results/loop.json
	mkfifo results/pipe.json
	mkdir results/.git results/folder.json
	echo '{' | tee results/.torn.json >results/.git/x.json
	echo 'no result' >results/a.html
	ln -s hv1/a.json results/latest.json
	cp results/hv1/a.json results/$'\033[2J\xff.json'
	nfprobe --matrix results
	status_is 3
	stdout_has 'SAFE 1/1'
	[[ $(wc -l <<<"$stderr") == 2 ]] || fail 'more was skipped'
	stderr_has 'skipped results/loop.json: Too many levels of symbolic links'
	stderr_has 'skipped results/pipe.json: it is neither a file nor a folder'
	rm results/loop.json
	nfprobe --matrix -v results
	status_is 0
	[[ $output != *$'\033'* ]]
	# What is no file is not even opened.
	/usr/bin/python3 - "$NFPROBE" <<'END'
import ctypes, os, subprocess, sys
IN_OPEN = 0x20
libc = ctypes.CDLL(None)
notify = libc.inotify_init1(os.O_NONBLOCK)
assert notify >= 0 and libc.inotify_add_watch(notify, b"results/pipe.json", IN_OPEN) >= 0
assert subprocess.run([sys.argv[1], "--matrix", "results"], capture_output=True).returncode == 0
try:
    os.read(notify, 4096)
except BlockingIOError:
    sys.exit(0)
sys.exit("the pipe was opened")
END
	# Folders in folders, more than anyone has.
	deep=results
	for _ in {1..50}; do deep+=/d; done
	mkdir -p "$deep"
	nfprobe --matrix results
	status_is 3
	stderr_has 'it is in too many folders'
}

@test "--matrix: a page with links to the ladders, relative to it" {
	result results/hv1/a.json 1 2.9 safe
	result "results/hv 2/b\"<&:.json" 2 2.9 early
	echo page >results/hv1/a.html
	mkdir -p pages/deep
	nfprobe --matrix results --html pages/deep/matrix.html
	status_is 1
	xmllint --nonet --noout pages/deep/matrix.html
	grep -qF '<a href="../../results/hv1/a.html">hv1, VF 3</a>' pages/deep/matrix.html
	grep -qF '<a href="../../results/hv%202/b%22%3C%26%3A.json">hv 2, VF 3</a>' pages/deep/matrix.html
	run ! grep -E '<script|https?:' pages/deep/matrix.html
	nfprobe --matrix "$PWD/results" --html matrix.html
	grep -qF '<a href="results/hv1/a.html">' matrix.html
	nfprobe --matrix results --html results/hv1/matrix.html
	grep -qF '<a href="a.html">' results/hv1/matrix.html
	grep -qF '<a href="../hv%202/' results/hv1/matrix.html
	# A name that is the beginning of another.
	mkdir results/hv
	nfprobe --matrix results --html results/hv/matrix.html
	grep -qF '<a href="../hv1/a.html">' results/hv/matrix.html
	# Every link leads somewhere.
	for page in matrix.html pages/deep/matrix.html results/hv1/matrix.html results/hv/matrix.html; do
		/usr/bin/python3 - "$page" <<'END'
import os, re, sys, urllib.parse
links = re.findall(r'href="([^"]*)"', open(sys.argv[1]).read())
sys.exit(0 if links and all(os.path.exists(os.path.join(os.path.dirname(sys.argv[1]), urllib.parse.unquote(l))) for l in links) else 1)
END
	done
	nfprobe --matrix results --html /dev/stdout
	stdout_has '<a href="results/hv1/a.html">'
	nfprobe --matrix results --html no/such/folder
	status_is 4
	stderr_has 'cannot write no/such/folder: No such file or directory'
}

@test "--matrix: a result of a host that is not to be trusted" {
	kernel=$'6.1\033]0;title\007' result results/hv1/a.json 1 $'<script>alert(1)</script>\033[2J\u202e' safe
	kernel='</td><a href="javascript:alert(1)">' result results/hv1/b.json 2 '"><img src=x onerror=alert(1)>' early
	nfprobe --matrix -v results --json=out.json --html=out.html --color=never
	status_is 1
	run ! grep -P '[\x00-\x09\x0b-\x1f\x7f]' <<<"$output"
	valid nfprobe-matrix-1 out.json
	xmllint --nonet --noout out.html
	run ! grep -iE '<script|<img|href="javascript|onerror=[^&]*"' out.html
	run ! grep -P '[\x00-\x09\x0b-\x1f\x7f]' out.html
	grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' out.html
}

@test "--matrix: NICs have their names where there is a pci.ids" {
	need_root
	result results/hv1/a.json 1 2.9 safe
	printf '8086  Intel Corporation\n\t10c9  82576 Gigabit Network Connection\n' >ids
	# shellcheck disable=SC2016 # expanded by that shell
	run --separate-stderr unshare --mount sh -c 'mount -t tmpfs none /usr/share/misc && cp ids /usr/share/misc/pci.ids &&
		exec "$@"' sh "$NFPROBE" --matrix results
	status_is 0
	stdout_has 'Intel Corporation 82576 Gigabit Network Connection  8086:10c9, subsystem 8086:a04c'
	# shellcheck disable=SC2016
	run --separate-stderr unshare --mount sh -c 'mount -t tmpfs none /usr/share/misc && mkdir -p /usr/share/hwdata &&
		mount -t tmpfs none /usr/share/hwdata && exec "$@"' sh "$NFPROBE" --matrix results
	status_is 0
	stdout_has 'PCI 8086:10c9  subsystem 8086:a04c'
}

@test "--matrix: without privileges, network, /sys and /run" {
	need_root
	result results/hv1/a.json 1 2.9 safe
	chmod -R a+rX .
	# shellcheck disable=SC2016
	run --separate-stderr unshare --net --mount sh -c 'mount -t tmpfs none /sys && mount -t tmpfs none /run &&
		exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$@" <results/hv1/a.json' sh \
		"$NFPROBE" --matrix /dev/fd/0
	status_is 0
	stdout_has 'SAFE 1/1'
}

@test "--matrix: what is typed wrongly" {
	nfprobe --matrix
	usage_error 'no file or folder is named: nfprobe --matrix FILE|DIR..' 'name what --json=FILE has written'
	nfprobe --matrix ''
	usage_error 'a file or folder has an empty name'
	nfprobe --matrix x --vf 3
	usage_error '--vf makes no sense with --matrix'
	nfprobe --matrix x --check
	usage_error '--all, --list, --check, --matrix, --restore, --reflect, --read and --dry-run do not go together'
	nfprobe --matrix x --junit y
	usage_error '--junit makes no sense with --matrix'
	nfprobe --matrix x --html y --json=y
	usage_error '--json and --html name the same file, y: write two'
	nfprobe --matrix x --allow inconclusive
	usage_error '--allow inconclusive is not possible'
	nfprobe eth0 eth1
	usage_error '"eth1" is one argument too many'
}
