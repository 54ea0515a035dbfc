// Puts the player together. Where the browser cannot open the run, the report stands as it is.

const TELL_EVERY = 1500; // milliseconds between two sentences for who listens to the page

async function startPlayer() {
  const film = await readFilm();
  film.packets.moments = momentsOf(film.packets.at);
  const clock = new Clock(film.ends, film.speeds);
  const format = new MomentFormat(film.dayStart);
  document.getElementById("player").hidden = false;
  document.documentElement.classList.add("has-player");
  document.documentElement.classList.toggle("of-day", film.dayStart !== null);
  const map = new MapView(film);
  const timeline = new TimelineView(film, clock, format);
  const packets = new PacketsView(film, clock, format);
  for (const view of [map, timeline, packets]) clock.listen((now, sought) => view.show(now, sought));
  new ReportView(clock);
  const goToEvent = (way) => {
    const number = way > 0 ? lastAt(film.moments, clock.at) + 1 : lastAt(film.moments, Math.ceil(clock.at) - 1);
    clock.pause();
    clock.seek(film.moments[number] ?? (way > 0 ? film.ends : 0));
  };
  listenToButtons(clock, timeline, format, goToEvent);
  listenToKeys(clock, timeline, goToEvent);
  tellChanges(clock, timeline, format);
  clock.seek(momentAsked(location.href) ?? film.start);
  followAddress(clock);
}

function listenToButtons(clock, timeline, format, goToEvent) {
  const button = (id, action) => document.getElementById(id).addEventListener("click", action);
  button("previous", () => goToEvent(-1));
  button("next", () => goToEvent(1));
  button("play", () => clock.toggle());
  button("zoom-in", () => timeline.changeZoom(1));
  button("zoom-out", () => timeline.changeZoom(-1));
  button("theme", () => {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const { dataset } = document.documentElement;
    dataset.theme = (dataset.theme ?? (isDark ? "dark" : "light")) === "dark" ? "light" : "dark";
  });
  const speed = document.getElementById("speed");
  speed.addEventListener("change", () => clock.setSpeed(Number(speed.value)));
  const play = document.getElementById("play");
  const face = document.getElementById("clock");
  clock.listen(() => {
    setText(play, clock.playing ? "‖" : "▶");
    play.setAttribute("aria-label", clock.playing ? "pause" : "play");
    setText(face, `${format.write(clock.at)} / ${format.write(clock.ends)}`);
    if (Number(speed.value) === clock.speed) return;
    const speeds = [...new Set([...clock.speeds, clock.speed])].sort((a, b) => a - b);
    speed.replaceChildren(...speeds.map((each) => make("option", "", `${each}×`, { value: each })));
    speed.value = clock.speed;
  });
}

/** Say what changes, for who listens to the page: while it plays not too often, after a choice at once. */
function tellChanges(clock, timeline, format) {
  const place = document.getElementById("told");
  let last = 0;
  let told = 0;
  let timer = 0;
  const tell = () => {
    timer = 0;
    const changes = timeline.changes(last, clock.at);
    last = clock.at;
    told = performance.now();
    if (changes.length) setText(place, `${format.write(clock.at)}: ${changes.slice(-4).join(", ")}`);
  };
  clock.listen((now, sought) => {
    if (sought) last = now.at - 1;
    if (now.at < last) last = now.at;
    timer ||= setTimeout(tell, Math.max(100, TELL_EVERY - (performance.now() - told)));
  });
}

startPlayer();
