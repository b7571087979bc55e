"""Finished cells of a benchmark as files, so that a run can be stopped and gone on with."""

import hashlib
import json
import os


def place_of(folder, key):
    """The file of a finished cell."""
    name = "-".join(map(str, key[:-1]))
    return folder / f"{name}-{hashlib.sha256(key[-1].encode()).hexdigest()[:8]}.json"


def stored(folder, key, compute):
    """What ``compute`` returned for this key, now or in an earlier run; a failure is a result.

    Without a folder it is computed each time, and a failure is one.
    """
    if folder is None:
        return compute()
    folder.mkdir(parents=True, exist_ok=True)
    path = place_of(folder, key)
    if not path.exists():
        try:
            found = compute()
        except Exception as error:  # a peer that cannot take the data is a result, not the end
            found = {"error": f"{type(error).__name__}: {error}"[:300]}
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(found))
        temporary.replace(path)
    return json.loads(path.read_text())
