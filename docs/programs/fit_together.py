"""Fit a generator on all processes of a torchrun: fit_together.py ROWS.csv TARGET MODEL."""

import sys

import pandas as pd

from gan_augment import TabularGAN, distributed_training

table, target, model = sys.argv[1:]
frame = pd.read_csv(table)  # every process reads the table itself
with distributed_training() as processes:
    gan = TabularGAN(n_steps=40, checkpoint=f"{model}.state", random_state=0)
    gan.fit(frame.drop(columns=target), frame[target])
    if processes.is_first:
        gan.save(model)
        print(f"{processes.size} process(es) learnt {len(frame)} rows")
