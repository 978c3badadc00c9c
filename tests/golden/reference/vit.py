"""Vision Transformer (Dosovitskiy et al., An Image is Worth 16x16 Words, 2020); B/16 by default."""

import torch
import torch.nn.functional as F
from torch import nn


class SelfAttention(nn.Module):
    """Every step gathers from all steps, in several heads; one projection makes query, key and value."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, width * 3)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        qkv = self.qkv(x).unflatten(2, (3, self.heads, -1))  # (B, T, 3, heads, D)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, heads, T, D) each
        x = F.scaled_dot_product_attention(q, k, v)
        x = x.transpose(1, 2).flatten(2)
        return self.proj(x)


class Block(nn.Module):
    """Attention and a small network, each with its norm before it and a way past it."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, width * 4),
            nn.GELU(),
            nn.Linear(width * 4, width),
        )

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    """images: (B, 3, image_size, image_size) -> logits: (B, classes)."""

    def __init__(
        self,
        classes=1000,
        image_size=224,
        patch_size=16,
        width=768,
        depth=12,
        heads=12,
    ):
        super().__init__()
        steps = (image_size // patch_size) ** 2 + 1
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, steps, width))
        self.patches = nn.Conv2d(3, width, patch_size, stride=patch_size)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, images):
        x = self.patches(images)  # (B, width, H, W)
        x = x.flatten(2).transpose(1, 2)  # (B, H * W, width)
        token = self.class_token.expand(x.shape[0], -1, -1)
        x = torch.cat([token, x], dim=1)
        x = x + self.positions
        x = self.blocks(x)
        x = self.norm(x)
        return self.head(x[:, 0])
