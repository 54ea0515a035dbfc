// The board's page: what the board tells, and where it goes. Nothing but text comes from it.

import { XSRF, at, board, called, noteNames, rows, set, students } from "./common.js";
import { showClass } from "./overview.js";
import { arrange, makeRow, showRow, showTimes } from "./rows.js";
import { showStudent } from "./student.js";
import { showNames } from "./wishes.js";

const QUIET_FOR = 15000; // ms between two things that a screen reader says by itself

function take(changes) {
  board.clockAhead = changes.now - Date.now() / 1000;
  board.version = changes.version;
  for (const student of changes.students) students.set(student.name, student);
  if (changes.students.length) noteNames();
  for (const student of changes.students) {
    if (!rows.has(student.name)) rows.set(student.name, makeRow(student.name));
    showRow(student);
  }
  if (changes.class) board.class = changes.class;
  if (!board.class) return;
  showClass();
  showNames();
  arrange();
  showStudent();
  announce();
}

// Only who newly needs help is said by itself, and not all the time.
let needed = new Set();
let waitsToSay = new Set();
let saidAt = -QUIET_FOR;

function announce() {
  const needing = new Set([...students.values()].filter((student) => student.need === "help").map(({ name }) => name));
  for (const name of needing) if (!needed.has(name)) waitsToSay.add(name);
  waitsToSay = new Set([...waitsToSay].filter((name) => needing.has(name)));
  needed = needing;
  const isUnheard = document.querySelector("dialog[open]") !== null; // a screen reader knows of nothing beside it
  if (!waitsToSay.size || isUnheard || Date.now() - saidAt < QUIET_FOR) return;
  saidAt = Date.now();
  const names = [...waitsToSay].map((name) => called(students.get(name)));
  waitsToSay = new Set();
  set(at("news"), `${names.join(", ")} ${names.length === 1 ? "needs" : "need"} help.`);
}

setInterval(() => {
  for (const student of students.values()) if (rows.has(student.name)) showTimes(student);
  if (board.class) arrange();
  announce();
}, 1000);

// -- the connection: a websocket, or else a look every second. The board says something at least every five seconds.

const SILENCE = 12000; // ms without a word after which the connection is taken for dead, whatever the browser believes
const NO_CONNECTION = "No connection to the board: what you see may be old. Trying again …";
let failures = 0;
let line = null; // the websocket in use; null while there is none
let heardAt = 0;

function connect() {
  const socket = new WebSocket(new URL("live", location.href).href.replace(/^http/, "ws"));
  let opened = false;
  line = socket;
  heardAt = Date.now();
  socket.onopen = () => { opened = true; };
  socket.onmessage = (event) => {
    if (line !== socket) return;
    set(at("connection"), "");
    failures = 0;
    heardAt = Date.now();
    take(JSON.parse(event.data));
  };
  socket.onclose = () => {
    if (line !== socket) return;
    line = null;
    failures += 1;
    if (!opened && failures > 1) return poll();
    set(at("connection"), NO_CONNECTION);
    setTimeout(connect, Math.min(5000, 500 * 2 ** failures));
  };
}

// A network that has vanished closes nothing: so silence is looked for.
setInterval(() => {
  if (line === null || Date.now() - heardAt < SILENCE) return;
  const silent = line;
  silent.close();
  silent.onclose();
}, 1000);
window.addEventListener("offline", () => set(at("connection"), NO_CONNECTION));

let polls = 0;

async function poll() {
  try {
    const answer = await fetch(`changes?since=${board.version}`, { headers: { "X-XSRFToken": XSRF }, signal: AbortSignal.timeout(SILENCE) });
    if (answer.status === 403) return logIn();
    if (!answer.ok) throw new Error(answer.statusText);
    take(await answer.json());
    sessionStorage.removeItem("reloaded");
    set(at("connection"), "");
    polls += 1;
  } catch {
    set(at("connection"), NO_CONNECTION);
  }
  if (polls % 30 === 29) return setTimeout(connect, 1000); // perhaps a websocket passes by now
  setTimeout(poll, 1000);
}

// The hub knows this browser: loading the page anew is a login, unless the link counts no more.
function logIn() {
  if (sessionStorage.getItem("reloaded")) set(at("connection"), "You are no longer logged in. Open your link again.");
  else { sessionStorage.setItem("reloaded", "1"); location.reload(); }
}

connect();
