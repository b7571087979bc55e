"""How networks are trained: steps, checkpoints, GPUs and several processes; torch only."""
