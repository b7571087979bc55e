"""Small files that unfold to more than a machine holds: refused by what they declare."""

import contextlib
import io
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_augment.exceptions import InputError
from gan_augment.io.images import read_images


@pytest.fixture
def folder(tmp_path):
    """Two classes of an image each."""
    for label in ("cat", "dog"):
        (tmp_path / "in" / label).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "in" / label / "0.png")
    return tmp_path / "in"


#: What reading takes by itself: room for a file of the largest size that is read.
BOUND = 5 * 10**7
BOMB = bytes(2 * BOUND)


@contextlib.contextmanager
def bounded():
    """Fail if the block takes more than `BOUND` bytes of Python's memory at its peak."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < BOUND
    finally:
        tracemalloc.stop()


def refused(path):
    with bounded(), pytest.raises(InputError) as caught:
        read_images(path)
    return str(caught.value)


def saved(kind, size=(8, 8), **options):
    stream = io.BytesIO()
    Image.new("L", size, 7).save(stream, kind, **options)
    return stream.getvalue()


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, *chunks):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def jpeg(width, height):
    """A small JPEG file that claims another size."""
    content = bytearray(saved("JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("bomb.png", png(5000, 5000), "5000 x 5000"),
        ("bomb.png", png(2**31 - 1, 2**31 - 1), "hundreds of millions of"),
        ("bomb.png", png(1, 2**31 - 1), "hundreds of millions of"),
        ("bomb.jpg", jpeg(5000, 5000), "5000 x 5000"),
        ("bomb.jpeg", jpeg(65_535, 65_535), "hundreds of millions of"),
    ],
)
def test_declared_sizes_are_judged_before_a_pixel_is_decoded(
    folder, monkeypatch, name, content, size
):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    (folder / "cat" / "0.png").unlink()
    (folder / "cat" / name).write_bytes(content)
    assert f"{name} declares {size} pixels" in refused(folder)


def test_pixels_beyond_the_declared_ones_are_not_unfolded(folder):
    content = chunk(b"IDAT", zlib.compress(BOMB, 1))
    (folder / "cat" / "deep.png").write_bytes(png(8, 8, content))
    with bounded():
        assert len(read_images(folder).images) == 3


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_texts_that_unfold_are_bounded(folder, name):
    packed = zlib.compress(BOMB, 1)
    between = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}[name]
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 72))
    (folder / "cat" / "text.png").write_bytes(png(8, 8, chunk(name, between + packed), rows))
    with bounded():
        try:
            read_images(folder)
        except InputError as error:
            assert "text.png cannot be read as an image" in str(error)  # noqa: PT017 (or it is read)


FITS = b"".join(
    card.ljust(80).encode()
    for card in ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 9", "NAXIS2  = 9", "END")
)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".PNG"])
@pytest.mark.parametrize(
    "content",
    [
        FITS.ljust(2880) + bytes(2880),
        b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj",
        b"8BPS\0\1" + bytes(30),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"P5 99999 99999 255\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x1f\x8b\x08" + bytes(20),
        b"PK\3\4" + bytes(30),
    ]
    + [saved(kind) for kind in ("GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "PCX", "TGA")],
)
def test_other_formats_are_not_read_under_these_names(folder, suffix, content):
    (folder / "cat" / f"x{suffix}").write_bytes(content)
    words = f"x{suffix} cannot be read as an image (neither PNG nor JPEG)"
    assert words in refused(folder)


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return path


def npy(shape, dtype="|u1", content=b""):
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + content


@pytest.mark.parametrize("name", ["images", "labels"])
def test_an_array_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch, name):
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("read"))
    members = {"images__npy": npy((2, 8, 8), content=bytes(128))}
    shape = (2**31, 8, 8) if name == "images" else (2**34,)
    members[f"{name}__npy"] = npy(shape, "|u1", bytes(10**7))
    path = archive(tmp_path / "x.npz", **members)
    assert f"{path} has the shape {shape}, which is too large" in refused(path)


def test_more_content_than_declared_is_not_unfolded(tmp_path):
    path = archive(tmp_path / "x.npz", images__npy=npy((2, 8, 8), content=BOMB))
    with bounded():
        assert read_images(path).images.shape == (2, 8, 8)


def test_a_header_that_unfolds_is_not_read(tmp_path):
    content = b"\x93NUMPY\2\0" + struct.pack("<I", len(BOMB)) + BOMB
    path = archive(tmp_path / "x.npz", images__npy=content)
    assert "its header has 100,000,000 bytes" in refused(path)


def test_the_array_that_is_checked_is_the_one_that_is_read(tmp_path):
    members = {"images__npy": npy((2, 8, 8), content=bytes(128)), "images": BOMB}
    path = archive(tmp_path / "x.npz", **members)
    assert "holds two arrays of one name" in refused(path)


def test_objects_are_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.setattr("pickle.load", lambda *_, **__: pytest.fail("unpickled"))
    monkeypatch.setattr("pickle.loads", lambda *_, **__: pytest.fail("unpickled"))
    np.savez(tmp_path / "x.npz", images=np.array([{}, []], dtype=object))
    assert "holds Python objects, which are not read" in refused(tmp_path / "x.npz")
