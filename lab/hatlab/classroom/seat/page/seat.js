// The page of a seat: xterm.js on a socket that comes back by itself. Output and keys are bytes, the rest is JSON.
'use strict';
const page = document.documentElement.dataset;
const state = document.getElementById('state');
const place = document.getElementById('lab');
const over = document.getElementById('over');
const reader = document.getElementById('reader');
const encoder = new TextEncoder();
const FONT = 15, SMALLEST_FONT = 5, PASTE = 16384, LONGEST_COPY = 200000;
const terminal = new Terminal({
  allowProposedApi: true, cursorBlink: false, fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
  fontSize: FONT, scrollback: 0, macOptionIsMeta: true, macOptionClickForcesSelection: true,
  rightClickSelectsWord: false, disableStdin: page.part === 'watch', theme: {background: '#101014'},
});
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.loadAddon(new Unicode11Addon.Unicode11Addon());
terminal.unicode.activeVersion = '11';
terminal.open(place);

// what the seat says at least every ten seconds; a network that is gone says nothing
const SILENCE = 25000;

let socket = null, tries = 0, heard = 0, ended = false, isOver = false, others = [];

function say(text, trouble) {
  state.textContent = text;
  state.classList.toggle('trouble', Boolean(trouble));
}

function describe() {
  if (ended) return 'hatlab has ended';
  const looking = others.filter((other) => other.part === 'watch').map((other) => other.who);
  const helping = others.filter((other) => other.part === 'help').map((other) => other.who);
  if (page.part === 'watch') return `You are watching ${page.name}.`;
  if (page.part === 'help') return `You are helping ${page.name}: both of you type.`;
  if (helping.length) return `${helping.join(', ')} is helping: both of you type.`;
  if (looking.length) return `${looking.join(', ')} is watching.`;
  return '';
}

function send(message) {
  if (socket !== null && socket.readyState === WebSocket.OPEN) socket.send(message);
}

function sendSize() {
  const room = fit.proposeDimensions();
  if (room && room.rows && room.cols) send(JSON.stringify({size: [room.rows, room.cols]}));
}

function take(notice) {
  if (notice.over !== undefined) return finish(notice.over);
  const wasEnded = ended;
  others = notice.others;
  ended = notice.ended;
  if (notice.rows !== terminal.rows || notice.columns !== terminal.cols) terminal.resize(notice.columns, notice.rows);
  if (page.part === 'watch') shrink();
  say(describe(), ended);
  if (ended && !wasEnded) {
    const what = notice.failed ? 'hatlab has ended: why, it says above. Press Enter to try again.' :
      'You have left hatlab. Press Enter to start it again: you go on where you were.';
    terminal.write(`\r\n  ${what}\r\n`);
  }
}

// whoever only looks sees all of it, in letters as small as it takes
function shrink() {
  const screen = place.querySelector('.xterm-screen');
  if (!screen || !screen.offsetWidth) return;
  const share = Math.min(place.clientWidth / screen.offsetWidth, place.clientHeight / screen.offsetHeight);
  const size = Math.max(SMALLEST_FONT, Math.min(FONT, Math.floor(terminal.options.fontSize * share * 2) / 2));
  if (size !== terminal.options.fontSize) terminal.options.fontSize = size;
}

function finish(reason) {
  isOver = true;
  over.querySelector('p').textContent = reason;
  const button = over.querySelector('button');
  button.textContent = page.part === 'student' ? 'Open my lab again' : 'Look again';
  button.onclick = () => location.reload();
  if (!over.open) over.showModal();
  say('ended', true);
}

async function isGone() {
  try {
    const answer = await fetch('alive', {cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(SILENCE)});
    if (answer.status === 204) location.reload(); // it is another seat than the one that this page came from
    return answer.status !== 204 && answer.status < 500;
  } catch { return false; }
}

async function lost(event) {
  if (this !== socket) return;
  socket = null;
  if (isOver) return;
  if (event.code === 4009) return finish('Too many pages show this lab. Close some, then come back to this one.');
  tries += 1;
  const wait = Math.min(5, 0.5 * tries);
  say('The connection is lost. Your lab goes on; this page comes back by itself …', true);
  if (tries > 2 && await isGone()) return finish('This lab has ended. What you have done is kept.');
  setTimeout(connect, wait * 1000);
}

function connect() {
  const query = new URLSearchParams({_xsrf: page.xsrf});
  if (page.part === 'help') query.set('help', '');
  const address = new URL(`terminal?${query}`, location.href.replace(/[?#].*/, ''));
  address.protocol = address.protocol.replace('http', 'ws');
  socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  heard = Date.now(); // a network that has vanished opens nothing either
  socket.onopen = () => { tries = 0; ended = false; sendSize(); };
  socket.onmessage = (event) => {
    heard = Date.now();
    if (typeof event.data === 'string') take(JSON.parse(event.data));
    else terminal.write(new Uint8Array(event.data));
  };
  socket.onclose = lost;
}

function type(bytes) {
  for (let at = 0; at < bytes.length; at += PASTE) send(bytes.subarray(at, at + PASTE));
}

function setReader(on) {
  terminal.options.screenReaderMode = on;
  reader.setAttribute('aria-pressed', String(on));
  try { localStorage.setItem('hatlab-reader', on ? '1' : ''); } catch { /* a private window */ }
}

terminal.onData((text) => type(encoder.encode(text)));
terminal.onBinary((text) => type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
// what is marked is copied by the keys of the browser, even where a program would get them
terminal.attachCustomKeyEventHandler((event) => {
  const copies = event.type === 'keydown' && event.code === 'KeyC' && (event.ctrlKey || event.metaKey) && terminal.hasSelection();
  return !copies;
});
reader.onclick = () => { setReader(reader.getAttribute('aria-pressed') !== 'true'); terminal.focus(); };
new ResizeObserver(() => { if (page.part === 'watch') shrink(); else sendSize(); }).observe(place);
// hatlab copies by OSC 52: it may put text there, and never learns what is there
terminal.parser.registerOscHandler(52, (data) => {
  const text = data.slice(data.indexOf(';') + 1);
  if (text === '?' || text.length > LONGEST_COPY) return true;
  if (!navigator.clipboard) {
    say('This browser copies only what you mark: hold Shift, drag, then Ctrl+C.', true);
    return true;
  }
  let bytes;
  try { bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)); } catch { return true; } // no base64
  navigator.clipboard.writeText(new TextDecoder().decode(bytes)).catch(() => {});
  return true;
});
setInterval(() => {
  if (socket !== null && Date.now() - heard > SILENCE) {
    const silent = socket;
    silent.close();
    lost.call(silent, {code: 1006});
  }
}, 1000);
window.addEventListener('online', () => { if (socket === null && !isOver) connect(); });
try { if (localStorage.getItem('hatlab-reader')) setReader(true); } catch { /* a private window */ }
over.addEventListener('cancel', (event) => event.preventDefault());
connect();
terminal.focus();
