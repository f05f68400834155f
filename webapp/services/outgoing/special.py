"""Addresses that are no place on the public internet, or hold secrets of the machine that asks."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # most clouds
            "169.254.170.2",  # containers
            "169.254.170.23",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fe80::a9fe:a9fe",
        ),
    )
)
"""Where clouds hand out a machine's passwords; never called, whatever the administrator allows."""

# https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast
SPECIAL_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
GLOBAL_6 = ip_network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry: tunnels, tests and documents within the former
SPECIAL_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))
EMBEDS_4 = tuple(map(ip_network, ("::ffff:0:0/96", "64:ff9b::/96")))
"""IPv6 addresses by which an IPv4 one is reached, which is in their last 32 bits."""


def is_metadata(text: str) -> bool:
    """Whether an address, as the resolver gives it, hands out secrets of this machine."""
    return _plain(text) in METADATA


def is_special(text: str) -> bool:
    """Whether an address, as the resolver gives it, is anything but a place on the public internet."""
    address = _plain(text)
    if address in METADATA:
        return True
    if isinstance(address, IPv4Address):
        return any(address in network for network in SPECIAL_4)
    return address.scope_id is not None or address not in GLOBAL_6 or any(address in each for each in SPECIAL_6)


def _plain(text: str) -> IPv4Address | IPv6Address:
    """The address, or the IPv4 one that it leads to."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and any(address in network for network in EMBEDS_4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
