"""Writing images: folders appear whole, real files are untouched, names lead nowhere else."""

import os

import numpy as np
import pytest

from gan_augment.exceptions import InputError
from gan_augment.io.atomic import replacing
from gan_augment.io.image_folders import (
    check_mark,
    check_place,
    check_writable,
    class_folders,
    pictures,
    write_images,
)
from gan_augment.io.images import ImageSet, read_images


def made(*labels, channels=()):
    values = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, *[1] * len(channels))
    return ImageSet(np.tile(values, (1, 8, 8, *channels)), np.array(labels))


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def test_a_folder_is_read_as_it_was_written(tmp_path):
    new = made("b", "a", "b", channels=(3,))
    write_images(tmp_path / "out", new)
    assert names(tmp_path) == [
        "out/a/synthetic-00002.png",
        "out/b/synthetic-00001.png",
        "out/b/synthetic-00003.png",
    ]
    back = read_images(tmp_path / "out")
    assert back.labels.tolist() == ["a", "b", "b"]
    assert np.array_equal(back.images, new.images[[1, 0, 2]])


def test_real_files_are_copied_byte_for_byte(tmp_path):
    write_images(tmp_path / "first", made("a", "b"))
    (tmp_path / "first" / "a" / "synthetic-00001.png").rename(tmp_path / "first" / "a" / "x.png")
    (tmp_path / "first" / "b" / "synthetic-00002.png").rename(tmp_path / "first" / "b" / "y.png")
    with open(tmp_path / "first" / "a" / "x.png", "ab") as file:
        file.write(b"more after the end")
    before = (tmp_path / "first" / "a" / "x.png").read_bytes()
    write_images(tmp_path / "out", made("b"), read_images(tmp_path / "first"))
    assert names(tmp_path / "out") == ["a/x.png", "b/synthetic-00001.png", "b/y.png"]
    assert (tmp_path / "out" / "a" / "x.png").read_bytes() == before
    assert (tmp_path / "first" / "a" / "x.png").read_bytes() == before


def test_arrays_get_names_and_keep_all_channels_in_a_file_of_arrays(tmp_path):
    write_images(tmp_path / "out", made(7), made(7, 8))
    assert names(tmp_path / "out") == [
        "7/real-00001.png",
        "7/synthetic-00001.png",
        "8/real-00002.png",
    ]
    write_images(tmp_path / "x.npz", made(7), made(7, 8), mark="made")
    with np.load(tmp_path / "x.npz") as arrays:
        assert arrays["labels"].tolist() == [7, 8, 7]
        assert arrays["made"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    "label",
    [
        "../x",
        "..",
        ".",
        "",
        "/etc",
        "a/b",
        "a\\b",
        "C:x",
        ".hidden",
        "a\n",
        " a",
        "a.",
        "nul",
        "CON.x",
        "x" * 300,
        "a\x00b",
        "a*",
        "\udcff",
    ],
)
def test_labels_never_lead_out_of_the_folder(tmp_path, label):
    with pytest.raises(InputError, match="name: rename|name of a folder: rename"):
        class_folders([label])
    with pytest.raises(InputError):
        write_images(tmp_path / "out", made("a", label))
    assert not list(tmp_path.iterdir())


def test_labels_that_some_disks_confuse_are_refused():
    with pytest.raises(InputError, match="'A' and 'a' differ in case only"):
        class_folders(["A", "a"])


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 8, 8)), "are float64"),
        (np.zeros((2, 8, 8), dtype=np.uint16), "are uint16"),
        (np.zeros((2, 8, 8, 4), dtype=np.uint8), "have 4 channels"),
        (np.zeros((2, 2, 8, 8), dtype=np.uint8), "have 2 channels"),
    ],
)
def test_what_png_does_not_hold_is_refused(tmp_path, images, words):
    with pytest.raises(InputError, match=words):
        check_writable(ImageSet(images, np.array(["a", "b"])), tmp_path / "out")


def test_channels_first_and_single_channels_are_turned():
    first = np.zeros((2, 3, 8, 9), dtype=np.uint8)
    assert pictures(first).shape == (2, 8, 9, 3)
    assert pictures(first[:, :1]).shape == (2, 8, 9)
    assert pictures(np.zeros((2, 8, 9, 1), dtype=np.uint8)).shape == (2, 8, 9)


def test_images_without_labels_need_a_file_of_arrays(tmp_path):
    with pytest.raises(InputError, match="There are no labels"):
        check_writable(ImageSet(np.zeros((2, 8, 8), dtype=np.uint8), None), tmp_path / "out")


def test_synthetic_images_are_not_taken_for_real_ones(tmp_path):
    write_images(tmp_path / "out", made("a", "b"))
    with pytest.raises(InputError, match="has the name of a synthetic image"):
        check_writable(read_images(tmp_path / "out"), tmp_path / "more")


def test_a_place_is_checked_before_any_work(tmp_path, monkeypatch):
    source = tmp_path / "in"
    write_images(source, made("a"))
    for out in (source, source / "more", tmp_path, source / ".." / "in"):
        with pytest.raises(InputError, match="are one folder, or one is in the other"):
            check_place(out, source, overwrite=True)
    (tmp_path / "file").write_text("x")
    os.symlink(source, tmp_path / "link")
    for out in ("file", "link"):
        with pytest.raises(InputError, match="is no folder"):
            check_place(tmp_path / out, overwrite=True)
    with pytest.raises(InputError, match="no does not exist: create this folder first"):
        check_place(tmp_path / "no" / "out")
    with pytest.raises(InputError, match="file is a file, not a folder"):
        check_place(tmp_path / "file" / "out")
    with pytest.raises(InputError, match="exists: choose another name or add overwrite=True"):
        check_place(source)
    check_place(source, overwrite=True)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(InputError, match="you may not write to"):
        check_place(tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["a/thesis.docx", "thesis.docx", "a/deep/x.png", ".profile", "x.png"]
)
def test_overwriting_removes_images_only(tmp_path, name):
    write_images(tmp_path / "out", made("a"))
    path = tmp_path / "out" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(InputError, match="is no image of a class, and only folders of images"):
        check_place(tmp_path / "out", overwrite=True)
    path.unlink()


def test_a_folder_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    write_images(tmp_path / "out", made("a", "b"))
    (tmp_path / "empty").mkdir()
    write_images(tmp_path / "empty", made("c"))
    write_images(tmp_path / "out", made("c"))
    for folder in ("out", "empty"):
        assert names(tmp_path / folder) == ["c/synthetic-00001.png"]

    def full(*_, **__):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("PIL.Image.Image.save", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_images(tmp_path / "out", made("a", "b"))
    assert caught.value.filename == str(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "out"]
    assert names(tmp_path / "out") == ["c/synthetic-00001.png"]


def test_an_old_folder_comes_back_if_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    write_images(tmp_path / "out", made("a"))
    rename = os.rename

    def once(start, end):
        if str(start).endswith(".part"):
            raise OSError(5, "Input/output error")
        rename(start, end)

    monkeypatch.setattr(os, "rename", once)
    with pytest.raises(OSError, match="Input/output error"):
        write_images(tmp_path / "out", made("b"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert names(tmp_path / "out") == ["a/synthetic-00001.png"]


@pytest.mark.parametrize("mark", ["images", "labels", "file", "allow_pickle", "a b", "../x", ""])
def test_a_mark_is_a_free_name_of_an_array(tmp_path, mark):
    with pytest.raises(InputError, match="is no free name of an array"):
        check_mark(mark, tmp_path / "x.npz")


def test_a_mark_needs_a_file_of_arrays(tmp_path):
    check_mark("made", tmp_path / "x.npz")
    check_mark(None, tmp_path / "out")
    with pytest.raises(InputError, match="begin with synthetic-"):
        check_mark("made", tmp_path / "out")


def test_two_runs_to_one_folder_do_not_meet(tmp_path):
    out = tmp_path / "out"
    with replacing(out, folder=True) as first:
        (first / "a").mkdir()
        with pytest.raises(KeyboardInterrupt), replacing(out, folder=True) as second:
            assert second != first
            raise KeyboardInterrupt
        assert (first / "a").is_dir()  # the other one cleared up after itself alone
    assert os.listdir(tmp_path) == ["out"]


def test_other_arrays_of_a_file_are_left_out_aloud(tmp_path):
    images = np.zeros((4, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", images=images, ids=np.arange(4))
    assert read_images(tmp_path / "x.npz").notes == ("Other arrays were left out: 'ids'.",)
    np.savez(tmp_path / "x.npz", images=images, labels=np.arange(4))
    assert read_images(tmp_path / "x.npz").notes == ()
