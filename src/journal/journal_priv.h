/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_JOURNAL_PRIV_H
#define NFPROBE_JOURNAL_PRIV_H

#include <sys/types.h>

#include "nfprobe/journal.h"

/* Is it a file of this type (S_IFREG) that is this user's, and that nobody else can write to? */
bool nfp_is_own(int fd, mode_t type);

/* What each record does to the data. Of settings a reference is taken. */
void nfp_journal_data_vf(struct nfp_journal_data *data, const struct nfp_journal_vf *entry);
void nfp_journal_data_change(struct nfp_journal_data *data, const struct nfp_change *change);
/* -EBADMSG: there is no such type. */
int nfp_journal_data_note(struct nfp_journal_data *data, const struct nfp_journal_note *note);

#endif
