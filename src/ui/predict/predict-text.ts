// Everything that the Predict page says. Plain words first; a term of the field comes with its meaning.
// The program is for research and teaching: no sentence here may say that somebody is healthy or ill.

import type { InconclusiveReason, QualityReason } from '../../core/types.ts';
import type { AnalysisStage } from '../../state/classify-file.ts';

export const STAGES: readonly AnalysisStage[] = [
  'model',
  'read',
  'decode',
  'quality',
  'features',
  'inference',
  'explain',
];

export const predictText = {
  title: 'Predict',
  empty: {
    lead: 'Drop a heart sound here',
    formats: 'WAV, FLAC, MP3, OGG, M4A or WebM. One file, many, a folder or a zip. Paste works too.',
    privacy: 'Nothing leaves this device.',
    demo: 'No recording at hand? Listen to a simulated one:',
  },
  demos: [
    { kind: 'normal', name: 'Normal', what: 'two clear sounds a beat' },
    { kind: 'murmur', name: 'Murmur', what: 'a rush between them' },
    { kind: 'noisy', name: 'Too noisy', what: 'nothing to be heard' },
    { kind: 'short', name: 'Too short', what: 'hardly a beat' },
  ],
  notKept: 'From the history: the answer is kept, the sound is not.',
  chooseToSee: 'Choose the file to see and hear it',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  openAnother: 'Open another',
  close: 'Close',
  cancel: 'Cancel',
  tryAgain: 'Try again',
  openSettings: 'Open Settings',
  simulated: 'Simulated',
  simulatedMeaning: 'Made by this program to show how it works. It is no recording of anyone.',
  shared: {
    label: 'Shared with this program',
    waiting: (n: number): string =>
      n === 1 ? 'A file was shared with this program:' : `${n} files were shared with this program:`,
    more: (n: number): string => `and ${n} more`,
    notYours: 'If you have not shared this yourself, discard it: a website can send files, too.',
    endsBatch:
      'Listening to it ends the batch that is under way, which can be gone on with from the History.',
    listen: 'Listen',
    discard: 'Discard',
  },
  sorting: 'Looking through what you handed over…',
  stage: {
    model: 'Starting the model',
    read: 'Reading the file',
    decode: 'Decoding the sound',
    quality: 'Judging the quality',
    features: 'Computing the spectrogram',
    inference: 'Asking the network',
    explain: 'Finding where it looked',
  } satisfies Record<AnalysisStage, string>,
  stageCount: (at: number, of: number): string => `${at} of ${of}`,

  hears: 'The model hears this as closer to recordings labelled',
  inconclusive: 'Inconclusive',
  inconclusiveLead: 'The model gives no answer to this one.',
  inconclusiveWhy: {
    'poor-quality': 'The recording is too poor to be judged.',
    'near-threshold': 'The probability is too near the threshold to fall on either side.',
  } satisfies Record<InconclusiveReason, string>,
  inconclusiveNow: {
    'poor-quality': 'Record again in a quiet room, with the stethoscope held still, for at least 10 seconds.',
    'near-threshold': 'Another recording, longer or from another place on the chest, may settle it.',
  } satisfies Record<InconclusiveReason, string>,
  /** In place of the general advice, where the reason for poor quality says what to do. */
  poorNow: {
    silent: 'Check that the microphone was on and that this is the right file.',
    'too-short': 'Record for at least 10 seconds.',
    'band-limited': 'Export or record it at a higher sample rate, 4 kHz for example.',
    clipped: 'Record again at a lower level.',
  } as Partial<Record<QualityReason, string>>,
  scaleOf: (label: string): string => `Probability of ${label}`,
  thresholdMark: (value: string): string => `threshold ${value}`,
  thresholdChanged: (was: string, now: string): string =>
    `Judged at a threshold of ${was}; it is now ${now}.`,
  judgeAgain: 'Judge again',
  judgedBy: 'Answered by',
  otherModel: (judge: string, active: string): string =>
    `Answered by ${judge}; ${active} is the model in use now.`,
  hearAnew: 'Listen again with it',
  terms: {
    threshold: {
      word: 'threshold',
      meaning:
        'From this probability on, the answer is the class on the right. It is the model’s own unless you set another in Settings.',
    },
    confidence: {
      word: 'Confidence',
      meaning: 'How far the probability lies from the threshold: 0.5 is on it, 1 is as far as can be.',
    },
    quality: {
      word: 'Quality',
      meaning: 'Whether the recording itself is fit to be judged, before any network has heard it.',
    },
    heartRate: {
      word: 'Heart rate',
      meaning: 'From the rhythm of the sound’s loudness. Left out where no steady rhythm was found.',
    },
    duration: { word: 'Length', meaning: 'Length of the recording and how many samples a second it has.' },
  },
  quality: { good: 'Good', fair: 'Fair', poor: 'Poor' },
  qualityReason: {
    silent: 'there is no sound in it',
    clipped: 'too loud for the recorder, so its peaks are cut off',
    'too-short': 'too short for a steady judgement',
    'too-noisy': 'noise covers the heart sounds',
    'no-periodicity': 'no regular heartbeat was found',
    'band-limited': 'its sample rate is too low: it lacks high tones that the model listens to',
    damaged: 'parts of the file were damaged and left out',
    incomplete: 'the file ends before its header says',
  } satisfies Record<QualityReason, string>,
  qualityFine: 'nothing in the way',
  noConfidence: 'none given',
  noHeartRate: 'not clear',
  perMinute: 'beats a minute',
  untrained: 'The model in use has not been trained: this answer means nothing.',
  caution:
    'For research and teaching. This diagnoses nothing and does not rule out disease. If you are worried, see a clinician; for chest pain, fainting or breathlessness, call emergency services.',

  how: 'How this came about',
  model: 'Model',
  backend: 'Computed with',
  times: 'Time taken',
  timesOf: { decode: 'decoding', features: 'spectrogram', inference: 'network', total: 'in all' },
  file: 'File',
  hash: (start: string): string => `SHA-256 ${start}…`,
  windowsTable: (n: number): string => `Window by window (${n})`,
  windowColumns: { start: 'From', end: 'To' },
  technical: 'Technical details (JSON)',
  copy: 'Copy',
  copied: 'Copied',
  downloadJson: 'JSON',
  downloadCsv: 'CSV',
  download: 'Download',
  print: 'Print',
  keep: 'Keep for training',
} as const;
