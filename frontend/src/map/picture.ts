// The map as a picture to keep: SVG, and PNG made of it.

import { protection, type Scene, type Shown } from "./scene";
import { STATES } from "../parts";
import { theme } from "./theme";

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const n = (value: number) => value.toFixed(2);

export function svg(scene: Scene, shown: Shown, isWideShown: boolean): { text: string; width: number; height: number } {
  const colours = theme();
  const xs = scene.discs.flatMap((each) => [each.x - each.radius, each.x + each.radius]);
  const ys = scene.discs.flatMap((each) => [-each.y - each.radius, -each.y + each.radius]);
  const edge = 8;
  const [left, top] = [Math.min(...xs) - edge, Math.min(...ys) - edge];
  const [wide, high] = [Math.max(...xs) - left + edge * 2, Math.max(...ys) - top + edge];
  const at = new Map(scene.discs.map((each) => [each.id, each]));
  const parts: string[] = [];
  for (const disc of scene.discs.filter((each) => each.isRim)) {
    parts.push(`<circle cx="${n(disc.x)}" cy="${n(-disc.y)}" r="${n(disc.radius)}" fill="${colours.disc}"/>`);
  }
  for (const { link, state, isWide } of scene.lines) {
    const from = at.get(link.source), to = at.get(link.destination);
    if (!from || !to || !shown.has(state) || (isWide && !isWideShown)) continue;
    const [dx, dy] = [to.x - from.x, -to.y + from.y];
    const length = Math.hypot(dx, dy) || 1;
    const [ux, uy] = [dx / length, dy / length];
    const [x1, y1] = [from.x + ux * from.radius, -from.y + uy * from.radius];
    const [x2, y2] = [to.x - ux * (to.radius + 0.5), -to.y - uy * (to.radius + 0.5)];
    const bend = state === link.state ? 0.1 : 0.17;
    const [cx, cy] = [(x1 + x2) / 2 - uy * length * bend, (y1 + y2) / 2 + ux * length * bend];
    const dash = state === "tried" || state === "against" ? ' stroke-dasharray="1.2 0.6"' : "";
    parts.push(`<path d="M${n(x1)} ${n(y1)}Q${n(cx)} ${n(cy)} ${n(x2)} ${n(y2)}" fill="none" stroke="${colours.states[state]}" stroke-width="0.3"${dash} marker-end="url(#${state})"><title>${escaped(`${link.source} to ${link.destination}: ${STATES[state]}`)}</title></path>`);
  }
  for (const disc of scene.discs) {
    const size = disc.place.kind === "workload" && !disc.isRim ? 0.9 : 2.2;
    if (!disc.isRim) parts.push(`<circle cx="${n(disc.x)}" cy="${n(-disc.y)}" r="${n(disc.radius)}" fill="${colours[protection(disc.place)]}"/>`);
    parts.push(`<text x="${n(disc.x)}" y="${n(-disc.y - disc.radius - 0.6)}" font-size="${size}" text-anchor="middle" fill="${colours.ink}">${escaped(disc.label)}</text>`);
  }
  const markers = Object.entries(colours.states).map(([state, colour]) =>
    `<marker id="${state}" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0L6 3L0 6z" fill="${colour}"/></marker>`);
  const scale = Math.min(12, Math.max(1600 / wide, Math.min(4, 8000 / Math.max(wide, high))));
  const [width, height] = [Math.round(wide * scale), Math.round(high * scale)];
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${n(left)} ${n(top)} ${n(wide)} ${n(high)}" font-family="system-ui, sans-serif"><rect x="${n(left)}" y="${n(top)}" width="${n(wide)}" height="${n(high)}" fill="${colours.paper}"/><defs>${markers.join("")}</defs>${parts.join("")}</svg>`;
  return { text, width, height };
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function png({ text, width, height }: { text: string; width: number; height: number }): Promise<Blob> {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")!.drawImage(image, 0, 0);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture is too large"))), "image/png"));
}
