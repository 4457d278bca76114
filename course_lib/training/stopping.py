"""When to stop training: early stopping by the loss on examples held out (Prechelt, 1998)."""

from __future__ import annotations

from collections.abc import Sequence


def kept_epoch(losses: Sequence[float], patience: int = 2) -> int:
    """Return the epoch whose weights are kept when training stops as soon as it no longer helps.

    Training stops after ``patience`` epochs in a row without a new lowest loss; what would come later stays unknown.

    Args:
        losses: loss on held-out examples after every epoch, in order; the first is that before training.
        patience: epochs without a new lowest loss that are put up with.

    Raises:
        ValueError: there are no losses, or the patience is less than 1.
    """
    if not losses or patience < 1:
        raise ValueError("Early stopping needs at least one loss, and a patience of at least 1.")
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
