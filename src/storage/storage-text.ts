// Everything that the storage says by itself. Texts only.

export const storageText = {
  olderTab: 'Another tab holds an older version of the storage open.',
  newerProgram: 'A newer version of this program has changed the storage: reload.',
  activeModel: 'The active model is not deleted: activate another one first.',
  activatedElsewhere: 'Another tab has activated another model in the meantime.',
  modelGone: 'That model, or a part of it, is no longer in the storage.',
  activatedNothing: 'The model was activated without a trace.',
} as const;
