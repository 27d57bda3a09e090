"""Exercises 01: derivatives of activation functions, a stable sigmoid, a numerical derivative."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def sigmoid_slope(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


def tanh_slope_from_output(a):
    return 1 - a**2


def leaky_relu(z, leak):
    a = np.where(z > 0, z, leak * z)

    def vjp(grad_a):
        return grad_a * np.where(z > 0, 1, leak)

    return a, vjp


def gaussian(z):
    a = np.exp(-(z**2))

    def vjp(grad_a):
        return grad_a * -2 * z * a

    return a, vjp


def stable_sigmoid(z):
    t = np.exp(-np.abs(z))
    return np.where(z > 0, 1, t) / (1 + t)


def numerical_derivative(f, z, h):
    return (f(z + h) - f(z - h)) / (2 * h)


def log_sigmoid(z):
    a = -np.logaddexp(0, -z)

    def vjp(grad_a):
        return grad_a * np.exp(-np.logaddexp(0, z))

    return a, vjp


def numbers(rng):
    """z of several shapes and both signs."""
    return {
        "one number": {"z": np.array(0.5)},
        "three numbers": {"z": np.array([2.0, -1.0, 0.3])},
        "a matrix": {"z": rng.normal(0, 2, (2, 3))},
        "many": {"z": rng.normal(0, 3, 50)},
    }


def outputs_of_tanh(rng):
    return {label: {"a": np.tanh(case["z"])} for label, case in numbers(rng).items()}


def with_gradient(rng, largest=3.0):
    """z with the gradient that arrives at the activation."""
    return {
        "one number": {"z": np.array(0.5), "grad_a": np.array(3.0)},
        "two negative numbers": {"z": np.array([-1.5, -0.4]), "grad_a": np.array([2.0, 5.0])},
        "three numbers": {"z": np.array([1.2, -0.7, 0.4]), "grad_a": np.array([2.0, 3.0, -1.5])},
        "a matrix": {"z": rng.normal(0, 2, (2, 3)), "grad_a": rng.normal(0, 1, (2, 3))},
        "many": {"z": rng.uniform(-largest, largest, 40), "grad_a": rng.normal(0, 1, 40)},
    }


def with_leak(rng):
    """leaky_relu: z with its leak, the kink among them."""
    cases = {
        label: {"z": case["z"], "leak": leak, "grad_a": case["grad_a"]}
        for (label, case), leak in zip(
            with_gradient(rng).items(), (0.25, 0.5, 0.1, 0.2, 0.01), strict=True
        )
    }
    kink = {"z": np.array([0.0, 1.0]), "leak": 0.25, "grad_a": np.array([2.0, 3.0])}
    return {**cases, "the kink": kink}


def far_out(rng):
    """z at which exp(-z) overflows, and ordinary ones."""
    return {
        **numbers(rng),
        "zero": {"z": np.array([0.0])},
        "very negative": {"z": np.array([-1000.0, -800.0])},
        "very positive": {"z": np.array([1000.0, 750.0])},
        "small": {"z": np.array([-40.0])},
        "smaller": {"z": np.array([-80.0])},
        "some digits left": {"z": np.array([-30.0])},
    }


def far_out_with_gradient(rng):
    return {
        **with_gradient(rng),
        "very negative": {"z": np.array([-1000.0, -800.0]), "grad_a": np.array([2.0, 1.0])},
        "very positive": {"z": np.array([1000.0, 750.0]), "grad_a": np.array([2.0, 1.0])},
        "nearly 1": {"z": np.array([40.0]), "grad_a": np.array([3.0])},
    }


def functions(rng):
    return {
        "a cube at one point": {"f": "cube", "z": np.array(2.0), "h": 0.5},
        "a sine at two points": {"f": "sine", "z": np.array([1.0, -2.0]), "h": 0.25},
        "an exponential": {"f": "exponential", "z": rng.uniform(-1, 1, (2, 3)), "h": 0.125},
    }


STABLE = """t = np.exp(-np.abs(z))
    return np.where(z > 0, 1, t) / (1 + t)"""


def cut(bound, became):
    """stable_sigmoid: z is cut off where the sigmoid is not yet 0 or 1."""
    return Mistake(
        f"Cutting z off at ±{bound} avoids the overflow and changes the result: σ(−40) is "
        f"4 · 10⁻¹⁸ and not {became}.",
        {"np.exp(-np.abs(z))": f"np.exp(-np.abs(np.clip(z, -{bound}, {bound})))"},
    )


def cut_before_log(bound):
    """log_sigmoid: z is cut off at both ends, for the value and for the slope."""
    return Mistake(
        f"Cutting z off at ±{bound} avoids the overflow and changes the result: the logarithm "
        f"stops near −{bound}, and log σ(−1000) is −1000.",
        {
            "a = -np.logaddexp(0, -z)": f"z = np.clip(z, -{bound}, {bound})\n"
            "    a = -np.logaddexp(0, -z)"
        },
    )


def added_in_log(digits, text, least):
    """log_sigmoid: a small number is added before the logarithm is taken."""
    return Mistake(
        f"The {text} that is added in the logarithm keeps the result from −∞ and makes it wrong: "
        f"it never falls below −{least}, and log σ(−1000) is −1000.",
        {"-np.logaddexp(0, -z)": f"np.log(np.exp(-np.logaddexp(0, -z)) + 1e-{digits})"},
    )


SET = ExerciseSet(
    "01_sigmoid_derivative",
    (
        Question(
            sigmoid_slope,
            points=1,
            cases=numbers,
            mistakes={
                "slope_at_z": Mistake(
                    "This is z (1 − z). The formula a (1 − a) wants the sigmoid's output a, not "
                    "its input z.",
                    {"a * (1 - a)": "z * (1 - z)"},
                ),
                "slope_is_value": Mistake(
                    "This is the sigmoid itself, not its slope.", {"a * (1 - a)": "a"}
                ),
                "outer_factor_only": Mistake(
                    "This is 1 − a, the slope of log σ. The factor a is missing.",
                    {"a * (1 - a)": "1 - a"},
                ),
                "tanh_rule": Mistake(
                    "This is 1 − a², the rule for tanh, with the sigmoid's a. For the sigmoid the "
                    "slope is a (1 − a).",
                    {"a * (1 - a)": "1 - a**2"},
                ),
                "sigmoid_twice": Mistake(
                    "The sigmoid is taken twice: the slope is computed from σ(σ(z)). Once is "
                    "enough.",
                    {"return a": "a = 1 / (1 + np.exp(-a))\n    return a"},
                ),
                "minus_lost": Mistake(
                    "The sign is wrong: the sigmoid rises everywhere, so that its slope is "
                    "positive. Is (1 − a) turned round, or the inner slope −1 of −z lost?",
                    {"(1 - a)": "(a - 1)"},
                ),
                "one_lost": Mistake(
                    "The 1 below the line is lost: 1 / exp(−z) is exp(z). The sigmoid has the sum "
                    "of 1 and exp(−z) there.",
                    {"(1 + np.exp(-z))": "np.exp(-z)"},
                ),
                "parentheses": Mistake(
                    "`1 / 1 + np.exp(-z)` divides 1 by 1 and then adds: the sum below the line "
                    "needs parentheses.",
                    {"1 / (1 + np.exp(-z))": "1 / 1 + np.exp(-z)"},
                ),
            },
            hints=(
                "Find the sigmoid's output a first. Its slope can be written with a alone.",
                "From the chapter: σ′(z) = σ(z) (1 − σ(z)). Check with z = 0, where the slope is "
                "¼.",
                "`a = 1 / (1 + np.exp(-z))`, and then `return a * (1 - a)`.",
            ),
        ),
        Question(
            tanh_slope_from_output,
            points=1,
            cases=outputs_of_tanh,
            mistakes={
                "tanh_again": Mistake(
                    "tanh is taken once more, of a number that is a tanh already. The argument "
                    "here is the output a.",
                    {"a**2": "np.tanh(a) ** 2"},
                ),
                "sigmoid_rule": Mistake(
                    "This is a (1 − a), the rule for the sigmoid. For tanh it is another one.",
                    {"1 - a**2": "a * (1 - a)"},
                ),
                "square_lost": Mistake("This is 1 − a: the square is missing.", {"a**2": "a"}),
                "inverse_slope": Mistake(
                    "This is 1 / (1 − a²), the slope of the inverse function, artanh.",
                    {"1 - a**2": "1 / (1 - a**2)"},
                ),
                "squared_difference": Mistake(
                    "This is (1 − a)². The square belongs to a alone.",
                    {"1 - a**2": "(1 - a) ** 2"},
                ),
                "tan_rule": Mistake(
                    "This is 1 + a², the rule for tan. tanh flattens: its slope falls to 0 where "
                    "a comes near −1 or 1.",
                    {"1 - a**2": "1 + a**2"},
                ),
                "arctan_rule": Mistake(
                    "This is 1 / (1 + a²), the slope of the arctangent at the place a. Asked for "
                    "is that of tanh, and a is what comes out of it.",
                    {"1 - a**2": "1 / (1 + a**2)"},
                ),
            },
            hints=(
                "The argument is a = tanh(z), not z. Which expression in a was tanh's slope?",
                "tanh is an S-curve between −1 and 1. Where a is −1 or 1 its slope must be 0, and "
                "where a is 0 it must be 1.",
                "`return 1 - a**2`",
            ),
        ),
        Question(
            leaky_relu,
            points={"a": 1, "grad_z": 1},
            cases=with_leak,
            use=use.value_and_vjp,
            mistakes={
                "gate_shut": Mistake(
                    "This is the slope of the plain ReLU: where z is negative nothing comes "
                    "through. A leaky one lets `leak` times the gradient through.",
                    {"1, leak)": "1, 0)"},
                ),
                "gradient_ignored": Mistake(
                    "`vjp` returns the slope itself. It must multiply it by `grad_a`, the "
                    "gradient that arrives.",
                    {"grad_a * np.where": "np.where"},
                ),
                "leak_times_z": Mistake(
                    "On the left the slope is `leak`; here it is `leak * z`, the value.",
                    {"1, leak)": "1, leak * z)"},
                ),
                "sides_exchanged": Mistake(
                    "The sides are exchanged: z itself belongs to z > 0.",
                    {"a = np.where(z > 0, z, leak * z)": "a = np.where(z > 0, leak * z, z)"},
                ),
                "slopes_exchanged": Mistake(
                    "The slopes are exchanged: 1 belongs to z > 0, `leak` to the other side.",
                    {"1, leak)": "leak, 1)"},
                ),
                "slope_at_kink": Mistake(
                    "At z = 0 exactly the slope should be that of the left side, `leak`: this "
                    "course counts 0 as shut.",
                    {"grad_a * np.where(z > 0": "grad_a * np.where(z >= 0"},
                ),
                "leak_itself": Mistake(
                    "On the left it gives `leak` itself. The value there is `leak` times z; only "
                    "the slope is `leak`.",
                    {"leak * z)": "leak)"},
                ),
                "leak_fixed": Mistake(
                    "The leak is always 0.01, as in the chapter. Use the `leak` that is given.",
                    {"leak * z)": "0.01 * z)", "1, leak)": "1, 0.01)"},
                ),
                "leak_forgotten": Mistake(
                    "This is the plain ReLU: where z is negative, a leaky one gives leak · z and "
                    "not 0.",
                    {"leak * z)": "0)"},
                ),
                "minus_leak": Mistake(
                    "On the left it gives −leak · z, so that it rises to both sides, like a bent "
                    "absolute value. The leak keeps the sign of z.",
                    {"leak * z)": "-leak * z)"},
                ),
                "gradient_replaced": Mistake(
                    "Where z is not positive, the gradient that arrives is replaced by `leak`. It "
                    "must be multiplied by it.",
                    {"grad_a * np.where(z > 0, 1, leak)": "np.where(z > 0, grad_a, leak)"},
                ),
            },
            hints=(
                "There are two straight lines that meet at 0. Which slope has each?",
                "`np.where(condition, this, that)` chooses number by number. Use it once for a, "
                "with z and leak · z, and once for the slope; the slope is then multiplied by "
                "`grad_a`.",
                "In `vjp`: `return grad_a * np.where(z > 0, 1, leak)`.",
            ),
        ),
        Question(
            gaussian,
            points={"a": 1, "grad_z": 2},
            cases=with_gradient,
            use=use.value_and_vjp,
            mistakes={
                "inner_derivative_lost": Mistake(
                    "The inner derivative is missing: exp(u) has the slope exp(u), but u = −z² has "
                    "itself the slope −2z.",
                    {"grad_a * -2 * z * a": "grad_a * a"},
                ),
                "outer_derivative_lost": Mistake(
                    "Only the inner derivative −2z is there. The outer one, exp(−z²) = a, is "
                    "missing.",
                    {"grad_a * -2 * z * a": "grad_a * -2 * z"},
                ),
                "two_lost": Mistake("The factor 2 from (z²)′ = 2z is missing.", {"-2 * z": "-z"}),
                "sign_lost": Mistake(
                    "The minus from −z² is lost in the derivative.", {"-2 * z": "2 * z"}
                ),
                "power_rule": Mistake(
                    "That is the power rule: u · exp(u − 1). But exp is not a power of u; its "
                    "derivative is exp(u).",
                    {"-2 * z * a": "-2 * z * -(z**2) * np.exp(-(z**2) - 1)"},
                ),
                "grows": Mistake(
                    "This is exp(+z²), which grows. `-z**2` is −(z²), but (−z)² is +z².",
                    {"-(z**2)": "(-z) ** 2"},
                ),
                "gradient_not_passed": Mistake(
                    "`vjp` returns the slope itself. It must multiply it by `grad_a`, the "
                    "gradient that arrives.",
                    {"grad_a * -2": "-2"},
                ),
                "slope_at_output": Mistake(
                    "The inner derivative is taken at a: −2a. It belongs at z, which went into the "
                    "square.",
                    {"-2 * z * a": "-2 * a * a"},
                ),
                "exponent_for_slope": Mistake(
                    "As the slope of exp(u) stands u itself, what goes into exp. exp is its own "
                    "derivative: what comes out of it belongs there.",
                    {"-2 * z * a": "-2 * z * -(z**2)"},
                ),
                "power_rule_alone": Mistake(
                    "That is the power rule, u · exp(u − 1), and nothing more. exp is not a "
                    "power of u but its own derivative, and the inner derivative −2z is missing "
                    "as well.",
                    {"grad_a * -2 * z * a": "grad_a * -(z**2) * np.exp(-(z**2) - 1)"},
                ),
                "gaussian_again": Mistake(
                    "The Gaussian is taken once more, of a, which is one already. exp(u) is its "
                    "own derivative, so the outer factor is a as it is.",
                    {"-2 * z * a": "-2 * z * np.exp(-(a**2))"},
                ),
                "exponential_again": Mistake(
                    "The exponential is taken once more, of a, which is one already. exp(u) is "
                    "its own derivative, so the outer factor is a as it is.",
                    {"-2 * z * a": "-2 * z * np.exp(a)"},
                ),
                "exponent_alone": Mistake(
                    "This is u = −z² itself, times `grad_a`. Neither derivative is there: the "
                    "outer one is exp(u), which is a, and the inner one −2z.",
                    {"grad_a * -2 * z * a": "grad_a * -(z**2)"},
                ),
            },
            hints=(
                "It is a function in a function: first u = −z², then a = exp(u).",
                "da/dz = da/du · du/dz. The first factor is exp(u), which is a itself; the second "
                "is −2z. Do not forget the gradient that arrives.",
                "In `vjp`: `return grad_a * a * (-2 * z)`.",
            ),
        ),
        Question(
            stable_sigmoid,
            points=2,
            cases=far_out,
            quiet=True,
            mistakes={
                "overflows": Mistake(
                    "The value is right, but for very negative z the `exp(-z)` in it overflows and "
                    "NumPy warns. Use an exponential that is never above 1.",
                    {"np.exp(-np.abs(z))": "np.exp(-z)", "np.where(z > 0, 1, t)": "1"},
                ),
                "both_branches": Mistake(
                    "The value is right, but `np.where` computes both of its branches everywhere, "
                    "so that the one that is not wanted overflows and warns. Use −|z| in the "
                    "exponent.",
                    {
                        STABLE: "p = np.exp(z)\n"
                        "    return np.where(z > 0, 1 / (1 + 1 / p), p / (1 + p))"
                    },
                ),
                "exp_of_z": Mistake(
                    "For very positive z this is ∞/∞, which is NaN: exp(z) overflows. Use the form "
                    "1 / (1 + exp(−z)) there.",
                    {STABLE: "p = np.exp(z)\n    return p / (1 + p)"},
                ),
                "one_side": Mistake(
                    "This is σ(|z|): right for positive z. For negative z the numerator is "
                    "exp(−|z|), not 1.",
                    {"np.where(z > 0, 1, t)": "1"},
                ),
                "mirrored": Mistake(
                    "The sides are exchanged: this is σ(−z). The numerator is 1 where z is "
                    "positive.",
                    {"1, t)": "t, 1)"},
                ),
                "through_tanh": Mistake(
                    "(1 + tanh(z/2)) / 2 is right on paper, but for z = −40 tanh is rounded to −1 "
                    "and the sum to 0, where 4 · 10⁻¹⁸ is due. Use exp(−|z|) on this side.",
                    {"np.where(z > 0, 1, t) / (1 + t)": "(1 + np.tanh(z / 2)) / 2"},
                ),
                "one_minus": Mistake(
                    "σ(z) = 1 − σ(−z) is right on paper, but for z = −40 the subtraction leaves 0, "
                    "where 4 · 10⁻¹⁸ is due. The numerator exp(−|z|) keeps the digits.",
                    {"np.where(z > 0, 1, t) / (1 + t)": "np.abs((z < 0) - 1 / (1 + t))"},
                ),
                "clipped": Mistake(
                    "Cutting z off at ±30 avoids the overflow and changes the result: σ(−40) is "
                    "4 · 10⁻¹⁸ and not 9 · 10⁻¹⁴.",
                    {"np.exp(-np.abs(z))": "np.exp(-np.abs(np.clip(z, -30, 30)))"},
                ),
                "clipped_farther": Mistake(
                    "Cutting z off at ±50 avoids the overflow and changes the result: σ(−80) is "
                    "2 · 10⁻³⁵ and not 2 · 10⁻²².",
                    {"np.exp(-np.abs(z))": "np.exp(-np.abs(np.clip(z, -50, 50)))"},
                ),
                "clipped_at_10": cut(10, "5 · 10⁻⁵"),
                "clipped_at_15": cut(15, "3 · 10⁻⁷"),
                "clipped_at_20": cut(20, "2 · 10⁻⁹"),
            },
            hints=(
                "For which z does exp(−z) overflow? For those, look for a form of the fraction in "
                "which only exp(z) stands.",
                "With t = exp(−|z|), which is never above 1: σ = 1 / (1 + t) where z is positive "
                "and t / (1 + t) where it is negative.",
                "`t = np.exp(-np.abs(z))`, and then `return np.where(z > 0, 1, t) / (1 + t)`.",
            ),
        ),
        Question(
            numerical_derivative,
            points=2,
            cases=functions,
            use=use.call_with_function,
            mistakes={
                "forward": Mistake(
                    "This is the forward difference (f(z + h) − f(z)) / h. The central one looks "
                    "to both sides; its error shrinks with h², not with h.",
                    {"(f(z + h) - f(z - h)) / (2 * h)": "(f(z + h) - f(z)) / h"},
                ),
                "backward": Mistake(
                    "This is the backward difference (f(z) − f(z − h)) / h. The central one looks "
                    "to both sides.",
                    {"(f(z + h) - f(z - h)) / (2 * h)": "(f(z) - f(z - h)) / h"},
                ),
                "width": Mistake(
                    "From z − h to z + h it is 2h, not h: the result is twice too large.",
                    {"(2 * h)": "h"},
                ),
                "parentheses": Mistake(
                    "Only the second term is divided by 2h: the difference needs parentheses.",
                    {"(f(z + h) - f(z - h)) / (2 * h)": "f(z + h) - f(z - h) / (2 * h)"},
                ),
                "times_h": Mistake(
                    "`/ 2 * h` divides by 2 and then multiplies by h. The divisor 2h needs "
                    "parentheses.",
                    {"/ (2 * h)": "/ 2 * h"},
                ),
                "order": Mistake(
                    "The sign is turned: it must be f ahead minus f behind.",
                    {"f(z + h) - f(z - h)": "f(z - h) - f(z + h)"},
                ),
                "half_step": Mistake(
                    "This goes h/2 to each side and divides by h. That is a good central "
                    "difference, but for the half step; here h is the distance to each side.",
                    {"(f(z + h) - f(z - h)) / (2 * h)": "(f(z + h / 2) - f(z - h / 2)) / h"},
                ),
                "own_step": Mistake(
                    "It does not use the h that it is given.",
                    {"return": "h = 1e-5\n    return"},
                ),
            },
            hints=(
                "A slope is a rise divided by a width. From where to where do you go?",
                "Central: from z − h to z + h. The rise is f(z + h) − f(z − h); how wide is that?",
                "`return (f(z + h) - f(z - h)) / (2 * h)`",
            ),
        ),
        Question(
            log_sigmoid,
            points={"a": 2, "grad_z": 1},
            cases=far_out_with_gradient,
            use=use.value_and_vjp,
            quiet=True,
            mistakes={
                "log_of_sigmoid": Mistake(
                    "For very negative z it gives −∞: a sigmoid that is rounded to 0 has no "
                    "logarithm, and in log(1 + exp(−z)) the exponential overflows. "
                    "`np.logaddexp` takes log and exp in one step.",
                    {"-np.logaddexp(0, -z)": "-np.log(1 + np.exp(-z))"},
                ),
                "softplus": Mistake(
                    "This is log(1 + exp(−z)), which is positive. The logarithm of a number below "
                    "1 is negative: a minus is missing.",
                    {"-np.logaddexp(0, -z)": "np.logaddexp(0, -z)"},
                ),
                "wrong_side": Mistake(
                    "This is −log(1 + exp(z)), the logarithm of 1 − σ(z).",
                    {"-np.logaddexp(0, -z)": "-np.logaddexp(0, z)"},
                ),
                "one_added": Mistake(
                    "`np.logaddexp(1, −z)` is log(e¹ + exp(−z)). The 1 in log(1 + …) is exp(0).",
                    {"-np.logaddexp(0, -z)": "-np.logaddexp(1, -z)"},
                ),
                "digits_cancel": Mistake(
                    "For z = 40 it gives 0. z − log(1 + exp(z)) subtracts 40 from 40, and in "
                    "log(1 + t) a tiny t is lost beside the 1. `np.logaddexp(0, -z)` keeps its "
                    "digits.",
                    {"-np.logaddexp(0, -z)": "z - np.logaddexp(0, z)"},
                ),
                "slope_of_sigmoid": Mistake(
                    "This is the slope of the sigmoid, a factor σ(z) too much. The slope of log σ "
                    "is σ′/σ = 1 − σ(z).",
                    {
                        "np.exp(-np.logaddexp(0, z))": "np.exp(-np.logaddexp(0, z) - "
                        "np.logaddexp(0, -z))"
                    },
                ),
                "sigmoid_as_slope": Mistake(
                    "The slope is 1 − σ(z) = σ(−z). This is σ(z).",
                    {"np.exp(-np.logaddexp(0, z))": "np.exp(-np.logaddexp(0, -z))"},
                ),
                "slope_digits_cancel": Mistake(
                    "For z = 40 the slope is 0: in 1 − σ(z) the sigmoid is rounded to 1, and all "
                    "digits cancel. Written as σ(−z) it keeps them.",
                    {"np.exp(-np.logaddexp(0, z))": "(1 - np.exp(-np.logaddexp(0, -z)))"},
                ),
                "one_minus_log": Mistake(
                    "The slope is 1 − σ(z). This is 1 − a, with a the logarithm.",
                    {"np.exp(-np.logaddexp(0, z))": "(1 - a)"},
                ),
                "epsilon_in_log": Mistake(
                    "The 10⁻⁸ that is added in the logarithm keeps the result from −∞ and makes "
                    "it wrong: it never falls below −18.4, and log σ(−1000) is −1000.",
                    {"-np.logaddexp(0, -z)": "np.log(np.exp(-np.logaddexp(0, -z)) + 1e-8)"},
                ),
                "smaller_epsilon": Mistake(
                    "The 10⁻¹² that is added in the logarithm keeps the result from −∞ and makes "
                    "it wrong: it never falls below −27.6, and log σ(−1000) is −1000.",
                    {"-np.logaddexp(0, -z)": "np.log(np.exp(-np.logaddexp(0, -z)) + 1e-12)"},
                ),
                "smallest_epsilon": Mistake(
                    "The 10⁻¹⁵ that is added in the logarithm keeps the result from −∞ and makes "
                    "it wrong: it never falls below −34.5, and log σ(−1000) is −1000.",
                    {"-np.logaddexp(0, -z)": "np.log(np.exp(-np.logaddexp(0, -z)) + 1e-15)"},
                ),
                "largest_comes_back_wrong": Mistake(
                    "The larger of 0 and −z, which was taken out of the logarithm to keep `exp` "
                    "small, comes back with the wrong sign: for negative z the result is too "
                    "large by 2|z|.",
                    {"-np.logaddexp(0, -z)": "2 * np.maximum(0, -z) - np.logaddexp(0, -z)"},
                ),
                "largest_not_brought_back": Mistake(
                    "The larger of 0 and −z was taken out of the logarithm to keep `exp` small "
                    "and does not come back: for negative z the result is too large by |z|.",
                    {"-np.logaddexp(0, -z)": "-np.logaddexp(0, -np.abs(z))"},
                ),
                "shift_comes_back_wrong": Mistake(
                    "For negative z the result is too large by 2|z|: the larger of 0 and −z, "
                    "taken out of the logarithm, comes back with the wrong sign. Besides, for z = "
                    "40 a tiny number is lost beside the 1; `np.logaddexp` does both.",
                    {
                        "a = -np.logaddexp(0, -z)": "m = np.maximum(0, -z)\n"
                        "    a = m - np.log(np.exp(-m) + np.exp(-z - m))"
                    },
                ),
                "shift_not_brought_back": Mistake(
                    "For negative z the result is too large by |z|: the larger of 0 and −z, taken "
                    "out of the logarithm, does not come back. Besides, for z = 40 a tiny number "
                    "is lost beside the 1; `np.logaddexp` does both.",
                    {
                        "a = -np.logaddexp(0, -z)": "m = np.maximum(0, -z)\n"
                        "    a = -np.log(np.exp(-m) + np.exp(-z - m))"
                    },
                ),
                "clipped_at_10": cut_before_log(10),
                "clipped_at_20": cut_before_log(20),
                "clipped_at_30": cut_before_log(30),
                "clipped_at_50": cut_before_log(50),
                "clipped_at_100": cut_before_log(100),
                "clipped_at_500": cut_before_log(500),
                "epsilon_of_7_digits": added_in_log(7, "10⁻⁷", "16.1"),
                "epsilon_of_9_digits": added_in_log(9, "10⁻⁹", "20.7"),
                "epsilon_of_10_digits": added_in_log(10, "10⁻¹⁰", "23.0"),
            },
            hints=(
                "log σ(z) = log 1 − log(1 + exp(−z)). Which NumPy function computes log(exp(p) + "
                "exp(q)) without overflow?",
                "1 is exp(0), so log(1 + exp(−z)) is `np.logaddexp(0, -z)`. For the slope: by the "
                "chain rule σ′/σ = 1 − σ(z), and that is σ(−z), which must be stable, too.",
                "`a = -np.logaddexp(0, -z)`, and in `vjp`: `return grad_a * "
                "np.exp(-np.logaddexp(0, z))`.",
            ),
        ),
    ),
)
