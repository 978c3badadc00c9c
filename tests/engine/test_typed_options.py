"""What a person types behind a layer's name becomes its options; what cannot be one is said in words."""

import pytest

from engine.layers import Layer, catalogue, find
from engine.layers.base import Derived, ModuleLayer, source
from engine.layers.typed_options import _sizes, read, split

SCOPE = ("width", "depth")


@pytest.mark.parametrize(
    ("query", "key", "changed"),
    [
        ("Conv2d 64 3 s2", "Conv2d", {"out_channels": 64, "stride": 2, "padding": 1}),
        ("conv 64 5 2 1", "Conv2d", {"out_channels": 64, "kernel_size": 5, "stride": 2, "padding": 1}),
        ("conv 64 3x5", "Conv2d", {"out_channels": 64, "kernel_size": (3, 5)}),
        ("conv 64 (3, 5) valid", "Conv2d", {"out_channels": 64, "kernel_size": (3, 5), "padding": "valid"}),
        ("lin 10", "Linear", {"out_features": 10}),
        ("linear 10 bias=False", "Linear", {"out_features": 10, "bias": False}),
        ("linear 10 bias = no", "Linear", {"out_features": 10, "bias": False}),
        ("linear 10 no bias", "Linear", {"out_features": 10, "bias": False}),
        ("linear 10 nobias", "Linear", {"out_features": 10, "bias": False}),
        ("LSTM 128 bidirectional", "LSTM", {"hidden_size": 128, "bidirectional": True}),
        ("lstm 128 2 layers dropout .2", "LSTM", {"hidden_size": 128, "num_layers": 2, "dropout": 0.2}),
        ("attention 8 heads", "MultiheadAttention", {"num_heads": 8}),
        ("attention 8 heads causal", "MultiheadAttention", {"num_heads": 8, "is_causal": True}),
        ("maxpool 3 2", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("dropout .2", "Dropout", {"p": 0.2}),
        ("dropout p=.2", "Dropout", {"p": 0.2}),
        ("bn", "BatchNorm2d", {}),
        ("bn momentum=.5", "BatchNorm2d", {"momentum": 0.5}),
        ("input 3 32 32", "Input", {"shape": (3, 32, 32)}),
        ("reshape 4 -1", "Reshape", {"shape": (4, -1)}),
        ("upsample 3 bilinear", "Upsample", {"scale_factor": 3.0, "mode": "bilinear"}),
        ("nn.Linear(128, 10, bias=False)", "Linear", {"out_features": 10, "bias": False}),
        ("nn.Conv2d(3, 64, 7, stride=2, padding=3)", "Conv2d", {"out_channels": 64, "kernel_size": 7, "stride": 2}),
        ("nn.Linear(in_features=128, out_features=10)", "Linear", {"out_features": 10}),
        ("nn.BatchNorm2d(64)", "BatchNorm2d", {}),
        ("lnear 10", "Linear", {"out_features": 10}),
        ("lineer 10", "Linear", {"out_features": 10}),
        ("conv 64 stride 2", "Conv2d", {"out_channels": 64, "stride": 2}),
        ("conv 64 kernel 5 stride 2", "Conv2d", {"out_channels": 64, "kernel_size": 5, "stride": 2}),
        ("conv 64 channels 5 kernel", "Conv2d", {"out_channels": 64, "kernel_size": 5}),
        ("lstm 2 layers 128", "LSTM", {"num_layers": 2, "hidden_size": 128}),
        ("lstm bidirectional", "LSTM", {"bidirectional": True}),
        ("linear no bias", "Linear", {"bias": False}),
        ("conv same", "Conv2d", {}),
        ("maxpool ceil_mode", "MaxPool2d", {"ceil_mode": True}),
        ("gelu tanh", "GELU", {"approximate": "tanh"}),
        ("conv2d reflect", "Conv2d", {"padding_mode": "reflect"}),
        ("mha causal", "MultiheadAttention", {"is_causal": True}),
        ("batch norm momentum .2", "BatchNorm2d", {"momentum": 0.2}),
        ("layer norm", "LayerNorm", {}),
        ("input T 16", "Input", {"shape": ("T", 16)}),
        ("Input(T, 16)", "Input", {"shape": ("T", 16)}),
        ("input int64 T", "Input", {"shape": ("T",), "dtype": "int64"}),
        ("self.fc = nn.Linear(3, 7)", "Linear", {"out_features": 7}),
        ("x = F.relu(x)", "ReLU", {}),
        ("x.view(x.size(0), -1)", "Flatten", {}),
        ("x.view(B, T, 8, 64)", "Reshape", {"shape": (-1, 8, 64)}),
        ("x = x.reshape(-1, 16)", "Reshape", {"shape": (16,)}),
        ("torch.reshape(x, (-1, 4, 4))", "Reshape", {"shape": (4, 4)}),
    ],
)
def test_options_are_read_as_people_type_them(query, key, changed):
    first = find(query)[0]
    assert first.key == key
    typed = read(first, query)
    assert typed.layer.changed().items() >= changed.items()
    assert typed.refused == ()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("linear -5", "at least 1, not '-5'"),
        ("linear 1.5", "a whole number, not '1.5'"),
        ("dropout 5", "at most 1"),
        ("linear 10 20 30", "20, 30: Linear has no more options"),
        ("conv 64 colour=3", "no option colour"),
        ("linear 10 sideways", "no option sideways"),
        ("relu k3", "no option k3"),
        ("conv 64 padding=somehow", "padding must be"),
    ],
)
def test_what_cannot_be_taken_is_said(query, said):
    typed = read(find(query)[0], query)
    assert said in " ".join(typed.refused)


def test_parameters_of_the_block_are_values_and_no_words():
    for text in ("linear width*2", "linear width * 2"):
        layer = read(find(text, scope=SCOPE)[0], text, SCOPE).layer
        assert layer.out_features.text.replace(" ", "") == "width*2"
    assert find("conv width", scope=SCOPE)[0].key == "Conv2d"
    assert split("conv width", SCOPE) == (("conv",), ("width",))


def test_words_behind_a_number_bring_layers_that_know_them_to_the_top():
    assert find("conv 64 relu")[0].key in ("Conv2dNormActivation", "Conv2d")
    assert find("attention 8 heads")[0].key == "MultiheadAttention"
    assert find("64 conv")[0].key == "Conv2d"


@pytest.mark.parametrize("text", ["conv (", "conv ((", "(", "=", "a=", "conv 64 bias=", "nn.Conv2d(", "conv 3x", ")("])
def test_half_of_a_line_is_read_without_harm(text):
    for kind in find(text)[:3]:
        read(kind, text)


MODULES = [kind for kind in catalogue() if issubclass(kind, ModuleLayer)]


@pytest.mark.parametrize("kind", MODULES, ids=lambda kind: kind.key)
def test_the_line_that_the_code_has_is_read_back(kind):
    call = kind().build(dict.fromkeys(_sizes(kind.key), 64))
    values = [*((None, v) for v in call.positional), *call.named]
    plain = [(name, v.value if isinstance(v, Derived) else v) for name, v in values]
    texts = [f"{name}={source(v)}" if name else source(v) for name, v in plain]
    if any("nn." in text for text in texts) or not call.target.startswith("nn."):
        pytest.skip("its call holds another module, or is none of nn")
    typed = read(kind, f"{call.target}({', '.join(texts)})")
    assert typed.layer == kind()
    assert typed.refused == ()
    assert Layer.registry[kind.key] is kind
