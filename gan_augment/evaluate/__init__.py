"""Does it help, and is it any good? Every number stands beside a reference.

`downstream` asks whether a model gets better with synthetic rows (`compare_augmentations`);
`quality` asks whether two tables or sets of images look alike (`quality_report`). Both return
values, which the report turns into pages; neither knows how rows are made.
"""
