// What all explorables share: elements, numbers as text, panels with axes, sliders. One function is made of this file and
// of an explorable's own (see html.rs), so no name gets out.

const MINUS = "−";
const WIDTH = 360, HEIGHT = 230, LEFT = 46, RIGHT = 10, TOP = 8, BOTTOM = 40;
const INNER_WIDTH = WIDTH - LEFT - RIGHT, INNER_HEIGHT = HEIGHT - TOP - BOTTOM;

function fill(element, attributes, children) {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}
const make = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const draw = (name, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

const fixed = (x, decimals) => {
  const text = x.toFixed(decimals);
  return /[1-9]/.test(text) ? text.replace("-", MINUS) : text.replace("-", "");
};
const raised = (exponent) => [...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");

// So many significant digits, whatever the unit.
function short(x, digits) {
  if (x === 0) return "0";
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  if (exponent >= -3 && exponent < 5) return fixed(x, Math.max(0, digits - 1 - exponent));
  return `${mantissa.replace("-", MINUS)}×10${raised(Number(exponent))}`;
}

// Round numbers between two others, and how they are written.
function ticks([low, high], most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const tick = (i) => [i * step, decimals > 5 || step >= 1e5 ? short(i * step, 3) : fixed(i * step, decimals)];
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => tick(first + i));
}
function logTicks([low, high]) {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (to - from >= 3) {
    const every = Math.ceil((to - from) / 5);
    const powers = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => to - i * every);
    return powers.map((power) => [10 ** power, power === 0 ? "1" : `10${raised(power)}`]);
  }
  const all = [from - 1, from, from + 1, from + 2, from + 3].flatMap((power) => [1, 2, 5].map((m) => m * 10 ** power));
  return all.filter((x) => x >= low * 0.999 && x <= high * 1.001).map((x) => [x, short(x, 1)]);
}
// The smallest round number that is not less.
function roundUp(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= x);
}

const polyline = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

// A pair of axes below a caption. Layers are drawn in their own small window, so nothing leaves the axes.
function panel(caption, label, { x, y, xLabel, yLabel, log }) {
  const scale = log ? Math.log10 : (value) => value;
  const place = (value, [low, high]) => (scale(value) - scale(low)) / (scale(high) - scale(low));
  const across = (value) => place(value, x) * INNER_WIDTH;
  const up = (value) => (1 - place(value, y)) * INNER_HEIGHT;
  const axes = draw("g", {});
  const layers = draw("svg", { x: LEFT, y: TOP, width: INNER_WIDTH, height: INNER_HEIGHT });
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, axes, layers);
  const at = (left, top, anchor, text, kind = "") =>
    draw("text", { x: left.toFixed(2), y: top.toFixed(2), "text-anchor": anchor, class: kind }, text);
  const segment = (x1, y1, x2, y2) => draw("line", { x1, y1, x2, y2, class: "grid" });
  const drawAxes = () => {
    const xTicks = log ? logTicks(x) : ticks(x, 6), yTicks = log ? logTicks(y) : ticks(y, 6);
    const bottom = TOP + INNER_HEIGHT;
    axes.replaceChildren(
      ...xTicks.flatMap(([value, text]) => {
        const left = LEFT + across(value);
        return [segment(left, TOP, left, bottom), at(left, bottom + 15, "middle", text, "x tick")];
      }),
      ...yTicks.flatMap(([value, text]) => {
        const top = TOP + up(value);
        return [segment(LEFT, top, WIDTH - RIGHT, top), at(LEFT - 5, top + 4, "end", text, "y tick")];
      }),
      draw("path", { d: `M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}`, class: "frame", "stroke-width": 1 }),
      at(LEFT + INNER_WIDTH / 2, HEIGHT - 5, "middle", xLabel),
      draw("text", { transform: `translate(11 ${TOP + INNER_HEIGHT / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel),
    );
  };
  drawAxes();
  const layer = (name, attributes) => {
    const path = draw("path", { "data-layer": name, ...attributes });
    layers.append(path);
    return path;
  };
  return {
    element: make("figure", {}, make("figcaption", {}, make("span", {}, ...caption)), svg),
    svg, layers, across, up, layer,
    line: (path, points) => path.setAttribute("d", polyline(points.map(([px, py]) => [across(px), up(py)]))),
    // The area between the points and 0.
    area: (path, points) => {
      if (!points.length) return path.setAttribute("d", "");
      const ends = [[points[0][0], 0], ...points, [points[points.length - 1][0], 0]];
      path.setAttribute("d", polyline(ends.map(([px, py]) => [across(px), up(py)])) + "Z");
    },
    top: (highest) => {
      if (highest !== y[1]) { y = [y[0], highest]; drawAxes(); }
    },
    // Which part of the horizontal axis the pointer is at.
    pointed: (event) => {
      const box = svg.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width * WIDTH - LEFT) / INNER_WIDTH;
    },
  };
}

// A slider over a list of stops. It is moved like any other, and says the stop's own value.
function slider(label, stops, start, text, change) {
  const input = make("input", { type: "range", min: 0, max: stops.length - 1, step: 1, value: start });
  const shown = make("span", { "aria-hidden": "true" });
  const tell = () => {
    shown.textContent = text(stops[input.value]);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { tell(); change(); });
  tell();
  return {
    element: make("label", { class: "slider" }, make("span", {}, label), input, shown),
    index: () => Number(input.value),
    value: () => stops[input.value],
    move: (index) => { input.value = index; tell(); change(); },
  };
}

const swatch = (color) => make("span", { class: "swatch", style: `background:${color}`, "aria-hidden": "true" });

// Turns the static figure, where this script finds it, into what `build` makes. The figure stays below it, unseen, and
// stays to be seen if anything goes wrong. Viewers differ in where they run a script: beside its figure, or elsewhere.
function start(build) {
  const own = document.currentScript?.closest(".gmm-explorable");
  for (const root of own ? [own] : document.querySelectorAll(`.gmm-explorable[data-key="${data.key}"]`)) {
    if (root.shadowRoot) continue;
    const card = make("div", { class: "card", role: "group", "aria-label": data.title }, make("h4", {}, data.title), ...build());
    root.attachShadow({ mode: "open" }).append(make("style", {}, css), card);
  }
}
