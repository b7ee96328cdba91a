import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldOut, known, type LabelledSentence } from "./fixture/sentences.ts";
import { sentimentOf, themesOf } from "./opinions.ts";

const themes = (text: string) => themesOf(text).map(({ sign, words }) => `${sign} ${words}`);

describe("a sentiment", () => {
  it.each([
    "The customer is very happy with the new release and thanked the team.",
    "No problems at all, everything works great.",
    "They love the new dashboard.",
    "Training went well, good feedback.",
    "Could not be better.",
    "Couldn’t be happier!",
    "It has never been better.",
    "I can't say enough good things about them.",
    "We can't recommend them enough.",
    "We would definitely recommend it.",
    "I would not want to work without it.",
    "Not only reliable but also fast.",
    "Good service, good people.",
    "Users really like it.",
    "No issues and very happy users.",
    "Problem solved the same day, very good.",
    "Excellent service",
    "Awesome!",
  ])("is positive: %s", (text) => expect(sentimentOf("Call", text)).toBe("positive"));

  it.each([
    "The system is down again and the customer is furious about the outage.",
    "The customer is not happy with the response time.",
    "Major failure: all reports are broken, they threaten to cancel.",
    "Invoice is wrong again, very disappointed.",
    "Not good.",
    "It could not be worse.",
    "We would not recommend it.",
    "Far too slow and the search is confusing.",
    "Serious problems with the export.",
    "Constant outages.",
    "I don't like it.",
    "It isn't reliable.",
    "The import fails again.",
    "Doesn't work at all.",
    "Nobody cares.",
    "They lost trust in us.",
    "Great product, but support is terrible and slow.",
    "Awful.",
  ])("is negative: %s", (text) => expect(sentimentOf("Call", text)).toBe("negative"));

  it.each([
    "No issues.",
    "No blockers.",
    "Not bad.",
    "Nothing to complain about.",
    "Emergency contact updated",
    "Emergency maintenance window agreed",
    "The critical path is clear",
    "War room booked",
    "Fight club offsite",
    "No outages to report",
    "The bug was fixed in version 4.2.",
    "Discussed slow queries and wrong prices of last year.",
    "Outage report sent, error codes explained.",
    "If the import fails or is slow, call support.",
    "Is the export broken and slow?",
    "They would love to join, that would be great.",
    "Worst case scenario and disaster recovery planned.",
    "Best practices workshop, kind regards",
    "Call with Happy Foods about licenses.",
    "Happy to help with the setup.",
    "Kill switch documented, blocked two hours, cancelled Friday's meeting.",
    "Good.",
    "Die Schulung war sehr gut.",
    "Kein Problem, alles läuft.",
    "Service lento y malo.",
    "Le client est content.",
    "12345 --- ???",
    "",
  ])("is neutral: %s", (text) => expect(sentimentOf("Call", text)).toBe("neutral"));

  it("is read from each text in its own language", () => {
    expect(sentimentOf("Terrible outage", "See subject.")).toBe("negative");
    expect(sentimentOf("Terrible outage", "Der Kunde ruft morgen wieder an.")).toBe("negative");
    expect(sentimentOf("Call", "Der Kunde ist sehr happy mit dem Update, great.")).toBe("neutral");
  });

  it("needs a second word where the first says little", () => {
    expect(sentimentOf("The portal is slow.")).toBe("neutral");
    expect(sentimentOf("The portal is slow.", "The figures are wrong.")).toBe("negative");
    expect(sentimentOf("A helpful call.")).toBe("neutral");
    expect(sentimentOf("A helpful call with friendly people.")).toBe("positive");
  });

  it("is not confused by words that every object knows", () => {
    expect(sentimentOf("The constructor company is very happy.")).toBe("positive");
  });

  it("takes no time for endless words, and never fails", () => {
    expect(sentimentOf(`Very happy customer. ${"1".repeat(1_000_000)}`)).toBe("positive");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(["positive", "neutral", "negative"]).toContain(sentimentOf(text));
        expect(themesOf(text).length).toBeLessThanOrEqual(20);
      }),
    );
  });

  it("is the same in other letters and with other blanks", () => {
    const sentences = fc.constantFrom(...known, ...heldOut);
    fc.assert(
      fc.property(sentences, ({ text }) => {
        const typed = sentimentOf(text);
        expect(sentimentOf(text.replaceAll(" ", "  "))).toBe(typed);
        expect(sentimentOf(text.replaceAll("'", "’"))).toBe(typed);
      }),
    );
  });
});

describe.each([
  ["looked at while tuning", known],
  ["held out", heldOut],
])("of the labelled sentences, those %s", (_, sentences) => {
  const read = sentences.map(({ text, sentiment }) => ({ text, sentiment, got: sentimentOf("Note", text) }));
  const share = (of: readonly LabelledSentence[], wrong: readonly unknown[]) => wrong.length / of.length;

  it("are read right, 19 of 20 at least", () => {
    const wrong = read.filter(({ sentiment, got }) => sentiment !== got);
    expect(share(sentences, wrong), JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(0.05);
  });

  it("are hardly ever called negative when they are neutral", () => {
    const neutral = sentences.filter(({ sentiment }) => sentiment === "neutral");
    const wrong = read.filter(({ sentiment, got }) => sentiment === "neutral" && got === "negative");
    expect(neutral.length).toBeGreaterThanOrEqual(60);
    expect(share(neutral, wrong), JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(0.02);
  });

  it("have no themes in other languages", () => {
    const others = sentences.filter(({ text }) =>
      /\b(der|die|und|el|la|está|le|est|il|è|de|het|o|está)\b/i.test(text),
    );
    const foreign = others.filter(({ sentiment, text }) => sentiment === "neutral" && !/\bthe\b/i.test(text));
    expect(foreign.length).toBeGreaterThan(15);
    expect(foreign.flatMap(({ text }) => themes(text))).toEqual([]);
  });
});

describe("themes of an answer", () => {
  it.each([
    ["The team is great and reliable", ["+ great", "+ reliable"]],
    ["Terrible. The portal is SLOW, and full of bugs!", ["- terrible", "- slow", "- bug"]],
    ["It's not easy to use", ["- not easy"]],
    ["We don’t love the new version", ["- not love"]],
    ["Never broken, always fast", ["+ fast"]],
    ["Not at all. Great!", ["+ great"]],
    ["love love love", ["+ love"]],
    ["Support helped us, support was there", []],
    ["Sehr gut, danke", []],
    ["Die Schulung war sehr gut.", []],
    ["", []],
  ])("%s", (text, expected) => {
    expect(themes(text)).toEqual(expected);
  });

  it.each([
    ["The portal is slow", "Everything loads slowly", "It got even slower", "the slowest portal I know"],
    ["There was an outage", "Too many outages", "another outage"],
    ["The training was confusing", "We are confused", "a lot of confusion here"],
    ["They delayed it, a bad delay", "The delays are bad", "It was delayed and it is bad"],
  ])("are one whatever the inflection: %s", (...texts) => {
    const found = texts.map((text) => themes(text)[0]);
    expect(found[0]).toBeDefined();
    expect(new Set(found).size).toBe(1);
  });

  it.each([
    ["Good support, problem solved the same day.", ["+ good", "+ solved"]],
    ["The outage was handled superbly, thank you.", ["+ superb", "+ thanks"]],
    ["No errors, no delays.", []],
    ["Quick fix of a login bug", ["+ quick"]],
    ["All bugs are gone", []],
  ])("are no complaint where a trouble is over: %s", (text, expected) => {
    expect(themes(text)).toEqual(expected);
  });

  it("are words, whatever a plain object calls its own", () => {
    expect(themes("constructor __proto__ hasOwnProperty toString valueOf, constructor length")).toEqual([]);
  });

  it("are no more than 20 of one answer", () => {
    const words =
      "great good love happy perfect amazing excellent outstanding useful helpful friendly stable";
    const more =
      "bad poor terrible awful useless slow broken buggy difficult expensive late outdated unhappy";
    expect(themes(`${words} ${more}`)).toHaveLength(20);
  });

  it.each([
    ["one endless word", "a".repeat(100_000)],
    ["digits", "1".repeat(100_000)],
    ["apostrophes", "a'".repeat(50_000)],
    ["addresses", "www.a@".repeat(20_000)],
    ["words without end", "great ".repeat(20_000)],
    ["beginnings of expressions", "could not be ".repeat(8_000)],
    ["blanks", " ".repeat(100_000)],
    ["capitals", "A ".repeat(50_000)],
    ["names", "Aa Bb ".repeat(20_000)],
  ])("are looked for in %s without keeping anybody busy", (_, text) => {
    // As many as come in a batch of the stream.
    for (let n = 0; n < 100; n++) expect(themes(text).length).toBeLessThanOrEqual(1);
  });
});
