// Everything that the charts say by themselves.

export const chartsText = {
  lineTable: 'The figures as a table',
  none: '—',
  seconds: 's',
  fromTo: (name: string, from: string, to: string): string => `${name} from ${from} to ${to}`,
  single: (name: string, value: string): string => `${name} ${value}`,
} as const;
