"""The nginx configuration of an exported site: the file and the headers of each address.

All headers come from the exported responses. A header that is the same in all of them becomes a
line, one that differs becomes a map. deploy/nginx-static.conf includes both parts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from compliance.staticsite.folder import ExportedFile

# nginx sets these itself: by the ending of the file and the types in `server`, and by `return`.
_OWN_HEADERS = ("Content-Type", "Location")


def maps(files: Sequence[ExportedFile], *, root: str, parameters: Iterable[str]) -> str:
    """Return the part for nginx's `http` block: maps from addresses to files and to headers.

    `root` is the folder of the files. `parameters` are the query parameters that the application
    knows. Raises ValueError if a value has a line break.
    """
    without_query = {file.nginx_key: file.name for file in files if "?" not in file.address}
    with_query = {file.nginx_key: file.name for file in files if "?" in file.address}
    withdrawn = {file.name: "1" for file in files if file.status == 410}
    moved = {file.name: file.headers["Location"] for file in files if file.status == 308}
    longest = max(len(file.nginx_key.encode()) for file in files)
    lines = [
        "variables_hash_max_size 2048;",
        f"map_hash_max_size {max(2048, 4 * len(files))};",
        f"map_hash_bucket_size {_power_of_two(longest + 64)};",
        # Names the folder of this export, not the link to the current one: until nginx reloads, the
        # files must be those of the export that the headers come from.
        f'map "" $registry_root {{ default {_quoted(root)}; }}',
        # nginx has no escape for a dollar sign in a value, but a variable can hold one.
        'geo $registry_dollar { default "$"; }',
        _map("$uri", "registry_plain", without_query),
        # A query with a known parameter that was not exported gets 404: the page without the query
        # would be a wrong answer. Unknown parameters are ignored, as by the application.
        _map(
            "$args",
            "registry_unasked",
            {"": "$registry_plain"},
            _known(parameters),
            default="$registry_plain",
        ),
        _map('"$uri?$args"', "registry_file", with_query, default="$registry_unasked"),
        _map("$registry_served", "registry_gone", withdrawn),
        _map("$registry_served", "registry_moved", moved),
    ]
    lines += [
        _map("$registry_served", _variable(name), values)
        for name, values in _headers(files).items()
        if not _is_shared(values, files)
    ]
    return "\n".join([*lines, ""])


def server(files: Sequence[ExportedFile]) -> str:
    """Return the part for nginx's `server` block: media types and headers.

    Raises ValueError if a value has a line break.
    """
    types = {file.name.rpartition(".")[2]: file.headers["Content-Type"] for file in files}
    lines = [
        "types {",
        *(f"    {_quoted(type)} {_quoted(ending)};" for ending, type in sorted(types.items())),
        "}",
    ]
    lines.append(f"gzip_types {' '.join(map(_quoted, sorted(types.values())))};")
    for name, values in _headers(files).items():
        if _is_shared(values, files):
            value = _quoted(next(iter(values.values())))
        else:
            value = f"${_variable(name)}"
        lines.append(f"add_header {name} {value} always;")
    return "\n".join([*lines, ""])


def _headers(files: Sequence[ExportedFile]) -> dict[str, dict[str, str]]:
    """Return by the name of each header, in alphabetical order, its values by file name."""
    headers: dict[str, dict[str, str]] = {}
    for file in files:
        for name, value in file.headers.items():
            if name not in _OWN_HEADERS:
                headers.setdefault(name, {})[file.name] = value
    return dict(sorted(headers.items()))


def _is_shared(values: Mapping[str, str], files: Sequence[ExportedFile]) -> bool:
    """Return whether all files have a header, with the same value."""
    return len(set(values.values())) == 1 and len(values) == len({file.name for file in files})


def _variable(header: str) -> str:
    return f"registry_{header.lower().replace('-', '_')}"


def _known(parameters: Iterable[str]) -> Iterator[str]:
    """Yield the entry of a map that matches a query with a known parameter, if there are any."""
    names = "|".join(re.escape(name) for name in sorted(parameters))
    if names:
        yield f'    "~(^|&)({names})(=|&|$)" "";'


def _map(
    source: str,
    variable: str,
    values: Mapping[str, str],
    patterns: Iterable[str] = (),
    default: str = '""',
) -> str:
    # A value that begins with a dollar sign is one of our variables; no path or header does.
    pairs = (
        f"    {_quoted(key)} {value if value.startswith('$') else _quoted(value)};"
        for key, value in values.items()
    )
    return "\n".join(
        [f"map {source} ${variable} {{", f"    default {default};", *pairs, *patterns, "}"]
    )


def _quoted(value: str) -> str:
    """Return a value quoted for nginx; raises ValueError if it has a line break."""
    if "\n" in value or "\r" in value:
        raise ValueError(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("$", "${registry_dollar}") + '"'


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()
