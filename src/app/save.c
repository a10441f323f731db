// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * save.c - --save: a new file for each run, DIR/BUS-DEVICE/START-ID-NUMBER.json, made whole or not
 * at all. It reads and replaces no file, and looks only at names: the number is one more than the
 * largest among them, so that nfprobe-check has an order that no wrong clock can make.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_priv.h"

#define FOLDER_MODE 0755
#define CROWDED	    900

static int cannot(struct nfp_err *err, int ret, const char *path)
{
	const char *hint = ret == -ENOENT ? "Make the folder above it, or name another one with "
					    "--save=DIR."
			   : ret == -EROFS || ret == -EACCES
				   ? "Name a folder that can be written: --save=DIR."
			   : ret == -ENOSPC || ret == -EDQUOT
				   ? "Make room there, or name another folder: --save=DIR."
				   : "Name another folder: --save=DIR.";

	nfp_err_errno(err, ret, NFP_E_OUTPUT, "cannot save in %s", path);
	nfp_err_hint(err, "%s", hint);
	return ret;
}

/* nfprobe-check believes root's results, so that nobody else may be able to put one there. */
static int check_folder(int fd, const char *path, struct nfp_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return cannot(err, -errno, path);
	if (geteuid() != 0 || (st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH))))
		return 0;
	nfp_err_set(err, -EPERM, NFP_E_OUTPUT,
		    "cannot save in %s: another user than root can write to it", path);
	nfp_err_try(err, "chown root %s", path);
	nfp_err_try(err, "chmod go-w %s", path);
	return -EPERM;
}

/* Opens the folder @name in @at, and makes it if it does not exist. A descriptor or -errno. */
static int open_folder(int at, const char *name, const char *path, struct nfp_err *err)
{
	bool made = mkdirat(at, name, FOLDER_MODE) == 0;
	int ret = made || errno == EEXIST ? 0 : -errno, fd;
	struct stat st;

	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* A folder on a read-only file system may exist, which the next call shows. */
	if (fd < 0 && (ret == 0 || errno != ENOENT))
		ret = -errno;
	if (fd < 0 && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)) {
		nfp_err_set(err, -ELOOP, NFP_E_OUTPUT, "cannot save in %s: it is a symbolic link",
			    path);
		nfp_err_hint(err, "Name the folder that it leads to: --save=DIR.");
		return -ELOOP;
	}
	if (fd < 0)
		return cannot(err, ret, path);
	/* Other users may read it, whatever the umask. */
	ret = made && fchmod(fd, FOLDER_MODE) < 0 ? cannot(err, -errno, path)
						  : check_folder(fd, path, err);
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

/* Returns the number in the name of a result; 0: none, so that somebody put the file
 * there by hand. */
static unsigned int saved_number(const char *name)
{
	/* Digits are 0 here, those of the id x. */
	static const char form[] = "00000000T000000.000Z-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-";
	unsigned int number = 0;
	const char *digit;

	for (size_t i = 0; i < strlen(form); i++) {
		if (form[i] == '0'   ? !isdigit((unsigned char)name[i])
		    : form[i] == 'x' ? !isxdigit((unsigned char)name[i])
				     : name[i] != form[i])
			return 0;
	}
	for (digit = name + strlen(form); isdigit((unsigned char)*digit); digit++) {
		if (number > NFP_SAVE_NUMBER_MAX / 10)
			return 0;
		number = 10 * number + (unsigned int)(*digit - '0');
	}
	return strcmp(digit, ".json") == 0 && number <= NFP_SAVE_NUMBER_MAX ? number : 0;
}

struct saved {
	size_t num; /* results, by their names, as nfprobe-check knows them */
	unsigned int largest;
};

/* Reads the folder. 0, or -errno with what was seen until then. */
static int look(int folder, struct saved *ret_saved)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int ret = dir ? 0 : -errno;

	*ret_saved = (struct saved) {0};
	if (!dir && fd >= 0)
		close(fd);
	if (!dir)
		return ret;
	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		const char *name = entry->d_name, *end = strrchr(name, '.');
		unsigned int number = saved_number(name);

		ret_saved->num += name[0] != '.' && end && strcmp(end, ".json") == 0;
		ret_saved->largest = MAX(ret_saved->largest, number);
	}
	ret = -errno;
	closedir(dir);
	return ret;
}

int nfp_save_open(const char *dir, const char *bus, const char *parentdev,
		  struct nfp_save *ret_save, struct nfp_err *err)
{
	struct nfp_save *save = ret_save;
	struct nfp_outfile *trial;
	char device[NFP_SAVE_NAME_LEN];
	int store = open_folder(AT_FDCWD, dir, dir, err), ret;
	struct saved saved;

	*save = (struct nfp_save) {.folder = -1};
	if (store < 0)
		return store;
	snprintf(device, sizeof(device), "%s-%s", bus, parentdev);
	save->path = nfp_asprintf("%s/%s", dir, device);
	save->folder = open_folder(store, device, save->path, err);
	close(store);
	ret = save->folder;
	if (ret >= 0) {
		ret = nfp_outfile_open_lasting(save->folder, "trial", &trial);
		if (ret == 0)
			nfp_outfile_discard(trial);
		else
			(void)cannot(err, ret, save->path);
		/* Nobody can count the files of a folder that cannot be listed. */
		(void)look(save->folder, &saved);
		if (saved.num >= CROWDED)
			save->crowded = nfp_asprintf(
				"%s has %zu results, of which nfprobe-check looks at the newest "
				"1000: remove what others supersede (nfprobe-check --prune)",
				save->path, saved.num);
	}
	if (ret < 0)
		nfp_save_close(save);
	return ret;
}

/* "20261120T100000.123Z" */
static void start_text(const struct nfp_result *result, char text[NFP_SAVE_NAME_LEN])
{
	char time[32], *to = text;

	nfp_time_text(result->start_unix_ms, time, sizeof(time));
	for (const char *from = time; *from; from++) {
		if (*from != '-' && *from != ':')
			*to++ = *from;
	}
	*to = '\0';
}

int nfp_save_write(const struct nfp_save *save, struct nfp_result *result, struct nfp_err *err)
{
	char start[NFP_SAVE_NAME_LEN], id[2 * NFP_RUN_ID_LEN + 1];
	struct nfp_outfile *file;
	struct saved saved;
	char *name;
	int ret = look(save->folder, &saved);

	if (ret < 0)
		return cannot(err, ret, save->path);
	result->number = MIN(saved.largest + 1, NFP_SAVE_NUMBER_MAX);
	start_text(result, start);
	name = nfp_asprintf("%s-%s-%u.json", start, nfp_hex_str(result->id, sizeof(result->id), id),
			    result->number);
	ret = nfp_outfile_open_lasting(save->folder, name, &file);
	if (ret == 0) {
		/* The file has the same bytes as standard output with --json. */
		(void)nfp_outfile_fill(file, NFP_MARKUP_JSON, nfp_report_json, result);
		ret = nfp_outfile_commit(file, NULL);
	}
	free(name);
	if (ret == 0)
		return 0;
	result->number = 0;
	return cannot(err, ret, save->path);
}

void nfp_save_close(struct nfp_save *save)
{
	if (save->folder >= 0)
		close(save->folder);
	free(save->path);
	free(save->crowded);
	*save = (struct nfp_save) {.folder = -1};
}
