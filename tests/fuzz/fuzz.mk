# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz [FUZZ="frame accounting"] [FUZZ_SECONDS=10]: each tests/fuzz/fuzz_*.c for so long; TAP. Needs clang.
# Findings stay in $(BUILD)-san; seeds are in tests/fuzz/corpus.
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 10
fuzz_bin := $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(lib_libs) -pthread

.PHONY: fuzz fuzz-run
fuzz:
	$(Q)$(MAKE) BUILD=$(BUILD)-san CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link" SAN=1 fuzz-run

fuzz-run: $(fuzz_bin)
	$(Q)tests/fuzz/run $(FUZZ_SECONDS) $(BUILD) $(FUZZ)
