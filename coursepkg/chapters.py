"""The chapters of the course, for the map in chapter 00 and the links between them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    number: int
    title: str
    part: str
    name: str = ""  # of its notebook, without the number; none if it is being written

    @property
    def file(self):
        return f"{self.number:02d}_{self.name}.ipynb" if self.name else None


ONE_NEURON, NETWORKS, BEYOND = "I  One neuron", "II  Networks", "III  Beyond the hand-made network"

CHAPTERS = (
    Chapter(0, "Start here", ONE_NEURON, "start_here"),
    Chapter(1, "The sigmoid and its derivative", ONE_NEURON, "sigmoid_derivative"),
    Chapter(2, "The chain rule on a graph", ONE_NEURON, "chain_rule"),
    Chapter(3, "One weight, then two", ONE_NEURON, "one_weight"),
    Chapter(4, "A two-layer network", NETWORKS, "two_layer_network"),
    Chapter(5, "A loss that fits the output", NETWORKS, "losses"),
    Chapter(6, "When backprop is wrong", NETWORKS, "when_backprop_is_wrong"),
    Chapter(7, "Optimizer variants", NETWORKS, "optimizers"),
    Chapter(8, "Initialization, vanishing gradients", NETWORKS, "vanishing_gradients"),
    Chapter(9, "Training for real: digits", NETWORKS, "digits"),
    Chapter(10, "PyTorch, TensorFlow, Keras, JAX", BEYOND, "frameworks"),
    Chapter(11, "Convolution", BEYOND, "convolution"),
    Chapter(12, "Recurrence", BEYOND, "recurrence"),
    Chapter(13, "Attention", BEYOND, "attention"),
    Chapter(14, "Recommenders", BEYOND),
    Chapter(15, "Scaling out", BEYOND),
    Chapter(16, "Where next", BEYOND),
)
