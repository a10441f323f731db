/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - a personality as text, for the NIC in the kernel (tests/nfsim) and the one in memory
 * (tests/memnic). keys.def lists the keys and explains them.
 */
#ifndef NIC_KEYS_H
#define NIC_KEYS_H

#include "compat.h"

#define CORE_MAX_VFS	256
#define CORE_MAX_UC	512
#define CORE_MAX_GROUPS 64 /* of a netdev; the NIC has no filter for more */
#define CORE_VIDS	4096
#define CORE_KNOWN	64 /* addresses, and groups, that the switch of the network learns */
#define CORE_MAX_MS	300000u
#define CORE_MAX_US	5000000u
#define CORE_NAME	16	 /* of a text, with its end */
#define CORE_PPM	1000000u /* 100 % */

/* The events in a VF's life. */
enum core_event {
	CORE_ON_ASSIGN, /* the PF is told its address */
	CORE_ON_RESET,	/* function-level reset */
	CORE_ON_BIND,	/* a VF driver is bound */
	CORE_ON_UP,	/* VF netdev set up */
	CORE_ON_DOWN,	/* VF netdev set down */
	CORE_ON_UNBIND, /* VF driver unbound */
	CORE_ON_CLEAR,	/* the PF is told another address, or zero */
	CORE_EVENTS,
};
#define CORE_BIT(event) (1u << (event))

/* The words of keys. */
enum core_arb { CORE_ARB_BOTH, CORE_ARB_VF, CORE_ARB_PF, CORE_ARB_LAST };
enum core_sort { CORE_SORT_ANY, CORE_SORT_ARP, CORE_SORT_IPV4, CORE_SORT_IPV6 }; /* of a frame */
enum core_uc_full { CORE_FULL_PROMISC, CORE_FULL_DROP };
enum core_bcast { CORE_BCAST_NO, CORE_BCAST_UP, CORE_BCAST_ALWAYS };
enum core_mc { CORE_MC_FILTER, CORE_MC_ALL, CORE_MC_HASH, CORE_MC_TRUST };
enum core_allmulti { CORE_ALLMULTI_OK, CORE_ALLMULTI_IGNORED };
enum core_vlan { CORE_VLAN_STRICT, CORE_VLAN_IGNORE };
enum core_tags { CORE_TAGS_REGISTERED, CORE_TAGS_FIRST, CORE_TAGS_ALL };
enum core_alone { CORE_ALONE_ALL, CORE_ALONE_UNICAST };
enum core_in_reset { CORE_MISSING, CORE_SHOWN, CORE_WAITED_FOR };
enum core_fdb_del { CORE_DEL_PERMANENT, CORE_DEL_STATIC, CORE_DEL_ANY, CORE_DEL_NONE };
enum core_kept { CORE_NOT, CORE_WHILE, CORE_STAYS };
enum core_owned { CORE_OWNED_NOT, CORE_OWNED_TOO, CORE_OWNED_ALONE };
enum core_pause { CORE_PAUSE_ALL, CORE_PAUSE_UNICAST };
enum core_ability { CORE_OFF, CORE_ON, CORE_ABSENT };
enum core_eswitch { CORE_LEGACY, CORE_SWITCHDEV, CORE_NO_ESWITCH };
enum core_reset_method { CORE_RESET_FLR, CORE_RESET_BUS };
enum core_own_report {
	CORE_REPORT_NONE,
	CORE_REPORT_UNTIL_RESET,
	CORE_REPORT_UNTIL_CLEAR,
	CORE_REPORT_FOR_EVER,
};

/* Attributes of a VF that a driver may set back to what they were at first. */
enum core_attribute {
	CORE_ATTR_SPOOFCHK,
	CORE_ATTR_TRUST,
	CORE_ATTR_RATE,
	CORE_ATTR_RSS,
	CORE_ATTR_LINK,
	CORE_ATTR_VLAN,
	CORE_ATTR_MAC,
};

/* Modes of the PF in which the NIC is not told of its list. */
enum core_mode {
	CORE_MODE_PROMISC,
	CORE_MODE_ALLMULTI,
	CORE_MODE_ANY, /* nor of the mode */
};

/* The requests that can be refused for one VF. */
enum core_refusal {
	CORE_NO_MAC,
	CORE_NO_VLAN,
	CORE_NO_SETTING,
	CORE_NO_OVERRIDE,
	CORE_NO_DRIVER,
	CORE_NO_MTU,
};

/* An errno of a key that also takes "silent": it says nothing, and does nothing. */
#define CORE_SILENT 4096u

/* A number of a key that also takes "always". */
#define CORE_ALWAYS 255u

enum core_kind {
	CORE_FLAG,    /* 0 or 1 */
	CORE_NUMBER,  /* up to limit */
	CORE_COUNT,   /* up to limit, or "always" */
	CORE_PERCENT, /* 0 to 100, with up to four decimals; kept in ppm */
	CORE_WORD,    /* one of words, kept as its index */
	CORE_SET,     /* words joined by "+", or "never"; kept as bits */
	CORE_ERROR,   /* "ok" or the name of an errno, which is kept; 0 for "ok" */
	CORE_REFUSAL, /* the same, or "silent" */
	CORE_TEXT,    /* up to CORE_NAME - 1 characters; "none" is kept as none */
};

/* Which NICs play a key; keys.def explains them. */
enum core_plays { CORE_BOTH, CORE_HOST, CORE_MODULE, CORE_MEMORY };

/* Times are in ms unless they end in _us. */
#define CORE_FIELD_FLAG(name)	  uint32_t name
#define CORE_FIELD_NUMBER(name)	  uint32_t name
#define CORE_FIELD_COUNT(name)	  uint32_t name
#define CORE_FIELD_PERCENT(name)  uint32_t name
#define CORE_FIELD_WORD(name)	  uint32_t name
#define CORE_FIELD_SET(name)	  uint32_t name
#define CORE_FIELD_ERROR(name)	  uint32_t name
#define CORE_FIELD_REFUSAL(name)  uint32_t name
#define CORE_FIELD_TEXT(name)	  char name[CORE_NAME]
#define KEY(who, name, kind, ...) CORE_FIELD_##kind(name);
struct core_keys {
#include "keys.def"
};
#undef KEY

struct core_key {
	const char *name;
	enum core_plays plays;
	enum core_kind kind;
	size_t offset;	    /* in struct core_keys */
	const char *normal; /* the default */
	uint32_t limit;
	const char *const *words; /* up to NULL */
};

extern const struct core_key core_key_table[];
extern const unsigned int core_num_keys;
extern const char *const core_event_words[]; /* by enum core_event, up to NULL */

void core_keys_default(struct core_keys *keys);
/* Returns the key of that name. NULL: there is none. */
const struct core_key *core_key_find(const char *name);
/* Sets the key. 0, or -EINVAL for a value that it cannot have, which leaves it as it is. */
int core_key_read(struct core_keys *keys, const struct core_key *key, const char *text);
bool core_key_is_default(const struct core_keys *keys, const struct core_key *key);
/* Writes the key as core_key_read takes it. Returns the length, like snprintf. */
int core_key_show(const struct core_keys *keys, const struct core_key *key, char *text,
		  size_t size);

#endif
