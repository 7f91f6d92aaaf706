// What the frame of the Train page says; each step has words of its own beside it.

export const trainText = {
  title: 'Train',
  stepsLabel: 'Steps',
  steps: { collection: 'Collection', plan: 'Plan', run: 'Train' },
} as const;
