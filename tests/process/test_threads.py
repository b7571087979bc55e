"""One torch thread inside, the caller's setting outside, whoever else is inside."""

import threading

import pytest
import torch

from gan_augment.process.state import one_thread


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def in_a_new_thread(ask):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    thread.join(10)
    return answers[0]


def test_one_thread_inside_and_the_callers_setting_after(three_threads):
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_the_setting_returns_after_an_exception(three_threads):
    with pytest.raises(KeyboardInterrupt), one_thread():
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 3
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_a_use_inside_another_does_not_end_it(three_threads):
    with one_thread():
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
        with pytest.raises(ValueError, match="inner"), one_thread():
            raise ValueError("inner")
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize("first_in_leaves", ["first", "last"])
def test_overlapping_users_all_work_alone_and_restore(three_threads, first_in_leaves):
    inside, seen = {}, {}
    events = {name: [threading.Event() for _ in range(2)] for name in "ab"}

    def use(name):
        entered, leave = events[name]
        with one_thread():
            inside[name] = [torch.get_num_threads()]
            entered.set()
            assert leave.wait(10)
            inside[name].append(torch.get_num_threads())
        seen[name] = torch.get_num_threads()

    threads = {name: threading.Thread(target=use, args=name) for name in "ab"}
    for name in "ab":
        threads[name].start()
        assert events[name][0].wait(10)
    for name in "ab" if first_in_leaves == "first" else "ba":
        events[name][1].set()
        threads[name].join(10)
    assert inside == {"a": [1, 1], "b": [1, 1]}
    assert seen == {"a": 3, "b": 3}
    assert torch.get_num_threads() == 3
    assert in_a_new_thread(torch.get_num_threads) == 3


def test_overlapping_users_get_back_each_its_own_number(three_threads):
    chosen, go, inside, leave = (threading.Event() for _ in range(4))
    after = []

    def use():
        torch.get_num_threads()  # torch forgets a number set before it was first asked for
        torch.set_num_threads(2)
        chosen.set()
        assert go.wait(10)
        with one_thread():
            inside.set()
            assert leave.wait(10)
        after.append(torch.get_num_threads())

    other = threading.Thread(target=use)
    other.start()
    assert chosen.wait(10)
    torch.set_num_threads(3)
    go.set()
    with one_thread():
        assert inside.wait(10)
    assert torch.get_num_threads() == 3
    leave.set()
    other.join(10)
    assert after == [2]
    assert in_a_new_thread(torch.get_num_threads) == 3


def test_a_thread_that_starts_meanwhile_has_the_callers_number(three_threads):
    with one_thread():
        assert in_a_new_thread(torch.get_num_threads) == 3
        assert torch.get_num_threads() == 1


def test_a_number_set_meanwhile_for_threads_to_come_stays(three_threads):
    with one_thread():
        in_a_new_thread(lambda: torch.set_num_threads(4))
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3
    assert in_a_new_thread(torch.get_num_threads) == 4


def test_many_concurrent_users_leave_nothing_behind(three_threads):
    start, counts = threading.Barrier(8), []

    def use():
        start.wait(10)
        for _ in range(50):
            with one_thread():
                counts.append(torch.get_num_threads())

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counts == [1] * 400
    assert torch.get_num_threads() == 3
