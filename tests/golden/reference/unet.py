"""U-Net (Ronneberger et al., 2015), with padding, batch norm, and a mask as large as the picture."""

import torch
from torch import nn


class DoubleConv(nn.Sequential):
    """Two convolutions that keep the size of the picture."""

    def __init__(self, in_channels, width):
        super().__init__(
            nn.Conv2d(in_channels, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )


class Down(nn.Sequential):
    """Halves the picture, and convolves it."""

    def __init__(self, in_channels, width):
        super().__init__(
            nn.MaxPool2d(2),
            DoubleConv(in_channels, width),
        )


class Up(nn.Module):
    """Doubles the picture, and convolves it with what was put by on the way down."""

    def __init__(self, in_channels, width):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, width, 2, stride=2)
        self.conv = DoubleConv(width * 2, width)

    def forward(self, x, skip):
        x = self.up(x)
        return self.conv(torch.cat([skip, x], dim=1))


class UNet(nn.Module):
    """images: (B, 3, H, W), H and W multiples of 16 -> mask: (B, classes, H, W)."""

    def __init__(self, classes=2, width=64):
        super().__init__()
        self.stem = DoubleConv(3, width)
        self.down1 = Down(width, width * 2)
        self.down2 = Down(width * 2, width * 4)
        self.down3 = Down(width * 4, width * 8)
        self.down4 = Down(width * 8, width * 16)
        self.up1 = Up(width * 16, width * 8)
        self.up2 = Up(width * 8, width * 4)
        self.up3 = Up(width * 4, width * 2)
        self.up4 = Up(width * 2, width)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, images):
        x1 = self.stem(images)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x = self.down4(x4)
        x = self.up1(x, x4)
        x = self.up2(x, x3)
        x = self.up3(x, x2)
        x = self.up4(x, x1)
        return self.head(x)
