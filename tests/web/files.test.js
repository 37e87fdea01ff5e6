import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../signaling/web/", import.meta.url);
const MODULES = new URL("../../node_modules/", import.meta.url);
/** @param {string} name */
const read = (name) => readFileSync(new URL(name, WEB), "utf8");
const SCRIPTS = readdirSync(WEB).filter((name) => name.endsWith(".js"));
/** @type {Record<string, string>} */
const NPM = JSON.parse(read("npm-files.json"));
/** @param {string} html @returns {Record<string, string>} */
const importMap = (html) => JSON.parse(/<script type="importmap">(.*?)<\/script>/s.exec(html)?.[1] ?? "{}").imports;

const PAGES = readdirSync(WEB).filter((name) => name.endsWith(".html"));

/** What a script imports: its own neighbours, and packages by name. @param {string} text */
const importsOf = (text) =>
  [...text.matchAll(/(?:^|[;}\s])(?:(?:import|export)\b[^"';]*?\bfrom\s*|import\s+)["']([^"']+)["']/gm)].map((found) => found[1] ?? "");

/** Every script that a page loads. @param {string} html @returns {string[]} */
function scriptsOf(html) {
  const todo = [...html.matchAll(/src="\/static\/([^"]+\.js)"/g)].map((found) => found[1] ?? "");
  const seen = new Set();
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    todo.push(...importsOf(read(name)).filter((from) => from.startsWith("./")).map((from) => from.slice(2)));
  }
  return [...seen];
}

test("every import map entry is on the list of npm files, and every listed file is installed", () => {
  for (const page of PAGES) for (const url of Object.values(importMap(read(page)) ?? {})) assert.ok(NPM[url], `${page}: ${url}`);
  for (const file of Object.values(NPM)) assert.ok(existsSync(new URL(file, MODULES)), file);
});

test("every bare import of a page's scripts, and of the npm files they bring, is in its import map", () => {
  for (const page of PAGES) {
    const map = importMap(read(page)) ?? {};
    const wanted = scriptsOf(read(page)).flatMap((name) => importsOf(read(name)));
    wanted.push(...Object.values(map).flatMap((url) => importsOf(readFileSync(new URL(NPM[url] ?? "", MODULES), "utf8"))));
    for (const from of wanted) assert.ok(from.startsWith(".") || map[from], `${page}: ${from}`);
  }
});

/** What two pages say, and no other one does. */
const SHARED = new Map([["words-center-console.js", ["center.html", "console.html"]], ["words-console.js", ["center.html", "console.html"]]]);

test("no page carries another one's words", () => {
  for (const page of PAGES) {
    const words = scriptsOf(read(page)).filter((name) => /^words-/.test(name));
    const own = words.filter((name) => !SHARED.get(name)?.includes(page));
    assert.ok(own.every((name) => name.startsWith(`words-${page.split(".")[0]}`)), `${page}: ${words}`);
  }
});

test("every relative import and every static file of a page exists", () => {
  for (const name of SCRIPTS) {
    for (const [, from] of read(name).matchAll(/from "\.\/([^"]+)"/g)) assert.ok(existsSync(new URL(from ?? "", WEB)), `${name}: ${from}`);
  }
  for (const page of PAGES) {
    for (const [, file] of read(page).matchAll(/"\/static\/([^"]+)"/g)) assert.ok(existsSync(new URL(file ?? "", WEB)), `${page}: ${file}`);
  }
});

test("pages obey a strict content security policy: no inline script, style, handler or foreign address", () => {
  for (const page of PAGES) {
    const html = read(page).replace(/<script type="importmap">.*?<\/script>/s, "");
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:\/\//i, page);
  }
  for (const name of SCRIPTS) {
    const text = read(name);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySet/, name);
    assert.doesNotMatch(text, /\sstyle="/, name);
    assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org)/, name);
  }
});

test("secrets are read from the fragment and never put into an address", () => {
  for (const name of SCRIPTS) assert.doesNotMatch(read(name), /[?&](token|secret)=/, name);
});
