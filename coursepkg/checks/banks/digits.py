"""Exercises 09: accuracy and confusion, mini-batches, early stopping, dropout, shifted images."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def accuracy_and_error(logits, labels):
    accuracy = np.mean(logits.argmax(axis=1) == labels)
    standard_error = np.sqrt(accuracy * (1 - accuracy) / len(labels))
    return accuracy, standard_error


def confusion_matrix(labels, answers, classes):
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (labels, answers), 1)
    return confusion


def recognized_and_reliable(confusion):
    right = np.diag(confusion)
    recognized = right / np.maximum(confusion.sum(axis=1), 1)
    reliable = right / np.maximum(confusion.sum(axis=0), 1)
    return recognized, reliable


def training_batches(x, targets, batch_size, epochs, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            yield x[batch], targets[batch]


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


def dropout(x, rate, rng, training):
    mask = np.ones(x.shape)
    if training:
        mask = (rng.random(x.shape) >= rate) / (1 - rate)
    y = x * mask

    def vjp(grad_y):
        return grad_y * mask

    return y, vjp


def shift_one_pixel(images, down, right):
    n, height, width = images.shape
    framed = np.zeros((n, height + 2, width + 2))
    framed[:, 1:-1, 1:-1] = images
    shifted = np.empty_like(images)
    for i in range(n):
        top, left = 1 - down[i], 1 - right[i]
        shifted[i] = framed[i, top : top + height, left : left + width]
    return shifted


def answered(rng):
    """Logits with labels of which a known number is missed."""

    def drawn(n, classes, missed):
        logits = rng.normal(0, 2, (n, classes))
        labels = logits.argmax(axis=1)
        labels[:missed] = (labels[:missed] + rng.integers(1, classes, missed)) % classes
        return {"logits": logits, "labels": labels}

    four = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 5.0], [3.0, 4.0, 3.5], [-1.0, -3.0, -2.0]])
    return {
        "four images, three digits": {"logits": four, "labels": np.array([0, 2, 2, 0])},
        "one image, wrong": {"logits": np.array([[0.5, 1.5]]), "labels": np.array([0])},
        "three images, all right": drawn(3, 5, 0),
        "five images, two wrong": drawn(5, 3, 2),
        "forty images, ten digits": drawn(40, 10, 7),
    }


def digits_and_answers(rng):
    def drawn(n, classes):
        labels = rng.integers(0, classes, n)
        missed = rng.random(n) < 0.4
        answers = np.where(missed, rng.integers(0, classes, n), labels)
        # No two rows of the matrix alike, and more than one image in a cell off the diagonal.
        labels[:6], answers[:6] = (0, 0, 0, 1, 1, 2), (1, 1, 1, 2, 2, 2)
        return {"labels": labels, "answers": answers, "classes": classes}

    return {
        "four images, two digits": {
            "labels": np.array([0, 0, 0, 1]), "answers": np.array([0, 1, 1, 1]), "classes": 2
        },
        "digits that do not occur": {
            "labels": np.array([1, 2, 1, 1, 2]), "answers": np.array([1, 1, 2, 1, 2]), "classes": 5
        },
        "one image": {"labels": np.array([2]), "answers": np.array([0]), "classes": 3},
        "twelve images, three digits": drawn(12, 3),
        "eighty images, ten digits": drawn(80, 10),
    }  # fmt: skip


def matrices(rng):
    many = rng.integers(0, 4, (10, 10)) + np.diag(rng.integers(5, 30, 10))
    gaps = many.copy()
    gaps[3], gaps[:, 7] = 0, 0
    return {
        "two digits": {"confusion": np.array([[6, 2], [0, 3]])},
        "never said": {"confusion": np.array([[4, 0, 2], [1, 0, 3], [0, 0, 5]])},
        "one image of a digit": {"confusion": np.array([[1, 0, 0], [0, 3, 2], [0, 0, 4]])},
        "does not occur": {"confusion": np.array([[3, 1, 4], [2, 7, 0], [0, 0, 0]])},
        "ten digits": {"confusion": many},
        "ten digits, with gaps": {"confusion": gaps},
    }


def samples(rng):
    """Enough of them that no order, and no draw with replacement, is right by chance."""

    def case(n, batch_size, epochs, row=(), targets=None):
        x = np.arange(1.0, n * np.prod(row, dtype=int) + 1).reshape(n, *row)
        if targets is None:
            targets = 10 * np.arange(1, n + 1)
        seed = int(rng.integers(100))
        return {"x": x, "targets": targets, "batch_size": batch_size, "epochs": epochs,
                "seed": seed}  # fmt: skip

    return {
        "the last batch is short": case(14, 4, 2),
        "the last batch is full": case(15, 5, 3),
        "one sample is left over": case(16, 5, 4, (3,)),
        "one by one": case(12, 1, 2),
        "fewer samples than a batch": case(13, 20, 3, (2,)),
        "labels that repeat": case(25, 8, 3, (2, 3), rng.permutation(25) % 4),
        "two targets each": case(17, 6, 2, (2,), rng.normal(0, 1, (17, 2))),
    }


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


def pictures(rng):
    def drawn(n, height, width):
        moves = rng.integers(-1, 2, (2, n))
        return {"images": rng.uniform(0.1, 1, (n, height, width)), "down": moves[0],
                "right": moves[1]}  # fmt: skip

    small = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])

    def moved(down, right):
        return {"images": small.copy(), "down": np.array([down]), "right": np.array([right])}

    every = np.repeat(small, 9, axis=0) * np.arange(1.0, 10)[:, None, None]
    return {
        "down": moved(1, 0),
        "up": moved(-1, 0),
        "right": moved(0, 1),
        "left": moved(0, -1),
        "down and left": moved(1, -1),
        "nowhere": moved(0, 0),
        "two images": {"images": np.repeat(small, 2, axis=0), "down": np.array([1, 0]),
                       "right": np.array([0, -1])},
        "all nine": {"images": every, "down": np.repeat([-1, 0, 1], 3),
                     "right": np.tile([-1, 0, 1], 3)},
        "five images": drawn(5, 4, 3),
        "eight by eight": drawn(12, 8, 8),
    }  # fmt: skip


def error_of_own_accuracy(outputs, logits, labels):
    accuracy = outputs["accuracy"]
    with np.errstate(invalid="ignore"):
        error = np.sqrt(accuracy * (1 - accuracy) / len(labels))
    return {"accuracy": accuracy_and_error(logits, labels)[0], "standard_error": error}


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


def restored_from_own_best(outputs, losses, patience, min_delta):
    epochs, best, _ = use.stopped_training(
        EarlyStopping, {"losses": losses, "patience": patience, "min_delta": min_delta}
    )
    return {"epochs": epochs, "best_params": best, "restored": outputs["best_params"]}


RIGHT = "np.mean(logits.argmax(axis=1) == labels)"
ERROR = "np.sqrt(accuracy * (1 - accuracy) / len(labels))"
COUNT = "np.add.at(confusion, (labels, answers), 1)"
OF_ROWS = "np.maximum(confusion.sum(axis=1), 1)"
OF_COLUMNS = "np.maximum(confusion.sum(axis=0), 1)"
ORDER = "order = rng.permutation(len(x))"
ORDER_LINES = f"for _ in range(epochs):\n        {ORDER}\n"
STARTS = "range(0, len(x), batch_size)"
OUT = "yield x[batch], targets[batch]"
IMPROVED = "if validation_loss < self.best_loss - self.min_delta:"
NOTED = "self.best_loss, self.waited = validation_loss, 0"
UPDATE = "        self.waited += 1\n"
KEPT = "self.best_params = params.copy()"
DICE = "(rng.random(x.shape) >= rate) / (1 - rate)"
BACK = "return grad_y * mask"
FRAMED = "framed[:, 1:-1, 1:-1] = images"
CORNER = "top, left = 1 - down[i], 1 - right[i]"

SET = ExerciseSet(
    "09_digits",
    (
        Question(
            accuracy_and_error,
            points={"accuracy": 1, "standard_error": 1},
            cases=answered,
            follow=error_of_own_accuracy,
            mistakes={
                "errors": Mistake(
                    "This is the share of wrong answers. The accuracy is the share of right ones.",
                    {"== labels": "!= labels"},
                ),
                "count": Mistake(
                    "The right answers are counted. Asked for is their share: divide by the number "
                    "of images.",
                    {"np.mean(": "np.sum("},
                ),
                "percent": Mistake(
                    "The accuracy is in percent. In p(1 − p) a share between 0 and 1 is needed.",
                    {RIGHT: f"100 * {RIGHT}"},
                ),
                "smallest_logit": Mistake(
                    "The network says the digit with the largest logit, not the smallest.",
                    {"argmax": "argmin"},
                ),
                "logit_for_label": Mistake(
                    "The largest logit itself is compared with the label. Its *position* in the "
                    "row is the answer.",
                    {"logits.argmax(axis=1)": "logits.max(axis=1)"},
                ),
                "share_of_logits": Mistake(
                    "The mean is taken over the number of classes: the count of right answers has "
                    "to be divided by the number of images.",
                    {RIGHT: "np.sum(logits.argmax(axis=1) == labels) / logits.shape[1]"},
                ),
                "variance": Mistake(
                    "This is the variance of the accuracy. Its root is the standard error.",
                    {ERROR: "accuracy * (1 - accuracy) / len(labels)"},
                ),
                "one_image": Mistake(
                    "This is the standard deviation for a single image. The mean over n images "
                    "varies √n times less.",
                    {ERROR: "np.sqrt(accuracy * (1 - accuracy))"},
                ),
                "n_outside": Mistake(
                    "n stands outside the root. The variance is p(1 − p)/n, and the root is taken "
                    "of all of it.",
                    {ERROR: "np.sqrt(accuracy * (1 - accuracy)) / len(labels)"},
                ),
                "n_minus_one": Mistake(
                    "Divided by n − 1. The chapter's formula p(1 − p)/n has n; the correction by 1 "
                    "belongs to the spread over the seeds, and fails for a single image.",
                    {"/ len(labels)": "/ (len(labels) - 1)"},
                ),
                "n_minus_one_at_least_one": Mistake(
                    "Divided by n − 1 where there are several images. The chapter's formula "
                    "p(1 − p)/n has n; the correction by 1 belongs to the spread over the seeds.",
                    {"/ len(labels)": "/ max(len(labels) - 1, 1)"},
                ),
                "classes_for_n": Mistake(
                    "n is the number of images that were tested, not the number of classes.",
                    {"len(labels)": "logits.shape[1]"},
                ),
                "no_other_factor": Mistake(
                    "The factor 1 − p is missing: the variance of right or wrong is p(1 − p).",
                    {ERROR: "np.sqrt(accuracy / len(labels))"},
                ),
                "interval": Mistake(
                    "This is twice the standard error, which is half the width of the usual "
                    "interval. Asked for is the standard error itself.",
                    {ERROR: f"2 * {ERROR}"},
                ),
            },
            hints=(
                "First a comparison for each image: is the digit that the network says equal to "
                "the label? Then the mean of that.",
                "The answer of an image is the position of the largest logit in its row. For the "
                "error, one image has the variance p(1 − p); what does the mean over n of them "
                "have, and what is the root of that?",
                "`accuracy = np.mean(logits.argmax(axis=1) == labels)`; the root is taken of "
                "`accuracy * (1 - accuracy) / len(labels)`.",
            ),
        ),
        Question(
            confusion_matrix,
            points=2,
            cases=digits_and_answers,
            mistakes={
                "counted_once": Mistake(
                    "A pair that occurs several times is counted once. With lists of indices, "
                    "`confusion[labels, answers] += 1` reads all cells first and writes each once; "
                    "`np.add.at` adds one by one.",
                    {COUNT: "confusion[labels, answers] += 1"},
                ),
                "transposed": Mistake(
                    "Rows and columns are exchanged: the row is the digit that is there, the "
                    "column the answer.",
                    {"(labels, answers)": "(answers, labels)"},
                ),
                "shares": Mistake(
                    "Each row is divided by its sum. Asked for are counts.",
                    {
                        "return confusion": "return confusion "
                        "/ np.maximum(confusion.sum(axis=1, keepdims=True), 1)"
                    },
                ),
                "share_of_all": Mistake(
                    "All is divided by the number of images. Asked for are counts.",
                    {"return confusion": "return confusion / len(labels)"},
                ),
                "errors_only": Mistake(
                    "Only the errors are counted. The right answers belong in it too, on the "
                    "diagonal.",
                    {
                        COUNT: "wrong = labels != answers\n"
                        "    np.add.at(confusion, (labels[wrong], answers[wrong]), 1)"
                    },
                ),
                "right_ones_only": Mistake(
                    "Only the right answers are counted, so that nothing stands off the diagonal.",
                    {
                        COUNT: "right = labels == answers\n"
                        "    np.add.at(confusion, (labels[right], answers[right]), 1)"
                    },
                ),
                "size_from_data": Mistake(
                    "The size is taken from the largest digit that occurs. If the last digits do "
                    "not occur, rows and columns are missing: it is `classes` by `classes`.",
                    {
                        "    confusion = np.zeros": "    classes = max(labels.max(), answers.max())"
                        " + 1\n    confusion = np.zeros"
                    },
                ),
                "always_ten": Mistake(
                    "The table is 10 by 10, whatever `classes` is.",
                    {"(classes, classes)": "(10, 10)"},
                ),
                "both_ways": Mistake(
                    "Each image is counted twice, in the cell of its pair and in the one that is "
                    "mirrored at the diagonal.",
                    {COUNT: f"{COUNT}\n    np.add.at(confusion, (answers, labels), 1)"},
                ),
                "from_one": Mistake(
                    "It counts from 1: every image stands a row too far down and a column too far "
                    "to the right. The digit 0 has the row 0.",
                    {"(labels, answers)": "((labels + 1) % classes, (answers + 1) % classes)"},
                ),
            },
            hints=(
                "Begin with a table of zeros, and go through the images: each adds 1 in one cell. "
                "In which?",
                "Row: the label; column: the answer. Either a loop over `zip(labels, answers)`, or "
                "`np.add.at`, which also counts pairs right that occur several times.",
                "`np.add.at(confusion, (labels, answers), 1)`, or in a loop `confusion[digit, "
                "said] += 1` for each single image.",
            ),
        ),
        Question(
            recognized_and_reliable,
            points={"recognized": 1, "reliable": 1},
            cases=matrices,
            quiet=True,
            mistakes={
                "exchanged": Mistake(
                    "The two are exchanged. A row holds all images *of* a digit, and so belongs to "
                    "the first; a column holds all answers that *say* it.",
                    {"return recognized, reliable": "return reliable, recognized"},
                ),
                "rows_twice": Mistake(
                    "Both are divided by the sums of the rows. All answers that say a digit stand "
                    "in its column.",
                    {OF_COLUMNS: OF_ROWS},
                ),
                "columns_twice": Mistake(
                    "Both are divided by the sums of the columns. All images of a digit stand in "
                    "its row.",
                    {OF_ROWS: OF_COLUMNS},
                ),
                "of_all": Mistake(
                    "Divided by the number of all images. Here each digit is looked at by itself.",
                    {OF_ROWS: "confusion.sum()", OF_COLUMNS: "confusion.sum()"},
                ),
                "of_all_right": Mistake(
                    "Divided by the number of all right answers: these are shares of the diagonal.",
                    {OF_ROWS: "right.sum()", OF_COLUMNS: "right.sum()"},
                ),
                "zero_by_zero": Mistake(
                    "A digit that does not occur, or is never said, gives 0/0. Here its share is "
                    "to be 0, and NumPy has nothing to warn of.",
                    {OF_ROWS: "confusion.sum(axis=1)", OF_COLUMNS: "confusion.sum(axis=0)"},
                ),
                "one_added": Mistake(
                    "1 is added to every sum to avoid 0/0. That makes all shares too small; only "
                    "sums of 0 need help.",
                    {
                        OF_ROWS: "(confusion.sum(axis=1) + 1)",
                        OF_COLUMNS: "(confusion.sum(axis=0) + 1)",
                    },
                ),
                "wrong_ones": Mistake(
                    "These are the shares of the errors. Asked for are those of the right answers, "
                    "on the diagonal.",
                    {
                        "recognized = right": "recognized = (confusion.sum(axis=1) - right)",
                        "reliable = right": "reliable = (confusion.sum(axis=0) - right)",
                    },
                ),
                "whole_matrix": Mistake(
                    "The whole matrix is divided. Asked for are the shares of its diagonal, one "
                    "number for each digit.",
                    {
                        f"right / {OF_ROWS}": "confusion / "
                        "np.maximum(confusion.sum(axis=1, keepdims=True), 1)",
                        f"right / {OF_COLUMNS}": f"confusion / {OF_COLUMNS}",
                    },
                ),
                "largest_for_right": Mistake(
                    "The largest number of a row or column is taken for the right answers. Those "
                    "stand on the diagonal, whether they are the most or not.",
                    {
                        f"right / {OF_ROWS}": f"confusion.max(axis=1) / {OF_ROWS}",
                        f"right / {OF_COLUMNS}": f"confusion.max(axis=0) / {OF_COLUMNS}",
                    },
                ),
                "largest": Mistake(
                    "Divided by the largest number of a row or column, in place of its sum.",
                    {
                        OF_ROWS: "np.maximum(confusion.max(axis=1), 1)",
                        OF_COLUMNS: "np.maximum(confusion.max(axis=0), 1)",
                    },
                ),
                "ratio_to_errors": Mistake(
                    "The right answers are divided by the wrong ones. A share is a part of the "
                    "whole, in which the right ones are counted too.",
                    {
                        OF_ROWS: "np.maximum(confusion.sum(axis=1) - right, 1)",
                        OF_COLUMNS: "np.maximum(confusion.sum(axis=0) - right, 1)",
                    },
                ),
            },
            hints=(
                "Say in words what a row of the matrix holds, and what a column.",
                "The right answers for all digits are the diagonal, `np.diag(confusion)`. Divide "
                "them once by the sums of the rows and once by those of the columns. If a sum is "
                "0, the right answers are 0 as well; which divisor then does no harm?",
                "`recognized = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)`",
            ),
        ),
        Question(
            training_batches,
            points={"sizes": 1, "samples": 1, "pairs": 1, "order": 1},
            cases=samples,
            use=use.batches_of_epochs,
            follow=samples_of_own_sizes,
            mistakes={
                "order_drawn_once": Mistake(
                    "The order is drawn once, before the loop over the epochs, so that each epoch "
                    "repeats it. Mix anew at the beginning of every epoch.",
                    {ORDER_LINES: f"{ORDER}\n    for _ in range(epochs):\n"},
                ),
                "last_dropped": Mistake(
                    "The short batch at the end of an epoch is dropped. Here it is kept, so that "
                    "every sample has its turn.",
                    {STARTS: "range(0, len(x) - batch_size + 1, batch_size)"},
                ),
                "empty_batch": Mistake(
                    "If the batches come out even, an empty one follows: `range` goes as far as "
                    "the number of samples itself. Its mean loss would be 0/0.",
                    {STARTS: "range(0, len(x) + 1, batch_size)"},
                ),
                "last_filled_up": Mistake(
                    "The last batch is filled up with samples that have had their turn already. "
                    "Here it stays short.",
                    {
                        "order[start : start + batch_size]": "order.take(range(start, start + "
                        "batch_size), mode='wrap')"
                    },
                ),
                "targets_stay": Mistake(
                    "`x` is mixed, and `targets` is not or in another way, so that samples get the "
                    "targets of others. One order has to serve both.",
                    {"targets[batch]": "targets[start : start + batch_size]"},
                ),
                "with_replacement": Mistake(
                    "Each sample is drawn without regard to those before, so that some come twice "
                    "and some not at all. `rng.permutation` has each position once.",
                    {ORDER: "order = rng.integers(len(x), size=len(x))"},
                ),
                "drawn_for_each_batch": Mistake(
                    "Each batch is drawn by itself, whole and without regard to the others, so "
                    "that some samples come twice and some not at all. Draw one order for the "
                    "whole epoch.",
                    {
                        "batch = order[start : start + batch_size]": "batch = "
                        "rng.integers(0, len(x), batch_size)",
                        f"        {ORDER}\n": "",
                    },
                ),
                "spread_evenly": Mistake(
                    "The samples are spread evenly over the batches, as `np.array_split` does it. "
                    "All batches hold `batch_size` samples, and the last what remains.",
                    {
                        f"for start in {STARTS}:": "for batch in np.array_split(order, "
                        "-(-len(x) // batch_size)):",
                        "            batch = order[start : start + batch_size]\n": "",
                    },
                ),
                "not_mixed": Mistake(
                    "Nothing is mixed: the samples come as they stand in `x`. If the file is "
                    "sorted by digit, a batch holds one digit only.",
                    {ORDER: "order = np.arange(len(x))"},
                ),
                "own_generator": Mistake(
                    "It makes a generator of its own with a fixed seed, so that the order is the "
                    "same whatever `rng` is passed.",
                    {ORDER_LINES: f"rng = np.random.default_rng(0)\n    {ORDER_LINES}"},
                ),
                "seed_in_each_epoch": Mistake(
                    "In each epoch it makes a generator with the same seed, which gives the same "
                    "order each time, whatever `rng` is passed.",
                    {"rng.permutation": "np.random.default_rng(0).permutation"},
                ),
                "global_random": Mistake(
                    "It draws with `np.random` and not with `rng`, so that a run cannot be "
                    "repeated.",
                    {"rng.permutation": "np.random.permutation"},
                ),
                "batches_mixed": Mistake(
                    "Only the order of the batches is mixed. The same samples are together in "
                    "every epoch; mix the samples.",
                    {
                        "for _ in": f"{ORDER}\n    for _ in",
                        f"        {ORDER}\n": "",
                        STARTS: "rng.permutation(range(0, len(x), batch_size))",
                    },
                ),
                "neighbors_stay_together": Mistake(
                    "Only the order of the batches is mixed, and each holds neighbors in `x`, the "
                    "same ones in every epoch. Mix the samples.",
                    {
                        f"        {ORDER}\n": "",
                        STARTS: "rng.permutation(range(0, len(x), batch_size))",
                        "batch = order[start : start + batch_size]": "batch = slice(start, "
                        "start + batch_size)",
                    },
                ),
                "mixed_in_place": Mistake(
                    "The caller's own `x` and `targets` are mixed, in place. The batches are "
                    "right, and whoever goes on to use the arrays finds them in another order.",
                    {
                        ORDER: f"{ORDER}\n        x[:], targets[:] = x[order], targets[order]",
                        "batch = order[start : start + batch_size]": "batch = slice(start, "
                        "start + batch_size)",
                        OUT: "yield x[batch].copy(), targets[batch].copy()",
                    },
                ),
                "one_epoch": Mistake(
                    "After the first epoch it ends: the loop over the epochs is missing.",
                    {"range(epochs)": "range(1)"},
                ),
                "batches_run_on": Mistake(
                    "The batches run on from one epoch into the next. An epoch ends with its own "
                    "last batch, a short one if need be.",
                    {
                        ORDER_LINES: "for _ in range(1):\n        order = np.concatenate("
                        "[rng.permutation(len(x)) for _ in range(epochs)])\n",
                        STARTS: "range(0, len(order), batch_size)",
                    },
                ),
                "epochs_run_together": Mistake(
                    "All epochs are mixed into one long order. A sample may then come twice before "
                    "another has come at all; each epoch has an order of its own.",
                    {
                        ORDER_LINES: "for _ in range(1):\n        order = "
                        "rng.permutation(np.arange(len(x)).repeat(epochs))\n",
                        STARTS: "range(0, len(x) * epochs, batch_size)",
                    },
                ),
            },
            hints=(
                "Two loops, one inside the other: over the epochs, and over the places at which a "
                "batch begins. Which line belongs to the outer one alone?",
                "At the beginning of each epoch draw an order of the positions 0 … n − 1. A batch "
                "is a piece of this order, and the piece picks rows of `x` and of `targets`. A "
                "slice that reaches beyond the end is simply shorter.",
                "In the outer loop `order = rng.permutation(len(x))`; in the inner one `batch = "
                "order[start : start + batch_size]` and `yield x[batch], targets[batch]`.",
            ),
        ),
        Question(
            EarlyStopping,
            points={"epochs": 2, "best_params": 1, "restored": 1},
            cases=histories,
            use=use.stopped_training,
            follow=restored_from_own_best,
            mistakes={
                "one_too_late": Mistake(
                    "It waits one epoch longer than `patience`. With a patience of 2, the second "
                    "epoch in a row without improvement is the last.",
                    {">= self.patience": "> self.patience"},
                ),
                "one_too_early": Mistake(
                    "It stops one epoch too early: is the best epoch itself counted as one without "
                    "improvement?",
                    {NOTED: "self.best_loss, self.waited = validation_loss, 1"},
                ),
                "never_forgiven": Mistake(
                    "The count of epochs without improvement is not set back when a better one "
                    "comes, so that all of them add up. They must come in a row.",
                    {
                        UPDATE: "",
                        NOTED: "self.best_loss = validation_loss",
                        "        return": "        else:\n            self.waited += 1\n"
                        "        return",
                    },
                ),
                "compared_with_last": Mistake(
                    "The loss is compared with that of the epoch before. It has to be lower than "
                    "the best of all.",
                    {"        return": "        self.best_loss = validation_loss\n        return"},
                ),
                "equal_is_better": Mistake(
                    "A loss that falls by exactly `min_delta`, or by nothing at all, counts as "
                    "better. It has to fall by more.",
                    {"validation_loss < self": "validation_loss <= self"},
                ),
                "min_delta_ignored": Mistake(
                    "Any fall counts, however small. `min_delta` says by how much it must at least "
                    "be exceeded.",
                    {"self.best_loss - self.min_delta": "self.best_loss"},
                ),
                "min_delta_added": Mistake(
                    "`min_delta` has the wrong sign: even a loss that rises a little counts as "
                    "better.",
                    {"self.best_loss - self.min_delta": "self.best_loss + self.min_delta"},
                ),
                "min_delta_as_share": Mistake(
                    "`min_delta` is multiplied by the best loss. Here it is no share, but a number "
                    "in the unit of the loss.",
                    {
                        "self.best_loss - self.min_delta": "self.best_loss * (1 - self.min_delta)",
                    },
                ),
                "best_creeps": Mistake(
                    "The best loss follows falls that are too small to count. So many small falls "
                    "never add up to one that counts; keep the loss of the last real improvement.",
                    {
                        "        return": "        self.best_loss = min(self.best_loss, "
                        "validation_loss)\n        return"
                    },
                ),
                "not_copied": Mistake(
                    "`best_params` is no copy but the model's own array, under a second name. As "
                    "training goes on, what was kept changes with it.",
                    {"params.copy()": "params"},
                ),
                "last_kept": Mistake(
                    "The parameters of every epoch are kept, so that the last ones are put back. "
                    "Keep them only when the loss is better.",
                    {
                        f"            {KEPT}\n": "",
                        "        return": f"        {KEPT}\n        return",
                    },
                ),
                "restored_into_a_name": Mistake(
                    "`restore` only gives the name `params` to another array, and the model's own "
                    "stays as it is. Write into it, with `params[:] = …`.",
                    {"params[:] = self.best_params": "params = self.best_params"},
                ),
                "never_stops": Mistake(
                    "It never stops: `update` returns `False` after every epoch.",
                    {"return self.waited >= self.patience": "return False"},
                ),
                "best_loss_not_noted": Mistake(
                    "The best loss is never noted, so that it stays where it began. Every epoch "
                    "counts as better, and training does not stop.",
                    {NOTED: "self.waited = 0"},
                ),
                "zero_is_no_loss": Mistake(
                    "A best loss of 0 is taken for no loss yet, as `if not self.best_loss` does "
                    "it. Ask whether it is `None`, or begin with `np.inf`.",
                    {IMPROVED: IMPROVED.replace(":", " or self.best_loss == 0:")},
                ),
                "begins_too_low": Mistake(
                    "The best loss begins with a number, and a first loss that is larger does not "
                    "count as better. Begin with `np.inf`.",
                    {
                        "self.best_loss, self.waited = np.inf, 0": "self.best_loss, self.waited = "
                        "1e6, 0"
                    },
                ),
                "counted_from_the_start": Mistake(
                    "The patience runs from the first epoch on: it stops after `patience` epochs, "
                    "whatever the loss does.",
                    {NOTED: "self.best_loss = validation_loss"},
                ),
            },
            hints=(
                "Go through the example on paper: after each epoch write down the best loss so far "
                "and how many epochs in a row were without improvement.",
                "`update` asks one question: is this loss lower than `best_loss - min_delta`? If "
                "so, three things are noted: the loss, a count of 0, and a copy of the "
                "parameters. If not, the count goes up. It returns whether the count has reached "
                "the patience.",
                "In `update`: `self.best_params = params.copy()` when it is better, and at the end "
                "`return self.waited >= self.patience`. In `restore`: `params[:] = "
                "self.best_params`.",
            ),
        ),
        Question(
            dropout,
            points={"mask": 1, "scale": 1, "grad_x": 1, "evaluation": 1},
            cases=activations,
            use=use.dropout_of_copies,
            mistakes={
                "rate_is_kept": Mistake(
                    "`rate` is taken for the share that is kept, as in the paper of 2014. Here it "
                    "is the share that is dropped.",
                    {DICE: "(rng.random(x.shape) < rate) / (1 - rate)"},
                ),
                "rate_is_kept_throughout": Mistake(
                    "`rate` is taken for the share that is kept, in the dice and in the scale. "
                    "Here it is the share that is dropped.",
                    {DICE: "(rng.random(x.shape) < rate) / rate"},
                ),
                "not_scaled": Mistake(
                    "What survives is not made larger, so that on average less arrives in training "
                    "than afterward. The mask's mean must be 1.",
                    {" / (1 - rate)": " * 1.0"},
                ),
                "scaled_by_rate": Mistake(
                    "The survivors are divided by the share that is dropped. Divide by the share "
                    "that is kept, 1 − p.",
                    {" / (1 - rate)": " / rate"},
                ),
                "made_smaller": Mistake(
                    "The survivors are multiplied by 1 − p, which makes them smaller still. They "
                    "have to be divided by it.",
                    {" / (1 - rate)": " * (1 - rate)"},
                ),
                "scaled_afterward": Mistake(
                    "This is the older form: nothing is scaled in training, and in evaluation all "
                    "is multiplied by 1 − p. Here the scale belongs to training, and evaluation "
                    "hands on `x` as it is.",
                    {
                        "np.ones(x.shape)": "np.ones(x.shape) * (1 - rate)",
                        " / (1 - rate)": " * 1.0",
                    },
                ),
                "scaled_twice": Mistake(
                    "Training divides by 1 − p already. In evaluation `x` goes through unchanged; "
                    "here it is multiplied by 1 − p once more.",
                    {"np.ones(x.shape)": "np.ones(x.shape) * (1 - rate)"},
                ),
                "always_on": Mistake(
                    "In evaluation it throws dice as in training. With `training=False` nothing is "
                    "dropped and nothing scaled.",
                    {"if training:": "if True:"},
                ),
                "backward_always_masked": Mistake(
                    "In evaluation `x` goes through unchanged, but its gradient is masked as in "
                    "training. `vjp` belongs to the forward pass that made it.",
                    {
                        "    mask = np.ones(x.shape)\n": "",
                        "    if training:\n    ": "",
                        "y = x * mask": "y = x * mask if training else x",
                    },
                ),
                "switch_reversed": Mistake(
                    "The switch is reversed: it drops in evaluation, and in training it does not.",
                    {"if training:": "if not training:"},
                ),
                "never_drops": Mistake(
                    "Nothing is dropped, in training either: no number of the mask is 0.",
                    {"(rng.random(x.shape) >= rate)": "np.ones(x.shape)"},
                ),
                "new_dice_backward": Mistake(
                    "The backward pass throws the dice anew. What was switched off forward gets no "
                    "gradient, and what was on gets it: keep the mask.",
                    {BACK: f"return grad_y * ({DICE} if training else 1)"},
                ),
                "gradient_not_masked": Mistake(
                    "The gradient comes back unmasked. What was switched off was not used, and "
                    "gets none.",
                    {BACK: "return grad_y"},
                ),
                "gradient_only_scaled": Mistake(
                    "The gradient is scaled but not masked. What was switched off was not used, "
                    "and gets none.",
                    {BACK: "return grad_y / (1 - rate if training else 1)"},
                ),
                "gradient_times_y": Mistake(
                    "The gradient is multiplied by the output y, in which x is a factor. Multiply "
                    "it by the mask alone.",
                    {BACK: "return grad_y * (y if training else 1)"},
                ),
                "gradient_not_scaled": Mistake(
                    "The gradient is masked but not scaled. Forward each survivor was multiplied "
                    "by 1/(1 − p), and so is its gradient.",
                    {BACK: "return grad_y * (mask > 0)"},
                ),
                "mask_from_output": Mistake(
                    "The backward mask is read off the output, where y is not 0. But x itself may "
                    "be 0, as behind a ReLU; if it was kept, its gradient must pass.",
                    {BACK: "return grad_y * mask * (y != 0)"},
                ),
                "one_mask_for_all": Mistake(
                    "All samples of the batch share the same mask. The dice are thrown for each "
                    "number of each sample by itself.",
                    {"rng.random(x.shape)": "rng.random(x.shape[1])"},
                ),
                "equally_many": Mistake(
                    "In every call equally many numbers are dropped. Each is dropped by dice of "
                    "its own, whatever happens to the others, so that their number varies.",
                    {
                        DICE: "rng.permutation(np.arange(x.size) >= round(rate * x.size))"
                        ".reshape(x.shape) / (1 - rate)"
                    },
                ),
                "fair_coin": Mistake(
                    "Half of the numbers are dropped, whatever `rate` is.",
                    {">= rate": ">= 0.5"},
                ),
                "scaled_by_the_actual_share": Mistake(
                    "The survivors are divided by the share that happened to be kept this time. "
                    "The share that is expected, 1 − p, keeps each number's mean what it was.",
                    {" / (1 - rate)": "\n        mask = mask / mask.mean()"},
                ),
                "whole_samples": Mistake(
                    "Whole samples are switched off, one throw for each row. The dice are thrown "
                    "for each number by itself.",
                    {"rng.random(x.shape)": "rng.random((len(x), 1))"},
                ),
                "global_random": Mistake(
                    "It draws with `np.random` and not with `rng`, so that a run cannot be "
                    "repeated.",
                    {"rng.random(": "np.random.random_sample("},
                ),
                "own_generator": Mistake(
                    "It makes a generator of its own with a fixed seed, so that every call has the "
                    "same mask. Draw from the `rng` that is passed.",
                    {"rng.random(": "np.random.default_rng(0).random("},
                ),
                "changes_grad_y": Mistake(
                    "`vjp` writes into the `grad_y` that it is given, as `grad_y *= mask` does. "
                    "Make a new array.",
                    {BACK: "grad_y *= mask\n        return grad_y"},
                ),
                "changes_x": Mistake(
                    "`x *= mask` writes into the array that was given: the layer before loses what "
                    "it needs for its own backward pass. Make a new one.",
                    {"y = x * mask": "x *= mask\n    y = x.copy()"},
                ),
            },
            hints=(
                "Throw the dice once, in the forward pass, and give the result a name. `vjp` is a "
                "function inside and can see it.",
                "The mask is 0 where a random number between 0 and 1 is below the rate, and "
                "1/(1 − rate) elsewhere; in evaluation it is 1 everywhere. Then forward and "
                "backward are the same line, once with `x` and once with `grad_y`.",
                "`mask = (rng.random(x.shape) >= rate) / (1 - rate)`, and in `vjp`: `return grad_y "
                "* mask`.",
            ),
        ),
        Question(
            shift_one_pixel,
            points=2,
            cases=pictures,
            mistakes={
                "rolled": Mistake(
                    "What is pushed out at one edge comes in again at the opposite one, as "
                    "`np.roll` does it. Beyond the edge there is paper: 0.",
                    {
                        FRAMED: "framed = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode='wrap')",
                    },
                ),
                "edge_repeated": Mistake(
                    "Where nothing comes in, the edge is repeated. Beyond it there is paper: 0.",
                    {FRAMED: "framed = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode='edge')"},
                ),
                "other_way": Mistake(
                    "It goes the other way, up and left. The ink of row i comes from row i − 1 if "
                    "the image moves down by 1.",
                    {CORNER: "top, left = 1 + down[i], 1 + right[i]"},
                ),
                "up_for_down": Mistake(
                    "Up and down are exchanged: rows are counted from the top, so that down is "
                    "toward larger numbers.",
                    {CORNER: "top, left = 1 + down[i], 1 - right[i]"},
                ),
                "left_for_right": Mistake(
                    "Left and right are exchanged: columns are counted from the left.",
                    {CORNER: "top, left = 1 - down[i], 1 + right[i]"},
                ),
                "axes_exchanged": Mistake(
                    "`down` shifts to the right and `right` down: the axes are (image, row, "
                    "column).",
                    {CORNER: "top, left = 1 - right[i], 1 - down[i]"},
                ),
                "first_shift_for_all": Mistake(
                    "All images go the way of the first. Each has numbers of its own in `down` and "
                    "`right`.",
                    {CORNER: "top, left = 1 - down[0], 1 - right[0]"},
                ),
                "one_direction": Mistake(
                    "An image that should move down or up does not move sideways as well: is "
                    "there an `elif` between the two directions?",
                    {CORNER: "top, left = 1 - down[i], 1 - right[i] * (down[i] == 0)"},
                ),
                "wraps_to_the_end": Mistake(
                    "What moves up or left out of the image comes in again at its end: −1 is an "
                    "index, that of the last row or column.",
                    {
                        FRAMED: "framed = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode='wrap')\n"
                        "    framed[:, 0], framed[:, :, 0] = 0, 0",
                    },
                ),
                "wraps_from_the_end": Mistake(
                    "Moved down or right, an image gets its own last row or column at its "
                    "beginning: −1 is an index, that of the last one.",
                    {
                        FRAMED: "framed = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode='wrap')\n"
                        "    framed[:, -1], framed[:, :, -1] = 0, 0",
                    },
                ),
                "only_down": Mistake(
                    "Only `down` is done. An image can move in both directions at once.",
                    {CORNER: "top, left = 1 - down[i], 1"},
                ),
                "only_right": Mistake(
                    "Only `right` is done. An image can move in both directions at once.",
                    {CORNER: "top, left = 1, 1 - right[i]"},
                ),
                "always_forward": Mistake(
                    "A shift by −1 is treated as one by +1. Negative numbers mean up and left.",
                    {CORNER: "top, left = 1 - abs(down[i]), 1 - abs(right[i])"},
                ),
                "old_ink_stays": Mistake(
                    "Where nothing comes in, the old ink has stayed: the row or column that "
                    "becomes free must be emptied. Begin with zeros, not with a copy.",
                    {
                        "np.empty_like(images)": "images.copy()",
                        CORNER: "d, r = down[i], right[i]\n        top, left = 1 - d, 1 - r",
                        "shifted[i] = framed[i, top : top + height, left : left + width]": "inside "
                        "= np.pad(np.ones((height, width)), 1)[top : top + height, left : left + "
                        "width]\n        shifted[i] = np.where(inside, framed[i, top : top + "
                        "height, left : left + width], images[i])",
                    },
                ),
                "in_place": Mistake(
                    "The shifted images are written into `images` itself. Next epoch they would be "
                    "shifted once more, and in the end be gone.",
                    {"np.empty_like(images)": "images"},
                ),
            },
            hints=(
                "Write down for `down = 1`: which row of the original does row 0 show, which row "
                "1, and which the last?",
                "Put every image into a larger array of zeros, so that it has a frame of paper, "
                "one pixel wide. A shifted image is a window of the old size in this larger one. "
                "Where is its upper left corner if nothing moves, and where if the ink is to move "
                "down?",
                "`framed[:, 1:-1, 1:-1] = images`, with `framed` two pixels higher and wider; the "
                "window of image i begins "
                "at row `1 - down[i]` and column `1 - right[i]`.",
            ),
        ),
    ),
)
