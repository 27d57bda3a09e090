"""Mistakes from published code, each with its symptom and what a gradient check finds."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from coursepkg.clinic.networks import adam, descent, fused, momentum, network, shared, squared
from coursepkg.clinic.tools import change, step_of

NAMES = ("W1", "b1", "W2", "b2")


@dataclass(frozen=True)
class TrainingMistake:
    """A mistake: its name, its effect on the loss, the changed lines, what a check catches.

    network, lines: the correct network and the changes to its source. rule, rule_lines: the same
    for the update rule. caught: the parameters whose gradient a check finds wrong, empty if none.
    """

    title: str
    symptom: str
    network: Callable = network
    lines: dict = field(default_factory=dict)
    rule: Callable = descent
    rule_lines: dict = field(default_factory=dict)
    caught: tuple = ()
    hidden: int = 5

    @functools.cached_property
    def wrong_network(self):
        return change(self.network, self.lines)

    def steps(self):
        """The right step and the wrong one."""
        wrong_rule = change(self.rule, self.rule_lines)
        return step_of(self.network, self.rule), step_of(self.wrong_network, wrong_rule)


@dataclass(frozen=True)
class WrongStep(TrainingMistake):
    """A mistake in how a step combines a correct gradient and a correct update rule."""

    right: Callable = fused
    wrong: Callable = fused

    def steps(self):
        return self.right, self.wrong


GRAD_Z1, UPDATE = "grad_z1 = grad_z2 @ W2.T * a1 * (1 - a1)", "W2 -= learning_rate * a1.T @ grad_z2"
early_update = change(fused, {f"{GRAD_Z1}\n    {UPDATE}": f"{UPDATE}\n    {GRAD_Z1}"})


def labels_left_behind(params, x, labels, learning_rate, state):
    """A step of gradient descent on shuffled x with labels in their old order."""
    if "order" not in state:
        state["order"] = np.random.default_rng(0).permutation(len(x))
    return step_of(network, descent)(params, x[state["order"]], labels, learning_rate, state)


MISTAKES = {
    "derivative_at_z": TrainingMistake(
        "derivative of a, taken at z",
        "z (1 - z) is large and negative for large z: the loss explodes or sticks.",
        lines={"* a1 * (1 - a1)": "* z1 * (1 - z1)"},
        caught=("W1", "b1"),
    ),
    "derivative_twice": TrainingMistake(
        "sigmoid taken twice in the derivative",
        "The slope is near 0.24 for every a, so that the loss falls, only not as far.",
        lines={"* a1 * (1 - a1)": "* sigmoid(a1)[0] * (1 - sigmoid(a1)[0])"},
        caught=("W1", "b1"),
    ),
    "gate_lost": TrainingMistake(
        "ReLU gate lost",
        "Units that were silent are moved, too; the loss may fall as fast as before, or faster.",
        network=squared,
        lines={" * (z1 > 0)": ""},
        caught=("W1", "b1"),
    ),
    "bias_mean": TrainingMistake(
        "bias: mean over the batch in place of the sum",
        "The biases learn n times too slowly; the loss hardly shows it.",
        lines={"np.sum(grad_z2": "np.mean(grad_z2", "np.sum(grad_z1": "np.mean(grad_z1"},
        caught=("b1", "b2"),
    ),
    "bias_last": TrainingMistake(
        "bias: only the last example of the batch",
        "The biases learn from one example; the loss hardly shows it.",
        lines={"np.sum(grad_z2, axis=0)": "grad_z2[-1]", "np.sum(grad_z1, axis=0)": "grad_z1[-1]"},
        caught=("b1", "b2"),
    ),
    "bias_per_example": TrainingMistake(
        "bias: not summed, a row for each example",
        "Each example gets a bias of its own, and the loss falls lower than it should.",
        lines={"np.sum(grad_z2, axis=0)": "grad_z2", "np.sum(grad_z1, axis=0)": "grad_z1"},
        caught=("b1", "b2"),
    ),
    "penalty_left_out": TrainingMistake(
        "penalty missing from the gradient",
        "The data are fitted, the weights grow, and the loss turns upward.",
        lines={" + decay * W2": "", " + decay * W1": ""},
        caught=("W1", "W2"),
    ),
    "overwritten": TrainingMistake(
        "gradient overwritten where a layer is used twice",
        "One of two contributions is lost; the loss falls more slowly and less far.",
        network=shared,
        lines={'grads["W2"] +=': 'grads["W2"] =', 'grads["b2"] +=': 'grads["b2"] ='},
        caught=("W2", "b2"),
        hidden=3,
    ),
    "sign": TrainingMistake(
        "sign of the error turned",
        "The loss climbs from the first step.",
        lines={"np.exp(log_p) - targets": "targets - np.exp(log_p)"},
        caught=NAMES,
    ),
    "half": TrainingMistake(
        "factor 2 forgotten",
        "Nothing but half the learning rate.",
        network=squared,
        lines={"2 / targets.size": "1 / targets.size"},
        caught=NAMES,
    ),
    "n_twice": TrainingMistake(
        "1/n taken twice",
        "The loss hardly moves; with a larger batch even less.",
        lines={"- targets) / n": "- targets) / n**2"},
        caught=NAMES,
    ),
    "output_derivative": TrainingMistake(
        "output derivative dropped",
        "It learns, and faster: it is the gradient of another loss.",
        network=squared,
        lines={" * a2 * (1 - a2)": ""},
        caught=NAMES,
    ),
    "elementwise": TrainingMistake(
        "p (1 - p) in place of the softmax Jacobian",
        "The loss falls slowly, most slowly where the network is most wrong.",
        lines={"- targets) / n": "- targets) / n * np.exp(log_p) * (1 - np.exp(log_p))"},
        caught=NAMES,
    ),
    "wrong_axis": TrainingMistake(
        "softmax over the wrong axis",
        "The first loss is near log n in place of log K, and it rises.",
        lines={"log_softmax(z2)": "z2 - np.log(np.sum(np.exp(z2), axis=0))"},
        caught=NAMES,
    ),
    "early_update": WrongStep(
        "W2 updated before grad_z1 is computed",
        "Next to nothing at small learning rates.",
        wrong=early_update,
    ),
    "forgetful_velocity": TrainingMistake(
        "velocity that does not persist",
        "Plain descent, as if there were no momentum: far too slow.",
        rule=momentum,
        rule_lines={"state.get(name, 0.0)": "0.0"},
    ),
    "gradients_pile_up": TrainingMistake(
        "gradients never cleared",
        "The loss swings up and down.",
        rule=descent,
        rule_lines={
            "params[name] = params[name] - learning_rate * grads[name]": "state[name] = "
            "state.get(name, 0.0) + grads[name]\n        "
            "params[name] = params[name] - learning_rate * state[name]"
        },
    ),
    "no_bias_correction": TrainingMistake(
        "Adam without bias correction",
        "The first steps are three to seven times too long.",
        rule=adam,
        rule_lines={"m / (1 - 0.9**t), v / (1 - 0.999**t)": "m, v"},
    ),
    "softmax_twice": TrainingMistake(
        "softmax taken twice",
        "The loss has a floor: no p can come near 1.",
        lines={
            "log_p = log_softmax(z2)": "q = np.exp(log_softmax(z2))\n    log_p = log_softmax(q)",
            "grad_z2 = (np.exp(log_p) - targets) / n": "grad_q = (np.exp(log_p) - targets) / n\n"
            "    grad_z2 = q * (grad_q - np.sum(grad_q * q, axis=1, keepdims=True))",
        },
    ),
    "labels_left_behind": WrongStep(
        "x shuffled without its labels",
        "The loss stays near log K.",
        right=step_of(network, descent),
        wrong=labels_left_behind,
    ),
}
