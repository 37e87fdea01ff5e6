"""The native core built with sanitizers and driven by its programmes, in processes of their own.

AddressSanitizer and UndefinedBehaviorSanitizer end the process at their first report; so does ThreadSanitizer, which sees what
the threads share. A new ``sfu/_native/*.c`` joins by its name in :data:`PROGRAMMES`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.sfu.kit import HAS_COMPILER

ROOT = Path(__file__).resolve().parents[2]
NATIVE = ROOT / "sfu" / "_native"
PROGRAMMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "intake": (("tests.sfu.intake_programme", "1", "6000"),),
    "fanout": (("tests.sfu.fanout_programme", "4", "150"), ("tests.sfu.fanout_storm", "4")),
}
SANITIZERS = {"address,undefined": "libasan.so", "thread": "libtsan.so"}
FLAGS = ("-std=c11", "-g", "-O1", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", "-Wall", "-Wextra", "-Werror")
RUN = (
    "import importlib, runpy, sys, sfu._native; folder, module, *sys.argv = sys.argv[1:];"
    "sfu._native.__path__.insert(0, folder);"
    "assert importlib.import_module('sfu._native.' + module).__file__.startswith(folder);"
    "runpy.run_module(sys.argv[0], run_name='__main__')"
)
pytestmark = pytest.mark.skipif(not HAS_COMPILER, reason="no compiler: the reference serves")


def test_every_native_module_is_driven() -> None:
    assert set(PROGRAMMES) == {path.stem for path in NATIVE.glob("*.c")}


def compiler() -> str:
    found = shutil.which("cc")
    assert found is not None
    return found


def build(module: str, sanitizer: str, folder: Path) -> None:
    target = folder / f"{module}{sysconfig.get_config_var('EXT_SUFFIX')}"
    quiet = ("-Wno-missing-field-initializers", "-Wno-tsan")
    include = f"-I{sysconfig.get_path('include')}"
    command = [compiler(), "-shared", "-fPIC", *FLAGS, *quiet, f"-fsanitize={sanitizer}", include, "-o", str(target)]
    subprocess.run([*command, str(NATIVE / f"{module}.c"), "-lcrypto", "-lpthread"], check=True)


def without_random_addresses() -> list[str]:
    """ThreadSanitizer's map of the address space may not bear the kernel's randomness; some containers forbid to leave it out."""
    setarch = shutil.which("setarch")
    if setarch is None or subprocess.run([setarch, "-R", "true"], capture_output=True, check=False).returncode:
        return []
    return [setarch, "-R"]


@pytest.mark.parametrize("sanitizer", SANITIZERS)
@pytest.mark.parametrize("module", PROGRAMMES)
def test_no_sanitizer_has_anything_to_report(module: str, sanitizer: str, tmp_path: Path) -> None:
    build(module, sanitizer, tmp_path)
    library = SANITIZERS[sanitizer]
    preload = subprocess.run(
        [compiler(), f"-print-file-name={library}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert Path(preload).is_absolute(), f"{library} is missing: it comes with gcc"
    environment = {
        **os.environ,
        "LD_PRELOAD": preload,
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:exitcode=99",  # Python itself leaves much behind; tests.sfu.fanout_storm weighs our own
        "UBSAN_OPTIONS": "print_stacktrace=1:exitcode=99",
        "TSAN_OPTIONS": "halt_on_error=1:exitcode=99",
    }
    prefix = without_random_addresses() if sanitizer == "thread" else []
    for programme in PROGRAMMES[module]:
        done = subprocess.run(
            [*prefix, sys.executable, "-c", RUN, str(tmp_path), module, *programme],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if not prefix and "unexpected memory mapping" in done.stderr:
            pytest.skip("this kernel's addresses are too random for ThreadSanitizer, and setarch -R is not allowed")
        assert done.returncode == 0, done.stderr[-6000:]
        assert done.stdout.startswith(("compared", "sent"))


def test_memory_does_not_grow_with_what_comes_and_goes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sfu.fanout_storm", "20"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
