"""Chapter 06: a mistake, its gradient check, and its effect on the loss curve."""

from dataclasses import dataclass

import numpy as np

from coursepkg.clinic import MISTAKES, NAMES, TOLERANCE, examine, flowers, start, story, train
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder
from coursepkg.figures import BLUE, GRAY, VERMILION
from coursepkg.plots import EndLabels, clean_axes

X, LABELS = flowers()
BY_TITLE = {mistake.title: mistake for mistake in MISTAKES.values()}
SMALLEST = 1e-13  # smaller errors are rounding and are drawn here


@dataclass
class Visit:
    """The mistake, the settings, a finding for each parameter, and the losses of both runs."""

    title: str
    learning_rate: float
    scale: float
    findings: dict
    right: np.ndarray
    wrong: np.ndarray


def visit(title, learning_rate, scale):
    """Check the wrong network at its start; then train it and the right one from that start."""
    mistake = BY_TITLE[title]
    params = start(np.random.default_rng(0), scale, mistake.hidden)
    findings = examine(mistake.wrong_network, params, X, LABELS)
    runs = (train(step, params, X, LABELS, learning_rate) for step in mistake.steps())
    return Visit(title, learning_rate, scale, findings, *runs)


class ClinicExplorer(Explorer):
    """Controls: mistake, learning rate, starting scale. Shows both losses and the check."""

    size = (10.0, 3.6)
    title = "A mistake in the backward pass, its check, and what training makes of it"
    tries = {
        "Small starting weights": {"scale": 0.1},
        "A small learning rate": {"learning_rate": 0.1},
    }
    ghosts = ("wrong_curve",)

    def make_controls(self):
        return {
            "mistake": choice("mistake", BY_TITLE),
            "learning_rate": ladder("learning rate", 0.5, 0.01, 10),
            "scale": ladder("starting scale", 1.0, 0.1, 10),
        }  # fmt: skip

    def compute(self, mistake, learning_rate, scale):
        return visit(mistake, learning_rate, scale)

    def build(self, figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.2, 1])
        clean_axes(left, "step", "loss (nats, or squared error)", "training")
        left.set(xlim=(-4, 204), ylim=(0.008, 200), yscale="log")
        (self.right_curve,) = left.plot([], [], color=BLUE, linewidth=2.2, label="correct")
        (self.wrong_curve,) = left.plot(
            [], [], "--", color=VERMILION, linewidth=2, label="with the mistake"
        )
        self.names = EndLabels(left)
        clean_axes(right, "parameters", "relative error of the gradient", "gradient check")
        right.set(xlim=(-0.6, 3.6), ylim=(SMALLEST / 3, 300), yscale="log")
        right.set_xticks(range(4), NAMES)
        right.axhline(TOLERANCE, color=GRAY, linestyle=":")
        right.text(3.55, TOLERANCE * 1.6, "allowed", color=GRAY, fontsize=8, ha="right")
        (self.passed,) = right.plot([], [], "o", color=BLUE, markersize=8)
        (self.failed,) = right.plot([], [], "X", color=VERMILION, markersize=10)
        self.verdicts = [right.text(i, 12, "", ha="center", fontsize=9) for i in range(4)]
        return [
            self.right_curve, self.wrong_curve, *self.names.texts,
            self.passed, self.failed, *self.verdicts,
        ]  # fmt: skip

    def draw(self, result):
        self.draw_step(result, self.steps(result))
        for marks, verdict in ((self.passed, True), (self.failed, False)):
            found = [
                (i, max(finding.error, SMALLEST))
                for i, finding in enumerate(result.findings.values())
                if finding.passed is verdict
            ]
            marks.set_data(*np.array(found).reshape(-1, 2).T)
        for text, finding in zip(self.verdicts, result.findings.values(), strict=True):
            text.set_text(short(finding))

    def steps(self, result):
        return max(len(result.right), len(result.wrong)) - 1

    def draw_step(self, result, step):
        words = [f"step {step}"]
        runs = {"correct": (self.right_curve, result.right)}
        runs["with the mistake"] = self.wrong_curve, result.wrong
        for name, (curve, losses) in runs.items():
            losses = losses[: step + 1]  # a run that diverged is shorter
            curve.set_data(np.arange(len(losses)), losses)
            words.append(f"{name} {losses[-1]:.3g}" if len(losses) > step else f"{name} diverged")
        self.names.place()
        return ", ".join(words)

    def describe(self, result):
        setting = f"learning rate {result.learning_rate:g}, starting scale {result.scale:g}"
        checks = ", ".join(f"{name} {finding}" for name, finding in result.findings.items())
        if all(finding.passed for finding in result.findings.values()):
            checks += ". The check sees nothing"
        return (
            f"{result.title}; {setting}. Gradient check: {checks}. Loss of the right network: "
            f"{story(result.right)}; with the mistake: {story(result.wrong)}."
        )


def short(finding):
    """The verdict in a word or a number, as a label in the figure."""
    if finding.passed is not False:
        return "right" if finding.passed else "?"
    return "shape" if "shape" in finding.words else f"{100 * finding.error:.0f} %"
