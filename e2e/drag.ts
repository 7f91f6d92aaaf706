// Files and folders dragged from the disk over the page, as a file manager does it.

import type { Page } from 'playwright/test';

export type DragStep = 'dragEnter' | 'dragOver' | 'drop';

export const DROP: readonly DragStep[] = ['dragEnter', 'dragOver', 'drop'];

export async function drag(page: Page, paths: string[], steps: readonly DragStep[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const type of steps)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 200,
      y: 200,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  await session.detach();
}
