// Where in the page somebody is, kept in the hash of its address so that it can be linked to.

import { useEffect, useState } from "preact/hooks";

export interface Place { view: string; given: Record<string, string> }

export function placeOf(hash: string): Place {
  const [view = "", words = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { view: view || "map", given: Object.fromEntries(new URLSearchParams(words)) };
}

export function hashOf({ view, given }: Place): string {
  const kept = Object.entries(given).filter(([, value]) => value !== "");
  const words = new URLSearchParams(kept).toString();
  return `#/${view}${words && "?"}${words}`;
}

export type Go = (changes: Record<string, string>, view?: string) => void;

export function usePlace(): [Place, Go] {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const moved = () => setPlace(placeOf(location.hash));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const go: Go = (changes, view) => {
    const now = placeOf(location.hash);
    const given = view && view !== now.view ? changes : { ...now.given, ...changes };
    location.hash = hashOf({ view: view ?? now.view, given });
  };
  return [place, go];
}
