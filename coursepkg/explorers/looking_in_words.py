"""What the explorer of chapter 13 says: whom a word looks at, its gradient, and the setting."""

import numpy as np

from coursepkg.explorers.looking import FEATURES, KEYS, QUERIES, TINY, ZEROS

SMALL = 1e-3  # a largest gradient below it is next to nothing


def in_words(result):
    """The sentences about a `Look`: the weights first."""
    return " ".join([_weights(result), *_gradient(result), *_setting(result)])


def number(value):
    """Three decimals, two digits of what these would hide: 0.758, −0.078, 2.1e-9, <1e-12, 0."""
    size, minus = abs(value), "−" if value < 0 else ""
    if size < TINY:
        return f"<{TINY}" if size else "0"
    digits = f"{size:.3f}" if size >= SMALL else f"{size:.1e}".replace("e-0", "e-")
    return minus + digits


def asks(word):
    """What a word looks for: "thing 4, can be tired 4"."""
    query = zip(FEATURES, QUERIES.get(word, ZEROS), strict=True)
    return ", ".join(f"{name} {each}" for name, each in query if each) or "nothing"


def offers(word):
    """What a word is to those who look for it: "thing, can be tired"."""
    key = zip(FEATURES, KEYS.get(word, ZEROS), strict=True)
    return ", ".join(name for name, each in key if each)


def _weights(result):
    name, named = _name(result, result.looking), result.largest(result.row)
    name = name[0].upper() + name[1:]
    if result.seen == 1:
        return f"{name} may look at nothing but itself: its weight is 1."
    if not named:
        return f"{name} looks at {result.seen} words alike, with {number(result.row[0])} each."
    found = [f"at {_name(result, k)} with {number(result.row[k])}" for k in named]
    if others := result.seen - len(named):
        rest = number(np.delete(result.row, named).sum())
        found.append(f"at {_others(others)} with {rest}")
    return f"{name} looks {_listed(found)}."


def _gradient(result):
    target, gradient = f"“{result.words[result.target]}”", result.gradient
    if result.seen == 1:
        yield "There is nothing to choose from, so the gradient of its score is exactly 0."
    elif not gradient.any():
        yield (
            f"A push toward {target} gives no score a gradient: the word comes later and is "
            "masked, so its weight and all gradients are exactly 0."
        )
    elif np.abs(gradient).max() < TINY:
        yield f"A push toward {target} gives no score a gradient of {TINY} or more."
        yield _too_small(result, target)
    else:
        named = result.largest(np.abs(gradient))
        found = [f"{number(gradient[k])} for {_name(result, k)}" for k in named]
        if others := result.seen - len(named):
            rest = number(np.delete(gradient, named).sum())
            found.append(f"{rest} for {_others(others)}")
        yield f"A push toward {target} gives its scores the gradient {_listed(found)}."
        if np.abs(gradient).max() < SMALL:
            yield _too_small(result, target)


def _too_small(result, target):
    """Why even the largest gradient is next to nothing."""
    weight = result.row[result.is_target].sum()
    if weight > 0.5:
        return f"The softmax is saturated: {target} has nearly all the weight already."
    return (
        f"{target} has next to no weight ({number(weight)}), so the push hardly reaches any score: "
        "what is not seen is not found."
    )


def _setting(result):
    word = result.words[result.looking]
    yield f"“{word}” asks for {asks(word)}."
    plain = " (the plain softmax)" if result.temperature == 1 else ""
    place = "position does not count"
    if result.position:
        place = f"each place away from the word right before costs a score {result.position:g}"
    yield f"Temperature {result.temperature:g}{plain}; {place}."
    if result.causal:
        yield f"Later words are masked: it sees {result.seen} of {len(result.words)} words."
    yield f"The sentence: “{' '.join(result.words)}”."
    for asked in sorted(set(result.asked)):
        if asked >= len(result.words):
            yield f"It has no word {asked}; its last, {len(result.words) - 1}, is taken instead."
    yield "Queries and keys were set by hand; nothing was trained."


def _name(result, place):
    """A word in quotation marks; one that comes twice also gets a number."""
    word = result.words[place]
    before = result.words[:place].count(word)
    if result.words.count(word) == 1:
        return f"“{word}”"
    return f"the {('first', 'second')[before]} “{word}”"


def _others(count):
    return f"the other {count} together" if count > 1 else "the other one"


def _listed(parts):
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
