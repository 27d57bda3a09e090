"""Activation functions: each takes z and returns (a, vjp).

`a` is the activation. `vjp`, for vector-Jacobian product, carries a gradient back: it takes
grad_a = dL/da and returns grad_z = dL/dz. An activation acts on each number separately, so
its Jacobian is diagonal and the product is grad_z = grad_a * da/dz. z may have any shape; a,
grad_a and grad_z have the same. float32 stays float32, NaN stays NaN. A z that is not numeric
raises TypeError, a grad_a of another shape ValueError. A vjp may read z again: do not change z
before you call it. Chapter 01 derives them all.
"""

import math

import numpy as np

from coursepkg.arguments import elementwise, real_number


@elementwise
def sigmoid(z):
    """a = 1 / (1 + exp(-z)),  da/dz = a (1 - a).

    Computed with exp(-|z|), which never exceeds 1, so that no z overflows.
    Source: the logistic function of Verhulst (1845); in networks, Rumelhart, Hinton and
    Williams (1986).
    """
    t = np.exp(-np.abs(z))
    a = np.where(z >= 0, 1, t) / (1 + t)

    def vjp(grad_a):
        return grad_a * a * (1 - a)

    return a, vjp


@elementwise
def log_sigmoid(z):
    """a = log(sigmoid(z)),  da/dz = 1 - sigmoid(z) = sigmoid(-z).

    Computed as -log(1 + exp(-z)) with logaddexp, so that z = -1000 gives -1000 and not -inf.
    Source: it is the logarithm of `sigmoid`; see there.
    """
    a = -np.logaddexp(0, -z)

    def vjp(grad_a):
        return grad_a * sigmoid(-z)[0]

    return a, vjp


@elementwise
def tanh(z):
    """a = tanh(z),  da/dz = 1 - a².   Source: LeCun, Bottou, Orr and Müller (1998)."""
    a = np.tanh(z)

    def vjp(grad_a):
        return grad_a * (1 - a**2)

    return a, vjp


@elementwise
def relu(z):
    """a = max(z, 0),  da/dz = 1 where z > 0, else 0.

    At z = 0 there is no derivative; we use 0, as PyTorch, TensorFlow and JAX do.
    Source: Nair and Hinton (2010).
    """
    a = np.maximum(z, 0)

    def vjp(grad_a):
        return grad_a * (z > 0)

    return a, vjp


@elementwise
def leaky_relu(z, slope=0.01):
    """a = z where z > 0, else slope * z;  da/dz = 1 or slope.   Source: Maas et al. (2013)."""
    slope = real_number(slope, "slope")
    a = np.where(z > 0, z, slope * z)

    def vjp(grad_a):
        return np.where(z > 0, grad_a, slope * grad_a)

    return a, vjp


@elementwise
def softplus(z):
    """a = log(1 + exp(z)),  da/dz = sigmoid(z).   Source: Dugas et al. (2001)."""
    a = np.logaddexp(0, z)

    def vjp(grad_a):
        return grad_a * sigmoid(z)[0]

    return a, vjp


@elementwise
def gelu(z):
    """a = z/2 (1 + t),  t = tanh(√(2/π) (z + 0.044715 z³)): close to z Φ(z), Φ the normal CDF.

    da/dz = (1 + t)/2 + z/2 (1 - t²) √(2/π) (1 + 3 · 0.044715 z²).
    Source: Hendrycks and Gimpel (2016), whose approximation by tanh this is.
    """
    slope, bend = math.sqrt(2 / math.pi), 0.044715
    t = np.tanh(slope * z * (1 + bend * z**2))
    a = z / 2 * (1 + t)

    def vjp(grad_a):
        dt = (1 - t**2) * slope * (1 + 3 * bend * z**2)
        return grad_a * ((1 + t) / 2 + z / 2 * dt)

    return a, vjp
