// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a personality (nic/keys.def, which explains them), as far as a NIC in memory plays
 * them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memnic.h"
#include "nic/core.h"

#define BIT(event) CORE_BIT(CORE_ON_##event)

/* A word without a value says 1. */
static int read_word(struct core_keys *keys, const char *text)
{
	char word[MEMNIC_WORD_LEN], *value;
	const struct core_key *key;

	snprintf(word, sizeof(word), "%s", text);
	value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	key = core_key_find(word);
	if (!key || core_key_read(keys, key, value ?: "1") < 0)
		return -EINVAL;
	return key->plays == CORE_MODULE && !core_key_is_default(keys, key) ? -EOPNOTSUPP : 0;
}

/* In memory the tasks of VF and PF run at their latest, always. */
static void take_turns(struct core_personality *p)
{
	uint64_t turns_ns = p->vf_turn_ns + p->pf_turn_ns;

	for (int event = 0; event < CORE_EVENTS; event++) {
		p->comes_after_ns[event] += turns_ns;
		if (p->goes_after_ns[event])
			p->goes_after_ns[event] += turns_ns;
	}
	p->vf_turn_ns = p->pf_turn_ns = 0;
}

/* ---- what they make of a network ---- */

static unsigned int permille(uint32_t ppm)
{
	return ppm / 1000;
}

static uint64_t ms(uint32_t number)
{
	return number * NFP_NSEC_PER_MSEC;
}

static void set_network(struct memnic_conditions *c, const struct core_keys *k)
{
	c->seed = k->seed;
	c->loss_permille = permille(k->loss);
	c->duplicate_permille = permille(k->dup);
	c->before_ns = (uint64_t)k->delay_us * NFP_NSEC_PER_USEC;
	c->before_jitter_ns = (uint64_t)k->jitter_us * NFP_NSEC_PER_USEC;
	if (k->reorder)
		c->before_jitter_ns += (uint64_t)k->reorder_us * NFP_NSEC_PER_USEC;
	c->suppress_unknown = k->net_suppress;
	c->learn_after_ns = ms(k->net_learn_ms);
	c->learn_max = k->net_learn_max;
	c->mld_snooping = k->net_snoop;
	c->report_loss_permille = permille(k->net_report_loss);
	c->forward_after_ns = ms(k->net_forward_ms);
	c->pauses[0] = (struct core_outage) {
		.from_ns = MEMNIC_BEGIN_NS + ms(k->net_pause_at_ms),
		.for_ns = ms(k->net_pause_ms),
		.unicast_alone = k->net_pause,
	};
}

/* What is forgotten at another event than these two, and groups that a VF that is up forgets. */
static const char *beyond(const struct core_keys *k)
{
	if (k->forget & CORE_BIT(CORE_ATTR_MAC) && (k->forget_on & ~(BIT(DOWN) | BIT(UNBIND))))
		return "forget_on";
	return k->mc_forget & (BIT(BIND) | BIT(UP)) ? "mc_forget" : NULL;
}

int memnic_read(const char *text, struct core_personality *p, struct memnic_conditions *c,
		char ret_word[MEMNIC_WORD_LEN])
{
	char *words = nfp_strdup(text), *rest = NULL, *word;
	struct core_keys keys;
	int ret = 0;

	core_keys_default(&keys);
	for (word = strtok_r(words, " ", &rest); word && !ret; word = strtok_r(NULL, " ", &rest)) {
		ret = read_word(&keys, word);
		snprintf(ret_word, MEMNIC_WORD_LEN, "%s", word);
	}
	free(words);
	if (!ret && beyond(&keys)) {
		snprintf(ret_word, MEMNIC_WORD_LEN, "%s", beyond(&keys));
		ret = -EOPNOTSUPP;
	}
	if (ret)
		return ret;
	core_personality_of(&keys, p);
	p->vf_groups = core_vf_groups(p, keys.trust == CORE_ON);
	take_turns(p);
	p->name = "read";
	if (c)
		set_network(c, &keys);
	return 0;
}
