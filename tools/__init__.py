"""Programs for whoever works on this project; nothing here is part of the service."""
