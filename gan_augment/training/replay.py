"""Steps on a GPU, recorded once and replayed.

A step of a small network is some hundreds of operations, each of which takes longer to launch than
to compute. A CUDA graph launches all of them at once.
"""

from collections import Counter
from contextlib import contextmanager

import torch

#: Steps of a kind before it is recorded, in which libraries and optimisers set themselves up.
WARM_STEPS = 3


@contextmanager
def replayed(step, device):
    """Yield a `Step` that does the same, recorded and replayed where the device allows it."""
    # each step must do what the one before did: on one process, with rows that stay
    if device.type != "cuda" or step.processes.size > 1 or step.task.changes:
        yield step
        return
    stream = torch.cuda.Stream(device)
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        yield Replay(step, stream)
    torch.cuda.current_stream(device).wait_stream(stream)


class Replay:
    """A step that is recorded after a few calls of each kind, all on one CUDA stream."""

    def __init__(self, step, stream):
        self.step, self.stream = step, stream
        self._forget()

    def _forget(self):
        self.optimisers, self.calls, self.recorded = self.step.state.optimisers, Counter(), {}

    def __call__(self, *kind):
        if self.optimisers is not self.step.state.optimisers:  # back at an earlier state
            self._forget()
        self.calls[kind] += 1
        if self.calls[kind] <= WARM_STEPS:
            return self.step(*kind)
        if kind not in self.recorded:
            self.recorded[kind] = self._record(kind)
        if self.recorded[kind] is None:
            return self.step(*kind)
        graph, outcome = self.recorded[kind]
        graph.replay()
        return outcome

    def _record(self, kind):
        """Record a step without running it; None where a loss needs a value on the host."""
        rng, graph = self.step.rng, torch.cuda.CUDAGraph()
        before = rng.clone_state()
        graph.register_generator_state(rng)
        try:
            # other threads may go on with what they do on the device meanwhile
            with torch.cuda.graph(graph, stream=self.stream, capture_error_mode="thread_local"):
                outcome = self.step(*kind)
        except RuntimeError:
            rng.graphsafe_set_state(before)  # the generator's own is left as if recording
            return None
        return graph, outcome
