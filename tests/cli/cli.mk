# SPDX-License-Identifier: GPL-2.0-or-later
# The library that tries from inside the program what it may not do (tests/cli/trespass.c), for LD_PRELOAD.
$(BUILD)/tests/cli/trespass.so: tests/cli/trespass.c tests/trespass.h $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) -std=gnu11 -Itests -D_GNU_SOURCE -O2 -g -Wall -Wextra $(if $(WERROR),-Werror) -fPIC -shared -o $@ $< -ldl

# A run as a person sees it on a terminal.
$(BUILD)/tests/cli/live: $(BUILD)/tests/cli/live.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread
