const width = 30;
/** So that bars one below the other begin at one place. */
const labelWidth = 8;
/** Lines without a terminal: one for each tenth. */
const tenths = 10;

interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** That many are done now. */
  show(done: number): void;
  /** Ends the line, wherever it stands. */
  end(): void;
}

const bar = (share: number): string => {
  const filled = Math.round(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
};

const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

/** Shows how far `what` has come: a bar that moves on a terminal, else a plain line now and then. */
export const createProgress = (screen: Screen, what: string, total: number): Progress => {
  const since = performance.now();
  let told = 0;

  const draw = (done: number): void => {
    const count = `${done}`.padStart(`${total}`.length);
    const label = what.padEnd(labelWidth);
    screen.write(`\r${label} ${bar(done / total)}  ${count}/${total}  ${seconds(since)} `);
  };
  const tell = (done: number): void => {
    const reached = Math.floor((done / total) * tenths);
    if (reached === told) return;
    told = reached;
    screen.write(`${what} ${done}/${total}, ${seconds(since)}\n`);
  };

  if (screen.isTTY) draw(0);
  return {
    show: screen.isTTY ? draw : tell,
    end: () => {
      if (screen.isTTY) screen.write('\n');
    },
  };
};
