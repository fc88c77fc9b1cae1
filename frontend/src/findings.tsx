// What is wrong, with evidence, remedy and what the remedy would change.

import { useAnswer } from "./api";
import { Code, Diff, refText, Source, Waiting } from "./parts";
import type { Go } from "./place";
import { SEVERITIES, type About, type Finding, type Findings } from "./types";

type Given = Record<string, string>;

export function FindingsView({ about, given, go, again }: { about: About; given: Given; go: Go; again: number }) {
  const asked = useAnswer<Findings>("findings", {}, again);
  return <Waiting asked={asked}>{(found) => <Listed about={about} found={found} given={given} go={go} />}</Waiting>;
}

const homeOf = (each: Finding) => each.object.namespace || (each.object.kind === "Namespace" ? each.object.name : "");

export function Filter({ given, go, severities, checks, namespaces }: { given: Given; go: Go; severities: string[]; checks: string[]; namespaces: string[] }) {
  const choice = (name: string, label: string, values: string[]) => (
    <label>
      {label}{" "}
      <select name={name} value={given[name] ?? ""} onChange={(event) => go({ [name]: event.currentTarget.value })}>
        <option value="">all</option>
        {values.map((each) => <option key={each}>{each}</option>)}
      </select>
    </label>
  );
  return (
    <form class="bar" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      {choice("severity", "Severity", severities)}
      {choice("check", "Check", checks)}
      {choice("namespace", "Namespace", namespaces)}
      <label>Text <input type="search" name="text" value={given["text"] ?? ""} onInput={(event) => go({ text: event.currentTarget.value })} /></label>
    </form>
  );
}

const distinct = (values: string[]) => [...new Set(values)].filter(Boolean).sort();

function Listed({ about, found, given, go }: { about: About; found: Findings; given: Given; go: Go }) {
  const all = found.findings;
  const text = (given["text"] ?? "").toLowerCase();
  const rows = all.filter((each) => (!given["severity"] || each.severity === given["severity"])
    && (!given["check"] || each.check === given["check"]) && (!given["namespace"] || homeOf(each) === given["namespace"])
    && (!text || `${each.message} ${refText(each.object)} ${each.check}`.toLowerCase().includes(text)));
  return (
    <>
      <Filter given={given} go={go} severities={SEVERITIES.filter((one) => all.some((each) => each.severity === one))}
        checks={distinct(all.map((each) => each.check))} namespaces={distinct(all.map(homeOf))} />
      <p role="status">{rows.length} of {all.length} findings{found.gaps.length > 0 && `; ${found.gaps.length} things could not be read`}</p>
      <Cards rows={rows} chosen={given["finding"] ?? ""} go={go} titles={about.checks} isEditable={about.editable} />
      {found.gaps.length > 0 && (
        <details>
          <summary>What could not be read: {found.gaps.length}</summary>
          <ul>{found.gaps.slice(0, 500).map((each, number) => <li key={number}>{each.reason} <Source at={each.source} /> <span class="soft">{each.remedy}</span></li>)}</ul>
        </details>
      )}
    </>
  );
}

const MOST = 300;

export function Cards({ rows, chosen, go, titles, isEditable }: { rows: Finding[]; chosen: string; go: Go; titles: Record<string, string>; isEditable: boolean }) {
  const shown = rows.slice(0, MOST);
  const more = rows.find((each) => each.fingerprint === chosen);
  if (more && !shown.includes(more)) shown.push(more);
  return (
    <ul class="cards">
      {shown.map((each) => {
        const isOpen = each.fingerprint === chosen;
        return (
          <li key={each.fingerprint + each.message} class={`card ${each.severity}`}>
            <h3>
              <button type="button" class="plain" aria-expanded={isOpen} onClick={() => go({ finding: isOpen ? "" : each.fingerprint })}>
                <span class={`severity ${each.severity}`}>{each.severity}</span> {each.message}
              </button>
            </h3>
            <p class="soft">{titles[each.check] ?? each.check} · {refText(each.object)} <Source at={each.source} />{each.known && " · known from the baseline"}</p>
            {isOpen && <Opened finding={each} isEditable={isEditable} />}
          </li>
        );
      })}
      {rows.length > MOST && <li class="soft">{rows.length - MOST} more: choose a severity, a check or a namespace</li>}
    </ul>
  );
}

function Opened({ finding, isEditable }: { finding: Finding; isEditable: boolean }) {
  const asked = useAnswer<{ diff: string }>("fix", isEditable ? { fingerprint: finding.fingerprint } : null);
  return (
    <div>
      <p>{finding.why}</p>
      {finding.evidence.length > 0 && <><h4>Evidence</h4><ul>{finding.evidence.map((each) => <li key={each}>{each}</li>)}</ul></>}
      <h4>Remedy{finding.fixSafe ? "" : ", which may stop an app that runs or needs a choice"}</h4>
      <Code text={finding.fix} label="Remedy" />
      {asked.found?.diff && <><h4>In your manifests</h4><Diff text={asked.found.diff} /></>}
    </div>
  );
}
