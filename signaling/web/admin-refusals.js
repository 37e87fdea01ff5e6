/** Where in a form a refusal belongs: beside the field that it is about, or above all of them. */

/** @import { Refusal } from "./admin-types.js" */

/** Stable codes that are about one field. @type {Readonly<Record<string, string>>} */
const FIELD_OF = { name_taken: "name", weak_password: "password", bad_identifier: "id", session_exists: "id", unknown_unit: "units", no_common_center: "units" };

/**
 * @param {Refusal} refusal @param {readonly string[]} fields  that the form has
 * @returns {string} a field's name, or "" for the form as a whole
 */
export function fieldOf(refusal, fields) {
  const known = FIELD_OF[refusal.code];
  if (known !== undefined && fields.includes(known)) return known;
  if (refusal.code === "unknown_unit" && fields.includes("scope")) return "scope";
  if (refusal.code === "bad_account") {
    // What is wrong is in the server's sentence alone; its first words name the field.
    const said = refusal.message.en;
    const field = said.startsWith("A name") ? "name" : said.startsWith("A shown name") ? "display_name" : said.startsWith("A scope") ? "scope" : "";
    return fields.includes(field) ? field : "";
  }
  const place = /\bbody\.(\w+)/.exec(refusal.message.en)?.[1] ?? "";
  return fields.includes(place) ? place : "";
}

/** What no server said: the line is down, or the answer was not what it should be. @param {number} status @returns {Refusal} */
export function silence(status) {
  return {
    status,
    code: "unreachable",
    message: { vi: "Không nối được tới máy chủ. Xin thử lại; những gì đã nhập vẫn còn đây.", en: "The server cannot be reached. Try again; what you typed is still here." },
    faults: [],
    moreFaults: 0,
  };
}

/** @param {number} status @param {any} body  of an answer, whatever it is @returns {Refusal} */
export function refusalOf(status, body) {
  if (typeof body?.message?.vi !== "string" || typeof body.message.en !== "string") return silence(status);
  return {
    status,
    code: String(body.code),
    message: body.message,
    faults: Array.isArray(body.faults) ? body.faults : [],
    moreFaults: typeof body.more_faults === "number" ? body.more_faults : 0,
  };
}
