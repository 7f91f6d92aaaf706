// What axe finds serious on a page, in both themes.

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';

/** The rules that depend on the theme: the others see the same page in either. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** In the light theme, and what depends on colours also in the dark one. @param within a selector; without it all of the page */
export async function seriousViolations(page: Page, within?: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    // Without frames of other origins it needs no page of its own for its result.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    if (within !== undefined) axe.include(within);
    if (theme === 'dark') axe.withRules(RULES_OF_COLOUR);
    const { violations } = await axe.analyze();
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(...nodes.map(({ target }) => `${id} in ${theme}: ${target.join(' ')}`));
  }
  return found;
}
