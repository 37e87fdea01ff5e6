"""Builds the native core beside the pure Python: one extension for each ``sfu/_native/*.c``.

They are optional: where there is no compiler, or no header of OpenSSL, the installation goes on without them and the
reference in Python serves (``media.core``). Everything else about the package is in ``pyproject.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import Extension, setup

NATIVE = Path("sfu/_native")

setup(
    ext_modules=[
        Extension(
            f"sfu._native.{source.stem}",
            [str(source)],
            depends=[str(header) for header in sorted(NATIVE.glob("*.h"))],
            libraries=["crypto", "pthread"],
            extra_compile_args=["-std=c11", "-O2", "-Wall", "-Wextra", "-Wno-missing-field-initializers"],
            optional=True,
        )
        for source in sorted(NATIVE.glob("*.c"))
    ]
    if sys.platform == "linux"
    else []
)
