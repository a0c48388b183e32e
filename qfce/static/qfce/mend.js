/* The grid of faulty rows from the keyboard: Enter stores and goes on, Alt+Enter accepts, arrows move. */
"use strict";

(() => {
  const inputs = () => [...document.querySelectorAll(".mend-grid .mend-input")];
  let next = null;

  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.(".mend-input");
    if (!input) return;
    const all = inputs();
    const here = all.indexOf(input);
    if (event.key === "Enter") {
      const offer = input.form.querySelector(".mend-suggestion");
      if (event.altKey && !offer) return;
      event.preventDefault();
      if (event.altKey) offer.click(); else input.form.requestSubmit();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const to = all[here + (event.key === "ArrowDown" ? 1 : -1)];
      if (to) { event.preventDefault(); to.focus(); to.select(); }
    } else if (event.key === "Escape") {
      input.value = input.defaultValue;
    }
  });

  /* Where to go on: the cells that follow the one that is stored, the nearest that is still there. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const input = event.target.querySelector?.(".mend-input");
    const all = inputs();
    const here = input ? all.indexOf(input) : 0;
    next = { own: input?.id, after: all.slice(here + 1).map((one) => one.id) };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!next || event.detail.target?.id !== "mend") return;
    const refused = document.querySelector("#mend-done .notice-refusal");
    const wanted = refused && next.own ? [next.own, ...next.after] : [...next.after, next.own];
    const to = wanted.map((id) => id && document.getElementById(id)).find(Boolean) || inputs()[0];
    next = null;
    if (to) { to.focus(); to.select(); } else document.querySelector("#mend-finish button")?.focus();
  });
  document.addEventListener("DOMContentLoaded", () => { const first = inputs()[0]; first?.focus(); first?.select(); });
})();
