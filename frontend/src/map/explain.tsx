// Why one connection is accepted or denied, in words and with the lines that decide.

import { useEffect, useState } from "preact/hooks";
import { useAnswer } from "../api";
import { Code, Source, Waiting } from "../parts";
import type { Go } from "../place";
import type { Direction, Explanation, Reason } from "../types";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];

export interface Question { from: string; to: string; port: string; protocol: string }

export function Ask({ asked, go }: { asked: Question; go: Go }) {
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked.from, asked.to, asked.port, asked.protocol]);
  const field = (name: keyof Question, label: string, hint: string) => (
    <label>
      {label}
      <input name={name} list={name === "port" ? undefined : "places"} required placeholder={hint} value={typed[name]} inputMode={name === "port" ? "numeric" : "text"}
        onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })} />
    </label>
  );
  const submit = (event: Event) => {
    event.preventDefault();
    go({ "ask-from": typed.from.trim(), "ask-to": typed.to.trim(), port: typed.port.trim(), protocol: typed.protocol });
  };
  return (
    <form class="ask" aria-label="Ask about one connection" onSubmit={submit}>
      {field("from", "From", "shop/web, or an address")}
      {field("to", "To", "shop/db, or an address")}
      {field("port", "Port", "5432")}
      <label>
        Protocol
        <select name="protocol" value={typed.protocol} onChange={(event) => setTyped({ ...typed, protocol: event.currentTarget.value })}>
          {PROTOCOLS.map((each) => <option key={each}>{each}</option>)}
        </select>
      </label>
      <button type="submit">Explain</button>
    </form>
  );
}

export function Answer({ asked }: { asked: Question }) {
  const isWhole = asked.from !== "" && asked.to !== "" && asked.port !== "";
  const answer = useAnswer<Explanation>("explain", isWhole ? { ...asked } : null);
  if (!isWhole) return null;
  return <Waiting asked={answer}>{(found) => <Told found={found} />}</Waiting>;
}

function Told({ found }: { found: Explanation }) {
  return (
    <section class="explanation" aria-label="Explanation">
      <h3>
        <span class={`verdict ${found.verdict}`}>{found.verdict}</span> {found.source} to {found.destination}, {found.protocol}/{found.port}
      </h3>
      <Side title="leaving the source" side={found.egress} />
      <Side title="entering the destination" side={found.ingress} />
      {found.notes.map((note) => <p key={note} class="soft">{note}</p>)}
      {found.pods.length > 0 && (
        <details>
          <summary>{found.pods.length} kinds of pods differ</summary>
          <ul>{found.pods.slice(0, 100).map(([from, to, verdict]) => <li key={from + to}><b>{verdict}</b> {from} to {to}</li>)}</ul>
        </details>
      )}
      {found.flip && (
        <details open>
          <summary>What would change it: {found.flip.summary}</summary>
          {found.flipYaml && <Code text={found.flipYaml} label="Policy that would change the verdict" />}
        </details>
      )}
    </section>
  );
}

const Side = ({ title, side }: { title: string; side: Direction }) => (
  <div class="side">
    <h4><span class={`verdict ${side.verdict}`}>{side.verdict}</span> {title}</h4>
    <ul>{side.because.map((each, number) => <Because key={number} reason={each} />)}</ul>
    {side.near_misses.length > 0 && (
      <details>
        <summary>{side.near_misses.length} rules came close</summary>
        <ul>{side.near_misses.map((each, number) => <Because key={number} reason={each} />)}</ul>
      </details>
    )}
  </div>
);

const Because = ({ reason }: { reason: Reason }) => (
  <li>
    {reason.policy && <b>{reason.kind} {reason.policy} {reason.rule && <code>{reason.rule}</code>} </b>}
    {reason.detail} <Source at={reason.source} />
  </li>
);
