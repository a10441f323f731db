// SPDX-License-Identifier: GPL-2.0-or-later
/* inputs.c - the file that a request names to be read: that of --id @FILE. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_priv.h"

static int read_id(const char *path, struct nfp_peer_id *ret_id, struct nfp_err *err)
{
	char text[NFP_PEER_ID_STRLEN + 2] = "";
	FILE *in = fopen(path, "re");
	struct stat st;
	size_t len;
	int ret = 0;

	if (!in)
		return nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	len = fread(text, 1, sizeof(text) - 1, in);
	if (ferror(in))
		ret = nfp_err_errno(err, -errno, NFP_E_INPUT, "cannot read the id in %s", path);
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (ret == 0 && fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IROTH | S_IWOTH))) {
		ret = nfp_err_set(err, -EPERM, NFP_E_INPUT,
				  "the id in %s is not secret: every user can read or write it",
				  path);
		nfp_err_hint(err, "Draw another id, and let no other user read it.");
		nfp_err_try(err, "chmod o= %s", path);
	} else if (ret == 0 && (strlen(text) != len || !nfp_peer_id_parse(text, ret_id))) {
		ret = nfp_err_set(err, -EINVAL, NFP_E_INPUT, "there is no id in %s", path);
		nfp_err_hint(err, "It must have %d hex digits, as nfprobe --reflect prints them.",
			     2 * NFP_PEER_ID_LEN);
	}
	fclose(in);
	return ret;
}

int nfp_id_read(struct nfp_request *request, struct nfp_err *err)
{
	return request->id_file ? read_id(request->id_file, &request->id, err) : 0;
}
