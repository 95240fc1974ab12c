"""Stratified folds, the same as scikit-learn's StratifiedKFold(count, shuffle=True, seed) gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rongqiao.risk.scorecards.table import Numbers, Rows

SEED = 20_260_101


def fold_of_rows(target: Numbers, count: int = 5, seed: int = SEED) -> Rows:
    """Return each row's fold, 0 to count - 1, each class spread evenly.

    Legacy RandomState on purpose: its stream is frozen by numpy's policy (NEP 19), and it is the
    one scikit-learn draws from (sklearn.model_selection.StratifiedKFold, version 1.9).
    """
    random = np.random.RandomState(seed)
    _, first, inverse = np.unique(target, return_index=True, return_inverse=True)
    # Classes are numbered by first appearance.
    rank = np.argsort(np.argsort(first))
    encoded = rank[inverse]
    ordered = np.sort(encoded)
    classes = len(first)
    share = np.array([np.bincount(ordered[one::count], minlength=classes) for one in range(count)])
    fold = np.empty(len(target), np.int64)
    for one in range(classes):
        folds = np.arange(count).repeat(share[:, one])
        random.shuffle(folds)
        fold[encoded == one] = folds
    return fold


def split(target: Numbers, count: int = 5, seed: int = SEED) -> Iterator[tuple[Rows, Rows]]:
    """Yield (rows to learn from, rows to test on) for each fold."""
    fold = fold_of_rows(target, count, seed)
    for one in range(count):
        yield np.flatnonzero(fold != one), np.flatnonzero(fold == one)
