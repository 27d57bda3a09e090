"""Praise or complaint, in five folds: the tables of chapters 12 and 13.

Run it by hand, with OMP_NUM_THREADS=1; it takes some ten minutes. Equal sentences stay together.
"""

from collections import defaultdict
from itertools import pairwise

import numpy as np

from coursepkg.datasets import review_sentences
from coursepkg.initializers import zeros
from coursepkg.layers import (
    GRU,
    RNN,
    Dropout,
    Embedding,
    LastStep,
    Linear,
    MeanOverTime,
    Positions,
    Residual,
    SelfAttention,
)
from coursepkg.losses import binary_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import AdamW
from coursepkg.schedules import cosine
from coursepkg.text import PADDING, UNKNOWN, encode, grouped_folds, has_negation, vocabulary, words
from coursepkg.training import EarlyStopping, fit

GOOD = """
    good great excellent amazing awesome best better love loved loves loving lovely like liked likes
    nice wonderful perfect perfectly fantastic delicious tasty fresh friendly happy enjoy enjoyed
    enjoyable fun funny beautiful beautifully brilliant recommend recommended well fine favorite
    impressed impressive incredible outstanding superb pleased satisfied comfortable easy cool solid
    sturdy reliable fast quick clean clear worth masterpiece charming touching pleasant attentive
    helpful thank thanks glad interesting hilarious super sweet
"""
BAD = """
    bad worse worst terrible awful horrible poor poorly disappointed disappointing disappointment
    disappoint hate hated boring bored waste wasted wasting slow rude cold bland dry dirty gross
    disgusting cheap broke broken break useless worthless crap crappy sucks sucked suck stupid
    ridiculous annoying ugly lame weak mess fail failed fails failure problem problems hard
    difficult wrong sick sad uncomfortable overpriced unfortunately avoid mediocre unreliable dull
    predictable pathetic lacking lacks flawed defective return returned stale tasteless
"""


def opinion(sentence):
    """Good words minus bad ones, of two lists made by hand and not from the data."""
    good, bad = GOOD.split(), BAD.split()
    return sum((word in good) - (word in bad) for word in sentence)


def by_hand(train, labels, others):
    return np.array([opinion(each) > 0 for each in others])


def turned(train, labels, others):
    """By hand, and a negation turns the sign."""
    return np.array([(-1) ** has_negation(each) * opinion(each) > 0 for each in others])


def odds(train, labels, others):
    """Σ log((1 + positive sentences with the word) / (1 + negative ones)): naive Bayes."""
    counts = defaultdict(lambda: np.ones(2))
    for each, label in zip(train, labels, strict=True):
        for word in set(each):
            counts[word][label] += 1
    scores = {word: np.log(count[1] / count[0]) for word, count in counts.items()}
    return np.array([sum(scores.get(word, 0) for word in set(each)) for each in others]) > 0


def majority(train, labels, others):
    return np.full(len(others), labels.mean() > 0.5)


def with_pairs(sentence):
    return sentence + [f"{a} {b}" for a, b in pairwise(sentence)]


def bag(ids, size):
    """1 where the item of the vocabulary is in the sentence: (batch, size)."""
    x = np.zeros((len(ids), size), np.float32)
    x[np.arange(len(ids))[:, None], ids] = 1
    x[:, [PADDING, UNKNOWN]] = 0
    return x


# Networks: made(rng, size of the vocabulary) gives the layers.


def linear(rng, size):
    return [Linear(size, 1, zeros)]


def mean_embedding(rng, size, features=32):
    embedding = Embedding(size, features, PADDING)
    return [embedding, MeanOverTime(embedding), Dropout(0.5, rng), Linear(features, 1)]


def last_state(cell):
    def make(rng, size, features=32, hidden=32):
        embedding = Embedding(size, features, PADDING)
        read = [embedding, Dropout(0.5, rng), cell(features, hidden, embedding), LastStep()]
        return [*read, Dropout(0.5, rng), Linear(hidden, 1)]

    return make


def attention(rng, size, features=32, heads=2):
    embedding = Embedding(size, features, PADDING)
    look = [
        Positions(80, features),
        Dropout(0.5, rng),
        Residual(SelfAttention(features, heads, mask_of=embedding)),
    ]
    return [embedding, *look, MeanOverTime(embedding), Dropout(0.5, rng), Linear(features, 1)]


def learn_reviews(make, x, labels, validation, size, rate, decay, epochs, seed):
    """The model after its best epoch, and its loss on the validation part then."""
    rng = np.random.default_rng(seed)
    model = Sequential(make(rng, size), rng, np.float32)
    steps = epochs * -(-len(x) // 32)
    stopping = EarlyStopping(patience=epochs)
    fit(
        model, AdamW(model.params, model.grads, rate, weight_decay=decay), binary_cross_entropy, x,
        labels[:, None], epochs=epochs, batch_size=32, rng=rng, schedule=cosine(rate, steps),
        validation=(validation[0], validation[1][:, None]), max_grad_norm=1.0,
        early_stopping=stopping, progress=False,
    )  # fmt: skip
    stopping.restore(model)
    return model, stopping


# Name: (network, settings to choose from: learning rate, weight decay).

EPOCHS = 10
BAG = [(rate, decay) for rate in (1e-2, 3e-2) for decay in (0.01, 0.3)]
NETWORK = [(rate, 0.01) for rate in (3e-3, 1e-2)]
COUNTED = {
    "always the majority": majority,
    "words listed by hand": by_hand,
    "the same, negation turns": turned,
    "log odds of the words": odds,
}
LEARNED = {
    "bag of words": (linear, BAG),
    "bag of words and pairs": (linear, BAG),
    "mean embedding": (mean_embedding, NETWORK),
    "tanh cell": (last_state(RNN), NETWORK),
    "GRU": (last_state(GRU), NETWORK),
    "attention": (attention, NETWORK),
}


def as_arrays(name, parts):
    """Of each part what this model reads, and the size of the vocabulary, of the first part."""
    if name == "bag of words and pairs":
        parts = [[with_pairs(each) for each in part] for part in parts]
    ids = vocabulary(parts[0])
    arrays = [encode(part, ids) for part in parts]
    return [bag(each, len(ids) + 2) for each in arrays] if "bag" in name else arrays, len(ids) + 2


def chosen(name, parts, labels, seed, epochs=EPOCHS):
    """Whether each sentence of the last part is positive, by the setting with the least loss on
    the second; and that setting."""
    make, settings = LEARNED[name]
    (x, *others), size = as_arrays(name, parts)
    best_loss = np.inf
    for rate, decay in settings:
        model, stopping = learn_reviews(
            make, x, labels[0], (others[0], labels[1]), size, rate, decay, epochs, seed
        )
        if stopping.best_loss < best_loss:
            best_loss, setting = stopping.best_loss, (rate, decay, stopping.best_epoch)
            positive = model.predict(others[1])[:, 0] > 0
    return positive, setting


def three_of_fold(keys, folds, i):
    """Indices to train on, a tenth of what is no test, to choose with, and to test on: fold i."""
    known = np.concatenate([fold for j, fold in enumerate(folds) if j != i])
    tenth = grouped_folds([keys[j] for j in known], 10, np.random.default_rng(i))[0]
    return np.delete(known, tenth), known[tenth], folds[i]


def reviews():
    """Accuracy in five folds, on all sentences and on those with a negation."""
    sentences, labels = review_sentences()
    tokens = [words(sentence) for sentence in sentences]
    keys = [tuple(each) for each in tokens]
    folds = grouped_folds(keys, 5, np.random.default_rng(0))
    negated = np.array([has_negation(each) for each in tokens])
    right = {name: np.zeros(len(labels)) for name in [*COUNTED, *LEARNED]}
    for i in range(5):
        split = three_of_fold(keys, folds, i)
        parts, wanted = [[tokens[j] for j in part] for part in split], [labels[p] for p in split]
        for name, rule in COUNTED.items():
            right[name][folds[i]] = rule(parts[0], wanted[0], parts[2]) == wanted[2]
        for name in LEARNED:
            positive, setting = chosen(name, parts, wanted, seed=i)
            print(f"<!-- fold {i}, {name}: {setting} -->", flush=True)
            right[name][folds[i]] = positive == wanted[2]
    print_reviews(right, folds, negated, labels)


def print_reviews(right, folds, negated, labels):
    print("| reviews | accuracy, % | sd of folds | minus the bag | with a negation, % |")
    print("|---|--:|--:|--:|--:|")
    for name, each in right.items():
        of_folds = 100 * np.array([each[fold].mean() for fold in folds])
        gain = 100 * (each - right["bag of words"])
        beside = f"{gain.mean():+.1f} ± {gain.std(ddof=1) / len(gain) ** 0.5:.1f}"
        row = f"{name} | {100 * each.mean():.1f} | {of_folds.std(ddof=1):.1f} | {beside}"
        print(f"| {row} | {100 * each[negated].mean():.1f} |")
    always = 100 * (labels[negated] == 0).mean()
    print(f"| always negative | 50.0 | | | {always:.1f} |")


if __name__ == "__main__":
    reviews()
