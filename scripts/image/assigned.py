# SPDX-License-Identifier: GPL-2.0-or-later
"""assigned.py --from WHERE [OPTION]...: probes the VF that the SR-IOV device plugin has given to this container, and touches no other,
which the scheduler may give away at any time. The options are nfprobe's."""

import os
import re
import sys

SYS = os.environ.get("NFPROBE_SYS", "/sys")
# Options of nfprobe that take no other VF by themselves.
KNOWN = {"--from", "--id", "--style", "--mac", "--vlan", "--rate", "--settle", "--timeout", "--json", "--json-stream", "--save",
         "--allow", "--gap-limit", "--require", "--skip", "-v", "-q"}


def assigned(environ):
    """The only address in PCIDEVICE_*; PCIDEVICE_*_INFO has the same devices in JSON."""
    found = {address for name, value in environ.items() if name.startswith("PCIDEVICE_") and not name.endswith("_INFO")
             for address in value.split(",") if address}
    if len(found) != 1:
        names = ", ".join(sorted(found)) or "no PCIDEVICE_*"
        raise ValueError(f"the device plugin has given this container {len(found)} devices ({names}): request one VF")
    return found.pop()


def pf_and_number(address):
    device = f"{SYS}/bus/pci/devices/{address}"
    if not os.path.exists(f"{device}/physfn"):
        raise ValueError(f"{address} is not a VF, or /sys is not the host's")
    for name in os.listdir(f"{device}/physfn"):
        number = re.fullmatch(r"virtfn(\d+)", name)
        if number and os.path.basename(os.path.realpath(f"{device}/physfn/{name}")) == address:
            try:
                return min(os.listdir(f"{device}/physfn/net")), number[1]
            except (OSError, ValueError):
                raise ValueError(f"the PF of {address} has no netdev here: the pod needs hostNetwork") from None
    raise ValueError(f"the PF of {address} does not list it")


def need_no_other_vf(options):
    """Abbreviations and what else nfprobe takes are refused with the rest: what is not known to leave other VFs alone may not."""
    names = [option.partition("=")[0] for option in options if option.startswith("-")]
    values = [value for option in options for value in (option.partition("=")[2] if option.startswith("-") else option).split(",")]
    unknown = sorted(set(names) - KNOWN)
    if unknown or names.count("--from") != 1 or any(value in ("auto", "all") or value.startswith("vf") for value in values):
        asked = " ".join(unknown) or "no source (--from arp, --from IFACE, --from peer), or a source, style or neighbour that is a VF"
        raise ValueError(f"{asked}: nfprobe may take another idle VF, which may be given to a pod meanwhile")


def main(options):
    try:
        need_no_other_vf(options)
        pf, number = pf_and_number(assigned(os.environ))
    except (OSError, ValueError) as error:
        print(f"assigned.py: {error}", file=sys.stderr)
        return 4  # as nfprobe where it cannot run
    return os.execvp("nfprobe", ["nfprobe", pf, "--vf", number, "--skip", "fix", *options])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
