import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../../../src/config/schema.ts'
import { DevkError } from '../../../../src/errors.ts'
import { supervisorImage } from '../../../../src/up/images/supervisor.ts'
import { imageOwners } from '../../../../src/up/images/wanted.ts'

test('the image of the supervisor is named after its program, and its context has nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-supervisor-'))
  const program = async () => ({ sha256: 'abcdef0123456789'.repeat(4), read: async () => Buffer.from('program') })
  const options = { registry: 'localhost:5001', supervisor: { folder, program } }
  const [work] = await Promise.all([1, 2].map(() => supervisorImage({ name: 'shop' }, options)))
  expect(work?.reference).toBe('localhost:5001/shop/devk-supervisor:abcdef0123456789')
  const context = work?.request?.context ?? ''
  expect(await readFile(join(context, 'Dockerfile'), 'utf8')).toBe('FROM scratch\nCOPY agent /agent\n')
  expect((await stat(join(context, 'agent'))).mode & 0o111).toBe(0o111)
  await rm(folder, { recursive: true })
})

test('the supervisor is an image of stacks with a restart only', () => {
  const owners = (restart: boolean) =>
    imageOwners(configSchema.parse({ name: 'shop', services: { web: { sync: [{ from: 'a', to: '/a', restart }] } } }))
  expect([owners(false), owners(true)]).toEqual([[], ['devk/supervisor']])
})

test('without an engine the image of the supervisor is listed, and not built', async () => {
  const program = () => Promise.reject(new DevkError('ENGINE_UNAVAILABLE', 'There is no engine'))
  const options = { registry: 'localhost:5001', supervisor: { folder: '/nowhere', program } }
  const listed = await supervisorImage({ name: 'shop' }, { ...options, listed: true })
  expect(listed).toMatchObject({ reference: 'localhost:5001/shop/devk-supervisor:unknown', request: undefined })
  await expect(supervisorImage({ name: 'shop' }, options)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
})
