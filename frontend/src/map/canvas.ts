// The map drawn by WebGL, and what a pointer does to it.

import { EdgeCurvedArrowProgram } from "@sigma/edge-curve";
import { MultiDirectedGraph } from "graphology";
import Sigma from "sigma";
import type { Settings } from "sigma/settings";
import type { NodeDisplayData, PartialButFor } from "sigma/types";
import { protection, type Disc, type Scene, type Shown } from "./scene";
import { faded, theme, type Theme } from "./theme";

/** What somebody looks at: a place, or the link between two; empty where nothing is. */
export interface Focus { place: string; from: string; to: string }
export interface Presses { place: (id: string) => void; link: (source: string, destination: string) => void; ground: () => void }

const isBehind = (id: string, place: string) => id === place || id.startsWith(`${place}/`);

/** So many lines are drawn faintly, to be seen through. */
const DENSE = 300;

type Drawn = PartialButFor<NodeDisplayData, "x" | "y" | "size" | "label" | "color">;

export class Canvas {
  private graph = new MultiDirectedGraph();
  private sigma: Sigma;
  private colours: Theme = theme();
  private shown: Shown = new Set();
  private isWideShown = false;
  private focus: Focus = { place: "", from: "", to: "" };
  private hovered = "";
  /** Pixels of a unit of the map. */
  private scale = 1;
  private isDense = false;
  private rims: Disc[] = [];
  private dark = matchMedia("(prefers-color-scheme: dark)");

  constructor(holder: HTMLElement, presses: Presses) {
    const settings: Partial<Settings> = {
      allowInvalidContainer: true,
      itemSizesReference: "positions",
      zoomToSizeRatioFunction: (ratio) => ratio,
      defaultEdgeType: "curved",
      edgeProgramClasses: { curved: EdgeCurvedArrowProgram },
      enableEdgeEvents: true,
      labelFont: "system-ui, sans-serif",
      labelSize: 13,
      labelDensity: 0.4,
      labelGridCellSize: 100,
      labelRenderedSizeThreshold: 5,
      labelColor: { attribute: "labelColor" },
      minEdgeThickness: 0.7,
      maxCameraRatio: 3,
      minCameraRatio: 0.02,
      stagePadding: 50,
      zIndex: true,
      hideEdgesOnMove: false,
      defaultDrawNodeLabel: (context, data, told) => this.label(context, data, told.labelSize, told.labelFont, false),
      defaultDrawNodeHover: (context, data, told) => this.label(context, data, told.labelSize, told.labelFont, true),
      nodeReducer: (id, data) => this.node(id, data),
      edgeReducer: (id, data) => this.edge(id, data),
    };
    this.sigma = new Sigma(this.graph, holder, settings);
    this.sigma.on("clickNode", ({ node }) => presses.place(node));
    this.sigma.on("clickEdge", ({ edge }) => presses.link(this.graph.source(edge), this.graph.target(edge)));
    this.sigma.on("clickStage", presses.ground);
    this.sigma.on("enterNode", ({ node }) => this.hover(node));
    this.sigma.on("leaveNode", () => this.hover(""));
    this.sigma.on("enterEdge", () => { holder.style.cursor = "pointer"; });
    this.sigma.on("leaveEdge", () => { holder.style.cursor = ""; });
    // Its type does not say that it takes this option; a canvas that is no context is not sized.
    this.sigma.createCanvasContext("rims", { beforeLayer: "edges" } as object);
    this.sigma.resize(true);
    this.sigma.on("afterRender", () => {
      this.keepWidths();
      this.drawRims();
    });
    this.dark.addEventListener("change", this.recolour);
  }

  end(): void {
    this.dark.removeEventListener("change", this.recolour);
    this.sigma.kill();
  }

  show(scene: Scene): void {
    this.graph.clear();
    this.rims = scene.discs.filter((each) => each.isRim);
    for (const disc of scene.discs.filter((each) => !each.isRim)) {
      this.graph.addNode(disc.id, {
        x: disc.x, y: disc.y, size: disc.radius, label: disc.label, kind: protection(disc.place),
      });
    }
    for (const { id, link, state, isWide } of scene.lines) {
      const strength = Math.log10(1 + (state === "tried" ? link.tried : link.used + link.all + link.some));
      const curvature = state === link.state ? 0.2 : 0.34;
      this.graph.addEdgeWithKey(id, link.source, link.destination, { state, isWide, curvature, width: 1 + strength * (scene.lines.length > DENSE ? 0.2 : 0.5) });
    }
    this.isDense = scene.lines.length > DENSE;
    this.sigma.refresh();
  }

  choose(shown: Shown, isWideShown: boolean, focus: Focus): void {
    this.shown = shown;
    this.isWideShown = isWideShown;
    this.focus = focus;
    this.sigma.refresh({ skipIndexation: true });
  }

  /** Move so that a place is in the middle, and large enough to be seen. */
  goTo(id: string): void {
    const rim = this.rims.find((each) => each.id === id);
    const disc = rim ?? (this.graph.hasNode(id) ? (this.graph.getNodeAttributes(id) as { x: number; y: number; size: number }) : null);
    if (!disc) return;
    const camera = this.sigma.getCamera();
    const { width, height } = this.sigma.getDimensions();
    const middle = this.sigma.graphToViewport(disc);
    const edge = this.sigma.graphToViewport({ x: disc.x + ("size" in disc ? disc.size : disc.radius), y: disc.y });
    const share = (Math.hypot(edge.x - middle.x, edge.y - middle.y) * 2 * camera.ratio) / Math.min(width, height);
    const ratio = rim ? Math.min(1, share * 1.7) : Math.min(camera.ratio, Math.max(0.3, share * 12));
    void camera.animate({ ...this.sigma.viewportToFramedGraph(middle), ratio }, { duration: 250 });
  }

  move(key: string): boolean {
    const camera = this.sigma.getCamera();
    const step = camera.ratio * 0.1;
    const moves: Record<string, Partial<{ x: number; y: number; ratio: number }>> = {
      ArrowLeft: { x: camera.x - step }, ArrowRight: { x: camera.x + step },
      ArrowUp: { y: camera.y + step }, ArrowDown: { y: camera.y - step },
      "+": { ratio: camera.ratio / 1.3 }, "-": { ratio: camera.ratio * 1.3 }, "0": { x: 0.5, y: 0.5, ratio: 1 },
    };
    const wanted = moves[key];
    if (wanted) camera.setState(wanted);
    return wanted !== undefined;
  }

  /** Where places are on the screen, for tests and for what stands beside the map. */
  spot(id: string): { x: number; y: number } | null {
    if (!this.graph.hasNode(id)) return null;
    return this.sigma.graphToViewport(this.graph.getNodeAttributes(id) as { x: number; y: number });
  }

  private recolour = () => {
    this.colours = theme();
    this.sigma.refresh({ skipIndexation: true });
  };

  /** Discs grow as somebody comes nearer, and lines hardly do. */
  private keepWidths(): void {
    const scale = this.sigma.scaleSize(1) / Math.min(1.8, Math.max(1, this.sigma.getCamera().ratio ** -0.25));
    if (Math.abs(scale / this.scale - 1) < 0.15) return;
    this.scale = scale;
    this.sigma.refresh({ skipIndexation: true, schedule: true });
  }

  /** Namespaces that are looked into, behind the lines. */
  private drawRims(): void {
    const layer = this.sigma.getCanvases()["rims"];
    const context = layer?.getContext("2d");
    if (!layer || !context) return;
    const { width, height } = this.sigma.getDimensions();
    const density = layer.width / width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    context.textAlign = "center";
    context.font = "600 13px system-ui, sans-serif";
    for (const rim of this.rims) {
      const { x, y } = this.sigma.graphToViewport(rim);
      const radius = Math.abs(this.sigma.graphToViewport({ x: rim.x + rim.radius, y: rim.y }).x - x);
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = this.colours.disc;
      context.fill();
      context.fillStyle = this.colours.ink;
      context.fillText(rim.label, x, y - radius - 6);
    }
  }

  private hover(id: string): void {
    this.hovered = id;
    this.sigma.refresh({ skipIndexation: true });
  }

  private get middle(): string {
    return this.hovered || this.focus.place;
  }

  private isNear(id: string): boolean {
    const middle = this.middle;
    return !middle || !this.graph.hasNode(middle) || id === middle || this.graph.areNeighbors(id, middle);
  }

  private node(id: string, data: Record<string, unknown>): Partial<NodeDisplayData> {
    const { colours } = this;
    const isDim = !this.isNear(id);
    const kind = data["kind"] as "closed" | "partly" | "open" | "outside";
    return {
      ...data,
      color: isDim ? colours.faint : colours[kind],
      label: data["label"] as string,
      labelColor: isDim ? colours.soft : colours.ink,
      highlighted: id === this.focus.place,
      forceLabel: id === this.middle,
    } as Partial<NodeDisplayData>;
  }

  private edge(id: string, data: Record<string, unknown>): Record<string, unknown> {
    const { colours, middle } = this;
    const state = data["state"] as keyof Theme["states"];
    const ends = [this.graph.source(id), this.graph.target(id)];
    const isMiddle = middle !== "" && this.graph.hasNode(middle);
    const { from, to } = this.focus;
    const isLink = from !== "" && isBehind(ends[0]!, from) && isBehind(ends[1]!, to);
    const isOn = isLink || (isMiddle && ends.includes(middle));
    const hidden = !this.shown.has(state) || (data["isWide"] === true && !this.isWideShown && !isOn);
    const isCalm = this.isDense && !isOn && (state === "allowed" || state === "unused");
    const color = !isOn && (isMiddle || from !== "") ? colours.faint : isCalm ? faded(colours.states[state], colours.paper, 0.62) : colours.states[state];
    return { ...data, hidden, color, zIndex: isOn ? 2 : state === "tried" || state === "against" ? 1 : 0, size: ((data["width"] as number) * (isLink ? 1.8 : 1)) / this.scale };
  }

  private label(context: CanvasRenderingContext2D, data: Drawn & { labelColor?: string }, size: number, font: string, isBoxed: boolean): void {
    if (!data.label) return;
    const { colours } = this;
    context.font = `${size}px ${font}`;
    const width = context.measureText(data.label).width;
    const isInside = !isBoxed && data.size > 14 && width < data.size * 1.9;
    const x = isInside ? data.x - width / 2 : data.x + data.size + 4;
    const y = data.y + size / 3;
    context.lineJoin = "round";
    if (isBoxed) {
      context.fillStyle = colours.paper;
      context.strokeStyle = colours.soft;
      context.lineWidth = 1;
      context.beginPath();
      context.roundRect(x - 5, y - size, width + 10, size + 8, 4);
      context.fill();
      context.stroke();
    } else if (!isInside) {
      context.strokeStyle = colours.paper;
      context.lineWidth = 3;
      context.strokeText(data.label, x, y);
    }
    context.fillStyle = isInside ? "#fff" : isBoxed ? colours.ink : data.labelColor ?? colours.ink;
    context.fillText(data.label, x, y);
  }
}
