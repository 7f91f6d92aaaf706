// The pages, in the order of the rail. A new page is one entry here and one folder beside this file.
// The start page comes with the first load, the others when they are first opened.

import type { Component } from 'svelte';
import Activity from '@lucide/svelte/icons/activity';
import Box from '@lucide/svelte/icons/box';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import History from '@lucide/svelte/icons/history';
import Settings from '@lucide/svelte/icons/settings-2';
import PredictPage from './predict/PredictPage.svelte';

export const ROUTES = ['predict', 'train', 'history', 'models', 'settings'] as const;
export type Route = (typeof ROUTES)[number];
export const START_ROUTE: Route = 'predict';

export interface Page {
  route: Route;
  label: string;
  icon: Component<{ size?: number; strokeWidth?: number }>;
  load(): Component | Promise<Component>;
}

export const PAGES: readonly Page[] = [
  { route: 'predict', label: 'Predict', icon: Activity, load: () => PredictPage },
  {
    route: 'train',
    label: 'Train',
    icon: GraduationCap,
    load: async () => (await import('./train/TrainPage.svelte')).default,
  },
  {
    route: 'history',
    label: 'History',
    icon: History,
    load: async () => (await import('./history/HistoryPage.svelte')).default,
  },
  {
    route: 'models',
    label: 'Models',
    icon: Box,
    load: async () => (await import('./models/ModelsPage.svelte')).default,
  },
  {
    route: 'settings',
    label: 'Settings',
    icon: Settings,
    load: async () => (await import('./settings/SettingsPage.svelte')).default,
  },
];
