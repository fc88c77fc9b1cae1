const MOST_ON_MAP = 300, MOST_ROWS = 1000, LEVELS = ["none", "info", "low", "medium", "high", "critical"];
const COLUMNS = [(row) => row.who, (row) => row.has, (row) => row.through,
  (row) => `${9 - LEVELS.indexOf(row.severity)} ${row.risks}`, (row) => row.place];
function wanted() {
  const search = byId("search").value.toLowerCase(), space = byId("namespace").value;
  const level = LEVELS.indexOf(byId("severity").value);
  return data.rows.filter((row) =>
    (!space || row.spaces.includes(space)) && LEVELS.indexOf(row.severity) >= level &&
    [row.who, row.has, row.through, row.risks, row.place].join(" ").toLowerCase().includes(search));
}
function shownNodes(rows) {
  if (rows.length === data.rows.length) return data.nodes.map((_, number) => number);
  const found = new Set(rows.flatMap((row) => row.on));
  // What runs as an account, and what a role takes from others, is part of its row.
  for (const [from, to, kind] of data.edges) if (kind === "runs-as" && found.has(to)) found.add(from);
  for (const each of found)
    for (const [from, to, kind] of data.edges) if (kind === "aggregates" && from === each) found.add(to);
  return [...found].sort((a, b) => a - b);
}
function drawMap(rows) {
  const numbers = shownNodes(rows), place = byId("map"), hint = byId("map-hint"), detail = byId("detail");
  place.replaceChildren();
  detail.replaceChildren();
  if (numbers.length && numbers.length <= MOST_ON_MAP) {
    const shown = new Set(numbers);
    hint.textContent = "Point at a box to see what leads to it and what it gives, or press it to keep that in view.";
    drawLayers(place, detail, numbers, data.edges.filter(([from, to]) => shown.has(from) && shown.has(to)));
    return;
  }
  hint.textContent = numbers.length
    ? `${numbers.length} boxes are too many for a map of ${MOST_ON_MAP}: search or pick a namespace. ` +
      "The table below has all of them."
    : "Nothing to draw.";
}
function drawList(rows) {
  const body = byId("list").tBodies[0];
  inOrder(rows, COLUMNS[order.column]);
  body.replaceChildren();
  addRows(body, rows, 0);
}
function addRows(body, rows, first) {
  for (const row of rows.slice(first, first + MOST_ROWS)) {
    const line = make(body, "tr");
    make(line, "td", row.who);
    make(line, "td", row.has);
    make(line, "td", row.through);
    make(line, "td", row.risks).className = row.severity;
    make(line, "td", row.place);
  }
  const left = rows.length - first - MOST_ROWS;
  if (left <= 0) return;
  // Some ten thousand rows at once would make a browser slow at every letter of a search.
  const more = make(body, "tr"), cell = make(more, "td");
  cell.colSpan = COLUMNS.length;
  const button = make(cell, "button", `Show ${Math.min(left, MOST_ROWS)} of ${left} more rows`);
  button.onclick = () => { more.remove(); addRows(body, rows, first + MOST_ROWS); };
}
function draw() {
  const rows = wanted();
  byId("count").textContent = `${rows.length} of ${data.rows.length} rows`;
  drawMap(rows);
  drawList(rows);
}
byId("summary").textContent = data.summary;
for (const name of [...new Set(data.rows.flatMap((row) => row.spaces))].sort())
  make(byId("namespace"), "option", name).value = name;
for (const note of data.notes) make(byId("notes"), "li", note);
for (const gap of data.gaps) make(byId("gaps"), "li", gap);
byId("gaps-part").hidden = !data.gaps.length;
order.column = 3;
makeSortable(byId("list"), () => drawList(wanted()));
for (const id of ["search", "namespace", "severity"]) byId(id).oninput = draw;
draw();
