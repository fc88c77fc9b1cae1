const BOX = { width: 210, height: 40 }, GAP = { x: 60, y: 12 }, EDGE_PAD = 20, HEAD = 30, SWEEPS = 6;
const OUTLINES = {
  User: (w, h, r = h / 2) => `M${r} 0H${w - r}A${r} ${r} 0 0 1 ${w - r} ${h}H${r}A${r} ${r} 0 0 1 ${r} 0z`,
  Group: (w, h) => `M10 0H${w - 10}L${w} ${h / 2}L${w - 10} ${h}H10L0 ${h / 2}z`,
  ServiceAccount: (w, h) =>
    `M10 0H${w - 10}Q${w} 0 ${w} 10V${h - 10}Q${w} ${h} ${w - 10} ${h}H10Q0 ${h} 0 ${h - 10}V10Q0 0 10 0z`,
  RoleBinding: (w, h) => `M0 0H${w - 14}L${w} ${h / 2}L${w - 14} ${h}H0z`,
  ClusterRoleBinding: (w, h) => `M0 0H${w - 14}L${w} ${h / 2}L${w - 14} ${h}H0z`,
  workload: (w, h) => `M0 0H${w - 12}L${w} 12V${h}H0zM${w - 12} 0V12H${w}`,
  ClusterRole: (w, h) => `M0 0H${w}V${h}H0zM5 0V${h}`,
  Role: (w, h) => `M0 0H${w}V${h}H0z`,
};
const SAYS = { missing: "not there", unread: "not read" };
const MULTIPLE = /^\d+ /;
function layered(numbers, edges) {
  const columns = [...new Set(numbers.map((each) => data.nodes[each].column))].sort((a, b) => a - b);
  const layers = columns.map((column) => numbers.filter((each) => data.nodes[each].column === column));
  const near = new Map(numbers.map((each) => [each, []]));
  for (const [from, to] of edges) {
    near.get(from).push(to);
    near.get(to).push(from);
  }
  const rank = new Map();
  const keep = (layer) => layer.forEach((each, index) => rank.set(each, (index + 0.5) / layer.length));
  layers.forEach(keep);
  // Each column follows the middle of its neighbours, to and fro, so that few edges cross.
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const middle = new Map(layer.map((each) => {
        const around = near.get(each).map((other) => rank.get(other));
        return [each, around.length ? around.reduce((sum, one) => sum + one, 0) / around.length : rank.get(each)];
      }));
      layer.sort((a, b) => middle.get(a) - middle.get(b) || a - b);
      keep(layer);
    }
  }
  const tallest = Math.max(...layers.map((layer) => layer.length));
  const spots = new Map();
  layers.forEach((layer, index) => {
    const free = (tallest - layer.length) * (BOX.height + GAP.y);
    layer.forEach((each, row) => spots.set(each, {
      x: EDGE_PAD + index * (BOX.width + GAP.x),
      y: EDGE_PAD + HEAD + (free * (row + 0.5)) / layer.length + row * (BOX.height + GAP.y) }));
  });
  return { columns, spots, width: 2 * EDGE_PAD + columns.length * (BOX.width + GAP.x) - GAP.x,
    height: 2 * EDGE_PAD + HEAD + tallest * (BOX.height + GAP.y) - GAP.y };
}
function wire(from, to) {
  const y = { from: from.y + BOX.height / 2, to: to.y + BOX.height / 2 };
  if (to.x <= from.x) {
    const side = from.x + BOX.width;
    return `M${side} ${y.from}C${side + 60} ${y.from} ${side + 60} ${y.to} ${to.x + BOX.width + 6} ${y.to}`;
  }
  const x = { from: from.x + BOX.width, to: to.x - 6 }, bend = (x.to - x.from) / 2;
  return `M${x.from} ${y.from}C${x.from + bend} ${y.from} ${x.to - bend} ${y.to} ${x.to} ${y.to}`;
}
function beside(start, edges, here, there) {
  const found = new Set([start]);
  for (const each of found) for (const edge of edges) if (edge[here] === each) found.add(edge[there]);
  return found;
}
function drawBox(svg, number, spot) {
  const node = data.nodes[number], many = MULTIPLE.test(node.kind);
  const group = shape(svg, "g", { class: `node ${node.severity} ${node.state}`, tabindex: 0, role: "button",
    "aria-label": node.lines[0], transform: `translate(${spot.x} ${spot.y})` });
  shape(group, "title", {}, node.lines.join("\n"));
  const outline = (OUTLINES[node.shape] || OUTLINES.Role)(BOX.width, BOX.height);
  if (many) shape(group, "path", { class: "more", d: outline, transform: "translate(5 -5)" });
  shape(group, "path", { class: "face", d: outline });
  const severity = node.severity === "none" ? "" : node.severity;
  const told = [node.kind, SAYS[node.state], severity].filter(Boolean).join(" \u00b7 ");
  shape(group, "text", { class: "kind", x: 15, y: 12 }, shortened(told, 34));
  shape(group, "text", { x: 15, y: 28 }, shortened(node.name, 25));
  return group;
}
function drawLayers(place, detail, numbers, edges) {
  const size = layered(numbers, edges);
  const svg = shape(place, "svg", { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width,
    height: size.height, role: "group", "aria-label": "Map of who has what" });
  svg.style.setProperty("--faint", edges.length < 150 ? 0.75 : 0.35);
  const tip = shape(shape(svg, "defs", {}), "marker", { id: "tip", class: "tip", viewBox: "0 0 8 8", refX: 2, refY: 4,
    markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" });
  shape(tip, "path", { d: "M0 0L8 4L0 8z" });
  size.columns.forEach((column, index) => shape(svg, "text",
    { class: "head", x: EDGE_PAD + index * (BOX.width + GAP.x), y: EDGE_PAD }, data.columns[column]));
  const wires = edges.map((edge) => ({ edge, node: shape(svg, "path", { class: `edge ${edge[2]}`,
    d: wire(size.spots.get(edge[0]), size.spots.get(edge[1])), "marker-end": "url(#tip)" }) }));
  const boxes = new Map();
  let kept = null;
  const show = (number) => {
    svg.classList.toggle("focused", number !== null);
    const before = beside(number, edges, 1, 0), after = beside(number, edges, 0, 1);
    const within = (found, edge) => found.has(edge[0]) && found.has(edge[1]);
    for (const { edge, node } of wires) node.classList.toggle("on", within(before, edge) || within(after, edge));
    for (const [each, node] of boxes) {
      node.classList.toggle("on", before.has(each) || after.has(each));
      node.classList.toggle("at", each === number);
    }
    // Below the map: above it, a text that grows would move the box away from the pointer.
    detail.replaceChildren();
    for (const line of number === null ? [] : data.nodes[number].lines) make(detail, "li", line);
  };
  for (const number of numbers) {
    const node = drawBox(svg, number, size.spots.get(number));
    node.onmouseenter = node.onfocus = () => { if (kept === null) show(number); };
    node.onmouseleave = node.onblur = () => { if (kept === null) show(null); };
    pressable(node, () => { kept = kept === number ? null : number; show(kept === null ? number : kept); });
    boxes.set(number, node);
  }
  show(null);
}
