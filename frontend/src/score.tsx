// How far the cluster is to zero trust, and what the regular review finds.

import { useAnswer } from "./api";
import { refText, Source, Waiting } from "./parts";
import type { Go } from "./place";
import type { About, Item, Measure, Review, Score } from "./types";

const percent = (share: { low: number; high: number } | null) =>
  share === null ? "not measured" : share.low === share.high ? `${share.low.toFixed(0)} %` : `${share.low.toFixed(0)} to ${share.high.toFixed(0)} %`;

const Meter = ({ share, label }: { share: { low: number; high: number } | null; label: string }) =>
  share === null ? null : <meter min={0} max={100} low={50} high={90} optimum={100} value={share.low} aria-label={label}>{percent(share)}</meter>;

export function ScoreView({ about, given, go, again }: { about: About; given: Record<string, string>; go: Go; again: number }) {
  const score = useAnswer<Score>("score", {}, again);
  const review = useAnswer<Review>("review", about.flows ? { days: given["days"] || "30" } : null, again);
  return (
    <div class="two">
      <section aria-label="Score">
        <h2>By the tenets of NIST SP 800-207</h2>
        <Waiting asked={score}>{(found) => <Tenets found={found} />}</Waiting>
      </section>
      <section aria-label="Review">
        <h2>Review</h2>
        {about.flows ? (
          <>
            <p><label>Days <input type="number" min={1} max={3650} value={given["days"] || "30"} onChange={(event) => go({ days: event.currentTarget.value })} /></label></p>
            <Waiting asked={review}>{(found) => <Reviewed found={found} />}</Waiting>
          </>
        ) : <p class="soft">No flows are known: start with --flows or --from-edges to see what nothing uses any more.</p>}
      </section>
    </div>
  );
}

function Tenets({ found }: { found: Score }) {
  return (
    <>
      <ul class="cards">
        {found.tenets.map((each) => (
          <li key={each.tenet} class="card">
            <h3>{each.tenet}. {each.title}</h3>
            <p><Meter share={each.share} label={each.title} /> {percent(each.share)} <span class="soft">{each.reason}</span></p>
            {each.measures.map((one) => <Measured key={one.measure} measure={one} />)}
          </li>
        ))}
      </ul>
      <h2>By namespace</h2>
      {found.namespaces.map((each) => (
        <details key={each.namespace}>
          <summary>{each.namespace}</summary>
          {each.measures.map((one) => <Measured key={one.measure} measure={one} />)}
        </details>
      ))}
    </>
  );
}

const Measured = ({ measure }: { measure: Measure }) => (
  <details>
    <summary>{measure.title}: {percent(measure.share)} <span class="soft">{measure.share ? `${measure.met} of ${measure.total}` : measure.reason}</span></summary>
    <ul>{measure.shortfalls.slice(0, 100).map((each, number) => <li key={number}>{refText(each.object)}: {each.what} <Source at={each.source} /></li>)}</ul>
  </details>
);

function Reviewed({ found }: { found: Review }) {
  const { period, rules } = found.network;
  return (
    <>
      <p>
        {period.first ? `${period.connections} connections were seen from ${period.first.slice(0, 10)} to ${period.last?.slice(0, 10)}.` : "Nothing was seen in these days."}
        {!period.enough && " That is less than the days that are asked about, so nothing is called unused."}
      </p>
      <p>Of {rules.total} rules {rules.used} were used, {rules.possiblyUsed} perhaps, {rules.unused} were not, and of {rules.notKnown} it is not known.</p>
      {found.network.notes.map((each) => <p key={each} class="soft">{each}</p>)}
      <Items title="To decide about" items={found.items} />
      <Items title="Not decided yet" items={found.undecided} />
    </>
  );
}

const Items = ({ title, items }: { title: string; items: Item[] }) => (
  <details open>
    <summary>{title}: {items.length}</summary>
    <ul class="cards">
      {items.slice(0, 300).map((each) => (
        <li key={each.fingerprint} class="card">
          <b>{refText(each.object)} <code>{each.path}</code></b>: {each.message} <Source at={each.source} />
          {each.evidence.map((one) => <div key={one} class="soft">{one}</div>)}
          {each.proposal && <div>{each.proposal}</div>}
        </li>
      ))}
    </ul>
  </details>
);
