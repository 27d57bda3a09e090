"""Right answers to exercises 09 in other styles, and the mutants that are right as well."""

import numpy as np


def accuracy_and_error__loop(logits, labels):
    right = 0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        right += row.index(max(row)) == label
    p = right / len(labels)
    return p, (p * (1 - p) / len(labels)) ** 0.5


def accuracy_and_error__deviation(logits, labels):
    """The standard deviation of right and wrong over the root of n."""
    right = np.equal(np.argmax(logits, 1), labels).astype(np.float32)
    return right.mean(), right.std() / np.sqrt(right.size)


def accuracy_and_error__largest(logits, labels):
    picked = logits[np.arange(len(labels)), labels]
    right = np.count_nonzero(picked == logits.max(axis=-1))
    n = len(labels)
    return right / n, np.sqrt(right * (n - right) / n) / n


def confusion_matrix__loop(labels, answers, classes):
    confusion = np.zeros((classes, classes))
    for digit, said in zip(labels, answers, strict=True):
        confusion[digit, said] += 1
    return confusion


def confusion_matrix__one_number(labels, answers, classes):
    pairs = np.bincount(labels * classes + answers, minlength=classes**2)
    return pairs.reshape(classes, classes)


def confusion_matrix__one_hot(labels, answers, classes):
    return np.eye(classes)[labels].T @ np.eye(classes)[answers]


def confusion_matrix__compared(labels, answers, classes):
    digits = np.arange(classes)
    return np.einsum(
        "ni,nj->ij",
        (labels[:, None] == digits).astype(int),
        (answers[:, None] == digits).astype(int),
    )


def recognized_and_reliable__loop(confusion):
    recognized, reliable = np.zeros(len(confusion)), np.zeros(len(confusion))
    for k in range(len(confusion)):
        if confusion[k].sum() > 0:
            recognized[k] = confusion[k, k] / confusion[k].sum()
        if confusion[:, k].sum() > 0:
            reliable[k] = confusion[k, k] / confusion[:, k].sum()
    return recognized, reliable


def recognized_and_reliable__where(confusion):
    right = np.diagonal(confusion).astype(float)
    shares = []
    for axis in (1, 0):
        total = confusion.sum(axis)
        shares.append(np.divide(right, total, out=np.zeros_like(right), where=total > 0))
    return tuple(shares)


def recognized_and_reliable__trace(confusion):
    rows, columns = np.einsum("ij->i", confusion), np.einsum("ij->j", confusion)
    right = np.einsum("ii->i", confusion)
    return right / (rows + (rows == 0)), right / (columns + (columns == 0))


def recognized_and_reliable__small_number(confusion):
    right = np.diag(confusion)
    return right / (confusion.sum(axis=1) + 1e-12), right / (confusion.sum(axis=0) + 1e-12)


def training_batches__shuffled_list(x, targets, batch_size, epochs, rng):
    positions = list(range(len(x)))
    for _ in range(epochs):
        rng.shuffle(positions)
        for i in range(0, len(positions), batch_size):
            some = positions[i : i + batch_size]
            yield np.array([x[j] for j in some]), np.array([targets[j] for j in some])


def training_batches__split(x, targets, batch_size, epochs, rng):
    for _ in range(epochs):
        order = np.argsort(rng.random(len(x)))
        for batch in np.split(order, range(batch_size, len(x), batch_size)):
            yield x.take(batch, axis=0), targets.take(batch, axis=0)


def training_batches__mixed_copies(x, targets, batch_size, epochs, rng):
    """The arrays are mixed as a whole, anew from what was mixed before; a list is returned."""
    batches = []
    for _ in range(epochs):
        order = rng.choice(len(x), len(x), replace=False)
        x, targets = x[order], targets[order]
        start = 0
        for _ in range(-(-len(x) // batch_size)):
            batches.append((x[start : start + batch_size], targets[start : start + batch_size]))
            start += batch_size
    return batches


def training_batches__float32(x, targets, batch_size, epochs, rng):
    for _ in range(epochs):
        order = rng.permuted(np.arange(len(x)))
        while len(order):
            batch, order = order[:batch_size], order[batch_size:]
            yield x[batch].astype(np.float32), targets[batch]


class EarlyStopping__epochs:
    """As in the chapter: the number of the best epoch in place of a count."""

    def __init__(self, patience, min_delta):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch, self.epoch = float("inf"), 0, 0

    def update(self, validation_loss, params):
        self.epoch += 1
        if self.best_loss - validation_loss > self.min_delta:
            self.best_loss, self.best_epoch = validation_loss, self.epoch
            self.best_params = np.array(params)
        return self.epoch - self.best_epoch == self.patience

    def restore(self, params):
        np.copyto(params, self.best_params)


class EarlyStopping__countdown:
    def __init__(self, patience, min_delta):
        self.patience, self.min_delta = patience, min_delta
        self.best_params = None
        self.left = patience

    def update(self, validation_loss, params):
        if self.best_params is None:
            self.best_params = np.empty_like(params)
        elif validation_loss >= self.limit:
            self.left -= 1
            return self.left == 0
        self.limit = validation_loss - self.min_delta
        self.best_params[...] = params
        self.left = self.patience
        return False

    def restore(self, params):
        params *= 0
        params += self.best_params


class EarlyStopping__history:
    """Keeps everything, and begins from the first epoch each time."""

    def __init__(self, patience, min_delta):
        self.patience, self.min_delta = patience, min_delta
        self.past = []

    def update(self, validation_loss, params):
        self.past.append((validation_loss, params.tolist()))
        best = 0
        for i, (loss, _) in enumerate(self.past):
            if loss < self.past[best][0] - self.min_delta:
                best = i
        self.best_params = self.past[best][1]
        return len(self.past) - 1 - best >= self.patience

    def restore(self, params):
        for i, value in enumerate(self.best_params):
            params[i] = value


def dropout__choice(x, rate, rng, training):
    if not training:
        return x.copy(), lambda grad_y: grad_y
    mask = rng.choice([0, 1 / (1 - rate)], size=x.shape, p=[rate, 1 - rate])
    return mask * x, lambda grad_y: mask * grad_y


def dropout__loop(x, rate, rng, training):
    y, slope = np.zeros_like(x), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        if not training:
            slope[place] = 1
        elif rng.uniform() > rate:
            slope[place] = 1 / (1 - rate)
        y[place] = slope[place] * x[place]

    def vjp(grad_y):
        return slope * grad_y

    return y, vjp


def dropout__binomial(x, rate, rng, training):
    share = 1 - rate if training else 1.0
    kept = rng.binomial(1, share, x.shape)

    def vjp(grad_y):
        return grad_y / share * kept

    return x / share * kept, vjp


def dropout__where(x, rate, rng, training):
    dropped = rng.random(x.shape, dtype=np.float32) < (rate if training else 0)
    scale = 1 / (1 - rate) if training else 1

    def vjp(grad_y):
        grad_x = scale * grad_y
        grad_x[dropped] = 0
        return grad_x

    return np.where(dropped, 0, scale * x), vjp


def shift_one_pixel__rolled(images, down, right):
    """Rolled, and then emptied where something has come in again."""
    moved = []
    for image, d, r in zip(images, down, right, strict=True):
        image = np.roll(image, (d, r), axis=(0, 1))
        if d:
            image[0 if d > 0 else -1] = 0
        if r:
            image[:, 0 if r > 0 else -1] = 0
        moved.append(image)
    return np.array(moved)


def shift_one_pixel__one_by_one(images, down, right):
    n, height, width = images.shape
    shifted = np.zeros((n, height, width))
    for i in range(n):
        for row in range(height):
            for column in range(width):
                to = row + down[i], column + right[i]
                if 0 <= to[0] < height and 0 <= to[1] < width:
                    shifted[i, to[0], to[1]] = images[i, row, column]
    return shifted


def shift_one_pixel__indices(images, down, right):
    """The chapter's way: a table of the rows and columns from which the ink comes."""
    n, height, width = images.shape
    rows = np.arange(height) - down[:, None] + 1
    columns = np.arange(width) - right[:, None] + 1
    framed = np.zeros((n, height + 2, width + 2))
    framed[:, 1:-1, 1:-1] = images
    return framed[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def shift_one_pixel__matrices(images, down, right):
    """A product with a matrix that has its ones beside the diagonal, from both sides."""
    n, height, width = images.shape
    vertical = np.array([np.eye(height, k=-d) for d in down])
    horizontal = np.array([np.eye(width, k=r) for r in right])
    return vertical @ images @ horizontal


FIRST_EPOCH = "the first epoch is always an improvement, and sets it anew"
INIT = "self.best_loss, self.waited = (np.inf, 0) -> self.best_loss, self.waited = (np.inf, {})"
SYMMETRIC = "maximum is symmetric in its arguments"
SHARE = "{0} = right / np.maximum({1}, 1) -> {0} = right / np.maximum(1, {1})"
DICE = "mask = (rng.random(x.shape) {} rate) / (1 - rate)"
EQUIVALENT = {
    "recognized_and_reliable": {
        SHARE.format("recognized", "confusion.sum(axis=1)"): SYMMETRIC,
        SHARE.format("reliable", "confusion.sum(axis=0)"): SYMMETRIC,
    },
    "EarlyStopping": {
        INIT.format(1): FIRST_EPOCH,
        INIT.format(-1): FIRST_EPOCH,
        "self.best_params = None -> pass": FIRST_EPOCH,
    },
    "dropout": {
        f"{DICE.format('>=')} -> {DICE.format('>')}": "a random number is never exactly the rate",
    },
}
