import { expect } from 'vitest'
import type { Devk } from './devk.ts'
import { runJobOnPage } from './shown-page.ts'

/** The job `count` of the project runs on this machine, beside its sources, and not before the user has agreed. */
export async function proveLocalJob(devk: Devk): Promise<void> {
  const run = () => devk.run(['run', 'count', '--', 'more'])
  const refused = await run()
  expect([refused.exitCode, refused.stdout, refused.stderr]).toEqual([2, '', expect.stringContaining('devk allow')])
  expect((await devk.run(['allow'])).exitCode).toBe(0)
  expect(await run()).toMatchObject({ exitCode: 4, stdout: 'one of two\nmore\n' })
  const shown = await runJobOnPage(devk, 'count')
  expect(shown).toMatch(/It failed\s+one of two\nsh/)
}
