# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # top: of whoever loads it
# The hosts of Ansible: folders of $NFPROBE_HOSTS, which lib/ssh makes namespaces of.

# ansible_collection DIR: where Ansible finds the collection.
ansible_collection() {
	mkdir -p "$1/ansible_collections/nfprobe"
	cp -r "$top/scripts/ansible" "$1/ansible_collections/nfprobe/nfprobe"
	export ANSIBLE_COLLECTIONS_PATH=$1
}

# ansible_hosts DIR STORE: a folder of hosts, and what they store.
ansible_hosts() {
	export NFPROBE_HOSTS=$1 ANSIBLE_SSH_EXECUTABLE=$top/tests/ansible/lib/ssh
	export ANSIBLE_SSH_TRANSFER_METHOD=piped ANSIBLE_PIPELINING=1 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
	mkdir "$1"
	cp "$top/tests/golden/igb.json" "$1/result.json"
	cp "$2" "$1/store.json"
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
