// The colours of the map, from the style sheet: light or dark as the reader wishes.

import type { State } from "../types";

export interface Theme { ink: string; paper: string; soft: string; faint: string; disc: string; closed: string; partly: string; open: string; outside: string; states: Record<State, string> }

/** A colour as it looks through so much of the paper; the drawing itself mixes no colours. */
export function faded(colour: string, paper: string, share: number): string {
  const part = (text: string, at: number) => parseInt(text.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(part(colour, at) * (1 - share) + part(paper, at) * share));
  return `#${mixed.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"), paper: of("paper"), soft: of("soft"), faint: of("faint"), disc: of("disc"),
    closed: of("closed"), partly: of("partly"), open: of("open"), outside: of("outside"),
    states: {
      allowed: of("allowed"), used: of("used"), unused: of("unused"),
      tried: of("tried"), against: of("against"), unknown: of("unknown"),
    },
  };
}
