from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import EXIT_CONFIG, EXIT_USAGE
from cli.main import COMMANDS, main


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == EXIT_USAGE
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == EXIT_USAGE
    assert "there is no command 'fly'" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "--set KEY=VALUE" in capsys.readouterr().out
    module = importlib.import_module(COMMANDS[name][0])
    assert callable(module.run)


def test_mistakes_in_settings_are_explained_on_the_error_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--role", "viewer", "--data-dir", str(tmp_path), "--set", "http.prot=1"]) == EXIT_CONFIG
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "did you mean http.port?" in captured.err


def test_settings_come_from_the_file_and_the_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "d.toml"
    file.write_text(f'data_dir = "{tmp_path}/data"\n[http]\npublic_url = "https://a.example"\n')
    assert main(["link", "26740", "--config", str(file)]) == 0
    assert capsys.readouterr().out.startswith("https://a.example/p/26740#")
    assert main(["link", "26740", "--config", str(file), "--set", "http.public_url=https://b.example"]) == 0
    assert capsys.readouterr().out.startswith("https://b.example/p/26740#")
    assert (tmp_path / "data" / "keys.json").exists()


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["link", "26740"], {"av", "aiortc", "cv2", "sfu", "reportlab"}),
        (["token", "--role", "viewer", "--session", "main"], {"av", "aiortc", "cv2", "sfu", "reportlab", "redis"}),
    ],
)
def test_a_simple_command_imports_no_media(tmp_path: Path, words: list[str], unwanted: set[str]) -> None:
    """What is called in a loop over ten thousand communes must not load codecs."""
    program = (
        "import sys; from cli.main import main; "
        f"main([*{words!r}, '--data-dir', {str(tmp_path)!r}]); "
        f"sys.exit(any(name.split('.')[0] in {unwanted!r} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m cli.main link $(seq 10000 29999) --data-dir {tmp_path} | head -1"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False, capture_output=True, text=True)
    assert ended.stderr.startswith("diemcau link: the store does not answer")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout.count("\n") == 1
