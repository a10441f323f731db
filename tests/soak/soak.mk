# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that scripts/soak and the tests of the command line make samples with.

$(BUILD)/tests/soak/recording: $(BUILD)/tests/soak/recording.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

$(BUILD)/tests/soak/adversary: $(BUILD)/tests/soak/adversary.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread
