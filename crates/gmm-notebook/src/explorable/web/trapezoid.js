// The trapezoid rule with a slider for its step. Areas, errors and the curve's values come from the crate.

const LEAST_ERROR = 1e-17;

start(() => {
  const { low, high, counts, areas, errors, laws, unit } = data;
  const [bottom, top] = data.extent;
  const decode = (codes) => codes.map((code) => bottom + (top - bottom) * (code / data.finest));
  const at = (count, i) => low * ((count - i) / count) + high * (i / count);
  const points = (values) => values.map((value, i) => [at(values.length - 1, i), value]);

  const space = 0.05 * (top - Math.min(bottom, 0));
  const curvePanel = panel(
    [`The trapezia below ${data.name}`], `The trapezia below ${data.name}`,
    { x: [low, high], y: [bottom < 0 ? bottom - space : 0, top + space], xLabel: data.xLabel, yLabel: data.yLabel },
  );
  const trapezia = curvePanel.layer("trapezia", { style: `fill:${data.trapezia};fill-opacity:.3;stroke:${data.trapezia};stroke-width:.8` });
  const curve = curvePanel.layer("curve", { style: `stroke:${data.curve};stroke-width:2` });
  curvePanel.line(curve, points(decode(data.fine)));

  // As a part of the largest size that the area could have, so that the axis is the same for any unit.
  const step = (k) => (high - low) / counts[k] / (unit ?? 1);
  const size = (error) => Math.max(Math.abs(error) / data.scale, LEAST_ERROR);
  const all = [...errors, ...(laws ?? [])].map(size);
  const floor = 10 ** Math.floor(Math.log10(Math.min(...all.filter((_, k) => k < errors.length))));
  const ceiling = 10 ** Math.ceil(Math.log10(Math.max(...all)));
  const last = counts.length - 1;
  const errorPanel = panel(
    ["Size of the error against the step", ...(laws ? [make("span", { style: `color:${data.law}` }, "; the line is theory: at most 2 Σ w exp(−2π²σ²/h²)")] : [])],
    "Size of the error against the step, both axes logarithmic",
    { x: [step(0) / 1.1, step(last) * 1.1], y: [floor / 3, ceiling * 3], log: true, yLabel: data.scale === 1 ? "error" : "error / area",
      xLabel: unit ? "step h in units of the narrowest σ" : "step h" },
  );
  if (laws) {
    const law = errorPanel.layer("law", { style: `stroke:${data.law};stroke-width:1.6` });
    errorPanel.line(law, laws.map((value, k) => [step(k), size(value)]));
  }
  const dot = (k, r, style) => draw("circle", { cx: errorPanel.across(step(k)).toFixed(2), cy: errorPanel.up(size(errors[k])).toFixed(2), r, style });
  errorPanel.layers.append(...counts.map((_, k) => dot(k, 2.4, `fill:#fff;stroke:${data.curve}`)));
  const current = errorPanel.layers.appendChild(dot(0, 5, `fill:${data.curve};stroke:#fff`));

  const cells = {};
  const row = (key, text) => make("tr", {}, make("th", { scope: "row" }, text), (cells[key] = make("td", {})));
  const table = make("table", {}, make("tbody", {},
    row("steps", "number of steps"), row("area", "area of the trapezia"), row("exact", "exact area"), row("error", "error"),
    ...(laws ? [row("law", "error in theory, at most")] : [])));
  const say = make("output", { "aria-live": "polite" });
  cells.exact.textContent = short(data.area, 10);
  const stepText = (k) => short(step(k) * (unit ?? 1), 3) + (unit ? ` = ${fixed(step(k), 2)} σ` : "");

  const update = () => {
    const k = slide.index();
    cells.steps.textContent = counts[k];
    cells.area.textContent = short(areas[k], 10);
    cells.error.textContent = short(errors[k], 3);
    if (laws) cells.law.textContent = short(laws[k], 3);
    const [x, y] = [errorPanel.across(step(k)), errorPanel.up(size(errors[k]))];
    current.setAttribute("cx", x.toFixed(2));
    current.setAttribute("cy", y.toFixed(2));
    const corners = points(decode(data.values[k]));
    const sides = corners.slice(1).map((corner, i) => polyline(
      [[corners[i][0], 0], corners[i], corner, [corner[0], 0]].map(([px, py]) => [curvePanel.across(px), curvePanel.up(py)])));
    trapezia.setAttribute("d", sides.map((side) => side + "Z").join(""));
    say.textContent = `${counts[k]} steps of ${stepText(k)}: the area is off by ${short(Math.abs(errors[k]) / data.scale * 100, 3)} %.`;
  };
  const slide = slider("step h", [...counts.keys()], data.start, stepText, () => update());
  update();
  return [
    make("div", { class: "controls" }, slide.element),
    make("div", { class: "panels" }, curvePanel.element, errorPanel.element),
    table,
    say,
  ];
});
