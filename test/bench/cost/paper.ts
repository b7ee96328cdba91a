import {
  ASSUMED,
  type Assumed,
  batches,
  bill,
  COLUMNS,
  committed,
  crossing,
  type Inventory,
  type Levers,
  type Measured,
  MIX,
  server,
  total,
  unitsOf,
} from "./model.ts";
import { PRICES, PRICES_OF, REGION } from "./prices.ts";

const CUSTOMERS = [100, 1_000, 10_000, 100_000];
const RATES = [10, 100, 1_000];
/** Where one size stands for all: rates and levers. */
const TYPICAL = 10_000;

/** 12345.6 → "12 346", as everywhere in these papers. */
const grouped = (number: number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, " ");
/** Cents below ten dollars, else whole dollars. */
export const money = (dollars: number): string =>
  Math.abs(dollars) < 9.995
    ? dollars.toFixed(2).replace(/^-0\.00$/, "0.00")
    : `${dollars < 0 ? "-" : ""}${grouped(Math.abs(dollars))}`;
const figure = (number: number) => (number >= 100 ? grouped(number) : String(Math.round(number * 100) / 100));

/** A table of which all columns but the first are numbers, unless named. */
function table(rows: readonly Readonly<Record<string, string>>[], texts: readonly string[] = []): string {
  const columns = Object.keys(rows[0] ?? {});
  const isText = (column: string, i: number) => i === 0 || texts.includes(column);
  return [
    columns,
    columns.map((column, i) => (isText(column, i) ? "---" : "--:")),
    ...rows.map((row) => columns.map((column) => row[column] ?? "")),
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const LEVERS: Readonly<Record<string, { readonly levers?: Levers; readonly assumed?: Partial<Assumed> }>> = {
  "nothing is counted": { levers: { counts: false } },
  "batches wait for a second": { assumed: { batchingWindow: 1 } },
  "batches wait for five seconds": { assumed: { batchingWindow: 5 } },
  "`logLevel` WARN": { levers: { logLevel: "WARN" } },
  "`logLevel` DEBUG": { levers: { logLevel: "DEBUG" } },
  "with START, END and REPORT": { levers: { platformLog: true } },
  "no access log of the gateway": { levers: { accessLog: false } },
  "no access log of CloudFront": { levers: { edgeLog: false } },
  "no log but of errors": {
    levers: { logLevel: "WARN", platformLog: false, accessLog: false, edgeLog: false },
  },
  "`tracing`": { levers: { traces: true } },
  "CloudFront and firewall in front": { levers: { edge: true } },
  "none in front": { levers: { edge: false } },
};

/** The tables of docs/cost.md by the name of their mark. */
export function tables(
  measured: Measured,
  inventory: Inventory,
  assumed: Assumed = ASSUMED,
): Readonly<Record<string, string>> {
  const billed = (first: Record<string, string>, load: { customers: number; rate?: number }) => {
    const sums = bill(measured, inventory, load, assumed);
    const requests = unitsOf(measured, load, assumed).requests;
    return {
      ...first,
      ...Object.fromEntries(COLUMNS.map((column) => [column, money(sums[column])])),
      sum: `**${money(total(sums))}**`,
      "a million requests": money((total(sums) / requests) * 1e6),
      "small server": money(server(measured, inventory, load, assumed).sum),
    };
  };
  const grid = (sum: (load: { customers: number; rate: number }) => number) =>
    table(
      CUSTOMERS.map((customers) => ({
        customers: grouped(customers),
        ...Object.fromEntries(RATES.map((rate) => [`${grouped(rate)}/s`, money(sum({ customers, rate }))])),
      })),
    );
  // A lever that is there already changes nothing.
  const isThere = ({ levers = {} }: (typeof LEVERS)[string]) =>
    (levers.edge !== undefined && levers.edge === (inventory.edge !== undefined)) ||
    (levers.edgeLog === false && inventory.edge === undefined && levers.accessLog === undefined);
  const levers = Object.entries(LEVERS)
    .filter(([, lever]) => !isThere(lever))
    .map(([lever, { levers = {}, assumed: changed = {} }]) => ({
      lever,
      ...Object.fromEntries(
        RATES.map((rate) => {
          const load = { customers: TYPICAL, rate };
          const before = total(bill(measured, inventory, load, assumed));
          const after = total(bill(measured, inventory, load, { ...assumed, ...changed }, levers));
          return [
            `${grouped(rate)}/s`,
            `${money(after - before)} (${Math.round((after / before - 1) * 100)} %)`,
          ];
        }),
      ),
    }));
  const writes = Object.keys(MIX)
    .filter((call) => /^(POST|PUT|DELETE) /.test(call))
    .flatMap((name) => {
      const call = measured.calls.get(name);
      if (!call) return [];
      return [
        {
          write: `\`${name}\``,
          "read units": figure(call["read units"]),
          "write units": figure(call["write units"]),
          "write units of counting": figure(call["counting write units"]),
          "dollars a million": money(call["read units"] * 0.125 + call["write units"] * 0.625),
          "of counting": money(call["counting read units"] * 0.125 + call["counting write units"] * 0.625),
        },
      ];
    });
  const counting = measured.counting.map((row) => ({
    "records in a batch": figure(row["records in a batch"]),
    "write units a record": figure(row["write units"]),
    "CPU ms a record": figure(row["CPU ms"]),
  }));
  const met = RATES.map((rate) => {
    const { counted, batch } = unitsOf(measured, { customers: TYPICAL, rate }, assumed);
    const seconds = 730 * 3600;
    return {
      "requests a second": grouped(rate),
      "records a second": figure(counted / seconds),
      "records in a batch": figure(batch),
      "with a window of a second": figure(batches(counted / seconds, { ...assumed, batchingWindow: 1 }).size),
    };
  });
  const servers = [
    ...CUSTOMERS.map((customers) => ({ customers })),
    ...RATES.map((rate) => ({ customers: TYPICAL, rate })),
  ].map((load: { customers: number; rate?: number }) => {
    const made = server(measured, inventory, load, assumed);
    return {
      load:
        load.rate === undefined
          ? `${grouped(load.customers)} customers`
          : `${grouped(load.rate)}/s, ${grouped(load.customers)} customers`,
      tasks: made.tasks,
      database: made.database,
      "tasks and database": money(made.compute),
      storage: money(made.storage),
      "balancer, addresses": money(made.front),
      "what both have": money(made.shared),
      sum: `**${money(made.sum)}**`,
    };
  });
  const crossings = CUSTOMERS.map((customers) => {
    const rate = crossing(measured, inventory, customers, assumed);
    const load = { customers };
    return {
      customers: grouped(customers),
      "requests a second that they cause": figure((customers * assumed.requestsOfCustomer) / (730 * 3600)),
      "we are dearer from, requests a second": rate === undefined ? "never" : figure(rate),
      "ours there":
        rate === undefined ? "" : money(total(bill(measured, inventory, { ...load, rate }, assumed))),
    };
  });
  const ahead = RATES.map((rate) => ({
    "requests a second": grouped(rate),
    ...Object.fromEntries(
      Object.entries(committed(measured, inventory, { customers: TYPICAL, rate }, assumed)).map(
        ([name, sum]) => [name, money(sum)],
      ),
    ),
    "small server": money(server(measured, inventory, { customers: TYPICAL, rate }, assumed).sum),
  }));
  return {
    measured: `Measured on ${measured.date} with ${grouped(measured.customers)} customers, on ${measured.cpu}, Node ${measured.node}.`,
    customers: table(CUSTOMERS.map((customers) => billed({ customers: grouped(customers) }, { customers }))),
    rates: table(
      RATES.map((rate) => billed({ "requests a second": grouped(rate) }, { customers: TYPICAL, rate })),
    ),
    grid: grid((load) => total(bill(measured, inventory, load, assumed))),
    "grid of the server": grid((load) => server(measured, inventory, load, assumed).sum),
    levers: table(levers),
    writes: table(writes),
    counting: `${table(counting)}\n\n${table(met)}`,
    servers: table(servers, ["tasks", "database"]),
    crossings: table(crossings),
    ahead: table(ahead),
    mix: table(
      Object.entries(MIX).map(([call, weight]) => ({ call: `\`${call}\``, "of a thousand": String(weight) })),
    ),
    assumed: table(
      Object.entries(assumed).map(([name, value]) => ({
        assumed: `\`${name}\``,
        value:
          typeof value === "number"
            ? String(value)
            : Object.entries(value)
                .map(([key, one]) => `${key} ${one}`)
                .join(", "),
      })),
      ["value"],
    ),
    prices: `In ${REGION}; gone through on ${PRICES_OF}.\n\n${table(
      Object.values(PRICES).map(({ unit, tiers, page, source }) => ({
        "of a": unit,
        dollars: tiers
          .map(({ dollars, upTo }, i) =>
            i > 0 || upTo !== Number.POSITIVE_INFINITY
              ? `${plain(dollars)} up to ${plainTo(upTo)}`
              : plain(dollars),
          )
          .join("; ")
          .replace(/ up to all$/, " beyond"),
        page,
        source,
      })),
      ["dollars", "page", "source"],
    )}`,
  };
}

const plain = (dollars: number) =>
  dollars.toPrecision(6).includes("e")
    ? dollars.toFixed(12).replace(/0+$/, "")
    : String(Number(dollars.toPrecision(6)));
const plainTo = (units: number) => (units === Number.POSITIVE_INFINITY ? "all" : grouped(units));

const begin = (name: string) => `<!-- ${name}: npm run cost -- --write -->`;
const END = "<!-- end -->";

/** The paper with these tables between its marks. @throws when it has no such mark */
export function withTables(paper: string, made: Readonly<Record<string, string>>): string {
  let written = paper;
  for (const [name, text] of Object.entries(made)) {
    const from = written.indexOf(begin(name));
    const to = written.indexOf(END, from);
    if (from < 0 || to < 0) throw new Error(`docs/cost.md has no place for ${name}: ${begin(name)} … ${END}`);
    written = `${written.slice(0, from)}${begin(name)}\n\n${text}\n\n${written.slice(to)}`;
  }
  return written;
}
