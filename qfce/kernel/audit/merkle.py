"""
Merkle trees over hashed rows: one root seals many, and a short proof shows one inside.

The tree is that of RFC 9162, section 2.1: leaves and nodes are hashed with different
prefixes, so that neither can pass for the other, and a last odd node moves up unpaired,
so that no list of leaves has another one's root. The hash is SHA-256 or SM3
(GB/T 32905-2016).
"""

from collections.abc import Sequence
from enum import StrEnum

from cryptography.hazmat.primitives import hashes

LEAF = b"\x00"
NODE = b"\x01"


class HashAlgorithm(StrEnum):
    SHA256 = "sha256"
    SM3 = "sm3"


_HASHES: dict[HashAlgorithm, type[hashes.SHA256] | type[hashes.SM3]] = {
    HashAlgorithm.SHA256: hashes.SHA256,
    HashAlgorithm.SM3: hashes.SM3,
}


def leaf_hash(content: bytes, algorithm: HashAlgorithm) -> bytes:
    """Return the 32-byte hash under which a row's bytes enter the tree."""
    return _hash(LEAF + content, algorithm)


def root_of(leaves: Sequence[bytes], algorithm: HashAlgorithm) -> bytes:
    """
    Return the root over leaf hashes, in their order.

    The root of no leaves is the hash of nothing.
    """
    if not leaves:
        return _hash(b"", algorithm)
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level, algorithm)
    return level[0]


def inclusion_proof(
    leaves: Sequence[bytes], index: int, algorithm: HashAlgorithm
) -> tuple[bytes, ...]:
    """
    Return the neighbors on the way from one leaf to the root, nearest to the leaf first.

    :raises IndexError: if there is no such leaf; `index` counts from 0.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"There is no leaf {index} among {len(leaves)}.")
    level, neighbors = list(leaves), []
    while len(level) > 1:
        neighbor = index ^ 1
        if neighbor < len(level):
            neighbors.append(level[neighbor])
        level, index = _level_above(level, algorithm), index >> 1
    return tuple(neighbors)


def includes(
    root: bytes,
    leaf: bytes,
    *,
    index: int,
    size: int,
    proof: Sequence[bytes],
    algorithm: HashAlgorithm,
) -> bool:
    """
    Test whether a proof leads from a leaf to the root of a tree of `size` leaves.

    Nothing but the arguments is needed, so that an auditor can repeat it elsewhere.
    """
    if not 0 <= index < size:
        return False
    node, last, neighbors = leaf, size - 1, list(proof)
    while last:
        if index != last or index & 1:  # otherwise this node moved up unpaired
            if not neighbors:
                return False
            neighbor = neighbors.pop(0)
            left, right = (neighbor, node) if index & 1 else (node, neighbor)
            node = _node_hash(left, right, algorithm)
        index, last = index >> 1, last >> 1
    return not neighbors and node == root


def _level_above(level: list[bytes], algorithm: HashAlgorithm) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [_node_hash(left, right, algorithm) for left, right in pairs]
    return above + level[-1:] if len(level) % 2 else above


def _node_hash(left: bytes, right: bytes, algorithm: HashAlgorithm) -> bytes:
    return _hash(NODE + left + right, algorithm)


def _hash(content: bytes, algorithm: HashAlgorithm) -> bytes:
    digest = hashes.Hash(_HASHES[algorithm]())
    digest.update(content)
    return digest.finalize()
