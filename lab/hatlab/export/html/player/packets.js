// The list of packets, of which only what can be seen is drawn, and one packet byte by byte.

const ROW_HEIGHT = 26;
const NARROW = matchMedia("(max-width: 640px)"); // as in the style sheet

class PacketsView {
  constructor(film, clock, format) {
    Object.assign(this, { film, clock, format, packets: film.packets, chosen: -1, current: -1 });
    this.list = document.getElementById("packet-list");
    this.rows = document.getElementById("packet-rows");
    this.detail = document.getElementById("packet");
    const titles = ["time", "Δ s", "from", "network", "packet", ...this.packets.columns];
    document.getElementById("packet-head").append(...titles.map((title) => make("span", "", title)));
    for (const element of [this.list, document.getElementById("packet-head")]) {
      element.style.setProperty("--nodes", this.packets.columns.length);
    }
    this.rows.style.height = `${this.packets.row.length * ROW_HEIGHT}px`;
    this.list.addEventListener("scroll", () => this.draw(), { passive: true });
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-number]");
      if (row) this.choose(Number(row.dataset.number));
    });
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    const note = document.getElementById("packets-note");
    show(note, this.packets.gone > 0 || !this.packets.row.length);
    setText(note, this.packets.gone ? `These are the last ${this.packets.row.length} of ${this.packets.row.length + this.packets.gone} packets.` : "No packet was captured.");
    show(this.list.parentElement.parentElement, this.packets.row.length > 0);
    new ResizeObserver(() => this.draw()).observe(this.list);
  }

  onKey(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW_HEIGHT) - 1);
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page }[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.chosen >= 0 ? this.chosen : this.current;
    this.choose(Math.min(this.packets.row.length - 1, Math.max(0, from + step)));
  }

  /** Choose a packet: explain it, and show the moment at which it was sent. */
  choose(number) {
    if (number < 0) return;
    this.clock.pause();
    this.chosen = number;
    this.clock.seek(this.packets.moments[number]);
    this.current = number; // of several at one moment, this one
    this.reveal(number);
    this.explain(number);
    this.draw();
  }

  show({ at }) {
    const current = lastAt(this.packets.moments, at);
    if (current === this.current) return;
    this.current = current;
    if (this.chosen >= 0 && this.packets.moments[this.chosen] !== this.packets.moments[current]) this.chosen = -1;
    if (current >= 0) this.reveal(current);
    this.draw();
  }

  reveal(number) {
    const top = number * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.list.scrollTop = top + ROW_HEIGHT - clientHeight;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW_HEIGHT) - 2);
    const last = Math.min(this.packets.row.length, first + Math.ceil(this.list.clientHeight / ROW_HEIGHT) + 4);
    const drawn = [];
    for (let number = first; number < last; number++) drawn.push(this.makeLine(number));
    this.rows.replaceChildren(...drawn);
    const active = this.chosen >= 0 ? this.chosen : this.current;
    if (active >= first && active < last) this.list.setAttribute("aria-activedescendant", `packet-${active}`);
    else this.list.removeAttribute("aria-activedescendant");
  }

  makeLine(number) {
    const row = this.packets.rows[this.packets.row[number]];
    const isLater = this.packets.moments[number] > this.clock.at;
    const looks = [number === this.current && "is-current", number === this.chosen && "is-chosen", isLater && "is-later"];
    const title = make("span", `title ${row.tone ? `t-${row.tone}` : ""}`, NARROW.matches ? row.short : row.title);
    if (row.defects) title.append(make("b", "t-fault", ` ${row.defects}`));
    const cells = [
      make("span", "time", this.format.write(this.packets.moments[number], 3)),
      make("span", "gap", this.writeGap(number, row)),
      make("span", "from", row.from),
      make("span", "network", row.network),
      title,
      ...row.arrived.map(([text, outcome]) => make("span", `arrival is-${outcome}`, text)),
    ];
    const line = make("div", ["packet-row", ...looks.filter(Boolean)].join(" "), cells, {
      role: "option",
      id: `packet-${number}`,
      "aria-selected": number === this.chosen,
      "aria-setsize": this.packets.row.length,
      "aria-posinset": number + 1,
      "data-number": number,
    });
    line.style.top = `${number * ROW_HEIGHT}px`;
    return line;
  }

  /** Write how long after the sender's last advert it came, or after another's whose place it took. */
  writeGap(number, row) {
    const gap = this.packets.gap[number];
    return gap === null ? "" : `${row.after ? "↳" : "+"}${(gap / 1000).toFixed(3)}`;
  }

  explain(number) {
    const row = this.packets.rows[this.packets.row[number]];
    const frame = this.packets.frame[number];
    const fields = this.packets.fieldsOf[frame].map((field) => this.readField(this.packets.fields[field]));
    const hex = this.packets.frames[frame];
    const bytes = Array.from({ length: hex.length >> 1 }, (_, at) => make("span", "", hex.substr(at * 2, 2)));
    const says = make("p", "says");
    const buttons = fields.map((field) => this.makeField(field, bytes, says));
    const parts = [];
    fields.forEach((field, at) => {
      if (field.layer !== fields[at - 1]?.layer) parts.push(make("h4", "", field.layer, { title: this.packets.layers[field.layer] ?? "" }));
      parts.push(buttons[at]);
    });
    this.detail.replaceChildren(
      make("h3", "", `${row.title}`),
      make("p", "quiet", `from ${row.from} on ${row.network} at ${this.format.write(this.packets.moments[number], 3)}, ${bytes.length} bytes`),
      ...row.story.map((line) => makeRow(line)),
      make("div", "fields", parts),
      says,
      make("div", "bytes", bytes, { "aria-label": "bytes" }),
    );
    const first = Math.max(0, fields.findIndex((field) => field.wrong));
    if (fields.length) this.point(fields[first], buttons, buttons[first], bytes, says);
  }

  readField([layer, name, value, offset, length, text, wrong]) {
    const { texts } = this.packets;
    return { layer: texts[layer], name: texts[name], value, offset, length, text: texts[text], wrong: Boolean(wrong) };
  }

  makeField(field, bytes, says) {
    const button = make("button", field.wrong ? "field is-wrong" : "field", [
      make("span", "name", `${field.wrong ? "✖ " : ""}${field.name}`),
      make("span", "value", field.value),
    ], { type: "button" });
    const point = () => this.point(field, button.parentElement.querySelectorAll(".field"), button, bytes, says);
    for (const kind of ["click", "focus", "pointerenter"]) button.addEventListener(kind, point);
    return button;
  }

  /** Let a field's bytes stand out, and say what it is. */
  point(field, buttons, button, bytes, says) {
    for (const other of buttons) other.setAttribute("aria-pressed", other === button);
    bytes.forEach((byte, at) => byte.classList.toggle("is-chosen", at >= field.offset && at < field.offset + field.length));
    says.replaceChildren(make("b", "", `${field.name} ${field.value}`), ` ${field.text}`);
  }
}
