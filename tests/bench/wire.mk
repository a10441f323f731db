# SPDX-License-Identifier: GPL-2.0-or-later
# What a frame costs; `make bench-wire` alone, or as part of `make bench`. The other two need root.
$(BUILD)/tests/bench/bench_wire: $(BUILD)/tests/bench/bench_wire.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

$(BUILD)/tests/bench/bench_rate: $(BUILD)/tests/bench/bench_rate.o $(BUILD)/tests/netns/net.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

$(BUILD)/tests/bench/bench_capture: $(BUILD)/tests/bench/bench_capture.o $(BUILD)/tests/netns/net.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

# Side by side with trafgen, which tests/bench/setup installs.
.PHONY: bench-rate
bench-rate: $(BUILD)/tests/bench/bench_rate bench-setup
	$(Q)$<

# 200,000 frames a second to two receivers, beside the netdevs' own counters.
.PHONY: bench-capture
bench-capture: $(BUILD)/tests/bench/bench_capture
	$(Q)$<

.PHONY: bench-wire
bench-wire: $(BUILD)/tests/bench/bench_wire
	$(Q)$<

bench: bench-wire bench-rate bench-capture
