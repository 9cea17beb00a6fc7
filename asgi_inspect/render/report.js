"use strict";
// What the page does beyond links: light up counterparts, explain them, put in requests when they are opened.
document.documentElement.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  let lit = [];
  let pinned = null;

  const tokens = (part) => part.dataset.k.split(" ");
  const sheet = (part) => part.closest(".request");

  const light = (part) => {
    lit.forEach((one) => one.classList.remove("on"));
    lit = [];
    if (!part) return;
    const wanted = new Set(tokens(part));
    for (const one of sheet(part).querySelectorAll("[data-k]")) {
      if (tokens(one).some((token) => wanted.has(token))) {
        one.classList.add("on");
        lit.push(one);
      }
    }
    explain(part, wanted);
  };

  const explain = (part, wanted) => {
    const tell = sheet(part).querySelector(".tell");
    const whys = [...sheet(part).querySelectorAll("[data-why]")];
    const said = whys.filter((why) => why.dataset.why.split(" ").some((token) => wanted.has(token)));
    tell.textContent = said.map((why) => why.textContent).join(" ") || tell.textContent;
    tell.classList.add("says");
  };

  const partOf = (event) => (event.target instanceof Element ? event.target.closest(".request [data-k]") : null);

  document.addEventListener("pointerover", (event) => {
    const part = partOf(event);
    if (part && event.pointerType !== "touch") light(part);
  });
  document.addEventListener("pointerout", (event) => {
    if (partOf(event) && event.pointerType !== "touch") light(pinned);
  });
  document.addEventListener("focusin", (event) => {
    const part = partOf(event);
    if (part) light(part);
  });
  document.addEventListener("click", (event) => {
    const part = partOf(event);
    if (!part) return;
    // The link is for pages without a script: here both stay in sight, and the counterpart comes into view.
    event.preventDefault();
    pinned = pinned === part ? null : part;
    light(part);
    const away = lit.find((one) => one.closest(".panel") !== part.closest(".panel"));
    if (away) for (let one = away; one; one = one.parentElement) if (one.matches("details")) one.open = true;
    if (away) away.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      pinned = null;
      light(null);
    }
  });

  // A request far down is kept as text until it is opened: thousands would be slow to lay out.
  const fill = (details) => {
    const kept = details.querySelector(":scope > .inside > noscript");
    if (kept) kept.parentNode.innerHTML = kept.textContent;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches("details.x")) fill(event.target);
  }, true);

  const holder = (id) => {
    const own = /^x\d+/.exec(id);
    return own ? document.getElementById(own[0]) : document.querySelector(`details.x[data-holds~="${CSS.escape(id)}"]`);
  };
  const show = () => {
    const id = location.hash.slice(1);
    if (!id) return;
    const request = holder(id);
    if (request && request.matches("details.x")) {
      fill(request);
      request.open = true;
    }
    const target = document.getElementById(id);
    if (!target) return;
    for (let one = target; one; one = one.parentElement) if (one.matches("details")) one.open = true;
    const inside = target.matches(".inside") ? target.closest("details") : target;
    requestAnimationFrame(() => inside.scrollIntoView({ block: inside.matches("section, details.x") ? "start" : "center" }));
  };
  addEventListener("hashchange", show);
  // A second click on the same link changes no hash, and still wants to go there.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const href = link && (link.getAttribute("href") || "");
    if (href && href === location.hash && !link.dataset.k) show();
  });
  show();

  const requests = [...document.querySelectorAll("details.x")];
  if (requests.length > 8) {
    const bar = document.createElement("div");
    bar.className = "tools";
    const find = document.createElement("input");
    find.type = "search";
    find.placeholder = "Show only requests with…";
    find.setAttribute("aria-label", "Show only requests whose line holds this text");
    const count = document.createElement("output");
    const texts = requests.map((request) => request.querySelector("summary").textContent.toLowerCase());
    find.addEventListener("input", () => {
      const wanted = find.value.toLowerCase();
      let shown = 0;
      requests.forEach((request, number) => {
        request.hidden = !texts[number].includes(wanted);
        shown += request.hidden ? 0 : 1;
      });
      count.textContent = wanted ? `${shown} of ${requests.length}` : "";
    });
    bar.append(find, count);
    requests[0].before(bar);
  }

  // On paper nothing can be opened.
  let opened = [];
  addEventListener("beforeprint", () => {
    if (requests.length > 30) return;
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
});
