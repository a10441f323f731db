# SPDX-License-Identifier: GPL-2.0-or-later
# Probes NICs in memory, for tests/python/test_memnic.py and for make same.

$(BUILD)/tests/memnic/memprobe: $(BUILD)/tests/memnic/memprobe.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

# make same OLD=REV [RUNS=2500] [SEED=1] [KEYS=answers] [OLD_ADDS=..] [NEW_ADDS=..]: which answers differ from those of commit REV, which
# is built beside this one, key by key; of these keys, with these options on one side alone.
RUNS ?= 2500
SEED ?= 1
.PHONY: same
same: $(BUILD)/tests/memnic/memprobe
	$(Q)old=$$(git rev-parse --verify --short '$(OLD)^{commit}') && folder=$(BUILD)/same/$$old && \
	{ [ -d $$folder ] || { mkdir -p $$folder && git archive $$old | tar -x -C $$folder; }; } && \
	$(MAKE) -s -C $$folder BUILD=build build/tests/memnic/memprobe >&2 && \
	tests/memnic/same $$folder/build/tests/memnic/memprobe $< $(RUNS) $(SEED) '$(KEYS)' '$(OLD_ADDS)' '$(NEW_ADDS)'
