/** Tries the way to the server: how long a request takes, how much comes down and goes up in a second, what that is enough for. No DOM. */

/** Small first: a line that needs long for this is not asked for more. */
const FIRST_BYTES = 16 * 1024;
const MOST_BYTES = 64 * 1024;
const QUICK_MS = 700;
const GIVE_UP_MS = 8_000;
const TRIPS = 3;
const URL_OF_TEST = "/api/line-test";

/** kb/s and ms; null: it could not be measured. @typedef {{ rttMs: number, downKbps: number, upKbps: number }} Measured */
/** @typedef {"both" | "small" | "sound" | "weak"} Verdict */

/**
 * What it is enough for. The programme's best layer is about 1 Mb/s, its lowest 110 kb/s, a voice 40 kb/s; a point sends in a call as
 * much as its line takes, from about 100 kb/s on with a picture.
 * @param {Measured} measured @returns {Verdict}
 */
export function verdictOf({ downKbps, upKbps }) {
  if (downKbps >= 1_000 && upKbps >= 500) return "both";
  if (downKbps >= 200 && upKbps >= 150) return "small";
  return downKbps >= 50 && upKbps >= 50 ? "sound" : "weak";
}

/**
 * @param {object} [tools]  for tests
 * @param {typeof fetch} [tools.fetch]
 * @param {() => number} [tools.now]  milliseconds
 * @returns {Promise<Measured>} rejects when the server cannot be reached, or refuses (`Response`)
 */
export async function measureLine({ fetch: ask = fetch, now = () => performance.now() } = {}) {
  const signal = AbortSignal.timeout(3 * GIVE_UP_MS);
  /** @param {string} url @param {RequestInit} [init] */
  const request = async (url, init = {}) => {
    const response = await ask(url, { cache: "no-store", signal, ...init });
    if (!response.ok) throw response;
    return response;
  };
  let rttMs = Infinity;
  for (let trip = 0; trip < TRIPS; trip += 1) {
    const began = now();
    await (await request(`${URL_OF_TEST}?bytes=1`)).arrayBuffer();
    rttMs = Math.min(rttMs, now() - began);
  }
  /** @param {(bytes: number) => Promise<unknown>} move @returns {Promise<number>} kb/s */
  const speed = async (move) => {
    let kbps = 0;
    for (const bytes of [FIRST_BYTES, MOST_BYTES]) {
      const began = now();
      await move(bytes);
      const tookMs = now() - began;
      // The first round trip is the request's own and carries nothing of it.
      kbps = (bytes * 8) / Math.max(1, tookMs - rttMs);
      if (tookMs > QUICK_MS) break;
    }
    return Math.round(kbps);
  };
  const downKbps = await speed(async (bytes) => (await request(`${URL_OF_TEST}?bytes=${bytes}`)).arrayBuffer());
  const noise = crypto.getRandomValues(new Uint8Array(MOST_BYTES));
  const headers = { "Content-Type": "application/octet-stream" };
  const upKbps = await speed((bytes) => request(URL_OF_TEST, { method: "POST", headers, body: noise.slice(0, bytes) }));
  return { rttMs: Math.round(rttMs), downKbps, upKbps };
}
