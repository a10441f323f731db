/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - what the user asked for. src/cli fills it once, and nfp_id_read adds the id of --id
 * @FILE; const ever after.
 */
#ifndef NFPROBE_REQUEST_H
#define NFPROBE_REQUEST_H

#include "verdict/result.h"

enum nfp_mode {
	NFP_MODE_PROBE,
	NFP_MODE_DRY_RUN,
	NFP_MODE_LIST,
	NFP_MODE_AUDIT,
	NFP_MODE_WAY,
	NFP_MODE_RESTORE,
	NFP_MODE_REFLECT,
	NFP_MODE_VERSION,
	NFP_MODE_HELP,
};

enum nfp_from_kind {
	NFP_FROM_AUTO,
	NFP_FROM_IFACE,
	NFP_FROM_PEER, /* peer or peer:MAC */
	NFP_FROM_ARP,  /* arp or arp:IP */
	NFP_FROM_VF,   /* vf:M */
	NFP_FROM_PF,
};

/* The source that --from names. */
struct nfp_from {
	enum nfp_from_kind kind;
	char text[32]; /* as the user typed it, or "auto" */
	char ifname[NFP_IFNAMSIZ];
	unsigned int vf;
	struct nfp_mac peer; /* zero: whoever has the id */
	bool have_ip;	     /* false: the default gateway */
	struct nfp_ipv4 ip;
};

/* --color */
enum nfp_color {
	NFP_COLOR_AUTO, /* on a terminal, unless NO_COLOR is set and not empty */
	NFP_COLOR_ALWAYS,
	NFP_COLOR_NEVER,
};

struct nfp_request {
	enum nfp_mode mode;
	bool brief_help;	 /* -h: only the options that most people need */
	char pf[NFP_IFNAMSIZ];	 /* empty: all (restore); for reflect its netdev */
	struct nfp_strv devices; /* for list (one) and audit, in place of pf: devices as
				    nfp_topology_list takes them; none: all PFs; for way a guest */

	bool any_vf; /* the first VF that is idle and no source */
	bool have_vf;
	unsigned int vf;

	struct nfp_from from;
	struct nfp_strv accept;	 /* findings of an audit that do not count: CODE, CODE:PLACE */
	struct nfp_strv command; /* the command line, without the value of --id */
	bool have_id;
	struct nfp_peer_id id; /* prober and reflector share it */
	char *id_file; /* the file with the id, which main reads; NULL: none; owned by the request
			*/

	/* As the result has them, without `from` and what is found out about the settling time. */
	struct nfp_settings settings;
	bool named; /* --style has named settings.styles */
	bool have_via;
	unsigned int via; /* the second VF, for a standby that needs one */
	bool have_mac;
	struct nfp_mac mac;
	bool have_vlan; /* --vlan was given; vid 0 then means no VLAN, whatever the VF has */
	bool have_rate;
	uint64_t timeout_ns; /* 0: none; for reflect the default */

	uint64_t watch_ns; /* how long a way is watched; 0: not */

	bool json_stream;
	/* the result as JSON; "-": standard output, in place of the text; NULL: none; owned */
	char *json_file;
	char *write_file; /* the run as pcapng; NULL: none; owned by the request */
	bool save;	  /* keep the result on this host */
	char *save_dir;	  /* the folder of @save; NULL: the usual one; owned by the request */
	bool announce;
	bool quiet;
	bool verbose;
	enum nfp_color color;
};

/*
 * Parses argv, which it does not change, into *ret_request. Returns 0; -EINVAL with @err (code
 * NFP_E_USAGE) saying which value is wrong and what is right. Call nfp_request_fini in either case.
 * Reads nothing but its arguments. For one thread only, since getopt_long has global state.
 */
int nfp_request_parse(int argc, char *const argv[], struct nfp_request *ret_request,
		      struct nfp_err *err);
void nfp_request_fini(struct nfp_request *request);

/* True if standard output is the document of --json, in place of the text. */
bool nfp_request_json_stdout(const struct nfp_request *request);

/* Writes the text of --help, or of -h if @brief, from the same table as the parser, to @buf; cuts
 * it off at @size. */
void nfp_request_usage(bool brief, char *buf, size_t size);

#endif
