"""
More images of every class
==========================

Ten handwritten digits of each class, and what is made of them.
"""

# %%
# Ten images of each digit
# ------------------------
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_augment import ImageGAN, ImageTransformGenerator, SMOTEGenerator

digits = load_digits()
rows = np.concatenate([np.flatnonzero(digits.target == label)[:10] for label in range(10)])
X, y = digits.images[rows], digits.target[rows]
rest = np.setdiff1d(np.arange(len(digits.target)), rows)

# %%
# Three ways to make more
# -----------------------
# Classic movements, blends of neighbours (SMOTE), and ImageGAN, whose default on so few images are
# morphs: neighbours moved to the shape between them, then blended.
ways = {
    "classic": ImageTransformGenerator(random_state=0).fit(X, y),
    "ImageGAN": ImageGAN(random_state=0).fit(X, y),
}
smote = SMOTEGenerator(random_state=0).fit(X.reshape(len(X), -1), y)
asked = np.repeat(np.arange(10), 30)
made = {name: way.sample(y=asked)[0] for name, way in ways.items()}
made["SMOTE"] = smote.sample(y=asked)[0].reshape(-1, 8, 8)

figure, axes = plt.subplots(4, 10, figsize=(8, 3.6))
for line, (name, images) in zip(axes, {"real": X[::10], **made}.items(), strict=True):
    shown = images if name == "real" else images[::30]
    for ax, image in zip(line, shown, strict=True):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=16)
        ax.set_xticks([])
        ax.set_yticks([])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")

# %%
# Do they help?
# -------------
# The same learner, with each kind added, on the 1,697 digits that were left out.
from sklearn.svm import SVC

test, wanted = digits.images[rest].reshape(len(rest), -1), digits.target[rest]
flat = X.reshape(len(X), -1)
print(f"real images only: {SVC().fit(flat, y).score(test, wanted):.3f}")
for name, images in made.items():
    model = SVC().fit(np.vstack([flat, images.reshape(len(images), -1)]), np.r_[y, asked])
    print(f"with {name}: {model.score(test, wanted):.3f}")
