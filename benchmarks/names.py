"""Names, letter by letter, by counts and by networks: the tables of chapters 12 and 13.

Run it by hand, with OMP_NUM_THREADS=1; it takes some ten minutes. Losses are in nats a letter, and
the end of a name is a letter.
"""

from collections import defaultdict
from itertools import chain

import numpy as np

from coursepkg.datasets import first_names
from coursepkg.layers import (
    GRU,
    LSTM,
    RNN,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    Positions,
    transformer_block,
)
from coursepkg.losses import log_softmax, sequence_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import AdamW
from coursepkg.schedules import cosine, warm_up
from coursepkg.text import PADDING, encode
from coursepkg.training import EarlyStopping, fit

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot is before a name and after it


def three_parts():
    """80 %, 10 % and 10 % of the names: to train on, to choose with, and to test on."""
    names = first_names()
    order = np.random.default_rng(0).permutation(len(names))
    cuts = np.split(order, [len(names) * 8 // 10, len(names) * 9 // 10])
    return [[names[i] for i in part] for part in cuts]


def places(name, n):
    """All (n - 1 letters before, next letter) of a name."""
    text = "." * (n - 1) + name + "."
    return [(text[i : i + n - 1], LETTERS.index(text[i + n - 1])) for i in range(len(name) + 1)]


def tables_of_counts(names, largest):
    """For n = 1 to largest, {the n - 1 letters before: the counts of the next letter}."""
    tables = []
    for n in range(1, largest + 1):
        tables.append(defaultdict(lambda: np.zeros(27)))
        for before, letter in chain.from_iterable(places(name, n) for name in names):
            tables[-1][before][letter] += 1
    return tables


def added(tables, k):
    """Counts of n letters, and k more of each."""
    none, n = np.zeros(27), len(tables)

    def next_letter(before):
        counts = tables[-1].get(before[len(before) - n + 1 :], none) + k
        return counts / counts.sum()

    return next_letter


def kneser_ney(tables, discount):
    """Each count loses `discount` to what n - 1 letters expect, which count contexts.

    Kneser and Ney (1995), interpolated as in Chen and Goodman (1999).
    """
    lower = [defaultdict(lambda: np.zeros(27)) for _ in tables[1:]]
    for table, longer in zip(lower, tables[1:], strict=True):
        for before, counts in longer.items():
            table[before[1:]] += counts > 0  # one for each letter that stands before it

    def next_letter(before):
        p = np.full(27, 1 / 27)
        for n, table in enumerate([*lower, tables[-1]], start=1):
            counts = table.get(before[len(before) - n + 1 :])
            if counts is not None:
                rest = np.minimum(counts, discount).sum()
                p = (np.maximum(counts - discount, 0) + rest * p) / counts.sum()
        return p

    return next_letter


def losses_of_counts(next_letter, n, names):
    """The loss of each name, a sum over its letters."""
    every = [[next_letter(b)[letter] for b, letter in places(name, n)] for name in names]
    return np.array([-np.log(each).sum() for each in every])


# Networks: the ids of letters in, at each place the logits of the next one out.

IDS = {letter: i for i, letter in enumerate(LETTERS, start=2)}  # 0 is padding
CLASSES = 2 + len(LETTERS)


def letters_in_and_out(names):
    return encode(["." + name for name in names], IDS), encode([f"{name}." for name in names], IDS)


def recurrent(cell):
    def make(rng, hidden=128, features=24, dropout=0.2):
        first = [Embedding(CLASSES, features, PADDING), cell(features, hidden)]
        return [*first, Dropout(dropout, rng), Linear(hidden, CLASSES)]

    return make


def transformer(rng, features=64, heads=4, hidden=256, dropout=0.1, blocks=2):
    layers = [Embedding(CLASSES, features, PADDING), Positions(16, features)]
    for _ in range(blocks):
        layers += transformer_block(
            features, heads, hidden, causal=True, dropout=dropout, rng=rng if dropout else None
        )
    return [*layers, LayerNorm(features), Linear(features, CLASSES)]


def next_letter_loss(logits, targets):
    return sequence_cross_entropy(logits, targets, ignore=PADDING)


def learn_names(make, parts, seed, rate, epochs, batch_size=64, decay=0.01, **options):
    """The model as it was after the epoch with the least loss on the validation part."""
    rng = np.random.default_rng(seed)
    model = Sequential(make(rng, **options), rng, np.float32)
    (x, targets), validation = (letters_in_and_out(part) for part in parts[:2])
    steps = epochs * -(-len(x) // batch_size)
    stopping = EarlyStopping(patience=epochs)
    fit(
        model, AdamW(model.params, model.grads, rate, weight_decay=decay), next_letter_loss, x,
        targets, epochs=epochs, batch_size=batch_size, rng=rng, validation=validation,
        schedule=warm_up(steps // 20 + 1, cosine(rate, steps)), max_grad_norm=1.0,
        early_stopping=stopping, progress=False,
    )  # fmt: skip
    stopping.restore(model)
    return model, stopping


def losses_of_model(model, names):
    """The loss of each name, a sum over its letters."""
    x, targets = letters_in_and_out(names)
    log_p = log_softmax(model.predict(x).reshape(-1, CLASSES)).reshape(*x.shape, CLASSES)
    each = np.take_along_axis(log_p, targets[..., None], axis=2)[..., 0]
    return -np.sum(each * (targets != PADDING), axis=1, dtype=np.float64)


def invented(next_letter, rng, count=10):
    """`count` names, each letter drawn from what next_letter(all before it) expects."""
    names = []
    for _ in range(count):
        name = ""
        while not name.endswith(".") and len(name) < 15:
            name += LETTERS[rng.choice(27, p=next_letter("......" + name))]
        names.append(name.rstrip("."))
    return ", ".join(names)


def next_letter_of(model):
    def next_letter(before):
        logits = model.predict(encode(["." + before.lstrip(".")], IDS))[0, -1:, 2:]
        return np.exp(log_softmax(logits.astype(float)))[0]

    return next_letter


# Name: (function, values to choose from).
COUNTS = {
    "k more of each": (added, (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)),
    "Kneser-Ney": (kneser_ney, (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)),
}
# Name: (network, settings). They were chosen with seed 100.
NAMES = {
    "RNN, 128": (recurrent(RNN), {"rate": 1e-2, "epochs": 30, "dropout": 0.1}),
    "GRU, 128": (recurrent(GRU), {"rate": 2e-2, "epochs": 10, "dropout": 0.2}),
    "LSTM, 128": (recurrent(LSTM), {"rate": 1e-2, "epochs": 20, "dropout": 0.4}),
    "transformer, 64": (transformer, {"rate": 5e-3, "epochs": 20, "dropout": 0.1}),
    "GRU, 256": (recurrent(GRU), {"rate": 1e-2, "epochs": 15, "dropout": 0.5, "hidden": 256}),
}


def counts_row(kind, n, tables, parts):
    """Prints a row, and returns the validation loss, the model and its losses on the test part."""
    make, values = COUNTS[kind]
    letters = [sum(len(name) + 1 for name in part) for part in parts]
    tried = [losses_of_counts(make(tables[:n], v), n, parts[1]).sum() / letters[1] for v in values]
    value = values[int(np.argmin(tried))]
    model = make(tables[:n], value)
    losses = losses_of_counts(model, n, parts[2])
    found = f"{min(tried):.3f} | {losses.sum() / letters[2]:.3f}"
    print(f"| {n} letters, {kind}: {value:g} | {found} | |", flush=True)
    return min(tried), model, losses


def network_row(name, parts):
    """Prints a row, and returns the model of seed 0 and the mean losses of three seeds."""
    make, settings = NAMES[name]
    trained = [learn_names(make, parts, seed, **settings) for seed in range(3)]
    each = [losses_of_model(model, parts[2]) for model, _ in trained]
    letters = sum(len(name) + 1 for name in parts[2])
    seeds = ", ".join(f"{losses.sum() / letters:.3f}" for losses in each)
    best = np.mean([stopping.best_loss for _, stopping in trained])
    mean = np.mean(each, axis=0)
    print(f"| {name} | {best:.3f} | {mean.sum() / letters:.3f} | {seeds} |", flush=True)
    return trained[0][0], mean


def print_differences(losses, parts):
    """Row minus column, nats a letter, with the standard error of the ratio of two sums."""
    letters = np.array([len(name) + 1 for name in parts[2]])
    print("| minus | " + " | ".join(losses) + " |\n|---|" + "--:|" * len(losses))
    for name, first in losses.items():
        cells = []
        for second in losses.values():
            mean = (first - second).sum() / letters.sum()
            error = np.linalg.norm(first - second - mean * letters) / letters.sum()
            cells.append(f"{mean:+.3f} ± {error:.3f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


def names():
    """Losses on the test part. What there is to choose was chosen on the validation part."""
    parts = three_parts()
    tables = tables_of_counts(parts[0], 7)
    print("| names | validation | test, nats a letter | seeds 0 to 2 |\n|---|--:|--:|---|")
    rows = {(kind, n): counts_row(kind, n, tables, parts) for kind in COUNTS for n in range(2, 8)}
    best = min(rows, key=lambda row: rows[row][0])
    of_three = min((row for row in rows if row[1] == 3), key=lambda row: rows[row][0])
    found = {f"{n} letters, {kind}": rows[kind, n][1:] for kind, n in (of_three, best)}
    found |= {name: network_row(name, parts) for name in NAMES}
    print_differences({name: losses for name, (_, losses) in found.items()}, parts)
    for name, (model, _) in found.items():
        next_letter = model if callable(model) else next_letter_of(model)
        print(f"- {name}: {invented(next_letter, np.random.default_rng(1))}")


if __name__ == "__main__":
    names()
