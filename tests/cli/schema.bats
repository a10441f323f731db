#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# JSON of every sort, made by the unit tests of the reports, held against the schemas by an existing validator.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() {
	export NFPROBE_JSON_DIR=$BATS_FILE_TMPDIR/json
	mkdir "$NFPROBE_JSON_DIR"
	"$(program unit/test_json)" >&2
	cp "$top"/tests/golden/*.json "$NFPROBE_JSON_DIR"
}

documents() { find "$NFPROBE_JSON_DIR" -name '*.json' "$@" | sort; }

@test "every result is valid" {
	mapfile -t files < <(documents ! -name 'list-*')
	((${#files[@]} > 30))
	valid nfprobe-2 "${files[@]}"
}

@test "every list is valid" {
	mapfile -t files < <(documents -name 'list-*')
	((${#files[@]} > 1))
	valid nfprobe-list-2 "${files[@]}"
}

@test "every verdict, status and error code of the schema is among them" {
	/usr/bin/python3 - "$schemas/nfprobe-2.schema.json" "$NFPROBE_JSON_DIR" <<'END'
import json, pathlib, sys
vf = json.load(open(sys.argv[1]))["properties"]["vfs"]["items"]["properties"]
style = vf["styles"]["items"]["properties"]
step = style["steps"]["items"]["properties"]
seen = {"verdict": set(), "status": set(), "code": set(), "landing": set()}
def walk(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in seen and isinstance(value, str):
                seen[key].add(value)
            walk(value)
    elif isinstance(node, list):
        for value in node:
            walk(value)
for path in pathlib.Path(sys.argv[2]).glob("*.json"):
    walk(json.loads(path.read_text()))
words = {
    "verdict": style["verdict"]["enum"],
    "status": step["status"]["enum"] + vf["status"]["enum"],
    "code": vf["error"]["properties"]["code"]["enum"],
    "landing": [w for w in step["unicast"]["properties"]["landing"]["enum"] if w],
}
lacking = [f"{key} {word}" for key in words for word in words[key] if word not in seen[key]]
print(*lacking, sep="\n")
sys.exit(1 if lacking else 0)
END
}

@test "a broken result is noticed, however it is broken" {
	/usr/bin/python3 "$here/lib/validate.py" --mutate "$schemas/nfprobe-2.schema.json" \
		"$NFPROBE_JSON_DIR/odd.json"
}

@test "a broken list is noticed, however it is broken" {
	/usr/bin/python3 "$here/lib/validate.py" --mutate "$schemas/nfprobe-list-2.schema.json" \
		"$NFPROBE_JSON_DIR/list-full.json"
}

@test "a result is no list, and a list no result" {
	run valid nfprobe-list-2 "$NFPROBE_JSON_DIR/igb.json"
	[[ $status == 1 ]]
	run valid nfprobe-2 "$NFPROBE_JSON_DIR/list-full.json"
	[[ $status == 1 ]]
}
