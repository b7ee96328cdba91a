/** What a printed document says, apart from how it looks. Texts are those of people, in any script. */
export interface Document {
  readonly title: string;
  /** Under the title: what it is about in particular. */
  readonly subtitle?: string | undefined;
  /** What a reader has to know of it, such as its period: beside the title, on the first page. */
  readonly facts: readonly Fact[];
  readonly paper: "a4" | "letter";
  readonly created: Date;
  /** Left in the footer of every page; the page's number stands on the right. */
  readonly footer: string;
  readonly sections: readonly Section[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A part with a heading; readers find it among the bookmarks. */
export interface Section {
  readonly heading: string;
  /** A sentence about what follows, such as what it counts. */
  readonly about?: string | undefined;
  readonly blocks: readonly Block[];
}

/** How good a thing is: a color, and never the only sign of it. */
export type Tone = "good" | "fair" | "poor" | "bad" | "neutral" | "accent";

export type Block = Tiles | Text | Table | BarChart | LineChart | StackedBar | Quotes;

/** Key figures side by side, as many in a row as fit. */
export interface Tiles {
  readonly kind: "tiles";
  readonly tiles: readonly Tile[];
}

export interface Tile {
  readonly label: string;
  /** As it is shown: `82.4`, `+37`, `$1.2M`. */
  readonly value: string;
  /** Under the value, such as how it has changed: `+2.1 since October`. */
  readonly note?: string | undefined;
  /** Of the note. */
  readonly tone?: Tone | undefined;
}

export interface Text {
  readonly kind: "text";
  readonly text: string;
  /** Aside: smaller and gray, as for what there is nothing to show of. */
  readonly muted?: boolean | undefined;
}

/** Rows under a header that each page repeats. */
export interface Table {
  readonly kind: "table";
  readonly title?: string | undefined;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** How many rows are left out; said under the last one. */
  readonly more?: number | undefined;
}

export interface Column {
  readonly heading: string;
  /** Share of the width; 1 when absent. */
  readonly width?: number | undefined;
  /** Figures stand on the right; left when absent. */
  readonly align?: "left" | "right" | undefined;
}

export type Cell = string | { readonly text: string; readonly tone: Tone };

/** Horizontal bars from 0, one below the other. */
export interface BarChart {
  readonly kind: "barChart";
  readonly title?: string | undefined;
  readonly bars: readonly Bar[];
  /** The value of a bar of full length; the largest one when absent. */
  readonly max?: number | undefined;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as printed at the end of the bar. */
  readonly valueText: string;
  readonly tone?: Tone | undefined;
}

/** Lines over time. */
export interface LineChart {
  readonly kind: "lineChart";
  readonly title?: string | undefined;
  /** Names of the points, first to last; as many are printed as fit. */
  readonly points: readonly string[];
  readonly lines: readonly Line[];
  /** Ends of the vertical axis; round numbers around the values when absent. */
  readonly range?: readonly [min: number, max: number] | undefined;
}

export interface Line {
  readonly name: string;
  readonly tone: Tone;
  /** One for each point; null where there is none: the line has a gap there. */
  readonly values: readonly (number | null)[];
}

/** One bar cut into parts of a whole, with a legend. */
export interface StackedBar {
  readonly kind: "stackedBar";
  readonly title?: string | undefined;
  readonly parts: readonly { readonly label: string; readonly value: number; readonly tone: Tone }[];
}

/** What people wrote. */
export interface Quotes {
  readonly kind: "quotes";
  readonly quotes: readonly {
    readonly text: string;
    readonly by: string;
    readonly tone?: Tone | undefined;
  }[];
}
