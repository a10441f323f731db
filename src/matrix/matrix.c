// SPDX-License-Identifier: GPL-2.0-or-later
/* matrix.c - results sorted into rows and cells as they come. */
#include "matrix_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfprobe/pciids.h"

#define KEY_LEN (8 * NFP_TEXT_LEN) /* of a row */

/* ---- texts and numbers ---- */

const char *nfp_matrix_text(struct nfp_matrix *matrix, const char *text)
{
	json_t *texts = matrix->index->texts;

	if (!text[0])
		return NULL;
	if (!json_object_get(texts, text))
		json_object_set_new_nocheck(texts, text, json_true());
	return json_object_iter_key(json_object_iter_at(texts, text));
}

/* The number of a key; that of a new one is how many there were before. */
static size_t number_of(json_t *numbers, const char *key)
{
	const json_t *number = json_object_get(numbers, key);
	size_t next = json_object_size(numbers);

	if (number)
		return (size_t)json_integer_value(number);
	json_object_set_new_nocheck(numbers, key, json_integer((json_int_t)next));
	return next;
}

/* ---- rows and cells ---- */

static struct nfp_matrix_row *row_of(struct nfp_matrix *m, const struct nfp_result *result)
{
	const struct nfp_pf_info *pf = &result->pf;
	size_t num = m->num_rows, at;
	char key[KEY_LEN];

	/* Text that was read has no line ends. */
	snprintf(key, sizeof(key), "%04x%04x%04x%04x\n%s\n%s\n%s\n%s\n%s", pf->vendor, pf->device,
		 pf->subsystem_vendor, pf->subsystem_device, pf->board_id, pf->firmware, pf->driver,
		 pf->driver_version, result->kernel);
	at = number_of(m->index->rows, key);
	if (at == num) {
		m->rows = nfp_reallocarray(m->rows, num + 1, sizeof(*m->rows));
		m->rows[m->num_rows++] = (struct nfp_matrix_row) {
			.vendor = pf->vendor,
			.device = pf->device,
			.subsystem_vendor = pf->subsystem_vendor,
			.subsystem_device = pf->subsystem_device,
			.board_id = nfp_matrix_text(m, pf->board_id),
			.firmware = nfp_matrix_text(m, pf->firmware),
			.driver = nfp_matrix_text(m, pf->driver),
			.driver_version = nfp_matrix_text(m, pf->driver_version),
			.kernel = nfp_matrix_text(m, result->kernel),
		};
	}
	return &m->rows[at];
}

static struct nfp_matrix_cell *cell_of(struct nfp_matrix_row *row,
				       const struct nfp_style_result *style, unsigned int vlan)
{
	const struct nfp_matrix_cell new = {
		.style = style->style,
		.have_source = style->from.known,
		.source = style->from.known ? style->from.source : 0,
		.tagged = vlan != 0,
	};

	for (size_t i = 0; i < row->num_cells; i++) {
		if (nfp_matrix_compare_columns(&row->cells[i], &new) == 0)
			return &row->cells[i];
	}
	row->cells = nfp_reallocarray(row->cells, row->num_cells + 1, sizeof(*row->cells));
	row->cells[row->num_cells] = new;
	return &row->cells[row->num_cells++];
}

static const struct nfp_identity *identity_of(struct nfp_matrix_index *index,
					      const struct nfp_result *result,
					      const struct nfp_vf_result *vf)
{
	size_t num = json_object_size(index->identities), at;
	struct nfp_identity *id = nfp_malloc(sizeof(*id));
	char key[sizeof(*id) + NFP_ID_COUNT + 2 * NFP_FW_MAX] = "";

	nfp_identity_of(&result->pf, result->kernel, vf, id);
	for (enum nfp_identity_member i = 0; i < NFP_ID_COUNT; i++)
		nfp_appendf(key, sizeof(key), "%s\n", id->value[i]);
	for (size_t i = 0; i < id->num_fw; i++)
		nfp_appendf(key, sizeof(key), "%s\n%s\n", id->fw[i].name, id->fw[i].running);
	at = number_of(index->identities, key);
	if (at < num) {
		free(id);
		return index->identity[at];
	}
	index->identity = nfp_reallocarray(index->identity, at + 1, sizeof(*index->identity));
	return index->identity[at] = id;
}

/* ---- results ---- */

/* The verdict that counts, and why. */
static enum nfp_verdict verdict_of(const struct nfp_matrix *m, const struct nfp_result *result,
				   size_t vf, size_t style, char *why, size_t size)
{
	const struct nfp_style_result *s = &result->vfs[vf].styles[style];

	snprintf(why, size, "%s", s->reason);
	if (!nfp_store_proves(s->verdict))
		return s->verdict;
	if (!nfp_store_is_conclusive(result, vf, style)) {
		snprintf(why, size, "%s", nfp_store_void(result, vf));
		return NFP_VERDICT_INCONCLUSIVE;
	}
	if (s->verdict == NFP_VERDICT_SAFE &&
	    nfp_store_watched_short(&result->settings, m->index->settle_needed(result->pf.driver),
				    why, size))
		return NFP_VERDICT_INCONCLUSIVE;
	return s->verdict;
}

static size_t run_of(struct nfp_matrix *m, const char *key)
{
	struct nfp_matrix_index *index = m->index;
	size_t run = number_of(index->runs, key);

	if (run == m->runs) {
		index->judged = nfp_reallocarray(index->judged, ++m->runs, sizeof(*index->judged));
		index->failed = nfp_reallocarray(index->failed, m->runs, sizeof(*index->failed));
		index->judged[run] = index->failed[run] = false;
	}
	return run;
}

/* A run that has no id, since it failed before it had one, is not known elsewhere. */
static size_t run_without_id(struct nfp_matrix *m, const char *file, size_t where)
{
	char *key = nfp_asprintf("%s\n%zu", file, where);
	size_t run = run_of(m, key);

	free(key);
	return run;
}

void nfp_matrix_add_nothing(struct nfp_matrix *matrix, const char *file, size_t where)
{
	(void)run_without_id(matrix, file, where);
}

static void add_style(struct nfp_matrix *m, const struct nfp_result *result, size_t v, size_t s,
		      const struct nfp_matrix_result *of_run)
{
	const struct nfp_vf_result *vf = &result->vfs[v];
	struct nfp_matrix_cell *cell = cell_of(row_of(m, result), &vf->styles[s], vf->probed_vlan);
	struct nfp_matrix_result *r;
	char why[NFP_REASON_LEN];
	size_t num = cell->num_results;

	/* Room for the next power of two. */
	if ((num & (num - 1)) == 0)
		cell->results = nfp_reallocarray(cell->results, num ? 2 * num : 1,
						 sizeof(*cell->results));
	r = &cell->results[cell->num_results++];
	*r = *of_run;
	r->vf = vf->vf;
	r->vlan = vf->probed_vlan;
	r->verdict = verdict_of(m, result, v, s, why, sizeof(why));
	r->reason = nfp_matrix_text(m, why);
	r->identity = identity_of(m->index, result, vf);
}

void nfp_matrix_add_result(struct nfp_matrix *matrix, const char *file, const char *page,
			   size_t where, const struct nfp_result *result)
{
	static const uint8_t none[NFP_RUN_ID_LEN];
	char id[2 * NFP_RUN_ID_LEN + 1];
	const struct nfp_matrix_result of_run = {
		.file = file,
		.page = page,
		.host = nfp_matrix_text(matrix, result->hostname),
		.start_unix_ms = result->start_unix_ms,
		.run = memcmp(result->id, none, sizeof(none)) == 0
			       ? run_without_id(matrix, file, where)
			       : run_of(matrix, nfp_hex_str(result->id, sizeof(result->id), id)),
	};

	number_of(matrix->index->hosts, result->hostname);
	matrix->hosts = json_object_size(matrix->index->hosts);
	/* Such as a VF that was named and is in use. */
	if (result->error.code != NFP_E_NONE)
		matrix->index->failed[of_run.run] = true;
	for (size_t v = 0; v < result->num_vfs; v++) {
		const struct nfp_vf_result *vf = &result->vfs[v];

		if (vf->num_styles == 0 && vf->status != NFP_VF_IN_USE)
			matrix->index->failed[of_run.run] = true;
		for (size_t s = 0; s < vf->num_styles; s++) {
			add_style(matrix, result, v, s, &of_run);
			matrix->index->judged[of_run.run] = true;
		}
	}
}

void nfp_matrix_skip(struct nfp_matrix *matrix, const char *file, bool foreign, const char *why)
{
	matrix->skipped = nfp_reallocarray(matrix->skipped, matrix->num_skipped + 1,
					   sizeof(*matrix->skipped));
	matrix->skipped[matrix->num_skipped++] = (struct nfp_matrix_skipped) {
		.file = nfp_matrix_text(matrix, file),
		.why = nfp_matrix_text(matrix, why),
		.foreign = foreign,
	};
	matrix->unread += !foreign;
}

/* ---- the whole ---- */

void nfp_matrix_init(struct nfp_matrix *matrix, uint64_t (*settle_needed)(const char *driver))
{
	struct nfp_matrix_index *index = nfp_malloc(sizeof(*index));

	*index = (struct nfp_matrix_index) {
		.texts = json_object(),
		.rows = json_object(),
		.runs = json_object(),
		.hosts = json_object(),
		.identities = json_object(),
		.settle_needed = settle_needed,
	};
	*matrix = (struct nfp_matrix) {.index = index, .exit_status = NFP_EXIT_CANNOT};
}

void nfp_matrix_fini(struct nfp_matrix *matrix)
{
	struct nfp_matrix_index *index = matrix->index;

	for (size_t i = 0; i < matrix->num_rows; i++) {
		for (size_t k = 0; k < matrix->rows[i].num_cells; k++) {
			struct nfp_matrix_cell *cell = &matrix->rows[i].cells[k];

			for (size_t b = 0; b < cell->num_before; b++)
				free(cell->before[b].differences);
			free(cell->results);
			free(cell->differences);
		}
		free(matrix->rows[i].cells);
	}
	free(matrix->rows);
	free(matrix->skipped);
	for (size_t i = 0; i < json_object_size(index->identities); i++)
		free(index->identity[i]);
	free(index->identity);
	free(index->judged);
	free(index->failed);
	json_decref(index->texts);
	json_decref(index->rows);
	json_decref(index->runs);
	json_decref(index->hosts);
	json_decref(index->identities);
	free(index);
	*matrix = (struct nfp_matrix) {.index = NULL};
}

void nfp_matrix_name(struct nfp_matrix *m, const char *text, size_t len)
{
	struct nfp_pci_nic *nics = nfp_calloc(m->num_rows, sizeof(*nics));

	for (size_t i = 0; i < m->num_rows; i++) {
		nics[i].vendor = m->rows[i].vendor;
		nics[i].device = m->rows[i].device;
		nics[i].subsystem_vendor = m->rows[i].subsystem_vendor;
		nics[i].subsystem_device = m->rows[i].subsystem_device;
	}
	nfp_pci_name(nics, m->num_rows, text, len);
	for (size_t i = 0; i < m->num_rows; i++) {
		m->rows[i].vendor_name = nfp_matrix_text(m, nics[i].vendor_name);
		m->rows[i].device_name = nfp_matrix_text(m, nics[i].device_name);
		m->rows[i].subsystem_name = nfp_matrix_text(m, nics[i].subsystem_name);
	}
	free(nics);
}
