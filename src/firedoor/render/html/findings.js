const MOST_ROWS = 500, LEVELS = ["info", "low", "medium", "high", "critical"];
const PARTS = ["both", "ingress", "egress", "open", "host"];
const PART_WORDS = ["in both directions", "for ingress only", "for egress only", "in neither direction", "on the host network"];
const COLUMNS = [(row) => 9 - LEVELS.indexOf(row.severity), (row) => row.check, (row) => row.object, (row) => row.message];
let isUnfolded = false;
for (const row of data.rows)
  row.text = [row.severity, row.check, data.titles[row.check], row.object, row.place, row.message, row.why,
    ...row.evidence, ...row.details.flat(), ...row.frameworks, row.remedy, row.fix].join("\n").toLowerCase();
function wanted() {
  const search = byId("search").value.toLowerCase(), space = byId("namespace").value, check = byId("check").value;
  const level = LEVELS.indexOf(byId("severity").value), framework = byId("framework").value;
  return data.rows.filter((row) =>
    (!space || row.namespace === space) && (!check || row.check === check) &&
    (!framework || row.frameworks.includes(framework)) &&
    LEVELS.indexOf(row.severity) >= level && row.text.includes(search));
}
function part(parent, title) {
  make(parent, "h3", title);
  return parent;
}
function fill(details, row) {
  // Only what somebody unfolds is made: thousands of findings would make a browser slow.
  if (details.children.length > 1) return;
  if (row.why) make(part(details, "Why it matters"), "div", row.why);
  if (row.evidence.length) {
    const list = make(part(details, "Evidence"), "ul");
    for (const each of row.evidence) make(list, "li", each);
  }
  const facts = make(part(details, "Known"), "ul");
  if (row.place) make(facts, "li", `written in ${row.place}`);
  make(facts, "li", `confidence: ${row.confidence}`);
  for (const [name, value] of row.details) make(facts, "li", `${name}: ${value}`);
  const items = row.frameworks.filter((each) => each.includes(" "));
  if (items.length) make(facts, "li", `about: ${items.join(", ")}`);
  make(part(details, "Remedy"), "div", row.remedy);
  if (row.fix) addManifest(details, row.fix);
}
function addManifest(details, text) {
  const button = make(make(details, "div"), "button", "Copy the manifest"), manifest = make(details, "pre", text);
  button.onclick = () => {
    const range = document.createRange();
    range.selectNodeContents(manifest);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const tell = (isCopied) => { button.textContent = isCopied ? "Copied" : "Selected: copy it with the keyboard"; };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => tell(true), () => tell(false));
    else tell(false);
  };
}
function addRows(body, rows, first, most = MOST_ROWS) {
  for (const row of rows.slice(first, first + most)) {
    const line = make(body, "tr"), badge = make(make(line, "td"), "span", row.severity);
    badge.className = `badge ${row.severity}`;
    make(line, "td", row.check).title = data.titles[row.check];
    make(line, "td", row.object);
    const details = make(make(line, "td"), "details");
    make(details, "summary", row.message);
    details.ontoggle = () => fill(details, row);
    details.unfold = () => { fill(details, row); details.open = true; };
    if (isUnfolded) details.unfold();
  }
  const left = rows.length - first - most;
  if (left <= 0) return;
  const more = make(body, "tr"), cell = make(more, "td");
  more.className = "more";
  cell.colSpan = COLUMNS.length;
  const button = make(cell, "button", `Show ${Math.min(left, MOST_ROWS)} of ${left} more findings`);
  more.all = () => { more.remove(); addRows(body, rows, first + most, rows.length); };
  button.onclick = () => { more.remove(); addRows(body, rows, first + most); };
}
function draw() {
  const rows = wanted(), body = byId("list").tBodies[0];
  byId("count").textContent = `${rows.length} of ${data.rows.length} findings`;
  inOrder(rows, COLUMNS[order.column]);
  body.replaceChildren();
  addRows(body, rows, 0);
}
function drawCoverage() {
  byId("coverage-part").hidden = !data.coverage.length;
  for (const row of data.coverage) {
    const line = make(byId("coverage").tBodies[0], "tr");
    make(line, "td", row.namespace);
    make(line, "td", row.pods);
    const bar = make(make(line, "td"), "div");
    const told = row.parts.map((number, kind) => number && `${number} ${PART_WORDS[kind]}`).filter(Boolean).join(", ");
    bar.className = "bar";
    bar.title = told;
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", told || "no pods");
    row.parts.forEach((number, kind) => {
      if (!number) return;
      const piece = make(bar, "i");
      piece.className = PARTS[kind];
      piece.style.flexGrow = number;
    });
    make(line, "td", row.policies);
  }
}
function options(id, values) {
  const inOrder = (one, other) => one.localeCompare(other, "en", { numeric: true });
  for (const value of [...new Set(values)].sort(inOrder)) if (value) make(byId(id), "option", value).value = value;
}
for (const [severity, number] of data.severities) {
  const card = make(byId("numbers"), "li");
  card.className = number ? severity : `${severity} zero`;
  make(card, "b", number);
  make(card, "span", severity);
}
drawCoverage();
options("check", data.rows.map((row) => row.check));
options("namespace", data.rows.map((row) => row.namespace));
options("framework", data.rows.flatMap((row) => row.frameworks));
for (const [place, reason, remedy] of data.gaps) {
  const item = make(byId("gaps"), "li", place ? `${place}: ${reason}` : reason);
  if (remedy) make(item, "div", `Remedy: ${remedy}`).className = "detail";
}
byId("gaps-part").hidden = !data.gaps.length;
const spots = [...document.querySelectorAll(".spot")], edges = [...document.querySelectorAll("#spaces .edge")];
// A namespace is pressed to see what leads to it and from it, and to list its findings; once more for all.
function focusOn(spot) {
  const own = spot?.dataset.number, seen = new Set([own]);
  for (const edge of edges) {
    const ends = edge.dataset.ends.split(" "), isOn = ends.includes(own);
    edge.classList.toggle("on", isOn);
    if (isOn) for (const end of ends) seen.add(end);
  }
  byId("spaces").classList.toggle("focused", Boolean(spot));
  for (const each of spots) {
    each.classList.toggle("at", each === spot);
    each.classList.toggle("on", seen.has(each.dataset.number));
    each.setAttribute("aria-pressed", String(each === spot));
  }
}
for (const spot of spots) {
  spot.setAttribute("role", "button");
  spot.setAttribute("tabindex", "0");
  spot.setAttribute("aria-pressed", "false");
  pressable(spot, () => {
    const isAt = spot.classList.contains("at"), space = byId("namespace");
    focusOn(isAt ? undefined : spot);
    space.value = isAt ? "" : spot.dataset.space;
    // A namespace without findings is none of the choices: everything is listed then.
    if (space.selectedIndex < 0) space.value = "";
    draw();
  });
}
if (spots.length) byId("spaces").setAttribute("role", "group");
makeSortable(byId("list"), draw);
for (const id of ["search", "severity", "check", "namespace", "framework"]) byId(id).oninput = draw;
const everyDetail = () => byId("list").querySelectorAll("details");
byId("unfold").onclick = () => {
  isUnfolded = !isUnfolded;
  byId("unfold").textContent = isUnfolded ? "Fold all" : "Unfold all";
  for (const each of everyDetail()) isUnfolded ? each.unfold() : (each.open = false);
};
// Paper cannot be unfolded: everything that matches is printed, with its proof and remedy.
onbeforeprint = () => {
  byId("list").querySelector("tr.more")?.all();
  for (const each of everyDetail()) each.unfold();
};
draw();
