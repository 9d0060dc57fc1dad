"""What keeps the repository in order. Nothing here is part of the package."""
