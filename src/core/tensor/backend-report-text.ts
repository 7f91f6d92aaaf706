// What a result says of the ways to compute that were passed over. Texts only; apart from tensor-text.ts, which only a
// worker needs.

export const backendReportText = {
  reason: (name: string, why: string): string => `${name}: ${why}`,
  passedOver: 'Passed over:',
} as const;
