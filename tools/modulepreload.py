"""Writes into the point's page which scripts it needs, so that a browser asks for all of them at once.

`python -m tools.modulepreload`; a test says when it is needed.
"""

from __future__ import annotations

import json
import re

from signaling.pages import NPM_ROOT, WEB_ROOT, load_files
from tests.signaling.test_page_weight import graph_of

_OLD = re.compile(r'    <link rel="modulepreload" href="[^"]+" />\n')


def main() -> None:
    """The entry point."""
    files = load_files(WEB_ROOT, NPM_ROOT)
    page = WEB_ROOT / "point.html"
    html = _OLD.sub("", page.read_text())
    packages = json.loads(re.findall(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)[0])["imports"]
    wanted = sorted(set(graph_of(files, "/static/point-app.js", packages)) - {"/static/point-app.js"})
    lines = "".join(f'    <link rel="modulepreload" href="{path}" />\n' for path in wanted)
    script = '    <script type="module"'
    page.write_text(html.replace(script, lines + script, 1))


if __name__ == "__main__":
    main()
