// One row a student. Rows stay, and change in place: so the focus stays where it is, and a screen reader where it reads.

import { at, board, called, hidden, now, rows, seat, set, span, students, task } from "./common.js";
import { openStudent } from "./student.js";

const HOLD_FOR = 4000; // ms for which rows keep their places after the mouse has moved over them
let pointedAt = -HOLD_FOR;

export function makeRow(name) {
  const row = at("row").content.firstElementChild.cloneNode(true);
  const part = (kind) => row.querySelector(`.${kind}`);
  part("name").addEventListener("click", () => openStudent(name));
  for (const [label, query] of [["Watch", "watch"], ["Help", "help"]]) {
    const link = document.createElement("a");
    Object.assign(link, { href: seat(name, query), target: "_blank", rel: "noopener", textContent: label });
    link.append(hidden(""));
    part("links").append(link);
  }
  return row;
}

export function showRow(student) {
  const row = rows.get(student.name);
  const part = (kind) => row.querySelector(`.${kind}`);
  const lesson = student.lesson;
  const here = student.state === "here";
  row.className = [student.need, student.state, lesson?.finished ? "done" : ""].join(" ");
  const mark = { help: "⚑ ", watch: "◦ ", fine: "" }[student.need];
  const said = { help: " needs help", watch: " is worth a look", fine: "" }[student.need];
  if (row.dataset.name !== mark + called(student)) {
    row.dataset.name = mark + called(student);
    part("name").replaceChildren(mark + called(student), hidden(said));
    part("name").title = student.name;
    part("links").querySelectorAll(".hidden").forEach((end) => set(end, ` ${called(student)}`));
  }
  const why = student.trouble ? `⚠ its seat sends what cannot be read` : student.need === "help" ? student.reasons.join(" · ") : "";
  set(part("why"), why);
  part("why").title = student.trouble || student.reasons.join(" · ");
  set(part("step"), lesson ? `${lesson.step} of ${lesson.steps}` : "");
  set(part("task"), task(student));
  part("task").title = part("task").textContent;
  set(part("hints"), lesson && lesson.hints ? `${lesson.hints}` : lesson ? "–" : "");
  set(part("wrong"), lesson && lesson.wrong ? `${lesson.wrong}` : lesson ? "–" : "");
  set(part("lab"), lesson && here ? `${lesson.glyph} ${lesson.lab}` : "");
  for (const link of part("links").children) link.hidden = !here;
  showTimes(student);
}

// What time alone changes.
export function showTimes(student) {
  const row = rows.get(student.name);
  const lesson = student.lesson;
  const here = student.state === "here";
  const seconds = !lesson || lesson.finished ? null : lesson.since ?? now() - student.began;
  set(row.querySelector(".time"), here && seconds !== null ? span(seconds) : student.state === "gone" ? span(now() - student.heard) : "");
  set(row.querySelector(".key"), here && student.key ? span(now() - student.key) : "");
}

// -- the order of rows

function order() {
  const names = board.class ? board.class.order : [...students.keys()];
  if (document.querySelector("input[name=order]:checked").value === "need") return names;
  return [...names].sort((a, b) => called(students.get(a)).localeCompare(called(students.get(b))));
}

// Rows keep their places while somebody is about to click, or has the focus in them.
export function arrange() {
  const body = at("rows");
  const names = order().filter((name) => rows.has(name));
  for (const [name, row] of rows) if (!names.includes(name)) { row.remove(); rows.delete(name); students.delete(name); }
  const busy = (body.contains(document.activeElement) && document.activeElement !== body) || Date.now() - pointedAt < HOLD_FOR;
  if (busy && names.every((name) => rows.get(name).isConnected)) return;
  names.forEach((name, place) => {
    const row = rows.get(name);
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null);
  });
}

at("order").addEventListener("change", () => { pointedAt = -HOLD_FOR; arrange(); });
at("rows").addEventListener("keydown", (event) => {
  const row = event.target.closest("tr");
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = at("rows");
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: all.firstElementChild, End: all.lastElementChild };
  if (!Object.hasOwn(next, event.key)) return;
  event.preventDefault();
  next[event.key]?.querySelector(".name").focus();
});
at("rows").addEventListener("mousemove", () => { pointedAt = Date.now(); });
