"""What a desk loads before it shows anything: named in its page at once, and light enough for a weak line."""

from __future__ import annotations

import json
import re

import pytest

from signaling.pages import BUNDLED, NPM_ROOT, WEB_ROOT, File, load_files

pytestmark = pytest.mark.skipif(not NPM_ROOT.is_dir(), reason="npm ci was not run")

MOST_BYTES = 150_000
PRELOADED = ("point", "console", "center")
"""Pages that name their scripts; see `tools.modulepreload`."""
IMPORT = re.compile(r"""(?:^|[;}\s])(?:(?:import|export)\b[^"';]*?\bfrom\s*|import\s*)["']([^"']+)["']""", re.MULTILINE)
NAMED = re.compile(r'(?:href|src)="(/(?:static|npm)/[^"]+)"')
IN_STYLE = re.compile(r'url\("(/[^"]+)"\)')


def graph_of(files: dict[str, File], first: str, packages: dict[str, str]) -> list[str]:
    """Every script that ``first`` brings, itself included."""
    todo, seen = [first], dict.fromkeys([first])
    while todo:
        path = todo.pop()
        for name in IMPORT.findall(files[path].body.decode()):
            found = packages[name] if not name.startswith(".") else path.rsplit("/", 1)[0] + name[1:]
            if found not in seen:
                seen[found] = None
                todo.append(found)
    return list(seen)


def packages_of(html: str) -> dict[str, str]:
    """What a page's import map calls each package."""
    packages: dict[str, str] = json.loads(re.findall(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)[0])["imports"]
    return packages


def first_load(files: dict[str, File]) -> dict[str, int]:
    """Path to bytes as they travel, of everything that the point's page loads."""
    page = files["/static/point.html"]
    html = page.body.decode()
    named = NAMED.findall(html)
    scripts = graph_of(files, "/static/point-app.js", packages_of(html))
    styles = [path for path in named if path.endswith(".css")]
    fonts = [font for path in styles for font in IN_STYLE.findall(files[path].body.decode())]
    loaded = {path: len(files[path].zipped or files[path].body) for path in dict.fromkeys([*named, *scripts, *fonts])}
    return {"/p/": len(page.zipped or page.body), **loaded}


def test_a_point_loads_less_than_150_kilobytes() -> None:
    loaded = first_load(load_files(WEB_ROOT, NPM_ROOT))
    heaviest = sorted(loaded.items(), key=lambda item: -item[1])[:12]
    assert sum(loaded.values()) < MOST_BYTES, heaviest
    assert sum(loaded.values()) > 50_000, "nothing was counted"


def wanted_at_once(files: dict[str, File], desk: str) -> list[str]:
    """What a page names besides its first script: all that it brings, or the packages alone where the rest is in one script."""
    first = f"/static/{desk}-app.js"
    scripts = set(graph_of(files, first, packages_of(files[f"/static/{desk}.html"].body.decode()))) - {first}
    return sorted(path for path in scripts if desk not in BUNDLED or path.startswith("/npm/"))


@pytest.mark.parametrize("desk", PRELOADED)
def test_the_page_names_every_script_that_it_needs_at_once(desk: str) -> None:
    """Else a desk asks for them one after the other, a round trip for each step of the imports."""
    files = load_files(WEB_ROOT, NPM_ROOT)
    html = files[f"/static/{desk}.html"].body.decode()
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)"', html)
    assert sorted(named) == wanted_at_once(files, desk), "run tools/modulepreload.py"
    assert html.index("importmap") < html.index("modulepreload"), "a browser takes no import map after a module"
