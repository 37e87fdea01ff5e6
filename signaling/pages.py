"""The pages: landing, point, console, center, login, and the files they are made of.

Theory of operation. Every file that can be had is read once, at the start, into a table from URL path to bytes; a
request is a look-up in it, so no path of a request ever reaches the file system. Files of npm packages come from a list
in ``npm-files.json``, each checked to lie really below ``node_modules``. Secrets are in fragments, which browsers do not
send; ``Referrer-Policy: no-referrer`` keeps the path from others. Scripts come from here only, besides the import map,
which is allowed by its hash.

A point's page is some 45 files. A page names them in a folder that is the version of them all (``/static/v…/``), and so what
they import from each other, which a browser keeps for good: who comes again asks for the page alone, and the page and its
scripts are of one version. Otherwise a country that opens its pages would cost five times what its joins cost (0.25 ms a
request, measured).
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from signaling.auth import is_code
from signaling.bundle import bundle
from signaling.errors import ServiceError

_log = structlog.get_logger(__name__)

WEB_ROOT: Final = Path(__file__).parent / "web"
NPM_ROOT: Final = Path(__file__).parent.parent / "node_modules"
NPM_LIST: Final = "npm-files.json"
PAGES: Final[Mapping[str, str]] = {
    "index": "/",
    "point": "/p/{code}",
    "console": "/console",
    "center": "/center",
    "login": "/login",
    "admin": "/admin",
    "recordings": "/recordings",
}
"""The pages, ``name.html`` each, and where they are."""
BUNDLED: Final = ("console", "center")
"""Pages whose scripts go out as one. A console's are more than a hundred, and a browser takes longer to ask for them one by one
than for everything else that it does until somebody can work (measured)."""
MAX_FILE_BYTES: Final = 4 * 1024 * 1024
_MIN_GZIP_BYTES: Final = 512

_IMPORT_MAP: Final = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
_VERSIONED: Final = re.compile(r"/(static|npm)/(v[0-9a-f]{12})/")
_DOCUMENTATION: Final = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_REMARK: Final = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_HOTLINE: Final = 'name="hotline" content=""'
"""In a page that shows the technicians' number: it must be there when nothing can be asked for any more."""
_NAMED_IN_PAGE: Final = re.compile(r'"/(static|npm)/')
_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".html": "text/html",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_SECURITY: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE: Final[Mapping[str, str]] = {
    "Permissions-Policy": "camera=(self), microphone=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is served."""

    body: bytes
    zipped: bytes | None
    content_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)


def content_security_policy(html: str, public_url: str) -> str:
    """The policy of one page: everything from here, its own import maps by their hash (CSP3 §6.7.2.3)."""
    hashes = " ".join(f"'sha256-{_sha256(found)}'" for found in _IMPORT_MAP.findall(html))
    scheme, _, rest = public_url.partition("://")
    socket = f"{'wss' if scheme == 'https' else 'ws'}://{rest.split('/', 1)[0]}"  # older Firefox does not count it as 'self'
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' {hashes}".strip(),
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob: mediastream:",
        "font-src": "'self'",
        "connect-src": f"'self' {socket}",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def load_files(web_root: Path, npm_root: Path) -> dict[str, File]:
    """Read everything below ``web_root`` as ``/static/…`` and the listed npm files under their URL paths."""
    files: dict[str, File] = {}
    for path in sorted(web_root.rglob("*")) if web_root.is_dir() else ():
        if path.is_file() and is_below(path, web_root) and not path.name.startswith("."):
            files["/static/" + path.relative_to(web_root).as_posix()] = read_file(path, is_own=True)
    listed = files.get(f"/static/{NPM_LIST}")
    for url, name in (json.loads(listed.body) if listed is not None else {}).items():
        path = npm_root / name
        if not url.startswith("/npm/") or not is_below(path, npm_root):
            _log.error("pages.npm_file_refused", url=url)
        elif not path.is_file():
            _log.warning("pages.npm_file_missing", url=url, hint="run npm ci")
        else:
            files[url] = read_file(path)
    return files


def is_below(path: Path, root: Path) -> bool:
    """Whether the path, all links followed, lies below the root."""
    return path.resolve().is_relative_to(root.resolve())


def read_file(path: Path, headers: Mapping[str, str] | None = None, *, is_own: bool = False) -> File:
    """Read and compress a file; raises ValueError for one that is larger than any page needs.

    Scripts of our own go out without their comments.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"{path} is too large to be served")
    body = path.read_bytes()
    if is_own and path.suffix == ".js":
        body = without_comments(body.decode("utf-8")).encode()
    return file_of(body, path.suffix, headers)


def without_comments(script: str) -> str:
    """A script without what is written for its readers, line for line, so that its errors name the right lines.

    The comments and types of a point's page are a quarter of all that its desk loads. Taken out are ``/** ... */`` anywhere and
    ``//`` that begins its line: what the rules of style leave as comments, and what no string of the pages holds (a test
    does not let one in).
    """
    script = _DOCUMENTATION.sub(lambda found: "\n" * found[0].count("\n"), script)
    return _REMARK.sub("", script)


def file_of(body: bytes, suffix: str, headers: Mapping[str, str] | None = None) -> File:
    """Make the served form of some bytes."""
    content_type = _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"
    is_text = content_type.startswith("text/") or content_type.endswith(("json", "xml", "javascript"))
    zipped = gzip.compress(body, 9, mtime=0) if is_text and len(body) >= _MIN_GZIP_BYTES else None
    return File(body, zipped, content_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"', headers or {})


_LANDING: Final = """<!doctype html>
<html lang="vi">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Điểm Cầu</title></head>
<body>
<main>
<h1>Điểm Cầu</h1>
<p>Trung tâm điều hành nối trực tuyến tới từng điểm cầu. Xin mở đường liên kết đã được cấp cho đơn vị của quý vị.</p>
<p><a href="/console">Bàn điều hành</a></p>
<p lang="en">A command center connected, live, to every commune. Please open the link that was given to your unit.
<a href="/console">Operator's console</a>.</p>
</main>
</body>
</html>
"""


class Pages:
    """Serves the table; those of :data:`PAGES` have a policy of their own."""

    def __init__(self, public_url: str, web_root: Path = WEB_ROOT, npm_root: Path = NPM_ROOT, *, hotline: str = "") -> None:
        self._hotline = hotline
        self._files = load_files(web_root, npm_root)
        self._bundled = {name for name in BUNDLED if self._bundle(name)}
        self.version = version_of(self._files)
        for path in [path for path in self._files if path.endswith(".css")]:
            self._files[path] = self._style(self._files[path])
        self._pages = {name: self._page(name, public_url) for name in PAGES}

    def _page(self, name: str, public_url: str) -> File:
        found = self._files.pop(f"/static/{name}.html", None)
        html = found.body.decode("utf-8") if found is not None else _LANDING
        if name in self._bundled:
            html = html.replace(f'"/static/{name}-app.js"', f'"/static/{name}-bundle.js"')
        html = self._versioned(html.replace(_HOTLINE, f'name="hotline" content="{escape(self._hotline)}"'))
        policy = content_security_policy(html, public_url)
        return file_of(html.encode(), ".html", {"Content-Security-Policy": policy, **_PAGE})

    def _bundle(self, name: str) -> bool:
        """Add the page's scripts as one to the table; False: its modules are served as they are."""
        first = f"/static/{name}-app.js"
        if first not in self._files:
            return False
        scripts = {path: file.body.decode("utf-8") for path, file in self._files.items() if path.endswith(".js")}
        try:
            text = bundle(scripts, first)
        except ValueError as error:
            _log.warning("pages.not_bundled", page=name, error=str(error))
            return False
        self._files[f"/static/{name}-bundle.js"] = file_of(text.encode(), ".js")
        return True

    def _style(self, file: File) -> File:
        """A style sheet, whose fonts lie under the version as what pages name does."""
        return file_of(self._versioned(file.body.decode("utf-8")).encode(), ".css", file.headers)

    def _versioned(self, text: str) -> str:
        return _NAMED_IN_PAGE.sub(rf'"/\1/{self.version}/', text)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register the pages and the files."""
        for name, path in PAGES.items():
            router.add_get(path, functools.partial(self.page, name))
        router.add_get("/favicon.ico", self.favicon)
        router.add_get("/static/{path:.+}", self.file)
        router.add_get("/npm/{path:.+}", self.file)

    async def page(self, name: str, request: web.Request) -> web.Response:
        """A page. A desk's is the same for every code: whether it exists is told to nobody without its secret."""
        if not is_code(request.match_info.get("code", "main")):
            raise ServiceError("not_found")
        return serve(request, self._pages[name])

    async def favicon(self, request: web.Request) -> web.Response:
        """Browsers ask for it unasked."""
        icon = self._files.get("/static/icon.svg")
        return serve(request, icon) if icon is not None else web.Response(status=204)

    async def file(self, request: web.Request) -> web.Response:
        """A file of the table; for good under this version, to be asked for again under another one or none."""
        version = _VERSIONED.match(request.path)
        path = request.path if version is None else f"/{version[1]}/{request.path[version.end() :]}"
        found = self._files.get(path)
        if found is None:
            raise ServiceError("not_found")
        return serve(request, found, is_for_good=version is not None and version[2] == self.version)


def version_of(files: Mapping[str, File]) -> str:
    """One name for these very files."""
    digest = hashlib.sha256("\n".join(f"{path} {file.etag}" for path, file in sorted(files.items())).encode())
    return f"v{digest.hexdigest()[:12]}"


def serve(request: web.Request, file: File, *, is_for_good: bool = False) -> web.Response:
    """Answer with a file, gzip where accepted; revalidated each time unless its address stands for these bytes for good."""
    keep = "public, max-age=31536000, immutable" if is_for_good else "no-cache"
    headers = {**_SECURITY, **file.headers, "ETag": file.etag, "Cache-Control": keep, "Vary": "Accept-Encoding"}
    if is_not_modified(request, file.etag):
        return web.Response(status=304, headers=headers)
    body = file.body
    if file.zipped is not None and accepts_gzip(request):
        body, headers["Content-Encoding"] = file.zipped, "gzip"
    charset = "utf-8" if file.content_type.startswith("text/") else None
    return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def is_not_modified(request: web.Request, etag: str) -> bool:
    """``If-None-Match`` by weak comparison, RFC 9110 §13.1.2."""
    tags = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    return etag in tags or "*" in tags


def accepts_gzip(request: web.Request) -> bool:
    """Whether ``Accept-Encoding`` names gzip without forbidding it (RFC 9110 §12.5.3)."""
    for part in request.headers.get("Accept-Encoding", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
