// The map: nodes, the wires between them with adverts that cross, the clients beneath.

const FEW_NODES = 4; // nodes up to which each has a box with room
const FASTEST_FLIGHT = 10; // a speed above which nobody could follow an advert

class MapView {
  constructor(film) {
    const { tracks, values, wires } = film.scenes;
    this.film = film;
    this.tracks = Object.fromEntries(
      Object.entries(tracks).map(([name, track]) => [name, new StepTrack(track, values)]),
    );
    this.shown = {};
    this.element = document.getElementById("map");
    this.element.classList.toggle("pair", film.nodes.length === 2);
    this.nodes = new Map(film.nodes.map((name) => [name, new NodeBox(name)]));
    this.wires = new Map(wires.map(([name, nodes]) => [name, new Wire(nodes, film.nodes.length === 2)]));
    this.clients = new Map(film.clients.map((name) => [name, make("div", "client")]));
    const boxes = [...this.nodes.values()].map((node) => node.element);
    const cables = make("div", "wires", [...this.wires.values()].map((wire) => wire.element));
    this.element.classList.toggle("are-many", boxes.length > FEW_NODES);
    const all = boxes.length === 2 ? [boxes[0], cables, boxes[1]] : [make("div", "nodes", boxes), cables];
    this.element.append(...all, make("div", "clients", [...this.clients.values()]));
    this.flights = new Flights(film);
    keepHeight(this.element.parentElement);
  }

  /** Call `draw` with a track's value if another one is drawn now. */
  update(name, at, draw) {
    const value = this.tracks[name]?.at(at) ?? null;
    if (this.shown[name] === value || (value === null && !(name in this.shown))) return;
    this.shown[name] = value;
    draw(value);
  }

  show(clock) {
    const { at } = clock;
    for (const [name, node] of this.nodes) {
      this.update(`node ${name}`, at, (scene) => node.draw(scene));
      node.count(this.tracks[`timers ${name}`]?.at(at) ?? [], at);
    }
    for (const [name, wire] of this.wires) {
      this.update(`wire ${name}`, at, (scene) => wire.draw(scene));
      wire.fly(clock.speed > FASTEST_FLIGHT ? new Map() : this.flights.at(name, at, clock.speed), this.film);
    }
    for (const [name, line] of this.clients) {
      this.update(`client ${name}`, at, (scene) => drawClient(line, scene));
    }
    this.update("banner", at, drawBanner);
    this.update("status", at, drawStatus);
  }
}

class NodeBox {
  constructor(name) {
    this.title = make("h3", "", name);
    this.rows = make("div", "rows");
    this.timers = make("div", "timers");
    this.answers = make("p", "answers");
    this.element = make("section", "node", [this.title, this.rows, this.timers, this.answers], {
      "aria-label": name,
    });
    this.name = name;
  }

  draw(scene) {
    this.element.className = scene ? `node is-${scene.tone}` : "node";
    const more = scene ? ` ${scene.octet}${scene.power ? ` · ${scene.power}` : ""}` : "";
    this.title.replaceChildren(this.name, make("small", "", more));
    this.rows.replaceChildren(...(scene?.rows ?? []).map((row) => makeRow(row)));
    setText(this.answers, scene?.answers ?? "");
  }

  /** Show each countdown as the screen does: in fifths of a second, and as a bar. */
  count(timers, at) {
    while (this.timers.children.length < timers.length) {
      const bar = make("span", "bar", make("i"));
      this.timers.append(make("div", "row timer", [make("span", "t-quiet"), bar]));
    }
    [...this.timers.children].forEach((line, number) => {
      show(line, number < timers.length);
      if (number >= timers.length) return;
      const [ends, whole] = timers[number];
      const left = Math.max(0, Math.round((ends - at) / 200) / 5);
      setText(line.firstChild, `◔ takeover in ${left.toFixed(1)} s`);
      line.classList.toggle("is-late", left * 1000 < whole / 2);
      line.lastChild.firstChild.style.width = `${whole ? Math.min(100, (left * 100000) / whole) : 0}%`;
    });
  }
}

class Wire {
  constructor(nodes, isBetween) {
    this.title = make("p", "wire-title");
    this.lines = new Map(nodes.map((node, number) => [node, new WireLine(isBetween && number === 1)]));
    this.element = make("div", "wire", [this.title, ...[...this.lines.values()].map((line) => line.element)]);
  }

  draw(scene) {
    const [title, style] = scene?.title ?? ["", ""];
    this.title.replaceChildren(makePiece(title, style));
    for (const sender of scene?.senders ?? []) this.lines.get(sender.node)?.draw(sender);
  }

  fly(flights, film) {
    for (const [node, line] of this.lines) line.fly(flights.get(node), film);
  }
}

class WireLine {
  constructor(toLeft) {
    this.toLeft = toLeft;
    this.cut = make("b", "scissors", "✂");
    this.advert = make("b", "flight");
    this.cable = make("div", `cable${this.toLeft ? " to-left" : ""}`, [this.cut, this.advert]);
    this.caption = make("p", "caption");
    this.element = make("div", "wire-line", [this.cable, this.caption]);
    this.draw({ look: "silent", sent: false, lost: null, caption: ["", ""] });
  }

  draw({ look, sent, lost, caption }) {
    this.element.className = `wire-line is-${look}${sent ? "" : " is-mute"}`;
    this.caption.replaceChildren(makePiece(...caption));
    show(this.cut, lost !== null);
    if (lost !== null) this.place(this.cut, lost);
  }

  place(element, share) {
    element.style[this.toLeft ? "right" : "left"] = `${share * 100}%`;
    element.style.transform = `translateX(${(this.toLeft ? share : -share) * 100}%)`;
  }

  /** Draw an advert on its way, or the cross where it died. */
  fly(flight, film) {
    const isLost = flight && flight.lost >= 0 && flight.share >= flight.lost;
    show(this.advert, Boolean(flight) && (isLost || flight.share <= 1));
    if (this.advert.hidden) return;
    this.advert.className = `flight${isLost ? " is-lost" : flight.priority ? "" : " is-leaving"}`;
    setText(this.advert, isLost ? "╳" : String(flight.priority));
    this.place(this.advert, isLost ? flight.lost : CALM.matches ? 0.5 : flight.share);
  }
}

/** Adverts under way at a moment. Each needs `travel` of the reader's time, whatever the speed. */
class Flights {
  constructor(film) {
    this.travel = film.travel;
    this.linger = film.linger;
    this.packets = film.packets;
  }

  /** Return of each sender on a network its latest advert that can be seen. */
  at(network, at, speed) {
    const pace = Math.max(1, speed);
    const { moments, flight, row, rows } = this.packets;
    const seen = new Map();
    for (let number = lastAt(moments, at); number >= 0; number--) {
      const age = (at - moments[number]) / pace;
      if (age > this.travel + this.linger) break;
      const { from, network: where, priority } = rows[row[number]];
      const lost = flight[number];
      if (lost === null || where !== network || seen.has(from)) continue;
      if (age <= this.travel || lost >= 0) seen.set(from, { priority, lost, share: age / this.travel });
    }
    return seen;
  }
}

function drawClient(line, scene) {
  line.className = scene?.out ? "client is-out" : "client";
  line.replaceChildren(...(scene?.rows ?? []).map((row) => makeRow(row)));
}

function drawBanner(sentences) {
  const banner = document.getElementById("banner");
  show(banner, Boolean(sentences?.length));
  banner.replaceChildren(...(sentences ?? []).map((sentence) => make("span", "", sentence)));
}

function drawStatus(status) {
  const line = document.getElementById("status");
  show(line, Boolean(status?.[0]));
  if (status) line.replaceChildren(makePiece(...status));
}
