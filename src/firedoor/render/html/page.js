"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (parent, tag, text = "") => {
  const node = document.createElement(tag);
  node.textContent = text;
  parent.append(node);
  return node;
};
const shape = (parent, tag, attributes, text) => {
  const node = document.createElementNS("http:" + "//www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
};
const shortened = (text, most = 25) => {
  const letters = [...text], half = Math.floor(most / 2);
  if (letters.length <= most) return text;
  return letters.slice(0, most - half).join("") + "\u2026" + letters.slice(1 - half).join("");
};
function pressable(node, press) {
  node.onclick = press;
  node.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  };
}
const order = { column: 0, descending: false };
function inOrder(rows, key) {
  rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (order.descending ? -1 : 1));
}
function makeSortable(table, redraw) {
  const cells = [...table.tHead.rows[0].cells];
  const tell = () => cells.forEach((cell, column) => {
    if (column === order.column) cell.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
  cells.forEach((cell, column) => {
    const title = cell.textContent;
    cell.textContent = "";
    // Not a button element: browsers leave those out of a heading that they repeat on printed pages.
    const button = make(cell, "span", title);
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    pressable(button, () => {
      order.descending = order.column === column && !order.descending;
      order.column = column;
      tell();
      redraw();
    });
  });
  tell();
}
