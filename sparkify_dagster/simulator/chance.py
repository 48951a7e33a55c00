"""Draws that the rest of the simulator has in common.

What belongs here: sampling by weights, and the streams of random numbers. What does not: any weight of the service.
"""

import numpy as np
import numpy.typing as npt


def streams(seed: int, count: int) -> list[np.random.Generator]:
    """Make `count` independent generators, the same ones for the same seed."""
    return [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(count)]


def cumulative(weights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Cumulative shares of the weights along the last axis, ending in exactly 1."""
    sums = np.cumsum(np.asarray(weights, dtype=np.float64), axis=-1)
    shares = sums / sums[..., -1:]
    shares[..., -1] = 1.0
    return shares


def draw(rng: np.random.Generator, cumulative_shares: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Draw `count` positions with the given cumulative shares."""
    return np.searchsorted(cumulative_shares, rng.random(count), side="right")


def capped_shares(weights: npt.NDArray[np.float64], limits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shares in proportion to the weights, none above its limit.

    What a limit takes from one goes to the others in proportion. If the limits leave no way to reach 1 in sum,
    the shares are in proportion to the limits.

    Args:
        weights: positive numbers.
        limits: the highest share of each.

    Returns:
        Shares with sum 1.
    """
    if limits.sum() <= 1:
        return limits / limits.sum()
    shares = weights / weights.sum()
    limited = np.zeros(shares.size, dtype=bool)
    while True:
        over = ~limited & (shares > limits)
        if not over.any():
            return shares / shares.sum()
        limited |= over
        shares[limited] = limits[limited]
        free = ~limited
        if not free.any():
            return shares / shares.sum()
        shares[free] = weights[free] / weights[free].sum() * (1 - limits[limited].sum())
