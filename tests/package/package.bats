#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/package: what is in the packages, that building them again gives the same bytes, and what lint says of them.
# PACKAGES is a folder for the packages.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats

bats_require_minimum_version 1.5.0

setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	version=$("$top/scripts/lib/version")
	export MAINTAINER="nfprobe's tests <tests@example.org>" REPORTS_TO=https://example.org/cards
	export top version packaging=$top/scripts/packaging deb=$PACKAGES/deb rpm=$PACKAGES/rpm
	"$top/scripts/package" deb "$deb" >&2
	"$top/scripts/package" rpm "$rpm" >&2
	"$top/scripts/package" source "$PACKAGES/source" >&2
}

deb_files() { dpkg-deb --fsys-tarfile "$deb/$1"_*.deb | tar -t | sed 's#^\.##' | grep -v '/$' | sort; }
# Without folders; whether pages are compressed is for that release to say, as is where %doc and %license are.
rpm_files() {
	rpm -qp --nosignature --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$rpm/$1-$version"-1.*.rpm |
		sed -n '/^d/d; s/^[^ ]* //; s/\.gz$//; p' | grep -vE '^/usr/share/(doc|licenses)/|\.build-id|^/usr/lib/debug' | sort
}

# Units, the hook, settings and rules: those that the tree has.
unit_names() { (cd "$packaging" && find . -name '*.service' -o -name '*.timer' | sed 's#.*/##' | sort); }
of_tree() { (cd "$packaging" && compgen -G "$1" >/dev/null && echo "$2") || true; }

# expected DOC_FILES ZSH_FOLDER PAGE_SUFFIX: probes without Python.
expected() {
	printf '%s\n' /usr/sbin/nfprobe /usr/share/bash-completion/completions/nfprobe "$2/_nfprobe" $1
	expected_pages 'nfprobe(-(guide|output|recipes|result|sources|verdicts))?' "$3"
}

# expected_pages REGEX PAGE_SUFFIX: the manual pages of these names.
expected_pages() {
	local page
	for page in $(printf '%s\n' "$top"/man/* | grep -E "/($1)\.[0-9]$"); do
		echo "/usr/share/man/man${page##*.}/${page##*/}$2"
	done
}

# expected_tools PAGE_SUFFIX UNIT_FOLDER ZSH_FOLDER
expected_tools() {
	local file
	for file in $(cd "$top/scripts/tools" && find . -name 'nfprobe-*' -printf '%P\n'); do
		printf '%s\n' "/usr/bin/$file" "/usr/share/bash-completion/completions/$file" "$3/_$file"
	done
	(cd "$top/scripts/tools" && find . -type f ! -path '*/__pycache__/*' ! -name service ! -name pyproject.toml -printf '/usr/share/nfprobe/tools/%P\n')
	echo /usr/libexec/nfprobe/service
	printf '/usr/share/nfprobe/nfprobe-%s.schema.json\n' all audit check compare event list matrix result
	expected_pages 'nfprobe-(all|check|report|tools)|nfprobe\.conf' "$1"
	for file in $(unit_names); do
		echo "$2/$file"
	done
	of_tree nfprobe.conf /etc/nfprobe/nfprobe.conf
	(cd "$packaging" && find . -name '*.rules' | sed 's#.*/#/usr/share/nfprobe/#')
}

# expected_hook PAGE_SUFFIX
expected_hook() {
	expected_pages nfprobe-libvirt-hook "$1"
	of_tree 'libvirt/nfprobe-libvirt-hook' /usr/sbin/nfprobe-libvirt-hook
}

@test "the deb has what it should" {
	doc=/usr/share/doc/nfprobe
	diff <(expected "$doc/NEWS.gz $doc/changelog.gz $doc/copyright" /usr/share/zsh/vendor-completions .gz | sort) <(deb_files nfprobe)
	diff <({ expected_hook .gz; printf '/usr/share/doc/nfprobe-libvirt-hook/%s\n' changelog.gz copyright; } | sort) \
		<(deb_files nfprobe-libvirt-hook)
	diff <({ expected_tools .gz /lib/systemd/system /usr/share/zsh/vendor-completions; printf '/usr/share/doc/nfprobe-tools/%s\n' changelog.gz copyright; } | sort) \
		<(deb_files nfprobe-tools | sed 's#^/usr/lib/systemd#/lib/systemd#')
}

@test "the rpm has what it should" {
	diff <(expected '' /usr/share/zsh/site-functions '' | sort) <(rpm_files nfprobe)
	diff <(expected_hook '' | sort) <(rpm_files nfprobe-libvirt-hook)
	diff <(expected_tools '' /usr/lib/systemd/system /usr/share/zsh/site-functions | sort) <(rpm_files nfprobe-tools | grep -v '/__pycache__/')
	# Each module is compiled, and nothing else is there.
	diff <(cd "$top/scripts/tools/nfprobe_tools" && printf '/usr/share/nfprobe/tools/nfprobe_tools/__pycache__/%s\n' *.py | sed 's/py$/pyc/' | sort) \
		<(rpm_files nfprobe-tools | grep '/__pycache__/' | sed 's/\.cpython-[0-9]*\.pyc$/.pyc/' | sort)
}

@test "the files that the deb's tests name are there" {
	named=$(grep -oE '[a-z_]+\.bats' "$packaging/debian/tests/installed")
	[[ $named ]]
	for file in $named; do
		[[ -e $top/tests/cli/$file ]] || { echo "no tests/cli/$file"; false; }
	done
}

@test "the version is that of the release notes" {
	for name in nfprobe nfprobe-tools nfprobe-libvirt-hook; do
		[[ $(dpkg-deb -f "$deb/$name"_*.deb Version) == "$version" ]]
		[[ $(rpm -qp --nosignature --qf '%{version}' "$rpm/$name-$version"-1.*.rpm) == "$version" ]]
	done
	rpm -qp --nosignature --changelog "$rpm/nfprobe-$version"-1.*.rpm | head -n 1 | grep -qF -- "- $version-1"
	dpkg-deb --fsys-tarfile "$deb/nfprobe"_*.deb | tar -C "$BATS_TEST_TMPDIR" -x
	[[ $("$BATS_TEST_TMPDIR/usr/sbin/nfprobe" --version) == "nfprobe $version" ]]
	for page in "$BATS_TEST_TMPDIR"/usr/share/man/man?/*; do
		zcat "$page" | grep -qE "^\.(so |TH .*\"nfprobe ${version%%~*}\")"
	done
	zcat "$BATS_TEST_TMPDIR/usr/share/doc/nfprobe/changelog.gz" | head -n 1 | grep -qF "($version)"
}

@test "nfprobe-report sends people with a report where the build was told" {
	dpkg-deb --fsys-tarfile "$deb/nfprobe-tools"_*.deb | tar -C "$BATS_TEST_TMPDIR" -x
	run "$BATS_TEST_TMPDIR/usr/share/nfprobe/tools/nfprobe-report" share "$top/tests/fixtures/igb/result.json" -o "$BATS_TEST_TMPDIR/card.json"
	[[ $status == 0 && $output == *'send it to https://example.org/cards, with the name of the card'* ]]
	REPORTS_TO='a"b' run "$top/scripts/package" source "$BATS_TEST_TMPDIR/none"
	[[ $status == 4 && $output == *'REPORTS_TO is to be an address'* ]]
}

@test "the maintainer is the one that the build was told, and has no address that looks real otherwise" {
	for name in nfprobe nfprobe-tools nfprobe-libvirt-hook; do
		[[ $(dpkg-deb -f "$deb/$name"_*.deb Maintainer) == "$MAINTAINER" ]]
	done
	grep -qxF "Maintainer: $MAINTAINER" "$PACKAGES"/source/*.dsc
	rpm -qp --nosignature --changelog "$rpm/nfprobe-$version"-1.*.rpm | head -n 1 | grep -qF -- "$MAINTAINER - $version-1"
	run grep -rhE '^(Maintainer:| -- )' "$packaging/debian"/{control,changelog}
	[[ $output && -z $(grep -vE '^(Maintainer: @MAINTAINER@$| -- @MAINTAINER@  )' <<<"$output") ]]
	MAINTAINER=nobody run "$top/scripts/package" source "$BATS_TEST_TMPDIR/none"
	[[ $status == 4 && $output == *'MAINTAINER is to be NAME <ADDRESS>'* ]]
}

@test "the copyright names each license that a file has" {
	dpkg-deb --fsys-tarfile "$deb/nfprobe"_*.deb | tar -C "$BATS_TEST_TMPDIR" -x
	copyright=$BATS_TEST_TMPDIR/usr/share/doc/nfprobe/copyright
	while IFS=: read -r file license; do
		license=${license##*SPDX-License-Identifier: }
		case ${license%% *} in
		GPL-2.0-or-later*) ;;
		GPL-2.0 | GPL-2.0-only) sed -n '/^Files: /,/^License/p' "$copyright" | grep -A2 -xF "Files: $file" | grep -qx 'License: GPL-2' ;;
		*) echo "$file: $license"; false ;;
		esac
	done < <(cd "$top" && git grep -I -m1 SPDX-License-Identifier: | grep -v tests/package/package.bats)
}

@test "what the project's page is, the packages say, and nothing where there is none" {
	[[ -z $(dpkg-deb -f "$deb/nfprobe"_*.deb Homepage) ]]
	[[ $(rpm -qp --nosignature --qf '%{url}' "$rpm/nfprobe-$version"-1.*.rpm) == '(none)' ]]
	HOMEPAGE=https://example.org/nfprobe "$top/scripts/package" source "$BATS_TEST_TMPDIR/source" >&2
	grep -qx 'Homepage: https://example.org/nfprobe' "$BATS_TEST_TMPDIR"/source/*.dsc
	HOMEPAGE='x y' run "$top/scripts/package" source "$BATS_TEST_TMPDIR/none"
	[[ $status == 4 && $output == *'HOMEPAGE is to be an address'* ]]
}

# in_copy DIR: runs the shell script on standard input in a copy of this machine's files, with the rpms in /rpms. DIR is a folder for what it changes.
in_copy() {
	cat >"$1/steps"
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount sh -ec 'mount -t tmpfs none "$1/copy" && cd "$1/copy" && mkdir upper work root
		mount -t overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" none root
		mount -t proc proc root/proc && mount -t tmpfs none root/run && mkdir root/rpms && cp "$2"/*.rpm root/rpms/ && cp "$1/steps" root/steps
		exec chroot root bash -eux /steps' sh "$1" "$rpm"
}

@test "the scriptlets of the rpms: hooks that an administrator deletes stay away, and what a run has left is undone first" {
	mkdir "$BATS_TEST_TMPDIR/copy"
	run in_copy "$BATS_TEST_TMPDIR" <<'END'
pkg() { rpm --nosignature --nodeps --dbpath /rpmdb "$@"; }
hooks=/etc/libvirt/hooks
rm -rf $hooks /etc/nfprobe
pkg -i /rpms/*.rpm
for driver in qemu network; do [[ $(readlink $hooks/$driver.d/nfprobe) == /usr/sbin/nfprobe-libvirt-hook ]]; done
# An upgrade, before which a run was killed: the old version undoes it, and what it cannot undo is said.
printf '#!/bin/sh\necho "old $*" >>/asked\nexit 5\n' >/usr/sbin/nfprobe
rm $hooks/qemu.d/nfprobe
pkg -U --replacepkgs /rpms/*.rpm 2>&1 | tee /said
[[ $(</asked) == 'old --restore -q' ]]
grep -q 'nfprobe: not all of what an interrupted run has left is undone (above): nfprobe --restore' /said
[[ ! -e $hooks/qemu.d/nfprobe && -L $hooks/network.d/nfprobe && ! -e $hooks/network.d/.nfprobe.kept ]]
[[ $(nfprobe --version) == nfprobe\ * ]]
# A hook of somebody else's stays.
ln -s /bin/true $hooks/qemu.d/other
printf '#!/bin/sh\necho "last $*" >>/asked\nexit 5\n' >/usr/sbin/nfprobe
echo '# mine' >>/etc/nfprobe/nfprobe.conf
pkg -e nfprobe nfprobe-tools nfprobe-libvirt-hook 2>&1 | tee /said
[[ $(tail -n 1 /asked) == 'last --restore -q' ]]
grep -q '/run/nfprobe has it' /said
[[ -L $hooks/qemu.d/other && ! -e $hooks/network.d && ! -e /usr/sbin/nfprobe && ! -e /usr/share/nfprobe ]]
grep -qx '# mine' /etc/nfprobe/nfprobe.conf.rpmsave
END
	echo "$output"
	[[ $status == 0 ]]
}

# As src/rpm/macros.systemd.in of systemd has these, which Debian does not ship; postun of units that are not to be restarted is empty.
@test "with systemd's macros the units of the rpm are preset and stopped, and without them nothing is done" {
	cat >"$BATS_TEST_TMPDIR/macros" <<'END'
%systemd_post() if [ -x "$helper" ]; then $helper install-system-units %{?*} || : ; fi
%systemd_preun() if [ $1 -eq 0 ] && [ -x "$helper" ]; then $helper remove-system-units %{?*} || : ; fi
%systemd_postun() %{nil}
END
	printf '#!/bin/sh\necho "$@" >>"%s/asked"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/helper"
	chmod 755 "$BATS_TEST_TMPDIR/helper"
	touch "$BATS_TEST_TMPDIR/asked"
	for macros in /dev/null "$BATS_TEST_TMPDIR/macros"; do
		for script in POSTIN PREUN POSTUN; do
			rpmspec --load "$macros" -q --qf "%{NAME}\n%{$script}\n--\n" "$rpm/nfprobe.spec" |
				sed -n '/nfprobe-tools$/,/^--$/{//d; p}' >"$BATS_TEST_TMPDIR/$script"
			grep -q . "$BATS_TEST_TMPDIR/$script"
			for number in 1 0; do
				helper=$BATS_TEST_TMPDIR/helper bash -e "$BATS_TEST_TMPDIR/$script" $number
			done
		done
		[[ $macros != /dev/null || ! -s $BATS_TEST_TMPDIR/asked ]]
	done
	diff "$BATS_TEST_TMPDIR/asked" - <<'END'
install-system-units nfprobe@.service nfprobe@.timer
install-system-units nfprobe@.service nfprobe@.timer
remove-system-units nfprobe@*.service nfprobe@*.timer
END
}

@test "lintian finds nothing" {
	run lintian --allow-root --pedantic --info --tag-display-limit 0 "$deb"/*.changes "$PACKAGES"/source/*.changes
	echo "$output"
	[[ $status == 0 && -z $output ]]
}

@test "rpmlint finds nothing" {
	run rpmlint -c "$packaging/rpmlint.toml" "$rpm"/*.rpm "$rpm"/*.spec
	echo "$output"
	[[ $status == 0 && $output == *" 0 errors, 0 warnings"* ]]
}

# In another folder, at another time, by another number of processes.
@test "the packages are the same when they are built again" {
	"$top/scripts/package" deb "$BATS_TEST_TMPDIR/again/deb" >&2
	"$top/scripts/package" rpm "$BATS_TEST_TMPDIR/again/rpm" >&2
	found=0
	for file in "$deb"/*.deb "$rpm"/*.rpm; do
		cmp "$file" "$BATS_TEST_TMPDIR/again/${file#"$PACKAGES/"}"
		found=$((found + 1))
	done
	((found >= 6))
}
