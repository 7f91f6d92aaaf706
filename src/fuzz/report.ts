// What a child process tells the fuzzer, and where it writes how far it is. Types only.

export interface Finding {
  signature: string;
  detail: string;
  /** Number of the input; with the run's seed it gives the input again. */
  index: number;
  /** Base64 of the input, minimised where that was possible. */
  input: string;
}

export interface ReaderReport {
  accepted: number;
  refused: [code: string, n: number][];
  findings: Finding[];
  longestMs: number;
  longestIndex: number;
  /** Most that one input allocated in typed arrays. */
  peakInputBytes: number;
  /** Of the process. */
  peakRssBytes: number;
  /** That the second half of the inputs left behind. */
  grownBytes: number;
}

/** Arguments of the child, as one JSON text. */
export interface Assignment {
  /** URL of the module that exports READERS. */
  readers: string;
  reader: string;
  seed: number;
  inputs: number;
  /** File that holds the number of the input in hand, as 8 bytes. */
  progress: string;
  /** Time that one input may take. */
  hangMs: number;
  /** One input, base64, in the place of all others. */
  only?: string;
}
