"""How many rows of which class to add, and real rows with them at the end."""
