"""Right answers to exercises 03 in other styles, and the mutants that are right as well."""

import numpy as np


def weight_gradient__mean(w, x, targets):
    return np.mean(2 * (w * x - targets) * x)


def weight_gradient__loop(w, x, targets):
    total = 0.0
    for number, target in zip(x, targets, strict=True):
        total += 2 * (w * number - target) * number
    return total / len(x)


def weight_gradient__through_the_goal(w, x, targets):
    """The curvature times the distance from the best weight."""
    return 2 * np.mean(x * x) * (w - np.sum(x * targets) / np.sum(x * x))


def weight_gradient__product(w, x, targets):
    return float(2 * (w * (x @ x) - x @ targets) / x.shape[0])


def weight_gradient__float32(w, x, targets):
    x, targets = x.astype(np.float32), targets.astype(np.float32)
    return np.einsum("i,i->", w * x - targets, x) * np.float32(2 / len(x))


def descent_step__add_negative(params, grads, learning_rate):
    return np.add(params, -learning_rate * grads)


def descent_step__copy(params, grads, learning_rate):
    new = params.copy()
    new -= learning_rate * grads
    return new


def descent_step__loop(params, grads, learning_rate):
    new = np.zeros_like(params)
    for place in np.ndindex(params.shape):
        new[place] = params[place] - learning_rate * grads[place]
    return new


def descent_step__float32(params, grads, learning_rate):
    return params.astype(np.float32) - np.float32(learning_rate) * grads.astype(np.float32)


def line_gradient__loop(params, x, targets):
    grad_z, grad_w, grad_b = np.zeros(len(x)), 0.0, 0.0
    for i in range(len(x)):
        grad_z[i] = 2 * (params[0] * x[i] + params[1] - targets[i]) / len(x)
        grad_w += grad_z[i] * x[i]
        grad_b += grad_z[i]
    return grad_z, grad_w, grad_b


def line_gradient__means(params, x, targets):
    twice = 2 * (params[0] * x + params[1] - targets)
    return twice / len(x), np.mean(twice * x), twice.mean()


def line_gradient__columns(params, x, targets):
    columns = np.stack([x, np.ones_like(x)], axis=1)
    grad_z = (columns @ params - targets) * 2 / x.size
    return grad_z, *(columns.T @ grad_z)


def line_gradient__float32(params, x, targets):
    w, b = params.astype(np.float32)
    x, targets = x.astype(np.float32), targets.astype(np.float32)
    grad_z = 2 * (w * x + b - targets) / x.size
    return [grad_z, grad_z.dot(x), grad_z.sum()]


def train_line__array(params, x, targets, learning_rate, steps):
    path = np.zeros((steps + 1, 2))
    path[0] = params
    for step in range(steps):
        residual = path[step, 0] * x + path[step, 1] - targets
        path[step + 1, 0] = path[step, 0] - learning_rate * 2 * np.mean(residual * x)
        path[step + 1, 1] = path[step, 1] - learning_rate * 2 * np.mean(residual)
    return path


def train_line__in_place_on_a_copy(params, x, targets, learning_rate, steps):
    params, grads = params.copy(), np.zeros(2)
    path = [params.copy()]
    while len(path) <= steps:
        grad_z = 2 * (params[0] * x + params[1] - targets) / len(targets)
        grads[:] = np.sum(grad_z * x), np.sum(grad_z)
        params -= learning_rate * grads
        path.append(params.copy())
    return np.stack(path)


def train_line__two_numbers(params, x, targets, learning_rate, steps):
    w, b = params
    path = [[w, b]]
    for _ in range(steps):
        residual = w * x + b - targets
        w, b = (
            w - learning_rate * 2 * (residual @ x) / x.size,
            b - learning_rate * 2 * residual.mean(),
        )
        path.append([w, b])
    return np.array(path)


def train_line__matrix(params, x, targets, learning_rate, steps):
    """A step is the same linear function each time."""
    columns = np.column_stack([x, np.ones(len(x))])
    factor = np.eye(2) - 2 * learning_rate / len(x) * columns.T @ columns
    shift = 2 * learning_rate / len(x) * columns.T @ targets
    path = params[None, :]
    for _ in range(steps):
        path = np.vstack([path, factor @ path[-1] + shift])
    return path


def learning_rates__products(x):
    curvature = 2 * (x @ x) / len(x)
    return curvature, 1 / curvature, 2 / curvature


def learning_rates__loop(x):
    total = 0.0
    for number in x:
        total += float(number) ** 2
    edge = len(x) / total
    return 2 * total / len(x), edge / 2, edge


def learning_rates__mean_and_spread(x):
    curvature = 2 * (np.var(x) + x.mean() ** 2)
    return [curvature, curvature**-1, 2 * curvature**-1]


def learning_rates__float32(x):
    curvature = 2 * np.mean(np.square(x.astype(np.float32)))
    return curvature, 1 / curvature, 2 / curvature


def standardize__by_hand(x, new):
    mean = np.sum(x) / len(x)
    std = np.sqrt(np.sum((x - mean) ** 2) / len(x))
    return (x - mean) / std, (new - mean) / std


def standardize__together(x, new):
    both = (np.concatenate([x, new]) - x.mean()) / x.std()
    return both[: len(x)], both[len(x) :]


def standardize__function(x, new):
    def scaled(values):
        return (values - np.mean(x)) * np.var(x) ** -0.5

    return scaled(x), scaled(new)


def standardize__loop(x, new):
    mean, std = sum(x) / len(x), np.std(x)
    return np.array([(v - mean) / std for v in x]), np.array([(v - mean) / std for v in new])


def standardize__float32(x, new):
    x, new = x.astype(np.float32), new.astype(np.float32)
    return [(x - x.mean()) / x.std(), (new - x.mean()) / x.std()]


def train_epoch__split(params, x, targets, learning_rate, batch_size, order):
    w, b = params
    for batch in np.split(order, range(batch_size, len(order), batch_size)):
        residual = w * x[batch] + b - targets[batch]
        grad_w, grad_b = 2 * np.mean(residual * x[batch]), 2 * np.mean(residual)
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return np.array([w, b])


def train_epoch__loop_over_samples(params, x, targets, learning_rate, batch_size, order):
    params, grads, count = params.copy(), np.zeros(2), 0
    for place, i in enumerate(order):
        residual = params[0] * x[i] + params[1] - targets[i]
        grads += 2 * residual * np.array([x[i], 1.0])
        count += 1
        if count == batch_size or place == len(order) - 1:
            params -= learning_rate * grads / count
            grads, count = np.zeros(2), 0
    return params


def train_epoch__shuffled_columns(params, x, targets, learning_rate, batch_size, order):
    columns, targets = np.stack([x, np.ones(len(x))], axis=1)[order], targets[order]
    while len(columns):
        part, goal = columns[:batch_size], targets[:batch_size]
        columns, targets = columns[batch_size:], targets[batch_size:]
        params = params - learning_rate * 2 * np.mean(
            (part @ params - goal)[:, None] * part, axis=0
        )
    return params


def train_epoch__float32(params, x, targets, learning_rate, batch_size, order):
    params, x, targets = (each.astype(np.float32) for each in (params, x[order], targets[order]))
    for start in range(0, len(x), batch_size):
        part = slice(start, start + batch_size)
        residual = params[0] * x[part] + params[1] - targets[part]
        share = np.float32(2 * learning_rate / len(residual))
        params = params - share * np.array([residual @ x[part], residual.sum()])
    return params


def valley__eigenvalues(x):
    flattest, steepest = np.linalg.eigvalsh([[np.mean(x * x), x.mean()], [x.mean(), 1.0]])
    return 2 * steepest, 2 * flattest


def valley__formula(x):
    middle = np.mean(x**2) + 1
    half = np.hypot(np.mean(x**2) - 1, 2 * np.mean(x))
    return middle + half, middle - half


def valley__steepest_and_the_rest(x):
    """The curvatures of two directions at right angles have the sum 2 (mean of x² + 1)."""
    phi = np.arctan2(2 * x.mean(), np.mean(x**2) - 1) / 2
    steepest = 2 * np.mean((np.cos(phi) * x + np.sin(phi)) ** 2)
    return [steepest, 2 * np.mean(x**2) + 2 - steepest]


def valley__two_angles(x):
    """Which of the two is the steeper one is looked up."""
    angle = np.arctan(2 * x.mean() / (np.mean(x**2) - 1)) / 2
    curvatures = []
    for phi in (angle, angle - np.pi / 2):
        curvatures.append(2 * sum((v * np.cos(phi) + np.sin(phi)) ** 2 for v in x) / len(x))
    return max(curvatures), min(curvatures)


def valley__float32(x):
    x = x.astype(np.float32)
    phi = np.arctan2(2 * x.mean(), np.mean(x**2) - 1) / 2
    phi = np.array([phi, phi + np.pi / 2], dtype=np.float32)[:, None]
    return tuple(2 * np.mean((x * np.cos(phi) + np.sin(phi)) ** 2, axis=1))


EITHER_SIDE = "a direction and the opposite one have the same curvature"
LIST = (
    "steepest, flattest = [2 * np.mean((x * np.cos(phi) + np.sin(phi)) ** 2) "
    "for phi in (angle, angle {} np.pi / 2)]"
)
EQUIVALENT = {"valley": {f"{LIST.format('+')} -> {LIST.format('-')}": EITHER_SIDE}}
