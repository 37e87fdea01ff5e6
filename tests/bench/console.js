// Put before the console's own scripts: when the page hears, when it has drawn, and how long its frames are apart.
(() => {
  const seen = { interactive: 0, heard: 0, gaps: [], long: [], keys: [] };
  globalThis.__bench = seen;
  // The first listener of a socket runs first: before the page has done anything with the message.
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("message", (event) => {
        if (typeof event.data === "string" && event.data.startsWith('{"type":"changes"')) seen.heard = performance.now();
      });
    }
  };
  // After a frame was handed over: the next task after its callbacks.
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  const look = async () => {
    const rows = document.querySelectorAll(".point-row").length;
    if (rows > 0 && document.getElementById("search") !== null) seen.interactive = await painted();
    else requestAnimationFrame(look);
  };
  addEventListener("DOMContentLoaded", look);
  addEventListener("keydown", (event) => {
    if (event.target?.id !== "search") return;
    const at = event.timeStamp;
    painted().then((end) => seen.keys.push(end - at));
  }, { capture: true });
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask", buffered: true });
  let last = 0;
  const frame = (now) => {
    if (last > 0) seen.gaps.push(now - last);
    if (seen.gaps.length > 100_000) seen.gaps.length = 0;
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  // Resolves with the times at which the page heard of a change, and had drawn another word for the point's state.
  seen.change = (code, word) => new Promise((resolve) => {
    const here = () => document.querySelector(`#point-${code} .point-state`)?.textContent;
    const watch = new MutationObserver(async () => {
      if (here() !== word) return;
      watch.disconnect();
      const heard = seen.heard;
      resolve({ heard, drawn: await painted(), at: Date.now() });
    });
    watch.observe(document.getElementById("point-rows"), { subtree: true, childList: true, characterData: true });
  });
})();
