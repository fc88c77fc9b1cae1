// Where places are drawn: the same map is laid out in the same way, whatever is looked at nearby.

export interface Group { id: string; size: number }
export interface Tie { source: string; destination: string; weight: number }
export interface Spot { x: number; y: number; radius: number }

const TURN = Math.PI * (3 - Math.sqrt(5));
const GAP = 6;

/** The radius of the disc of a namespace with so many workloads; a workload is a disc of radius 1. */
export const radiusOf = (size: number) => 2.3 * Math.sqrt(Math.max(1, size)) + 1;

/** The place of each of so many workloads in its namespace's disc. */
export function seat(number: number, count: number, { x, y, radius }: Spot): { x: number; y: number } {
  if (count === 1) return { x, y };
  const away = (radius - 1.4) * Math.sqrt((number + 0.5) / count);
  return { x: x + away * Math.cos(number * TURN), y: y + away * Math.sin(number * TURN) };
}

/** Pull together what is tied, push apart what is not, and let no two discs touch. */
export function laidOut(groups: Group[], ties: Tie[]): Record<string, Spot> {
  const number = new Map(groups.map((each, place) => [each.id, place]));
  const count = groups.length;
  const radius = groups.map((each) => radiusOf(each.size));
  const spread = Math.sqrt(radius.reduce((sum, each) => sum + each * each, 0)) * 1.5 + 10;
  const degree = new Array<number>(count).fill(0);
  const pulls: [number, number, number][] = [];
  for (const tie of ties) {
    const a = number.get(tie.source), b = number.get(tie.destination);
    if (a === undefined || b === undefined || a === b) continue;
    pulls.push([a, b, tie.weight]);
    degree[a]! += tie.weight;
    degree[b]! += tie.weight;
  }
  // What has most ties begins in the middle.
  const order = [...groups.keys()].sort((a, b) => degree[b]! - degree[a]! || a - b);
  const x = new Array<number>(count), y = new Array<number>(count);
  order.forEach((place, rank) => {
    const away = spread * Math.sqrt((rank + 0.3) / count);
    x[place] = away * Math.cos(rank * TURN);
    y[place] = away * Math.sin(rank * TURN);
  });
  const rounds = count > 400 ? 60 : 250;
  for (let round = 0; round < rounds; round++) {
    const heat = spread * 0.06 * (1 - round / rounds);
    const dx = new Array<number>(count).fill(0), dy = new Array<number>(count).fill(0);
    for (let a = 0; a < count; a++) {
      for (let b = a + 1; b < count; b++) {
        const ox = x[a]! - x[b]!, oy = y[a]! - y[b]!;
        const away = Math.max(0.1, Math.hypot(ox, oy));
        const force = (spread * spread) / count / (away * away);
        dx[a]! += ox * force; dy[a]! += oy * force;
        dx[b]! -= ox * force; dy[b]! -= oy * force;
      }
    }
    for (const [a, b, weight] of pulls) {
      const force = (weight / Math.max(1, Math.min(degree[a]!, degree[b]!))) * 0.35;
      const ox = x[b]! - x[a]!, oy = y[b]! - y[a]!;
      dx[a]! += ox * force; dy[a]! += oy * force;
      dx[b]! -= ox * force; dy[b]! -= oy * force;
    }
    for (let a = 0; a < count; a++) {
      dx[a]! -= x[a]! * 0.05; dy[a]! -= y[a]! * 0.05;
      const length = Math.hypot(dx[a]!, dy[a]!) || 1;
      const step = Math.min(length, heat) / length;
      x[a]! += dx[a]! * step; y[a]! += dy[a]! * step;
    }
  }
  partDiscs(x, y, radius);
  return Object.fromEntries(groups.map((each, a) => [each.id, { x: x[a]!, y: y[a]!, radius: radius[a]! }]));
}

function partDiscs(x: number[], y: number[], radius: number[]): void {
  for (let round = 0; round < 200; round++) {
    let moved = false;
    for (let a = 0; a < x.length; a++) {
      for (let b = a + 1; b < x.length; b++) {
        let ox = x[b]! - x[a]!, oy = y[b]! - y[a]!;
        let away = Math.hypot(ox, oy);
        const lack = radius[a]! + radius[b]! + GAP - away;
        if (lack <= 0.01) continue;
        if (away < 1e-6) [ox, oy, away] = [Math.cos(a * TURN), Math.sin(a * TURN), 1];
        const share = lack / 2 / away;
        x[a]! -= ox * share; y[a]! -= oy * share;
        x[b]! += ox * share; y[b]! += oy * share;
        moved = true;
      }
    }
    if (!moved) return;
  }
}
