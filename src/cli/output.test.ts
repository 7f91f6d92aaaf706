import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from './args.ts';
import { checkWritable, GrowingFile, OutputError } from './output.ts';
import { ResultsDocuments } from './results-documents.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a file that grows', () => {
  it('is in its place only when it is whole; what was there stays until then', async () => {
    const path = join(folder, 'out.csv');
    writeFileSync(path, 'of yesterday');
    const file = await GrowingFile.create(path);
    await file.write('a,b\r\n');
    await file.write('1,心\r\n');
    expect(readFileSync(path, 'utf8')).toBe('of yesterday');
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('a,b\r\n1,心\r\n');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('that cannot be moved in place says where its content is', async () => {
    const path = join(folder, 'gone', 'out.csv');
    await expect(GrowingFile.create(path)).rejects.toThrow(OutputError);
    const blocked = await GrowingFile.create(join(folder, 'out.csv'));
    await blocked.write('kept');
    // A folder that came in the way meanwhile.
    mkdirSync(join(folder, 'out.csv', 'full'), { recursive: true });
    const failure = await blocked.finish().then(
      () => null,
      (error: unknown) => error as Error,
    );
    expect(failure).toBeInstanceOf(OutputError);
    const partial = /is in "(.*)"\.$/.exec(failure?.message ?? '')?.[1] ?? '';
    expect(readFileSync(partial, 'utf8')).toBe('kept');
  });
});

describe('the documents of a run', () => {
  it('are finished even if one of them cannot be', async () => {
    const [csv, json] = [join(folder, 'out.csv'), join(folder, 'out.json')];
    const documents = await ResultsDocuments.open({ csv, json }, ['normal'], []);
    mkdirSync(join(csv, 'full'), { recursive: true });
    await expect(documents.finish()).rejects.toThrow(/"[^"]*out\.csv" could not be written/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      schema: 'heartbeat-results/1',
      results: [],
      skipped: [],
    });
  });
});

describe('a place to write to', () => {
  it('is no folder, no device and nothing below a folder that is not there', async () => {
    for (const path of [folder, '/dev/null', join(folder, 'no', 'out.csv')])
      await expect(checkWritable(path)).rejects.toThrow(UsageError);
    await expect(checkWritable(join(folder, 'out.csv'))).resolves.toBeUndefined();
  });
});
