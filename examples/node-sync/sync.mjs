// A complete roster sync, Clever to Otus, in Node's standard library alone: one run, started anew every night.
// It is an example to read and to copy from; docs/your-own-sync.md says what each part is for.
// Exit codes: 0 succeeded, 1 failed, 3 held (too many removals), 4 another run goes on.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// ---------------------------------------------------------------- settings: the environment says everything

const setting = (name, otherwise) => {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) throw new Error(`the environment variable ${name} is missing`);
  return value;
};
const clever = { name: "Clever", url: setting("CLEVER_URL"), token: setting("CLEVER_TOKEN") };
const otus = { name: "Otus", url: `${setting("OTUS_URL")}/api/v1`, token: setting("OTUS_TOKEN") };
const stateFolder = setting("SYNC_STATE_DIR");
const byHandCoTeachers = setting("SYNC_BY_HAND_CO_TEACHERS", "keep");
const overwriteNames = setting("SYNC_OVERWRITE_CLASS_NAMES", "true") === "true";
const guardShare = Number(setting("SYNC_GUARD_PERCENT", "20")) / 100;
const guardMinimum = Number(setting("SYNC_GUARD_MINIMUM", "25"));

// ---------------------------------------------------------------- asking: again where that can help

const ATTEMPTS = 5;
const PAGE = 10_000;

class Refused extends Error {
  constructor(system, status, message) {
    super(`${system.name} refused with ${status}: ${message}`);
    this.status = status;
  }
}

/** Seconds to wait before asking again: as the answer says, by the answer's own clock, never by ours. */
function secondsToWait(response, attempt) {
  const reset = Number(response?.headers.get("x-ratelimit-reset"));
  const answered = Date.parse(response?.headers.get("date") ?? "") / 1000;
  return response?.status === 429 && reset > answered ? reset - answered : 2 ** (attempt - 1);
}

async function ask(system, method, path, body) {
  const headers = { Authorization: `Bearer ${system.token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let trouble;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    let response;
    try {
      response = await fetch(system.url + path, { method, headers, body: body && JSON.stringify(body) });
      const text = await response.text();
      if (response.ok) return JSON.parse(text); // no JSON: asked again, never taken for an empty list
      trouble = `${response.status} ${text.slice(0, 200)}`;
      if (response.status < 500 && response.status !== 429) {
        throw new Refused(system, response.status, JSON.parse(text).message ?? text);
      }
    } catch (error) {
      if (error instanceof Refused) throw error;
      trouble = error.cause?.code ?? error.message;
    }
    if (attempt < ATTEMPTS) await sleep(1000 * secondsToWait(response, attempt));
  }
  throw new Error(`${system.name} could not be asked ${method} ${path}: ${trouble}`);
}

// ---------------------------------------------------------------- reading: every page of both sides

async function cleverList(kind) {
  const records = [];
  for (let path = `/v3.1/${kind}?limit=${PAGE}`; path; ) {
    const page = await ask(clever, "GET", path);
    records.push(...page.data.map((item) => item.data));
    path = page.links.find((link) => link.rel === "next")?.uri;
  }
  return records;
}

async function otusList(kind) {
  const records = [];
  for (let after = 0; after !== null; ) {
    const page = await ask(otus, "GET", `/${kind}?limit=${PAGE}&after=${after}`);
    records.push(...page.items);
    after = page.next;
  }
  return records;
}

async function readClever() {
  const schools = new Map((await cleverList("schools")).map((school) => [school.id, school.sis_id]));
  const sections = await cleverList("sections");
  const people = [];
  for (const user of await cleverList("users")) {
    const role = user.roles.student ? "student" : user.roles.teacher ? "teacher" : null;
    if (role === null) continue; // F6: staff and district admins create nothing
    const held = user.roles[role];
    people.push({
      clever_id: user.id,
      role,
      sis_id: held.sis_id,
      email: user.email ?? "",
      first_name: user.name.first,
      last_name: user.name.last,
      schools: held.schools.map((id) => schools.get(id)).filter(Boolean),
      active: true,
    });
  }
  return { schools, sections, people };
}

async function readOtus() {
  const rosters = new Map((await otusList("rosters")).map((roster) => [roster.class_id, roster]));
  const accounts = await otusList("accounts");
  const classes = (await otusList("classes")).filter((klass) => klass.clever_id !== null); // F10: the rest is not ours
  return { accounts, classes, rosters };
}

// ---------------------------------------------------------------- deciding: a pure function of both sides

const FIELDS = ["role", "sis_id", "email", "first_name", "last_name", "schools", "active"];
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** A10: by Clever id; else by SIS id, else by e-mail, to an account of that role that is linked to nobody. */
function matched(person, accounts) {
  const linked = accounts.find((account) => account.clever_id === person.clever_id);
  if (linked) return { account: linked };
  const alike = (account) => account.role === person.role && account.active;
  const candidate =
    accounts.find((account) => alike(account) && account.sis_id === person.sis_id) ??
    accounts.find((account) => alike(account) && account.email.toLowerCase() === person.email.toLowerCase());
  if (candidate && candidate.clever_id !== null) return { conflict: candidate };
  return { account: candidate };
}

function problem(kind, person, message, account = null) {
  return { kind, name: `${person.first_name} ${person.last_name}`, clever_id: person.clever_id, message, account };
}

function planPeople(people, accounts) {
  const rows = [];
  const problems = [];
  for (const person of people) {
    const { account, conflict } = matched(person, accounts);
    if (conflict) {
      problems.push(problem("id_conflict", person, "Support must adjust the ID of the account", conflict.id));
    } else if (!person.email && !account) {
      problems.push(problem("no_email", person, "has no e-mail in Clever yet")); // H4
    } else {
      const wanted = { ...person, email: person.email || account.email };
      const changed = FIELDS.filter((field) => !same(wanted[field], account?.[field]));
      if (account && account.clever_id === null) changed.push("clever_id");
      if (account && changed.length === 0) continue;
      const fields = Object.fromEntries(changed.map((field) => [field, wanted[field]]));
      rows.push({ ...fields, clever_id: person.clever_id, id: account?.id ?? null });
    }
  }
  return { rows, problems };
}

function planClass(section, klass, held, side, idOf, schools) {
  const ids = (cleverIds) => (cleverIds ?? []).map((id) => idOf.get(id)).filter(Boolean); // A16: the rest is not shared
  const [teacher = null, ...coTeachers] = ids(section.teachers);
  const roster = { teacher, co_teachers: coTeachers.sort(), students: ids(section.students).sort() };
  const by_hand = held?.by_hand ?? [];
  const wiped = by_hand
    .filter((member) => !roster.students.includes(member.account) && !roster.co_teachers.includes(member.account))
    .filter(
      (member) =>
        member.part === "student" || // F8
        (byHandCoTeachers === "only_without_rostered" && coTeachers.length > 0), // H3; else F9: they stay
    )
    .map((member) => member.account);
  const row = { clever_id: section.id, id: klass?.id ?? null };
  if (!klass) Object.assign(row, { name: section.name, school: schools.get(section.school), roster });
  if (klass && overwriteNames && klass.name !== section.name) row.name = section.name; // H10
  if (klass?.archived) row.archived = false; // H2, A12
  const now = held?.roster;
  const sorted = now && { ...now, co_teachers: [...now.co_teachers].sort(), students: [...now.students].sort() };
  if (klass && !same(sorted, roster)) row.roster = roster;
  if (wiped.length > 0) row.remove_by_hand = wiped;
  return Object.keys(row).length > 2 ? row : null;
}

function planClasses(read, side, idOf) {
  return read.sections
    .map((section) => {
      const klass = side.classes.find((one) => one.clever_id === section.id);
      return planClass(section, klass, klass && side.rosters.get(klass.id), side, idOf, read.schools);
    })
    .filter((row) => row !== null);
}

/** What is gone from Clever: people are deactivated (A13), classes archived (A12); nothing is ever deleted. */
function planRemovals(read, side) {
  const people = new Set(read.people.map((person) => person.clever_id));
  const sections = new Set(read.sections.map((section) => section.id));
  const rostered = side.accounts.filter((account) => account.clever_id !== null && account.role !== "admin" && account.active);
  const open = side.classes.filter((klass) => !klass.archived);
  const accounts = rostered.filter((account) => !people.has(account.clever_id));
  const classes = open.filter((klass) => !sections.has(klass.clever_id));
  const tooMany = (gone, of) => gone.length >= guardMinimum && gone.length > guardShare * of.length; // A14
  return {
    held: tooMany(accounts, rostered) || tooMany(classes, open),
    accounts: accounts.map(({ id, clever_id }) => ({ id, clever_id, active: false })),
    classes: classes.map(({ id, clever_id }) => ({ id, clever_id, archived: true })),
  };
}

// ---------------------------------------------------------------- writing: what is wanted, so that it may be repeated

async function write(kind, rows) {
  if (rows.length === 0) return [];
  return (await ask(otus, "POST", `/${kind}/bulk`, { rows })).results;
}

/** Write accounts; who cannot have their e-mail (A11) is reported, and heals by itself in a later night. */
async function writePeople(rows, people) {
  const results = await write("accounts", rows);
  const byId = new Map(people.map((person) => [person.clever_id, person]));
  // Under a cut connection the first write may have been done, and the second finds the account there already.
  return results.flatMap((result, place) =>
    result.status === "refused" && result.code !== "clever_id_taken"
      ? [problem(result.code === "email_taken" ? "email_clash" : "refused", byId.get(rows[place].clever_id), result.message)]
      : [],
  );
}

// ---------------------------------------------------------------- one run: from the lease to the report

const leaseFile = join(stateFolder, "run.json");

class AnotherRun extends Error {}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The run of ours that died before it could report, if there is one: Otus still believes that it goes on. */
function leftBehind() {
  let last;
  try {
    last = JSON.parse(readFileSync(leaseFile, "utf8"));
  } catch {
    return null;
  }
  if (isAlive(last.pid)) throw new AnotherRun(`another run goes on in process ${last.pid}`);
  return last.run;
}

async function begin() {
  const run = await ask(otus, "POST", "/sync-runs", { takes_over: leftBehind() });
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(leaseFile, JSON.stringify({ run: run.id, pid: process.pid }));
  return run.id;
}

async function report(run, edit) {
  await ask(otus, "PATCH", `/sync-runs/${run}`, edit);
  rmSync(leaseFile, { force: true });
}

async function work() {
  const read = await readClever();
  const side = await readOtus();
  const { rows, problems } = planPeople(read.people, side.accounts);
  problems.push(...(await writePeople(rows, read.people)));
  const removals = planRemovals(read, side);
  if (rows.length > 0) side.accounts = await otusList("accounts"); // new accounts have ids now
  const idOf = new Map(side.accounts.map((account) => [account.clever_id, account.id]));
  await write("classes", planClasses(read, side, idOf)); // one request: who moves is never in neither class
  if (removals.held) return { status: "held", reason: "too many accounts or classes would go", problems };
  await write("classes", removals.classes);
  await write("accounts", removals.accounts);
  return { status: "succeeded", reason: "Otus is as Clever has it", problems };
}

async function main() {
  let run;
  try {
    run = await begin();
  } catch (error) {
    console.error(error.message);
    return error instanceof AnotherRun || error.status === 409 ? 4 : 1;
  }
  try {
    const outcome = await work();
    await report(run, outcome);
    return outcome.status === "held" ? 3 : 0;
  } catch (error) {
    console.error(error.message);
    await report(run, { status: "failed", reason: error.message }).catch((lost) => console.error(lost.message));
    return 1;
  }
}

process.exitCode = await main();
