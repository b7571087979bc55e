"""Networks, their losses and layers; torch only."""
