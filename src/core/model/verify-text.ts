// What is said of a model that does not answer as it did. Texts only; apart from model-text.ts, because the page asks
// before it has anything to do with models' files.

export const verifyText = {
  goldenUnreadable: 'The known answers of the model (golden.json) cannot be read.',
  otherAnswers: (difference: number, most: number): string =>
    `The model does not give its known answers: they differ by ${difference.toPrecision(2)}, and ${most} is allowed.`,
} as const;
