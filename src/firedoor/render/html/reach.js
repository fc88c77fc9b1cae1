const MOST_IN_MATRIX = 300, SIGNS = { all: "\u25cf", some: "\u25cb", mixed: "\u25cb?", unknown: "?" };
const nameOf = (number) => data.ends[number].name;
const words = (row) => [row.traffic, row.unknown && "? " + row.unknown].filter(Boolean).join("  ");
const describe = (row) => `${nameOf(row.src)} \u2192 ${nameOf(row.dst)}: ${words(row)}`;
const COLUMNS = [(row) => nameOf(row.src), (row) => nameOf(row.dst), (row) => row.traffic, (row) => row.unknown];
function wanted() {
  const search = byId("search").value.toLowerCase(), space = byId("namespace").value;
  return data.rows.filter((row) =>
    (!space || data.ends[row.src].namespace === space || data.ends[row.dst].namespace === space) &&
    COLUMNS.map((cell) => cell(row)).join(" ").toLowerCase().includes(search));
}
function draw() {
  const rows = wanted();
  byId("count").textContent = `${rows.length} of ${data.rows.length} pairs`;
  drawMap(rows);
  drawMatrix(rows);
  drawList(rows);
}
function drawList(rows) {
  const key = COLUMNS[order.column], body = byId("list").tBodies[0];
  inOrder(rows, key);
  body.replaceChildren();
  for (const row of rows) {
    const line = make(body, "tr");
    const cells = COLUMNS.map((cell) => make(line, "td", cell(row)));
    for (const each of row.details) {
      const pods = [each.src && `from ${each.src}`, each.dst && `to ${each.dst}`].filter(Boolean).join(", ");
      if (each.traffic) make(cells[2], "div", `${pods}: ${each.traffic}`).className = "detail";
      if (each.unknown) make(cells[3], "div", `${pods}: ${each.unknown}`).className = "detail";
    }
  }
}
function drawMatrix(rows) {
  const table = byId("matrix"), hint = byId("matrix-hint"), cells = new Map();
  const numbers = [...new Set(rows.flatMap((row) => [row.src, row.dst]))].sort((a, b) => a - b);
  table.replaceChildren();
  hint.className = numbers.length > MOST_IN_MATRIX ? "hint limit" : "hint";
  if (!numbers.length || numbers.length > MOST_IN_MATRIX) {
    hint.textContent = numbers.length
      ? `${numbers.length} ends are too many for a matrix of ${MOST_IN_MATRIX}: search or pick a namespace. ` +
        "The table below is complete."
      : "Nothing to draw.";
    return;
  }
  const idle = hint.textContent = "Rows are sources, columns destinations. Point at a cell to read it.";
  for (const row of rows) cells.set(`${row.src} ${row.dst}`, row);
  const head = make(make(table, "thead"), "tr"), body = make(table, "tbody");
  make(head, "th", "source \u2193  destination \u2192");
  for (const number of numbers) make(make(head, "th"), "span", nameOf(number));
  for (const src of numbers) {
    const line = make(body, "tr");
    make(line, "th", nameOf(src));
    for (const dst of numbers) {
      const row = cells.get(`${src} ${dst}`), cell = make(line, "td");
      if (!row) {
        if (src === dst) cell.className = "self";
        continue;
      }
      const kind = kindOf(row);
      cell.className = kind;
      cell.textContent = SIGNS[kind];
      cell.title = describe(row);
      cell.setAttribute("aria-label", cell.title);
      cell.onmouseenter = cell.onclick = () => { hint.textContent = cell.title; };
      cell.onmouseleave = () => { hint.textContent = idle; };
    }
  }
}
byId("summary").textContent = data.summary;
for (const name of [...new Set(data.ends.map((end) => end.namespace))].sort())
  if (name) make(byId("namespace"), "option", name).value = name;
for (const note of data.notes) make(byId("notes"), "li", note);
for (const gap of data.gaps) make(byId("gaps"), "li", gap);
byId("gaps-part").hidden = !data.gaps.length;
makeSortable(byId("list"), () => drawList(wanted()));
byId("search").oninput = draw;
byId("namespace").onchange = draw;
draw();
