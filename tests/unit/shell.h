/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell.h - runs printed commands in a shell, and checks that their words come out, whatever they
 * are. */
#ifndef TESTS_UNIT_SHELL_H
#define TESTS_UNIT_SHELL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "harness.h"
#include "base/base.h"

/* Each is a possible name of a netdev, which a pod may choose; all fit in NFP_IFNAMSIZ. */
static const char *const hostile_names[] = {
	"`id`;#",
	"$(>x)",
	"`>x`",
	"-x",
	"-n",
	"--",
	"it's",
	"''\"",
	"a;b|c&d>",
	"*",
	"*?[a]",
	"~root",
	"!x",
	"{a,b}",
	"#",
	"\\n\\",
	"\x01\x1b[2J\x7f",
	"\xc3\xa9t\xff",
	("\x01"
	 "1"),
	"%s%n%",
	"up",
};
#define NUM_HOSTILE_NAMES (sizeof(hostile_names) / sizeof(hostile_names[0]))

/* Returns what @shell prints for @script, which must succeed. The caller frees it. */
static inline char *shell_run(const char *shell, const char *flags, const char *script)
{
	int to[2], status;
	char *text = NULL;
	size_t len = 0;
	pid_t pid;

	assert_int_equal(pipe(to), 0);
	pid = fork();
	if (pid == 0) {
		dup2(to[1], STDOUT_FILENO);
		close(to[0]);
		close(to[1]);
		execlp(shell, shell, flags, script, (char *)NULL);
		_exit(127);
	}
	close(to[1]);
	assert_int_equal(nfp_read_fd(to[0], 16 << 20, &text, &len), 0);
	close(to[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("%s ends with %d: %s", shell, status, script);
	return text;
}

/* Commands that are tried together. Zero is empty. */
struct shell_batch {
	char *lines, *expected; /* owned */
	size_t num;
};

static inline void shell_append(char **text, const char *more)
{
	char *longer = nfp_asprintf("%s%s", *text ? *text : "", more);

	free(*text);
	*text = longer;
}

/* A write would go to its file, and is not tried: test_command does that. */
static inline void shell_add(struct shell_batch *batch, const struct nfp_commands *commands)
{
	struct nfp_strv words;
	const char *file;
	size_t at = 0, line_at = 0;

	while (nfp_commands_words(commands, &at, &words, &file)) {
		char *line;

		/* The line may follow some that are documents or remarks. */
		do
			line = nfp_commands_line(commands, &line_at);
		while (line_at < at && (free(line), true));
		if (!file) {
			shell_append(&batch->lines, line);
			shell_append(&batch->lines, "\n");
			for (size_t i = 1; i < words.n; i++) {
				shell_append(&batch->expected, "[");
				shell_append(&batch->expected, words.v[i]);
				shell_append(&batch->expected, "]");
			}
			shell_append(&batch->expected, "\n");
			batch->num++;
		}
		free(line);
		nfp_strv_fini(&words);
	}
}

/* Puts printf in place of each program: the words come out, and nothing else happens. */
static inline void shell_try(struct shell_batch *batch)
{
	static const char programs[] =
		"for p in ip bridge find nfprobe sudo virsh ethtool chmod chown modprobe devlink "
		"\\\n"
		"sysctl; do\n"
		"eval \"$p() { printf '[%s]' \\\"\\$@\\\"; printf '\\\\n'; }\"\n"
		"done\n";
	char *script, *out;

	assert_true(batch->num > 0);
	out = shell_run("sh", "-nc", batch->lines);
	assert_string_equal(out, "");
	free(out);
	script = nfp_asprintf("%s%s", programs, batch->lines);
	out = shell_run("bash", "-c", script);
	assert_string_equal(out, batch->expected);
	free(out);
	free(script);
	free(batch->lines);
	free(batch->expected);
	*batch = (struct shell_batch) {0};
}

#endif
