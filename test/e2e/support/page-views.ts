import type { Page } from 'playwright-core'

/** Opens the views of a page whose back end was scaled by somebody else, and restarts the front end there. */
export async function useViews(page: Page): Promise<void> {
  const open = (name: string) => page.getByRole('link', { name, exact: true }).click()
  await open('Metrics')
  await page.getByRole('img', { name: /^CPU of backend: now \d/ }).waitFor({ timeout: 60_000 })
  await open('Timeline')
  await page
    .getByText(/Scaled up replica set .*backend/)
    .first()
    .waitFor()
  await open('Releases')
  await page
    .getByRole('row', { name: /\(current\)/ })
    .first()
    .waitFor()
  await open('Plan')
  await page.getByRole('button', { name: 'Show what devk up would change' }).click()
  await page.getByText(/\d+ to create, 1 to change, 0 to delete/).waitFor({ timeout: 60_000 })
  await open('Services')
  await page.getByRole('link', { name: /^frontend/ }).click()
  await page.getByRole('button', { name: 'Restart' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restart frontend' })
  await dialog.getByText('devk restart frontend').waitFor()
  await dialog.getByRole('button', { name: 'Restart', exact: true }).click()
  await dialog.getByText('restarted Deployment todo/todo-frontend').waitFor({ timeout: 60_000 })
}
