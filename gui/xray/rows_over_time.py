"""What rows measure over time, kept up to date column by column."""

from __future__ import annotations

import numpy as np

from engine.training.norm_log import NormLog
from gui.plots.thinning import Floats
from gui.xray.rows import Rows, ratio_together, together


class RowValues:
    """One quantity of every row over time, brought up to date from a run's norms."""

    def __init__(self, rows: Rows, quantity: str = "gradient") -> None:
        self.rows, self.quantity = rows, quantity
        self._values = np.empty((len(rows.names), 0))
        self._merged = 1

    def update(self, log: NormLog) -> Floats:
        """Shape (R, C), C as in `log.steps(quantity)`. Only new columns are computed, all after they were merged."""
        values, merged = log.values(self.quantity), log.merged(self.quantity)
        kept = max(0, min(self._values.shape[1], values.shape[1]) - 1) if merged == self._merged else 0
        self._merged = merged
        fresh = values[:, kept:]
        if self.quantity == "ratio":
            weights = log.values("weight")[:, kept:]
            new = [ratio_together(fresh[members], weights[members]) for members in self.rows.members]
        else:
            new = [together(fresh[members]) for members in self.rows.members]
        columns = np.stack(new) if new else np.empty((0, fresh.shape[1]))
        self._values = np.concatenate([self._values[:, :kept], columns], axis=1)
        return self._values
