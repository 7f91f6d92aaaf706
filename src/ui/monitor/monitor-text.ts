// Everything that the Monitor page says.

export const monitorText = {
  title: 'Monitor',
} as const;
