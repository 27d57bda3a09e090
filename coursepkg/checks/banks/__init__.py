"""The exercise sets, one a file, in the order of the chapters."""

from coursepkg.checks.banks import (
    chain_rule,
    digits,
    losses,
    one_weight,
    optimizers,
    sigmoid_derivative,
    two_layer_network,
    vanishing_gradients,
    when_backprop_is_wrong,
)

SETS = (
    sigmoid_derivative.SET,
    chain_rule.SET,
    one_weight.SET,
    two_layer_network.SET,
    losses.SET,
    when_backprop_is_wrong.SET,
    optimizers.SET,
    vanishing_gradients.SET,
    digits.SET,
)
QUESTIONS = {question.name: question for each in SETS for question in each.questions}
