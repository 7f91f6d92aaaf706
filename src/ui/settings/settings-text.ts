// Everything that the Settings page says.

import type { BackendPreference, BackendTrial } from '../../rpc/protocol.ts';
import type { InstallWay } from '../../input/install-program.ts';
import type { Census } from '../../storage/census.ts';
import { formatBytes, formatThousands } from '../common/format.ts';
import type { OfflinePhase } from '../../state/offline.svelte.ts';
import type { Theme } from '../../state/settings.svelte.ts';
import type { UpdateCheck } from '../../state/update.svelte.ts';
import { programText } from '../shell/program-text.ts';

const count = (n: number, one: string, many: string): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;

export const settingsText = {
  title: 'Settings',
  appearance: 'Appearance',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' } satisfies Record<Theme, string>,
  shortcuts: 'Single-key shortcuts',
  shortcutsNote:
    'Space, arrows, + − and the others that ? lists. Switch them off if your way of typing sends stray keys.',

  threshold: 'Threshold',
  thresholdNote:
    'From this probability on, a recording is called by the second class. Lower catches more and raises more false alarms. Each result keeps the threshold it was judged at.',
  thresholdModel: (value: string): string => `The model’s own (${value})`,
  thresholdOwn: 'My own',
  thresholdValue: 'Threshold',
  modelInUse: (name: string): string => `${name} is in use.`,
  thresholdMany: 'A threshold applies to models with two classes; this one has more.',

  backend: 'Computing',
  backendNote: 'Where the network runs on this device. Each choice passes a self-test before it is used.',
  backends: {
    auto: 'Automatic: the fastest that passes',
    webgpu: 'WebGPU, graphics processor',
    webgl: 'WebGL, graphics processor',
    wasm: 'WASM, processor',
    cpu: 'Plain JavaScript, slow',
  } satisfies Record<BackendPreference, string>,
  fromAddress: 'For this visit the address of the page decides (?backend=). Choosing here takes over.',
  tried: 'What was tried, in order',
  trying: 'Trying…',
  outcome: {
    chosen: 'in use',
    unavailable: 'not there',
    software: 'passed over',
    'self-test-failed': 'failed the self-test',
    lost: 'lost',
    'not-tried': 'not tried',
  } satisfies Record<BackendTrial['outcome'], string>,

  device: 'On this device',
  install: {
    offlinePhases: {
      unsupported: 'This browser cannot keep the program: it needs the network each time it opens.',
      waiting: 'The program is kept on this device soon after it has opened.',
      keeping: 'The program is being kept on this device…',
      ready: 'Ready: the program is kept on this device and does everything without a network.',
      failed: 'The program could not be kept on this device. It tries again the next time it opens.',
    } satisfies Record<OfflinePhase, string>,

    title: 'Installation',
    installed: 'It is installed on this device and has a window and an icon of its own.',
    why: 'Installed, it opens from its own icon, takes sounds that you share with it or open with it, and what it keeps is less likely to be cleared away.',
    install: 'Install',
    ways: {
      ios: 'In the browser’s share sheet, choose Add to Home Screen.',
      'mac-safari': 'In Safari’s menu bar, choose File, then Add to Dock.',
      'android-firefox': 'In Firefox’s menu, choose Install, or Add to Home screen.',
      android: 'In the browser’s menu, choose Install app, or Add to Home screen.',
      chromium:
        'In the browser’s address bar or menu, choose Install. Where it is not there, the program is installed already, or this window does not install any, as a private one.',
      none: 'This browser does not install programs. Everything works in a tab all the same, without a network too; Chrome, Edge and Safari can install it.',
    } satisfies Record<InstallWay, string>,

    version: 'Version',
    is: (version: string): string => `HeartBeat AI ${version}.`,
    look: 'Look for an update',
    checks: {
      idle: '',
      checking: 'Looking…',
      newest: 'It is the newest.',
      found: 'An update is being fetched.',
      offline: 'There is no network to look for an update.',
      failed: 'The place it came from does not answer. Try again later.',
    } satisfies Record<UpdateCheck, string>,
    waiting: 'An update is on this device. It loads this page anew; what is stored stays.',
    replaced: 'Another tab has taken an update. This one is of the earlier version until it is loaded anew.',
    busy: 'Not while something is under way: it is offered when that is done.',
    take: 'Update now',
    reload: 'Load this page anew',
    refusals: programText.refusals,
  },

  forgotten: 'The browser did not keep this choice: it holds until the page is closed.',

  storage: {
    title: 'Storage',
    usedOf: (used: number, quota: number): string => `${formatBytes(used)} of ${formatBytes(quota)} used`,
    unknown: 'This browser does not tell how much room there is.',
    low: 'Little room is left. Delete what you no longer need, or free space on the device; until then, what is new may not be kept.',
    whatTakesIt: 'What takes the room',
    columns: { kind: 'What', n: 'How many', bytes: 'Size' },
    kinds: [
      ['recordings', 'Recordings of the collection'],
      ['models', 'Models, trained or imported'],
      ['results', 'Results in the history'],
      ['runs', 'Training runs'],
    ] satisfies [keyof Census, string][],
    rest: 'The program itself, and what the browser needs around it all',
    kept: 'Kept until you delete it: the browser does not clear it by itself.',
    notKept: 'The browser may clear it when room on the device is short.',
    keep: 'Ask the browser to keep it',
    refused:
      'The browser would not promise. Installing the program, or using it more often, may change that.',
    clearsWhenIdle:
      'This browser deletes what a page has kept when the page was not used for seven days. Install the program, or make a backup before a longer pause.',
  },

  deleteAll: {
    title: 'Delete everything',
    note: 'Removes all that this program has kept on this device. The program itself stays.',
    ask: 'Delete everything…',
    question: 'Delete everything?',
    uncounted: 'All that is stored; it cannot be read now, so it is not counted',
    recordings: (n: number): string => count(n, 'recording', 'recordings') + ' of the collection',
    models: (n: number): string => count(n, 'model', 'models') + ', trained or imported',
    results: (n: number): string => count(n, 'result', 'results') + ' in the history',
    runs: (n: number): string => count(n, 'training run', 'training runs'),
    settings: 'All settings',
    noWayBack: 'There is no way back. A backup, if you made one, stays where you saved it.',
    keep: 'Keep it all',
    confirm: 'Delete everything for good',
    deleting: 'Deleting…',
    busy: {
      here: 'Something is under way here: a recording, a batch, a training run or the like. Wait until it is done, or end it, then try again.',
      elsewhere:
        'Something is under way in another tab of this program. Wait until it is done, or end it there, then try again.',
    },
  },

  about: 'About',
  aboutLead: (version: string): string =>
    `HeartBeat AI ${version}. A small neural network hears a heart-sound recording and says how much it resembles recordings labelled abnormal. Everything is computed on your own device; nothing you open leaves it.`,
  use: 'Intended use',
  useFor:
    'For people who study and teach auscultation, and for small teams that collect heart sounds and may not upload them.',
  useNot:
    'It is no medical device: it diagnoses nothing and does not rule out disease. If you are worried, see a clinician; for chest pain, fainting or breathlessness, call emergency services.',
  data: 'Data and thanks',
  dataNote: 'No recording of anyone is part of this program; its demonstration sounds are computed.',
  trainedOn: (name: string, dataset: string, n: number, groups: number): string =>
    n === 0
      ? `The model in use, ${name}, has not been trained on any recording.`
      : `The model in use, ${name}, was trained on ${formatThousands(n)} recordings of ${formatThousands(groups)} groups of ${dataset}.`,
  /** What the licences of known data sets want to be said, by the name that a manifest gives them. */
  attribution: {
    physionet2016:
      'physionet2016 is the training set of the PhysioNet/CinC Challenge 2016 (Liu et al. 2016; Goldberger et al. 2000), under the Open Data Commons Attribution License 1.0.',
    circor2022:
      'circor2022 is the CirCor DigiScope data set (Oliveira et al. 2022; Goldberger et al. 2000), under the Open Data Commons Attribution License 1.0.',
  } as Readonly<Record<string, string>>,
  licence: 'MIT licence.',
} as const;
