"""The chapters of the course: number, title and part, for the map in chapter 00."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    number: int
    title: str
    part: str
    ready: bool = False


ONE_NEURON, NETWORKS, BEYOND = "I  One neuron", "II  Networks", "III  Beyond the hand-made network"

CHAPTERS = (
    Chapter(0, "Start here", ONE_NEURON, ready=True),
    Chapter(1, "The sigmoid and its derivative", ONE_NEURON, ready=True),
    Chapter(2, "The chain rule on a graph", ONE_NEURON, ready=True),
    Chapter(3, "One weight, then two", ONE_NEURON, ready=True),
    Chapter(4, "A two-layer network", NETWORKS, ready=True),
    Chapter(5, "A loss that fits the output", NETWORKS, ready=True),
    Chapter(6, "When backprop is wrong", NETWORKS, ready=True),
    Chapter(7, "Optimizer variants", NETWORKS, ready=True),
    Chapter(8, "Initialization, vanishing gradients", NETWORKS, ready=True),
    Chapter(9, "Training for real: digits", NETWORKS, ready=True),
    Chapter(10, "PyTorch, TensorFlow, Keras, JAX", BEYOND),
    Chapter(11, "Convolution", BEYOND),
    Chapter(12, "Recurrence", BEYOND),
    Chapter(13, "Attention", BEYOND),
    Chapter(14, "Recommenders", BEYOND),
    Chapter(15, "Scaling out", BEYOND),
    Chapter(16, "Where next", BEYOND),
)
