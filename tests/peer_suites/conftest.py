"""Nothing here is part of the package's own tests: ``nox -s peer_suites`` runs it."""

collect_ignore_glob = ["*.py"]
