"""Networks and losses: torch in, torch out."""
