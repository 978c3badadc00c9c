"""The layers of torchvision.ops: all of them are declared, and without torchvision they say so."""

import inspect
import re

import pytest

from engine.analysis.execute import outcome
from engine.layers import catalogue
from engine.layers.vision_blocks import StochasticDepth
from engine.tensor import TensorSpec
from tests.laws.torchvision_here import need_torchvision, why_no_torchvision

NOT_LAYERS = {
    r".*_loss": "losses",
    r"MultiScaleRoIAlign": "takes one list of boxes for each picture, which no wire carries",
    r"Permute": "the Permute of torch",
    r"_register_custom_op": "private",
    r"deform_conv2d|drop_block[23]d|stochastic_depth|(ps_)?roi_(align|pool)": "modules do the same",
    r"clip_boxes_to_image|remove_small_boxes": "need the size of one picture, or only some boxes stay: Clamp and Index",
    r"masks_to_boxes": "reads every mask by itself",
}


def test_every_class_and_function_is_a_layer_or_left_out_for_a_reason():
    need_torchvision("StochasticDepth")
    from torchvision import ops

    theirs = {n for n, o in vars(ops).items() if inspect.isclass(o) or inspect.isfunction(o)}
    declared = {layer.target.removeprefix("ops.") for layer in catalogue()}
    new = {n for n in theirs - declared if not any(re.fullmatch(p, n) for p in NOT_LAYERS)}
    assert not new, f"torchvision has operations that are no layer yet: {new}. Declare them, or say here why not."


def test_without_torchvision_a_layer_says_what_is_missing_and_what_to_do():
    if not why_no_torchvision("StochasticDepth"):
        pytest.skip("torchvision is installed")
    error = outcome(StochasticDepth(), {"x": TensorSpec(("B", 8))}).error
    assert error is not None
    assert error.message == "StochasticDepth needs torchvision, which is not installed."
    assert error.hint.startswith('Install it, pip install "netsmith[vision]"')
