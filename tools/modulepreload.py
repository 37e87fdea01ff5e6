"""Writes into the desks' pages which scripts they need, so that a browser asks for all of them at once.

`python -m tools.modulepreload`; a test says when it is needed.
"""

from __future__ import annotations

import re

from signaling.pages import NPM_ROOT, WEB_ROOT, load_files
from tests.signaling.test_page_weight import PRELOADED, wanted_at_once

_OLD = re.compile(r'    <link rel="modulepreload" href="[^"]+" />\n')


def main() -> None:
    """The entry point."""
    files = load_files(WEB_ROOT, NPM_ROOT)
    for desk in PRELOADED:
        page = WEB_ROOT / f"{desk}.html"
        html = _OLD.sub("", page.read_text())
        lines = "".join(f'    <link rel="modulepreload" href="{path}" />\n' for path in wanted_at_once(files, desk))
        script = '    <script type="module"'
        page.write_text(html.replace(script, lines + script, 1))


if __name__ == "__main__":
    main()
