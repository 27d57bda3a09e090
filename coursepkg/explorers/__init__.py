"""Interactive figures, one a file."""

from coursepkg.explorers.attention import AttentionExplorer
from coursepkg.explorers.backward_pass import BackwardPassExplorer
from coursepkg.explorers.clinic import ClinicExplorer
from coursepkg.explorers.convolution import ConvolutionExplorer
from coursepkg.explorers.depth import DepthExplorer
from coursepkg.explorers.digits_training import DigitsExplorer
from coursepkg.explorers.epsilon import EpsilonExplorer
from coursepkg.explorers.guess import GuessExplorer
from coursepkg.explorers.one_neuron import OneNeuronExplorer
from coursepkg.explorers.playground import PlaygroundExplorer
from coursepkg.explorers.race import RaceExplorer
from coursepkg.explorers.recurrence import RecurrenceExplorer
from coursepkg.explorers.regression import RegressionExplorer
from coursepkg.explorers.tangent import TangentExplorer
from coursepkg.explorers.two_layers import TwoLayersExplorer

__all__ = [
    "AttentionExplorer", "BackwardPassExplorer", "ClinicExplorer", "ConvolutionExplorer",
    "DepthExplorer", "DigitsExplorer", "EpsilonExplorer", "GuessExplorer", "OneNeuronExplorer",
    "PlaygroundExplorer", "RaceExplorer", "RecurrenceExplorer", "RegressionExplorer",
    "TangentExplorer", "TwoLayersExplorer",
]  # fmt: skip
