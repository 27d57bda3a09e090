"""Which of the known mistakes an answer makes: those whose models give the same wrong results."""

from coursepkg.checks.comparing.verdict import Finding


def known_mistakes(comparison):
    """(findings, aspects without one), from the mistake that explains most to the least."""
    question, left, findings = comparison.question, list(comparison.own), []
    while left:
        scores = {n: score(comparison, m, left) for n, m in comparison.examination.known.items()}
        name = max(scores, key=scores.get, default=None)
        if name is None or not scores[name][0]:
            break
        explained = scores[name][2]
        part = explained[0]
        shown = comparison.example(part, comparison.own[part]) if part in question.parts else None
        where = ", ".join(explained) if len(question.parts) > 1 else ""
        sentence = question.mistakes[name].sentence
        findings.append(Finding(where, name, sentence, shown, known=True))
        left = [aspect for aspect in left if aspect not in explained]
    return findings, left


def score(comparison, model, left):
    """How well a wrong model explains an answer: (aspects explained, parts alike, which)."""
    parts = set(comparison.question.parts)
    alike = sum(comparison.same_as(model, part) for part in parts)
    same = [aspect for aspect in left if aspect in model.wrong]
    same = [aspect for aspect in same if comparison.same_as(model, aspect)]
    if model.wrong.keys() & parts and not parts & set(same):
        same = []  # a shared warning, say, is no sign of a model whose numbers differ
    if alike < len(parts) and not any(wrong_without_error(comparison, aspect) for aspect in same):
        same = []  # to fail in the same cases is no sign of the same mistake
    return len(same), alike, same


def wrong_without_error(comparison, aspect):
    """Whether an aspect is wrong in a case where the answer did not fail."""
    return not all(comparison.outcomes[label].error for label in comparison.wrong[aspect])
