// The report beneath: its times lead to their moments, what is true now stands out, the latest reason is shown above.

class ReportView {
  constructor(clock) {
    this.entries = [...document.querySelectorAll("[data-at]")];
    this.moments = this.entries.map((entry) => Math.round(Number(entry.dataset.at) * 1000));
    this.entries.forEach((entry, number) => linkTime(entry, this.moments[number]));
    this.events = this.entries.filter((entry) => entry.matches("li"));
    this.eventMoments = this.events.map((entry) => Math.round(Number(entry.dataset.at) * 1000));
    this.reasons = this.events.filter((entry) => entry.querySelector(".reason"));
    this.reasonMoments = this.reasons.map((entry) => Math.round(Number(entry.dataset.at) * 1000));
    this.current = null;
    this.reason = undefined;
    this.why = document.getElementById("why");
    clock.listen((now) => this.show(now));
  }

  show({ at }) {
    const current = this.events[lastAt(this.eventMoments, at)] ?? null;
    if (current !== this.current) {
      this.current?.removeAttribute("aria-current");
      current?.setAttribute("aria-current", "time");
      this.current = current;
    }
    const reason = this.reasons[lastAt(this.reasonMoments, at)] ?? null;
    if (reason === this.reason) return;
    this.reason = reason;
    const copies = reason ? [...reason.childNodes].map((node) => node.cloneNode(true)) : [];
    this.why.replaceChildren(...(reason ? copies : [make("p", "quiet", "Nothing to explain yet.")]));
    this.why.className = reason?.className ?? "";
  }
}

/** Make an entry's time a link to its moment. */
function linkTime(entry, at) {
  const time = entry.querySelector("time");
  if (time) time.replaceChildren(make("a", "", time.textContent, { href: momentHash(at) }));
}
