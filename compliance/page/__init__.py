"""One public page as plain data: what it says, what it means, and what changes. No Django."""
