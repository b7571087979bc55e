import pandas as pd
import pytest

from gan_augment import TabularGAN, load
from gan_augment.encoding.schema import Schema, chosen_kinds, is_metadata
from gan_augment.exceptions import InputError

pytestmark = pytest.mark.sdv


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "zip": [10115, 80331, 10115, 80331] * 5,
            "who": [f"u{i:03}" for i in range(20)],
            "size": [0.5, 1.0, 1.5, 2.5] * 5,
            "ok": [True, False, False, True] * 5,
            "home": ["a", "b", "c", "d"] * 5,
            "what": [1, 2] * 10,
        }
    )


def metadata_from(tables):
    from sdv.metadata import Metadata

    return Metadata.load_from_dict({"tables": tables, "relationships": []})


def described(**sdtypes):
    columns = {name: {"sdtype": sdtype} for name, sdtype in sdtypes.items()}
    return metadata_from({"t": {"columns": columns}})


SDTYPES = {
    "zip": "categorical",
    "who": "id",
    "size": "numerical",
    "ok": "boolean",
    "home": "street_address",
    "what": "unknown",
}


def test_each_type_of_sdv_is_a_kind_here(frame):
    kinds = chosen_kinds(described(**SDTYPES), frame)
    assert kinds == {"zip": "category", "who": "regenerate", "home": "ignore"}


@pytest.mark.parametrize("dtype", ["bool", "boolean"])
def test_categories_of_yes_and_no_stay_booleans(frame, dtype):
    frame = frame[["ok"]].astype(dtype)
    schema = Schema.infer(frame, described(ok="categorical"))
    assert schema == Schema.infer(frame) and schema["ok"].kind == "boolean"


def test_a_schema_takes_metadata_as_it_takes_a_dict(frame):
    metadata = described(**SDTYPES)
    assert Schema.infer(frame, metadata) == Schema.infer(frame, chosen_kinds(metadata, frame))


def test_the_target_may_be_described_too_but_no_other_column(frame):
    kinds = chosen_kinds(described(**SDTYPES, label="categorical"), frame)
    assert "label" not in kinds and kinds["zip"] == "category"
    with pytest.raises(InputError, match="'label' and 'other'"):
        chosen_kinds(described(**SDTYPES, label="categorical", other="numerical"), frame)


def test_metadata_of_several_tables_is_refused(frame):
    column = {"columns": {"size": {"sdtype": "numerical"}}}
    tables = {"one": column, "two": column}
    with pytest.raises(InputError, match="describes 2 tables, one, two"):
        chosen_kinds(metadata_from(tables), frame)


def test_a_frame_or_a_dict_is_no_metadata(frame):
    assert (
        not is_metadata(frame) and not is_metadata({"zip": "category"}) and not is_metadata(None)
    )


def test_a_gan_takes_metadata_and_its_file_remembers_the_kinds(frame, tmp_path):
    parameters = {"n_steps": 0, "random_state": 0}
    gan = TabularGAN(columns=described(**SDTYPES), **parameters).fit(frame)
    same = TabularGAN(columns=chosen_kinds(described(**SDTYPES), frame), **parameters).fit(frame)
    rows, _ = gan.sample(9)
    pd.testing.assert_frame_equal(rows, same.sample(9)[0])
    assert set(rows["zip"]) <= {10115, 80331} and not set(rows["who"]) & set(frame["who"])
    gan.save(tmp_path / "gan.model")
    loaded = load(tmp_path / "gan.model")
    assert loaded.columns == {"zip": "category", "who": "regenerate", "home": "ignore"}
    pd.testing.assert_frame_equal(loaded.sample(9)[0], rows)
