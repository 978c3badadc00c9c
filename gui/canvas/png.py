"""Pixels as the bytes of a PNG file, band by band: no Qt, so that a thread can do it beside the window."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BAND = 64  # rows
TRUE_COLOUR, UP = 2, 2


def encoded(pixels: np.ndarray, go_on: Callable[[float], bool] = lambda share: True) -> bytes:
    """The file of a picture without transparency.

    pixels: blue, green, red and one more byte each, shape (height, width, 4). go_on: is told how much is done, and says
    whether to go on. Returns: nothing if it was told not to.
    """
    height, width = pixels.shape[:2]
    packer, found, before = zlib.compressobj(), list[bytes](), np.zeros((1, width, 3), np.uint8)
    for top in range(0, height, BAND):
        rows = pixels[top : top + BAND, :, 2::-1]
        lines = np.empty((len(rows), 1 + 3 * width), np.uint8)
        lines[:, 0] = UP  # each row as what differs from the one above, which is mostly nothing
        lines[:, 1:] = (rows - np.concatenate((before, rows[:-1]))).reshape(len(rows), -1)
        found.append(packer.compress(lines.tobytes()))
        before = rows[-1:]
        if not go_on((top + len(rows)) / height):
            return b""
    found.append(packer.flush())
    head = struct.pack(">IIBBBBB", width, height, 8, TRUE_COLOUR, 0, 0, 0)
    return b"".join((SIGNATURE, _chunk(b"IHDR", head), _chunk(b"IDAT", b"".join(found)), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
