"""Complex numbers, and the frequencies of a signal."""

from __future__ import annotations

from typing import Literal

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import broadcast, is_batch
from engine.layers.rearrange import need_distinct
from engine.spec import IntList, param
from engine.tensor import TensorSpec

_REAL_IN = frozenset({"rfft", "ihfft", "rfft2", "rfftn"})
_REAL_OUT = frozenset({"irfft", "hfft", "irfft2", "irfftn"})
_SHIFTS = frozenset({"fftshift", "ifftshift"})


def need_single(x: TensorSpec, of: str) -> None:
    """Raises: LayerError unless it is float32, float64, or the complex type of one of them."""
    if x.dtype not in ("float32", "float64", "complex64", "complex128"):
        raise LayerError(f"Needs {of}, gets {x}.", "Put a Cast to float32 before it.")


class FFT(FunctionLayer):
    """Turns a signal into its frequencies, or frequencies into the signal.

    Input shape:  any; real for rfft, complex for irfft
    Output shape: the same; rfft keeps n // 2 + 1 frequencies along the last of dim, irfft gives 2 (n - 1) numbers back
    """

    target = "torch.fft.fft"
    category = "merge"
    formula = r"y_k = \sum_{n} x_n \, e^{-2 \pi i \, k n / N}"
    use = "Take rfft and irfft for real signals and images, as spectral layers do; fft for complex ones."
    aliases = (
        "fourier",
        "frequency",
        "torch.fft.rfft",
        "spectrum",
        "fnet",
        "fno",
        "ifft",
        "rfft",
    )
    function: Literal[
        "fft",
        "ifft",
        "rfft",
        "irfft",
        "hfft",
        "ihfft",
        "fft2",
        "ifft2",
        "rfft2",
        "irfft2",
        "fftn",
        "ifftn",
        "rfftn",
        "irfftn",
        "fftshift",
        "ifftshift",
    ] = param("rfft", literal=True, main=True, help="Which transform; those with 2 and n go along several dimensions.")
    dim: IntList = param((-1,), main=True, help="The dimensions it goes along: one, for those with 2 two.")
    norm: Literal["backward", "forward", "ortho"] = param(
        "backward", literal=True, help="Which way is divided by the count; ortho divides both by its square root."
    )

    def check(self, x: TensorSpec) -> None:
        need_single(x, "float32 or complex64")
        dims = need_distinct(x, self.dim, "dim")
        wanted = 2 if self.function.endswith("2") else None if self.function[-1] in "nt" and self._is_many() else 1
        if wanted is not None and len(dims) != wanted:
            many = "one dimension" if wanted == 1 else "two dimensions"
            raise LayerError(f"{self.function} goes along {many}, and dim names {len(dims)}.", "Set dim to -1.")
        if self.function in _REAL_IN and not x.is_floating:
            raise LayerError(f"{self.function} needs real numbers, gets {x}.", "Take fft for complex ones.")
        last = x.shape[dims[-1]]
        if self.function in _REAL_OUT and isinstance(last, int) and last < 2:
            raise LayerError(f"{self.function} needs two frequencies or more, and there is one in {x}.")

    def _is_many(self) -> bool:
        return self.function in _SHIFTS or self.function.endswith("n")

    def write(self, names: Names) -> str:
        single = not (self._is_many() or self.function.endswith("2"))
        dim = str(self.dim[0]) if single and isinstance(self.dim, tuple) else names.params["dim"]
        norm = "" if self.norm == "backward" or self.function in _SHIFTS else ", norm={norm}"
        return names.fill("torch.fft." + self.function + "({x}, dim=") + dim + names.fill(norm) + ")"


class ComplexPart(FunctionLayer):
    """Takes the real or imaginary part, the size or the angle of complex numbers, or their mirror image.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.real"
    category = "merge"
    formula = r"z = a + i b = r \, e^{i \varphi}"
    use = "Take it behind an FFT, whose numbers most layers do not take; ViewAsReal keeps both parts side by side."
    aliases = ("real", "imag", "abs", "angle", "conj", "magnitude", "phase", "torch.real", "torch.angle", "z.abs()")
    part: Literal["real", "imag", "abs", "angle", "conj"] = param(
        "abs", literal=True, main=True, help="The part: abs is the size, angle the phase, conj the mirror image."
    )

    def check(self, x: TensorSpec) -> None:
        if not x.dtype.startswith("complex"):
            raise LayerError(f"Needs complex numbers, gets {x}.", "Put an FFT before it.")

    def write(self, names: Names) -> str:
        call = "" if self.part in ("real", "imag") else "()"
        return f"{names.inputs['x']}.{self.part}{call}"


class Complex(FunctionLayer):
    """Puts complex numbers together, of real and imaginary parts or of sizes and angles.

    Input shape:  two of the same shape; sizes of 1 are stretched
    Output shape: the same, complex
    """

    target = "torch.complex"
    category = "merge"
    formula = r"y = a + i b \quad \mathrm{or} \quad y = a \, e^{i b}"
    use = "Take it with polar for the rotations of a rotary embedding; before an inverse FFT with the two parts."
    aliases = ("torch.complex", "torch.polar", "polar", "phasor", "rotation", "rotary embedding")
    inputs = (Port("a", help="The real part, or the size."), Port("b", help="The imaginary part, or the angle."))
    form: Literal["complex", "polar"] = param("complex", literal=True, main=True, help="What the two inputs are.")

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        for port, x in (("a", a), ("b", b)):
            if x.dtype not in ("float32", "float64"):
                raise LayerError(f"Needs float32 or float64, gets {x}.", "Put a Cast before it.", port=port)
        if a.dtype != b.dtype:
            raise LayerError(f"The types differ: {a.dtype}, {b.dtype}.", "Both need the same type.")
        if not broadcast((a, b)):
            raise LayerError(f"The inputs differ: {a}, {b}.", "Both need the same sizes.")

    def write(self, names: Names) -> str:
        return names.fill(f"torch.{self.form}({{a}}, {{b}})")


class ViewAsReal(FunctionLayer):
    """Shows complex numbers as pairs of real ones: the real part and the imaginary part.

    Input shape:  any, complex
    Output shape: the same and 2
    """

    target = "torch.view_as_real"
    category = "shape"
    use = "Take it to hand complex numbers to layers with weights; back again with ViewAsComplex."
    aliases = ("torch.view_as_real", "complex to real", "pairs")
    expression = "torch.view_as_real({x})"

    def check(self, x: TensorSpec) -> None:
        if not x.dtype.startswith("complex"):
            raise LayerError(f"Needs complex numbers, gets {x}.", "Put an FFT before it.")


class ViewAsComplex(FunctionLayer):
    """Takes pairs of real numbers as complex ones.

    Input shape:  (..., 2)
    Output shape: (...), complex
    """

    target = "torch.view_as_complex"
    category = "shape"
    use = "Take it for rotary embeddings, which turn pairs of features; the pairs must lie next to one another."
    example = {"x": "B, 16, 2"}
    aliases = ("torch.view_as_complex", "real to complex", "pairs", "rotary embedding")
    expression = "torch.view_as_complex({x})"

    def check(self, x: TensorSpec) -> None:
        if x.dtype not in ("float32", "float64"):
            raise LayerError(f"Needs float32 or float64, gets {x}.", "Put a Cast before it.")
        if not x.rank or x.shape[-1] != 2:
            raise LayerError(f"Needs pairs (..., 2), gets {x}.", "Put an Unflatten with sizes -1, 2 before it.")


class STFT(FunctionLayer):
    """Cuts a signal into overlapping windows and gives the frequencies of each: a spectrogram.

    Input shape:  (L,) or (B, L)
    Output shape: (B, n_fft // 2 + 1, frames), complex
    """

    target = "torch.stft"
    category = "merge"
    formula = r"y_{k,t} = \sum_{n} w_n \, x_{t h + n} \, e^{-2 \pi i \, k n / N}"
    use = "Take it for sound; a ComplexPart with abs behind it gives the spectrogram that convolutions read."
    example = {"x": "B, 1024"}
    aliases = ("spectrogram", "torch.stft", "audio", "sound", "short time fourier", "speech", "mel")
    inputs = (Port("x", help="The signal."), Port("window", "optional", "Its window (n_fft,); else a Hann window."))
    n_fft: int = param(400, min=2, main=True, help="Length of a window, in samples.")
    hop_length: int = param(160, min=1, main=True, help="From one window to the next, in samples.")
    center: bool = param(True, literal=True, help="Windows are centred on their place; the ends are mirrored.")

    def check(self, x: TensorSpec, window: TensorSpec | None = None) -> None:
        if x.rank not in (1, 2) or is_batch(x.shape[-1]):
            raise LayerError(f"Needs a signal (B, L), gets {x}.", "Take the channel away with a Squeeze.", port="x")
        if x.dtype not in ("float32", "float64"):
            raise LayerError(f"Needs float32 or float64, gets {x}.", "Put a Cast before it.", port="x")
        least = self.n_fft // 2 + 1 if self.center else self.n_fft
        if isinstance(x.shape[-1], int) and x.shape[-1] < least:
            raise LayerError(f"The window covers {self.n_fft}, and the signal {x} is too short.", "Set n_fft smaller.")
        if window is not None and (window.shape != (self.n_fft,) or window.dtype != x.dtype):
            raise LayerError(f"Needs a window of {self.n_fft}, gets {window}.", port="window")

    def write(self, names: Names) -> str:
        x, window = str(names.inputs["x"]), str(names.inputs.get("window", "None"))
        n_fft, hop = names.params["n_fft"], names.params["hop_length"]
        window = f"torch.hann_window({n_fft}, device={x}.device)" if window == "None" else window
        given = [x, n_fft, hop, f"window={window}", *([] if self.center else ["center=False"]), "return_complex=True"]
        return f"torch.stft({', '.join(given)})"
