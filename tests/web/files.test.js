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

test("every import map entry is on the list of npm files, and every listed file is installed", () => {
  for (const page of ["point.html", "console.html"]) {
    assert.deepEqual(Object.values(importMap(read(page))).sort(), Object.keys(NPM).sort(), page);
  }
  for (const file of Object.values(NPM)) assert.ok(existsSync(new URL(file, MODULES)), file);
});

test("every bare import of a page or of an npm file is in the import map", () => {
  const known = Object.keys(importMap(read("point.html")));
  const texts = [...SCRIPTS.map(read), ...Object.values(NPM).map((file) => readFileSync(new URL(file, MODULES), "utf8"))];
  for (const text of texts) {
    for (const [, , from] of text.matchAll(/(^|[;}\s])(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/gm)) {
      if (from && !from.startsWith(".")) assert.ok(known.includes(from), from);
    }
  }
});

test("every relative import and every static file of a page exists", () => {
  for (const name of SCRIPTS) {
    for (const [, from] of read(name).matchAll(/from "\.\/([^"]+)"/g)) assert.ok(existsSync(new URL(from ?? "", WEB)), `${name}: ${from}`);
  }
  for (const page of ["index.html", "point.html", "console.html", "login.html"]) {
    for (const [, file] of read(page).matchAll(/"\/static\/([^"]+)"/g)) assert.ok(existsSync(new URL(file ?? "", WEB)), `${page}: ${file}`);
  }
});

test("pages obey a strict content security policy: no inline script, style, handler or foreign address", () => {
  for (const page of ["index.html", "point.html", "console.html", "login.html"]) {
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
