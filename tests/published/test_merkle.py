"""compliance.published.merkle: the trees of RFC 6962."""

import hashlib

import pytest

from compliance.published.merkle import audit_path, build_levels, hash_leaf, root

# The test vectors of Certificate Transparency (github.com/transparency-dev/merkle): leaves, and the
# root for each number of leaves from none to eight.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MANY = [hash_leaf(str(number).encode()) for number in range(70)]


def head(hashes):
    """Return the root as the RFC defines it in section 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    pair = head(hashes[:half]) + head(hashes[half:])
    return hashlib.sha256(b"\x01" + pair).digest()


def path(index, hashes):
    """Return the audit path as the RFC defines it in section 2.1.1."""
    if len(hashes) == 1:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if index < half:
        return [*path(index, hashes[:half]), head(hashes[half:])]
    return [*path(index - half, hashes[half:]), head(hashes[:half])]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size):
    levels = build_levels([hash_leaf(leaf) for leaf in LEAVES[:size]])

    assert root(levels).hex() == ROOTS[size]


def test_roots_and_paths_of_every_size_are_those_that_the_rfc_defines():
    for size in range(1, len(MANY)):
        levels = build_levels(MANY[:size])
        assert root(levels) == head(MANY[:size])
        for index in {0, size // 2, size - 1}:
            assert audit_path(levels, index) == path(index, MANY[:size])
