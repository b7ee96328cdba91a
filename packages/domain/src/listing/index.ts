export { type Entity, type Kind, runOf } from "./kind.ts";
export { type Known, knownIn, ownCountersGet, partsAre, type Takes } from "./known.ts";
export { listed } from "./list.ts";
export { type Looked, lookBack, lookThrough, sortedPage } from "./looked-through.ts";
export { pageOfRun } from "./page.ts";
export { behind, EVER_AFTER, EVER_BEFORE, type Filter, having, type Run, readRun } from "./run.ts";
export { named } from "./search.ts";
