"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (parent, tag, text) => {
  const node = document.createElement(tag);
  node.textContent = text;
  parent.append(node);
  return node;
};
let order = 0, descending = false;
byId("summary").textContent = data.summary;
for (const name of data.namespaces) make(byId("namespace"), "option", name).value = name;
for (const gap of data.gaps) make(byId("gaps"), "li", gap);
byId("gaps-title").hidden = !data.gaps.length;
const words = (row) => [row.traffic, row.unknown && "? " + row.unknown].filter(Boolean).join("  ");
function draw() {
  const wanted = byId("search").value.toLowerCase(), space = byId("namespace").value;
  const rows = data.rows.filter((row) => (!space || row.namespaces.includes(space)) &&
    [row.src, row.dst, row.traffic, row.unknown].join(" ").toLowerCase().includes(wanted));
  const keys = ["src", "dst", "traffic", "unknown"], key = keys[order];
  rows.sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0) * (descending ? -1 : 1));
  const body = byId("list").tBodies[0];
  body.replaceChildren();
  for (const row of rows) {
    const line = make(body, "tr", "");
    for (const each of keys) make(line, "td", row[each]);
  }
  drawMatrix(rows);
}
function drawMatrix(rows) {
  const table = byId("matrix"), cells = new Map();
  for (const row of rows) cells.set(JSON.stringify([row.src, row.dst]), row);
  const names = [...new Set(rows.flatMap((row) => [row.src, row.dst]))].sort();
  table.replaceChildren();
  const head = make(make(table, "thead", ""), "tr", ""), body = make(table, "tbody", "");
  make(head, "th", "");
  for (const name of names) make(head, "th", name);
  for (const src of names) {
    const line = make(body, "tr", "");
    make(line, "th", src);
    for (const dst of names) {
      const row = cells.get(JSON.stringify([src, dst])), cell = make(line, "td", "");
      if (!row) continue;
      cell.className = row.traffic === "all" ? "all" : row.traffic ? "some" : "unknown";
      cell.title = `${src} \u2192 ${dst}: ${words(row)}`;
      cell.onclick = () => { byId("detail").textContent = cell.title; };
    }
  }
}
[...byId("list").tHead.rows[0].cells].forEach((cell, column) => {
  cell.onclick = () => { descending = order === column && !descending; order = column; draw(); };
});
byId("search").oninput = draw;
byId("namespace").onchange = draw;
draw();
