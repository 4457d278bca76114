"""Early stopping keeps the best epoch that it could know of."""

from __future__ import annotations

import pytest

from course_lib.training.stopping import kept_epoch


@pytest.mark.parametrize(
    ("losses", "patience", "kept"),
    [
        ([3.0, 2.0, 1.0], 1, 2),
        ([3.0, 1.0, 2.0, 0.5], 1, 1),
        ([3.0, 1.0, 2.0, 0.5], 2, 3),
        ([1.0, 2.0], 5, 0),
        ([2.0, 2.0, 2.0], 2, 0),
        ([3.0, 1.0, 2.0, 1.5, 0.5], 2, 1),
        ([4.0], 1, 0),
    ],
)
def test_training_stops_when_no_epoch_in_a_row_brings_a_new_lowest_loss(losses, patience, kept):
    assert kept_epoch(losses, patience) == kept


@pytest.mark.parametrize(("losses", "patience"), [([], 1), ([1.0], 0)])
def test_without_losses_or_patience_there_is_nothing_to_keep(losses, patience):
    with pytest.raises(ValueError):
        kept_epoch(losses, patience)
