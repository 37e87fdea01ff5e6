/** The HTTP exchange under WHIP and WHEP: one offer, one answer, one resource to delete. */

/** An exchange that did not succeed. */
export class SdpHttpError extends Error {
  /**
   * @param {number} status  0: the network @param {string} code  of the problem document, "" where there is none
   * @param {number | null} retryAfterMs
   */
  constructor(status, code, retryAfterMs) {
    super(`${status} ${code}`.trim());
    this.name = "SdpHttpError";
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer that takes longer than this will not come. */
export const EXCHANGE_MS = 10_000;

/**
 * @param {string} url @param {string} token @param {string} offer
 * @returns {Promise<{ answer: string, location: string }>}
 * @throws {SdpHttpError}
 */
export async function postOffer(url, token, offer) {
  let response;
  let body;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/sdp" },
      body: offer,
      signal: AbortSignal.timeout(EXCHANGE_MS),
    });
    body = await response.text();
  } catch {
    throw new SdpHttpError(0, "", null);
  }
  const location = response.headers.get("Location");
  if (response.status !== 201 || location === null) {
    const told = response.headers.get("Retry-After");
    const seconds = told === null ? NaN : Number(told);
    throw new SdpHttpError(response.status, problemCode(body), Number.isFinite(seconds) ? seconds * 1000 : null);
  }
  return { answer: body, location: new URL(location, new URL(url, document.baseURI)).href };
}

/**
 * End the resource; survives the page's own end. Nothing is thrown: what the server did not hear, it finds out by consent.
 * @param {string} location @param {string} token
 */
export async function deleteResource(location, token) {
  try {
    await fetch(location, { method: "DELETE", headers: { Authorization: `Bearer ${token}` }, keepalive: true });
  } catch {
    // gone anyway
  }
}

/** @param {string} body */
function problemCode(body) {
  try {
    const code = JSON.parse(body).code;
    return typeof code === "string" ? code : "";
  } catch {
    return "";
  }
}
