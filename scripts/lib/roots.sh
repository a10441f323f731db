# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The deb in fresh roots of Debian (root.sh): installed, run, upgraded, removed, purged.

# older DEB...: the same packages as version 0.0.1, in the root's /old; the hook's links are files of it, as they were until 0.3.0.
make_older() {
	local file driver work=$root/repacked
	mkdir -p "$root/old"
	for file; do
		rm -rf "$work"
		dpkg-deb -R "$file" "$work"
		sed -i 's/^Version: .*/Version: 0.0.1/; s/\(nfprobe[a-z-]* ([<>=]* \)[^)]*)/\10.0.1)/g' "$work/DEBIAN/control"
		if [[ $file == *hook* ]]; then
			rm -f "$work/DEBIAN"/p*
			for driver in qemu network; do
				mkdir -p "$work/etc/libvirt/hooks/$driver.d"
				ln -s /usr/sbin/nfprobe-libvirt-hook "$work/etc/libvirt/hooks/$driver.d/nfprobe"
			done
		fi
		dpkg-deb -b --root-owner-group "$work" "$root/old/$(dpkg-deb -f "$file" Package).deb" >/dev/null
	done
	rm -rf "$work"
}

root_has() { for file; do [[ -e $root$file || -L $root$file ]] || { echo "no $file"; return 1; }; done; }
root_lacks() { for file; do [[ ! -e $root$file && ! -L $root$file ]] || { echo "$file is there"; return 1; }; done; }
# shellcheck disable=SC2016 # dpkg-query expands it
root_version() { [[ $(in_root dpkg-query -W -f '${Version}' nfprobe) == "$1" ]]; }

root_runs() {
	local status=0
	[[ $(in_root nfprobe --version) == "nfprobe $(scripts/lib/version)" ]] || return
	in_root nfprobe || return
	in_root nfprobe --vf 0 || status=$?
	((status == 2))
}

root_tools_run() {
	local status=0
	root_runs && root_has /usr/share/nfprobe/tools/nfprobe_tools/__pycache__ /usr/libexec/nfprobe/service || return
	in_root nfprobe-check lo || status=$?
	((status == 4)) && in_root nfprobe-report --help >/dev/null
}

# An administrator's edits stay when a package is upgraded or removed, and so do the program's own files.
root_marks() {
	mkdir -p "$root/var/lib/nfprobe"
	echo kept >"$root/var/lib/nfprobe/mark"
	[[ ! -e $root/etc/nfprobe/nfprobe.conf ]] || echo '# mark' >>"$root/etc/nfprobe/nfprobe.conf"
}

root_marks_are_kept() {
	root_has /var/lib/nfprobe/mark || return
	[[ ! -d $root/etc/nfprobe ]] || grep -q '^# mark$' "$root/etc/nfprobe/nfprobe.conf"
}

# Nothing has the name any more but apt's and dpkg's own records.
root_is_clean() {
	! find "$root" -xdev \( -path "$root/old" -o -path "$root/new" -o -path "$root/var/log" -o -path "$root/var/cache" \) -prune \
		-o -name '*nfprobe*' -print | grep .
}

hook_is() {
	local link=/etc/libvirt/hooks/qemu.d/nfprobe
	[[ -e scripts/packaging/libvirt/nfprobe-libvirt-hook ]] || return 0
	if [[ $1 == there ]]; then root_has "$link" && [[ -x $root$(readlink "$root$link") ]]; else root_lacks "$link"; fi
}

# The tools where there is no nfprobe, as on a CI runner, which only reads results.
root_tools_alone() {
	local status=0 said
	root_lacks /usr/sbin/nfprobe && cp tests/fixtures/igb/result.json "$root/old/" || return
	in_root nfprobe-report junit /old/result.json | grep -q '<testsuites' || return
	in_root nfprobe-report matrix /old/result.json >/dev/null || status=$?
	((status == 1)) || return
	said=$(in_root nfprobe-check 2>&1) || status=$?
	printf '%s\n' "$said"
	((status == 4)) && grep -q 'there is no nfprobe in PATH' <<<"$said"
}

# Journals of two runs: one that had changed nothing, which --restore removes, and one of a version whose changes it does not undo.
root_journals() {
	mkdir -p "$root/run/nfprobe" && chmod 700 "$root/run/nfprobe" || return
	echo begun >"$root/run/nfprobe/0000:01:00.0.journal"
	echo '641a985f {"t":"begin","version":"0.2.0","boot":"f78125ce-bfbf-4b63-8b52-e7dc4bd6cc43","pid":4711,"bus":"pci","parentdev":"0000:01:00.0","ifname":"nfpeth0","ifindex":2,"addresses":[{"mac":"02:01:02:03:04:05"},{"mac":"06:ff:00:00:00:01"}],"format":7}' \
		>"$root/run/nfprobe/0000:02:00.0.journal"
	chmod 600 "$root"/run/nfprobe/*.journal
}

# root_says WORDS COMMAND...
root_says() {
	local said
	said=$("${@:2}" 2>&1) || return
	printf '%s\n' "$said"
	grep -qF "$1" <<<"$said"
}

# root_group SUITE FOLDER: the packages of FOLDER in a fresh root.
root_group() {
	local suite=$1 root version
	root_new "$suite" && root_unpack "$suite" "$root" || return
	mkdir "$root/new"
	cp "$2"/nfprobe_*.deb "$root/new/nfprobe.deb"
	cp "$2"/nfprobe-tools_*.deb "$root/new/nfprobe-tools.deb"
	cp "$2"/nfprobe-libvirt-hook_*.deb "$root/new/nfprobe-libvirt-hook.deb"
	version=$(dpkg-deb -f "$root/new/nfprobe.deb" Version)
	make_older "$root/new/"*.deb
	tap_run "$suite: the tools are installed alone" root_apt install /new/nfprobe-tools.deb
	tap_run "$suite: they read results" root_tools_alone
	tap_run "$suite: they are purged" root_apt purge nfprobe-tools
	tap_run "$suite: an older version is installed, with what it depends on" root_apt install /old/nfprobe.deb
	tap_run "$suite: that is the older version" root_version 0.0.1
	tap_run "$suite: it runs" root_runs
	tap_run "$suite: the tools are installed" root_apt install /old/nfprobe-tools.deb
	tap_run "$suite: they run" root_tools_run
	tap_run "$suite: the hook comes only when it is asked for" hook_is not
	tap_run "$suite: the hook is installed" root_apt install /old/nfprobe-libvirt-hook.deb
	tap_run "$suite: the hook is where libvirt looks for it" hook_is there
	rm "$root/etc/libvirt/hooks/network.d/nfprobe"
	root_marks
	root_journals
	tap_run "$suite: all are upgraded, and what could not be undone is said" root_says 'not all of what an interrupted run has left is undone' \
		root_apt install /new/nfprobe.deb /new/nfprobe-tools.deb /new/nfprobe-libvirt-hook.deb
	tap_run "$suite: the rest is undone before" root_lacks /run/nfprobe/0000:01:00.0.journal
	tap_run "$suite: a link of the hook that was deleted stays away" root_lacks /etc/libvirt/hooks/network.d/nfprobe
	tap_run "$suite: the other one is there" hook_is there
	tap_run "$suite: that is the version of the release notes" root_version "$version"
	tap_run "$suite: they run as before" root_tools_run
	tap_run "$suite: settings and verdicts are kept by an upgrade" root_marks_are_kept
	tap_run "$suite: the hook is removed" root_apt remove nfprobe-libvirt-hook
	tap_run "$suite: without the package libvirt has no hook" hook_is not
	tap_run "$suite: the hook is installed again" root_apt install /new/nfprobe-libvirt-hook.deb
	tap_run "$suite: with both links" root_has /etc/libvirt/hooks/qemu.d/nfprobe /etc/libvirt/hooks/network.d/nfprobe
	tap_run "$suite: the hook is purged" root_apt purge nfprobe-libvirt-hook
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s /usr/lib/systemd/system/nfprobe@.service "$root/etc/systemd/system/multi-user.target.wants/nfprobe@eth0.service"
	echo NFPROBE_RUN= >"$root/etc/nfprobe/eth0.conf"
	tap_run "$suite: the tools are removed" root_apt remove nfprobe-tools
	tap_run "$suite: nothing of them is left" root_lacks /usr/bin/nfprobe-check /usr/share/nfprobe/tools
	tap_run "$suite: it runs without them" root_runs
	tap_run "$suite: nfprobe is removed" root_apt remove nfprobe
	tap_run "$suite: the program is gone" root_lacks /usr/sbin/nfprobe /usr/share/nfprobe
	tap_run "$suite: settings and verdicts are kept by a removal" root_marks_are_kept
	tap_run "$suite: all are purged" root_apt purge nfprobe nfprobe-tools nfprobe-libvirt-hook
	tap_run "$suite: what has something to undo is left" root_has /run/nfprobe/0000:02:00.0.journal
	rm "$root/run/nfprobe/0000:02:00.0.journal"
	tap_run "$suite: nfprobe is installed again" root_apt install /new/nfprobe.deb
	tap_run "$suite: and purged" root_apt purge nfprobe
	tap_run "$suite: nothing is left" root_is_clean
	root_drop
}

# A deb of this release runs on a later one, but not on an earlier one.
group_installed() {
	local folder=$top/$check_build/packages/deb suites=(bookworm trixie) suite
	[[ $(os_field VERSION_CODENAME) != trixie ]] || suites=(trixie)
	scripts/package deb "$folder" >&2 || return
	for suite in "${suites[@]}"; do
		root_group "$suite" "$folder" || return
	done
	tap_done
}
