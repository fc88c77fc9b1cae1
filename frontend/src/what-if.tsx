// What a policy would do, while it is written.

import { useEffect, useRef, useState } from "preact/hooks";
import { ask, tell } from "./api";
import { endText, Failure, refText, Table, traffic } from "./parts";
import type { Go } from "./place";
import type { About, Change, ObjectRef, Replayed, WhatIf } from "./types";

const PAUSE = 350;
const EXAMPLE = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: NAMESPACE
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`;
const named = (each: ObjectRef) => `${each.kind} ${each.namespace}/${each.name}`;
const lineOf = (source: string) => Number(/:(\d+)$/.exec(source)?.[1] ?? 0);

export function WhatIfView({ about, given, go }: { about: About; given: Record<string, string>; go: Go }) {
  const [yaml, setYaml] = useState(() => sessionStorage.getItem("proposal") ?? "");
  const [removed, setRemoved] = useState<string[]>([]);
  const [found, setFound] = useState<WhatIf | null>(null);
  const [failed, setFailed] = useState("");
  const [isBusy, setBusy] = useState(false);
  const editor = useRef<HTMLTextAreaElement>(null);
  const byName = new Map(about.policies.map((each) => [named(each), each]));

  useEffect(() => {
    sessionStorage.setItem("proposal", yaml);
    if (!yaml.trim() && removed.length === 0) {
      setFound(null);
      setFailed("");
      return undefined;
    }
    const stop = new AbortController();
    const wait = setTimeout(() => {
      setBusy(true);
      const gone = removed.map((each) => byName.get(each)!).map(({ kind, namespace, name }) => ({ kind, namespace, name }));
      tell<WhatIf>("what-if", { yaml, removed: gone }, stop.signal).then(
        (answer) => { setFound(answer); setFailed(""); setBusy(false); },
        (error: Error) => { if (!stop.signal.aborted) { setFailed(error.message); setBusy(false); } },
      );
    }, PAUSE);
    return () => { clearTimeout(wait); stop.abort(); };
  }, [yaml, removed]);

  useEffect(() => {
    const chosen = byName.get(given["policy"] ?? "");
    if (!chosen) return;
    const { kind, namespace, name } = chosen;
    ask<{ yaml: string }>("policy", { kind, namespace, name }).then((answer) => setYaml(answer.yaml), (error: Error) => setFailed(error.message));
  }, [given["policy"]]);

  const jump = (line: number) => {
    const area = editor.current;
    if (!area) return;
    const start = yaml.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (yaml.split("\n")[line - 1]?.length ?? 0));
  };
  return (
    <div class="whatif">
      <section aria-label="Proposal">
        <div class="bar">
          <label>
            Edit a policy{" "}
            <select value={given["policy"] ?? ""} onChange={(event) => go({ policy: event.currentTarget.value })}>
              <option value="">…</option>
              {about.policies.map((each) => <option key={named(each)}>{named(each)}</option>)}
            </select>
          </label>
          <label>
            Remove one{" "}
            <select value="" onChange={(event) => { const name = event.currentTarget.value; if (name && !removed.includes(name)) setRemoved([...removed, name]); }}>
              <option value="">…</option>
              {about.policies.map((each) => <option key={named(each)}>{named(each)}</option>)}
            </select>
          </label>
          <button type="button" onClick={() => setYaml(EXAMPLE.replace("NAMESPACE", about.namespace || about.policies[0]?.namespace || "default"))}>Default deny</button>
          <button type="button" onClick={() => { setYaml(""); setRemoved([]); go({ policy: "" }); }}>Clear</button>
        </div>
        {removed.length > 0 && (
          <ul class="bar" aria-label="Removed policies">
            {removed.map((each) => <li key={each}><button type="button" onClick={() => setRemoved(removed.filter((one) => one !== each))}>without {each} <span aria-hidden="true">×</span><span class="unseen">: keep it</span></button></li>)}
          </ul>
        )}
        <label class="unseen" for="yaml">Policies as YAML</label>
        <Numbered text={yaml} marks={new Set(found?.problems.map((each) => lineOf(each.source)))}>
          <textarea id="yaml" ref={editor} spellcheck={false} value={yaml} placeholder="Paste policies here: what they would change is worked out as you type. Nothing is written anywhere."
            onInput={(event) => setYaml(event.currentTarget.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => { const file = event.dataTransfer?.files[0]; if (file) { event.preventDefault(); void file.text().then(setYaml); } }} />
        </Numbered>
        <Failure text={failed} />
        {found && found.problems.length > 0 && (
          <ul class="problems" aria-label="Problems">
            {found.problems.map((each, number) => (
              <li key={number}>
                {lineOf(each.source) > 0 && <button type="button" onClick={() => jump(lineOf(each.source))}>line {lineOf(each.source)}</button>} {each.reason} <span class="soft">{each.remedy}</span>
              </li>
            ))}
          </ul>
        )}
        {found && found.others > 0 && <p class="soft">{found.others} objects that are no policies are left aside.</p>}
      </section>
      <section aria-label="What it would change" aria-live="polite" aria-busy={isBusy}>
        {!found && <p class="soft">{isBusy ? "Working it out …" : "Nothing is proposed."}</p>}
        {found && !found.diff && <p class="soft">There is no policy yet that could be compared.</p>}
        {found?.diff && <Compared found={found} />}
      </section>
    </div>
  );
}

function Numbered({ text, marks, children }: { text: string; marks: Set<number>; children: preact.ComponentChildren }) {
  const count = Math.max(12, text.split("\n").length);
  return (
    <div class="numbered">
      <div class="numbers" aria-hidden="true">{Array.from({ length: count }, (_, line) => <span key={line} class={marks.has(line + 1) ? "marked" : ""}>{line + 1}{"\n"}</span>)}</div>
      {children}
    </div>
  );
}

const FATES: Record<string, string> = { breaks: "would break", opens: "would open", unknown: "not known", stays: "stays" };

function Compared({ found }: { found: WhatIf }) {
  const { diff, preview } = found;
  const changes = diff!.changes;
  const lost = changes.filter((each) => each.lost.length).length;
  const gained = changes.filter((each) => each.gained.length).length;
  const broken = preview?.changes.filter((each) => each.fate === "breaks") ?? [];
  return (
    <>
      <p class="sum">
        <b class="less">{lost}</b> connections lose traffic, <b class="more">{gained}</b> gain some.{" "}
        {preview ? <b class={broken.length ? "less" : "more"}>{broken.length} that were seen would break</b> : <span class="soft">No flows are known, so it cannot be said what would break.</span>}
      </p>
      {diff!.policies.map((each) => <p key={refText(each.object)} class="soft">{each.change}: {refText(each.object)}</p>)}
      {preview && preview.changes.length > 0 && (
        <Table<Replayed> rows={preview.changes} caption="Connections that were seen" columns={[
          { title: "What", cell: (each) => FATES[each.fate] ?? each.fate, key: (each) => each.fate },
          { title: "From", cell: (each) => each.source, key: (each) => each.source },
          { title: "To", cell: (each) => each.destination, key: (each) => each.destination },
          { title: "Port", cell: (each) => `${each.protocol}/${each.port}`, key: (each) => each.port },
          { title: "Seen", cell: (each) => each.count, key: (each) => -each.count },
        ]} />
      )}
      {changes.length === 0 ? <p>Nobody could connect to more or less than now.</p> : (
        <Table<Change> rows={changes} caption="Who could connect to whom" columns={[
          { title: "Change", cell: (each) => each.change, key: (each) => each.change },
          { title: "From", cell: (each) => endText(each.src), key: (each) => endText(each.src) },
          { title: "To", cell: (each) => endText(each.dst), key: (each) => endText(each.dst) },
          { title: "Less", cell: (each) => <span class="less">{traffic(each.lost)}</span> },
          { title: "More", cell: (each) => <span class="more">{traffic(each.gained)}</span> },
          { title: "Not known", cell: (each) => traffic(each.becameUnknown) },
        ]} />
      )}
    </>
  );
}
