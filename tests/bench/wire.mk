# SPDX-License-Identifier: GPL-2.0-or-later
# What a frame costs; `make bench-wire` alone, or as part of `make bench`. Needs root.
$(BUILD)/tests/bench/bench_wire: $(BUILD)/tests/bench/bench_wire.o $(BUILD)/tests/netns/net.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

.PHONY: bench-wire
bench-wire: $(BUILD)/tests/bench/bench_wire
	$(Q)$<

bench: bench-wire
