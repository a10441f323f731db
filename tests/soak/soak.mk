# SPDX-License-Identifier: GPL-2.0-or-later
# make soak-memory [COUNT=1000000] [SEED=0]: NICs in memory, drawn by lot, against the truth about them.
COUNT ?= 1000000
SEED ?= 0

$(BUILD)/tests/soak/memory: $(BUILD)/tests/soak/memory.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

.PHONY: soak-memory
soak-memory: $(BUILD)/tests/soak/memory
	$(Q)$< $(COUNT) $(SEED)

$(BUILD)/tests/soak/recording: $(BUILD)/tests/soak/recording.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

$(BUILD)/tests/soak/accuracy: $(BUILD)/tests/soak/accuracy.o $(BUILD)/tests/netns/net.o $(BUILD)/tests/netns/relay.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread
