// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/result.h"

/*
 * `control` sends to X while nobody has it. From `standby` to `reassign` the PF has X (`alone`
 * removes it and adds it back). To unplug a VF, its driver is unbound without setting the netdev
 * down first, as happens when the device is taken away.
 *
 * How long each step is watched: a NIC may act on a change at any time up to the settling time
 * after it. When a step has been watched in full, all effects of its changes are over, and its
 * landing is the one that lasts. If a step ends sooner, a late effect of its change is not seen in
 * it, and is taken for an effect of the next step.
 *
 * - `control` changes nothing, so nothing can be late.
 * - `standby` may end once it is served by its filter, which is certain if the PF did not get X in
 *   `control`. Otherwise it is watched in full.
 * - `detach` makes the same change as `attach`, a reset of a VF that no driver is bound to. It ends
 *   early only if the reset had no late effect in `attach`, and if frames land before and after it
 *   as they did there. `clear` follows and is watched in full: if the reset acts late after all,
 *   that shows there as a late change, or as a landing that is not that of `standby`, unless
 *   clearing undoes it.
 * - `reassign`, `vf-first-up` and `vf-first-unplug` repeat changes, too, but in another order or
 *   more quickly, and a NIC with a memory may act otherwise then. They end early only once `attach`
 *   (and for the last two `vf-first`) has shown EARLY: the verdict and its advice are then certain,
 *   whatever these steps show. `vf-first` makes the changes of `reassign` again, with another
 *   address, so late effects of `reassign` come before those of `vf-first`.
 * - All others are watched in full. `driver` and `down` must be: a late effect of binding would be
 *   taken for one of setting up, and a late effect of setting down for one of the unplug. So must
 *   `clear`: a late effect of it would undo the assignment of `reassign`.
 *
 * `alone` removes X from the PF and adds it back, which may change anything: no step ends early
 * after it. If the step after one that ended early shows a surprise, the whole ladder is run again
 * with every step watched in full (probe/early_exit.c).
 */
const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT] = {
	[NFP_STEP_CONTROL] =
		{.step = NFP_STEP_CONTROL,
		 .meaning = "nobody holds the address: does the PF take unregistered unicast?",
		 .early_exit_allowed = true,
		 .listens = NFP_LISTENS_NOWHERE},
	[NFP_STEP_STANDBY] = {.step = NFP_STEP_STANDBY,
			      .meaning = "the PF holds the address: the path and the standby work",
			      .actions = {NFP_DO_ADD_STANDBY, NFP_DO_ANNOUNCE},
			      .fit = NFP_FIT_PF,
			      .early_exit_allowed = true},
	[NFP_STEP_ASSIGN] = {.step = NFP_STEP_ASSIGN,
			     .meaning = "the host assigns the address to the VF",
			     .actions = {NFP_DO_ASSIGN}},
	[NFP_STEP_ATTACH] = {.step = NFP_STEP_ATTACH,
			     .meaning = "QEMU opens the VF, which resets it; the guest boots",
			     .actions = {NFP_DO_RESET},
			     .fit = NFP_FIT_PF,
			     .decides = true,
			     .needs = NFP_NEEDS_ADDRESS},
	[NFP_STEP_DRIVER] = {.step = NFP_STEP_DRIVER,
			     .meaning = "the guest's VF driver loads",
			     .actions = {NFP_DO_BIND},
			     .needs = NFP_NEEDS_ADDRESS,
			     .listens = NFP_LISTENS_NOWHERE},
	[NFP_STEP_UP] = {.step = NFP_STEP_UP,
			 .meaning = "the guest uses the VF",
			 .actions = {NFP_DO_UP},
			 .fit = NFP_FIT_VF,
			 .decides = true,
			 .needs = NFP_NEEDS_DRIVER,
			 .listens = NFP_LISTENS_VF},
	[NFP_STEP_ALONE] = {.step = NFP_STEP_ALONE,
			    .meaning = "the standby lets the address go: would the VF get it then?",
			    .actions = {NFP_DO_REMOVE_STANDBY},
			    .after = {NFP_DO_ADD_STANDBY},
			    .fit = NFP_FIT_VF,
			    .needs = NFP_NEEDS_UP,
			    .listens = NFP_LISTENS_VF},
	[NFP_STEP_DOWN] = {.step = NFP_STEP_DOWN,
			   .meaning = "the guest sets the VF down",
			   .actions = {NFP_DO_DOWN},
			   .needs = NFP_NEEDS_UP,
			   .listens = NFP_LISTENS_NOWHERE},
	[NFP_STEP_UNPLUG] =
		{.step = NFP_STEP_UNPLUG,
		 .meaning = "migration: QEMU unplugs the VF but keeps it open, without a reset",
		 .actions = {NFP_DO_UNBIND},
		 .fit = NFP_FIT_PF,
		 .decides = true,
		 .needs = NFP_NEEDS_DRIVER},
	[NFP_STEP_DETACH] = {.step = NFP_STEP_DETACH,
			     .meaning = "the VF is taken away from the guest, which resets it",
			     .actions = {NFP_DO_RESET},
			     .fit = NFP_FIT_PF,
			     .decides = true,
			     .like_first = NFP_STEP_ATTACH,
			     .like_last = NFP_STEP_ATTACH,
			     .needs = NFP_NEEDS_ADDRESS},
	[NFP_STEP_CLEAR] = {.step = NFP_STEP_CLEAR,
			    .meaning = "the host takes the address back from the VF",
			    .actions = {NFP_DO_CLEAR},
			    .fit = NFP_FIT_PF,
			    .decides = true,
			    .needs = NFP_NEEDS_ADDRESS},
	[NFP_STEP_REASSIGN] =
		{.step = NFP_STEP_REASSIGN,
		 .meaning = "the next guest: the address is assigned again, the VF is reset",
		 .actions = {NFP_DO_ASSIGN, NFP_DO_RESET},
		 .fit = NFP_FIT_PF,
		 .decides = true,
		 .like_first = NFP_STEP_ASSIGN,
		 .like_last = NFP_STEP_ATTACH,
		 .if_early = NFP_STEP_ATTACH,
		 .needs = NFP_NEEDS_ADDRESS},
	[NFP_STEP_VF_FIRST] = {.step = NFP_STEP_VF_FIRST,
			       .meaning = "a new address, first on the VF, then on the PF: a guest "
					  "starts, or arrives by migration",
			       .actions = {NFP_DO_REMOVE_STANDBY, NFP_DO_NEW_ADDRESS, NFP_DO_ASSIGN,
					   NFP_DO_RESET, NFP_DO_ADD_STANDBY, NFP_DO_ANNOUNCE},
			       .fit = NFP_FIT_PF,
			       .decides = true,
			       .change = NFP_DO_ADD_STANDBY},
	[NFP_STEP_VF_FIRST_UP] = {.step = NFP_STEP_VF_FIRST_UP,
				  .meaning = "that guest uses the VF",
				  .actions = {NFP_DO_BIND, NFP_DO_UP},
				  .fit = NFP_FIT_VF,
				  .decides = true,
				  .like_first = NFP_STEP_DRIVER,
				  .like_last = NFP_STEP_UP,
				  .if_early = NFP_STEP_VF_FIRST,
				  .needs = NFP_NEEDS_ADDRESS,
				  .change = NFP_DO_UP,
				  .listens = NFP_LISTENS_VF},
	[NFP_STEP_VF_FIRST_UNPLUG] = {.step = NFP_STEP_VF_FIRST_UNPLUG,
				      .meaning = "that guest migrates: the VF is unplugged",
				      .actions = {NFP_DO_UNBIND},
				      .fit = NFP_FIT_PF,
				      .decides = true,
				      .like_first = NFP_STEP_DOWN,
				      .like_last = NFP_STEP_UNPLUG,
				      .if_early = NFP_STEP_VF_FIRST,
				      .needs = NFP_NEEDS_DRIVER},
};
