import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

test("every decision that code cites has a line in docs/decisions.md", () => {
  const sources = globSync("{packages,functions,infra,test}/**/*.ts", {
    cwd: root,
    exclude: (path) => /node_modules/.test(path),
  });
  const cited = sources.flatMap((path) =>
    [...read(path).matchAll(/\bdecision (\d+)/g)].map(([, number = ""]) => number),
  );
  const told = [...read("docs/decisions.md").matchAll(/^\| (\d+) /gm)].map(([, number = ""]) => number);
  expect(cited.length).toBeGreaterThan(0);
  expect([...new Set(cited)].filter((number) => !told.includes(number))).toEqual([]);
});

test("every link between papers leads to a file and a heading", () => {
  const papers = globSync(
    ["README.md", "docs/*.md", "{packages,infra,test}/**/README.md", "test/bench/*.md"],
    {
      cwd: root,
      exclude: (path) => /node_modules/.test(path),
    },
  );
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .trim()
      .replaceAll(" ", "-");
  const broken = papers.flatMap((paper) =>
    [...read(paper).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(
      ([link, path = "", anchor]) => {
        const target = path ? join(paper, "..", path) : paper;
        const [found] = globSync(target, { cwd: root });
        if (!found) return [`${paper}: ${link}`];
        if (!anchor) return [];
        const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
          anchorOf(heading),
        );
        return headings.includes(anchor) ? [] : [`${paper}: ${link}`];
      },
    ),
  );
  expect(broken).toEqual([]);
});

// Whoever enters a room reads its paper to the end. What is longer stands in docs/.
test.each(
  globSync(["{packages,infra,test}/**/README.md"], {
    cwd: root,
    exclude: (path) => /node_modules/.test(path),
  }),
)("%s has at most 60 lines", (path) => {
  expect(read(path).trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

test("every picture that is made is shown, and every picture that is shown is there", () => {
  const papers = globSync(["README.md", "docs/*.md"], { cwd: root });
  const shown = papers.flatMap((paper) =>
    [...read(paper).matchAll(/src="([^"]+\.png)"/g)].map(([, source = ""]) => join(paper, "..", source)),
  );
  const made = globSync("docs/pictures/*.png", { cwd: root });
  expect([...new Set(shown)].sort()).toEqual(made.sort());
});
