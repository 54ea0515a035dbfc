// All there is to one student, in a dialog.

import { STATES, at, called, count, fill, seat, set, span, students, task } from "./common.js";

let open = ""; // whose dialog is open

export const openName = () => open;

export function openStudent(name) {
  open = name;
  set(at("student-outcome"), "");
  showStudent();
  at("student").showModal();
}

export function showStudent() {
  const student = students.get(open);
  if (!student) return;
  const lesson = student.lesson;
  const here = student.state === "here";
  set(at("student-name"), called(student));
  const browsers = count(student.sockets, "# browser", "# browsers");
  set(at("student-state"), here ? [student.name, student.engine, browsers].filter(Boolean).join(" · ") : `${student.name} · ${STATES[student.state]}`);
  fill(at("student-reasons"), [...(student.trouble ? [`its seat sends what cannot be read: ${student.trouble}`] : []), ...student.reasons].map((text) => ["li", text]));
  const facts = [];
  if (lesson) {
    facts.push(["Lesson", `${lesson.title}, step ${lesson.step} of ${lesson.steps}`], ["Working on", task(student)]);
    facts.push(["Tasks", `${lesson.solved} of ${lesson.tasks} done`], ["Hints, wrong tries", `${lesson.hints}, ${lesson.wrong}`]);
    facts.push(["Lab", `${lesson.glyph} ${lesson.lab}${lesson.paused ? " · its time is paused" : ""}`]);
    if (lesson.clock) facts.push(["Clock", `${span(lesson.clock.seconds)} of ${span(lesson.clock.limit)}`]);
    if (lesson.frozen !== null) facts.push(["Looks up", lesson.frozen]);
  }
  fill(at("student-facts"), facts.flatMap(([term, text]) => [["dt", term], ["dd", text]]));
  const predictions = lesson ? lesson.predictions : [];
  fill(at("student-predictions"), predictions.flatMap(({ ask, answer }) => [["dt", ask], ["dd", answer]]));
  at("student-predictions-title").hidden = !predictions.length;
  for (const id of ["watch", "help"]) {
    at(id).href = seat(open, id);
    at(id).toggleAttribute("aria-disabled", !here);
  }
  for (const id of ["write", "restart", "reset", "end"]) at(id).disabled = !here;
}

at("student").addEventListener("close", () => { open = ""; });
for (const link of [at("watch"), at("help")])
  link.addEventListener("click", (event) => { if (link.hasAttribute("aria-disabled")) event.preventDefault(); });
