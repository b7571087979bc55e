"""What a fit shares with the process around it: random numbers, progress, threads and locks."""
