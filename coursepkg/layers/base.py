"""What all layers share."""

from coursepkg.arguments import finite_array


class Layer:
    """A layer maps a batch to a batch, and a gradient back. `Sequential` gives it its storage.

    forward(x, training=True) returns the outputs and keeps what backward will need. Only layers
    that behave otherwise in training than afterwards look at `training`.

    backward(grad) takes dL/d(outputs), writes dL/d(parameter) into `grad_weight` and its like, and
    returns dL/dx; without input_gradient it may leave dL/dx out, as a first layer does, since
    nobody moves the data.
    """

    shapes = {}  # of each parameter, by name
    buffers = {}  # arrays that are no parameters and yet belong to a saved model, by name
    views = None  # of params and grads, by name, once a Sequential has given them

    def initialize(self, rng):
        """Fill the parameters; called once, when they have been given their place."""

    def forward(self, x, training=True):
        raise NotImplementedError

    def backward(self, grad, input_gradient=True):
        raise NotImplementedError

    def __getattr__(self, name):  # called only for what is not there
        if name.removeprefix("grad_") in self.shapes:
            raise AttributeError(f"{name} has no place yet: put the layer into a Sequential")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name, value):
        # layer.weight = w must not put another array in the place of the view: it writes into it.
        if self.views is None:
            if name.removeprefix("grad_") in self.shapes:
                raise AttributeError(f"{name} has no place yet: put the layer into a Sequential")
        elif name in self.views:
            view = self.views[name]
            view[...] = finite_array(value, name, view.shape)
            return
        object.__setattr__(self, name, value)

    def place(self, views):
        """Give the parameters and gradients, by name, their place in memory."""
        self.__dict__.update(views, views=views)
