// SPDX-License-Identifier: GPL-2.0-or-later
/* The sheet of a NIC in memory, and the cells from which such NICs are drawn. */
#include "sheets.h"
#include "cells_priv.h"

#include "nfprobe/inventory.h"

#include <stdlib.h>
#include <string.h>

const struct truth_guest sheet_guest = {
	.address = {{0x02, 0, 0, 0, 0, 0x11}},
	.second = {{0x02, 1, 0, 0, 0, 0x11}},
	.third = {{0x02, 1, 0, 0, 0, 0x22}},
	.next = {{0x02, 1, 0, 0, 0, 0x33}},
};

int sheet_take(const struct sheet_scene *scene, struct nfp_result *result, struct nfp_err *err)
{
	struct memnic *nic = memnic_new(&scene->p, &scene->c);
	struct nfp_frame_accounting *accounting = nfp_accounting_new();
	struct nfp_frame_accounting *inside = nfp_accounting_new();
	struct nfp_runner_config config;
	struct nfp_sheet_config sheet = {
		.run = &config,
		.second = sheet_guest.second,
		.third = sheet_guest.third,
		.next = sheet_guest.next,
		.nobody = {{0x02, 1, 0, 0, 0, 0x44}},
		.forged = {{0x02, 1, 0, 0, 0, 0x55}},
		.pf = memnic_own_mac(),
		.no_forging = scene->no_forging,
		.no_sibling = scene->no_sibling ? "nobody" : NULL,
		.trust = scene->trust,
		.spoofchk = scene->spoofchk,
		.vf_settle_ns = scene->vf_settle_ns,
		.mode = scene->mode,
		.vid = scene->vid,
	};
	int ret;

	if (!nic)
		abort();
	memnic_config(nic, accounting, NFP_STYLE_MACVTAP, &config);
	config.address = sheet_guest.address;
	memnic_set_permits(nic, scene->trust, scene->spoofchk);
	config.stop = memnic_stop;
	config.stop_ctx = nic;
	if (!scene->no_sibling)
		sheet.sibling = memnic_sibling(nic, inside);
	result->vf.trust = scene->trust;
	result->vf.spoofchk = scene->spoofchk;
	result->settings.sheet = scene->mode;
	ret = nfp_sheet_run(&sheet, &result->sheet, err);
	nfp_judge_sheet(result);
	/* No frame has a forged source that is not told of. */
	if (memnic_forged(nic) != result->sheet.forged)
		abort();
	memnic_free(nic);
	nfp_accounting_free(accounting);
	nfp_accounting_free(inside);
	return ret;
}

/* ---- the cells ---- */

/* A clean wire. */
static void clean(struct sheet_scene *scene, uint64_t *state)
{
	(void)scene;
	(void)state;
}

/* The port has learned the guest's address, and maybe a few more. */
static void port(struct sheet_scene *scene, uint64_t *state)
{
	scene->c.learn_max = 1 + (unsigned int)draw(state, 2) * (unsigned int)draw(state, 5);
	scene->c.learn_drops = true;
	scene->c.suppress_unknown = !draw(state, 4);
}

/* As iavf's: its watchdog runs each 2 s (iavf_watchdog_task). */
static void ticks(struct sheet_scene *scene, uint64_t *state)
{
	scene->p.guest.tick_ns = 2 * NFP_NSEC_PER_SEC;
	scene->vf_settle_ns = nfp_vf_settle_needed("iavf");
	scene->c.suppress_unknown = !draw(state, 4);
}

/* One of 4 to 64 addresses, as of a table of hashes with few bits set. */
static void hashes(struct sheet_scene *scene, uint64_t *state)
{
	scene->p.guest.hashes = 4U << draw(state, 5);
	scene->p.guest.gets_strangers = false;
}

/* The NIC filters VLANs where a VF sends, and the network brings unicast to who has sent. */
static void free_vlan(struct sheet_scene *scene, uint64_t *state)
{
	scene->vid = 100;
	scene->p.vlan.vf_checked = true;
	scene->p.vlan.vf_filters = scene->p.vlan.filters = !draw(state, 4);
	scene->c.vlan.suppressed = true;
	scene->c.suppress_unknown = draw(state, 2);
}

/* The NIC floods, to a VF, what its switch has learned nowhere, as of a DPU; the network brings
 * nothing that was not announced. */
static void unlearned(struct sheet_scene *scene, uint64_t *state)
{
	(void)state;
	scene->p.learns = true;
	scene->p.guest.unlearned_alone = true;
	scene->c.suppress_unknown = true;
}

static void strangers(struct sheet_scene *scene, uint64_t *state)
{
	unlearned(scene, state);
	scene->p.guest.gets_strangers = true;
}

static void promiscuous(struct sheet_scene *scene, uint64_t *state)
{
	unlearned(scene, state);
	scene->p.guest.gets_strangers = false;
}

/* Some of all that, and a network that loses, pauses, ages, forgets or has a dead member. */
static void all(struct sheet_scene *scene, uint64_t *state)
{
	static void (*const nics[])(struct sheet_scene * scene, uint64_t * state) = {
		clean, ticks, hashes, free_vlan, strangers, promiscuous,
	};
	struct memnic_conditions *c = &scene->c;

	nics[draw(state, sizeof(nics) / sizeof(nics[0]))](scene, state);
	/* Where nothing was announced, a NIC that learns has learned nothing. */
	c->suppress_unknown = scene->p.learns || draw(state, 2);
	c->flood_permille = scene->p.learns || draw(state, 4) ? 0 : (unsigned int)draw(state, 200);
	c->loss_permille = draw(state, 3) ? 0 : (unsigned int)draw(state, 100);
	c->mld_snooping = draw(state, 2);
	c->learn_max = (unsigned int)draw(state, 8);
	c->learn_drops = c->learn_max && draw(state, 2);
	c->age_ns = draw(state, 3) ? 0 : (2000 + draw(state, 30000)) * MS;
	c->flush_ns = draw(state, 3) ? 0 : MEMNIC_BEGIN_NS + draw(state, 30000) * MS;
	if (!draw(state, 3))
		c->pauses[0] = (struct core_outage) {MEMNIC_BEGIN_NS + draw(state, 30000) * MS,
						     draw(state, 3000) * MS, draw(state, 2)};
	if (!draw(state, 6))
		c->bond = (struct memnic_bond) {.members = 3, .dead = 1};
}

const struct sheet_cell sheet_cells[] = {
	{"sh-clean", "sheets of VFs that let their guests do anything", clean},
	{"sh-port", "the same, behind port security: no source that the port does not know", port},
	{"sh-ticks", "the same, of a VF driver that asks the PF each 2 s", ticks},
	{"sh-hashes", "the same, filters by hash: one of 4 to 64 addresses passes", hashes},
	{"sh-vlan", "the same, VLANs filtered by who sends, here and in the network", free_vlan},
	{"sh-unknown", "the same, the NIC floods to a VF what it has not learned", strangers},
	{"sh-promisc", "the same, to a promiscuous VF", promiscuous},
	{"sh-all", "one of these NICs, and a network that does any of that and worse", all},
};
const size_t sheet_num_cells = sizeof(sheet_cells) / sizeof(sheet_cells[0]);

const struct sheet_cell *sheet_cell(const char *name)
{
	for (size_t i = 0; i < sheet_num_cells; i++) {
		if (strcmp(sheet_cells[i].name, name) == 0)
			return &sheet_cells[i];
	}
	return NULL;
}

void sheet_draw(const struct sheet_cell *cell, uint64_t seed, struct sheet_scene *ret_scene)
{
	uint64_t state = seed;

	*ret_scene = (struct sheet_scene) {
		/* The VF's filter comes with its driver, and goes with it. */
		.p = {.comes_on = CORE_BIT(CORE_ON_UP),
		      .goes_on = CORE_BIT(CORE_ON_DOWN),
		      .guest = memnic_random_guest(draw(&state, UINT32_MAX))},
		.c = {.seed = seed},
		.spoofchk = !!draw(&state, 4),
		.mode = NFP_SHEET_PRESENT,
	};
	/* A VF that is never trusted is not trusted now. */
	ret_scene->trust = !ret_scene->p.guest.trust_ignored && draw(&state, 2);
	ret_scene->p.guest.hashes = 0;
	cell->draw(ret_scene, &state);
}
