"""Addresses of the network in one spelling each, and whom they are counted as."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

HOUSE = 64
"""Bits of an IPv6 address that a provider gives out at once; the others its owner makes up."""

ESTATE = 48
"""Bits that all houses of one owner have in common: a line at home may come with 65,536 of them."""


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
    return _network(found, HOUSE) if isinstance(found, IPv6Address) else str(found or "")


def estate_of(address: str) -> str:
    """All houses together that may be one owner's; empty for any address that has no house."""
    found = parsed(address)
    return _network(found, ESTATE) if isinstance(found, IPv6Address) else ""


def _network(address: IPv6Address, bits: int) -> str:
    return str(ip_network((address, bits), strict=False))
