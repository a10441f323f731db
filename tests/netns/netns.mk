# SPDX-License-Identifier: GPL-2.0-or-later
# make netns [NETNS="stream relay"]: the wire over veth pairs in a network namespace of its own.
# Each tests/netns/test_*.c is a program; the other sources here are what they share. Needs root.
NETNS ?= $(patsubst tests/netns/test_%.c,%,$(sort $(wildcard tests/netns/test_*.c)))
netns_bin := $(NETNS:%=$(BUILD)/tests/netns/test_%)
# lwIP as a neighbour, where it is installed.
lwip_cflags := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags lwip 2>/dev/null))
lwip_libs := $(shell $(PKG_CONFIG) --libs lwip 2>/dev/null)
netns_obj := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/netns/test_%,$(wildcard tests/netns/*.c)))

$(BUILD)/tests/netns/test_%: $(BUILD)/tests/netns/test_%.o $(netns_obj) $(BUILD)/libnfprobe.a
	@echo "  LD      $@"
	$(Q)$(CC) $(nfp_ldflags) $(LDFLAGS) -o $@ $^ $(lib_libs) $(test_libs) $(lwip_libs) -pthread

$(BUILD)/tests/netns/stack.o: nfp_cppflags += $(lwip_cflags)

netns: $(netns_bin:=.passes)
