"""How the titles of decisions read when they go back and forth."""


def back_of(title: str) -> str:
    """Return the title of what undoes a decision of this title."""
    match title.partition(": "):
        case "Undo", _, rest:
            return f"Redo: {rest}"
        case "Redo", _, rest:
            return f"Undo: {rest}"
        case _:
            return f"Undo: {title}"
