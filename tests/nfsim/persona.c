// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a personality, of the keys in nic/keys.def. A write changes the keys that it names;
 * the word "default" sets all to their defaults, and takes the VFs' filters away. It is taken as a
 * whole or, with EINVAL and a line in the kernel's log, not at all.
 */

#include "nfsim.h"

static int nfsim_parse_key(struct core_keys *p, char *word, bool *afresh)
{
	char *value = strchr(word, '=');
	const struct core_key *key;

	if (!strcmp(word, "default")) {
		core_keys_default(p);
		*afresh = true;
		return 0;
	}
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	key = core_key_find(word);
	if (!key || key->plays == CORE_MEMORY)
		return -EINVAL;
	return core_key_read(p, key, value);
}

int nfsim_persona_parse(struct core_keys *p, const char *text, bool *afresh)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest = copy, *word;
	int err = 0;

	*afresh = false;
	if (!copy)
		return -ENOMEM;
	while (!err && (word = strsep(&rest, " \t\n")))
		if (*word)
			err = nfsim_parse_key(p, word, afresh);
	if (err)
		pr_warn("nfsim: personality: bad word or value at \"%s\"\n", word);
	kfree(copy);
	return err;
}

/* One key a line: it can be written back as it is. */
ssize_t nfsim_persona_show(const struct core_keys *p, char *page)
{
	char value[64];
	unsigned int i;
	int at = 0;

	for (i = 0; i < core_num_keys; i++) {
		if (core_key_table[i].plays == CORE_MEMORY)
			continue;
		core_key_show(p, &core_key_table[i], value, sizeof(value));
		at += sysfs_emit_at(page, at, "%s=%s\n", core_key_table[i].name, value);
	}
	return at;
}
