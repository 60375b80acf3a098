"""Addresses of the network in one spelling each, and whom they are counted as."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

HOUSE = 64
"""Bits of an IPv6 address that a provider gives out at once; the others its owner makes up."""


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address as a header or a socket says it, with or without a port or a zone; None for what is none."""
    text = text.strip().removeprefix("[").partition("]")[0].partition("%")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def counted_as(address: str) -> str:
    """Whose tries count together: an IPv4 address, the house of an IPv6 address; empty for nobody that is known."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, HOUSE), strict=False))
    return str(found or "")
