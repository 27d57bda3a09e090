"""Words that look at words: their vectors set by hand, the attention between them, its gradient."""

from dataclasses import dataclass

import numpy as np

from coursepkg.layers.attention import attention

SENTENCES = {
    "it was too tired": "the animal did not cross the street because it was too tired",
    "it was too wide": "the animal did not cross the street because it was too wide",
    "not good": "the plot was not good",
    "one wide, one tired": "the road was wide and the driver was tired",
}
MOST_WORDS = max(len(sentence.split()) for sentence in SENTENCES.values())

# What each number of a query asks for, and what each number of a key says that a word is.
FEATURES = ("thing", "can be tired", "can be wide", "negation")
QUERIES = {
    "tired": (4, 4, 0, 0),
    "wide": (4, 0, 4, 0),
    "it": (8, 0, 0, 0),  # the same in every sentence: it knows nothing of the words around it
    "cross": (8, 0, 0, 8),
    "good": (8, 0, 0, 8),
    "the": (4, 0, 0, 0),
}
KEYS = {
    "animal": (1, 1, 0, 0),
    "driver": (1, 1, 0, 0),
    "street": (1, 0, 1, 0),
    "road": (1, 0, 1, 0),
    "plot": (1, 0, 0, 0),
    "not": (0, 0, 0, 1),
}
TINY = 1e-12  # below it a number has no digits that hold on every machine
ZEROS = (0,) * len(FEATURES)  # the query and the key of all other words


@dataclass
class Look:
    """Who looks at whom, and the gradient of one word's scores."""

    words: list
    asked: tuple  # the numbers of the looking word and of the target that the controls say
    looking: int
    target: int
    temperature: float
    position: float
    causal: bool
    weights: np.ndarray  # (words, words): rows look, columns are looked at
    gradient: np.ndarray  # (words,): of the scores of the looking word; how they help the push

    @property
    def row(self):
        return self.weights[self.looking]

    @property
    def seen(self):
        """How many words the looking word may look at: the first ones."""
        return self.looking + 1 if self.causal else len(self.words)

    @property
    def is_target(self):
        """(words,): where the word of the target is; it may be in the sentence twice."""
        return np.array(self.words) == self.words[self.target]

    def largest(self, numbers, most=3):
        """The places of the largest of these, at most `most`, none equal to one left out."""
        places = np.argsort(-numbers, kind="stable")[: np.sum(numbers > TINY)]
        ordered, count = numbers[places], min(most, len(places))
        while 0 < count < len(places) and np.isclose(*ordered[count - 1 : count + 1], atol=0):
            count -= 1
        return places[:count].tolist()


def vectors(words, position):
    """Queries and keys (words, features + words), and values (words, different words).

    The features come first; then each key says where its word is, as a one-hot vector, and the
    query says how much each place loses: `position` times its distance from the word before.
    The value of a word is a one-hot vector of its own.
    """
    at = np.arange(len(words))
    distance = np.abs(at - (at[:, None] - 1))
    root = len(FEATURES) ** 0.5  # so that this part of a score is not divided by √d
    queries = np.array([QUERIES.get(word, ZEROS) for word in words], dtype=float)
    keys = np.array([KEYS.get(word, ZEROS) for word in words], dtype=float)
    values = np.eye(len(words))[[words.index(word) for word in words]]
    return (
        np.hstack([queries, -root * position * distance]),
        np.hstack([keys, np.eye(len(at))]),
        values,
    )


def look(sentence, looking, target, temperature, position, causal):
    """All weights, and the gradient of one word's scores for a push toward the target's value.

    score = (query · key / √d - position · distance) / temperature, which is what enters the
    softmax; pushed is the context of the looking word.
    """
    words = SENTENCES[sentence].split()
    last, asked = len(words) - 1, (looking, target)
    looking, target = min(looking, last), min(target, last)
    queries, keys, values = vectors(words, position)
    mask = np.tri(len(words), dtype=bool) if causal else None
    scale = len(FEATURES) ** -0.5 / temperature
    (context, weights), vjp = attention(queries, keys, values, mask, scale)
    push = np.zeros_like(context)
    push[looking] = values[target]
    grad_queries, _, _ = vjp(push)
    # Where the keys are one-hot, the gradient of a query is that of its scores, times the scale.
    gradient = grad_queries[looking, len(FEATURES) :] / scale
    return Look(words, asked, looking, target, temperature, position, causal, weights, gradient)
