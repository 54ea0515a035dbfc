/* A picture of a film gets a button that plays it. Without the player it stays a picture. */
(() => {
  "use strict";
  const waiting = new Map();

  window.showFilm = (name, cast) => {
    const frame = waiting.get(name);
    frame.replaceChildren();
    const player = AsciinemaPlayer.create({ data: cast }, frame, {
      autoPlay: true, controls: true, fit: "width", theme: "hatlab",
    });
    player.addEventListener("ended", () => frame.querySelector(".ap-player")?.focus());
    frame.querySelector(".ap-player")?.focus();
  };

  const addButton = (picture) => {
    const [, folder, name] = picture.getAttribute("src").match(/^(.*films\/)([\w-]+)\.svg$/);
    const frame = document.createElement("div");
    frame.className = "film";
    picture.replaceWith(frame);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "film__button";
    button.setAttribute("aria-label", `Play the film: ${picture.alt}`);
    button.textContent = "▶ Play";
    frame.append(picture, button);
    const play = () => {
      if (waiting.has(name)) return;
      waiting.set(name, frame);
      const script = document.createElement("script");
      script.src = `${folder}${name}.js`;
      document.head.append(script);
    };
    button.addEventListener("click", play);
    picture.addEventListener("click", play);
  };

  if (typeof AsciinemaPlayer !== "undefined")
    document.querySelectorAll('article img[src*="films/"]').forEach(addButton);
})();
