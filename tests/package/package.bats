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
	printf '/usr/share/nfprobe/nfprobe-%s.schema.json\n' all audit check compare event hear list matrix result
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
