"""Pages, static files, the npm list and the headers that keep them safe."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from signaling.pages import (
    MAX_FILE_BYTES,
    NPM_ROOT,
    WEB_ROOT,
    Pages,
    accepts_gzip,
    content_security_policy,
    file_of,
    is_below,
    load_files,
    read_file,
    version_of,
    without_comments,
)
from tests.signaling.world import ORIGIN, WARD, World

PAGES = ["/", "/console", "/center", "/login", f"/p/{WARD}", "/admin", "/recordings"]


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.mark.parametrize("path", PAGES)
async def test_pages_have_a_strict_policy(world: World, path: str) -> None:
    response = await world.client.get(path)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = directives(response.headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert policy["connect-src"] == f"'self' wss://{ORIGIN.removeprefix('https://')}"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=(self)" in response.headers["Permissions-Policy"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/console", f"/p/{WARD}"])
async def test_the_import_map_is_allowed_by_its_hash(world: World, path: str) -> None:
    response = await world.client.get(path)
    (found,) = re.findall(r'<script type="importmap">(.*?)</script>', await response.text(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
    assert directives(response.headers["Content-Security-Policy"])["script-src"] == f"'self' 'sha256-{digest}'"


async def test_every_code_gets_the_same_page(world: World) -> None:
    known, unknown = await world.client.get(f"/p/{WARD}"), await world.client.get("/p/99999")
    assert unknown.status == 200
    assert await known.read() == await unknown.read()


@pytest.mark.parametrize("path", ["/p/", "/p/a b", "/p/..%2Fconsole", "/p/-x", "/p/" + "a" * 33, "/p/26740/x", "/nowhere"])
async def test_what_is_no_page(world: World, path: str) -> None:
    response = await world.client.get(path)
    assert response.status == 404
    assert (await response.json())["code"] == "not_found"


async def test_a_page_names_its_files_by_their_version_which_a_browser_keeps(world: World) -> None:
    page = await (await world.client.get("/p/26740")).text()
    (name,) = re.findall(r'src="(/static/[^"]+)"', page)
    version = world.service.pages.version
    assert name == f"/static/{version}/point-app.js"
    script = await world.client.get(name)
    assert script.status == 200
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert await script.text() == await (await world.client.get("/static/point-app.js")).text()
    console = await (await world.client.get("/console")).text()
    assert f'"a": "/npm/{version}/a/a.mjs"' in console
    assert (await world.client.get(f"/npm/{version}/a/a.mjs")).status == 200
    policy = (await world.client.get("/console")).headers["Content-Security-Policy"]
    assert policy == content_security_policy(console, ORIGIN)


async def test_a_style_sheet_names_its_fonts_by_their_version(world: World) -> None:
    version = world.service.pages.version
    sheet = await (await world.client.get(f"/static/{version}/style.css")).text()
    assert re.findall(r'url\("([^"]+)"\)', sheet) == [f"/npm/{version}/a/a.woff2"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/v000000000000/point-app.js", 200),
        ("/static/v000000000000/secret.js", 404),
        ("/static/v000000000000/v000000000000/point-app.js", 404),
        ("/static/v000000000000/../app.py", 404),
    ],
)
async def test_another_version_is_answered_and_not_kept(world: World, path: str, status: int) -> None:
    response = await world.client.get(path)
    assert response.status == status
    if status == 200:
        assert response.headers["Cache-Control"] == "no-cache"


def test_a_version_is_that_of_all_files() -> None:
    one, other = file_of(b"1", ".js"), file_of(b"2", ".js")
    assert version_of({"/static/a.js": one}) == version_of({"/static/a.js": file_of(b"1", ".js")})
    assert len({version_of(files) for files in ({"/a": one}, {"/a": other}, {"/b": one}, {"/a": one, "/b": one})}) == 4


@pytest.mark.parametrize("path", [*PAGES, "/static/point-app.js", "/npm/a/a.mjs"])
async def test_revalidation(world: World, path: str) -> None:
    first = await world.client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    for value in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await world.client.get(path, headers={"If-None-Match": value})
        assert again.status == 304
        assert await again.read() == b""
        assert again.headers["ETag"] == tag
    assert (await world.client.get(path, headers={"If-None-Match": '"other"'})).status == 200


async def test_static_files(world: World, web_root: Path) -> None:
    response = await world.client.get("/static/point-app.js", auto_decompress=False)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    body = (web_root / "point-app.js").read_bytes()
    assert gzip.decompress(await response.read()) == body
    plain = await world.client.get("/static/point-app.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == body


async def test_listed_npm_files_only(world: World) -> None:
    good = await world.client.get("/npm/a/a.mjs")
    assert good.status == 200
    assert good.headers["Content-Type"] == "text/javascript; charset=utf-8"
    for path in ("/npm/a/private.json", "/npm/b/b.mjs", "/npm/x.mjs", "/npm/", "/npm/a/../a/private.json"):
        response = await world.client.get(path)
        assert response.status == 404, path
        assert "secret" not in await response.text()


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static//etc/passwd",
        "/static/point.html",
        "/static/.hidden",
        "/static/point-app.js%00.html",
        "/npm/%2e%2e/secret.txt",
    ],
)
async def test_paths_lead_nowhere_else(world: World, path: str) -> None:
    from yarl import URL  # noqa: PLC0415 (only to keep the path as it is)

    response = await world.client.get(URL(path, encoded=True))
    assert response.status == 404


async def test_posts_to_pages(world: World) -> None:
    assert (await world.client.post("/console")).status == 405


async def test_favicon(world: World) -> None:
    assert (await world.client.get("/favicon.ico")).status == 204


def test_below_follows_links(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").write_text("x")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "inside").write_text("x")
    (root / "inner").symlink_to(root / "inside")
    assert is_below(root / "inside", root)
    assert is_below(root / "inner", root)
    assert not is_below(root / "link", root)
    assert not is_below(root / ".." / "outside", root)


def test_links_out_of_the_web_folder_are_not_served(tmp_path: Path) -> None:
    root = tmp_path / "web"
    root.mkdir()
    (tmp_path / "outside.js").write_text("x")
    (root / "link.js").symlink_to(tmp_path / "outside.js")
    assert load_files(root, tmp_path) == {}


def test_a_missing_web_folder_still_has_the_landing_page(tmp_path: Path) -> None:
    pages = Pages("http://127.0.0.1:8080", tmp_path / "none", tmp_path / "none")
    assert b"<h1>" in pages._pages["index"].body


def test_too_large_a_file(tmp_path: Path) -> None:
    path = tmp_path / "big.js"
    path.write_bytes(bytes(MAX_FILE_BYTES + 1))
    with pytest.raises(ValueError, match="too large"):
        read_file(path)


def test_policy_of_a_page_without_import_map() -> None:
    policy = directives(content_security_policy("<p>", "http://127.0.0.1:8080"))
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("br", False),
        ("", False),
        ("gzip; q=0", False),
    ],
)
def test_accepts_gzip(header: str, expected: bool) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": header})
    assert accepts_gzip(request) is expected


def test_the_real_pages_name_only_what_is_there() -> None:
    """Every file that a page of this service loads is in the table."""
    files = load_files(WEB_ROOT, NPM_ROOT)
    pages = [file for url, file in files.items() if url.endswith(".html")]
    for page in pages:
        html = page.body.decode()
        wanted = set(re.findall(r'(?:src|href)="(/(?:static|npm)/[^"]+)"', html))
        wanted |= set(re.findall(r'"(/npm/[^"]+)"', html)) if NPM_ROOT.is_dir() else set()
        missing = {url for url in wanted if url not in files and not (url.startswith("/npm/") and not NPM_ROOT.is_dir())}
        assert not missing
        assert not re.search(r"<script(?![^>]*(?:src=|importmap))", html), "an inline script would be blocked"
        assert not re.search(r"\son\w+=|style=", html), "inline handlers and styles would be blocked"


def test_scripts_go_out_without_their_comments_line_for_line() -> None:
    script = (
        "/** What it is. */\n\n/**\n * @param {string} url\n */\nexport function f(url) {\n"
        "  // why\n  return `http://x/${/** @type {any} */ (url)}`; // stays\n}\n"
    )
    served = without_comments(script)
    assert served.splitlines() == [
        *[""] * 5,
        "export function f(url) {",
        "",
        "  return `http://x/${ (url)}`; // stays",
        "}",
    ]


def test_no_script_holds_in_a_string_what_is_taken_for_a_comment() -> None:
    """Between quotes or backticks they would be cut."""
    for path in sorted(WEB_ROOT.rglob("*.js")):
        text = path.read_text()
        for found in re.finditer(r"/\*\*.*?\*/", text, re.DOTALL):
            before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
            for quote in ("'", '"'):
                assert before.count(quote) % 2 == 0, f"{path.name}: {found[0][:60]}"
            assert "`" not in found[0] or found[0].count("`") % 2 == 0, f"{path.name}: {found[0][:60]}"
        served = without_comments(text)
        assert served.count("`") == text.count("`") - sum(each.count("`") for each in comments_of(text)), path.name
        assert "/**" not in served
        assert "@param" not in served


def comments_of(text: str) -> list[str]:
    documentation = re.findall(r"/\*\*.*?\*/", text, re.DOTALL)
    return [*documentation, *re.findall(r"^[ \t]*//.*$", re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL), re.MULTILINE)]


PARSE = """
import { readFileSync } from "node:fs";
import vm from "node:vm";
for (const path of process.argv.slice(1)) {
  try { new vm.SourceTextModule(readFileSync(path, "utf8"), { identifier: path }); }
  catch (error) { console.error(`${path}: ${error}`); process.exitCode = 1; }
}
"""
"""Parses every module of its arguments, in one process: a start for each of two hundred took half a minute."""


@pytest.mark.skipif(not NPM_ROOT.is_dir(), reason="npm ci was not run")
def test_what_is_served_is_still_a_script(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    paths = []
    for path in sorted(WEB_ROOT.rglob("*.js")):
        paths.append(tmp_path / path.with_suffix(".mjs").name)
        paths[-1].write_text(without_comments(path.read_text()))
    command = [node, "--experimental-vm-modules", "--input-type=module", "--eval", PARSE, "--", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(paths) > 100
    broken = tmp_path / "broken.mjs"
    broken.write_text("let = ;")
    assert subprocess.run([*command, str(broken)], capture_output=True, check=False).returncode == 1, "it looks"


@pytest.mark.parametrize(("hotline", "written"), [("", 'content=""'), ("1900 1234 (phím 2)", 'content="1900 1234 (phím 2)"')])
def test_the_technicians_number_comes_with_the_page(hotline: str, written: str) -> None:
    html = Pages("http://127.0.0.1:8080", hotline=hotline)._pages["point"].body.decode()
    assert f'<meta name="hotline" {written} />' in html


def test_a_number_cannot_break_out_of_the_page() -> None:
    html = Pages("http://127.0.0.1:8080", hotline='1"><script>')._pages["point"].body.decode()
    assert "<script>" not in html.split("hotline")[1].split("<title>")[0]
