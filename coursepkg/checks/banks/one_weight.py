"""Exercises 03: gradients of a line, descent, standardized inputs, and how large a step may be."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question


def weight_gradient(w, x, targets):
    residual = w * x - targets
    return 2 / x.size * np.sum(residual * x)


def descent_step(params, grads, learning_rate):
    return params - learning_rate * grads


def line_gradient(params, x, targets):
    w, b = params
    residual = w * x + b - targets
    grad_z = 2 / x.size * residual
    grad_w = np.sum(grad_z * x)
    grad_b = np.sum(grad_z)
    return grad_z, grad_w, grad_b


def train_line(params, x, targets, learning_rate, steps):
    path = [params]
    for _ in range(steps):
        w, b = params
        grad_z = 2 / x.size * (w * x + b - targets)
        grads = np.array([np.sum(grad_z * x), np.sum(grad_z)])
        params = params - learning_rate * grads
        path.append(params)
    return np.array(path)


def learning_rates(x):
    curvature = 2 * np.mean(x**2)
    fastest = 1 / curvature
    edge = 2 / curvature
    return curvature, fastest, edge


def standardize(x, new):
    mean, std = x.mean(), x.std()
    return (x - mean) / std, (new - mean) / std


def train_epoch(params, x, targets, learning_rate, batch_size, order):
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        w, b = params
        grad_z = 2 / batch.size * (w * x[batch] + b - targets[batch])
        grads = np.array([np.sum(grad_z * x[batch]), np.sum(grad_z)])
        params = params - learning_rate * grads
    return params


def valley(x):
    angle = 0.5 * np.arctan2(2 * np.mean(x), np.mean(x**2) - 1)
    steepest, flattest = [
        2 * np.mean((x * np.cos(phi) + np.sin(phi)) ** 2) for phi in (angle, angle + np.pi / 2)
    ]
    return steepest, flattest


def follow_line(outputs, params, x, targets):
    right, _, _ = line_gradient(params, x, targets)
    grad_z = outputs["grad_z"]
    return {"grad_z": right, "grad_w": np.sum(grad_z * x), "grad_b": np.sum(grad_z)}


def follow_rates(outputs, x):
    right, _, _ = learning_rates(x)
    # np.divide, for a curvature of 0 that is a Python number
    curvature = outputs["curvature"]
    return {
        "curvature": right,
        "fastest": np.divide(1, curvature),
        "edge": np.divide(2, curvature),
    }


def follow_scaled(outputs, x, new):
    """What the learner's own shift and scale of x make of the new numbers."""
    first, last, scaled = x.argmin(), x.argmax(), outputs["x_scaled"]
    scale = (scaled[last] - scaled[first]) / (x[last] - x[first])
    right, _ = standardize(x, new)
    return {"x_scaled": right, "new_scaled": scaled[first] + scale * (new - x[first])}


def follow_valley(outputs, x):
    """Curvatures of two directions at right angles have the same sum, whichever directions."""
    steepest, flattest = valley(x)
    return {"steepest": steepest, "flattest": steepest + flattest - outputs["steepest"]}


def one_weight(rng):
    """A weight with data, of several sizes; not only the single sample has its w."""
    return {
        "one sample": {"w": 0.5, "x": np.array([3.0]), "targets": np.array([2.0])},
        "two samples": {"w": 2.0, "x": np.array([1.0, 3.0]), "targets": np.array([1.0, 4.0])},
        "three samples": {
            "w": -1.0,
            "x": np.array([2.0, -1.0, 0.5]),
            "targets": np.array([1.0, 3.0, -2.0]),
        },
        "many": {"w": 0.5, "x": rng.normal(1, 2, 20), "targets": rng.normal(0, 3, 20)},
    }


def steps(rng):
    """Parameters with gradients of the same shape."""
    return {
        "one weight": {
            "params": np.array([1.0]), "grads": np.array([3.0]), "learning_rate": 0.1
        },
        "weight and bias": {
            "params": np.array([2.0, -1.0]), "grads": np.array([-4.0, 0.5]), "learning_rate": 0.25
        },
        "many": {
            "params": rng.normal(0, 1, 12), "grads": rng.normal(0, 2, 12), "learning_rate": 0.03
        },
        "a matrix": {
            "params": rng.normal(0, 1, (3, 4)), "grads": rng.normal(0, 1, (3, 4)),
            "learning_rate": 1.5,
        },
    }  # fmt: skip


def line_data(rng, samples):
    """Parameters and data that lie along a line, more or less."""
    x = rng.normal(0.5, 1, samples)
    return {
        "params": rng.normal(0, 1, 2),
        "x": x,
        "targets": 1.5 * x - 2 + rng.normal(0, 0.5, samples),
    }


def lines(rng):
    return {
        "one sample": {
            "params": np.array([0.5, 1.0]), "x": np.array([3.0]), "targets": np.array([2.0])
        },
        "two samples": {
            "params": np.array([2.0, -1.0]), "x": np.array([1.0, 3.0]),
            "targets": np.array([2.0, 4.0]),
        },
        "three samples": {
            "params": np.array([-1.0, 0.5]), "x": np.array([2.0, -1.0, 0.5]),
            "targets": np.array([1.0, 3.0, -2.0]),
        },
        "many": line_data(rng, 20),
    }  # fmt: skip


def descents(rng):
    """Lines with a learning rate and a number of steps."""
    rates = (0.05, 0.1, 0.05, 0.1)
    counts = (1, 2, 12, 30)
    return {
        label: {**case, "learning_rate": rate, "steps": count}
        for (label, case), rate, count in zip(lines(rng).items(), rates, counts, strict=True)
    }


def inputs(rng):
    """Inputs of both signs that are neither centered nor scaled."""
    return {
        "one sample": {"x": np.array([0.5])},
        "two samples": {"x": np.array([-1.0, 2.0])},
        "three samples": {"x": np.array([3.0, -1.0, 0.5])},
        "small": {"x": rng.normal(0.2, 0.1, 7)},
        "many": {"x": rng.normal(-2, 1, 25)},
    }


def old_and_new(rng):
    """Inputs, and others that came later: fewer, more, one."""
    return {
        "two inputs": {"x": np.array([1.0, 5.0]), "new": np.array([7.0])},
        "three inputs": {"x": np.array([-2.0, 1.0, 7.0]), "new": np.array([1.0, 2.5])},
        "far from 0": {"x": rng.normal(40, 3, 8), "new": rng.normal(50, 5, 5)},
        "many": {"x": rng.normal(-2, 0.5, 30), "new": rng.uniform(-5, 5, 40)},
    }


def several_inputs(rng):
    """`inputs` with two samples or more: of one alone the valley has a level floor."""
    return {label: case for label, case in inputs(rng).items() if label != "one sample"}


def epochs(rng):
    """Lines with batches in a given order; the last batch is full, or short, or a single sample."""
    small = {
        "params": np.array([1.0, 0.0]),
        "x": np.array([1.0, 2.0, -1.0]),
        "targets": np.array([3.0, 1.0, 2.0]),
    }
    cases = {
        "3 samples, batches of 2": {
            **small, "learning_rate": 0.1, "batch_size": 2, "order": np.array([2, 0, 1])
        },
        "3 samples, batches of 1": {
            **small, "learning_rate": 0.1, "batch_size": 1, "order": np.array([1, 2, 0])
        },
        "4 samples, batches of 3": {
            "params": np.array([1.0, 0.0]), "x": np.array([1.0, 2.0, -1.0, 3.0]),
            "targets": np.array([3.0, 1.0, 2.0, 4.0]),
            "learning_rate": 0.1, "batch_size": 3, "order": np.array([3, 0, 2, 1]),
        },
        "6 samples, batches of 3": {
            **line_data(rng, 6), "learning_rate": 0.05, "batch_size": 3,
            "order": np.array([4, 0, 3, 5, 2, 1]),
        },
    }  # fmt: skip
    for samples, batch_size in ((5, 5), (11, 5), (25, 2)):
        cases[f"{samples} samples, batches of {batch_size}"] = {
            **line_data(rng, samples),
            "learning_rate": 0.05,
            "batch_size": batch_size,
            "order": rng.permutation(samples),
        }
    return cases


def curvatures_of_centered(x):
    across, along = 2 * np.var(x), 2.0
    return max(across, along), min(across, along)


def singular_values(x):
    values = np.linalg.svd(np.column_stack([x, np.ones(len(x))]), compute_uv=False)
    return tuple(2 / len(x) * values)


TRAIN_ROUND = """w, b = params
        grad_z = 2 / x.size * (w * x + b - targets)
        grads = np.array([np.sum(grad_z * x), np.sum(grad_z)])
        params = params - learning_rate * grads
"""


def one_by_one(sentence, factor):
    """train_line: an update after each sample, where one after all of them is due."""
    return Mistake(
        sentence,
        {
            TRAIN_ROUND: f"""for x_i, t_i in zip(x, targets, strict=True):
            w, b = params
            grad_z = {factor} * (w * x_i + b - t_i)
            params = params - learning_rate * np.array([grad_z * x_i, grad_z])
"""
        },
    )


SET = ExerciseSet(
    "03_one_weight",
    (
        Question(
            weight_gradient,
            points=1,
            cases=one_weight,
            mistakes={
                "residual_turned": Mistake(
                    "The sign is turned: the residual is the prediction minus the target. With "
                    "target minus prediction the derivative has one more minus, from the inner "
                    "derivative.",
                    {"w * x - targets": "targets - w * x"},
                ),
                "two_lost": Mistake(
                    "The 2 from the derivative of the square is missing. That is the gradient of "
                    "half the mean, another convention.",
                    {"2 / x.size": "1 / x.size"},
                ),
                "sum_not_mean": Mistake(
                    "This is the gradient of the sum of the squares. The loss is their mean, so "
                    "the gradient is divided by n as well.",
                    {"2 / x.size": "2"},
                ),
                "half_sum": Mistake(
                    "This is the gradient of half the sum of the squares, a convention of many "
                    "textbooks. Here the loss is the mean.",
                    {"2 / x.size *": "1 *"},
                ),
                "divided_twice": Mistake(
                    "It is divided by n twice: `np.mean` divides already.",
                    {"np.sum": "np.mean"},
                ),
                "input_lost": Mistake(
                    "The path from w to a prediction is missing: the local derivative of w x with "
                    "respect to w is x.",
                    {"residual * x": "residual"},
                ),
                "not_added": Mistake(
                    "These are the shares of the samples. One weight is used by all of them, so "
                    "its gradient is their sum, a single number.",
                    {"np.sum(residual * x)": "residual * x"},
                ),
                "loss_itself": Mistake(
                    "This is the loss, not its derivative.",
                    {"2 / x.size * np.sum(residual * x)": "np.mean(residual**2)"},
                ),
                "weight_for_input": Mistake(
                    "Each residual is multiplied by w, which is the derivative of w x with respect "
                    "to x. We want the one with respect to w.",
                    {"residual * x)": "residual * w)"},
                ),
                "means_multiplied": Mistake(
                    "The mean of the products is not the product of the means: multiply each "
                    "residual by its own x first, then add up.",
                    {
                        "2 / x.size * np.sum(residual * x)": "2 * np.mean(residual) * np.mean(x)",
                    },
                ),
                "square_kept": Mistake(
                    "The residual is still squared. The derivative of the square is twice the "
                    "residual itself: the exponent comes down by one.",
                    {"residual * x": "residual**2 * x"},
                ),
            },
            hints=(
                "Two factors along each path: how the loss depends on a prediction, and how that "
                "prediction depends on w.",
                "The first is 2/n times the residual of the sample, the second its input. Then add "
                "over all samples, for w is used by all.",
                "`residual = w * x - targets`, and then `return 2 / x.size * np.sum(residual * "
                "x)`.",
            ),
        ),
        Question(
            descent_step,
            points=1,
            cases=steps,
            mistakes={
                "uphill": Mistake(
                    "It goes up: the gradient points to where the loss grows, so the step is "
                    "subtracted.",
                    {"params - learning_rate": "params + learning_rate"},
                ),
                "in_place": Mistake(
                    "The new values are right, but they are written into the array that was given "
                    "(`-=` does that). Here the caller's `params` should stay as they were.",
                    {
                        "return params - learning_rate * grads": "params -= learning_rate * grads\n"
                        "    return params"
                    },
                ),
                "rate_ignored": Mistake(
                    "The learning rate is not used: this step is as long as the gradient itself.",
                    {"learning_rate * grads": "grads"},
                ),
                "step_alone": Mistake(
                    "This is the step, −η times the gradient. Return the place it leads to.",
                    {"params - learning_rate": "-learning_rate"},
                ),
                "divided_by_rate": Mistake(
                    "The gradient is divided by the learning rate, so that a small rate makes "
                    "large steps. Multiply.",
                    {"learning_rate * grads": "grads / learning_rate"},
                ),
                "direction_only": Mistake(
                    "Only the sign of each gradient is used. A step is in proportion to the "
                    "gradient, so that it gets shorter where the slope flattens.",
                    {"learning_rate * grads": "learning_rate * np.sign(grads)"},
                ),
                "unit_length": Mistake(
                    "The gradient is brought to length 1 first. Then every step is equally long, "
                    "even close to the goal; take the gradient as it is.",
                    {"* grads": "* grads / np.linalg.norm(grads)"},
                ),
                "parentheses": Mistake(
                    "The learning rate is subtracted from the parameters, and all of it multiplied "
                    "by the gradient. The rate multiplies the gradient alone.",
                    {"params - learning_rate * grads": "(params - learning_rate) * grads"},
                ),
                "mean_gradient": Mistake(
                    "All parameters take the same step, along the mean of the gradients. Each "
                    "parameter steps along its own.",
                    {"* grads": "* np.mean(grads)"},
                ),
                "sum_of_gradients": Mistake(
                    "All parameters take the same step, along the sum of the gradients. Each "
                    "parameter steps along its own.",
                    {"* grads": "* np.sum(grads)"},
                ),
                "params_for_grads": Mistake(
                    "The parameters stand where the gradients should be, so that each only "
                    "shrinks towards 0, wherever the loss falls.",
                    {"learning_rate * grads": "learning_rate * params"},
                ),
            },
            hints=(
                "Which way is down, and how long is the step?",
                "Against the gradient, and η times as long as the gradient. An expression such as "
                "`p - q` makes a new array, `p -= q` changes p.",
                "`return params - learning_rate * grads`",
            ),
        ),
        Question(
            line_gradient,
            points={"grad_z": 1, "grad_w": 1, "grad_b": 1},
            cases=lines,
            follow=follow_line,
            mistakes={
                "bias_forgotten": Mistake(
                    "The prediction is w x, without the bias b, so the residuals are not those of "
                    "this line.",
                    {"w * x + b - targets": "w * x - targets"},
                ),
                "residual_turned": Mistake(
                    "The sign is turned: the derivative of the square is twice prediction minus "
                    "target.",
                    {"w * x + b - targets": "targets - (w * x + b)"},
                ),
                "two_lost": Mistake(
                    "The 2 from the derivative of the square is missing. That is the gradient of "
                    "half the mean.",
                    {"2 / x.size": "1 / x.size"},
                ),
                "not_derived": Mistake(
                    "The residual stands there squared: that is the loss, not its derivative.",
                    {"2 / x.size * residual": "residual**2 / x.size"},
                ),
                "n_lost": Mistake(
                    "The loss is a mean over n samples, so each prediction moves it only by 1/n of "
                    "what its own square changes. Divide by n here.",
                    {"2 / x.size": "2"},
                ),
                "residual_alone": Mistake(
                    "This is the residual itself, the derivative of half the sum of the squares. "
                    "The loss here is the mean.",
                    {"2 / x.size * residual": "residual"},
                ),
                "divided_twice": Mistake(
                    "The 1/n of the mean is in `grad_z` already. With `np.mean` it is divided by n "
                    "once more; what arrives over the samples is added.",
                    {
                        "np.sum(grad_z * x)": "np.mean(grad_z * x)",
                        "np.sum(grad_z)": "np.mean(grad_z)",
                    },
                ),
                "weight_not_added": Mistake(
                    "These are the shares of the samples in the gradient of w. One weight is used "
                    "by all, so they are added.",
                    {"np.sum(grad_z * x)": "grad_z * x"},
                ),
                "bias_not_added": Mistake(
                    "The sum is forgotten: all samples use the same b, so its gradient is a single "
                    "number, the sum of what arrives at them.",
                    {"np.sum(grad_z)": "grad_z"},
                ),
                "weight_for_input": Mistake(
                    "It is multiplied by w, which would be the way on to x. The local derivative "
                    "of w x + b with respect to w is x.",
                    {"np.sum(grad_z * x)": "np.sum(grad_z * w)"},
                ),
                "prediction_for_input": Mistake(
                    "It is multiplied by the predictions. The local derivative of w x + b with "
                    "respect to w is the input x.",
                    {"np.sum(grad_z * x)": "np.sum(grad_z * (w * x + b))"},
                ),
                "input_lost": Mistake(
                    "The local derivative of w x + b with respect to w is missing. Without it this "
                    "is the gradient of b.",
                    {"np.sum(grad_z * x)": "np.sum(grad_z)"},
                ),
                "bias_with_input": Mistake(
                    "The gradient of b is multiplied by x like that of w. The local derivative "
                    "with respect to b is 1.",
                    {"np.sum(grad_z)": "np.sum(grad_z * x)"},
                ),
                "bias_times_itself": Mistake(
                    "It is multiplied by b. The local derivative of w x + b with respect to b is "
                    "1.",
                    {"np.sum(grad_z)": "np.sum(grad_z * b)"},
                ),
                "square_kept": Mistake(
                    "The 2 has come down, but the residual is still squared. The derivative of "
                    "the square is twice the residual itself.",
                    {"2 / x.size * residual": "2 / x.size * residual**2"},
                ),
            },
            hints=(
                "Go from the loss back to the predictions first, one number for each sample. Only "
                "then to w and to b.",
                "The mean of squares sends 2/n times the residual to each prediction. On the way "
                "to w this is multiplied by the input, on the way to b by 1; both are added over "
                "the samples.",
                "`grad_z = 2 / x.size * (w * x + b - targets)`, and for the bias `grad_b = "
                "np.sum(grad_z)`.",
            ),
        ),
        Question(
            train_line,
            points=2,
            cases=descents,
            path=True,
            mistakes={
                "one_array": Mistake(
                    "All rows are the same: one array is changed in place and put into the list "
                    "again and again. Keep a copy of it in each step, or make a new array.",
                    {
                        "path = [params]": "params = params.copy()\n    path = [params]",
                        "params = params - learning_rate": "params -= learning_rate",
                    },
                ),
                "in_place": Mistake(
                    "`params -= …` changes one array, which is also the caller's: their start is "
                    "gone, and all rows of the path show the last values.",
                    {"params = params - learning_rate": "params -= learning_rate"},
                ),
                "start_overwritten": Mistake(
                    "The path is right, but the steps are written into the caller's `params`: the "
                    "start that was given is gone. Work on a copy.",
                    {
                        "path = [params]": "path = [params.copy()]",
                        "params = params - learning_rate": "params -= learning_rate",
                        "path.append(params)": "path.append(params.copy())",
                    },
                ),
                "gradient_once": Mistake(
                    "The gradient is that of the start in every step, so all steps are equal. "
                    "Compute it anew at the place that was reached.",
                    {
                        "for _ in range(steps):\n        w, b = params": "w, b = params\n"
                        "    for _ in range(steps):"
                    },
                ),
                "weight_first": Mistake(
                    "The weight is changed before the gradient of the bias is computed. Both "
                    "belong to the same place: compute both, then step.",
                    {
                        "params = params - learning_rate * grads": "w -= learning_rate * grads[0]\n"
                        "        grad_b = np.mean(2 * (w * x + b - targets))\n"
                        "        params = np.array([w, b - learning_rate * grad_b])",
                    },
                ),
                "start_left_out": Mistake(
                    "The start is missing: the path has a row for each step, and one more before "
                    "them for where it begins.",
                    {"path = [params]": "path = []"},
                ),
                "end_left_out": Mistake(
                    "The last place is missing: `steps` steps lead to `steps + 1` rows. Either a "
                    "row is written down before its step, or there is one step too few.",
                    {
                        "\n        path.append(params)": "",
                        "path = [params]": "path = []",
                        "w, b = params": "path.append(params)\n        w, b = params",
                    },
                ),
                "end_alone": Mistake(
                    "This is the place after the last step. Return the whole path, a row for each "
                    "place, the start included.",
                    {"return np.array(path)": "return params"},
                ),
                "stays": Mistake(
                    "It never moves: every row is the start. What the step leads to has to become "
                    "the new `params`.",
                    {"params = params - learning_rate * grads": "params = params + 0 * grads"},
                ),
                "exchanged": Mistake(
                    "Each parameter takes the step of the other: the gradients stand in the order "
                    "bias, weight.",
                    {"np.sum(grad_z * x), np.sum(grad_z)": "np.sum(grad_z), np.sum(grad_z * x)"},
                ),
                "bias_stays": Mistake(
                    "The bias never moves. It takes steps along its own gradient, as the weight "
                    "does.",
                    {"np.sum(grad_z)])": "0.0])"},
                ),
                "uphill": Mistake(
                    "It goes up: each step should go against the gradient.",
                    {"params - learning_rate": "params + learning_rate"},
                ),
                "sum_not_mean": Mistake(
                    "The gradient is that of the sum of the squares, n times too long. It makes "
                    "each step n times too long as well.",
                    {"2 / x.size": "2"},
                ),
                "half_mean": Mistake(
                    "The 2 from the derivative of the square is missing, so each step is half as "
                    "long as it should be.",
                    {"2 / x.size": "1 / x.size"},
                ),
                "two_parameters_sum": Mistake(
                    "Weight and bias get the same gradient. On the way to the weight each sample's "
                    "share is multiplied by its input.",
                    {"np.sum(grad_z * x)": "np.sum(grad_z)"},
                ),
                "step_before_the_first_row": Mistake(
                    "The start is missing: the first row is the place after one step already, and "
                    "one step too many fills the last row.",
                    {"path = [params]": "path = []", "in range(steps)": "in range(steps + 1)"},
                ),
                "sample_by_sample": one_by_one(
                    "In each step the samples are gone through one by one, with an update after "
                    "each. Here a step is one update, along the gradient of the mean over all "
                    "samples.",
                    "2",
                ),
                "share_by_share": one_by_one(
                    "Each sample's share of the mean is subtracted at once, so that the next "
                    "sample is seen from a new place. Add the shares up first, then take one "
                    "step.",
                    "2 / x.size",
                ),
                "sample_by_sample_without_two": one_by_one(
                    "In each step the samples are gone through one by one, with an update after "
                    "each, and the 2 of the square's derivative is missing. Here a step is one "
                    "update, along the gradient of the mean.",
                    "1",
                ),
                "one_sample_a_step": Mistake(
                    "Each step looks at one sample alone, the next one of the list. A step goes "
                    "along the gradient of the mean over all samples.",
                    {
                        "for _ in": "for k in",
                        "2 / x.size * (w * x + b - targets)": "2 * (w * x + b - targets)"
                        " * (np.arange(x.size) == k % x.size)",
                    },
                ),
            },
            hints=(
                "What has to be computed anew in each step, and what is written down?",
                "Begin with a list that holds the start. In each step: the residuals with the "
                "weight and bias reached so far, both gradients, the step, and the new place into "
                "the list. `np.array(path)` makes one array of them in the end.",
                "In the loop: `params = params - learning_rate * grads`, which makes a new array, "
                "and then `path.append(params)`.",
            ),
        ),
        Question(
            learning_rates,
            points={"curvature": 1, "fastest": 1, "edge": 1},
            cases=inputs,
            follow=follow_rates,
            mistakes={
                "half_curvature": Mistake(
                    "This is the mean of the squared inputs, the curvature for half the loss. The "
                    "mean squared error itself is curved twice as strongly.",
                    {"2 * np.mean(x**2)": "np.mean(x**2)"},
                ),
                "sum_not_mean": Mistake(
                    "The squares are added and not divided by n. The loss is a mean, and so is its "
                    "curvature.",
                    {"np.mean(x**2)": "np.sum(x**2)"},
                ),
                "square_of_mean": Mistake(
                    "This is the square of the mean. Square each input first, then take the mean.",
                    {"np.mean(x**2)": "np.mean(x) ** 2"},
                ),
                "variance": Mistake(
                    "This is twice the variance: the mean was subtracted from the inputs first. "
                    "The model w x sees them as they are.",
                    {"np.mean(x**2)": "np.var(x)"},
                ),
                "square_lost": Mistake(
                    "The inputs are not squared: two derivatives with respect to w bring down two "
                    "factors x.",
                    {"x**2": "x"},
                ),
                "edge_is_fastest": Mistake(
                    "This is 1/λ, the rate that arrives in a single step. One can go further until "
                    "the factor 1 − ηλ reaches −1.",
                    {"edge = 2 / curvature": "edge = 1 / curvature"},
                ),
                "fastest_halves": Mistake(
                    "This is ½/λ. With it the factor 1 − ηλ is ½, so that every step halves the "
                    "distance. To arrive in one step the factor must be 0.",
                    {"fastest = 1 / curvature": "fastest = 0.5 / curvature"},
                ),
                "exchanged": Mistake(
                    "The two rates are exchanged: the edge is the larger one.",
                    {
                        "fastest = 1 / curvature": "fastest = 2 / curvature",
                        "edge = 2 / curvature": "edge = 1 / curvature",
                    },
                ),
                "upside_down": Mistake(
                    "The fraction is upside down: the stronger the curvature, the smaller the rate "
                    "must be.",
                    {"1 / curvature": "curvature", "2 / curvature": "curvature / 2"},
                ),
                "half_sum": Mistake(
                    "This is the sum of the squared inputs, the curvature of half the sum of the "
                    "squares. The loss is the mean of the squares, without a ½.",
                    {"2 * np.mean(x**2)": "np.sum(x**2)"},
                ),
            },
            hints=(
                "Differentiate the gradient of w once more. For the two rates, look at the factor "
                "by which each step multiplies the distance from the goal.",
                "The factor is 1 − ηλ. Which η makes it 0, and which makes it −1?",
                "`curvature = 2 * np.mean(x**2)`, and the edge is `2 / curvature`.",
            ),
        ),
        Question(
            standardize,
            points={"x_scaled": 1, "new_scaled": 1},
            cases=old_and_new,
            follow=follow_scaled,
            mistakes={
                "own_statistics": Mistake(
                    "The new inputs are standardized with their own mean and standard deviation. "
                    "The same length then means another number than in `x`; take the two of `x` "
                    "for both.",
                    {"(new - mean) / std": "(new - new.mean()) / new.std()"},
                ),
                "new_untouched": Mistake(
                    "The new inputs come back in the old units. (They do so, too, if mean and "
                    "standard deviation are taken after `x` was standardized: then they are 0 "
                    "and 1.)",
                    {"(new - mean) / std": "new"},
                ),
                "n_minus_1": Mistake(
                    "This standard deviation divides by n − 1 (`ddof=1`). For the mean square to "
                    "be 1, divide by n, as NumPy's `std` does by itself.",
                    {"x.std()": "x.std(ddof=1)"},
                ),
                "of_both_together": Mistake(
                    "Mean and standard deviation are those of `x` and `new` together. Take them "
                    "from `x` alone, on which the line was trained.",
                    {
                        "mean, std = x.mean(), x.std()": "both = np.concatenate([x, new])\n"
                        "    mean, std = both.mean(), both.std()"
                    },
                ),
                "not_divided": Mistake(
                    "The squared deviations are added and not divided by n before the root is "
                    "taken. The standard deviation is the root of their mean.",
                    {"x.std()": "np.linalg.norm(x - x.mean())"},
                ),
                "variance": Mistake(
                    "It is divided by the variance. The standard deviation is the square root of "
                    "it and has the unit of x.",
                    {"x.std()": "x.var()"},
                ),
                "not_centered": Mistake(
                    "It is only scaled: no mean is subtracted, or one that was taken after `x` "
                    "had been centered, when it is 0.",
                    {"mean, std = x.mean(), x.std()": "mean, std = 0.0, x.std()"},
                ),
                "not_scaled": Mistake(
                    "It is only centered. The mean square becomes 1 when you divide by the "
                    "standard deviation.",
                    {"mean, std = x.mean(), x.std()": "mean, std = x.mean(), 1.0"},
                ),
                "zero_to_one": Mistake(
                    "This brings the smallest to 0 and the largest to 1, another kind of scaling. "
                    "Here the mean becomes 0 and the mean square 1.",
                    {"mean, std = x.mean(), x.std()": "mean, std = x.min(), x.max() - x.min()"},
                ),
                "parentheses": Mistake(
                    "Without parentheses only the mean is divided: `x - mean / std` is x − (mean / "
                    "std).",
                    {
                        "(x - mean) / std": "x - mean / std",
                        "(new - mean) / std": "new - mean / std",
                    },
                ),
                "about_zero": Mistake(
                    "It is divided by the root of the mean square of the lengths as they came. The "
                    "standard deviation is that of the centered ones.",
                    {"x.std()": "np.sqrt(np.mean(x**2))"},
                ),
                "in_place": Mistake(
                    "The numbers are right, but they are written into the arrays that were given, "
                    "and the caller has lost the old ones.",
                    {
                        "return (x - mean) / std, (new - mean) / std": "x -= mean\n    x /= std\n"
                        "    new -= mean\n    new /= std\n    return x, new"
                    },
                ),
                "own_statistics_guarded": Mistake(
                    "The new inputs are standardized with their own mean and standard deviation "
                    "(and a single one, which has no spread, becomes 0). Take the two of `x` "
                    "for both.",
                    {"(new - mean) / std": "(new - new.mean()) / (new.std() or 1.0)"},
                ),
                "own_mean": Mistake(
                    "The new inputs are centered with their own mean. The same length then "
                    "means another number than in `x`; subtract the mean of `x` from both.",
                    {"(new - mean) / std": "(new - new.mean()) / std"},
                ),
                "own_spread": Mistake(
                    "The new inputs are divided by their own standard deviation (or not, where "
                    "it is 0). Divide both by that of `x`.",
                    {"(new - mean) / std": "(new - mean) / (new.std() or 1.0)"},
                ),
            },
            hints=(
                "Two numbers describe the move to the new units. Of which array are they taken?",
                "The mean and the standard deviation of `x`, for both arrays: subtract the one, "
                "divide by the other. The new inputs need not have the mean 0 afterward.",
                "`mean, std = x.mean(), x.std()`, and then `x_scaled = (x - mean) / std`.",
            ),
        ),
        Question(
            train_epoch,
            points=3,
            cases=epochs,
            mistakes={
                "short_batch_dropped": Mistake(
                    "The last batch is dropped when it is not full, so that some samples never "
                    "have their turn.",
                    {"len(order)": "len(order) - len(order) % batch_size"},
                ),
                "order_ignored": Mistake(
                    "The samples are taken as they stand in `x`, one after the other. Take them in "
                    "the given `order`.",
                    {
                        "batch = order[start : start + batch_size]": "batch = "
                        "np.arange(len(order))[start : start + batch_size]"
                    },
                ),
                "targets_left_behind": Mistake(
                    "The inputs are taken in the new order, the targets in the old one. Each input "
                    "must keep its own target.",
                    {"targets[batch]": "targets[start : start + batch_size]"},
                ),
                "divided_by_batch_size": Mistake(
                    "A short last batch is divided by `batch_size` as if it were full. Its mean is "
                    "over the samples it has.",
                    {"2 / batch.size": "2 / batch_size"},
                ),
                "divided_by_all": Mistake(
                    "The gradient of a batch is divided by the number of all samples. The mean is "
                    "over the samples of the batch.",
                    {"2 / batch.size": "2 / x.size"},
                ),
                "not_divided": Mistake(
                    "The gradient is the sum over the batch. Divide by the number of its samples, "
                    "or a larger batch makes larger steps.",
                    {"2 / batch.size": "2"},
                ),
                "half_mean": Mistake(
                    "The 2 from the derivative of the square is missing, so each step is half as "
                    "long as it should be.",
                    {"2 / batch.size": "1 / batch.size"},
                ),
                "from_the_start": Mistake(
                    "Every batch computes its gradient at the start of the epoch. It should be at "
                    "the place that the batch before it has reached.",
                    {
                        "for start in": "w, b = params\n    for start in",
                        "\n        w, b = params": "",
                    },
                ),
                "first_batch_only": Mistake(
                    "It returns after the first batch: the `return` stands inside the loop.",
                    {"    return params": "        return params"},
                ),
                "last_batch_only": Mistake(
                    "Only the last batch counts: each step begins at the start of the epoch again. "
                    "The place that a step reaches has to become the new `params`.",
                    {
                        "params = params - learning_rate": "new = params - learning_rate",
                        "return params": "return new",
                    },
                ),
                "one_by_one": Mistake(
                    "It makes a step for each sample. Make one for each batch, with the mean over "
                    "its samples.",
                    {"len(order), batch_size)": "len(order))", "start + batch_size]": "start + 1]"},
                ),
                "evened_out": Mistake(
                    "The batches are made equally long, as `np.array_split` does it. All but the "
                    "last should have `batch_size` samples, and the last one what is left.",
                    {
                        "for start in range(0, len(order), batch_size)": "for batch in "
                        "np.array_split(order, np.ceil(len(order) / batch_size))",
                        "batch = order[start : start + batch_size]": "pass",
                    },
                ),
                "all_each_time": Mistake(
                    "Each step uses all samples. It should use those of its batch alone.",
                    {"order[start : start + batch_size]": "order"},
                ),
                "overlapping": Mistake(
                    "The batches overlap: each begins one sample after the one before. It should "
                    "begin `batch_size` later.",
                    {"len(order), batch_size)": "len(order))"},
                ),
                "in_place": Mistake(
                    "The result is right, but the steps are written into the caller's `params`.",
                    {"params = params - learning_rate": "params -= learning_rate"},
                ),
            },
            hints=(
                "`order` lists the numbers of the samples. Cut it into pieces, and make one step "
                "for each piece.",
                "`range(0, n, batch_size)` gives where the pieces begin, and `order[start : start "
                "+ batch_size]` is a piece; at the end of an array a slice is as long as what is "
                "left. `x[batch]` and `targets[batch]` belong together, and the mean is over as "
                "many samples as the piece has.",
                "In the loop: `grad_z = 2 / batch.size * (w * x[batch] + b - targets[batch])`.",
            ),
        ),
        Question(
            valley,
            points={"steepest": 2, "flattest": 1},
            cases=several_inputs,
            follow=follow_valley,
            mistakes={
                "axes_only": Mistake(
                    "These are the curvatures along the weight alone and along the bias alone; the "
                    "valley lies between the two. (2φ in place of φ gives the same numbers: what "
                    "the arctangent gives is to be halved.)",
                    {"angle = 0.5 *": "angle = 0 *"},
                ),
                "exchanged": Mistake(
                    "The two are exchanged: the steepest direction has the larger curvature.",
                    {"return steepest, flattest": "return flattest, steepest"},
                ),
                "arctan_of_quotient": Mistake(
                    "`np.arctan` of the quotient cannot tell a direction from the one at a right "
                    "angle to it: where the mean of the squares is below 1 it gives the flattest. "
                    "`np.arctan2` knows both signs.",
                    {
                        "np.arctan2(2 * np.mean(x), np": "np.arctan(2 * np.mean(x) / (np",
                        "- 1)": "- 1))",
                    },
                ),
                "arctan2_order": Mistake(
                    "The two arguments of `np.arctan2` are exchanged: the numerator of the tangent "
                    "comes first.",
                    {"2 * np.mean(x), np.mean(x**2) - 1": "np.mean(x**2) - 1, 2 * np.mean(x)"},
                ),
                "square_of_mean": Mistake(
                    "In the angle, the square of the mean stands where the mean of the squares "
                    "belongs.",
                    {"np.mean(x**2)": "np.mean(x) ** 2"},
                ),
                "one_lost": Mistake(
                    "In the angle, the 1 of the bias is missing: the tangent's denominator is the "
                    "mean of the squares minus 1.",
                    {"np.mean(x**2) - 1": "np.mean(x**2)"},
                ),
                "half_curvature": Mistake(
                    "The directions are right, but the 2 of the second derivative is missing.",
                    {"2 * np.mean((": "np.mean(("},
                ),
                "degrees": Mistake(
                    "90 is added to an angle in radians. A right angle is π/2.",
                    {"np.pi / 2": "90"},
                ),
                "weight_part_only": Mistake(
                    "The step along the bias is left out: on the way a prediction changes by "
                    "x cos φ + sin φ.",
                    {"x * np.cos(phi) + np.sin(phi)": "x * np.cos(phi)"},
                ),
                "axes_sorted": Mistake(
                    "These are the larger and the smaller of two curvatures: along the weight "
                    "alone and along the bias alone. The valley lies between the two axes.",
                    {"angle = 0.5 *": "angle = (np.mean(x**2) < 1) * np.pi / 2 + 0 *"},
                ),
                "centered": Mistake(
                    "It is computed from the centered inputs, whose valley is not tilted. Asked "
                    "for are the curvatures for x as it is.",
                    curvatures_of_centered,
                ),
                "singular_values": Mistake(
                    "These are the singular values of the table of inputs and ones, times 2/n. "
                    "The curvatures are made of their squares.",
                    singular_values,
                ),
                "sum_not_mean": Mistake(
                    "The squares are added and not divided by n. The loss is a mean, and so are "
                    "its curvatures.",
                    {"2 * np.mean((": "2 * np.sum(("},
                ),
            },
            hints=(
                "The chapter has the curvature λ(φ) in a direction, and the φ where it is largest. "
                "Where is it smallest?",
                "The tangent of 2φ is twice the mean of x, divided by the mean of x² minus 1; "
                "`np.arctan2` of these two gives 2φ of the steepest direction. The flattest "
                "stands at a right angle to it. Put both angles into λ(φ).",
                "`angle = 0.5 * np.arctan2(2 * np.mean(x), np.mean(x**2) - 1)`, and then "
                "`steepest = 2 * np.mean((x * np.cos(angle) + np.sin(angle)) ** 2)`.",
            ),
        ),
    ),
)
