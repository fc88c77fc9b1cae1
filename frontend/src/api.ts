// Questions to the server of this page, and nobody else.

import { useEffect, useState } from "preact/hooks";

export interface Problem { problem: string; place: string; remedy: string }
export class Refused extends Error {
  constructor(readonly told: Problem) {
    super([told.place, told.problem, told.remedy].filter(Boolean).join(" · "));
  }
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  let told: Problem = { problem: text.trim() || `the server answers ${response.status}`, place: "", remedy: "" };
  if (response.headers.get("content-type")?.startsWith("application/json")) told = JSON.parse(text) as Problem;
  throw new Refused(told);
}

export type Parameters = Record<string, string>;

export async function ask<T>(name: string, given: Parameters = {}, signal?: AbortSignal): Promise<T> {
  const words = new URLSearchParams(given).toString();
  return answer<T>(await fetch(`/api/${name}${words && "?"}${words}`, signal ? { signal } : {}));
}

export async function tell<T>(name: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { "content-type": "application/json" };
  return answer<T>(await fetch(`/api/${name}`, { method: "POST", headers, body: JSON.stringify(body), ...(signal && { signal }) }));
}

export interface Asked<T> { found: T | null; failed: string; isBusy: boolean }

/** The answer to a question, asked again when its parameters (or `again`) change; null asks nothing. */
export function useAnswer<T>(name: string, given: Parameters | null, again = 0): Asked<T> {
  const [state, setState] = useState<Asked<T>>({ found: null, failed: "", isBusy: given !== null });
  const key = given === null ? null : JSON.stringify(given);
  useEffect(() => {
    if (key === null) {
      setState({ found: null, failed: "", isBusy: false });
      return undefined;
    }
    const stop = new AbortController();
    setState((before) => ({ ...before, failed: "", isBusy: true }));
    ask<T>(name, JSON.parse(key) as Parameters, stop.signal).then(
      (found) => setState({ found, failed: "", isBusy: false }),
      (error: Error) => {
        if (!stop.signal.aborted) setState({ found: null, failed: error.message, isBusy: false });
      },
    );
    return () => stop.abort();
  }, [name, key, again]);
  return state;
}
