"""One script of the many that a page is made of: a browser asks for each file by itself, and a console's are more than a hundred.

Theory of operation. The scripts stay what they are, plain ES modules that a browser can load one by one; this writes them one
after the other, each after those that it imports, as functions that give what the module exports:

    const $2 = (() => { const { t } = $0; ... return { Header }; })();

The first script of the page comes last and is not wrapped: it alone may `await` at its top. Packages stay imports. What a browser
does for modules and this does not is refused with a ValueError, and the page is served with its modules: imports in a circle,
`export let`, `export default`, `export *`, `import()` and names that the other module does not export. Only lines that begin with
`import` or `export` are read: scripts are expected without comments (see :func:`signaling.pages.without_comments`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_IMPORT: Final = re.compile(r"""^import\s+(?:([^"';]+?)\s+from\s+)?["']([^"']+)["'];?""", re.MULTILINE)
_PASSED_ON: Final = re.compile(r"""^export\s+\{([^}]*)\}\s+from\s+["']([^"']+)["'];?""", re.MULTILINE)
_DECLARED: Final = re.compile(r"^export\s+((?:async\s+)?function|class|const)\s+([A-Za-z_$][\w$]*)", re.MULTILINE)
_LEFT: Final = re.compile(r"^(?:import|export)\b.*$|\bimport\s*\(|\bimport\.meta\b", re.MULTILINE)
_NAMED: Final = re.compile(r"([A-Za-z_$][\w$]*)(?:\s+as\s+([A-Za-z_$][\w$]*))?")


def bundle(scripts: Mapping[str, str], first: str) -> str:
    """One module that does what ``first`` does with everything below it.

    Args:
        scripts: address below the server's root → text without comments.
        first: address of the script that the page names.

    Raises:
        ValueError: a script has something in it that only a browser's own modules do; the message names it.
    """
    writing = _Bundle(scripts)
    writing.add(first)
    return writing.text()


@dataclass(slots=True)
class _Bundle:
    scripts: Mapping[str, str]
    packages: dict[str, str] = field(default_factory=dict)
    modules: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Address → the name here, and what it exports: name outside → name inside. In the order in which they run."""
    parts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def text(self) -> str:
        packages = "".join(f'import * as {name} from "{package}";\n' for package, name in self.packages.items())
        return packages + "".join(self.parts)

    def add(self, path: str) -> None:
        """Write a module after those that it imports; once."""
        if path in self.modules:
            return
        if path in self.open:
            raise ValueError(f"{' → '.join([*self.open, path])} import each other in a circle")
        if path not in self.scripts:
            raise ValueError(f"{self.open[-1] if self.open else 'the page'} imports {path}, which there is not")
        self.open.append(path)
        exported: dict[str, str] = {}
        text = _PASSED_ON.sub(lambda found: self._passed_on(path, found, exported), self.scripts[path])
        text = _IMPORT.sub(lambda found: self._imported(path, found), text)
        for found in _DECLARED.finditer(text):
            exported[found[2]] = found[2]
        text = _DECLARED.sub(r"\1 \2", text)
        if (left := _LEFT.search(text)) is not None:
            raise ValueError(f"{path}: cannot be put into one script: {left[0].strip()}")
        self.open.pop()
        name = f"$m{len(self.modules)}"
        self.modules[path] = (name, exported)
        if self.open:
            gives = ", ".join(f"{outside}: {inside}" if outside != inside else inside for outside, inside in exported.items())
            text = f"const {name} = (() => {{\n{text}\nreturn {{ {gives} }};\n}})();\n"
        self.parts.append(f"// {path}\n{text}")

    def _source(self, path: str, asked: str) -> tuple[str, dict[str, str] | None]:
        """The name here of what a module imports from, and what that exports; None: a package, whose exports are its own."""
        if not asked.startswith("."):
            return self.packages.setdefault(asked, f"$p{len(self.packages)}"), None
        if not asked.startswith("./") or "/" in asked[2:]:
            raise ValueError(f"{path}: {asked} does not lie beside it")
        wanted = f"{path.rpartition('/')[0]}{asked[1:]}"
        self.add(wanted)
        return self.modules[wanted]

    def _imported(self, path: str, found: re.Match[str]) -> str:
        source, exported = self._source(path, found[2])
        what = (found[1] or "").strip()
        if what == "":
            return ""
        if not what.startswith("{"):
            if exported is not None or _NAMED.fullmatch(what) is None:
                raise ValueError(f"{path}: cannot be put into one script: {found[0]}")
            return f"const {what} = {source}.default;"
        wanted = _names(what.strip("{}"))
        _check(path, found[2], wanted, exported)
        return f"const {{ {', '.join(f'{theirs}: {own}' if theirs != own else own for theirs, own in wanted)} }} = {source};"

    def _passed_on(self, path: str, found: re.Match[str], exported: dict[str, str]) -> str:
        source, theirs_all = self._source(path, found[2])
        wanted = _names(found[1])
        _check(path, found[2], wanted, theirs_all)
        exported.update({outside: f"{source}.{theirs}" for theirs, outside in wanted})
        return ""


def _names(listed: str) -> list[tuple[str, str]]:
    """``a, b as c`` as pairs: the name there, the name here."""
    found = [_NAMED.fullmatch(each.strip()) for each in listed.split(",") if each.strip()]
    if None in found:
        raise ValueError(f"cannot be read as names: {listed.strip()}")
    return [(each[1], each[2] or each[1]) for each in found if each is not None]


def _check(path: str, asked: str, wanted: list[tuple[str, str]], exported: Mapping[str, str] | None) -> None:
    missing = [theirs for theirs, _ in wanted if exported is not None and theirs not in exported]
    if missing:
        raise ValueError(f"{path} imports {', '.join(missing)} from {asked}, which does not export that")
