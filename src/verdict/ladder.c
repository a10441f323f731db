// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/result.h"

/*
 * control sends to X while nobody holds it. From `standby` to `reassign` the PF holds X (`alone`
 * lets it go and takes it back). An unplugged VF is unbound without being set down first: that is
 * what taking the device away does.
 *
 * How long each step is watched. A NIC may act on a change at any time up to the settling time
 * after it. Once a step was watched in full, everything that its changes do has been done, and its
 * landing is the one that lasts. A step that ends sooner can go wrong in two ways: what its own
 * change does late is not seen in it, and is taken for the doing of the next step instead.
 *
 * - `control` changes nothing, so nothing can be late.
 * - `standby` has to be served, and not before its filter is there: only the filter can have served
 *   it if the PF did not take X in `control`. Otherwise it is watched in full.
 * - `detach` makes the change of `attach`, a reset of a VF that no driver is bound to. It ends
 * early only if the reset did nothing late in `attach`, and if frames land before and after it as
 * they did there. `clear` follows and is watched in full: what the reset does late after all shows
 *   there as a late change or as a landing that is not that of `standby`, unless clearing undoes
 * it.
 * - `reassign`, `vf-first-up` and `vf-first-unplug` repeat changes, too, but in another order or
 *   more quickly, and a NIC with a memory may act otherwise then. They end early only once `attach`
 *   (and for the last two `vf-first`) has shown EARLY: the verdict and its advice are then certain,
 *   whatever these steps show. After `reassign` the changes of `vf-first` are the same again, with
 *   another address, so what is late of `reassign` comes before what is late of `vf-first`.
 * - All others are watched in full. So `driver` and `down` must be: what binding does late would be
 *   taken for the doing of setting up, and what setting down does late for that of the unplug. And
 * so must `clear`: what it does late would undo the assignment of `reassign`.
 *
 * `alone` takes X off the PF and gives it back, after which nothing is as it was before: no step
 * ends early then. If the step behind one that ended early shows a surprise, the whole ladder is
 * climbed again with every step watched in full (brief.c).
 */
const struct nfp_ladder_row nfp_ladder[NFP_STEP_COUNT] = {
	[NFP_STEP_CONTROL] =
		{.step = NFP_STEP_CONTROL,
		 .meaning = "nobody holds the address: does the PF take unregistered unicast?",
		 .is_brief = true,
		 .listens = NFP_LISTENS_NOWHERE},
	[NFP_STEP_STANDBY] = {.step = NFP_STEP_STANDBY,
			      .meaning = "the PF holds the address: the path and the standby work",
			      .actions = {NFP_DO_HOLD, NFP_DO_ANNOUNCE},
			      .fit = NFP_FIT_PF,
			      .is_brief = true},
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
			    .actions = {NFP_DO_RELEASE},
			    .after = {NFP_DO_HOLD},
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
			       .actions = {NFP_DO_RELEASE, NFP_DO_NEW_ADDRESS, NFP_DO_ASSIGN,
					   NFP_DO_RESET, NFP_DO_HOLD, NFP_DO_ANNOUNCE},
			       .fit = NFP_FIT_PF,
			       .decides = true,
			       .change = NFP_DO_HOLD},
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
