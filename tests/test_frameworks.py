"""The same numbers as PyTorch: layers, losses, whole networks, and optimizers over many steps.

`make frameworks` installs PyTorch. Without it these tests are skipped, in CI they fail.
"""

import numpy as np
import pytest

from coursepkg.activations import gelu, leaky_relu, relu, sigmoid, softplus, tanh
from coursepkg.layers import (
    GRU,
    LSTM,
    RNN,
    Activation,
    BatchNorm,
    Conv2d,
    Embedding,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
    Residual,
    SelfAttention,
    transformer_block,
)
from coursepkg.layers.base import shape_after
from coursepkg.losses import (
    binary_cross_entropy,
    mean_squared_error,
    sequence_cross_entropy,
    softmax_cross_entropy,
)
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSprop
from coursepkg.training import clip_by_global_norm


def tensor(torch, array, grad=False):
    return torch.tensor(np.array(array), requires_grad=grad)


def close(ours, theirs, rel=1e-9):
    """Equal to 1e-9 of the largest number; single elements may be differences that cancel."""
    theirs = theirs.detach().numpy()
    assert np.shape(ours) == theirs.shape
    assert np.abs(ours - theirs).max() <= rel * np.abs(theirs).max()
    assert np.abs(theirs).max() > 0


ACTIVATIONS = {
    sigmoid: "Sigmoid", tanh: "Tanh", relu: "ReLU", leaky_relu: "LeakyReLU", softplus: "Softplus",
}  # fmt: skip


def twin(torch, layers):
    """The same layers in PyTorch, with copies of the numbers; its weights are (fan_out, fan_in)."""
    made = []
    for layer in layers:
        if isinstance(layer, Linear):
            module = torch.nn.Linear(*layer.weight.shape, dtype=torch.float64)
            module.weight.data = tensor(torch, layer.weight.T)
            module.bias.data = tensor(torch, layer.bias)
        elif isinstance(layer, BatchNorm):
            module = torch.nn.BatchNorm1d(len(layer.gamma), dtype=torch.float64)
            module.weight.data = tensor(torch, layer.gamma)
            module.bias.data = tensor(torch, layer.beta)
        elif isinstance(layer, Conv2d):
            out_channels, in_channels, kernel, _ = layer.weight.shape
            options = {"stride": layer.stride, "padding": layer.padding, "dtype": torch.float64}
            module = torch.nn.Conv2d(in_channels, out_channels, kernel, **options)
            module.weight.data = tensor(torch, layer.weight)
            module.bias.data = tensor(torch, layer.bias)
        elif isinstance(layer, LayerNorm):
            module = torch.nn.LayerNorm(len(layer.gamma), dtype=torch.float64)
            module.weight.data = tensor(torch, layer.gamma)
            module.bias.data = tensor(torch, layer.beta)
        elif isinstance(layer, MaxPool2d):
            module = torch.nn.MaxPool2d(layer.size, layer.stride)
        elif isinstance(layer, Flatten):
            module = torch.nn.Flatten()
        elif isinstance(layer, Residual):
            module = residual(torch, twin(torch, layer.layers))
        else:
            module = getattr(torch.nn, ACTIVATIONS[layer.function])()
        made.append(module)
    return torch.nn.Sequential(*made)


def residual(torch, inner):
    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return x + self.inner(x)

    return Module()


def gradients(torch, module):
    """All gradients of the PyTorch network as one vector, in our order and our shapes."""
    return torch.cat([(p.grad.T if p.ndim == 2 else p.grad).ravel() for p in module.parameters()])


def network(seed, classes=4):
    rng = np.random.default_rng(seed)
    layers = [
        Linear(3, 6), BatchNorm(6), Activation(tanh), Residual(Linear(6, 6), Activation(softplus)),
        Linear(6, 5), Activation(leaky_relu), Linear(5, 5), Activation(relu),
        Linear(5, 5), Activation(sigmoid), Linear(5, classes),
    ]  # fmt: skip
    model = Sequential(layers, rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)  # biases, gamma, beta, too
    return model, rng


def losses(torch, kind, rng, batch, classes):
    functional = torch.nn.functional
    if kind == "mse":
        targets = rng.standard_normal((batch, classes))
        return mean_squared_error, targets, functional.mse_loss
    if kind == "bce":
        targets = rng.random((batch, classes))
        return binary_cross_entropy, targets, functional.binary_cross_entropy_with_logits
    smoothing = 0.1 if kind == "smoothed" else 0.0
    return (
        lambda logits, labels: softmax_cross_entropy(logits, labels, smoothing),
        rng.integers(0, classes, batch),
        lambda logits, labels: functional.cross_entropy(logits, labels, label_smoothing=smoothing),
    )


@pytest.mark.parametrize("kind", ["mse", "bce", "softmax", "smoothed"])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("training", [True, False])
def test_a_network_of_every_layer_has_the_same_loss_and_gradients(kind, seed, training, torch):
    model, rng = network(seed)
    module = twin(torch, model.layers).train()
    for _ in range(3):  # so that the running statistics are worth comparing
        x = rng.normal(1, 2, size=(8, 3))
        model.forward(x)
        module(tensor(torch, x))
    module.train(training)
    loss, targets, their_loss = losses(torch, kind, rng, 8, 4)

    outputs = model.forward(x, training)
    value, vjp = loss(outputs, targets)
    grad_x = model.backward(vjp(), input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    their_outputs = module(their_x)
    their_value = their_loss(their_outputs, tensor(torch, targets))
    their_value.backward()
    close(outputs, their_outputs)
    close(value, their_value)
    close(model.grads, gradients(torch, module))
    close(grad_x, their_x.grad)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size", "apart"),
    [(5, 1, 2, 2, 2), (3, 2, 1, 3, 1), (4, 3, 0, 2, 1), (2, 1, 1, 3, 2)],
)
def test_a_network_that_looks_at_pictures(kernel, stride, padding, size, apart, seed, torch):
    """Windows that overlap, odd sizes, strides that leave a rest."""
    rng = np.random.default_rng(seed)
    x, labels = rng.standard_normal((4, 2, 15, 13)), rng.integers(0, 4, 4)
    layers = [
        Conv2d(2, 3, kernel, stride, padding), Activation(relu), MaxPool2d(size, apart),
        Conv2d(3, 5, 2), Activation(tanh), Flatten(),
    ]  # fmt: skip
    _, features = shape_after(layers, x.shape)
    model = Sequential([*layers, Linear(features, 4)], rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)
    module = twin(torch, model.layers)

    outputs = model.forward(x)
    value, vjp = softmax_cross_entropy(outputs, labels)
    grad_x = model.backward(vjp(), input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    their_outputs = module(their_x)
    their_value = torch.nn.functional.cross_entropy(their_outputs, tensor(torch, labels))
    their_value.backward()
    close(outputs, their_outputs)
    close(value, their_value)
    close(model.grads, gradients(torch, module))
    close(grad_x, their_x.grad)


def recurrent_twin(torch, layer):
    """The same recurrent layer in PyTorch, which has the rows of its weights in the order i, f, g,
    o, and two biases that add, but for the candidate of a GRU."""
    fan_in, hidden = len(layer.weight_x), layer.hidden
    options = {"nonlinearity": layer.activation.__name__} if isinstance(layer, RNN) else {}
    made = getattr(torch.nn, type(layer).__name__)
    module = made(fan_in, hidden, batch_first=True, dtype=torch.float64, **options)
    bias_h = np.zeros_like(layer.bias)
    if isinstance(layer, GRU):
        bias_h[2 * hidden :] = layer.bias_h
    ours = {
        "weight_ih_l0": layer.weight_x.T, "weight_hh_l0": layer.weight_h.T,
        "bias_ih_l0": layer.bias, "bias_hh_l0": bias_h,
    }  # fmt: skip
    for name, array in ours.items():
        getattr(module, name).data = tensor(torch, in_their_order(layer, array))
    return module


def in_their_order(layer, array):
    if not isinstance(layer, LSTM):
        return array
    i, f, o, g = np.split(array, 4)
    return np.concatenate([i, f, g, o])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("options", [(RNN, tanh), (RNN, relu), (LSTM,), (GRU,)])
def test_a_recurrent_layer(options, seed, torch):
    cell, *activation = options
    rng = np.random.default_rng(seed)
    layer = cell(3, 5, None, *activation)
    model = Sequential([layer], rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)
    module = recurrent_twin(torch, layer)
    x, targets = rng.standard_normal((4, 7, 3)), rng.standard_normal((4, 7, 5))

    h = model.forward(x)
    value, vjp = mean_squared_error(h, targets)
    grad_x = model.backward(vjp(), input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    their_h, _ = module(their_x)
    torch.nn.functional.mse_loss(their_h, tensor(torch, targets)).backward()
    close(h, their_h)
    close(grad_x, their_x.grad)
    for ours, theirs in (("weight_x", "weight_ih"), ("weight_h", "weight_hh"), ("bias", "bias_ih")):
        grad = in_their_order(layer, getattr(layer, "grad_" + ours).T)
        close(grad, getattr(module, theirs + "_l0").grad)
    if cell is GRU:
        close(layer.grad_bias_h, module.bias_hh_l0.grad[10:])


def test_a_recurrent_layer_with_padding(torch):
    """PyTorch packs sequences of several lengths; its last state is our last column."""
    rng = np.random.default_rng(0)
    lengths = [6, 4, 1]
    ids = np.where(np.arange(6) < np.array(lengths)[:, None], rng.integers(1, 9, (3, 6)), 0)
    words = Embedding(9, 3, padding=0)
    layer = LSTM(3, 5, mask_of=words)
    model = Sequential([words, layer], rng)
    module, grad_h = recurrent_twin(torch, layer), np.zeros((3, 6, 5))
    table = torch.nn.Embedding(9, 3, padding_idx=0, dtype=torch.float64)
    table.weight.data = tensor(torch, words.weight)
    grad_h[:, -1] = rng.standard_normal((3, 5))

    h = model.forward(ids)
    model.backward(grad_h)

    packed = torch.nn.utils.rnn.pack_padded_sequence(
        table(tensor(torch, ids)), lengths, batch_first=True
    )
    _, (last, _) = module(packed)
    (last[0] * tensor(torch, grad_h[:, -1])).sum().backward()
    close(h[:, -1], last[0])
    close(words.grad_weight, table.weight.grad)
    close(in_their_order(layer, layer.grad_weight_h.T), module.weight_hh_l0.grad)
    close(in_their_order(layer, layer.grad_weight_x.T), module.weight_ih_l0.grad)


def attention_twin(torch, layer):
    """Theirs holds the three weights in one, as rows."""
    features = len(layer.weight_q)
    module = torch.nn.MultiheadAttention(
        features, layer.heads, bias=False, batch_first=True, dtype=torch.float64
    )
    inward = np.concatenate([layer.weight_q, layer.weight_k, layer.weight_v], axis=1).T
    module.in_proj_weight.data = tensor(torch, inward)
    module.out_proj.weight.data = tensor(torch, layer.weight_o.T)
    return module


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("features", "heads"), [(6, 3), (5, 1)])
def test_self_attention(features, heads, padded, causal, torch):
    rng = np.random.default_rng(0)
    mask = np.arange(7) < np.array([7, 4, 1])[:, None] if padded else np.ones((3, 7), bool)
    words = Embedding(9, features, padding=0)
    words.mask = mask
    layer = SelfAttention(features, heads, causal, mask_of=words)
    model = Sequential([layer], rng)
    module = attention_twin(torch, layer)
    x, grad_y = rng.standard_normal((2, 3, 7, features))

    y = model.forward(x)
    grad_x = model.backward(grad_y, input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    later = tensor(torch, np.triu(np.ones((7, 7), bool), 1)) if causal else None
    their_y, their_weights = module(
        their_x, their_x, their_x, key_padding_mask=tensor(torch, ~mask), attn_mask=later,
        average_attn_weights=False,
    )  # fmt: skip
    their_y.backward(tensor(torch, grad_y))
    close(y, their_y)
    close(layer.weights, their_weights)
    close(grad_x, their_x.grad)
    ours = np.concatenate([layer.grad_weight_q, layer.grad_weight_k, layer.grad_weight_v], axis=1)
    close(ours.T, module.in_proj_weight.grad)
    close(layer.grad_weight_o.T, module.out_proj.weight.grad)


@pytest.mark.parametrize("causal", [False, True])
def test_a_transformer_block(causal, torch):
    """Theirs has biases around its attention, which are set to zero here."""
    rng = np.random.default_rng(1)
    attend, think = layers = transformer_block(6, 2, 9, causal)
    model = Sequential(layers, rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)
    module = torch.nn.TransformerEncoderLayer(
        6, 2, 9, dropout=0.0, norm_first=True, batch_first=True, dtype=torch.float64,
        activation=torch.nn.GELU(approximate="tanh"),
    )  # fmt: skip
    own = attention_twin(torch, attend.layers[1])
    module.self_attn.in_proj_weight, module.self_attn.out_proj.weight = (
        own.in_proj_weight, own.out_proj.weight,
    )  # fmt: skip
    torch.nn.init.zeros_(module.self_attn.in_proj_bias)
    torch.nn.init.zeros_(module.self_attn.out_proj.bias)
    (module.norm1,) = twin(torch, attend.layers[:1])
    module.norm2, module.linear1, module.linear2 = twin(
        torch, [layer for layer in think.layers if layer.shapes]
    )
    x, grad_y = rng.standard_normal((2, 3, 5, 6))

    y = model.forward(x)
    grad_x = model.backward(grad_y, input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    later = tensor(torch, np.triu(np.ones((5, 5), bool), 1)) if causal else None
    their_y = module(their_x, src_mask=later)
    their_y.backward(tensor(torch, grad_y))
    close(y, their_y)
    close(grad_x, their_x.grad)
    close(think.layers[1].grad_weight.T, module.linear1.weight.grad)
    close(attend.layers[0].grad_gamma, module.norm1.weight.grad)
    close(attend.layers[1].grad_weight_o.T, module.self_attn.out_proj.weight.grad)


def test_gelu_and_layer_norm(torch, rng):
    z, grad_a = rng.normal(0, 3, (2, 4, 50))
    a, vjp = gelu(z)
    their_z = tensor(torch, z, grad=True)
    their_a = torch.nn.functional.gelu(their_z, approximate="tanh")
    their_a.backward(tensor(torch, grad_a))
    close(a, their_a)
    close(vjp(grad_a), their_z.grad)
    model = Sequential([LayerNorm(50)], rng)
    model.params += rng.standard_normal(100)
    (module,) = twin(torch, model.layers)
    their_z = tensor(torch, z, grad=True)
    their_y = module(their_z)
    their_y.backward(tensor(torch, grad_a))
    close(model.forward(z), their_y)
    close(model.backward(grad_a, input_gradient=True), their_z.grad)
    close(model.grads, gradients(torch, module))


@pytest.mark.parametrize("ignore", [None, 2, -100])
def test_the_cross_entropy_of_sequences(ignore, torch, rng):
    logits, labels = rng.normal(0, 2, (3, 5, 4)), rng.integers(0, 4, (3, 5))
    if ignore == -100:
        labels[1, 2:] = -100
    loss, vjp = sequence_cross_entropy(logits, labels, ignore)
    their_logits = tensor(torch, logits, grad=True)
    options = {} if ignore is None else {"ignore_index": ignore}
    their_loss = torch.nn.functional.cross_entropy(
        their_logits.swapaxes(1, 2), tensor(torch, labels), **options
    )
    their_loss.backward()
    close(loss, their_loss)
    close(vjp(), their_logits.grad)


@pytest.mark.parametrize("padding", [None, 3])
def test_an_embedding(padding, torch, rng):
    layer, ids = Embedding(8, 5, padding), rng.integers(0, 8, (4, 6))
    model = Sequential([layer], rng)
    table = torch.nn.Embedding(8, 5, padding_idx=padding, dtype=torch.float64)
    table.weight.data = tensor(torch, layer.weight)
    y, grad_y = model.forward(ids), rng.standard_normal((4, 6, 5))
    model.backward(grad_y)
    their_y = table(tensor(torch, ids))
    their_y.backward(tensor(torch, grad_y))
    close(y, their_y)
    close(layer.grad_weight, table.weight.grad)


@pytest.mark.parametrize("front", [(), (7,), (2, 5), (2, 3, 4)])
def test_axes_in_front_of_the_last_are_treated_alike(front, torch):
    rng = np.random.default_rng(0)
    layers = [Linear(3, 6), Activation(tanh), Residual(Linear(6, 6), Activation(softplus)),
              Linear(6, 4)]  # fmt: skip
    model = Sequential(layers, rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)
    module = twin(torch, model.layers)
    x, targets = rng.standard_normal((*front, 3)), rng.standard_normal((*front, 4))

    value, vjp = mean_squared_error(model.forward(x), targets)
    grad_x = model.backward(vjp(), input_gradient=True)

    their_x = tensor(torch, x, grad=True)
    their_value = torch.nn.functional.mse_loss(module(their_x), tensor(torch, targets))
    their_value.backward()
    close(value, their_value)
    close(model.grads, gradients(torch, module))
    close(grad_x, their_x.grad)


def test_the_running_statistics_are_the_same(torch):
    model, rng = network(0)
    module = twin(torch, model.layers).train()
    for batch in (8, 5, 3):
        x = rng.normal(1, 2, size=(batch, 3))
        model.forward(x)
        module(tensor(torch, x))
    buffers = model.layers[1].buffers
    close(buffers["running_mean"], module[1].running_mean)
    close(buffers["running_var"], module[1].running_var)


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_extreme_logits_give_the_same(size, torch):
    logits = size * np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, 0.3]])
    labels = np.array([1, 1])
    for loss, targets, their_loss in (
        (softmax_cross_entropy, labels, torch.nn.functional.cross_entropy),
        (binary_cross_entropy, np.eye(3)[labels],
         torch.nn.functional.binary_cross_entropy_with_logits),
    ):  # fmt: skip
        theirs = tensor(torch, logits, grad=True)
        their_value = their_loss(theirs, tensor(torch, targets))
        their_value.backward()
        value, vjp = loss(logits, targets)
        close(value, their_value)
        close(vjp(), theirs.grad)


OPTIMIZERS = [
    (SGD, {}, "SGD", {}),
    (Momentum, {"momentum": 0.8}, "SGD", {"momentum": 0.8}),
    (Nesterov, {"momentum": 0.8}, "SGD", {"momentum": 0.8, "nesterov": True}),
    (AdaGrad, {}, "Adagrad", {}),
    (AdaGrad, {"eps": 1e-3}, "Adagrad", {"eps": 1e-3}),
    (RMSprop, {"rho": 0.99}, "RMSprop", {}),
    (RMSprop, {"rho": 0.9, "eps": 1e-3}, "RMSprop", {"alpha": 0.9, "eps": 1e-3}),
    (Adam, {}, "Adam", {}),
    (Adam, {"beta1": 0.7, "beta2": 0.9, "eps": 1e-3}, "Adam", {"betas": (0.7, 0.9), "eps": 1e-3}),
    (AdamW, {}, "AdamW", {}),
    (AdamW, {"weight_decay": 0.3, "beta1": 0.7}, "AdamW",
     {"weight_decay": 0.3, "betas": (0.7, 0.999)}),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "options", "theirs", "their_options"), OPTIMIZERS)
def test_an_optimizer_steps_as_theirs_for_a_hundred_steps(
    ours, options, theirs, their_options, torch, rng
):
    start = rng.standard_normal(20)
    params, grads = start.copy(), np.empty(20)
    optimizer = ours(params, grads, learning_rate=0.05, **options)
    their_params = tensor(torch, start, grad=True)
    their_optimizer = getattr(torch.optim, theirs)([their_params], lr=0.05, **their_options)
    for step in range(100):
        grads[...] = rng.standard_normal(20) * 10.0 ** rng.integers(-6, 3, 20)
        if step == 50:  # as a schedule would
            optimizer.learning_rate = their_optimizer.param_groups[0]["lr"] = 0.01
        optimizer.step()
        their_params.grad = tensor(torch, grads)
        their_optimizer.step()
        close(params, their_params)


def test_clipping_is_theirs_but_for_their_small_number(torch, rng):
    grads = 10 * rng.standard_normal(30)
    theirs = tensor(torch, np.zeros(30), grad=True)
    theirs.grad = tensor(torch, grads)
    norm = clip_by_global_norm(grads, 2.0)
    their_norm = torch.nn.utils.clip_grad_norm_([theirs], 2.0)
    close(norm, their_norm)
    close(grads, theirs.grad, rel=1e-7)  # PyTorch adds 1e-6 to the norm it divides by


def test_a_training_of_a_hundred_steps_goes_the_same_way(torch):
    """Everything at once: forward, loss, backward and Adam, each step fed by the one before."""
    model, rng = network(3)
    module = twin(torch, model.layers)
    optimizer = Adam(model.params, model.grads, learning_rate=0.03)
    their_optimizer = torch.optim.Adam(module.parameters(), lr=0.03)
    x, labels, first = rng.standard_normal((32, 3)), rng.integers(0, 4, 32), None
    for _ in range(100):
        value, vjp = softmax_cross_entropy(model.forward(x), labels)
        first = first or value
        model.backward(vjp())
        optimizer.step()
        their_optimizer.zero_grad()
        their_value = torch.nn.functional.cross_entropy(
            module(tensor(torch, x)), tensor(torch, labels)
        )
        their_value.backward()
        their_optimizer.step()
        close(value, their_value, rel=1e-9)
    assert value < 0.8 * first
