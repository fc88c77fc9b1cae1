// The page: what it is about, and its views.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { tell, useAnswer } from "./api";
import { FindingsView } from "./findings";
import { MapView } from "./map/view";
import { Failure, Waiting } from "./parts";
import { hashOf, usePlace } from "./place";
import { RbacView } from "./rbac";
import { ScoreView } from "./score";
import type { About } from "./types";
import { WhatIfView } from "./what-if";

const VIEWS: [string, string][] = [["map", "Map"], ["findings", "Findings"], ["what-if", "What if"], ["rbac", "RBAC"], ["score", "Score"]];

function Page() {
  const [place, go] = usePlace();
  const [again, setAgain] = useState(0);
  const [failed, setFailed] = useState("");
  const [isReading, setReading] = useState(false);
  const asked = useAnswer<About>("about", {}, again);
  const title = VIEWS.find(([name]) => name === place.view)?.[1] ?? "Map";
  useEffect(() => {
    document.title = `${title} · firedoor`;
  }, [title]);
  const readAnew = () => {
    setReading(true);
    tell("read-anew", {}).then(() => { setFailed(""); setAgain(again + 1); }, (error: Error) => setFailed(error.message)).finally(() => setReading(false));
  };
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>Skip to the content</a>
      <header>
        <h1>firedoor</h1>
        <nav aria-label="Views">
          {VIEWS.map(([name, text]) => <a key={name} href={hashOf({ view: name, given: {} })} aria-current={place.view === name ? "page" : undefined}>{text}</a>)}
        </nav>
        <span class="push" />
        {asked.found && <span class="about" title={asked.found.capturedAt}>{asked.found.name}{asked.found.namespace && `, namespace ${asked.found.namespace}`}</span>}
        <button type="button" onClick={readAnew} disabled={isReading}>{isReading ? "Reading …" : "Read anew"}</button>
      </header>
      <main id="content" tabIndex={-1}>
        <h2 class="unseen">{title}</h2>
        <Failure text={failed} />
        <Waiting asked={asked}>
          {(about) => (
            <>
              {about.summary.gaps > 0 && <p class="soft"><a href={hashOf({ view: "findings", given: {} })}>{about.summary.gaps} things could not be read</a>: what hangs on them is not known.</p>}
              {place.view === "findings" ? <FindingsView about={about} given={place.given} go={go} again={again} />
                : place.view === "what-if" ? <WhatIfView about={about} given={place.given} go={go} />
                : place.view === "rbac" ? <RbacView given={place.given} go={go} again={again} />
                : place.view === "score" ? <ScoreView about={about} given={place.given} go={go} again={again} />
                : <MapView about={about} given={place.given} go={go} again={again} />}
            </>
          )}
        </Waiting>
      </main>
    </>
  );
}

render(<Page />, document.getElementById("page")!);
