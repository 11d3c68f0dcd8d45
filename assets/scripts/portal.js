// What HTML and htmx can't do alone. Every page works without this file.
(() => {
  "use strict";

  // A region that is being fetched says so to screen readers; htmx sets no ARIA itself.
  const target = (event) => event.detail?.ctx?.target;
  document.addEventListener("htmx:before:request", (event) => {
    const region = target(event);
    if (region instanceof Element && region.id === "main") region.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const region = target(event);
    if (region instanceof Element) region.removeAttribute("aria-busy");
  });

  // After a new step has come the focus goes to its faults, or else to its heading. An answer to what is
  // being typed comes to a region of its own, and takes the focus from nobody.
  document.addEventListener("htmx:after:swap", (event) => {
    if (target(event)?.id !== "main") return;
    const place = document.querySelector("#faults") ?? document.querySelector("#step[data-moved]");
    if (place instanceof HTMLElement) place.focus();
  });

  // A fault outside the form (the portal is busy, or the network is away) leaves the page as it is, with what was typed, and
  // says what the answer's own page would say.
  const complain = (event) => {
    const ctx = event.detail?.ctx;
    const source = ctx?.sourceElement;
    if (!(source instanceof Element) || !source.closest("form")) return;
    const status = ctx.response?.status ?? 0;
    // These answers are the form again, and take its place.
    if (status === 422 || status === 409) return;
    const line = document.getElementById("trouble");
    if (!line) return;
    const page = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
    const said = page.querySelector("#main > p")?.textContent?.trim();
    const text = line.querySelector("p");
    if (said && text) text.textContent = `${said} What you typed is still here.`;
    line.hidden = false;
    line.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:response:error", complain);
  document.addEventListener("htmx:error", complain);

  // The print button of a confirmation.
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
})();
