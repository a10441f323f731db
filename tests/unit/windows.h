/* SPDX-License-Identifier: GPL-2.0-or-later */
/* windows.h - windows in which another VF is asked for, each by a letter. */
#ifndef TESTS_WINDOWS_H
#define TESTS_WINDOWS_H

#include "harness.h"
#include "verdict/result.h"

#define WINDOW_SENT 60U

/*
 * y: its frames arrive; n: they do not; m: some do; of the controls, b: nor does broadcast, u: nor
 * do all to an address that nobody has; d: they do not, and somebody disturbed; r: it was refused;
 * s: skipped; l: skipped, as is allowed.
 */
static inline struct nfp_window window_of(char letter)
{
	struct nfp_window w = {
		.status = strchr("sl", letter) ? NFP_STATUS_SKIPPED
			  : letter == 'r'      ? NFP_STATUS_REFUSED
					       : NFP_STATUS_DONE,
		.skip_allowed = letter == 'l',
		.disturbed = letter == 'd',
	};

	for (unsigned int slot = 0; slot < NFP_KIND_COUNT; slot++)
		w.count[slot].sent = w.count[slot].at[NFP_AT_PF] = WINDOW_SENT;
	if (strchr("nbudr", letter))
		w.count[NFP_KIND_UNICAST].at[NFP_AT_PF] = 0;
	if (letter == 'm')
		w.count[NFP_KIND_UNICAST].at[NFP_AT_PF] = WINDOW_SENT / 2;
	if (letter == 'b')
		w.count[NFP_KIND_BROADCAST].at[NFP_AT_PF] = 0;
	if (letter == 'u')
		w.count[NFP_KIND_UNREGISTERED].at[NFP_AT_PF] = WINDOW_SENT / 2;
	return w;
}

#endif
