"""Attention: each position asks all others, and gets a mean of what they hold."""

import numpy as np

from coursepkg.activations import gelu
from coursepkg.arguments import a_function, as_matrix, finite_array, whole_number
from coursepkg.initializers import glorot_uniform
from coursepkg.layers.activation import Activation
from coursepkg.layers.base import Layer
from coursepkg.layers.dropout import Dropout
from coursepkg.layers.embedding import an_embedding, mask_for
from coursepkg.layers.linear import Linear
from coursepkg.layers.normalization import LayerNorm
from coursepkg.layers.residual import Residual
from coursepkg.layers.sequence import sequence_shape


def masked_softmax(scores, mask=None):
    """weights = exp(scores) / Σ exp(scores) over the last axis, where mask is True, else 0.

    scores, weights: (..., n); mask: bool, broadcast to scores. In a row without any True all
    weights are 0. vjp: grad_scores = weights (grad_weights - Σ grad_weights weights), so that a
    score gets no gradient where mask is False. Source: Bridle (1990).
    """
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    # The largest score is subtracted, so that no exp overflows; -inf is no number to subtract.
    largest = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)
    weights = np.exp(scores - largest)
    # The largest adds exp(0) = 1: the sum is less only in a row wholly masked, where it is 0.
    weights /= np.maximum(weights.sum(axis=-1, keepdims=True), 1)

    def vjp(grad_weights):
        mean = np.sum(grad_weights * weights, axis=-1, keepdims=True)
        return weights * (grad_weights - mean)

    return weights, vjp


def attention(queries, keys, values, mask=None, scale=None):
    """weights = softmax(scale queries keysᵀ), context = weights values; scale is 1/√d.

    queries: (..., m, d), keys: (..., n, d), values: (..., n, k), with the same leading axes; mask:
    bool, broadcast to (..., m, n), True where a query may look. Returns ((context, weights), vjp);
    context: (..., m, k), weights: (..., m, n). vjp(grad_context) returns grad_queries, grad_keys,
    grad_values. Source: Vaswani et al. (2017); without the scale, Luong, Pham and Manning (2015).
    """
    scale = queries.shape[-1] ** -0.5 if scale is None else scale
    scores = queries @ keys.swapaxes(-1, -2) * scale  # (..., m, n)
    weights, softmax_vjp = masked_softmax(scores, mask)
    context = weights @ values

    def vjp(grad_context):
        grad_values = weights.swapaxes(-1, -2) @ grad_context
        grad_scores = softmax_vjp(grad_context @ values.swapaxes(-1, -2)) * scale
        return grad_scores @ keys, grad_scores.swapaxes(-1, -2) @ queries, grad_values

    return (context, weights), vjp


class SelfAttention(Layer):
    """y = [context of each head, side by side] @ weight_o, queries = x @ weight_q, and so on.

    x, y: (batch, time, features). Each of the `heads` has features/heads columns of the queries,
    keys and values, and `attention` of its own. weight_q, weight_k, weight_v, weight_o: (features,
    features), each started as initializer(rng, features, features) says. causal: position s sees
    the positions t <= s only. mask_of: the Embedding of the same model that says where padding is;
    nobody looks at padding. After forward, `weights` holds who looked where: (batch, heads, time,
    time). ValueError unless heads divides features. Source: Vaswani et al. (2017).
    """

    needs_floats = True

    def __init__(self, features, heads, causal=False, mask_of=None, initializer=glorot_uniform):
        features = whole_number(features, "features", low=1)
        self.heads = whole_number(heads, "heads", low=1)
        if features % heads:
            raise ValueError(f"heads must divide features = {features}, got {heads}")
        self.causal = bool(causal)
        self.mask_of = an_embedding(mask_of, "mask_of")
        self.initializer = a_function(initializer, "initializer")
        names = ("weight_q", "weight_k", "weight_v", "weight_o")
        self.shapes = dict.fromkeys(names, (features, features))

    def initialize(self, rng):
        for name, shape in self.shapes.items():
            weight = finite_array(self.initializer(rng, *shape), "initializer(...)", shape)
            getattr(self, name)[...] = weight

    def output_shape(self, shape):
        return sequence_shape(shape, self, self.shapes["weight_q"][0])

    def forward(self, x, training=True):
        self.x = x
        queries, keys, values = (
            self._split(x @ weight) for weight in (self.weight_q, self.weight_k, self.weight_v)
        )
        (context, self.weights), self.vjp = attention(queries, keys, values, self._mask(x))
        self.context = self._join(context)
        return self.context @ self.weight_o

    def backward(self, grad_y, input_gradient=True):
        np.matmul(as_matrix(self.context).T, as_matrix(grad_y), out=self.grad_weight_o)
        grad_context = self._split(grad_y @ self.weight_o.T)
        grad_q, grad_k, grad_v = (self._join(grad) for grad in self.vjp(grad_context))
        x = as_matrix(self.x).T
        np.matmul(x, as_matrix(grad_q), out=self.grad_weight_q)
        np.matmul(x, as_matrix(grad_k), out=self.grad_weight_k)
        np.matmul(x, as_matrix(grad_v), out=self.grad_weight_v)
        return grad_q @ self.weight_q.T + grad_k @ self.weight_k.T + grad_v @ self.weight_v.T

    def _split(self, z):
        """(batch, time, features) -> (batch, heads, time, features/heads), a view."""
        return z.reshape(*z.shape[:2], self.heads, -1).swapaxes(1, 2)

    def _join(self, z):
        """(batch, heads, time, features/heads) -> (batch, time, features)."""
        batch, _, time, _ = z.shape
        return z.swapaxes(1, 2).reshape(batch, time, -1)

    def _mask(self, x):
        """Where a query may look: broadcast to (batch, heads, time, time), or None: everywhere."""
        time = x.shape[1]
        padding = mask_for(x, self.mask_of)
        no_padding = None if padding is None else padding[:, None, None, :]
        past = np.tril(np.ones((time, time), bool)) if self.causal else None
        if no_padding is None or past is None:
            return past if no_padding is None else no_padding
        return no_padding & past


def transformer_block(features, heads, hidden, causal=False, mask_of=None, dropout=0.0, rng=None):
    """The two layers of a Transformer, as a list: attention, and a network at each position.

    x = x + SelfAttention(LayerNorm(x)), then x = x + Linear(gelu(Linear(LayerNorm(x)))), `hidden`
    wide. x: (batch, time, features). With dropout > 0, drawn from rng, both sums drop what they
    add. Sources: Vaswani et al. (2017); the norm first, Xiong et al. (2020).
    """

    def dropped(*layers):
        return Residual(*layers, Dropout(dropout, rng)) if dropout else Residual(*layers)

    attend = SelfAttention(features, heads, causal, mask_of)
    think = [Linear(features, hidden), Activation(gelu), Linear(hidden, features)]
    return [dropped(LayerNorm(features), attend), dropped(LayerNorm(features), *think)]
