"""Files that mean harm, or look as if: what ``gan_augment.load`` has to refuse.

Each function returns ``{name: make}``, where ``make(path)`` puts the file there. Tests use the
same corpus, so that what is measured is what is tested.
"""

import hashlib
import io
import json
import os
import pickle
import socket
import struct
import zipfile

import numpy as np
from safetensors.numpy import save as packed

from gan_augment.io.serialization import FORMAT, MAGIC

#: What a file would do if it were run: it leaves this name in the current folder.
TRACE = "a-hostile-file-was-here"


class Bomb:
    """Unpickling it runs a command."""

    def __reduce__(self):
        """Say what to call."""
        return os.system, (f"touch {TRACE}",)


def sealed(text, rest=b"", length=None):
    """Bytes with our magic and a checksum that fits, whatever is inside."""
    text = text if isinstance(text, bytes) else text.encode()
    body = struct.pack("<Q", len(text) if length is None else length) + text + rest
    return MAGIC + hashlib.sha256(body).digest() + body


def other_formats():
    """Formats that run code when they are read, and others that are not ours."""
    bomb = pickle.dumps(Bomb())
    python = f"import os; os.system('touch {TRACE}')\n".encode()
    found = {
        "pickle": bomb,
        "pickle of protocol 0": pickle.dumps(Bomb(), protocol=0),
        "pickle after our magic": MAGIC + bomb,
        "pickle sealed as header": sealed(bomb),
        "pickle sealed as arrays": sealed(json.dumps({"format": FORMAT}), bomb),
        "joblib": _joblib(),
        "torch": _torch(),
        "npz of objects": _npz(),
        "npy of objects": _npy(),
        "zip of a pickle, as skops": _zip({"schema.json": b"{}", "data.pkl": bomb}),
        "zip bomb": _zip({"data": bytes(50_000_000)}),
        "python": python,
        "yaml": f"!!python/object/apply:os.system ['touch {TRACE}']\n".encode(),
        "marshal": b"\xe3" + bytes(64) + python,
        "safetensors alone": packed({"a": np.zeros(3)}),
        "json alone": json.dumps({"format": 1, "class": "TabularGAN"}).encode(),
        "nothing": b"",
        "magic alone": MAGIC,
        "text": b"a,b\n1,2\n" * 1000,
    }
    return {name: _writes(content) for name, content in found.items()}


def _writes(content):
    def make(path):
        path.write_bytes(content)

    return make


def _joblib():
    import joblib

    stream = io.BytesIO()
    joblib.dump(Bomb(), stream)
    return stream.getvalue()


def _torch():
    import torch

    stream = io.BytesIO()
    torch.save(Bomb(), stream)
    return stream.getvalue()


def _npz():
    stream = io.BytesIO()
    np.savez(stream, a=np.array([Bomb()], dtype=object))
    return stream.getvalue()


def _npy():
    stream = io.BytesIO()
    np.save(stream, np.array([Bomb()], dtype=object))
    return stream.getvalue()


def _zip(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def no_files():
    """Paths at which there is something else than a regular file."""

    def bind(path):
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(os.fspath(path))

    def link_to_pipe(path):
        os.mkfifo(path.with_name(path.name + ".pipe"))
        path.symlink_to(path.with_name(path.name + ".pipe"))

    return {
        "named pipe": os.mkfifo,
        "link to a named pipe": link_to_pipe,
        "link to an endless device": lambda path: path.symlink_to("/dev/zero"),
        "link to the null device": lambda path: path.symlink_to("/dev/null"),
        "folder": lambda path: path.mkdir(),
        "socket": bind,
    }


def wrong_sizes():
    """Lengths that lie, texts that grow when parsed, arrays that are none."""

    def sparse(start, size):
        def make(path):
            with open(path, "wb") as file:
                file.write(start)
                file.truncate(size)

        return make

    def arrays(described, data=b""):
        text = json.dumps(described) if isinstance(described, dict) else described
        return _writes(sealed(HEADER, struct.pack("<Q", len(text)) + text.encode() + data))

    def one(**facts):
        return arrays({"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8], **facts}}, ZERO)

    HEADER, ZERO = json.dumps({"format": FORMAT, "class": "TabularGAN"}), bytes(8)
    twice = '{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},'
    twice += '"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}'
    return {
        "10 GB that are not ours": sparse(b"GANAUG", 10 * 2**30),
        "20 GB that say they are ours": sparse(MAGIC, 20 * 2**30),
        "header longer than the file": _writes(sealed("{}", length=2**63)),
        "header of 2**64 - 1": _writes(sealed("{}", length=2**64 - 1)),
        "header cut in the middle": _writes(sealed(HEADER, length=10)),
        "header of lists": _writes(sealed("[" + "[]," * 10**7 + "1]")),
        "short header of lists": _writes(sealed("[" + "[]," * 6 * 10**5 + "1]")),
        "deep header": _writes(sealed("[" * 10**6)),
        "deep objects": _writes(sealed('{"a":' * 10**5 + "1" + "}" * 10**5)),
        "keys twice": _writes(sealed('{"format": 1, "format": 1}', packed({}))),
        "NaN in the header": _writes(sealed('{"format": NaN}', packed({}))),
        "a number of 10**5 digits": _writes(sealed('{"format": ' + "9" * 10**5 + "}")),
        "true as format": _writes(sealed('{"format": true}', packed({}))),
        "newer format": _writes(sealed('{"format": 2}', b"nobody knows")),
        "no object": _writes(sealed("[1]", packed({}))),
        "no text": _writes(sealed(b"\xff\xfe\xfa")),
        "arrays: length 2**64 - 1": _writes(sealed(HEADER, b"\xff" * 8)),
        "arrays: deep": arrays("[" * 10**6),
        "arrays: long text": arrays('{"a' + "a" * 10**7),
        "arrays: shape of 2**40": one(shape=[2**40]),
        "arrays: shape that overflows": one(shape=[2**62, 2**62]),
        "arrays: negative shape": one(shape=[-1]),
        "arrays: nothing, 2**40 times": arrays(
            {"group_counts": {"dtype": "I64", "shape": [2**40, 0], "data_offsets": [0, 0]}}
        ),
        "arrays: beyond the end": one(shape=[2**37], data_offsets=[0, 2**40]),
        "arrays: before the start": one(data_offsets=[-8, 0]),
        "arrays: same bytes twice": arrays(twice, ZERO),
        "arrays: unknown type": one(dtype="PY"),
        "arrays: bfloat": one(dtype="BF16", shape=[4]),
        "arrays: 60,000": arrays(
            {f"{i}": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]} for i in range(60_000)}
        ),
    }


def _model(header, arrays):
    return _writes(sealed(json.dumps(header), packed(arrays)))


def changed_models(header, arrays):
    """A valid TabularGAN of a class target with one lie in it, sealed again.

    Parameters
    ----------
    header, arrays : dict
        As ``read_bundle`` returns them; its columns are a number, an integer, a category with
        missing cells and dates.
    """
    config = header["config"]
    target = json.loads(header["target"])
    columns = json.loads(header["schema"])["columns"]

    def head(**changes):
        return _model(header | changes, arrays)

    def parameter(**changes):
        return head(parameters=header["parameters"] | changes)

    def column(at, **changes):
        new = [c | changes if i == at else c for i, c in enumerate(columns)]
        return head(schema=json.dumps({"columns": new}))

    def label(**changes):
        own = json.loads(target["column"])["columns"][0] | changes
        return head(target=json.dumps(target | {"column": json.dumps({"columns": [own]})}))

    def container(**changes):
        return head(container=json.dumps(json.loads(header["container"]) | changes))

    def array(name, change):
        new = arrays | {name: np.ascontiguousarray(change(arrays[name].copy()))}
        return _model(header, new)

    def extra(name, value):
        return _model(header, arrays | {name: np.asarray(value)})

    def put(value):
        def change(a):
            a[(0,) * a.ndim] = value
            return a

        return change

    order = {"kind": "order", "exceptions": 0.0, "base": [0], "owns_base": False}
    order |= {"followers": [[1, 1, [], 0, 9, 1]], "pairs": [[0, 1]]}
    weight, many = "module/first.weight", [columns[0] | {"name": f"c{i}"} for i in range(9000)]
    return {
        "class: unknown": head(**{"class": "NewerGAN"}),
        "class: a function": head(**{"class": "os.system"}),
        "class: a program": head(**{"class": f"__import__('os').system('touch {TRACE}')"}),
        "class: a list": head(**{"class": ["TabularGAN"]}),
        "class: an augmenter around itself": head(
            **{"class": "GANAugmenter", "generator": header}
        ),
        "network: of 10**5 units": head(config=config | {"hidden_dim": 10**5}),
        "network: of 2**40 units": head(config=config | {"hidden_dim": 2**40}),
        "network: config of text": head(config=config | {"hidden_dim": "8"}),
        "network: of other shapes": array(weight, lambda a: a.reshape(1, -1)),
        "network: NaN": array(weight, put(np.nan)),
        "network: infinite": array(weight, put(np.inf)),
        "network: overflows": array(weight, lambda a: np.full_like(a, 3e38)),
        "network: of doubles": array(weight, lambda a: a.astype("float64")),
        "network: one weight more": extra("module/evil", [1.0]),
        "network: other places": array("module/layout.places", lambda a: a + 10**6),
        "network: none": head(trained=False),
        "network: perhaps": head(trained="yes"),
        "parameter: locality of text": parameter(locality="1; import os"),
        "parameter: n_steps true": parameter(n_steps=True),
        "parameter: mixture unknown": parameter(mixture={"evil": 1}),
        "parameter: mixture a list": parameter(mixture=[1, 2]),
        "parameter: device": parameter(device="cuda:0"),
        "parameter: seed negative": head(random_state=-1),
        "parameter: columns": head(columns=[["x", "evil"]]),
        "parameter: columns a number": head(columns=7),
        "fitted: features": head(fitted=header["fitted"] | {"n_features_in_": 10**9}),
        "fitted: locality": head(fitted=header["fitted"] | {"locality_": 2}),
        "groups: of 2**40": array("prior/groups", put(2**40)),
        "groups: negative": array("prior/groups", put(-1)),
        "groups: one without a member": array("prior/groups", np.zeros_like),
        "groups: counts of 2**62": array("group_counts", put(2**62)),
        "groups: counts of zero": array("group_counts", put(0)),
        "groups: no counts": array("group_counts", lambda a: a[:0]),
        "prior: neighbour out of range": array("prior/neighbors", put(10**9)),
        "prior: category out of range": array("prior/codes", put(77)),
        "prior: category negative": array("prior/codes", lambda a: put(-1)(a.astype("int16"))),
        "prior: infinite": array("prior/numbers", put(np.inf)),
        "prior: gap where none is": array("prior/numbers", lambda a: np.full_like(a, np.nan)),
        "prior: covariance NaN": array("prior/noise_root", put(np.nan)),
        "prior: fewer rows": array("prior/numbers", lambda a: a[:3]),
        "prior: text of floats": array("prior/groups", lambda a: a.astype("float64")),
        "codec: a method replaced": extra("codec/0/decode", [1.0]),
        "codec: another method replaced": extra("codec/target/decode", [1.0]),
        "codec: knots that fall": array("codec/0/values_", lambda a: a[::-1]),
        "codec: no knots": array("codec/0/scores_", lambda a: a[:0]),
        "codec: edge": array("codec/0/edge_", lambda a: a * 0 - 1),
        "column: kind": column(0, kind="evil"),
        "column: kind a list": column(0, kind=[]),
        "column: field unknown": column(0, evil=1),
        "column: bounds reversed": column(0, minimum=1e9, maximum=-1e9),
        "column: bounds of text": column(1, minimum="0"),
        "column: bounds beyond 64 bits": column(1, maximum=2**70),
        "column: step of zero": column(1, resolution=0),
        "column: categories twice": column(2, categories=["a", "a"]),
        "column: category a list": column(2, categories=["a", ["b"]]),
        "column: no categories": column(2, categories=[]),
        "column: 10**5 categories": column(2, categories=[str(i) for i in range(10**5)]),
        "column: dtype unknown": column(0, dtype="evil"),
        "column: dtype too narrow": column(1, dtype="bool"),
        "column: dtype of huge cells": column(2, dtype="U400000000"),
        "column: dtype that opens a file": column(3, dtype="datetime64[ns, dateutil//etc/passwd]"),
        "column: zone that is a path": column(
            3, dtype="datetime64[ns, zoneinfo:../../etc/passwd]"
        ),
        "column: name a list": column(0, name=["a"]),
        "column: name twice": column(0, name=columns[1]["name"]),
        "column: missing cells in bool": column(0, has_missing="yes"),
        "columns: none": head(schema=json.dumps({"columns": []})),
        "columns: 9,000": head(schema=json.dumps({"columns": many})),
        "columns: deep": head(schema="[" * 10**6),
        "columns: keys twice": head(schema='{"columns": [], "columns": []}'),
        "relations: out of range": head(relations=[order | {"base": [99]}]),
        "relations: in a ring": head(relations=[order | {"followers": [[0, 1, [], 0, 9, 1]]}]),
        "relations: of a number": head(relations=[order | {"pairs": [[0, 2]]}]),
        "relations: of a kind unknown": head(relations=[order | {"kind": "evil"}]),
        "relations: twice": head(relations=[order, order]),
        "relations: text": head(relations=["ab"]),
        "target: kind": head(target=json.dumps(target | {"kind_": "evil"})),
        "target: no column": head(target=json.dumps(target | {"column": None})),
        "target: form": head(target=json.dumps(target | {"form": "evil"})),
        "target: a number": head(target=json.dumps(target | {"kind_": "number"})),
        "target: one class more": label(categories=["a", "b", "c"]),
        "target: classes of another dtype": label(dtype="int64"),
        "table: kind": container(kind="evil"),
        "table: cells of 2 GB": container(kind="numpy", dtype="<U500000000"),
        "table: structured cells": container(kind="numpy", dtype="i4,f8"),
        "table: polars, pickled": container(kind="polars", schema="gASVCg=="),
        "table: polars, other columns": container(kind="polars", schema=[]),
        "table: polars object": container(kind="polars", schema=[["a", "Object", {}]]),
        "table: pyarrow, damaged": container(kind="pyarrow", schema="AAAA" * 50),
        "history: a matrix": extra("history/step", np.zeros((2, 2))),
    }


def changed_images(header, arrays):
    """A valid ImageGAN with one lie in it, sealed again."""
    codec = json.loads(header["container"])

    def images(**changes):
        new = header | {"container": json.dumps(codec | changes)}
        return _model(new, arrays)

    def array(name, value):
        new = arrays | {name: np.full_like(arrays[name], value)}
        return _model(header, new)

    def parameter(**changes):
        new = header | {"parameters": header["parameters"] | changes}
        return _model(new, arrays)

    return {
        "images: of a million pixels a side": images(one=[10**6, 10**6], shape=[1, 10**6, 10**6]),
        "images: shapes that differ": images(shape=[1, 9, 9]),
        "images: of objects": images(dtype="|O"),
        "images: range reversed": images(value_range=[1, 0]),
        "images: layout": images(layout="evil"),
        "images: beyond white": array("prior/images", 7),
        "images: pairs out of range": array("prior/pairs", 10**9),
        "images: flows NaN": array("prior/flows", np.nan),
        "images: channels": parameter(channels="middle"),
        "images: shape of text": parameter(image_shape="8x8"),
        "images: shift": parameter(shift=0.5),
    }


def changed_augmenters(header, arrays):
    """A valid GANAugmenter with one lie in it, sealed again."""

    def head(**changes):
        return _model(header | changes, arrays)

    return {
        "augmenter: allow_copies": head(allow_copies=f"os.system('touch {TRACE}')"),
        "augmenter: amount negative": head(n_samples=-1),
        "augmenter: amount of text": head(n_samples="all"),
        "augmenter: amount for lists": head(n_samples=[[["a"], 1]]),
        "augmenter: balance": head(class_balance="evil"),
        "augmenter: other columns": head(feature_names_in=["evil"]),
        "augmenter: other width": head(n_features_in=2**40),
        "augmenter: images": head(image_shape=[8, 8]),
        "augmenter: around itself": head(generator=header),
        "augmenter: around nothing": head(generator=None),
    }
