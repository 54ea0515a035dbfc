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

at("reset").addEventListener("click", async () => {
  const name = openName();
  const who = called(students.get(name));
  if (await ask(`Reset the lab of ${who}?`, "Every fault, edit and row in it is undone. What was answered and ticked stays.", "Reset the lab"))
    wish({ ask: "reset", names: [name] }, "Reset");
});

at("end").addEventListener("click", async () => {
  const name = openName();
  const who = called(students.get(name));
  if (await ask(`End the seat of ${who}?`, "Their lab is removed. Progress is kept, and their link opens a new seat.", "End the seat"))
    wish({ ask: "end", names: [name] }, "Ended");
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
