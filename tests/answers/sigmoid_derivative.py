"""Right answers to exercises 01 in other styles, and the mutants that are right as well."""

import numpy as np


def sigmoid_slope__symmetric(z):
    return 1 / (1 + np.exp(-z)) / (1 + np.exp(z))


def sigmoid_slope__quotient_rule(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


def sigmoid_slope__through_tanh(z):
    return (1 - np.tanh(z / 2) ** 2) / 4


def sigmoid_slope__float32(z):
    a = 1 / (1 + np.exp(-z.astype(np.float32)))
    return a - a * a


def tanh_slope_from_output__product(a):
    return (1 + a) * (1 - a)


def tanh_slope_from_output__through_z(a):
    return 1 / np.cosh(np.arctanh(a)) ** 2


def tanh_slope_from_output__subtract(a):
    return np.subtract(np.ones_like(a), a * a)


def leaky_relu__clipped(z, leak):
    a = np.maximum(z, 0) + leak * np.minimum(z, 0)

    def vjp(grad_a):
        return grad_a * (z > 0) + leak * grad_a * (z <= 0)

    return a, vjp


def leaky_relu__maximum(z, leak):
    return np.maximum(z, leak * z), lambda grad_a: np.where(z > 0, grad_a, leak * grad_a)


def leaky_relu__copy(z, leak):
    a = z.copy()
    a[z <= 0] *= leak

    def vjp(grad_a):
        grad_z = np.array(grad_a)
        grad_z[z <= 0] *= leak
        return grad_z

    return a, vjp


def leaky_relu__loop(z, leak):
    a, slope = np.empty(z.size), np.empty(z.size)
    for i, number in enumerate(z.ravel()):
        slope[i] = 1 if number > 0 else leak
        a[i] = slope[i] * number
    return a.reshape(z.shape), lambda grad_a: grad_a * slope.reshape(z.shape)


def gaussian__again(z):
    def vjp(grad_a):
        return -2 * np.exp(-z * z) * z * grad_a

    return np.exp(-z * z), vjp


def gaussian__quotient(z):
    a = 1 / np.exp(np.square(z))
    return a, lambda grad_a: -(z + z) * (a * grad_a)


def gaussian__float32(z):
    z = z.astype(np.float32)
    a = np.exp(-(z**2))
    return a, lambda grad_a: (grad_a * a * (-2 * z)).astype(np.float32)


def stable_sigmoid__tanh(z):
    return (1 + np.tanh(z / 2)) / 2 if np.all(z > -30) else np.exp(-np.logaddexp(0, -z))


def stable_sigmoid__log(z):
    return np.exp(-np.logaddexp(0, -z))


def stable_sigmoid__masks(z):
    a = np.empty(z.shape)
    right = z >= 0
    a[right] = 1 / (1 + np.exp(-z[right]))
    t = np.exp(z[~right])
    a[~right] = t / (1 + t)
    return a


def stable_sigmoid__errstate(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def numerical_derivative__width(f, z, h):
    ahead, behind = z + h, z - h
    return (f(ahead) - f(behind)) / (ahead - behind)


def numerical_derivative__two_halves(f, z, h):
    return ((f(z + h) - f(z)) / h + (f(z) - f(z - h)) / h) / 2


def numerical_derivative__loop(f, z, h):
    slopes = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        slopes[place] = (f(z[place] + h) - f(z[place] - h)) * 0.5 / h
    return slopes


def log_sigmoid__where(z):
    a = np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))
    t = np.exp(-np.abs(z))
    return a, lambda grad_a: grad_a * np.where(z > 0, t, 1) / (1 + t)


def log_sigmoid__log1p(z):
    a = np.where(z > 0, 0, z) - np.log1p(np.exp(-abs(z)))
    return a, lambda grad_a: np.exp(a - z) * grad_a


def log_sigmoid__from_a(z):
    a = -np.logaddexp(-z, 0)
    return a, lambda grad_a: -np.expm1(a) * grad_a


SYMMETRIC = "the slope of the sigmoid is the same at z and -z"
MEETS = "at z = 0 both sides give the same value"
COMMUTES = "logaddexp is symmetric in its arguments"
EQUIVALENT = {
    "sigmoid_slope": {"a = 1 / (1 + np.exp(-z)) -> a = 1 / (1 + np.exp(z))": SYMMETRIC},
    "leaky_relu": {
        "a = np.where(z > 0, z, leak * z) -> a = np.where(z >= 0, z, leak * z)": MEETS,
    },
    "stable_sigmoid": {
        "return np.where(z > 0, 1, t) / (1 + t) -> return np.where(z >= 0, 1, t) / (1 + t)": MEETS,
    },
    "log_sigmoid": {
        "a = -np.logaddexp(0, -z) -> a = -np.logaddexp(-z, 0)": COMMUTES,
        "return grad_a * np.exp(-np.logaddexp(0, z)) -> "
        "return grad_a * np.exp(-np.logaddexp(z, 0))": COMMUTES,
    },
}
