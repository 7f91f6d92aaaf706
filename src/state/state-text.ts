// Everything that the state says by itself: what could not be done, and why. What a training run says is in
// training-run-text.ts, which is loaded with the run. Texts only.

export const stateText = {
  tooShort: (sec: number): string => `The recording lasted ${sec.toFixed(1)} s. Record for at least 10 s.`,
  recordingGone: 'The recording is no longer in the collection.',

  batch: {
    deleted:
      'The batch was deleted from the history, perhaps in another tab: its results are no longer kept.',
    resultsGone:
      'Some of these results are not in the storage any more: the batch was deleted, perhaps in another tab.',
    cleared:
      'The storage was cleared, and the results of this batch with it. They stay on the screen until the page is closed.',
    soundNotKept: 'The sound itself was not kept. Choose the file again to hear it.',
    otherFiles: 'None of these files belongs to that batch. Choose the same folder or files again.',
    otherModel: 'That batch was begun with another model: choose that model first.',
  },

  share: {
    lost: 'What was shared is not there: it did not arrive, or another tab has taken it.',
    full: 'What was shared was not kept: there is no room for all of it.',
    foreign: 'A website sent files to this program. Nothing of them was kept.',
  },

  models: {
    noneBundled: 'No model ships with this build.',
    gone: 'That model, or a part of it, is not on this device.',
    notHere: 'That model is not on this device.',
    otherWeights:
      'The weights are not those that belong to the model: their SHA-256 differs from the manifest’s.',
    otherReplay:
      'The replay windows are not those that belong to the model: their SHA-256 differs from the manifest’s.',
    noEarlier: 'No earlier model is left to go back to.',
    inUse: 'This model answers the recordings: activate another one first.',
    answering:
      'Recordings are being answered. Wait until they are done, or cancel them; then activate the other model.',
    twin: (name: string): string => `This model is here already: “${name}”.`,
    busy: 'Something else is being done to the models: wait a moment.',
  },

  backup: {
    restoring:
      'Another tab of this program is restoring a backup, or deleting what is kept. Wait until it is done; then make the backup.',
    busy: {
      here: 'A recording, a batch, a training run or a backup is under way on this page. Wait until it is done, or cancel it; then restore.',
      elsewhere:
        'A recording, a batch, a training run or a backup is under way in another tab of this program. Wait until it is done, or close that tab; then restore.',
    },
  },

  run: {
    gone: 'This run is no longer stored.',
    recordingsGone: (n: number, of: number): string =>
      `${n} of its ${of} recordings are no longer in the collection.`,
    begun: (base: string): string => `Begun from ${base}.`,
    notStored: (why: string): string => `This run could not be stored: ${why}`,
    resumed: 'Resumed.',
    discarded: 'Discarded.',
    cancelled: 'Cancelled.',
    failed: (why: string): string => `Failed: ${why}`,
    promoted: 'Made the active model.',
    kept: 'The model in use was kept.',
  },
} as const;
