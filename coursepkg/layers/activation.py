"""An activation function as a layer."""

from coursepkg.arguments import a_function, unguarded
from coursepkg.layers.base import Layer


class Activation(Layer):
    """a = function(z), number by number; function is one of coursepkg.activations: z -> (a, vjp).

    z, a: any shape, the same. It has no parameters; what it keeps for backward is the vjp.
    """

    needs_floats = True

    def __init__(self, function):
        self.function = a_function(function, "function")

    def output_shape(self, shape):
        return shape

    def forward(self, x, training=True):
        a, self.vjp = unguarded(self.function)(x)
        return a

    def backward(self, grad, input_gradient=True):
        return self.vjp(grad)
