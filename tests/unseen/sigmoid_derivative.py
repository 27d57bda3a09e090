"""Wrong answers to exercises 01 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def tanh_slope_from_output__one_missing(a):
    """-a^2, as the table of a textbook had it. Source: scutan90/DeepLearning-500-questions#544."""
    return -(a**2)


def tanh_slope_from_output__back_to_the_input(a):
    """Goes back to z with arctanh and then takes 1 - z^2. Source: lazyprogrammer/facial-expression-
    recognition#2."""
    return 1 - np.arctanh(a) ** 2


def leaky_relu__input_changed(z, leak):
    """The left side is multiplied in the caller's array. Source: intel/ipex-llm#2206 (a wrong in-
    place leaky ReLU)."""
    a = z
    mask = z > 0
    a[~mask] *= leak

    def vjp(grad_a):
        return np.where(mask, grad_a, leak * grad_a)

    return a, vjp


def leaky_relu__mask_of_the_gradient(z, leak):
    """The sign of the gradient that arrives decides, instead of the sign of z. Source: teaching
    experience."""
    a = np.where(z > 0, z, leak * z)

    def vjp(grad_a):
        return np.where(grad_a > 0, grad_a, leak * grad_a)

    return a, vjp


def gaussian__square_of_minus_z(z):
    """(-z)**2 where -(z**2) is meant: the function grows. Source: teaching experience."""
    a = np.exp((-z) ** 2)

    def vjp(grad_a):
        return grad_a * a * 2 * z

    return a, vjp


def gaussian__half_in_the_exponent(z):
    """The bell of the normal distribution, with z^2 / 2. Source: teaching experience."""
    a = np.exp(-(z**2) / 2)

    def vjp(grad_a):
        return -z * a * grad_a

    return a, vjp


def stable_sigmoid__half_tanh(z):
    """0.5 + 0.5 tanh(z), without halving z. Source: clab/dynet#1090 (the form with 0.5 inside)."""
    return 0.5 + 0.5 * np.tanh(z)


def stable_sigmoid__if_on_an_array(z):
    """A Python `if` on an array: it raises for more than one number. Source:
    JamorMoussa/NanoTorch#19."""
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def numerical_derivative__step_left_in_z(f, z, h):
    """z is moved in place and not put back to where it was. Source: teaching experience."""
    z += h
    right = f(z)
    z -= 2 * h
    left = f(z)
    return (right - left) / (2 * h)


def log_sigmoid__softplus_sign(z):
    """log(1 + e^z) is softplus(z): the two minus signs are missing. Source: huggingface/candle#2562
    (log_sigmoid by softplus)."""
    e = np.exp(-np.abs(z))
    a = np.maximum(z, 0) + np.log1p(e)

    def vjp(grad_a):
        return grad_a * np.where(z >= 0, 1 / (1 + e), e / (1 + e))

    return a, vjp


def sigmoid_slope__dot_instead_of_elementwise(z):
    """Multiplies a and 1 - a with np.dot instead of number by number. Source:
    datascience.stackexchange.com/questions/56928 (forum question)."""
    a = 1 / (1 + np.exp(-z))
    return np.dot(a, 1 - a)


def sigmoid_slope__square_inside(z):
    """Squares only the exponential, not the whole denominator. Source: teaching experience."""
    e = np.exp(-z)
    return e / (1 + e**2)


def leaky_relu__mask_from_gradient(z, leak):
    """Decides by the sign of the arriving gradient instead of z which slope to take. Source:
    teaching experience."""
    a = np.where(z > 0, z, leak * z)

    def vjp(grad_a):
        return np.where(grad_a > 0, grad_a, leak * grad_a)

    return a, vjp


def leaky_relu__scales_input_in_place(z, leak):
    """Binds a to z without a copy and scales the negative numbers in place, so the input is
    changed. Source: teaching experience."""
    positive = z > 0
    a = z
    a[~positive] *= leak

    def vjp(grad_a):
        return grad_a * np.where(positive, 1.0, leak)

    return a, vjp


def gaussian__slope_at_output(z):
    """Evaluates the slope at a instead of z. Source: teaching experience."""
    a = np.exp(-(z**2))

    def vjp(grad_a):
        return grad_a * -2 * a * np.exp(-(a**2))

    return a, vjp


def gaussian__power_rule_on_exponential(z):
    """Treats e^u like a power and brings the exponent down: -z² times e^{-z²}. Source: teaching
    experience."""
    a = np.exp(-(z**2))

    def vjp(grad_a):
        return grad_a * (-(z**2)) * a

    return a, vjp


def numerical_derivative__shallow_copies(f, z, h):
    """The 'copies' share memory with z, so that the shifts add up and the input is changed. Source:
    HomericIntelligence/Odyssey#2089."""
    z_plus = z
    z_plus += h
    right = f(z_plus)
    z_minus = z
    z_minus -= h
    left = f(z_minus)
    return (right - left) / (2 * h)


def gaussian__inner_two_only(z):
    """The inner derivative is taken as -2 instead of -2z. Source: teaching experience."""
    a = np.exp(-(z**2))

    def vjp(grad_a):
        return grad_a * -2 * a

    return a, vjp


def stable_sigmoid__clipped_output(z):
    """Clips the output away from 0 and 1. Source: DrBigMau/LSTM-from-Scratch-in-Python#1."""
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1 / (1 + e), e / (1 + e))
    return np.clip(s, 1e-7, 1 - 1e-7)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "tanh_slope_from_output__one_missing": ": offset",
    "tanh_slope_from_output__back_to_the_input": ": as_if",
    "leaky_relu__input_changed": ": changes_input",
    "leaky_relu__mask_of_the_gradient": "grad_z: changed_line",
    "gaussian__square_of_minus_z": "a: grows; grad_z: sign_lost+grows",
    "gaussian__half_in_the_exponent": "a: function; grad_z: different",
    "stable_sigmoid__half_tanh": ": as_if",
    "stable_sigmoid__if_on_an_array": ": raises",
    "numerical_derivative__step_left_in_z": ": changes_input",
    "log_sigmoid__softplus_sign": "grad_z: sigmoid_as_slope; a: term",
    "sigmoid_slope__dot_instead_of_elementwise": ": shapes",
    "leaky_relu__mask_from_gradient": "grad_z: changed_line",
    "leaky_relu__scales_input_in_place": ": changes_input",
    "gaussian__power_rule_on_exponential": "grad_z: extra_factor",
    "gaussian__inner_two_only": "grad_z: missing_factor",
}
