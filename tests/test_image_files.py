"""Folders of images: what is read, what is refused by name, and what is written where."""

import numpy as np
import pytest
from PIL import Image

from gan_augment.exceptions import InputError
from gan_augment.image_files import MAX_SIDE, holds_images, read_images, write_images


@pytest.fixture
def folder(tmp_path, rng):
    for label in ("cat", "dog"):
        (tmp_path / "in" / label).mkdir(parents=True)
        for i in range(3):
            pixels = rng.integers(0, 256, (9, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "in" / label / f"{i}.png")
    return tmp_path / "in"


def test_grey_images_stay_grey_and_one_of_colour_makes_all_colour(folder):
    found = read_images(folder)
    assert found.images.shape == (6, 9, 8) and found.images.dtype == np.uint8
    assert found.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    np.testing.assert_array_equal(found.images[0], np.asarray(Image.open(found.files[0])))
    Image.new("RGB", (8, 9), "red").save(folder / "dog" / "9.jpg", quality=100)
    assert read_images(folder).images.shape == (7, 9, 8, 3)


def test_transparency_is_laid_on_white_and_palettes_are_looked_up(folder):
    Image.new("RGBA", (8, 9), (255, 0, 0, 0)).save(folder / "dog" / "8.png")
    Image.new("RGB", (8, 9), (0, 255, 0)).convert("P").save(folder / "dog" / "9.png")
    Image.new("CMYK", (8, 9)).save(folder / "dog" / "91.jpg")
    images = read_images(folder).images
    assert (images[6] == 255).all() and images[7, 0, 0, 1] > 250 and (images[8] > 250).all()


def bomb(path, side=10_000):
    """A few bytes that claim to be an image of 100 megapixels."""
    import struct
    import zlib

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def truncated(path):
    Image.new("RGB", (8, 9), "red").save(path)
    path.write_bytes(path.read_bytes()[:40])


HOSTILE = {
    "bomb": (bomb, f"more than {MAX_SIDE}"),
    "larger bomb": (lambda path: bomb(path, 60_000), "more pixels than"),
    "truncated": (truncated, "cannot be read as PNG or JPEG"),
    "text": (lambda p: p.write_text("hello"), "cannot be read as PNG or JPEG"),
    "another format": (lambda p: Image.new("L", (8, 9)).save(p, format="GIF"), "cannot be read"),
    "another size": (lambda p: Image.new("L", (9, 9)).save(p), "9 x 9 pixels, but .* has 8 x 9"),
    "16 bits": (
        lambda p: Image.fromarray(np.zeros((9, 8), np.uint16)).save(p),
        "more than 8 bits",
    ),
    "link": (lambda p: p.symlink_to("/etc/hostname"), "is no image file"),
    "folder": (lambda p: p.mkdir(), "is no image file"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_by_name(folder, case):
    make, words = HOSTILE[case]
    make(folder / "dog" / "odd.png")
    with pytest.raises(InputError, match=words) as caught:
        read_images(folder)
    assert "odd.png" in str(caught.value)


def test_folders_without_images_are_refused(tmp_path, folder):
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        read_images(folder)
    with pytest.raises(InputError, match="0 images"):
        (tmp_path / "none").mkdir()
        read_images(tmp_path / "none")
    with pytest.raises(InputError, match="does not exist"):
        read_images(tmp_path / "absent")
    (folder / "empty").rmdir()
    (folder / "dog" / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="notes.txt"):
        read_images(folder)


def test_hidden_files_and_linked_folders_are_passed_over(folder):
    (folder / ".git").mkdir()
    (folder / "cat" / ".DS_Store").write_bytes(b"x")
    (folder / "loop").symlink_to(folder)
    assert len(read_images(folder).images) == 6


def test_real_files_are_copied_byte_for_byte_and_new_ones_numbered(folder, tmp_path, rng):
    source, new = read_images(folder), rng.integers(0, 256, (3, 9, 8), dtype=np.uint8)
    out = tmp_path / "out"
    write_images(out, new, np.array(["dog", "cat", "dog"], dtype=object), source)
    for file in source.files:
        assert (out / file.parent.name / file.name).read_bytes() == file.read_bytes()
    again = read_images(out)
    assert len(again.images) == 9
    np.testing.assert_array_equal(np.asarray(Image.open(out / "dog/synthetic-00002.png")), new[2])
    write_images(out, new, np.array(["dog", "cat", "cat"], dtype=object), again)  # over itself
    assert (out / "dog" / "synthetic-00003.png").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    "label", ["../out", "/etc", "a/b", "..", "", ".hidden", "a\\b", "c:", "x" * 300]
)
def test_no_label_leads_out_of_the_folder(tmp_path, label):
    with pytest.raises(InputError, match="cannot name a folder"):
        write_images(tmp_path / "out", np.zeros((1, 8, 8), np.uint8), np.array([label]))
    assert list(tmp_path.iterdir()) == []


def test_npz_files_go_round(tmp_path, rng):
    images, labels = rng.random((4, 8, 8, 3)), np.array(["../a", "b", "b", "b"])
    write_images(tmp_path / "x.npz", images, labels)
    found = read_images(tmp_path / "x.npz")
    np.testing.assert_array_equal(found.images, images)
    assert found.labels.tolist() == labels.tolist() and holds_images(tmp_path / "x.npz")
    write_images(tmp_path / "y.npz", images[:1], labels[:1], found)
    with np.load(tmp_path / "y.npz") as arrays:
        assert arrays["is_synthetic"].tolist() == [False] * 4 + [True]
    with pytest.raises(InputError, match=".npz"):
        write_images(tmp_path / "folder", images, labels)


def test_npz_files_that_are_none_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=np.zeros((3, 8, 8)))
    np.savez(tmp_path / "b.npz", images=np.zeros((3, 8, 8)), labels=np.zeros(2))
    np.savez(tmp_path / "c.npz", images=np.array([{}, {}], dtype=object))
    (tmp_path / "d.npz").write_text("no zip")
    for name, words in (("a", "'images'"), ("b", "labels"), ("c", "cannot"), ("d", "cannot")):
        with pytest.raises(InputError, match=words):
            read_images(tmp_path / f"{name}.npz")
