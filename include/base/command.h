/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - commands for a shell that people or programs may paste, kept as lists of words.
 *
 * Anybody may choose the names of netdevs, aliases and namespaces, even a guest or a pod, and root
 * pastes what is printed. So nothing else makes the text of a command: each word is quoted where
 * its list becomes a line. Pure.
 */
#ifndef NFPROBE_COMMAND_H
#define NFPROBE_COMMAND_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* As for printf: which argument is the format, and the first that it names (0: a va_list). */
#define NFP_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

struct nfp_strv;

#define NFP_COMMANDS_LEN 2048

/*
 * Commands in order, with the documents between them. A value, which assignment copies. All zero is
 * empty. A command that does not fit is left out whole, because its beginning is another command.
 */
struct nfp_commands {
	size_t len, begin;	      /* of the items; of the last command in them */
	bool lost;		      /* the last command did not fit */
	char items[NFP_COMMANDS_LEN]; /* each is its kind, its text, and a NUL (command.c) */
};

/*
 * Appends a command. Blanks in @fmt separate its words. A value stays one word, whatever it
 * contains. @fmt knows %s, %d, %u and %lu. A value that begins with "-" cannot become an option:
 * `dev` comes before it in commands of ip and bridge, else it comes last, after `--`.
 */
void nfp_command_add(struct nfp_commands *commands, const char *fmt, ...) NFP_PRINTF(2, 3);
void nfp_command_vadd(struct nfp_commands *commands, const char *fmt, va_list ap) NFP_PRINTF(2, 0);
/* Appends words to the last command. */
void nfp_command_more(struct nfp_commands *commands, const char *fmt, ...) NFP_PRINTF(2, 3);
/* Appends the write of a value to a file, whose path has no word of its own for a blank. */
void nfp_command_write(struct nfp_commands *commands, const char *value, const char *path, ...)
	NFP_PRINTF(3, 4);

/* Lets the command that is added next run on the same line, whatever became of the last one. */
void nfp_command_then(struct nfp_commands *commands);
/* Appends lines of a document, such as XML, in which the values are escaped. */
void nfp_command_document(struct nfp_commands *commands, const char *fmt, ...) NFP_PRINTF(2, 3);

/*
 * Returns the next line as it is printed and pasted; *at begins with 0. The caller frees it. NULL:
 * there is none. Words of A-Z a-z 0-9 and _ . / : @ % + = , - stand as they are, others in single
 * quotes, bytes that are not printable ASCII as $'\xNN'.
 */
char *nfp_commands_line(const struct nfp_commands *commands, size_t *at);
/* Returns all lines with @between between them. The caller frees it. */
char *nfp_commands_text(const struct nfp_commands *commands, const char *between);
/*
 * Returns the words of the next command, which the caller frees, as a program gets them. *ret_file:
 * if they are a value, the file that it is written to, borrowed; else NULL. False: there is none.
 */
bool nfp_commands_words(const struct nfp_commands *commands, size_t *at, struct nfp_strv *ret_words,
			const char **ret_file);

bool nfp_commands_equal(const struct nfp_commands *a, const struct nfp_commands *b);

#endif
