// What several views show in the same way.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Asked } from "./api";
import type { End, ObjectRef, Range, State } from "./types";

export const STATES: Record<State, string> = {
  allowed: "allowed",
  used: "allowed and used",
  unused: "allowed, never used",
  tried: "denied and tried",
  against: "denied by policy, seen to pass",
  unknown: "not known",
};

export function traffic(ranges: Range[]): string {
  const isWhole = (each: Range) => each.from <= 1 && each.to >= 65535;
  if (ranges.filter(isWhole).length >= 3) return "everything";
  return ranges.map((each) => {
    if (isWhole(each)) return `all ${each.protocol}`;
    return `${each.protocol}/${each.from}${each.to === each.from ? "" : `-${each.to}`}`;
  }).join(", ");
}

export function endText(end: End | null): string {
  if (!end) return "";
  if (end.workload) return end.workload;
  if (end.domain) return end.domain;
  if (end.ips === "0.0.0.0-255.255.255.255") return "any IPv4 address";
  const [first, last] = (end.ips ?? "").split("-");
  return first === last ? first ?? "" : end.ips ?? "";
}

/** An id of the map in words. */
export function placeText(id: string): string {
  const [namespace, , name] = id.split("/");
  return name === undefined ? namespace ?? "" : `${namespace}/${name}`;
}

export const refText = (ref: ObjectRef | null) =>
  ref ? `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ""}${ref.name}` : "";

export function Waiting<T>({ asked, children }: { asked: Asked<T>; children: (found: T) => ComponentChildren }) {
  if (asked.failed) return <Failure text={asked.failed} />;
  if (asked.found === null) return <p class="soft" role="status">{asked.isBusy ? "Working it out …" : ""}</p>;
  return <div aria-busy={asked.isBusy}>{children(asked.found)}</div>;
}

export const Failure = ({ text }: { text: string }) => (text ? <p class="failure" role="alert">{text}</p> : null);

export function Source({ at }: { at: string }) {
  if (!at) return null;
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(at).then(() => setCopied(true), () => undefined);
  };
  const short = at.split("/").slice(-3).join("/");
  return (
    <button type="button" class="source" title={`${at} - press to copy`} onClick={copy}>
      {copied ? "copied" : short}
    </button>
  );
}

export function Code({ text, label }: { text: string; label: string }) {
  return <pre class="code" tabIndex={0} aria-label={label}>{text}</pre>;
}

export function Diff({ text }: { text: string }) {
  const kind = (line: string) => (/^(\+\+\+|---)/.test(line) ? "head" : line[0] === "+" ? "plus" : line[0] === "-" ? "minus" : "");
  return (
    <pre class="code diff" tabIndex={0} aria-label="What the fix changes">
      {text.split("\n").map((line, number) => <span key={number} class={kind(line)}>{line}{"\n"}</span>)}
    </pre>
  );
}

export interface Column<Row> { title: string; cell: (row: Row) => ComponentChildren; key?: (row: Row) => string | number }

const STEP = 200;

/** A table that can be sorted, and shows more rows when asked. */
export function Table<Row>({ rows, columns, caption, id }: { rows: Row[]; columns: Column<Row>[]; caption: string; id?: (row: Row) => string }) {
  const [order, setOrder] = useState({ column: -1, down: false });
  const [most, setMost] = useState(STEP);
  const key = columns[order.column]?.key;
  const sorted = key ? [...rows].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    return (one < other ? -1 : one > other ? 1 : 0) * (order.down ? -1 : 1);
  }) : rows;
  const press = (column: number) => setOrder({ column, down: order.column === column && !order.down });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((each, number) => (
              <th key={each.title} scope="col" aria-sort={order.column !== number ? undefined : order.down ? "descending" : "ascending"}>
                {each.key ? <button type="button" class="plain" onClick={() => press(number)}>{each.title}</button> : each.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((row, number) => (
            <tr key={id ? id(row) : number}>{columns.map((each) => <td key={each.title}>{each.cell(row)}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {sorted.length > most && (
        <button type="button" onClick={() => setMost(most + STEP)}>Show more: {most} of {sorted.length} are shown</button>
      )}
    </div>
  );
}
