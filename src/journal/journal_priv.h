/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_JOURNAL_PRIV_H
#define NFPROBE_JOURNAL_PRIV_H

#include <sys/types.h>

#include "nfprobe/journal.h"

/* Is it of this type (S_IFREG), owned by this user, and not writable by others? */
bool nfp_is_own(int fd, mode_t type);

/* Apply a record to the data. Settings are referenced. */
void nfp_journal_data_vf(struct nfp_journal_data *data, const struct nfp_journal_vf *entry);
void nfp_journal_data_change(struct nfp_journal_data *data, const struct nfp_change *change);
/* -EBADMSG: unknown type. */
int nfp_journal_data_note(struct nfp_journal_data *data, const struct nfp_journal_note *note);

#endif
