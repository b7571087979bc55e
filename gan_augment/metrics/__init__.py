"""One number each: how near synthetic rows are to real ones, how varied, useful and private."""
