# SPDX-License-Identifier: GPL-2.0-or-later
# make bench [ROUNDS=3]: what a frame and a ladder cost (README.md); needs root. Installs what it compares nfprobe with, where there is apt.
ROUNDS ?= 3

$(BUILD)/tests/bench/peer: $(BUILD)/tests/bench/peer.o $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) -pthread

$(BUILD)/tests/bench/bench_ladder: $(BUILD)/tests/bench/bench_ladder.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

$(BUILD)/tests/bench/qemu_guest: $(BUILD)/tests/bench/qemu_guest.o
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^

bench: $(BUILD)/nfprobe $(BUILD)/tests/bench/peer $(BUILD)/tests/bench/bench_ladder $(BUILD)/tests/bench/qemu_guest
	$(Q)! command -v apt-get >/dev/null || bash -c '. scripts/lib/all.sh && packages_need bench'
	$(Q)tests/bench/bench.py $(BUILD) $(ROUNDS)
	$(Q)tests/bench/bench_audit.py $(BUILD) $(ROUNDS)
	$(Q)NFPROBE=$(abspath $(BUILD)/nfprobe) bats -F tap tests/bench/hook.bats | grep -v '^1\.\.\|^ok'
