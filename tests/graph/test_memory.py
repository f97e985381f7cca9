"""What a step remembers of its nodes stays small and right."""

from __future__ import annotations

import random
import sys

import pytest

from loader.graph.hashing import Hasher, canonical
from loader.graph.known import KeySet, KnownNodes
from loader.model import Link, Record, Target


def test_known_nodes_behave_as_a_dict() -> None:
    rng = random.Random(7)
    known, expected = KnownNodes(), {}
    keys = [rng.getrandbits(64) for _ in range(20_000)]
    for number, key in enumerate(keys):
        known.add(key, number, number % 7)
        expected[key] = (number, number % 7)
    assert len(known) == len(expected)
    assert all(known.see(key) == (*expected[key], False) for key in keys[:5_000])
    assert all(known.see(key) == (*expected[key], True) for key in keys[:5_000])
    assert known.see(1) is None
    assert dict(known.unseen()) == {key: expected[key][1] for key in keys[5_000:]}
    known.add(keys[0], 99, 3, seen=True)
    assert known.see(keys[0]) == (99, 3, True)


def test_key_set_behaves_as_a_set() -> None:
    rng = random.Random(8)
    keys = [rng.getrandbits(64) for _ in range(5_000)]
    found = KeySet()
    assert all(found.add(key) for key in keys)
    assert not any(found.add(key) for key in keys)
    assert all(key in found for key in keys)
    assert 1 not in found


@pytest.mark.parametrize(("steps", "nodes", "bytes_a_node"), [(1, 200_000, 35), (1_000, 20, 60)])
def test_known_nodes_take_few_bytes(steps: int, nodes: int, bytes_a_node: int) -> None:
    rng = random.Random(9)
    many = [KnownNodes() for _ in range(steps)]
    for known in many:
        for number in range(nodes):
            known.add(rng.getrandbits(64), number, 0)
    arrays = [
        array
        for known in many
        for bucket in known._buckets.values()
        for array in (bucket.keys, bucket.values, bucket.scopes, bucket.marks)
    ]
    assert sum(map(sys.getsizeof, arrays)) / (steps * nodes) < bytes_a_node


def test_one_content_has_one_hash() -> None:
    hasher = Hasher("v1")
    links = (Link("HAS", Target("/a"), incoming=True), Link("USES", Target("/b"), properties={"b": 1, "a": 2}))
    one = Record("/k", "t", {"a": 1, "b": ["x", "y"]}, links)
    other = Record("/k", "t", {"b": ["x", "y"], "a": 1}, links[::-1])
    assert canonical(one) == canonical(other)
    described = Record(
        "/k",
        "t",
        one.properties,
        (links[0], Link("USES", Target("/b", "t", {"id": "/B"}), properties={"a": 2, "b": 1})),
    )
    assert canonical(described) == canonical(one), "what is said of the far end is not the record's own"
    changed = Record("/k", "t", {"a": 2, "b": ["x", "y"]}, links)
    assert hasher.digest(canonical(changed)) != hasher.digest(canonical(one))
    stored = hasher.stored(hasher.digest(canonical(one)))
    assert hasher.parse(stored) == hasher.digest(canonical(one))
    assert Hasher("v2").parse(stored) == 0
