import { catalogue } from "./catalogue.ts";
import ar from "./score/ar.json" with { type: "json" };
import de from "./score/de.json" with { type: "json" };
import en from "./score/en.json" with { type: "json" };
import es from "./score/es.json" with { type: "json" };
import fr from "./score/fr.json" with { type: "json" };

/** Why a score moved, in every language; a part of a bundle of its own. */
export const otherScoreTexts = /* @__PURE__ */ catalogue<keyof typeof en>({ en, de, fr, es, ar });
