"""Where a request comes from: what only proxies that are trusted may say, and whom an address is counted as."""

from ipaddress import ip_network

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from conduit import environment, peers
from eventstore.addresses import counted_as, estate_of

NGINX, FRONT, CLIENT, LIAR = "127.0.0.1", "10.0.0.5", "203.0.113.7", "198.51.100.99"
TRUSTED = [ip_network(NGINX), ip_network("10.0.0.0/8")]

CASES = {
    # what is trusted, whether behind TLS, the connection's address, X-Forwarded-For: the address
    "nobody is trusted: the connection's own": ((), False, CLIENT, LIAR, CLIENT),
    "nobody is trusted behind TLS: unknown": ((), True, CLIENT, LIAR, ""),
    "a trusted proxy": (TRUSTED, True, NGINX, CLIENT, CLIENT),
    "what a client wrote itself is further left": (TRUSTED, True, NGINX, f"{LIAR}, {CLIENT}", CLIENT),
    "as a client wrote it in many ways": (TRUSTED, True, NGINX, f"{LIAR},,127.0.0.1,{CLIENT}", CLIENT),
    "two trusted proxies": (TRUSTED, True, NGINX, f"{LIAR}, {CLIENT}, {FRONT}", CLIENT),
    "a client that claims to be one of ours": (TRUSTED, True, NGINX, f"{NGINX}, {CLIENT}", CLIENT),
    "whoever comes past the proxy": (TRUSTED, True, CLIENT, LIAR, CLIENT),
    "a proxy that says nothing": (TRUSTED, True, NGINX, "", ""),
    "a proxy that does not know": (TRUSTED, True, NGINX, f"{LIAR}, unknown", ""),
    "only our own machines": (TRUSTED, True, NGINX, FRONT, FRONT),
    "no address at all": (TRUSTED, True, NGINX, "\0, ' OR 1=1, ::gg", ""),
    "a socket of the file system": (["unix"], True, "", f"{LIAR}, {CLIENT}", CLIENT),
    "one that is not trusted": (TRUSTED, True, "", CLIENT, ""),
    "IPv4 in IPv6": (TRUSTED, True, f"::ffff:{NGINX}", f"::ffff:{CLIENT}", CLIENT),
    "with a port": (TRUSTED, True, NGINX, f"{LIAR}, {CLIENT}:4711", CLIENT),
    "IPv6 with a port": (TRUSTED, True, NGINX, "[2001:DB8::1]:4711", "2001:db8::1"),
    "in another spelling": (TRUSTED, True, NGINX, "2001:db8:0:0::0001", "2001:db8::1"),
}


def test_only_what_trusted_proxies_appended_is_believed_by_either_door(settings):
    wrong = []
    for name, (trusted, tls, remote, forwarded, address) in CASES.items():
        settings.TRUSTED_PROXIES, settings.BEHIND_TLS = trusted, tls
        headers = [(b"x-forwarded-for", part.encode()) for part in filter(None, forwarded.split(", "))]
        scope = {"headers": [*headers, (b"x_forwarded_for", LIAR.encode())]}
        if remote:
            scope["client"] = (remote, 4711)
        found = (
            peers.address({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}),
            peers.address_of(scope),
        )
        if found != (address, address):
            wrong.append(f"{name}: {found}, not {address!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_all_of_one_ipv6_network_are_one(address, whose):
    assert counted_as(address) == whose


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("2001:db8:1:2::1", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ("2001:db8:2::1", "2001:db8:2::/48"),
        ("203.0.113.7", ""),
        ("::ffff:203.0.113.7", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_all_networks_that_may_be_one_owner_s_are_one(address, whose):
    assert estate_of(address) == whose


@pytest.mark.parametrize("said", ["10.0.0.0/33", "proxy.example", "10.0.0.7/8", "10.0.0.7,*"])
def test_what_is_no_network_is_refused_in_words(said):
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES: .* It has addresses such as"):
        environment.proxies("TRUSTED_PROXIES", {"TRUSTED_PROXIES": said})


def test_a_list_of_networks_and_the_word_unix_is_understood():
    said = environment.proxies("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,::1,unix"})
    assert said == [*TRUSTED, ip_network("::1"), "unix"]
    assert environment.proxies("TRUSTED_PROXIES", {}) == []


def test_the_doctor_and_the_check_say_if_nobody_is_known(settings):
    found = []
    for tls, proxies in ((True, []), (True, TRUSTED), (False, [])):
        settings.BEHIND_TLS, settings.TRUSTED_PROXIES = tls, proxies
        found.append(
            [warning.id for warning in run_checks(include_deployment_checks=True)].count("conduit.W001")
        )
    assert found == [1, 0, 0]
