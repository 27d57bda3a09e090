"""Text as numbers: words, a vocabulary, arrays of ids, and folds that keep equal texts together."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np

from coursepkg.arguments import generator, whole_number

PADDING, UNKNOWN = 0, 1  # the ids that no item of a vocabulary has
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")  # letters and digits, and apostrophes between them
NEGATIONS = frozenset((
    "not", "no", "never", "nothing", "none", "nobody", "nowhere", "neither", "nor", "cannot",
    # n't without its apostrophe, as people type it
    "aint", "arent", "cant", "couldnt", "didnt", "doesnt", "dont", "hadnt", "hasnt", "havent",
    "isnt", "shouldnt", "wasnt", "werent", "wont", "wouldnt",
))  # fmt: skip


def words(text):
    """The words of `text`, a list of str in lower case, in order.

    A word is a run of letters or digits. An apostrophe between two of them belongs to the word, so
    that "don't" is one, and a curly apostrophe becomes a straight one. Everything else separates.
    Digits stay, since "10/10" is an opinion. Raises TypeError if text is not a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    return WORD.findall(text.lower().replace("’", "'"))


def vocabulary(sequences, at_least=1):
    """A dict {item: id} of the items that occur at least `at_least` times in all sequences.

    A sequence is a list of words, whose items are words, or a str, whose items are letters. Ids
    count up from 2, the most frequent item first, ties in alphabetical order: 0 is PADDING, and 1
    is UNKNOWN. Raises TypeError if sequences or at_least is of another kind, ValueError if
    at_least is below 1.
    """
    at_least = whole_number(at_least, "at_least", low=1)
    counts = Counter(chain.from_iterable(_sequences(sequences)))
    kept = [item for item in counts if counts[item] >= at_least]
    kept.sort(key=lambda item: (-counts[item], item))
    return {item: number for number, item in enumerate(kept, start=UNKNOWN + 1)}


def encode(sequences, vocabulary):
    """The ids of all items: int64 of shape (batch, longest), a row for each sequence.

    A row ends in PADDING where its sequence is shorter than the longest, and an item that is not in
    the vocabulary is UNKNOWN. An empty sequence becomes one UNKNOWN, so that no row is all padding.
    Sequences are as in `vocabulary`. Raises TypeError if an argument is of another kind, ValueError
    if there is no sequence or an id in the vocabulary is not a whole number of at least 2.
    """
    sequences = _sequences(sequences)
    if not sequences:
        raise ValueError("sequences must hold at least one sequence, got none")
    if not isinstance(vocabulary, Mapping):
        raise TypeError(f"vocabulary must be a dict of ids, got {type(vocabulary).__name__}")
    for item, number in vocabulary.items():
        whole_number(number, f"vocabulary[{item!r}]", low=UNKNOWN + 1)
    rows = [[vocabulary.get(item, UNKNOWN) for item in each] or [UNKNOWN] for each in sequences]
    ids = np.full((len(rows), max(map(len, rows))), PADDING, dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    return ids


def grouped_folds(keys, count, rng):
    """Split range(len(keys)) at random into `count` folds; equal keys are in the same fold.

    Returns a list of `count` arrays of indices, each sorted and not empty. The groups of equal keys
    are shuffled, and the largest first, each goes into the fold that is smallest so far (Graham,
    1969). So the sizes of two folds differ by at most the size of the largest group, and by at most
    1 as long as enough keys are unlike all others. Raises TypeError if a key cannot be hashed, as
    no list can, or an argument is of another kind; ValueError if count is below 2 or there are
    fewer different keys.
    """
    count = whole_number(count, "count", low=2)
    groups = {}
    try:
        for i, key in enumerate(keys):
            groups.setdefault(key, []).append(i)
    except TypeError as error:
        raise TypeError(f"keys must be a list of str or of tuples of str: {error}") from None
    if len(groups) < count:
        raise ValueError(f"keys must hold {count} different keys or more, got {len(groups)}")
    groups = list(groups.values())
    shuffled = [groups[i] for i in generator(rng).permutation(len(groups))]
    folds = [[] for _ in range(count)]
    for group in sorted(shuffled, key=len, reverse=True):  # groups of one size stay shuffled
        min(folds, key=len).extend(group)
    return [np.array(sorted(fold), dtype=np.int64) for fold in folds]


def has_negation(words):
    """Whether a list of lower-case words holds one that negates: in NEGATIONS, or ending in n't.

    "Without" is not in NEGATIONS, since it negates a noun and not the sentence ("without a doubt"),
    nor is "hardly", which is weaker. Raises TypeError if words is not a list of str.
    """
    _check_sequence(words, "words", list | tuple, "a list of words")
    return any(word in NEGATIONS or word.endswith("n't") for word in words)


def _sequences(value):
    """`value` as a list of sequences, each a str or a list of str."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        kind = type(value).__name__
        raise TypeError(f"sequences must be a list of str or of lists of words, got {kind}")
    sequences = list(value)
    for i, sequence in enumerate(sequences):
        _check_sequence(sequence, f"sequences[{i}]", str | list | tuple, "a str or a list of words")
    return sequences


def _check_sequence(value, name, kinds, expected):
    if not isinstance(value, kinds):
        raise TypeError(f"{name} must be {expected}, got {type(value).__name__}")
    for item in value:
        if not isinstance(item, str):
            raise TypeError(f"{name} must hold str only, got {item!r}")
