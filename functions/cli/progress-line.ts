/** Says how far something is: over itself on a terminal, every ten seconds elsewhere. */
export function progressLine(every = process.stderr.isTTY ? 500 : 10_000) {
  let shown = 0;
  let open = false;
  return {
    show(text: string) {
      if (Date.now() - shown < every) return;
      shown = Date.now();
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
      open = process.stderr.isTTY;
    },
    end() {
      if (open) process.stderr.write("\r\x1b[K");
    },
  };
}
