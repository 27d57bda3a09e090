"""Interactive figures, one a file."""

from coursepkg.explorers.backward_pass import BackwardPassExplorer
from coursepkg.explorers.guess import GuessExplorer
from coursepkg.explorers.regression import RegressionExplorer
from coursepkg.explorers.tangent import TangentExplorer

__all__ = ["BackwardPassExplorer", "GuessExplorer", "RegressionExplorer", "TangentExplorer"]
