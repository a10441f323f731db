// SPDX-License-Identifier: GPL-2.0-or-later
/* The text of a personality. */
#include "keys.h"

const char *const core_event_words[] = {
	[CORE_ON_ASSIGN] = "assign", [CORE_ON_RESET] = "reset", [CORE_ON_BIND] = "driver",
	[CORE_ON_UP] = "up",	     [CORE_ON_DOWN] = "down",	[CORE_ON_UNBIND] = "unplug",
	[CORE_ON_CLEAR] = "clear",   [CORE_EVENTS] = NULL,
};

#define EVENTS .words = core_event_words
#define WORDS(...)                     \
	.words = (const char *const[]) \
	{                              \
		__VA_ARGS__, NULL      \
	}
#define KEY(who, member, of, text, ...)                       \
	{                                                     \
		.name = #member,                              \
		.plays = CORE_##who,                          \
		.kind = CORE_##of,                            \
		.offset = offsetof(struct core_keys, member), \
		.normal = text,                               \
		##__VA_ARGS__,                                \
	},
const struct core_key core_key_table[] = {
#include "keys.def"
};
const unsigned int core_num_keys = sizeof(core_key_table) / sizeof(core_key_table[0]);

/* Those that drivers answer with. */
static const struct {
	const char *name;
	uint32_t value;
} errors[] = {
	{"ok", 0},	    {"EPERM", EPERM},		{"EAGAIN", EAGAIN},
	{"EACCES", EACCES}, {"ENOMEM", ENOMEM},		{"EIO", EIO},
	{"EBUSY", EBUSY},   {"EEXIST", EEXIST},		{"EINVAL", EINVAL},
	{"ENOSPC", ENOSPC}, {"EOPNOTSUPP", EOPNOTSUPP}, {"EADDRNOTAVAIL", EADDRNOTAVAIL},
	{"ENODEV", ENODEV}, {"silent", CORE_SILENT}, /* of refusals only, and last */
};
#define NUM_ERRORS (sizeof(errors) / sizeof(errors[0]))

static void *field(const struct core_keys *keys, const struct core_key *key)
{
	return (char *)keys + key->offset;
}

static uint32_t value_of(const struct core_keys *keys, const struct core_key *key)
{
	return key->kind == CORE_TEXT ? 0 : *(const uint32_t *)field(keys, key);
}

/* ---- values ---- */

static int read_number(const char *text, size_t len, uint32_t limit, uint32_t *value)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		number = number * 10 + (uint64_t)(text[i] - '0');
		if (number > limit)
			return -EINVAL;
	}
	*value = (uint32_t)number;
	return len ? 0 : -EINVAL;
}

static int read_percent(const char *text, uint32_t *value)
{
	size_t whole_len = strcspn(text, ".");
	const char *part = text + whole_len;
	uint32_t whole, unit = CORE_PPM / 100, ppm = 0;

	if (read_number(text, whole_len, 100, &whole) || (*part && !part[1]))
		return -EINVAL;
	while (*part && *++part) {
		if (*part < '0' || *part > '9' || unit < 10)
			return -EINVAL;
		unit /= 10;
		ppm += unit * (uint32_t)(*part - '0');
	}
	ppm += whole * (CORE_PPM / 100);
	if (ppm > CORE_PPM)
		return -EINVAL;
	*value = ppm;
	return 0;
}

static int read_word(const char *text, size_t len, const char *const *words, uint32_t *value)
{
	uint32_t i;

	for (i = 0; words[i]; i++) {
		if (strlen(words[i]) != len || strncmp(text, words[i], len))
			continue;
		*value = i;
		return 0;
	}
	return -EINVAL;
}

static int read_set(const char *text, const char *const *words, uint32_t *value)
{
	uint32_t set = 0, word;
	size_t len;

	if (!strcmp(text, "never")) {
		*value = 0;
		return 0;
	}
	for (;; text += len + 1) {
		len = strcspn(text, "+");
		if (read_word(text, len, words, &word))
			return -EINVAL;
		set |= 1u << word;
		if (!text[len])
			break;
	}
	*value = set;
	return 0;
}

static int read_error(const char *text, bool refusal, uint32_t *value)
{
	size_t i;

	for (i = 0; i < NUM_ERRORS - !refusal; i++) {
		if (strcmp(text, errors[i].name))
			continue;
		*value = errors[i].value;
		return 0;
	}
	return -EINVAL;
}

static int read_text(const char *text, char *value)
{
	if (!*text || strlen(text) >= CORE_NAME)
		return -EINVAL;
	memset(value, 0, CORE_NAME);
	if (strcmp(text, "none"))
		memcpy(value, text, strlen(text));
	return 0;
}

int core_key_read(struct core_keys *keys, const struct core_key *key, const char *text)
{
	uint32_t *value = field(keys, key);

	switch (key->kind) {
	case CORE_COUNT:
		if (!strcmp(text, "always")) {
			*value = CORE_ALWAYS;
			return 0;
		}
		return read_number(text, strlen(text), key->limit, value);
	case CORE_FLAG:
	case CORE_NUMBER:
		return read_number(text, strlen(text), key->limit, value);
	case CORE_PERCENT:
		return read_percent(text, value);
	case CORE_WORD:
		return read_word(text, strlen(text), key->words, value);
	case CORE_SET:
		return read_set(text, key->words, value);
	case CORE_ERROR:
		return read_error(text, false, value);
	case CORE_REFUSAL:
		return read_error(text, true, value);
	case CORE_TEXT:
		return read_text(text, field(keys, key));
	}
	return -EINVAL;
}

/* ---- keys ---- */

void core_keys_default(struct core_keys *keys)
{
	unsigned int i;

	memset(keys, 0, sizeof(*keys));
	for (i = 0; i < core_num_keys; i++)
		(void)core_key_read(keys, &core_key_table[i], core_key_table[i].normal);
}

const struct core_key *core_key_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < core_num_keys; i++)
		if (!strcmp(core_key_table[i].name, name))
			return &core_key_table[i];
	return NULL;
}

bool core_key_is_default(const struct core_keys *keys, const struct core_key *key)
{
	struct core_keys normal;
	size_t size = key->kind == CORE_TEXT ? CORE_NAME : sizeof(uint32_t);

	return !core_key_read(&normal, key, key->normal) &&
	       !memcmp(field(&normal, key), field(keys, key), size);
}

static int show_set(uint32_t set, const char *const *words, char *text, size_t size)
{
	int len = 0;
	uint32_t i;

	for (i = 0; words[i]; i++)
		if (set & (1u << i) && (size_t)len < size)
			len += snprintf(text + len, size - (size_t)len, "%s%s", len ? "+" : "",
					words[i]);
	return len ?: snprintf(text, size, "never");
}

static const char *error_name(uint32_t value)
{
	size_t i;

	for (i = 0; i < NUM_ERRORS; i++)
		if (errors[i].value == value)
			return errors[i].name;
	return "?";
}

int core_key_show(const struct core_keys *keys, const struct core_key *key, char *text, size_t size)
{
	const char *name = field(keys, key);
	uint32_t value = value_of(keys, key);

	switch (key->kind) {
	case CORE_TEXT:
		return snprintf(text, size, "%s", *name ? name : "none");
	case CORE_SET:
		return show_set(value, key->words, text, size);
	case CORE_WORD:
		return snprintf(text, size, "%s", key->words[value]);
	case CORE_ERROR:
	case CORE_REFUSAL:
		return snprintf(text, size, "%s", error_name(value));
	case CORE_PERCENT:
		return snprintf(text, size, "%u.%04u", value / 10000, value % 10000);
	case CORE_COUNT:
		if (value == CORE_ALWAYS)
			return snprintf(text, size, "always");
		return snprintf(text, size, "%u", value);
	case CORE_FLAG:
	case CORE_NUMBER:
		return snprintf(text, size, "%u", value);
	}
	return 0;
}
