// The shapes of what the administration page asks over REST (PROTOCOL.md §6). Types only: nothing here runs.

/** @import { Words, SessionView, IndicatorView } from "./types.js" */

/** A fault of a table. @typedef {{ line: number, column: string, message: Words }} Fault */
/** A refusal: what to tell, and of a table every fault. @typedef {{ status: number, code: string, message: Words, faults: Fault[], moreFaults: number }} Refusal */
/**
 * What came of a request; never thrown.
 * @template T @typedef {{ ok: true, body: T } | { ok: false, refusal: Refusal }} Outcome
 */

/** @typedef {"center" | "operator" | "observer"} AccountRole */
/** @typedef {{ name: string, display_name: string, role: AccountRole, scope: string[], is_disabled: boolean, made_by: string, made_at: number, changed_by: string, changed_at: number }} Account */
/** @typedef {{ id: string, at: number, what: string, account: string, by: string, address: string, reason: string, locked_s: number, before: Record<string, unknown>, after: Record<string, unknown>, password_changed: boolean }} AuditEntry */

/** @typedef {{ point: string, generation: number, link: string }} LinkAnswer */
/** @typedef {{ version: string, units: number, points: number }} DirectorySize */
/** @typedef {{ at: number, present: DirectorySize, coming: DirectorySize | null }} UnitsStatus */
/** @typedef {{ what: string, code: string, name: string, before: string, after: string }} UnitChange */
/** @typedef {{ version: string, units: number, points: number, counts: Record<string, number>, changes: UnitChange[], accounts: string[], is_kept: boolean, awaits_restart: boolean }} UnitsImported */

/** @typedef {"phone" | "point"} ContactKind */
/** @typedef {{ name: string, function: string, kind: ContactKind, target: string, note: string }} Contact */
/** @typedef {{ start: number, end: number, contacts: Contact[], confirmed_at: number | null, confirmed_by: string | null }} Shift */
/** @typedef {{ point: string, point_name: string, shifts: Shift[], set_at: number | null, set_by: string | null }} Roster */
/** @typedef {"unconfirmed" | "no_roster" | "waiting" | "confirmed"} Duty */
/** @typedef {Record<Duty, number>} DutyCounts */
/** @typedef {{ point: string, point_name: string, duty: Duty, shift_start: number | null, shift_end: number | null }} PointDuty */
/** @typedef {{ unit: string, name: string, at: number, total: DutyCounts, units: (DutyCounts & { unit: string, name: string })[], points: PointDuty[], has_more: boolean }} Duties */

/** @typedef {{ number: number, at: number, by: string, file: string, names: string[], values: number, first_date: string, last_date: string }} IndicatorImport */
/** @typedef {{ at: number, today: string, indicators: IndicatorView[], imports: IndicatorImport[] }} IndicatorList */
/** @typedef {{ number: number | null, values: number, units: number, indicators: { name: string, kind: string, is_new: boolean, values: number, first_date: string, last_date: string }[] }} IndicatorImported */
/** @typedef {{ name: string, kind: string, unit: string, unit_name: string, values: { date: string, value: number | string, number: number, imported_at: number | null, by: string | null, file: string | null }[] }} IndicatorHistory */

/** @typedef {SessionView} Session */
/** @typedef {"text" | "number" | "time" | "duration"} CellKind */
/** @typedef {{ name: string, heading: string, kind: CellKind }} ReportColumn */
/** @typedef {{ name: string, title: string, columns: ReportColumn[], rows: (string | number | null)[][] }} ReportTable */
/** @typedef {{ unit: string, name: string, points: number, attended: number, asked: number, present: number, late: number, absent: number, calls: number, answered: number, causes: Record<string, number> }} UnitFigures */
/** @typedef {{ answer_bucket_s: number, answers: number[], live: { at: number, live: number }[], units: UnitFigures[] }} ReportPlots */
/** @typedef {{ title: string, scope: string, start: number, end: number, at: number, events: number, tables: ReportTable[], plots: ReportPlots }} Report */

export {};
