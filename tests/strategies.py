"""What hypothesis draws for the mathematics: shapes, and numbers away from the kinks."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)


def arrays(low=-6.0, high=6.0, shape=shapes):
    return hnp.arrays(np.float64, shape, elements=st.floats(low, high, allow_subnormal=False))


def away_from_zero(shape=shapes, high=6.0):
    """No number nearer to 0 than a central difference can straddle, for functions with a kink."""
    numbers = st.floats(0.01, high) | st.floats(-high, -0.01)
    return hnp.arrays(np.float64, shape, elements=numbers)
