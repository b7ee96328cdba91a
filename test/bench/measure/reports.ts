import { ReportType } from "@success-manager/contract/vocabulary";
import { calibrate } from "../calibration.ts";
import { during, open, type Portfolio, type Running } from "../cloud.ts";
import { type Profiler, unprofiled } from "../profile/profiler.ts";
import { quantile, shuffled } from "../table.ts";
import { generated, pagesOf } from "./generated.ts";
import type { Row } from "./timed.ts";

/** That of a back-test says the same whatever the portfolio. */
const TYPES = ReportType.options.filter((type) => type !== "score_backtest");
const FIRST_ROUNDS = 3;
const WARM_ROUNDS = 5;
const KB = 1024;

/** A type of report over a portfolio. */
interface Subject {
  readonly portfolio: Portfolio;
  readonly type: ReportType;
  /** Milliseconds, one for each new function. */
  readonly first: number[];
  /** Milliseconds of functions that have made one. */
  readonly warm: number[];
}

/** What a report asks of the database in a function that has made one, and the file that it comes to. */
async function counted(running: Running, type: ReportType) {
  await generated(running, type);
  await running.asked();
  const { report } = await generated(running, type);
  const asked = await running.asked();
  return {
    pages: await pagesOf(running, report),
    KB: report.file_size / KB,
    requests: asked.length,
    units: asked.reduce((sum, { units }) => sum + units, 0),
  };
}

/** The first report of a new function, which loads itself, the directory, fonts and the making of PDFs. */
const first = ({ portfolio, type }: Subject, profiler: Profiler): Promise<number> =>
  during(portfolio, [], (running) =>
    profiler.during(
      running,
      `first report ${type}, ${portfolio.size}`,
      async () => (await generated(running, type)).ms,
    ),
  );

async function measureFirst(subjects: readonly Subject[]): Promise<void> {
  for (let round = 0; round < FIRST_ROUNDS; round++) {
    await calibrate();
    for (const subject of shuffled(subjects)) subject.first.push(await first(subject, unprofiled));
  }
}

/** The portfolios' clouds take turns. */
async function measureWarm(subjects: readonly Subject[], all: readonly Running[]): Promise<void> {
  for (const type of TYPES) {
    await calibrate(all);
    const turns = all.map((running) => ({
      running,
      subject: subjects.find((one) => one.type === type && one.portfolio.size === running.size),
    }));
    for (const { running } of turns) await generated(running, type);
    for (let round = 0; round < WARM_ROUNDS; round++)
      for (const { running, subject } of shuffled(turns))
        subject?.warm.push((await generated(running, type)).ms);
  }
}

/** Apart from what is measured: new functions, and those that have made a report; largest portfolio. */
async function profile(subjects: readonly Subject[], largest: Running, profiler: Profiler): Promise<void> {
  for (const subject of subjects.filter(({ portfolio }) => portfolio.size === largest.size)) {
    await first(subject, profiler);
    await profiler.during(largest, `report ${subject.type}`, async () => {
      for (let round = 0; round < WARM_ROUNDS; round++) await generated(largest, subject.type);
    });
  }
}

/** Reports of each type over all customers: how long they take, what they ask of the database, and their files. */
export async function reports(portfolios: readonly Portfolio[], profiler: Profiler): Promise<Row[]> {
  const subjects = portfolios.flatMap((portfolio) =>
    TYPES.map((type): Subject => ({ portfolio, type, first: [], warm: [] })),
  );
  await measureFirst(subjects);
  const all = await Promise.all(portfolios.map((portfolio) => open(portfolio)));
  try {
    await measureWarm(subjects, all);
    const largest = all.at(-1);
    if (profiler.wanted && largest) await profile(subjects, largest, profiler);
  } finally {
    await Promise.all(all.map((running) => running.stop()));
  }
  const rows: Row[] = [];
  for (const portfolio of portfolios)
    await during(portfolio, ["record"], async (running) => {
      for (const subject of subjects.filter((one) => one.portfolio === portfolio))
        rows.push({
          customers: portfolio.size,
          report: subject.type,
          "p50 ms": quantile(subject.warm, 0.5),
          "max ms": quantile(subject.warm, 1),
          "first ms": quantile(subject.first, 0.5),
          ...(await counted(running, subject.type)),
        });
    });
  return rows;
}
