"""Words, vocabularies, ids and folds: examples by hand, and what must hold of all of them."""

import collections

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.text import (
    PADDING,
    UNKNOWN,
    encode,
    grouped_folds,
    has_negation,
    vocabulary,
    words,
)

sequences = st.lists(st.text("abcd", max_size=6), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't buy it!!!Really.", ["don't", "buy", "it", "really"]),
        ("it\N{RIGHT SINGLE QUOTATION MARK}s", ["it's"]),
        ("the 'worst' dogs' food, rock'n'roll", ["the", "worst", "dogs", "food", "rock'n'roll"]),
        ("10/10 for clichés", ["10", "10", "for", "clichés"]),
        ("well-made\tsnake_case\nA&B", ["well", "made", "snake", "case", "a", "b"]),
        ("... '' ''' !", []),
        ("", []),
    ],
)
def test_words_by_hand(text, expected):
    assert words(text) == expected


@given(
    st.text(
        "aB3é\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}Σ'\N{RIGHT SINGLE QUOTATION MARK}_-. \t\n"
    )
)
def test_words_of_words_are_the_same_words(text):
    found = words(text)
    assert all(word == word.lower() and not any(map(str.isspace, word)) for word in found)
    assert words(" ".join(found)) == found


def test_a_vocabulary_by_hand():
    sentences = [["b", "a", "c"], ["b", "a"], ["b", "d", "b"]]
    assert list(vocabulary(sentences).items()) == [("b", 2), ("a", 3), ("c", 4), ("d", 5)]
    assert vocabulary(sentences, at_least=2) == {"b": 2, "a": 3}
    assert vocabulary(["anna", "bob"]) == {"a": 2, "b": 3, "n": 4, "o": 5}
    assert vocabulary(iter(["anna"])) == {"a": 2, "n": 3}
    assert vocabulary([]) == vocabulary([[], ""]) == {}


@given(sequences, st.integers(1, 4))
def test_a_vocabulary_counts_across_all_sequences(sequences, at_least):
    counts = collections.Counter("".join(sequences))
    found = vocabulary(sequences, at_least)
    assert set(found) == {item for item in counts if counts[item] >= at_least}
    assert list(found.values()) == list(range(2, 2 + len(found)))
    ranks = [(-counts[item], item) for item in found]
    assert ranks == sorted(ranks)


def test_ids_by_hand():
    ids = encode([["good", "film"], [], ["good", "old", "film", "!"]], {"good": 2, "film": 7})
    assert ids.dtype == np.int64
    assert ids.tolist() == [[2, 7, 0, 0], [1, 0, 0, 0], [2, 1, 7, 1]]
    assert (PADDING, UNKNOWN) == (0, 1)


@given(sequences, st.integers(1, 3))
def test_ids_lead_back_to_the_items(sequences, at_least):
    known = vocabulary(sequences, at_least)
    item = {number: item for item, number in known.items()}
    ids = encode(sequences, known)
    assert ids.shape == (len(sequences), max(1, *map(len, sequences)) if sequences else 0)
    for row, sequence in zip(ids, sequences, strict=True):
        length = max(1, len(sequence))
        assert (row[:length] != PADDING).all()
        assert (row[length:] == PADDING).all()
        read = [item.get(number, "?") for number in row[:length].tolist()]
        assert read == [each if each in known else "?" for each in sequence] or not sequence


@given(st.lists(st.integers(0, 9), min_size=1), st.integers(2, 5), st.integers(0, 9))
def test_folds_are_a_partition_that_keeps_equal_keys_together(keys, count, seed):
    if len(set(keys)) < count:
        with pytest.raises(ValueError, match="different keys or more"):
            grouped_folds(keys, count, np.random.default_rng(seed))
        return
    folds = grouped_folds(keys, count, np.random.default_rng(seed))
    assert len(folds) == count
    assert sorted(np.concatenate(folds).tolist()) == list(range(len(keys)))
    assert all((np.diff(fold) > 0).all() for fold in folds)
    homes = [{keys[i] for i in fold} for fold in folds]
    assert sum(map(len, homes)) == len(set(keys))
    sizes = [len(fold) for fold in folds]
    assert max(sizes) - min(sizes) <= max(collections.Counter(keys).values())
    assert min(sizes) > 0


def test_folds_are_of_one_size_where_most_keys_are_unlike():
    keys = [*"aaaabbbbccdd", *range(90)]
    for seed in range(5):
        sizes = [len(fold) for fold in grouped_folds(keys, 5, np.random.default_rng(seed))]
        assert sorted(sizes) == [20, 20, 20, 21, 21]


def test_folds_are_random_and_seeded():
    keys = [("a", "b"), ("a", "b"), *range(98)]
    first, again, other = (grouped_folds(keys, 5, np.random.default_rng(s)) for s in (3, 3, 4))
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert any(not np.array_equal(*pair) for pair in zip(first, other, strict=True))
    # Where a key is in the list does not settle its fold: neither blocks nor every fifth.
    for fold in first:
        assert len(set(np.diff(fold))) > 2
        assert np.ptp(fold) > 50


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("This is not good", True),
        ("It DIDN'T work", True),
        ("it didn\N{RIGHT SINGLE QUOTATION MARK}t work", True),
        ("you cant and you dont", True),
        ("No.", True),
        ("Nobody came, nowhere to go, nothing to see", True),
        ("I want to notice a nominee in November", False),
        ("without a doubt, it hardly matters", False),
        ("", False),
    ],
)
def test_negations_by_hand(sentence, expected):
    assert has_negation(words(sentence)) is expected


@pytest.mark.parametrize(
    "word",
    "not no never nothing none nobody nowhere neither nor cannot can't won't dont".split(),  # noqa: SIM905
)
def test_each_negation_counts_by_itself(word):
    assert has_negation(["it", word, "is"])
    assert not has_negation(["it", word + "x", "is"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda rng: words(None), TypeError, "text must be a str, got NoneType"),
        (lambda rng: words(["a b"]), TypeError, "text must be a str, got list"),
        (lambda rng: vocabulary("anna"), TypeError, "sequences must be a list of str or of lists"),
        (lambda rng: vocabulary(3), TypeError, "sequences must be a list .*, got int"),
        (lambda rng: vocabulary(["a", 3]), TypeError, r"sequences\[1\] must be a str or a list"),
        (
            lambda rng: vocabulary([["a", 3]]),
            TypeError,
            r"sequences\[0\] must hold str only, got 3",
        ),
        (lambda rng: vocabulary(["a"], 0), ValueError, "at_least must be at least 1, got 0"),
        (lambda rng: vocabulary(["a"], 1.5), TypeError, "at_least must be a whole number"),
        (lambda rng: encode([], {"a": 2}), ValueError, "sequences must hold at least one"),
        (lambda rng: encode("anna", {"a": 2}), TypeError, "sequences must be a list of str"),
        (lambda rng: encode(["a"], ["a"]), TypeError, "vocabulary must be a dict of ids, got list"),
        (lambda rng: encode(["a"], {"a": 1}), ValueError, r"vocabulary\['a'\] must be at least 2"),
        (lambda rng: encode(["a"], {"a": 2.5}), TypeError, r"vocabulary\['a'\] must be a whole"),
        (lambda rng: grouped_folds("abc", 1, rng), ValueError, "count must be at least 2, got 1"),
        (lambda rng: grouped_folds("abc", 2.0, rng), TypeError, "count must be a whole number"),
        (lambda rng: grouped_folds("aab", 3, rng), ValueError, "keys must hold 3 different keys"),
        (
            lambda rng: grouped_folds([["a"], ["b"]], 2, rng),
            TypeError,
            "keys must be a list of str",
        ),
        (lambda rng: grouped_folds(3, 2, rng), TypeError, "keys must be a list of str"),
        (lambda rng: grouped_folds("abc", 2, 0), TypeError, "rng must be a numpy.random.Generator"),
        (lambda rng: has_negation("not"), TypeError, "words must be a list of words, got str"),
        (lambda rng: has_negation([3]), TypeError, "words must hold str only, got 3"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, message):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(error, match=message):
        call(rng)
    assert rng.bit_generator.state == before
