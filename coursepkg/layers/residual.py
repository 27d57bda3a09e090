"""The residual connection."""

from coursepkg.layers.base import Layer, shape_after


class Residual(Layer):
    """y = x + f(x), f being the given layers one after the other; f(x) has the shape of x.

    The gradient comes back on both ways and is added: grad_x = grad_y + (f's backward of grad_y).
    Source: He, Zhang, Ren and Sun (2016).
    """

    def __init__(self, *layers):
        if not layers:
            raise ValueError("layers must be at least one layer, got none")
        self.layers = layers

    def output_shape(self, shape):
        made = shape_after(self.layers, shape)
        if made not in (shape, None):
            raise ValueError(f"layers must keep the shape {shape} of x, they made {made}")
        return shape

    def forward(self, x, training=True):
        y = x
        for layer in self.layers:
            y = layer.forward(y, training)
        return x + y

    def backward(self, grad, input_gradient=True):
        grad_x = grad
        for layer in reversed(self.layers):
            grad_x = layer.backward(grad_x)
        return grad + grad_x
