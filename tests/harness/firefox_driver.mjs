// Drives one page of a stock Firefox over WebDriver BiDi for tests/harness/firefox.py: a JSON request a line on stdin, its answer a
// line on stdout. Ends when stdin does, and the browser with it.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const { executable, profile, width, height, language, probe, preferences } = JSON.parse(process.argv[2] ?? "{}");
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: executable,
  headless: true,
  userDataDir: profile,
  defaultViewport: { width, height },
  extraPrefsFirefox: { "intl.accept_languages": language, ...preferences },
});
const page = await browser.newPage();
await page.setViewport({ width, height });
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
page.on("console", (message) => say({ console: `${message.type()}: ${message.text()}` }));
page.on("pageerror", (error) => say({ console: `exception: ${error.message}` }));
page.on("framenavigated", (frame) => frame === page.mainFrame() && say({ navigated: frame.url() }));
await page.evaluateOnNewDocument(probe);

const ACTIONS = {
  goto: ({ url }) => page.goto(url, { waitUntil: "load" }).then(() => null),
  evaluate: ({ expression }) => page.evaluate(expression),
  click: async ({ selector, timeout }) => {
    // A locator begins again when the element is replaced, or moves, between being found and being pressed; a handle does not.
    await page.locator(selector).setTimeout(timeout).click();
    return null;
  },
  fill: async ({ selector, value, timeout }) => {
    await page.locator(selector).setTimeout(timeout).fill(value);
    return null;
  },
  hover: ({ selector }) => page.hover(selector).then(() => null),
  select: ({ selector, value }) => page.select(selector, value),
  waitFor: ({ selector, timeout, state }) =>
    page.waitForSelector(selector, { timeout, visible: state === "visible", hidden: state === "hidden" || state === "detached" }).then(() => null),
  waitForFunction: ({ expression, timeout }) => page.waitForFunction(expression, { timeout }).then(() => null),
  press: ({ key }) => page.keyboard.press(key).then(() => null),
  type: ({ text }) => page.keyboard.type(text).then(() => null),
  down: ({ key }) => page.keyboard.down(key).then(() => null),
  up: ({ key }) => page.keyboard.up(key).then(() => null),
  screenshot: ({ path }) => page.screenshot({ path }).then(() => null),
  size: ({ width: w, height: h }) => page.setViewport({ width: w, height: h }).then(() => null),
};

say({ ready: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, action, ...given } = JSON.parse(line);
  // Not awaited: a page that waits for something is looked at meanwhile.
  Promise.resolve()
    .then(() => ACTIONS[action](given))
    .then((result) => say({ id, result: result ?? null }), (error) => say({ id, error: String(error?.message ?? error) }));
}
await browser.close();
