#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/package image: what is in the image of each architecture, what it says of itself, that the program and the tools run in that of
# this machine, and that building it again gives the same bytes. IMAGES is a folder for them; needs root.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats

bats_require_minimum_version 1.5.0

arches='amd64 arm64'
largest=60000000 # bytes of all layers, compressed

setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	version=$("$top/scripts/lib/version") tag=$(sed 's/+.*//; s/~/-/' <<<"$version")
	export top version tag layout=$IMAGES/layout SOURCE_URL=https://example.org/nfprobe
	"$top/scripts/package" image "$IMAGES/first" >&2
	mkdir -p "$layout"
	tar -C "$layout" -xf "$IMAGES/first/nfprobe-$version.oci.tar"
	for arch in $arches; do
		rm -rf "${IMAGES:?}/$arch"
		mkdir -p "$IMAGES/$arch"
		tar -C "$IMAGES/$arch" -xzpf "$(blob "$(manifest "$arch" 'd["layers"][0]["digest"]')")"
	done
}

# json FILE EXPRESSION, of its object d.
json() { /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"d": d}))' "$@"; }
blob() { echo "$layout/blobs/${1/://}"; }
index() { blob "$(json "$layout/index.json" 'd["manifests"][0]["digest"]')"; }
# manifest ARCH EXPRESSION, config ARCH EXPRESSION
manifest() {
	json "$(blob "$(json "$(index)" "[m['digest'] for m in d['manifests'] if m['platform']['architecture'] == '$1'][0]")")" "$2"
}
config() { json "$(blob "$(manifest "$1" 'd["config"]["digest"]')")" "$2"; }

# inside COMMAND...: in the image of this machine, which cannot be written to, with a result in /tmp.
inside() {
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr unshare --mount sh -c 'root=$1; shift
		mount --bind "$root" "$root" && mount -o remount,ro,bind "$root" && mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" &&
		mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/tmp" && cp "$1" "$root/tmp/result.json" && shift &&
		exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 chroot "$root" "$@"' \
		sh "$IMAGES/$(dpkg --print-architecture)" "$top/tests/fixtures/igb/result.json" "$@"
	echo "$* ends with $status: $stderr"
}

@test "it is one image for each architecture, with version, source and licence" {
	[[ $(json "$layout/index.json" '[m["annotations"]["org.opencontainers.image.ref.name"] for m in d["manifests"]]') == "['$tag']" ]]
	[[ $(json "$(index)" '" ".join(m["platform"]["architecture"] for m in d["manifests"])') == "$arches" ]]
	for arch in $arches; do
		[[ $(config "$arch" 'd["architecture"], d["os"]') == "('$arch', 'linux')" ]]
		for said in "$(config "$arch" 'd["config"]["Labels"]')" "$(manifest "$arch" 'd["annotations"]')"; do
			for label in "version': '$version'" "source': '$SOURCE_URL'" "licenses': 'GPL-2.0-or-later'"; do
				[[ $said == *"org.opencontainers.image.$label"* ]] || { echo "no $label in $said"; false; }
			done
		done
	done
}

# The command that scripts/kubernetes/README.md has, but that the registry is a folder.
@test "it is pushed with all its architectures" {
	command=$(grep -o 'skopeo copy .* docker:' "$top/scripts/kubernetes/README.md")
	[[ $command == 'skopeo copy --all oci-archive:'* ]]
	skopeo --insecure-policy copy --all "oci-archive:$IMAGES/first/nfprobe-$version.oci.tar" "oci:$BATS_TEST_TMPDIR/pushed:$tag"
	for arch in $arches; do
		[[ $(skopeo --override-arch "$arch" inspect "oci:$BATS_TEST_TMPDIR/pushed:$tag" | jq -r .Architecture) == "$arch" ]]
	done
}

@test "it is below 60 MB" {
	for arch in $arches; do
		size=$(manifest "$arch" 'sum(layer["size"] for layer in d["layers"])')
		echo "# $arch: $((size / 1000)) kB" >&3
		((size < largest))
	done
}

@test "its programs are those of the packages, for its architecture" {
	for arch in $arches; do
		for file in /usr/sbin/nfprobe /usr/bin/nfprobe-{all,check,report} /usr/share/nfprobe/nfprobe-result.schema.json /usr/libexec/nfprobe/{keep,serve,assigned}.py; do
			[[ -e $IMAGES/$arch$file || -L $IMAGES/$arch$file ]] || { echo "$arch: no $file"; false; }
		done
		[[ $(cd "$IMAGES/$arch/usr" && echo sbin/* bin/*) =~ ^sbin/nfprobe\ bin/nfprobe-all\ bin/nfprobe-check\ bin/nfprobe-report\ bin/python3\ bin/python3\.[0-9]+$ ]]
		machine=$(readelf -h "$IMAGES/$arch/usr/sbin/nfprobe" | sed -n 's/.*Machine: *//p')
		case $arch in
		amd64) [[ $machine == *X86-64 ]] ;;
		arm64) [[ $machine == AArch64 ]] ;;
		esac
		grep -qx "Version: $version" "$IMAGES/$arch/var/lib/dpkg/status.d/nfprobe"
		grep -qx ID=debian "$IMAGES/$arch/etc/os-release"
	done
}

# libgcc_s is loaded by name, when a thread is cancelled.
@test "each library that is there is needed, and each that is needed is there" {
	for arch in $arches; do
		cd "$IMAGES/$arch"
		find usr -type f -exec readelf -d {} + 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u >"$BATS_TEST_TMPDIR/needed"
		(cd usr/lib/*-linux-gnu && printf '%s\n' *.so.* ld-linux*) | sort -u >"$BATS_TEST_TMPDIR/there"
		run grep -vxFf "$BATS_TEST_TMPDIR/there" "$BATS_TEST_TMPDIR/needed"
		[[ -z $output ]] || { echo "$arch lacks $output"; false; }
		for lib in usr/lib/*-linux-gnu/*.so.*; do
			[[ -f $lib && ! -L $lib ]] || continue
			soname=$(readelf -d "$lib" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
			[[ $soname == libgcc_s.so.1 ]] || grep -qxF "$soname" "$BATS_TEST_TMPDIR/needed" || { echo "$arch: nothing needs $lib"; false; }
		done
	done
}

@test "the program runs" {
	inside nfprobe --version
	[[ $status == 0 && $output == "nfprobe $version" ]]
	inside nfprobe --list --json
	[[ $status == 0 && $output == *'"pfs"'* ]]
}

@test "what pods run is in it, and runs there" {
	inside python3 -I /usr/libexec/nfprobe/assigned.py --from arp
	[[ $status == 4 && $stderr == *'request one VF'* ]]
	# A round of it, as in a DaemonSet: it says when that ended, and that this is not long ago.
	inside python3 -I -c 'import os, subprocess
keep = ["python3", "-I", "/usr/libexec/nfprobe/keep.py", "300"]
run = subprocess.Popen([*keep, "/tmp/round", "nfprobe --list -q --json=/tmp/list.json"], stdout=subprocess.DEVNULL)
while not os.path.exists("/tmp/round"):
    try: raise SystemExit(run.wait(0.1))
    except subprocess.TimeoutExpired: pass
alive, listed = subprocess.call([*keep, "--alive", "/tmp/round"]), os.path.exists("/tmp/list.json")
run.terminate(); print(alive, listed, run.wait())'
	[[ $status == 0 && $output == '0 True 0' ]]
	# Nobody serves metrics, of a file that root has written.
	inside python3 -I -c 'import os, subprocess, urllib.request
subprocess.check_call(["nfprobe-report", "prometheus", "/tmp/result.json", "-o", "/tmp/a.prom"])
run = subprocess.Popen(["python3", "-I", "/usr/libexec/nfprobe/serve.py", "9731", "/tmp"], user=65534, group=65534)
while True:
    try: text = urllib.request.urlopen("http://127.0.0.1:9731/metrics").read(); break
    except OSError: pass
    try: raise SystemExit(run.wait(0.1))
    except subprocess.TimeoutExpired: pass
run.terminate(); print(b"nfprobe_verdict{" in text, run.wait())'
	[[ $status == 0 && $output == *'True 0' ]]
}

@test "each tool, and each format, runs" {
	for tool in nfprobe-all nfprobe-check nfprobe-report; do
		inside $tool --version
		[[ $status == 0 && $output == "$tool $version" ]]
	done
	inside nfprobe-check lo
	[[ $status == 4 && $stderr != *Traceback* ]]
	for format in $("$top/scripts/tools/nfprobe-report" --help | sed -n 's/^    \([a-z]*\) .*/\1/p'); do
		case $format in
		compare) inside nfprobe-report compare /tmp/result.json /tmp/result.json ;;
		*) inside nfprobe-report "$format" /tmp/result.json ;;
		esac
		((status < 2 || status == 3)) && [[ $output && $stderr != *Traceback* ]] || { echo "$format"; false; }
	done
	inside nfprobe-report matrix --html /tmp/result.json
	((status < 2 || status == 3)) && [[ $output == *'<html'* ]]
}

# In another root, in another folder, at another time.
@test "it is the same when it is built again" {
	"$top/scripts/package" image "$BATS_TEST_TMPDIR/again" >&2
	cmp "$IMAGES/first/nfprobe-$version.oci.tar" "$BATS_TEST_TMPDIR/again/nfprobe-$version.oci.tar"
}
