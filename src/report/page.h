/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - private to src/report: words on a page of so many columns.
 *
 * All text is cleaned on its way: names of netdevs and processes come from outside and must not
 * move a terminal's cursor. Width is counted in code points.
 */
#ifndef NFPROBE_REPORT_PAGE_H
#define NFPROBE_REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

enum nfp_tone {
	NFP_PLAIN,
	NFP_BOLD,
	NFP_RED,
	NFP_GREEN,
	NFP_YELLOW,
};

struct nfp_page {
	FILE *out;
	unsigned int columns; /* 0: unlimited */
	bool color;
	unsigned int col;    /* where the next character goes */
	unsigned int blanks; /* before it, not yet written: a line does not end in blanks */
};

/* As it is, on this line. */
void nfp_page_put(struct nfp_page *page, enum nfp_tone tone, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Words, broken where the line ends; following lines begin at @hang. */
void nfp_page_wrap(struct nfp_page *page, enum nfp_tone tone, unsigned int hang, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));
/* @hang, or less: a hanging indent that leaves no room for words is worse than none. */
unsigned int nfp_page_hang(const struct nfp_page *page, unsigned int hang);
/* Blanks up to @column; two blanks when the line is there already. */
void nfp_page_pad(struct nfp_page *page, unsigned int column);
void nfp_page_nl(struct nfp_page *page);
/* Would @more columns still fit on this line? */
bool nfp_page_fits(const struct nfp_page *page, unsigned int more);
/* Flushes. 0, or -errno of the stream. */
int nfp_page_end(struct nfp_page *page);

/*
 * @src as valid UTF-8 in @dst, cut at a whole character; bytes that are not UTF-8 become U+FFFD.
 * @printable: control characters become '?' and line ends blanks, for a terminal.
 */
void nfp_utf8_clean(char *dst, size_t size, const char *src, bool printable);
/* Code points of a valid UTF-8 text. */
unsigned int nfp_utf8_width(const char *text);

/* The state of a stream after writing: 0, or -errno (-EIO where errno says nothing). */
int nfp_stream_status(FILE *out);

#endif
