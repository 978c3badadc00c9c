"""The catalogue: one class per layer, one file per chapter of torch.nn. Importing this fills `Layer.registry`."""

# isort: off
from engine.layers import io, linear, convolution, pooling, unpooling, normalization, activation  # noqa: F401
from engine.layers import squash, softmax, adaptive_softmax, dropout  # noqa: F401
from engine.layers import recurrent, cells, attention, transformer, embedding  # noqa: F401
from engine.layers import merge, operators, arithmetic, reduce, distance  # noqa: F401
from engine.layers import shape, index, padding, vision, code, block, control  # noqa: F401
from engine.layers import losses, losses_pairs  # noqa: F401
from engine.layers import buffer, numbers, subscript, statistics, ranking, rearrange, gather, matrix  # noqa: F401
from engine.layers import create, spectrum, flow, op  # noqa: F401
from engine.layers import functional, sampling, vision_blocks, boxes, outside  # noqa: F401
from engine.layers.base import CATEGORIES, Call, Derived, Layer, Names, Port  # noqa: F401
from engine.layers.catalogue import catalogue  # noqa: F401
from engine.layers.search import find, parse_query  # noqa: F401
# isort: on
