# SPDX-License-Identifier: GPL-2.0-or-later
# make bench-peers [ROUNDS=3]: a capture beside those of tcpdump and netsniff-ng, which tests/bench/setup installs; needs root.
# Part of `make bench`.
ROUNDS ?= 3

$(BUILD)/tests/bench/peer: $(BUILD)/tests/bench/peer.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

.PHONY: bench-setup bench-peers
bench-setup:
	$(Q)tests/bench/setup

bench-peers: $(BUILD)/tests/bench/peer $(BUILD)/nfprobe bench-setup
	$(Q)tests/bench/peers.py $(BUILD) $(ROUNDS)

bench: bench-setup bench-peers
