/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * advice_priv.h - what follows from a result for those who run the host: the conditions to meet,
 * and what to do, each with its commands and their moment.
 */
#ifndef NFPROBE_REPORT_ADVICE_PRIV_H
#define NFPROBE_REPORT_ADVICE_PRIV_H

#include "life_priv.h"

/* The conditions, in the order of their rows. */
enum nfp_condition_id {
	NFP_COND_TRUST,	     /* a macvtap passes the groups that the guest joins */
	NFP_COND_GROUPS,     /* a bridge that snoops passes them */
	NFP_COND_ENTRY,	     /* the PF's filter has the guest's address */
	NFP_COND_PIN,	     /* no frame moves the guest in the bridge's table */
	NFP_COND_STATIC,     /* the bridge learns nothing at the PF */
	NFP_COND_STATIC_TAP, /* nor at its tap, which has come back */
	NFP_COND_HOTPLUG,    /* requirements of the VF's manager: nfp_requires */
	NFP_COND_FIRST,
	NFP_COND_RELEASE,
	NFP_COND_DETACH,
	NFP_COND_CLEAR,
	NFP_COND_VLAN,		 /* the PF has registered the guest's VLAN */
	NFP_COND_UNFILTER,	 /* the PF filters no VLAN */
	NFP_COND_NO_VLAN_NETDEV, /* no netdev on the PF takes the VLAN */
	NFP_COND_ENTRY_GONE, /* the PF's filter lacks the address of a guest that is elsewhere */
	NFP_COND_CLEARED,    /* the VF that the guest left lacks it as well, which takes clearing */
	/* No advice meets these: the run has not seen what would have to be so. */
	NFP_COND_UNSEEN,
	NFP_COND_UNSEEN_IPV6 = NFP_COND_UNSEEN,
	NFP_COND_UNSEEN_UNUSED_VF,
	NFP_COND_UNSEEN_TRUSTED_VF,
	NFP_COND_COUNT,
};

/* The guests, or senders, that need a condition. */
enum nfp_whom { NFP_FOR_ALL, NFP_FOR_IPV4, NFP_FOR_IPV6, NFP_FOR_VLAN, NFP_FOR_HOST };
#define NFP_FOR_BIT(whom) (1U << (unsigned int)(whom))

enum nfp_what {
	NFP_ADVISE_USE,
	NFP_ADVISE_KEEP,
	NFP_ADVISE_FIX,
	NFP_ADVISE_SET,
	NFP_ADVISE_AVOID,
	NFP_ADVISE_PROBE,
};

enum nfp_moment {
	NFP_MOMENT_NOW,
	NFP_MOMENT_DEFINED,  /* the guest's XML is written */
	NFP_MOMENT_START,    /* the guest starts here */
	NFP_MOMENT_RUNS,     /* it has started here, or has arrived */
	NFP_MOMENT_TAP_BACK, /* its tap was off its bridge, and is a port again */
	NFP_MOMENT_VF_UP,
	NFP_MOMENT_VF_GONE, /* the guest has released its VF */
	NFP_MOMENT_MIGRATION,
	NFP_MOMENT_ELSEWHERE,
	NFP_MOMENT_COUNT,
};

enum nfp_shown { NFP_SHOWN_UNSET, NFP_SHOWN_TESTED, NFP_SHOWN_BY_RULE, NFP_SHOWN_NOT };
enum nfp_lasts {
	NFP_LASTS_NOT,
	NFP_LASTS_RUN,
	NFP_LASTS_PORT, /* as long as the netdev is a port of its bridge */
	NFP_LASTS_REBOOT,
	NFP_LASTS_GOOD
};
enum nfp_place { NFP_ON_HOST, NFP_IN_XML };

/* Names that stand for another guest and its netdevs, which an administrator fills in. */
#define GUEST	   "GUEST"
#define GUEST_VF   "GUEST_VF"
#define GUEST_MAC  "GUEST_MAC"
#define TAP	   "TAP"
#define MACVTAP	   "MACVTAP"
#define VETH	   "VETH" /* the port of a bridge towards the guest's bridge */
#define VF_XML	   "VF_XML"
#define UNUSED_MAC "UNUSED_MAC"
#define VF_NETDEV  "VF_NETDEV" /* the netdev of the second VF, on which the standby stands */
#define NO_MAC	   "00:00:00:00:00:00"
/* A bit of fill_in. */
enum nfp_fill {
	NFP_FILL_GUEST,
	NFP_FILL_MAC,
	NFP_FILL_VF,
	NFP_FILL_MACVTAP,
	NFP_FILL_TAP,
	NFP_FILL_XML,
	NFP_FILL_UNUSED,
	NFP_FILL_NETDEV,
	NFP_FILL_VETH
};
#define NFP_FILL(what) (1U << (unsigned int)NFP_FILL_##what)

#define NFP_ID_LEN 8

/* One thing to do, at one moment: a block that is pasted whole. */
struct nfp_advice {
	char id[NFP_ID_LEN]; /* "a1" */
	enum nfp_what what;
	struct nfp_row row;  /* style NFP_STYLE_COUNT: of no row */
	unsigned int rank;   /* advice of one rank belongs together; rank 1 is the best */
	const char *label;   /* the label on its left: "bridge", "Gone" */
	char sentence[1024]; /* when, and what to do; without a full stop */
	enum nfp_moment moment;
	bool not_before; /* the moment is the earliest one */
	/* The consequences, as clauses, which the sentence also has. NULL: none is known. */
	const char *costs, *cuts_off;
	enum nfp_place where;
	struct nfp_commands document; /* the whole XML, which the sentence names; may be empty */
	struct nfp_commands commands, undo;
	uint32_t fill_in; /* bits of nfp_fill_names */
	enum nfp_lasts lasts;
	bool hook; /* the libvirt hook does it */
	enum nfp_shown shown;
	enum nfp_check_state ipv6; /* of the guest with this advice: OK, LOST, UNPROVEN */
	uint32_t states;	   /* bits of the steps that showed it */
};

struct nfp_condition {
	char id[NFP_ID_LEN]; /* "c1" */
	struct nfp_row row;
	enum nfp_condition_id code;
	uint32_t whom;		    /* NFP_FOR_BIT */
	enum nfp_life_cell without; /* what they get without it */
	char words[96];
	struct nfp_strv met_by; /* ids of advice; none: it is unseen */
	enum nfp_shown shown;
};

/* Conditions and advice, in the order of importance. Zero is empty. */
struct nfp_advised {
	struct nfp_advice *advice; /* owned */
	struct nfp_condition *conditions;
	size_t num_advice, num_conditions;
};
void nfp_advised_fini(struct nfp_advised *advised);

extern const struct nfp_names nfp_condition_names, nfp_whom_names, nfp_what_names, nfp_moment_names,
	nfp_shown_names, nfp_lasts_names, nfp_where_names, nfp_fill_names;

/* Advice under way: the result that it is made from, and where it goes. */
struct nfp_advising {
	const struct nfp_result *result;
	struct nfp_advised *to;
	unsigned int rank;
};

/* conditions.c. Add a condition of the row, and to the current rank what meets it. @style: the
 * row's, or the one that shows it. NULL: the advice is there, for another row. */
struct nfp_advice *nfp_advise_condition(struct nfp_advising *m,
					const struct nfp_style_result *style,
					const struct nfp_row *row, enum nfp_condition_id code);
/* Returns advice on the row, with the current rank, that is not yet given. */
struct nfp_advice nfp_advice_draft(const struct nfp_advising *m, const struct nfp_row *row);
/* Gives it. */
struct nfp_advice *nfp_advice_add(struct nfp_advising *m, const struct nfp_advice *draft);
/* Adds advice that meets no condition. @style NULL: it is about none. */
struct nfp_advice *nfp_advise_other(struct nfp_advising *m, enum nfp_what what,
				    const struct nfp_style_result *style, const char *label,
				    const char *fmt, ...) NFP_PRINTF(5, 6);
/* Adds the condition of a row whose IPv6 has a star, unless it is there: no advice may meet it,
 * since the row is not one to use. */
void nfp_advise_star(struct nfp_advised *to, const struct nfp_row *row);
/* Adds a condition that no advice meets, since the run has not seen it. */
void nfp_add_unseen(struct nfp_advised *to, const struct nfp_row *row, enum nfp_condition_id code);
/* Adds that the VF's address is cleared once its guest runs elsewhere: no ladder sees all filters
 * that are left. @clears: not in vain, as far as the ladders of the styles that are used show. */
void nfp_advise_gone(struct nfp_advising *m, bool clears);

/* shown.c. Did the style's own ladder show that the VF keeps the address without its guest? */
enum nfp_kept { NFP_KEPT_UNKNOWN, NFP_KEPT_NOT, NFP_KEPT_UNTIL_CLEARED, NFP_KEPT_FOR_GOOD };
enum nfp_kept nfp_keeps_address(const struct nfp_style_result *style);
/* Notes whether, and in which step, a requirement was proved. */
void nfp_prove(struct nfp_advice *a, const struct nfp_style_result *style, enum nfp_requires what);
/* Returns the steps of a ladder that was run with it, and that expect a receiver. */
uint32_t nfp_states_of(const struct nfp_style_result *style);
/* Adds what the run has not seen of each row that is safe. */
void nfp_advise_unseen(struct nfp_advising *m);

/* retest.c. Each adds, as a rank of its own, a run that would tell what this one has not: one that
 * tries what may help a style, */
void nfp_advise_trial(struct nfp_advising *m, const struct nfp_style_result *unsafe);
/* one from the wire, */
void nfp_advise_wire(struct nfp_advising *m, const struct nfp_style_result *style);
/* one before which what stood in the way is removed, */
void nfp_advise_again(struct nfp_advising *m, const struct nfp_style_result *style);
/* and the same run, with the guest's VLAN or without it. */
void nfp_advise_vlan_run(struct nfp_advising *m, const struct nfp_style_result *style, bool with,
			 const char *sentence);

/* Lists the ids of the conditions of a row. */
void nfp_condition_ids(const struct nfp_advised *advised, const struct nfp_row *row,
		       struct nfp_strv *to);
/* Returns the condition of that row. NULL: it has none. */
const struct nfp_condition *nfp_condition_of(const struct nfp_advised *advised,
					     const struct nfp_row *row, enum nfp_condition_id code);

#endif
