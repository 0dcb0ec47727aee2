// Read x, density, cdf and p-value off the curve. All values come from the crate.

start(() => {
  const { density, cdf, pValue } = data;
  const n = density.length - 1;
  const xs = density.map((_, i) => data.low * ((n - i) / n) + data.high * (i / n));
  const curve = xs.map((x, i) => [x, density[i]]);
  const axes = { x: [data.low, data.high], y: [0, roundUp(Math.max(...density) * 1.05)], xLabel: data.xLabel, yLabel: "Probability density" };
  const name = (text, color) => make("span", {}, swatch(color), make("b", {}, text));
  const views = [
    ["cdf", data.cdfColor, [name("cdf", data.cdfColor), ": the area left of x"], "The density with the area left of x"],
    ["p-value", data.pValueColor, [name("p-value", data.pValueColor), ": the area where the density is no higher than at x"],
      "The density with the area where it is no higher than at x"],
  ].map(([name, color, caption, label]) => {
    const plot = panel(caption, label, axes);
    plot.svg.setAttribute("class", "hover");
    const area = plot.layer(name, { style: `fill:${color};fill-opacity:.45` });
    plot.line(plot.layer(`${name} curve`, { style: `stroke:${data.curve};stroke-width:2` }), curve);
    const guide = plot.layer(`${name} guide`, { style: "stroke:#333;stroke-width:1;stroke-dasharray:3 3" });
    const dot = plot.layers.appendChild(draw("circle", { r: 4.5, style: `fill:${data.curve};stroke:#fff` }));
    for (const kind of ["pointermove", "pointerdown"])
      plot.svg.addEventListener(kind, (event) => slide.move(Math.min(n, Math.max(0, Math.round(plot.pointed(event) * n)))));
    return { name, plot, area, guide, dot };
  });

  // The stretches of the curve that are not above a level, cut where they cross it.
  const below = (level) => {
    const runs = [];
    let run = [];
    curve.forEach(([x, y], i) => {
      const before = curve[i - 1];
      if (before && (before[1] > level) !== (y > level))
        run.push([before[0] + ((x - before[0]) * (level - before[1])) / (y - before[1]), level]);
      if (y <= level) run.push([x, y]);
      else if (run.length) runs.push(run), (run = []);
    });
    return run.length ? [...runs, run] : runs;
  };

  const cells = {};
  const row = (key, color, text) =>
    make("tr", {}, make("th", { scope: "row" }, ...(color ? [swatch(color)] : []), text), (cells[key] = make("td", {})));
  const table = make("table", {}, make("tbody", {},
    row("x", "", "x"), row("density", data.curve, "density f(x), per unit of x"), row("cdf", data.cdfColor, "cdf: P(X ≤ x)"),
    row("p", data.pValueColor, "p-value: P(f(Y) ≤ f(x)), Y another draw")));
  const say = make("output", { "aria-live": "polite", class: "quiet" });
  const xText = (x) => fixed(x, data.decimals);

  const update = () => {
    const i = slide.index();
    for (const { name, plot, area, guide, dot } of views) {
      const [cx, cy] = [plot.across(xs[i]).toFixed(2), plot.up(density[i]).toFixed(2)];
      dot.setAttribute("cx", cx);
      dot.setAttribute("cy", cy);
      const runs = name === "cdf" ? [curve.slice(0, i + 1)] : below(density[i]);
      const closed = runs.map((run) => [[run[0][0], 0], ...run, [run[run.length - 1][0], 0]]);
      area.setAttribute("d", closed.map((run) => polyline(run.map(([x, y]) => [plot.across(x), plot.up(y)])) + "Z").join(""));
      guide.setAttribute("d", name === "cdf" ? `M${cx} 0V${INNER_HEIGHT}` : `M0 ${cy}H${INNER_WIDTH}M${cx} ${cy}V${INNER_HEIGHT}`);
    }
    cells.x.textContent = xText(xs[i]);
    cells.density.textContent = short(density[i], 4);
    cells.cdf.textContent = short(cdf[i], 4);
    cells.p.textContent = short(pValue[i], 4);
    say.textContent = `At x = ${xText(xs[i])}: density ${short(density[i], 4)}, cdf ${short(cdf[i], 4)}, p-value ${short(pValue[i], 4)}.`;
  };
  const slide = slider("x", xs, data.start, xText, () => update());
  update();
  return [
    make("div", { class: "controls" }, slide.element,
      make("div", { class: "row" }, "Point at a curve, drag along it, or use the slider and the arrow keys.")),
    make("div", { class: "panels" }, ...views.map((view) => view.plot.element)),
    table,
    say,
  ];
});
