// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a personality: words "key=value". What is written changes the keys that it names; the
 * word "default" sets all to their defaults, and takes the VFs' filters away. It is taken as a
 * whole or, with EINVAL and a line in the kernel's log, not at all.
 *
 * An event is one of assign, reset, driver, up, down, unplug, clear (nfsim.h); several are joined
 * by
 * "+". A delay begins at its event. A later event of the VF takes the place of one whose delay
 * still runs.
 */

#include "nfsim.h"

enum nfsim_kind {
	NFSIM_FLAG,    /* 0 or 1 */
	NFSIM_NUMBER,  /* up to limit */
	NFSIM_COUNT,   /* up to limit, or "always" */
	NFSIM_PERCENT, /* 0 to 100, with up to four decimals; kept in ppm */
	NFSIM_WORD,    /* one of words, kept as its index */
	NFSIM_SET,     /* events, or words, joined by "+", or "never"; kept as bits */
	NFSIM_ERROR,   /* "ok" or the name of an errno */
	NFSIM_REFUSAL, /* the same, or "silent" */
	NFSIM_TEXT,    /* up to NFSIM_NAME - 1 characters, or "none" */
};

struct nfsim_key {
	const char *name;
	enum nfsim_kind kind;
	size_t offset;
	u32 value; /* by default */
	u32 limit;
	const char *const *words;
};

#define NFSIM_EVENT(event) (1u << NFSIM_##event)
#define KEY(field, kind, ...)                                                            \
	{                                                                                \
#field, NFSIM_##kind, offsetof(struct nfsim_persona, field), __VA_ARGS__ \
	}
#define WORDS(...)   ((const char *const[]) {__VA_ARGS__, NULL})
#define NFSIM_MAX_MS 60000u
#define NFSIM_MAX_US 5000000u

static const struct nfsim_key nfsim_keys[] = {
	/* On which events the NIC's filter for the VF comes, and on which it goes. It is for the
	 * address that the PF was told (assign, reset), or that of the VF's netdev (driver, up).
	 * An event in both: it goes at once, and comes back after come_ms. A VF that was told no
	 * address has a filter while it is up, whatever these say. */
	KEY(come, SET,
	    NFSIM_EVENT(ASSIGN) | NFSIM_EVENT(RESET) | NFSIM_EVENT(DRIVER) | NFSIM_EVENT(UP)),
	KEY(come_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(go, SET, NFSIM_EVENT(CLEAR)),
	KEY(go_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* If not 0: a filter that is there goes at a reset, and comes back so much later. */
	KEY(blip_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* The filters are lost when the PF is set up, and come back only at the VF's next reset or
	 * driver, as does what is assigned meanwhile. VFs that were never reset count as such. */
	KEY(history, FLAG, 0),

	/* Who gets a frame whose address PF and VF both have. */
	KEY(arb, WORD, NFSIM_ARB_BOTH, 0, WORDS("vf", "pf", "both", "last")),
	/* Assigning an address takes it out of the PF's table, until the PF adds it anew. */
	KEY(wipe, FLAG, 0),
	/* A VF is assigned an address that the PF has: refused, with vf_second_ms from the first
	 * try on for so long; "silent": accepted, but the VF has no filter. None it has, too, if
	 * the PF has the address when its filter would come (not with vf_second_ms).
	 * retry: such a filter comes when the PF drops the address. */
	KEY(vf_second, REFUSAL, 0),
	KEY(vf_second_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(retry, FLAG, 0),
	/* The PF adds an address for which a VF has a filter: refused by fdb_add; "silent", and by
	 * way of a macvlan child always: not in the NIC's table. promisc: then the PF is made
	 * promiscuous instead; "stays": also when it has dropped the address, until of its
	 * addresses (its own, broadcast, unicast and multicast list) fewer than three quarters are
	 * left
	 * (__I40E_VSI_OVERFLOW_PROMISC and promisc_threshold in i40e_sync_vsi_filters). */
	KEY(pf_second, REFUSAL, 0),
	KEY(pf_second_promisc, WORD, NFSIM_NOT, 0, WORDS("0", "1", "stays")),
	/* Any assignment is refused from the first try on for so long; the next begins anew. */
	KEY(busy, ERROR, 0),
	KEY(busy_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* What assigning zero is answered with; and what, if the NIC has no filter for the address
	 * that the VF has: ixgbe_ndo_set_vf_mac does not find in ixgbe_del_mac_filter what
	 * ixgbe_vf_reset_event has deleted (ENOMEM). Any other address brings the filter back. */
	KEY(zero, ERROR, 0),
	KEY(zero_gone, ERROR, 0),
	/* From each of these events on (assign: also at zero, VLAN, trust, spoofchk) the VF is in
	 * reset for so long: rtnetlink leaves it out, and setting anything of it is refused, as by
	 * i40e_validate_vf (EINVAL), i40e_check_vf_init_timeout (EAGAIN) and
	 * ice_check_vf_ready_for_cfg (EINVAL, EBUSY). */
	KEY(vfr, SET, 0),
	KEY(vfr_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(vfr_error, ERROR, EINVAL),

	/* The PF's table: its size, what the NIC does with more, and what fdb_add says then. */
	KEY(uc_max, NUMBER, 256, NFSIM_MAX_UC),
	KEY(uc_full, WORD, NFSIM_FULL_PROMISC, 0, WORDS("promisc", "drop")),
	KEY(fdb_full, ERROR, 0),
	/* What fdb_add says to anything. */
	KEY(fdb, ERROR, 0),

	/* If not 0, tables are written only every so often, as by hclge_periodic_service_task: the
	 * PF's when its next turn comes; a VF's filter (where it comes or goes later) by the VF's
	 * turn and then the PF's, as by hclgevf_periodic_service_task. */
	KEY(pf_sync_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(vf_sync_ms, NUMBER, 0, NFSIM_MAX_MS),

	/* The PF's feature l2-fwd-offload: what ethtool finds. While it is on, a macvlan of the PF
	 * gets a station (ixgbe_fwd_add, i40e_fwd_add), unless that is refused: its frames reach it
	 * and not the PF. Who gets a frame whose address a station and a VF both have: */
	KEY(l2fw, WORD, NFSIM_ABSENT, 0, WORDS("off", "on", "absent")),
	KEY(station, ERROR, 0),
	KEY(station_arb, WORD, NFSIM_ARB_BOTH, 0, WORDS("vf", "pf", "both", "last")),

	/* Unicast for an address that nobody has: a PF that is not promiscuous takes it. */
	KEY(unreg_wire, FLAG, 0),
	KEY(unreg_vf, FLAG, 0),
	/* A promiscuous PF sees what VFs have as well; and what VFs send to nobody. */
	KEY(promisc_owned, FLAG, 0),
	KEY(promisc_vf, FLAG, 1),
	/* From whom to whom the switch forwards in the NIC; else it leaves by the wire. */
	KEY(loop_vf_pf, FLAG, 1),
	KEY(loop_vf_vf, FLAG, 1),
	KEY(loop_pf_vf, FLAG, 1),
	KEY(loop_pf_pf, FLAG, 0),
	/* Broadcast and multicast. "always": a VF that is not up counts it (see stats). */
	KEY(bcast_pf, FLAG, 1),
	KEY(bcast_vf, WORD, NFSIM_BCAST_UP, 0, WORDS("no", "up", "always")),
	/* strict: VFs and the PF get frames of their VLANs; ignore: of all; keep: as strict, but a
	 * VF sees the tag of the VLAN that the PF set for it. */
	KEY(vlan, WORD, NFSIM_VLAN_STRICT, 0, WORDS("strict", "ignore", "keep")),

	/* What a new VF starts with; "absent": it cannot be set. */
	KEY(spoofchk, WORD, NFSIM_ON, 0, WORDS("off", "on", "absent")),
	KEY(trust, WORD, NFSIM_OFF, 0, WORDS("off", "on", "absent")),
	/* What the PF sends with the address of a VF is dropped, if that has a filter for it, or
	 * if it was assigned it. */
	KEY(pf_spoof, WORD, NFSIM_PF_MAY_SPOOF, 0, WORDS("ok", "filter", "assigned")),
	/* Rates can be set; what is shown as the highest where none was set (qed_get_vf_config: the
	 * link's). Whether the VF may ask for the RSS table can be set. */
	KEY(rate, FLAG, 0),
	KEY(rate_none, NUMBER, 0, 1000000),
	KEY(rss, FLAG, 0),
	/* What is set back to what a new VF has, and when. */
	KEY(forget, SET, 0, 0, WORDS("spoofchk", "trust", "rate", "rss", "link", "vlan")),
	KEY(forget_on, SET, 0),
	/* The VLAN that is shown where none is set, and set for none (MLX4_VGT is 4095); its
	 * protocol is shown as 0 (memset in mlx5_eswitch_get_vport_config, nfp_app_get_vf_config).
	 * Link state "enable" is taken, but stays what it was (ixgbe_ndo_set_vf_link_state). */
	KEY(vlan_none, NUMBER, 0, 4095),
	KEY(no_vlan_proto, FLAG, 0),
	KEY(enable_ignored, FLAG, 0),
	/* What setting a VLAN other than 0, spoofchk, trust, link state and rate is answered with
	 * by a PF that does not manage its eswitch (mlx5_esw_allowed: EPERM). */
	KEY(admin, ERROR, 0),
	/* rtnetlink has no list of VFs (enic_netdev_ops); how long it takes to ask for one VF. */
	KEY(no_vf_config, FLAG, 0),
	KEY(get_us, NUMBER, 0, NFSIM_MAX_US),
	/* A VF has a node GUID, which is made from each address that the PF assigns, zero too
	 * (mlx5_esw_set_vport_mac_locked). A bound VF has an RDMA device that shows the one that
	 * it had when it was bound. guid: rtnetlink tells it, too (of Linux's drivers, only IPoIB's
	 * have ndo_get_vf_guid). */
	KEY(rdma, FLAG, 0),
	KEY(guid, FLAG, 0),
	/* Setting a VF's address or VLAN: the PF has no carrier for so long; it takes so long. */
	KEY(set_reset_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(set_ms, NUMBER, 0, NFSIM_MAX_MS),

	/* The wire, for each frame in either direction. Delay and jitter (up to so much more or
	 * less) keep the order; reorder holds a frame back so that others overtake it.
	 * seed: of all chance; it begins anew at each writing of a personality. */
	KEY(loss, PERCENT, 0),
	KEY(dup, PERCENT, 0),
	KEY(reorder, PERCENT, 0),
	KEY(reorder_us, NUMBER, 5000, NFSIM_MAX_US),
	KEY(delay_us, NUMBER, 0, NFSIM_MAX_US),
	KEY(jitter_us, NUMBER, 0, NFSIM_MAX_US),
	KEY(seed, NUMBER, 1, U32_MAX),

	/* The VF's driver: carrier so long after up, netdev so long after bind. */
	KEY(vf_carrier_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(netdev_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* At so many binds of a VF from now on it never comes: an iavf whose PF does not answer
	 * gives up in iavf_init_version_check or later, and stays bound. */
	KEY(no_netdev, COUNT, 0, NFSIM_ALWAYS - 1),
	/* How long bind, unbind and reset block. */
	KEY(bind_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(unbind_ms, NUMBER, 0, NFSIM_MAX_MS),
	KEY(reset_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* At so many binds from now on, a VF's netdev has another address than the assigned one. */
	KEY(wrong_mac, COUNT, 0, NFSIM_ALWAYS - 1),
	/* The VF's netdev gets another name so long after it came (0: never). */
	KEY(rename_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* Without reset and reset_method; else, what the latter says. */
	KEY(no_reset, FLAG, 0),
	KEY(reset_method, WORD, NFSIM_RESET_FLR, 0, WORDS("flr", "bus")),
	/* driver_override waits until nobody binds, unbinds or resets the VF: driver_set_override;
	 * 0: it does not, as since "PCI: use generic driver_override infrastructure". */
	KEY(override_lock, FLAG, 1),
	/* A VF that was told no address reports the random one that it gave itself (0: it does
	 * not), and has it until it is reset (igb_vf_reset_event) or told another; "clear": until
	 * it is told another, or zero (ixgbe_vf_reset_event keeps it); "never": for ever
	 * (bnxt_get_vf_config: vf_mac_addr), and an address that it was told counts as reported,
	 * too, once its driver has been bound: after zero it is still shown. */
	KEY(own_report, WORD, NFSIM_REPORT_UNTIL_RESET, 0, WORDS("0", "1", "clear", "never")),
	/* The PF has statistics of VFs; and they count as dropped what no driver took. */
	KEY(stats, FLAG, 0),
	KEY(stats_down, FLAG, 1),
	/* If not 0: they are shown as they were when the driver looked last, every so often. */
	KEY(stats_ms, NUMBER, 0, NFSIM_MAX_MS),
	/* Of devlink. switchdev: it is, and can be changed. What is said to who asks for the mode:
	 * mlx5_eswitch_check has EOPNOTSUPP, and had EPERM, for a PF that does not manage it. */
	KEY(eswitch, WORD, NFSIM_LEGACY, 0, WORDS("legacy", "switchdev", "absent")),
	KEY(eswitch_get, ERROR, 0),
	/* The firmware that runs (this number and ".0") and the one that is stored; 0: not said.
	 * ethtool says 1.0 in any case. */
	KEY(fw_running, NUMBER, 1, 99),
	KEY(fw_stored, NUMBER, 0, 99),

	/* What ethtool says that the PF's driver is. */
	KEY(driver, TEXT),
	/* phys_port_id and phys_switch_id (this number), phys_port_name ("p" and this number) of PF
	 * and wire; 0: none. */
	KEY(port_id, NUMBER, 0, 99),
	KEY(switch_id, NUMBER, 0, 99),
	KEY(port_name, NUMBER, 0, 99),
	KEY(wire_port_id, NUMBER, 0, 99),
	KEY(wire_switch_id, NUMBER, 0, 99),
	KEY(wire_port_name, NUMBER, 0, 99),
	/* PF and VFs have a second netdev, of another port, whose frames go nowhere (mlx4_en); the
	 * dev_port of the first ones, the others having the other one. VFs: when they are bound. */
	KEY(two_ports, FLAG, 0),
	KEY(dev_port, NUMBER, 0, 1),
};

static const char *const nfsim_event_words[] = {
	[NFSIM_ASSIGN] = "assign", [NFSIM_RESET] = "reset", [NFSIM_DRIVER] = "driver",
	[NFSIM_UP] = "up",	   [NFSIM_DOWN] = "down",   [NFSIM_UNPLUG] = "unplug",
	[NFSIM_CLEAR] = "clear",   [NFSIM_EVENTS] = NULL,
};

static const struct nfsim_errno {
	const char *name;
	u32 value;
} nfsim_errnos[] = {
	{"ok", 0},
	{"EPERM", EPERM},
	{"EAGAIN", EAGAIN},
	{"ENOMEM", ENOMEM},
	{"EBUSY", EBUSY},
	{"EEXIST", EEXIST},
	{"EINVAL", EINVAL},
	{"ENOSPC", ENOSPC},
	{"EOPNOTSUPP", EOPNOTSUPP},
	{"EADDRNOTAVAIL", EADDRNOTAVAIL},
	{"ENODEV", ENODEV},
	{"silent", NFSIM_SILENT}, /* of refusals only, and last */
};

const char *nfsim_event_name(enum nfsim_event event)
{
	return nfsim_event_words[event];
}

static void *nfsim_field(const struct nfsim_persona *p, const struct nfsim_key *key)
{
	return (char *)p + key->offset;
}

void nfsim_persona_default(struct nfsim_persona *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++)
		if (nfsim_keys[i].kind != NFSIM_TEXT)
			*(u32 *)nfsim_field(p, &nfsim_keys[i]) = nfsim_keys[i].value;
}

static int nfsim_parse_number(const char *text, u32 limit, u32 *value)
{
	u32 number;

	if (kstrtou32(text, 10, &number) || number > limit)
		return -EINVAL;
	*value = number;
	return 0;
}

static int nfsim_parse_percent(char *text, u32 *value)
{
	u32 whole, part = 0, unit = NFSIM_PPM / 100;
	char *point = strchr(text, '.');

	if (point) {
		*point++ = '\0';
		if (!*point)
			return -EINVAL;
	}
	if (nfsim_parse_number(text, 100, &whole))
		return -EINVAL;
	for (; point && *point; point++) {
		if (!isdigit(*point) || unit < 10)
			return -EINVAL;
		unit /= 10;
		part += unit * (*point - '0');
	}
	*value = whole * (NFSIM_PPM / 100) + part;
	return *value <= NFSIM_PPM ? 0 : -EINVAL;
}

static int nfsim_parse_word(const char *text, const char *const *words, u32 *value)
{
	u32 i;

	for (i = 0; words[i]; i++) {
		if (strcmp(text, words[i]))
			continue;
		*value = i;
		return 0;
	}
	return -EINVAL;
}

static const char *const *nfsim_set_words(const struct nfsim_key *key)
{
	return key->words ? key->words : nfsim_event_words;
}

static int nfsim_parse_set(char *text, const char *const *words, u32 *value)
{
	u32 set = 0, event;
	char *word;

	if (strcmp(text, "never")) {
		while ((word = strsep(&text, "+"))) {
			if (nfsim_parse_word(word, words, &event))
				return -EINVAL;
			set |= 1u << event;
		}
	}
	*value = set;
	return 0;
}

static int nfsim_parse_errno(const char *text, bool refusal, u32 *value)
{
	unsigned int i, count = ARRAY_SIZE(nfsim_errnos) - !refusal;

	for (i = 0; i < count; i++) {
		if (strcmp(text, nfsim_errnos[i].name))
			continue;
		*value = nfsim_errnos[i].value;
		return 0;
	}
	return -EINVAL;
}

static int nfsim_parse_text(const char *text, char *value)
{
	if (!*text || strlen(text) >= NFSIM_NAME)
		return -EINVAL;
	strscpy(value, strcmp(text, "none") ? text : "", NFSIM_NAME);
	return 0;
}

static int nfsim_parse_value(const struct nfsim_key *key, char *text, void *value)
{
	switch (key->kind) {
	case NFSIM_FLAG:
		return nfsim_parse_number(text, 1, value);
	case NFSIM_COUNT:
		if (!strcmp(text, "always")) {
			*(u32 *)value = NFSIM_ALWAYS;
			return 0;
		}
		fallthrough;
	case NFSIM_NUMBER:
		return nfsim_parse_number(text, key->limit, value);
	case NFSIM_PERCENT:
		return nfsim_parse_percent(text, value);
	case NFSIM_WORD:
		return nfsim_parse_word(text, key->words, value);
	case NFSIM_SET:
		return nfsim_parse_set(text, nfsim_set_words(key), value);
	case NFSIM_ERROR:
		return nfsim_parse_errno(text, false, value);
	case NFSIM_REFUSAL:
		return nfsim_parse_errno(text, true, value);
	case NFSIM_TEXT:
		return nfsim_parse_text(text, value);
	}
	return -EINVAL;
}

static int nfsim_parse_key(struct nfsim_persona *p, char *word, bool *afresh)
{
	char *value = strchr(word, '=');
	unsigned int i;

	if (!strcmp(word, "default")) {
		nfsim_persona_default(p);
		*afresh = true;
		return 0;
	}
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++)
		if (!strcmp(word, nfsim_keys[i].name))
			return nfsim_parse_value(&nfsim_keys[i], value,
						 nfsim_field(p, &nfsim_keys[i]));
	return -EINVAL;
}

int nfsim_persona_parse(struct nfsim_persona *p, const char *text, bool *afresh)
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

static int nfsim_show_set(u32 set, const char *const *words, char *page, int at)
{
	int start = at;
	u32 event;

	for (event = 0; words[event]; event++)
		if (set & (1u << event))
			at += sysfs_emit_at(page, at, "%s%s", at > start ? "+" : "", words[event]);
	if (at == start)
		at += sysfs_emit_at(page, at, "never");
	return at - start;
}

static const char *nfsim_errno_name(u32 value)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nfsim_errnos); i++)
		if (nfsim_errnos[i].value == value)
			return nfsim_errnos[i].name;
	return "?";
}

static int nfsim_show_value(const struct nfsim_key *key, const void *field, char *page, int at)
{
	u32 value = key->kind == NFSIM_TEXT ? 0 : *(const u32 *)field;
	const char *text = field;

	switch (key->kind) {
	case NFSIM_TEXT:
		return sysfs_emit_at(page, at, "%s", *text ? text : "none");
	case NFSIM_SET:
		return nfsim_show_set(value, nfsim_set_words(key), page, at);
	case NFSIM_WORD:
		return sysfs_emit_at(page, at, "%s", key->words[value]);
	case NFSIM_ERROR:
	case NFSIM_REFUSAL:
		return sysfs_emit_at(page, at, "%s", nfsim_errno_name(value));
	case NFSIM_PERCENT:
		return sysfs_emit_at(page, at, "%u.%04u", value / 10000, value % 10000);
	case NFSIM_COUNT:
		if (value == NFSIM_ALWAYS)
			return sysfs_emit_at(page, at, "always");
		fallthrough;
	default:
		return sysfs_emit_at(page, at, "%u", value);
	}
}

/* One key a line: it can be written back as it is. */
ssize_t nfsim_persona_show(const struct nfsim_persona *p, char *page)
{
	unsigned int i;
	int at = 0;

	for (i = 0; i < ARRAY_SIZE(nfsim_keys); i++) {
		at += sysfs_emit_at(page, at, "%s=", nfsim_keys[i].name);
		at += nfsim_show_value(&nfsim_keys[i], nfsim_field(p, &nfsim_keys[i]), page, at);
		at += sysfs_emit_at(page, at, "\n");
	}
	return at;
}
