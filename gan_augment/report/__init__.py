"""Tables and charts of plain frames as one HTML page."""
