"""A password costs what OWASP asks, no more."""

from conduit.hashers import Argon2


def test_it_is_argon2id_with_19_mib_two_passes_and_one_lane():
    hasher = Argon2()
    encoded = hasher.encode("correct horse battery", hasher.salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("correct horse battery", encoded)
    assert not hasher.verify("incorrect horse battery", encoded)
    assert not hasher.must_update(encoded)
