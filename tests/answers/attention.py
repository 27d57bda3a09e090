"""Right answers to exercises 13 in other styles, and the mutants that are right as well."""

import numpy as np


def masked_softmax__minus_infinity(scores, mask):
    """Forbidden scores are -inf; in a row wholly forbidden 0 is subtracted."""
    scores = np.where(mask, scores, -np.inf)
    largest = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(largest), largest, 0))
    return e / np.maximum(e.sum(axis=-1, keepdims=True), 1)


def masked_softmax__large_number_and_zeros(scores, mask):
    """With -1e9 in place of -inf, and 0 once more at the end."""
    scores = np.where(mask, scores, -1e9)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) * mask


def masked_softmax__nan_to_num(scores, mask):
    """0/0 and -inf minus -inf happen, and are set to 0 afterward."""
    scores = np.where(mask, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))


def masked_softmax__rows(scores, mask):
    weights = np.zeros(scores.shape)
    for place in np.ndindex(scores.shape[:-1]):
        allowed = scores[place][mask[place]]
        if allowed.size:
            e = np.exp(allowed - allowed.max())
            weights[place][mask[place]] = e / e.sum()
    return weights


def masked_softmax__logaddexp(scores, mask):
    scores = np.where(mask, scores, -np.inf)
    total = np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    return np.where(mask, np.exp(scores - np.where(total == -np.inf, 0, total)), 0)


def masked_softmax__float32(scores, mask):
    scores = np.where(mask, scores, np.finfo(np.float32).min).astype(np.float32)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / (total + (total == 0))


def masked_softmax_backward__tables(grad_weights, weights):
    """Each row times its table of slopes, diag(a) - a aᵀ."""
    table = weights[..., None] * np.eye(weights.shape[-1])
    table = table - weights[..., :, None] * weights[..., None, :]
    return np.einsum("...i,...ij->...j", grad_weights, table)


def masked_softmax_backward__two_terms(grad_weights, weights):
    weighted = grad_weights * weights
    return weighted - weights * np.sum(weighted, -1)[..., None]


def masked_softmax_backward__loops(grad_weights, weights):
    grad_scores = np.zeros_like(weights)
    for place in np.ndindex(weights.shape[:-1]):
        a, grad = weights[place], grad_weights[place]
        for j in range(len(a)):
            for i in range(len(a)):
                grad_scores[(*place, j)] += grad[i] * a[i] * ((i == j) - a[j])
    return grad_scores


def masked_softmax_backward__float32(grad_weights, weights):
    a, grad = weights.astype(np.float32), grad_weights.astype(np.float32)
    return a * (grad - np.einsum("...i,...i->...", a, grad)[..., np.newaxis])


def attention__einsum(queries, keys, values):
    scale = queries.shape[2] ** -0.5
    scores = np.einsum("bmd,bnd->bmn", queries, keys) * scale
    scores -= np.amax(scores, axis=2, keepdims=True)
    weights = np.exp(scores)
    weights /= np.sum(weights, axis=2, keepdims=True)
    return weights, np.einsum("bmn,bnk->bmk", weights, values)


def attention__sequence_by_sequence(queries, keys, values):
    all_weights, contexts = [], []
    for q, k, v in zip(queries, keys, values, strict=True):
        scores = q @ k.T / np.sqrt(q.shape[1])
        e = np.exp(scores - scores.max(axis=1)[:, None])
        all_weights.append(e / e.sum(axis=1)[:, None])
        contexts.append(all_weights[-1] @ v)
    return np.array(all_weights), np.stack(contexts)


def attention__plain_loops(queries, keys, values):
    (batch, m, d), (_, n, k) = queries.shape, values.shape
    weights, context = np.zeros((batch, m, n)), np.zeros((batch, m, k))
    for b in range(batch):
        for s in range(m):
            scores = [sum(queries[b, s] * keys[b, t]) / d**0.5 for t in range(n)]
            top = max(scores)
            total = sum(np.exp(score - top) for score in scores)
            for t in range(n):
                weights[b, s, t] = np.exp(scores[t] - top) / total
                context[b, s] += weights[b, s, t] * values[b, t]
    return weights, context


def attention__scaled_queries(queries, keys, values):
    """The root goes to the queries; the logarithm of the sum is subtracted, not the largest."""
    scores = (queries / np.sqrt(queries.shape[-1])) @ np.swapaxes(keys, 1, 2)
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=-1)[:, :, None])
    return weights, np.matmul(weights, values)


def attention__root_shared(queries, keys, values):
    """Each of queries and keys is divided by the fourth root."""
    root = queries.shape[-1] ** 0.25
    scores = np.matmul(queries / root, (keys / root).transpose((0, 2, 1)))
    e = np.exp(scores - scores.max(-1, keepdims=True))
    weights = e / e.sum(-1, keepdims=True)
    return weights, weights @ values


def attention__float32(queries, keys, values):
    q, k, v = (each.astype(np.float32) for each in (queries, keys, values))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(np.float32(q.shape[-1]))
    e = np.exp(scores - scores.max(-1)[..., None])
    weights = e / e.sum(-1)[..., None]
    return weights, weights @ v


def attention_backward__einsum(grad_context, queries, keys, values, weights):
    grad_weights = np.einsum("bmk,bnk->bmn", grad_context, values)
    inner = np.einsum("bmn,bmn->bm", grad_weights, weights)
    grad_scores = weights * (grad_weights - inner[..., None]) * queries.shape[-1] ** -0.5
    grad_values = np.einsum("bmn,bmk->bnk", weights, grad_context)
    grad_keys = np.einsum("bmn,bmd->bnd", grad_scores, queries)
    return np.einsum("bmn,bnd->bmd", grad_scores, keys), grad_keys, grad_values


def attention_backward__through_the_context(grad_context, queries, keys, values, weights):
    """The weighted mean of grad_weights is the context times its own gradient."""
    context = weights @ values
    mean = (grad_context * context).sum(axis=2)[:, :, None]
    grad_scores = weights * (grad_context @ values.swapaxes(1, 2) - mean)
    root = np.sqrt(keys.shape[2])
    grad_keys = grad_scores.swapaxes(1, 2) @ (queries / root)
    return grad_scores @ (keys / root), grad_keys, weights.swapaxes(1, 2) @ grad_context


def attention_backward__sequence_by_sequence(grad_context, queries, keys, values, weights):
    """Each row goes through the table of the softmax's slopes."""
    grad_queries, grad_keys, grad_values = map(np.zeros_like, (queries, keys, values))
    for b, a in enumerate(weights):
        grad_values[b] = a.T @ grad_context[b]
        grad_weights = grad_context[b] @ values[b].T
        grad_scores = [
            g @ (np.diag(row) - np.outer(row, row)) for g, row in zip(grad_weights, a, strict=True)
        ]
        grad_scores = np.array(grad_scores) / np.sqrt(queries.shape[-1])
        grad_queries[b], grad_keys[b] = grad_scores @ keys[b], grad_scores.T @ queries[b]
    return grad_queries, grad_keys, grad_values


def attention_backward__plain_loops(grad_context, queries, keys, values, weights):
    grad_queries, grad_keys, grad_values = 0 * queries, 0 * keys, 0 * values
    for (b, s, t), a in np.ndenumerate(weights):
        grad_values[b, t] += a * grad_context[b, s]
        mean = sum(
            weights[b, s, i] * (grad_context[b, s] @ values[b, i]) for i in range(keys.shape[1])
        )
        grad_score = a * (grad_context[b, s] @ values[b, t] - mean) / queries.shape[-1] ** 0.5
        grad_queries[b, s] += grad_score * keys[b, t]
        grad_keys[b, t] += grad_score * queries[b, s]
    return grad_queries, grad_keys, grad_values


def attention_backward__float32(grad_context, queries, keys, values, weights):
    given = (grad_context, queries, keys, values, weights)
    g, q, k, v, a = (each.astype(np.float32) for each in given)
    grad_a = g @ np.moveaxis(v, 1, 2)
    grad_s = (a * grad_a - a * (a * grad_a).sum(2, keepdims=True)) / np.float32(q.shape[-1]) ** 0.5
    return grad_s @ k, np.moveaxis(grad_s, 1, 2) @ q, np.moveaxis(a, 1, 2) @ g


def causal_mask__tril(real):
    batch, time = real.shape
    past = np.tril(np.ones((time, time), dtype=bool))
    return np.logical_and(past[None], real.reshape(batch, 1, time))


def causal_mask__loops(real):
    batch, time = real.shape
    mask = np.zeros((batch, time, time), dtype=bool)
    for b in range(batch):
        for s in range(time):
            mask[b, s, : s + 1] = real[b, : s + 1]
    return mask


def causal_mask__stacked(real):
    """Numbers in place of True and False do as well."""
    return np.stack([np.tri(len(row)) * row for row in real])


def causal_mask__not_forbidden(real):
    time = real.shape[-1]
    forbidden = np.triu(np.full((time, time), True), k=1) | ~real[:, np.newaxis]
    return ~forbidden


def causal_test__jacobian(backward, time, features):
    """All slopes first, and then the largest of them."""
    jacobian = np.zeros((time, features, time, features))
    for place in np.ndindex(time, features):
        grad_y = np.zeros((time, features))
        grad_y[place] = 1
        jacobian[place] = backward(grad_y)
    reach = np.abs(jacobian).max(axis=(1, 3))
    future = np.arange(time) > np.arange(time)[:, None]
    return reach, np.max(reach, initial=0, where=future)


def causal_test__unit_gradients(backward, time, features):
    units = np.eye(time * features).reshape(time, features, time, features)
    rows = [[abs(backward(unit)) for unit in position] for position in units]
    reach = np.max(rows, axis=(1, 3))
    return reach, (reach * (1 - np.tri(time))).max()


def causal_test__plain_loops(backward, time, features):
    reach, leak = np.zeros((time, time)), 0
    grad_y = np.zeros((time, features))
    for s in range(time):
        for i in range(features):
            grad_y[s, i] = 1
            grad_x = backward(grad_y)
            grad_y[s, i] = 0
            for t in range(time):
                for j in range(features):
                    slope = grad_x[t, j] if grad_x[t, j] > 0 else -grad_x[t, j]
                    if slope > reach[s, t]:
                        reach[s, t] = slope
        for t in range(s + 1, time):
            leak = max(leak, reach[s, t])
    return reach, leak


def causal_test__of_both_signs(backward, time, features):
    """-1 instead of 1, and the extremes instead of absolute values, in float32."""
    reach = np.empty((time, time), dtype=np.float32)
    for s in range(time):
        slopes = []
        for i in range(features):
            grad_y = np.zeros((time, features), dtype=np.float32)
            grad_y[s, i] = -1
            slopes.append(backward(grad_y))
        reach[s] = np.maximum(np.max(slopes, axis=(0, 2)), -np.min(slopes, axis=(0, 2)))
    above = reach[np.triu_indices(time, 1)]
    return reach, above.max() if above.size else 0.0


def layer_norm__mean_of_squares(x, gamma, beta, eps):
    centered = x - np.mean(x, axis=2)[..., None]
    inverse_std = (np.mean(centered**2, axis=2) + eps)[..., None] ** -0.5
    return beta + centered * inverse_std * gamma


def layer_norm__vectors(x, gamma, beta, eps):
    y = np.empty_like(x)
    for place in np.ndindex(x.shape[:2]):
        vector = x[place]
        centered = vector - sum(vector) / len(vector)
        var = centered @ centered / len(vector)
        y[place] = centered / np.sqrt(var + eps) * gamma + beta
    return y


def layer_norm__matrix(x, gamma, beta, eps):
    """The mean is subtracted by a product with a matrix."""
    n = x.shape[-1]
    centered = x @ (np.eye(n) - 1 / n)
    length = np.sqrt(np.einsum("btf,btf->bt", centered, centered) + n * eps)
    return np.sqrt(n) * gamma * centered / length[:, :, np.newaxis] + beta


def layer_norm__transposed(x, gamma, beta, eps):
    z = x.T
    n = (z - z.mean(0)) / np.sqrt(z.std(0) ** 2 + eps)
    return n.T * gamma + beta


def layer_norm_backward__package(grad_y, x, gamma, eps):
    centered = x - x.mean(axis=-1, keepdims=True)
    inverse_std = 1 / np.sqrt(np.mean(centered**2, axis=-1, keepdims=True) + eps)
    n = centered * inverse_std
    grad_n = gamma * grad_y
    inner = np.mean(grad_n * n, axis=-1, keepdims=True)
    grad_x = inverse_std * (grad_n - np.mean(grad_n, axis=-1, keepdims=True) - inner * n)
    as_rows = (-1, x.shape[-1])
    grad_gamma = (grad_y * n).reshape(as_rows).sum(axis=0)
    return grad_x, grad_gamma, grad_y.reshape(as_rows).sum(axis=0)


def layer_norm_backward__step_by_step(grad_y, x, gamma, eps):
    """Every operation of the forward pass, and the way back through each."""
    features = x.shape[-1]
    centered = x - x.mean(axis=-1, keepdims=True)
    var = (centered**2).mean(axis=-1, keepdims=True)
    std = np.sqrt(var + eps)
    n = centered / std
    grad_beta, grad_gamma = np.einsum("btf->f", grad_y), np.einsum("btf,btf->f", grad_y, n)
    grad_n = grad_y * gamma
    grad_std = -(grad_n * centered / std**2).sum(axis=-1, keepdims=True)
    grad_var = grad_std / (2 * std)
    grad_centered = grad_n / std + 2 * centered / features * grad_var
    grad_mean = -grad_centered.sum(axis=-1, keepdims=True)
    return grad_centered + grad_mean / features, grad_gamma, grad_beta


def layer_norm_backward__tables(grad_y, x, gamma, eps):
    """Each vector with the table of its slopes."""
    features = x.shape[-1]
    grad_x, grad_gamma, grad_beta = np.zeros(x.shape), np.zeros(features), np.zeros(features)
    for place in np.ndindex(x.shape[:-1]):
        std = np.sqrt(np.var(x[place]) + eps)
        n = (x[place] - np.mean(x[place])) / std
        table = (np.eye(features) - 1 / features - np.outer(n, n) / features) / std
        grad_x[place] = table @ (gamma * grad_y[place])
        grad_gamma += grad_y[place] * n
        grad_beta += grad_y[place]
    return grad_x, grad_gamma, grad_beta


def layer_norm_backward__sums(grad_y, x, gamma, eps):
    """The form that some libraries have: n times the gradient minus two sums."""
    size = x.shape[2]
    std = np.sqrt(x.var(2) + eps)[..., None]
    n = (x - x.mean(2)[..., None]) / std
    g = grad_y * gamma
    grad_x = (size * g - g.sum(2, keepdims=True) - n * (g * n).sum(2, keepdims=True)) / size / std
    return grad_x, (grad_y * n).sum(0).sum(0), grad_y.sum(1).sum(0)


ANY_ORDER = "the axes of a sum may come in any order"
EQUIVALENT = {
    "masked_softmax": {
        "return np.divide(e, total, out=e, where=total > 0) -> "
        "return np.divide(e, total, out=e, where=total > 1)": (
            "the total is 0 or at least 1, and to divide by 1 changes nothing"
        ),
    },
    "causal_test": {
        "reach[s] = np.maximum(reach[s], slopes.max(axis=1)) -> "
        "reach[s] = np.maximum(slopes.max(axis=1), reach[s])": (
            "a maximum is symmetric in its arguments"
        ),
    },
    "layer_norm_backward": {
        "grad_gamma = (grad_y * n).sum(axis=(0, 1)) -> "
        "grad_gamma = (grad_y * n).sum(axis=(1, 0))": ANY_ORDER,
        "grad_beta = grad_y.sum(axis=(0, 1)) -> grad_beta = grad_y.sum(axis=(1, 0))": ANY_ORDER,
    },
}
