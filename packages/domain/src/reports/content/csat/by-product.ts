import type { Product } from "@success-manager/contract/vocabulary";
import type { BarChart, Block, Section, Table, Tone } from "@success-manager/pdf/document";
import { averageScore, countOf, netPromoterScore } from "../../../surveys/satisfaction.ts";
import type { Period } from "../../period.ts";
import { againstText, changeCell, changeText, countText, numberText, signedText } from "../wording.ts";
import type { Answered, Compared, Counted } from "./answered.ts";

type About = Compared<Counted> & { readonly product: Product };

/** How good a mean from 1 to 5 is, by the scores that it lies between. */
const toneOf = (average: number): Tone => {
  if (average >= 4) return "good";
  if (average >= 3) return "fair";
  return average > 2 ? "poor" : "bad";
};

const isNps = ({ survey_type }: Counted[number]) => survey_type === "nps";

/** The means of the 1 to 5 scores; what follows a bar has to be short, so the number of answers goes before it. */
function csatBars(products: readonly About[], period: Period): BarChart {
  const bars = products.flatMap(({ product, now, before }) => {
    const [average, earlier] = [averageScore(now), averageScore(before)];
    if (average === null) return [];
    const { note } = changeText(average, earlier, { against: "", decimals: 2 });
    const answers = countText(countOf(now.filter((answer) => !isNps(answer))), "answer");
    const change = earlier === null ? "" : ` (${note.trim()})`;
    return [
      {
        label: `${product}, ${answers}`,
        value: average,
        valueText: `${numberText(average, 2)}${change}`,
        tone: toneOf(average),
      },
    ];
  });
  const isCompared = products.some(({ before }) => averageScore(before) !== null);
  const title = isCompared ? `Average CSAT, with changes ${againstText(period)}` : "Average CSAT";
  return { kind: "barChart", title, bars, max: 5 };
}

/** Net promoter scores: they may be below 0, where no bar goes. */
function npsTable(products: readonly About[], period: Period): Table {
  return {
    kind: "table",
    title: `NPS, with changes ${againstText(period)}`,
    columns: [
      { heading: "Product", width: 2 },
      { heading: "NPS", align: "right" },
      { heading: "Change", align: "right", width: 1.2 },
      { heading: "Answers", align: "right" },
    ],
    rows: products.flatMap(({ product, now, before }) => {
      const nps = netPromoterScore(now);
      return nps === null
        ? []
        : [
            [
              product,
              signedText(nps),
              changeCell(nps, netPromoterScore(before), { nothing: "none before" }),
              numberText(countOf(now.filter(isNps))),
            ],
          ];
    }),
  };
}

/** How satisfied customers were with each product that they answered about. */
export function byProductSection({ now, byProduct }: Answered, period: Period): Section {
  const products = [...byProduct]
    .map(([product, compared]): About => ({ product, ...compared }))
    .filter((about) => countOf(about.now) > 0);
  const heading = "By product";
  if (products.length === 0)
    return { heading, blocks: [{ kind: "text", text: "No answer of this period is about a product." }] };
  const bars = csatBars(products, period);
  const nps = npsTable(products, period);
  const others = countOf(now) - products.reduce((sum, about) => sum + countOf(about.now), 0);
  const blocks: Block[] = [
    ...(bars.bars.length > 0 ? [bars] : []),
    ...(nps.rows.length > 0 ? [nps] : []),
    ...(others > 0
      ? [
          {
            kind: "text",
            muted: true,
            text: `${countText(others, "more answer")} ${others === 1 ? "is" : "are"} about no product.`,
          } as const,
        ]
      : []),
  ];
  return { heading, blocks };
}
