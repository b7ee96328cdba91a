import type { Color } from "@success-manager/contract/color";

/** Who prints: shown at the head of the first page, in the color of headings and rules, as the file's author. */
export interface DocumentBrand {
  readonly name: string;
  /** Legible on white. */
  readonly color: Color;
  /** In place of the name. A PNG, its size in pixels. */
  readonly logo?: { readonly png: Uint8Array; readonly width: number; readonly height: number } | undefined;
}

/** What a printed document says, apart from how it looks. Texts may be in any script. */
export interface Document {
  readonly title: string;
  /** Under the title: which customer or selection the document is about. */
  readonly subtitle?: string | undefined;
  /** Under the title on the first page, such as the period that the document is about. */
  readonly facts: readonly Fact[];
  readonly paper: "a4" | "letter";
  /** Nobody in particular when absent. */
  readonly brand?: DocumentBrand | undefined;
  /** Becomes the creation date in the PDF's metadata. */
  readonly created: Date;
  /** What it is written in; British English when absent. */
  readonly language?: DocumentLanguage | undefined;
  /** What is printed besides what the document says; English when absent. */
  readonly words?: DocumentWords | undefined;
  /** On the left of every page's footer; the page's number stands on the right. */
  readonly footer: string;
  /** Below it on every page; one line. */
  readonly footnote?: string | undefined;
  readonly sections: readonly Section[];
}

export interface DocumentLanguage {
  /** Of the metadata and of what is read aloud (BCP 47). */
  readonly tag: string;
  /** Whose numbers are printed, for `Intl`. */
  readonly locale: string;
  /** Pages of a document from right to left are mirrored: columns, bars and axes begin on the right. */
  readonly direction: "ltr" | "rtl";
}

/** What the package says itself. Names in braces are filled in: `{number} / {count}`. */
export interface DocumentWords {
  /** With `{number}` and `{count}`. */
  readonly page: string;
  readonly nothingInReport: string;
  readonly nothingInSection: string;
  readonly nothingToList: string;
  readonly noData: string;
  /** Of a line without any value. */
  readonly noValue: string;
  /** Under a chart that can't draw all of its lines: with `{count}`. */
  readonly moreLines: string;
  /** Under a table that is shortened and has no note of its own: with `{count}`. */
  readonly moreRows: string;
  readonly barChart: string;
  readonly stackedBar: string;
  readonly lineChart: string;
  /** How a long line went: with `{first}`, `{last}`, `{lowest}` and `{highest}`. */
  readonly span: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A part with a heading, to which a bookmark leads. */
export interface Section {
  readonly heading: string;
  /** A sentence under the heading, such as what the section counts. */
  readonly about?: string | undefined;
  readonly blocks: readonly Block[];
}

/** How good something is. It is shown by a color, and never by the color alone. */
export type Tone = "good" | "fair" | "poor" | "bad" | "neutral" | "accent";

export type Block = Tiles | Text | Table | BarChart | LineChart | StackedBar | Quotes | Advice;

/** Key figures side by side, as many in a row as fit. */
export interface Tiles {
  readonly kind: "tiles";
  readonly tiles: readonly Tile[];
}

export interface Tile {
  readonly label: string;
  /** As printed: `82.4`, `+37`, `$1.2M`. */
  readonly value: string;
  /** Under the value, such as how it has changed: `+2.1 since October`. */
  readonly note?: string | undefined;
  /** Of the note. */
  readonly tone?: Tone | undefined;
}

/** A paragraph. */
export interface Text {
  readonly kind: "text";
  readonly text: string;
  /** Smaller and gray, for what matters less. */
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
  /** How that is said: `and 12 more, in the annex`; `and 12 more` when absent. */
  readonly moreNote?: string | undefined;
}

export interface Column {
  readonly heading: string;
  /** Share of the width; 1 when absent. */
  readonly width?: number | undefined;
  /** `right` is for numbers; left when absent. */
  readonly align?: "left" | "right" | undefined;
}

export type Cell = string | { readonly text: string; readonly tone: Tone };

/** Horizontal bars from 0, one below the other. */
export interface BarChart {
  readonly kind: "barChart";
  readonly title?: string | undefined;
  readonly bars: readonly Bar[];
  /** The value of a bar of full length, when bars are parts of a whole; the largest value when absent. */
  readonly max?: number | undefined;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as printed at the end of the bar. */
  readonly valueText: string;
  /** Between what the value lies, where it is an estimate: drawn as a thin line over the bar's end. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** `accent` when absent. */
  readonly tone?: Tone | undefined;
}

/** Lines over time. */
export interface LineChart {
  readonly kind: "lineChart";
  readonly title?: string | undefined;
  /** Names of the points, first to last, such as months; as many are printed as fit. */
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

/** One bar divided into the parts of a whole, with a legend of their percentages and values. */
export interface StackedBar {
  readonly kind: "stackedBar";
  readonly title?: string | undefined;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly label: string;
  readonly value: number;
  /** Its share of the whole as printed: `33.4%`. Only who knows all that is printed can round it once. */
  readonly share: string;
  readonly tone: Tone;
}

/** What to do, each with whom it concerns, beside the figures that it follows from. */
export interface Advice {
  readonly kind: "advice";
  readonly items: readonly {
    readonly action: string;
    readonly who: string;
  }[];
}

/** What people wrote, each with its author. */
export interface Quotes {
  readonly kind: "quotes";
  readonly quotes: readonly {
    readonly text: string;
    readonly by: string;
    readonly tone?: Tone | undefined;
  }[];
}
