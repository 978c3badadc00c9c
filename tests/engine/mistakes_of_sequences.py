"""Mistakes with sequences, words, states and masks."""

from __future__ import annotations

from engine.layers.io import Input, Output
from engine.recipe.tables import Wine
from tests.engine.mistake import FLAT, ROWS, Mistake, ending, given, layer, wired
from tests.engine.networks import graph, project

lstm = layer("LSTM", hidden_size=16)
words = layer("Embedding", num_embeddings=100, embedding_dim=16)


SEQUENCES: dict[str, Mistake] = {
    "a sequence where one row is wanted": Mistake(
        ending(recipe=ROWS, rows=lstm), "y", ("B × 8 × 10", "10"), "Insert Select before head"
    ),
    "an LSTM on images": Mistake(
        ending(rows=lstm, last=layer("Select")), "rows", ("sequence", "B × 1 × 8 × 8"), "Insert Squeeze"
    ),
    "an LSTM on a row": Mistake(
        ending(flat=FLAT, rows=lstm, last=layer("Select")), "rows", ("sequence", "B × 64"), "Insert Unflatten"
    ),
    "words into an LSTM": Mistake(
        given(12, dtype="int64", rows=lstm), "rows", ("int64 B × 12",), "Insert Embedding"
    ),
    "words into a Linear": Mistake(
        given(12, dtype="int64", h=layer("Linear")), "h", ("int64 B × 12", "fraction"), "Insert Embedding"
    ),
    "floats into an Embedding": Mistake(
        ending(recipe={"dataset": Wine()}, classes=3, e=words, f=FLAT), "e", ("int64", "B × 13"), "Insert Cast"
    ),
    "heads that do not divide": Mistake(
        ending(recipe=ROWS, a=layer("MultiheadAttention", num_heads=3), f=FLAT),
        "a",
        ("num_heads=3", "8 features"),
        "Set num_heads to 2",
    ),
    "heads of an encoder that do not divide": Mistake(
        ending(recipe=ROWS, t=layer("TransformerEncoderLayer", nhead=5), f=FLAT),
        "t",
        ("nhead=5", "8 features"),
        "Set nhead to 4",
    ),
    "a transformer on images": Mistake(
        ending(t=layer("TransformerEncoderLayer"), f=FLAT), "t", ("sequence", "B × 1 × 8 × 8"), "Insert Squeeze"
    ),
    "patches that were not flattened": Mistake(
        ending(p=layer("Conv2d", kernel_size=2, stride=2, padding=0), t=layer("TransformerEncoderLayer"), f=FLAT),
        "t",
        ("sequence", "B × 32 × 4 × 4"),
        "Insert Flatten and Transpose",
    ),
    "a mask of the wrong size": Mistake(
        wired(
            {
                "x": Input(), "m": layer("Constant", shape=(5, 5)), "a": layer("MultiheadAttention"), "f": FLAT,
                "h": layer("Linear", out_features=10), "y": Output(),
            },
            "x -> a.query", "m -> a.attn_mask", "a -> f", "f -> h", "h -> y", **ROWS,
        ),
        "a",
        ("attn_mask", "8 × 8", "5 × 5"),
        "Set m shape to 8, 8",
    ),
    "a mask of whole numbers": Mistake(
        project(
            graph(
                {
                    "x": Input(shape=(6, 8)), "m": Input(shape=(6,), dtype="int64"),
                    "a": layer("MultiheadAttention"), "y": Output(),
                },
                "x -> a.query", "m -> a.key_padding_mask", "a -> y",
            )
        ),
        "a",
        ("key_padding_mask", "bool", "int64"),
        "Insert Cast",
    ),
    "a state of the wrong size": Mistake(
        project(
            graph(
                {
                    "x": Input(shape=(6, 8)), "h": Input(shape=(16,)), "g": layer("GRU", hidden_size=16),
                    "y": Output(),
                },
                "x -> g.input", "h -> g.h0", "g -> y",
            )
        ),
        "g",
        ("h0", "1 × B × 16", "B × 16"),
        "Insert Unsqueeze",
    ),
    "the state taken for the output": Mistake(
        wired(
            {
                "x": Input(), "r": lstm, "h": layer("Linear", out_features=10), "y": Output(),
            },
            "x -> r", "r.h -> h", "h -> y", **ROWS,
        ),
        "y",
        ("1 × B × 10",),
        "Insert Select before h",
    ),
    "scores before values of another length": Mistake(
        project(
            graph(
                {
                    "q": Input(shape=(6, 8)), "k": Input(shape=(5, 8)), "m": layer("MatMul"), "y": Output(),
                },
                "q -> m.a", "k -> m.b", "m -> y",
            )
        ),
        "m",
        ("8", "5", "inner sizes"),
        "Insert Transpose after k",
    ),
    "the batch in the middle": Mistake(
        project(
            graph(
                {"x": Input(shape=(6, 8)), "t": layer("Transpose", dim0=0, dim1=1),
                 "b": layer("BatchNorm1d"), "y": Output()},
                "x -> t", "t -> b", "b -> y",
            )
        ),
        "b",
        ("channels", "6 × B × 8", "Dimension 1 is the batch"),
        "Delete t",
    ),
    "batch and time exchanged before attention": Mistake(
        project(
            graph(
                {"x": Input(shape=(6, 8)), "k": Input(shape=(5, 8)), "t": layer("Transpose", dim0=0, dim1=1),
                 "a": layer("MultiheadAttention"), "y": Output()},
                "x -> t", "t -> a.query", "k -> a.key", "a -> y",
            )
        ),
        "a",
        ("batch", "6 × B × 8 from t", "B × 5 × 8 from k"),
        "Delete t",
    ),
}  # fmt: skip
