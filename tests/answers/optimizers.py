"""Right answers to exercises 07 in other styles, and the mutants that are right as well."""

import math

import numpy as np


def gradient_shares__loop(beta, t):
    result = []
    for step in range(1, t + 1):
        result.append((1 - beta) * beta ** (t - step))
    return np.array(result)


def gradient_shares__run(beta, t):
    """The running mean itself, of unit vectors: one for each gradient."""
    m = np.zeros(t)
    for g in np.eye(t):
        m = beta * m + (1 - beta) * g
    return m


def gradient_shares__reversed(beta, t):
    return ((1 - beta) * np.power(beta, np.arange(t)))[::-1]


def gradient_shares__differences(beta, t):
    kept = beta ** np.arange(t, -1, -1.0)
    return np.diff(kept)


class Momentum__scratch:
    def __init__(self, params, grads, learning_rate, momentum=0.9):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def step(self):
        self.velocity *= self.momentum
        self.velocity += self.grads
        np.multiply(self.velocity, self.learning_rate, out=self.scratch)
        self.params -= self.scratch


class Momentum__negative:
    """The velocity points downhill, and is made when it is first needed."""

    velocity = None

    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum

    def step(self):
        if self.velocity is None:
            self.velocity = -self.grads
        else:
            self.velocity = self.momentum * self.velocity - self.grads
        self.params[:] = self.params + self.learning_rate * self.velocity


class Momentum__loop:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = [0.0] * len(params)

    def step(self):
        for i in range(len(self.params)):
            self.velocity[i] = self.velocity[i] * self.momentum + self.grads[i]
            self.params[i] -= self.learning_rate * self.velocity[i]


class Momentum__float32:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros(params.shape, dtype=np.float32)

    def step(self):
        self.velocity *= self.momentum
        self.velocity += self.grads.astype(np.float32)
        self.params -= self.learning_rate * self.velocity


class Nesterov__two_points:
    """The original rule, on the weights w behind the point ahead; eta v is their difference."""

    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)

    def step(self):
        back = self.params + self.learning_rate * self.momentum * self.velocity
        self.velocity = self.momentum * self.velocity + self.grads
        after = back - self.learning_rate * self.velocity
        self.params[...] = after - self.learning_rate * self.momentum * self.velocity


class Nesterov__expanded:
    """Everything in the old velocity: (1 + mu) g + mu² v."""

    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = 0.0

    def step(self):
        mu, g = self.momentum, self.grads
        self.params -= self.learning_rate * ((1 + mu) * g + mu**2 * self.velocity)
        self.velocity = mu * self.velocity + g


class Nesterov__scratch:
    def __init__(self, params, grads, learning_rate, momentum=0.9):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)
        self.scratch = np.empty_like(params)

    def step(self):
        self.velocity *= self.momentum
        self.velocity += self.grads
        np.multiply(self.velocity, self.momentum, out=self.scratch)
        self.scratch += self.grads
        self.scratch *= self.learning_rate
        self.params -= self.scratch


class RMSprop__difference:
    """The mean moves a share 1 - rho of its distance to the new square."""

    def __init__(self, params, grads, learning_rate, rho=0.9, eps=1e-8):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.q = np.zeros_like(params)

    def step(self):
        self.q += (1 - self.rho) * (self.grads * self.grads - self.q)
        np.subtract(
            self.params,
            self.learning_rate / (self.q**0.5 + self.eps) * self.grads,
            out=self.params,
        )


class RMSprop__history:
    """No running mean: all squares are kept and weighted anew."""

    def __init__(self, params, grads, learning_rate, rho, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.squares = []

    def step(self):
        self.squares.append(self.grads**2)
        weights = (1 - self.rho) * self.rho ** np.arange(len(self.squares))[::-1]
        mean = np.einsum("t,tn->n", weights, np.array(self.squares))
        self.params -= self.learning_rate * (self.grads / (np.sqrt(mean) + self.eps))


class RMSprop__loop_float32:
    def __init__(self, params, grads, learning_rate, rho, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.mean_square = np.zeros(len(params), dtype=np.float32)

    def step(self):
        for i, g in enumerate(self.grads):
            q = self.rho * self.mean_square[i] + (1 - self.rho) * g**2
            self.mean_square[i] = q
            self.params[i] -= self.learning_rate * g / (math.sqrt(q) + self.eps)


class Adam__rearranged:
    """The chapter's form: the corrections are one number."""

    def __init__(self, params, grads, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
        self.params, self.grads = params, grads
        self.learning_rate = learning_rate
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v, self.t = np.zeros_like(params), np.zeros_like(params), 0
        self.scratch = np.empty_like(params)

    def step(self):
        self.t += 1
        np.multiply(self.grads, 1 - self.beta1, out=self.scratch)
        self.m *= self.beta1
        self.m += self.scratch
        np.square(self.grads, out=self.scratch)
        self.scratch *= 1 - self.beta2
        self.v *= self.beta2
        self.v += self.scratch
        c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        np.sqrt(self.v, out=self.scratch)
        self.scratch += self.eps * c2**0.5
        np.divide(self.m, self.scratch, out=self.scratch)
        self.scratch *= self.learning_rate * c2**0.5 / c1
        self.params -= self.scratch


class Adam__powers:
    """The powers of the betas are kept, and t is never needed."""

    def __init__(self, params, grads, learning_rate, beta1, beta2, eps):
        self.params, self.grads, self.learning_rate, self.eps = params, grads, learning_rate, eps
        self.betas, self.powers = np.array([beta1, beta2]), np.ones(2)
        self.means = np.zeros((2, len(params)))

    def step(self):
        new = np.stack([self.grads, self.grads**2])
        self.means = self.betas[:, None] * self.means + (1 - self.betas)[:, None] * new
        self.powers = self.powers * self.betas
        m, v = self.means / (1 - self.powers[:, None])
        self.params[:] -= self.learning_rate * m / (v**0.5 + self.eps)


class Adam__weights:
    """Corrected means as weighted means: sums of weights take the place of the corrections."""

    def __init__(self, params, grads, learning_rate, beta1, beta2, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.betas, self.eps = learning_rate, (beta1, beta2), eps
        self.sums, self.weights = [0.0, 0.0], [0.0, 0.0]

    def step(self):
        for i, new in enumerate([self.grads.copy(), self.grads**2]):
            self.sums[i] = self.betas[i] * self.sums[i] + new
            self.weights[i] = self.betas[i] * self.weights[i] + 1
        m, v = (total / weight for total, weight in zip(self.sums, self.weights, strict=True))
        self.params -= self.learning_rate * m / (np.sqrt(v) + self.eps)


class Adam__float32:
    def __init__(self, params, grads, learning_rate, beta1, beta2, eps):
        self.params, self.grads, self.learning_rate = params, grads, learning_rate
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m = self.v = np.zeros(len(params), dtype=np.float32)
        self.t = 1

    def step(self):
        g = self.grads.astype(np.float32)
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        rate = self.learning_rate / (1 - self.beta1**self.t)
        root = np.sqrt(self.v / (1 - self.beta2**self.t))
        self.params -= rate * self.m / (root + self.eps)
        self.t += 1


class AdamW__one_line:
    """The decay of the old weights as a part of the step."""

    def __init__(self, params, grads, learning_rate, weight_decay, beta1, beta2, eps):
        self.params, self.grads, self.learning_rate = params, grads, learning_rate
        self.alpha, self.beta1, self.beta2, self.eps = weight_decay, beta1, beta2, eps
        self.m, self.v, self.t = 0, 0, 0

    def step(self):
        g, self.t = self.grads, self.t + 1
        self.m = self.m + (1 - self.beta1) * (g - self.m)
        self.v = self.v + (1 - self.beta2) * (g * g - self.v)
        m, v = self.m / (1 - self.beta1**self.t), self.v / (1 - self.beta2**self.t)
        self.params -= self.learning_rate * (m / (np.sqrt(v) + self.eps) + self.alpha * self.params)


class AdamW__inherits(Adam__rearranged):
    """The chapter's class, with the order of arguments that it has there."""

    def __init__(self, params, grads, learning_rate, weight_decay=0.01, **options):
        super().__init__(params, grads, learning_rate, **options)
        self.weight_decay = weight_decay

    def step(self):
        self.params *= 1 - self.learning_rate * self.weight_decay
        super().step()


class AdamW__loop:
    """Parameter by parameter; the decay is put in with the weight before the step."""

    def __init__(self, params, grads, learning_rate, weight_decay, beta1, beta2, eps):
        self.params, self.grads, self.learning_rate = params, grads, learning_rate
        self.alpha, self.betas, self.eps = weight_decay, (beta1, beta2), eps
        self.means, self.t = [(0.0, 0.0)] * len(params), 0

    def step(self):
        self.t += 1
        b1, b2 = self.betas
        for i, (g, w, (m, v)) in enumerate(
            zip(self.grads, self.params.copy(), self.means, strict=True)
        ):
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
            self.means[i] = m, v
            root = math.sqrt(v / (1 - b2**self.t))
            self.params[i] = w - self.learning_rate * m / (1 - b1**self.t) / (root + self.eps)
            self.params[i] -= self.learning_rate * self.alpha * w


def warm_up_cosine__cases(learning_rate, warm_up, total, final):
    def schedule(step):
        if step >= total:
            return final
        if step >= warm_up:
            angle = math.pi * (step - warm_up) / (total - warm_up)
            middle, swing = (learning_rate + final) / 2, (learning_rate - final) / 2
            return middle + swing * math.cos(angle)
        return (step + 1) / warm_up * learning_rate

    return schedule


def warm_up_cosine__clipped(learning_rate, warm_up, total, final):
    def schedule(step):
        up = np.clip((step + 1) / warm_up, 0, 1)
        done = np.clip((step - warm_up) / (total - warm_up), 0, 1)
        down = np.cos(np.pi / 2 * done) ** 2
        return up * (final * (1 - down) + learning_rate * down)

    return schedule


def warm_up_cosine__table(learning_rate, warm_up, total, final):
    up = np.linspace(0, learning_rate, warm_up + 1)[1:]
    wave = (1 + np.cos(np.linspace(0, np.pi, total - warm_up + 1))) / 2
    table = np.concatenate([up, final + (learning_rate - final) * wave]).astype(np.float32)
    return lambda step: table[min(step, total)]


def ravine_settings__chapter(curvatures):
    kappa = max(curvatures) / min(curvatures)
    root_mu = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
    return root_mu**2, (1 - root_mu) ** 2 / min(curvatures)


def ravine_settings__closed_form(curvatures):
    flat, *_, steep = np.sqrt(np.sort(curvatures))
    learning_rate = 4 / (flat + steep) ** 2
    return ((steep - flat) / (steep + flat)) ** 2, learning_rate


def ravine_settings__through_the_rate(curvatures):
    roots = np.sqrt(curvatures.astype(np.float32))
    learning_rate = (2 / (roots.min() + roots.max())) ** 2
    return [(1 - np.sqrt(learning_rate) * roots.min()) ** 2, learning_rate]


LAST = "done = min({}) -> done = min({})"
SHARE = "(step - warm_up) / (total - warm_up)"
EQUIVALENT = {
    "warm_up_cosine": {
        LAST.format(f"{SHARE}, 1.0", f"1.0, {SHARE}"): "min does not care for the order",
    },
}
