"""The nginx configuration of an exported site: the file and the headers of each address.

No header is written by hand. One that all answers share becomes a line, one that differs becomes a
map. deploy/nginx-static.conf includes both files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from compliance.staticsite.folder import Filed

# nginx sets this header by the ending of the file.
_BY_TYPE = "Content-Type"


def maps(filed: Iterable[Filed], *, root: str, parameters: Iterable[str]) -> str:
    """Return the part for nginx's `http` block: maps from addresses to files, and to headers."""
    filed = list(filed)
    plain = {each.asked: each.name for each in filed if "?" not in each.address}
    asked = {each.asked: each.name for each in filed if "?" in each.address}
    gone = {each.name: "1" for each in filed if each.status == 410}
    longest = max(len(each.asked.encode()) for each in filed)
    lines = [
        "variables_hash_max_size 2048;",
        f"map_hash_max_size {max(2048, 4 * len(filed))};",
        f"map_hash_bucket_size {_power_of_two(longest + 64)};",
        # The folder of this export: until nginx reloads, files and headers come from the same one.
        f'map "" $registry_root {{ default {_quoted(root)}; }}',
        'geo $registry_dollar { default "$"; }',
        _map("$uri", "registry_plain", plain),
        # A query that the application would answer gets 404 instead of the page without the query.
        # Unknown parameters are ignored, as the application does.
        _map(
            "$args",
            "registry_unasked",
            {"": "$registry_plain"},
            _known(parameters),
            default="$registry_plain",
        ),
        _map('"$uri?$args"', "registry_file", asked, default="$registry_unasked"),
        _map("$registry_served", "registry_gone", gone),
    ]
    lines += [
        _map("$registry_served", _variable(name), values)
        for name, values in _headers(filed).items()
        if not _same(values, filed)
    ]
    return "\n".join([*lines, ""])


def server(filed: Iterable[Filed]) -> str:
    """Return the part for nginx's `server` block: media types and headers."""
    filed = list(filed)
    types = {each.name.rpartition(".")[2]: each.headers[_BY_TYPE] for each in filed}
    lines = [
        "types {",
        *(f"    {_quoted(type)} {_quoted(ending)};" for ending, type in sorted(types.items())),
        "}",
    ]
    lines.append(f"gzip_types {' '.join(map(_quoted, sorted(types.values())))};")
    for name, values in _headers(filed).items():
        said = (
            _quoted(next(iter(values.values()))) if _same(values, filed) else f"${_variable(name)}"
        )
        lines.append(f"add_header {name} {said} always;")
    return "\n".join([*lines, ""])


def _headers(filed: list[Filed]) -> dict[str, dict[str, str]]:
    """Return the value of each header by the file that has it."""
    names = sorted({name for each in filed for name in each.headers if name != _BY_TYPE})
    return {name: {e.name: e.headers[name] for e in filed if name in e.headers} for name in names}


def _same(values: Mapping[str, str], filed: list[Filed]) -> bool:
    return len(set(values.values())) == 1 and len(values) == len({each.name for each in filed})


def _variable(header: str) -> str:
    return f"registry_{header.lower().replace('-', '_')}"


def _known(parameters: Iterable[str]) -> Iterator[str]:
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
