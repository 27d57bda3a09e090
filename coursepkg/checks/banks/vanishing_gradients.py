"""Exercises 08: a chain of sigmoids, starting weights, clipping, batch normalization, residuals."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def sigmoid_chain(start, weights):
    a, slope = start, 1.0
    for w in weights:
        a = 1 / (1 + np.exp(-w * a))
        slope = slope * w * a * (1 - a)
    return a, slope


def glorot_uniform(rng, fan_in, fan_out):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def he_normal_leaky(rng, fan_in, fan_out, leak):
    scale = np.sqrt(2 / ((1 + leak**2) * fan_in))
    return scale * rng.standard_normal((fan_in, fan_out))


def clip_gradients(grads, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    factor = max_norm / norm if norm > max_norm else 1
    clipped = [factor * g for g in grads]
    return clipped, norm


def batch_norm(x, gamma, beta, running_mean, running_var, training):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        unbiased = var * len(x) / (len(x) - 1)
        running_mean = running_mean + 0.1 * (mean - running_mean)
        running_var = running_var + 0.1 * (unbiased - running_var)
    y = gamma * (x - mean) / np.sqrt(var + 1e-5) + beta
    return y, running_mean, running_var


def batch_norm_backward(grad_y, n, inverse_std, gamma):
    grad_gamma = (grad_y * n).sum(axis=0)
    grad_beta = grad_y.sum(axis=0)
    grad_n = grad_y * gamma
    through_mean = grad_n.mean(axis=0)
    through_var = n * (grad_n * n).mean(axis=0)
    grad_x = (grad_n - through_mean - through_var) * inverse_std
    return grad_x, grad_gamma, grad_beta


def residual_backward(grad_y, xs, weights):
    grad_x = grad_y
    grad_weights = np.empty_like(weights)
    for k in reversed(range(len(weights))):
        f = xs[k + 1] - xs[k]
        grad_z = grad_x * (1 - f**2)
        grad_weights[k] = xs[k].T @ grad_z
        grad_x = grad_x + grad_z @ weights[k].T
    return grad_x, grad_weights


def chains(rng):
    return {
        "one block": {"start": 0.5, "weights": np.array([2.0])},
        "two blocks": {"start": 0.5, "weights": np.array([2.0, -3.0])},
        "three blocks": {"start": -0.5, "weights": np.array([1.0, 4.0, 0.5])},
        "six blocks": {"start": 0.7, "weights": rng.uniform(0.5, 3, 6)},
        "twenty blocks": {"start": -1.0, "weights": rng.uniform(-2.5, 2.5, 20)},
    }


FANS = {"4 to 12": (4, 12), "15 to 5": (15, 5), "9 to 7": (9, 7)}


def layers(rng):
    """The fans of some layers, each with the seed of a generator."""
    return {
        label: {"seed": int(rng.integers(10**6)), "fan_in": fan_in, "fan_out": fan_out}
        for label, (fan_in, fan_out) in FANS.items()
    }


def leaky_layers(rng):
    leaks = (0.0, 0.5, 0.8)
    return {
        f"{label}, leak {leak}": {**case, "leak": leak}
        for (label, case), leak in zip(layers(rng).items(), leaks, strict=True)
    }


def lists_of_gradients(rng):
    """Arrays by name, from which `use.list_and_number` makes the list."""
    layer = {"weight": rng.normal(0, 1, (3, 4)), "bias": rng.normal(0, 1, 4)}
    two_layers = {
        "weight 1": rng.normal(0, 2, (2, 3)), "bias 1": rng.normal(0, 2, 3),
        "weight 2": rng.normal(0, 2, (3, 1)), "bias 2": rng.normal(0, 2, 1),
    }  # fmt: skip
    one, pair = (
        {"bias": np.array([3.0, -4.0])},
        {"weight": np.array([[3.0]]), "bias": np.array([-4.0])},
    )
    short = {"weight": np.array([[0.3, 0.0]]), "bias": np.array([-0.4])}
    matrix = {"weight": np.array([[1.0, 1.0], [1.0, -1.0]]), "bias": np.array([1.5])}
    return {
        "one array": {"grads": one, "max_norm": 1.0},
        "two arrays": {"grads": pair, "max_norm": 2.0},
        "one of the two is short": {"grads": pair, "max_norm": 3.5},
        "both are short, the whole is not": {"grads": pair, "max_norm": 4.5},
        "short": {"grads": short, "max_norm": 1.0},
        "all zero": {"grads": {"weight": np.zeros((1, 3)), "bias": np.zeros(2)}, "max_norm": 1.0},
        "a matrix": {"grads": matrix, "max_norm": 1.25},
        "a layer": {"grads": layer, "max_norm": 1.5},
        "two layers": {"grads": two_layers, "max_norm": 0.5},
        "two layers, a high limit": {"grads": two_layers, "max_norm": 100.0},
    }


def normalizations(rng):
    """In training and in evaluation mode, among them a column that hardly varies."""

    def case(x, training):
        features = x.shape[1]
        return {
            "x": x,
            "gamma": rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features),
            "beta": rng.normal(0, 1, features),
            "running_mean": rng.normal(0, 1, features),
            "running_var": rng.uniform(2, 5, features),
            "training": training,
        }

    one = {"gamma": np.array([2.0]), "beta": np.array([1.0]), "running_mean": np.array([10.0]),
           "running_var": np.array([3.0])}  # fmt: skip
    flat = case(5 + rng.normal(0, 0.003, (6, 2)), True)
    flat["running_var"] = np.array([1e-5, 4e-5])  # so that an ε in it shows
    return {
        "training, three samples": {"x": np.array([[1.0], [2.0], [6.0]]), **one,
                                    "training": True},
        "evaluation, one sample": {"x": np.array([[7.0]]), **one, "training": False},
        "evaluation, two samples": {"x": np.array([[4.0], [8.0]]), **one, "training": False},
        "training, all samples equal": {"x": np.full((3, 1), 7.0), **one, "training": True},
        "training, 5 × 3": case(rng.normal(2, 3, (5, 3)), True),
        "training, 3 × 4": case(rng.normal(-1, 2, (3, 4)), True),
        "evaluation, 3 × 4": case(rng.normal(-1, 2, (3, 4)), False),
        "evaluation, one sample, 1 × 3": case(rng.normal(1, 2, (1, 3)), False),
        "training, hardly any variance": flat,
        "evaluation, hardly any variance": {**flat, "running_mean": np.full(2, 5.0),
                                            "training": False},
    }  # fmt: skip


def normalized(rng):
    """What a forward pass in training mode has kept, with the gradient that arrives."""

    def case(batch, features, eps=1e-5):
        x = rng.normal(1, 2, (batch, features)) * rng.uniform(0.2, 3, features)
        inverse_std = 1 / np.sqrt(x.var(axis=0) + eps)
        return {
            "grad_y": rng.normal(0.5, 1, (batch, features)),
            "n": (x - x.mean(axis=0)) * inverse_std,
            "inverse_std": inverse_std,
            "gamma": rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features),
        }

    small = {
        "grad_y": np.array([[4.0], [2.0], [0.0], [-2.0]]),
        "n": np.array([[1.0], [1.0], [-1.0], [-1.0]]),
        "inverse_std": np.array([0.5]),
        "gamma": np.array([3.0]),
    }
    return {
        "four samples, one unit": small,
        "three samples, two units": case(3, 2),
        "five samples, three units": case(5, 3),
        "four samples, six units": case(4, 6),
        "seven samples, a large ε": case(7, 2, eps=1.0),
    }


def residual_stacks(rng):
    """Activations before and after each block, from a forward pass, and the gradient at the end."""

    def case(x, weights):
        xs = [x]
        for w in weights:
            xs.append(xs[-1] + np.tanh(xs[-1] @ w))
        return {"grad_y": rng.normal(0, 1, x.shape), "xs": np.array(xs), "weights": weights}

    def drawn(depth, batch, width):
        return case(rng.normal(0, 1, (batch, width)), rng.normal(0, 0.7, (depth, width, width)))

    one = case(np.array([[0.5]]), np.array([[[2.0]]]))
    weights = np.array([[[0.5, 1.0], [0.0, -1.0]], [[0.0, 2.0], [-1.0, 0.0]]])
    pair, pairs = (case(np.array([[1.0, -0.5]]), weights[:depth]) for depth in (1, 2))
    arriving = np.array([[2.0, -1.0]])
    return {
        "one block, one unit": {**one, "grad_y": np.array([[3.0]])},
        "one block, two units": {**pair, "grad_y": arriving},
        "two blocks, two units": {**pairs, "grad_y": arriving},
        "two blocks, three samples": drawn(2, 3, 2),
        "two blocks, two samples, four units": drawn(2, 2, 4),
        "four blocks, five samples": drawn(4, 5, 3),
    }


def clipped_by_own_norm(outputs, grads, max_norm):
    """What the clipped gradients should be, given the norm that the answer itself has found."""
    numbers = np.concatenate([g.ravel() for g in grads.values()])
    norm = float(outputs["norm"])
    factor = max_norm / norm if norm > max_norm else 1
    return {"clipped": factor * numbers, "norm": np.linalg.norm(numbers)}


def grad_x_by_own_sums(outputs, grad_y, n, inverse_std, gamma):
    """Both means of the three terms can be had from grad_beta and grad_gamma: here from its own."""
    batch = len(grad_y)
    centered = grad_y - outputs["grad_beta"] / batch - n * outputs["grad_gamma"] / batch
    return {
        "grad_x": gamma * inverse_std * centered,
        "grad_gamma": (grad_y * n).sum(axis=0),
        "grad_beta": grad_y.sum(axis=0),
    }


STEP = "slope = slope * w * a * (1 - a)"
FORWARD = "a = 1 / (1 + np.exp(-w * a))"
NORM = "np.sqrt(sum((g**2).sum() for g in grads))"
CLIPPED = "[factor * g for g in grads]"
FACTOR = "max_norm / norm if norm > max_norm else 1"
NORMALIZED = "gamma * (x - mean) / np.sqrt(var + 1e-5) + beta"
UNIFORM = "rng.uniform(-limit, limit, size=(fan_in, fan_out))"
NORMAL = "scale * rng.standard_normal((fan_in, fan_out))"
OF_WEIGHT = "grad_weights[k] = xs[k].T @ grad_z"
BACK = "grad_x = grad_x + grad_z @ weights[k].T"
THREE = "(grad_n - through_mean - through_var) * inverse_std"

SET = ExerciseSet(
    "08_vanishing_gradients",
    (
        Question(
            sigmoid_chain,
            points={"a": 1, "slope": 1},
            cases=chains,
            mistakes={
                "weights_lost": Mistake(
                    "The slope is a product of σ′ alone. A push is also multiplied by the weight "
                    "of each block.",
                    {STEP: "slope = slope * a * (1 - a)"},
                ),
                "slope_at_z": Mistake(
                    "The sigmoid's slope is taken as z (1 − z), with what goes into the sigmoid. "
                    "The formula a (1 − a) wants what comes out of it.",
                    {
                        FORWARD: "z = w * a\n        a = 1 / (1 + np.exp(-z))",
                        STEP: "slope = slope * w * z * (1 - z)",
                    },
                ),
                "slope_before": Mistake(
                    "Each factor takes the activation that comes into its block. The sigmoid's "
                    "slope is a (1 − a) with the a that leaves the block: compute that first.",
                    {f"{FORWARD}\n        {STEP}": f"{STEP}\n        {FORWARD}"},
                ),
                "always_a_quarter": Mistake(
                    "Each slope is set to ¼. That is the largest it can be, at z = 0; elsewhere "
                    "it is smaller.",
                    {STEP: "slope = slope * w / 4"},
                ),
                "added": Mistake(
                    "The factors of the blocks are added. Along one path slopes are multiplied; "
                    "sums belong to several paths.",
                    {"1.0": "0.0", STEP: "slope = slope + w * a * (1 - a)"},
                ),
                "last_block_only": Mistake(
                    "This is the factor of the last block alone: each round of the loop must "
                    "multiply what there was before.",
                    {STEP: "slope = w * a * (1 - a)"},
                ),
                "last_to_the_power": Mistake(
                    "The last block's factor is taken to the power of the depth. Each block has a "
                    "slope of its own, at the place where it works.",
                    {STEP: "slope = (w * a * (1 - a)) ** len(weights)"},
                ),
                "same_weight": Mistake(
                    "Every block uses the first weight. Block number l has its own.",
                    {"for w in weights:": "for w in weights[:1].repeat(len(weights)):"},
                ),
                "starts_at_a": Mistake(
                    "The product begins with `start`. The derivative of a₀ with respect to itself "
                    "is 1.",
                    {"start, 1.0": "start, start"},
                ),
                "no_weight_forward": Mistake(
                    "The forward pass leaves the weights out: z is w times the activation before.",
                    {FORWARD: "a = 1 / (1 + np.exp(-a))"},
                ),
                "tanh_rule": Mistake(
                    "1 − a² is the slope of tanh. These blocks have sigmoids.",
                    {STEP: "slope = slope * w * (1 - a**2)"},
                ),
                "sigmoid_again": Mistake(
                    "For the slope the sigmoid is taken once more: a is its output already.",
                    {STEP: "b = 1 / (1 + np.exp(-a))\n        slope = slope * w * b * (1 - b)"},
                ),
            },
            hints=(
                "Go forward block by block. What does one block multiply a small push by?",
                "By w and by the sigmoid's slope *at its own z*, which is a (1 − a) with the a "
                "that leaves the block. Carry two numbers through the loop, the activation and "
                "the product so far, which begins at 1.",
                "In the loop: `a = 1 / (1 + np.exp(-w * a))`, then `slope = slope * w * a * (1 - "
                "a)`.",
            ),
        ),
        Question(
            glorot_uniform,
            points={"shape": 1, "numbers": 1},
            cases=layers,
            use=use.initial_weights,
            tolerance=0.05,
            mistakes={
                "scale_as_limit": Mistake(
                    "The standard deviation is taken for the limit. A uniform draw between −ℓ and "
                    "ℓ has the standard deviation ℓ/√3, so that these weights are too small by √3.",
                    {"6 /": "2 /"},
                ),
                "fan_in_only": Mistake(
                    "This is the limit of He, which asks about `fan_in` alone. Glorot's has both "
                    "fans.",
                    {"(fan_in + fan_out))": "fan_in)"},
                ),
                "mean_of_fans": Mistake(
                    "This is 6 divided by the mean of the two fans. Glorot's variance is 1 "
                    "divided by that mean, and ℓ² is three times the variance, not six times.",
                    {"6 /": "12 /"},
                ),
                "three_over_sum": Mistake(
                    "The factor 2 of Glorot's variance, 2 / (fan_in + fan_out), is missing: only "
                    "the 3 of the uniform draw is there.",
                    {"6 /": "3 /"},
                ),
                "torch_limit": Mistake(
                    "This is 1/√fan_in, PyTorch's default for a linear layer, and not Glorot's "
                    "limit.",
                    {"np.sqrt(6 / (fan_in + fan_out))": "1 / np.sqrt(fan_in)"},
                ),
                "root_lost": Mistake(
                    "The root is missing: ℓ² is 3 times the variance, and the limit is ℓ.",
                    {"np.sqrt(6 / (fan_in + fan_out))": "6 / (fan_in + fan_out)"},
                ),
                "variance_as_limit": Mistake(
                    "2 / (fan_in + fan_out) is the variance, and not the limit: for a uniform draw "
                    "the variance is ℓ²/3.",
                    {"np.sqrt(6 / (fan_in + fan_out))": "2 / (fan_in + fan_out)"},
                ),
                "variance_of_fan_in": Mistake(
                    "The variance of these weights is 1 / fan_in. Glorot's has both fans.",
                    {"np.sqrt(6 / (fan_in + fan_out))": "np.sqrt(3 / fan_in)"},
                ),
                "parentheses_lost": Mistake(
                    "`6 / fan_in + fan_out` divides by `fan_in` alone: the sum needs parentheses.",
                    {"6 / (fan_in + fan_out)": "6 / fan_in + fan_out"},
                ),
                "only_positive": Mistake(
                    "All weights are positive. They must be drawn from −ℓ to ℓ, so that their "
                    "mean is 0.",
                    {"-limit, limit": "0, limit"},
                ),
                "not_centered": Mistake(
                    "The draw goes from 0 to 2ℓ. Its width is right, but it must be centered: "
                    "subtract ℓ.",
                    {"-limit, limit": "0, 2 * limit"},
                ),
                "half_the_range": Mistake(
                    "The draw goes from −ℓ/2 to ℓ/2: a number between 0 and 1, less ½, has a "
                    "range of 1, and from −ℓ to ℓ it is 2ℓ.",
                    {UNIFORM: "limit * (rng.random((fan_in, fan_out)) - 0.5)"},
                ),
                "normal_draw": Mistake(
                    "That is a normal draw whose standard deviation is the limit. A uniform one "
                    "was asked for, and the limit is not its standard deviation.",
                    {"rng.uniform(-limit, limit, ": "rng.normal(0, limit, "},
                ),
                "glorot_normal": Mistake(
                    "The variance is right, but this is a normal draw. A uniform one never goes "
                    "beyond its limit.",
                    {"6 /": "2 /", "rng.uniform(-limit, limit, ": "rng.normal(0, limit, "},
                ),
                "transposed": Mistake(
                    "The shape is turned: this course's weight has a row for each input and a "
                    "column for each output, (fan_in, fan_out).",
                    {"size=(fan_in, fan_out)": "size=(fan_out, fan_in)"},
                ),
            },
            hints=(
                "Two steps: which variance did Glorot and Bengio ask for, and what must the "
                "limits of a uniform draw be so that it has that variance?",
                "The variance is 2 / (fan_in + fan_out), and a uniform draw between −ℓ and ℓ has "
                "the variance ℓ²/3. Solve for ℓ.",
                "`limit = np.sqrt(6 / (fan_in + fan_out))`, and then `rng.uniform(-limit, limit, "
                "size=(fan_in, fan_out))`.",
            ),
        ),
        Question(
            he_normal_leaky,
            points={"shape": 1, "numbers": 2},
            cases=leaky_layers,
            use=use.initial_weights,
            tolerance=0.05,
            mistakes={
                "leak_ignored": Mistake(
                    "This is He's variance for the plain ReLU, right for `leak` = 0 only. A leaky "
                    "one keeps more than a half of the mean square, so that the weights must be "
                    "smaller.",
                    {"(1 + leak**2) * fan_in": "fan_in"},
                ),
                "leak_not_squared": Mistake(
                    "It is the mean *square* that is kept. A number multiplied by `leak` has its "
                    "square multiplied by leak², not by leak.",
                    {"leak**2": "leak"},
                ),
                "sum_squared": Mistake(
                    "(1 + leak)² is too much. The right side keeps its half, the left side leak² "
                    "of its half: the squares are added, not the slopes.",
                    {"1 + leak**2": "(1 + leak) ** 2"},
                ),
                "leak_alone": Mistake(
                    "1 − leak² has the wrong sign: the left side adds leak² to what is kept.",
                    {"1 + leak**2": "1 - leak**2"},
                ),
                "wrong_way": Mistake(
                    "The factor stands above the line. What the activation keeps must be made up "
                    "for: the more it keeps, the smaller the variance.",
                    {"2 / ((1 + leak**2) * fan_in)": "2 * (1 + leak**2) / fan_in"},
                ),
                "half_forgotten": Mistake(
                    "The 2 is missing, as if both sides came through whole. A ReLU keeps half of "
                    "the mean square, and for that the 2 makes up.",
                    {"2 / (": "1 / ("},
                ),
                "glorot": Mistake(
                    "The sum of both fans belongs to Glorot. He's variance has `fan_in` alone.",
                    {"* fan_in)": "* (fan_in + fan_out))"},
                ),
                "fan_out": Mistake(
                    "That is `fan_out`. In the forward pass a unit adds up `fan_in` numbers.",
                    {"* fan_in)": "* fan_out)"},
                ),
                "mean_of_fans": Mistake(
                    "The mean of both fans belongs to Glorot. He's variance has `fan_in` alone.",
                    {"* fan_in)": "* (fan_in + fan_out) / 2)"},
                ),
                "parentheses_lost": Mistake(
                    "`2 / (1 + leak**2) * fan_in` multiplies by `fan_in`. The whole product below "
                    "the line needs parentheses.",
                    {"2 / ((1 + leak**2) * fan_in)": "2 / (1 + leak**2) * fan_in"},
                ),
                "root_of_a_part": Mistake(
                    "The root is taken of 2 / fan_in only. 1 + leak² belongs to the variance, too, "
                    "and so under the root.",
                    {
                        "np.sqrt(2 / ((1 + leak**2) * fan_in))": "np.sqrt(2 / fan_in) "
                        "/ (1 + leak**2)",
                    },
                ),
                "variance_as_scale": Mistake(
                    "The draws are multiplied by the variance. To multiply by the standard "
                    "deviation, take the root.",
                    {"np.sqrt(2 / ((1 + leak**2) * fan_in))": "2 / ((1 + leak**2) * fan_in)"},
                ),
                "uniform_draw": Mistake(
                    "The variance is right, but this is a uniform draw. A normal one was asked "
                    "for.",
                    {NORMAL: "3**0.5 * scale * rng.uniform(-1, 1, (fan_in, fan_out))"},
                ),
                "scale_as_limit": Mistake(
                    "This is a uniform draw between −scale and scale, whose standard deviation is "
                    "only scale/√3. A normal draw was asked for.",
                    {NORMAL: "rng.uniform(-scale, scale, (fan_in, fan_out))"},
                ),
                "transposed": Mistake(
                    "The shape is turned: a weight has a row for each input and a column for each "
                    "output, (fan_in, fan_out).",
                    {"normal((fan_in, fan_out))": "normal((fan_out, fan_in))"},
                ),
                "gain_as_slope": Mistake(
                    "The gain √(2 / (1 + leak²)) stands where the slope belongs, so that the gain "
                    "is computed from the gain. The slope on the left is `leak` itself.",
                    {"1 + leak**2": "1 + 2 / (1 + leak**2)"},
                ),
            },
            hints=(
                "The chapter splits E[z²] into a half from the positive z and a half from the "
                "negative ones. What does the leaky ReLU do to the square on each side?",
                "On the right the square stays, on the left it is multiplied by leak². Together ½ "
                "(1 + leak²) of the mean square is kept. The linear layer multiplies by fan_in · "
                "v. For which v is the product 1? The draw is multiplied by √v.",
                "`scale = np.sqrt(2 / ((1 + leak**2) * fan_in))`, then `scale * "
                "rng.standard_normal((fan_in, fan_out))`.",
            ),
        ),
        Question(
            clip_gradients,
            points={"clipped": 2, "norm": 1},
            cases=lists_of_gradients,
            use=use.list_and_number,
            follow=clipped_by_own_norm,
            mistakes={
                "each_by_itself": Mistake(
                    "Each array is clipped by its own length. That changes the direction of the "
                    "whole: all arrays together have one length and get one factor.",
                    {CLIPPED: "[g * max_norm / max(np.linalg.norm(g), max_norm) for g in grads]"},
                ),
                "by_value": Mistake(
                    "Each number is cut off at ±max_norm. That turns the gradient; clipping by "
                    "the norm multiplies all numbers by the same factor.",
                    {CLIPPED: "[np.clip(g, -max_norm, max_norm) for g in grads]"},
                ),
                "always_to_max_norm": Mistake(
                    "A gradient that is shorter than max_norm is made longer. It must stay as it "
                    "is: the factor is never above 1.",
                    {FACTOR: "max_norm / (norm or 1)"},
                ),
                "stretches_only": Mistake(
                    "It works the wrong way round: short gradients are made longer, and long ones "
                    "stay. The factor is the smaller of 1 and max_norm / norm, not the larger.",
                    {"if norm > max_norm": "if 0 < norm < max_norm"},
                ),
                "upside_down": Mistake(
                    "The factor is upside down: norm / max_norm makes a long gradient longer "
                    "still.",
                    {"max_norm / norm": "norm / max_norm"},
                ),
                "unit_length": Mistake(
                    "A gradient that is too long is shortened to length 1. It should get the "
                    "length max_norm.",
                    {"max_norm / norm": "1 / norm"},
                ),
                "no_root": Mistake(
                    "The norm is the *root* of the sum of squares; the root is missing.",
                    {NORM: "sum((g**2).sum() for g in grads)"},
                ),
                "norms_added": Mistake(
                    "The lengths of the arrays are added. Add their squares, and take one root at "
                    "the end.",
                    {NORM: "sum(np.linalg.norm(g) for g in grads)"},
                ),
                "sizes_added": Mistake(
                    "The absolute values are added. A length is the root of the sum of squares.",
                    {NORM: "sum(np.abs(g).sum() for g in grads)"},
                ),
                "mean_square": Mistake(
                    "This is the root of the *mean* square. A length is made of the sum.",
                    {NORM: "np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))"},
                ),
                "longest_array": Mistake(
                    "This is the length of the longest array. The norm takes in all of them.",
                    {NORM: "max(np.linalg.norm(g) for g in grads)"},
                ),
                "spectral": Mistake(
                    "`np.linalg.norm(g, 2)` of a matrix is its largest singular value, not the "
                    "root of the sum of squares. Leave the 2 out.",
                    {NORM: "np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads))"},
                ),
                "norm_after": Mistake(
                    "That is the norm after clipping. Return the one that there was before: in a "
                    "log it shows an explosion coming.",
                    {"return clipped, norm": "return clipped, min(norm, max_norm)"},
                ),
                "in_place": Mistake(
                    "The numbers are right, but `g *= factor` writes into the arrays that were "
                    "given. Here new ones are asked for.",
                    {
                        f"clipped = {CLIPPED}": "for g in grads:\n        g *= factor\n"
                        "    clipped = grads"
                    },
                ),
                "zero_over_zero": Mistake(
                    "Where all gradients are 0, min(norm, max_norm) / norm is 0/0, which is NaN. "
                    "Divide only if the norm is above max_norm.",
                    {FACTOR: "min(norm, max_norm) / norm"},
                ),
                "squares_twice": Mistake(
                    "The sums of squares are squared once more before they are added. Square "
                    "each number once, add all of them, and take one root.",
                    {"(g**2).sum() for": "(g**2).sum() ** 2 for"},
                ),
                "sum_squared": Mistake(
                    "The numbers of each array are added first and the sum is squared, so that "
                    "opposite signs cancel. Square first, then add.",
                    {"(g**2).sum() for": "g.sum() ** 2 for"},
                ),
                "lengths_not_squared": Mistake(
                    "The root is taken of the sum of the arrays' lengths. Lengths are squared "
                    "before they are added.",
                    {"(g**2).sum() for": "np.linalg.norm(g) for"},
                ),
                "always_rescaled": Mistake(
                    "It divides by the norm always: a gradient shorter than max_norm is made "
                    "longer, and one of zeros becomes NaN. Rescale only if the norm is above "
                    "max_norm.",
                    {"max_norm / norm if norm > max_norm else 1": "max_norm / norm"},
                ),
                "always_to_unit_length": Mistake(
                    "The gradient is brought to length 1 always, and one of zeros becomes NaN. "
                    "Only one that is too long is shortened, and to max_norm.",
                    {"max_norm / norm if norm > max_norm else 1": "1 / norm"},
                ),
                "unit_length_but_for_zero": Mistake(
                    "The gradient is brought to length 1 always, unless it is zero. Only one "
                    "that is too long is shortened, and to max_norm.",
                    {"max_norm / norm if norm > max_norm else 1": "1 / (norm or 1)"},
                ),
            },
            hints=(
                "How long would the gradient be if all its arrays were one flat vector?",
                "The root of the sum of all squares, over all arrays. If it is longer than "
                "max_norm, one and the same factor shortens every array; otherwise the factor is "
                "1.",
                "`norm = np.sqrt(sum((g**2).sum() for g in grads))`, then `factor = max_norm / "
                "norm if norm > max_norm else 1`.",
            ),
        ),
        Question(
            batch_norm,
            points={"y": 2, "running_mean": 1, "running_var": 1},
            cases=normalizations,
            mistakes={
                "flag_ignored": Mistake(
                    "It normalizes with the statistics of the batch in evaluation mode, too. "
                    "There the running mean and variance stand in for them: one sample alone "
                    "would be its own mean.",
                    {
                        "(x - mean)": "(x - x.mean(axis=0))",
                        "np.sqrt(var": "np.sqrt(x.var(axis=0)",
                    },
                ),
                "running_always": Mistake(
                    "In training mode it normalizes with the running mean and variance. There it "
                    "must be those of the batch.",
                    {NORMALIZED: "gamma * (x - running_mean) / np.sqrt(running_var + 1e-5) + beta"},
                ),
                "modes_exchanged": Mistake(
                    "The modes are exchanged: the batch's own statistics belong to training, the "
                    "running ones to evaluation.",
                    {"if training:": "if not training:", "(len(x) - 1)": "max(len(x) - 1, 1)"},
                ),
                "eps_outside": Mistake(
                    "ε stands beside the root. In this course it is inside: √(var + ε).",
                    {"np.sqrt(var + 1e-5)": "(np.sqrt(var) + 1e-5)"},
                ),
                "no_eps": Mistake(
                    "ε is missing. Where all samples are equal it keeps the division from being "
                    "0/0.",
                    {"np.sqrt(var + 1e-5)": "np.sqrt(var)"},
                ),
                "root_lost": Mistake(
                    "It divides by the variance. The standard deviation is the root of it.",
                    {"np.sqrt(var + 1e-5)": "(var + 1e-5)"},
                ),
                "unbiased_normalization": Mistake(
                    "y is normalized with the variance divided by B − 1. The normalization takes "
                    "that divided by B; only the running variance takes the other.",
                    {"np.sqrt(var": "np.sqrt((unbiased if training else var)"},
                ),
                "beta_inside": Mistake(
                    "β is multiplied by γ. It should be added last: y = γ n + β.",
                    {NORMALIZED: "gamma * ((x - mean) / np.sqrt(var + 1e-5) + beta)"},
                ),
                "gamma_beta_lost": Mistake(
                    "This is n, the normalized x. γ and β are missing.",
                    {NORMALIZED: "(x - mean) / np.sqrt(var + 1e-5)"},
                ),
                "one_mean_for_all": Mistake(
                    "Mean and variance are taken over the whole array. Each unit, a column, has "
                    "its own: `axis=0`.",
                    {"x.mean(axis=0), x.var(axis=0)": "x.mean(), x.var()"},
                ),
                "mean_of_each_row": Mistake(
                    "It normalizes each row, a sample, by itself. A batch normalization takes mean "
                    "and variance of each column: `axis=0`.",
                    {
                        "    y = gamma": "    if training:\n"
                        "        mean, var = x.mean(1)[:, None], x.var(1)[:, None]\n"
                        "    y = gamma",
                    },
                ),
                "biased_running": Mistake(
                    "The running variance takes the batch's variance as it is. It wants it times "
                    "B/(B − 1): measured from the batch's own mean it is on average too small.",
                    {"unbiased - running_var": "var - running_var"},
                ),
                "eps_in_running": Mistake(
                    "ε has come into the running variance. It belongs under the root alone.",
                    {"unbiased = var": "unbiased = (var + 1e-5)"},
                ),
                "factor_inverted": Mistake(
                    "The running variance takes the batch's variance times (B − 1)/B, which makes "
                    "it smaller. Divided by B − 1 instead of B, it becomes larger.",
                    {"var * len(x) / (len(x) - 1)": "var * (len(x) - 1) / len(x)"},
                ),
                "running_moved_always": Mistake(
                    "The running mean and variance are moved in evaluation mode, too. There they "
                    "are used and stay as they are: those lines belong under `if training:`.",
                    {
                        "mean, var = running_mean, running_var": "used = running_mean, running_var",
                        "if training:": "if True:",
                        "    y = gamma": "    mean, var = (mean, var) if training else used\n"
                        "    y = gamma",
                    },
                ),
                "momentum_swapped": Mistake(
                    "The shares are exchanged: 0.9 is given to the new value. In this course 0.1 "
                    "is the share of the new one.",
                    {"0.1 * (mean": "0.9 * (mean", "0.1 * (unbiased": "0.9 * (unbiased"},
                ),
                "running_replaced": Mistake(
                    "The running values become those of the last batch. They should go a tenth of "
                    "the way toward them.",
                    {
                        "running_mean + 0.1 * (mean - running_mean)": "mean",
                        "running_var + 0.1 * (unbiased - running_var)": "unbiased",
                    },
                ),
                "added_not_moved": Mistake(
                    "A tenth of the new value is added and all of the old one is kept, so that "
                    "the running values grow without end. The old one keeps nine tenths.",
                    {"(mean - running_mean)": "mean", "(unbiased - running_var)": "unbiased"},
                ),
                "deviation_for_variance": Mistake(
                    "The running variance is moved toward a standard deviation.",
                    {"unbiased - running_var": "np.sqrt(unbiased) - running_var"},
                ),
                "running_never_moved": Mistake(
                    "The running mean and variance come back as they were. In training they move "
                    "a tenth of the way toward those of the batch.",
                    {
                        "0.1 * (mean - running_mean)": "0.0 * mean",
                        "0.1 * (unbiased - running_var)": "0.0 * unbiased",
                    },
                ),
                "in_place": Mistake(
                    "The result is right, but `running_mean += …` changes the array that was "
                    "given. Return new ones.",
                    {
                        "running_mean = running_mean + 0.1 *": "running_mean += 0.1 *",
                        "running_var = running_var + 0.1 *": "running_var += 0.1 *",
                    },
                ),
            },
            hints=(
                "Decide first which mean and which variance each mode uses; the line for y is the "
                "same in both. What happens to the running ones comes after.",
                "In training: mean and variance of each column of x, with the variance divided by "
                "B. The running ones move by a tenth of the difference, the variance toward var · "
                "B/(B − 1). In evaluation the running ones are used and stay. Then y = γ (x − "
                "m)/√(u + ε) + β.",
                "In training: `running_mean = running_mean + 0.1 * (mean - running_mean)`, and at "
                "the end in both modes: `y = gamma * (x - mean) / np.sqrt(var + 1e-5) + beta`.",
            ),
        ),
        Question(
            batch_norm_backward,
            points={"grad_x": 3, "grad_gamma": 1, "grad_beta": 1},
            cases=normalized,
            follow=grad_x_by_own_sums,
            mistakes={
                "straight_only": Mistake(
                    "Only the first of three paths is there, as if mean and variance were "
                    "constants. That is right in evaluation mode. In training a push of one "
                    "sample moves both.",
                    {THREE: "grad_n * inverse_std"},
                ),
                "no_mean_path": Mistake(
                    "The path through the mean is missing: a push of one sample moves the mean, "
                    "and with it all samples.",
                    {THREE: "(grad_n - through_var) * inverse_std"},
                ),
                "no_var_path": Mistake(
                    "The path through the variance is missing: a push of one sample also changes "
                    "how far the column is stretched.",
                    {THREE: "(grad_n - through_mean) * inverse_std"},
                ),
                "var_path_sign": Mistake(
                    "The path through the variance has the wrong sign. The derivative of 1/√(u + "
                    "ε) is negative: a larger variance makes n smaller.",
                    {"- through_var": "+ through_var"},
                ),
                "mean_path_sign": Mistake(
                    "The path through the mean has the wrong sign: the mean is subtracted.",
                    {"- through_mean": "+ through_mean"},
                ),
                "sums_for_means": Mistake(
                    "Both inner terms are sums over the batch. A sample is only 1/B of the mean, "
                    "and so they are means.",
                    {
                        "grad_n.mean(axis=0)": "grad_n.sum(axis=0)",
                        "(grad_n * n).mean(axis=0)": "(grad_n * n).sum(axis=0)",
                    },
                ),
                "var_path_without_n": Mistake(
                    "In the path through the variance the factor n in front is missing: a sample "
                    "far from the mean changes the variance more.",
                    {"n * (grad_n * n).mean(axis=0)": "(grad_n * n).mean(axis=0)"},
                ),
                "var_path_wrong_mean": Mistake(
                    "The path through the variance takes the mean of `grad_n`. It is the mean of "
                    "the product `grad_n * n`.",
                    {"n * (grad_n * n).mean(axis=0)": "n * grad_n.mean(axis=0)"},
                ),
                "gamma_lost": Mistake(
                    "γ is missing: on its way back from y to n the gradient is multiplied by it.",
                    {"grad_n = grad_y * gamma": "grad_n = grad_y"},
                ),
                "gamma_straight_only": Mistake(
                    "γ multiplies the straight path only. Both means are taken of γ · `grad_y`, "
                    "too.",
                    {
                        "through_mean = grad_n.mean": "through_mean = grad_y.mean",
                        "(grad_n * n).mean": "(grad_y * n).mean",
                    },
                ),
                "stretch_lost": Mistake(
                    "The factor `inverse_std` is missing. Forward it multiplies x − m, and the "
                    "gradient is multiplied by it as well.",
                    {THREE: "grad_n - through_mean - through_var"},
                ),
                "stretch_straight_only": Mistake(
                    "`inverse_std` multiplies the straight path only. All three terms have it: "
                    "parentheses around them are missing.",
                    {THREE: "grad_n * inverse_std - through_mean - through_var"},
                ),
                "stretch_inverted": Mistake(
                    "It divides by `inverse_std`. The normalization multiplies by it in both "
                    "directions.",
                    {THREE: "(grad_n - through_mean - through_var) / inverse_std"},
                ),
                "all_columns": Mistake(
                    "The means are taken over the whole array. Units do not influence each other: "
                    "`axis=0`.",
                    {
                        "grad_n.mean(axis=0)": "grad_n.mean()",
                        "(grad_n * n).mean(axis=0)": "(grad_n * n).mean()",
                    },
                ),
                "mean_over_batch": Mistake(
                    "The gradients of γ and β are means over the batch. All samples use the same "
                    "two numbers, and paths are added: sums.",
                    {
                        "(grad_y * n).sum(axis=0)": "(grad_y * n).mean(axis=0)",
                        "grad_y.sum(axis=0)": "grad_y.mean(axis=0)",
                    },
                ),
                "not_summed": Mistake(
                    "The sum over the batch is missing: γ and β have one number for each unit, "
                    "and so have their gradients.",
                    {
                        "(grad_y * n).sum(axis=0)": "grad_y * n",
                        "grad_beta = grad_y.sum(axis=0)": "grad_beta = grad_y",
                    },
                ),
                "gamma_gradient_without_n": Mistake(
                    "`grad_gamma` leaves out n. γ multiplies n, so n is its local derivative.",
                    {"(grad_y * n).sum(axis=0)": "grad_y.sum(axis=0) * 1"},
                ),
                "gamma_in_parameters": Mistake(
                    "The gradients of γ and β contain the factor γ. They are taken from `grad_y`; "
                    "γ comes in only after them, on the way to n.",
                    {
                        "(grad_y * n).sum(axis=0)": "(grad_y * gamma * n).sum(axis=0)",
                        "grad_beta = grad_y": "grad_beta = (grad_y * gamma)",
                    },
                ),
                "gamma_gradient_from_x": Mistake(
                    "`grad_gamma` is taken with x − m. γ multiplies n, which has been divided by "
                    "the standard deviation already.",
                    {"(grad_y * n).sum(axis=0)": "(grad_y * n / inverse_std).sum(axis=0)"},
                ),
                "gamma_gradient_stretched": Mistake(
                    "In `grad_gamma` x − m is multiplied by the standard deviation. γ multiplies "
                    "n, in which x − m is divided by it.",
                    {"(grad_y * n).sum(axis=0)": "(grad_y * n / inverse_std**2).sum(axis=0)"},
                ),
                "beta_gradient_from_n": Mistake(
                    "`grad_beta` is the sum of n, which is 0 whatever arrives. β is added, so "
                    "that the gradient that arrives, `grad_y`, is handed on as it is and summed.",
                    {"grad_beta = grad_y.sum": "grad_beta = n.sum"},
                ),
            },
            hints=(
                "Begin with γ and β, which have one number for each unit. Then go back from y to "
                "n, and count the ways from one x to all the n of its column.",
                "Straight through, by way of the mean, by way of the variance. With g = γ · "
                "`grad_y`: from g subtract its mean over the batch, and n times the mean of g · "
                "n. One factor is common to all three.",
                "`grad_x = (grad_n - grad_n.mean(axis=0) - n * (grad_n * n).mean(axis=0)) * "
                "inverse_std`, where `grad_n = grad_y * gamma`.",
            ),
        ),
        Question(
            residual_backward,
            points={"grad_x": 2, "grad_weights": 2},
            cases=residual_stacks,
            mistakes={
                "no_way_around": Mistake(
                    "The way around the block is missing: x is used twice, and the gradient comes "
                    "back on both ways and is added. Without it this is a plain deep network, "
                    "whose gradient vanishes.",
                    {"grad_x = grad_x + grad_z": "grad_x = grad_z"},
                ),
                "only_around": Mistake(
                    "The gradient comes back around the blocks only. What comes back through f "
                    "must be added.",
                    {BACK: "pass"},
                ),
                "last_gradient_again": Mistake(
                    "Each block adds `grad_y`, the gradient at the very end. It should add the "
                    "one that arrives at this block.",
                    {"grad_x = grad_x + grad_z": "grad_x = grad_y + grad_z"},
                ),
                "slope_from_sum": Mistake(
                    "The slope of tanh is taken from x + f(x). It is 1 − f², with the output of "
                    "tanh alone.",
                    {"f = xs[k + 1] - xs[k]": "f = xs[k + 1]"},
                ),
                "slope_from_input": Mistake(
                    "The slope of tanh is taken from what comes into the block. It is 1 − f², "
                    "with what comes out of tanh.",
                    {"f = xs[k + 1] - xs[k]": "f = xs[k]"},
                ),
                "slope_at_z": Mistake(
                    "The slope is taken as 1 − z², with what goes into tanh. The formula 1 − f² "
                    "wants what comes out of it.",
                    {"f = xs[k + 1] - xs[k]": "f = xs[k] @ weights[k]"},
                ),
                "tanh_again": Mistake(
                    "tanh is taken once more: `xs[k + 1] - xs[k]` is its output already.",
                    {"f = xs[k + 1] - xs[k]": "f = np.tanh(xs[k + 1] - xs[k])"},
                ),
                "slope_lost": Mistake(
                    "The slope of tanh is missing on the way from f to z.",
                    {"grad_x * (1 - f**2)": "grad_x * 1"},
                ),
                "sigmoid_slope": Mistake(
                    "f (1 − f) is the slope of the sigmoid. These blocks have tanh.",
                    {"(1 - f**2)": "f * (1 - f)"},
                ),
                "slope_on_both_ways": Mistake(
                    "The gradient on the way around is multiplied by the slope of tanh, too. That "
                    "way meets no tanh: its factor is 1.",
                    {"grad_x = grad_x + grad_z": "grad_x = grad_z + grad_z"},
                ),
                "not_transposed": Mistake(
                    "The weight is not transposed. It is square, so that NumPy does not object; "
                    "back from z to x the matrix must be turned.",
                    {"weights[k].T": "weights[k]"},
                ),
                "weight_gradient_turned": Mistake(
                    "`grad_weights` is transposed: rows belong to what comes in, so that it is xᵀ "
                    "times `grad_z`.",
                    {"xs[k].T @ grad_z": "grad_z.T @ xs[k]"},
                ),
                "weight_gradient_from_output": Mistake(
                    "The weight's gradient is made with what leaves the block. The weight is "
                    "multiplied with what comes in, `xs[k]`.",
                    {"xs[k].T @ grad_z": "xs[k + 1].T @ grad_z"},
                ),
                "weight_gradient_before_tanh": Mistake(
                    "The weight's gradient is made with the gradient at the block's end. Between "
                    "that and the weight lies tanh: it wants `grad_z`.",
                    {"xs[k].T @ grad_z": "xs[k].T @ grad_x"},
                ),
                "added_too_early": Mistake(
                    "`grad_x` is replaced before the weight's gradient is computed, which so "
                    "takes the gradient of the block's start.",
                    {
                        f"{OF_WEIGHT}\n        {BACK}": f"{BACK}\n        "
                        "grad_weights[k] = xs[k].T @ (grad_x * (1 - f**2))"
                    },
                ),
                "forward_order": Mistake(
                    "The blocks are gone through from the first to the last. The gradient arrives "
                    "at the last one first.",
                    {"reversed(range(len(weights)))": "range(len(weights))"},
                ),
                "mean_over_batch": Mistake(
                    "The weight's gradient is divided by the number of samples. `grad_y` belongs "
                    "to the loss, so that its 1/B is in it already.",
                    {"xs[k].T @ grad_z": "xs[k].T @ grad_z / len(grad_y)"},
                ),
                "in_place": Mistake(
                    "The result is right, but `grad_x += …` changes `grad_y`: both names stand "
                    "for the same array. Write `grad_x = grad_x + …`, which makes a new one.",
                    {"grad_x = grad_x + grad_z": "grad_x += grad_z"},
                ),
                "one_added": Mistake(
                    "For the way around, 1 is added. 1 is the local derivative on that way: it "
                    "multiplies the gradient that arrives, and their product is what is added.",
                    {"grad_x = grad_x + grad_z": "grad_x = 1 + grad_z"},
                ),
                "tan_rule": Mistake(
                    "1 + f² is the rule for tan. The slope of tanh falls to 0 where f comes near "
                    "−1 or 1.",
                    {"(1 - f**2)": "(1 + f**2)"},
                ),
                "first_block_left_out": Mistake(
                    "The walk back stops one block too soon: the first block is left out. Count "
                    "the rounds for a single block; it should be one.",
                    {
                        "np.empty_like": "np.zeros_like",
                        "reversed(range(len(weights)))": "reversed(range(1, len(weights)))",
                    },
                ),
                "last_block_left_out": Mistake(
                    "The walk back begins one block too late: the last block is left out. Count "
                    "the rounds for a single block; it should be one.",
                    {
                        "np.empty_like": "np.zeros_like",
                        "reversed(range(len(weights)))": "reversed(range(len(weights) - 1))",
                    },
                ),
            },
            hints=(
                "Take one block first. Its x is used twice: by f and by the addition.",
                "Begin with `grad_y` and go from the last block to the first. In each: back "
                "through tanh, whose output is the difference of two neighbors in `xs`; then the "
                "weight's gradient as for any linear layer; then add what comes back through the "
                "weight to what comes back around.",
                "In the loop, after `grad_z = grad_x * (1 - f**2)` and the weight's gradient: "
                "`grad_x = grad_x + grad_z @ weights[k].T`.",
            ),
        ),
    ),
)
