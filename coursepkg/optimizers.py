"""Optimizers: made with two flat vectors, `params` and `grads`, they step in place.

The model writes `grads`, the optimizer reads it and changes `params`. Both are float arrays of
one shape, and both stay where they are in memory: whoever holds a view of them sees every step.
Chapter 07 derives the rules; a comment states each equation. `learning_rate` may be changed
between steps.

All raise TypeError or ValueError for vectors that do not fit, a learning rate below 0 or another
number out of its range, and a step raises ValueError, and changes nothing, if a gradient is NaN
or infinite, or so large that its square is. Where a step would need room for an intermediate
result, it uses `scratch`, which the optimizer keeps: asking for new memory each time is what would
cost.
"""

import math

import numpy as np

from coursepkg.arguments import float_vector, real_number


class Optimizer:
    """What all rules share: both vectors, a learning rate, and a step that checks, then updates.

    A rule is a subclass whose `update` reads self.grads and changes self.params in place.
    state_names lists the attributes it remembers between steps, so that they can be saved.
    """

    state_names = ()

    def __init__(self, params, grads, learning_rate):
        float_vector(params, "params")
        float_vector(grads, "grads")
        if params.shape != grads.shape:
            raise ValueError(f"grads must have shape {params.shape}, as params, got {grads.shape}")
        if np.shares_memory(params, grads):
            raise ValueError("params and grads must be two arrays, got one and the same memory")
        self.params = params
        self.grads = grads
        self.learning_rate = real_number(learning_rate, "learning_rate", low=0)

    def step(self):
        # It may have been changed.
        self.learning_rate = real_number(self.learning_rate, "learning_rate", low=0)
        # Squares too: of the rules that divide by their root, one overflow would stop all motion.
        if not math.isfinite(np.vdot(self.grads, self.grads)):
            raise ValueError(
                "grads must be finite, and their squares, too; the training has diverged or a "
                "gradient is NaN"
            )
        self.update()

    def update(self):
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent: params <- params - learning_rate * grads.

    Whether the gradient comes from all samples, some or one is the caller's affair.
    Source: Cauchy (1847); with random samples, Robbins and Monro (1951).
    """

    def update(self):
        self.params -= self.learning_rate * self.grads


class Momentum(Optimizer):
    """A velocity that remembers earlier gradients; 0 <= momentum < 1 is what it keeps of them.

    The form of PyTorch, in which the learning rate multiplies the whole velocity. Source: Polyak
    (1964); in networks, Rumelhart, Hinton and Williams (1986).
    """

    state_names = ("velocity",)

    def __init__(self, params, grads, learning_rate, momentum=0.9):
        super().__init__(params, grads, learning_rate)
        self.momentum = real_number(momentum, "momentum", low=0, below=1)
        self.velocity = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def update(self):
        # velocity <- momentum * velocity + grads
        self.velocity *= self.momentum
        self.velocity += self.grads
        # params <- params - learning_rate * velocity
        np.multiply(self.velocity, self.learning_rate, out=self.scratch)
        self.params -= self.scratch


class Nesterov(Optimizer):
    """Momentum that looks ahead: it steps along grads + momentum * velocity.

    `params` here are the point that the velocity is about to reach, where the gradient is wanted
    (the form of PyTorch). Source: Nesterov (1983); in networks, Sutskever et al. (2013).
    """

    state_names = ("velocity",)

    def __init__(self, params, grads, learning_rate, momentum=0.9):
        super().__init__(params, grads, learning_rate)
        self.momentum = real_number(momentum, "momentum", low=0, below=1)
        self.velocity = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def update(self):
        # velocity <- momentum * velocity + grads
        self.velocity *= self.momentum
        self.velocity += self.grads
        # params <- params - learning_rate * (grads + momentum * velocity)
        np.multiply(self.velocity, self.momentum, out=self.scratch)
        self.scratch += self.grads
        self.scratch *= self.learning_rate
        self.params -= self.scratch


class AdaGrad(Optimizer):
    """Each parameter has a step of its own, divided by the root of all its squared gradients.

    eps > 0 stands beside the root, as in PyTorch. Source: Duchi, Hazan and Singer (2011).
    """

    state_names = ("sum_squares",)

    def __init__(self, params, grads, learning_rate, eps=1e-10):
        super().__init__(params, grads, learning_rate)
        self.eps = real_number(eps, "eps", above=0)
        self.sum_squares = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def update(self):
        # sum_squares <- sum_squares + grads²
        np.square(self.grads, out=self.scratch)
        self.sum_squares += self.scratch
        # params <- params - learning_rate * grads / (√sum_squares + eps)
        np.sqrt(self.sum_squares, out=self.scratch)
        self.scratch += self.eps
        np.divide(self.grads, self.scratch, out=self.scratch)
        self.scratch *= self.learning_rate
        self.params -= self.scratch


class RMSprop(Optimizer):
    """AdaGrad that forgets: a running mean of the squared gradients, of which it keeps rho.

    0 <= rho < 1; eps > 0 stands beside the root, as in PyTorch, which calls rho alpha and takes
    0.99. Source: Tieleman and Hinton (2012), lecture 6e.
    """

    state_names = ("mean_square",)

    def __init__(self, params, grads, learning_rate, rho=0.9, eps=1e-8):
        super().__init__(params, grads, learning_rate)
        self.rho = real_number(rho, "rho", low=0, below=1)
        self.eps = real_number(eps, "eps", above=0)
        self.mean_square = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def update(self):
        # mean_square <- rho * mean_square + (1 - rho) * grads²
        np.square(self.grads, out=self.scratch)
        self.scratch *= 1 - self.rho
        self.mean_square *= self.rho
        self.mean_square += self.scratch
        # params <- params - learning_rate * grads / (√mean_square + eps)
        np.sqrt(self.mean_square, out=self.scratch)
        self.scratch += self.eps
        np.divide(self.grads, self.scratch, out=self.scratch)
        self.scratch *= self.learning_rate
        self.params -= self.scratch


class Adam(Optimizer):
    """Momentum and RMSprop together, both corrected for having begun at zero.

    0 <= beta1, beta2 < 1; eps > 0 stands beside the corrected root, as in the paper and in
    PyTorch. Source: Kingma and Ba (2015), algorithm 1.
    """

    state_names = ("m", "v", "t")

    def __init__(self, params, grads, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(params, grads, learning_rate)
        self.beta1 = real_number(beta1, "beta1", low=0, below=1)
        self.beta2 = real_number(beta2, "beta2", low=0, below=1)
        self.eps = real_number(eps, "eps", above=0)
        self.m, self.v, self.t = np.zeros_like(params), np.zeros_like(params), 0
        self.scratch = np.empty_like(params)

    def update(self):
        self.t += 1
        # m <- beta1 * m + (1 - beta1) * grads
        np.multiply(self.grads, 1 - self.beta1, out=self.scratch)
        self.m *= self.beta1
        self.m += self.scratch
        # v <- beta2 * v + (1 - beta2) * grads²
        np.square(self.grads, out=self.scratch)
        self.scratch *= 1 - self.beta2
        self.v *= self.beta2
        self.v += self.scratch
        # params <- params - learning_rate * (m / c1) / (√(v / c2) + eps)
        c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        np.sqrt(self.v, out=self.scratch)
        self.scratch += self.eps * c2**0.5
        np.divide(self.m, self.scratch, out=self.scratch)
        self.scratch *= self.learning_rate * c2**0.5 / c1
        self.params -= self.scratch


class AdamW(Adam):
    """Adam, and every parameter shrinks by learning_rate * weight_decay in each step.

    weight_decay >= 0. The decay is not part of the gradient, so Adam's root does not divide it.
    It shrinks all of params, biases too. Source: Loshchilov and Hutter (2019).
    """

    def __init__(self, params, grads, learning_rate, weight_decay=0.01, **options):
        super().__init__(params, grads, learning_rate, **options)
        self.weight_decay = real_number(weight_decay, "weight_decay", low=0)

    def update(self):
        # params <- (1 - learning_rate * weight_decay) * params, then Adam's update
        self.params *= 1 - self.learning_rate * self.weight_decay
        super().update()
