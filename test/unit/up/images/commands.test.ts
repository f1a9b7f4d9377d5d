import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../../../src/config/schema.ts'
import { imageCommands } from '../../../../src/up/images/commands.ts'

test('the commands of images are read for services that are restarted and name none, and a missing Dockerfile says nothing', async () => {
  const context = mkdtempSync(join(tmpdir(), 'devk-commands-'))
  onTestFinished(() => rmSync(context, { recursive: true }))
  writeFileSync(join(context, 'Dockerfile'), 'FROM a\nENTRYPOINT ["/x"]\nCMD ["y"]\n')
  const sync = [{ from: context, to: '/app', restart: true }]
  const { services } = configSchema.parse({
    name: 'shop',
    services: {
      web: { build: { context }, sync },
      synced: { build: { context }, sync: [{ from: context, to: '/app' }] },
      own: { build: { context }, sync, command: ['/own'] },
      gone: { build: { context, dockerfile: 'Gone' }, sync },
      pulled: { image: 'redis', sync },
    },
  })
  expect(await imageCommands({ services })).toEqual({ web: { entry: ['/x'], args: ['y'] } })
})
