/* Buttons that copy a text of the page: shown only where this script runs. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const place = document.getElementById(button.dataset.copy);
      getSelection().selectAllChildren(place);
      try {
        await navigator.clipboard.writeText(place.textContent);
      } catch {
        // Without TLS there is no clipboard; what is selected can be copied by hand.
        document.execCommand("copy");
      }
      button.querySelector("span").textContent = button.dataset.done;
    });
  });
});
