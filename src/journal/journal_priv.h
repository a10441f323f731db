/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFPROBE_JOURNAL_PRIV_H
#define NFPROBE_JOURNAL_PRIV_H

#include "nfprobe/journal.h"

/* What each record does to the data. Of settings a reference is taken. */
void nfp_journal_data_vf(struct nfp_journal_data *data, const struct nfp_journal_vf *entry);
void nfp_journal_data_change(struct nfp_journal_data *data, const struct nfp_change *change);
void nfp_journal_data_void(struct nfp_journal_data *data, unsigned int seq);
void nfp_journal_data_foreign(struct nfp_journal_data *data, unsigned int vf, uint32_t foreign);
void nfp_journal_data_done(struct nfp_journal_data *data, unsigned int vf);

#endif
