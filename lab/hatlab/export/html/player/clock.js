// The moment that is shown, how it moves, and how it is written.

const CALM = matchMedia("(prefers-reduced-motion: reduce)"); // motion is not wanted
const REDRAW_CALMLY = 500; // milliseconds between two pictures then

/** Write a moment as hatlab does: 1:02.4, or of an incident the time of day. Decimals are cut, as on any clock. */
class MomentFormat {
  constructor(dayStart) {
    this.dayStart = dayStart;
  }

  write(at, digits = 1) {
    const isDay = this.dayStart !== null;
    const whole = Math.max(0, Math.round(isDay ? (at + this.dayStart) % 86400000 : at));
    const seconds = Math.floor(whole / 1000);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (number) => String(number).padStart(2, "0");
    const head = isDay ? `${two(hours)}:${two(minutes)}` : hours ? `${hours}:${two(minutes)}` : `${minutes}`;
    const tail = digits ? `.${String(whole % 1000).padStart(3, "0").slice(0, digits)}` : "";
    return `${head}:${two(seconds % 60)}${tail}`;
  }
}

/** Plays: calls its listeners with each moment that is to be shown. */
class Clock {
  constructor(ends, speeds) {
    this.ends = ends;
    this.speeds = speeds;
    this.at = 0;
    this.speed = 1;
    this.playing = false;
    this.listeners = [];
  }

  /** Call `listener(clock, sought)` for each moment; `sought`: it was chosen, and not come to by playing. */
  listen(listener) {
    this.listeners.push(listener);
  }

  tell(sought) {
    for (const listener of this.listeners) listener(this, sought);
  }

  seek(at) {
    this.at = Math.min(Math.max(0, at), this.ends);
    this.tell(true);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.tell(false);
  }

  /** Take the next faster (1) or slower (-1) speed. */
  changeSpeed(way) {
    const others = this.speeds.filter((speed) => (way > 0 ? speed > this.speed : speed < this.speed));
    if (others.length) this.setSpeed(way > 0 ? others[0] : others[others.length - 1]);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing) return;
    if (this.at >= this.ends) this.at = 0;
    this.playing = true;
    let last = performance.now();
    const step = (now) => {
      if (!this.playing) return;
      if (!CALM.matches || now - last >= REDRAW_CALMLY) {
        this.at = Math.min(this.ends, this.at + Math.max(0, now - last) * this.speed);
        last = now;
        if (this.at >= this.ends) this.playing = false;
        this.tell(false);
      }
      if (this.playing) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    this.tell(false);
  }

  pause() {
    this.playing = false;
    this.tell(false);
  }
}
