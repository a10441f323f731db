// SPDX-License-Identifier: GPL-2.0-or-later
/* command.c - commands as lists of words, and as lines for a shell. */
#include "base/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* The kinds of items. */
enum {
	PROGRAM = 'p', /* the first word of a command */
	WORD = 'w',
	OPERAND = 'o', /* a word that begins with "-", and is no option */
	VALUE = 'v',   /* a text that is written */
	TO = '>',      /* the file that VALUE is written to */
	THEN = ';',    /* the next command runs on this line, whatever became of this one */
	DOCUMENT = 'd',
};

/* ---- writing ---- */

/* A full buffer loses the whole command. */
static void put(struct nfp_commands *c, const char *bytes, size_t len)
{
	if (!c->lost && len <= sizeof(c->items) - c->len) {
		memcpy(c->items + c->len, bytes, len);
		c->len += len;
	} else if (!c->lost) {
		c->len = c->begin;
		c->lost = true;
	}
}

static void begin_command(struct nfp_commands *c)
{
	c->begin = c->len;
	c->lost = false;
}

static void begin_item(struct nfp_commands *c, char kind)
{
	put(c, &kind, 1);
}

static void end_item(struct nfp_commands *c)
{
	put(c, "", 1);
}

/* How the bytes of a value are written. */
typedef void put_value(struct nfp_commands *c, const char *text);

static void put_plain(struct nfp_commands *c, const char *text)
{
	put(c, text, strlen(text));
}

static void put_xml(struct nfp_commands *c, const char *text)
{
	for (; *text; text++) {
		const char *name = *text == '&'	   ? "&amp;"
				   : *text == '<'  ? "&lt;"
				   : *text == '>'  ? "&gt;"
				   : *text == '"'  ? "&quot;"
				   : *text == '\'' ? "&apos;"
						   : NULL;

		if (name)
			put_plain(c, name);
		else
			put(c, (unsigned char)*text < ' ' || *text == 0x7f ? "?" : text, 1);
	}
}

/* Writes the value of the directive at @fmt, after its "%". Returns what follows it. */
static const char *put_directive(struct nfp_commands *c, const char *fmt, va_list *ap,
				 put_value *value)
{
	char number[24];

	if (*fmt == 's') {
		value(c, va_arg(*ap, const char *));
		return fmt + 1;
	}
	if (*fmt == 'd')
		snprintf(number, sizeof(number), "%d", va_arg(*ap, int));
	else if (*fmt == 'u')
		snprintf(number, sizeof(number), "%u", va_arg(*ap, unsigned int));
	else if (fmt[0] == 'l' && fmt[1] == 'u')
		snprintf(number, sizeof(number), "%lu", va_arg(*ap, unsigned long));
	else
		abort(); /* the header says which there are */
	put_plain(c, number);
	return fmt + (*fmt == 'l' ? 2 : 1);
}

/* Writes up to the end of @fmt or to one of @ends. Returns what follows. */
static const char *put_until(struct nfp_commands *c, const char *ends, const char *fmt, va_list *ap,
			     put_value *value)
{
	while (*fmt && !strchr(ends, *fmt)) {
		if (*fmt == '%') {
			fmt = put_directive(c, fmt + 1, ap, value);
		} else {
			put(c, fmt, 1);
			fmt++;
		}
	}
	return fmt;
}

static const char *next_item(const char *item)
{
	return item + strlen(item) + 1;
}

/* Puts a word before the item at @word, which begins with "-". */
static void keep_from_option(struct nfp_commands *c, size_t word)
{
	static const char *const verbs[] = {"set", "show", "del", "delete"};
	static const char dev[] = {WORD, 'd', 'e', 'v', '\0'};
	const char *before = "";
	bool of_ip = false, after_verb = false;

	for (const char *item = c->items + c->begin; item < c->items + word;
	     item = next_item(item)) {
		before = item + 1;
		of_ip |= strcmp(before, "ip") == 0 || strcmp(before, "bridge") == 0;
	}
	for (size_t i = 0; i < NFP_NUM(verbs); i++)
		after_verb |= strcmp(before, verbs[i]) == 0;
	if (of_ip && after_verb) {
		put(c, dev, sizeof(dev));
		if (c->lost)
			return;
		memmove(c->items + word + sizeof(dev), c->items + word,
			c->len - word - sizeof(dev));
		memcpy(c->items + word, dev, sizeof(dev));
	} else if (!of_ip && before[0] != '-') {
		c->items[word] = OPERAND;
	}
}

static void put_words(struct nfp_commands *c, char kind, const char *fmt, va_list *ap)
{
	while (*fmt) {
		bool is_value = *fmt == '%';
		size_t word = c->len;

		begin_item(c, kind);
		fmt = put_until(c, " ", fmt, ap, put_plain);
		end_item(c);
		if (!c->lost && is_value && c->items[word + 1] == '-')
			keep_from_option(c, word);
		kind = WORD;
		fmt += *fmt == ' ';
	}
}

void nfp_command_vadd(struct nfp_commands *commands, const char *fmt, va_list ap)
{
	va_list copy;

	va_copy(copy, ap);
	begin_command(commands);
	put_words(commands, PROGRAM, fmt, &copy);
	va_end(copy);
}

void nfp_command_add(struct nfp_commands *commands, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nfp_command_vadd(commands, fmt, ap);
	va_end(ap);
}

void nfp_command_more(struct nfp_commands *commands, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_words(commands, WORD, fmt, &ap);
	va_end(ap);
}

void nfp_command_write(struct nfp_commands *commands, const char *value, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	begin_command(commands);
	begin_item(commands, VALUE);
	put_plain(commands, value);
	end_item(commands);
	begin_item(commands, TO);
	(void)put_until(commands, "", path, &ap, put_plain);
	end_item(commands);
	va_end(ap);
}

void nfp_command_then(struct nfp_commands *commands)
{
	begin_item(commands, THEN);
	end_item(commands);
}

void nfp_command_document(struct nfp_commands *commands, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	begin_command(commands);
	while (*fmt) {
		begin_item(commands, DOCUMENT);
		fmt = put_until(commands, "\n", fmt, &ap, put_xml);
		end_item(commands);
		fmt += *fmt == '\n';
	}
	va_end(ap);
}

/* ---- reading ---- */

static bool begins_line(char kind)
{
	return kind == PROGRAM || kind == VALUE || kind == DOCUMENT;
}

/* Returns the first item of the next line, and where its last ends. NULL: none. */
static const char *line_at(const struct nfp_commands *c, size_t at, const char **ret_end)
{
	const char *end = c->items + at;

	if (at >= c->len)
		return NULL;
	do
		end = next_item(end);
	while (end < c->items + c->len && !begins_line(*end));
	*ret_end = end;
	return c->items + at;
}

/* Returns the words of a command in the order in which a program gets them. */
static struct nfp_strv words_of_command(const char *item, const char *end, const char **ret_file)
{
	struct nfp_strv words = {0};
	const char *const first = item;
	bool operands = false;

	*ret_file = NULL;
	for (; item < end; item = next_item(item)) {
		if (*item == PROGRAM || *item == WORD || *item == VALUE)
			nfp_strv_take(&words, nfp_strdup(item + 1));
		else if (*item == TO)
			*ret_file = item + 1;
	}
	for (item = first; item < end; item = next_item(item)) {
		if (*item != OPERAND)
			continue;
		if (!operands)
			nfp_strv_take(&words, nfp_strdup("--"));
		operands = true;
		nfp_strv_take(&words, nfp_strdup(item + 1));
	}
	return words;
}

bool nfp_commands_words(const struct nfp_commands *commands, size_t *at, struct nfp_strv *ret_words,
			const char **ret_file)
{
	const char *end, *line;

	while ((line = line_at(commands, *at, &end))) {
		*at = (size_t)(end - commands->items);
		if (*line != PROGRAM && *line != VALUE)
			continue;
		*ret_words = words_of_command(line, end, ret_file);
		return true;
	}
	return false;
}

/* ---- as a shell takes it ---- */

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* These append at @out, where there is room, and return the end. */

static char *print_word(char *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_./:@%+=,-";

	if (!*word)
		return stpcpy(out, "''");
	if (word[strspn(word, plain)] == '\0')
		return stpcpy(out, word);
	while (*word) {
		const bool printable = is_printable(*word);

		out = stpcpy(out, printable ? "'" : "$'");
		for (; *word && is_printable(*word) == printable; word++) {
			if (!printable)
				out += sprintf(out, "\\x%02x", (unsigned int)(unsigned char)*word);
			else if (*word == '\'')
				out = stpcpy(out, "'\\''");
			else
				*out++ = *word;
		}
		*out++ = '\'';
	}
	*out = '\0';
	return out;
}

/* echo(1) takes "-n" for an option, and some versions treat a backslash specially. */
static char *print_write(char *out, const char *value, const char *file)
{
	bool is_odd = value[0] == '-' || strchr(value, '\\');

	out = stpcpy(out, is_odd ? "printf '%s\\n' " : "echo ");
	if (value[0])
		out = stpcpy(print_word(out, value), " ");
	return print_word(stpcpy(out, "> "), file);
}

static char *command_line(const struct nfp_commands *commands, size_t *at, bool *ret_then)
{
	const char *file, *end, *line = line_at(commands, *at, &end);
	struct nfp_strv words;
	char *text, *out;

	if (!line)
		return NULL;
	/* A byte takes eight at most, between two that are quoted in the other way. */
	text = out = nfp_malloc((size_t)(end - line) * 8 + 64);
	*out = '\0';
	words = words_of_command(line, end, &file);
	if (file && words.n)
		out = print_write(out, words.v[0], file);
	for (size_t i = 0; i < words.n && !file; i++)
		out = print_word(stpcpy(out, i ? " " : ""), words.v[i]);
	nfp_strv_fini(&words);
	if (*line == DOCUMENT)
		(void)stpcpy(out, line + 1);
	*ret_then = false;
	for (const char *item = line; item < end; item = next_item(item))
		*ret_then |= *item == THEN;
	*at = (size_t)(end - commands->items);
	return text;
}

char *nfp_commands_line(const struct nfp_commands *commands, size_t *at)
{
	bool then = false;
	char *text = command_line(commands, at, &then), *next, *both;

	while (text && then && (next = command_line(commands, at, &then))) {
		both = nfp_asprintf("%s; %s", text, next);
		free(text);
		free(next);
		text = both;
	}
	return text;
}

char *nfp_commands_text(const struct nfp_commands *commands, const char *between)
{
	char *text = nfp_strdup(""), *line;

	for (size_t at = 0; (line = nfp_commands_line(commands, &at));) {
		char *longer = nfp_asprintf("%s%s%s", text, text[0] ? between : "", line);

		free(text);
		free(line);
		text = longer;
	}
	return text;
}

/* ---- questions ---- */

bool nfp_commands_equal(const struct nfp_commands *a, const struct nfp_commands *b)
{
	return a->len == b->len && memcmp(a->items, b->items, a->len) == 0;
}
