"""Measures how readable the code is, in the working tree and at another revision.

    python -m bench.house [--at REV] [--time]

Migrations are left out. With --time, `make test` runs in a fresh clone of each revision (HEAD for
the working tree), after its environment is installed. Its seconds are printed even if tests fail.
"""

import argparse
import ast
import io
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("compliance", "registry")
# Django and its commands prescribe these names, so several classes must have them.
FRAMEWORK_CLASSES = {"Meta", "Media", "Command", "Kind", "Status"}
DIRECTIVES = ("# noqa", "# type:", "# fmt:", "# pragma:", "# nosec")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Figures = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.house", description=__doc__)
    parser.add_argument("--at", metavar="REV", help="a revision to compare with, such as efbf4fe")
    parser.add_argument(
        "--time", action="store_true", help="also run `make test` in a clone of each"
    )
    options = parser.parse_args()
    columns = {"working tree": figures(ROOT)}
    if options.at:
        with tempfile.TemporaryDirectory() as folder:
            unpack(options.at, Path(folder))
            columns[options.at] = figures(Path(folder))
    if options.time:
        columns["working tree"] |= seconds_of_tests("HEAD")
        if options.at:
            columns[options.at] |= seconds_of_tests(options.at)
    print_table(columns)


def figures(root: Path) -> Figures:
    """Return the figures of the project in a folder, by their labels."""
    modules = list(python_files(root, *SOURCES))
    trees = [ast.parse(module.read_text()) for module in modules]
    code = lines(modules)
    tests = lines(python_files(root, "tests"))
    templates = lines(path for path in (root / "templates").rglob("*") if path.is_file())
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = sum(isinstance(node, FUNCTIONS) for node in nodes)
    comprehensions = sum(isinstance(node, COMPREHENSIONS) for node in nodes)
    longest = max(modules, key=lambda module: len(lines([module])))
    folder, width = Counter(module.parent for module in modules).most_common(1)[0]
    return {
        "modules in the widest folder": f"{width} ({folder.relative_to(root)})",
        "class names with several meanings": str(len(repeated_class_names(nodes))),
        "Python lines over 100 characters": share_over(100, code),
        "comments in 100 lines": f"{100 * sum(map(comments, modules)) / len(code):.1f}",
        "comprehensions per 100 functions": f"{100 * comprehensions / functions:.0f}",
        "longest module, lines": f"{len(lines([longest]))} ({longest.relative_to(root)})",
        "code lines": str(len(code)),
        "test lines per code line": f"{len(tests) / len(code):.2f}",
        "template lines": str(len(templates)),
        "template lines over 160 characters": share_over(160, templates),
        "template lines over 100 characters": share_over(100, templates),
    }


def python_files(root: Path, *folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def lines(paths: Iterable[Path]) -> list[str]:
    return [line for path in paths for line in path.read_text().splitlines()]


def share_over(limit: int, lines: list[str]) -> str:
    count = sum(len(line) > limit for line in lines)
    return f"{count} ({count / len(lines):.1%})"


def repeated_class_names(nodes: list[ast.AST]) -> set[str]:
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    return {name for name, count in names.items() if count > 1} - FRAMEWORK_CLASSES


def comments(module: Path) -> int:
    """Return how many comments a module has, without instructions to tools."""
    tokens = tokenize.generate_tokens(io.StringIO(module.read_text()).readline)
    return sum(
        token.type == tokenize.COMMENT and not token.string.startswith(DIRECTIVES)
        for token in tokens
    )


def unpack(revision: str, folder: Path) -> None:
    archive = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, check=True, capture_output=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")


def seconds_of_tests(revision: str) -> Figures:
    """Return how long `make test` takes in a clone, once its environment is there."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
        subprocess.run(["git", "checkout", "-q", revision], cwd=folder, check=True)
        subprocess.run(["make", ".venv"], cwd=folder, check=True, stdout=sys.stderr)
        began, cpu_before = time.monotonic(), cpu_seconds()
        outcome = subprocess.run(["make", "test"], cwd=folder, check=False, stdout=sys.stderr)
        return {
            "make test, seconds": f"{time.monotonic() - began:.0f}",
            "make test, CPU seconds": f"{cpu_seconds() - cpu_before:.0f}",
            "make test": "failed" if outcome.returncode else "passed",
        }


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def print_table(columns: dict[str, Figures]) -> None:
    print(f"{'':36}" + "".join(f"{title:46}" for title in columns).rstrip())
    for label in columns["working tree"]:
        print(
            f"{label:36}" + "".join(f"{figures[label]:46}" for figures in columns.values()).rstrip()
        )


if __name__ == "__main__":
    main()
