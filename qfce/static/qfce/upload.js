/* A large file goes in pieces, each with its digest, and goes on where it stopped. Small ones are posted as ever. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const state = document.getElementById("upload-state");
  const form = state?.closest("form");
  const chosen = form?.querySelector("input[type=file]");
  if (!chosen || !window.crypto?.subtle) return;
  const size = Number(state.dataset.piece);
  const words = state.querySelector(".upload-words");
  const bar = state.querySelector("progress");
  const digests = form.querySelector(".upload-digest");

  const sha256 = async (blob) => {
    const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const ask = async (method, address, body, headers) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(address, { method, body, headers: { "X-CSRFToken": token, ...headers } });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(told.detail || told.title), { told, status: answer.status });
    return told;
  };
  const show = (done, all) => {
    state.hidden = false;
    bar.value = 100 * done / all;
    const megabytes = (bytes) => (bytes / 1048576).toFixed(1);
    words.textContent = `${megabytes(done)} / ${megabytes(all)} MB ${state.dataset.sent}`;
  };

  chosen.addEventListener("change", async () => {
    const file = chosen.files[0];
    digests.textContent = file ? `SHA-256 ${await sha256(file)}` : "";
  });

  form.addEventListener("submit", async (event) => {
    const file = chosen.files[0];
    if (!file || file.size <= size) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const json = { "Content-Type": "application/json" };
      const about = JSON.stringify({ file_name: file.name, file_size: file.size });
      let upload = await ask("POST", state.dataset.address, about, json);
      while (upload.received < file.size) {
        show(upload.received, file.size);
        const piece = file.slice(upload.received, upload.received + size);
        const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(upload.received), "Upload-Sha256": await sha256(piece) };
        upload = await ask("PUT", `${state.dataset.address}${upload.id}/`, piece, headers);
      }
      show(file.size, file.size);
      form.querySelector("[name=upload]").value = upload.id;
      chosen.value = "";
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      state.hidden = false;
      words.textContent = error.status ? error.message : state.dataset.broken;
      button.disabled = false;
    }
  });
});
