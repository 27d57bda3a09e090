"""The training step of `step_numpy.py` by JAX, compiled by jit."""

import jax
import jax.numpy as jnp
import numpy as np
from step_numpy import BETA1, BETA2, EPS, LEARNING_RATE, parts

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # else each step changes threads


class Jax:
    """The whole step compiled by jit, its memory given back to it; the loss is waited for."""

    def __init__(self, sizes, x, labels, rule, params):
        def loss(w, x, labels):
            weight1, bias1, weight2, bias2 = parts(w, sizes, jnp.split)
            logits = jnp.maximum(x @ weight1 + bias1, 0) @ weight2 + bias2
            log_p = jax.nn.log_softmax(logits)
            return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

        def sgd(state, x, labels):
            value, g = jax.value_and_grad(loss)(state[0], x, labels)
            return (state[0] - LEARNING_RATE * g,), value

        def adam(state, x, labels):
            w, m, v, t = state
            value, g = jax.value_and_grad(loss)(w, x, labels)
            t = t + 1
            m, v = BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g**2
            step = m / (1 - BETA1**t) / (jnp.sqrt(v / (1 - BETA2**t)) + EPS)
            return (w - LEARNING_RATE * step, m, v, t), value

        w = jnp.array(params)
        zeros = (jnp.zeros_like(w), jnp.zeros_like(w), jnp.zeros((), w.dtype))
        self.state = {"SGD": (w,), "Adam": (w, *zeros)}[rule]
        self.compiled = jax.jit({"SGD": sgd, "Adam": adam}[rule], donate_argnums=0)
        self.x, self.labels = jnp.array(x), jnp.array(labels)

    def step(self):
        self.state, value = self.compiled(self.state, self.x, self.labels)
        return float(value)

    def params(self):
        return np.asarray(self.state[0])
