// What all parts of the page share. What comes from students is only ever put in as text.

export const at = (id) => document.getElementById(id);
export const XSRF = document.querySelector("meta[name=xsrf]").content;
export const STATES = { here: "", gone: "left", absent: "not here yet" };
const KINDS = { prediction: "Predicts: ", question: "Answers: ", whatif: "What if: ", task: "" };
export const students = new Map(); // name → what the board tells
export const rows = new Map(); // name → its row

// What the board has told last; the clock is that of the board, as far as it is ahead of this one.
export const board = { class: null, version: 0, clockAhead: 0 };

export const now = () => Date.now() / 1000 + board.clockAhead;

export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function span(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const count = (n, one, many) => (n === 1 ? one : many).replace("#", n);

// Names are told apart where two people have the same one, and from what stands beside them where they run from right to left.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
let shared = new Set(); // full names that more than one student has

export function noteNames() {
  const seen = new Set();
  shared = new Set();
  for (const { full_name: name } of students.values()) (seen.has(name) ? shared : seen).add(name);
}

export function called(student) {
  const { name, full_name: full } = student;
  if (!full) return name;
  const shown = shared.has(full) ? `${full} (${name})` : full;
  return RIGHT_TO_LEFT.test(full) ? `\u2068${shown}\u2069` : shown;
}

export function hidden(text) {
  const element = document.createElement("span");
  element.className = "hidden";
  element.textContent = text;
  return element;
}

export const seat = (name, query) => `../../user/${encodeURIComponent(name)}/?${query}`;

export function fill(list, parts) {
  const text = JSON.stringify(parts);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.replaceChildren(...parts.map(([kind, words]) => Object.assign(document.createElement(kind), { textContent: words })));
}

export function task(student) {
  const lesson = student.lesson;
  if (student.state !== "here") return STATES[student.state];
  if (!lesson) return "no lesson is on";
  if (lesson.finished) return `✔ done: ${lesson.title}`;
  if (lesson.kind === "start") return `begins: ${lesson.title}`;
  return lesson.kind === "end" ? "between two steps" : `${KINDS[lesson.kind] ?? ""}${lesson.task}`;
}
