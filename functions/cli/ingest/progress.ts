const width = 30;
/** Width that aligns the bars of several labels. */
const labelWidth = 8;
/** Number of lines printed without a terminal. */
const maxLines = 10;

interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** Sets the number of items done. */
  show(done: number): void;
  /** Ends the line of the bar. */
  end(): void;
}

const bar = (share: number): string => {
  const filled = Math.round(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
};

const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

/** Shows progress: a moving bar on a terminal, otherwise a line for each tenth. */
export const createProgress = (screen: Screen, label: string, total: number): Progress => {
  const since = performance.now();
  let printedTenths = 0;

  const draw = (done: number): void => {
    const count = `${done}`.padStart(`${total}`.length);
    const padded = label.padEnd(labelWidth);
    screen.write(`\r${padded} ${bar(done / total)}  ${count}/${total}  ${seconds(since)} `);
  };
  const printLine = (done: number): void => {
    const tenths = Math.floor((done / total) * maxLines);
    if (tenths === printedTenths) return;
    printedTenths = tenths;
    screen.write(`${label} ${done}/${total}, ${seconds(since)}\n`);
  };

  if (screen.isTTY) draw(0);
  return {
    show: screen.isTTY ? draw : printLine,
    end: () => {
      if (screen.isTTY) screen.write('\n');
    },
  };
};
