// What the parts of the Monitor page share: its states, which are there while the page is.

import { createContext } from 'svelte';
import type { MonitorState } from '../../state/monitor.svelte.ts';
import type { RunsState } from '../../state/runs.svelte.ts';

export const [getMonitor, setMonitor] = createContext<{ runs: RunsState; monitor: MonitorState }>();
