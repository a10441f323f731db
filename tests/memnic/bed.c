// SPDX-License-Identifier: GPL-2.0-or-later
#include "bed.h"

#include <stdlib.h>

void bed_open(struct bed *bed, const struct core_personality *personality,
	      const struct memnic_conditions *conditions, enum nfp_style style)
{
	*bed = (struct bed) {
		.nic = memnic_new(personality, conditions),
		.accounting = nfp_accounting_new(),
	};
	if (!bed->nic || !bed->accounting)
		abort();
	memnic_config(bed->nic, bed->accounting, style, &bed->config);
}

void bed_close(struct bed *bed)
{
	memnic_free(bed->nic);
	nfp_accounting_free(bed->accounting);
}

int bed_run(struct bed *bed)
{
	return nfp_ladder_run(&bed->config, &bed->result, &bed->err);
}

int bed_run_next(struct bed *bed, enum nfp_style style, uint8_t others)
{
	memnic_undo(bed->nic);
	memnic_set_style(bed->nic, style);
	bed->config.style = style;
	bed->config.address.b[4] += others;
	bed->config.address_first.b[4] += others;
	return bed_run(bed);
}

const struct nfp_step_result *bed_step(const struct bed *bed, enum nfp_step step)
{
	for (size_t i = 0; i < bed->result.num_steps; i++) {
		if (bed->result.steps[i].step == step)
			return &bed->result.steps[i];
	}
	return NULL;
}

uint64_t bed_now(const struct bed *bed)
{
	return bed->config.wire.ops->now(bed->config.wire.ctx);
}

const char *bed_row(struct bed *bed)
{
	return memnic_row(&bed->result, bed->row);
}
