# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# NetworkManager, lldpd, udev, systemd and libvirt, unpacked in the cache and not installed, so that they do not run
# here: only the virtual machine runs them, laid over this host's own /usr and /etc.

daemons_packages=(network-manager lldpd dbus udev systemd libvirt-daemon libvirt-clients)

# daemons_need: sets daemons_dir, with usr and etc of what lacks on this host for them.
daemons_need() {
	daemons_dir=$cache/daemons
	daemons_complete || with_cache_lock daemons_unpack
	daemons_complete || die "no NetworkManager in $daemons_dir although it was just unpacked"
}

daemons_complete() {
	local program
	for program in usr/sbin/NetworkManager usr/bin/nmcli usr/sbin/lldpd usr/bin/dbus-daemon usr/bin/udevadm \
		usr/lib/systemd/systemd-udevd usr/lib/systemd/systemd-networkd usr/lib/systemd/systemd usr/sbin/libvirtd usr/bin/virsh; do
		[[ -e $daemons_dir/$program || -L $daemons_dir/$program || -e /$program ]] || return
	done
}

daemons_unpack() {
	local folder=$daemons_dir.new names name
	! daemons_complete || return 0
	apt_update
	mapfile -t names < <(apt_plan "${daemons_packages[@]}" | awk '$1 == "Inst" { print $2 }')
	unpack "$folder" "${names[@]}"
	# Where /bin, /lib and /sbin are links into /usr, packages still name them.
	mkdir -p "$folder/usr" "$folder/etc"
	for name in bin lib sbin lib64; do
		[[ ! -d $folder/$name ]] || cp -a "$folder/$name" "$folder/usr/" || return
	done
	rm -rf "${folder:?}"/{bin,lib,sbin,lib64,var} "$daemons_dir"
	mv "$folder" "$daemons_dir"
}
