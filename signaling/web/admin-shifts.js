/** A roster while it is edited: shifts as the form has them, what is wrong with each field, and what is sent. No DOM. */

import { DAY_MS, HOUR_MS, dayOf, inputOf, momentOf } from "./admin-times.js";

/** @import { Contact, ContactKind, Roster } from "./admin-types.js" */

/** Bounds of the service (bridge/roster.py). */
export const MAX_SHIFTS = 31;
export const MAX_CONTACTS = 10;
const MAX_SHIFT_MS = 7 * DAY_MS;
const NUMBER = /^\+?[0-9][0-9 .()-]{2,23}$/;

/** @typedef {{ key: number, name: string, function: string, kind: ContactKind, target: string, note: string }} ContactDraft */
/** @typedef {{ key: number, start: string, end: string, contacts: ContactDraft[], confirmedBy: string | null }} ShiftDraft */
/** What is wrong, by the field's name: `shift-0-start`, `shift-0-contact-1-target`; values are keys of words. @typedef {Record<string, string>} Faults */

let last = 0;
const key = () => (last += 1);

/** @returns {ContactDraft} */
export function newContact() {
  return { key: key(), name: "", function: "", kind: "phone", target: "", note: "" };
}

/** @param {Roster} roster @returns {ShiftDraft[]} */
export function draftsOf(roster) {
  return roster.shifts.map((shift) => ({
    key: key(),
    start: inputOf(shift.start),
    end: inputOf(shift.end),
    contacts: shift.contacts.map((contact) => ({ ...contact, key: key() })),
    confirmedBy: shift.confirmed_by,
  }));
}

/**
 * The shift to come after the others: as long as the last one, with the same people; the first one is of today's working day.
 * @param {readonly ShiftDraft[]} shifts @param {number} now @returns {ShiftDraft}
 */
export function nextShift(shifts, now) {
  const before = shifts.at(-1);
  const start = before === undefined ? null : momentOf(before.start);
  const end = before === undefined ? null : momentOf(before.end);
  if (before === undefined || start === null || end === null || end <= start) {
    const from = dayOf(now) + 7 * HOUR_MS;
    return { key: key(), start: inputOf(from), end: inputOf(from + 12 * HOUR_MS), contacts: [newContact()], confirmedBy: null };
  }
  const contacts = before.contacts.map((contact) => ({ ...contact, key: key() }));
  return { key: key(), start: inputOf(end), end: inputOf(2 * end - start), contacts, confirmedBy: null };
}

/** @template T @param {readonly T[]} list @param {number} from @param {number} to @returns {T[]} the same where `to` is none */
export function moved(list, from, to) {
  const found = list[from];
  if (found === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), found, ...rest.slice(to)];
}

/** @param {readonly ShiftDraft[]} shifts @param {readonly string[]} desks  other points of the unit @returns {Faults} */
export function faultsOf(shifts, desks) {
  /** @type {Faults} */
  const faults = {};
  /** @type {{ start: number, end: number, place: number }[]} */
  const times = [];
  shifts.forEach((shift, place) => {
    const start = momentOf(shift.start);
    const end = momentOf(shift.end);
    if (start === null) faults[`shift-${place}-start`] = "adm_time_missing";
    if (end === null) faults[`shift-${place}-end`] = "adm_time_missing";
    if (start !== null && end !== null) {
      if (end <= start) faults[`shift-${place}-end`] = "adm_shift_backwards";
      else if (end - start > MAX_SHIFT_MS) faults[`shift-${place}-end`] = "adm_shift_long";
      else times.push({ start, end, place });
    }
    shift.contacts.forEach((contact, order) => {
      const at = `shift-${place}-contact-${order}`;
      if (contact.name.trim() === "") faults[`${at}-name`] = "adm_name_missing";
      if (contact.kind === "phone" && !NUMBER.test(contact.target.trim())) faults[`${at}-target`] = "adm_phone_wrong";
      if (contact.kind === "point" && !desks.includes(contact.target)) faults[`${at}-target`] = "adm_desk_missing";
    });
  });
  times.sort((a, b) => a.start - b.start);
  times.forEach((time, i) => {
    const before = times[i - 1];
    if (before !== undefined && time.start < before.end) faults[`shift-${time.place}-start`] ??= "adm_shift_overlaps";
  });
  return faults;
}

/** What is sent; for drafts without faults. @param {readonly ShiftDraft[]} shifts @returns {{ shifts: { start: number, end: number, contacts: Contact[] }[] }} */
export function bodyOf(shifts) {
  return {
    shifts: shifts.map((shift) => ({
      start: momentOf(shift.start) ?? 0,
      end: momentOf(shift.end) ?? 0,
      contacts: shift.contacts.map(({ name, function: duty, kind, target, note }) => ({ name: name.trim(), function: duty.trim(), kind, target: target.trim(), note: note.trim() })),
    })),
  };
}
