"""The shape of the tree: who may import whom, where sockets may be, how long a file may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bridge", "signaling", "sfu", "recorder", "stills", "config", "cli", "demo", "rehearsal")

# What each package may import of this project, besides itself.
ALLOWED: dict[str, frozenset[str]] = {
    "bridge": frozenset(),
    "config": frozenset(),
    "sfu": frozenset({"config"}),
    "stills": frozenset({"config"}),
    "recorder": frozenset({"config", "sfu"}),
    "signaling": frozenset({"bridge", "config", "stills"}),  # of stills only what decodes nothing, see below
    "demo": frozenset(),
    "rehearsal": frozenset({"bridge", "config", "sfu"}),
    "cli": frozenset(PACKAGES),
}

# The clock, sockets, tasks and the database stay out of logic.
IMPURE = frozenset(
    {
        "asyncio",
        "aiohttp",
        "datetime",
        "os",
        "random",
        "redis",
        "secrets",
        "select",
        "socket",
        "ssl",
        "subprocess",
        "threading",
        "time",
        "uvloop",
    }
)

# Of `socket` these are arithmetic on addresses and no socket.
ADDRESS_ARITHMETIC = frozenset({"AF_INET", "AF_INET6", "inet_ntop", "inet_pton", "inet_aton", "inet_ntoa"})

# The modules of signaling through which it reaches the media node and the desk check, and the folder of the node's sockets.
DOORS = {"signaling/media.py", "signaling/stills_link.py"}
# What signaling may use of the desk check: bytes in, bytes out.
STILLS_WITHOUT_PICTURES = {"stills.wire", "stills.jpeg"}
# Of the desk check: what thinks, and has no clock, no socket and no picture.
STILLS_LOGIC = ("wire", "jpeg", "looks", "chair")
SOCKET_FOLDER = "sfu/net/"

MAX_LINES, MAX_LINES_OF_TESTS = 500, 800
# A longer file needs its reason here.
LONGER_WITH_REASON: dict[str, str] = {}


def sources(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if not {"node_modules", "__pycache__"} & set(path.parts)
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module's dotted name with its line; relative imports as absolute ones."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            yield ".".join(part for part in (base, node.module or "") if part), node.lineno


def test_the_tree_is_there() -> None:
    for package in PACKAGES:
        assert (ROOT / package / "__init__.py").exists(), package
        assert len(sources(package)) > 1, f"{package} is empty: this test would hold nothing"


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_inward(package: str) -> None:
    forbidden = set(PACKAGES) - ALLOWED[package] - {package}
    found = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources(package)
        for module, line in imports_of(path)
        if module.split(".")[0] in forbidden | {"tests"}
    ]
    assert not found, "\n".join(found)


def test_the_domain_is_pure() -> None:
    found = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources("bridge")
        for module, line in imports_of(path)
        if module.split(".")[0] in IMPURE
    ]
    assert not found, "\n".join(found)


def uses_of_socket(path: Path) -> Iterator[str]:
    """The names of the module `socket` that a file uses, address arithmetic left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "socket":
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom) and node.module == "socket":
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (f"{name_of(path)}:{node.lineno} socket.{name}" for name in names if name not in ADDRESS_ARITHMETIC)


def test_wire_parsers_are_pure() -> None:
    found = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources("sfu/wire")
        for module, line in imports_of(path)
        if module.split(".")[0] in IMPURE - {"secrets", "socket"}
    ]
    found += [use for path in sources("sfu/wire") for use in uses_of_socket(path)]
    assert not found, "\n".join(found)


def test_one_place_of_the_node_touches_sockets() -> None:
    elsewhere = [path for path in sources("sfu") if not name_of(path).startswith(SOCKET_FOLDER)]
    found = [use for path in elsewhere for use in uses_of_socket(path)]
    opening = re.compile(r"\bcreate_datagram_endpoint\(|\b(?:sendmsg|recvmsg|sendto|recvfrom)(?:_into)?\(")
    found += [name_of(path) for path in elsewhere if opening.search(path.read_text())]
    assert not found, "\n".join(found)


def test_signaling_reaches_other_processes_through_one_module_each() -> None:
    opening = re.compile(r"\bopen_(?:unix_)?connection\(")
    assert {name_of(path) for path in sources("signaling") if opening.search(path.read_text())} == DOORS


def test_signaling_decodes_no_picture() -> None:
    """What takes milliseconds has no place in the loop that serves the pages."""
    found = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources("signaling")
        for module, line in imports_of(path)
        if module.split(".")[0] in {"av", "cv2", "numpy"}
        or (module.split(".")[0] == "stills" and module not in STILLS_WITHOUT_PICTURES)
    ]
    assert not found, "\n".join(found)


def test_the_logic_of_the_desk_check_is_pure() -> None:
    found = [
        f"stills/{name}.py:{line} imports {module}"
        for name in STILLS_LOGIC
        for module, line in imports_of(ROOT / "stills" / f"{name}.py")
        if module.split(".")[0] in IMPURE | {"cv2", "numpy"}
    ]
    assert not found, "\n".join(found)


def test_the_forwarding_path_has_no_codecs() -> None:
    """No transcoding, ever: the node decodes nothing."""
    found = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources("sfu")
        for module, line in imports_of(path)
        if module.split(".")[0] in {"av", "cv2", "numpy"}
    ]
    assert not found, "\n".join(found)


def test_files_are_short() -> None:
    """A file over 500 lines wants a reason, and a reason that is no longer needed goes."""
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources(*PACKAGES, "tests", "tools")}
    limit_of = {name: MAX_LINES_OF_TESTS if name.startswith("tests/") else MAX_LINES for name in lengths}
    too_long = {name: length for name, length in lengths.items() if length > limit_of[name]}
    assert set(too_long) <= set(LONGER_WITH_REASON), too_long
    assert set(LONGER_WITH_REASON) <= set(too_long), "reasons without a long file"


def sleeps_of(path: Path) -> Iterator[str]:
    """Calls of `time.sleep` and `asyncio.sleep` with anything but 0."""
    for node in ast.walk(ast.parse(path.read_text())):
        is_sleep = isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"}
        if is_sleep and not ast.unparse(node).endswith("sleep(0)"):
            yield f"{name_of(path)}: {ast.unparse(node)}"


def test_nothing_sleeps_in_tests() -> None:
    """Tests wait for conditions; only the harness that waits may sleep, and paced media, and fakes in virtual time."""
    allowed = {
        "tests/harness/wait.py",
        "tests/harness/service.py",
        "tests/harness/webrtc.py",
        "tests/harness/fake_stills.py",
        "tests/rehearsal/fakes.py",
    }
    no_tests = ("tests/data/capture_", "tests/bench/")  # programs that recorded data or measure; no test runs them
    paths = [path for path in sources("tests") if name_of(path) not in allowed and not name_of(path).startswith(no_tests)]
    found = [call for path in paths for call in sleeps_of(path)]
    assert not found, found
