// What the teacher wants of seats: a line, a lab reset, a seat ended; and what became of it.

import { XSRF, at, called, count, set, students } from "./common.js";
import { openName } from "./student.js";

const PATIENCE = 60000; // ms: longer than the board waits for a seat
const TOLD_FOR = 60000; // ms for which what was done stays on the page, unless something went wrong

// What became of a wish: at the foot of the page, and in a student's dialog, before which nothing else is there.
let forgetting = 0;

function tellOutcome(text, { trouble = false, stays = false } = {}) {
  clearTimeout(forgetting);
  for (const place of [at("outcome"), at("student-outcome")]) {
    set(place, text);
    place.classList.toggle("trouble", trouble);
  }
  if (!trouble && !stays) forgetting = setTimeout(() => tellOutcome("", { stays: true }), TOLD_FOR);
}

const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

// Each problem once, with everybody who has it.
function describeProblems(problems) {
  const whose = new Map();
  for (const { name, problem } of problems) whose.set(problem, [...(whose.get(problem) ?? []), called(students.get(name) ?? { name })]);
  return [...whose].map(([problem, names]) => sentence(`${names.join(", ")}: ${problem}`));
}

export async function wish(request, what) {
  tellOutcome(`${what} …`, { stays: true });
  try {
    const answer = await fetch("command", {
      method: "POST",
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Content-Type": "application/json", "X-XSRFToken": XSRF },
      body: JSON.stringify(request),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error?.message ?? answer.statusText);
    const problems = describeProblems(said.problems);
    const done = said.done.length === 1 ? called(students.get(said.done[0]) ?? { name: said.done[0] }) : count(said.done.length, "", "# students");
    tellOutcome([`${what}: ${said.done.length ? done : "nobody"}.`, ...problems].join(" "), { trouble: problems.length > 0 });
    return true;
  } catch (error) {
    // a browser's own words for a network that is gone say nothing to anybody
    const noAnswer = error instanceof TypeError || error instanceof SyntaxError || error.name === "TimeoutError";
    const why = noAnswer ? "The board does not answer: look whether it was done before you try again." : sentence(error.message);
    tellOutcome(`${what}: ${noAnswer ? "" : "not done. "}${why}`, { trouble: true });
    return false;
  }
}

function ask(title, text, yes) {
  const dialog = at("sure");
  set(at("sure-title"), title);
  set(at("sure-text"), text);
  set(at("sure-yes"), yes);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

// a key that is held down is one wish, too
document.addEventListener("keydown", (event) => { if (event.repeat && event.key === "Enter" && event.target.matches("button, input")) event.preventDefault(); });

// -- lines

at("tell").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("line").value.trim();
  if (!text) return at("line").focus();
  const to = at("to").value;
  at("line").value = ""; // sent twice by a second Enter, it would be read twice
  if (!(await wish({ ask: "tell", text, names: to ? [to] : null }, `“${text}” sent to`)) && !at("line").value) at("line").value = text;
});

at("write").addEventListener("click", () => {
  at("to").value = openName();
  at("student").close();
  at("line").focus();
});

// -- one student's lab

const QUESTIONS = {
  restart: ["Restart the step of #?", "The lab is set up for this step once more, and the answers of this step are cleared.", "Restart the step", "Restarted"],
  reset: ["Reset the lab of #?", "Every fault, edit and row in it is undone, also those that the step begins with. What was answered and ticked stays.", "Reset the lab", "Reset"],
  end: ["End the seat of #?", "Their lab is removed. Progress is kept, and their link opens a new seat.", "End the seat", "Ended"],
};
for (const [kind, [title, text, yes, done]] of Object.entries(QUESTIONS))
  at(kind).addEventListener("click", async () => {
    const name = openName();
    if (await ask(title.replace("#", called(students.get(name))), text, yes)) wish({ ask: kind, names: [name] }, done);
  });

export function showNames() {
  const select = at("to");
  const names = [...students.keys()].sort((a, b) => called(students.get(a)).localeCompare(called(students.get(b))));
  const text = names.map((name) => called(students.get(name))).join("\n");
  if (select.dataset.shown === text || document.activeElement === select) return;
  select.dataset.shown = text;
  const chosen = select.value;
  select.replaceChildren(new Option("everybody", ""), ...names.map((name) => new Option(called(students.get(name)), name)));
  select.value = names.includes(chosen) ? chosen : "";
}
