"""Where a webhook may go: to the public internet, unless the operator allowed an internal address."""

import ipaddress
import socket

from model.errors import BelowlineError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Where the addresses of hosts that anybody can reach are from. Elsewhere lie local networks, and
#: more disguises of IPv4 than Python knows.
_HANDED_OUT = ipaddress.ip_network("2000::/3")


class ForbiddenTarget(BelowlineError):
    """A webhook's address leads where it may not."""


def resolve(host: str, port: int, *, internal: bool) -> str:
    """Return the IP address at which a webhook's host is reached; refuse one of an internal network.

    What was looked at is what has to be connected to: a second look-up could
    have another answer.

    Raises
    ------
    ForbiddenTarget
        If the host has an address that is not of the public net, and is not allowed to.
    OSError
        If the host has none.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not internal and (private := [address for address in found if not is_public(address)]):
        raise ForbiddenTarget(f"{private[0]} is not a public address")
    return found[0]


def is_public(written: str) -> bool:
    """Return whether an IP address is public."""
    address = ipaddress.ip_address(written.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in disguise is looked at as what it is.
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if address not in _HANDED_OUT:
            return False
    return address.is_global and not address.is_multicast
