// SPDX-License-Identifier: GPL-2.0-or-later
/* matrix.c - --matrix: the files that it reads, and where its page finds them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfprobe/pciids.h"
#include "run_priv.h"

#define DEPTH_MAX 40 /* of folders in folders */

struct reading {
	struct nfp_matrix *matrix;
	char *base; /* the folder of the page, resolved; NULL: links are paths as they were named */
};

static bool ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && strcmp(name + len - end, ending) == 0;
}

/* ---- links ---- */

/* The way from the folder @base to @target, both absolute and resolved. The caller frees it. */
static char *way_to(const char *base, const char *target)
{
	size_t common = 0, ups = 0;
	char *way, *end;

	/* As long as both have the same components; the root has none. */
	for (size_t i = 0; base[1]; i++) {
		if ((base[i] == '/' || !base[i]) && target[i] == '/')
			common = i;
		if (!base[i] || base[i] != target[i])
			break;
	}
	for (const char *p = base + common; base[1] && *p; p++)
		ups += *p == '/';
	way = end = nfp_malloc(3 * ups + strlen(target + common));
	for (; ups; ups--)
		end = stpcpy(end, "../");
	strcpy(end, target + common + 1);
	return way;
}

/* What a reader of the page opens to see the ladders of @path: the page beside it, if there is one,
 * or itself. The caller frees it. */
static char *page_of(const struct reading *r, const char *path)
{
	char *page = nfp_strdup(path), *resolved, *way;
	struct stat st;

	if (ends_in(path, ".json")) {
		memcpy(page + strlen(page) - 4, "html", 4);
		if (stat(page, &st) < 0 || !S_ISREG(st.st_mode))
			memcpy(page + strlen(page) - 4, "json", 4);
	}
	resolved = r->base ? realpath(page, NULL) : NULL;
	if (!resolved)
		return page;
	way = way_to(r->base, resolved);
	free(resolved);
	free(page);
	return way;
}

/* NULL: no page is asked for. */
static char *base_of(const char *html_file)
{
	char *copy, *base;

	if (!html_file)
		return NULL;
	copy = nfp_strdup(html_file);
	/* Where /dev/stdout ends up nobody knows; here is as good a guess as any. */
	base = realpath(strncmp(copy, "/dev/", 5) == 0 || strncmp(copy, "/proc/", 6) == 0
				? "."
				: dirname(copy),
			NULL);
	free(copy);
	return base;
}

/* ---- files and folders ---- */

static void skip_errno(struct reading *r, const char *path, int errnum)
{
	nfp_matrix_skip(r->matrix, path, false, strerror(errnum));
}

/* @named: on the command line, where nothing is there by chance. */
static void read_file(struct reading *r, const char *path, bool named)
{
	char *text = NULL, *page;
	struct nfp_err err = {0};
	size_t len;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int ret = fd < 0 ? -errno : nfp_read_fd(fd, NFP_MATRIX_BYTES, &text, &len);

	if (fd >= 0)
		close(fd);
	if (ret == -EFBIG) {
		nfp_matrix_skip(r->matrix, path, false, "it is larger than 32 MB");
	} else if (ret < 0) {
		skip_errno(r, path, -ret);
	} else {
		page = page_of(r, path);
		ret = nfp_matrix_add(r->matrix, path, page, text, len, &err);
		free(page);
		if (ret < 0)
			nfp_matrix_skip(r->matrix, path, ret == -ENOMSG && !named, err.message);
	}
	free(text);
}

static void read_path(struct reading *r, const char *path, unsigned int depth);

/* Hidden files are not results, such as one that is being written. */
static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_folder(struct reading *r, const char *path, unsigned int depth)
{
	struct dirent **names = NULL;
	int num = scandir(path, &names, is_visible, alphasort);

	if (num < 0)
		skip_errno(r, path, errno);
	for (int i = 0; i < num; i++) {
		char *inner = nfp_asprintf("%s%s%s", path, ends_in(path, "/") ? "" : "/",
					   names[i]->d_name);
		struct stat st;

		/* A link to a folder may lead back here. */
		if (lstat(inner, &st) < 0)
			skip_errno(r, inner, errno);
		else if (S_ISDIR(st.st_mode) ||
			 (ends_in(inner, ".json") &&
			  !(S_ISLNK(st.st_mode) && stat(inner, &st) == 0 && S_ISDIR(st.st_mode))))
			read_path(r, inner, depth + 1);
		free(inner);
		free(names[i]);
	}
	free(names);
}

/* @depth: 0 on the command line. To open what is no file may do something: a watchdog starts, and
 * whoever writes to a pipe goes on. */
static void read_path(struct reading *r, const char *path, unsigned int depth)
{
	struct stat st;

	if (stat(path, &st) < 0)
		skip_errno(r, path, errno);
	else if (S_ISDIR(st.st_mode) && depth > DEPTH_MAX)
		nfp_matrix_skip(r->matrix, path, false, "it is in too many folders");
	else if (S_ISDIR(st.st_mode))
		read_folder(r, path, depth);
	else if (S_ISREG(st.st_mode))
		read_file(r, path, depth == 0);
	else
		nfp_matrix_skip(r->matrix, path, depth > 0, "it is neither a file nor a folder");
}

/* A folder that is named, and has nothing, is not what was meant, or what should be there is not.
 */
static void read_named(struct reading *r, const char *path)
{
	size_t before = r->matrix->files + r->matrix->unread;

	read_path(r, path, 0);
	if (r->matrix->files + r->matrix->unread == before)
		nfp_matrix_skip(r->matrix, path, false,
				"no file in it whose name ends in .json is a result of nfprobe");
}

/* ---- names ---- */

static void read_names(struct nfp_matrix *matrix)
{
	const char *path;
	char *text;
	size_t len;
	int ret = nfp_pci_ids_read(&text, &len, &path);

	if (ret < 0)
		nfp_matrix_skip(matrix, path, true, strerror(-ret));
	else
		nfp_matrix_name(matrix, text, len);
	free(text);
}

/* With -q nothing else says why. */
static int explain_nothing(const struct nfp_matrix *matrix, struct nfp_err *err)
{
	const struct nfp_matrix_skipped *why = matrix->skipped;

	while (why->foreign)
		why++;
	nfp_err_set(err, -ENODATA, NFP_E_INPUT, "no result could be read: %s: %s", why->file,
		    why->why);
	nfp_err_hint(err, "--matrix takes what --json=FILE and --save have written, and in folders "
			  "every file whose name ends in .json");
	return -ENODATA;
}

int nfp_run_matrix(const struct nfp_request *request, struct nfp_matrix *ret_matrix,
		   struct nfp_err *err)
{
	struct reading r = {.matrix = ret_matrix, .base = base_of(request->html_file)};
	struct nfp_matrix_query query;

	memcpy(query.styles, request->styles, sizeof(query.styles));
	memcpy(query.allow, request->allow, sizeof(query.allow));
	nfp_matrix_init(ret_matrix, nfp_settle_needed);
	for (size_t i = 0; i < request->num_paths; i++)
		read_named(&r, request->paths[i]);
	free(r.base);
	read_names(ret_matrix);
	nfp_matrix_finish(ret_matrix, &query);
	*err = (struct nfp_err) {.code = NFP_E_NONE};
	return ret_matrix->files ? 0 : explain_nothing(ret_matrix, err);
}
