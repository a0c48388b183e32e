/* The table of the list editor as a spreadsheet: arrows, Enter, Tab and typing; each cell is sent by itself. */
"use strict";

(() => {
  const grid = document.querySelector("[data-grid]");
  if (!grid || !window.htmx) return;
  const options = JSON.parse(document.getElementById("editor-options").textContent);
  const token = document.querySelector("#editor-bulk [name=csrfmiddlewaretoken]").value;
  let open = null;

  const cells = (row) => [...row.querySelectorAll("td[data-field]")];
  const rows = () => [...grid.tBodies[0].rows].filter((row) => row.dataset.code);
  const cellAt = (row, field) => row && cells(row).find((cell) => cell.dataset.field === field);

  /* One cell of the table can be reached by Tab at a time: the one that was last chosen. */
  const choose = (cell) => {
    if (!cell) return;
    grid.querySelectorAll("td[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const prepare = () => rows().forEach((row) => cells(row).forEach((cell) => { if (cell.tabIndex !== 0) cell.tabIndex = -1; }));
  const first = () => { if (!grid.querySelector("td[tabindex='0']")) { const cell = cells(rows()[0] || grid)[0]; if (cell) cell.tabIndex = 0; } };

  const step = (cell, down, right) => {
    const row = cell.parentElement;
    if (down) {
      const all = rows();
      return cellAt(all[all.indexOf(row) + down], cell.dataset.field);
    }
    const all = cells(row);
    const beside = all[all.indexOf(cell) + right];
    if (beside) return beside;
    const lines = rows();
    const line = lines[lines.indexOf(row) + right];
    return line && (right > 0 ? cells(line)[0] : cells(line).at(-1));
  };

  const begin = (cell, typed) => {
    finish(false);
    const field = cell.dataset.field;
    const choices = options[field] || [];
    const input = document.createElement(choices.length ? "select" : "input");
    input.className = choices.length ? "form-select" : "form-control";
    input.setAttribute("aria-label", cell.getAttribute("aria-label"));
    choices.forEach(([value, label]) => input.add(new Option(label, value)));
    input.value = typed ?? cell.dataset.value;
    open = { cell, input, shown: cell.textContent };
    cell.replaceChildren(input);
    input.focus();
    if (typed === undefined && input.select) input.select();
    input.addEventListener("blur", () => { if (open && open.input === input) finish(true); });
  };

  /* Ends typing; what has changed is sent, and the server answers with the row as it is. */
  const finish = (send) => {
    if (!open) return;
    const { cell, input, shown } = open;
    open = null;
    const value = input.value;
    cell.textContent = shown;
    if (!send || value === cell.dataset.value) return;
    const row = cell.closest("tr");
    cell.classList.add("is-sent");
    document.getElementById("editor-conflict").replaceChildren();
    window.htmx.ajax("POST", row.dataset.address + cell.dataset.field + "/", {
      target: "#" + CSS.escape(row.id),
      swap: "outerHTML",
      values: { value, steps: row.dataset.steps, csrfmiddlewaretoken: token },
    });
  };

  const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-field]");
    if (!cell) return;
    if (open) {
      if (event.key === "Escape") { event.preventDefault(); finish(false); choose(cell); return; }
      const next = event.key === "Enter" ? step(cell, event.shiftKey ? -1 : 1, 0) : event.key === "Tab" ? step(cell, 0, event.shiftKey ? -1 : 1) : undefined;
      if (event.key !== "Enter" && event.key !== "Tab") return;
      event.preventDefault();
      const code = next && next.parentElement.dataset.code;
      const field = next && next.dataset.field;
      finish(true);
      const line = code && document.getElementById("row-" + code);
      choose(cellAt(line, field) || cell);
      return;
    }
    if (event.key in moves && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      choose(step(cell, ...moves[event.key]));
    } else if (event.key === "Tab") {
      const next = step(cell, 0, event.shiftKey ? -1 : 1);
      if (next) { event.preventDefault(); choose(next); }
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      choose(event.key === "Home" ? cells(cell.parentElement)[0] : cells(cell.parentElement).at(-1));
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      begin(cell);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      begin(cell, "");
    } else if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault();
      document.querySelector("#editor-undo button:not([disabled])")?.click();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      begin(cell, (options[cell.dataset.field] || []).length ? undefined : event.key);
    }
  });
  grid.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("td[data-field]");
    if (cell && !open) begin(cell);
  });
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-field]");
    if (cell && !(open && open.cell === cell)) choose(cell);
  });

  /* A row that came back takes the place that the keyboard had in it; a conflict closes once settled. */
  let chosen = null;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const cell = document.activeElement?.closest?.("td[data-field]");
    chosen = cell ? { row: cell.parentElement.id, field: cell.dataset.field } : chosen;
    if (event.detail.requestConfig?.elt?.matches?.("[data-settles]") && event.detail.xhr.status < 300) {
      document.getElementById("editor-conflict").replaceChildren();
    }
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    prepare();
    if (chosen && !grid.contains(document.activeElement) && document.activeElement === document.body) {
      choose(cellAt(document.getElementById(chosen.row), chosen.field));
    }
    first();
    grid.querySelectorAll(".is-sent").forEach((cell) => cell.classList.remove("is-sent"));
    const conflict = document.querySelector("#editor-conflict button");
    if (conflict) conflict.focus();
  });
  /* The preview beside the table comes again after each step, at the item that was changed. */
  let edited = null;
  document.body.addEventListener("list-edited", (event) => { edited = event.detail?.item ?? edited; });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id !== "preview-pane" || !edited) return;
    const pane = event.detail.elt.querySelector("[data-preview]");
    const shown = pane && pane.querySelector(`[data-preview-of="${CSS.escape(edited)}"]`);
    if (shown) pane.scrollTop += shown.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  });
  window.addEventListener("beforeunload", () => finish(true));

  /* The bulk edit offers what the chosen member may hold. */
  const field = document.getElementById("bulk-field");
  const offer = () => {
    const list = document.getElementById("bulk-options");
    list.replaceChildren(...(options[field.value] || []).map(([value, label]) => { const option = new Option(label, value); option.label = label; return option; }));
  };
  field.addEventListener("change", offer);
  offer();
  prepare();
  first();
})();
