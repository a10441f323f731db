# SPDX-License-Identifier: GPL-2.0-or-later
# The ladder in virtual time; `make bench-ladder` alone, or as part of `make bench`.
# make bench-memory: what memory it takes, one and many, at length and at a high rate: a step keeps the records of its frames
# until it is over, and 60 s is the longest settling time.
$(BUILD)/tests/bench/bench_ladder: $(BUILD)/tests/bench/bench_ladder.o $(BUILD)/libmemnic.a $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(BUILD)/libnfprobe.a $(lib_libs) -pthread

.PHONY: bench-ladder bench-memory
bench-ladder: $(BUILD)/tests/bench/bench_ladder
	$(Q)$< 10000 1000
	$(Q)$< 10000 100

bench-memory: $(BUILD)/tests/bench/bench_ladder
	$(Q)for shape in "1 1000 2" "200 1000 2" "1 1000 60" "1 10000 2" "200 10000 2"; do $< $$shape || exit; done

bench: bench-ladder bench-memory
