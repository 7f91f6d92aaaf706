// Which colour token speaks for a class: the first label is on the blue end, the second on the orange one,
// further ones follow a series that colour-blind people can tell apart. A word always goes with it. Pure.

const SERIES = 5;

export function classColour(labels: readonly string[], label: string | null): string {
  const index = label === null ? -1 : labels.indexOf(label);
  return index < 0 ? '--inconclusive' : `--class-${index % SERIES}`;
}
