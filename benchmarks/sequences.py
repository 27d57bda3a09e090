"""What chapter 12 reports of sequences: decay, adding, names and reviews; about half an hour.

Run it by hand, with OMP_NUM_THREADS=1; one of these four words runs that part alone.
"""

import argparse
from collections import defaultdict
from itertools import chain, pairwise

import numpy as np

from coursepkg.activations import relu, tanh
from coursepkg.datasets import adding_problem, first_names, review_sentences
from coursepkg.initializers import glorot_uniform, identity, orthogonal, zeros
from coursepkg.layers import (
    GRU,
    LSTM,
    RNN,
    Dropout,
    Embedding,
    LastStep,
    LayerNorm,
    Linear,
    MeanOverTime,
    Positions,
    SelfAttention,
    transformer_block,
)
from coursepkg.layers.recurrent import rnn_step
from coursepkg.losses import (
    binary_cross_entropy,
    log_softmax,
    mean_squared_error,
    sequence_cross_entropy,
)
from coursepkg.model import Sequential
from coursepkg.optimizers import Adam, AdamW
from coursepkg.schedules import cosine, warm_up
from coursepkg.text import PADDING, UNKNOWN, encode, grouped_folds, has_negation, vocabulary, words
from coursepkg.training import EarlyStopping, fit, train_step

# The gradient on its way back through 200 steps.

STEPS, HIDDEN = 200, 64


def itself(z):
    return z, lambda grad: grad


def gradient_norms(rng, weight_h, activation=itself, noise=0.0):
    """log(‖dL/dh[T - t]‖ / ‖dL/dh[T]‖) for t = 0 to T, with a random dL/dh[T]."""
    h, grad = rng.standard_normal((2, 1, HIDDEN))
    vjps = []
    for _ in range(STEPS):
        h, vjp = rnn_step(noise * rng.standard_normal((1, HIDDEN)), h, weight_h, activation)
        vjps.append(vjp)
    norms = [np.linalg.norm(grad)]
    for vjp in reversed(vjps):
        grad = vjp(grad)[1]
        norms.append(np.linalg.norm(grad))
    return np.log(norms) - np.log(norms[0])


def slope(norms, start=0):
    return np.polyfit(np.arange(start, STEPS + 1), norms[start:], 1)[0]


def scaled_normal(rng, rho):
    """Normal draws, scaled so that the largest |eigenvalue| is rho."""
    weight_h = rng.standard_normal((HIDDEN, HIDDEN))
    return rho * weight_h / np.abs(np.linalg.eigvals(weight_h)).max()


def decay_row(name, rho, slopes):
    off = np.abs(np.array(slopes) - np.log(rho)).max()
    spread = f"{np.mean(slopes):+.4f} | {min(slopes):+.4f} to {max(slopes):+.4f}"
    print(f"| {name} | {rho} | {np.log(rho):+.4f} | {spread} | {off:.1e} |")


def decay():
    """Slopes of the log of the gradient's norm over the steps back, with 20 seeds each."""
    print("| W | ρ | log ρ | slope, mean | slopes | largest distance from log ρ |")
    print("|---|--:|--:|--:|--:|--:|")
    for rho in (0.9, 1.0, 1.1):
        starts = [np.random.default_rng(seed) for seed in range(20)]
        norms = [gradient_norms(r, rho * orthogonal(r, HIDDEN, HIDDEN)) for r in starts]
        decay_row("linear, ρ · orthogonal", rho, [slope(each) for each in norms])
    for rho in (0.9, 1.0, 1.1):
        starts = [np.random.default_rng(seed) for seed in range(20)]
        norms = [gradient_norms(r, scaled_normal(r, rho)) for r in starts]
        decay_row("linear, normal, from step 50", rho, [slope(each, 50) for each in norms])
    for noise in (0.0, 0.1, 1.0):
        for rho in (0.9, 1.1, 1.5):
            starts = [np.random.default_rng(seed) for seed in range(20)]
            weights = [rho * orthogonal(r, HIDDEN, HIDDEN) for r in starts]
            norms = [
                gradient_norms(r, w, tanh, noise) for r, w in zip(starts, weights, strict=True)
            ]
            above = max((each - np.arange(STEPS + 1) * np.log(rho)).max() for each in norms)
            assert above < 1e-9  # never above σ_max(W)^t
            name = f"tanh, ρ · orthogonal, inputs {noise:g} · normal"
            decay_row(name, rho, [slope(each) for each in norms])


# The adding problem. Name: what makes the recurrent layer.

CELLS = {
    "GRU": GRU,
    "LSTM": LSTM,
    "tanh, orthogonal": RNN,
    "tanh, Glorot": lambda *shape: RNN(*shape, recurrent_initializer=glorot_uniform),
    "ReLU, identity": lambda *shape: RNN(*shape, activation=relu, recurrent_initializer=identity),
}


def adding_error(make, seed, steps, learning_rate, length=50, hidden=32):
    """Mean squared error on 1,000 new sequences after `steps` batches of 50 new ones."""
    rng = np.random.default_rng(seed)
    model = Sequential([make(2, hidden), LastStep(), Linear(hidden, 1)], rng, np.float32)
    optimizer = Adam(model.params, model.grads, learning_rate)
    for _ in range(steps):
        x, targets = adding_problem(rng, 50, length)
        train_step(model, optimizer, mean_squared_error, x, targets, max_grad_norm=1.0)
    x, targets = adding_problem(np.random.default_rng(1000 + seed), 1000, length)
    return mean_squared_error(model.predict(x), targets)[0]


# Name, steps, learning rate: of 0.001, 0.003, 0.01 (for RNNs 0.0003, too) the least mean error.
ADDING = [
    ("GRU", 1500, 1e-2),
    ("LSTM", 1500, 1e-2),
    ("ReLU, identity", 1500, 1e-3),
    ("tanh, orthogonal", 1500, 1e-3),
    ("tanh, Glorot", 1500, 3e-3),
    ("ReLU, identity", 4000, 1e-3),
    ("tanh, orthogonal", 4000, 1e-3),
    ("tanh, Glorot", 4000, 3e-3),
]


def adding():
    """Test errors with five seeds. The learning rates were chosen with the seeds 100 to 102."""
    print("| adding | steps | rate | squared error, seeds 0 to 4 | below 1/60 |")
    print("|---|--:|--:|---|--:|")
    for name, steps, rate in ADDING:
        errors = [adding_error(CELLS[name], seed, steps, rate) for seed in range(5)]
        listed = ", ".join(f"{error:.4f}" for error in errors)
        solved = sum(error < 1 / 60 for error in errors)
        print(f"| {name} | {steps:,} | {rate:g} | {listed} | {solved} of 5 |", flush=True)


# Names, letter by letter: the losses are in nats a letter, and the end of a name is a letter.

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


# Reviews: five folds in which equal sentences stay together.

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
        SelfAttention(features, heads, mask_of=embedding),
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


PARTS = {"decay": decay, "adding": adding, "names": names, "reviews": reviews}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], default=[])
    for part in parser.parse_args().part or PARTS:
        PARTS[part]()
