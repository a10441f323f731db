# SPDX-License-Identifier: GPL-2.0-or-later
# The cost of frames, sent and captured; `make bench-rate` and `make bench-capture` alone, or as part of `make bench`. Both need root.
$(BUILD)/tests/bench/bench_capture: $(BUILD)/tests/bench/bench_capture.o $(BUILD)/tests/netns/net.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

# Side by side with trafgen, which tests/bench/setup installs.
.PHONY: bench-rate
bench-rate: $(BUILD)/tests/bench/peer $(BUILD)/nfprobe bench-setup
	$(Q)tests/bench/peers.py $(BUILD) 7 send

# 200,000 frames a second to two receivers, beside the netdevs' own counters.
.PHONY: bench-capture
bench-capture: $(BUILD)/tests/bench/bench_capture
	$(Q)$<

bench: bench-rate bench-capture
