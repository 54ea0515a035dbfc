// The run as it stands in the page, and how its tracks are read. Moments are whole milliseconds.

/** Open the run: base64 of deflated JSON. */
async function readFilm() {
  const packed = atob(document.getElementById("film").textContent.trim());
  const bytes = Uint8Array.from(packed, (char) => char.charCodeAt(0));
  const opened = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(opened).text());
}

/** Turn the steps between moments into moments. */
function momentsOf(steps) {
  let at = 0;
  return steps.map((step) => (at += step));
}

/** Return the number of the last moment at or before `at`, -1 if there is none. */
function lastAt(moments, at) {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** One thing's values, each until the next. */
class StepTrack {
  constructor([steps, numbers], values) {
    this.moments = momentsOf(steps);
    this.numbers = numbers;
    this.values = values;
  }

  /** Return the value at a moment: the same object as long as nothing changes. */
  at(moment) {
    const number = lastAt(this.moments, moment);
    return number < 0 ? null : this.values[this.numbers[number]];
  }
}
