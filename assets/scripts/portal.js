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

  // A fault outside the form (the portal or the network is away) leaves the page as it is and says so.
  const complain = (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (!(source instanceof Element) || !source.closest("form")) return;
    const status = event.detail?.ctx?.response?.status ?? 0;
    if (status === 422 || status === 409) return;
    const line = document.getElementById("trouble");
    if (line) line.hidden = false;
  };
  document.addEventListener("htmx:response:error", complain);
  document.addEventListener("htmx:error", complain);

  // The print button of a confirmation.
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
})();
