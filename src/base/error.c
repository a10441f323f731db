// SPDX-License-Identifier: GPL-2.0-or-later
/* error.c - errors: a code, a sentence and a hint. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NFP_PRINTF(3, 0) void set_message(struct nfp_err *err, enum nfp_errcode code,
					 const char *fmt, va_list ap)
{
	err->code = code;
	err->errnum = 0;
	err->hint = (struct nfp_hint) {0};
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
}

int nfp_err_set(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return ret;
	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	return ret;
}

int nfp_err_errno(struct nfp_err *err, int ret, enum nfp_errcode code, const char *fmt, ...)
{
	const char *words = ret == -NFP_ENOPROCESS
				    ? "no process can be started (pids.max, ulimit -u)"
				    : strerrordesc_np(-ret);
	va_list ap;

	if (!err)
		return ret;
	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	err->errnum = -ret;
	nfp_appendf(err->message, sizeof(err->message), ": %s", words ? words : "unknown error");
	return ret;
}

void nfp_err_try(struct nfp_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	nfp_command_vadd(&err->hint.commands, fmt, ap);
	va_end(ap);
}

void nfp_err_hint(struct nfp_err *err, const char *fmt, ...)
{
	if (!err)
		return;
	NFP_VFORMAT(err->hint.text, sizeof(err->hint.text), fmt);
}

/* ---- hints ---- */

bool nfp_hint_is_empty(const struct nfp_hint *hint)
{
	return !hint->text[0] && !hint->commands.len;
}

/* A clause has no full stop. */
char *nfp_hint_text(const struct nfp_hint *hint)
{
	size_t len = strlen(hint->text);
	const char *between = !len ? "Try: " : hint->text[len - 1] == '.' ? " Try: " : "; try: ";
	char *commands = nfp_commands_text(&hint->commands, " && ");
	char *text = nfp_asprintf("%s%s%s", hint->text, commands[0] ? between : "", commands);

	free(commands);
	return text;
}

static struct nfp_hint *find_hint(const struct nfp_hints *list, const char *text)
{
	nfp_for_each (hint, list->v, list->n)
		if (strcmp(hint->text, text) == 0)
			return hint;
	return NULL;
}

struct nfp_commands *nfp_hints_addf(struct nfp_hints *list, const char *fmt, ...)
{
	struct nfp_hint hint = {0}, *has;

	NFP_VFORMAT(hint.text, sizeof(hint.text), fmt);
	has = find_hint(list, hint.text);
	if (!has)
		*(has = nfp_grow(list->v, list->n)) = hint;
	has->commands = hint.commands;
	return &has->commands;
}

void nfp_hints_add(struct nfp_hints *hints, const struct nfp_hints *from)
{
	nfp_for_each (hint, from->v, from->n)
		if (!find_hint(hints, hint->text))
			*nfp_grow(hints->v, hints->n) = *hint;
}

void nfp_hints_fini(struct nfp_hints *list)
{
	if (!list)
		return;
	free(list->v);
	*list = (struct nfp_hints) {0};
}
