// What a page can do besides: say when the connection is lost or things have changed. Every page works without it.
"use strict";

(() => {
  const live = document.querySelector(".live");
  const shown = document.querySelector("footer p")?.textContent;
  if (!live || !shown) return;

  let lost = false;
  const say = (text) => {
    live.textContent = text;
    live.hidden = !text;
  };

  // The head of the same page carries the version it is drawn from.
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/version", { headers: { accept: "text/plain" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const version = (await answer.text()).trim();
      const here = document.documentElement.dataset.version;
      if (lost) {
        lost = false;
        say(live.dataset.back);
      } else if (here && version !== here && /^\d+$/.test(version)) {
        say(live.dataset.new);
      }
    } catch {
      lost = true;
      say(live.dataset.lost);
    }
  };
  setInterval(look, 10000);

  // While work is under way the page reloads itself, unless somebody is typing.
  if (document.querySelector(".working")) {
    setTimeout(() => {
      const typing = document.activeElement?.matches("input, select, textarea");
      if (!typing) location.reload();
    }, 3000);
  }

  // On a narrow screen long pages begin folded; a link to a part opens it.
  const folds = [...document.querySelectorAll(".fold > details")];
  const open = () => {
    const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const fold = wanted && wanted.closest(".fold");
    if (fold) fold.querySelector("details").open = true;
  };
  if (matchMedia("(max-width: 700px)").matches) folds.slice(1).forEach((fold) => { fold.open = false; });
  open();
  window.addEventListener("hashchange", () => {
    open();
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    if (form.method === "post") form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();
