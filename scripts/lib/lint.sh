# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The checks of "scripts/check lint".

# Whether a script is for a shell, by its first line.
shell_scripts() {
	sources scripts tests .ci | while read -r file; do
		if head -c 40 "$file" | head -n 1 | grep -qaE '^#!(/usr)?/bin/(env )?(ba)?sh\b'; then
			echo "$file"
		fi
	done
}

group_lint() {
	local c_files program_files shell_files python_files pages
	mapfile -t c_files < <(sources '*.c' '*.h')
	mapfile -t program_files < <(sources 'src/*.c' 'src/*.h' 'include/*.h')
	mapfile -t shell_files < <(shell_scripts)
	mapfile -t python_files < <(grep -lE '^#!/usr/bin/python3' -r scripts tests; sources '*.py')
	mapfile -t pages < <(sources 'man/*' | xargs grep -L '^\.so ')
	linter 14. "C files are formatted by .clang-format" clang-format --dry-run -Werror "${c_files[@]}"
	linter 0.9. "shellcheck finds nothing in shell scripts" shellcheck -x -a "${shell_files[@]}"
	linter 0.9. "shellcheck finds nothing in the guest's init" shellcheck -s dash scripts/guest/init
	tap_run "Python files compile" /usr/bin/python3 -c \
		'import sys; [compile(open(f).read(), f, "exec") for f in sys.argv[1:]]' "${python_files[@]}"
	built "$check_build" "$check_build"/{nfprobe,scripts/lib/options,tests/memnic/memprobe,tests/unit/test_golden_formats} schemas completion
	tap_run "shellcheck finds nothing in the completions" shellcheck "$check_build"/completion/*.bash
	lint_tools scripts/tools/nfprobe-* scripts/tools/nfprobe_tools/*.py
	tap_run "mandoc finds nothing in the manual pages" mandoc -T lint "${pages[@]}"
	tap_run "what the manual and the READMEs have a reader type is so" scripts/lib/tried.py "$check_build"
	# normalCheckLevelMaxBranches: cppcheck's remark on its own thoroughness is no finding.
	linter 2.10 "cppcheck finds nothing" cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$(nproc)" \
		--enable=warning,performance,portability --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		-I include -I tests -D_GNU_SOURCE '-DNFP_VERSION="0"' src
	tap_run "no file of the program is over 600 lines, no function over 80" lint_length "${program_files[@]}"
	tap_run "each folder includes only what is below it" lint_layers
	tap_run "no more than two files call one another in a circle" scripts/lib/circles.py "$check_build/src" src
	tap_run "no command is made of a format and names that others chose" scripts/lib/commands.py "${program_files[@]}" scripts/tools/nfprobe-* \
		scripts/tools/nfprobe_tools/*.py scripts/packaging/libvirt/nfprobe-libvirt-hook scripts/image/*.py
	tap_run "nothing sleeps where it could wait for an event" lint_sleep
	tap_done
}

group_drivers() {
	built "$check_build" "$check_build/tests/memnic/memprobe"
	tap_run "the tables of drivers agree with the source of Linux $kernel_series" env MEMPROBE="$check_build/tests/memnic/memprobe" \
		scripts/lib/drivers.py tests/drivers.def src/net/drivers.c man/nfprobe-verdicts.7 "$source_dir" "$kernel_series"
	tap_done
}

# linter VERSION NAME COMMAND...: a test by a program of which each version has its own opinion: that of Debian 12 decides, and another one
# is not asked.
linter() {
	local version=$1 name=$2 is
	shift 2
	is=$("$1" --version 2>&1 | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1)
	case $is in
	"$version"*) tap_run "$name" "$@" ;;
	*) echo "# did not run: $name: that is for $1 $version, and this is ${is:-none}" ;;
	esac
}

# The Python that users run. Debian 12 has no ruff.
lint_tools() {
	linter 1.0. "mypy finds nothing in the tools" mypy --strict --python-version 3.9 --scripts-are-modules \
		--cache-dir "$check_build/mypy" "$@"
	linter 2.5. "pyflakes finds nothing in the tools" pyflakes3 "$@" tests/python/*.py scripts/image/*.py
	linter 2.10. "pycodestyle finds nothing in the tools" pycodestyle --max-line-length=140 --ignore=W503 "$@" tests/python/*.py scripts/image/*.py
	linter 2.10. "no line of the scenarios is too long" pycodestyle --max-line-length=150 --select=E501 \
		tests/{vm,nfsim}/*.py tests/vm/run scripts/power
}

# A function starts with a "{" at the margin and ends with a "}" there; tables do not.
lint_length() {
	awk '
		FNR == 1 { if (file != "" && lines > 600) { print file ": " lines " lines"; bad = 1 } file = FILENAME }
		{ lines = FNR }
		/^{/ { start = FNR }
		/^}/ && start { if (FNR - start > 80) { print FILENAME ":" start ": " FNR - start " lines"; bad = 1 } start = 0 }
		END { if (lines > 600) { print file ": " lines " lines"; bad = 1 } exit bad }' "$@"
}

# By scripts/lib/layers.txt; what lies in src itself is above all.
lint_layers() {
	awk '
		function bad_line(why) { print FILENAME ":" FNR ": " $0 ": " why; bad = 1 }
		FILENAME ~ /layers\.txt$/ {
			if (/^#/ || NF == 0) next
			rank[$1] = ++ranks
			for (i = 2; i <= NF; i++) place[$1 "/" $i ".h"] = ++places
			next
		}
		FNR == 1 {
			split(FILENAME, part, "/")
			home = part[2]
			header = part[1] == "include" ? home "/" part[3] : ""
			top = FILENAME ~ /^src\/[a-z]*\.[ch]$/
			if (!top && !(home in rank)) bad_line("not in scripts/lib/layers.txt")
			if (header != "" && !(header in place)) bad_line("not in scripts/lib/layers.txt")
		}
		!/^#include "/ { next }
		{ name = $2; gsub(/"/, "", name); split(name, at, "/") }
		name in place {
			if (!top && rank[at[1]] > rank[home]) bad_line(at[1] " is above " home)
			else if (header != "" && place[name] >= place[header]) bad_line(name " comes after " header)
			next
		}
		header != "" || name ~ /\// { bad_line("private to its folder") }
		END { exit bad }' scripts/lib/layers.txt src/*.[ch] src/*/*.[ch] include/*/*.h
}

lint_sleep() {
	! grep -nE '\b(u|nano)?sleep\(|(^|[;&|(] *)sleep [0-9$]' -r src tests scripts
}

group_tidy() {
	local source
	for source in $(sources 'src/*.c'); do
		# shellcheck disable=SC2046 # flags are words
		tap_run "$source" clang-tidy --quiet --warnings-as-errors='*' "$source" -- -std=gnu11 -D_GNU_SOURCE \
			-Iinclude '-DNFP_VERSION="0"' $(pkg-config --cflags libnl-3.0 libnl-route-3.0)
	done
	tap_done
}
