"""Several processes train one generator: each computes with its part of the rows of every step.

All processes hold the same networks and draw the same batch from the same private generator. A
network sees only a process's own rows; what comes out of it is gathered, so that every process has
the outputs for all rows, its own with their graph and the others' as constants. From there on each
computes the loss of the whole batch, whatever it is: also one that is no mean over rows, such as
the match of means and spreads. A loss L of outputs f_1 ... f_R of R processes has the gradient
``sum_r dL/df_r df_r/dw``, and process r computes exactly the r-th term; so gradients are summed,
not averaged, and no weights enter. A penalty on a critic's gradients is the same sum, as long as
it is a mean over rows.

``DistributedDataParallel`` does not fit: it averages gradients of losses that are means over a
process's rows, and hooks into ``forward`` and ``backward``, while adversarial training
differentiates twice for its penalties, asks for the gradients of some inputs only, and updates two
networks in turns. Sums of all gradients in one flat message are all that is needed.
"""

from __future__ import annotations

import copy
import functools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from safetensors.numpy import load as arrays_from_bytes
from safetensors.numpy import save as bytes_from_arrays

from gan_augment.exceptions import SharedTrainingError
from gan_augment.training.processes import OneProcess

_NOTHING, _FAILED = b"", b"failed"


class SeveralProcesses(OneProcess):
    """A process of a group of ``torch.distributed``, and what it exchanges with the others.

    `group` is None for the default one, `timeout` the seconds that it waits, for the message.
    """

    def __init__(self, group: Any, timeout: float) -> None:
        self.group, self.timeout = group, timeout
        self.rank, self.size = dist.get_rank(group), dist.get_world_size(group)
        self.is_first = self.rank == 0

    # rows ------------------------------------------------------------------------------------

    def part(self, n: int, rank: int | None = None) -> slice:
        """Return which of n rows a process computes with, a slice; by default this one."""
        rank = self.rank if rank is None else rank
        least, more = divmod(n, self.size)
        return slice(rank * least + min(rank, more), (rank + 1) * least + min(rank + 1, more))

    def share_rows(self, network: torch.nn.Module) -> torch.nn.Module:
        """Return a view of a network that sees this process's rows, and gives those of all.

        It has the parameters of the network, not copies of them. The network's ``forward``, or the
        method that its ``row_by_row`` names, takes and gives tensors with one entry a row, each
        row by itself, and draws no random numbers.
        """
        view = copy.copy(network)
        name = getattr(network, "row_by_row", "forward")
        object.__setattr__(view, name, functools.partial(self._of_all, getattr(network, name)))
        return view

    def _of_all(self, function, *tensors):
        n = len(tensors[0])
        mine = self.part(n)
        own = function(*(tensor[mine] for tensor in tensors))
        others = self._gathered(own.detach(), n)
        return torch.cat([others[: mine.start], own, others[mine.stop :]])

    def _gathered(self, own, n):
        """The rows of all processes, which send equally many: the last may be padding."""
        sent = own.new_zeros(-(-n // self.size), *own.shape[1:])
        sent[: len(own)] = own
        parts = [torch.empty_like(sent) for _ in range(self.size)]
        with self._answered():
            dist.all_gather(parts, sent, group=self.group)
        sizes = [len(range(n)[self.part(n, rank)]) for rank in range(self.size)]
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])

    def sum_gradients(self, parameters: list) -> None:
        """Replace each gradient by its sum over all processes, in one message."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        with self._answered():
            dist.all_reduce(flat, group=self.group)
        sums = flat.split([gradient.numel() for gradient in gradients])
        for gradient, total in zip(gradients, sums, strict=True):
            gradient.copy_(total.view_as(gradient))

    # messages --------------------------------------------------------------------------------

    def agree(self, answer: object) -> bool:
        """Return what the first process answers, yes or no."""
        return bool(self._sent_by_first(torch.tensor([int(bool(answer))])))

    def all_equal(self, text: str) -> bool:
        """Whether all processes hold the same text, a digest that is as long in all."""
        own = _as_tensor(text.encode())
        texts = [torch.empty_like(own) for _ in range(self.size)]
        with self._answered():
            dist.all_gather(texts, own, group=self.group)
        return all(torch.equal(other, own) for other in texts)

    def from_first(self, read: Callable[[], Any]) -> Any:
        """Return what the first process reads, (header, arrays) or None, or raise if it cannot."""
        if not self.is_first:
            sent = self._bytes_of_first(None)
            if sent == _FAILED:
                raise SharedTrainingError(
                    "Process 0 could not read the checkpoint and says why: correct that and start "
                    "all processes again."
                )
            return _unpacked(sent)
        try:
            found = read()
        except BaseException:
            self._bytes_of_first(_FAILED)
            raise
        self._bytes_of_first(_packed(found))
        return found

    def _bytes_of_first(self, data):
        """Bytes of the first process, in all: how many, then which."""
        length = int(self._sent_by_first(torch.tensor([len(data or b"")])))
        sent = _as_tensor(data) if self.is_first else torch.empty(length, dtype=torch.uint8)
        return bytes(self._sent_by_first(sent).numpy()) if length else _NOTHING

    def _sent_by_first(self, tensor):
        with self._answered():
            if tensor.numel():
                dist.broadcast(tensor, group_src=0, group=self.group)
        return tensor

    @contextmanager
    def _answered(self):
        """Turn an error of the process group into one sentence: another process did not answer."""
        try:
            yield
        except RuntimeError as error:
            raise _lost(self.size, self.timeout) from error


def _lost(size, timeout):
    number = f"{size} " if size else ""
    return SharedTrainingError(
        f"One of the {number}processes of this training was lost, or did not answer within "
        f"{timeout:g} seconds: start all of them again; with checkpoint= training goes on from "
        "its last check."
    )


def _as_tensor(data):
    return torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0)


def _packed(found):
    if found is None:
        return _NOTHING
    header, arrays = found
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes_from_arrays(arrays)


def _unpacked(data):
    if data == _NOTHING:
        return None
    start = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:start]), arrays_from_bytes(data[start:])


@contextmanager
def joined(timeout: float) -> Iterator[SeveralProcesses]:
    """Join the processes that the launcher started, or those of the group that is there."""
    group, options = None, {"backend": _backend(), "timeout": timedelta(seconds=timeout)}
    try:
        if dist.is_initialized():
            group = dist.new_group(**options)  # its own group, with its own timeout
        else:
            dist.init_process_group(**options)
    except RuntimeError as error:
        raise _lost(None, timeout) from error
    try:
        with _own_gpu():
            yield SeveralProcesses(group, timeout)
    finally:
        dist.destroy_process_group(group)


def _place():
    """Number of this process on its host, and how many the launcher started there."""
    if "LOCAL_RANK" in os.environ:  # torchrun's
        return int(os.environ["LOCAL_RANK"]), int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    return dist.get_rank() if dist.is_initialized() else int(os.environ["RANK"]), 1


def _backend():
    """NCCL for tensors on a GPU where each process has one of its own, else gloo for all."""
    if dist.is_initialized():
        own = "nccl" in dist.get_backend_config()
    else:
        own = torch.cuda.is_available() and torch.cuda.device_count() >= _place()[1]
    return "cpu:gloo,cuda:nccl" if own and dist.is_nccl_available() else "gloo"


@contextmanager
def _own_gpu():
    """Make this process's GPU torch's current one, then restore the one before."""
    if not torch.cuda.is_available():
        yield
        return
    with torch.cuda.device(_place()[0] % torch.cuda.device_count()):
        yield
