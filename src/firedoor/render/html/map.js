const MOST_ON_MAP = 60, WIDE = 1240, NODE = { width: 176, height: 30 };
const STEP = { x: 206, y: 46 }, PAD = 18, TITLE = 26, BETWEEN = 54, PER_COLUMN = 6;
const KINDS = ["all", "some", "mixed", "unknown"];
const kindOf = (row) => row.traffic === "all" ? "all" : row.traffic ? (row.unknown ? "mixed" : "some") : "unknown";
const inside = (end) => end.namespace ? end.name.slice(end.namespace.length + 1) : end.name;
function boxes(numbers) {
  const found = new Map();
  for (const number of numbers) {
    const space = data.ends[number].namespace;
    if (!found.has(space)) found.set(space, { space, members: [] });
    found.get(space).members.push(number);
  }
  return [...found.values()].map((box) => {
    const columns = Math.ceil(box.members.length / PER_COLUMN), rows = Math.ceil(box.members.length / columns);
    const width = columns * STEP.x - (STEP.x - NODE.width) + 2 * PAD;
    return { ...box, rows, width, height: TITLE + rows * STEP.y - (STEP.y - NODE.height) + 2 * PAD };
  });
}
function arrange(all) {
  const shelves = [];
  for (const box of all) {
    const last = shelves[shelves.length - 1];
    if (last && last.width + BETWEEN + box.width <= WIDE) {
      last.width += BETWEEN + box.width;
      last.members.push(box);
    } else shelves.push({ width: box.width, members: [box] });
  }
  const width = Math.max(WIDE, ...shelves.map((shelf) => shelf.width));
  let top = PAD;
  for (const shelf of shelves) {
    const tallest = Math.max(...shelf.members.map((box) => box.height));
    const gap = (width - shelf.members.reduce((sum, box) => sum + box.width, 0)) / (shelf.members.length + 1);
    let left = gap;
    for (const box of shelf.members) {
      box.x = left;
      box.y = top + (tallest - box.height) / 2;
      left += box.width + gap;
    }
    top += tallest + BETWEEN;
  }
  return { width: width, height: top - BETWEEN + PAD };
}
function curve(from, to) {
  const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(90, 18 + length * 0.14);
  // The bend is to the left of the way, so that the two directions of a pair part.
  const x = (from.x + to.x) / 2 + (dy / length) * bend, y = (from.y + to.y) / 2 - (dx / length) * bend;
  const bx = x - to.x, by = y - to.y;
  const edge = Math.min((NODE.width / 2 + 4) / Math.abs(bx || 1e-9), (NODE.height / 2 + 4) / Math.abs(by || 1e-9));
  return `M${from.x.toFixed(1)} ${from.y.toFixed(1)}Q${x.toFixed(1)} ${y.toFixed(1)} ` +
    `${(to.x + bx * edge).toFixed(1)} ${(to.y + by * edge).toFixed(1)}`;
}
function drawMap(rows) {
  const numbers = [...new Set(rows.flatMap((row) => [row.src, row.dst]))].sort((a, b) => a - b);
  const place = byId("map"), hint = byId("map-hint");
  place.replaceChildren();
  if (!numbers.length || numbers.length > MOST_ON_MAP) {
    hint.textContent = numbers.length
      ? `${numbers.length} ends are too many for a map of ${MOST_ON_MAP}: search or pick a namespace to see one.`
      : "Nothing to draw.";
    return;
  }
  const all = boxes(numbers), size = arrange(all), spots = new Map();
  const svg = shape(place, "svg", { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width,
    height: size.height, role: "group", "aria-label": "Map of connections" });
  svg.style.setProperty("--faint", rows.length < 40 ? 0.85 : rows.length < 150 ? 0.5 : 0.28);
  const defs = shape(svg, "defs", {});
  for (const kind of KINDS) {
    const tip = shape(defs, "marker", { id: `tip-${kind}`, class: kind, viewBox: "0 0 8 8", refX: 7, refY: 4,
      markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" });
    shape(tip, "path", { d: "M0 0L8 4L0 8z" });
  }
  for (const box of all) {
    shape(svg, "rect", { class: box.space ? "space" : "space outside", x: box.x, y: box.y, width: box.width,
      height: box.height, rx: 12 });
    box.members.forEach((number, index) => spots.set(number, {
      x: box.x + PAD + NODE.width / 2 + Math.floor(index / box.rows) * STEP.x,
      y: box.y + PAD + TITLE + NODE.height / 2 + (index % box.rows) * STEP.y }));
  }
  const edges = rows.filter((row) => row.src !== row.dst).map((row) => {
    const kind = kindOf(row);
    const node = shape(svg, "path", { class: `edge ${kind}`, d: curve(spots.get(row.src), spots.get(row.dst)),
      "marker-end": `url(#tip-${kind})` });
    shape(node, "title", {}, describe(row));
    return { row, node };
  });
  // Titles and workloads come after the edges, which would strike them through.
  for (const box of all) {
    shape(svg, "text", { class: "title", x: box.x + PAD, y: box.y + TITLE }, box.space || "outside the cluster");
  }
  drawNodes(svg, spots, edges, hint);
}
const tally = (found) => found.sure + (found.unknown ? ` (and ${found.unknown} that cannot be decided)` : "");
function drawNodes(svg, spots, edges, hint) {
  const nodes = new Map(), idle = "Point at a workload, or press it to keep its connections in view.";
  let kept = null;
  const show = (number) => {
    svg.classList.toggle("focused", number !== null);
    const near = new Set([number]);
    const into = { sure: 0, unknown: 0 }, out = { sure: 0, unknown: 0 };
    for (const { row, node } of edges) {
      const on = row.src === number || row.dst === number;
      node.classList.toggle("on", on);
      if (!on) continue;
      near.add(row.src).add(row.dst);
      (row.src === number ? out : into)[row.traffic ? "sure" : "unknown"] += 1;
    }
    for (const [each, node] of nodes) {
      node.classList.toggle("on", near.has(each));
      node.classList.toggle("at", each === number);
    }
    hint.textContent = number === null ? idle
      : `${data.ends[number].name}: can reach ${tally(out)}; can be reached by ${tally(into)}.`;
  };
  for (const [number, spot] of spots) {
    const end = data.ends[number];
    const node = shape(svg, "g", { class: "node", tabindex: 0, role: "button", "aria-label": end.name });
    shape(node, "title", {}, end.name);
    shape(node, "rect", { x: spot.x - NODE.width / 2, y: spot.y - NODE.height / 2, width: NODE.width,
      height: NODE.height, rx: end.namespace ? 8 : 15 });
    shape(node, "text", { x: spot.x, y: spot.y }, shortened(inside(end)));
    const press = () => { kept = kept === number ? null : number; show(kept); };
    node.onmouseenter = node.onfocus = () => show(number);
    node.onmouseleave = node.onblur = () => show(kept);
    pressable(node, press);
    nodes.set(number, node);
  }
  show(null);
}
