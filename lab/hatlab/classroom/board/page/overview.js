// The class as a whole: where they are, and what they predicted.

import { at, board, called, count, set, students } from "./common.js";
import { showFrozen } from "./freeze.js";

export function showClass() {
  const all = board.class;
  const parts = [`${all.present} of ${all.students} here`];
  if (all.needing) parts.push(count(all.needing, "# needs help", "# need help"));
  if (all.finished) parts.push(`${all.finished} done`);
  set(at("summary"), parts.join(" · "));
  set(at("notice"), all.notice);
  showFrozen();
  showPlaces(all.places);
  showQuestions(all.questions);
}

function showPlaces(places) {
  const list = at("places");
  const text = JSON.stringify(places);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.replaceChildren(...places.map((place) => {
    const item = document.createElement("li");
    const who = place.names.map((name) => called(students.get(name) ?? { name })).join(", ");
    const needing = document.createElement("span");
    needing.className = "needing";
    needing.textContent = place.needing ? ` · ⚑ ${place.needing}` : "";
    const small = document.createElement("small");
    small.textContent = who;
    const where = place.task || (place.step ? "between two steps" : "at the beginning");
    const what = place.step ? `${place.title}, step ${place.step}: ${where}` : `${place.title}: ${where}`;
    item.append(`${place.names.length} at `, what, needing, document.createElement("br"), small);
    return item;
  }));
  if (!places.length) list.replaceChildren("Nobody is in a lesson yet.");
}

function showQuestions(questions) {
  const box = at("questions");
  const text = JSON.stringify(questions);
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  const known = new Map([...box.querySelectorAll("details")].map((each) => [each.dataset.id, each]));
  const shown = questions.map((question, place) => {
    const details = known.get(question.id) ?? makeQuestion(question.id, place === 0);
    set(details.querySelector("summary"), `${question.ask} (${question.answers})`);
    const bars = details.querySelector("dl");
    const most = Math.max(1, ...question.bars.map((bar) => bar.count));
    while (bars.children.length > 2 * question.bars.length) bars.lastElementChild.remove();
    question.bars.forEach((bar, n) => {
      if (!bars.children[2 * n]) bars.append(document.createElement("dt"), makeBar());
      set(bars.children[2 * n], bar.label);
      const value = bars.children[2 * n + 1];
      value.firstElementChild.style.width = `${(100 * bar.count) / most}%`;
      set(value.lastElementChild, `${bar.count}`);
    });
    return details;
  });
  if (!shown.length) box.replaceChildren("Nobody has predicted anything yet.");
  else if (shown.some((each, n) => box.children[n] !== each) || box.childNodes.length !== shown.length) box.replaceChildren(...shown);
}

function makeQuestion(id, isOpen) {
  const details = document.createElement("details");
  details.dataset.id = id;
  details.open = isOpen;
  const bars = document.createElement("dl");
  bars.className = "bars";
  details.append(document.createElement("summary"), bars);
  return details;
}

function makeBar() {
  const value = document.createElement("dd");
  const bar = document.createElement("span");
  bar.className = "bar";
  value.append(bar, document.createElement("span"));
  return value;
}
