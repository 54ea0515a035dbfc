// The timeline: a lane for each node, address, client and condition; dragging over it chooses the moment.

const ZOOMS = [1, 2, 4, 8, 16, 32, 64, 128];
const TICKS = [100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5, 72e5, 144e5];
const TICK_ROOM = 84; // pixels from one label of the ruler to the next
const LETTER = 8; // pixels of a letter in a box, and of the room beside its word
const GLYPH_ROOM = 17;

class TimelineView {
  constructor(film, clock, format) {
    Object.assign(this, { film, clock, format, zoom: 0, labels: [] });
    this.scroll = document.getElementById("lane-scroll");
    this.inner = document.getElementById("scrub");
    this.inner.setAttribute("aria-valuemax", film.ends / 1000);
    this.ruler = make("div", "ruler");
    this.cursor = make("div", "playhead");
    this.inner.append(this.ruler, ...film.lanes.map((lane) => this.makeLane(lane)));
    this.inner.append(...(film.marks.length ? [this.makeMarks()] : []), this.cursor);
    const titles = ["", ...film.lanes.map(({ title }) => title), ...(film.marks.length ? ["actions"] : [])];
    document.getElementById("lane-titles").append(...titles.map((title) => make("div", "", title)));
    this.listen();
    new ResizeObserver(() => this.drawScale()).observe(this.scroll);
  }

  share(at) {
    return `${(at * 100) / this.film.ends}%`;
  }

  makeLane({ title, boxes }) {
    const lane = make("div", "lane");
    for (const [began, ended, style, text] of boxes) {
      const label = make("span");
      this.labels.push({ label, text, glyph: this.film.glyphs[style] ?? "", share: (ended - began) / this.film.ends });
      const box = make("div", `box ${style}`, label, {
        title: `${title}: ${text || title}, ${this.format.write(began, 3)} to ${this.format.write(ended, 3)}`,
      });
      box.style.left = this.share(began);
      box.style.width = this.share(ended - began);
      lane.append(box);
    }
    return lane;
  }

  makeMarks() {
    const { marks, ends } = this.film;
    const lane = make("div", "lane marks");
    marks.forEach(([at, text, phase], number) => {
      const mark = make("div", `mark is-${phase}`, make("span", "", text), {
        title: `${text}, ${this.format.write(at, 3)}`,
      });
      mark.style.left = this.share(at);
      mark.style.width = this.share((marks[number + 1]?.[0] ?? ends) - at);
      lane.append(mark);
    });
    return lane;
  }

  listen() {
    let dragging = false;
    const choose = (event) => {
      const { left, width } = this.inner.getBoundingClientRect();
      this.clock.seek(((event.clientX - left) / width) * this.film.ends);
    };
    this.inner.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      dragging = true;
      this.inner.setPointerCapture(event.pointerId);
      this.inner.focus({ preventScroll: true });
      choose(event);
      event.preventDefault();
    });
    this.inner.addEventListener("pointermove", (event) => dragging && choose(event));
    for (const end of ["pointerup", "pointercancel"]) this.inner.addEventListener(end, () => (dragging = false));
    this.scroll.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.changeZoom(event.deltaY < 0 ? 1 : -1);
    }, { passive: false });
  }

  /** Show less (1) or more (-1) time, around the moment that is shown. */
  changeZoom(way) {
    this.zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.zoom + way));
    this.inner.style.width = `${ZOOMS[this.zoom] * 100}%`;
    this.drawScale();
    this.scroll.scrollLeft = (this.clock.at / this.film.ends) * this.inner.clientWidth - this.scroll.clientWidth / 2;
  }

  drawScale() {
    const { ends } = this.film;
    const width = this.inner.clientWidth || 1;
    const step = TICKS.find((tick) => (tick / ends) * width >= TICK_ROOM) ?? TICKS[TICKS.length - 1] * 2;
    const offset = this.format.dayStart === null ? 0 : this.format.dayStart % step;
    const ticks = [];
    for (let at = offset ? step - offset : 0; at <= ends; at += step) {
      const tick = make("span", "", this.format.write(at, step < 1000 ? 1 : 0));
      tick.style.left = this.share(at);
      ticks.push(tick);
    }
    this.ruler.replaceChildren(...ticks);
    for (const { label, text, glyph, share } of this.labels) {
      const room = share * width;
      setText(label, room > (text.length + 2) * LETTER ? text : room > GLYPH_ROOM ? glyph : "");
    }
  }

  show({ at, playing }, sought) {
    this.cursor.style.left = this.share(at);
    const place = (at / this.film.ends) * this.inner.clientWidth;
    const { scrollLeft, clientWidth } = this.scroll;
    if ((playing || sought) && (place < scrollLeft || place > scrollLeft + clientWidth - 24)) {
      this.scroll.scrollLeft = place - clientWidth / 4;
    }
    this.inner.setAttribute("aria-valuenow", Math.round(at) / 1000);
    if (!playing) this.inner.setAttribute("aria-valuetext", this.describe(at));
  }

  /** Return what was true at a moment in words. */
  describe(at) {
    const values = this.film.lanes.flatMap(({ title, boxes }) => {
      const box = boxes.find(([began, ended]) => began <= at && at < ended);
      return box ? [box[3] ? `${title} ${box[3]}` : title] : [];
    });
    return [this.format.write(at), ...values].join(", ");
  }

  /** Return what began between two moments, in words. */
  changes(after, at) {
    const boxes = this.film.lanes.flatMap(({ title, boxes: all }) =>
      all.filter(([began]) => after < began && began <= at).map((box) => (box[3] ? `${title} ${box[3]}` : title)),
    );
    const marks = this.film.marks.filter(([began]) => after < began && began <= at).map(([, text]) => text);
    return [...marks, ...boxes];
  }
}
