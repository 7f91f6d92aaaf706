// Everything that is said of sound that cannot be read. Texts only.

/** Lengths of sound as these sentences have them. */
function seconds(sec: number): string {
  return sec < 60 ? `${Number(sec.toFixed(2))} s` : `${Math.round(sec / 60)} minutes`;
}

export const audioText = {
  empty: 'The file is empty; it holds no bytes at all.',
  noSound: 'The file is not a sound recording that can be read; use WAV, FLAC, MP3, Ogg, M4A or WebM.',
  browserOnly: (container: string): string =>
    `The file is ${container}, which only the browser's own decoder reads; open it in the app or convert it to WAV.`,

  limits: {
    channels: (n: number): string =>
      `The file's header claims ${n} channels of sound, so it is damaged; export the recording again.`,
    sampleRate: (hz: number, lowest: number, highest: number): string =>
      `The file's header claims a sample rate of ${hz} Hz; rates from ${lowest} to ${highest} Hz can be read.`,
    noMemory: (nChannels: number, sec: number): string =>
      `The recording has ${nChannels} channels of ${seconds(sec)}, more than fits in memory; export it as mono or cut it.`,
    full: 'The recording needs more memory than there is; cut it, or close other programs and tabs.',
    tooShort: (sec: number, least: number): string =>
      `The recording lasts ${seconds(sec)}; at least ${least} s is needed, and 10 s or more is better.`,
    tooLong: (sec: number, most: number): string =>
      `The recording lasts ${seconds(sec)}; at most ${seconds(most)} can be read, so cut out the part you want judged.`,
  },

  flacBomb:
    'The FLAC file would unpack to many times its size, as no recording does; cut out the part you want judged.',
  flacDamaged: 'The FLAC file is damaged and holds no sound that can be read; export it again.',

  wav: {
    noWav: 'The file is not a WAV file, whatever its name says.',
    foreign: (what: string): string =>
      `The WAV file holds ${what}, which cannot be read; export it as 16-bit PCM.`,
    bits: (n: number): string => `${n}-bit samples`,
    codec: (tag: number): string => `codec number ${tag}`,
    /** Format tags that are not read, by the name a person knows (registry: mmreg.h). */
    codecs: {
      0x02: 'Microsoft ADPCM',
      0x11: 'IMA ADPCM',
      0x31: 'GSM 6.10',
      0x50: 'MPEG audio',
      0x55: 'MP3',
    } as Readonly<Record<number, string>>,
    damaged: (why: string): string => `The WAV file is damaged: ${why}. Export the recording again.`,
    why: {
      formatCutOff: 'its format header is cut off',
      noChannels: 'its header claims 0 channels',
      noRate: 'its header claims a sample rate of 0 Hz',
      noBits: 'its header claims samples of 0 bits',
      headerCutOff: 'it ends inside its header',
      noFormat: 'it has no format header',
      noSound: 'it has a header but no sound',
    },
    noNumbers: (percent: number): string =>
      `${percent} % of the file's samples are not numbers, so it is damaged; export the recording again.`,
  },
} as const;
