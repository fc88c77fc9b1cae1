// The map: namespaces, or their workloads, and what connects them; as a picture and as a table.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useAnswer } from "../api";
import { Failure, placeText, STATES, Table, Waiting } from "../parts";
import type { Go } from "../place";
import type { About, ConnectionMap, MapLink, State } from "../types";
import { Canvas } from "./canvas";
import { Answer, Ask, type Question } from "./explain";
import { aspects, groupsOf, scene, type Scene } from "./scene";
import { LinkPanel, PlacePanel } from "./panel";
import { png, save, svg } from "./picture";
import type { Spot } from "./layout";

type Given = Record<string, string>;
const ORDER: State[] = ["used", "unused", "allowed", "tried", "against", "unknown"];
const parted = (text: string | undefined) => (text ?? "").split(",").filter(Boolean);

/** The places of namespaces, worked out once for a cluster beside the page. */
function useSpots(map: ConnectionMap | null, again: number): Record<string, Spot> | null {
  const [spots, setSpots] = useState<Record<string, Spot> | null>(null);
  useEffect(() => {
    if (!map) return undefined;
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<Record<string, Spot>>) => setSpots(event.data);
    const ties = map.links.map((each) => ({ source: each.source, destination: each.destination, weight: 1 + Math.log10(1 + each.used * 10) }));
    worker.postMessage({ groups: groupsOf(map), ties });
    return () => worker.terminate();
  }, [map, again]);
  return spots;
}

export function MapView({ about, given, go, again }: { about: About; given: Given; go: Go; again: number }) {
  const whole = useAnswer<ConnectionMap>("map", {}, again);
  const near = useAnswer<ConnectionMap>("map", given["expand"] ? { expand: given["expand"] } : null, again);
  const spots = useSpots(whole.found, again);
  const asked = given["expand"] ? near : whole;
  const map = asked.found ?? whole.found;
  const question: Question = { from: given["ask-from"] ?? "", to: given["ask-to"] ?? "", port: given["port"] ?? "", protocol: given["protocol"] || "TCP" };
  return (
    <div class="mapview">
      <datalist id="places">{map?.places.filter((each) => each.kind === "workload").slice(0, 2000).map((each) => <option key={each.id} value={each.id} />)}</datalist>
      {asked !== whole && <Failure text={asked.failed} />}
      {!map || !spots ? <Waiting asked={whole}>{() => <p class="soft" role="status">Laying out the map …</p>}</Waiting> : (
        <Shown about={about} map={map} spots={spots} given={given} go={go} isBusy={asked.isBusy} />
      )}
      <aside aria-label="Details">
        <Ask asked={question} go={go} />
        <Answer asked={question} />
        {given["from"] && given["to"] && <LinkPanel from={given["from"]} to={given["to"]} go={go} />}
        {given["place"] && map && <PlacePanel id={given["place"]} map={map} go={go} />}
        {!given["from"] && !given["place"] && question.port === "" && (
          <p class="soft">Choose a namespace to see its workloads, a workload or a line to see what it stands for, or ask about one connection.</p>
        )}
      </aside>
    </div>
  );
}

function Shown({ about, map, spots, given, go, isBusy }: { isBusy: boolean; about: About; map: ConnectionMap; spots: Record<string, Spot>; given: Given; go: Go }) {
  const [isWide, setWide] = useState(false);
  const [unsaved, setUnsaved] = useState("");
  const states = ORDER.filter((each) => map.links.some((link) => aspects(link).includes(each)));
  const hidden = new Set(parted(given["hide"]));
  const shown = useMemo(() => new Set(ORDER.filter((each) => !hidden.has(each))), [given["hide"]]);
  const drawn = useMemo(() => scene(map, spots), [map, spots]);
  const isTable = given["as"] === "table";
  const counts = new Map(states.map((each) => [each, map.links.filter((link) => aspects(link).includes(each)).length]));
  const toggle = (state: State) => {
    if (!hidden.delete(state)) hidden.add(state);
    go({ hide: [...hidden].join(",") });
  };
  return (
    <div class="map">
      <div class="bar" role="toolbar" aria-label="Map">
        <span class="choice" role="group" aria-label="Show as">
          <button type="button" aria-pressed={!isTable} onClick={() => go({ as: "" })}>Map</button>
          <button type="button" aria-pressed={isTable} onClick={() => go({ as: "table" })}>Table</button>
        </span>
        {states.map((each) => (
          <label key={each} class="key">
            <input type="checkbox" checked={shown.has(each)} onChange={() => toggle(each)} />
            <i class={`dot ${each}`} aria-hidden="true" /> {STATES[each]} ({counts.get(each)})
          </label>
        ))}
        {drawn.wide > 0 && (
          <label class="key" title="Lines of places that are tied to nearly all others, or of all where there are thousands. Point at a place to see its own."><input type="checkbox" checked={isWide} onChange={() => setWide(!isWide)} /> also {drawn.wide} lines that are left out, for they would hide the rest</label>
        )}
      </div>
      <div class="bar">
        <Find map={map} go={go} />
        {parted(given["expand"]).map((each) => (
          <button key={each} type="button" title={`Show ${each} as one place`} onClick={() => go({ expand: parted(given["expand"]).filter((one) => one !== each).join(",") })}>
            {each} <span aria-hidden="true">×</span><span class="unseen">: show as one place</span>
          </button>
        ))}
        <span class="push" role="status">{isBusy ? "Working it out …" : ""}</span>
        <button type="button" onClick={() => save(new Blob([svg(drawn, shown, isWide).text], { type: "image/svg+xml" }), "firedoor-map.svg")}>SVG</button>
        <button type="button" onClick={() => void png(svg(drawn, shown, isWide)).then((blob) => save(blob, "firedoor-map.png"), (error: Error) => setUnsaved(`No PNG: ${error.message}. SVG may do.`))}>PNG</button>
      </div>
      <Failure text={unsaved} />
      {isTable ? <Links map={map} shown={shown} go={go} /> : <Picture drawn={drawn} shown={shown} isWide={isWide} given={given} go={go} />}
      <p class="legend">
        <i class="dot closed" aria-hidden="true" /> all pods restrict who may connect <i class="dot partly" aria-hidden="true" /> some do <i class="dot open" aria-hidden="true" /> none does
        {!about.flows && <span class="soft"> · no flows are known: start with --flows or --from-edges to see what is used</span>}
        {map.unplaced > 0 && <span class="soft"> · {map.unplaced} kinds of connections were seen whose ends are not known here</span>}
      </p>
    </div>
  );
}

function Find({ map, go }: { map: ConnectionMap; go: Go }) {
  const find = (event: Event) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget as HTMLFormElement).get("find")?.toString().trim().toLowerCase() ?? "";
    const found = map.places.find((each) => each.id.toLowerCase() === text) ?? map.places.find((each) => text && placeText(each.id).toLowerCase().includes(text));
    if (found) go({ place: found.id, from: "", to: "" });
  };
  return (
    <form role="search" onSubmit={find}>
      <input name="find" type="search" aria-label="Find a namespace or workload" placeholder="Find …" list="all-places" />
      <datalist id="all-places">{map.places.slice(0, 2000).map((each) => <option key={each.id} value={each.id} />)}</datalist>
    </form>
  );
}

declare global { interface Window { firedoorMap?: Canvas } }

function Picture({ drawn, shown, isWide, given, go }: { drawn: Scene; shown: Set<State>; isWide: boolean; given: Given; go: Go }) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<Canvas | null>(null);
  const [failed, setFailed] = useState("");
  const latest = useRef(given);
  latest.current = given;
  useEffect(() => {
    try {
      canvas.current = new Canvas(holder.current!, {
        place: (id) => {
          const near = parted(latest.current["expand"]);
          if (id.includes("/") || id === "outside") go({ place: id, from: "", to: "" });
          else go({ expand: [...near, id].sort().join(","), place: "", from: "", to: "" });
        },
        link: (from, to) => go({ from, to, place: "", port: "", "ask-from": "", "ask-to": "" }),
        ground: () => go({ place: "", from: "", to: "" }),
      });
      window.firedoorMap = canvas.current;
    } catch (error) {
      setFailed(`The picture cannot be drawn here (${(error as Error).message}); the table shows the same.`);
    }
    return () => {
      canvas.current?.end();
      canvas.current = null;
      delete window.firedoorMap;
    };
  }, []);
  useEffect(() => canvas.current?.show(drawn), [drawn]);
  useEffect(() => {
    canvas.current?.choose(shown, isWide, { place: given["place"] ?? "", from: given["from"] ?? "", to: given["to"] ?? "" });
  }, [drawn, shown, isWide, given["place"], given["from"], given["to"]]);
  useEffect(() => {
    if (given["place"]) canvas.current?.goTo(given["place"]);
  }, [given["place"]]);
  const near = useRef<string[]>([]);
  useEffect(() => {
    const rims = drawn.discs.filter((each) => each.isRim).map((each) => each.id);
    const fresh = rims.filter((each) => !near.current.includes(each));
    near.current = rims;
    if (given["place"]) canvas.current?.goTo(given["place"]);
    else if (fresh.length === 1) canvas.current?.goTo(fresh[0]!);
    else if (fresh.length > 1) canvas.current?.move("0");
  }, [drawn]);
  const key = (event: KeyboardEvent) => {
    if (canvas.current?.move(event.key)) event.preventDefault();
  };
  const text = `Map of ${drawn.discs.length} places and ${drawn.lines.length} links. Arrow keys move it, plus and minus zoom, 0 shows all. The table shows the same.`;
  return (
    <>
      <Failure text={failed} />
      <div ref={holder} class="canvas" role="application" aria-roledescription="map" aria-label={text} tabIndex={0} onKeyDown={key} data-ready={drawn.discs.length} />
    </>
  );
}

function Links({ map, shown, go }: { map: ConnectionMap; shown: Set<State>; go: Go }) {
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = map.links.filter((each) => aspects(each).some((state) => shown.has(state)))
    .filter((each) => words.every((word) => `${each.source} ${each.destination} ${aspects(each).map((state) => STATES[state]).join(" ")}`.toLowerCase().includes(word)));
  const open = (each: MapLink) => go({ from: each.source, to: each.destination, place: "", port: "", "ask-from": "", "ask-to": "" });
  return (
    <>
      <p><input type="search" aria-label="Search links" placeholder="Search: shop db denied" value={text} onInput={(event) => setText(event.currentTarget.value)} /> <span role="status">{rows.length} links</span></p>
      <Table rows={rows} caption="Links of the map: ordered pairs of pods, and connections that were seen" id={(each) => `${each.source}>${each.destination}`} columns={[
        { title: "From", cell: (each) => <button type="button" class="plain" onClick={() => open(each)}>{placeText(each.source)}</button>, key: (each) => each.source },
        { title: "To", cell: (each) => placeText(each.destination), key: (each) => each.destination },
        { title: "What", cell: (each) => <>{aspects(each).map((state) => <div key={state} class="what"><i class={`dot ${state}`} aria-hidden="true" /> {STATES[state]}</div>)}</>, key: (each) => each.state },
        { title: "All ports", cell: (each) => each.all || "", key: (each) => -each.all },
        { title: "Some ports", cell: (each) => each.some || "", key: (each) => -each.some },
        { title: "Not known", cell: (each) => each.unknown || "", key: (each) => -each.unknown },
        { title: "Seen", cell: (each) => each.used + each.against || "", key: (each) => -each.used - each.against },
        { title: "Denied", cell: (each) => each.tried || "", key: (each) => -each.tried },
      ]} />
    </>
  );
}
