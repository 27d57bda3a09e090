"""The bundled texts: what was published, whole, in its order, and read in the right encoding."""

import re
import unicodedata

import numpy as np

from coursepkg.datasets import first_names, review_sentences
from coursepkg.text import words


def test_reviews_are_half_positive_from_each_source():
    sentences, labels = review_sentences()
    assert (labels.shape, labels.dtype) == ((3000,), np.int64)
    assert len(sentences) == 3000
    assert set(labels.tolist()) == {0, 1}
    assert labels.reshape(3, 1000).sum(axis=1).tolist() == [500, 500, 500]


def test_reviews_are_those_of_the_published_files():
    sentences, labels = review_sentences()
    for place, label, sentence in [
        (1, 1, "Good case, Excellent value."),
        (999, 0, "You can not answer calls with the unit, never worked once!"),
        (1999, 0, "All in all its an insult to one's intelligence and a huge waste of money."),
        (2000, 1, "Wow... Loved this place."),
    ]:
        assert (sentences[place], labels[place]) == (sentence, label)


def test_reviews_differ_as_their_description_says():
    sentences, labels = review_sentences()
    spoken = [tuple(words(sentence)) for sentence in sentences]
    assert len(set(sentences)) == 2982
    assert len({sentence.lower() for sentence in sentences}) == 2979
    assert len(set(spoken)) == len(set(zip(spoken, labels.tolist(), strict=True))) == 2972
    assert all(spoken)


def test_reviews_are_read_in_the_right_encoding():
    sentences, _ = review_sentences()
    everything = "".join(sentences)
    assert not any(
        unicodedata.category(character) in ("Cc", "Co", "Cn") for character in everything
    )
    assert "\N{REPLACEMENT CHARACTER}" not in everything
    assert set(re.findall(r"[^\x00-\x7f]", everything)) == set("éêå–—…")
    assert all(sentence == sentence.strip() for sentence in sentences)


def test_the_labels_of_the_reviews_belong_to_their_sentences():
    # Labels that slipped by one row would pass the counts; these shares are then near one half.
    sentences, labels = review_sentences()
    for word, positive in [("great", 0.9), ("excellent", 0.9), ("bad", 0.1), ("not", 0.2)]:
        own = [word in words(sentence) for sentence in sentences]
        assert abs(labels[own].mean() - positive) < 0.1, word


def test_names_are_different_sorted_and_of_letters():
    names = first_names()
    assert len(names) == 9094
    assert names == sorted(set(names))
    assert all(re.fullmatch("[a-z]{2,13}", name) for name in names)
    assert {"emma", "liam", "maryjane", "jo", "oluwatobiloba"} <= set(names)
    assert not {"unknown", "boy", "baby"} & set(names)


def test_each_call_gives_lists_of_its_own():
    first_names().clear()
    review_sentences()[0].clear()
    assert len(first_names()) == 9094
    assert len(review_sentences()[0]) == 3000
