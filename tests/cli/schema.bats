#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# JSON of every sort, made by the unit tests of the reports, held against the schemas by an existing validator.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

setup_file() {
	export NFPROBE_JSON_DIR=$BATS_FILE_TMPDIR/json
	mkdir "$NFPROBE_JSON_DIR"
	"$(program unit/test_json)" >&2
	sample_documents "$NFPROBE_JSON_DIR"
}

documents() { find "$NFPROBE_JSON_DIR" -name '*.json' "$@" | sort; }
results() { documents ! -name 'list-*' ! -name 'audit-*' ! -name 'way-*'; }
validate() { /usr/bin/python3 "$here/lib/validate.py" "$@"; }

@test "every document is valid" {
	local kind
	mapfile -t files < <(results)
	((${#files[@]} > 30))
	valid result "${files[@]}"
	for kind in list audit way; do
		mapfile -t files < <(documents -name "$kind-*")
		((${#files[@]} > 1))
		valid "$kind" "${files[@]}"
	done
}

# bats test_tags=slow
@test "each key of a schema has a value in a document" {
	# shellcheck disable=SC2046 # file names without blanks
	validate --covers "$schemas/nfprobe-result.schema.json" $(results)
	for kind in list audit; do
		validate --covers "$schemas/nfprobe-$kind.schema.json" "$NFPROBE_JSON_DIR/$kind"-*.json
	done
}

@test "a key that no document has is noticed" {
	run validate --covers "$schemas/nfprobe-list.schema.json" "$NFPROBE_JSON_DIR/list-one.json"
	[[ $status == 1 && $output == *'no document has .error'* && $output == *'no document has .pfs.rx_handler'$'\n'* ]]
}

# bats test_tags=slow
@test "the schemas as they are installed allow keys that a later version may add" {
	validate --open "$schemas/nfprobe-result.schema.json" "$NFPROBE_JSON_DIR/odd.json"
	validate --open "$schemas/nfprobe-list.schema.json" "$NFPROBE_JSON_DIR/list-full.json"
	run validate --open "$schemas/nfprobe-audit.schema.json" "$NFPROBE_JSON_DIR/list-full.json"
	[[ $status == 1 ]]
}

@test "every verdict, status and error code of the schema is among them" {
	/usr/bin/python3 - "$schemas/nfprobe-result.schema.json" "$NFPROBE_JSON_DIR" <<'END'
import json, pathlib, sys
root = json.load(open(sys.argv[1]))
vf = root["properties"]["vf"]["anyOf"][0]["properties"]
style = vf["styles"]["items"]["properties"]
step = style["steps"]["items"]["properties"]
words = {
    "verdict": style["verdict"]["enum"],
    "status": step["status"]["enum"] + vf["status"]["enum"],
    "code": root["$defs"]["error"]["properties"]["code"]["enum"],
    "landing": [w for w in step["frames"]["properties"]["unicast"]["properties"]["landing"]["enum"] if w],
}
seen = {key: set() for key in words}
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
lacking = [f"{key} {word}" for key in words for word in words[key] if word not in seen[key]]
print(*lacking, sep="\n")
sys.exit(1 if lacking else 0)
END
}

# bats test_tags=slow
@test "a broken result is noticed, however it is broken" {
	# Each key of it must be there; the steps of one style have them all.
	jq '.vf.styles = [.vf.styles[0]]' "$NFPROBE_JSON_DIR/result.json" >"$BATS_TEST_TMPDIR/usual.json"
	validate --mutate "$schemas/nfprobe-result.schema.json" "$BATS_TEST_TMPDIR/usual.json"
}

@test "so is a broken list, and a broken audit" {
	for kind in list audit way; do
		validate --mutate "$schemas/nfprobe-$kind.schema.json" "$NFPROBE_JSON_DIR/$kind-full.json"
	done
}

# bats test_tags=slow
@test "a result is no list, and a list no result" {
	run valid list "$NFPROBE_JSON_DIR/igb.json"
	[[ $status == 1 ]]
	run valid result "$NFPROBE_JSON_DIR/list-full.json"
	[[ $status == 1 ]]
}
