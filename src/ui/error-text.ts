// The only place that words an error for a person: what happened, why, what to do now. A code decides the
// words; the sentence that the error itself carries has the particulars and is shown below them.

import type { ErrorCode } from '../core/errors.ts';

export interface ErrorText {
  what: string;
  why: string;
  now: string;
}

const TEXTS: Record<ErrorCode, ErrorText> = {
  'empty-file': {
    what: 'This file is empty',
    why: 'It has a name but not a single byte in it.',
    now: 'Copy it again from where it came from, or record again.',
  },
  'unsupported-format': {
    what: 'This is not a sound file that can be read',
    why: 'Its bytes are none of WAV, FLAC, MP3, OGG, M4A and WebM, whatever its name says.',
    now: 'Save the recording in one of these formats; WAV is the safest.',
  },
  'decode-failed': {
    what: 'The sound could not be decoded',
    why: 'The file is damaged, cut off, or of a kind that this browser does not read.',
    now: 'Export it again, or convert it to WAV.',
  },
  'too-short': {
    what: 'The recording is too short',
    why: 'It holds no complete heartbeat.',
    now: 'Record at least 10 seconds.',
  },
  'too-long': {
    what: 'The recording is too long',
    why: 'At most an hour is read at a time, so that this tab does not run out of memory.',
    now: 'Cut out the part you are interested in.',
  },
  'file-unreadable': {
    what: 'The file could not be read',
    why: 'It was moved, changed, deleted or locked after it was chosen.',
    now: 'Choose it again.',
  },
  'share-lost': {
    what: 'What was shared did not arrive',
    why: 'The system handed over no file, there was no room for it, or it was taken already.',
    now: 'Choose the file here instead.',
  },
  'share-foreign': {
    what: 'A website sent files to this program',
    why: 'Files are taken from this device alone, so they were not kept.',
    now: 'To listen to a file of a website, save it and choose it here.',
  },
  'archive-encrypted': {
    what: 'The zip is locked with a password',
    why: 'Locked zips are not opened here.',
    now: 'Unpack it on your computer and drop the folder in.',
  },
  'archive-invalid': {
    what: 'The zip could not be opened',
    why: 'It is damaged, or holds more than can be unpacked safely.',
    now: 'Unpack it on your computer and drop the folder in.',
  },
  'nothing-to-do': {
    what: 'There is nothing to listen to',
    why: 'No sound file was found in what you handed over.',
    now: 'Choose a sound file, or a folder or zip with sound files in it.',
  },
  'model-missing': {
    what: 'The model is not here',
    why: 'Its files could not be loaded.',
    now: 'Connect to the network once and try again; after that it works offline.',
  },
  'program-missing': {
    what: 'A part of the program is not here',
    why: 'It could not be loaded from where this page came from.',
    now: 'Connect to the network and try again; if that does not help, reload the page.',
  },
  'manifest-invalid': {
    what: 'The model’s description cannot be used',
    why: 'Its manifest lacks something that the program has to know.',
    now: 'Export the model again, or choose another one.',
  },
  'model-invalid': {
    what: 'The model cannot be used',
    why: 'Its network and its manifest do not fit together, or a file is damaged.',
    now: 'Export the model again, or choose another one.',
  },
  'model-in-use': {
    what: 'This model is in use',
    why: 'It answers the recordings now, so it cannot be deleted.',
    now: 'Activate another model first.',
  },
  'model-busy': {
    what: 'The model is at work',
    why: 'Recordings are being listened to, and all of them are to be answered by one model.',
    now: 'Wait until they are done, or cancel them; then activate the other model.',
  },
  'model-changed': {
    what: 'Another model is active by now',
    why: 'Another tab of this program has chosen it in the meantime.',
    now: 'Look at the Models page and choose again.',
  },
  'labels-invalid': {
    what: 'The labels cannot be read',
    why: 'The list does not say which file has which label.',
    now: 'Check the columns: one names the file, one the label.',
  },
  'not-enough-examples': {
    what: 'There are too few examples',
    why: 'Every class needs recordings for training and others for checking.',
    now: 'Add labelled recordings and start again.',
  },
  'backend-unavailable': {
    what: 'Nothing here can run the network',
    why: 'None of the ways to compute that were tried passed its self-test.',
    now: 'Set the backend to automatic in Settings, or try another browser.',
  },
  'gpu-lost': {
    what: 'The graphics processor went away',
    why: 'The system took it back while it was computing.',
    now: 'Try again; if it happens often, choose WASM in Settings.',
  },
  'out-of-memory': {
    what: 'There was not enough memory',
    why: 'The recording needs more than this tab may have.',
    now: 'Close other tabs, or cut the recording into shorter pieces.',
  },
  'training-busy': {
    what: 'A model is already being trained',
    why: 'Another tab of this program trains one, and one run at a time is what a device can bear.',
    now: 'Wait for it to end, or end it in the other tab.',
  },
  'recordings-missing': {
    what: 'Recordings of this run are gone',
    why: 'They were deleted from the collection after the run had begun, so it cannot go on as it was.',
    now: 'Start a new run with the recordings that are there.',
  },
  'training-diverged': {
    what: 'Training ran away',
    why: 'The loss became infinite, so the weights are worthless.',
    now: 'Start again with a lower learning rate.',
  },
  'worker-crashed': {
    what: 'The computing part stopped unexpectedly',
    why: 'The browser ended it, most often for want of memory.',
    now: 'Try again: it has been started anew.',
  },
  'worker-stalled': {
    what: 'The computing part stopped answering',
    why: 'It gave no sign of life for too long and was ended.',
    now: 'Try again; if it happens often, choose WASM in Settings.',
  },
  'storage-full': {
    what: 'The storage is full',
    why: 'The browser gives this program no more room.',
    now: 'Delete what you no longer need, or free space on the device.',
  },
  'storage-blocked': {
    what: 'The storage is blocked',
    why: 'Another tab holds it, or the browser forbids it in private windows.',
    now: 'Close other tabs of this program and reload.',
  },
  'storage-cleared': {
    what: 'The storage was cleared',
    why: 'Everything that was kept here was deleted meanwhile.',
    now: 'Restore the backup once more.',
  },
  'microphone-denied': {
    what: 'The microphone may not be used',
    why: 'This browser was told, now or earlier, not to lend it to this page.',
    now: 'Allow the microphone in the browser’s settings for this page, then record again.',
  },
  'microphone-missing': {
    what: 'There is no microphone',
    why: 'None is connected, or this page may not ask for one because it was not opened over a safe connection.',
    now: 'Connect one and record again, or open a file instead.',
  },
  'microphone-failed': {
    what: 'The microphone gives no sound',
    why: 'Another program may hold it, or the system took it away.',
    now: 'Close what else uses it and record again.',
  },
  'import-invalid': {
    what: 'This cannot be imported',
    why: 'The file is not what it should be.',
    now: 'Export it again from where it came from.',
  },
  'file-unwritable': {
    what: 'The file could not be written',
    why: 'The disk may be full, or nothing may be written in that place.',
    now: 'Free some space, or choose another place.',
  },
  'backup-invalid': {
    what: 'This backup cannot be restored',
    why: 'It is damaged, or no backup of this program.',
    now: 'Nothing was changed. Choose another file.',
  },
  'backup-newer': {
    what: 'This backup needs a newer version of the program',
    why: 'A later version wrote it, and this one does not know all that may be in it.',
    now: 'Nothing was changed. Update the program, then restore it.',
  },
  'backup-too-large': {
    what: 'There is too much here for one backup',
    why: 'Its list of contents would be longer than a restore reads.',
    now: 'Export what you need in parts, or remove recordings and batches that you no longer need; then make the backup.',
  },
  'backup-busy': {
    what: 'No backup can be made just now',
    why: 'What is here is being replaced: the file would hold a part of each.',
    now: 'Wait until it is done; then make the backup.',
  },
  'restore-busy': {
    what: 'Something is under way',
    why: 'A restore would change what it works on.',
    now: 'Wait until it is done, or cancel it; then restore.',
  },
  internal: {
    what: 'Something went wrong in this program',
    why: 'That is a fault of ours, not of your recording.',
    now: 'Try again; if it happens again, report it with the technical details.',
  },
};

/** Words for a code; a code from another version is worded like an internal error. */
export function errorText(code: string): ErrorText {
  return code in TEXTS ? TEXTS[code as ErrorCode] : TEXTS.internal;
}
