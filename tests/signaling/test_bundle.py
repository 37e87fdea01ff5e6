"""One script of many modules: does what they do, in their order, and refuses what it cannot say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from signaling.bundle import bundle
from signaling.pages import BUNDLED, NPM_ROOT, WEB_ROOT, load_files
from tests.signaling.test_page_weight import graph_of, packages_of

NODE = shutil.which("node")
FIRST = "/static/first.js"


def run(text: str, folder: Path) -> list[str]:
    """What a module prints, line by line."""
    assert NODE is not None
    path = folder / "one.mjs"
    path.write_text(text)
    done = subprocess.run([NODE, str(path)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


SCRIPTS = {
    FIRST: """import "./said.js";
import join from "node:path";
import { posix as paths } from "node:path";
import { Name, one as uno, two } from "./names.js";
import { Name as Again, again } from "./passed.js";
const later = await Promise.resolve("awaited");
console.log(uno, two(), new Name().own, Again === Name, again(), paths.join("a", "b"), typeof join.join, later);
""",
    "/static/said.js": 'import { two } from "./names.js";\nconsole.log("first said", two());\n',
    "/static/names.js": """const own = "hidden";
export const one = 1;
export async function never() {}
export function two() { return 2; }
export class Name { own = own; }
console.log("names run");
""",
    "/static/passed.js": """export { Name } from "./names.js";
export { two as again } from "./names.js";
const own = "another";
""",
}


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_it_runs_as_its_modules_do(tmp_path: Path) -> None:
    for path, text in SCRIPTS.items():
        (tmp_path / path.rpartition("/")[2]).write_text(text)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    said = run(bundle(SCRIPTS, FIRST), tmp_path)
    assert said == ["names run", "first said 2", "1 2 hidden true 2 a/b function awaited"]
    assert said == run((tmp_path / "first.js").read_text(), tmp_path), "as a browser runs the modules themselves"


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ('import { gone } from "./names.js";', "does not export"),
        ('export { gone } from "./names.js";', "does not export"),
        ('import "./nowhere.js";', "which there is not"),
        ('import "./first.js";', "in a circle"),
        ('import "../names.js";', "does not lie beside it"),
        ('import * as all from "./names.js";', "one script"),
        ('import names from "./names.js";', "one script"),
        ("export let changes = 1;", "export let"),
        ("export default 1;", "export default"),
        ('export * from "./names.js";', "export *"),
        ('const late = await import("./names.js");', "import("),
        ("const here = import.meta.url;", "import.meta"),
    ],
)
def test_what_only_modules_do_is_refused(first: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        bundle({FIRST: first, "/static/names.js": SCRIPTS["/static/names.js"]}, FIRST)


@pytest.mark.parametrize("desk", BUNDLED)
def test_the_pages_scripts_go_into_one(desk: str) -> None:
    """All of them, each once, those that are needed before those that need them; only packages stay outside."""
    files = load_files(WEB_ROOT, NPM_ROOT)
    first = f"/static/{desk}-app.js"
    text = bundle({path: file.body.decode() for path, file in files.items() if path.endswith(".js")}, first)
    packages = packages_of(files[f"/static/{desk}.html"].body.decode())
    wanted = [path for path in graph_of(files, first, packages) if path.startswith("/static/")]
    assert sorted(line[3:] for line in text.splitlines() if line.startswith("// /static/")) == sorted(wanted)
    assert text.rindex("\n// /static/") == text.index(f"\n// {first}\n")
    imports = [line for line in text.splitlines() if line.startswith("import ")]
    assert {line.split('"')[1] for line in imports} <= set(packages)
