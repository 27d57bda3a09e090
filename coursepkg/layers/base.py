"""What all layers share."""


class Layer:
    """A layer maps a batch to a batch, and a gradient back. `Sequential` gives it its storage.

    forward(x, training=True) returns the outputs and keeps what backward will need. Only layers
    that behave otherwise in training than afterwards look at `training`.

    backward(grad) takes dL/d(outputs), writes dL/d(parameter) into `grad_weight` and its like, and
    returns dL/dx; without input_gradient it may leave dL/dx out, as a first layer does, since
    nobody moves the data.

    Neither of the two checks what it is handed. `Sequential` does, once for each new shape, by
    asking every layer for its output_shape.
    """

    shapes = {}  # of each parameter, by name
    buffers = {}  # arrays that are no parameters and yet belong to a saved model, by name
    views = None  # of params and grads, by name, once a Sequential has given them
    needs_floats = False  # whether whole numbers become floats before they enter, as a first layer

    def initialize(self, rng):
        """Fill the parameters; called once, when they have been given their place."""

    def output_shape(self, shape):
        """The shape of the outputs for an x of this shape; ValueError if x may not have it.

        None: not known; then the layers behind this one are not checked.
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
        self.__dict__[name] = value  # every forward does this: object.__setattr__ takes longer

    def _refuse_another_array(self, name, value):
        # In the place of a view it would no longer be a part of the model's params. (The view
        # itself, changed in place, is what layer.weight *= 2 assigns.)
        if self.views is not None and value is not self.views[name]:
            raise AttributeError(f"{name} is a view of the model's vector: write {name}[...] = ...")
        if self.views is None and name.removeprefix("grad_") in self.shapes:
            raise AttributeError(f"{name} has no place yet: put the layer into a Sequential")

    def place(self, views):
        """Give the parameters and gradients, by name, their place in memory."""
        self.__dict__.update(views, views=views)


def shape_after(layers, shape):
    """The shape of what the layers, one after the other, make of an x of this shape, or None."""
    for layer in layers:
        if shape is None:
            return None
        shape = layer.output_shape(shape)
    return shape
