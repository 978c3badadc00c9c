"""Data of the user's own: a table in a CSV file, a folder of pictures."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Literal

from engine.errors import DataError
from engine.recipe.base import Dataset, Feature, Features, Target, Text
from engine.recipe.csv_file import Column, Holes, Reading, Table, Task, read_table
from engine.recipe.csv_text import table_text
from engine.recipe.source_text import assigned, listed, quoted
from engine.spec import FilePath, param

PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


class CSVFile(Dataset):
    """A table in a text file: some columns are learned from, others are predicted; words become categories."""

    title = "CSV file"
    aliases = ("table", "spreadsheet", "excel", "tsv", "own data", "classification", "regression")
    path: FilePath = param("", help="The file; a relative path counts from where the program runs.", main=True)
    targets: str = param("", help="Columns to predict, separated by commas; empty for the last one.", main=True)
    delimiter: Literal["comma", "semicolon", "tab", "space", "bar"] = param("comma", help="What separates columns.")
    header: bool = param(True, help="The first row names the columns; else they are column1, column2 and so on.")
    categories: str = param("", help="Columns of numbers that mean categories, such as postcodes.")
    ignored: str = param("", help="Columns that are left out.")
    holes: Holes = param("refuse", help="Rows without a value: an error, left out, or filled with the column's middle.")
    task: Task = param("auto", help="Whether classes or values are predicted; auto decides by what the columns hold.")

    def table(self) -> Table:
        """What the file holds. Raises: DataError naming row and column."""
        return read_table(
            Reading(
                self.path,
                self.delimiter,
                self.header,
                _names(self.targets),
                _names(self.categories),
                _names(self.ignored),
                self.holes,
                self.task,
            )
        )

    def features(self) -> Features:
        table = self.table()
        width = sum(c.width for c in table.inputs)
        return Features((Feature("features", (width,)),), tuple(map(_target, table.targets)), table.rows)

    def emit(self) -> Text:
        return table_text(self.table(), self.path, self.delimiter, self.header, self.holes)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _target(column: Column) -> Target:
    if column.words:
        return Target(column.name, "class", (), len(column.words), column.words)
    return Target(column.name, "value")


class ImageFolder(Dataset):
    """Pictures in one folder for each class, read while training; needs the vision extra."""

    title = "Image folder"
    aliases = ("pictures", "photos", "own data", "classification", "jpeg", "png")
    streams = True
    path: FilePath = param("", help="The folder that holds one folder for each class.", main=True)
    size: int = param(64, min=1, max=4096, help="Height and width of every picture.", unit="px", main=True)
    channels: Literal[1, 3] = param(3, help="3 for colour, 1 for grey.")

    def features(self) -> Features:
        if importlib.util.find_spec("PIL") is None:
            raise DataError(
                "Image folder needs Pillow to read pictures.", 'Install it: pip install "netsmith[vision]".'
            )
        labels, count = picture_classes(self.path)
        shape = (self.channels, self.size, self.size)
        return Features((Feature("images", shape),), (Target("label", "class", (), len(labels), labels),), count)

    def emit(self) -> Text:
        labels, _ = picture_classes(self.path)
        mode, view = ("RGB", ".permute(2, 0, 1)") if self.channels == 3 else ("L", ".unsqueeze(0)")
        constants = [
            assigned("FOLDER", self.path),
            listed("CLASSES = [", map(quoted, labels), "]"),
            listed("ENDINGS = (", map(quoted, PICTURES), ")"),
        ]
        return Text(
            _FOLDER.format(size=self.size, mode=mode, view=view),
            (
                "from pathlib import Path",
                "import numpy as np",
                "import torch",
                "from PIL import Image",
                "from torch.utils.data import Dataset",
            ),
            "\n".join(constants),
        )


_FOLDER = '''class Pictures(Dataset):
    """Pictures of {size} × {size} pixels from 0 to 1, and the class that each belongs to."""

    def __init__(self) -> None:
        self.files = [
            (path, label)
            for label, name in enumerate(CLASSES)
            for path in sorted((Path(FOLDER) / name).rglob("*"))
            if path.suffix.lower() in ENDINGS
        ]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        path, label = self.files[index]
        with Image.open(path) as picture:
            pixels = np.array(picture.convert("{mode}").resize(({size}, {size})))
        return torch.from_numpy(pixels){view} / 255, label


def load_data() -> tuple[Pictures, Tensor]:
    """The pictures, and the class of each for the split."""
    pictures = Pictures()
    return pictures, torch.tensor([label for _, label in pictures.files])'''


def picture_classes(path: str) -> tuple[tuple[str, ...], int]:
    """Names of the classes in order, and how many pictures there are. Raises: DataError."""
    if not path:
        raise DataError("Image folder: no folder is chosen.", "Set its path.")
    folder = Path(path)
    if not folder.is_dir():
        reason = "is a file" if folder.exists() else "is not there"
        raise DataError(f"{path} {reason}.", "Choose a folder that holds one folder of pictures for each class.")
    try:
        inner = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        counts = {p.name: _count(p, p.stat().st_mtime_ns) for p in inner}
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", "Choose another folder.") from None
    empty = next((name for name, count in counts.items() if not count), None)
    if len(counts) < 2:
        hint = "Put the pictures of each class into a folder of its own."
        raise DataError(f"{path} holds {len(counts)} folders, at least two classes are needed.", hint)
    if empty is not None:
        raise DataError(f"{folder / empty} holds no picture.", f"Endings that are read: {', '.join(PICTURES)}.")
    return tuple(counts), sum(counts.values())


@lru_cache(maxsize=4096)
def _count(folder: Path, changed: int) -> int:
    """Pictures in a folder and below, counted again only when the folder has changed."""
    return sum(p.suffix.lower() in PICTURES for p in folder.rglob("*"))
