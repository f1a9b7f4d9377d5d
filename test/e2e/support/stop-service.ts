import { expect } from 'vitest'
import type { StatusReport } from '../../../src/commands/status/report.ts'
import type { Devk } from './devk.ts'
import { eventually } from './eventually.ts'
import { kubectlIn } from './kubectl.ts'
import { withPage } from './shown-page.ts'

/** A service that is stopped has no pods until it is started: by a command, from the page, or by `up`. */
export async function proveStop(devk: Devk, service: string, node: string): Promise<void> {
  const kubectl = kubectlIn(node)
  const pods = async () => (await kubectl('get', 'pods', '-l', `devk.dev/service=${service}`, '-o', 'name')).split('\n')
  const stopped = async () => {
    const { services } = JSON.parse((await devk.run(['status', '--json'])).stdout) as StatusReport
    return services.find(({ name }) => name === service)
  }
  const is = { state: 'stopped', pods: [], reason: expect.stringContaining(`devk start ${service}`) }
  const hasPod = async () => expect((await pods())[0]).toMatch(/^pod\//)

  expect((await devk.run(['stop', service])).exitCode).toBe(0)
  await eventually('no pod', 60, async () => ((await pods()).join('') === '' ? true : undefined))
  expect(await stopped()).toMatchObject(is)
  expect((await devk.run(['stop', service])).stderr).toContain('stopped already')
  expect((await devk.run(['start', service])).exitCode).toBe(0)
  await hasPod()
  expect((await devk.run(['up', '--detach', '--yes'])).stderr).toMatch(/nothing changed/i)

  await withPage(devk, async (page) => {
    await page.getByRole('link', { name: 'Services', exact: true }).click()
    await page.getByRole('link', { name: service, exact: true }).click()
    for (const action of ['Stop', 'Start']) {
      // "Start …" is also in the name of the button "Restart …", which is there until the page knows of the stop.
      await page.getByRole('button', { name: `${action} …`, exact: true }).click()
      const dialog = page.getByRole('dialog', { name: `${action} ${service}`, exact: true })
      await dialog.getByRole('button', { name: action, exact: true }).click()
      await dialog.getByText('Done').waitFor({ timeout: 60_000 })
      await dialog.getByRole('button', { name: 'Close' }).click()
    }
  })
  await hasPod()

  expect((await devk.run(['stop', service])).exitCode).toBe(0)
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await hasPod()
  expect(await stopped()).toMatchObject({ state: 'ready' })
}
