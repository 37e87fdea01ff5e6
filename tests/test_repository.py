"""What is in the tree besides code: words that do not belong here, addresses in lock files, commands of the README."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from cli.main import COMMANDS
from config import Settings

ROOT = Path(__file__).resolve().parents[1]

BINARY = {".png", ".jpg", ".webp", ".ico", ".woff2", ".bin", ".y4m", ".wav", ".pcap", ".gz"}

# Put together here, so that this file holds none of them itself.
FORBIDDEN = {
    "a path of a developer's machine": re.compile("/" + r"(?:work|home/\w+|root)/(?:main|shared|contract)\b|/" + r"root/\.\w"),
    "a host of a package registry": re.compile(
        r"(?:pypi|files\.python"
        r"hosted|pythonhosted)\.org|registry\.npm"
        r"js\.org|registry\.yarn"
        r"pkg\.com|deb\.debian"
        r"\.org"
    ),
    "an index of a package registry": re.compile(r"--(?:extra-)?index" + r"-url|--find" + r"-links"),
    "a word about how the code was written": re.compile(
        r"\b(?:sub" + r"agents?|AI" + r" agents?|language" + r" model|the lead" + r" commits|this session'?s" + r" work)\b",
        re.IGNORECASE,
    ),
    "an issue's number": re.compile(r"\b(?:issue|ticket|PR)" + r" #\d+", re.IGNORECASE),
    "a merge conflict": re.compile("^" + "<" * 7 + " |^" + ">" * 7 + " ", re.MULTILINE),
}


def tracked() -> list[Path]:
    """The files that git has or would add; every file below the root where there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        skipped = {".git", ".venv", "node_modules", "__pycache__", "test-results", "diemcau-data"}
        paths = [path for path in ROOT.rglob("*") if not skipped & set(path.parts)]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def texts() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text(errors="replace")) for path in tracked() if path.suffix not in BINARY
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}: {match.group()}"
        for name, text in texts()
        for match in FORBIDDEN[what].finditer(text)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_no_secret_or_data_is_tracked() -> None:
    found = [
        path.name for path in tracked() if path.name in {"keys.json", ".env", "bench.json"} or path.suffix in {".aof", ".rdb"}
    ]
    assert not found


def test_files_are_small_and_text_ends_with_a_line() -> None:
    assert not [path.name for path in tracked() if path.stat().st_size > 1_500_000]
    odd = [name for name, text in texts() if text and not text.endswith("\n") and not name.startswith("tests/data/")]
    assert not odd


def test_the_lock_file_has_no_addresses_but_hashes() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if "integrity" not in entry]


def test_constraints_pin_everything_that_is_asked_for() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert not [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", line)]
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[<>=~!;\[ ]", wish)[0]).lower() for wish in asked}
    assert names <= pinned, names - pinned


def test_the_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)make ([a-z]+)\b", readme, re.MULTILINE))
    assert {"run", "test", "bench"} <= asked <= targets
    commands = set(re.findall(r"(?:^|`)diemcau ([a-z]+)\b", readme, re.MULTILINE))
    assert commands
    assert commands <= set(COMMANDS)


def test_the_links_of_the_readme_lead_somewhere() -> None:
    for page in ("README.md",):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text())
        assert links
        assert not [link for link in links if not (ROOT / link).exists()]


def test_every_setting_named_in_the_readme_exists() -> None:
    for variable in re.findall(r"\bDIEMCAU_([A-Z_]+)\b", (ROOT / "README.md").read_text()):
        section, _, key = variable.lower().partition("__")
        assert section in Settings.model_fields, variable
        if key:
            annotation = Settings.model_fields[section].annotation
            assert annotation is not None
            assert key in annotation.model_fields, variable


def test_scripts_can_be_run_and_say_so() -> None:
    for name in (".ci/run", "tools/bootstrap.sh", "tools/check.sh"):
        path = ROOT / name
        assert path.stat().st_mode & 0o111, name
        assert path.read_text().startswith("#!/usr/bin/env bash\n"), name
        assert "set -euo pipefail" in path.read_text(), name
        subprocess.run(["bash", "-n", str(path)], check=True)
