"""ResNet-50 (He et al., Deep Residual Learning for Image Recognition, 2015)."""

from torch import nn


class Bottleneck(nn.Module):
    """Convolves in few channels and adds the input, projected where sizes change.

    The stride is that of the 3 x 3 convolution, as in the version that is mostly used.
    """

    def __init__(self, in_channels, width, stride=1):
        super().__init__()
        out_channels = width * 4
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        y = self.conv1(x)
        y = self.bn1(y)
        y = self.relu(y)
        y = self.conv2(y)
        y = self.bn2(y)
        y = self.relu(y)
        y = self.conv3(y)
        y = self.bn3(y)
        return self.relu(y + self.shortcut(x))


def stage(in_channels, width, depth, stride):
    """The first block of a stage changes the sizes, the others keep them."""
    rest = [Bottleneck(width * 4, width) for _ in range(depth - 1)]
    return nn.Sequential(Bottleneck(in_channels, width, stride), *rest)


class ResNet50(nn.Module):
    """images: (B, 3, H, W) -> logits: (B, classes)."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = stage(64, 64, depth=3, stride=1)
        self.layer2 = stage(256, 128, depth=4, stride=2)
        self.layer3 = stage(512, 256, depth=6, stride=2)
        self.layer4 = stage(1024, 512, depth=3, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(2048, classes)

    def forward(self, images):
        x = self.conv1(images)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = self.avgpool(x)
        return self.fc(x.flatten(1))
