/** Far more than there are questions at a time; those of earlier days are forgotten with them. */
const MOST = 200;

/**
 * Answers that are kept until something changes that they were made of.
 *
 * @typeParam Kind what may change
 */
export function rememberedAnswers<Kind extends string>() {
  /** How often each kind has changed. */
  const editions = new Map<Kind, number>();
  const answers = new Map<string, { readonly edition: number; readonly answer: unknown }>();
  return {
    /** Something of this kind is not what it was any more. */
    changed(kind: Kind) {
      editions.set(kind, (editions.get(kind) ?? 0) + 1);
    },
    /** What `compute` answered to a question, unless one of these kinds has changed since. */
    remember<T>(question: string, kinds: readonly Kind[], compute: () => T): T {
      const edition = kinds.reduce((sum, kind) => sum + (editions.get(kind) ?? 0), 0);
      const known = answers.get(question);
      // Each question is asked by one use case, which gets its own answer back.
      if (known?.edition === edition) return known.answer as T;
      const answer = compute();
      if (answers.size >= MOST) answers.clear();
      answers.set(question, { edition, answer });
      return answer;
    },
  };
}
