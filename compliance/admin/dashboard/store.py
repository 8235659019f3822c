"""Whether readers see what was decided last, for the desk."""

from compliance.published import comparison
from compliance.published.errors import StoreFault


def store_fault() -> str:
    """Return what readers do not see yet of what was decided, "" if they see everything."""
    try:
        behind = comparison.what_is_behind()
    except (StoreFault, OSError) as fault:
        return f"The published store cannot be used: {fault}"
    if not behind:
        return ""
    return f"The last decision is not public yet. Behind: {', '.join(behind)}."
