/**
 * Asking the service: JSON, tables that are sent with progress, files that are saved. An access token that ended is renewed once
 * and the request made again; when the login itself has ended, the page asks for name and password and everything typed stays.
 */

import { refusalOf, silence } from "./admin-refusals.js";

/** @import { LoginSession } from "./login-session.js" */
/** @import { Outcome } from "./admin-types.js" */

/** A report over a year is read from the log while one waits. */
const TIMEOUT_MS = 120_000;

/** @param {string} path @param {Record<string, string | number | boolean | null | undefined>} values  what is null or empty is left out */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

export class Rest {
  #login;
  #fetch;
  #onEnded;

  /** @param {LoginSession} login @param {() => void} onEnded  the login has ended @param {typeof fetch} [fetcher] */
  constructor(login, onEnded, fetcher = (...request) => fetch(...request)) {
    this.#login = login;
    this.#onEnded = onEnded;
    this.#fetch = fetcher;
  }

  /** @template T @param {string} path @returns {Promise<Outcome<T>>} */
  get(path) {
    return this.#json("GET", path);
  }

  /** @template T @param {"POST" | "PUT" | "DELETE"} method @param {string} path @param {unknown} [body] @returns {Promise<Outcome<T>>} */
  send(method, path, body) {
    return this.#json(method, path, body);
  }

  /**
   * Send a table, and tell how much of it is on its way.
   * @template T @param {string} path @param {Blob} file @param {(fraction: number) => void} [onProgress]
   * @returns {Promise<Outcome<T>>}
   */
  async table(path, file, onProgress = () => {}) {
    const first = await this.#upload(path, file, onProgress);
    if (first.status !== 401 || !(await this.#renewed())) return outcome(first.status, first.body);
    const second = await this.#upload(path, file, onProgress);
    return outcome(second.status, second.body);
  }

  /** Get a file. @param {string} path @returns {Promise<Outcome<Blob>>} */
  async file(path) {
    const response = await this.#ask("GET", path);
    if (response === null) return { ok: false, refusal: silence(0) };
    try {
      if (response.ok) return { ok: true, body: await response.blob() };
      return { ok: false, refusal: refusalOf(response.status, await response.json()) };
    } catch {
      return { ok: false, refusal: silence(response.status) };
    }
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<Outcome<any>>} */
  async #json(method, path, body) {
    const response = await this.#ask(method, path, body);
    if (response === null) return { ok: false, refusal: silence(0) };
    try {
      return outcome(response.status, await response.json());
    } catch {
      return { ok: false, refusal: silence(response.status) };
    }
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<Response | null>} null: nobody answered */
  async #ask(method, path, body) {
    const once = () => {
      /** @type {Record<string, string>} */
      const headers = { Authorization: `Bearer ${this.#login.token}` };
      if (body !== undefined) headers["Content-Type"] = "application/json";
      const sent = body === undefined ? null : JSON.stringify(body);
      return this.#fetch(path, { method, headers, body: sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
    };
    try {
      const response = await once();
      return response.status === 401 && (await this.#renewed()) ? await once() : response;
    } catch {
      return null;
    }
  }

  async #renewed() {
    const isGood = this.#login.isKept && (await this.#login.renew());
    if (!isGood) this.#onEnded();
    return isGood;
  }

  /** fetch tells nothing of a request's progress; XMLHttpRequest does. @param {string} path @param {Blob} file @param {(fraction: number) => void} onProgress @returns {Promise<{ status: number, body: any }>} */
  #upload(path, file, onProgress) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", path);
      request.timeout = TIMEOUT_MS;
      request.setRequestHeader("Authorization", `Bearer ${this.#login.token}`);
      request.setRequestHeader("Content-Type", "text/csv");
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onloadend = () => {
        let body = null;
        try {
          body = JSON.parse(request.responseText);
        } catch {
          // a broken answer is told as silence
        }
        done({ status: request.status, body });
      };
      request.send(file);
    });
  }
}

/** @param {number} status @param {any} body @returns {Outcome<any>} */
function outcome(status, body) {
  return status >= 200 && status < 300 ? { ok: true, body } : { ok: false, refusal: refusalOf(status, body) };
}

/** Hand a file to the browser's downloads. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
