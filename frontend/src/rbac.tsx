// Who may do what, what of it is dangerous, and how an attacker gets further.

import { useState } from "preact/hooks";
import { useAnswer } from "./api";
import { Cards, Filter } from "./findings";
import { refText, Source, Table, Waiting } from "./parts";
import type { Go } from "./place";
import { SEVERITIES, type AttackChange, type AttackPaths, type Findings, type Holder, type Ranking, type WhoCan } from "./types";

type Given = Record<string, string>;
type Props = { given: Given; go: Go; again: number };

const PARTS: [string, string][] = [["who-can", "Who can …?"], ["risks", "Dangerous permissions"], ["paths", "Attack paths"]];

export function RbacView(props: Props) {
  const part = props.given["part"] || "who-can";
  return (
    <>
      <div class="bar choice" role="group" aria-label="Part">
        {PARTS.map(([name, title]) => <button key={name} type="button" aria-pressed={part === name} onClick={() => props.go({ part: name })}>{title}</button>)}
      </div>
      {part === "who-can" && <Who {...props} />}
      {part === "risks" && <Risks {...props} />}
      {part === "paths" && <Paths {...props} />}
    </>
  );
}

const values = (form: EventTarget | null) => Object.fromEntries([...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, String(value).trim()]));
const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "bind", "escalate"];
const RESOURCES = ["secrets", "pods", "pods/exec", "pods/log", "configmaps", "deployments.apps", "serviceaccounts/token", "nodes/proxy", "roles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"];

function Who({ given, go, again }: Props) {
  const asked = given["verb"] && given["resource"]
    ? { verb: given["verb"], resource: given["resource"], name: given["name"] ?? "", namespace: given["in"] ?? "", indirect: "true" } : null;
  const answer = useAnswer<WhoCan>("who-can", asked, again);
  return (
    <>
      <form class="ask" aria-label="Who can" onSubmit={(event) => { event.preventDefault(); go(values(event.currentTarget)); }}>
        <label>Verb <input name="verb" required list="verbs" defaultValue={given["verb"] ?? "get"} /></label>
        <label>Resource <input name="resource" required list="resources" defaultValue={given["resource"] ?? "secrets"} /></label>
        <label>Name <input name="name" placeholder="any" defaultValue={given["name"] ?? ""} /></label>
        <label>Namespace <input name="in" placeholder="all" defaultValue={given["in"] ?? ""} /></label>
        <button type="submit">Who can?</button>
        <datalist id="verbs">{VERBS.map((each) => <option key={each} value={each} />)}</datalist>
        <datalist id="resources">{RESOURCES.map((each) => <option key={each} value={each} />)}</datalist>
      </form>
      {asked && <Waiting asked={answer}>{(found) => <Holders found={found} />}</Waiting>}
    </>
  );
}

const name = (each: Holder) => `${each.kind} ${each.namespace ? `${each.namespace}/` : ""}${each.name}`;
const Via = ({ of }: { of: Holder }) => (
  <ul>
    {of.via.map((each, number) => (
      <li key={number}>{refText(each.binding)} <Source at={each.binding.source} /> gives {refText(each.role)} <code>{each.rule.path}</code> <Source at={each.rule.source} /></li>
    ))}
    {of.via.length === 0 && <li>every API server lets it</li>}
  </ul>
);

function Holders({ found }: { found: WhoCan }) {
  return (
    <>
      {found.notes.map((each) => <p key={each} class="soft">{each}</p>)}
      <Table rows={found.subjects} caption={`${found.subjects.length} may do it`} columns={[
        { title: "Who", cell: (each) => <>{name(each)}{each.by_group && <span class="soft"> by group {each.by_group}</span>}</>, key: name },
        { title: "By", cell: (each) => <Via of={each} /> },
      ]} />
      {found.indirect && found.indirect.length > 0 && (
        <Table rows={found.indirect} caption={`${found.indirect.length} can make themselves able, in one step`} columns={[
          { title: "Who", cell: name, key: name },
          { title: "How", cell: (each) => `${each.technique}, to be ${name(each.target)}`, key: (each) => each.technique },
          { title: "By", cell: (each) => <Via of={each} /> },
        ]} />
      )}
    </>
  );
}

function Risks({ given, go, again }: Props) {
  const isAll = given["all"] === "true";
  const answer = useAnswer<Findings>("risks", { all: String(isAll) }, again);
  return (
    <>
      <label class="key"><input type="checkbox" checked={isAll} onChange={() => go({ all: isAll ? "" : "true" })} /> also what Kubernetes, its installer or its vendor sets up</label>
      <Waiting asked={answer}>
        {({ findings }) => {
          const distinct = (all: string[]) => [...new Set(all)].filter(Boolean).sort();
          const text = (given["text"] ?? "").toLowerCase();
          const rows = findings.filter((each) => (!given["severity"] || each.severity === given["severity"]) && (!given["check"] || each.check === given["check"])
            && (!given["namespace"] || each.object.namespace === given["namespace"]) && (!text || each.message.toLowerCase().includes(text)));
          return (
            <>
              <Filter given={given} go={go} severities={SEVERITIES.filter((one) => findings.some((each) => each.severity === one))}
                checks={distinct(findings.map((each) => each.check))} namespaces={distinct(findings.map((each) => each.object.namespace))} />
              <p role="status">{rows.length} of {findings.length} dangerous permissions</p>
              <Cards rows={rows} chosen={given["finding"] ?? ""} go={go} titles={{}} isEditable={false} />
            </>
          );
        }}
      </Waiting>
    </>
  );
}

const ENDS = ["internet", "cluster-admin", "secrets", "nodes"];

function Paths({ given, go, again }: Props) {
  const hasEnds = Boolean(given["path-from"] && given["path-to"]);
  const flags = { possible: given["possible"] ?? "", "any-port": given["any-port"] ?? "" };
  const answer = useAnswer<AttackPaths>("paths", hasEnds ? { from: given["path-from"]!, to: given["path-to"]!, ...flags } : null, again);
  const ranking = useAnswer<Ranking>("paths", hasEnds ? null : flags, again);
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = values(event.currentTarget);
    go({ "path-from": typed["path-from"] ?? "", "path-to": typed["path-to"] ?? "", possible: typed["possible"] ? "true" : "", "any-port": typed["any-port"] ? "true" : "" });
  };
  return (
    <>
      <form class="ask" aria-label="Attack paths" key={hashOfForm(given)} onSubmit={submit}>
        <label>From <input name="path-from" list="ends" placeholder="internet" defaultValue={given["path-from"] ?? ""} /></label>
        <label>To <input name="path-to" list="ends" placeholder="cluster-admin" defaultValue={given["path-to"] ?? ""} /></label>
        <label class="key"><input type="checkbox" name="possible" defaultChecked={flags.possible === "true"} /> steps that are not known to work</label>
        <label class="key"><input type="checkbox" name="any-port" defaultChecked={flags["any-port"] === "true"} /> ports nobody tells of</label>
        <button type="submit">Show paths</button>
        <datalist id="ends">{ENDS.map((each) => <option key={each} value={each} />)}</datalist>
      </form>
      {hasEnds ? <Waiting asked={answer}>{(found) => <Told found={found} />}</Waiting> : <Waiting asked={ranking}>{(found) => <Ranked found={found} go={go} />}</Waiting>}
    </>
  );
}

const hashOfForm = (given: Given) => `${given["path-from"] ?? ""} ${given["path-to"] ?? ""}`;

function Ranked({ found, go }: { found: Ranking; go: Go }) {
  const text = (row: Ranking["rows"][number]) => `${row.workload.namespace}/${row.workload.name}`;
  return (
    <>
      {found.notes.map((each) => <p key={each} class="soft">{each}</p>)}
      <Table rows={found.rows} caption="Workloads by what follows from their compromise" id={(row) => refText(row.workload)} columns={[
        { title: "Workload", cell: (row) => <button type="button" class="plain" onClick={() => go({ "path-from": text(row), "path-to": "cluster-admin" })}>{text(row)}</button>, key: text },
        { title: "Steps from the internet", cell: (row) => row.fromInternet ?? "", key: (row) => row.fromInternet ?? 99 },
        { title: "Steps to cluster-admin", cell: (row) => row.toClusterAdmin ?? "", key: (row) => row.toClusterAdmin ?? 99 },
        { title: "Workloads", cell: (row) => row.workloads, key: (row) => -row.workloads },
        { title: "Nodes", cell: (row) => row.nodes, key: (row) => -row.nodes },
        { title: "Identities", cell: (row) => row.identities, key: (row) => -row.identities },
        { title: "Namespaces whose Secrets", cell: (row) => row.secretNamespaces, key: (row) => -row.secretNamespaces },
      ]} />
    </>
  );
}

const Changes = ({ of }: { of: AttackChange[] }) => <ul>{of.map((each, number) => <li key={number}>{each.text}{each.breaks ? <span class="soft"> closes {each.breaks} paths</span> : null}</li>)}</ul>;

function Told({ found }: { found: AttackPaths }) {
  const [open, setOpen] = useState(0);
  return (
    <>
      {found.notes.map((each) => <p key={each} class="soft">{each}</p>)}
      {found.paths.length === 0 && <p role="status">No path leads from {found.from} to {found.to}.</p>}
      {found.cut && (
        <section class="cut" aria-label="The cheapest cut">
          <h3>What closes all paths</h3>
          {found.cut.changes ? <Changes of={found.cut.changes} /> : <p>No set of changes is known that closes them all.</p>}
          {found.cut.single.length > 0 && <details><summary>Single changes</summary><Changes of={found.cut.single} /></details>}
        </section>
      )}
      <ol class="paths">
        {found.paths.map((path, number) => (
          <li key={number}>
            <button type="button" class="plain" aria-expanded={open === number} onClick={() => setOpen(open === number ? -1 : number)}>
              {path.length} steps: {[path.steps[0]?.from.id, ...path.steps.map((each) => each.to.id)].join(" → ")}
            </button>
            {open === number && (
              <ol class="steps">
                {path.steps.map((each, place) => (
                  <li key={place}>
                    <b>{each.from.id}</b> {each.does} <b>{each.to.id}</b> <span class="soft">{each.technique} {each.mitre}{each.possible ? ", not known to work" : ""}</span>
                    <ul>{each.evidence.map((fact, at) => <li key={at}>{fact.text} <Source at={fact.place} /></li>)}</ul>
                    {each.stoppedBy.length > 0 && <details><summary>What stops it</summary>{each.stoppedBy.map((option, at) => <Changes key={at} of={option} />)}</details>}
                  </li>
                ))}
              </ol>
            )}
          </li>
        ))}
      </ol>
      {found.more && <p class="soft">There are more, or longer, paths.</p>}
    </>
  );
}
