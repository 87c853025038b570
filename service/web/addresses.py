"""Whose address a request comes from, as limits count it: by what one household or machine holds."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

#: Bits of an address that one subscriber has, and that whole networks share.
_SUBSCRIBER = {4: 32, 6: 64}
_NETWORK = {4: 24, 6: 48}


def caller() -> str:
    """Return who calls: an IPv4 address, or the /64 of an IPv6 one, of which one machine has them all."""
    return _part_of(request.remote_addr or "", _SUBSCRIBER)


def callers_network() -> str:
    """Return the network that the caller is in: a /24 of IPv4, a /48 of IPv6."""
    return _part_of(request.remote_addr or "", _NETWORK)


def _part_of(address: str, bits: dict[int, int]) -> str:
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        # A Unix socket has none.
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    size = bits[found.version]
    return str(found) if size == found.max_prefixlen else str(ip_network((found, size), strict=False))
