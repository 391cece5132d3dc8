# SPDX-License-Identifier: Apache-2.0
"""The layers of the two vision parts, in the order in which they run.

One table serves the converter (it checks every shape against it), the README (which prints it) and the golden-data scripts.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Conv:
    """One convolution (or, with kernel 0, one linear layer) with bias."""

    name: str  # parameter names are name + ".weight" and name + ".bias"
    in_channels: int
    out_channels: int
    kernel: int  # square; 0: linear
    stride: int
    padding: tuple  # zeros added: left, right, top, bottom
    activation: str  # "leaky_relu_0.1", "relu6" or "none"
    groups: int = 1

    @property
    def weight_shape(self):
        if self.kernel == 0:
            return (self.out_channels, self.in_channels)
        return (self.out_channels, self.in_channels // self.groups, self.kernel, self.kernel)


# NanoDet-g: (channels into the stage, residual blocks, stride) of the four cross-stage-partial stages.
NANODET_STAGES = ((32, 1, 1), (64, 2, 2), (128, 2, 2), (256, 3, 2))
NANODET_NECK_CHANNELS = 128
NANODET_LABELS = 80
NANODET_BINS = 11

# EfficientNet-Lite0: (repeats, kernel, stride of the first, expansion, in, out) of the seven stages.
LITE0_STAGES = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
LITE0_FEATURE_CHANNELS = 1280
LITE0_LABELS = 1000
LITE0_BATCH_NORM_EPSILON = 1e-3


def detector_layers():
    """NanoDet-g's 34 convolutions in the order of the TensorFlow.js graph's own numbering."""
    leaky = "leaky_relu_0.1"

    def conv3(name, cin, cout, stride=1):
        return Conv(f"detector.{name}", cin, cout, 3, stride, (1, 1, 1, 1), leaky)

    layers = [conv3("backbone.stem", 3, 32, 2)]
    for i, (c, repeats, stride) in enumerate(NANODET_STAGES):
        stage = f"backbone.stages.{i}"
        layers.append(conv3(f"{stage}.in_conv", c, c, stride))
        for j in range(repeats):
            layers.append(conv3(f"{stage}.res_blocks.{j}.in_conv", c, c // 2))
            layers.append(conv3(f"{stage}.res_blocks.{j}.mid_conv", c // 2, c // 2))
        layers.append(conv3(f"{stage}.res_out_conv", c, c))
    neck = NANODET_NECK_CHANNELS
    for i, (c, _, _) in enumerate(NANODET_STAGES[1:]):
        layers.append(Conv(f"detector.neck.lateral.{i}", 2 * c, neck, 1, 1, (0, 0, 0, 0), "none"))
    for i in range(3):
        layers.append(conv3(f"head.{i}.conv", neck, neck))
        outputs = NANODET_LABELS + 4 * NANODET_BINS
        layers.append(Conv(f"detector.head.{i}.output", neck, outputs, 1, 1, (0, 0, 0, 0), "none"))
    return layers


def same_padding(size, kernel, stride):
    """TensorFlow's SAME: as much as the output size needs, the odd pixel at the end. Returns (begin, end)."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def vision_encoder_layers(input_size=224):
    """EfficientNet-Lite0 after folding, at its own input size (every padding of it follows from the size)."""
    layers = []
    size = input_size

    def add(name, cin, cout, kernel, stride, activation, groups=1):
        nonlocal size
        pad = same_padding(size, kernel, stride)
        layers.append(Conv(f"vision_encoder.{name}", cin, cout, kernel, stride, pad + pad, activation, groups))
        size = -(-size // stride)

    add("stem", 3, 32, 3, 2, "relu6")
    index = 0
    for repeats, kernel, first_stride, expansion, first_in, cout in LITE0_STAGES:
        for repeat in range(repeats):
            cin = first_in if repeat == 0 else cout
            block, wide = f"blocks.{index}", cin * expansion
            if expansion != 1:
                add(f"{block}.expand", cin, wide, 1, 1, "relu6")
            add(f"{block}.depthwise", wide, wide, kernel, first_stride if repeat == 0 else 1, "relu6", groups=wide)
            add(f"{block}.project", wide, cout, 1, 1, "none")
            index += 1
    add("head", LITE0_STAGES[-1][-1], LITE0_FEATURE_CHANNELS, 1, 1, "relu6")
    layers.append(Conv("vision_encoder.classifier", LITE0_FEATURE_CHANNELS, LITE0_LABELS, 0, 1, (0, 0, 0, 0), "none"))
    return layers


def print_table(layers):
    """Prints the Markdown table that README.md carries."""
    print("| name | weight | stride | padding l, r, t, b | groups | activation |")
    print("| --- | --- | --- | --- | --- | --- |")
    for layer in layers:
        padding = ", ".join(str(p) for p in layer.padding)
        shape = " x ".join(str(s) for s in layer.weight_shape)
        print(f"| `{layer.name}` | {shape} | {layer.stride} | {padding} | {layer.groups} | {layer.activation} |")


if __name__ == "__main__":
    print_table(detector_layers())
    print()
    print_table(vision_encoder_layers())
