// The pages, in the order of the rail. A new page is one entry here and one folder beside this file.
// The start page comes with the first load, the others when they are first opened.

import type { Component } from 'svelte';
import Activity from '@lucide/svelte/icons/activity';
import Box from '@lucide/svelte/icons/box';
import ChartLine from '@lucide/svelte/icons/chart-line';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import History from '@lucide/svelte/icons/history';
import Settings from '@lucide/svelte/icons/settings-2';
import PredictPage from './predict/PredictPage.svelte';
import { shellText } from './shell/shell-text.ts';

export const ROUTES = ['predict', 'train', 'models', 'history', 'monitor', 'settings'] as const;
export type Route = (typeof ROUTES)[number];
export const START_ROUTE: Route = 'predict';

export interface Page {
  route: Route;
  label: string;
  icon: Component<{ size?: number; strokeWidth?: number }>;
  /** Has a place of its own on the bar of phones; the others are behind "More". */
  isInBar: boolean;
  load(): Component | Promise<Component>;
}

export const PAGES: readonly Page[] = [
  {
    route: 'predict',
    label: shellText.pageNames.predict,
    icon: Activity,
    isInBar: true,
    load: () => PredictPage,
  },
  {
    route: 'train',
    label: shellText.pageNames.train,
    icon: GraduationCap,
    isInBar: true,
    load: async () => (await import('./train/TrainPage.svelte')).default,
  },
  {
    route: 'models',
    label: shellText.pageNames.models,
    icon: Box,
    isInBar: true,
    load: async () => (await import('./models/ModelsPage.svelte')).default,
  },
  {
    route: 'history',
    label: shellText.pageNames.history,
    icon: History,
    isInBar: true,
    load: async () => (await import('./history/HistoryPage.svelte')).default,
  },
  {
    route: 'monitor',
    label: shellText.pageNames.monitor,
    icon: ChartLine,
    isInBar: false,
    load: async () => (await import('./monitor/MonitorPage.svelte')).default,
  },
  {
    route: 'settings',
    label: shellText.pageNames.settings,
    icon: Settings,
    isInBar: false,
    load: async () => (await import('./settings/SettingsPage.svelte')).default,
  },
];
