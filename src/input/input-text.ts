// Everything that is said of what people hand over: files, folders, zips, models, the microphone. Texts only.

export const inputText = {
  /** Source of recordings that come without any name around them. */
  ownRecordings: 'own recordings',
  unreadable: 'It could not be read: it was moved, changed or closed meanwhile.',
  unreadableFile: (name: string): string =>
    `${name} could not be read: it was moved, changed or closed meanwhile. Choose it again.`,
  noSound: 'There is no sound file in it. Choose a folder or zip that has some.',
  unwritable: (why: string): string => `The file could not be written: ${why}`,
  programNotKept: 'The program could not be kept.',

  empty: (name: string): string => `${name} is empty. Copy or record it again.`,
  unknownFormat: (name: string): string =>
    `${name} is not a sound file this program knows. Use WAV, FLAC, MP3, OGG, M4A or WebM.`,
  tooLarge: (name: string): string => `${name} is too large to be read at once. Cut it into shorter pieces.`,
  tooLong: (name: string, hours: number): string =>
    `${name} is longer than ${hours === 1 ? 'an hour' : `${hours} hours`}. Cut it into shorter pieces.`,
  noMemory: (name: string): string =>
    `${name} needs more memory than this tab has. Cut it into shorter pieces.`,
  undecodable: (name: string, format: string): string =>
    `${name} looks like ${format}, but this browser cannot decode it. Convert it to WAV.`,

  model: {
    incomplete: (id: string): string => `The bundled model "${id}" is incomplete in this build.`,
    unreachable: 'The model could not be loaded. Connect once to the network and reload the page.',
    status: (code: number): string => `HTTP ${code}`,
    none: 'There is no manifest.json in it, so it is no model. Choose a zip that was exported here, or a model folder.',
    several: (n: number): string => `There are ${n} models in it: hand over one at a time.`,
    twoOfOneName: 'Two files in it have the same name.',
    tooLarge: (name: string, mebibytes: number, most: number): string =>
      `${name} is too large: ${mebibytes} MB, where ${most} are allowed.`,
  },

  microphone: {
    notHere: 'This page may not use a microphone here.',
    denied: 'The browser was told not to lend the microphone.',
    none: 'No microphone is connected to this device.',
    failed: (why: string): string => `The microphone gave no sound: ${why}`,
    silentStream: 'The stream has no sound in it.',
    disconnected: 'It was disconnected.',
  },

  launchedUnreadable: 'A file that was opened with this program could not be read.',
} as const;
