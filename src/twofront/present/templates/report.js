"use strict";
(() => {
  const specs = JSON.parse(document.getElementById("specs").textContent);
  const themed = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const ink = colour("--ink"), soft = colour("--soft"), grid = colour("--grid"), line = colour("--line");
    const font = style.getPropertyValue("--sans").trim();
    return {
      background: null,
      font,
      view: { stroke: null },
      axis: {
        labelColor: ink, titleColor: soft, gridColor: grid, domainColor: line, tickColor: line,
        labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelPadding: 5, labelLineHeight: 14,
      },
      axisX: { titleAnchor: "end" },
      axisY: { grid: true, domain: false, ticks: false },
      text: { color: ink },
      legend: { labelColor: ink, titleColor: soft },
    };
  };
  const charts = [...document.querySelectorAll("[data-spec]")];
  const draw = async (element, spec = structuredClone(specs[element.dataset.spec])) => {
    const narrow = element.clientWidth < 420;
    const config = themed();
    if (narrow) config.axis.labelFontSize = 11;
    const found = await vegaEmbed(element, spec, {
      mode: "vega-lite", logLevel: 1, renderer: "svg", config,
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: element.dataset.spec,
    });
    element.dataset.drawn = "yes";
    return found;
  };
  const drawAll = async () => {
    for (const element of charts) {
      try { await draw(element); } catch (error) { console.error(element.dataset.spec, error); }
      await new Promise((done) => setTimeout(done, 0));
    }
    document.documentElement.dataset.charts = "drawn";
  };
  drawAll();

  // The sources of one parameter on its range, drawn when somebody looks.
  const dots = JSON.parse(document.getElementById("dots").textContent);
  for (const box of document.querySelectorAll("[data-dots]")) {
    box.addEventListener("toggle", () => {
      if (!box.open) return;
      const name = box.dataset.dots, element = box.querySelector(".chart");
      const spec = structuredClone(specs.dots);
      spec.data.values = dots[name].rows;
      for (const layer of spec.layer) if (layer.data) layer.data.values = dots[name].ranges;
      element.dataset.spec = `sources-${name}`;
      draw(element, spec);
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

  for (const input of document.querySelectorAll("[data-filter]")) {
    const body = document.getElementById(input.dataset.filter).tBodies[0];
    const count = document.getElementById(input.dataset.filter + "-count");
    const rows = [...body.rows].map((row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      }
      count.textContent = `${shown} of ${rows.length}`;
    });
  }
  // A link to a row that a filter hides shows it.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) { target.hidden = false; target.scrollIntoView(); }
    if (target && target.tagName === "DETAILS") target.open = true;
  });

  const toc = document.querySelector(".toc details");
  if (matchMedia("(max-width: 1239px)").matches) toc.open = false;
  const links = new Map([...document.querySelectorAll(".toc a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.classList.remove("here");
      links.get(entry.target.id)?.classList.add("here");
    }
  }, { rootMargin: "0px 0px -75% 0px" });
  for (const id of links.keys()) seen.observe(document.getElementById(id));
  addEventListener("beforeprint", () => { for (const item of document.querySelectorAll("details.data, details.law")) item.open = true; });
})();
