// The documents of firedoor, as far as the page reads them (docs/reference/json.md).

export interface ObjectRef { kind: string; namespace: string; name: string }
export interface Range { protocol: string; from: number; to: number }
export interface Gap { source: string; reason: string; object: ObjectRef | null; kind?: string; remedy?: string }
export type Severity = "critical" | "high" | "medium" | "low" | "info";
export const SEVERITIES: Severity[] = ["critical", "high", "medium", "low", "info"];

export interface About {
  name: string; version: string; namespace: string; capturedAt: string; flows: boolean; editable: boolean;
  summary: {
    findings: number; severities: Record<Severity, number>; gaps: number; cni: string; detectedCni: string | null;
    namespaces: number; coverage: Record<string, number>;
  };
  checks: Record<string, string>;
  policies: (ObjectRef & { place: string })[];
}

export type State = "allowed" | "used" | "unused" | "tried" | "against" | "unknown";
export interface MapPlace {
  id: string; kind: "namespace" | "workload" | "outside"; namespace: string; name: string; workloadKind: string;
  pods: number; workloads: number; openIngress: number; openEgress: number;
}
export interface MapLink {
  source: string; destination: string; state: State;
  all: number; some: number; unknown: number; used: number; against: number; tried: number;
}
export interface ConnectionMap { places: MapPlace[]; links: MapLink[]; flows: boolean; unplaced: number; gaps: Gap[] }

export interface Seen {
  protocol: string; port: number; allowed: boolean; verdict: string; count: number; last: string; peer: string;
}
export interface End { workload?: string; kind?: string; ips?: string; domain?: string }
export interface Pair {
  source: string; destination: string; src: End | null; dst: End | null; traffic: Range[]; unknown: Range[];
  requests: string[]; podsDiffer: boolean; seen: Seen[]; ports: Range[];
}
export interface Pairs { pairs: Pair[]; more: boolean }

export interface Reason { policy: string; rule: string; source: string; detail: string; kind: string }
export interface Direction { verdict: string; because: Reason[]; near_misses: Reason[] }
export interface Explanation {
  source: string; destination: string; protocol: string; port: number; verdict: string; egress: Direction;
  ingress: Direction; flip: { summary: string } | null; flipYaml: string; pods: [string, string, string][];
  notes: string[];
}

export interface Finding {
  check: string; severity: Severity; confidence: string; object: ObjectRef; source: string; message: string;
  why: string; evidence: string[]; fix: string; fixSafe: boolean; fingerprint: string; known: boolean;
}
export interface Findings { findings: Finding[]; gaps: Gap[] }

export interface Change {
  change: string; src: End & { presence?: string }; dst: End & { presence?: string };
  gained: Range[]; lost: Range[]; becameUnknown: Range[]; becameAccepted: Range[]; becameDenied: Range[];
}
export interface Replayed {
  fate: string; source: string; destination: string; protocol: string; port: number; count: number; last: number;
}
export interface WhatIf {
  problems: Gap[]; policies: ObjectRef[]; others: number;
  diff: { summary: Record<string, number>; changes: Change[]; policies: { change: string; object: ObjectRef }[] } | null;
  preview: { changes: Replayed[]; staying: number; unattributed: unknown[] } | null;
}

export interface Grant {
  binding: ObjectRef & { source: string }; role: ObjectRef; rule: { path: string; source: string };
}
export interface Holder { kind: string; name: string; namespace: string; by_group: string | null; via: Grant[] }
export interface WhoCan {
  subjects: Holder[]; unsure: { reason?: string }[];
  indirect: (Holder & { technique: string; target: Holder })[] | null; notes: string[]; gaps: Gap[];
}

export interface AttackChange { kind: string; object: ObjectRef | null; text: string; breaks?: number }
export interface Step {
  from: { id: string }; to: { id: string }; technique: string; does: string; mitre: string; possible: boolean;
  evidence: { text: string; place: string }[]; stoppedBy: AttackChange[][];
}
export interface AttackPaths {
  from: string; to: string; more: boolean; paths: { length: number; steps: Step[] }[]; notes: string[];
  cut: { changes: AttackChange[] | null; least: boolean; single: AttackChange[] } | null;
}
export interface Ranking {
  rows: {
    workload: ObjectRef; fromInternet: number | null; toClusterAdmin: number | null; workloads: number; pods: number;
    nodes: number; identities: number; secretNamespaces: number;
  }[];
  notes: string[];
}

export interface Measure {
  measure: string; title: string; share: { low: number; high: number } | null; met: number; unknown: number;
  total: number; reason: string;
  shortfalls: { object: ObjectRef; what: string; source: string }[];
}
export interface Score {
  tenets: {
    tenet: string; title: string; share: { low: number; high: number } | null; reason: string; measures: Measure[];
  }[];
  namespaces: { namespace: string; measures: Measure[] }[];
}

export interface Item {
  kind: string; object: ObjectRef; path: string; source: string; message: string; evidence: string[];
  proposal: string; fingerprint: string;
}
export interface Review {
  time: string; days: number; items: Item[]; undecided: Item[];
  network: {
    period: { first: string | null; last: string | null; connections: number; enough: boolean };
    rules: { total: number; used: number; possiblyUsed: number; unused: number; notKnown: number };
    notes: string[];
  };
}
