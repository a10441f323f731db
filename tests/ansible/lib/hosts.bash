# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # top, and what bats sets: of whoever loads it
# The hosts of Ansible: folders of $NFPROBE_HOSTS, which lib/ssh makes namespaces of.

# ansible_collection DIR: where Ansible finds the collection.
ansible_collection() {
	mkdir -p "$1/ansible_collections/nfprobe"
	cp -rL "$top/scripts/ansible" "$1/ansible_collections/nfprobe/nfprobe"
	export ANSIBLE_COLLECTIONS_PATH=$1
}

# ansible_hosts DIR: a folder of hosts, and what they store.
ansible_hosts() {
	export NFPROBE_HOSTS=$1 ANSIBLE_SSH_EXECUTABLE=$top/tests/ansible/lib/ssh
	export ANSIBLE_SSH_TRANSFER_METHOD=piped ANSIBLE_PIPELINING=1 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
	# The controller has nfprobe-tools; the hosts have not.
	export PATH=$top/scripts/tools:$PATH PYTHONDONTWRITEBYTECODE=1
	mkdir "$1"
	sample_documents "$1" igb
	mv "$1/igb.json" "$1/result.json"
	sriov_result "$1/stored.json"
}

# host NAME [KIND]: what lib/nfprobe then does.
host() {
	local dir=$NFPROBE_HOSTS/$1 vf
	mkdir -p "$dir"/{bin,run,store,sys,tmp}
	ln -s "$top/tests/ansible/lib/nfprobe" "$dir/bin/nfprobe"
	echo "${2-good}" >"$dir/kind"
	: >"$dir/calls"
	sriov_tree "$dir/sys"
	[[ ${2-} == busy ]] || for vf in 0 2 4 6; do
		rm "$dir/sys/devices/pci0000:00/0000:01:10.$vf/driver"
	done
}

# knows HOST [FIRMWARE]: a run there has stored its verdict.
knows() {
	local dir=$NFPROBE_HOSTS/$1/store/pci-0000:01:00.0
	mkdir -p "$dir"
	jq --arg firmware "${2-}" 'if $firmware == "" then . else .pf.firmware = $firmware end' "$NFPROBE_HOSTS/stored.json" \
		>"$dir/$(date -u +%Y%m%dT%H%M%S).000Z-00112233445566778899aabbccddeeff.json"
}

# make_deb DIR: a package with the program, in a repository.
make_deb() {
	mkdir -p "$1/tree/DEBIAN" "$1/tree/usr/sbin"
	cp "$NFPROBE" "$1/tree/usr/sbin/nfprobe"
	printf '%s\n' 'Package: nfprobe' 'Version: 0.3.0' 'Architecture: all' 'Maintainer: nobody <nobody@nfprobe.invalid>' \
		'Description: the program alone' >"$1/tree/DEBIAN/control"
	dpkg-deb -b --root-owner-group "$1/tree" "$1/nfprobe.deb" >/dev/null
	{ cat "$1/tree/DEBIAN/control"; echo 'Filename: ./nfprobe.deb'; echo "Size: $(stat -c %s "$1/nfprobe.deb")"
		echo "SHA256: $(sha256sum <"$1/nfprobe.deb" | cut -d ' ' -f 1)"; } >"$1/Packages"
}

# host_root NAME REPOSITORY: gives that host a root of its own (lib/ssh), and apt there only that repository.
host_root() {
	local root=$NFPROBE_HOSTS/$1/root
	mkdir "$root"
	mount -t tmpfs none "$root"
	mkdir -p "$root"/{root,work,upper/etc/apt,upper/repository}
	cp "$2"/{nfprobe.deb,Packages} "$root/upper/repository/"
	echo 'deb [trusted=yes] file:/repository ./' >"$root/upper/etc/apt/sources.list"
	mknod "$root/upper/etc/apt/sources.list.d" c 0 0 # hides that folder
	"$ANSIBLE_SSH_EXECUTABLE" "$1" 'apt-get -qq -o APT::Sandbox::User=root update'
}

# For setup_file and setup of bats.
ansible_file() {
	need_root
	ansible_collection "$BATS_FILE_TMPDIR/collections"
}

ansible_test() {
	# Ansible of Debian 13 refuses a locale without UTF-8.
	export HOME=$BATS_TEST_TMPDIR results=$BATS_TEST_TMPDIR/results LC_ALL=C.UTF-8
	chmod 755 "$BATS_TEST_TMPDIR"
	ansible_hosts "$BATS_TEST_TMPDIR/hosts"
	cd "$BATS_TEST_TMPDIR" || return
}

# qualify HOST,.. OPTION...
qualify() { qualify_from "$1," "${@:2}"; }

# qualify_from INVENTORY OPTION...
qualify_from() {
	local hosts=$1
	shift
	run --separate-stderr ansible-playbook -i "$hosts" nfprobe.nfprobe.qualify -e ansible_python_interpreter=/usr/bin/python3 \
		-e probe_become=false -e probe_results="$results" "$@"
}

# calls HOST WORDS: how many calls of nfprobe there had them.
calls() { grep -c -e "$2" "$NFPROBE_HOSTS/$1/calls" || true; }

# recap HOST WORDS: the line of the recap has them.
recap() { grep -qE "^$1 +: .*\b$2\b" <<<"$output" || fail "no $2 in the recap of $1"; }
