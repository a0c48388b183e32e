/* What pages do beyond htmx: ask before what cannot be undone, draw charts, warn of the end of a session. */
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* Forms with data-confirm ask first. Without this script they are sent at once. */
  let asked = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form === asked) { asked = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = document.getElementById("confirmation");
    const yes = document.getElementById("confirmation-yes");
    document.getElementById("confirmation-title").textContent = form.dataset.confirmTitle;
    document.getElementById("confirmation-text").textContent = form.dataset.confirm;
    yes.textContent = form.dataset.confirmLabel || yes.dataset.label;
    yes.className = "btn btn-" + (form.dataset.confirmTone || "primary");
    const submitter = event.submitter;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") { submitter?.focus(); return; }
      asked = form;
      form.requestSubmit(submitter);
    }, { once: true });
    dialog.showModal();
  }, true);

  /* Menus close at Escape, and when something else is chosen. */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* Charts: the script of ECharts is loaded by the first page that shows one. */
  const charts = new Map();
  let library = null;
  const load = () => library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("[data-echarts]").dataset.echarts;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  const dressed = (option) => {
    const text = { color: token("--ink-soft"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
    const quiet = (axis) => ({
      ...axis,
      axisLabel: { ...text, ...axis.axisLabel },
      axisLine: { lineStyle: { color: token("--line-strong") } },
      splitLine: { lineStyle: { color: token("--line") }, show: axis.type === "value" },
    });
    const tones = { good: token("--good"), bad: token("--bad"), warn: "#c77700", info: token("--info") };
    const dress = { ...option, animation: false, textStyle: text, aria: { enabled: false } };
    dress.color = ["#1d5a8e", "#4f9d69", "#c77700", "#7b6aa8", "#2a9d9d", "#9aa7b4"];
    for (const name of ["xAxis", "yAxis"]) {
      if (option[name]) dress[name] = Array.isArray(option[name]) ? option[name].map(quiet) : quiet(option[name]);
    }
    if (option.xAxis) dress.grid = { left: 8, right: 16, top: 16, bottom: option.legend?.show ? 32 : 8, containLabel: true, ...option.grid };
    if (option.radar) dress.radar = { axisName: { ...text, formatter: (name) => name.replace(" ", "\n") }, axisNameGap: 8, radius: "70%", splitArea: { show: false }, ...option.radar };
    dress.tooltip = { ...option.tooltip, renderMode: "richText", confine: true };
    dress.series = option.series.map(({ tone, ...series }) => tone ? { ...series, itemStyle: { color: tones[tone] } } : series);
    return dress;
  };
  const draw = async (root) => {
    const places = root.querySelectorAll("[data-chart]");
    if (!places.length) return;
    const echarts = await load();
    places.forEach((place) => {
      // While the script was loading, a part of the page may have been replaced.
      const given = document.getElementById(place.dataset.chart);
      if (!given || !place.isConnected || echarts.getInstanceByDom(place)) return;
      const option = JSON.parse(given.textContent);
      const chart = echarts.init(place, null, { renderer: "canvas" });
      chart.setOption(dressed(option));
      charts.set(place, chart);
    });
  };
  const drop = () => charts.forEach((chart, place) => {
    if (!place.isConnected) { chart.dispose(); charts.delete(place); }
  });
  document.addEventListener("DOMContentLoaded", () => draw(document));
  document.addEventListener("htmx:afterSettle", () => { drop(); draw(document); });
  window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));

  /* A file that is dropped onto .drop goes into its input. */
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      const place = event.target.closest?.(".drop");
      if (!place) return;
      event.preventDefault();
      place.classList.toggle("is-over", over);
      const input = place.querySelector("input[type=file]");
      if (name === "drop" && input && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  /* Five minutes before the session ends, say so. Whatever htmx sends begins it anew. */
  let timer = null;
  const wait = () => {
    const notice = document.getElementById("session-notice");
    if (!notice) return;
    notice.hidden = true;
    clearTimeout(timer);
    timer = setTimeout(() => { notice.hidden = false; }, (Number(notice.dataset.minutes) - 5) * 60000);
  };
  document.addEventListener("DOMContentLoaded", wait);
  document.addEventListener("htmx:afterRequest", (event) => {
    wait();
    const failed = document.getElementById("connection-notice");
    failed.hidden = !(event.detail.failed && !(event.detail.xhr.status >= 400 && event.detail.xhr.status < 500));
  });
})();
