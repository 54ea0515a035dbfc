// What keys do, wherever the page has the focus but in a field of its own.

const STEP = 1000;
const LONG_STEP = 10000;

function listenToKeys(clock, timeline, goToEvent) {
  const actions = {
    " ": () => clock.toggle(),
    ArrowLeft: (event) => clock.seek(clock.at - (event.shiftKey ? LONG_STEP : STEP)),
    ArrowRight: (event) => clock.seek(clock.at + (event.shiftKey ? LONG_STEP : STEP)),
    Home: () => clock.seek(0),
    End: () => clock.seek(clock.ends),
    ",": () => goToEvent(-1),
    ".": () => goToEvent(1),
    "<": () => clock.changeSpeed(-1),
    ">": () => clock.changeSpeed(1),
    "-": () => timeline.changeZoom(-1),
    "+": () => timeline.changeZoom(1),
    "=": () => timeline.changeZoom(1),
    0: () => clock.setSpeed(10),
  };
  for (let digit = 1; digit <= 9; digit++) actions[digit] = () => clock.setSpeed(digit);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const { target } = event;
    if (target.closest("select, input, textarea")) return;
    if (event.key === " " && target.closest("button, summary, a")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
