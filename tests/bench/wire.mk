# SPDX-License-Identifier: GPL-2.0-or-later
# What frames cost, sent and captured; `make bench-rate` and `make bench-capture` alone, or as part of `make bench`. Both need root.
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

bench: bench-rate bench-capture
