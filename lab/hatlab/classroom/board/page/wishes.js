// What the teacher wants: everybody's eyes, a line, a lab reset, a seat ended.

import { XSRF, at, board, called, count, set, students } from "./common.js";
import { openName } from "./student.js";

async function wish(request, what) {
  set(at("outcome"), `${what} …`);
  try {
    const answer = await fetch("command", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-XSRFToken": XSRF },
      body: JSON.stringify(request),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error?.message ?? answer.statusText);
    const problems = said.problems.map(({ name, problem }) => `${called(students.get(name) ?? { name })}: ${problem}`);
    const done = said.done.length === 1 ? called(students.get(said.done[0]) ?? { name: said.done[0] }) : count(said.done.length, "", "# students");
    set(at("outcome"), [`${what}: ${said.done.length ? done : "nobody"}.`, ...problems].join(" "));
    return true;
  } catch (error) {
    set(at("outcome"), `${what}: not done. ${error.message}`);
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

at("freeze").addEventListener("click", () => {
  if (board.class && board.class.frozen !== null) wish({ ask: "thaw" }, "Go on");
  else wish({ ask: "freeze", text: "" }, "Eyes on me");
});

at("tell").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("line").value.trim();
  if (!text) return at("line").focus();
  const to = at("to").value;
  if (await wish({ ask: "tell", text, names: to ? [to] : null }, `“${text}” sent to`)) at("line").value = "";
});

at("write").addEventListener("click", () => {
  at("to").value = openName();
  at("student").close();
  at("line").focus();
});

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
