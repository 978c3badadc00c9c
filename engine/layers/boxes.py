"""Boxes around things in images: features cut out of them, how they overlap, which of them stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port, source
from engine.layers.checks import broadcast, need_form
from engine.layers.vision_blocks import TORCHVISION, VisionModule
from engine.spec import Pair, param
from engine.tensor import TensorSpec

_ROIS = Port("rois", help="Boxes, (K, 5): the number of the sample, then left, top, right, bottom.")
_BOXES = Port("boxes", help="Boxes, (N, 4): left, top, right, bottom.")
_NEEDS = "needs torchvision."
Form = Literal["xyxy", "xywh", "cxcywh"]


class RegionLayer(VisionModule, abstract=True):
    """Features of each box, brought to one size."""

    category = "pooling"
    inputs = (Port("x", help="The feature map."), _ROIS)
    example: ClassVar[dict[str, Any]] = {"x": "B, 49, 32, 32", "rois": "5, 5"}

    def check(self, x: TensorSpec, rois: TensorSpec) -> None:
        need_form(x, 2)
        x.need_floating()
        if rois.rank != 2 or rois.shape[1] != 5 or rois.dtype != x.dtype:
            wanted = f"{x.dtype} (K, 5): sample, left, top, right, bottom"
            raise LayerError(f"rois must be {wanted}, gets {rois.dtype} {rois}.", port="rois")


class RoIAlign(RegionLayer):
    """Cuts the features of each box out of an image and brings them to one size, blending between pixels.

    Input shape:  x (B, C, H, W), rois (K, 5)
    Output shape: (K, C, output_size, output_size)
    """

    target = "ops.RoIAlign"
    formula = r"y_{k,c,i} = \frac{1}{n} \sum_{j} x_c(p_{k,i,j})"
    use = f"Take it between the backbone of a detector and its heads, as Mask R-CNN; {_NEEDS}"
    aliases = ("region of interest", "roi", "detection", "mask rcnn", "crop", "boxes")
    signature = ("output_size", "spatial_scale", "sampling_ratio")
    output_size: Pair = param(7, min=1, required=True, main=True, help="Height and width of each result.")
    spatial_scale: float = param(
        1.0, min=1e-6, required=True, main=True, help="Pixels of x for one pixel of the boxes."
    )
    sampling_ratio: int = param(2, min=-1, required=True, help="Points read for each value; -1: as many as it covers.")
    aligned: bool = param(True, torch=False, advanced=True, help="Counts from the middle of pixels, which is exact.")


class RoIPool(RegionLayer):
    """Keeps the largest feature in each part of each box.

    Input shape:  x (B, C, H, W), rois (K, 5)
    Output shape: (K, C, output_size, output_size)
    """

    target = "ops.RoIPool"
    formula = r"y_{k,c,i} = \max_{j \in R_{k,i}} x_{c,j}"
    use = f"Take it for older detectors, as Fast R-CNN; RoIAlign is more exact. It {_NEEDS}"
    aliases = ("region of interest", "roi", "detection", "fast rcnn", "crop", "boxes")
    signature = ("output_size", "spatial_scale")
    output_size: Pair = param(7, min=1, required=True, main=True, help="Height and width of each result.")
    spatial_scale: float = param(
        1.0, min=1e-6, required=True, main=True, help="Pixels of x for one pixel of the boxes."
    )


class PlacedRegionLayer(RegionLayer, abstract=True):
    """Features of each box, every place of the result from channels of its own."""

    output_size: int = param(7, min=1, required=True, main=True, help="Height and width of each result.")

    def check(self, x: TensorSpec, rois: TensorSpec) -> None:
        super().check(x, rois)
        size, channels = self.output_size, x.dim(1, "channels", of="(B, C, H, W)")
        if channels % (size * size):
            raise LayerError(f"{size} × {size} places do not divide {channels} channels.", "Change output_size.")


class PSRoIAlign(PlacedRegionLayer):
    """Cuts each box out of an image, every place of the result from channels of its own, blending between pixels.

    Input shape:  x (B, C · output_size², H, W), rois (K, 5)
    Output shape: (K, C, output_size, output_size)
    """

    target = "ops.PSRoIAlign"
    formula = r"y_{k,c,i} = \frac{1}{n} \sum_{j} x_{c \cdot s^2 + i}(p_{k,i,j})"
    use = f"Take it at the end of a fully convolutional detector, as R-FCN; {_NEEDS}"
    aliases = ("position sensitive", "region of interest", "roi", "rfcn", "detection")
    signature = ("output_size", "spatial_scale", "sampling_ratio")
    spatial_scale: float = param(
        1.0, min=1e-6, required=True, main=True, help="Pixels of x for one pixel of the boxes."
    )
    sampling_ratio: int = param(2, min=-1, required=True, help="Points read for each value; -1: as many as it covers.")


class PSRoIPool(PlacedRegionLayer):
    """Takes means over the parts of each box, every place of the result from channels of its own.

    Input shape:  x (B, C · output_size², H, W), rois (K, 5)
    Output shape: (K, C, output_size, output_size)
    """

    target = "ops.PSRoIPool"
    formula = r"y_{k,c,i} = \frac{1}{|R_{k,i}|} \sum_{j \in R_{k,i}} x_{c \cdot s^2 + i,j}"
    use = f"Take it at the end of a fully convolutional detector, as R-FCN; PSRoIAlign is more exact. It {_NEEDS}"
    aliases = ("position sensitive", "region of interest", "roi", "rfcn", "detection")
    signature = ("output_size", "spatial_scale")
    spatial_scale: float = param(
        1.0, min=1e-6, required=True, main=True, help="Pixels of x for one pixel of the boxes."
    )


class BoxFunction(FunctionLayer, abstract=True):
    """A function of torchvision.ops over boxes."""

    category = "merge"

    def imports(self) -> tuple[str, ...]:
        return (TORCHVISION,)

    def write(self, names: Names) -> str:
        wires = [names.fill("{" + port.name + "}") for port in self.ports_in()]
        shown = [n for n, p in self.params.items() if getattr(self, n) != p.torch]
        options = [f"{n}={names.params.get(n, source(getattr(self, n)))}" for n in shown]
        return f"{self.target}({', '.join([*wires, *options])})"


def need_boxes(x: TensorSpec, port: str, exactly: bool = False) -> None:
    """Raises: LayerError unless it holds boxes of four numbers; `exactly` in two dimensions."""
    if x.rank < 2 or x.shape[-1] != 4 or (exactly and x.rank != 2) or not x.is_floating:
        raise LayerError(f"{port} must be boxes (N, 4), gets {x.dtype} {x}.", port=port)


class BoxPair(BoxFunction, abstract=True):
    """How much every box of one set overlaps with every box of another."""

    inputs = (Port("boxes1", help="Boxes, (N, 4)."), Port("boxes2", help="Boxes, (M, 4)."))
    example: ClassVar[dict[str, Any]] = {"boxes1": "B, 4", "boxes2": "5, 4"}

    def check(self, boxes1: TensorSpec, boxes2: TensorSpec) -> None:
        for port, x in (("boxes1", boxes1), ("boxes2", boxes2)):
            need_boxes(x, port, exactly=True)
        if not broadcast((TensorSpec(boxes1.shape[:-2]), TensorSpec(boxes2.shape[:-2]))):
            raise LayerError(f"The inputs differ: {boxes1}, {boxes2}.", port="boxes2")


class BoxIoU(BoxPair):
    """Measures the overlap of every box with every other: 1 for the same, 0 for none.

    Input shape:  (N, 4) and (M, 4)
    Output shape: (N, M)
    """

    target = "ops.box_iou"
    formula = r"\frac{|A \cap B|}{|A \cup B|}"
    use = f"Take it to match predicted with true boxes; {_NEEDS}"
    aliases = ("intersection over union", "jaccard", "overlap", "detection", "boxes")


class GeneralizedBoxIoU(BoxPair):
    """Measures the overlap of boxes, and how far apart those are that do not overlap.

    Input shape:  (N, 4) and (M, 4)
    Output shape: (N, M)
    """

    target = "ops.generalized_box_iou"
    formula = r"\mathrm{IoU} - \frac{|C \setminus (A \cup B)|}{|C|}"
    use = f"Take it where boxes far apart need a slope as well, as in the costs of a DETR; {_NEEDS}"
    aliases = ("giou", "intersection over union", "overlap", "detection", "detr")


class DistanceBoxIoU(BoxPair):
    """Measures the overlap of boxes less the distance of their middles.

    Input shape:  (N, 4) and (M, 4)
    Output shape: (N, M)
    """

    target = "ops.distance_box_iou"
    formula = r"\mathrm{IoU} - \frac{d^2}{c^2}"
    use = f"Take it to match boxes where their middles count; {_NEEDS}"
    aliases = ("diou", "intersection over union", "overlap", "detection")
    eps: float = param(1e-7, min=0, advanced=True, help="Added to the divisor, so that nothing is divided by zero.")


class CompleteBoxIoU(BoxPair):
    """Measures the overlap of boxes less the distance of their middles and the difference of their forms.

    Input shape:  (N, 4) and (M, 4)
    Output shape: (N, M)
    """

    target = "ops.complete_box_iou"
    formula = r"\mathrm{IoU} - \frac{d^2}{c^2} - \alpha v"
    use = f"Take it to match boxes where middles and forms count; {_NEEDS}"
    aliases = ("ciou", "intersection over union", "overlap", "detection")
    eps: float = param(1e-7, min=0, advanced=True, help="Added to the divisor, so that nothing is divided by zero.")


class BoxArea(BoxFunction):
    """Computes the area of every box.

    Input shape:  (N, 4)
    Output shape: (N)
    """

    target = "ops.box_area"
    formula = r"(x_2 - x_1)(y_2 - y_1)"
    use = f"Take it to sort boxes by size; {_NEEDS}"
    aliases = ("area", "size of boxes", "detection")
    inputs = (_BOXES,)
    example: ClassVar[dict[str, Any]] = {"boxes": "B, 4"}

    def check(self, boxes: TensorSpec) -> None:
        need_boxes(boxes, "boxes", exactly=True)


class BoxConvert(BoxFunction):
    """Writes boxes in another form: corners, corner and size, or middle and size.

    Input shape:  (N, 4)
    Output shape: the same
    """

    target = "ops.box_convert"
    formula = r"(x_1, y_1, x_2, y_2) \leftrightarrow (c_x, c_y, w, h)"
    use = f"Take it between a head that predicts middle and size and what needs corners; {_NEEDS}"
    aliases = ("xyxy", "xywh", "cxcywh", "corners", "detection")
    inputs = (_BOXES,)
    example: ClassVar[dict[str, Any]] = {"boxes": "B, 4"}
    in_fmt: Form = param("cxcywh", required=True, main=True, help="The form they come in.")
    out_fmt: Form = param("xyxy", required=True, main=True, help="The form they go out in.")

    def check(self, boxes: TensorSpec) -> None:
        need_boxes(boxes, "boxes")


class NMS(BoxFunction):
    """Keeps the best of boxes that overlap, and gives their numbers, the best first.

    How many stay depends on the boxes: a free size K.

    Input shape:  boxes (N, 4), scores (N)
    Output shape: (K), of type int64
    """

    target = "ops.nms"
    formula = r"\mathrm{keep} \ i \ \mathrm{if} \ \mathrm{IoU}(i, j) \leq t \ \mathrm{for \ all \ better} \ j"
    use = f"Take it after a detector, to say every thing once; it has no gradient, and {_NEEDS}"
    aliases = ("non maximum suppression", "detection", "boxes", "duplicates")
    inputs: ClassVar[tuple[Port, ...]] = (_BOXES, Port("scores", help="How sure the network is of each, (N)."))
    outputs = (Port("keep", help="The numbers of the boxes that stay."),)
    example: ClassVar[dict[str, Any]] = {"boxes": "B, 4", "scores": "B"}
    iou_threshold: float = param(
        0.5, min=0, max=1, required=True, main=True, help="More overlap than this is too much."
    )

    def check(self, boxes: TensorSpec, scores: TensorSpec) -> None:
        need_boxes(boxes, "boxes", exactly=True)
        if scores.shape != boxes.shape[:1] or scores.dtype != boxes.dtype:
            wanted = TensorSpec(boxes.shape[:1])
            raise LayerError(f"scores must be {boxes.dtype} {wanted}, gets {scores.dtype} {scores}.", port="scores")

    def promised(self, **inputs: Any) -> Mapping[str, TensorSpec] | None:
        return {"keep": TensorSpec(("K",), "int64")}


class BatchedNMS(NMS):
    """Keeps the best of boxes that overlap, each class or image by itself, and gives their numbers.

    How many stay depends on the boxes: a free size K.

    Input shape:  boxes (N, 4), scores (N), idxs (N)
    Output shape: (K), of type int64
    """

    target = "ops.batched_nms"
    use = f"Take it after a detector of several classes; it has no gradient, and {_NEEDS}"
    inputs = (*NMS.inputs, Port("idxs", help="The class or image of each, (N), of type int64."))
    example: ClassVar[dict[str, Any]] = {"boxes": "B, 4", "scores": "B", "idxs": "B int64"}

    def check(self, boxes: TensorSpec, scores: TensorSpec, idxs: TensorSpec | None = None) -> None:
        super().check(boxes, scores)
        if idxs is not None and (idxs.shape != boxes.shape[:1] or idxs.dtype != "int64"):
            wanted = TensorSpec(boxes.shape[:1], "int64")
            raise LayerError(f"idxs must be {wanted}, gets {idxs.dtype} {idxs}.", port="idxs")
