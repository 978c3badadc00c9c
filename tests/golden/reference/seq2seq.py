"""Two LSTMs with attention (Luong et al., Effective Approaches to Attention-based Translation, 2015).

Dot products score the memory, and the target is known while it trains.
"""

import torch
from torch import nn


class Encoder(nn.Module):
    """tokens: (B, S) -> memory: (B, S, width), and the states after the last step."""

    def __init__(self, vocabulary, width):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, batch_first=True)

    def forward(self, tokens):
        x = self.embedding(tokens)
        memory, (hidden, cell) = self.lstm(x)
        return memory, hidden, cell


class Attention(nn.Module):
    """Mixes the memory by how well it answers each query."""

    def forward(self, query, memory):
        scores = query @ memory.transpose(1, 2)  # (B, T, S)
        weights = torch.softmax(scores, dim=2)
        return weights @ memory


class Decoder(nn.Module):
    """tokens: (B, T) -> logits of the token after each: (B, T, vocabulary)."""

    def __init__(self, vocabulary, width):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, batch_first=True)
        self.attention = Attention()
        self.combine = nn.Linear(width * 2, width)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens, memory, hidden, cell):
        x = self.embedding(tokens)
        x, _ = self.lstm(x, (hidden, cell))
        context = self.attention(x, memory)
        x = torch.cat([x, context], dim=2)
        x = torch.tanh(self.combine(x))
        return self.head(x)


class Translator(nn.Module):
    """source: (B, S), target: (B, T) -> logits: (B, T, target_vocabulary)."""

    def __init__(self, source_vocabulary=10000, target_vocabulary=8000, width=512):
        super().__init__()
        self.encoder = Encoder(source_vocabulary, width)
        self.decoder = Decoder(target_vocabulary, width)

    def forward(self, source, target):
        memory, hidden, cell = self.encoder(source)
        return self.decoder(target, memory, hidden, cell)
