// SPDX-License-Identifier: GPL-2.0-or-later
/* words.c - phrases about a result. */
#include "report_priv.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

double nfp_seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

void nfp_append(struct nfp_words *words, const char *between, const char *fmt, ...)
{
	const size_t size = sizeof(words->text);
	size_t used = strlen(words->text);
	va_list ap;

	if (used)
		used += (size_t)snprintf(words->text + used, size - used, "%s", between);
	if (used >= size)
		return;
	va_start(ap, fmt);
	vsnprintf(words->text + used, size - used, fmt, ap);
	va_end(ap);
}

void nfp_append_known(struct nfp_words *words, const char *before, const char *text)
{
	if (text[0])
		nfp_append(words, ", ", "%s%s", before, text);
}

struct nfp_words nfp_driver_words(const char *driver, const char *version, const char *kernel,
				  const char *firmware)
{
	struct nfp_words words = {0};

	nfp_append_known(&words, "", driver);
	/* In-tree drivers report the kernel release as their version. */
	if (strcmp(version, kernel) != 0)
		nfp_append_known(&words, "version ", version);
	nfp_append_known(&words, "Linux ", kernel);
	nfp_append_known(&words, "firmware ", firmware);
	return words;
}

struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed)
{
	struct nfp_words words = {.colour = NFP_RED};

	nfp_append(&words, "", "%s", nfp_verdict_name(verdict));
	for (char *p = words.text; *p; p++)
		*p = (char)(*p == '-' ? ' ' : toupper((unsigned char)*p));
	if (allowed && verdict != NFP_VERDICT_SAFE)
		nfp_append(&words, " ", "(allowed)");
	if (verdict == NFP_VERDICT_SAFE)
		words.colour = NFP_GREEN;
	else if (allowed || verdict == NFP_VERDICT_INCONCLUSIVE ||
		 verdict == NFP_VERDICT_UNTESTABLE)
		words.colour = NFP_YELLOW;
	else if (verdict == NFP_VERDICT_NOT_APPLICABLE)
		words.colour = NFP_BOLD;
	return words;
}

struct nfp_words nfp_verdict_text(const struct nfp_style_result *style)
{
	struct nfp_words words = nfp_verdict_words(style->verdict, style->allowed), text = words;

	text.text[0] = '\0';
	if (style->verdict == NFP_VERDICT_SAFE || style->verdict == NFP_VERDICT_NOT_APPLICABLE)
		return words;
	if (style->verdict == NFP_VERDICT_INCONCLUSIVE)
		nfp_append(&text, "", "UNKNOWN");
	else if (style->verdict == NFP_VERDICT_UNTESTABLE)
		nfp_append(&text, "", "UNKNOWN (%s)", words.text);
	else
		nfp_append(&text, "", "NOT SAFE (%s%s)",
			   nfp_verdict_words(style->verdict, false).text,
			   style->allowed ? ", allowed" : "");
	return text;
}

struct nfp_words nfp_sentence(const char *clause, const char *ifname)
{
	struct nfp_words words = {0};

	nfp_append(&words, "", "%s.", clause);
	if (!ifname[0] || strncmp(clause, ifname, strlen(ifname)) != 0)
		words.text[0] = (char)toupper((unsigned char)words.text[0]);
	return words;
}
