"""What other libraries and papers write differently: chapter 07's convention card, as code.

Each other form is a textbook line beside our class: where the two agree, if need be after a
rescaling, and where they do not.
"""

import numpy as np
import pytest

from coursepkg.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSprop

STEPS = 20
GRADIENTS = np.random.default_rng(0).standard_normal((STEPS, 3))
EXACT = {"rtol": 1e-10, "atol": 1e-12}


def ours(optimizer_class, learning_rate, rates=None, gradients=GRADIENTS, **options):
    """The places after each step, from 1 on; rates: the learning rate of each step."""
    params, grads = np.ones(3), np.zeros(3)
    optimizer = optimizer_class(params, grads, learning_rate, **options)
    places = []
    for i, gradient in enumerate(gradients):
        if rates is not None:
            optimizer.learning_rate = rates[i]
        grads[:] = gradient
        optimizer.step()
        places.append(params.copy())
    return np.array(places)


def other(rule, *state, gradients=GRADIENTS):
    """The same for rule(t, w, g, *state) -> (w, *state), with steps t counted from 1."""
    w, places = np.ones(3), []
    for t, g in enumerate(gradients, start=1):
        w, *state = rule(t, w, g, *state)
        places.append(w)
    return np.array(places)


# Keras and Sutskever et al. (2013): the learning rate inside the velocity.


def inside(rates, momentum=0.9):
    def rule(t, w, g, v):
        v = momentum * v - rates[t - 1] * g
        return w + v, v

    return rule


def test_momentum_with_the_rate_inside_is_the_same_while_the_rate_is_constant():
    expected = other(inside([0.1] * STEPS), np.zeros(3))
    assert np.allclose(ours(Momentum, 0.1), expected, **EXACT)


def test_momentum_with_the_rate_inside_differs_once_the_rate_changes():
    rates = [0.1] * 5 + [0.01] * (STEPS - 5)
    theirs, here = other(inside(rates), np.zeros(3)), ours(Momentum, 0.1, rates)
    assert np.allclose(here[:5], theirs[:5], **EXACT)
    # Theirs coasts on with the old rate, ours has the new one at once.
    step_here, step_there = here[5] - here[4], theirs[5] - theirs[4]
    assert (np.abs(step_here) < 0.3 * np.abs(step_there)).all()


# Many books: the velocity as a running mean.


def test_a_running_mean_is_momentum_with_a_smaller_rate():
    def rule(t, w, g, v):
        v = 0.9 * v + (1 - 0.9) * g
        return w - 0.1 * v, v

    expected = other(rule, np.zeros(3))
    assert np.allclose(ours(Momentum, 0.1 * (1 - 0.9)), expected, **EXACT)
    assert 1 - ours(Momentum, 0.1)[0] == pytest.approx(10 * (1 - expected[0]))


def dampened(t, w, g, v):
    """PyTorch's dampening: all gradients but the first are multiplied by 1 - dampening."""
    v = g if t == 1 else 0.9 * v + (1 - 0.9) * g
    return w - 0.1 * v, v


def test_pytorchs_dampening_begins_with_the_whole_gradient():
    expected = other(dampened, np.zeros(3))
    assert np.allclose(ours(Momentum, 0.1)[0], expected[0], **EXACT)
    assert not np.allclose(ours(Momentum, 0.1 * (1 - 0.9)), expected, rtol=1e-3)


# Nesterov: where the model stands.


def looking_ahead(gradient, momentum=0.9, learning_rate=0.02):
    """Sutskever et al. (2013): w and its velocity, the gradient at the point ahead."""
    w, v = np.ones(3), np.zeros(3)
    for _ in range(STEPS):
        v = momentum * v + gradient(w - learning_rate * momentum * v)
        w = w - learning_rate * v
        yield w, w - learning_rate * momentum * v


def test_nesterovs_params_are_the_point_ahead_of_the_original_form():
    curvatures = np.array([1.0, 5.0, 40.0])
    params, grads = np.ones(3), np.zeros(3)
    optimizer = Nesterov(params, grads, 0.02, momentum=0.9)
    for w, ahead in looking_ahead(lambda w: curvatures * w):
        grads[:] = curvatures * params
        optimizer.step()
        assert np.allclose(params, ahead, **EXACT)
        assert not np.allclose(params, w, rtol=1e-6)


def test_keras_nesterov_is_the_same_while_the_rate_is_constant():
    def rule(t, w, g, v):
        v = 0.9 * v - 0.1 * g
        return w + 0.9 * v - 0.1 * g, v

    assert np.allclose(ours(Nesterov, 0.1), other(rule, np.zeros(3)), **EXACT)


# Where epsilon stands, and where the sums begin.


def test_epsilon_inside_the_root_matters_only_for_small_gradients():
    def rule(eps):
        def keras(t, w, g, q):
            q = 0.9 * q + 0.1 * g**2
            return w - 0.1 * g / np.sqrt(q + eps), q

        return keras

    assert np.allclose(ours(RMSprop, 0.1, eps=1e-7), other(rule(1e-7), np.zeros(3)), rtol=1e-3)
    small = 1e-4 * GRADIENTS[:1]
    beside = 1 - ours(RMSprop, 0.1, eps=1e-7, gradients=small)
    within = 1 - other(rule(1e-7), np.zeros(3), gradients=small)
    # The root of 1e-7 is 3e-4: inside, epsilon is a thousand times more than it seems.
    assert (np.abs(within) < 0.3 * np.abs(beside)).all()


def test_rmsprops_first_step_depends_on_rho():
    ones = np.ones((1, 3))
    for rho, factor in ((0.9, 10**0.5), (0.99, 10.0)):  # Keras and this course; PyTorch
        step = 1 - ours(RMSprop, 0.1, rho=rho, gradients=ones)
        assert step == pytest.approx(0.1 * factor, rel=1e-6)


def test_adagrad_from_a_tenth_has_a_shorter_first_step():
    """Keras and Optax let the sum begin at 0.1, so that a small gradient makes a small step."""

    def rule(t, w, g, s):
        s = s + g**2
        return w - 0.1 * g / np.sqrt(s + 1e-7), s

    for size in (10.0, 0.1, 0.001):
        gradients = np.full((1, 3), size)
        theirs = 1 - other(rule, np.full(3, 0.1), gradients=gradients)
        assert 1 - ours(AdaGrad, 0.1, gradients=gradients) == pytest.approx(0.1, rel=1e-6)
        assert theirs == pytest.approx(0.1 * size / np.sqrt(0.1 + size**2), rel=1e-4)


def epsilon_hat(eps):
    """Keras, scikit-learn, and Kingma and Ba before their section 2.1."""

    def rule(t, w, g, m, v):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        rate = 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return w - rate * m / (np.sqrt(v) + eps), m, v

    return rule


def test_keras_adam_is_ours_if_epsilon_is_small():
    expected = other(epsilon_hat(1e-8), np.zeros(3), np.zeros(3))
    assert np.allclose(ours(Adam, 0.1, eps=1e-8), expected, rtol=1e-4)


def test_keras_epsilon_is_larger_than_it_seems_in_the_first_steps():
    expected = other(epsilon_hat(0.1), np.zeros(3), np.zeros(3))
    assert not np.allclose(ours(Adam, 0.1, eps=0.1)[0], expected[0], rtol=0.05)
    rescaled = 0.1 / np.sqrt(1 - 0.999)  # in the first step; later ones have another factor
    assert np.allclose(ours(Adam, 0.1, eps=rescaled)[0], expected[0], **EXACT)


# Weight decay.


def test_adamw_multiplies_its_decay_by_the_rate_as_pytorch_does():
    still = np.zeros((STEPS, 3))
    places = ours(AdamW, 0.1, weight_decay=0.5, gradients=still)
    assert np.allclose(places[:, 0], (1 - 0.1 * 0.5) ** np.arange(1, STEPS + 1), **EXACT)


def test_the_papers_decay_does_not_change_with_the_rate():
    """Loshchilov and Hutter: w <- w - schedule * (rate * step + decay * w)."""
    still = np.zeros((1, 3))
    for learning_rate in (0.1, 0.01):
        # The same decay at another rate asks for another weight_decay here.
        places = ours(AdamW, learning_rate, weight_decay=0.05 / learning_rate, gradients=still)
        assert places[0] == pytest.approx(1 - 0.05, rel=1e-12)


def test_an_l2_term_is_weight_decay_for_sgd():
    params, grads = np.ones(3), np.zeros(3)
    optimizer, w = SGD(params, grads, 0.1), np.ones(3)
    for g in GRADIENTS:
        grads[:] = g + 0.5 * params
        optimizer.step()
        w = (1 - 0.1 * 0.5) * w - 0.1 * g
    assert np.allclose(params, w, **EXACT)


def test_an_l2_term_in_adams_gradient_is_not():
    """The weight with small gradients loses most, the one with large ones next to nothing."""
    params, grads = np.ones(2), np.zeros(2)
    optimizer = Adam(params, grads, 0.01)
    for t in range(200):
        grads[:] = (-1) ** t * np.array([0.01, 10.0]) + 0.1 * params
        optimizer.step()
    assert params[0] < 0.05
    assert params[1] > 0.95


# Some of these other forms, as PyTorch has them, if it is installed (else see conftest.py).


def in_pytorch(torch, make):
    w = torch.ones(3, dtype=torch.float64, requires_grad=True)
    optimizer = make(torch.optim, [w])
    places = []
    for g in GRADIENTS:
        w.grad = torch.tensor(g)
        optimizer.step()
        places.append(w.detach().numpy().copy())
    return np.array(places)


def test_pytorchs_dampening_is_the_line_above(torch):
    places = in_pytorch(torch, lambda optim, w: optim.SGD(w, lr=0.1, momentum=0.9, dampening=0.9))
    assert np.allclose(places, other(dampened, np.zeros(3)), **EXACT)


def test_pytorchs_defaults_are_ours_but_for_rmsprops_rho(torch):
    def default(optimizer_class, name, **options):
        theirs = in_pytorch(torch, lambda optim, w: getattr(optim, name)(w, lr=0.1))
        return np.allclose(theirs, ours(optimizer_class, 0.1, **options), **EXACT)

    assert default(AdaGrad, "Adagrad")
    assert default(Adam, "Adam")
    assert default(AdamW, "AdamW")
    assert not default(RMSprop, "RMSprop")
    assert default(RMSprop, "RMSprop", rho=0.99)


def test_pytorchs_adam_takes_weight_decay_as_an_l2_term(torch):
    places = in_pytorch(torch, lambda optim, w: optim.Adam(w, lr=0.1, weight_decay=0.5))
    params, grads = np.ones(3), np.zeros(3)
    optimizer = Adam(params, grads, 0.1)
    for g, place in zip(GRADIENTS, places, strict=True):
        grads[:] = g + 0.5 * params
        optimizer.step()
        assert np.allclose(params, place, **EXACT)
