"""The training step of `step_numpy.py` by PyTorch, eager, and its matrix products alone."""

import numpy as np
import torch
from step_numpy import LEARNING_RATE, NumPyProducts, parts

torch.set_num_threads(1)


class PyTorch:
    """Eager, as its tutorials have it."""

    def __init__(self, sizes, x, labels, rule, params):
        self.loss = torch.nn.functional.cross_entropy
        self.x, self.labels = torch.tensor(x), torch.tensor(labels)
        fan_in, hidden, classes = sizes
        first, second = torch.nn.Linear(fan_in, hidden), torch.nn.Linear(hidden, classes)
        self.module = torch.nn.Sequential(first, torch.nn.ReLU(), second).to(self.x.dtype)
        with torch.no_grad():
            for own, part in zip(self.module.parameters(), parts(params, sizes), strict=True):
                own.copy_(torch.tensor(part.T))  # PyTorch holds (fan_out, fan_in)
        self.optimizer = getattr(torch.optim, rule)(self.module.parameters(), lr=LEARNING_RATE)

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss(self.module(self.x), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def params(self):
        return np.concatenate([p.detach().numpy().T.ravel() for p in self.module.parameters()])


class TorchProducts(NumPyProducts):
    """With weights of shape (fan_out, fan_in), as PyTorch has them."""

    def __init__(self, sizes, x, labels, rule, params):
        weight1, _, weight2, _ = (torch.tensor(part.T.copy()) for part in parts(params, sizes))
        x = torch.tensor(x)
        hidden, logits = x @ weight1.T, x @ weight1.T @ weight2.T
        self.pairs = [(x, weight1.T), (hidden, weight2.T),
                      (logits.T, hidden), (logits, weight2), (hidden.T, x)]  # fmt: skip
