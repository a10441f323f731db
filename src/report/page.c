// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define TEXT_MAX 2048

static bool tone_on(struct nfp_page *page, enum nfp_tone tone, const char *text)
{
	static const char *const sgr[] = {"", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[1;33m"};

	if (!page->color || tone == NFP_PLAIN || !*text)
		return false;
	fputs(sgr[tone], page->out);
	return true;
}

static void tone_off(struct nfp_page *page, bool on)
{
	if (on)
		fputs("\033[0m", page->out);
}

static void flush_blanks(struct nfp_page *page)
{
	fprintf(page->out, "%*s", (int)page->blanks, "");
	page->blanks = 0;
}

static void raw_put(struct nfp_page *page, const char *text)
{
	size_t len = strlen(text), end = len;

	while (end > 0 && text[end - 1] == ' ')
		end--;
	if (end > 0) {
		flush_blanks(page);
		fprintf(page->out, "%.*s", (int)end, text);
	}
	page->blanks += (unsigned int)(len - end);
	page->col += nfp_utf8_width(text);
}

void nfp_page_put(struct nfp_page *page, enum nfp_tone tone, const char *fmt, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list ap;
	bool on;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	nfp_utf8_clean(text, sizeof(text), raw, true);
	if (text[0])
		flush_blanks(page);
	on = tone_on(page, tone, text);
	raw_put(page, text);
	tone_off(page, on);
}

static void indent(struct nfp_page *page, unsigned int column)
{
	if (page->col < column) {
		page->blanks += column - page->col;
		page->col = column;
	}
}

void nfp_page_nl(struct nfp_page *page)
{
	fputc('\n', page->out);
	page->col = page->blanks = 0;
}

void nfp_page_pad(struct nfp_page *page, unsigned int column)
{
	indent(page, page->col < column || page->col == 0 ? column : page->col + 2);
}

bool nfp_page_fits(const struct nfp_page *page, unsigned int more)
{
	return page->columns == 0 || page->col + more <= page->columns;
}

unsigned int nfp_page_hang(const struct nfp_page *page, unsigned int hang)
{
	if (page->columns && hang + 24 > page->columns)
		return page->columns > 32 ? 4 : 0;
	return hang;
}

void nfp_page_wrap(struct nfp_page *page, enum nfp_tone tone, unsigned int hang, const char *fmt,
		   ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list ap;
	bool on = false;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	nfp_utf8_clean(text, sizeof(text), raw, true);
	hang = nfp_page_hang(page, hang);
	for (char *w = text; *w;) {
		size_t blanks = strspn(w, " "), len = strcspn(w + blanks, " ");
		char *word = w + blanks, end = word[len];
		unsigned int need;

		if (len == 0)
			break;
		word[len] = '\0';
		need = nfp_utf8_width(word) + (unsigned int)blanks;
		if (!nfp_page_fits(page, need) && page->col > hang) {
			nfp_page_nl(page);
			indent(page, hang);
			blanks = 0;
		}
		indent(page, page->col + (unsigned int)blanks);
		if (!on) {
			flush_blanks(page);
			on = tone_on(page, tone, word);
		}
		raw_put(page, word);
		word[len] = end;
		w = word + len;
	}
	tone_off(page, on);
}

int nfp_stream_status(FILE *out)
{
	errno = 0;
	if (fflush(out) != 0)
		return errno ? -errno : -EIO;
	return ferror(out) ? -EIO : 0;
}

int nfp_page_end(struct nfp_page *page)
{
	return nfp_stream_status(page->out);
}
