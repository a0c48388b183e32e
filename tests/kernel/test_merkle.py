import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from qfce.kernel.audit.merkle import (
    HashAlgorithm,
    includes,
    inclusion_proof,
    leaf_hash,
    root_of,
)

SHA256, SM3 = HashAlgorithm.SHA256, HashAlgorithm.SM3

# The test tree of the Certificate Transparency reference implementation (RFC 6962, the
# predecessor of RFC 9162, with the same hashing).
CONTENTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
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

rows = st.lists(st.binary(max_size=40), min_size=1, max_size=40)
algorithms = st.sampled_from(HashAlgorithm)


def leaves_of(contents, algorithm=SHA256):
    return [leaf_hash(content, algorithm) for content in contents]


@pytest.mark.parametrize("size", range(9))
def test_roots_agree_with_the_published_tree(size):
    assert root_of(leaves_of(CONTENTS[:size]), SHA256).hex() == ROOTS[size]


def test_sm3_is_the_standards_hash():
    published = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == published
    assert root_of([], SM3) != root_of([], SHA256)


def test_a_node_cannot_pass_for_a_leaf():
    left, right = leaves_of([b"a", b"b"])
    assert leaf_hash(left + right, SHA256) != root_of([left, right], SHA256)


def test_a_last_row_given_twice_changes_the_root():
    three = leaves_of([b"a", b"b", b"c"])
    assert root_of(three, SHA256) != root_of([*three, three[-1]], SHA256)


@pytest.mark.parametrize("index", [-1, 2])
def test_there_is_no_proof_for_a_row_that_is_not_there(index):
    with pytest.raises(IndexError, match="no leaf"):
        inclusion_proof(leaves_of([b"a", b"b"]), index, SHA256)


@given(rows, algorithms, st.data())
def test_every_row_can_be_proved(contents, algorithm, data):
    leaves = leaves_of(contents, algorithm)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index, algorithm)

    assert len(proof) <= (len(leaves) - 1).bit_length()
    assert includes(
        root_of(leaves, algorithm),
        leaves[index],
        index=index,
        size=len(leaves),
        proof=proof,
        algorithm=algorithm,
    )


@given(rows, st.data())
def test_a_changed_row_place_proof_or_root_is_not_proved(contents, data):
    leaves = leaves_of([bytes([n]) + row for n, row in enumerate(contents)])
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = root_of(leaves, SHA256), inclusion_proof(leaves, index, SHA256)
    size = len(leaves)

    def proved(root=root, leaf=leaves[index], index=index, proof=proof, algorithm=SHA256):
        return includes(root, leaf, index=index, size=size, proof=proof, algorithm=algorithm)

    assert not proved(leaf=leaf_hash(b"forged", SHA256))
    assert not proved(root=bytes(32))
    assert not proved(proof=(*proof, bytes(32)))
    assert not proved(index=size)
    if size > 1:
        assert not proved(index=(index + 1) % size)
        assert not proved(proof=proof[:-1])
        assert not proved(algorithm=SM3)
