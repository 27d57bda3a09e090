"""The settings of chapter 09 on MNIST itself: test accuracy, its uncertainty, and the time it took.

    python benchmarks/mnist.py FOLDER          the files of MNIST are in FOLDER
    python benchmarks/mnist.py --download      downloads them once into the user's cache

Trains on the 60,000 images of the training part and counts the errors on the 10,000 of the test
part. If FOLDER has the test part only, its first 8,000 images train and its last 2,000 test.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from coursepkg.activations import relu
from coursepkg.augmentation import shift_images
from coursepkg.datasets import mnist
from coursepkg.initializers import he_normal
from coursepkg.layers import Activation, Dropout, Linear
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import AdamW
from coursepkg.schedules import cosine, warm_up
from coursepkg.training import accuracy, fit


def load(folder):
    """The training set and the test set, each (images, labels)."""
    options = {"folder": folder, "dtype": np.float32}
    images, labels = mnist("test", **options)
    if folder is None or list(Path(folder).glob("train-*")):
        return mnist("train", **options), (images, labels)
    print("There is no training part: 8,000 images of the test part train, 2,000 test.")
    return (images[:8000], labels[:8000]), (images[8000:], labels[8000:])


def network(rng):
    layers = [Linear(784, 512, he_normal), Activation(relu), Dropout(0.3, rng)]
    layers += [Linear(512, 10, he_normal)]
    return Sequential(layers, rng, dtype=np.float32)


def loss(logits, labels):
    return softmax_cross_entropy(logits, labels, label_smoothing=0.1)


def augment(x, rng):
    return shift_images(x.reshape(-1, 28, 28), rng, reach=1.5).reshape(x.shape)


def train(images, labels, epochs, seed):
    rng = np.random.default_rng(seed)
    model = network(rng)
    optimizer = AdamW(model.params, model.grads, learning_rate=3e-3, weight_decay=0.1)
    steps = epochs * -(-len(images) // 128)
    fit(
        model, optimizer, loss, images.reshape(-1, 784), labels, epochs=epochs, batch_size=128,
        rng=rng, schedule=warm_up(steps // 20 + 1, cosine(3e-3, steps)), augment=augment,
    )  # fmt: skip
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", nargs="?", help="where the files of MNIST are")
    source.add_argument("--download", action="store_true", help="fetch them once")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    (images, labels), (test_images, test_labels) = load(arguments.folder)
    start = time.perf_counter()
    model = train(images, labels, arguments.epochs, arguments.seed)
    seconds = time.perf_counter() - start
    share = accuracy(model.predict(test_images.reshape(-1, 784)), test_labels)
    spread = np.sqrt(share * (1 - share) / len(test_labels))
    print(
        f"{len(images):,} images, {arguments.epochs} epochs, {seconds:.0f} s: {share:.2%} of "
        f"{len(test_labels):,} test images right, standard error {spread:.2%}"
    )


if __name__ == "__main__":
    main()
