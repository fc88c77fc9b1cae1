// What is behind a place or a link of the map.

import { useAnswer } from "../api";
import { endText, placeText, STATES, traffic, Waiting } from "../parts";
import type { Go } from "../place";
import type { ConnectionMap, MapLink, Pair, Pairs } from "../types";
import { OUTSIDE } from "./scene";

/** An address that stands for a range, to ask about. */
function address(ips: string | undefined): string {
  const first = (ips ?? "").split("-")[0] ?? "";
  return first === "" || first === "0.0.0.0" ? "203.0.113.1" : first === "::" ? "2001:db8::1" : first;
}

const asked = (id: string, end: { ips?: string; domain?: string } | null) => (id === OUTSIDE ? end?.domain ?? address(end?.ips) : id);

export function LinkPanel({ from, to, go }: { from: string; to: string; go: Go }) {
  const answer = useAnswer<Pairs>("pairs", { from, to });
  return (
    <section aria-label="Link">
      <h3>{placeText(from)} to {placeText(to)}</h3>
      <p>
        <button type="button" onClick={() => go({ from: to, to: from, port: "", "ask-from": "", "ask-to": "" })}>The way back</button>
      </p>
      <Waiting asked={answer}>
        {(found) => (
          <>
            {found.pairs.length === 0 && <p>Nothing is accepted, and nothing was seen.</p>}
            {found.more && <p class="soft">There are more; look at single workloads to see them.</p>}
            <ul class="pairs">{found.pairs.map((each, number) => <OnePair key={number} pair={each} go={go} />)}</ul>
          </>
        )}
      </Waiting>
    </section>
  );
}

function ports(pair: Pair): { protocol: string; port: number }[] {
  const found = new Map<string, { protocol: string; port: number }>();
  for (const { protocol, port } of pair.seen) found.set(`${protocol}/${port}`, { protocol, port });
  for (const { protocol, from } of pair.ports) found.set(`${protocol}/${from}`, { protocol, port: from });
  if (found.size === 0) {
    for (const each of [...pair.traffic, ...pair.unknown].slice(0, 3)) {
      const port = each.from === 1 && each.to === 65535 ? 80 : Math.max(1, each.from);
      found.set(`${each.protocol}/${port}`, { protocol: each.protocol, port });
    }
  }
  return [...found.values()].slice(0, 12);
}

function OnePair({ pair, go }: { pair: Pair; go: Go }) {
  const from = pair.source === OUTSIDE ? endText(pair.src) || pair.seen[0]?.peer || "outside" : placeText(pair.source);
  const to = pair.destination === OUTSIDE ? endText(pair.dst) || pair.seen[0]?.peer || "outside" : placeText(pair.destination);
  const ends = { "ask-from": asked(pair.source, pair.src), "ask-to": asked(pair.destination, pair.dst) };
  return (
    <li>
      <b>{from}</b> to <b>{to}</b>
      <div>{pair.traffic.length ? `accepted: ${traffic(pair.traffic)}` : "nothing is surely accepted"}</div>
      {pair.unknown.length > 0 && <div class="soft">not known: {traffic(pair.unknown)}</div>}
      {pair.podsDiffer && <div class="soft">not for all of their pods alike</div>}
      {pair.requests.map((each) => <div key={each} class="soft">requests: {each}</div>)}
      {pair.seen.map((each, number) => (
        <div key={number} class={each.allowed ? (each.verdict === "denied" ? "seen against" : "seen used") : "seen tried"}>
          {each.allowed ? "seen" : "tried, and denied"} {each.count} times on {each.protocol}/{each.port}
          {each.peer && ` (${each.peer})`}, last {each.last.slice(0, 10)}{each.allowed && each.verdict === "denied" ? "; the policies deny it" : ""}
        </div>
      ))}
      <div class="ports">
        Explain{" "}
        {ports(pair).map(({ protocol, port }) => (
          <button type="button" key={`${protocol}${port}`} aria-label={`Explain ${from} to ${to} on ${protocol} ${port}`}
            onClick={() => go({ ...ends, port: String(port), protocol })}>
            {protocol}/{port}
          </button>
        ))}
      </div>
    </li>
  );
}

export function PlacePanel({ id, map, go }: { id: string; map: ConnectionMap; go: Go }) {
  const place = map.places.find((each) => each.id === id);
  if (!place) return <p class="soft">It is not on the map as it is shown: expand its namespace.</p>;
  const into = map.links.filter((each) => each.destination === id);
  const out = map.links.filter((each) => each.source === id);
  return (
    <section aria-label="Place">
      <h3>{placeText(id)}</h3>
      {place.kind !== "outside" && (
        <p>
          {place.kind === "workload" ? place.workloadKind : `${place.workloads} workloads`}, {place.pods} pods.{" "}
          {place.openIngress ? `${place.openIngress} of them accept anybody that other policies let out` : "All restrict who may connect to them"};{" "}
          {place.openEgress ? `${place.openEgress} may connect to anybody` : "all are restricted in where they may connect to"}.
        </p>
      )}
      {place.kind === "namespace" && <Expand id={id} map={map} go={go} />}
      <Ways title="May connect to it" links={into} end="source" go={go} />
      <Ways title="It may connect to" links={out} end="destination" go={go} />
    </section>
  );
}

function Expand({ id, map, go }: { id: string; map: ConnectionMap; go: Go }) {
  const near = [...new Set(map.places.filter((each) => each.kind === "workload").map((each) => each.namespace))];
  return (
    <p>
      <button type="button" onClick={() => go({ expand: [...near, id].sort().join(","), place: "" })}>Show its workloads</button>{" "}
      <button type="button" onClick={() => go({ from: id, to: id, place: "" })}>What may pass inside it</button>
    </p>
  );
}

function Ways({ title, links, end, go }: { title: string; links: MapLink[]; end: "source" | "destination"; go: Go }) {
  return (
    <details open={links.length <= 30}>
      <summary>{title}: {links.length}</summary>
      <ul class="ways">
        {links.slice(0, 200).map((each) => (
          <li key={each[end]}>
            <button type="button" class="plain" onClick={() => go({ from: each.source, to: each.destination, place: "" })}>
              <i class={`dot ${each.state}`} aria-hidden="true" /> {placeText(each[end])}
            </button>{" "}
            <span class="soft">{STATES[each.state]}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
