"""Sequential: a network as a list of layers, whose numbers lie in one vector."""

import math

import numpy as np

from coursepkg.arguments import an_array, finite_array, float_array, generator
from coursepkg.layers.base import Layer, shape_after


class Sequential:
    """The layers one after the other. params and grads are flat; the layers hold named views.

    `params` and `grads` (float, shape (size,)) are allocated once and never replaced, so that an
    optimizer that was given them, and every layer.weight, layer.grad_weight, always mean the same
    memory. rng draws the starting weights, dtype is float64 or float32. TypeError or ValueError
    if an argument is something else or a layer stands in two places. Layers do not check
    their inputs; `forward` and `backward` do it for all of them.
    """

    def __init__(self, layers, rng, dtype=np.float64):
        if not isinstance(layers, (list, tuple)):
            raise TypeError(f"layers must be a list of layers, got {layers!r}")
        if dtype not in (np.float64, np.float32, "float64", "float32"):
            raise TypeError(f"dtype must be float64 or float32, got {dtype!r}")
        self.layers = list(layers)
        self.dtype = np.dtype(dtype)
        self._refuse_bad_layers()
        generator(rng)
        shapes = [shape for layer in self.all_layers() for shape in layer.shapes.values()]
        size = sum(math.prod(shape) for shape in shapes)
        self._params = np.zeros(size, self.dtype)
        self._grads = np.zeros(size, self.dtype)
        self._place_views()
        try:
            for layer in self.all_layers():
                layer.initialize(rng)
        except Exception:
            for layer in self.all_layers():
                layer.views = None  # they may be used in another model
            raise
        self._needs_floats = next(self.all_layers()).needs_floats
        self._checked_shape = self._output_shape = None

    @property
    def params(self):
        return self._params

    @params.setter
    def params(self, value):  # called by model.params += 1, too, with the vector itself
        _refuse_another(value, self._params, "params")

    @property
    def grads(self):
        return self._grads

    @grads.setter
    def grads(self, value):
        _refuse_another(value, self._grads, "grads")

    def all_layers(self):
        """Every layer, in order; in place of a wrapper (it has `layers`) those within it."""
        waiting = self.layers[::-1]
        while waiting:
            layer = waiting.pop()
            inner = getattr(layer, "layers", None)
            if inner is None:
                yield layer
            else:
                waiting.extend(reversed(inner))

    def forward(self, x, training=True):
        """The outputs for a batch x; each layer keeps what backward needs.

        x: (batch, ...), of any shape the first layer takes. Integers stay integers unless the
        first layer needs floats.
        """
        self._output_shape = None
        x = self.as_input(x)
        for layer in self.layers:
            x = layer.forward(x, training)
        self._output_shape = x.shape
        return x

    def as_input(self, x, name="x"):
        """x checked, and converted if the first layer needs it; errors call it by `name`."""
        x = an_array(x, name)
        if self._needs_floats or x.dtype.kind not in "iu":
            x = finite_array(x, name, dtype=self.dtype)
        if x.size == 0:
            raise ValueError(f"{name} must hold at least one number, got an empty batch: {x.shape}")
        if x.shape != self._checked_shape:
            shape_after(self.layers, x.shape)
            self._checked_shape = x.shape
        return x

    def predict(self, x):
        """The outputs as they are after training; nothing to go backward from is left."""
        outputs = self.forward(x, training=False)
        self._output_shape = None
        return outputs

    def backward(self, grad_output, input_gradient=False):
        """Write all of `grads` for the batch of the last forward; grad_output = dL/d(outputs).

        dL/dx is computed, and returned, only with input_gradient. RuntimeError if no forward
        came before.
        """
        if self._output_shape is None:
            raise RuntimeError("backward needs a forward before it; predict does not count")
        grad = float_array(grad_output, "grad_output", self._output_shape, self.dtype)
        for layer in reversed(self.layers[1:]):
            grad = layer.backward(grad)
        grad = self.layers[0].backward(grad, input_gradient)
        return grad if input_gradient else None

    def state(self):
        """A copy of all that training changes in the model: params and the layers' buffers."""
        state = {f"{name} of layer {i}": array.copy() for i, name, array in self._buffers()}
        return {"params": self.params.copy(), **state}

    def load_state(self, state):
        """Take over what `state` of such a model returned; ValueError, and no change, if not."""
        own = {f"{name} of layer {i}": array for i, name, array in self._buffers()}
        own["params"] = self.params
        if own.keys() != state.keys():
            raise ValueError(f"state must hold {', '.join(own)}; got {', '.join(state)}")
        new = {name: finite_array(state[name], name, own[name].shape) for name in own}
        for name, array in own.items():
            array[...] = new[name]

    def _buffers(self):
        for i, layer in enumerate(self.all_layers()):
            for name, array in layer.buffers.items():
                yield i, name, array

    def _place_views(self):
        start = 0
        for layer in self.all_layers():
            views = {}
            for name, shape in layer.shapes.items():
                stop = start + math.prod(shape)
                views[name] = self.params[start:stop].reshape(shape)
                views["grad_" + name] = self.grads[start:stop].reshape(shape)
                start = stop
            layer.place(views)

    def __setstate__(self, state):
        # In a copy every view has become an array of its own: make them views again.
        self.__dict__.update(state)
        self._place_views()
        self._output_shape = None

    def _refuse_bad_layers(self):
        if not self.layers:
            raise ValueError("layers must be at least one layer, got none")
        for layer in self.all_layers():
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must be layers, as Linear is one; got {layer!r}")
            if layer.views is not None:
                raise ValueError(f"layers must be new: this {type(layer).__name__} has a model")
        every = list(self.all_layers())
        if len({id(layer) for layer in every}) < len(every):
            raise ValueError("layers must be different: one layer stands in two places")


def _refuse_another(value, vector, name):
    if value is not vector:
        raise AttributeError(
            f"{name} is shared with the layers and the optimizer; write model.{name}[...] = value"
        )
