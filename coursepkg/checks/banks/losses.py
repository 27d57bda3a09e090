"""Exercises 05: squared error and cross-entropy, softmax, label smoothing, logits of any size."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def sigmoid_mse_gradient(z, targets):
    a = 1 / (1 + np.exp(-z))
    return 2 / z.size * (a - targets) * a * (1 - a)


def softmax_jacobian(p):
    return np.diag(p) - np.outer(p, p)


def binary_cross_entropy(logits, targets):
    loss_1 = np.logaddexp(0, -logits)
    loss_0 = np.logaddexp(0, logits)
    loss = np.mean(targets * loss_1 + (1 - targets) * loss_0)

    def vjp(grad_loss):
        a = np.exp(-loss_1)
        return grad_loss / logits.size * (a - targets)

    return loss, vjp


def log_sum_exp(logits):
    largest = logits.max(axis=1)
    e = np.exp(logits - largest[:, None])
    total = e.sum(axis=1)
    value = largest + np.log(total)

    def vjp(grad_value):
        return (grad_value / total)[:, None] * e

    return value, vjp


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_vjp(p, grad_p):
    inner = np.sum(grad_p * p, axis=1, keepdims=True)
    return p * (grad_p - inner)


def softmax_cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    y = np.eye(logits.shape[1])[labels]
    loss = -np.sum(y * log_p) / len(logits)

    def vjp(grad_loss):
        p = np.exp(log_p)
        return grad_loss / len(logits) * (p - y)

    return loss, vjp


def smoothed_cross_entropy(log_p, labels, label_smoothing):
    batch, classes = log_p.shape
    targets = np.full(log_p.shape, label_smoothing / classes)
    targets[np.arange(batch), labels] += 1 - label_smoothing
    loss = -np.sum(targets * log_p) / batch
    grad_logits = (np.exp(log_p) - targets) / batch
    return targets, loss, grad_logits


def from_own_targets(outputs, log_p, labels, label_smoothing):
    """smoothed_cross_entropy: what the loss and the gradient are with the learner's targets."""
    targets, batch = outputs["targets"], len(log_p)
    return {
        "targets": smoothed_cross_entropy(log_p, labels, label_smoothing)[0],
        "loss": -np.sum(targets * log_p) / batch,
        "grad_logits": (np.exp(log_p) - targets) / batch,
    }


def some_neurons(rng):
    return {
        "one number": {"z": np.array([2.0]), "targets": np.array([0.0])},
        "two numbers": {"z": np.array([1.0, -2.0]), "targets": np.array([0.0, 1.0])},
        "three numbers": {"z": np.array([0.5, -1.5, 3.0]), "targets": np.array([1.0, 0.0, 0.25])},
        "many": {"z": rng.normal(0, 2, 8), "targets": rng.integers(0, 2, 8).astype(float)},
    }


def some_probabilities(rng):
    return {
        "two classes": {"p": np.array([0.8, 0.2])},
        "three classes": {"p": np.array([0.5, 0.3, 0.2])},
        "nearly sure": {"p": np.array([0.001, 0.998, 0.0004, 0.0006])},
        "five classes": {"p": rng.dirichlet(np.ones(5))},
    }


def yes_or_no(rng):
    """logits of all sizes with targets, whole and between."""
    given = {
        "one number": ([0.5], [0.0], 1.0),
        "two numbers": ([2.0, -1.0], [1.0, 0.0], 3.0),
        "targets between": ([1.5, -0.7, 0.2], [0.75, 0.25, 0.0], -0.5),
        "a table": ([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], [[1, 0, 0], [0.5, 1, 0]], 1.0),
        "a longer table": (rng.normal(0, 2, (4, 2)), rng.uniform(0, 1, (4, 2)), -2.0),
        "a stack of tables": (rng.normal(0, 2, (2, 3, 2)), rng.uniform(0, 1, (2, 3, 2)), 1.5),
        "a column": (rng.normal(0, 2, (5, 1)), rng.integers(0, 2, (5, 1)), 2.0),
        "sure and wrong": ([40.0], [0.0], 1.0),
        "surer and wrong": ([1000.0, -800.0], [0.0, 1.0], -2.0),
        "surer and right": ([1000.0, -800.0], [1.0, 0.0], 1.0),
    }
    return {
        label: {
            "logits": np.array(logits),
            "targets": np.array(targets, dtype=float),
            "grad_loss": grad_loss,
        }
        for label, (logits, targets, grad_loss) in given.items()
    }


FAR_OUT = {
    "very large": [[1000.0, 999.0, 998.0]],
    "very negative": [[-1000.0, -998.0, -999.0, -1000.0]],
    "far apart": [[800.0, 0.0, -800.0]],
    "each row elsewhere": [[900.0, 898.0], [-900.0, -899.0], [0.0, 2.0]],
}


def tables(rng):
    """{label: logits}: ordinary tables, then such that overflow."""
    return {
        "one row": np.array([[2.0, 1.0, 0.0]]),
        "two rows": np.array([[1.0, -0.5, 0.5], [0.0, 2.0, -1.0]]),
        "more rows than classes": rng.normal(0, 2, (5, 2)),
        "as many rows as classes": rng.normal(0, 2, (3, 3)),
        "more classes than rows": rng.normal(0, 2, (3, 4)),
        **{label: np.array(logits) for label, logits in FAR_OUT.items()},
    }


def only_logits(rng):
    return {label: {"logits": logits} for label, logits in tables(rng).items()}


def with_grad_value(rng):
    """A gradient for each row, the first ones easy to read."""
    first = {"one row": np.array([3.0]), "two rows": np.array([2.0, -1.0])}
    return {
        label: {"logits": logits, "grad_value": first.get(label, rng.normal(0, 1, len(logits)))}
        for label, logits in tables(rng).items()
    }


def with_grad_p(rng):
    return {
        "one row": {"p": np.array([[0.5, 0.3, 0.2]]), "grad_p": np.array([[2.0, -1.0, 1.0]])},
        "two rows": {
            "p": np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]),
            "grad_p": np.array([[1.0, 0.0, 3.0], [-2.0, 1.0, 0.5]]),
        },
        **{
            f"{rows} rows, {classes} classes": {
                "p": rng.dirichlet(np.ones(classes), rows),
                "grad_p": rng.normal(0, 1, (rows, classes)),
            }
            for rows, classes in ((5, 2), (3, 3), (3, 4))
        },
    }


def with_labels(rng):
    """tables with labels, wherever it matters the ones of small probability, too."""
    chosen = {
        "one row": ([1], 1.0),
        "two rows": ([2, 1], 3.0),
        "very large": ([2], 1.0),
        "very negative": ([0], 2.0),
        "far apart": ([2], -2.0),
        "each row elsewhere": ([1, 1, 0], 1.0),
    }
    cases = {}
    for label, logits in tables(rng).items():
        rows, classes = logits.shape
        labels, grad_loss = chosen.get(label, (rng.integers(0, classes, rows), -0.5))
        cases[label] = {"logits": logits, "labels": np.array(labels), "grad_loss": grad_loss}
    return cases


def to_smooth(rng):
    """log p that are the logarithms of probabilities, with labels and a smoothing."""
    small = {
        "one row": ([[0.5, 0.25, 0.25]], [1], 0.3),
        "two rows": ([[0.7, 0.2, 0.1], [0.25, 0.5, 0.25]], [2, 0], 0.1),
        "not smoothed": ([[0.5, 0.25, 0.125, 0.125]], [3], 0.0),
    }
    random = {
        f"{rows} rows, {classes} classes": (
            rng.dirichlet(np.full(classes, 2.0), rows),
            rng.integers(0, classes, rows),
            smoothing,
        )
        for rows, classes, smoothing in ((5, 2, 0.2), (3, 4, 0.1), (2, 6, 0.4))
    }
    return {
        label: {"log_p": np.log(p), "labels": np.array(labels), "label_smoothing": smoothing}
        for label, (p, labels, smoothing) in {**small, **random}.items()
    }


def through_probabilities(logits, labels):
    """softmax first, its logarithm then; a label of probability 0 costs infinitely much."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(logits.shape[1])[labels]
    loss = -np.mean(np.log(p[np.arange(len(p)), labels]))
    return loss, lambda grad_loss: grad_loss / len(p) * (p - y)


LOSS_LINE = "np.mean(targets * loss_1 + (1 - targets) * loss_0)"


def cut_off(digits, text, most):
    """Clipping the probability at both ends, as many do before they take its logarithm."""
    end = f"1e-{digits}"
    return Mistake(
        f"Cutting the probability off at {text} and at 1 minus that keeps the loss finite and "
        f"makes it wrong: no answer, however sure and wrong, costs more than {most}. At z = 40 it "
        "should be 40.",
        {
            LOSS_LINE: f"q = np.clip(np.exp(-loss_1), {end}, 1 - {end})\n"
            "    loss = -np.mean(targets * np.log(q) + (1 - targets) * np.log(1 - q))"
        },
    )


def added_in_log(digits, text, at_40):
    """Adding a small number to the probability before the logarithm is taken."""
    small = f"1e-{digits}"
    return Mistake(
        f"The {text} that is added in the logarithm hides the −∞ and makes the loss wrong: at "
        f"z = 40 it should be 40, and so it is {at_40}.",
        {
            LOSS_LINE: f"a = np.exp(-loss_1)\n    loss = -np.mean(targets * np.log(a + {small})"
            f" + (1 - targets) * np.log(1 - a + {small}))"
        },
    )


def floor_in_log(digits, text, most):
    """The same for softmax, where the sum is over the classes."""
    return Mistake(
        f"The {text} that is added in the logarithm keeps the loss finite and makes it wrong: no "
        f"example can cost more than {most}. Compute log p from the logits.",
        {"y * log_p)": f"y * np.log(np.exp(log_p) + 1e-{digits}))"},
    )


SHIFTED = "shifted = logits - logits.max(axis=1, keepdims=True)"
LOG_P = "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"

SET = ExerciseSet(
    "05_losses",
    (
        Question(
            sigmoid_mse_gradient,
            points=2,
            cases=some_neurons,
            mistakes={
                "slope_left_out": Mistake(
                    "The slope of the sigmoid, a (1 − a), is missing. Without it this is the "
                    "gradient with respect to a, not to z.",
                    {" * a * (1 - a)": ""},
                ),
                "two_lost": Mistake(
                    "The factor 2 from the square is missing: this is the gradient of ½ (a − t)², "
                    "and here the loss has no ½.",
                    {"2 / z.size": "1 / z.size"},
                ),
                "not_averaged": Mistake(
                    "The loss is a mean over n numbers, so each gradient has a factor 1/n. It is "
                    "missing.",
                    {"2 / z.size * (a - targets)": "2 * (a - targets)"},
                ),
                "slope_at_z": Mistake(
                    "The slope is taken as z (1 − z). The formula a (1 − a) wants the sigmoid's "
                    "output.",
                    {"* a * (1 - a)": "* z * (1 - z)"},
                ),
                "target_minus_output": Mistake(
                    "The sign is turned: the derivative of (a − t)² begins with a − t. With t − a, "
                    "gradient descent would climb.",
                    {"(a - targets)": "(targets - a)"},
                ),
                "sigmoid_left_out": Mistake(
                    "The error is z − t. The loss compares the output a with the target, not the "
                    "number before the sigmoid.",
                    {"(a - targets)": "(z - targets)"},
                ),
                "square_kept": Mistake(
                    "The error is still squared. The derivative of (a − t)² is 2 (a − t): the "
                    "exponent comes down by one.",
                    {"(a - targets)": "(a - targets) ** 2"},
                ),
                "added_up": Mistake(
                    "All gradients are added up to one number. Each z gets a gradient of its own: "
                    "only the loss is a mean.",
                    {
                        "2 / z.size * (a - targets) * a * (1 - a)": "np.mean(2 * (a - targets) "
                        "* a * (1 - a))"
                    },
                ),
                "slope_only_half": Mistake(
                    "Of the sigmoid's slope a (1 − a) only the factor 1 − a is there.",
                    {"* a * (1 - a)": "* (1 - a)"},
                ),
            },
            hints=(
                "Three things stand one behind the other: the sigmoid, the squared difference, and "
                "the mean. Which factor does each of them give on the way back?",
                "The mean gives 1/n, the square 2 (a − t), the sigmoid its slope. Multiply them, "
                "number by number; nothing is added up.",
                "With `a = 1 / (1 + np.exp(-z))`: `return 2 / z.size * (a - targets) * a * (1 - "
                "a)`.",
            ),
        ),
        Question(
            softmax_jacobian,
            points=1,
            cases=some_probabilities,
            mistakes={
                "diagonal_only": Mistake(
                    "Outside of the diagonal everything is 0, as if each probability saw its own "
                    "logit alone. But a push of one logit moves all of them.",
                    {"np.diag(p) - np.outer(p, p)": "np.diag(p * (1 - p))"},
                ),
                "slopes_only": Mistake(
                    "These are the K numbers p (1 − p). They are the diagonal; a table of K rows "
                    "and K columns was asked for.",
                    {"np.diag(p) - np.outer(p, p)": "p * (1 - p)"},
                ),
                "diagonal_lost": Mistake(
                    "This is −p pᵀ everywhere. On the diagonal, where a class's own logit is "
                    "pushed, the numerator moves as well and p is added.",
                    {"np.diag(p) - np": "-np"},
                ),
                "ones_on_diagonal": Mistake(
                    "To the diagonal 1 is added in place of p: there it should be p − p².",
                    {"np.diag(p)": "np.eye(len(p))"},
                ),
                "turned": Mistake(
                    "All signs are turned. A push of its own logit raises a probability.",
                    {"np.diag(p) - np.outer(p, p)": "np.outer(p, p) - np.diag(p)"},
                ),
                "others_rise": Mistake(
                    "Outside of the diagonal the sign is wrong: what one class gains the others "
                    "lose.",
                    {"np.diag(p) - np.outer(p, p)": "np.outer(p, p) + np.diag(p - 2 * p**2)"},
                ),
                "spread": Mistake(
                    "`p - p pᵀ` spreads p over all rows of the table. It belongs on the diagonal "
                    "alone.",
                    {"np.diag(p)": "p"},
                ),
                "diagonal_everywhere": Mistake(
                    "pᵢ (1 − pⱼ) stands everywhere. That is right on the diagonal alone; elsewhere "
                    "the entry is −pᵢ pⱼ.",
                    {"np.diag(p) - np.outer(p, p)": "p[:, None] * (1 - p)"},
                ),
                "squares_for_products": Mistake(
                    "`p * p` has only the K squares, and NumPy lays them into every row. The "
                    "products of all pairs are `np.outer(p, p)`.",
                    {"np.outer(p, p)": "p * p"},
                ),
                "one_number": Mistake(
                    "`p @ p.T` is a single number here, the sum of the squares, for `.T` does "
                    "nothing to a p of shape (K,). The products of all pairs are `np.outer(p, p)`.",
                    {"np.outer(p, p)": "p @ p.T"},
                ),
                "diagonal_turned": Mistake(
                    "On the diagonal the sign is turned: there stands p (p − 1). A push of its "
                    "own logit raises a probability.",
                    {"np.diag(p)": "np.diag(2 * p**2 - p)"},
                ),
            },
            hints=(
                "There are two cases: an entry on the diagonal, where a class's own logit is "
                "pushed, and any other entry.",
                "On the diagonal it is $p_i (1 - p_i) = p_i - p_i^2$, elsewhere $-p_i p_j$. So "
                "$-p_i p_j$ is everywhere, and something is added on the diagonal.",
                "`np.outer(p, p)` has all products, `np.diag(p)` the diagonal: `return np.diag(p) "
                "- np.outer(p, p)`.",
            ),
        ),
        Question(
            binary_cross_entropy,
            points={"loss": 2, "grad_logits": 1},
            cases=yes_or_no,
            use=use.value_and_vjp,
            quiet=True,
            mistakes={
                "log_of_rounded": Mistake(
                    "At z = 40 the sigmoid is rounded to 1, so that log(1 − a) is −∞, and with the "
                    "factor 0 before it even NaN. Never compute a: both logarithms can be written "
                    "with softplus of z.",
                    {
                        LOSS_LINE: "-np.mean(targets * np.log(np.exp(-loss_1))"
                        " + (1 - targets) * np.log(1 - np.exp(-loss_1)))"
                    },
                ),
                "clipped": Mistake(
                    "Cutting the probability off at 10⁻⁷ keeps the loss finite and makes it wrong: "
                    "no answer, however sure and wrong, costs more than 16.1. At z = 40 it should "
                    "be 40.",
                    {
                        LOSS_LINE: "-np.mean(targets * np.log(np.clip(np.exp(-loss_1), 1e-7, 1))"
                        " + (1 - targets) * np.log(np.clip(1 - np.exp(-loss_1), 1e-7, 1)))"
                    },
                ),
                "epsilon_in_log": Mistake(
                    "The 10⁻⁸ that is added in the logarithm hides the −∞ and makes the loss "
                    "wrong: at z = 40 it should be 40, and so it is 18.4.",
                    {
                        LOSS_LINE: "-np.mean(targets * np.log(np.exp(-loss_1) + 1e-8)"
                        " + (1 - targets) * np.log(1 - np.exp(-loss_1) + 1e-8))"
                    },
                ),
                "smaller_floor": Mistake(
                    "A floor of 10⁻¹² under the probability, added or cut off, keeps the loss "
                    "finite and makes it wrong: at z = 40 it should be 40, and so it is 27.6.",
                    {
                        LOSS_LINE: "-np.mean(targets * np.log(np.exp(-loss_1) + 1e-12)"
                        " + (1 - targets) * np.log(1 - np.exp(-loss_1) + 1e-12))"
                    },
                ),
                "cut_off_at_7_digits": cut_off(7, "10⁻⁷", 16.1),
                "cut_off_at_8_digits": cut_off(8, "10⁻⁸", 18.4),
                "cut_off_at_10_digits": cut_off(10, "10⁻¹⁰", 23.0),
                "cut_off_at_12_digits": cut_off(12, "10⁻¹²", 27.6),
                "cut_off_at_15_digits": cut_off(15, "10⁻¹⁵", 34.5),
                "sigmoid_overflows": Mistake(
                    "For z = −1000 the `exp(-z)` of the sigmoid overflows and NumPy warns. The "
                    "sigmoid is also exp(log σ(z)), and −log σ(z) you have already.",
                    {"np.exp(-loss_1)": "1 / (1 + np.exp(-logits))"},
                ),
                "ones_only": Mistake(
                    "Only the examples with the target 1 cost anything: the second term, with "
                    "1 − t, is missing.",
                    {" + (1 - targets) * loss_0": ""},
                ),
                "sides_exchanged": Mistake(
                    "The two terms are exchanged. With the target 1 the loss is −log σ(z), which "
                    "is small for large z: softplus(−z).",
                    {LOSS_LINE: "np.mean(targets * loss_0 + (1 - targets) * loss_1)"},
                ),
                "log_likelihood": Mistake(
                    "The minus is missing: this is the logarithm of the likelihood, which is below "
                    "0 and should grow. The loss is its negative.",
                    {LOSS_LINE: "-" + LOSS_LINE},
                ),
                "sum_for_mean": Mistake(
                    "The losses are added, and the gradient is that of the sum. Here the loss is "
                    "the mean over all numbers.",
                    {
                        "np.mean(targets": "np.sum(targets",
                        "grad_loss / logits.size": "grad_loss",
                    },
                ),
                "gradient_not_averaged": Mistake(
                    "The loss is a mean over n numbers, and the gradient is that of the sum: the "
                    "factor 1/n is missing.",
                    {"grad_loss / logits.size": "grad_loss"},
                ),
                "rows_for_numbers": Mistake(
                    "It is divided by the number of rows. The mean is taken over all numbers of "
                    "the table.",
                    {"logits.size": "len(logits)"},
                ),
                "slope_again": Mistake(
                    "The sigmoid's slope a (1 − a) is in the gradient once too often. It has "
                    "cancelled with the denominator of ∂L/∂a; that is the reason for this loss.",
                    {"* (a - targets)": "* (a - targets) * a * (1 - a)"},
                ),
                "logits_minus_targets": Mistake(
                    "The gradient is z − t. It should be the output minus the target, and the "
                    "output is σ(z).",
                    {"(a - targets)": "(logits - targets)"},
                ),
                "softplus_overflows": Mistake(
                    "log(1 + exp(z)) − t z is right on paper, but exp(1000) overflows and the "
                    "loss becomes infinite. `np.logaddexp(0, z)` is the same and does not.",
                    {LOSS_LINE: "np.mean(np.log(1 + np.exp(logits)) - targets * logits)"},
                ),
                "both_softplus_overflow": Mistake(
                    "In log(1 + exp(z)) and log(1 + exp(−z)) `exp` overflows for large |z|: so "
                    "comes ∞, and with the factor 0 before it NaN. `np.logaddexp` with a 0 is the "
                    "same and does not overflow.",
                    {
                        LOSS_LINE: "np.mean(targets * np.log(1 + np.exp(-logits))"
                        " + (1 - targets) * np.log(1 + np.exp(logits)))"
                    },
                ),
                "mean_over_rows": Mistake(
                    "Loss and gradient are divided by the number of rows. The mean is taken over "
                    "all numbers of the table.",
                    {
                        LOSS_LINE: LOSS_LINE.replace("mean", "sum") + " / len(logits)",
                        "logits.size": "len(logits)",
                    },
                ),
                "kink_at_zero": Mistake(
                    "At z = 0 exactly the gradient is that for an output of 0. max(z, 0) and |z| "
                    "have a kink there, but together with the logarithm the loss has none: σ(0) "
                    "is ½.",
                    {"(a - targets)": "(np.where(logits == 0, 0, a) - targets)"},
                ),
                "epsilon_of_7_digits": added_in_log(7, "10⁻⁷", "16.1"),
                "epsilon_of_9_digits": added_in_log(9, "10⁻⁹", "20.7"),
                "epsilon_of_10_digits": added_in_log(10, "10⁻¹⁰", "23.0"),
                "epsilon_of_15_digits": added_in_log(15, "10⁻¹⁵", "34.5"),
                "roles_exchanged": Mistake(
                    "Logits and targets have changed places: softplus is taken of the targets. "
                    "What goes into softplus is z, and t is what it is multiplied by.",
                    {LOSS_LINE: "np.mean(np.logaddexp(0, targets) - targets * logits)"},
                ),
                "target_as_logit": Mistake(
                    "The targets are used as logits and the outputs σ(z) as targets. What goes "
                    "into softplus is z, and t is what it is multiplied by.",
                    {LOSS_LINE: "np.mean(np.logaddexp(0, targets) - targets * np.exp(-loss_1))"},
                ),
                "logarithm_of_targets": Mistake(
                    "Output and target have changed places: the logarithm is taken of the "
                    "targets, and that of a target 0 or 1 leads to −∞. It belongs to the "
                    "outputs.",
                    {
                        LOSS_LINE: "q = np.exp(-loss_1)\n"
                        "    loss = -np.mean(q * np.log(targets) + (1 - q) * np.log(1 - targets))"
                    },
                ),
            },
            hints=(
                "Write −log σ(z) and −log(1 − σ(z)) as functions of z in which σ does not occur "
                "any more. The chapter had a name for them.",
                "They are softplus(−z) and softplus(z), with softplus(z) = log(1 + exp(z)), and "
                "`np.logaddexp` computes that for any z. The first counts t times, the second "
                "1 − t times. The gradient is (σ(z) − t)/n; if you have −log σ(z), then σ(z) needs "
                "one `exp` that cannot overflow.",
                "`loss_1 = np.logaddexp(0, -logits)` and `loss_0 = np.logaddexp(0, logits)`, then "
                "`loss = np.mean(targets * loss_1 + (1 - targets) * loss_0)`; in `vjp`: `return "
                "grad_loss / logits.size * (np.exp(-loss_1) - targets)`.",
            ),
        ),
        Question(
            log_sum_exp,
            points={"value": 1, "grad_logits": 1},
            cases=with_grad_value,
            use=use.value_and_vjp,
            quiet=True,
            mistakes={
                "overflows": Mistake(
                    "exp(1000) does not fit into a float, and exp(−1000) is rounded to 0: so comes "
                    "∞ or −∞. Take the row's largest logit off before the `exp`, and add it "
                    "again after the logarithm.",
                    {"logits.max(axis=1)": "np.zeros(len(logits))"},
                ),
                "largest_not_added": Mistake(
                    "The largest logit is taken off before the `exp` and not added again after the "
                    "logarithm. For softmax it cancels, for log S it does not.",
                    {"value = largest + np.log": "value = np.log"},
                ),
                "one_largest_for_all": Mistake(
                    "The largest logit of the whole table is taken off from each row. A row "
                    "that is far below it then has only exponentials that are rounded to 0. Each "
                    "row needs its own.",
                    {"logits.max(axis=1)": "np.full(len(logits), logits.max())"},
                ),
                "columns": Mistake(
                    "The sum goes down the columns. Each row is one example and has its own sum: "
                    "`axis=1`.",
                    {
                        "logits.max(axis=1)": "logits.max(axis=0)",
                        "logits - largest[:, None]": "logits - largest",
                        "e.sum(axis=1)": "e.sum(axis=0)",
                        "(grad_value / total)[:, None] * e": "grad_value[:, None] * e / total",
                    },
                ),
                "mean_of_exponentials": Mistake(
                    "The mean of the exponentials is taken in place of their sum: the value is "
                    "log K too small.",
                    {"np.log(total)": "np.log(e.mean(axis=1))"},
                ),
                "value_as_column": Mistake(
                    "The value has the shape (batch, 1). It should have (batch,), one number for "
                    "each row: the sum that `keepdims` keeps as a column is to be laid flat.",
                    {"return value, vjp": "return value[:, None], vjp"},
                ),
                "not_normalized": Mistake(
                    "The slope of log S is exp(z) / S; the division by S is missing. Here it is "
                    "exp(z − m), which is only in proportion to it.",
                    {"grad_value / total": "grad_value"},
                ),
                "exponential_as_slope": Mistake(
                    "The slope of log S is exp(z) / S; here it is exp(z). That is the slope of S: "
                    "the logarithm adds the factor 1/S.",
                    {"(grad_value / total)[:, None] * e": "grad_value[:, None] * np.exp(logits)"},
                ),
                "logarithm_as_slope": Mistake(
                    "This is the gradient that arrives, times log p. The slope of log S is p "
                    "itself: an `exp` is missing.",
                    {
                        "(grad_value / total)[:, None] * e": "grad_value[:, None] "
                        "* (logits - value[:, None])"
                    },
                ),
                "grad_value_ignored": Mistake(
                    "`vjp` returns p. It must multiply each row of it by that row's number of "
                    "`grad_value`.",
                    {"grad_value / total": "1 / total"},
                ),
                "grad_value_lies_flat": Mistake(
                    "`grad_value` has the shape (batch,), and NumPy lays it along a row: column j "
                    "is multiplied by the number of row j, if the shapes fit at all. Make it a "
                    "column: `grad_value[:, None]`.",
                    {"(grad_value / total)[:, None] * e": "grad_value * e / total[:, None]"},
                ),
                "all_to_the_largest": Mistake(
                    "The whole gradient goes to the largest logit, as at a maximum. log S is a "
                    "soft maximum: every logit moves it, each in proportion to its probability.",
                    {"(grad_value / total)[:, None] * e": "grad_value[:, None] * (e == 1)"},
                ),
                "one_over_the_sum": Mistake(
                    "Only the logarithm is differentiated, to one over the sum. In the sum stands "
                    "exp(z), and its slope is a factor as well.",
                    {"[:, None] * e": "[:, None] * np.ones_like(e)"},
                ),
                "slopes_of_softmax": Mistake(
                    "Each gradient is multiplied by p (1 − p), which is how p itself moves with "
                    "its logit. log S moves by p: softmax is its slope already.",
                    {
                        "(grad_value / total)[:, None] * e": "(grad_value / total)[:, None] * e"
                        " * (1 - e / total[:, None])"
                    },
                ),
                "jacobian_of_softmax": Mistake(
                    "Nothing is left: so it is when a gradient that is alike for all classes "
                    "goes through the Jacobian of softmax, whose rows sum to 0. The slope of "
                    "log S is p itself; multiply by it.",
                    {"(grad_value / total)[:, None] * e": "0 * grad_value[:, None] * e"},
                ),
                "others_probability": Mistake(
                    "Each gradient is multiplied by 1 − p. The slope of log S is p: the largest "
                    "logit moves it most.",
                    {
                        "(grad_value / total)[:, None] * e": "grad_value[:, None]"
                        " * (1 - e / total[:, None])"
                    },
                ),
            },
            hints=(
                "Two shapes are in play: the table (batch, classes) and one number for each row, "
                "(batch,). And: which number may you take off from a row's logits, so that no "
                "exponential is above 1?",
                "log S = m + log Σ exp(z − m) with the row's largest logit m. Its derivative with "
                "respect to a logit is the probability of that class, p = exp(z) / S. To "
                "combine (batch,) with the table, make it a column: `m[:, None]`.",
                "With `m = logits.max(axis=1)` and `e = np.exp(logits - m[:, None])`: `value = m + "
                "np.log(e.sum(axis=1))`; in `vjp`: `return (grad_value / e.sum(axis=1))[:, None] * "
                "e`.",
            ),
        ),
        Question(
            softmax,
            points=2,
            cases=only_logits,
            quiet=True,
            mistakes={
                "overflows": Mistake(
                    "For logits near 1000 `exp` overflows and ∞/∞ is NaN; for −1000 it is 0/0. "
                    "Take the largest logit of each row off first: nothing changes, and no "
                    "exponential is above 1.",
                    {"logits - logits.max(axis=1, keepdims=True)": "logits"},
                ),
                "one_largest_for_all": Mistake(
                    "The largest logit of the whole table is taken off. In a row that lies far "
                    "below it all exponentials are rounded to 0, and 0/0 is NaN. Each row needs "
                    "its own.",
                    {"logits.max(axis=1, keepdims=True)": "logits.max()"},
                ),
                "columns": Mistake(
                    "The columns sum to 1. Each row is one example, and its probabilities should "
                    "sum to 1: `axis=1`.",
                    {
                        "logits.max(axis=1, keepdims=True)": "logits.max(axis=0)",
                        "e.sum(axis=1, keepdims=True)": "e.sum(axis=0)",
                    },
                ),
                "columns_of_largest": Mistake(
                    "The largest logit is taken from each column and not from each row. Only a "
                    "number that is the same for a whole row cancels.",
                    {"logits.max(axis=1, keepdims=True)": "logits.max(axis=0)"},
                ),
                "one_sum_for_all": Mistake(
                    "All numbers of the table together sum to 1. Each row is to be divided by its "
                    "own sum.",
                    {"e.sum(axis=1, keepdims=True)": "e.sum()"},
                ),
                "sums_lie_flat": Mistake(
                    "Without `keepdims=True` the sums have the shape (batch,), and NumPy lays them "
                    "along a row: column j is divided by the sum of row j, if the shapes fit at "
                    "all. Keep them as a column.",
                    {"e.sum(axis=1, keepdims=True)": "e.sum(axis=1)"},
                ),
                "mean_taken_off": Mistake(
                    "The mean of each row is taken off, and what lies far above it still "
                    "overflows. Take off the largest: then no exponential is above 1.",
                    {"logits.max(": "logits.mean("},
                ),
                "cut_off": Mistake(
                    "Cutting the logits off at ±500 avoids the overflow and changes the result: "
                    "1000, 999 and 998 all become 500, and all the same.",
                    {"logits - logits.max(axis=1, keepdims=True)": "np.clip(logits, -500, 500)"},
                ),
                "without_exp": Mistake(
                    "The `exp` is missing: z − m is divided by its sum. Then the largest logit "
                    "gets the probability 0.",
                    {
                        "np.exp(logits - logits.max(axis=1, keepdims=True))": "logits"
                        " - logits.max(axis=1, keepdims=True)"
                    },
                ),
                "input_shifted": Mistake(
                    "The probabilities are right, but `logits -= …` writes into the caller's "
                    "logits. Make a new array: `shifted = logits - …`.",
                    {
                        "e = np.exp(logits - logits.max(axis=1, keepdims=True))": "logits -= "
                        "logits.max(axis=1, keepdims=True)\n    e = np.exp(logits)"
                    },
                ),
            },
            hints=(
                "What happens to the probabilities if the same number is added to all logits of a "
                "row? Use that freedom.",
                "Take from each row its largest logit, so that no exponential is above 1; then "
                "divide each row by its own sum. Largest and sum must be columns, (batch, 1).",
                "`e = np.exp(logits - logits.max(axis=1, keepdims=True))`, and then `return e / "
                "e.sum(axis=1, keepdims=True)`.",
            ),
        ),
        Question(
            softmax_vjp,
            points=2,
            cases=with_grad_p,
            mistakes={
                "diagonal_only": Mistake(
                    "This is grad_p · p (1 − p), as if each probability saw its own logit alone. "
                    "Softmax is not number by number: each logit reaches the loss through all "
                    "probabilities.",
                    {"p * (grad_p - inner)": "grad_p * p * (1 - p)"},
                ),
                "inner_left_out": Mistake(
                    "This is p ⊙ g. The mean ⟨g, p⟩ has to be taken off from g first; without it "
                    "a push of all logits at once would change something.",
                    {"grad_p - inner": "grad_p"},
                ),
                "p_left_out": Mistake(
                    "This is g − ⟨g, p⟩. The factor p before the parenthesis is missing.",
                    {"p * (grad_p - inner)": "grad_p - inner"},
                ),
                "parentheses": Mistake(
                    "This is p ⊙ g − ⟨g, p⟩: the factor p belongs to both, so parentheses are "
                    "needed.",
                    {"p * (grad_p - inner)": "p * grad_p - inner"},
                ),
                "plain_sum": Mistake(
                    "The sum of the g is taken off, where each should count with its "
                    "probability: ⟨g, p⟩ is the sum of g times p.",
                    {"np.sum(grad_p * p,": "np.sum(grad_p,"},
                ),
                "plain_mean": Mistake(
                    "The plain mean of the g is taken off. It should be the mean weighted by the "
                    "probabilities, the sum of g times p.",
                    {"np.sum(grad_p * p,": "np.mean(grad_p,"},
                ),
                "weighted_twice": Mistake(
                    "The sum of g times p is divided by K once more. The weights p add up to 1 "
                    "already: a sum, not a mean.",
                    {"np.sum": "np.mean"},
                ),
                "sum_over_all": Mistake(
                    "The inner product runs over the whole table. Each example has its own: "
                    "`axis=1`.",
                    {", axis=1, keepdims=True": ""},
                ),
                "columns": Mistake(
                    "The inner product is taken down the columns, over the examples. It belongs to "
                    "a row: `axis=1`.",
                    {"axis=1": "axis=0"},
                ),
                "sums_lie_flat": Mistake(
                    "Without `keepdims=True` the inner products have the shape (batch,), and NumPy "
                    "lays them along a row: column j gets that of row j, if the shapes fit at all.",
                    {", keepdims=True": ""},
                ),
                "log_softmax_rule": Mistake(
                    "This is g − p Σ g, the way back through log-softmax. Here the gradient "
                    "arrives at p, not at log p.",
                    {"p * (grad_p - inner)": "grad_p - p * np.sum(grad_p, axis=1, keepdims=True)"},
                ),
                "mean_again": Mistake(
                    "It is divided by the number of rows. The 1/n of a mean is in `grad_p` "
                    "already and must not come in a second time.",
                    {"return p * (grad_p - inner)": "return p * (grad_p - inner) / len(p)"},
                ),
            },
            hints=(
                "A logit reaches the loss on K paths, one through each probability. What is added "
                "up, and over which axis?",
                "$\\partial L / \\partial z_j = \\sum_i g_i J_{ij}$ with the two cases of the "
                "Jacobian gives $p_j (g_j - \\sum_i g_i p_i)$. The sum is one number for each "
                "row; keep it as a column.",
                "`inner = np.sum(grad_p * p, axis=1, keepdims=True)`, and then `return p * "
                "(grad_p - inner)`.",
            ),
        ),
        Question(
            softmax_cross_entropy,
            points={"loss": 1, "grad_logits": 2},
            cases=with_labels,
            use=use.value_and_vjp,
            quiet=True,
            mistakes={
                "log_of_rounded": Mistake(
                    "First p, then its logarithm: a very small p is rounded to 0, and the loss "
                    "becomes infinite. Stay with logarithms: log p = (z − m) − log Σ exp(z − m).",
                    through_probabilities,
                ),
                "zero_times_infinity": Mistake(
                    "A p that is rounded to 0 has the logarithm −∞, and 0 · (−∞), at a class that "
                    "is not even the label, is NaN. Compute log p from the logits, without "
                    "passing through p.",
                    {
                        LOG_P: "p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)\n"
                        "    log_p = np.log(p)"
                    },
                ),
                "epsilon_in_log": Mistake(
                    "The 10⁻⁸ that is added in the logarithm keeps the loss finite and makes it "
                    "wrong: no example can cost more than 18.4. Compute log p from the logits.",
                    {"y * log_p)": "y * np.log(np.exp(log_p) + 1e-8))"},
                ),
                "smaller_floor": Mistake(
                    "A floor of 10⁻¹² under the probability, added or cut off, keeps the loss "
                    "finite and makes it wrong: no example can cost more than 27.6. Compute log p "
                    "from the logits.",
                    {"y * log_p)": "y * np.log(np.exp(log_p) + 1e-12))"},
                ),
                "overflows": Mistake(
                    "For logits near 1000 `exp` overflows and ∞/∞ is NaN; for −1000 it is 0/0. "
                    "Take the largest logit of each row off first, and stay with log p.",
                    {
                        SHIFTED: "e = np.exp(logits)",
                        LOG_P: "log_p = np.log(e / e.sum(axis=1, keepdims=True))",
                    },
                ),
                "log_sum_overflows": Mistake(
                    "log p = z − log S is right on paper, but exp(1000) in S overflows, and "
                    "exp(−1000) is rounded to 0. Take the largest logit of each row off first.",
                    {SHIFTED: "shifted = logits"},
                ),
                "sum_for_mean": Mistake(
                    "The losses of the examples are added, and the gradient is that of the sum. "
                    "Here the loss is the mean over the batch.",
                    {
                        "np.sum(y * log_p) / len(logits)": "np.sum(y * log_p)",
                        "grad_loss / len(logits)": "grad_loss",
                    },
                ),
                "gradient_not_averaged": Mistake(
                    "The loss is a mean over the batch, and the gradient is that of the sum: the "
                    "factor 1/n is missing.",
                    {"grad_loss / len(logits)": "grad_loss"},
                ),
                "numbers_for_examples": Mistake(
                    "It is divided by the number of all logits. The mean is taken over the n "
                    "examples, of which each has one loss, not K.",
                    {
                        "np.sum(y * log_p) / len(logits)": "np.mean(y * log_p)",
                        "grad_loss / len(logits)": "grad_loss / logits.size",
                    },
                ),
                "every_label": Mistake(
                    "`log_p[:, labels]` takes from every row the columns of all labels. One entry "
                    "of each row is wanted: `log_p[np.arange(batch), labels]`.",
                    {"np.sum(y * log_p) / len(logits)": "np.mean(log_p[:, labels])"},
                ),
                "columns": Mistake(
                    "The softmax is taken down the columns, over the examples. Each row is one "
                    "example with its own sum: `axis=1`.",
                    {
                        SHIFTED: "shifted = logits - logits.max(axis=0)",
                        LOG_P: "log_p = shifted - np.log(np.exp(shifted).sum(axis=0))",
                    },
                ),
                "softmax_twice": Mistake(
                    "The softmax is applied twice: probabilities, numbers between 0 and 1, are "
                    "used as logits. Then no probability comes near 1.",
                    {
                        SHIFTED: "e = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
                        "    shifted = e / e.sum(axis=1, keepdims=True)"
                    },
                ),
                "slope_again": Mistake(
                    "p − y is multiplied by p (1 − p). The Jacobian of softmax is in p − y "
                    "already, and it is more than its diagonal.",
                    {"(p - y)": "(p - y) * p * (1 - p)"},
                ),
                "only_at_label": Mistake(
                    "Only the label's logit gets a gradient. The loss looks at one probability, "
                    "but all logits move it: elsewhere the gradient is p.",
                    {"(p - y)": "(p - y) * y"},
                ),
                "label_not_taken_off": Mistake(
                    "This is p. At the label 1 has to be taken off; without it every logit would "
                    "be lowered.",
                    {"(p - y)": "p"},
                ),
                "number_of_label": Mistake(
                    "The number of the label is taken off from all logits of its row. What is "
                    "taken off is 1, at the label's place alone.",
                    {"(p - y)": "(p - labels[:, None])"},
                ),
                "gradient_of_p": Mistake(
                    "This is −1/p at the label: the gradient with respect to the probabilities. It "
                    "has yet to go back through the softmax.",
                    {"(p - y)": "-y / np.where(y == 1, p, 1)"},
                ),
                "probability_in_front": Mistake(
                    "p − y is multiplied by p. The Jacobian of softmax is in p − y already.",
                    {"(p - y)": "p * (p - y)"},
                ),
                "larger_floor": Mistake(
                    "A floor of 10⁻⁷ under the probability keeps the loss finite and makes it "
                    "wrong: no example can cost more than 16.1. Compute log p from the logits.",
                    {"y * log_p)": "y * np.log(np.maximum(np.exp(log_p), 1e-7)))"},
                ),
                "smallest_floor": Mistake(
                    "A floor of 10⁻¹⁵ under the probability keeps the loss finite and makes it "
                    "wrong: no example can cost more than 34.5. Compute log p from the logits.",
                    {"y * log_p)": "y * np.log(np.maximum(np.exp(log_p), 1e-15)))"},
                ),
                "epsilon_of_9_digits": floor_in_log(9, "10⁻⁹", "20.7"),
                "epsilon_of_10_digits": floor_in_log(10, "10⁻¹⁰", "23.0"),
                "logarithm_of_targets": Mistake(
                    "p and y have changed places: the logarithm is taken of y, whose zeros give "
                    "−∞. y multiplies the logarithm of p.",
                    {"y * log_p)": "np.exp(log_p) * np.log(y))"},
                ),
            },
            hints=(
                "Which table does the loss need, p or log p? And which entry of each row?",
                "log p = z − log S, with the largest logit of the row taken off for safety. The "
                "loss is minus the mean of the labels' log p. The gradient of one example is p − "
                "y, with p = exp(log p) and y one-hot; the mean gives 1/n.",
                "`shifted = logits - logits.max(axis=1, keepdims=True)`, `log_p = shifted - "
                "np.log(np.exp(shifted).sum(axis=1, keepdims=True))`, `y = "
                "np.eye(logits.shape[1])[labels]`; then `loss = -np.sum(y * log_p) / "
                "len(logits)`, and in `vjp`: `return grad_loss / len(logits) * (np.exp(log_p) - "
                "y)`.",
            ),
        ),
        Question(
            smoothed_cross_entropy,
            points={"targets": 1, "loss": 1, "grad_logits": 1},
            cases=to_smooth,
            follow=from_own_targets,
            mistakes={
                "to_the_others_only": Mistake(
                    "The share s is spread over the K − 1 other classes, and the label keeps 1 − "
                    "s. Here it is spread over all K, so that the label gets s/K of it back.",
                    {
                        "label_smoothing / classes": "label_smoothing / (classes - 1)",
                        "labels] +=": "labels] =",
                    },
                ),
                "label_gets_nothing_back": Mistake(
                    "The label has 1 − s, and a row sums to less than 1. The share is spread over "
                    "all classes: the label, too, gets s/K, so 1 − s has to be added there.",
                    {"labels] +=": "labels] ="},
                ),
                "label_keeps_all": Mistake(
                    "The label has its full 1 still, so that a row sums to more than "
                    "1. What the others get is taken from the label.",
                    {"labels] += 1 - label_smoothing": "labels] = 1"},
                ),
                "full_one_added": Mistake(
                    "To the label's s/K a full 1 is added, so that a row sums to 1 + s. What is "
                    "spread has to be taken from it: add 1 − s.",
                    {"+= 1 - label_smoothing": "+= 1"},
                ),
                "whole_share_to_each": Mistake(
                    "Each class gets the whole share s. It is to be divided among the K classes.",
                    {"label_smoothing / classes": "label_smoothing"},
                ),
                "half_for_each": Mistake(
                    "Each class gets s/2. That is the formula for two classes; with K of them it "
                    "is s/K.",
                    {"label_smoothing / classes": "label_smoothing / 2"},
                ),
                "rows_for_classes": Mistake(
                    "The share is divided by the number of rows. It is spread over the K classes, "
                    "the columns.",
                    {"label_smoothing / classes": "label_smoothing / batch"},
                ),
                "one_hot": Mistake(
                    "These are the one-hot targets: the smoothing is not used.",
                    {
                        "log_p.shape, label_smoothing / classes": "log_p.shape, 0.0",
                        "+= 1 - label_smoothing": "+= 1",
                    },
                ),
                "loss_of_label": Mistake(
                    "The loss is that of the label alone, −log p there. With smoothed targets "
                    "every class counts, each log p with its target.",
                    {"np.sum(targets * log_p)": "np.sum(log_p[np.arange(batch), labels])"},
                ),
                "loss_of_label_lowered": Mistake(
                    "The loss is (1 − s) times that of the label. The share that went to the "
                    "other classes costs something, too.",
                    {
                        "np.sum(targets * log_p)": "np.sum((1 - label_smoothing) "
                        "* log_p[np.arange(batch), labels])"
                    },
                ),
                "loss_not_averaged": Mistake(
                    "The losses of the examples are added; the mean over the batch is wanted.",
                    {"np.sum(targets * log_p) / batch": "np.sum(targets * log_p)"},
                ),
                "gradient_of_label": Mistake(
                    "The gradient is p minus the one-hot y. The loss has the smoothed targets, so "
                    "its gradient is p minus these.",
                    {"np.exp(log_p) - targets": "np.exp(log_p) - np.eye(classes)[labels]"},
                ),
                "logarithm_for_p": Mistake(
                    "The gradient is log p minus the targets. It is p that belongs there: an `exp` "
                    "is missing.",
                    {"np.exp(log_p) - targets": "log_p - targets"},
                ),
                "gradient_of_log_p": Mistake(
                    "This is −y/n, the gradient with respect to `log_p`. It has yet to go back "
                    "to the logits, and each of them moves all log p of its row.",
                    {"np.exp(log_p) - targets": "-targets"},
                ),
                "one_spread": Mistake(
                    "Each class gets 1/K, whatever the smoothing is. Only the share s is spread: "
                    "the 1 over K is to be s over K.",
                    {"log_p.shape, label_smoothing / classes": "log_p.shape, 1 / classes"},
                ),
                "logarithm_of_targets": Mistake(
                    "p and the targets have changed places: the logarithm is taken of the "
                    "targets. They multiply the logarithm of p, which is given.",
                    {"np.sum(targets * log_p)": "np.sum(np.exp(log_p) * np.log(targets))"},
                ),
            },
            hints=(
                "Write one row of the targets down for K = 4, s = 0.2 and the label 1. Do its "
                "numbers sum to 1?",
                "Every class gets s/K, the label 1 − s in addition. Then the loss is the mean over "
                "the examples of −Σ y log p, and the gradient is (p − y)/n as before, both with "
                "the new y.",
                "`targets = np.full(log_p.shape, label_smoothing / classes)`, then "
                "`targets[np.arange(batch), labels] += 1 - label_smoothing`; `loss = "
                "-np.sum(targets * log_p) / batch`; `grad_logits = (np.exp(log_p) - targets) / "
                "batch`.",
            ),
        ),
    ),
)
