// SPDX-License-Identifier: GPL-2.0-or-later
/* journal_data.c - what the journal's records add up to. Pure. */
#include "journal_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nfp_journal_data_fini(struct nfp_journal_data *data)
{
	if (!data)
		return;
	free(data->addresses);
	for (size_t i = 0; i < data->num_vfs; i++)
		for (size_t k = 0; k < NFP_VF_NETDEVS; k++)
			json_decref(data->vfs[i].settings[k]);
	free(data->vfs);
	free(data->changes);
	memset(data, 0, sizeof(*data));
}

const struct nfp_journal_vf *nfp_journal_find_vf(const struct nfp_journal_data *data,
						 unsigned int vf)
{
	for (size_t i = data->num_vfs; i-- > 0;)
		if (data->vfs[i].before.vf == vf && !data->vfs[i].done)
			return &data->vfs[i];
	return NULL;
}

int nfp_journal_data_vf(struct nfp_journal_data *data, const struct nfp_journal_vf *entry)
{
	struct nfp_journal_vf *grown;

	grown = nfp_reallocarray(data->vfs, data->num_vfs + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	data->vfs = grown;
	grown[data->num_vfs++] = *entry;
	for (size_t k = 0; k < NFP_VF_NETDEVS; k++)
		json_incref(entry->settings[k]);
	return 0;
}

int nfp_journal_data_change(struct nfp_journal_data *data, const struct nfp_change *change)
{
	struct nfp_change *grown;

	grown = nfp_reallocarray(data->changes, data->num_changes + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	data->changes = grown;
	grown[data->num_changes++] = *change;
	return 0;
}

/* By number and not "the last one": the line before may be among the damaged. */
void nfp_journal_data_void(struct nfp_journal_data *data, unsigned int seq)
{
	for (size_t i = data->num_changes; i-- > 0;) {
		if (data->changes[i].seq != seq)
			continue;
		memmove(&data->changes[i], &data->changes[i + 1],
			(data->num_changes - i - 1) * sizeof(data->changes[0]));
		data->num_changes--;
		return;
	}
}

void nfp_journal_data_foreign(struct nfp_journal_data *data, unsigned int vf, uint32_t foreign)
{
	for (size_t i = 0; i < data->num_vfs; i++)
		if (data->vfs[i].before.vf == vf)
			data->vfs[i].foreign |= foreign;
}

void nfp_journal_data_done(struct nfp_journal_data *data, unsigned int vf)
{
	size_t kept = 0;

	for (size_t i = 0; i < data->num_vfs; i++)
		if (data->vfs[i].before.vf == vf)
			data->vfs[i].done = true;
	/* What is undone need not be remembered: a run over many VFs stays small. */
	for (size_t i = 0; i < data->num_changes; i++)
		if (!data->changes[i].of_vf || data->changes[i].vf != vf)
			data->changes[kept++] = data->changes[i];
	data->num_changes = kept;
}
