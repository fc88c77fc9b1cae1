// Lays the map out beside the page, which stays responsive.

import { laidOut, type Group, type Tie } from "./layout";

onmessage = (event: MessageEvent<{ groups: Group[]; ties: Tie[] }>) => {
  postMessage(laidOut(event.data.groups, event.data.ties));
};
