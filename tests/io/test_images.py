"""Folders and files of images: what is read, what is refused, and with which sentence."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_augment.exceptions import InputError
from gan_augment.io import images as image_files
from gan_augment.io import images as image_pixels
from gan_augment.io.images import holds_images, read_images


def picture(value=0, size=(8, 8), mode="L"):
    return Image.new(mode, size, value)


@pytest.fixture
def folder(tmp_path):
    """Two classes of two grey images."""
    for label, values in {"cat": (10, 20), "dog": (30, 40)}.items():
        (tmp_path / "in" / label).mkdir(parents=True)
        for number, value in enumerate(values):
            picture(value).save(tmp_path / "in" / label / f"{number}.png")
    return tmp_path / "in"


def refused(path):
    with pytest.raises(InputError) as caught:
        read_images(path)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and "object at" not in sentence
    return sentence


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, bits=8, colour=0, rows=b""):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_grey_images_stay_grey_and_folders_are_the_labels(folder):
    found = read_images(folder)
    assert found.images.dtype == np.uint8 and found.images.shape == (4, 8, 8)
    assert found.images[:, 0, 0].tolist() == [10, 20, 30, 40]
    assert found.labels.tolist() == ["cat", "cat", "dog", "dog"]
    assert [path.name for path in found.files] == ["0.png", "1.png", "0.png", "1.png"]
    assert found.notes == ()


def test_grey_beside_colour_becomes_colour_and_is_said(folder):
    picture((1, 2, 3), mode="RGB").save(folder / "cat" / "2.jpeg", quality=95)
    found = read_images(folder)
    assert found.images.shape == (5, 8, 8, 3)
    assert found.images[0, 0, 0].tolist() == [10, 10, 10]
    assert found.notes == ("4 images in grey beside others in colour: read as RGB.",)


def test_transparent_parts_are_laid_on_white(folder):
    picture((50, 0), mode="LA").save(folder / "cat" / "a.png")
    picture((50, 255), mode="LA").save(folder / "cat" / "b.png")
    found = read_images(folder)
    assert found.images.shape == (6, 8, 8)
    assert found.images[2:4, 0, 0].tolist() == [255, 50]
    assert found.notes == ("1 image with transparent parts: laid on white.",)
    picture((255, 0, 0, 0), mode="RGBA").save(folder / "cat" / "c.png")
    assert read_images(folder).images[4, 0, 0].tolist() == [255, 255, 255]


def test_palettes_and_single_bits_are_read(folder):
    picture((9, 8, 7), mode="RGB").convert("P", palette=Image.Palette.ADAPTIVE).save(
        folder / "cat" / "2.png"
    )
    picture(1, mode="1").save(folder / "cat" / "3.png")
    found = read_images(folder)
    assert found.images[2, 0, 0].tolist() == [9, 8, 7]
    assert found.images[3, 0, 0].tolist() == [255, 255, 255]


def test_cmyk_becomes_rgb_and_is_said(folder):
    picture((0, 255, 255, 0), mode="CMYK").save(folder / "cat" / "2.jpg", quality=95)
    found = read_images(folder)
    red, green, blue = found.images[2, 0, 0].tolist()
    assert red > 200 and green < 60 and blue < 60
    assert any("CMYK" in note for note in found.notes)


def test_photos_are_turned_as_they_say(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right
    turned = np.zeros((8, 8), dtype=np.uint8)
    turned[:, :4] = 255
    Image.fromarray(turned).save(folder / "cat" / "2.jpg", exif=exif, quality=95)
    found = read_images(folder)
    assert found.images[2][0].min() > 200 and found.images[2][-1].max() < 50
    assert found.notes == ("1 image turned as the EXIF orientation says.",)


def test_a_small_file_that_unfolds_to_a_hundred_megapixels_is_refused(folder):
    (folder / "cat" / "bomb.png").write_bytes(png(10_000, 10_000))
    sentence = refused(folder)
    assert "bomb.png declares 10000 x 10000 pixels" in sentence
    (folder / "cat" / "bomb.png").write_bytes(png(60_000, 60_000))
    assert "bomb.png declares hundreds of millions of pixels" in refused(folder)


def test_pixels_are_not_decoded_to_find_a_bomb(folder, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    (folder / "cat" / "0.png").write_bytes(png(10_000, 10_000))
    refused(folder)


def test_truncated_files_are_refused_by_name(folder):
    noise = np.random.default_rng(0).integers(0, 255, (8, 8), dtype=np.uint8)
    for suffix in ("png", "jpg"):
        stream = io.BytesIO()
        Image.fromarray(noise).save(stream, {"png": "PNG", "jpg": "JPEG"}[suffix])
        content, path = stream.getvalue(), folder / "cat" / f"cut.{suffix}"
        for end in (len(content) - 30, len(content) // 3, 10, 0):
            path.write_bytes(content[:end])
            assert f"cut.{suffix} cannot be read as an image" in refused(folder)
        path.unlink()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.png", b"not an image", "text.png cannot be read as an image (neither PNG nor"),
        ("a.gif", b"GIF89a", "a.gif is .gif: convert it to PNG or JPEG, or put all in a .npz."),
        ("deep.png", png(8, 8, bits=16, rows=b"\0" * 17 * 8), "deep.png has 16 bits a channel"),
        ("deep.png", png(8, 8, 16, 2, b"\0" * 49 * 8), "deep.png has 16 bits a channel"),
        ("none.png", png(0, 8), "none.png cannot be read"),
        ("short.png", png(8, 8, 8, 0, b"\0" * 9), "its pixels end too early"),
        ("short.png", png(8, 8, 1, 0, b"\0" * 15), "its pixels end too early"),
    ],
)
def test_what_is_no_image_of_8_bits_is_refused_by_name(folder, name, content, words):
    (folder / "dog" / name).write_bytes(content)
    assert words in refused(folder)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize(("width", "height"), [(8, 8), (5, 9), (1, 1), (17, 3)])
def test_whole_files_of_any_depth_are_read(tmp_path, bits, width, height):
    rows = (b"\0" + b"\xff" * -(-width * bits // 8)) * height
    (tmp_path / "x.png").write_bytes(png(width, height, bits, 0, rows))
    pixels, converted = image_pixels.pixels_of(tmp_path / "x.png")
    assert pixels.shape == (height, width) and pixels.min() == 255 and not converted


@pytest.mark.parametrize(("width", "height"), [(8, 8), (5, 9), (1, 1), (3, 17)])
def test_interlaced_files_are_read_whole(tmp_path, width, height):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    rows = b""
    for left, top, across, down in [*passes, (0, 1, 1, 2)]:
        n = len(range(left, width, across))
        rows += (b"\0" + b"\xff" * n) * (len(range(top, height, down)) if n else 0)
    for end, whole in ((len(rows), True), (len(rows) - 1, False)):
        content = bytearray(png(width, height, 8, 0, rows[:end]))
        content[28] = 1  # interlaced
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        (tmp_path / "x.png").write_bytes(content)
        if whole:
            assert image_pixels.pixels_of(tmp_path / "x.png")[0].min() == 255
        else:
            with pytest.raises(InputError, match="its pixels end too early"):
                image_pixels.pixels_of(tmp_path / "x.png")


def test_a_gif_with_another_name_is_refused(folder):
    stream = io.BytesIO()
    picture().save(stream, "GIF")
    (folder / "dog" / "x.png").write_bytes(stream.getvalue())
    assert "x.png cannot be read as an image (neither PNG nor JPEG)" in refused(folder)


def test_animations_are_refused(folder):
    frames = [picture(1), picture(200)]
    frames[0].save(folder / "dog" / "x.png", save_all=True, append_images=frames[1:])
    assert "x.png is an animation" in refused(folder)


@pytest.mark.parametrize("name", ["cat/-first.png", "dog/wide.png"])
def test_the_image_of_another_size_is_named(folder, name):
    picture(size=(9, 7)).save(folder / name)
    sentence = refused(folder)
    assert f"{name} has 9 x 7 pixels, but 4 images of 5 have 8 x 8: resize" in sentence
    picture(size=(9, 9)).save(folder / "dog" / "z.png")
    assert "4 images of 6 have 8 x 8, and 1 more have other sizes" in refused(folder)


def test_folders_that_hold_no_classes_are_refused(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "has no sub-folder" in refused(tmp_path / "empty")
    assert "absent does not exist: check the name" in refused(tmp_path / "absent")
    (folder / "emu").mkdir()
    assert "emu holds no PNG or JPEG images: add some, or remove the folder." in refused(folder)
    (folder / "emu").rmdir()
    picture().save(folder / "stray.png")
    assert "stray.png belongs to no class" in refused(folder)
    (folder / "stray.png").unlink()
    (folder / "cat" / "kittens").mkdir()
    assert "kittens is a folder inside a class" in refused(folder)


def test_other_files_are_left_out_with_a_note_and_hidden_ones_without(folder):
    (folder / "cat" / "notes.txt").write_text("x")
    (folder / "README").write_text("x")
    (folder / "cat" / ".hidden.png").write_bytes(b"x")
    (folder / ".git").mkdir()
    found = read_images(folder)
    assert len(found.images) == 4
    assert len(found.notes) == 1 and found.notes[0].startswith("2 files that are no images")


def test_links_may_not_lead_out_or_in_circles(folder, tmp_path):
    link = folder / "cat" / "link.png"
    os.symlink(folder / "dog" / "0.png", link)
    assert len(read_images(folder).images) == 5
    link.unlink()
    picture().save(tmp_path / "secret.png")
    for end in (tmp_path / "secret.png", "link.png", "nowhere.png", folder / "cat", "/dev/zero"):
        os.symlink(end, link)
        assert "link.png is a link to no file inside" in refused(folder)
        link.unlink()
    for end in (folder, "loop", tmp_path):
        os.symlink(end, folder / "loop")
        assert "loop is a link" in refused(folder)
        (folder / "loop").unlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.npz")
    with pytest.raises(InputError, match="pipe.npz is no plain file"):
        read_images(folder / "pipe.npz")
    (folder / "pipe.npz").unlink()
    os.mkfifo(folder / "cat" / "pipe.png")
    assert "pipe.png is no plain file" in refused(folder)


def test_sizes_and_numbers_have_limits(folder, monkeypatch):
    for module, name, value, words in (
        (image_files, "MAX_FILES", 3, "holds more than 3 images"),
        (image_files, "MAX_VALUES", 200, "holds more than 200 pixel values"),
        (image_pixels, "MAX_FILE_BYTES", 20, "0.png has 0 MiB"),
        (image_pixels, "MAX_IMAGE_PIXELS", 60, "declares 8 x 8 pixels"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            assert words in refused(folder)


def test_names_that_would_command_a_terminal_are_shown_as_text(folder):
    (folder / "cat" / "a\x1b[31m.png").write_bytes(b"")
    assert r"a\x1b[31m.png" in refused(folder)
    (folder / "cat" / "a\x1b[31m.png").unlink()
    (folder / "cat").rename(folder / "c\x1bat")
    assert r"c\x1bat' is no name of a class" in refused(folder)


def test_arrays_are_read_as_they_are(tmp_path):
    X = np.random.default_rng(0).random((3, 8, 8, 1), dtype=np.float32)
    np.savez(tmp_path / "x.npz", images=X, labels=[0, 1, 1], more=[1])
    found = read_images(tmp_path / "x.npz")
    assert np.array_equal(found.images, X) and found.images.dtype == np.float32
    assert found.labels.tolist() == [0, 1, 1] and found.files is None
    np.savez_compressed(tmp_path / "x.npz", images=X)
    assert read_images(tmp_path / "x.npz").labels is None


X = np.zeros((3, 8, 8), dtype=np.uint8)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x_train": X}, "holds 'x_train', but no array 'images'"),
        ({}, "holds nothing, but no array 'images'"),
        ({"images": np.array([X, None], dtype=object)}, "holds Python objects"),
        ({"images": X, "labels": np.array(["a", 1, None], dtype=object)}, "holds Python objects"),
        ({"images": X, "labels": ["a", "b"]}, "has the shape (2,) for 3 images"),
        ({"images": X, "labels": [[1, 2, 3]]}, "has the shape (1, 3) for 3 images"),
        ({"images": X, "labels": [0.5, 1, 2]}, "has dtype float64"),
        ({"images": X, "labels": [b"a", b"b", b"c"]}, "has dtype |S1"),
        ({"images": X.reshape(3, 64)}, "has the shape (3, 64)"),
        ({"images": X[:0]}, "is empty"),
        ({"images": X * np.nan}, "has nan at (0, 0, 0)"),
        ({"images": np.full((3, 8, 8), "x")}, "has dtype <U1"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path, arrays, words):
    np.savez(tmp_path / "x.npz", **arrays)
    said = refused(tmp_path / "x.npz")
    name = "labels" if "labels" in arrays else "images"
    assert words in said
    assert said.startswith(f"The array '{name}' in {tmp_path / 'x.npz'} ") or "no array" in said


def test_a_file_of_arrays_that_lies_is_refused_before_memory_is_taken(tmp_path):
    import zipfile

    stream = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6, 10**6)}
    np.lib.format.write_array_header_1_0(stream, shape)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", stream.getvalue())
    assert "which is too large" in refused(tmp_path / "x.npz")


def test_damaged_files_of_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz", images=X)
    content = (tmp_path / "x.npz").read_bytes()
    for damaged in (b"", b"text", content[:100], content.replace(b"\x93NUMPY", b"\x93NOMPY")):
        (tmp_path / "x.npz").write_bytes(damaged)
        assert "cannot be read as .npz" in refused(tmp_path / "x.npz")


def test_what_is_read_as_images(tmp_path):
    (tmp_path / "parts.parquet").mkdir()
    (tmp_path / "v1.2").mkdir()
    for name, images in {"x.npz": True, "X.NPZ": True, "x.csv": False, "absent": True}.items():
        assert holds_images(tmp_path / name) is images
    assert holds_images(tmp_path / "v1.2") and not holds_images(tmp_path / "parts.parquet")
