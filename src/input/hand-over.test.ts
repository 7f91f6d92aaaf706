// Drops and folders as browsers hand them out, made by hand: entries in portions, handles that may be gone.
import { expect, test } from 'vitest';
import { fromDataTransfer, fromFileList } from './hand-over.ts';
import { reopenHandles } from './kept-handles.ts';

/** Browsers hand out a folder's entries a hundred at a time. */
const PORTION = 100;

/** A folder's name and contents; a number is a file of so many bytes, null one that is gone. */
interface Tree {
  [name: string]: Tree | number | null;
}

const gone = (): DOMException => new DOMException('gone', 'NotFoundError');
const fileOf = (name: string, nBytes: number): File => new File([new Uint8Array(nBytes)], name);

let nOpen = 0;
let mostOpen = 0;
/** An answer that takes its time, so that how many are waited for at once can be counted. */
async function answer<T>(value: T | DOMException): Promise<T> {
  mostOpen = Math.max(mostOpen, ++nOpen);
  await new Promise((resolve) => setTimeout(resolve));
  nOpen--;
  if (value instanceof DOMException) throw value;
  return value;
}

function entryOf(name: string, content: Tree | number | null, parent = ''): FileSystemEntry {
  const fullPath = `${parent}/${name}`;
  if (typeof content === 'number' || content === null) {
    const file = (resolve: (file: File) => void, reject: (error: DOMException) => void): void => {
      answer(content === null ? gone() : fileOf(name, content)).then(resolve, reject);
    };
    return { isFile: true, isDirectory: false, name, fullPath, file } as unknown as FileSystemEntry;
  }
  const createReader = (): Pick<FileSystemDirectoryReader, 'readEntries'> => {
    const children = Object.entries(content).map(([child, value]) => entryOf(child, value, fullPath));
    return {
      readEntries: (resolve) => {
        void answer(children.splice(0, PORTION)).then(resolve);
      },
    };
  };
  return { isFile: false, isDirectory: true, name, fullPath, createReader } as unknown as FileSystemEntry;
}

function handleOf(name: string, content: Tree | number | null, permission = 'granted'): FileSystemHandle {
  const permissions = {
    queryPermission: () => Promise.resolve('prompt'),
    requestPermission: () => Promise.resolve(permission),
  };
  if (typeof content === 'number' || content === null) {
    const getFile = (): Promise<File> => answer(content === null ? gone() : fileOf(name, content));
    return { kind: 'file', name, getFile, ...permissions } as unknown as FileSystemHandle;
  }
  const values = async function* (): AsyncGenerator<FileSystemHandle> {
    for (const [child, value] of Object.entries(content)) yield await answer(handleOf(child, value));
  };
  return { kind: 'directory', name, values, ...permissions } as unknown as FileSystemHandle;
}

function drop(tree: Tree, lends: 'handles' | 'nothing' | 'a refusal' = 'handles'): DataTransfer {
  const items = Object.entries(tree).map(([name, content]) => ({
    kind: 'file',
    webkitGetAsEntry: () => entryOf(name, content),
    getAsFile: () => fileOf(name, typeof content === 'number' ? content : 0),
    ...(lends === 'handles' && {
      getAsFileSystemHandle: () => Promise.resolve(handleOf(name, content)),
    }),
    ...(lends === 'a refusal' && { getAsFileSystemHandle: () => Promise.reject(gone()) }),
  }));
  return { items: [...items, { kind: 'string' }] } as unknown as DataTransfer;
}

const TREE: Tree = {
  ward: { 'a.wav': 1, first: { deep: { 'a.wav': 2, 'köhler 心音.WAV': 3 } }, empty: {} },
  'loose.wav': 4,
};
const PATHS = [
  ['loose.wav', 4],
  ['ward/a.wav', 1],
  ['ward/first/deep/a.wav', 2],
  ['ward/first/deep/köhler 心音.WAV', 3],
];
const listed = (files: readonly { path: string; sizeBytes: number }[]): [string, number][] =>
  files
    .map(({ path, sizeBytes }): [string, number] => [path, sizeBytes])
    .sort(([a], [b]) => (a < b ? -1 : 1));

test('files of a folder picker keep their path', async () => {
  const inFolder = Object.defineProperty(fileOf('a.wav', 5), 'webkitRelativePath', { value: 'ward/a.wav' });
  const { files } = await fromFileList([inFolder, fileOf('b.wav', 6)]);
  expect(files).toMatchObject([
    { path: 'ward/a.wav', sizeBytes: 5 },
    { path: 'b.wav', sizeBytes: 6 },
  ]);
  expect(await files[0]?.read()).toBe(inFolder);
});

test('a drop gives the files of all folders, and the handles of what was dropped', async () => {
  const { files, skipped, handles } = await fromDataTransfer(drop(TREE));
  expect(listed(files)).toEqual(PATHS);
  expect(skipped).toEqual([]);
  expect(handles.map(({ name }) => name)).toEqual(['ward', 'loose.wav']);
});

test('the handles lead to the same files later', async () => {
  const { handles } = await fromDataTransfer(drop(TREE));
  const again = await reopenHandles(handles);
  expect(listed(again?.files ?? [])).toEqual(PATHS);
  expect(again?.handles).toEqual(handles);
});

test.each(['nothing', 'a refusal'] as const)(
  'a browser that lends %s gives the files all the same',
  async (lends) => {
    const { files, handles } = await fromDataTransfer(drop(TREE, lends));
    expect(listed(files)).toEqual(PATHS);
    expect(handles).toEqual([]);
  },
);

test('no handles are kept of a drop of very many single files', async () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`${String(i)}.wav`, 1]));
  const { files, handles } = await fromDataTransfer(drop(many));
  expect(files).toHaveLength(150);
  expect(handles).toEqual([]);
});

test('a file that is gone is left out with its reason, and the others are found', async () => {
  const tree: Tree = { ward: { 'a.wav': 1, 'lost.wav': null, 'z.wav': 1 } };
  const dropped = await fromDataTransfer(drop(tree));
  const reopened = await reopenHandles(dropped.handles);
  for (const handOver of [dropped, reopened]) {
    expect(listed(handOver?.files ?? []).map(([path]) => path)).toEqual(['ward/a.wav', 'ward/z.wav']);
    expect(handOver?.skipped).toEqual([
      { fileName: 'ward/lost.wav', reason: expect.stringMatching(/could not be read/) as string },
    ]);
  }
});

test('a folder that cannot be read costs no other', async () => {
  const broken = entryOf('broken', {}) as FileSystemDirectoryEntry;
  broken.createReader = () => ({
    readEntries: (_, reject) => reject?.(gone()),
  });
  const transfer = drop({ ward: { 'a.wav': 1 } });
  const items = [
    { kind: 'file', webkitGetAsEntry: () => broken, getAsFile: () => null },
    ...Array.from(transfer.items),
  ];
  const { files, skipped } = await fromDataTransfer({ items } as unknown as DataTransfer);
  expect(listed(files)).toEqual([['ward/a.wav', 1]]);
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['broken']);
});

test('handles are given up when permission is refused or one of them is gone', async () => {
  expect(await reopenHandles([handleOf('ward', { 'a.wav': 1 }, 'denied')])).toBeNull();
  expect(await reopenHandles([handleOf('a.wav', 1), handleOf('gone.wav', null)])).toBeNull();
  const goneFolder = handleOf('ward', {}) as FileSystemDirectoryHandle;
  goneFolder.values = () => {
    throw gone();
  };
  expect(await reopenHandles([goneFolder])).toBeNull();
});

test('many folders are walked several at a time, and not all at once', async () => {
  const N_FOLDERS = 30;
  const N_FILES = 120;
  /** What is under way is answered in one task of the page's thread, at half a millisecond each. */
  const MOST_AT_A_TIME = 40;
  const files = Object.fromEntries(Array.from({ length: N_FILES }, (_, i) => [`${String(i)}.wav`, 1]));
  const ward = Object.fromEntries(Array.from({ length: N_FOLDERS }, (_, i) => [`p${String(i)}`, files]));
  mostOpen = 0;
  const found = await fromDataTransfer(drop({ ward }));
  expect(new Set(found.files.map(({ path }) => path)).size).toBe(N_FOLDERS * N_FILES);
  expect(mostOpen).toBeGreaterThan(8);
  expect(mostOpen).toBeLessThanOrEqual(MOST_AT_A_TIME);
});
