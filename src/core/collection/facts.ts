// What a hand-over says of its recordings: labels from tables or class folders, and patient, source and place where a
// table names them. Unlike on the Predict page any label will do, and none is fine too: a person is asked then.
// May import: core/errors, core/sliced, core/training's label readers.

import { AppError } from '../errors.ts';
import type { SkippedFile } from '../report/results-json.ts';
import type { Sliced } from '../sliced.ts';
import { labelsNamedIn } from '../training/label-table.ts';
import { labelsText } from '../training/labels-text.ts';
import { isKnownLabel } from '../training/label-names.ts';
import { ALL_SOURCES, readLabelsSliced, type LabelFile, type LabelReading } from '../training/labels.ts';
import { droppedFolder } from '../training/truth.ts';
import type { AuscultationSite, RecordingFacts } from './types.ts';

/** Labels that are offered to whoever types one: those of the archives, then the valve diseases. */
export const SUGGESTED_LABELS = [
  'normal',
  'abnormal',
  'murmur',
  'extrastole',
  'artifact',
  'AS',
  'AR',
  'MS',
  'MR',
  'MVP',
] as const;

export interface FoundFacts {
  /** In the order of the paths; label null where nothing says what it is. */
  facts: RecordingFacts[];
  /** What the labels were read from; null: there are none. */
  from: LabelReading['from'] | null;
  /** Rows of tables that name a file which is not there. */
  nMissing: number;
  /** Tables that name no labels or contradict each other, with the reason. */
  refused: SkippedFile[];
}

/**
 * @param paths of the recordings, each with the name of the folder or zip that was dropped
 * @param labelFiles every table among them
 * @param source where nothing else is said
 */
export function* readFacts(
  paths: readonly string[],
  labelFiles: readonly LabelFile[],
  source: string,
): Sliced<FoundFacts> {
  const folder = outerFolder(paths);
  const inside = (path: string): string => (path.startsWith(folder) ? path.slice(folder.length) : path);
  const { usable, refused } = yield* sortTables(labelFiles);
  let reading: LabelReading | null = null;
  try {
    reading = yield* readLabelsSliced(
      paths.map(inside),
      usable.map((file) => ({ ...file, path: inside(file.path) })),
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    refused.push(...usable.map(({ path }) => ({ fileName: path, reason: error.message })));
  }
  const byPath = new Map(reading?.recordings.map((recording) => [recording.id, recording]));
  const facts = paths.map((path): RecordingFacts => {
    const found = byPath.get(inside(path));
    return {
      label: found?.label ?? null,
      group: found === undefined || found.group === found.id ? null : found.group,
      source: found === undefined || found.source === ALL_SOURCES ? source : found.source,
      site: siteNamed(found?.site ?? ''),
      side: null,
    };
  });
  return { facts, from: reading?.from ?? null, nMissing: reading?.missing.length ?? 0, refused };
}

/** Name of what was dropped, for want of another source: a folder, a zip, or nothing. */
export function droppedName(paths: readonly string[]): string | null {
  const [first = '', ...rest] = (paths[0] ?? '').split('/');
  if (rest.length === 0 || !paths.every((path) => path.startsWith(`${first}/`))) return null;
  return first.replace(/\.zip$/i, '');
}

/** A place as tables write it. A single letter may mean the valve or the order of listening: it is not guessed at. */
export function siteNamed(text: string): AuscultationSite | null {
  const name = text.trim().toLowerCase();
  if (name === '') return null;
  if (/^(av|aort)/.test(name)) return 'AV';
  if (/^(pv|pulm)/.test(name)) return 'PV';
  if (/^(tv|tric)/.test(name)) return 'TV';
  return /^(mv|mitr|apex)/.test(name) ? 'MV' : 'other';
}

/** A folder that is a class itself is not taken off: it says what all of it is. */
function outerFolder(paths: readonly string[]): string {
  const folder = droppedFolder(paths);
  return isKnownLabel(folder.slice(0, -1)) ? '' : folder;
}

function* sortTables(
  labelFiles: readonly LabelFile[],
): Sliced<{ usable: LabelFile[]; refused: SkippedFile[] }> {
  const sorted: { usable: LabelFile[]; refused: SkippedFile[] } = { usable: [], refused: [] };
  for (const file of labelFiles) {
    try {
      if ((yield* labelsNamedIn(file)) !== null) sorted.usable.push(file);
      else
        sorted.refused.push({
          fileName: file.path,
          reason: labelsText.noTable,
        });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      sorted.refused.push({ fileName: file.path, reason: error.message });
    }
  }
  return sorted;
}
