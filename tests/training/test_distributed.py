"""Several processes come to what one comes to, stop together, and do not wait for a lost one."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import group_members as members
import numpy as np
import pytest
import torch.distributed as dist

from gan_augment import distributed_training, load
from gan_augment.exceptions import InputError
from gan_augment.training.process_group import SeveralProcesses
from gan_augment.training.processes import ONE_PROCESS, current_processes

pytestmark = pytest.mark.skipif(
    not (dist.is_available() and dist.is_gloo_available() and members.KILL),
    reason="needs torch.distributed with gloo, and POSIX signals",
)


# equal to one process ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one():
    return members.in_both(ONE_PROCESS, None)


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    return members.run(2, members.in_both, tmp_path_factory.mktemp("equal"))


def test_every_loss_is_that_of_one_process_but_for_rounding(several, one):
    """In double precision, where the order of summation is 1e-16 and a mistake is not."""
    for _, found in several:
        for loss, expected in one[1].items():
            for name in ("critic_loss", "generator_loss", "score_gap"):
                np.testing.assert_allclose(
                    found[loss]["losses"][name], expected["losses"][name], rtol=1e-8, atol=1e-10
                )
            np.testing.assert_allclose(found[loss]["weights"], expected["weights"], atol=1e-10)


def test_batches_smaller_than_the_team_leave_some_without_rows(tmp_path):
    given = 2, ("dual",)
    one = members.in_double_precision(ONE_PROCESS, None, *given)["dual"]["weights"]
    for found in members.run(4, members.in_double_precision, tmp_path, *given):
        np.testing.assert_allclose(found["dual"]["weights"], one, atol=1e-10)


#: Largest difference of a loss in 40 steps, and of a number in the rows, in single precision.
TOLERANCE = {"one critic": (2e-3, 1e-3), "two critics": (1e-5, 1e-3), "images": (1e-5, 1e-2)}


def test_a_fit_is_that_of_one_process_within_the_tolerance(several, one):
    for name, expected in one[0].items():
        assert_close(name, expected, [found for found, _ in several])


def test_images_are_those_of_one_process_within_the_tolerance(tmp_path):
    one = members.of_images(ONE_PROCESS, None)["images"]
    assert_close("images", one, members.run(2, members.of_images, tmp_path))


def assert_close(name, one, answers):
    losses, cells = TOLERANCE[name]
    found = answers[0][name]
    assert found["history"]["step"] == one["history"]["step"]
    for which in ("critic_loss", "generator_loss"):
        np.testing.assert_allclose(found["history"][which], one["history"][which], atol=losses)
    distance, unlike = apart(found["rows"], one["rows"])
    assert distance < cells and unlike < 0.02
    assert len({answer[name]["digest"] for answer in answers}) == 1
    assert all(answer[name]["history"] == found["history"] for answer in answers)


def apart(rows, others):
    """The largest difference of numbers, and the share of texts and gaps that differ."""
    if isinstance(rows, np.ndarray):
        return np.abs(rows - others).max() / 16, 0.0  # of digits, 0 to 16
    numbers = (rows.select_dtypes("number") - others.select_dtypes("number")).abs()
    unlike = (rows != others) & ~(rows.isna() & others.isna())
    return numbers.median().max(), unlike.select_dtypes(bool)["kind"].mean()


# one decides ------------------------------------------------------------------------------------


def test_the_first_process_decides_when_to_stop(tmp_path):
    by_callback, by_clock = zip(
        *members.run(2, members.stopped_by_the_first, tmp_path), strict=True
    )
    assert by_callback[0] == by_callback[1]
    assert by_callback[0][0] == [5, 10, 15]
    assert by_clock[0] == by_clock[1]
    assert by_clock[0][0][-1] < 100


def test_a_process_with_other_weights_is_found_at_the_next_check(tmp_path):
    for error in members.run(2, members.with_one_weight_changed, tmp_path, 1):
        assert type(error).__name__ == "SharedTrainingError"
        assert "2 processes of this training hold different networks at step 10" in str(error)


def test_other_data_seed_or_parameters_are_refused_before_training(tmp_path):
    for found in members.run(2, members.with_other_input, tmp_path):
        for sentence in found[:3]:
            assert sentence.startswith("InputError: The 2 processes of this training were given")
        assert found[3].startswith(
            "InputError: random_state=None cannot be used with 2 processes: pass"
        )


def test_what_belongs_to_the_process_is_left_as_it_was(tmp_path):
    assert members.run(2, members.leaving_all_as_it_was, tmp_path) == [[], []]


def test_the_program_of_the_documentation_runs(tmp_path):
    X, y = members.table()
    X.assign(y=y).to_csv(tmp_path / "rows.csv", index=False)
    path = Path(__file__).parents[2] / "docs" / "programs" / "fit_together.py"
    given = str(path), "rows.csv", "y", "rows.gan"
    said = members.run(2, members.program, tmp_path, *given)
    assert said == ["2 process(es) learnt 200 rows\n", ""]
    assert load(tmp_path / "rows.gan").sample(3)[0].shape == (3, 4)


# a lost one -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return members.run(4, members.gone_on, tmp_path_factory.mktemp("whole") / "here")[0]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder with the checkpoint of a training of which one process was killed."""
    folder = tmp_path_factory.mktemp("killed") / "here"
    folder.mkdir()
    processes = members.start(4, members.lost_on_the_way, folder, 2, members.KILL)
    while processes[2].process.is_alive():
        time.sleep(0.01)
    return folder, time.time(), [member.answer() for member in processes]


def test_a_killed_process_ends_the_others_at_once_with_one_sentence(killed):
    _, when, answers = killed
    assert answers[2] is None
    for kind, sentence, then, is_fitted in answers[:2] + answers[3:]:
        assert kind == "SharedTrainingError"
        assert "One of the 4 processes of this training was lost" in sentence
        assert sentence.count("\n") == 0
        assert then - when < 5  # the time to wait for one that is silent is 30
        assert not is_fitted


@pytest.mark.parametrize("number", [1, 2, 4])
def test_any_number_of_processes_goes_on_from_the_checkpoint(
    killed, undisturbed, number, tmp_path
):
    (tmp_path / "state").write_bytes((killed[0] / "state").read_bytes())
    if number == 1:
        answers = [members.gone_on(ONE_PROCESS, tmp_path)]
    else:
        answers = members.run(number, members.gone_on, tmp_path)
    for found in answers:
        assert found["history"]["step"] == [10, 20, 30, 40]
        for name in ("critic_loss", "generator_loss"):
            whole = undisturbed["history"][name]
            assert found["history"][name][:2] == whole[:2]  # before it was killed
            np.testing.assert_allclose(found["history"][name], whole, atol=5e-3)
    if number == 4:  # as many as before: the order of summation is the same too
        assert answers[0]["digest"] == undisturbed["digest"]
    assert "state" in answers[0]["files"]
    assert all(not answer["files"] for answer in answers[1:])  # the first alone writes


def test_a_silent_process_is_waited_for_no_longer_than_the_timeout(tmp_path):
    processes = members.start(2, members.lost_on_the_way, tmp_path, 1, members.STOP, timeout=1.5)
    kind, sentence, _, _ = processes[0].answer()
    os.kill(processes[1].process.pid, signal.SIGCONT)
    processes[1].process.kill()
    assert kind == "SharedTrainingError"
    assert "did not answer within 1.5 seconds" in sentence


# alone ------------------------------------------------------------------------------------------


def test_without_others_a_team_is_one_process():
    with distributed_training() as processes:
        assert processes is current_processes() is ONE_PROCESS
        assert processes.is_first and processes.size == 1


@pytest.mark.parametrize("timeout", [0, -1, None, "60", True, float("nan")])
def test_what_is_no_time_is_refused(timeout):
    refused = pytest.raises(InputError, match="timeout=.* pass a positive number of seconds")
    with refused, distributed_training(timeout=timeout):
        pass


@pytest.mark.parametrize("n", [0, 1, 5, 7, 8])
def test_parts_cover_all_rows_once_and_differ_by_one_at_most(n):
    processes = SeveralProcesses.__new__(SeveralProcesses)
    processes.size = 3
    rows = [range(n)[processes.part(n, rank)] for rank in range(3)]
    assert [row for part in rows for row in part] == list(range(n))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1
    assert len(rows[0]) == max(map(len, rows)) == -(-n // 3)


def test_a_launched_process_that_finds_no_others_says_so_in_one_sentence(tmp_path):
    (said,) = members.run(1, members.without_others, tmp_path)
    assert said.startswith("SharedTrainingError: One of the processes of this training was lost")


# several hosts ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_hosts():
    """Two network namespaces with a wire between them: as good as two hosts."""
    names = [f"gan{os.getpid()}{end}" for end in "ab"]
    plug = [["ip", "link", "add", names[0], "type", "veth", "peer", "name", names[1]]]
    for k, name in enumerate(names):
        plug += [["ip", "netns", "add", name], ["ip", "link", "set", name, "netns", name]]
        inside = ["ip", "-n", name]
        plug += [[*inside, "addr", "add", f"10.213.7.{k + 1}/24", "dev", name]]
        plug += [[*inside, "link", "set", name, "up"], [*inside, "link", "set", "lo", "up"]]
    try:
        for command in plug:
            try:
                subprocess.run(command, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                # needs iproute2 and the right to make namespaces; one host is tested above
                pytest.skip(f"network namespaces cannot be made here: {error}")
        yield names, "10.213.7.1"
    finally:
        for name in names:
            with contextlib.suppress(OSError):
                subprocess.run(["ip", "netns", "del", name], capture_output=True)


def test_two_hosts_come_to_what_one_comes_to(two_hosts, one, tmp_path):
    answers = members.run(2, members.in_single_precision, tmp_path, spaces=two_hosts)
    for name, expected in one[0].items():
        assert_close(name, expected, answers)


def test_a_host_that_is_gone_is_waited_for_no_longer_than_the_timeout(two_hosts, tmp_path):
    options = {"timeout": 2.0, "spaces": two_hosts}
    for kind, seconds in members.run(2, members.cut_off, tmp_path, two_hosts[0][0], **options):
        assert kind == "SharedTrainingError"
        assert 2 <= seconds < 10
