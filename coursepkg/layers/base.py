"""What all layers share."""


class Layer:
    """A layer maps a batch to a batch, and a gradient back. `Sequential` gives it its storage.

    forward(x, training=True) returns the outputs and keeps what backward will need. Only layers
    that behave otherwise in training than afterwards look at `training`.

    backward(grad) takes dL/d(outputs), writes dL/d(parameter) into `grad_weight` and its like, and
    returns dL/dx; without input_gradient it may leave dL/dx out, as a first layer does, since
    nobody moves the data.

    Neither checks its arguments: `Sequential` does, once for each new input shape, by asking every
    layer for its output_shape.
    """

    shapes = {}  # of each parameter, by name
    buffers = {}  # arrays that are no parameters and yet belong to a saved model, by name
    views = None  # of params and grads, by name, once a Sequential has given them
    needs_floats = False  # as a first layer: whether integers are converted before they reach it

    def initialize(self, rng):
        """Fill the parameters; called once, when they have been given their place."""

    def output_shape(self, shape):
        """The output shape for an x of this shape; ValueError if the layer cannot take such an x.

        None means unknown: the layers after this one then go unchecked.
        """
        return None

    def forward(self, x, training=True):
        raise NotImplementedError

    def backward(self, grad, input_gradient=True):
        raise NotImplementedError

    def __getattr__(self, name):  # called only for what is not there
        if name.removeprefix("grad_") in self.shapes:
            raise AttributeError(f"{name} has no place yet: put the layer into a Sequential")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name, value):
        if self.views is None or name in self.views:
            self._refuse_another_array(name, value)
        self.__dict__[name] = value  # faster than object.__setattr__, and every forward assigns

    def _refuse_another_array(self, name, value):
        # In place of a view it would be no part of the model's params, and no optimizer would see
        # it. (layer.weight *= 2 assigns the view itself, changed in place.)
        if self.views is not None and value is not self.views[name]:
            raise AttributeError(
                f"{name} is a view of the model's vector; write layer.{name}[...] = value"
            )
        if self.views is None and name.removeprefix("grad_") in self.shapes:
            raise AttributeError(f"{name} has no place yet: put the layer into a Sequential")

    def __getstate__(self):
        # A vjp belongs to the last batch, and a copy or another process has no use for it.
        return {name: value for name, value in vars(self).items() if not name.startswith("vjp")}

    def place(self, views):
        """Give the parameters and gradients, by name, their place in memory."""
        self.__dict__.update(views, views=views)


def shape_after(layers, shape):
    """The output shape of the layers, applied one after the other; None if unknown."""
    for layer in layers:
        if shape is None:
            return None
        shape = layer.output_shape(shape)
    return shape
