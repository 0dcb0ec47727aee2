// One component's σ and w, with the wrong and the right curve beside each other.

// Areas agree if they do in the digits that are shown.
const DECIMALS = 4, SAME = 0.5 * 10 ** -DECIMALS;

const n = data.steps;
const grid = Array.from({ length: n + 1 }, (_, i) => data.low * ((n - i) / n) + data.high * (i / n));

function trapezoid(values) {
  let area = 0;
  for (let i = 1; i <= n; i++) area += (grid[i] - grid[i - 1]) * (0.5 * values[i - 1] + 0.5 * values[i]);
  return area;
}
function sum(curves) {
  const total = new Array(n + 1).fill(0);
  for (const curve of curves) for (let i = 0; i <= n; i++) total[i] += curve[i];
  return total;
}

// The mixture with component k changed. The other weights keep their proportions.
function mixture(stdDev, weight, same) {
  const others = data.weights.reduce((sum, w, j) => (j === data.k ? sum : sum + w), 0);
  const share = (w) => (others > 0 ? (w / others) * (1 - weight) : (1 - weight) / (data.weights.length - 1));
  return data.means.map((mean, j) => ({
    mean,
    weight: j === data.k ? weight : share(data.weights[j]),
    stdDev: same || j === data.k ? stdDev : data.stdDevs[j],
  }));
}

function curves(components) {
  const bell = (x, c) => Math.exp(-((x - c.mean) ** 2) / (2 * c.stdDev ** 2));
  const raw = components.map((c) => grid.map((x) => c.weight * bell(x, c)));
  const z = trapezoid(sum(raw));
  const scaled = (divide) => {
    const pieces = raw.map((piece, j) => piece.map((value) => value / divide(components[j])));
    const total = sum(pieces);
    return { pieces, total, areas: pieces.map(trapezoid), area: trapezoid(total) };
  };
  const wrong = scaled(() => z);
  const right = scaled((c) => c.stdDev * Math.sqrt(2 * Math.PI));
  const distance = trapezoid(grid.map((_, i) => 0.5 * Math.abs(wrong.total[i] - right.total[i])));
  return { z, wrong, right, distance };
}

start(() => {
  const [from, to] = data.view.map((end) => grid.findIndex((x) => x >= end));
  const visible = grid.map((x, i) => i).slice(from, to + 1);
  const axes = { x: [grid[from], grid[to]], y: [0, 1], xLabel: data.xLabel, yLabel: "Probability density" };
  const bold = (text, color) => make("b", { style: `color:${color}` }, text);
  const sides = [
    ["wrong", data.wrong, "Wrong", ": add the weighted bells, then divide the sum by its area"],
    ["right", data.right, "Right", ": divide each bell by its own area, weight it, then add"],
  ].map(([name, color, title, how]) => {
    const plot = panel([bold(title, color), how], `${title} curve with its weighted pieces`, axes);
    const pieces = data.colors.map((fill, j) =>
      plot.layer(`${name} piece ${j}`, { style: `fill:${fill};fill-opacity:.3;stroke:${fill};stroke-width:1` }));
    const total = plot.layer(name, { style: `stroke:${color};stroke-width:2.2` });
    return { name, plot, pieces, total };
  });
  const ghost = sides[0].plot.layer("right beside wrong", { style: `stroke:${data.right};stroke-width:1.6;stroke-dasharray:5 4` });

  const cell = () => make("td", {});
  const rows = [...data.means.keys(), "total"].map((j) => {
    const name = j === "total" ? ["the whole curve"] : [swatch(data.colors[j]), `piece ${j}`];
    const cells = { weight: cell(), wrong: cell(), right: cell() };
    const kind = j === "total" ? "total" : j === data.k ? "chosen" : "";
    const element = make("tr", { class: kind }, make("th", { scope: "row" }, ...name), ...Object.values(cells));
    return { element, cells };
  });
  const heads = ["Area below", "should be", "wrong", "right"].map((text) => make("th", { scope: "col" }, text));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows.map((row) => row.element)));
  const say = make("output", { "aria-live": "polite" });

  const update = () => {
    const components = mixture(stdDev.value(), weight.value(), same.checked);
    const found = curves(components);
    const highest = Math.max(...visible.map((i) => Math.max(found.wrong.total[i], found.right.total[i])));
    for (const { name, plot, pieces, total } of sides) {
      plot.top(roundUp(highest * 1.02));
      const points = (values) => visible.map((i) => [grid[i], values[i]]);
      pieces.forEach((path, j) => plot.area(path, points(found[name].pieces[j])));
      plot.line(total, points(found[name].total));
      if (name === "wrong") plot.line(ghost, points(found.right.total));
    }
    const missed = { wrong: 0, right: 0 };
    rows.forEach(({ cells }, j) => {
      const goal = components[j]?.weight ?? 1;
      cells.weight.textContent = fixed(goal, DECIMALS);
      for (const name in missed) {
        const area = found[name].areas[j] ?? found[name].area;
        const agrees = Math.abs(area - goal) < SAME;
        if (j < components.length && !agrees) missed[name] += 1;
        cells[name].textContent = `${fixed(area, DECIMALS)} ${agrees ? "✓" : "✗"}`;
        cells[name].className = agrees ? "good" : "bad";
      }
    });
    const of = (name) => `${missed[name]} of ${components.length}`;
    say.textContent = `Area of the sum before it is divided: ${fixed(found.z, DECIMALS)}. ` +
      `Pieces that miss their weight: wrong ${of("wrong")}, right ${of("right")}. ` +
      `Largest error of a probability by the wrong curve: ${fixed(found.distance, DECIMALS)}.`;
  };

  const name = `component ${data.k}`;
  const stdDev = slider(`σ of ${name}`, data.stdDevStops, data.start[0], (x) => short(x, 3), () => update());
  const weight = slider(`weight w of ${name}`, data.weightStops, data.start[1], (x) => fixed(x, DECIMALS), () => update());
  const same = make("input", { type: "checkbox" });
  same.addEventListener("change", () => update());
  const reset = make("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    same.checked = false;
    stdDev.move(data.start[0]);
    weight.move(data.start[1]);
  });
  const several = data.means.length > 1;
  const row = make("div", { class: "row" }, ...(several ? [make("label", {}, same, "this σ for every component")] : []), reset);
  if (several) row.append("The other weights keep their proportions: all sum to 1.");
  update();
  return [
    make("div", { class: "controls" }, stdDev.element, ...(several ? [weight.element] : []), row),
    make("div", { class: "panels" }, ...sides.map((side) => side.plot.element)),
    table,
    say,
  ];
});
