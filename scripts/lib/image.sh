# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An OCI image of the project's packages and Debian's (scripts/image). All of it is made in a root of one suite of Debian, whatever
# this machine runs, and of what its apt takes from the mirror now: the same packages give the same bytes.
# shellcheck disable=SC2016 # what is in single quotes, the root's shell expands

image_suite=trixie
image_arches=${IMAGE_ARCHES:-amd64 arm64}

# Debian's suite, its updates and its security fixes, from where this machine takes those of its own release.
image_sources() {
	apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
		awk -F'|' -v own="$(os_field VERSION_CODENAME)" -v suite="$image_suite" '
			$1 == "Debian" && $3 == "main" && index($2, own) == 1 && $2 !~ /backports/ && !seen[$2]++ {
				print "deb", $4, suite substr($2, length(own) + 1), "main" }'
	echo 'deb [trusted=yes] copy:/debs ./'
}

# image_root SOURCE: $root is a root with the source package of that folder, and with what builds the image.
image_root() {
	local arch native
	source_root "$image_suite" "$1" && root_apt install mmdebstrap umoci || return
	native=$(in_root dpkg --print-architecture) || return
	for arch in $image_arches; do
		[[ $arch != "$native" ]] || continue
		in_root dpkg --add-architecture "$arch" && root_apt update && root_apt install "crossbuild-essential-$arch" &&
			root_apt build-dep --host-architecture "$arch" -P cross,nocheck /source/tree || return
	done
}

# image_debs: for each architecture, in the root's /debs.
image_debs() {
	local arch native options
	native=$(in_root dpkg --print-architecture) || return
	for arch in $native $image_arches; do
		options=(-B "-a$arch" "-Pcross,nocheck")
		[[ $arch != "$native" ]] || options=(-b)
		[[ ! -e $root/debs/$arch ]] || continue
		in_root sh -c 'mkdir -p "/debs/$1" && cp -a /source/tree "/debs/$1/" && cd "/debs/$1/tree" && shift && dpkg-buildpackage -us -uc "$@"' \
			sh "$arch" "${options[@]}" || return
	done
	find "$root/debs" -name '*dbgsym*' -delete
	in_root sh -c 'cd /debs && dpkg-scanpackages -m . >Packages'
}

# image_layer ARCH: what is in the image, in the root's /image/ARCH.tar. Every file is as old as the release. What nfprobe-tools recommends,
# apt does not take by itself.
image_layer() {
	local proxy='' valid='' folder=$root/image/$1
	eval "$(apt-config shell proxy Acquire::http::Proxy valid Acquire::Check-Valid-Until)"
	in_root mmdebstrap --quiet --variant=extract --mode=root --architectures="$1" \
		--include=base-files,nfprobe,nfprobe-tools,python3-jinja2,python3-prometheus-client \
		--aptopt="Acquire::http::Proxy \"${proxy:-${http_proxy-}}\"" --aptopt="Acquire::Check-Valid-Until \"${valid:-true}\"" \
		--extract-hook=/image/finish "$image_suite" "/image/$1" /image/sources || return
	# While its hooks run, mmdebstrap has this elsewhere, and what is in /run is its own.
	rm -f "$folder/usr/sbin/start-stop-daemon"
	mkdir -m 700 "$folder/run/nfprobe"
	tar -C "$folder" --exclude './dev/*' --exclude './proc/*' --exclude './sys/*' --sort=name --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
		--format=gnu -cf "$folder.tar" . && rm -rf "$folder"
}

# image_add ARCH VERSION HOMEPAGE: to the root's /image/layout, with its labels.
image_add() {
	local key labels=() created image=/image/layout:$1
	created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
	for key in title=nfprobe "version=$2" licenses=GPL-2.0-or-later ${SOURCE_URL:+"source=$SOURCE_URL"} ${3:+"url=$3"}; do
		labels+=(--config.label "org.opencontainers.image.$key" --manifest.annotation "org.opencontainers.image.$key")
	done
	in_root umoci new --image "$image" && in_root umoci raw add-layer --image "$image" --history.created "$created" \
		--history.created_by 'scripts/package image' "/image/$1.tar" &&
		in_root umoci config --image "$image" --no-history --os linux --architecture "$1" --created "$created" --config.cmd nfprobe \
			--config.env PATH=/usr/sbin:/usr/bin --config.env LC_ALL=C.UTF-8 --config.env PYTHONDONTWRITEBYTECODE=1 "${labels[@]}"
}

# image_tag VERSION: a tag may have neither ~ nor +, and the manifests of scripts/kubernetes name it: without the commit, which a label has.
image_tag() { sed 's/+.*//; s/~/-/' <<<"$1"; }

# image_make SOURCE FILE VERSION HOMEPAGE: the OCI archive FILE, of the source package in the folder SOURCE.
image_make() {
	local root status=0
	root_need "$image_suite" # makes the folder, too
	root=$(mktemp -d "${cache:?}/roots/image.XXXXXX") || return
	image_archive "$@" || status=$?
	root_drop
	return "$status"
}

image_archive() {
	local arch
	image_root "$1" && image_debs || return
	mkdir "$root/image"
	cp "${top:?}"/scripts/image/{finish,join,without,paths,{keep,serve,assigned}.py} "$root/image/" && image_sources >"$root/image/sources" &&
		in_root umoci init --layout /image/layout || return
	for arch in $image_arches; do
		image_layer "$arch" && image_add "$arch" "$3" "$4" || return
	done
	in_root umoci gc --layout /image/layout && in_root /image/join /image/layout "$(image_tag "$3")" &&
		tar -C "$root/image/layout" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -cf "$2" .
}
