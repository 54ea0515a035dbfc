// Everybody's eyes. What the teacher wants counts at once, before the board has told it back: a second click is the other wish.

import { at, board, set } from "./common.js";
import { wish } from "./wishes.js";

const TOLD_BACK_WITHIN = 3000; // ms in which the board tells the page what it has done
let wanted = null; // {frozen}: what was asked for and the board has not told back; null for nothing

function isFrozen() {
  const told = board.class.frozen !== null;
  if (wanted?.frozen === told) wanted = null;
  return wanted ? wanted.frozen : told;
}

export function showFrozen() {
  const frozen = isFrozen();
  const words = board.class.frozen ?? "eyes on me";
  set(at("freeze"), frozen ? "▶ Go on" : "◉ Eyes on me");
  at("freeze").toggleAttribute("data-frozen", frozen);
  at("frozen").hidden = !frozen;
  set(at("frozen").firstElementChild, frozen ? `Everybody is asked to look up: “${words}”. Press “Go on” when you are done.` : "");
}

async function toggle(event) {
  if (!board.class || event.detail > 1) return; // a double click is one wish
  const mine = { frozen: !isFrozen() };
  wanted = mine;
  showFrozen();
  const isDone = await (mine.frozen ? wish({ ask: "freeze", text: "" }, "Eyes on me") : wish({ ask: "thaw" }, "Go on"));
  setTimeout(() => { if (wanted === mine) { wanted = null; showFrozen(); } }, isDone ? TOLD_BACK_WITHIN : 0);
}

for (const button of [at("freeze"), at("go-on")]) button.addEventListener("click", toggle);
