"""A formula as one line of text: what is read aloud, and what stands there until the picture does."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]")
_SIGNS = {
    "cdot": "·", "times": "×", "div": "÷", "pm": "±", "odot": "⊙", "oplus": "⊕", "otimes": "⊗", "star": "⋆", "ast": "∗",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "~", "equiv": "≡",
    "in": "∈", "notin": "∉", "to": "→", "rightarrow": "→", "leftarrow": "←", "mapsto": "↦", "infty": "∞",
    "sum": "Σ", "prod": "Π", "int": "∫", "partial": "∂", "nabla": "∇", "top": "ᵀ", "prime": "′", "mid": "|",
    "ldots": "…", "dots": "…", "cdots": "⋯", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "langle": "⟨", "rangle": "⟩", "wedge": "∧", "vee": "∨", "neg": "¬", "land": "∧", "lor": "∨", "forall": "∀",
    "ell": "ℓ", "circ": "∘", "bullet": "•", "vert": "|", "Vert": "‖", "lvert": "|", "rvert": "|", "colon": ":",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
    "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "quad": "  ", "qquad": "   ", ",": "", ";": " ", ":": " ", "!": "", " ": " ", "_": "_", "%": "%", "|": "‖",
    "{": "{", "}": "}", "&": "&", "#": "#", "$": "$",
}  # fmt: skip
_WRAPPERS = {
    *("mathrm", "mathbf", "mathit", "mathcal", "mathbb", "mathsf", "mathtt", "text", "operatorname", "boldsymbol"),
    *("hat", "bar", "tilde", "vec", "overline", "widehat", "dot", "mathfrak", "mathscr", "displaystyle"),
}
_SKIPPED = {"left", "right", "big", "Big", "bigg", "Bigg", "limits", "nolimits", "displaystyle", "textstyle"}
_ABOVE = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_BELOW = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_NAMES = {"max", "min", "log", "exp", "tanh", "sin", "cos", "tan", "ln", "sup", "inf", "arg", "det", "argmax", "argmin"}


def plain(latex: str) -> str:
    """The formula in Unicode: r"\\frac{x}{1 + |x|}" reads "x / (1 + |x|)"."""
    text, _ = _sequence(_TOKEN.findall(latex), 0)
    return re.sub(r"\s+([,)\]])", r"\1", re.sub(r"\s{2,}", "  ", text)).strip()


def _sequence(tokens: list[str], at: int) -> tuple[str, int]:
    """What stands from a place to the end of its group. Returns: the text, and where it goes on."""
    result = ""
    while at < len(tokens) and tokens[at] != "}":
        piece, at = _piece(tokens, at)
        result += piece
    return result, at + 1


def _piece(tokens: list[str], at: int) -> tuple[str, int]:
    token = tokens[at]
    if token == "{":
        return _sequence(tokens, at + 1)
    if token in "^_" and len(token) == 1:
        inside, at = _argument(tokens, at + 1)
        return _raised(inside) if token == "^" else _lowered(inside), at
    if token.startswith("\\") and len(token) > 1:
        return _command(token[1:], tokens, at + 1)
    return (" " if token.isspace() else token), at + 1


def _command(name: str, tokens: list[str], at: int) -> tuple[str, int]:
    if name in ("frac", "dfrac", "tfrac"):
        above, at = _argument(tokens, at)
        below, at = _argument(tokens, at)
        return f"{_grouped(above)} / {_grouped(below)}", at
    if name == "sqrt":
        inside, at = _argument(tokens, at)
        return f"√{_grouped(inside)}", at
    if name in _SKIPPED:
        return "", at
    if name in _WRAPPERS:
        return _argument(tokens, at)
    if name in _NAMES:
        return name, at
    return _SIGNS.get(name, name), at


def _argument(tokens: list[str], at: int) -> tuple[str, int]:
    """The next group or letter."""
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return _piece(tokens, at) if at < len(tokens) else ("", at)


def _grouped(text: str) -> str:
    """In brackets, unless it is one thing already."""
    text = text.strip()
    is_one = re.fullmatch(r"√?[\w.′ₐ-ₜ₀-₉ⁿ²³]+|√?\w*\([^()]*\)|\|[^|]*\||‖[^‖]*‖", text)
    return text if is_one else f"({text})"


def _raised(text: str) -> str:
    if text in ("ᵀ", "′", "∗"):
        return text
    above = text.translate(_ABOVE)
    return above if all(a != b for a, b in zip(above, text, strict=True)) else f"^{_grouped(text)}"


def _lowered(text: str) -> str:
    below = text.translate(_BELOW)
    return below if all(a != b for a, b in zip(below, text, strict=True)) else f"_{_grouped(text)}"
