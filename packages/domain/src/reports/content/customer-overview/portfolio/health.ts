import type { Block, Section, Table } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../../../directory/index.ts";
import { healthDistribution, productPerformance } from "../../../../portfolio/index.ts";
import type { Asked } from "../../asked.ts";
import { BANDS, scoreTone } from "../../health-words.ts";
import { numberText } from "../../wording.ts";

function productTable(rows: readonly CustomerRow[], { filters }: Asked): Table {
  const products = productPerformance(rows).filter(
    ({ product }) => filters.product === undefined || product === filters.product,
  );
  return {
    kind: "table",
    title: "By product",
    columns: [
      { heading: "Product", width: 2 },
      { heading: "Active deployments", align: "right", width: 1.5 },
      { heading: "Inactive", align: "right" },
      { heading: "Customers", align: "right" },
      { heading: "Average health", align: "right", width: 1.3 },
    ],
    rows: products.map((figures) => [
      figures.product,
      numberText(figures.active_deployments),
      numberText(figures.inactive_deployments),
      numberText(figures.customer_count),
      figures.avg_health_score === null
        ? { text: "Not scored", tone: "neutral" }
        : { text: numberText(figures.avg_health_score, 1), tone: scoreTone(figures.avg_health_score) },
    ]),
  };
}

/** How healthy customers are, by their newest scores, and by product. */
export function healthSection(rows: readonly CustomerRow[], asked: Asked): Section {
  const heading = "Health";
  const distribution = healthDistribution(rows);
  const { average_score, total_scored } = distribution;
  if (total_scored === 0)
    return {
      heading,
      blocks: [
        { kind: "text", text: "No customer has a health score yet." },
        ...(rows.length > 0 ? [productTable(rows, asked)] : []),
      ],
    };
  const missing = rows.length - total_scored;
  const blocks: Block[] = [
    {
      kind: "tiles",
      tiles: [
        { label: "Average health score", value: numberText(average_score, 1), note: "of 100" },
        {
          label: "Customers with a score",
          value: numberText(total_scored),
          note: missing === 0 ? "all of them" : `${numberText(missing)} not scored yet`,
        },
      ],
    },
    {
      kind: "stackedBar",
      title: "Customers by health",
      parts: [
        ...BANDS.map(([band, { label, tone }]) => ({ label, value: distribution[band].count, tone })),
        ...(missing > 0 ? [{ label: "Not scored", value: missing, tone: "neutral" } as const] : []),
      ],
    },
    productTable(rows, asked),
  ];
  return {
    heading,
    about:
      "By each customer's newest score; who has left counts with the last one. Customers of a product run it now or did before.",
    blocks,
  };
}
