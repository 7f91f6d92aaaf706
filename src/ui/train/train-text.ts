// What the frame of the Train page says; each step has words of its own beside it.

export const trainText = {
  title: 'Train',
  stepsLabel: 'Steps',
  steps: { collection: 'Collection', plan: 'Plan', run: 'Train' },
  running: 'A model is being trained.',
  judged: 'A verdict waits for your decision.',
  look: 'Look at it',
} as const;
