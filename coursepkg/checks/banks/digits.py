"""Exercises 09: accuracy and confusion, mini-batches, early stopping, dropout, shifted images."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def answered(rng):
    """Logits with labels of which a known number is missed."""

    def drawn(n, classes, missed):
        logits = rng.normal(0, 2, (n, classes))
        labels = logits.argmax(axis=1)
        labels[:missed] = (labels[:missed] + rng.integers(1, classes, missed)) % classes
        return (logits, labels)

    four = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 5.0], [3.0, 4.0, 3.5], [-1.0, -3.0, -2.0]])
    return {
        "four images, three digits": (four, [0, 2, 2, 0]),
        "one image, wrong": ([[0.5, 1.5]], [0]),
        "three images, all right": drawn(3, 5, 0),
        "five images, two wrong": drawn(5, 3, 2),
        "forty images, ten digits": drawn(40, 10, 7),
    }


def error_of_own_accuracy(outputs, logits, labels):
    accuracy = outputs["accuracy"]
    with np.errstate(invalid="ignore"):
        error = np.sqrt(accuracy * (1 - accuracy) / len(labels))
    return {"accuracy": accuracy_and_error(logits, labels)[0], "standard_error": error}


@question(answered, follow=error_of_own_accuracy)
def accuracy_and_error(logits, labels):
    accuracy = np.mean(logits.argmax(axis=1) == labels)
    standard_error = np.sqrt(accuracy * (1 - accuracy) / len(labels))
    return accuracy, standard_error


def digits_and_answers(rng):
    def drawn(n, classes):
        labels = rng.integers(0, classes, n)
        missed = rng.random(n) < 0.4
        answers = np.where(missed, rng.integers(0, classes, n), labels)
        # No two rows of the matrix alike, and more than one image in a cell off the diagonal.
        labels[:6], answers[:6] = (0, 0, 0, 1, 1, 2), (1, 1, 1, 2, 2, 2)
        return (labels, answers, classes)

    return {
        "four images, two digits": ([0, 0, 0, 1], [0, 1, 1, 1], 2),
        "digits that do not occur": ([1, 2, 1, 1, 2], [1, 1, 2, 1, 2], 5),
        "one image": ([2], [0], 3),
        "twelve images, three digits": drawn(12, 3),
        "eighty images, ten digits": drawn(80, 10),
    }  # fmt: skip


@question(digits_and_answers)
def confusion_matrix(labels, answers, classes):
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, answers), 1)
    return confusion


def matrices(rng):
    many = rng.integers(0, 4, (10, 10)) + np.diag(rng.integers(5, 30, 10))
    gaps = many.copy()
    gaps[3], gaps[:, 7] = 0, 0
    return {
        "two digits": ([[6, 2], [0, 3]],),
        "never said": ([[4, 0, 2], [1, 0, 3], [0, 0, 5]],),
        "one image of a digit": ([[1, 0, 0], [0, 3, 2], [0, 0, 4]],),
        "does not occur": ([[3, 1, 4], [2, 7, 0], [0, 0, 0]],),
        "ten digits": (many,),
        "ten digits, with gaps": (gaps,),
    }


@question(matrices, quiet=True)
def recognized_and_reliable(confusion):
    right = np.diag(confusion)
    recognized = right / np.maximum(confusion.sum(axis=1), 1)
    reliable = right / np.maximum(confusion.sum(axis=0), 1)
    return recognized, reliable


def samples(rng):
    """Enough of them that no order, and no draw with replacement, is right by chance."""

    def case(n, batch_size, epochs, row=(), targets=None):
        x = np.arange(1.0, n * np.prod(row, dtype=int) + 1).reshape(n, *row)
        if targets is None:
            targets = 10 * np.arange(1, n + 1)
        about = {"batch_size": batch_size, "epochs": epochs, "seed": int(rng.integers(100))}
        return {"x": x, "targets": targets, **about}

    return {
        "the last batch is short": case(14, 4, 2),
        "the last batch is full": case(15, 5, 3),
        "one sample is left over": case(16, 5, 4, (3,)),
        "one by one": case(12, 1, 2),
        "fewer samples than a batch": case(13, 20, 3, (2,)),
        "labels that repeat": case(25, 8, 3, (2, 3), rng.permutation(25) % 4),
        "two targets each": case(17, 6, 2, (2,), rng.normal(0, 1, (17, 2))),
    }


def samples_of_own_sizes(outputs, x, targets, batch_size, epochs, seed):
    """Batches with too few samples leave some out; with too many, some come twice."""
    too_many = np.sum(outputs["sizes"]) - epochs * len(x)
    words = {0: "each once in each epoch", 1: "some come twice", -1: "some are left out"}
    starts = np.arange(0, len(x), batch_size)
    return {
        "sizes": np.tile(np.minimum(len(x) - starts, batch_size), epochs),
        "samples": words[np.sign(too_many)],
        "pairs": "each sample has its own target",
        "order": "new in each epoch",
    }


@question(samples, use=use.batches_of_epochs, follow=samples_of_own_sizes)
def training_batches(x, targets, batch_size, epochs, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            yield x[batch], targets[batch]


def histories(rng):
    """Validation losses. Those by hand are sums of eighths, so that no rounding decides."""

    def case(losses, patience, min_delta=0.0):
        losses = np.array(losses, dtype=float)
        return {"losses": losses, "patience": patience, "min_delta": min_delta}

    falling = np.exp(-np.arange(40) / 8)
    noise = rng.normal(0, 0.05, 40)
    valley = (np.arange(60) - 25) ** 2 / 500
    return {
        "one rise": case([4, 2, 3, 1, 1.5, 1.25, 1.125], 2),
        "patience of one": case([3, 2, 2.5, 1], 1),
        "it stays equal": case([2, 1, 1, 1, 1, 0.5], 3),
        "never stops": case([4, 3, 3.5, 2, 2.5, 1], 2),
        "bad epochs apart": case([5, 4, 4.5, 3, 3.5, 2, 2.5, 1, 1.5, 1.25, 1.125, 1.0], 3),
        "small falls do not count": case([2, 1.875, 1.75, 1.625, 1.5], 2, 0.5),
        "small falls add up": case([2, 1.75, 1.5, 1.25, 1.125, 1, 0.875, 0.75], 3, 0.375),
        "a fall of exactly min_delta": case([2, 1.5, 1.25, 0.875, 1, 1.5], 2, 0.5),
        "lower than the last, not than the best": case([3, 1, 2.5, 2, 1.75, 1.5, 1.25], 3),
        "losses below one": case([0.5, 0.375, 0.25, 0.1875, 0.125, 0.125], 3, 0.1875),
        "a loss of zero": case([2, 1, 0, 0.5, 0.25, 1], 2),
        "huge losses": case([4e12, 2e12, 3e12, 1e12], 2),
        "a noisy fall": case(falling + 0.2 + noise, 6),
        "a noisy fall, small ones do not count": case(falling + 0.2 + noise, 5, 0.03125),
        "a valley": case(valley + 0.5 + rng.normal(0, 0.03, 60), 8, 0.015625),
    }


def restored_from_own_best(outputs, losses, patience, min_delta):
    epochs, best, _ = use.stopped_training(
        EarlyStopping, {"losses": losses, "patience": patience, "min_delta": min_delta}
    )
    return {"epochs": epochs, "best_params": best, "restored": outputs["best_params"]}


@question(histories, use=use.stopped_training, follow=restored_from_own_best)
class EarlyStopping:
    def __init__(self, patience, min_delta):
        self.patience, self.min_delta = patience, min_delta
        self.best_params = None
        self.best_loss, self.waited = np.inf, 0

    def update(self, validation_loss, params):
        self.waited += 1
        if validation_loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = validation_loss, 0
            self.best_params = params.copy()
        return self.waited >= self.patience

    def restore(self, params):
        params[:] = self.best_params


def activations(rng):
    """Values some of which are zero, as behind a ReLU; rates that are whole tenths."""

    def case(x, rate):
        grad_y = rng.choice([-1.0, 1.0], np.shape(x)) * rng.uniform(0.5, 2, np.shape(x))
        return {"x": np.array(x), "rate": rate, "seed": int(rng.integers(10**6)), "grad_y": grad_y}

    return {
        "one sample": case([[2.0, -1.0, 0.0]], 0.2),
        "two samples": case([[1.0, 3.0], [-2.0, 0.5]], 0.5),
        "behind a ReLU": case(np.maximum(rng.normal(0, 1, (3, 5)) + np.eye(3, 5), 0), 0.7),
        "a small rate": case(rng.normal(0, 1, (5, 2)), 0.1),
        "a rate of 0": case(rng.normal(0, 1, (2, 4)), 0.0),
    }


@question(activations, use=use.dropout_of_copies)
def dropout(x, rate, rng, training):
    mask = np.ones(x.shape)
    if training:
        mask = (rng.random(x.shape) >= rate) / (1 - rate)
    y = x * mask

    def vjp(grad_y):
        return grad_y * mask

    return y, vjp


def pictures(rng):
    def drawn(n, height, width):
        moves = rng.integers(-1, 2, (2, n))
        return rng.uniform(0.1, 1, (n, height, width)), *moves

    small = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])

    def moved(down, right):
        return (small.copy(), np.array([down]), np.array([right]))

    every = np.repeat(small, 9, axis=0) * np.arange(1.0, 10)[:, None, None]
    return {
        "down": moved(1, 0),
        "up": moved(-1, 0),
        "right": moved(0, 1),
        "left": moved(0, -1),
        "down and left": moved(1, -1),
        "nowhere": moved(0, 0),
        "two images": (np.repeat(small, 2, axis=0), [1, 0], [0, -1]),
        "all nine": (every, np.repeat([-1, 0, 1], 3), np.tile([-1, 0, 1], 3)),
        "five images": drawn(5, 4, 3),
        "eight by eight": drawn(12, 8, 8),
    }


@question(pictures)
def shift_one_pixel(images, down, right):
    n, height, width = images.shape
    framed = np.zeros((n, height + 2, width + 2))
    framed[:, 1:-1, 1:-1] = images
    shifted = np.empty_like(images)
    for i in range(n):
        top, left = 1 - down[i], 1 - right[i]
        shifted[i] = framed[i, top : top + height, left : left + width]
    return shifted
