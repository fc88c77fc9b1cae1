// What is drawn, before anything draws it: discs and links with their places, for WebGL and for SVG alike.

import type { ConnectionMap, MapLink, MapPlace, State } from "../types";
import { radiusOf, seat, type Spot } from "./layout";

export const OUTSIDE = "outside";
const MOST_LINES = 4000;
const FEW_LINES = 250;
/** Marks the disc behind the workloads of a namespace that is looked into. */
export const RIM = "rim:";

export interface Disc { id: string; label: string; x: number; y: number; radius: number; place: MapPlace; isRim: boolean }
export interface Line { id: string; link: MapLink; state: State; isWide: boolean }
/** `isWide` lines are left out until somebody asks for them, or looks at one of their ends. */
export interface Scene { discs: Disc[]; lines: Line[]; wide: number }
export type Shown = Set<State>;

/** Places with a link to, or from, nearly all others: these links would hide the rest. */
function wideEnds(map: ConnectionMap, end: "source" | "destination"): Set<string> {
  const counts = new Map<string, number>();
  for (const link of map.links) {
    if (link.all + link.some) counts.set(link[end], (counts.get(link[end]) ?? 0) + 1);
  }
  const others = map.places.length - 1;
  return new Set([...counts].filter(([, count]) => map.links.length > FEW_LINES && count >= 0.7 * others).map(([id]) => id));
}

export function scene(map: ConnectionMap, spots: Record<string, Spot>): Scene {
  const [wideIn, wideOut] = [wideEnds(map, "destination"), wideEnds(map, "source")];
  const discs: Disc[] = [];
  const members = new Map<string, MapPlace[]>();
  for (const place of map.places) {
    if (place.kind === "workload") {
      members.set(place.namespace, [...(members.get(place.namespace) ?? []), place]);
      continue;
    }
    const spot = spots[place.id];
    if (spot) discs.push({ id: place.id, label: place.name, ...spot, place, isRim: false });
  }
  for (const [namespace, places] of members) {
    const spot = spots[namespace];
    if (!spot) continue;
    const whole: MapPlace = { ...places[0]!, id: namespace, kind: "namespace", name: namespace, workloads: places.length };
    discs.push({ id: RIM + namespace, label: namespace, ...spot, place: whole, isRim: true });
    places.forEach((place, number) => discs.push({
      id: place.id, label: place.name, ...seat(number, places.length, spot), radius: 0.9, place, isRim: false,
    }));
  }
  const known = new Set(discs.map((each) => each.id));
  const lines = map.links.filter((link) => known.has(link.source) && known.has(link.destination)).flatMap((link) => {
    const isWide = (wideIn.has(link.destination) || wideOut.has(link.source)) && !link.used && !link.tried && !link.against;
    return aspects(link).map((state) => ({ id: `${link.source}>${link.destination}!${state}`, link, state, isWide }));
  });
  // So many lines are a blot, whatever they tie.
  if (lines.filter((each) => !each.isWide).length > MOST_LINES) {
    for (const line of lines) line.isWide = line.state === "allowed" || line.state === "unused" || line.isWide;
  }
  return { discs, lines, wide: lines.filter((each) => each.isWide).length };
}

/** What is to be said of a link: that first which counts most, and what was denied on it besides. */
export function aspects(link: MapLink): State[] {
  return link.tried && link.state !== "tried" ? [link.state, "tried"] : [link.state];
}

export function groupsOf(map: ConnectionMap): { id: string; size: number }[] {
  return map.places.filter((each) => each.kind !== "workload")
    .map((each) => ({ id: each.id, size: each.kind === "outside" ? 6 : each.workloads }));
}

/** How a place is protected: all of its pods are restricted in who may connect to them, some, or none. */
export function protection({ kind, pods, openIngress }: MapPlace): "closed" | "partly" | "open" | "outside" {
  if (kind === "outside") return "outside";
  return openIngress === 0 ? "closed" : openIngress < pods ? "partly" : "open";
}

export const smallest = radiusOf(1);
