"""Where trained models lie: a folder each under the state directory."""

from __future__ import annotations

from pathlib import Path

from rongqiao.config.places import Places

MODEL = "model.json"


def folder_of_models() -> Path:
    """Return the folder that holds a folder of each model."""
    return Places.of_environment().var / "models"


def newest_model() -> Path | None:
    """Return the model written last, or None where none was trained here."""
    found = sorted(folder_of_models().glob(f"*/{MODEL}"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1] if found else None
