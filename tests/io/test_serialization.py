"""One file of data: what is written returns, and whatever is not such a file is refused."""

import hashlib
import json
import os
import pickle
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError

from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.io import serialization as persistence
from gan_augment.io.atomic import replacing, write_text
from gan_augment.io.serialization import FORMAT, MAGIC, read_bundle, write_bundle

HEADER = {"class": "Toy", "name": "Zoë 😀 \ud800", "nothing": None, "big": 2**64 + 1, "x": 0.1}
ARRAYS = {
    "float32": np.linspace(0, 1, 7, dtype="float32").reshape(7, 1),
    "float64": np.array([np.nan, np.inf, -0.0, 1e-320]),
    "int64": np.array([[-(2**63), 2**63 - 1]]),
    "bool": np.array([True, False]),
    "scalar": np.array(2.5),
    "empty": np.empty((0, 3)),
    "no width": np.empty((4, 0), dtype="int64"),
}


has_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.gan"
    write_bundle(path, HEADER, ARRAYS)
    return path


def sealed(text, rest=b""):
    """A file with this header text and a checksum that fits."""
    body = len(text).to_bytes(8, "little") + text + rest
    return MAGIC + hashlib.sha256(body).digest() + body


def test_what_is_written_returns(path):
    header, arrays = read_bundle(path)
    assert header == {"format": FORMAT, **HEADER}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_no_arrays_are_fine(tmp_path):
    write_bundle(tmp_path / "m", {}, {})
    assert read_bundle(tmp_path / "m") == ({"format": FORMAT}, {})


def test_the_same_content_gives_the_same_bytes(path, tmp_path):
    write_bundle(str(tmp_path / "again"), HEADER, ARRAYS)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_cut_anywhere_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cut") / "model"
    write_bundle(path, HEADER, ARRAYS)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ModelFileError, match="model"):
        read_bundle(path)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_file_with_one_byte_changed_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("changed") / "model"
    write_bundle(path, HEADER, ARRAYS)
    whole = bytearray(path.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    with pytest.raises(ModelFileError):
        read_bundle(path)


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelFileError, match="damaged"):
        read_bundle(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"GANAUG", b"PK\x03\x04 a zip", pickle.dumps({"a": 1}), b"a,b\n1,2\n"],
    ids=["empty", "short", "zip", "pickle", "csv"],
)
def test_a_file_of_another_sort_is_not_ours(tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(ModelFileError, match="not a gan_augment model file"):
        read_bundle(tmp_path / "other")


@pytest.mark.parametrize("format_", [FORMAT + 1, 99, "two", None, True, 1.0])
def test_another_format_is_refused_whatever_follows_the_header(tmp_path, format_):
    text = json.dumps({"format": format_}).encode()
    (tmp_path / "m").write_bytes(sealed(text, b"laid out as nobody knows yet"))
    with pytest.raises(ModelFileError, match=rf"format {format_}.*update gan_augment"):
        read_bundle(tmp_path / "m")


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'"x"', b"{}", b"null", b"\xff\xfe", b'{"format": 1}', b"[" * 10**5],
    ids=range(9),
)
def test_a_well_sealed_file_of_nonsense_is_refused(tmp_path, text):
    (tmp_path / "m").write_bytes(sealed(text, b"not safetensors"))
    with pytest.raises(ModelFileError):
        read_bundle(tmp_path / "m")


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_bundle(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        write_bundle(tmp_path / "no folder" / "m", {}, {})


# atomic ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch, step, error):
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(persistence.os, step, fail)
    with pytest.raises(type(error)):
        write_bundle(path, {"new": True}, {})
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_half_way_through_writing_leaves_the_old_file(path, error):
    before = path.read_bytes()
    with pytest.raises(type(error)), replacing(path) as temporary:
        temporary.write_bytes(b"half of it")
        raise error
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_failed_first_write_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(persistence.os, "replace", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_bundle(tmp_path / "m", {}, ARRAYS)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("header", "arrays"),
    [
        ({"x": object()}, {}),
        ({"x": float("nan")}, {}),
        ({}, {"x": np.array(["text"])}),
        ({}, {"x": np.array([None])}),
    ],
)
def test_what_is_no_data_is_refused_before_a_file_appears(path, header, arrays):
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError, SafetensorError)):
        write_bundle(path, header, arrays)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_an_existing_file_is_replaced_as_a_whole(path):
    write_bundle(path, {"new": True}, {"a": np.arange(3)})
    header, arrays = read_bundle(path)
    assert header == {"format": FORMAT, "new": True}
    assert arrays["a"].tolist() == [0, 1, 2]
    assert os.listdir(path.parent) == [path.name]


def test_the_destination_is_never_open_while_it_is_incomplete(path, monkeypatch):
    seen = []
    replace = os.replace

    def look(source, target):
        header, _ = read_bundle(source)  # the new file is complete before it takes the name
        seen.append((header["class"], read_bundle(target)[0]["class"]))
        replace(source, target)

    monkeypatch.setattr(persistence.os, "replace", look)
    write_bundle(path, {"class": "New"}, {})
    assert seen == [("New", "Toy")]


# suspicion ------------------------------------------------------------------------------------


@has_pipes
def test_nothing_is_read_of_what_is_no_regular_file(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    monkeypatch.setattr(persistence.os, "open", lambda *args, **kwargs: 1 / 0)
    for name in ("folder", "pipe"):
        with pytest.raises(ModelFileError, match=f"{name} is no regular file"):
            read_bundle(tmp_path / name)


@has_pipes
def test_a_file_that_turns_into_a_pipe_is_not_waited_for(path, monkeypatch):
    before = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(type(path), "stat", lambda self, **kwargs: before)
    with pytest.raises(ModelFileError, match="no regular file"):
        read_bundle(path)


def test_a_link_to_a_model_is_read(path, tmp_path):
    (tmp_path / "link").symlink_to(path)
    assert read_bundle(tmp_path / "link")[0]["class"] == "Toy"


def test_large_files_are_refused_by_their_first_bytes_or_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(persistence.hashlib, "file_digest", lambda *args: 1 / 0)
    for start, why in ((b"another", "not a gan_augment model"), (MAGIC, "no model file is so")):
        with open(tmp_path / "large", "wb") as file:
            file.write(start)
            file.truncate(persistence.MAX_FILE + 1)
        with pytest.raises(ModelFileError, match=why):
            read_bundle(tmp_path / "large")


def test_text_may_be_long_where_the_arrays_are_as_long(path, monkeypatch):
    monkeypatch.setattr(persistence, "SHORT_TEXT", 100)
    header, arrays = {"long": "x" * 1000}, {"a": np.zeros(1000)}
    write_bundle(path, header, arrays)
    before = path.read_bytes()
    assert read_bundle(path)[0]["long"] == "x" * 1000
    with pytest.raises(InputError, match="more than a model file may hold"):
        write_bundle(path, header, {"a": np.zeros(3)})
    assert path.read_bytes() == before
    path.write_bytes(sealed(json.dumps({"format": FORMAT, **header}).encode()))
    with pytest.raises(ModelFileError, match="its lengths do not fit"):
        read_bundle(path)


@pytest.mark.parametrize(("n", "fits"), [(4000, True), (10, False)])
def test_the_description_of_arrays_may_be_as_long_as_they_are(path, monkeypatch, n, fits):
    arrays = {f"an array with a long name, number {i}": np.zeros(n // 10) for i in range(10)}
    write_bundle(path, {}, arrays)  # about 1,000 bytes of description
    monkeypatch.setattr(persistence, "SHORT_TEXT", 100)
    if fits:
        assert read_bundle(path)[1].keys() == arrays.keys()
    else:
        with pytest.raises(ModelFileError, match="longer than the arrays"):
            read_bundle(path)


def test_a_model_that_is_too_large_to_be_read_is_not_written(path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(persistence, "MAX_FILE", 1000)
    with pytest.raises(InputError, match="more than a model file may hold"):
        write_bundle(path, {}, {"a": np.zeros(1000)})
    assert path.read_bytes() == before


@pytest.mark.parametrize("length", [3, 2**32, 2**64 - 1])
def test_lengths_beyond_the_end_are_refused_before_anything_is_read(tmp_path, length):
    body = length.to_bytes(8, "little") + b"{}"
    (tmp_path / "m").write_bytes(MAGIC + hashlib.sha256(body).digest() + body)
    with pytest.raises(ModelFileError, match="its lengths do not fit"):
        read_bundle(tmp_path / "m")


def test_keys_said_twice_and_constants_are_refused(tmp_path):
    for text in (b'{"format": 1, "format": 1}', b'{"format": 1, "x": NaN}'):
        (tmp_path / "m").write_bytes(sealed(text))
        with pytest.raises(ModelFileError, match="cannot be read"):
            read_bundle(tmp_path / "m")


def test_the_rename_is_flushed_too(path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace

    def look(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def rename(*args):
        done.append("rename")
        replace(*args)

    monkeypatch.setattr(persistence.os, "fsync", look)
    monkeypatch.setattr(persistence.os, "replace", rename)
    write_bundle(path, {}, {})
    assert done == ["file", "rename", "folder"]


def test_a_folder_that_cannot_be_flushed_does_no_harm(path, monkeypatch):
    opened = os.open

    def refuse(name, *args, **kwargs):
        if os.path.isdir(name):
            raise PermissionError
        return opened(name, *args, **kwargs)

    monkeypatch.setattr(persistence.os, "open", refuse)
    write_bundle(path, {"new": True}, {})
    monkeypatch.undo()
    assert read_bundle(path)[0]["new"]


# formats --------------------------------------------------------------------------------------


def test_an_older_format_passes_through_every_later_one(path, monkeypatch):
    """Three made-up releases: the second renamed a key, the third an array."""
    write_bundle(path, {"rows": 3}, {"weights": np.arange(3.0)})

    def second(header, arrays):
        assert header["format"] == FORMAT
        return {"format": FORMAT, "n_rows": header["rows"]}, arrays

    def third(header, arrays):
        assert header["format"] == FORMAT + 1
        return header, {"module": arrays["weights"]}

    monkeypatch.setattr(persistence, "MIGRATIONS", {FORMAT: second, FORMAT + 1: third})
    monkeypatch.setattr(persistence, "FORMAT", FORMAT + 2)
    header, arrays = read_bundle(path)
    assert header == {"format": FORMAT + 2, "n_rows": 3}
    assert list(arrays) == ["module"]
    assert arrays["module"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("format_", [0, -1])
def test_a_format_that_no_release_wrote_is_refused(tmp_path, format_):
    (tmp_path / "m").write_bytes(sealed(json.dumps({"format": format_}).encode()))
    with pytest.raises(ModelFileError, match=f"has format {format_}"):
        read_bundle(tmp_path / "m")


# the place of a file ------------------------------------------------------------------------


@has_pipes
def test_a_pipe_is_no_place_for_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe is no regular file: name another one"):
        write_bundle(tmp_path / "pipe", HEADER, ARRAYS)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_who_may_read_the_old_file_may_read_the_new_one(path):
    write_bundle(path, HEADER, ARRAYS)
    for mode in (0o600, 0o640):
        path.chmod(mode)
        write_bundle(path, HEADER, ARRAYS)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_end_of_a_link_is_replaced(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    write_bundle(link, HEADER, ARRAYS)
    assert link.is_symlink() and not path.is_symlink()
    assert read_bundle(path)[0].keys() == read_bundle(link)[0].keys()


def test_a_name_may_be_as_long_as_the_system_lets_it(tmp_path):
    write_bundle(tmp_path / ("n" * 255), {"rows": 1}, {})
    assert read_bundle(tmp_path / ("n" * 255))[0]["rows"] == 1
    with pytest.raises(OSError, match="File name too long: '[^']*nnn'$"):
        write_bundle(tmp_path / ("n" * 256), {"rows": 1}, {})


def test_text_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    write_text(page, "old ü")

    def full(path, content):
        with open(path, "wb") as file:
            file.write(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="No space left on device: '.*page.html'$"):
        write_text(page, "a newer page")
    assert page.read_text(encoding="utf-8") == "old ü"
    assert os.listdir(tmp_path) == ["page.html"]
