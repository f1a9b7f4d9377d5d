import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { planned } from '../../../../src/commands/ui/planned.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'
import { statePaths } from '../../../../src/state/paths.ts'
import { writeProject } from '../../../../src/state/projects.ts'
import { plan } from '../../../browser/support/states.ts'

/** The context of a page that a user with a terminal, and with --yes, has opened. */
async function opened(overlay?: string): Promise<CliContext> {
  const root = await mkdtemp(join(tmpdir(), 'devk-plan-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const paths = statePaths({ HOME: root, XDG_STATE_HOME: root })
  await writeProject(paths, {
    name: 'todo',
    root,
    configFile: join(root, 'platform.config.ts'),
    profile: 'platform',
    overlay,
    cluster: { provider: 'kind', name: 'todo', context: 'kind-todo', uid: 'a' },
    namespace: 'todo',
    services: [],
    externals: [],
    presets: [],
    forwards: [],
  })
  const { signal } = new AbortController()
  return { paths, project: 'todo', cwd: root, isTTY: true, yes: true, signal } as unknown as CliContext
}

test('the plan is that of the last up, and nobody is asked for consent', async () => {
  const asked: unknown[] = []
  const answer = await planned(await opened('staging'), async ({ isTTY, yes }, flags) => {
    asked.push({ isTTY, yes, flags })
    return plan()
  })
  expect(answer).toEqual({ ok: true, plan: plan() })
  expect(asked).toEqual([{ isTTY: false, yes: false, flags: { profile: 'platform', overlay: 'staging' } }])
})

test('an error that a user can correct is the answer; a defect is thrown', async () => {
  const untrusted = new DevkError('CONFIG_UNTRUSTED', 'The configuration is code', { details: ['a'], hint: 'Run b.' })
  expect(await planned(await opened(), () => Promise.reject(untrusted))).toEqual({
    ok: false,
    text: 'The configuration is code (CONFIG_UNTRUSTED)\na',
    hint: 'Run b.',
  })
  const defect = planned(await opened(), () => Promise.reject(new TypeError('x')))
  await expect(defect).rejects.toThrow(TypeError)
})
