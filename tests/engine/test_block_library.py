"""Ready blocks compute what their papers say: each beside a few lines written by hand, with the same weights."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.document.library import shipped
from tests.laws.block_samples import Sample, given, made, model_of

SMALL = {"width": 12, "heads": 3, "hidden": 20}
ENTRIES = {entry.name: entry for entry in shipped().entries}


def ready(name: str, args: dict, **inputs: tuple):
    """The block alone in a network, as it evaluates, and real inputs for it."""
    sample = Sample(ENTRIES[name], tuple(args.items()), tuple(inputs.items()))
    model = model_of(made(sample)[2]).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.3)
    return model, model.block, given(sample)


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, atol=1e-5, rtol=1e-4)


def test_a_basic_block_is_two_convolutions_beside_what_comes_in():
    model, b, (x,) = ready("BasicBlock", {"channels": 6}, x=(6, 7, 5))
    assert close(model(x), F.relu(x + b.bn2(b.conv2(F.relu(b.bn1(b.conv1(x)))))))


def test_a_bottleneck_narrows_and_widens_again():
    model, b, (x,) = ready("BottleneckDown", {"channels": 8, "stride": 2}, x=(6, 9, 7))
    y = F.relu(b.bn1(b.conv1(x)))
    y = F.relu(b.bn2(F.conv2d(y, b.conv2.weight, stride=2, padding=1)))
    short_cut = b.project_bn(F.conv2d(x, b.project.weight, stride=2))
    assert close(model(x), F.relu(b.bn3(b.conv3(y)) + short_cut))
    assert b.conv1.weight.shape == (2, 6, 1, 1)


def test_a_pre_activation_block_leaves_its_short_cut_alone():
    model, b, (x,) = ready("PreActBlock", {"channels": 6}, x=(6, 7, 5))
    assert close(model(x), x + b.conv2(F.relu(b.bn2(b.conv1(F.relu(b.bn1(x)))))))


def test_a_dense_block_lays_what_is_new_behind_what_was_there():
    model, b, (x,) = ready("DenseBlock", {"layers": 2, "growth": 3, "bottleneck": 2}, x=(4, 5, 6))
    y = x
    for layer in b.layers:
        new = layer.conv2(F.relu(layer.bn2(layer.conv1(F.relu(layer.bn1(y))))))
        y = torch.cat([y, new], 1)
    assert close(model(x), y)


def test_squeeze_and_excitation_weighs_every_channel_by_the_averages_of_all():
    model, b, (x,) = ready("SqueezeExcite", {"channels": 8, "reduction": 2}, x=(8, 5, 6))
    squeezed = x.mean((2, 3))
    reduced = F.relu(F.linear(squeezed, b.reduce.weight[:, :, 0, 0], b.reduce.bias))
    gates = torch.sigmoid(F.linear(reduced, b.expand.weight[:, :, 0, 0], b.expand.bias))
    assert close(model(x), x * gates[:, :, None, None])


def test_an_inverted_residual_works_channel_by_channel_in_the_wide_middle():
    model, b, (x,) = ready("InvertedResidual", {"channels": 4, "expand": 3}, x=(4, 7, 5))
    y = F.relu6(b.expand_bn(b.expand_conv(x)))
    y = F.relu6(b.depthwise_bn(F.conv2d(y, b.depthwise.weight, padding=1, groups=12)))
    assert close(model(x), x + b.project_bn(b.project(y)))


def test_a_block_of_mobilenet_v3_weighs_its_wide_middle():
    sizes = {"channels": 4, "hidden": 8, "kernel": 5, "reduction": 2}
    model, b, (x,) = ready("MobileNetV3Block", sizes, x=(4, 7, 5))
    y = F.hardswish(b.expand_bn(b.expand_conv(x)))
    y = F.hardswish(b.depthwise_bn(F.conv2d(y, b.depthwise.weight, padding=2, groups=8)))
    gates = F.hardsigmoid(b.excite.expand(F.relu(b.excite.reduce(y.mean((2, 3), keepdim=True)))))
    assert close(model(x), x + b.project_bn(b.project(y * gates)))


def test_a_step_up_a_u_net_cuts_what_is_doubled_to_the_size_of_what_came_across():
    model, b, (x, skip) = ready("UNetUp", {"channels": 4}, x=(8, 4, 3), skip=(5, 7, 6))
    assert close(model(x, skip), b.convs(torch.cat([skip, b.up(x)[:, :, :7, :6]], 1)))


def test_a_pyramid_adds_the_coarse_maps_to_the_fine_ones():
    sizes = {"c2": (2, 23, 17), "c3": (3, 12, 9), "c4": (4, 6, 5), "c5": (5, 3, 3)}
    model, b, maps = ready("FeaturePyramid", {"channels": 4}, **sizes)
    top, expected = None, []
    for level, x in zip((5, 4, 3, 2), reversed(maps)):
        lateral = b.get_submodule(f"lateral{level}")(x)
        if top is not None:
            doubled = top.repeat_interleave(2, 2).repeat_interleave(2, 3)
            lateral = lateral + doubled[:, :, : x.shape[2], : x.shape[3]]
        top = lateral
        expected.insert(0, b.get_submodule(f"smooth{level}")(top))
    assert all(close(ours, theirs) for ours, theirs in zip(model(*maps), expected, strict=True))


def test_a_temporal_block_is_two_causal_convolutions_with_normed_weights():
    model, b, (x,) = ready("TemporalBlock", {"channels": 4, "kernel": 3, "dilation": 2}, x=(4, 9))
    y = x
    for conv in (b.conv1, b.conv2):
        length, direction = conv.parametrizations.weight.original0, conv.parametrizations.weight.original1
        weight = length * direction / direction.flatten(1).norm(dim=1)[:, None, None]
        y = F.relu(F.conv1d(F.pad(y, (4, 0)), weight, conv.bias, dilation=2))
    assert close(model(x), F.relu(y + x))


def test_a_mixer_block_mixes_patches_and_then_channels():
    model, b, (x,) = ready("MixerBlock", {"tokens": 6, "width": 8, "token_hidden": 5, "hidden": 12}, x=(6, 8))
    mixed = x + b.token_mixing.down(F.gelu(b.token_mixing.up(b.norm1(x).mT))).mT
    assert close(model(x), mixed + b.channel_mixing.down(F.gelu(b.channel_mixing.up(b.norm2(mixed)))))


def test_a_patch_embedding_puts_the_class_token_first():
    model, b, (x,) = ready("PatchEmbedding", {"size": 8, "patch": 4, "width": 6}, x=(3, 8, 8))
    patches = F.unfold(x, 4, stride=4).mT @ b.project.weight.flatten(1).T + b.project.bias
    tokens = torch.cat([b.class_token.expand(3, 1, 6), patches], 1)
    assert close(model(x), tokens + b.position)


def test_an_encoder_layer_is_that_of_torch_with_the_norms_first():
    model, b, (x,) = ready("EncoderLayer", {"width": 12, "heads": 3, "hidden": 20}, x=(5, 12))
    theirs = nn.TransformerEncoderLayer(12, 3, 20, activation="gelu", batch_first=True, norm_first=True).eval()
    names = {"attention": "self_attn", "feed_forward.up": "linear1", "feed_forward.down": "linear2"}
    theirs.load_state_dict(renamed(b, names))
    assert close(model(x), theirs(x))


def test_padding_is_hidden_from_an_encoder_layer():
    model, b, (x, padding) = ready("EncoderLayer", SMALL, x=(6, 12), padding_mask=(6,))
    theirs = nn.TransformerEncoderLayer(12, 3, 20, activation="gelu", batch_first=True, norm_first=True).eval()
    names = {"attention": "self_attn", "feed_forward.up": "linear1", "feed_forward.down": "linear2"}
    theirs.load_state_dict(renamed(b, names))
    assert padding.any()
    assert close(model(x, padding), theirs(x, src_key_padding_mask=padding))


def test_a_decoder_layer_is_that_of_torch_with_the_norms_first():
    model, b, (x, memory) = ready("DecoderLayer", {"width": 12, "heads": 3, "hidden": 20}, x=(5, 12), memory=(7, 12))
    theirs = nn.TransformerDecoderLayer(12, 3, 20, activation="gelu", batch_first=True, norm_first=True).eval()
    names = {"self_attention": "self_attn", "cross_attention": "multihead_attn"}
    names |= {"feed_forward.up": "linear1", "feed_forward.down": "linear2"}
    theirs.load_state_dict(renamed(b, names))
    mask = torch.full((5, 5), -math.inf).triu(1)
    assert close(model(x, memory), theirs(x, memory, tgt_mask=mask))


def renamed(module: nn.Module, names: dict[str, str]) -> dict[str, torch.Tensor]:
    """The weights under the names that another module has for its parts."""
    found = {}
    for key, value in module.state_dict().items():
        part = next((p for p in names if key.startswith(f"{p}.")), "")
        found[names.get(part, part) + key.removeprefix(part)] = value
    return found


def test_swiglu_gates_one_linear_layer_by_another():
    model, b, (x,) = ready("SwiGLU", {"width": 12, "hidden": 20}, x=(5, 12))
    normal = x / (x.square().mean(-1, keepdim=True) + torch.finfo(x.dtype).eps).sqrt() * b.norm.weight
    gate = normal @ b.gate.weight.T
    expected = (gate * torch.sigmoid(gate) * (normal @ b.up.weight.T)) @ b.down.weight.T
    assert close(model(x), expected)


def turned(x: torch.Tensor, base: float = 10000.0) -> torch.Tensor:
    """Rotary positions by complex numbers: entry i of the first half and of the second are one number."""
    half = x.shape[-1] // 2
    angles = torch.outer(torch.arange(x.shape[-2]), base ** -(torch.arange(half) / half))
    pairs = torch.complex(*x.chunk(2, -1)) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([pairs.real, pairs.imag], -1)


def test_rotary_positions_turn_pairs_of_numbers_as_complex_numbers_do():
    model, _, (x,) = ready("Rotary", {"base": 100.0}, x=(2, 5, 6))
    assert close(model(x), turned(x, 100.0))


def test_causal_attention_is_the_softmax_of_turned_queries_and_keys():
    model, b, (x,) = ready("CausalAttention", {"width": 12, "heads": 3}, x=(5, 12))
    q, k, v = (layer(x).view(3, 5, 3, 4).transpose(1, 2) for layer in (b.query, b.key, b.value))
    scores = turned(q) @ turned(k).mT / 2 + torch.full((5, 5), -math.inf).triu(1)
    assert close(model(x), b.mix((scores.softmax(-1) @ v).transpose(1, 2).reshape(3, 5, 12)))


def test_a_llama_block_adds_attention_and_then_the_gated_feed_forward():
    model, b, (x,) = ready("LlamaBlock", {"width": 12, "heads": 3, "hidden": 20}, x=(5, 12))
    mixed = x + b.attention(b.norm(x))
    assert close(model(x), mixed + b.feed_forward(mixed))


def test_a_mixture_is_the_sum_of_the_chosen_experts():
    model, b, (x,) = ready("MixtureOfExperts", {"width": 6, "hidden": 5, "experts": 4}, x=(7, 6))
    out, balance = model(x)
    scores, expected, used = b.router(x), torch.zeros_like(x), torch.zeros(3, 7, 4)
    for sample in range(3):
        for step in range(7):
            values, best = scores[sample, step].topk(2)
            for share, expert in zip(values.softmax(-1), best):
                y = F.gelu(x[sample, step] @ b.up[expert]) @ b.down[expert]
                expected[sample, step] += share * y
                used[sample, step, expert] = 1.0
    assert close(out, expected)
    assert close(balance, 4 / 2 * (used.mean(1) * scores.softmax(-1).mean(1)).sum(-1))


def test_a_conv_next_block_mixes_channels_after_looking_around():
    model, b, (x,) = ready("ConvNeXtBlock", {"channels": 4, "drop_path": 0.5}, x=(4, 9, 8))
    y = F.conv2d(x, b.depthwise.weight, b.depthwise.bias, padding=3, groups=4).movedim(1, -1)
    y = b.gamma * b.down(F.gelu(b.up(b.norm(y))))
    assert close(model(x), x + y.movedim(-1, 1))


def test_the_factors_of_a_conv_next_block_start_small():
    sample = Sample(ENTRIES["ConvNeXtBlock"], (("channels", 4),), (("x", (4, 5, 3)),))
    assert model_of(made(sample)[2]).block.gamma.tolist() == [pytest.approx(1e-6)] * 4


def test_a_dropped_path_leaves_samples_out_and_keeps_the_average():
    model, _, (x,) = ready("DropPath", {"rate": 0.5}, x=(4, 5, 3))
    assert close(model(x), x)
    torch.manual_seed(0)
    kept = model.train()(torch.ones(4000, 4, 5, 3)).flatten(1)
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert all(torch.equal(row, row[:1].expand(60)) for row in kept[:20])
    assert abs(kept.mean().item() - 1.0) < 0.1


def test_the_divergence_of_a_vae_head_is_that_of_two_normal_distributions():
    model, _, (x,) = ready("VAEHead", {"latent": 4}, x=(12,))
    z, mean, log_var, kl = model(x)
    ours, standard = torch.distributions.Normal(mean, (log_var / 2).exp()), torch.distributions.Normal(0.0, 1.0)
    assert close(kl, torch.distributions.kl_divergence(ours, standard).sum(1))
    torch.manual_seed(3)
    z = model(x)[0]
    torch.manual_seed(3)
    assert close(z, mean + (log_var / 2).exp() * torch.randn_like(mean))


def test_the_decoder_attends_to_what_its_state_scores_highest():
    sizes = {"tokens": 9, "embedding": 4, "width": 6}
    model, b, (x, memory, state) = ready("AttentionDecoder", sizes, x=(5,), memory=(7, 6), state=(6,))
    hidden, last = b.gru(b.embedding(x), state[None])
    weights = torch.einsum("btd,de,bse->bts", hidden, b.score.weight, memory).softmax(-1)
    context = torch.einsum("bts,bsd->btd", weights, memory)
    out, new = model(x, memory, state)
    assert close(out, b.logits(torch.tanh(b.combine(torch.cat([context, hidden], 2)))))
    assert close(new, last)


@pytest.mark.parametrize(
    ("name", "args", "inputs", "dim"),
    [
        ("DecoderLayer", SMALL, {"x": (5, 12), "memory": (7, 12)}, 1),
        ("LlamaBlock", {"width": 12, "heads": 3, "hidden": 20}, {"x": (5, 12)}, 1),
        ("TemporalBlock", {"channels": 4, "dilation": 2}, {"x": (4, 5)}, 2),
        ("TemporalBlockIn", {"channels": 4}, {"x": (3, 5)}, 2),
    ],
)
def test_a_step_never_sees_a_later_one(name, args, inputs, dim):
    model, _, (x, *others) = ready(name, args, **inputs)
    later = x.clone()
    later.narrow(dim, 3, 2).add_(1.0)
    early = [model(*given).narrow(dim, 0, 3) for given in ((x, *others), (later, *others))]
    assert close(*early)
    assert not close(model(x, *others), model(later, *others))
