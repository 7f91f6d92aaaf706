// `npm run train -- DIR --from MODELDIR --replay-only`: gives a model folder the replay set of the recordings that it
// was trained on, without training. Imports training-session and model-folder.

import type { ModelManifest } from '../core/model/manifest.ts';
import { decodeReplay } from '../core/training/replay.ts';
import type { BackendName } from '../core/types.ts';
import { serveApp } from './app-session.ts';
import { EXIT } from './args.ts';
import { interruption } from './interruption.ts';
import type { LabelledFolder } from './labelled-folder.ts';
import { writeReplay } from './model-folder.ts';
import { Progress } from './progress.ts';
import { TrainingSession } from './training-session.ts';

export interface ReplayJob {
  folder: LabelledFolder;
  model: { folder: string; manifest: ModelManifest };
  backend: BackendName | 'auto';
  seed: number;
  attributions: readonly string[];
  log: (line: string) => void;
}

/** @returns the command's exit code */
export async function addReplay(job: ReplayJob): Promise<number> {
  const { folder, model, backend, seed, log } = job;
  const { recordings } = folder.labels;
  const interrupted = interruption();
  const served = await serveApp(log);
  const material = {
    manifest: model.manifest,
    backend,
    recordings,
    files: folder.files,
    from: null,
    replay: null,
    makesReplay: true,
  };
  try {
    const session = await TrainingSession.open(served, material, interrupted, log);
    try {
      const progress = new Progress(recordings.length, 'recordings read');
      await session.read(() => progress.advance());
      const ids = recordings.map(({ id }) => id);
      const replay = Buffer.from(await session.makeReplay(ids, seed), 'base64');
      await writeReplay(model.folder, replay, job.attributions);
      process.stdout.write(`${describeReplay(replay)}\n`);
      for (const [id, message] of session.unreadable) log(`${id}: ${message}`);
      return session.unreadable.size > 0 || folder.unopened > 0 ? EXIT.incomplete : EXIT.done;
    } finally {
      await session.close();
    }
  } catch (error) {
    if (interrupted.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    await served.server.close();
  }
}

export function describeReplay(replay: Uint8Array): string {
  const { windows } = decodeReplay(replay);
  const count = (part: string): string => {
    const own = windows.filter((window) => window.part === part);
    const labels = [...new Set(windows.map(({ label }) => label))].sort();
    const perLabel = labels.map((label) => `${own.filter((w) => w.label === label).length} ${label}`);
    const nGroups = new Set(own.map(({ group }) => group)).size;
    return `${own.length} to ${part === 'replay' ? 'replay' : 'refer to'} (${perLabel.join(', ')}; ${nGroups} groups)`;
  };
  return `replay.bin: ${windows.length} windows in ${Math.ceil(replay.length / 1000)} kB, ${count('replay')}, ${count('reference')}.`;
}
