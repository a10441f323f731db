// SPDX-License-Identifier: GPL-2.0-or-later
/* completion.c - run by make, never installed: writes the tables that a shell completes by. */
#include <stdio.h>
#include <stdlib.h>

#include "nfprobe/request.h"

int main(int argc, char **argv)
{
	if (argc != 2 || nfp_request_completion(argv[1], stdout) < 0) {
		fputs("usage: completion bash|zsh|fish\n", stderr);
		return EXIT_FAILURE;
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
