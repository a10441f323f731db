#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# scripts/check lint compares the lists of drivers: a source of two drivers, and a table and a manual that agree with it.

# shellcheck disable=SC2154 # set by the library
setup() {
	load lib/common
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p net/ethernet/acme/anvil net/ethernet/zenith
	cat >net/ethernet/acme/anvil/main.c <<-'END'
		static int anvil_set_mac(struct net_device *dev, int vf,
					 u8 *mac);
		static int
		anvil_set_mac(struct net_device *dev, int vf, u8 *mac)
		{
			return anvil_called(dev);
		}
		static void anvil_set_list(struct net_device *dev)
		{
			netdev_for_each_uc_addr(ha, dev)
				anvil_called(dev);
		}
		static const struct net_device_ops ops = {
			.ndo_set_vf_mac = anvil_set_mac,
			.ndo_get_vf_config	= anvil_get,
		};
		dev->priv_flags |= IFF_UNICAST_FLT;
	END
	echo '	.sriov_configure = zenith_sriov,' >net/ethernet/zenith/main.c
	cat >table <<-'END'
		/* anvil_set_mac: at once. */
		DRIVER(anvil, "1", "come=assign+reset+driver+up go=clear arb=both")
		SOURCE(anvil, "ethernet/acme", "", "anvil_set_mac")
		SOURCE(zenith, "ethernet/zenith/main.c", "no-vf-operations no-vf-config no-unicast-filter", "")
		GONE("anvil_old")
	END
	echo '{.name = "anvil", .own_port = true, .writes = {NFP_WRITES_AT_ONCE, "anvil_set_mac"}, .rewrites = "anvil_set_list"},' >rows
	printf '.SH DRIVERS\n.TS\nx\n_\nanvil\tT{\nSAFE, both\nT}\tEARLY\t9.9\nzenith\tcannot run\tcannot run\t9.9\n.TE\n.SH LIMITS\n' >manual
}

# held SAYS...: the check fails and says each of them, one a line, and nothing else; without any, it passes.
held() {
	run "$top/scripts/lib/drivers.py" table rows manual net 9.9
	[ "$output" = "$(printf '%s\n' "$@")" ] || { echo "$output"; return 1; }
	[ "$status" = $(($# > 0)) ]
}

@test "a table that agrees with the source passes" {
	held
}

@test "a function that the source does not have" {
	sed -i 's/"anvil_set_mac"/"anvil_called anvil_put_mac anvil_set_mac"/' table
	held "anvil: no function anvil_called in ethernet/acme" "anvil: no function anvil_put_mac in ethernet/acme"
	sed -i 's/"anvil_called.*"/"anvil_set_mac"/; s/anvil_set_mac: at/anvil_put_mac: at/' table
	held "a comment names anvil_put_mac, which the source does not have"
}

@test "a function that is said to write a whole list, and goes through none, or is not there" {
	sed -i s/netdev_for_each_uc_addr.*// net/ethernet/acme/anvil/main.c
	held "anvil: anvil_set_list goes through no list"
	sed -i s/anvil_set_list/anvil_put_list/ rows
	held "anvil: no function anvil_put_list, which is said to write its whole list anew"
	sed -i 's/rewrites/adds_one/' rows
	held "anvil: no function anvil_put_list, which is said to write one address alone" "no row says which driver writes its whole list anew"
}

@test "a function that writes by a timer, or that the source does not have" {
	sed -i 's/return anvil_called(dev);/return mod_timer(dev, HZ);/' net/ethernet/acme/anvil/main.c
	held "anvil: anvil_set_mac waits for a timer, and is said not to: mod_timer"
	sed -i s/AT_ONCE/TIMED/ rows
	held
	sed -i s/anvil_set_mac/anvil_put_mac/ rows
	held "anvil: no function anvil_put_mac, which is said to show when it writes"
	: >rows
	held "no row says when its driver writes" "no row says which driver writes its whole list anew"
}

@test "a driver that the table lacks" {
	local operation
	for operation in ndo_set_vf_mac ndo_fdb_add ndo_fdb_del sriov_configure; do
		echo "	.$operation	= burin_do," >net/ethernet/burin.c
		held "ethernet/burin.c has $operation, and no row: a driver that the table lacks"
	done
}

@test "a driver that the manual lacks, and one that only the manual has" {
	sed -i 's/^zenith/burin/' manual
	held "zenith has a row in the table, and none in the manual" "burin has a row in the manual, and none in the table"
}

@test "a file, a fact or a name that is no longer so" {
	sed -i 's#"ethernet/acme"#"ethernet/acme ethernet/ajax"#' table
	held "anvil: the source has no ethernet/ajax"
	sed -i 's# ethernet/ajax", ""#", "no-unicast-filter"#' table
	held "anvil: no-unicast-filter is not true of ethernet/acme"
	sed -i 's#"no-unicast-filter"#""#' table
	sed -i '/IFF_UNICAST_FLT/d' net/ethernet/acme/anvil/main.c
	held "anvil: no-unicast-filter is true of ethernet/acme"
	echo 'dev->priv_flags |= IFF_UNICAST_FLT; anvil_old();' >>net/ethernet/acme/anvil/main.c
	held "anvil_old is said to be gone, and the source has it"
}

@test "a verdict of the manual that does not follow from the driver's keys, and one of another version" {
	sed -i 's/SAFE, both/DEAF/' manual
	held "anvil: by its keys anvil is SAFE in the style macvtap, not DEAF"
	sed -i 's/DEAF/SAFE/; s/EARLY\t9.9/EARLY\t9.8/' manual
	held "anvil: it says 9.8, and the source is that of Linux 9.9"
	sed -i 's/9\.8/9.9/; s/cannot run\tcannot/SAFE\tcannot/' manual
	held "zenith has no operations of VFs, and the manual does not say that it cannot run"
}

@test "no source, or no row, proves nothing" {
	rm -r net/ethernet
	run "$top/scripts/lib/drivers.py" table manual net 9.9
	[ "$status" = 1 ]
	setup
	sed -i /SOURCE/d table
	run "$top/scripts/lib/drivers.py" table manual net 9.9
	[ "$status" = 1 ]
}
