/**
 * A login by name and password, as a page keeps it: the access token in memory, the refresh token in sessionStorage.
 *
 * Theory of operation. sessionStorage is the tab's own: it survives a reload, ends with the tab, and is sent to nobody. (A
 * cookie would be sent by the browser unasked, so that every route would need a guard against requests of other sites.) The
 * access token is renewed before it ends; a refresh token is good once. An answer may be lost on the way, and the server
 * gives the same answer again for 20 s: so an exchange that hangs is given up after 5 s and made again at once.
 *
 * A tab that is duplicated takes the refresh token along, and the second use of one ends the login: tabs of one login tell
 * each other what they got.
 */

/**
 * @typedef {{ name: string, display_name: string, role: "center" | "operator" | "observer", scope: string[] }} AccountView
 * @typedef {{ at: number, account: AccountView, access_token: string, access_expires_at: number, refresh_token: string,
 *   refresh_expires_at: number }} LoggedIn
 * @typedef {{ status: number, body: any, retryAfterMs: number | null }} Answer  status 0: the network
 * @typedef {{ getItem(name: string): string | null, setItem(name: string, value: string): void, removeItem(name: string): void }} Store
 * @typedef {{ postMessage(message: unknown): void, onmessage: ((event: any) => void) | null }} Channel
 */

export const STORAGE_KEY = "diemcau.login";
/** An exchange that takes longer is given up: three of them are within the server's 20 s. */
export const EXCHANGE_MS = 5_000;
/** The access token is renewed when a third of its life is left: five of its fifteen minutes. */
export const RENEW_AT = 2 / 3;
export const RETRY_FIRST_MS = 1_000;
export const RETRY_LAST_MS = 30_000;

/**
 * @param {string} path @param {unknown} body @param {string} [token]
 * @returns {Promise<Answer>} never rejected
 */
export async function postJson(path, body, token) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(EXCHANGE_MS),
    });
    const told = Number(response.headers.get("Retry-After") ?? NaN);
    return { status: response.status, body: await response.json(), retryAfterMs: Number.isFinite(told) ? told * 1000 : null };
  } catch {
    return { status: 0, body: null, retryAfterMs: null };
  }
}

/** @param {string} refreshToken @returns {string} what all tokens of one login have in common */
export function familyOf(refreshToken) {
  return refreshToken.split(".").slice(0, -1).join(".");
}

export class LoginSession {
  #store;
  #post;
  #channel;
  #later;
  #onToken;
  #onEnd;
  #access = "";
  /** @type {AccountView | null} */
  #account = null;
  /** @type {unknown} */
  #timer = null;
  /** @type {Promise<boolean> | null} */
  #renewing = null;

  /**
   * @param {object} options
   * @param {Store} options.store  sessionStorage
   * @param {(path: string, body: unknown, token?: string) => Promise<Answer>} [options.post]
   * @param {Channel | null} [options.channel]  to the other tabs of this origin
   * @param {(call: () => void, ms: number) => unknown} [options.later]
   * @param {(token: string) => void} [options.onToken]  another access token is the newest
   * @param {() => void} [options.onEnd]  the login ended: name and password are wanted again
   */
  constructor({ store, post = postJson, channel = null, later = (call, ms) => setTimeout(call, ms), onToken, onEnd }) {
    this.#store = store;
    this.#post = post;
    this.#channel = channel;
    this.#later = later;
    this.#onToken = onToken ?? (() => {});
    this.#onEnd = onEnd ?? (() => {});
    if (channel !== null) channel.onmessage = (event) => this.#hear(event.data);
  }

  /** Whether this tab has logged in, for all it knows. */
  get isKept() {
    return this.#store.getItem(STORAGE_KEY) !== null;
  }

  get token() {
    return this.#access;
  }

  get account() {
    return this.#account;
  }

  /** @param {string} name @param {string} password @returns {Promise<Answer>} */
  async logIn(name, password) {
    return this.#take(await this.#post("/api/login", { name, password }));
  }

  /** Another password; all other logins of the account end. @param {string} present @param {string} next @returns {Promise<Answer>} */
  async changePassword(present, next) {
    return this.#take(await this.#post("/api/password", { present, new: next }, this.#access));
  }

  /** End the login here and at the server. */
  async logOut() {
    const kept = this.#store.getItem(STORAGE_KEY);
    this.#forget();
    if (kept !== null) await this.#post("/api/logout", { refresh_token: kept });
  }

  /** Get a new access token. @returns {Promise<boolean>} false: the login has ended */
  renew() {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renew() {
    for (let attempt = 0; ; attempt += 1) {
      const kept = this.#store.getItem(STORAGE_KEY);
      if (kept === null) return false;
      const answer = await this.#post("/api/refresh", { refresh_token: kept });
      if (answer.status === 200) {
        this.#take(answer);
        return true;
      }
      if (answer.status === 401 || answer.status === 400) {
        // Another tab of this login may have told us a newer token while we asked.
        if (this.#store.getItem(STORAGE_KEY) !== kept) continue;
        this.#forget();
        this.#onEnd();
        return false;
      }
      const backoff = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** (attempt - 1));
      // The first repetition is at once: only then is the server sure to give the same answer again.
      if (attempt > 0 || answer.status !== 0) await new Promise((done) => this.#later(() => done(null), answer.retryAfterMs ?? backoff));
    }
  }

  /** @param {Answer} answer @returns {Answer} */
  #take(answer) {
    if (answer.status !== 200) return answer;
    this.#adopt(answer.body);
    this.#channel?.postMessage(answer.body);
    return answer;
  }

  /** @param {LoggedIn} granted */
  #adopt(granted) {
    this.#access = granted.access_token;
    this.#account = granted.account;
    this.#store.setItem(STORAGE_KEY, granted.refresh_token);
    const due = {};
    this.#timer = due;
    this.#later(() => this.#timer === due && void this.renew(), (granted.access_expires_at - granted.at) * RENEW_AT);
    this.#onToken(this.#access);
  }

  /** @param {LoggedIn} granted  of another tab: ours only when it is the same login */
  #hear(granted) {
    const kept = this.#store.getItem(STORAGE_KEY);
    if (kept !== null && familyOf(kept) === familyOf(granted.refresh_token)) this.#adopt(granted);
  }

  #forget() {
    this.#access = "";
    this.#account = null;
    this.#timer = null;
    this.#store.removeItem(STORAGE_KEY);
  }
}

/** @returns {Channel | null} */
export function loginChannel() {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(STORAGE_KEY);
}
