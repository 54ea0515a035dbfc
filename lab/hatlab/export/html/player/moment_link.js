// The address of the page says which moment is shown: #t=12.4

const KEEP_UP = 500; // milliseconds between two changes of the address while it plays: browsers allow few

function momentHash(at) {
  return `#t=${Number((at / 1000).toFixed(3))}`;
}

/** Return the moment an address asks for, null if it asks for none: seconds, or minutes and seconds. */
function momentAsked(address) {
  const asked = /#t=((?:\d+:){0,2}\d+(?:\.\d+)?)$/.exec(address);
  return asked && Math.round(asked[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}

/** Keep the address up to date, and go where a changed one leads. */
function followAddress(clock) {
  let timer = 0;
  const write = () => {
    timer = 0;
    const digits = clock.playing ? 1 : 3;
    const hash = momentHash(Number((clock.at / 1000).toFixed(digits)) * 1000);
    if (hash !== location.hash) history.replaceState(null, "", hash);
  };
  clock.listen(() => (timer ||= setTimeout(write, KEEP_UP)));
  addEventListener("hashchange", (event) => {
    const at = momentAsked(event.newURL); // not the address as it is now: `write` may have been in between
    if (at === null) return;
    clock.pause();
    clock.seek(at);
  });
}
