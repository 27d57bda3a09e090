"""What chapter 11 reports of pictures: clothing, digits in blocks, and transfer; some minutes.

Run it by hand, with OMP_NUM_THREADS=1; `clothing`, `digits` or `transfer` runs that part alone.
"""

import argparse

import numpy as np

from coursepkg.activations import relu
from coursepkg.augmentation import shift_images
from coursepkg.datasets import digits, fashion
from coursepkg.initializers import he_normal
from coursepkg.layers import Activation, Conv2d, Dropout, Flatten, Linear, MaxPool2d
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import AdamW
from coursepkg.schedules import cosine, warm_up
from coursepkg.training import accuracy, fit


def network(rng, *layers):
    return Sequential(layers, rng, dtype=np.float32)


def logistic(rng):
    return network(rng, Flatten(), Linear(784, 10))


def hidden(rng):
    return network(
        rng, Flatten(), Linear(784, 256, he_normal), Activation(relu), Linear(256, 10, he_normal)
    )


def hidden_with_dropout(rng):
    first = [Flatten(), Linear(784, 256, he_normal), Activation(relu), Dropout(0.3, rng)]
    return network(rng, *first, Linear(256, 10, he_normal))


def lenet(rng, filters=(6, 16), rate=None, classes=10):
    first, second = filters
    dropout = [] if rate is None else [Dropout(rate, rng)]
    look = [Conv2d(1, first, 5, padding=2), Activation(relu), MaxPool2d(2)]
    look += [Conv2d(first, second, 5), Activation(relu), MaxPool2d(2), Flatten()]
    decide = [Linear(25 * second, 120, he_normal), Activation(relu)]
    decide += [Linear(120, 84, he_normal), Activation(relu), Linear(84, classes, he_normal)]
    return network(rng, *look, *dropout, *decide)


def flips(batch, rng):
    return np.where(rng.random(len(batch))[:, None, None, None] < 0.5, batch[..., ::-1], batch)


def train(model, x, labels, rng, learning_rate, epochs, batch_size=32, augment=None):
    steps = epochs * int(np.ceil(len(x) / batch_size))
    optimizer = AdamW(model.params, model.grads, learning_rate, weight_decay=0.0)
    fit(
        model, optimizer, softmax_cross_entropy, x, labels, epochs=epochs, batch_size=batch_size,
        rng=rng, schedule=cosine(learning_rate, steps), augment=augment, progress=False,
    )  # fmt: skip
    return model


# Clothing. Name: (network, learning rate, epochs, augmentation).

CLOTHING = {
    "logistic regression": (logistic, 3e-3, 30, None),
    "one hidden layer of 256": (hidden, 3e-3, 20, None),
    "LeNet's shape": (lenet, 2e-3, 15, None),
    "16 and 32 kernels": (lambda rng: lenet(rng, (16, 32)), 2e-3, 10, None),
    "hidden layer, flips, dropout": (hidden_with_dropout, 2e-3, 30, flips),
    "16 and 32, flips, dropout": (lambda rng: lenet(rng, (16, 32), 0.3), 2e-3, 15, flips),
}


def clothing():
    """Accuracy on the test part after training on all 5,000, with three seeds."""
    (x, labels), (test_x, test_labels) = (
        (images[:, None], each)
        for images, each in (fashion(part, np.float32) for part in ("train", "test"))
    )
    print("| clothing | test accuracy, % | standard deviation |\n|---|--:|--:|")
    for name, (make, rate, epochs, augment) in CLOTHING.items():
        right = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            model = train(make(rng), x, labels, rng, rate, epochs, augment=augment)
            right.append(100 * accuracy(model.predict(test_x), test_labels))
        print(f"| {name} | {np.mean(right):.1f} | {np.std(right, ddof=1):.2f} |", flush=True)


# Digits, with the recipe of chapter 09.


def hidden_of_09(rng):
    first = [Flatten(), Linear(64, 256, he_normal), Activation(relu), Dropout(0.3, rng)]
    return network(rng, *first, Linear(256, 10, he_normal))


def two_convolutions(rng):
    look = [Conv2d(1, 16, 3, padding=1), Activation(relu), MaxPool2d(2)]
    look += [Conv2d(16, 32, 3, padding=1), Activation(relu), Flatten(), Dropout(0.3, rng)]
    return network(rng, *look, Linear(512, 10, he_normal))


def smoothed(logits, labels):
    return softmax_cross_entropy(logits, labels, label_smoothing=0.1)


def recipe(make, x, labels, epochs, seed, rate=5e-3):
    rng = np.random.default_rng(seed)
    model, steps = make(rng), epochs * int(np.ceil(len(x) / 32))
    fit(
        model, AdamW(model.params, model.grads, rate, weight_decay=0.1), smoothed, x, labels,
        epochs=epochs, batch_size=32, rng=rng, progress=False,
        schedule=warm_up(steps // 20 + 1, cosine(rate, steps)),
        augment=lambda batch, rng: shift_images(batch[:, 0], rng, 0.5)[:, None],
    )  # fmt: skip
    return model


def blocks_of_digits():
    """Errors of 1,437 in five blocks, at random and in the order of the file, with three seeds."""
    images, labels = digits()
    x = images.astype(np.float32)[:, None]
    known = np.random.default_rng(9).permutation(1797)[360:]  # chapter 09 tests on the others
    orders = {"random": np.random.default_rng(10).permutation(known), "file": np.sort(known)}
    print("| digits | errors of 1,437, seeds 0 to 2 |\n|---|---|")
    for name, order in orders.items():
        for make in (hidden_of_09, two_convolutions):
            counts = []
            for seed in range(3):
                wrong = 0
                for block in np.array_split(order, 5):
                    others = np.setdiff1d(order, block)
                    model = recipe(make, x[others], labels[others], 30, seed)
                    wrong += np.sum(model.predict(x[block]).argmax(axis=1) != labels[block])
                counts.append(str(wrong))
            print(f"| {make.__name__}, blocks: {name} | {', '.join(counts)} |", flush=True)


# Transfer: five old classes with 500 pictures each, five new ones with a few.

FIVE = np.arange(5)


def lenet_of_five(rng):
    """Its dropout drops nothing, but draws: the figures in the chapter came from these draws."""
    return lenet(rng, rate=0.0, classes=5)


def noisy(pictures, rng, sigma):
    return pictures + sigma * rng.standard_normal(pictures.shape, dtype=np.float32)


def accuracy_on(model, pictures):
    """pictures: (n, 5, 1, 28, 28), one of each class in a row."""
    return accuracy(model.predict(pictures.reshape(-1, 1, 28, 28)), np.tile(FIVE, len(pictures)))


def learn(model, few, rng, learning_rate, steps, augment):
    batch_size = min(25, 5 * len(few))
    epochs = int(np.ceil(steps * batch_size / (5 * len(few))))
    x, labels = few.reshape(-1, 1, 28, 28), np.tile(FIVE, len(few))
    return train(model, x, labels, rng, learning_rate, epochs, batch_size, augment)


def reused(learned, seed):
    """Its features, under a new last layer."""
    model = lenet_of_five(np.random.default_rng(seed))
    start = model.layers[-1].weight.copy()
    model.load_state(learned.state())
    model.layers[-1].weight[...], model.layers[-1].bias[...] = start, 0
    return model


def probe(model, few, others, rng):
    """A linear classifier on features that stay as they are."""
    both = []
    for pictures in (few, others):
        z = pictures.reshape(-1, 1, 28, 28)
        for layer in model.layers[:7]:
            z = layer.forward(z, training=False)
        both.append(z)
    mean, scale = both[0].mean(axis=0), both[0].std(axis=0) + 0.1 * both[0].std()
    x, other_x = ((each - mean) / scale for each in both)
    last = network(rng, Linear(400, 5))
    epochs = max(1, 100 * min(25, len(x)) // len(x))
    train(last, x, np.tile(FIVE, len(few)), rng, 1e-2, epochs, 25)
    return accuracy(last.predict(other_x), np.tile(FIVE, len(others)))


def draw(grid, seed, per_class, sigma):
    """{way to start: accuracy on the new classes} for one choice of classes and pictures."""
    rng = np.random.default_rng(seed)
    pictures = noisy(grid, rng, sigma) if sigma else grid
    new, old = np.split(rng.permutation(10), 2)
    x = pictures[:, old].reshape(-1, 1, 28, 28)
    learned = train(lenet_of_five(rng), x, np.tile(FIVE, 500), rng, 2e-3, 3)
    chosen = rng.choice(np.arange(100, 500), per_class, replace=False)
    others, few = pictures[:100, new], pictures[chosen][:, new]
    again = (lambda batch, rng: noisy(batch, rng, sigma / 2)) if sigma else None
    steps = 300 if sigma else 100
    fresh, untrained = (lenet_of_five(np.random.default_rng(seed + more)) for more in (1, 2))
    return {
        "scratch": accuracy_on(learn(fresh, few, rng, 2e-3, steps, again), others),
        "learned features kept": probe(learned, few, others, rng),
        "random features kept": probe(untrained, few, others, rng),
        "everything trained on": accuracy_on(
            learn(reused(learned, seed + 3), few, rng, 1e-3, steps, again), others
        ),
    }


def transfer():
    grid = fashion("train", np.float32)[0].reshape(500, 10, 1, 28, 28)
    print("| pictures a class, noise, start | accuracy, % | minus scratch |\n|---|--:|--:|")
    for per_class, sigma in ((10, 0.0), (1, 1.0), (3, 1.0)):
        draws = [draw(grid, seed, per_class, sigma) for seed in range(200, 210)]
        scratch = 100 * np.array([each["scratch"] for each in draws])
        for name in draws[0]:
            share = 100 * np.array([each[name] for each in draws])
            gain, error = (share - scratch).mean(), (share - scratch).std(ddof=1) / 10**0.5
            row = f"{per_class}, {sigma:g}, {name} | {share.mean():.1f}"
            print(f"| {row} | {gain:+.1f} ± {error:.1f} |", flush=True)


PARTS = {"clothing": clothing, "digits": blocks_of_digits, "transfer": transfer}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], default=[])
    for part in parser.parse_args().part or PARTS:
        PARTS[part]()
