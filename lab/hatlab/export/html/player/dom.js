// Elements. Text of a recording is set as text, never as markup.

/** Make an element with a class, children and attributes. */
function make(tag, className = "", children = [], attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...[children].flat());
  return element;
}

/** Make a line of [text, style] pieces, in the styles that hatlab's own screen has. */
function makeRow(pieces, tag = "div", className = "row") {
  return make(tag, className, pieces.map(([text, style]) => makePiece(text, style)));
}

function makePiece(text, style) {
  const names = style.split(" ").filter(Boolean);
  return make("span", ["piece", ...names.map((name) => `t-${name}`)].join(" "), text);
}

/** Set an element's text, if it is another one. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Let an element keep the height that it once had, so that what stands below does not move while it plays. */
function keepHeight(element) {
  let width = 0;
  let height = 0;
  new ResizeObserver(() => {
    if (element.offsetWidth !== width) element.style.minHeight = "";
    height = element.offsetWidth === width ? Math.max(height, element.offsetHeight) : element.offsetHeight;
    width = element.offsetWidth;
    element.style.minHeight = `${height}px`;
  }).observe(element);
}

function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}
