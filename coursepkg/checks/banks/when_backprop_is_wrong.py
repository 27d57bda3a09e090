"""Exercises 06: relative error, five broken networks to name and to mend, one random direction."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def relative_error(grad, numeric):
    longer = max([np.linalg.norm(grad), np.linalg.norm(numeric)])
    if longer == 0:
        return 0.0
    return np.linalg.norm(grad - numeric) / longer


def mistake_in_a():
    return "slope"


def mended_a(x, targets, W1, b1, W2, b2):
    n = len(x)
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    grad_z2 = 2 / n * (z2 - targets)
    grad_z1 = grad_z2 @ W2.T * (z1 > 0)
    grad_W1 = x.T @ grad_z1
    grad_b1 = np.sum(grad_z1, axis=0)
    return grad_W1, grad_b1


def mistake_in_b():
    return "axis"


def mended_b(x, labels, W, b):
    n, targets = len(x), np.eye(len(b))[labels]
    z = x @ W + b
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    loss = -np.sum(targets * log_p) / n
    grad_z = (np.exp(log_p) - targets) / n
    grad_W = x.T @ grad_z
    grad_b = np.sum(grad_z, axis=0)
    return loss, grad_W, grad_b


def mistake_in_c():
    return "twice"


def mended_c(x, targets, W, b, decay):
    n = len(x)
    p = 1 / (1 + np.exp(-(x @ W + b)))
    grad_z = (p - targets) / n
    grad_W = x.T @ grad_z + decay * W
    grad_b = np.sum(grad_z, axis=0)
    return grad_W, grad_b


def mistake_in_d():
    return "overwritten"


def mended_d(x, targets, W, b, times):
    n, a = len(x), [x]
    for _ in range(times):
        a.append(np.tanh(a[-1] @ W + b))
    grad_a = 2 / n * (a[-1] - targets)
    grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
    for k in reversed(range(times)):
        grad_z = grad_a * (1 - a[k + 1] ** 2)
        grad_W += a[k].T @ grad_z
        grad_b += np.sum(grad_z, axis=0)
        grad_a = grad_z @ W.T
    return grad_W, grad_b


def mistake_in_e():
    return "forgotten"


def mended_e(x, targets, w, learning_rate, momentum, size, epochs):
    path, velocity = [], np.zeros_like(w)
    for _ in range(epochs):
        for start in range(0, len(x), size):
            batch, wanted = x[start : start + size], targets[start : start + size]
            grad = 2 / len(batch) * batch.T @ (batch @ w - wanted)
            velocity = momentum * velocity + grad
            w = w - learning_rate * velocity
            # Not append: a mutant that appends the path to itself would fill the memory.
            path = [*path, w]
    return np.array(path)


def direction_check(loss, params, grad, direction, h):
    claimed = np.sum(grad * direction)
    ahead, behind = loss(params + h * direction), loss(params - h * direction)
    found = (ahead - behind) / (2 * h)
    return claimed, found


def two_gradients(rng):
    """Pairs of arrays: opposite, one longer than the other, tiny, zero, with several axes."""
    first = rng.normal(0, 1, (3, 4))
    cube = rng.normal(0, 2, (2, 3, 2))
    return {
        "one is half of the other": {
            "grad": np.array([1.5, 2.0]),
            "numeric": np.array([3.0, 4.0]),
        },
        "opposite": {"grad": np.array([3.0, -4.0]), "numeric": np.array([-3.0, 4.0])},
        "equal": {"grad": np.array([0.5, -2.0]), "numeric": np.array([0.5, -2.0])},
        "ours is zero": {"grad": np.array([0.0, 0.0]), "numeric": np.array([3.0, 4.0])},
        "ours is not zero": {"grad": np.array([3.0, 4.0]), "numeric": np.array([0.0, 0.0])},
        "both are zero": {"grad": np.array([0.0, 0.0]), "numeric": np.array([0.0, 0.0])},
        "a matrix": {
            "grad": np.array([[1.0, 2.0], [-2.0, 3.0]]),
            "numeric": np.array([[1.0, 2.0], [2.0, 0.0]]),
        },
        "tiny": {"grad": np.array([3e-9, 4e-9]), "numeric": np.array([4e-9, 3e-9])},
        "random": {"grad": first, "numeric": 1.3 * first + rng.uniform(-0.5, 0.5, (3, 4))},
        "random, three axes": {"grad": cube, "numeric": cube / 2 + rng.normal(0, 0.3, (2, 3, 2))},
    }


def nothing_given(rng):
    return {"the word": {}}


def regressions(rng):
    """Two layers; some hidden units are open, some shut, and one lies on the kink."""
    sizes = {"two samples": (2, 4, 5, 3), "five samples": (5, 3, 4, 2), "square": (4, 3, 3, 3)}
    drawn = {
        label: {
            "x": rng.normal(0, 1, (n, inputs)),
            "targets": rng.normal(0, 1, (n, outputs)),
            "W1": rng.normal(0, 1, (inputs, hidden)),
            "b1": rng.normal(0, 0.5, hidden),
            "W2": rng.normal(0, 1, (hidden, outputs)),
            "b2": rng.normal(0, 0.5, outputs),
        }
        for label, (n, inputs, hidden, outputs) in sizes.items()
    }
    return {
        "one sample": {
            "x": np.array([[1.0, 2.0]]),
            "targets": np.array([[1.0]]),
            "W1": np.array([[0.5, -1.0, 2.0], [0.25, 0.5, -0.5]]),
            "b1": np.array([0.5, -0.5, 0.3]),
            "W2": np.array([[1.0], [2.0], [-1.0]]),
            "b2": np.array([0.5]),
        },
        "three samples": {
            "x": np.array([[1.0], [-1.0], [2.0]]),
            "targets": np.array([[1.0], [0.0], [-1.0]]),
            "W1": np.array([[0.5, -1.5]]),
            "b1": np.array([0.2, 0.4]),
            "W2": np.array([[1.0], [-2.0]]),
            "b2": np.array([0.5]),
        },
        "on the kink": {
            "x": np.array([[0.0, 0.0], [1.0, -1.0]]),
            "targets": np.array([[1.0], [-1.0]]),
            "W1": np.array([[0.5, 1.0], [0.25, -0.5]]),
            "b1": np.array([0.0, 0.25]),
            "W2": np.array([[2.0], [-1.0]]),
            "b2": np.array([0.5]),
        },
        **drawn,
    }


def classifiers(rng):
    """One layer and labels; among them as many samples as classes, and logits that are large."""
    drawn = {}
    for label, (n, inputs, classes) in {
        "five samples": (5, 3, 4),
        "as many samples as classes": (3, 2, 3),
        "seven samples": (7, 4, 3),
    }.items():
        drawn[label] = {
            "x": rng.normal(0, 1, (n, inputs)),
            "labels": rng.integers(0, classes, n),
            "W": rng.normal(0, 1, (inputs, classes)),
            "b": rng.normal(0, 0.5, classes),
        }
    return {
        "one sample": {
            "x": np.array([[1.0, 2.0]]),
            "labels": np.array([0]),
            "W": np.array([[0.5, -1.0], [0.25, 0.5]]),
            "b": np.array([0.1, -0.2]),
        },
        "two samples": {
            "x": np.array([[1.0], [-2.0]]),
            "labels": np.array([0, 0]),
            "W": np.array([[0.5, -1.0]]),
            "b": np.array([0.2, 0.1]),
        },
        "three samples, two classes": {
            "x": np.array([[1.0], [-1.0], [2.0]]),
            "labels": np.array([0, 1, 1]),
            "W": np.array([[0.5, -1.0]]),
            "b": np.array([0.2, 0.1]),
        },
        "large logits": {
            "x": np.array([[2.0], [2.5]]),
            "labels": np.array([1, 0]),
            "W": np.array([[400.0, 400.5]]),
            "b": np.array([0.5, -0.5]),
        },
        "large logits of either sign": {
            "x": np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 1.0]]),
            "labels": np.array([1, 0, 1]),
            "W": np.array([[450.0, 451.0, 452.0], [400.0, -400.0, 0.0]]),
            "b": np.array([0.5, -0.5, 0.0]),
        },
        **drawn,
    }


def yes_or_no(rng):
    """Samples with a yes or a no for each of several questions, and a penalty."""
    drawn = {
        label: {
            "x": rng.normal(0, 1, (n, inputs)),
            "targets": rng.integers(0, 2, (n, outputs)).astype(float),
            "W": rng.normal(0, 1, (inputs, outputs)),
            "b": rng.uniform(0.3, 1, outputs),
            "decay": decay,
        }
        for label, (n, inputs, outputs, decay) in {
            "two samples": (2, 4, 3, 0.1),
            "five samples": (5, 3, 2, 0.5),
            "six samples, no penalty": (6, 2, 4, 0.0),
        }.items()
    }
    return {
        "one sample": {
            "x": np.array([[1.0, 2.0]]),
            "targets": np.array([[1.0]]),
            "W": np.array([[0.5], [-1.0]]),
            "b": np.array([0.5]),
            "decay": 0.5,
        },
        "three samples": {
            "x": np.array([[1.0], [-1.0], [2.0]]),
            "targets": np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]),
            "W": np.array([[0.5, -1.0]]),
            "b": np.array([0.2, 0.4]),
            "decay": 0.25,
        },
        **drawn,
    }


def repeated_layers(rng):
    drawn = {
        label: {
            "x": rng.normal(0, 1, (n, units)),
            "targets": rng.uniform(-0.9, 0.9, (n, units)),
            "W": rng.uniform(-1, 1, (units, units)),
            "b": rng.uniform(0.1, 0.6, units),
            "times": times,
        }
        for label, (n, units, times) in {
            "once": (4, 3, 1),
            "three times": (5, 3, 3),
            "four times": (2, 4, 4),
            "five times": (6, 2, 5),
        }.items()
    }
    return {
        "twice, one sample": {
            "x": np.array([[1.0, -0.5]]),
            "targets": np.array([[0.5, -1.0]]),
            "W": np.array([[0.5, -1.0], [1.5, 0.25]]),
            "b": np.array([0.1, -0.2]),
            "times": 2,
        },
        "twice, three samples": {
            "x": np.array([[1.0], [-0.5], [0.25]]),
            "targets": np.array([[0.5], [1.0], [-0.5]]),
            "W": np.array([[0.8]]),
            "b": np.array([0.3]),
            "times": 2,
        },
        **drawn,
    }


def trainings(rng):
    """Lines to be trained over several epochs; the last batch of an epoch may be smaller."""

    def drawn(n, inputs, size, epochs, learning_rate, momentum):
        return {
            "x": rng.normal(0, 1, (n, inputs)),
            "targets": rng.normal(1, 1, n),
            "w": rng.normal(0, 1, inputs),
            "learning_rate": learning_rate,
            "momentum": momentum,
            "size": size,
            "epochs": epochs,
        }

    return {
        "two batches of one sample": {
            "x": np.array([[1.0], [2.0]]),
            "targets": np.array([2.0, 1.0]),
            "w": np.array([0.5]),
            "learning_rate": 0.05,
            "momentum": 0.5,
            "size": 1,
            "epochs": 2,
        },
        "a smaller batch at the end": drawn(5, 2, 2, 4, 0.05, 0.9),
        "one batch in an epoch": drawn(6, 3, 6, 10, 0.05, 0.9),
        "many epochs": drawn(7, 3, 3, 6, 0.02, 0.8),
    }


def directions(rng):
    """Some gradients are right here, others are not; h is so large that the form of a difference
    tells."""
    drawn = {
        label: {
            "loss": loss,
            "params": rng.uniform(-1, 1, m),
            "grad": rng.normal(0, 1, m),
            "direction": rng.normal(0, 1, m),
            "h": h,
        }
        for label, (loss, m, h) in {
            "four parameters": ("log_sum_exp", 4, 0.25),
            "seven parameters": ("sum_of_cubes", 7, 0.125),
        }.items()
    }
    return {
        "one parameter": {
            "loss": "sum_of_cubes",
            "params": np.array([2.0]),
            "grad": np.array([12.0]),
            "direction": np.array([-2.0]),
            "h": 0.5,
        },
        "two parameters": {
            "loss": "sum_of_cubes",
            "params": np.array([1.0, -1.0]),
            "grad": np.array([3.0, -1.0]),
            "direction": np.array([2.0, 1.0]),
            "h": 0.25,
        },
        **drawn,
    }


def error_of_entries(grad, numeric):
    longer = np.maximum(np.abs(grad), np.abs(numeric))
    shares = np.abs(grad - numeric) / np.where(longer == 0, 1, longer)
    return np.max(shares)


def params_moved(loss, params, grad, direction, h):
    claimed = np.sum(grad * direction)
    params += h * direction
    ahead = loss(params)
    params -= 2 * h * direction
    return claimed, (ahead - loss(params)) / (2 * h)


def slopes_of_entries(loss, params, grad, direction, h):
    found = 0.0
    for i in range(len(params)):
        step = np.zeros_like(params)
        step[i] = h
        found += (loss(params + step) - loss(params - step)) / (2 * h) * direction[i]
    return np.sum(grad * direction), found


def saying(word):
    """A function that answers with this word."""
    return lambda: word


def naming(reference, hints, sentences):
    """A question for a word; sentences: what each wrong word of the list does not explain."""
    return Question(
        reference,
        points=1,
        cases=nothing_given,
        use=use.word,
        secret=True,
        mistakes={word: Mistake(text, saying(word)) for word, text in sentences.items()},
        hints=hints,
    )


RELATIVE_ERROR = Question(
    relative_error,
    points=1,
    cases=two_gradients,
    mistakes={
        "not_relative": Mistake(
            "This is the length of the difference itself. Tiny gradients would always seem right: "
            "it has to be a share of their length.",
            {"np.linalg.norm(grad - numeric) / longer": "np.linalg.norm(grad - numeric)"},
        ),
        "largest_difference": Mistake(
            "This is the largest difference of two entries, which says nothing as long as one does "
            "not know how large the gradients are.",
            {"np.linalg.norm(grad - numeric) / longer": "np.max(np.abs(grad - numeric))"},
        ),
        "share_of_numeric": Mistake(
            "It is a share of the length of `numeric`, whichever is longer. With ours much too "
            "large it would have no bound.",
            {"max([np.linalg.norm(grad), np.linalg.norm(numeric)])": "np.linalg.norm(numeric)"},
        ),
        "share_of_grad": Mistake(
            "It is a share of the length of `grad`, whichever is longer. The measure should be the "
            "longer of the two.",
            {"max([np.linalg.norm(grad), np.linalg.norm(numeric)])": "np.linalg.norm(grad)"},
        ),
        "share_of_shorter": Mistake(
            "It divides by the shorter of the two lengths. By the longer one, so that the result "
            "cannot be above 2.",
            {"max(": "min("},
        ),
        "share_of_sum": Mistake(
            "It divides by the sum of both lengths. That is another measure, half as large or a "
            "little more; the chapter divides by the longer one.",
            {"max(": "sum("},
        ),
        "difference_of_lengths": Mistake(
            "It compares the lengths of the two arrays. Two arrays of the same length can point in "
            "opposite directions: subtract first, then take the length.",
            {
                "np.linalg.norm(grad - numeric) / longer": "abs(np.linalg.norm(grad)"
                " - np.linalg.norm(numeric)) / longer"
            },
        ),
        "squares": Mistake(
            "It is squared: a length is the root of the sum of the squares, above and below.",
            {
                "return np.linalg.norm(grad - numeric) / longer": "return ("
                "np.linalg.norm(grad - numeric) / longer) ** 2"
            },
        ),
        "entry_by_entry": Mistake(
            "It compares entry by entry and returns the worst. Here the whole array gets one "
            "verdict: lengths of arrays, not sizes of entries.",
            error_of_entries,
        ),
        "zero_by_zero": Mistake(
            "With both arrays zero it divides 0 by 0, which is NaN. Return 0 there.",
            {"longer == 0": "False"},
        ),
        "zero_is_wrong": Mistake(
            "With both arrays zero it says 1, as if they differed. They are equal: return 0.",
            {"0.0": "1.0"},
        ),
        "small_number_added": Mistake(
            "A small number is added to the denominator, to avoid 0/0. For tiny gradients it is "
            "not small, and their error seems to vanish.",
            {"/ longer": "/ (longer + 1e-8)"},
        ),
        "largest_entries": Mistake(
            "It takes the largest entries in place of the lengths. A length is the root of the sum "
            "of the squares of all entries.",
            {
                "np.linalg.norm(grad - numeric)": "np.max(np.abs(grad - numeric))",
                "max([np.linalg.norm(grad), np.linalg.norm(numeric)])": "max("
                "[np.max(np.abs(grad)), np.max(np.abs(numeric))])",
            },
        ),
        "tiny_is_zero": Mistake(
            "Tiny arrays are taken for zero, as `np.allclose` does it. There is nothing to compare "
            "only where both arrays are exactly 0.",
            {"longer == 0": "longer < 1e-8"},
        ),
        "one_is_zero": Mistake(
            "It returns 0 as soon as one of the two arrays is zero. Such a pair differs entirely, "
            "and the formula says 1.",
            {
                "if longer == 0": "if np.linalg.norm(grad) == 0 or np.linalg.norm(numeric) == 0",
            },
        ),
        "matrix_norm": Mistake(
            "`np.linalg.norm(array, 2)` is the length only for a single axis; for a matrix it is "
            "another number. Without the 2 it takes all entries.",
            {
                "np.linalg.norm(grad - numeric)": "np.linalg.norm(grad - numeric, 2)",
                "max([np.linalg.norm(grad), np.linalg.norm(numeric)])": "max("
                "[np.linalg.norm(grad, 2), np.linalg.norm(numeric, 2)])",
            },
        ),
    },
    hints=(
        "Look up the formula for E in the chapter. What are the double bars around an array?",
        "`np.linalg.norm(array)` is the length of an array with any number of axes. You need three "
        "lengths: of the difference, and of each array, of which the longer one counts.",
        "`return np.linalg.norm(grad - numeric) / longer`, with "
        "`longer = max(np.linalg.norm(grad), np.linalg.norm(numeric))`, unless `longer` is 0.",
    ),
)

NAME_A = naming(
    mistake_in_a,
    hints=(
        "What is right, and what is wrong? The gradient goes from W2 and b2 back to W1 and b1.",
        "W2 and b2 follow from δ₂, so δ₂ is right. Both W1 and b1 are wrong, by changing amounts, "
        "so it is not their own two lines. What stands between?",
        'The line of δ₁ has a₁ (1 − a₁), and the hidden layer is a ReLU: `return "slope"`.',
    ),
    sentences={
        "bias": "A bias that is not summed would make b1 alone wrong, and in its shape. Here W1 is "
        "wrong, too.",
        "twice": "Dividing by n twice does no harm with a batch of one, and here a single sample "
        "is wrong as well.",
        "sign": "A turned sign makes an error of 200 percent at any point. These are smaller, and "
        "they change with the parameters.",
        "axis": "There is no softmax in this network.",
        "penalty": "A penalty applies to weights. Here b1 is wrong as well; and this loss has no "
        "penalty.",
        "overwritten": "Nothing is used several times here: each layer does its work once.",
        "early": "No weight is updated in this function, and an update out of order would pass the "
        "gradient check. This network fails it.",
        "forgotten": "An update rule that forgets passes the gradient check, which asks for a "
        "gradient and not for a step. This network fails it.",
        "uncleared": "Gradients that pile up are right the first time, so they pass the check. "
        "These are wrong from the beginning.",
    },
)

MEND_A = Question(
    mended_a,
    points={"grad_W1": 1, "grad_b1": 1},
    cases=regressions,
    mistakes={
        "untouched": Mistake(
            "These are still the gradients of `broken_a`: δ₁ has a slope that belongs to another "
            "activation.",
            {"* (z1 > 0)": "* a1 * (1 - a1)"},
        ),
        "slope_at_z": Mistake(
            "The slope is still the sigmoid's, now taken at z₁: z₁ (1 − z₁). The hidden layer is a "
            "ReLU, and its slope is simpler.",
            {"* (z1 > 0)": "* z1 * (1 - z1)"},
        ),
        "slope_of_sigmoid_of_z": Mistake(
            "The slope is that of a true sigmoid at z₁. But the forward pass has a ReLU, and the "
            "slope must be the ReLU's.",
            {"* (z1 > 0)": "/ (1 + np.exp(-z1)) / (1 + np.exp(z1))"},
        ),
        "slope_of_tanh": Mistake(
            "The slope is now that of a tanh, 1 − a₁². The forward pass has a ReLU.",
            {"* (z1 > 0)": "* (1 - a1**2)"},
        ),
        "gate_lost": Mistake(
            "The slope is gone altogether. ReLU has slope 1 only where z₁ is positive; elsewhere "
            "nothing comes through.",
            {" * (z1 > 0)": ""},
        ),
        "value_for_gate": Mistake(
            "δ₁ is multiplied by a₁, the value of the ReLU. Its slope is not its value: where it "
            "is open the slope is 1.",
            {"(z1 > 0)": "a1"},
        ),
        "gate_on_gradient": Mistake(
            "The gate asks for the sign of the gradient that arrives. What decides is the forward "
            "pass: whether z₁ was positive.",
            {"grad_z2 @ W2.T * (z1 > 0)": "grad_z2 @ W2.T\n    grad_z1 = grad_z1 * (grad_z1 > 0)"},
        ),
        "gate_turned": Mistake(
            "The gate is turned round: it is open where z₁ is negative.",
            {"z1 > 0": "z1 < 0"},
        ),
        "kink": Mistake(
            "It is right except on the kink: where z₁ is exactly 0 the slope should be 0.",
            {"z1 > 0": "z1 >= 0"},
        ),
        "forward_changed": Mistake(
            "Now the forward pass has a sigmoid, so that it fits the slope. Gradient and loss "
            "agree again, but it is another network: the ReLU was wanted.",
            {
                "np.maximum(z1, 0)": "1 / (1 + np.exp(-z1))",
                "(z1 > 0)": "a1 * (1 - a1)",
            },
        ),
        "bias_mean": Mistake(
            "The gradient of b1 is now a mean over the batch. It was a sum, rightly: the 1/n is in "
            "δ₂ already.",
            {"np.sum(grad_z1": "np.mean(grad_z1"},
        ),
    },
    hints=(
        "One line is wrong. Compare the activation in the forward pass with the slope in the "
        "backward pass.",
        "The slope of ReLU is 1 where z₁ is positive and 0 elsewhere. The chapter's second patient "
        "has this line.",
        "`grad_z1 = grad_z2 @ W2.T * (z1 > 0)`",
    ),
)

NAME_B = naming(
    mistake_in_b,
    hints=(
        "The first loss of a classifier with small weights is a number that you know. Which one "
        "should it be with three classes, and of which number is 4.50 the logarithm?",
        "4.50 is log 90, and there are 90 samples: they share the probability among themselves. "
        "Adding a number to one bias adds it to a whole column of logits.",
        'Each column of the probabilities adds up to 1, where each row should: `return "axis"`.',
    ),
    sentences={
        "slope": "No activation has a slope here except the softmax, and its way back is p − y as "
        "it should be. The first loss is wrong as well, and that has nothing to do with slopes.",
        "bias": "The gradient of b is summed over the batch and has the right shape. And W is "
        "wrong, too, as well as the first loss.",
        "twice": "1/n twice would leave the first loss at log 3, and it would make the training "
        "slow, but would not let the loss rise.",
        "sign": "A turned sign lets the loss rise, too. But it makes an error of 200 percent, and "
        "leaves the first loss at log 3.",
        "penalty": "There is no penalty in this loss; and a penalty would not spoil b.",
        "overwritten": "Nothing is used several times here; and the first loss, 4.50, is wrong "
        "before any gradient is computed.",
        "early": "No weight is updated in this function. The first loss is wrong before any "
        "backward pass.",
        "forgotten": "An update rule that forgets passes the gradient check, and leaves the first "
        "loss as it is.",
        "uncleared": "Gradients that pile up are right the first time. Here the first loss is "
        "wrong, before there is any gradient.",
    },
)

MEND_B = Question(
    mended_b,
    points={"loss": 1, "grad_W": 1, "grad_b": 1},
    cases=classifiers,
    mistakes={
        "untouched": Mistake(
            "This is still what `broken_b` gives: the probabilities of each column add up to 1, "
            "and the samples compete for a class.",
            {
                "np.max(z, axis=1, keepdims=True)": "np.max(z, axis=0)",
                "np.sum(np.exp(z), axis=1, keepdims=True)": "np.sum(np.exp(z), axis=0)",
            },
        ),
        "maximum_of_columns": Mistake(
            "The sum is mended and the maximum is not. What is subtracted must be the same number "
            "for a whole row; the maxima of the columns change the probabilities.",
            {"np.max(z, axis=1, keepdims=True)": "np.max(z, axis=0)"},
        ),
        "sum_of_columns": Mistake(
            "The maximum is mended and the sum is not: the columns are still normalized, not the "
            "rows.",
            {"np.sum(np.exp(z), axis=1, keepdims=True)": "np.sum(np.exp(z), axis=0)"},
        ),
        "axis_lost": Mistake(
            "The sum is now over all numbers of the batch together. Each row should have a sum of "
            "its own.",
            {"np.sum(np.exp(z), axis=1, keepdims=True)": "np.sum(np.exp(z))"},
        ),
        "keepdims_lost": Mistake(
            "Maximum and sum of the rows have the shape (n,), and NumPy lays them along the "
            "columns; where it can, it is wrong, and elsewhere it stops. Keep the axis, so that "
            "they are (n, 1).",
            {
                "np.max(z, axis=1, keepdims=True)": "np.max(z, axis=1)",
                "np.sum(np.exp(z), axis=1, keepdims=True)": "np.sum(np.exp(z), axis=1)",
            },
        ),
        "normalized_again": Mistake(
            "The columns are normalized as before, and then the rows. The rows add up to 1 now, "
            "but the first division has already changed the shares within each row.",
            {
                "np.max(z, axis=1, keepdims=True)": "np.max(z, axis=0)",
                "log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))": "log_p = z"
                " - np.log(np.sum(np.exp(z), axis=0))\n"
                "    log_p = log_p - np.log(np.sum(np.exp(log_p), axis=1, keepdims=True))",
            },
        ),
        "maximum_dropped": Mistake(
            "Without the maximum `exp` overflows for large logits. Subtracting it was right; it "
            "has to be the one of each row.",
            {"z = z - np.max(z, axis=1, keepdims=True)": "pass"},
        ),
        "maximum_of_all": Mistake(
            "The largest logit of the whole batch is subtracted. In a row that lies hundreds below "
            "it all `exp` become 0, and the logarithm of 0 is −∞.",
            {"np.max(z, axis=1, keepdims=True)": "np.max(z)"},
        ),
        "logarithm_of_p": Mistake(
            "The logarithm is taken of finished probabilities. One that belongs to a logit some "
            "hundreds below the largest is rounded to 0, and log 0 is −∞; take the logarithm of "
            "the sum, as the code did.",
            {
                "log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))": "log_p = np.log("
                "np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True))"
            },
        ),
        "mean_of_entries": Mistake(
            "The loss is divided by the number of all entries. It is the mean over the samples, of "
            "which there are n.",
            {"(targets * log_p) / n": "(targets * log_p) / targets.size"},
        ),
        "sign_of_loss": Mistake(
            "The loss has lost its minus: a logarithm of a probability is negative, and a loss "
            "should not be.",
            {"-np.sum(targets": "np.sum(targets"},
        ),
        "slope_of_sigmoid": Mistake(
            "The gradient has now the factor p (1 − p). That was no part of the illness: p − y is "
            "the whole way back through logarithm and softmax.",
            {"- targets) / n": "- targets) / n * np.exp(log_p) * (1 - np.exp(log_p))"},
        ),
        "bias_axis": Mistake(
            "The sum for b is now along the rows, too. That one was right: the gradient of b "
            "collects over the samples.",
            {"np.sum(grad_z, axis=0)": "np.sum(grad_z, axis=1)"},
        ),
    },
    hints=(
        "Which axis numbers the samples, and which the classes? Look at every `axis=` in the code.",
        "Two of the three belong along the rows: that of the maximum and that of the sum of `exp`. "
        "`keepdims=True` gives them the shape (n, 1), which fits beside z.",
        "`z = z - np.max(z, axis=1, keepdims=True)`, and the sum of `exp` in the same way.",
    ),
)

NAME_C = naming(
    mistake_in_c,
    hints=(
        "83.3 percent wrong means that 16.7 percent of the gradient are left. Which fraction is "
        "that? And which is left of it with twelve samples?",
        "One sixth with six samples, one twelfth with twelve, all of it with one.",
        'A factor 1/n is there once too often: `return "twice"`.',
    ),
    sentences={
        "slope": "A wrong slope does harm with a single sample, too, and it makes another error at "
        "each point. Here one sample is right, and the error is the same number in W and b.",
        "bias": "W is wrong by as much as b. A bias that is not summed leaves W right.",
        "sign": "A turned sign makes an error of 200 percent, and with a single sample, too.",
        "axis": "There is no softmax here: each output has a sigmoid of its own.",
        "penalty": "The check was made with `decay=0`, so the penalty can have no part in it. And "
        "`decay * W` is there.",
        "overwritten": "Nothing is used several times here. What changes the error is the number "
        "of samples.",
        "early": "No weight is updated in this function, and the order of updates does not depend "
        "on the number of samples.",
        "forgotten": "An update rule that forgets passes the gradient check. Here the gradient is "
        "wrong, by an amount that the number of samples decides.",
        "uncleared": "Gradients that pile up would be too large and not too small, and the first "
        "one would be right.",
    },
)

MEND_C = Question(
    mended_c,
    points={"grad_W": 1, "grad_b": 1},
    cases=yes_or_no,
    mistakes={
        "untouched": Mistake(
            "These are still the gradients of `broken_c`: the mean over the batch is taken once in "
            "`grad_z`, and then once more.",
            {
                "x.T @ grad_z + decay": "x.T @ grad_z / n + decay",
                "np.sum(grad_z": "np.mean(grad_z",
            },
        ),
        "bias_left": Mistake(
            "W is mended, b is not: its mean divides by n once more.",
            {"np.sum(grad_z": "np.mean(grad_z"},
        ),
        "weights_left": Mistake(
            "b is mended, W is not: the division by n is still in its line.",
            {"x.T @ grad_z + decay": "x.T @ grad_z / n + decay"},
        ),
        "never": Mistake(
            "Now it is divided by n nowhere. The loss is a mean over the samples, so 1/n belongs "
            "into it once.",
            {"- targets) / n": "- targets)"},
        ),
        "one_is_too_many": Mistake(
            "The 1/n in `grad_z` is gone, and that of W, too: the gradient of W lacks the mean "
            "over the samples, which that of b has.",
            {"- targets) / n": "- targets)", "np.sum(grad_z": "np.mean(grad_z"},
        ),
        "penalty_divided": Mistake(
            "The penalty is now divided by n, together with the rest. It has no 1/n in the loss, "
            "so its gradient is c W whatever the number of samples.",
            {"x.T @ grad_z + decay * W": "x.T @ grad_z + decay * W / n"},
        ),
        "penalty_lost": Mistake(
            "The penalty got lost in the repair. It is in the loss, and each weight has c times "
            "itself in its gradient.",
            {" + decay * W": ""},
        ),
        "penalty_doubled": Mistake(
            "The penalty's gradient is doubled. The loss has c/2 times the squares, and the ½ "
            "cancels the 2.",
            {"decay * W": "2 * decay * W"},
        ),
        "penalty_on_biases": Mistake(
            "Now the biases are penalized, too. The sum in the loss runs over the weights only.",
            {"np.sum(grad_z, axis=0)": "np.sum(grad_z, axis=0) + decay * b"},
        ),
        "number_of_entries": Mistake(
            "It is divided by the number of all entries of `targets`. The loss adds over the "
            "outputs; the mean is over the samples, of which there are n.",
            {"- targets) / n": "- targets) / targets.size"},
        ),
        "not_summed": Mistake(
            "The gradient of b has a row for each sample now. One bias serves all samples: sum "
            "over them.",
            {"np.sum(grad_z, axis=0)": "grad_z"},
        ),
        "summed_to_one": Mistake(
            "The sum for b runs over samples and outputs, and a single number is left. Each output "
            "has a bias of its own: `axis=0`.",
            {"np.sum(grad_z, axis=0)": "np.sum(grad_z)"},
        ),
        "sign": Mistake(
            "The error at the output has been turned round. It is p − t, as it was.",
            {"(p - targets)": "(targets - p)"},
        ),
        "slope_too_many": Mistake(
            "There is a factor p (1 − p) now. It was rightly missing: with this loss the slope of "
            "the sigmoid cancels.",
            {"- targets) / n": "- targets) / n * p * (1 - p)"},
        ),
    },
    hints=(
        "Count how often it is divided by n on the way to W, and on the way to b.",
        "`grad_z` has the 1/n of the mean. After that one only adds up. In the line of b it is not "
        "a `/` that divides.",
        "`grad_W = x.T @ grad_z + decay * W` and `grad_b = np.sum(grad_z, axis=0)`",
    ),
)

NAME_D = naming(
    mistake_in_d,
    hints=(
        "What is different between `times=1`, which is right, and `times=2`?",
        "The gradient of x is right, so the gradient finds its way through all layers. W and b are "
        "used once in each round. How many rounds are in their gradients at the end?",
        'Each round of the loop replaces what the one before has found: `return "overwritten"`.',
    ),
    sentences={
        "slope": "With a wrong slope the gradient of x would be wrong as well, and `times=1` would "
        "fail, too.",
        "bias": "b is summed over the batch, and it has the right shape. W is wrong, too, and with "
        "`times=1` both are right.",
        "twice": "The 1/n enters once, before the loop. A factor too many would spoil `times=1` "
        "and the gradient of x as well.",
        "sign": "A turned sign would spoil `times=1`, too, and the gradient of x.",
        "axis": "There is no softmax here.",
        "penalty": "There is no penalty in this loss, and b would not be touched by one.",
        "early": "No weight is updated in this function: W is the same from the beginning to the "
        "end.",
        "forgotten": "That word is about an update rule. There is none here, and the gradient "
        "itself is wrong.",
        "uncleared": "If the gradients piled up from call to call, the first would be right, and "
        "then `times` would not matter. In this loop nothing piles up, and that is rather the "
        "trouble.",
    },
)

MEND_D = Question(
    mended_d,
    points={"grad_W": 1, "grad_b": 1},
    cases=repeated_layers,
    mistakes={
        "untouched": Mistake(
            "These are still the gradients of `broken_d`: of all rounds only the last of the loop "
            "is left in them.",
            {"grad_W += a[k]": "grad_W = a[k]", "grad_b += np": "grad_b = np"},
        ),
        "bias_left": Mistake(
            "W is mended, b is not: it still holds one round only.", {"grad_b += np": "grad_b = np"}
        ),
        "weights_left": Mistake(
            "b is mended, W is not: it still holds one round only.",
            {"grad_W += a[k]": "grad_W = a[k]"},
        ),
        "averaged": Mistake(
            "The contributions of the rounds are averaged. Where something is used several times, "
            "its gradients are added, as in chapter 02.",
            {"return grad_W, grad_b": "return grad_W / times, grad_b / times"},
        ),
        "only_output": Mistake(
            "Now only the round next to the output is in the gradients. All rounds belong in.",
            {
                "grad_W += a[k].T @ grad_z": "grad_W += a[k].T @ grad_z * (k == times - 1)",
                "grad_b += np.sum(grad_z, axis=0)": "grad_b += np.sum(grad_z, axis=0)"
                " * (k == times - 1)",
            },
        ),
        "walk_piles_up": Mistake(
            "The gradient that goes back is added up as well. It only moves on from round to "
            "round; what collects are the gradients of W and b.",
            {"grad_a = grad_z @ W.T": "grad_a = grad_a + grad_z @ W.T"},
        ),
        "walk_stands": Mistake(
            "The gradient does not go back any more: each round starts from that of the output. "
            "The line that hands it on through W has to stay.",
            {"        grad_a = grad_z @ W.T\n": ""},
        ),
        "slope_one_off": Mistake(
            "The slope of tanh is taken at the input of its round. It belongs at the output: round "
            "k has made the activation k + 1.",
            {"a[k + 1] ** 2": "a[k] ** 2"},
        ),
        "inputs_each_time": Mistake(
            "Each round multiplies by x. But x goes into the first round only; into round k goes "
            "the activation k.",
            {"grad_W += a[k].T": "grad_W += x.T"},
        ),
        "slope_lost": Mistake(
            "The slope of tanh is gone. On its way back through each round the gradient is "
            "multiplied by it.",
            {" * (1 - a[k + 1] ** 2)": ""},
        ),
        "outputs_each_time": Mistake(
            "Each round multiplies by its own output, the activation k + 1. Its input belongs "
            "there, the activation k.",
            {"grad_W += a[k].T": "grad_W += a[k + 1].T"},
        ),
        "forward_order": Mistake(
            "The loop runs from the first round to the last. The gradient comes from the output, "
            "so the last round has its turn first.",
            {"reversed(range(times))": "range(times)"},
        ),
        "begins_with_one": Mistake(
            "The sums begin at 1 in place of 0, so that every entry is too large by 1.",
            {
                "np.zeros_like(W), np.zeros_like(b)": "np.ones_like(W), np.ones_like(b)",
            },
        ),
        "bias_per_sample": Mistake(
            "The gradient of b has a row for each sample now. The sum over the batch belongs in "
            "each round.",
            {"+= np.sum(grad_z, axis=0)": "= grad_b + grad_z"},
        ),
        "bias_mean": Mistake(
            "The gradient of b takes a mean over the batch now. The 1/n is there already, from "
            "before the loop.",
            {"np.sum(grad_z, axis=0)": "np.mean(grad_z, axis=0)"},
        ),
        "not_transposed": Mistake(
            "The gradient goes back through W and not through its transpose. W is square, so the "
            "shapes do not protest.",
            {"grad_z @ W.T": "grad_z @ W"},
        ),
    },
    hints=(
        "What becomes of `grad_W` from one round of the loop to the next?",
        "Start both gradients at zero before the loop, in the shapes of W and b, and add in each "
        "round what it contributes.",
        "Before the loop `grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)`; in it "
        "`grad_W += a[k].T @ grad_z`, and so for b.",
    ),
)

NAME_E = naming(
    mistake_in_e,
    hints=(
        "1, 1.9, 2.71, and then 1 again: what would the fourth length have been?",
        "0.9 · 2.71 + 1 = 3.439. The fourth step is as long as the first one. What begins anew "
        "with each epoch?",
        'The velocity is made anew, at zero, in each epoch: `return "forgotten"`.',
    ),
    sentences={
        "slope": "There is no activation here, and the gradient passes the check.",
        "bias": "There is no bias here, and the gradient passes the check.",
        "twice": "The gradient passes the check, on batches of several samples. And with a "
        "gradient that is always 1 the lengths are wrong as well.",
        "sign": "With a turned sign the first steps would go uphill. They agree with what was "
        "worked out on paper.",
        "axis": "There is no softmax here.",
        "penalty": "There is no penalty here, and the gradient passes the check.",
        "overwritten": "Each gradient is used up by its own step, and it passes the check. With a "
        "gradient that is always 1 the lengths are wrong all the same.",
        "early": "There is a single array of weights, and its gradient is there before it moves. "
        "Updated too early, it would spoil the first steps already.",
        "uncleared": "Piling up would make the lengths 1, 2, 3, 4 and so on without momentum, and "
        "more with it. Here they fall back to 1.",
    },
)

MEND_E = Question(
    mended_e,
    points=2,
    cases=trainings,
    path=True,
    mistakes={
        "untouched": Mistake(
            "This is still the path of `broken_e`: in each epoch the velocity begins again at "
            "zero.",
            {"for _ in range(epochs):": "for _ in range(epochs):\n        velocity = 0 * w"},
        ),
        "each_step": Mistake(
            "Now the velocity begins at zero in each step, which leaves plain gradient descent. It "
            "must live as long as the training.",
            {"velocity = momentum * velocity + grad": "velocity = grad"},
        ),
        "slowed_each_epoch": Mistake(
            "The velocity is multiplied by the momentum once more where an epoch begins. Nothing "
            "at all should happen to it there.",
            {
                "for _ in range(epochs):": "for _ in range(epochs):\n"
                "        velocity = momentum * velocity"
            },
        ),
        "weights_return": Mistake(
            "At each epoch the weights go back to where they began. Only the velocity starts "
            "before the loops, and the weights go on.",
            {
                "path, velocity = [], np.zeros_like(w)": "path, velocity, first = [], np.zeros_like"
                "(w), w",
                "for _ in range(epochs):": "for _ in range(epochs):\n        w = first",
            },
        ),
        "never_slows": Mistake(
            "The velocity keeps all of itself: the factor `momentum` is missing. So the gradients "
            "pile up.",
            {"momentum * velocity + grad": "velocity + grad"},
        ),
        "running_mean": Mistake(
            "The gradient enters the velocity with the factor 1 − momentum. In the chapter's "
            "momentum it enters whole.",
            {"momentum * velocity + grad": "momentum * velocity + (1 - momentum) * grad"},
        ),
        "momentum_on_both": Mistake(
            "The momentum multiplies the gradient as well. It belongs to the old velocity alone.",
            {"momentum * velocity + grad": "momentum * (velocity + grad)"},
        ),
        "step_first": Mistake(
            "The step is made with the velocity of the step before. First the velocity takes up "
            "the gradient, then the weights move.",
            {
                "velocity = momentum * velocity + grad\n            w = w - learning_rate"
                " * velocity": "w = w - learning_rate * velocity\n"
                "            velocity = momentum * velocity + grad"
            },
        ),
        "uphill": Mistake(
            "The step goes uphill: it should be subtracted.",
            {"w - learning_rate": "w + learning_rate"},
        ),
        "in_place": Mistake(
            "`w -= ...` writes into one array all the time, and every entry of the path is that "
            "array: all rows show the end. It also changes the weights that were given.",
            {"w = w - learning_rate * velocity": "w -= learning_rate * velocity"},
        ),
        "size_for_batch": Mistake(
            "It divides by `size`, also where the last batch is smaller. The mean is over the "
            "samples that are in the batch.",
            {"2 / len(batch)": "2 / size"},
        ),
        "n_for_batch": Mistake(
            "It divides by the number of all samples. The gradient is that of the mean over one "
            "batch.",
            {"2 / len(batch)": "2 / len(x)"},
        ),
        "batch_dropped": Mistake(
            "The last batch is left out where it is smaller, so the path has too few rows. Every "
            "epoch should see every sample.",
            {"range(0, len(x), size)": "range(0, len(x) - size + 1, size)"},
        ),
        "start_kept": Mistake(
            "The path begins with the weights before the first step. Its first row should hold "
            "those after it.",
            {"path, velocity = []": "path, velocity = [w]"},
        ),
        "once_an_epoch": Mistake(
            "The path has a row for each epoch, and it should have one for each step.",
            {"            path = [*path, w]": "        path = [*path, w]"},
        ),
    },
    hints=(
        "Which line sets the velocity to zero, and how often is it run?",
        "What is to be remembered through the whole training must be made before the outer loop, "
        "once.",
        "Before the loops: `path, velocity = [], np.zeros_like(w)`; the line in the outer loop "
        "goes.",
    ),
)

DIRECTION = Question(
    direction_check,
    points={"claimed": 1, "found": 1},
    cases=directions,
    use=use.call_with_function,
    mistakes={
        "claim_averaged": Mistake(
            "The claim is a mean over the parameters. Their effects add up: a sum.",
            {"np.sum(grad * direction)": "np.mean(grad * direction)"},
        ),
        "claim_not_summed": Mistake(
            "The claim has a number for each parameter. The slope along the direction is one "
            "number, their sum.",
            {"np.sum(grad * direction)": "grad * direction"},
        ),
        "claim_of_lengths": Mistake(
            "The claim is the product of two lengths. That is the slope only if the direction "
            "points along the gradient: multiply entry by entry, then add.",
            {
                "np.sum(grad * direction)": "np.linalg.norm(grad) * np.linalg.norm(direction)",
            },
        ),
        "claim_as_cosine": Mistake(
            "The claim is divided by both lengths. That is the cosine of the angle and not a "
            "slope.",
            {
                "np.sum(grad * direction)": "np.sum(grad * direction) / np.linalg.norm(grad)"
                " / np.linalg.norm(direction)",
            },
        ),
        "forward": Mistake(
            "This is the forward difference. The central one looks to both sides.",
            {
                "loss(params - h * direction)": "loss(params)",
                "(2 * h)": "h",
            },
        ),
        "width": Mistake(
            "From one side to the other it is 2h and not h: what is found is twice too large.",
            {"(2 * h)": "h"},
        ),
        "parentheses": Mistake(
            "`/ 2 * h` divides by 2 and then multiplies by h. The divisor 2h needs parentheses.",
            {"/ (2 * h)": "/ 2 * h"},
        ),
        "order": Mistake(
            "What is found has its sign turned: it must be the loss ahead minus the loss behind.",
            {"ahead - behind": "behind - ahead"},
        ),
        "whole_direction": Mistake(
            "The parameters are moved by the whole direction. The step is h times the direction.",
            {
                "loss(params + h * direction), loss(params - h * direction)": "loss("
                "params + direction), loss(params - direction)"
            },
        ),
        "same_for_all": Mistake(
            "Every parameter is moved by h, and the direction is not used: this is the slope along "
            "the direction of all ones.",
            {
                "loss(params + h * direction), loss(params - h * direction)": "loss("
                "params + h), loss(params - h)"
            },
        ),
        "along_gradient": Mistake(
            "The loss is evaluated along the gradient and not along the direction.",
            {
                "loss(params + h * direction), loss(params - h * direction)": "loss("
                "params + h * grad), loss(params - h * grad)"
            },
        ),
        "unit_length": Mistake(
            "This is the slope along a direction of length 1. Here the direction is taken as it "
            "is, however long.",
            {"claimed = np": "direction = direction / np.linalg.norm(direction)\n    claimed = np"},
        ),
        "found_per_length": Mistake(
            "What is found is divided by the length of the direction. The divisor is 2h alone: a "
            "direction twice as long has twice the slope.",
            {"/ (2 * h)": "/ (2 * h) / np.linalg.norm(direction)"},
        ),
        "not_divided": Mistake(
            "What is found is the difference of the two losses. Divided by 2h it is a slope.",
            {" / (2 * h)": ""},
        ),
        "step_of_its_own": Mistake(
            "It takes a step of its own, and a smaller one. Use the `h` that is given.",
            {
                "loss(params + h * direction), loss(params - h * direction)": "loss("
                "params + 1e-5 * direction), loss(params - 1e-5 * direction)",
                "(2 * h)": "2e-5",
            },
        ),
        "entry_by_entry": Mistake(
            "This finds the slope of each parameter by itself and adds them up, two evaluations "
            "for each. It should be two for all: move all parameters at once.",
            slopes_of_entries,
        ),
        "params_moved": Mistake(
            "`params += ...` moves the parameters that were given, and they are not where they "
            "were afterward. Make new arrays, `params + ...`.",
            params_moved,
        ),
    },
    hints=(
        "Look at the chapter's formula with the direction v: what stands in its middle, and what "
        "on its right?",
        "The claim is the sum of gradient times direction over all parameters. For what is found, "
        "go h times the direction ahead and as far behind; the difference of the two losses is "
        "divided by 2h.",
        "`ahead, behind = loss(params + h * direction), loss(params - h * direction)`",
    ),
)

SET = ExerciseSet(
    "06_when_backprop_is_wrong",
    (
        RELATIVE_ERROR,
        NAME_A,
        MEND_A,
        NAME_B,
        MEND_B,
        NAME_C,
        MEND_C,
        NAME_D,
        MEND_D,
        NAME_E,
        MEND_E,
        DIRECTION,
    ),
)
