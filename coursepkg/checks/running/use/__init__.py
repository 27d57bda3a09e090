"""How an answer is used: a function is called, then its vjp; an optimizer makes its steps.

Each use takes the learner's answer and the arguments of one case by name, and returns what the
answer gave, untouched: numbers, arrays or words, a tuple of them if there are several. If values
can be right in many ways, `checks.comparing.looks` summarizes them before they are compared.
"""

import inspect

from coursepkg.checks.running.use.backward_passes import call_with_backward
from coursepkg.checks.running.use.calls import (
    NotAsAsked,
    call,
    call_with_function,
    list_and_number,
    value_and_vjp,
    values_of,
    word,
)
from coursepkg.checks.running.use.dropping import dropout_of_copies
from coursepkg.checks.running.use.graphs import order_of_nodes
from coursepkg.checks.running.use.starts import initial_weights, starting_values
from coursepkg.checks.running.use.training import (
    batches_of_epochs,
    scheduled_steps,
    stopped_training,
)

# All of these functions by name: a question itself may not enter the sandbox, so its name is sent.
USES = {name: use for name, use in list(vars().items()) if inspect.isfunction(use)}

__all__ = [
    "USES", "NotAsAsked", "batches_of_epochs", "call", "call_with_backward", "call_with_function",
    "dropout_of_copies", "initial_weights", "list_and_number", "order_of_nodes",
    "scheduled_steps", "starting_values", "stopped_training", "value_and_vjp", "values_of", "word",
]  # fmt: skip
