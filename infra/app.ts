import { parseArgs } from "node:util";
import { contextOf } from "./context.ts";
import { successManager } from "./success-manager.ts";

const { values } = parseArgs({ options: { context: { type: "string", short: "c", multiple: true } } });

const app = await successManager({ context: contextOf(values.context ?? []) });
app.synth();
