// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands as lists of words, and what a shell makes of their lines. */
#include "harness.h"
#include "base/command.h"
#include "base/fields.h"
#include "shell.h"

/* Values that are no names of netdevs, besides. */
static const char *const hostile_values[] = {"", " ", "a b", "a\nb", "a/b/../c", "\t"};

static const char *hostile(size_t i)
{
	return i < NUM_HOSTILE_NAMES ? hostile_names[i] : hostile_values[i - NUM_HOSTILE_NAMES];
}

#define NUM_HOSTILE (NUM_HOSTILE_NAMES + sizeof(hostile_values) / sizeof(hostile_values[0]))

TEST(words_come_out_as_they_went_in)
{
	struct shell_batch batch = {0};

	for (size_t i = 0; i < NUM_HOSTILE; i++) {
		struct nfp_commands c = {0};

		nfp_command_add(&c, "ip link set %s alias %s", hostile(i), hostile(i));
		nfp_command_add(&c, "ip -n %s link set dev %s down", hostile(i), hostile(i));
		nfp_command_add(&c, "nfprobe %s --vf %u", hostile(i), 3U);
		nfp_command_add(&c, "find /proc/%d/ns/net -exec nsenter --net={} ip link delete %s",
				223, hostile(i));
		nfp_command_more(&c, ";");
		shell_add(&batch, &c);
	}
	assert_int_equal(batch.num, 4 * NUM_HOSTILE);
	shell_try(&batch);
}

/* A value that is written reaches its file, and nothing else. */
TEST(values_are_written)
{
	char dir[] = "/tmp/nfprobe-test-XXXXXX";

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < NUM_HOSTILE; i++) {
		struct nfp_commands c = {0};
		char *path, *line, *said, *expected, *text;

		if (strchr(hostile(i), '/'))
			continue;
		nfp_command_write(&c, hostile(i), "%s/x%s", dir, hostile(i));
		line = nfp_commands_text(&c, "\n");
		said = shell_run("bash", "-c", line);
		assert_string_equal(said, "");
		path = nfp_asprintf("cat '%s'/x*; rm '%s'/x*", dir, dir);
		text = shell_run("bash", "-c", path);
		expected = nfp_asprintf("%s\n", hostile(i));
		assert_string_equal(text, expected);
		free(path);
		free(line);
		free(said);
		free(expected);
		free(text);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void assert_text(const struct nfp_commands *c, const char *expected)
{
	char *text = nfp_commands_text(c, "\n");

	assert_string_equal(text, expected);
	free(text);
}

TEST(quotes_no_more_than_is_needed)
{
	struct nfp_commands c = {0};

	nfp_command_add(&c, "ip link set %s vf %u mac %s", "enp1s0f0.5@a", 3U, "02:00:00:00:00:01");
	nfp_command_write(&c, "", "/sys/%s/driver_override", "x");
	nfp_command_add(&c, "x %s",
			"a'b\x01"
			"c");
	assert_text(&c, "ip link set enp1s0f0.5@a vf 3 mac 02:00:00:00:00:01\n"
			"echo > /sys/x/driver_override\n"
			"x 'a'\\''b'$'\\x01''c'");
}

TEST(a_name_is_no_option)
{
	struct nfp_commands c = {0};

	nfp_command_add(&c, "ip -n %s link set %s up", "-n", "-x");
	nfp_command_add(&c, "ip link add link %s name y", "-x");
	nfp_command_add(&c, "bridge fdb show dev %s", "-x");
	nfp_command_add(&c, "nfprobe %s --vf %u", "-x", 3U);
	nfp_command_more(&c, "--from %s", "-y");
	nfp_command_add(&c, "chmod o= %s", "-r");
	assert_text(&c, "ip -n -n link set dev -x up\nip link add link -x name y\n"
			"bridge fdb show dev -x\nnfprobe --vf 3 --from -y -- -x\nchmod o= -- -r");
}

/* A document is no part of a command. */
TEST(documents_between_commands)
{
	struct nfp_commands c = {0};
	struct nfp_strv words;
	const char *file;
	size_t at = 0;

	nfp_command_document(&c, "<interface>\n  <source dev='%s'/>", "a'/><b&");
	nfp_command_add(&c, "true");
	assert_text(&c, "<interface>\n  <source dev='a&apos;/&gt;&lt;b&amp;'/>\n"
			"true");
	assert_true(nfp_commands_words(&c, &at, &words, &file));
	assert_int_equal(words.n, 1);
	assert_null(file);
	nfp_strv_fini(&words);
	assert_false(nfp_commands_words(&c, &at, &words, &file));
}

TEST(compares)
{
	struct nfp_commands a = {0}, b = {0};

	nfp_command_add(&a, "nfprobe %s", "eth0");
	nfp_command_add(&b, "nfprobe %s", "eth0");
	assert_true(nfp_commands_equal(&a, &b));
	nfp_command_add(&b, "again");
	assert_false(nfp_commands_equal(&a, &b));
}

struct sample {
	struct nfp_commands commands;
	struct nfp_hint hint;
	struct nfp_hints hints;
};

static const struct nfp_field sample_fields[] = {
	NFP_FIELD(LINES, sample, "lines", commands, 1),
	NFP_FIELD(COMMANDS, sample, "commands", commands, 1),
	NFP_FIELD(HINT, sample, "hint", hint, 1, .unknown = NFP_NULL),
	NFP_FIELD(HINTS, sample, "hints", hints, 1),
};
static const struct nfp_table sample_table = NFP_TABLE(sample, sample_fields);

/* As JSON they are their words, whole: each byte of this name takes four where it is printed. */
TEST(json_has_them_whole)
{
	struct sample s = {.hint = {.text = "It is down."}};
	json_t *json = nfp_fields_json(&sample_table, &(struct sample) {.hint = {.text = ""}}, 1);
	const json_t *hint, *first;
	char name[700], *text;

	assert_true(json_is_null(json_object_get(json, "hint")));
	json_decref(json);
	memset(name, 1, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	nfp_command_document(&s.commands, "<a/>");
	nfp_command_add(&s.commands, "ip link set eth0 alias %s", name);
	nfp_command_write(&s.commands, "1", "/sys/%s", "reset");
	s.hint.commands = s.commands;
	*nfp_hints_addf(&s.hints, "eth0 is down") = s.commands;
	json = nfp_fields_json(&sample_table, &s, 1);
	text = nfp_commands_text(&s.commands, "\n");
	assert_string_equal(json_string_value(json_object_get(json, "lines")), text);
	free(text);
	assert_int_equal(json_array_size(json_object_get(json, "commands")), 2);
	first = json_array_get(json_object_get(json, "commands"), 0);
	assert_int_equal(json_array_size(first), 6);
	assert_string_equal(json_string_value(json_array_get(first, 5)), name);
	text = json_dumps(json_array_get(json_object_get(json, "commands"), 1), JSON_COMPACT);
	assert_string_equal(text, "{\"write\":\"1\",\"to\":\"/sys/reset\"}");
	free(text);
	hint = json_object_get(json, "hint");
	assert_string_equal(json_string_value(json_object_get(hint, "text")), "It is down.");
	assert_true(
		json_equal(json_object_get(hint, "commands"), json_object_get(json, "commands")));
	hint = json_array_get(json_object_get(json, "hints"), 0);
	assert_string_equal(json_string_value(json_object_get(hint, "text")), "eth0 is down");
	assert_true(
		json_equal(json_object_get(hint, "commands"), json_object_get(json, "commands")));
	json_decref(json);
	nfp_hints_fini(&s.hints);
}

/* The beginning of a command would be another command. */
TEST(one_that_does_not_fit_is_left_out)
{
	struct nfp_commands c = {0};
	char *name = nfp_malloc(NFP_COMMANDS_LEN + 1);
	struct shell_batch batch = {0};

	memset(name, 'a', NFP_COMMANDS_LEN);
	name[NFP_COMMANDS_LEN] = '\0';
	nfp_command_add(&c, "true");
	nfp_command_add(&c, "rm %s", name);
	nfp_command_more(&c, "more");
	assert_text(&c, "true");
	name[NFP_COMMANDS_LEN - 30] = '\0';
	for (size_t i = 0; i < 30; i++) {
		c = (struct nfp_commands) {0};
		name[0] = '-';
		nfp_command_add(&c, "ip link set %s down", name + i);
		shell_add(&batch, &c);
		name[i] = 'a';
		name[i + 1] = '-';
	}
	shell_try(&batch);
	free(name);
}

TEST_MAIN()
