"""From `topic.py` and `topic.md` to an `ExerciseSet`; an error names file and line.

A question in `topic.md` has three hints, and an entry for each mistake:

    ## leaky_relu (points: a 1, grad_z 1)
    1. The first hint.
    2. The second.
    3. A worked line.
    - gate_shut: `1, leak)` → `1, 0)`
      The sentence that the learner reads.

A change names a piece of the reference that is found exactly once, and what it becomes (`nothing`
deletes it). Several changes are separated by commas. Whole lines are changed by a diff:

    - drawn_once:
      ```diff
      + order = rng.permutation(n)
        for _ in range(epochs):
      -     order = rng.permutation(n)
      ```
      The sentence.

Instead of changes there may be the name of a function in `topic.py`. An entry with a table below
its sentence is a family, with a mistake for each row. "As in `Momentum`: climbs, rebinds" takes
over mistakes of an earlier question. Each line that goes on with another is indented.
"""

import importlib
import sys

from coursepkg.checks.banks import words
from coursepkg.checks.question import ExerciseSet, Mistake, Question, changed, source_of

HINTS = 3


def load(path):
    """The `ExerciseSet` of a topic. path: of its `topic.md`; `topic.py` is beside it."""
    number, said = words.read(path)
    module = importlib.import_module(f"{__package__}.{path.stem}")
    references = {name: each for name, each in vars(module).items() if hasattr(each, "asked")}
    questions = {}
    for each in said:
        if each.name not in references:
            raise each.item.error(f"{path.stem}.py has no question {each.name}")
        questions[each.name] = question_of(each, references[each.name], questions)
    if unsaid := references.keys() - questions.keys():
        raise words.BankError(f"{path.name} has no words for {', '.join(sorted(unsaid))}")
    return ExerciseSet(f"{number:02d}_{path.stem}", tuple(questions.values()))


def question_of(said, reference, earlier):
    """The Question that a reference and its words make."""
    if len(said.hints) != HINTS:
        raise said.item.error(f"{said.name} has {len(said.hints)} hints, and needs {HINTS}")
    source, mistakes = source_of(reference), {}
    for entry in said.entries:
        if entry.name in mistakes:
            raise entry.item.error(f"{said.name} has two mistakes {entry.name}")
        model = model_of(entry, sys.modules[reference.__module__], source)
        mistakes[entry.name] = Mistake(entry.sentence, model)
    for other, name, item in said.borrowed:
        if other not in earlier or name not in earlier[other].mistakes:
            raise item.error(f"no question above is {other} with a mistake {name}")
        mistakes[name] = earlier[other].mistakes[name]
        try_out(mistakes[name].model, source, item)
    return Question(
        reference, said.points, mistakes=mistakes, hints=tuple(said.hints), **reference.asked
    )


def model_of(entry, module, source):
    """The wrong model of a mistake: a function of the module, or {piece of the source: wrong}."""
    if entry.function:
        if not hasattr(module, entry.function):
            raise entry.item.error(f"there is no function {entry.function}")
        return getattr(module, entry.function)
    changes = dict(entry.changes)
    changes |= dict(changed_lines(diff, source) for diff in entry.diffs)
    if not changes:
        raise entry.item.error(f"{entry.name} has neither a change nor a function")
    try_out(changes, source, entry.item)
    return changes


def try_out(changes, source, item):
    """BankError if the changes cannot be made, or do nothing."""
    try:
        changed(source, changes)
    except ValueError as error:
        raise item.error(error) from None


def changed_lines(diff, source):
    """(lines of the source, what they become) of a diff, whose indentation is its own."""
    right = [line[2:] for line in diff if line[:1] != "+"]
    wrong = [line[2:] for line in diff if line[:1] != "-"]
    first = next((line for line in source.splitlines() if line.strip() == right[0]), right[0])
    indent = first.removesuffix(right[0])
    return tuple(
        "".join(f"{indent}{line}".rstrip() + "\n" for line in part) for part in (right, wrong)
    )
