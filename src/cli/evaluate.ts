// `npm run evaluate`: labelled recordings and a model in, every figure of an honest evaluation out. Recordings go
// the same way as in predict, so the figures are about the very answers that people get.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelManifest } from '../core/model/manifest.ts';
import { evaluate, type EvaluationReport } from '../core/training/evaluate.ts';
import { folderNames, formatEvaluationJson, hasTrainedOn } from '../core/training/evaluation-document.ts';
import { evaluatedAnswer, evaluationItems } from '../core/training/evaluation-items.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import type { ModelMetrics } from '../core/training/model-card.ts';
import { formatReportText } from '../core/training/report-tables.ts';
import type { RecordingResult } from '../core/types.ts';
import { AppSession } from './app-session.ts';
import { BACKEND_FLAG, EXIT, readCommandLine, runCommand, UsageError } from './args.ts';
import { classifyAll } from './classify-all.ts';
import type { LocalRecording } from './collect.ts';
import { interruption } from './interruption.ts';
import { openLabelledFolder, type LabelledFolder } from './labelled-folder.ts';
import { checkModelFolder } from './model-folder.ts';
import { checkWritable, writeWhole } from './output.ts';
import { recordingsDigest } from './training-report.ts';

const EVALUATE = {
  call: 'npm run evaluate -- DIR',
  about:
    'Judges a model on the labelled recordings of a folder or zip and prints every figure with its interval.\n' +
    'Class folders, a REFERENCE.csv or a CSV with file,label[,group,source] are the labels.',
  flags: {
    labels: ['text', 'CSV', 'a label file that wins over those in DIR'],
    model: ['text', 'DIR', 'the folder of the model (default: the bundled one)'],
    json: ['text', 'FILE', 'writes the figures as JSON, too'],
    limit: ['count', 'N', 'only the first N labelled recordings'],
    backend: BACKEND_FLAG,
  },
} as const;

/** Folder of the models that ship. */
const BUNDLED_MODELS = fileURLToPath(new URL('../../models', import.meta.url));

/** What the figures need of a result: thousands of whole ones, with their windows, would fill the memory. */
type Answer = Pick<RecordingResult, 'fileName' | 'status' | 'probabilities' | 'threshold'>;

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, EVALUATE.flags);
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0) throw new UsageError('Name one folder of labelled recordings');
  if (flags.json !== undefined) await checkWritable(flags.json);
  if (flags.model !== undefined) await checkModelFolder(flags.model);
  const folder = await openLabelledFolder(path, flags.labels);
  const recordings = folder.labels.recordings.slice(0, flags.limit);
  const log = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  for (const note of folder.labels.notes) log(note);

  const backend = flags.backend ?? 'auto';
  const session = await AppSession.open({ webgpu: backend === 'auto' || backend === 'webgpu', log });
  const interrupted = interruption();
  let results: Answer[];
  let manifest: ModelManifest;
  try {
    const model = flags.model === undefined ? null : session.offerModel(flags.model);
    const started = await session.call('start', { model, backend });
    manifest = started.manifest;
    checkLabels(recordings, manifest);
    log(`Model ${manifest.id} ${manifest.version} on ${started.report.name}.`);
    results = await answersTo(session, filesOf(folder, recordings), interrupted);
  } finally {
    await session.close();
  }
  if (interrupted.aborted) return EXIT.interrupted;

  const answers = new Map(results.map((result) => [result.fileName, result]));
  const { items, nFailed } = evaluationItems(recordings, (id) => {
    const result = answers.get(id);
    return result === undefined ? null : evaluatedAnswer(result, manifest.labels);
  });
  const report = evaluate(items, { labels: manifest.labels });
  const stored = await readStoredMetrics(flags.model ?? join(BUNDLED_MODELS, manifest.id));
  const folders = folderNames([...recordings.map(({ id }) => id), `${portable(resolve(path))}/`]);
  const isTrainingData = hasTrainedOn(manifest, stored, recordingsDigest(recordings), folders);
  process.stdout.write(`${describe(report, manifest, stored, isTrainingData, nFailed)}\n`);
  if (flags.json !== undefined)
    await writeWhole(flags.json, formatEvaluationJson(report, manifest, isTrainingData, nFailed));
  return nFailed > 0 || folder.unopened > 0 ? EXIT.incomplete : EXIT.done;
}

/** @throws Error when the app died: figures of a part would pass for figures of the whole */
async function answersTo(
  session: AppSession,
  files: readonly LocalRecording[],
  interrupted: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  try {
    for await (const results of classifyAll(session, files, interrupted))
      for (const { fileName, status, probabilities, threshold } of results)
        answers.push({ fileName, status, probabilities, threshold });
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
  return answers;
}

function filesOf(folder: LabelledFolder, recordings: readonly LabelledRecording[]) {
  return recordings.flatMap((recording) => folder.files.get(recording.id) ?? []);
}

function checkLabels(recordings: readonly LabelledRecording[], manifest: ModelManifest): void {
  const strange = recordings.find((recording) => !manifest.labels.includes(recording.label));
  if (strange)
    throw new UsageError(
      `"${strange.id}" is labelled ${strange.label}, which the model does not know: its labels are ${manifest.labels.join(', ')}`,
    );
}

function portable(path: string): string {
  return path.replaceAll('\\', '/');
}

/** Figures that came with the model; null where there are none. */
async function readStoredMetrics(modelFolder: string): Promise<ModelMetrics | null> {
  try {
    return JSON.parse(await readFile(join(modelFolder, 'metrics.json'), 'utf8')) as ModelMetrics;
  } catch {
    return null;
  }
}

function describe(
  report: EvaluationReport,
  manifest: ModelManifest,
  stored: ModelMetrics | null,
  isTrainingData: boolean,
  nFailed: number,
): string {
  const parts: string[] = [];
  if (isTrainingData)
    parts.push(
      `WARNING: ${manifest.id} ${manifest.version} was trained on these recordings. The figures below say how well it remembers them, not how well it hears new ones${stored ? '; its cross-validated figures follow' : ''}.`,
    );
  if (nFailed > 0) parts.push(`${nFailed} recordings could not be judged and are not counted.`);
  parts.push(formatReportText(report));
  if (isTrainingData && stored)
    parts.push(
      `CROSS-VALIDATED FIGURES OF ${manifest.id} ${manifest.version}: ${stored.method.description}`,
      formatReportText(stored),
    );
  return parts.join('\n\n');
}

await runCommand(EVALUATE, main);
